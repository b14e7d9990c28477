//! How well clusters and thresholds agree with the truth. Enter: labels of records, counts of pairs.
//! Leave: precision, recall and F1 of pairs and clusters, B-cubed, the curve over match weights.
//! Never here: records themselves, files, models.

use super::model::probability;
use serde::Serialize;
use std::collections::BTreeMap;

/// Steps of the curve in each bit of match weight.
pub const STEPS_PER_BIT: i64 = 4;

/// Precision, recall and their harmonic mean, each 0 to 1; none where there is nothing to divide by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Rates {
    pub precision: Option<f64>,
    pub recall: Option<f64>,
    pub f1: Option<f64>,
}

/// What was found, what is true, and what is both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Score {
    pub right: u64,
    pub found: u64,
    pub truth: u64,
    #[serde(flatten)]
    pub rates: Rates,
}

impl Score {
    pub fn new(right: u64, found: u64, truth: u64) -> Self {
        let share = |whole: u64| (whole > 0).then(|| right as f64 / whole as f64);
        let f1 = (found + truth > 0).then(|| 2.0 * right as f64 / (found + truth) as f64);
        Self { right, found, truth, rates: Rates { precision: share(found), recall: share(truth), f1 } }
    }
}

/// Agreement of found clusters with true entities, over the records that have both. Singletons count.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    pub records: u64,
    /// Pairs of records in one cluster, against pairs of one entity.
    pub pairs: Score,
    /// Clusters that hold all records of one entity and no other.
    pub clusters: Score,
    /// The mean over records of precision and recall of their own cluster: Bagga & Baldwin (1998),
    /// "Algorithms for scoring coreference chains"; Amigó et al. (2009), "A comparison of extrinsic
    /// clustering evaluation metrics".
    pub b_cubed: Rates,
}

/// Compares clusters with entities. `labels`: (cluster, entity) of each record, in any order.
pub fn agreement(labels: impl IntoIterator<Item = (i64, u32)>) -> Agreement {
    let mut both: BTreeMap<(i64, u32), u64> = BTreeMap::new();
    let mut clusters: BTreeMap<i64, u64> = BTreeMap::new();
    let mut entities: BTreeMap<u32, u64> = BTreeMap::new();
    for (cluster, entity) in labels {
        *both.entry((cluster, entity)).or_default() += 1;
        *clusters.entry(cluster).or_default() += 1;
        *entities.entry(entity).or_default() += 1;
    }
    let records: u64 = clusters.values().sum();
    let (mut exact, mut precise, mut recalled) = (0, 0.0, 0.0);
    for ((cluster, entity), n) in &both {
        let found = clusters.get(cluster).copied().unwrap_or(1);
        let truth = entities.get(entity).copied().unwrap_or(1);
        exact += u64::from(*n == found && *n == truth);
        let square = (*n as f64) * (*n as f64);
        precise += square / found as f64;
        recalled += square / truth as f64;
    }
    let mean = |sum: f64| (records > 0).then(|| sum / records as f64);
    let (precision, recall) = (mean(precise), mean(recalled));
    let f1 = precision.zip(recall).map(|(p, r)| 2.0 * p * r / (p + r));
    let pairs = |counts: &mut dyn Iterator<Item = &u64>| counts.map(|n| n * (n - 1) / 2).sum::<u64>();
    Agreement {
        records,
        pairs: Score::new(pairs(&mut both.values()), pairs(&mut clusters.values()), pairs(&mut entities.values())),
        clusters: Score::new(exact, clusters.len() as u64, entities.len() as u64),
        b_cubed: Rates { precision, recall, f1 },
    }
}

/// What a threshold at this weight gives: all candidate pairs at or above it, and no clustering.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Match weight in bits.
    pub weight: f64,
    pub probability: f64,
    #[serde(flatten)]
    pub score: Score,
}

impl Point {
    pub fn new(weight: f64, right: u64, found: u64, truth: u64) -> Self {
        Self { weight, probability: probability(weight), score: Score::new(right, found, truth) }
    }
}

/// The step in which a weight lies: it reaches the threshold `step / STEPS_PER_BIT` and none above.
pub fn step(weight: f64) -> i64 {
    (weight * STEPS_PER_BIT as f64).floor() as i64
}

/// Precision and recall for every threshold of `steps`, ascending. `counts`: per [`step`] the candidate pairs that
/// are false and true; `truth`: all true pairs, candidates or not.
pub fn curve(counts: &BTreeMap<i64, [u64; 2]>, truth: u64, steps: std::ops::RangeInclusive<i64>) -> Vec<Point> {
    let mut sums = [0u64; 2];
    let mut above = counts.iter().rev().peekable();
    let mut points: Vec<Point> = Vec::new();
    for step in steps.rev() {
        while let Some((_, [wrong, right])) = above.next_if(|(s, _)| **s >= step) {
            sums = [sums[0] + wrong, sums[1] + right];
        }
        points.push(Point::new(step as f64 / STEPS_PER_BIT as f64, sums[1], sums[0] + sums[1], truth));
    }
    points.reverse();
    points
}

