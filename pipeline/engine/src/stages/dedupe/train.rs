//! Counts for training: comparison vectors per blocking rule, of random pairs, and value frequencies.
//! Leaves the model that zlato-core estimates from them. Nothing here depends on the order of rows.

use super::super::columns::value;
use super::compare::{CountVisitor, Counts};
use super::scan::{Sample, scan};
use super::{Plan, all_blocking, block_pairs, one_integer};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::match_view::{self, ADDRESS_COLUMNS};
use crate::tables;
use arrow::array::{AsArray, StringArray};
use arrow::datatypes::Int64Type;
use futures::TryStreamExt;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use zlato_core::matching::em::{self, EmComparison, EmInput, RuleCounts};
use zlato_core::matching::model::{Model, Weights};
use zlato_core::matching::vector::Vector;

/// A model with what a rule author wants to know about its training.
pub struct Learnt {
    pub model: Model,
    pub report: Report,
}

impl Learnt {
    /// Writes `training.json` into the run's folder.
    pub fn write_report(&self, context: &Context) -> Result<()> {
        let text = serde_json::to_vec_pretty(&self.report).map_err(|e| Error::Internal(e.to_string()))?;
        crate::files::replace(&context.folder().join("training.json"), &text)
    }
}

/// How training went: the text of `training.json`.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    #[serde(flatten)]
    pub training: em::Training,
    pub prior: f64,
    pub records: u64,
    pub random_pairs: u64,
    pub blocking: Vec<RuleReport>,
    pub comparisons: Vec<ComparisonReport>,
}

/// What one blocking rule gave to training.
#[derive(Debug, Clone, Serialize)]
pub struct RuleReport {
    pub rule: String,
    /// Pairs counted: all, or those of a sample of blocks.
    pub pairs: u64,
    /// Expected share of matches among them.
    pub match_share: f64,
    /// Comparisons that its key implies, which its pairs cannot teach.
    pub implied: Vec<String>,
}

/// Levels of a comparison, best first.
#[derive(Debug, Clone, Serialize)]
pub struct ComparisonReport {
    pub comparison: String,
    pub levels: Vec<LevelReport>,
}

#[derive(Debug, Clone, Serialize)]
pub struct LevelReport {
    pub level: String,
    pub m: f64,
    pub u: f64,
    /// log2(m / u), bits.
    pub weight: f64,
    /// Random pairs that showed the level, matches among them included.
    pub random_pairs: u64,
}

impl Report {
    fn new(model: &Model, input: &EmInput, training: em::Training) -> Self {
        let weights = Weights::new(model);
        let names = |implied: &[bool]| {
            let named = implied.iter().zip(&input.comparisons).filter(|(yes, _)| **yes);
            named.map(|(_, c)| c.name.clone()).collect()
        };
        let blocking = input.rules.iter().zip(&training.match_shares).map(|(rule, (_, share))| RuleReport {
            rule: rule.name.clone(),
            pairs: rule.counts.values().sum(),
            match_share: *share,
            implied: names(&rule.conditioned),
        });
        let comparisons = model.comparisons.iter().enumerate().map(|(c, comparison)| ComparisonReport {
            comparison: comparison.name.clone(),
            levels: (comparison.levels.iter().zip(1u8..))
                .map(|(level, number)| LevelReport {
                    level: level.label.clone(),
                    m: level.m,
                    u: level.u,
                    weight: weights.weight(c, number),
                    random_pairs: input.random.iter().filter(|(v, _)| v.level(c) == number).map(|(_, n)| n).sum(),
                })
                .collect(),
        });
        Self {
            prior: model.prior,
            records: input.records,
            random_pairs: input.random.values().sum(),
            blocking: blocking.collect(),
            comparisons: comparisons.collect(),
            training,
        }
    }

    /// What an operator should know, one line each.
    pub fn warnings(&self) -> Vec<String> {
        let training = &self.training;
        let mut warnings = Vec::new();
        if !training.converged {
            warnings.push(format!("training did not converge in {} iterations", training.iterations));
        }
        if !training.learned_m {
            warnings.push("training found too few matches to learn from: starting values are used".into());
        }
        for name in &training.untrained {
            warnings.push(format!("comparison `{name}` could not be trained: every blocking rule implies it"));
        }
        warnings
    }
}

