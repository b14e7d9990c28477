//! What is done with a candidate pair: counted by its comparison vector (training), or weighed and
//! kept when it reaches the floor (scoring). Both compare a value pair once and stop early.

use super::scan::{Rows, Visitor, both_differ, both_equal};
use crate::error::Result;
use crate::tables;
use arrow::array::{ArrayRef, Float64Builder, Int64Builder, RecordBatch, StringBuilder};
use std::collections::HashMap;
use std::sync::Arc;
use zlato_core::matching::comparator::{Comparator, Prepared};
use zlato_core::matching::model::{Weights, probability, tf_adjustment};
use zlato_core::matching::vector::Vector;

/// Counts of comparison vectors.
pub type Counts = HashMap<u64, u64>;

fn prepare<'a>(comparators: &'a [Comparator], rows: &'a Rows, left: usize) -> Vec<Prepared<'a>> {
    comparators.iter().enumerate().map(|(i, c)| c.prepare(rows.value(i, left), rows.with(i, left))).collect()
}

/// Counts vectors of all pairs of a rule, and of those that belong to it.
pub struct CountVisitor {
    comparators: Arc<Vec<Comparator>>,
    all: Counts,
    first: Counts,
}

impl CountVisitor {
    pub fn new(comparators: Arc<Vec<Comparator>>) -> Self {
        Self { comparators, all: Counts::new(), first: Counts::new() }
    }
}

impl Visitor for CountVisitor {
    type Output = (Counts, Counts);

    fn pairs(&mut self, rows: &Rows, left: usize, right: &[(usize, bool)]) {
        let prepared = prepare(&self.comparators, rows, left);
        for (right, first) in right {
            let mut vector = Vector(0);
            for (i, value) in prepared.iter().enumerate() {
                vector = vector.with(i, value.level(rows.value(i, *right), rows.with(i, *right)));
            }
            *self.all.entry(vector.0).or_default() += 1;
            if *first {
                *self.first.entry(vector.0).or_default() += 1;
            }
        }
    }

    fn finish(self) -> Result<Self::Output> {
        Ok((self.all, self.first))
    }
}

/// Everything needed to weigh a pair; shared by all threads.
pub struct Scorer {
    pub comparators: Arc<Vec<Comparator>>,
    pub weights: Weights,
    /// u of the level that equal values reach, per comparison.
    pub equal_u: Vec<f64>,
    /// Per comparison with term frequencies: relative frequency of its frequent values, and of all others.
    pub frequencies: Vec<Option<(HashMap<String, f64>, f64)>>,
    /// Weight below which a pair is not even counted.
    pub floor: f64,
    pub review: f64,
    pub merge: f64,
    /// For each `never` rule: whether it asks for equal values (else for different ones).
    pub never_same: Vec<bool>,
    pub always_same: Vec<bool>,
}

/// Bands of match weight, as the `pairs` table names them.
pub mod band {
    pub const MERGE: &str = "merge";
    pub const REVIEW: &str = "review";
    pub const NEVER: &str = "never";
    pub const ALWAYS: &str = "always";
}

/// Weighs the pairs that belong to a rule.
pub struct ScoreVisitor {
    scorer: Arc<Scorer>,
    rule: String,
    left: Int64Builder,
    right: Int64Builder,
    vector: Int64Builder,
    adjustment: Float64Builder,
    weight: Float64Builder,
    probability: Float64Builder,
    band: StringBuilder,
    rows: usize,
    /// Number of pairs per whole bit of weight.
    histogram: HashMap<i64, u64>,
}

impl ScoreVisitor {
    pub fn new(scorer: Arc<Scorer>, rule: &str) -> Self {
        Self {
            scorer,
            rule: rule.into(),
            left: Int64Builder::new(),
            right: Int64Builder::new(),
            vector: Int64Builder::new(),
            adjustment: Float64Builder::new(),
            weight: Float64Builder::new(),
            probability: Float64Builder::new(),
            band: StringBuilder::new(),
            rows: 0,
            histogram: HashMap::new(),
        }
    }

