//! Which of several values of a field becomes the golden one. Enter: candidates and a chain of strategies.
//! Leaves: the winner, what decided, how sure. Never here: reading records, judgements, grouping of fields.
//!
//! Strategies are one a file; each says which of two candidates it prefers, and the next one breaks its ties.

mod most_complete;
mod most_frequent;
mod most_recent;
mod most_trusted;
mod verified_first;

use crate::day::Moment;
use crate::rules::survivorship::Strategy;
use crate::value::Verdict;
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// One value of a field (or of a group of fields) as one record has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate<'a> {
    /// The value in the form in which it is published; candidates with the same text support one another.
    pub value: &'a str,
    pub verdict: Verdict,
    /// Trust in the source, 0 to 1, already decayed by age (see [`decay`]).
    pub trust: f64,
    /// When it was last changed; none for what has no usable date.
    pub updated: Option<Moment>,
    /// Records that agree on the value.
    pub frequency: u32,
    /// Length of the value, or the number of parts present in a group.
    pub completeness: u32,
    /// Breaks the last ties, lower wins: any number that does not depend on the order of rows.
    pub tie: u64,
}

/// What settled the choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    Strategy(Strategy),
    /// There was one usable candidate.
    Only,
    /// All usable candidates have the same value.
    Unanimous,
    /// No strategy could tell the best values apart: the tie-breaker chose.
    Tie,
}

/// Reason of a value that won because only a profile had one.
pub const FILLED: &str = "filled_from_profile";

/// Reason codes of [`DecidedBy`] with their meaning.
pub const REASONS: &[(&str, &str)] = &[
    ("only", "there was one usable value"),
    ("unanimous", "all records agree on the value"),
    ("verified_first", "its verdict is better than that of the others"),
    ("most_trusted", "its source is trusted more"),
    ("most_recent", "it was changed last"),
    ("most_frequent", "more records agree on it"),
    ("most_complete", "it is longer or has more parts"),
    ("tie", "nothing told the values apart; a fixed order chose"),
];

impl DecidedBy {
    /// Code of [`REASONS`].
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strategy(strategy) => strategy.as_str(),
            Self::Only => "only",
            Self::Unanimous => "unanimous",
            Self::Tie => "tie",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// Index of the winning candidate.
    pub winner: usize,
    pub decided_by: DecidedBy,
    /// 0 to 1, see [`choose`].
    pub confidence: f64,
    /// Index of the candidate that would have won had nobody had the winning value.
    pub runner_up: Option<usize>,
}

