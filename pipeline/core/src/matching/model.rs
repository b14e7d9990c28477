//! The trained model of Fellegi and Sunter. Enter: a comparison vector. Leave: match weight, probability, explanation.
//! Never here: training (em), comparing values (comparator), thresholds (rules).
//!
//! Weights are base-2 logarithms of odds: prior odds plus log2(m/u) of each level (Fellegi & Sunter 1969,
//! "A theory for record linkage"; vocabulary as in Splink's documentation). A null level is neutral, weight 0.

use super::levels::{ELSE, NULL, label};
use super::vector::{MAX_COMPARISONS, MAX_LEVELS, Vector};
use crate::rules::matching::{Matching, Thresholds};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Smallest m and u that count: keeps weights finite whatever a model file says.
pub const FLOOR: f64 = 1e-15;

/// Smallest relative frequency that a term-frequency adjustment looks at.
pub const FREQUENCY_FLOOR: f64 = 1e-7;

/// Largest term-frequency adjustment in bits, either way.
pub const ADJUSTMENT_LIMIT: f64 = 10.0;

/// Prior and, for each comparison in rule order, m and u of each level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Probability that two records taken at random are the same person.
    pub prior: f64,
    /// Probability that two records taken at random are of two relatives; none where they are not told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relatives: Option<f64>,
    /// Where merging begins, when the rules ask for a precision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<MergeAt>,
    #[serde(rename = "comparison", default)]
    pub comparisons: Vec<ComparisonModel>,
}

/// Lowest match weight from which on the pairs are right as often as the rules ask, estimated without labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeAt {
    /// `merge_precision` of the rules.
    pub precision: f64,
    /// Bits.
    pub weight: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonModel {
    pub name: String,
    /// Whether agreement on a rare value weighs more (see [`tf_adjustment`]).
    #[serde(default)]
    pub term_frequency: bool,
    /// The levels of the rule, best first, and `else`; null is not among them.
    pub levels: Vec<LevelModel>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelModel {
    pub label: String,
    /// Probability of the level among matches with both values present.
    pub m: f64,
    /// Probability of the level among non-matches with both values present; where relatives are told apart,
    /// among strangers.
    pub u: f64,
    /// Probability of the level among relatives; none is u.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r: Option<f64>,
}

/// A model file that cannot be read. Never quotes the file's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ModelError {
    pub message: String,
    /// Byte range in the file, when it is known.
    pub span: Option<std::ops::Range<usize>>,
}

impl Model {
    /// Reads `model.toml`. Whether it fits the rules is for [`Model::check`] to say.
    pub fn from_toml(text: &str) -> Result<Self, ModelError> {
        toml::from_str(text).map_err(|e| ModelError { message: e.message().to_owned(), span: e.span() })
    }

    /// Text of `model.toml`, one line a level, every digit kept.
    pub fn to_toml(&self) -> String {
        let mut out = String::from(
            "# Written by `zlato train`: review it, do not edit it.\n\
             # m: probability of the level among matches. u: among strangers. Its weight is log2(m / u).\n",
        );
        let _ = writeln!(out, "prior = {}", number(self.prior));
        if let Some(relatives) = self.relatives {
            out.push_str("# r: among relatives, two people of one household, who share what no two strangers do.\n");
            let _ = writeln!(out, "relatives = {}", number(relatives));
        }
        if let Some(MergeAt { precision, weight }) = self.merge {
            out.push_str("# Pairs of this match weight and more are right, on average, as often as asked.\n");
            let _ = writeln!(out, "merge = {{ precision = {}, weight = {} }}", number(precision), number(weight));
        }
        for comparison in &self.comparisons {
            let name = toml::Value::String(comparison.name.clone());
            let _ = write!(
                out,
                "\n[[comparison]]\nname = {name}\nterm_frequency = {}\nlevels = [\n",
                comparison.term_frequency
            );
            for level in &comparison.levels {
                let label = toml::Value::String(level.label.clone());
                let r = level.r.map(|r| format!(", r = {}", number(r))).unwrap_or_default();
                let _ = writeln!(out, "  {{ label = {label}, m = {}, u = {}{r} }},", number(level.m), number(level.u));
            }
            out.push_str("]\n");
        }
        out
    }

