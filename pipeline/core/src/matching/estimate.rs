//! How good thresholds are, without a truth file. Enter: candidate pairs per bit of match weight, and the model's own
//! probabilities or stewards' judgements. Leave: estimated precision and recall, with intervals where people judged,
//! and the lowest weight with a wanted precision. Never here: pairs themselves, changing a threshold.

use super::metrics::STEPS_PER_BIT;
use super::model::probability;
use serde::Serialize;
use std::collections::BTreeMap;

/// So many judgements is the model's own probability worth within a bit of weight.
const MODEL_JUDGEMENTS: f64 = 2.0;

/// Normal deviate of a 95 % interval.
const DEVIATE: f64 = 1.96;

/// Lowest weight, in steps of a quarter bit, from which on the pairs are on average matches with at least this
/// probability, by the model's own word; at least `least`. `pairs`: candidate pairs per step
/// ([`metrics::step`](super::metrics::step)). A step counts with the probability of its lower end. None: no pairs reach it.
pub fn weight_of_precision(pairs: &BTreeMap<i64, u64>, precision: f64, least: f64) -> Option<f64> {
    let (mut all, mut matches, mut found) = (0.0, 0.0, None);
    for (step, n) in pairs.iter().rev().filter(|(_, n)| **n > 0) {
        let weight = *step as f64 / STEPS_PER_BIT as f64;
        all += *n as f64;
        matches += *n as f64 * probability(weight);
        if weight < least || matches < precision * all {
            break;
        }
        found = Some(weight);
    }
    found
}

/// A pair that a steward judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// Match weight in bits.
    pub weight: f64,
    pub same: bool,
}

/// A share with its 95 % interval, each 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Share {
    fn new(value: f64, variance: f64) -> Self {
        let width = DEVIATE * variance.max(0.0).sqrt();
        Self { value, low: (value - width).max(0.0), high: (value + width).min(1.0) }
    }
}

/// What a threshold is estimated to give.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimated {
    /// Match weight in bits.
    pub weight: f64,
    pub probability: f64,
    /// Candidate pairs at or above it.
    pub pairs: f64,
    /// Share of matches among them; none without pairs.
    pub precision: Option<Share>,
    /// Share of all matches among candidate pairs that they are. What blocking misses is not known.
    pub recall: Option<Share>,
}

/// Precision and recall of thresholds by stratified sampling (Cochran 1977, "Sampling Techniques", chapter 5): within
/// each bit of weight the judged pairs speak for all, whatever bits the stewards chose; the model's probability counts
/// as two judgements more, and alone where nobody judged. `pairs`: candidate pairs per whole bit of weight.
pub fn estimate(pairs: &BTreeMap<i64, u64>, judged: &[Judged], thresholds: &[f64]) -> Vec<Estimated> {
    let mut seen: BTreeMap<i64, [f64; 2]> = BTreeMap::new();
    for pair in judged {
        seen.entry(pair.weight.floor() as i64).or_default()[usize::from(pair.same)] += 1.0;
    }
    let bins: Vec<Bin> = pairs
        .iter()
        .map(|(bit, n)| {
            let model = probability(*bit as f64 + 0.5);
            let [different, same] = seen.get(bit).copied().unwrap_or_default();
            let judgements = different + same + MODEL_JUDGEMENTS;
            let share = (same + MODEL_JUDGEMENTS * model) / judgements;
            // Variance of a Beta distribution with this mean.
            Bin { bit: *bit, pairs: *n as f64, share, variance: share * (1.0 - share) / (judgements + 1.0) }
        })
        .collect();
    thresholds.iter().map(|weight| at(&bins, *weight)).collect()
}

/// The pairs of one bit of weight, and the share of matches among them.
struct Bin {
    bit: i64,
    pairs: f64,
    share: f64,
    variance: f64,
}

