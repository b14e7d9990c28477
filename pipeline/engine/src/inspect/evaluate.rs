//! `zlato evaluate`: the run's matching against a truth file. Enter: entities of records, the run's blocks and model.
//! Leave: precision and recall of clusters, links, blocking and every threshold. Never here: changing a threshold.
//!
//! The blocks are scanned again with the run's model, so that the pairs below the review threshold, which no table
//! keeps all of, are counted exactly: by quarter bit of match weight, true or false, per blocking rule.

use super::Inspection;
use super::truth::{self, TruthAccount};
use crate::error::Result;
use crate::stages::dedupe::compare::{Comparer, Scorer, band};
use crate::stages::dedupe::index::Index;
use crate::stages::dedupe::scan::{Pair, Visitor, scan};
use crate::stages::dedupe::spool::Candidate;
use crate::stages::dedupe::{code, scorer};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use zlato_core::matching::metrics::{self, Agreement, Point, STEPS_PER_BIT, Score};
use zlato_core::matching::model::weight_of;

/// Match weights of the curve, bits.
const LOWEST: i64 = -10;
const HIGHEST: i64 = 30;

/// How good the matching of a run is.
#[derive(Debug, Clone, Serialize)]
pub struct Evaluation {
    pub run: String,
    pub truth: TruthAccount,
    /// Clusters against entities: what golden records are made of.
    pub clusters: Agreement,
    /// Pairs that are merged on their own weight or an `always` rule, before clustering.
    pub links: Score,
    /// Candidate pairs of all blocking rules; its recall is the ceiling of everything after.
    pub blocking: Score,
    pub rules: Vec<RuleScore>,
    /// Pairs that no blocking rule produced: wrongly merged through others, and missed.
    pub not_compared: NotCompared,
    /// A threshold every quarter bit, over candidate pairs and before clustering.
    pub curve: Vec<Point>,
    pub best: Option<Point>,
    /// The thresholds of the rules, exactly where they lie.
    pub thresholds: Vec<Threshold>,
    /// The lowest threshold of the curve with the precision that was asked for.
    pub wanted: Option<Point>,
}

