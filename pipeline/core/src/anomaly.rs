//! Is tonight's number unlike those of earlier nights? Enter: a number, a share or a mix of classes, and the same of the
//! nights published before, oldest first. Leave: a verdict with what was usual and where it warns and stops.
//! Never here: what is measured, a clock, a file.
//!
//! Robust statistics: the median and the median absolute deviation (Hampel 1974; 1.4826 times it estimates a standard
//! deviation), never below what chance alone does to counts (Poisson) and shares (binomial).

mod judge;
#[cfg(test)]
mod tests;

pub use judge::{count, mix, share};

/// How many nights are needed, and how many standard deviations are unusual.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Fewer nights give no verdict.
    pub min_nights: usize,
    /// From so many on the median is what is usual; before, the last night.
    pub robust_nights: usize,
    /// Before, limits are wider by this factor.
    pub young_factor: f64,
    pub warn_deviations: f64,
    pub stop_deviations: f64,
}

/// How far a number may move: percent of what is usual for counts, percentage points for shares and mixes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Allowed {
    pub warn: Option<f64>,
    pub stop: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Usual,
    Warn,
    Stop,
}

/// What a number was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    LastNight,
    /// The median of so many nights.
    Median(usize),
}

/// A verdict, in the unit of the number: a count, a share between 0 and 1, or for a mix the share that has moved.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub level: Level,
    pub tonight: f64,
    /// What is usual; 0 for a mix, which has not moved then.
    pub usual: f64,
    pub reference: Reference,
    /// Deviations from `usual` beyond which it warns and stops.
    pub warn: Option<f64>,
    pub stop: Option<f64>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub n: u64,
    pub of: u64,
}

impl Share {
    pub fn value(self) -> f64 {
        if self.of == 0 { 0.0 } else { self.n as f64 / self.of as f64 }
    }
}

/// The median; of an even number of values the mean of the two in the middle; none of none.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get(sorted.len().saturating_sub(1) / 2)?;
    Some((lower + upper) / 2.0)
}

/// The median absolute deviation, scaled to a standard deviation of normal values.
pub fn deviation(values: &[f64]) -> f64 {
    let Some(middle) = median(values) else { return 0.0 };
    let apart: Vec<f64> = values.iter().map(|v| (v - middle).abs()).collect();
    NORMAL * median(&apart).unwrap_or(0.0)
}

/// Standard deviations in a median absolute deviation of the normal distribution.
const NORMAL: f64 = 1.4826;