fn at(bins: &[Bin], weight: f64) -> Estimated {
    let (mut pairs, mut above, mut above_variance, mut below, mut below_variance) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for bin in bins {
        // The pairs of a bit are taken as spread evenly over it.
        let over = ((bin.bit + 1) as f64 - weight).clamp(0.0, 1.0) * bin.pairs;
        let under = bin.pairs - over;
        pairs += over;
        above += over * bin.share;
        above_variance += over * over * bin.variance;
        below += under * bin.share;
        below_variance += under * under * bin.variance;
    }
    let matches = above + below;
    Estimated {
        weight,
        probability: probability(weight),
        pairs,
        precision: (pairs > 0.0).then(|| Share::new(above / pairs, above_variance / (pairs * pairs))),
        recall: (matches > 0.0).then(|| {
            let variance = (below * below * above_variance + above * above * below_variance) / matches.powi(4);
            Share::new(above / matches, variance)
        }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_lowest_weight_whose_pairs_are_right_often_enough() {
        let pairs = BTreeMap::from([(0, 10), (12, 100), (40, 1_000)]);
        // 1000 pairs at .999 and 100 at .889 are right in .989; ten at even odds more bring that to .9845.
        assert_eq!(weight_of_precision(&pairs, 0.995, 0.0), Some(10.0));
        assert_eq!(weight_of_precision(&pairs, 0.988, 0.0), Some(3.0));
        assert_eq!(weight_of_precision(&pairs, 0.98, 0.0), Some(0.0));
        assert_eq!(weight_of_precision(&pairs, 0.98, 1.0), Some(3.0), "no lower than asked");
        assert_eq!(weight_of_precision(&pairs, 0.9999, 0.0), None);
        assert_eq!(weight_of_precision(&BTreeMap::new(), 0.5, 0.0), None);
    }

    #[test]
    fn judgements_correct_a_model_that_is_too_sure() {
        let pairs = BTreeMap::from([(3, 1_000), (20, 1_000)]);
        let judged: Vec<Judged> = (0..60).map(|i| Judged { weight: 3.4, same: i % 3 == 0 }).collect();
        let [without] = estimate(&pairs, &[], &[3.0])[..] else { panic!() };
        let [with] = estimate(&pairs, &judged, &[3.0])[..] else { panic!() };
        assert!(without.precision.unwrap().value > 0.95);
        let precision = with.precision.unwrap();
        assert!((precision.value - 0.675).abs() < 0.01, "{precision:?}");
        assert!(
            precision.low < 0.66 && precision.high > 0.69 && precision.high - precision.low < 0.15,
            "{precision:?}"
        );
    }

    /// Intervals hold what they promise: in 200 draws of 40 judgements a bit, about 95 % hold the true share.
    #[test]
    fn intervals_cover_the_truth_about_as_often_as_they_say() {
        let truth = [(1, 0.4), (4, 0.7), (9, 0.98)];
        let pairs: BTreeMap<i64, u64> = truth.iter().map(|(bit, _)| (*bit, 1_000)).collect();
        let wanted = truth.iter().map(|(_, p)| p).sum::<f64>() / 3.0;
        let mut state = 7u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / (1u64 << 31) as f64
        };
        let covered = (0..200).filter(|_| {
            let mut judged = vec![];
            for (bit, p) in truth {
                judged.extend((0..40).map(|_| Judged { weight: bit as f64, same: draw() < p }));
            }
            let share = estimate(&pairs, &judged, &[0.0])[0].precision.unwrap();
            share.low <= wanted && wanted <= share.high
        });
        let covered = covered.count();
        assert!((175..=200).contains(&covered), "{covered} of 200");
    }

    proptest! {
        #[test]
        fn shares_are_shares(
            pairs in proptest::collection::btree_map(-10i64..40, 0u64..1_000, 0..20),
            judged in proptest::collection::vec((-10.0..40.0f64, any::<bool>()), 0..30),
            threshold in -12.0..42.0f64,
        ) {
            let judged: Vec<Judged> = judged.into_iter().map(|(weight, same)| Judged { weight, same }).collect();
            for found in estimate(&pairs, &judged, &[threshold]) {
                for share in [found.precision, found.recall].into_iter().flatten() {
                    prop_assert!(0.0 <= share.low && share.low <= share.value && share.value <= share.high && share.high <= 1.0);
                }
            }
        }
    }
}