/// Chooses the golden value; none when no candidate is usable (invalid, missing and empty ones are not).
/// The winning value does not depend on the order of the candidates.
///
/// Confidence: let `p` be the probability that at least one supporter of the winning value is right, each
/// being right with probability trust times verdict (valid 1, corrected 0.9, suspect 0.6) and independently
/// of the others, and `q` the same for the best supported rival value. Then `p (1 - q) / (1 - p q)`, the
/// probability that the winner is right and the rival wrong, given that they cannot both be right.
/// Without a rival it is `p`; against an equally good rival it is at most one half.
pub fn choose(candidates: &[Candidate<'_>], chain: &[Strategy]) -> Option<Choice> {
    // Most contests are none.
    if let [one] = candidates {
        let confidence = (1.0 - doubt(one)).clamp(0.0, 1.0);
        return is_usable(one).then_some(Choice {
            winner: 0,
            decided_by: DecidedBy::Only,
            confidence,
            runner_up: None,
        });
    }
    let usable: Vec<usize> = (0..candidates.len()).filter(|&i| candidates.get(i).is_some_and(is_usable)).collect();
    let (winner, decided_by) = best(candidates, &usable, chain)?;
    let value = candidates.get(winner)?.value;
    let rivals: Vec<usize> =
        usable.iter().copied().filter(|&i| candidates.get(i).is_some_and(|c| c.value != value)).collect();
    let runner_up = best(candidates, &rivals, chain).map(|(i, _)| i);
    Some(Choice { winner, decided_by, confidence: confidence(candidates, &usable, value), runner_up })
}

fn is_usable(candidate: &Candidate<'_>) -> bool {
    !matches!(candidate.verdict, Verdict::Invalid | Verdict::Missing) && !candidate.value.is_empty()
}

fn best(candidates: &[Candidate<'_>], among: &[usize], chain: &[Strategy]) -> Option<(usize, DecidedBy)> {
    let mut left: Vec<(usize, &Candidate<'_>)> = among.iter().filter_map(|&i| Some((i, candidates.get(i)?))).collect();
    let agreed =
        |left: &[(usize, &Candidate<'_>)]| left.windows(2).all(|pair| matches!(pair, [a, b] if a.1.value == b.1.value));
    let mut decided_by = match left.len() {
        0 => return None,
        1 => Some(DecidedBy::Only),
        _ => agreed(&left).then_some(DecidedBy::Unanimous),
    };
    for &strategy in chain {
        let top = left.iter().map(|&(_, c)| c).max_by(|a, b| prefer(strategy, a, b))?;
        left.retain(|(_, c)| prefer(strategy, c, top) == Ordering::Equal);
        if decided_by.is_none() && agreed(&left) {
            decided_by = Some(DecidedBy::Strategy(strategy));
        }
    }
    let (winner, _) = left.into_iter().min_by(|(_, a), (_, b)| a.tie.cmp(&b.tie).then_with(|| a.value.cmp(b.value)))?;
    Some((winner, decided_by.unwrap_or(DecidedBy::Tie)))
}

/// `Greater` when the strategy prefers `a`.
fn prefer(strategy: Strategy, a: &Candidate<'_>, b: &Candidate<'_>) -> Ordering {
    match strategy {
        Strategy::VerifiedFirst => verified_first::prefer(a, b),
        Strategy::MostTrusted => most_trusted::prefer(a, b),
        Strategy::MostRecent => most_recent::prefer(a, b),
        Strategy::MostFrequent => most_frequent::prefer(a, b),
        Strategy::MostComplete => most_complete::prefer(a, b),
    }
}

/// Probability that a candidate is wrong, taken alone.
fn doubt(candidate: &Candidate<'_>) -> f64 {
    let verdict = match candidate.verdict {
        Verdict::Valid => 1.0,
        Verdict::Corrected => 0.9,
        Verdict::Suspect => 0.6,
        Verdict::Invalid | Verdict::Missing => 0.0,
    };
    1.0 - most_trusted::finite(candidate.trust) * verdict
}

fn confidence(candidates: &[Candidate<'_>], usable: &[usize], winner: &str) -> f64 {
    // Factors are sorted before they are multiplied: rounding must not depend on the order of rows either.
    let mut doubts: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for candidate in usable.iter().filter_map(|&i| candidates.get(i)) {
        doubts.entry(candidate.value).or_default().push(doubt(candidate));
    }
    let mut support = doubts.into_iter().map(|(value, mut doubts)| {
        doubts.sort_by(f64::total_cmp);
        (value, 1.0 - doubts.iter().product::<f64>())
    });
    let (mut p, mut q) = (0.0, 0.0_f64);
    for (value, right) in &mut support {
        if value == winner { p = right } else { q = q.max(right) }
    }
    let both = p * q;
    if both >= 1.0 { 0.5 } else { (p * (1.0 - q) / (1.0 - both)).clamp(0.0, 1.0) }
}

/// Trust after `age_days`: halves every `half_life_days`. Age below 0 counts as 0; without a half-life
/// (or with 0) trust does not decay. Trust is held within 0 and 1.
pub fn decay(trust: f64, age_days: i32, half_life_days: Option<u32>) -> f64 {
    let trust = most_trusted::finite(trust);
    match half_life_days {
        Some(half_life) if half_life > 0 => trust * (-f64::from(age_days.max(0)) / f64::from(half_life)).exp2(),
        _ => trust,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
