//! Stage dedupe. Enter: `contacts` and `addresses`. Leave: `contact_profiles`, `features`, `pairs` (with match weight
//! and band), `blocks`, `scores`, `clusters`, `judged`, `review`, and
//! the model the pairs were weighed with.
//! Never here: comparing values or estimating probabilities; that is zlato-core's matching.

mod blocks;
mod cluster;
pub(crate) mod compare;
mod drift;
pub(crate) mod features;
pub(crate) mod hygiene;
mod in_force;
pub(crate) mod index;
mod people;
pub(crate) mod scan;
pub(crate) mod spool;
mod texts;
mod threshold;
pub(crate) mod train;

use crate::context::Context;
use crate::error::Result;
use crate::run::{Outcome, Stage};
use crate::{files, tables};
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use blocks::{Blocks, Rule, Sampling};
use compare::{CandidateVisitor, Comparer, Scorer, Seen};
use futures::{StreamExt, TryStreamExt};
use index::{Index, Wanted};
use spool::{Spool, SpoolWriter};
use std::collections::BTreeMap;
use std::sync::Arc;
use zlato_core::contacts::nicknames::Nicknames;
use zlato_core::matching::comparator::Comparator;
use zlato_core::matching::model::{Model, Weights, weight_of};
use zlato_core::rules::matching::Matching;

/// Pairs under this probability are not even counted in `scores`: they end their comparison early.
const COUNTED_PROBABILITY: f64 = 0.001;

/// A blocking rule, or an `always` rule, which must produce the pairs it merges.
pub struct Blocking {
    pub name: String,
    pub key: String,
    pub split_by: Option<String>,
    pub max_block: usize,
}

/// The blocking rules in order; `always` rules come first, so that none of their pairs can be missed.
pub fn all_blocking(rules: &Matching) -> Vec<Blocking> {
    let always = rules.always.iter().filter_map(|rule| {
        Some(Blocking {
            name: format!("always {}", rule.name.get_ref()),
            key: rule.same.as_ref()?.get_ref().clone(),
            split_by: None,
            max_block: 1_000,
        })
    });
    let blocking = rules.blocking.iter().map(|rule| Blocking {
        name: rule.name.get_ref().clone(),
        key: rule.key.get_ref().clone(),
        split_by: rule.split_by.as_ref().map(|s| s.get_ref().clone()),
        max_block: rule.max_block,
    });
    always.chain(blocking).collect()
}

/// What the steps of the stage share.
pub(crate) struct Plan {
    pub rules: Arc<Vec<Rule>>,
    pub comparators: Arc<Vec<Comparator>>,
}

impl Plan {
    pub fn new(rules: &Matching) -> Self {
        let nicknames = Arc::new(Nicknames::embedded());
        let related: zlato_core::matching::Nicknames = Arc::new(move |a: &str, b: &str| nicknames.related(a, b));
        let comparators = rules.comparison.iter().map(|c| Comparator::new(c, Some(related.clone()))).collect();
        let rule = |b: Blocking| Rule { name: b.name, has_split: b.split_by.is_some(), max_block: b.max_block };
        Self {
            rules: Arc::new(all_blocking(rules).into_iter().map(rule).collect()),
            comparators: Arc::new(comparators),
        }
    }
}

/// Share of the memory limit that the candidate pairs of a range may take.
const RANGE_SHARE: u64 = 64;

pub async fn run(context: &Context) -> Result<Outcome> {
    let plan = Plan::new(&context.rules.rules.matching);
    let mut outcome = Outcome::default();
    outcome.tables.extend(write_features(context).await?);
    let published = in_force::published(context)?;
    let mut compared = compare_all(context, &plan, context.rules.model.as_ref().or(published.as_ref())).await?;
    if published.is_some() && context.rules.model.is_none() && compared.drift.is_some() {
        drop(compared);
        compared = compare_all(context, &plan, None).await?;
        outcome.warnings.push("the data have drifted from the published run's model: it was learnt anew".into());
    }
    let Compared { index, spool, pairs, model, scorer, drift, warnings } = compared;
    outcome.warnings.extend(drift.into_iter().chain(warnings));
    files::replace(&context.folder().join("model.toml"), model.to_toml().as_bytes())?;
    outcome.tables.push(score(context, &plan, &index, &spool, &scorer).await?);

    outcome.rows = pairs.iter().sum();
    for (rule, blocks) in plan.rules.iter().zip(&index.rules).filter(|(_, b)| b.skipped_blocks > 0) {
        outcome.warnings.push(format!(
            "blocking rule `{}`: {} blocks over the limit, {} pairs were not compared; see the table blocks",
            rule.name, blocks.skipped_blocks, blocks.skipped_pairs
        ));
    }
    outcome.tables.push((tables::BLOCKS.into(), write_blocks(context, &plan, &index.rules, &pairs)?));
    let (tables, warnings) = cluster::write(context, &index, &scorer).await?;
    outcome.tables.extend(tables);
    outcome.warnings.extend(warnings);
    Ok(outcome)
}

