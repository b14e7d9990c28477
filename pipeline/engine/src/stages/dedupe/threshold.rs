//! Where merging begins when the rules ask for a precision. Enter: the index and a model. Leaves: the lowest weight
//! from which on the candidate pairs are right that often, by the model's own word. Pairs that a `never` rule keeps
//! apart are not counted. Never here: labels, pairs kept beyond a count.

use super::Plan;
use super::compare::{Comparer, Scorer, band};
use super::index::Index;
use super::scan::{Pair, Visitor, scan};
use super::spool::Candidate;
use crate::context::Context;
use crate::error::Result;
use std::collections::BTreeMap;
use std::sync::Arc;
use zlato_core::matching::estimate::weight_of_precision;
use zlato_core::matching::metrics::step;
use zlato_core::matching::model::{MergeAt, weight_of};

/// Weighs every candidate pair once.
pub async fn merge_at(
    context: &Context,
    plan: &Plan,
    index: &Arc<Index>,
    scorer: &Arc<Scorer>,
    precision: f64,
) -> Result<MergeAt> {
    let mut steps: BTreeMap<i64, u64> = BTreeMap::new();
    for number in 0..plan.rules.len() {
        let visitor = || StepVisitor {
            comparer: Comparer::new(plan.comparators.clone()),
            scorer: scorer.clone(),
            rule: number as u16,
            steps: BTreeMap::new(),
        };
        for found in scan(context, index, number, visitor).await? {
            for (step, pairs) in found {
                *steps.entry(step).or_default() += pairs;
            }
        }
    }
    // Where no pairs are that sure, a pair that is, by itself, would be.
    let weight = weight_of_precision(&steps, precision, scorer.review).unwrap_or(weight_of(precision));
    Ok(MergeAt { precision, weight })
}

/// Counts the pairs of a rule by their weight.
struct StepVisitor {
    comparer: Comparer,
    scorer: Arc<Scorer>,
    rule: u16,
    steps: BTreeMap<i64, u64>,
}

impl Visitor for StepVisitor {
    type Output = BTreeMap<i64, u64>;

    fn pair(&mut self, index: &Index, pair: Pair) -> Result<()> {
        if !pair.first {
            return Ok(());
        }
        let vector = self.comparer.vector(index, index.row(pair.left), index.row(pair.right))?;
        let candidate = Candidate { left: pair.left, right: pair.right, vector, rule: self.rule };
        if let Some(weighed) = self.scorer.weigh(index, &candidate).filter(|w| w.band != band::NEVER) {
            *self.steps.entry(step(weighed.weight)).or_default() += 1;
        }
        Ok(())
    }

    fn finish(self) -> Result<Self::Output> {
        Ok(self.steps)
    }
}
