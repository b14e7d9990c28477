//! Stage dedupe. Enter: `contacts` and `addresses`. Leave: `contact_profiles`, `features`, `pairs` (with match weight and
//! band), `blocks`, `scores`, `clusters`, `review`, and the model the pairs were weighed with.
//! Never here: comparing values or estimating probabilities; that is zlato-core's matching.

mod cluster;
pub(crate) mod compare;
mod drift;
pub(crate) mod features;
mod hygiene;
pub(crate) mod scan;
pub(crate) mod train;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::{Outcome, Stage};
use crate::{files, tables};
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use compare::{ScoreVisitor, Scorer};
use futures::TryStreamExt;
use scan::{Oversize, Rule, Sample, Scan, ScanCount, scan};
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

impl Plan {
    pub fn scan(&self, rule: usize, oversize: &[Oversize], sample: Sample) -> Scan {
        Scan {
            rules: self.rules.clone(),
            rule,
            comparisons: self.comparators.len(),
            oversize: Arc::new(oversize.to_vec()),
            sample,
        }
    }
}

pub async fn run(context: &Context) -> Result<Outcome> {
    let plan = Plan::new(&context.rules.rules.matching);
    let mut outcome = Outcome::default();
    outcome.tables.extend(write_features(context).await?);
    let model = match &context.rules.model {
        Some(model) => {
            outcome.warnings.extend(drift::warning(context, &plan, model).await?);
            model.clone()
        }
        None => {
            let learnt = train::train(context, &plan).await?;
            outcome.warnings.extend(learnt.report.warnings());
            learnt.write_report(context)?;
            learnt.model
        }
    };
    files::replace(&context.folder().join("model.toml"), model.to_toml().as_bytes())?;

    let (pairs, counts) = score(context, &plan, &model).await?;
    outcome.rows = counts.iter().map(|(_, c)| c.pairs).sum();
    outcome.tables.push((tables::PAIRS.into(), pairs));
    for (rule, count) in counts.iter().filter(|(_, c)| c.skipped_blocks > 0) {
        outcome.warnings.push(format!(
            "blocking rule `{rule}`: {} blocks over the limit, {} pairs were not compared; see the table blocks",
            count.skipped_blocks, count.skipped_pairs
        ));
    }
    outcome.tables.push((tables::BLOCKS.into(), write_blocks(context, &counts)?));
    outcome.tables.extend(cluster::write(context).await?);
    Ok(outcome)
}

async fn write_features(context: &Context) -> Result<[(String, u64); 2]> {
    let (profiles, unusable) = hygiene::write(context).await?;
    let rows = features::write(context, unusable).await?;
    context.session.register(&context.store, tables::FEATURES, tables::FEATURES).await?;
    Ok([(tables::CONTACT_PROFILES.into(), profiles), (tables::FEATURES.into(), rows)])
}

/// The training half of the stage: what `zlato train` learns from `contacts` and `addresses`.
pub async fn learn(context: &Context) -> Result<train::Learnt> {
    write_features(context).await?;
    train::train(context, &Plan::new(&context.rules.rules.matching)).await
}

/// What weighs the pairs of a run with its model.
pub(crate) async fn scorer(context: &Context, plan: &Plan, model: &Model) -> Result<Scorer> {
    let rules = &context.rules.rules.matching;
    let weights = Weights::new(model);
    let review = weight_of(*rules.thresholds.review.get_ref());
    let equal_u = plan.comparators.iter().zip(&model.comparisons).map(|(comparator, trained)| {
        let level = usize::from(comparator.equal_level()).saturating_sub(1);
        trained.levels.get(level).map_or(1.0, |l| l.u)
    });
    Ok(Scorer {
        comparators: plan.comparators.clone(),
        equal_u: equal_u.collect(),
        frequencies: train::frequencies(context, plan).await?,
        floor: weight_of(COUNTED_PROBABILITY).min(review),
        review,
        merge: weight_of(*rules.thresholds.merge.get_ref()),
        never_same: rules.never.iter().map(|r| r.same.is_some()).collect(),
        always_same: rules.always.iter().map(|r| r.same.is_some()).collect(),
        weights,
    })
}