/// Trains a model on the records of this run.
pub async fn train(context: &Context, plan: &Plan) -> Result<Learnt> {
    let settings = &context.rules.rules.matching.training;
    let input = count(context, plan, settings.max_pairs_per_rule).await?;
    let (model, training) = em::train(&input, settings);
    Ok(Learnt { report: Report::new(&model, &input, training), model })
}

/// Everything that training looks at, from at most about `most` pairs of each blocking rule.
pub async fn count(context: &Context, plan: &Plan, most: u64) -> Result<EmInput> {
    let rules = &context.rules.rules.matching;
    let settings = &rules.training;
    let mut input = EmInput { records: context.manifest.table_rows(tables::CONTACTS), ..EmInput::default() };
    for (place, comparator) in plan.comparators.iter().enumerate() {
        let labels = comparator.level_labels();
        input.comparisons.push(EmComparison {
            name: comparator.name().into(),
            labels: labels.into_iter().skip(1).collect(),
            term_frequency: comparator.term_frequency(),
            exact_u: exact_u(context, place).await?,
            equal_level: comparator.equal_level(),
        });
    }
    input.random = random_pairs(context, plan).await?;

    let mut oversize = Vec::new();
    let conditioned = conditioned(context)?;
    for (number, rule) in plan.rules.iter().enumerate() {
        let pairs = block_pairs(context, number, rule.max_block).await?;
        let every = pairs.div_ceil(most.max(1)).max(1);
        let (mut all, mut first) = (Counts::new(), Counts::new());
        let count = scan(
            context,
            plan.scan(number, &oversize, Sample { every, seed: settings.seed }),
            || CountVisitor::new(plan.comparators.clone()),
            |(these_all, these_first)| {
                add(&mut all, these_all);
                add(&mut first, these_first);
                Ok(())
            },
        )
        .await?;
        oversize.push(count.oversize);
        input.rules.push(RuleCounts {
            name: rule.name.clone(),
            counts: all.into_iter().map(|(v, n)| (Vector(v), n)).collect(),
            conditioned: conditioned.get(number).cloned().unwrap_or_default(),
        });
        for (vector, n) in first {
            *input.distinct.entry(Vector(vector)).or_default() += n * every;
        }
    }
    Ok(input)
}

fn add(total: &mut Counts, more: Counts) {
    for (vector, n) in more {
        *total.entry(vector).or_default() += n;
    }
}

/// Probability that two random records agree on the value of a comparison, from value frequencies.
async fn exact_u(context: &Context, place: usize) -> Result<Option<f64>> {
    let grouped = format!("(SELECT count(*) AS n FROM features WHERE c{place} IS NOT NULL GROUP BY c{place})");
    let agreeing = one_integer(context, &format!("SELECT sum(n * (n - 1)) FROM {grouped}")).await?;
    let n = one_integer(context, &format!("SELECT sum(n) FROM {grouped}")).await?;
    Ok((n > 1).then(|| agreeing as f64 / (n as f64 * (n as f64 - 1.0))))
}