/// All candidate pairs as vectors, and the model they are to be weighed with.
struct Compared {
    index: Arc<Index>,
    spool: Arc<Spool>,
    /// Of each blocking rule.
    pairs: Vec<u64>,
    model: Model,
    scorer: Arc<Scorer>,
    /// How the data differ from the model that was given.
    drift: Option<String>,
    warnings: Vec<String>,
}

/// Compares the pairs of all rules; without a model, learns one from them.
async fn compare_all(context: &Context, plan: &Plan, given: Option<&Model>) -> Result<Compared> {
    let settings = &context.rules.rules.matching.training;
    let most = settings.max_pairs_per_rule.min(given.map_or(u64::MAX, |_| drift::MOST_PAIRS));
    let index = Arc::new(code(context, plan, most).await?);
    let enumerated: u64 = index.rules.iter().map(|r| r.pairs).sum();
    context.progress.expects(Stage::Dedupe, enumerated);

    let memory = context.options.limits.memory / RANGE_SHARE;
    let least = 4 * context.options.limits.threads;
    let spool = Arc::new(Spool::new(&context.spill_folder(), index.rows(), enumerated, memory, least)?);
    let known = given.map(|model| Arc::new(scorer(context, plan, &index, model)));
    let seen = candidates(context, plan, &index, Some(&spool), known.as_ref()).await?;
    let pairs: Vec<u64> = seen.iter().map(|s| s.pairs).collect();
    let input = train::input(context, plan, &index, seen).await?;
    let (mut drifted, mut warnings) = (None, Vec::new());
    let (model, scorer) = match (given, known) {
        (Some(model), Some(scorer)) => {
            drifted = drift::warning(context, &input, model);
            with_threshold(context, plan, &index, model.clone(), scorer).await?
        }
        _ => {
            let learnt = train::train(context, &input);
            warnings.extend(learnt.report.warnings());
            learnt.write_report(context)?;
            let scorer = Arc::new(scorer(context, plan, &index, &learnt.model));
            with_threshold(context, plan, &index, learnt.model, scorer).await?
        }
    };
    Ok(Compared { index, spool, pairs, model, scorer, drift: drifted, warnings })
}

async fn write_features(context: &Context) -> Result<[(String, u64); 2]> {
    let (profiles, unusable) = hygiene::write(context).await?;
    let rows = features::write(context, unusable).await?;
    Ok([(tables::CONTACT_PROFILES.into(), profiles), (tables::FEATURES.into(), rows)])
}

/// The training half of the stage: what `zlato train` learns from `contacts` and `addresses`.
pub async fn learn(context: &Context) -> Result<train::Learnt> {
    let plan = Plan::new(&context.rules.rules.matching);
    write_features(context).await?;
    let index = Arc::new(code(context, &plan, context.rules.rules.matching.training.max_pairs_per_rule).await?);
    let seen = candidates(context, &plan, &index, None, None).await?;
    let mut learnt = train::train(context, &train::input(context, &plan, &index, seen).await?);
    let known = Arc::new(scorer(context, &plan, &index, &learnt.model));
    learnt.model = with_threshold(context, &plan, &index, learnt.model, known).await?.0;
    Ok(learnt)
}

/// The model with the merge threshold that the rules' precision asks for, where it does not have it yet.
async fn with_threshold(
    context: &Context,
    plan: &Plan,
    index: &Arc<Index>,
    mut model: Model,
    known: Arc<Scorer>,
) -> Result<(Model, Arc<Scorer>)> {
    let thresholds = &context.rules.rules.matching.thresholds;
    let Some(precision) = thresholds.merge_precision.as_ref().filter(|_| model.merge_weight(thresholds).is_none())
    else {
        return Ok((model, known));
    };
    model.merge = Some(threshold::merge_at(context, plan, index, &known, *precision.get_ref()).await?);
    let scorer = Arc::new(scorer(context, plan, index, &model));
    Ok((model, scorer))
}

/// `features` in codes; about `most` pairs of each blocking rule are chosen for training.
pub(crate) async fn code(context: &Context, plan: &Plan, most: u64) -> Result<Index> {
    let rules = &context.rules.rules.matching;
    let wanted = Wanted {
        rules: plan.rules.clone(),
        with: plan.comparators.iter().zip(&rules.comparison).map(|(c, r)| c.needs_with() && r.with.is_some()).collect(),
        never: rules.never.len(),
        always: rules.always.len(),
        sampling: Sampling { max_pairs: most, seed: rules.training.seed },
    };
    index::index(context, wanted).await
}