/// The point with the best F1; among equal ones the highest threshold.
pub fn best(curve: &[Point]) -> Option<Point> {
    let f1 = |p: &Point| p.score.rates.f1.unwrap_or(0.0);
    curve.iter().copied().max_by(|a, b| f1(a).total_cmp(&f1(b)).then(a.weight.total_cmp(&b.weight)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_amigo_adds_up() {
        // Entities 1,1,1 and 2,2; found {1,1,2} and {1,2}.
        let score = agreement([(10, 1), (10, 1), (10, 2), (20, 1), (20, 2)]);
        assert_eq!((score.records, score.pairs.right, score.pairs.found, score.pairs.truth), (5, 1, 4, 4));
        assert_eq!((score.clusters.right, score.clusters.found, score.clusters.truth), (0, 2, 2));
        let close = |found: Option<f64>, wanted: f64| assert!((found.unwrap() - wanted).abs() < 1e-12, "{found:?}");
        close(score.b_cubed.precision, (4.0 / 3.0 + 1.0 / 3.0 + 0.5 + 0.5) / 5.0);
        close(score.b_cubed.recall, (4.0 / 3.0 + 1.0 / 2.0 + 1.0 / 3.0 + 0.5) / 5.0);
    }

    #[test]
    fn nothing_gives_no_rates_rather_than_nonsense() {
        let score = agreement([]);
        assert_eq!(score.pairs.rates, Rates::default());
        assert_eq!(score.b_cubed, Rates::default());
        assert_eq!(Score::new(0, 0, 3).rates, Rates { precision: None, recall: Some(0.0), f1: Some(0.0) });
    }

    #[test]
    fn the_best_threshold_is_where_right_and_wrong_part() {
        let counts = BTreeMap::from([(-8, [90, 1]), (3, [2, 3]), (17, [0, 6])]);
        let points = curve(&counts, 10, -40..=120);
        assert_eq!(points.len(), 161);
        let at = |weight: f64| points.iter().find(|p| p.weight == weight).unwrap().score;
        assert_eq!((at(4.25).right, at(4.25).found), (6, 6));
        assert_eq!((at(0.75).right, at(0.75).found), (9, 11));
        assert_eq!((at(1.0).right, at(1.0).found), (6, 6));
        assert_eq!((at(-10.0).right, at(-10.0).found), (10, 102));
        assert_eq!(best(&points).unwrap().weight, 0.75);
    }

    proptest! {
        #[test]
        fn a_clustering_agrees_with_itself_wholly(labels in proptest::collection::vec(0u32..6, 1..40)) {
            let score = agreement(labels.iter().map(|e| (i64::from(*e) + 7, *e)));
            prop_assert_eq!(score.clusters.rates.f1, Some(1.0));
            prop_assert!((score.b_cubed.f1.unwrap() - 1.0).abs() < 1e-12);
            prop_assert_eq!(score.pairs.right, score.pairs.found);
            prop_assert_eq!(score.pairs.right, score.pairs.truth);
        }

        #[test]
        fn order_decides_nothing_and_rates_are_shares(labels in proptest::collection::vec((0i64..6, 0u32..6), 1..40)) {
            let score = agreement(labels.iter().copied());
            let mut turned = labels;
            turned.reverse();
            prop_assert_eq!(&score, &agreement(turned));
            for rates in [score.pairs.rates, score.clusters.rates, score.b_cubed] {
                for rate in [rates.precision, rates.recall, rates.f1].into_iter().flatten() {
                    prop_assert!((0.0..=1.0 + 1e-12).contains(&rate));
                }
            }
        }

        #[test]
        fn swapping_truth_and_clusters_swaps_precision_and_recall(
            labels in proptest::collection::vec((0u32..6, 0u32..6), 1..40)
        ) {
            let there = agreement(labels.iter().map(|(a, b)| (i64::from(*a), *b)));
            let back = agreement(labels.iter().map(|(a, b)| (i64::from(*b), *a)));
            prop_assert_eq!(there.pairs.rates.precision, back.pairs.rates.recall);
            prop_assert_eq!(there.clusters.rates.precision, back.clusters.rates.recall);
            let (p, r) = (there.b_cubed.precision.unwrap(), back.b_cubed.recall.unwrap());
            prop_assert!((p - r).abs() < 1e-12);
        }

        #[test]
        fn a_higher_threshold_never_finds_more(
            pairs in proptest::collection::vec((-60.0..60.0f64, any::<bool>()), 0..200)
        ) {
            let mut counts: BTreeMap<i64, [u64; 2]> = BTreeMap::new();
            for (weight, right) in &pairs {
                counts.entry(step(*weight)).or_default()[usize::from(*right)] += 1;
            }
            let points = curve(&counts, pairs.len() as u64, -40..=120);
            prop_assert!(points.windows(2).all(|p| p[0].score.found >= p[1].score.found));
            for point in &points {
                let found = pairs.iter().filter(|(w, _)| *w >= point.weight).count() as u64;
                prop_assert_eq!(found, point.score.found, "at {}", point.weight);
            }
        }
    }
}