/// Vectors of all pairs among a sample of records, chosen by a hash of their keys.
async fn random_pairs(context: &Context, plan: &Plan) -> Result<BTreeMap<Vector, u64>> {
    let settings = &context.rules.rules.matching.training;
    let sql = format!("SELECT * FROM features ORDER BY row_hash, record_id LIMIT {}", settings.u_sample_records);
    let batches = context.session.sql(&sql).await?.collect().await?;
    let Some(first) = batches.first() else { return Ok(BTreeMap::new()) };
    let batch = arrow::compute::concat_batches(&first.schema(), &batches)?;
    let comparators = plan.comparators.clone();
    super::super::parts::blocking(move || {
        let columns = |prefix: &str| -> Vec<Option<StringArray>> {
            let named =
                |i| batch.column_by_name(&format!("{prefix}{i}")).and_then(|c| c.as_string_opt::<i32>()).cloned();
            (0..comparators.len()).map(named).collect()
        };
        let (values, with) = (columns("c"), columns("w"));
        let text = |columns: &'_ [Option<StringArray>], i: usize, row: usize| -> Option<String> {
            value(columns.get(i)?.as_ref(), row).map(String::from)
        };
        let mut counts = Counts::new();
        for left in 0..batch.num_rows() {
            let lefts: Vec<_> =
                (0..comparators.len()).map(|i| (text(&values, i, left), text(&with, i, left))).collect();
            let prepared: Vec<_> =
                comparators.iter().zip(&lefts).map(|(c, (v, w))| c.prepare(v.as_deref(), w.as_deref())).collect();
            for right in left + 1..batch.num_rows() {
                let mut vector = Vector(0);
                for (i, ((prepared, column), second)) in prepared.iter().zip(&values).zip(&with).enumerate() {
                    vector =
                        vector.with(i, prepared.level(value(column.as_ref(), right), value(second.as_ref(), right)));
                }
                *counts.entry(vector.0).or_default() += 1;
            }
        }
        Ok(counts.into_iter().map(|(v, n)| (Vector(v), n)).collect())
    })
    .await
}

/// For each blocking rule and comparison: whether the key implies agreement, because both speak of
/// the same field.
fn conditioned(context: &Context) -> Result<Vec<Vec<bool>>> {
    let rules = &context.rules.rules;
    let view = match_view::match_view(&rules.mapped_fields());
    let columns: Vec<&str> = view.fields().iter().map(|f| f.name().as_str()).collect();
    let fields = |sql: &str| -> BTreeSet<String> {
        sql.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| columns.contains(w)).flat_map(bases).collect()
    };
    let comparisons: Vec<BTreeSet<String>> = rules.matching.comparison.iter().map(|c| fields(c.on.get_ref())).collect();
    Ok(all_blocking(&rules.matching)
        .iter()
        .map(|rule| {
            let key = fields(&rule.key);
            comparisons.iter().map(|c| !c.is_disjoint(&key)).collect()
        })
        .collect())
}

/// The fields a column of the match view speaks of: `family_name_root` of `family_name`,
/// `address_key` of street, number and postal code.
fn bases(column: &str) -> Vec<String> {
    match column {
        "address" | "address_key" => {
            ["street", "house_number", "unit", "postal_code", "locality", "address"].map(String::from).to_vec()
        }
        "national_id_birth_date" => vec!["birth_date".into(), "national_id".into()],
        _ => {
            let mut base = column;
            for suffix in ["_key", "_root", "_phonetic", "_domain"] {
                base = base.strip_suffix(suffix).unwrap_or(base);
            }
            debug_assert!(!base.is_empty() || ADDRESS_COLUMNS.contains(&column));
            vec![base.to_string()]
        }
    }
}

/// Relative frequencies of the values of comparisons that adjust for them. Values too rare to be told
/// from one another are held together: the second number is the frequency assumed for each of them.
pub async fn frequencies(context: &Context, plan: &Plan) -> Result<Vec<Option<(HashMap<String, f64>, f64)>>> {
    let mut all = Vec::with_capacity(plan.comparators.len());
    for (place, comparator) in plan.comparators.iter().enumerate() {
        if !comparator.term_frequency() {
            all.push(None);
            continue;
        }
        let total = one_integer(context, &format!("SELECT count(c{place}) FROM features")).await?;
        let least = (total / 100_000).max(2);
        let sql = format!(
            "SELECT c{place} AS value, count(*) AS n FROM features WHERE c{place} IS NOT NULL GROUP BY c{place} HAVING count(*) > {least}"
        );
        let mut frequent = HashMap::new();
        let mut stream = context.session.sql(&sql).await?.execute_stream().await?;
        while let Some(batch) = stream.try_next().await? {
            let values = batch.column(0).as_string::<i32>();
            let counts = batch.column(1).as_primitive::<Int64Type>();
            for (value, n) in values.iter().zip(counts.iter()) {
                if let (Some(value), Some(n)) = (value, n) {
                    frequent.insert(value.to_string(), n as f64 / total as f64);
                }
            }
        }
        all.push(Some((frequent, least as f64 / total.max(1) as f64)));
    }
    Ok(all)
}