/// Compares the pairs of every rule and counts their vectors. `spool`: where pairs wait to be weighed.
async fn candidates(
    context: &Context,
    plan: &Plan,
    index: &Arc<Index>,
    spool: Option<&Arc<Spool>>,
    scorer: Option<&Arc<Scorer>>,
) -> Result<Vec<Seen>> {
    let mut all = Vec::with_capacity(plan.rules.len());
    for (number, _) in plan.rules.iter().enumerate() {
        let visitor = || CandidateVisitor {
            comparer: Comparer::new(plan.comparators.clone()),
            rule: number as u16,
            spool: spool.map(|spool| SpoolWriter::new(spool.clone())),
            scorer: scorer.cloned(),
            seen: Seen::default(),
        };
        let mut total = Seen::default();
        for seen in scan::scan(context, index, number, visitor).await? {
            train::add(&mut total.all, seen.all);
            train::add(&mut total.first, seen.first);
            total.pairs += seen.pairs;
        }
        all.push(total);
    }
    Ok(all)
}

/// The model, thresholds and hard rules, ready to weigh.
pub(crate) fn scorer(context: &Context, plan: &Plan, index: &Index, model: &Model) -> Scorer {
    let rules = &context.rules.rules.matching;
    let review = weight_of(*rules.thresholds.review.get_ref());
    Scorer {
        comparators: plan.comparators.clone(),
        adjustments: train::adjustments(plan, index, model),
        floor: weight_of(COUNTED_PROBABILITY).min(review),
        review,
        merge: model.merge_weight(&rules.thresholds).unwrap_or(f64::INFINITY),
        never_same: rules.never.iter().map(|r| r.same.is_some()).collect(),
        always_same: rules.always.iter().map(|r| r.same.is_some()).collect(),
        contradictions: rules.contradictions(),
        weights: Weights::new(model),
    }
}

/// Weighs the spooled pairs; writes `pairs` and `scores`. Ranges are weighed in parallel and written in order.
async fn score(
    context: &Context,
    plan: &Plan,
    index: &Arc<Index>,
    spool: &Arc<Spool>,
    scorer: &Arc<Scorer>,
) -> Result<(String, u64)> {
    let names: Arc<Vec<String>> = Arc::new(plan.rules.iter().map(|r| r.name.clone()).collect());
    let table = context.store.begin(tables::PAIRS, tables::pairs())?;
    let mut writer = table.sequence();
    let mut histogram: BTreeMap<i64, u64> = BTreeMap::new();
    let mut ranges = futures::stream::iter(0..spool.ranges())
        .map(|range| {
            let (index, spool, scorer, names) = (index.clone(), spool.clone(), scorer.clone(), names.clone());
            super::parts::blocking(move || compare::score(&index, &scorer, &spool.take(range)?, &names))
        })
        .buffered(context.options.limits.threads);
    while let Some(scored) = ranges.try_next().await? {
        for (bin, pairs) in scored.histogram {
            *histogram.entry(bin).or_default() += pairs;
        }
        scored.pairs.iter().try_for_each(|batch| writer.write(batch))?;
    }
    drop(ranges);
    writer.finish()?;
    write_scores(context, &histogram)?;
    Ok((tables::PAIRS.into(), table.finish()?))
}

fn write_scores(context: &Context, histogram: &BTreeMap<i64, u64>) -> Result<()> {
    let table = context.store.begin(tables::SCORES, tables::scores())?;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(histogram.keys().copied())),
        Arc::new(Int64Array::from_iter_values(histogram.values().map(|n| n.cast_signed()))),
    ];
    write_one(table, RecordBatch::try_new(tables::scores(), columns)?).map(|_| ())
}

fn write_blocks(context: &Context, plan: &Plan, blocks: &[Blocks], pairs: &[u64]) -> Result<u64> {
    let table = context.store.begin(tables::BLOCKS, tables::blocks())?;
    let number = |value: fn(&Blocks) -> u64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(blocks.iter().map(|b| value(b).cast_signed())))
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(plan.rules.iter().map(|r| &r.name))),
        number(|b| b.blocks),
        number(|b| b.largest),
        Arc::new(Int64Array::from_iter_values(pairs.iter().map(|n| n.cast_signed()))),
        number(|b| b.split_blocks),
        number(|b| b.skipped_blocks),
        number(|b| b.skipped_pairs),
    ];
    write_one(table, RecordBatch::try_new(tables::blocks(), columns)?)
}

fn write_one(table: crate::store::TableWriter, batch: RecordBatch) -> Result<u64> {
    let mut part = table.part(0)?;
    part.write(&batch)?;
    part.finish()?;
    table.finish()
}