/// Pairs with truth that belong to one blocking rule (the first that produces them).
#[derive(Debug, Clone, Serialize)]
pub struct RuleScore {
    pub rule: String,
    pub true_pairs: u64,
    pub false_pairs: u64,
    /// False pairs that ended in one cluster.
    pub wrong_merges: u64,
    /// True pairs that ended in two clusters...
    pub missed: u64,
    /// ... because they weigh less than the review threshold,
    pub missed_below_review: u64,
    /// ... because they wait for review,
    pub missed_for_review: u64,
    /// ... because a hard rule or a guard of the clusters kept them apart.
    pub missed_by_guards: u64,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct NotCompared {
    pub wrong_merges: u64,
    pub missed: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct Threshold {
    pub name: &'static str,
    #[serde(flatten)]
    pub point: Point,
}

/// Evaluates a run. `skip_unknown`: rows of the truth that name no record are counted instead of an error.
pub async fn evaluate(
    inspection: &Inspection,
    truth: &Path,
    skip_unknown: bool,
    precision: Option<f64>,
) -> Result<Evaluation> {
    let (labels, account) = truth::read(inspection, truth, skip_unknown).await?;
    let clusters = metrics::agreement(labels.pairs());
    let context = &inspection.context;
    let index = Arc::new(code(context, &inspection.plan, 1).await?);
    let labels: Arc<Vec<Option<(u32, i64)>>> =
        Arc::new(index.record_ids.iter().map(|record| labels.of(*record)).collect());
    let mut weigher = scorer(context, &inspection.plan, &index, &inspection.model);
    let review = weigher.review;
    // Everything from the lowest point of the curve on is wanted, not only what a run keeps.
    weigher.floor = review.min(LOWEST as f64);
    weigher.review = weigher.floor;
    let weigher = Arc::new(weigher);
    let mut all = Tally::default();
    let mut rules = Vec::new();
    for (number, rule) in inspection.plan.rules.iter().enumerate() {
        let mut tally = Tally::default();
        let visitor = || TruthVisitor {
            comparer: Comparer::new(inspection.plan.comparators.clone()),
            scorer: weigher.clone(),
            labels: labels.clone(),
            review,
            tally: Tally::default(),
        };
        for more in scan(context, &index, number, visitor).await? {
            tally.add(&more);
        }
        all.add(&tally);
        rules.push(tally.rule(&rule.name));
    }
    let truth_pairs = clusters.pairs.truth;
    let point = |weight: f64, counts: [u64; 2]| Point::new(weight, counts[1], counts[0] + counts[1], truth_pairs);
    let curve = metrics::curve(&all.steps, truth_pairs, LOWEST * STEPS_PER_BIT..=HIGHEST * STEPS_PER_BIT);
    let thresholds = &context.rules.rules.matching.thresholds;
    let sum = |value: fn(&RuleScore) -> u64| rules.iter().map(value).sum::<u64>();
    Ok(Evaluation {
        run: context.manifest.run.clone(),
        truth: account,
        links: Score::new(all.links[1], all.links[0] + all.links[1], truth_pairs),
        blocking: Score::new(all.found[1], all.found[0] + all.found[1], truth_pairs),
        not_compared: NotCompared {
            wrong_merges: (clusters.pairs.found - clusters.pairs.right).saturating_sub(sum(|r| r.wrong_merges)),
            missed: (truth_pairs - clusters.pairs.right).saturating_sub(sum(|r| r.missed)),
        },
        clusters,
        rules,
        best: metrics::best(&curve),
        wanted: curve
            .iter()
            .find(|p| p.score.rates.precision.zip(precision).is_some_and(|(found, wanted)| found >= wanted))
            .copied(),
        curve,
        thresholds: vec![
            Threshold { name: "review", point: point(weight_of(*thresholds.review.get_ref()), all.at_review) },
            Threshold { name: "merge", point: point(weigher.merge, all.at_merge) },
        ],
    })
}

/// Pairs with truth, false and true.
#[derive(Debug, Clone, Default)]
struct Tally {
    found: [u64; 2],
    links: [u64; 2],
    at_merge: [u64; 2],
    at_review: [u64; 2],
    /// Per step of match weight, from the lowest of the curve on.
    steps: BTreeMap<i64, [u64; 2]>,
    wrong_merges: u64,
    missed: u64,
    missed_for_review: u64,
    missed_by_guards: u64,
}

fn one(counts: &mut [u64; 2], same: bool) {
    let [wrong, right] = counts;
    *(if same { right } else { wrong }) += 1;
}

impl Tally {
    fn add(&mut self, other: &Self) {
        let both = |a: &mut [u64; 2], b: &[u64; 2]| *a = [a[0] + b[0], a[1] + b[1]];
        both(&mut self.found, &other.found);
        both(&mut self.links, &other.links);
        both(&mut self.at_merge, &other.at_merge);
        both(&mut self.at_review, &other.at_review);
        for (step, counts) in &other.steps {
            both(self.steps.entry(*step).or_default(), counts);
        }
        self.wrong_merges += other.wrong_merges;
        self.missed += other.missed;
        self.missed_for_review += other.missed_for_review;
        self.missed_by_guards += other.missed_by_guards;
    }

    fn rule(&self, name: &str) -> RuleScore {
        RuleScore {
            rule: name.into(),
            true_pairs: self.found[1],
            false_pairs: self.found[0],
            wrong_merges: self.wrong_merges,
            missed: self.missed,
            missed_below_review: self.missed - self.missed_for_review - self.missed_by_guards,
            missed_for_review: self.missed_for_review,
            missed_by_guards: self.missed_by_guards,
        }
    }
}

/// Scores pairs as a run does, and counts them instead of keeping them.
struct TruthVisitor {
    comparer: Comparer,
    scorer: Arc<Scorer>,
    /// Entity and cluster of each row of the index.
    labels: Arc<Vec<Option<(u32, i64)>>>,
    review: f64,
    tally: Tally,
}

impl Visitor for TruthVisitor {
    type Output = Tally;

    fn pair(&mut self, index: &Index, pair: Pair) -> Result<()> {
        if !pair.first {
            return Ok(());
        }
        let label = |row: u32| self.labels.get(row as usize).copied().flatten();
        let Some(((entity, cluster), (other_entity, other_cluster))) = label(pair.left).zip(label(pair.right)) else {
            return Ok(());
        };
        let (same, together) = (entity == other_entity, cluster == other_cluster);
        one(&mut self.tally.found, same);
        self.tally.wrong_merges += u64::from(!same && together);
        self.tally.missed += u64::from(same && !together);
        let vector = self.comparer.vector(index, index.row(pair.left), index.row(pair.right))?;
        let candidate = Candidate { left: pair.left, right: pair.right, vector, rule: 0 };
        let Some(weighed) = self.scorer.weigh(index, &candidate) else { return Ok(()) };
        let (weight, band) = (weighed.weight, weighed.band);
        one(self.tally.steps.entry(metrics::step(weight)).or_default(), same);
        if weight >= self.scorer.merge {
            one(&mut self.tally.at_merge, same);
        }
        if weight >= self.review {
            one(&mut self.tally.at_review, same);
        }
        let linked = band == band::MERGE || band == band::ALWAYS;
        if linked {
            one(&mut self.tally.links, same);
        }
        if same && !together {
            if linked || (band == band::NEVER && weight >= self.review) {
                self.tally.missed_by_guards += 1;
            } else if weight >= self.review {
                self.tally.missed_for_review += 1;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Self::Output> {
        Ok(self.tally)
    }
}