    /// Match weight in bits at which merging begins; none while the weight for a wanted precision is not known.
    pub fn merge_weight(&self, thresholds: &Thresholds) -> Option<f64> {
        match &thresholds.merge_precision {
            Some(wanted) => self.merge.filter(|at| at.precision == *wanted.get_ref()).map(|at| at.weight),
            None => Some(weight_of(*thresholds.merge.get_ref())),
        }
    }

    /// Everything in which the model does not fit the rules, in plain words; empty when it fits.
    pub fn check(&self, rules: &Matching) -> Vec<String> {
        let mut faults = vec![];
        if !(self.prior > 0.0 && self.prior < 1.0) {
            faults.push(format!("prior is {}, it must lie between 0 and 1", self.prior));
        }
        if let Some(relatives) = self.relatives.filter(|p| !(*p > 0.0 && *p < 1.0 - self.prior)) {
            faults.push(format!("relatives is {relatives}, it must lie between 0 and what prior leaves of 1"));
        }
        if self.comparisons.len() != rules.comparison.len() {
            let (model, wanted) = (self.comparisons.len(), rules.comparison.len());
            faults.push(format!("the model has {model} comparisons, matching.toml has {wanted}: train again"));
        }
        if rules.comparison.len() > MAX_COMPARISONS {
            faults.push(format!(
                "matching.toml has {} comparisons, at most {MAX_COMPARISONS} are possible",
                rules.comparison.len()
            ));
        }
        for (i, (model, rule)) in self.comparisons.iter().zip(&rules.comparison).enumerate() {
            let name = rule.name.get_ref();
            if &model.name != name {
                faults.push(format!(
                    "comparison {} is `{}` in the model and `{name}` in matching.toml: train again",
                    i + 1,
                    model.name
                ));
                continue;
            }
            let mut wanted: Vec<String> = rule.levels.iter().take(MAX_LEVELS).map(|l| label(l.get_ref())).collect();
            wanted.push(ELSE.to_owned());
            if !model.levels.iter().map(|l| &l.label).eq(&wanted) {
                let had: Vec<&str> = model.levels.iter().map(|l| l.label.as_str()).collect();
                let (had, wanted) = (had.join(", "), wanted.join(", "));
                faults.push(format!(
                    "levels of `{name}` are [{had}] in the model and [{wanted}] in matching.toml: train again"
                ));
            }
            faults.extend(model.faults());
        }
        faults
    }
}

impl ComparisonModel {
    fn faults(&self) -> Vec<String> {
        let mut faults = vec![];
        for level in &self.levels {
            for (what, p) in [("m", level.m), ("u", level.u), ("r", level.r.unwrap_or(level.u))] {
                if !(p > 0.0 && p <= 1.0) {
                    faults.push(format!(
                        "{what} of `{}` level `{}` is {p}, it must be above 0 and at most 1",
                        self.name, level.label
                    ));
                }
            }
        }
        for (what, sum) in
            [("m", self.levels.iter().map(|l| l.m).sum::<f64>()), ("u", self.levels.iter().map(|l| l.u).sum())]
        {
            if !self.levels.is_empty() && (sum - 1.0_f64).abs() > 0.01 {
                faults.push(format!("{what} of the levels of `{}` add up to {sum:.3}, not 1", self.name));
            }
        }
        faults
    }
}

/// A float as TOML writes it.
fn number(n: f64) -> String {
    if n.is_nan() { "nan".into() } else { format!("{n:?}") }
}