/// Weighs every candidate pair; writes `pairs` and `scores`.
async fn score(context: &Context, plan: &Plan, model: &Model) -> Result<(u64, Vec<(String, ScanCount)>)> {
    let scorer = Arc::new(scorer(context, plan, model).await?);
    let mut expected = 0;
    for (number, rule) in plan.rules.iter().enumerate() {
        expected += block_pairs(context, number, rule.max_block).await?;
    }
    context.progress.expects(Stage::Dedupe, expected);
    let unsorted_name = "pairs_unsorted";
    let unsorted = context.store.begin(unsorted_name, tables::pairs())?;
    let mut histogram: BTreeMap<i64, u64> = BTreeMap::new();
    let mut counts = Vec::new();
    let mut oversize = Vec::new();
    {
        let mut writer = unsorted.sequence();
        for (number, rule) in plan.rules.iter().enumerate() {
            let visitor = || ScoreVisitor::new(scorer.clone(), &rule.name);
            let count = scan(context, plan.scan(number, &oversize, Sample::ALL), visitor, |(batch, bins)| {
                for (bin, pairs) in bins {
                    *histogram.entry(bin).or_default() += pairs;
                }
                writer.write(&batch)
            })
            .await?;
            oversize.push(count.oversize.clone());
            counts.push((rule.name.clone(), count));
        }
        writer.finish()?;
    }
    unsorted.finish()?;
    context.session.register(&context.store, unsorted_name, unsorted_name).await?;
    let sorted = context.store.begin(tables::PAIRS, tables::pairs())?;
    let mut writer = sorted.sequence();
    let query = format!("SELECT * FROM {unsorted_name} ORDER BY record_id_l, record_id_r");
    let mut stream = context.session.sql(&query).await?.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        writer.write(&batch)?;
    }
    writer.finish()?;
    let rows = sorted.finish()?;
    let _ = context.session.context().deregister_table(unsorted_name)?;
    files::remove_dir_if_present(&context.store.path(unsorted_name))?;
    write_scores(context, &histogram)?;
    Ok((rows, counts))
}

fn write_scores(context: &Context, histogram: &BTreeMap<i64, u64>) -> Result<()> {
    let table = context.store.begin(tables::SCORES, tables::scores())?;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(histogram.keys().copied())),
        Arc::new(Int64Array::from_iter_values(histogram.values().map(|n| n.cast_signed()))),
    ];
    write_one(table, RecordBatch::try_new(tables::scores(), columns)?).map(|_| ())
}

fn write_blocks(context: &Context, counts: &[(String, ScanCount)]) -> Result<u64> {
    let table = context.store.begin(tables::BLOCKS, tables::blocks())?;
    let number = |value: fn(&ScanCount) -> u64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(counts.iter().map(|(_, c)| value(c).cast_signed())))
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(counts.iter().map(|(name, _)| name))),
        number(|c| c.blocks),
        number(|c| c.largest),
        number(|c| c.pairs),
        number(|c| c.split_blocks),
        number(|c| c.skipped_blocks),
        number(|c| c.skipped_pairs),
    ];
    write_one(table, RecordBatch::try_new(tables::blocks(), columns)?)
}

fn write_one(table: crate::store::TableWriter, batch: RecordBatch) -> Result<u64> {
    let mut part = table.part(0)?;
    part.write(&batch)?;
    part.finish()?;
    table.finish()
}

/// Pairs within the blocks of a rule, blocks over the limit counted as if they were at it.
async fn block_pairs(context: &Context, rule: usize, max_block: usize) -> Result<u64> {
    let sizes = format!(
        "SELECT least(count(*), {max_block}) AS n FROM features WHERE k{rule} IS NOT NULL GROUP BY k{rule} HAVING count(*) > 1"
    );
    one_integer(context, &format!("SELECT sum(n * (n - 1) / 2) FROM ({sizes})")).await
}

/// First value of a query's only row, as an integer; 0 for null.
pub(crate) async fn one_integer(context: &Context, sql: &str) -> Result<u64> {
    let batches = context.session.sql(sql).await?.collect().await?;
    let batch = batches.iter().find(|b| b.num_rows() > 0);
    let Some(batch) = batch else { return Ok(0) };
    let numbers = arrow::compute::cast(batch.column(0), &arrow::datatypes::DataType::Int64)?;
    let value = arrow::array::AsArray::as_primitive::<arrow::datatypes::Int64Type>(&numbers).iter().next().flatten();
    u64::try_from(value.unwrap_or(0)).map_err(|_| Error::Internal("a negative count".into()))
}
