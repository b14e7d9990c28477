//! The verdict on one number. A number is unusual when it is far both from what is usual and from the last night: what
//! grows steadily, or has moved once and was let through, is not found again every night.

use super::{Allowed, Level, NORMAL, Reference, Settings, Share, Verdict, deviation, median};

/// Judges a count. `allowed` is in percent of what is usual. None: too few nights.
pub fn count(tonight: u64, earlier: &[u64], settings: &Settings, allowed: Allowed) -> Option<Verdict> {
    let values: Vec<f64> = earlier.iter().map(|n| *n as f64).collect();
    let base = base(&values, settings)?;
    let spread = base.spread.max(base.usual.max(1.0).sqrt());
    let floor = |percent: f64| percent / 100.0 * base.usual;
    Some(base.verdict(tonight as f64, spread, settings, allowed, floor))
}

/// Judges a share. `allowed` is in percentage points. None: too few nights.
pub fn share(tonight: Share, earlier: &[Share], settings: &Settings, allowed: Allowed) -> Option<Verdict> {
    let values: Vec<f64> = earlier.iter().map(|s| s.value()).collect();
    let base = base(&values, settings)?;
    let whole = median(&earlier.iter().map(|s| s.of as f64).collect::<Vec<_>>())?;
    // Pooled over both nights, and never 0 or 1: what nobody has seen yet may still happen.
    let pooled = (tonight.n as f64 + base.usual * whole + 1.0) / (tonight.of as f64 + whole + 2.0);
    let chance = chance(pooled, tonight.of as f64, whole);
    let spread = base.spread.max(chance);
    Some(base.verdict(tonight.value(), spread, settings, allowed, |points| points / 100.0))
}

/// Judges a mix of classes by the share of values that would have to change class for it to be as usual (total
/// variation distance). `allowed` is in percentage points. None: too few nights, or nothing to compare.
pub fn mix(tonight: &[u64], earlier: &[Vec<u64>], settings: &Settings, allowed: Allowed) -> Option<Verdict> {
    let earlier: Vec<&Vec<u64>> = earlier.iter().filter(|e| e.len() == tonight.len() && sum(e) > 0).collect();
    let now = shares(tonight)?;
    let nights = enough(earlier.len(), settings)?;
    let past: Vec<Vec<f64>> = earlier.iter().filter_map(|e| shares(e)).collect();
    let last = past.last()?;
    let (usual, reference) = if nights >= settings.robust_nights {
        (typical(&past), Reference::Median(nights))
    } else {
        (last.clone(), Reference::LastNight)
    };
    let whole = median(&earlier.iter().map(|e| sum(e) as f64).collect::<Vec<_>>())?;
    let of = sum(tonight) as f64;
    let chance = usual.iter().map(|p| chance((p * whole + 1.0) / (whole + 2.0), of, whole)).sum::<f64>() / 2.0;
    let spread = match reference {
        Reference::LastNight => 0.0,
        Reference::Median(_) => NORMAL * median(&past.iter().map(|p| apart(p, &usual)).collect::<Vec<_>>())?,
    };
    let base = Base { usual: 0.0, last: 0.0, spread, reference };
    let moved = apart(&now, &usual).min(apart(&now, last));
    Some(base.verdict(moved, spread.max(chance), settings, allowed, |points| points / 100.0))
}

struct Base {
    usual: f64,
    last: f64,
    spread: f64,
    reference: Reference,
}

fn enough(nights: usize, settings: &Settings) -> Option<usize> {
    Some(nights).filter(|n| *n > 0 && *n >= settings.min_nights)
}

fn base(values: &[f64], settings: &Settings) -> Option<Base> {
    let nights = enough(values.len(), settings)?;
    let last = *values.last()?;
    if nights < settings.robust_nights {
        return Some(Base { usual: last, last, spread: 0.0, reference: Reference::LastNight });
    }
    Some(Base { usual: median(values)?, last, spread: deviation(values), reference: Reference::Median(nights) })
}

impl Base {
    fn verdict(
        &self,
        tonight: f64,
        spread: f64,
        settings: &Settings,
        allowed: Allowed,
        floor: impl Fn(f64) -> f64,
    ) -> Verdict {
        let wider = if self.reference == Reference::LastNight { settings.young_factor } else { 1.0 };
        let limit =
            |allowed: Option<f64>, deviations: f64| allowed.map(|a| (floor(a) * wider).max(deviations * spread));
        let warn = limit(allowed.warn, settings.warn_deviations);
        let stop = limit(allowed.stop, settings.stop_deviations);
        let moved = (tonight - self.usual).abs().min((tonight - self.last).abs());
        let beyond = |limit: Option<f64>| limit.is_some_and(|l| moved > l);
        let level = if beyond(stop) {
            Level::Stop
        } else if beyond(warn) {
            Level::Warn
        } else {
            Level::Usual
        };
        Verdict { level, tonight, usual: self.usual, reference: self.reference, warn, stop }
    }
}

/// Standard deviation of the difference of two shares of so many values each.
fn chance(p: f64, of: f64, whole: f64) -> f64 {
    (p * (1.0 - p) * (1.0 / of.max(1.0) + 1.0 / whole.max(1.0))).sqrt()
}

fn sum(classes: &[u64]) -> u64 {
    classes.iter().sum()
}

fn shares(classes: &[u64]) -> Option<Vec<f64>> {
    let whole = sum(classes);
    (whole > 0).then(|| classes.iter().map(|n| *n as f64 / whole as f64).collect())
}

/// The median share of each class, scaled so that they make a whole.
fn typical(nights: &[Vec<f64>]) -> Vec<f64> {
    let classes = nights.first().map_or(0, Vec::len);
    let each = |class: usize| nights.iter().filter_map(|n| n.get(class).copied()).collect::<Vec<_>>();
    let medians: Vec<f64> = (0..classes).map(|c| median(&each(c)).unwrap_or(0.0)).collect();
    let whole: f64 = medians.iter().sum();
    if whole > 0.0 { medians.iter().map(|m| m / whole).collect() } else { medians }
}

/// Total variation distance of two mixes.
fn apart(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>() / 2.0
}