/// Weight added to an exact agreement on one value: log2(u / frequency), in bits. Positive for values rarer
/// than the average, negative for more frequent ones; bounded by [`ADJUSTMENT_LIMIT`], 0 for nonsense.
/// `u`: of the level that equal values reach. `frequency`: share of the value among all records that have one.
/// Winkler (2000), "Frequency-based matching in the Fellegi-Sunter model of record linkage";
/// Splink documentation, "Term-frequency adjustments".
pub fn tf_adjustment(u: f64, frequency: f64) -> f64 {
    let adjustment = (u.max(FLOOR) / frequency.max(FREQUENCY_FLOOR)).log2();
    if adjustment.is_nan() { 0.0 } else { adjustment.clamp(-ADJUSTMENT_LIMIT, ADJUSTMENT_LIMIT) }
}

/// Match probability of a weight: 1 / (1 + 2^-weight).
pub fn probability(weight: f64) -> f64 {
    1.0 / (1.0 + (-weight).exp2())
}

/// 1 - [`probability`], computed directly so that it keeps its digits where the probability is 0.999 999 9...
pub fn non_match_probability(weight: f64) -> f64 {
    1.0 / (1.0 + weight.exp2())
}

/// The weight whose probability is given: log2(p / (1 - p)). Minus infinity at 0 and below,
/// plus infinity at 1 and above (a threshold of 1 is never reached).
pub fn weight_of(probability: f64) -> f64 {
    if probability >= 1.0 || probability.is_nan() {
        f64::INFINITY
    } else if probability <= 0.0 {
        f64::NEG_INFINITY
    } else {
        (probability / (1.0 - probability)).log2()
    }
}

fn bits(m: f64, u: f64) -> f64 {
    let m = if m.is_nan() { FLOOR } else { m.clamp(FLOOR, 1.0) };
    let u = if u.is_nan() { 1.0 } else { u.clamp(FLOOR, 1.0) };
    (m / u).log2()
}

/// The model compiled for scoring: one table of weights.
#[derive(Debug, Clone)]
pub struct Weights {
    prior: f64,
    /// Weight of each of 16 level numbers, per comparison; 0 for null and for unknown numbers.
    table: Vec<[f64; 16]>,
    /// log2(r/u) of each level number, per comparison; 0 for null and where r is not known.
    relatives: Vec<[f64; 16]>,
    /// log2 of the odds of relatives to strangers; minus infinity where they are not told apart.
    relatives_prior: f64,
    /// Highest weight still possible from comparison `i` on, adjustments included; one longer than `table`.
    remaining: Vec<f64>,
    model: Model,
}

/// One line of a waterfall.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    pub comparison: String,
    /// Level number of the vector, 0 for null.
    pub level: u8,
    pub level_label: String,
    /// 1 for null.
    pub m: f64,
    /// 1 for null.
    pub u: f64,
    /// log2(m / u), without the adjustment.
    pub weight: f64,
    /// Term-frequency adjustment in bits, added to the weight; 0 when there is none.
    pub tf_adjustment: f64,
}

impl Weights {
    /// Compiles a model; comparisons beyond the 16th and levels beyond the 15th weigh nothing.
    pub fn new(model: &Model) -> Self {
        let comparisons = || model.comparisons.iter().take(MAX_COMPARISONS);
        let rows = |weight: fn(&LevelModel) -> f64| -> Vec<[f64; 16]> {
            let row = |comparison: &ComparisonModel| {
                let mut row = [0.0; 16];
                for (cell, level) in row.iter_mut().skip(1).zip(&comparison.levels) {
                    *cell = weight(level);
                }
                row
            };
            comparisons().map(row).collect()
        };
        let table = rows(|level| bits(level.m, level.u));
        let mut remaining = vec![0.0];
        for (row, comparison) in table.iter().zip(comparisons()).rev() {
            let adjustment = if comparison.term_frequency { ADJUSTMENT_LIMIT } else { 0.0 };
            let best = row.iter().copied().fold(0.0, f64::max) + adjustment;
            remaining.push(remaining.last().copied().unwrap_or(0.0) + best);
        }
        remaining.reverse();
        let strangers = 1.0 - model.prior - model.relatives.unwrap_or(0.0);
        Self {
            prior: bits(model.prior, strangers),
            table,
            relatives: rows(|level| bits(level.r.unwrap_or(level.u), level.u)),
            relatives_prior: model.relatives.map_or(f64::NEG_INFINITY, |p| bits(p, strangers)),
            remaining,
            model: model.clone(),
        }
    }