    fn keep(&mut self, rows: &Rows, left: usize, right: usize, pair: &Weighed) {
        self.left.append_value(rows.record_id.value(left));
        self.right.append_value(rows.record_id.value(right));
        // Fifteen comparisons fill 60 bits; a sixteenth with a level above 7 turns the sign, which is only a bit.
        self.vector.append_value(i64::from_ne_bytes(pair.vector.0.to_ne_bytes()));
        self.adjustment.append_value(pair.adjustment);
        self.weight.append_value(pair.weight);
        self.probability.append_value(probability(pair.weight));
        self.band.append_value(pair.band);
        self.rows += 1;
    }
}

/// What is known of a pair worth keeping.
struct Weighed {
    vector: Vector,
    /// Sum of the term-frequency adjustments within the weight.
    adjustment: f64,
    weight: f64,
    band: &'static str,
}

impl Visitor for ScoreVisitor {
    type Output = (RecordBatch, HashMap<i64, u64>);

    fn pairs(&mut self, rows: &Rows, left: usize, right: &[(usize, bool)]) {
        let scorer = self.scorer.clone();
        let prepared = prepare(&scorer.comparators, rows, left);
        // Term-frequency adjustment of agreeing with the left value, per comparison; looked up when first needed.
        let mut adjustments: Vec<Option<f64>> = vec![None; prepared.len()];
        for (right, first) in right {
            if !first {
                continue;
            }
            let always = hard_rule(&rows.always, &scorer.always_same, left, *right);
            let mut vector = Vector(0);
            let mut weight = scorer.weights.prior();
            let mut adjusted = 0.0;
            let mut hopeless = false;
            for (i, value) in prepared.iter().enumerate() {
                let level = value.level(rows.value(i, *right), rows.with(i, *right));
                vector = vector.with(i, level);
                weight += scorer.weights.weight(i, level);
                if let Some(slot) = adjustments.get_mut(i)
                    && level != 0
                    && scorer.comparators.get(i).is_some_and(|c| c.equal_level() == level)
                {
                    let adjustment = *slot.get_or_insert_with(|| scorer.adjustment(i, rows.value(i, left)));
                    weight += adjustment;
                    adjusted += adjustment;
                }
                if weight + scorer.weights.upper_bound_remaining(i) < scorer.floor && !always {
                    hopeless = true;
                    break;
                }
            }
            if hopeless || (weight < scorer.floor && !always) {
                continue;
            }
            *self.histogram.entry(weight.floor() as i64).or_default() += 1;
            let band = if hard_rule(&rows.never, &scorer.never_same, left, *right) {
                band::NEVER
            } else if always {
                band::ALWAYS
            } else if weight >= scorer.merge {
                band::MERGE
            } else {
                band::REVIEW
            };
            if weight >= scorer.review || always {
                self.keep(rows, left, *right, &Weighed { vector, adjustment: adjusted, weight, band });
            }
        }
    }

    fn finish(mut self) -> Result<Self::Output> {
        let rule: ArrayRef =
            Arc::new(arrow::array::StringArray::from_iter_values(std::iter::repeat_n(&self.rule, self.rows)));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.left.finish()),
            Arc::new(self.right.finish()),
            rule,
            Arc::new(self.vector.finish()),
            Arc::new(self.adjustment.finish()),
            Arc::new(self.weight.finish()),
            Arc::new(self.probability.finish()),
            Arc::new(self.band.finish()),
        ];
        Ok((RecordBatch::try_new(tables::pairs(), columns)?, self.histogram))
    }
}

/// Whether any of the hard rules holds for the pair.
fn hard_rule(columns: &[arrow::array::Int64Array], same: &[bool], left: usize, right: usize) -> bool {
    columns.iter().zip(same).any(
        |(column, same)| {
            if *same { both_equal(column, left, right) } else { both_differ(column, left, right) }
        },
    )
}

impl Scorer {
    fn adjustment(&self, comparison: usize, value: Option<&str>) -> f64 {
        let Some(Some((frequent, otherwise))) = self.frequencies.get(comparison) else { return 0.0 };
        let frequency = value.and_then(|v| frequent.get(v)).unwrap_or(otherwise);
        self.equal_u.get(comparison).map_or(0.0, |u| tf_adjustment(*u, *frequency))
    }
}
