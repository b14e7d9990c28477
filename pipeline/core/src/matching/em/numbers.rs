//! The arithmetic of training. Enter: counts and probabilities. Leave: probabilities that add up, shares, ratios.
//! Never here: what an iteration does with them (em).

use super::EmComparison;
use crate::matching::model::FLOOR;
use crate::matching::vector::{MAX_LEVELS, Vector};

/// Likelihood ratio m/u of each of 16 level numbers, per comparison; 1 for what says nothing.
pub(super) type Ratios = Vec<[f64; 16]>;

pub(super) fn ratio(ratios: &Ratios, vector: Vector) -> f64 {
    let mut bits = vector.0;
    let mut product = 1.0;
    for row in ratios {
        product *= row[(bits & 15) as usize];
        bits >>= 4;
    }
    product
}

/// Something of each class of pairs but strangers: shares, likelihood ratios against strangers, or numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Shares {
    pub(super) matches: f64,
    pub(super) relatives: f64,
}

impl Shares {
    /// What is left for strangers.
    pub(super) fn strangers(self) -> f64 {
        (1.0 - self.matches - self.relatives).max(1e-9)
    }

    /// Likelihood of a pair with the given ratios, relative to its likelihood among strangers.
    pub(super) fn likelihood(self, ratios: Self) -> f64 {
        self.matches * ratios.matches + self.relatives * ratios.relatives + self.strangers()
    }

    pub(super) fn times(self, pairs: f64) -> Self {
        Self { matches: self.matches * pairs, relatives: self.relatives * pairs }
    }

    /// Shares of numbers in a total; together below 1.
    pub(super) fn over(self, total: f64) -> Self {
        if total <= 0.0 {
            return Self::default();
        }
        let (matches, relatives) = ((self.matches / total).max(0.0), (self.relatives / total).max(0.0));
        let most = 1.0 - 1e-9;
        let excess = ((matches + relatives) / most).max(1.0);
        Self { matches: matches / excess, relatives: relatives / excess }
    }
}

/// What is known of the pairs of one comparison vector.
pub(super) struct Evidence {
    pub(super) ratios: Shares,
    pub(super) pairs: f64,
}

/// Probabilities that a pair is a match, or of relatives, given the shares of both and its likelihood ratios; never NaN.
pub(super) fn classes(share: Shares, ratios: Shares) -> Shares {
    let (matches, relatives) = (share.matches * ratios.matches, share.relatives * ratios.relatives);
    let all = matches + relatives + share.strangers();
    if all.is_finite() {
        Shares { matches: matches / all, relatives: relatives / all }
    } else {
        let more = matches.is_nan() || matches >= relatives;
        Shares { matches: f64::from(u8::from(more)), relatives: f64::from(u8::from(!more)) }
    }
}

/// Shares of matches and relatives among `total` pairs, of which those not in `evidence` are strangers.
/// The likelihood of the shares alone is concave: there is one solution, and every step comes closer.
/// `near`: a guess, such as the shares before. Shares close to 0 are slow to leave, so it is not taken too low;
/// relatives that are not looked for (0) stay so. `rounds`: at most so many steps; few are enough where the shares are
/// asked for again and again with evidence that hardly moves.
pub(super) fn class_shares(evidence: &[Evidence], total: f64, near: Shares, rounds: u32) -> Shares {
    let listed: f64 = evidence.iter().map(|e| e.pairs).sum();
    let highest = (listed / total).clamp(0.0, 0.5);
    let from = |near: f64| near.clamp(highest * 1e-3, highest);
    let relatives = if near.relatives > 0.0 { from(near.relatives) / 2.0 } else { 0.0 };
    let mut share = Shares { matches: from(near.matches), relatives };
    for _ in 0..rounds {
        let mut found = Shares::default();
        for e in evidence {
            let class = classes(share, e.ratios);
            found.matches += e.pairs * class.matches;
            found.relatives += e.pairs * class.relatives;
        }
        let next = found.over(total);
        let close = |x: f64, y: f64| (x - y).abs() <= 1e-6 * x;
        let settled = close(share.matches, next.matches) && close(share.relatives, next.relatives);
        share = next;
        if settled {
            break;
        }
    }
    share
}

/// Levels of a comparison, else included.
pub(super) fn size(comparison: &EmComparison) -> usize {
    comparison.labels.len().min(MAX_LEVELS + 1)
}

/// Pairs per comparison and level; null and unknown level numbers count nowhere.
pub(super) fn tally(comparisons: &[EmComparison], pairs: &[(Vector, f64)]) -> Vec<Vec<f64>> {
    let mut sums = vec![[0.0; 16]; comparisons.len()];
    for &(vector, n) in pairs {
        let mut bits = vector.0;
        for row in &mut sums {
            row[(bits & 15) as usize] += n;
            bits >>= 4;
        }
    }
    sums.iter().zip(comparisons).map(|(row, c)| row.iter().skip(1).take(size(c)).copied().collect()).collect()
}

/// u among random pairs. A level never seen gets half a pair; `exact_u`, where known, replaces the sample's
/// estimate of its level and the other levels share what is left.
pub(super) fn observed_u(comparison: &EmComparison, seen: &[f64]) -> Vec<f64> {
    let total: f64 = seen.iter().sum();
    let mut u = if total > 0.0 {
        normalised(seen.iter().map(|n| n.max(0.5) / total).collect())
    } else {
        let mut guess = starting_m(seen.len());
        guess.reverse();
        guess
    };
    let equal = usize::from(comparison.equal_level).checked_sub(1).filter(|&level| level < u.len());
    if let (Some(equal), Some(exact)) = (equal, comparison.exact_u.filter(|p| p.is_finite())) {
        let exact = exact.clamp(FLOOR, 0.999_999);
        let others: f64 = u.iter().enumerate().filter(|(i, _)| *i != equal).map(|(_, p)| p).sum();
        for (i, p) in u.iter_mut().enumerate() {
            *p = if i == equal { exact } else { *p / others.max(FLOOR) * (1.0 - exact) };
        }
    }
    normalised(u)
}

/// Starting m: 0.9 for the best level, the rest falls by half from level to level.
pub(super) fn starting_m(levels: usize) -> Vec<f64> {
    match levels {
        0 => vec![],
        1 => vec![1.0],
        _ => {
            let rest: Vec<f64> = (1..levels).map(|i| (-(i as f64)).exp2()).collect();
            let sum: f64 = rest.iter().sum();
            std::iter::once(0.9).chain(rest.iter().map(|p| 0.1 * p / sum)).collect()
        }
    }
}

/// Shares of the counts, held towards `towards` with the strength of so many counts (Dirichlet prior).
pub(super) fn smoothed(counts: &[f64], towards: &[f64], strength: f64) -> Vec<f64> {
    let total: f64 = counts.iter().sum::<f64>() + strength;
    normalised(counts.iter().zip(towards).map(|(n, p)| (n + strength * p) / total).collect())
}

/// Adds up to 1, nothing below [`FLOOR`].
pub(super) fn normalised(mut p: Vec<f64>) -> Vec<f64> {
    p.iter_mut().for_each(|p| *p = if p.is_nan() { FLOOR } else { p.max(FLOOR) });
    let sum: f64 = p.iter().sum();
    p.iter_mut().for_each(|p| *p = (*p / sum).max(FLOOR));
    p
}