    /// log2 of the prior odds.
    pub fn prior(&self) -> f64 {
        self.prior
    }

    /// Weight of one level of one comparison; 0 for null and out of range.
    #[inline]
    pub fn weight(&self, comparison: usize, level: u8) -> f64 {
        self.table.get(comparison).and_then(|row| row.get(usize::from(level))).copied().unwrap_or(0.0)
    }

    /// Match weight of a pair, prior and relatives included, term-frequency adjustments not.
    #[inline]
    pub fn score(&self, vector: Vector) -> f64 {
        self.prior + sum(&self.table, vector) + self.relatives(vector, 0.0)
    }

    /// What the chance that the pair is of two relatives takes from its weight: 0 or less, in bits.
    /// The weight of a pair is log2 of matches over non-matches, and these are strangers and relatives:
    /// the sum of prior, levels and `adjustment` (of term frequencies) looks at strangers alone, this adds the others.
    pub fn relatives(&self, vector: Vector, adjustment: f64) -> f64 {
        if self.relatives_prior == f64::NEG_INFINITY {
            return 0.0;
        }
        let odds = self.relatives_prior + sum(&self.relatives, vector) + adjustment;
        if odds > 60.0 { -odds } else { -(odds.exp2().ln_1p() / std::f64::consts::LN_2) }
    }

    /// [`tf_adjustment`] of one level of one comparison; 0 for null and out of range. The caller asks only for
    /// pairs with equal values (`Comparator::equal_level`) of comparisons with `term_frequency`.
    pub fn adjustment(&self, comparison: usize, level: u8, frequency: f64) -> f64 {
        let level = usize::from(level).checked_sub(1);
        let model = level.and_then(|level| self.model.comparisons.get(comparison)?.levels.get(level));
        model.map_or(0.0, |level| tf_adjustment(level.u, frequency))
    }

    /// The most that comparisons after `comparison` can add to a weight, their term-frequency adjustments
    /// included: below the floor minus this, a pair can be given up.
    pub fn upper_bound_remaining(&self, comparison: usize) -> f64 {
        self.remaining.get(comparison.saturating_add(1)).copied().unwrap_or(0.0)
    }

    /// The most that all comparisons together can add.
    pub fn upper_bound(&self) -> f64 {
        self.remaining.first().copied().unwrap_or(0.0)
    }

    /// How a weight came about, comparison by comparison. `frequencies`: per comparison the relative frequency
    /// of the value both records agree on, none where there is no adjustment; may be shorter than the model.
    pub fn explain(&self, vector: Vector, frequencies: &[Option<f64>]) -> Vec<Evidence> {
        let comparisons = self.model.comparisons.iter().take(MAX_COMPARISONS).enumerate();
        comparisons
            .map(|(i, comparison)| {
                let level = vector.level(i);
                let known = usize::from(level).checked_sub(1).and_then(|l| comparison.levels.get(l));
                let frequency = frequencies.get(i).copied().flatten();
                Evidence {
                    comparison: comparison.name.clone(),
                    level,
                    level_label: known.map_or(NULL, |l| l.label.as_str()).to_owned(),
                    m: known.map_or(1.0, |l| l.m),
                    u: known.map_or(1.0, |l| l.u),
                    weight: self.weight(i, level),
                    tf_adjustment: frequency.map_or(0.0, |f| self.adjustment(i, level, f)),
                }
            })
            .collect()
    }
}

/// Sum of the cells of a vector's levels.
#[inline]
fn sum(table: &[[f64; 16]], vector: Vector) -> f64 {
    let mut bits = vector.0;
    let mut total = 0.0;
    for row in table {
        total += row[(bits & 15) as usize];
        bits >>= 4;
    }
    total
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
