//! Counts for training: comparison vectors per blocking rule, of random pairs, and value frequencies.
//! Leaves the model that zlato-core estimates from them. Nothing here depends on the order of rows.

use super::compare::{Comparer, Counts, Seen};
use super::index::{Index, integers};
use super::{Plan, all_blocking};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::match_view::{self, ADDRESS_COLUMNS};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use zlato_core::matching::em::{self, EmComparison, EmInput, Relatives, RuleCounts};
use zlato_core::matching::model::{Model, Weights, tf_adjustment};
use zlato_core::matching::vector::Vector;
use zlato_core::rules::matching::Comparison;
use zlato_core::rules::sources::FieldKind;

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

/// Trains a model on what was counted.
pub fn train(context: &Context, input: &EmInput) -> Learnt {
    let (model, training) = em::train(input, &context.rules.rules.matching.training);
    Learnt { report: Report::new(&model, input, training), model }
}

/// Everything that training looks at. `seen`: per blocking rule the vectors of its pairs.
pub async fn input(context: &Context, plan: &Plan, index: &Arc<Index>, seen: Vec<Seen>) -> Result<EmInput> {
    let mut input = EmInput { records: index.rows() as u64, ..EmInput::default() };
    let relatives = relatives(context);
    for (place, (comparator, counts)) in plan.comparators.iter().zip(&index.counts).enumerate() {
        let labels = comparator.level_labels();
        input.comparisons.push(EmComparison {
            name: comparator.name().into(),
            labels: labels.into_iter().skip(1).collect(),
            term_frequency: comparator.term_frequency(),
            exact_u: exact_u(counts),
            equal_level: comparator.equal_level(),
            relatives: relatives.get(place).copied().unwrap_or_default(),
        });
    }
    input.random = random_pairs(context, plan, index).await?;

    let conditioned = conditioned(context)?;
    for (number, (rule, seen)) in plan.rules.iter().zip(seen).enumerate() {
        let every = index.rules.get(number).map_or(1, |r| r.every);
        input.rules.push(RuleCounts {
            name: rule.name.clone(),
            counts: seen.all.into_iter().map(|(v, n)| (Vector(v), n)).collect(),
            conditioned: conditioned.get(number).cloned().unwrap_or_default(),
        });
        for (vector, n) in seen.first {
            *input.distinct.entry(Vector(vector)).or_default() += n * every;
        }
    }
    Ok(input)
}

/// Adds counts of vectors.
pub fn add(total: &mut Counts, more: Counts) {
    if total.is_empty() {
        *total = more;
        return;
    }
    for (vector, n) in more {
        *total.entry(vector).or_default() += n;
    }
}

/// Probability that two random records agree on the value of a comparison, from value frequencies.
fn exact_u(counts: &[u32]) -> Option<f64> {
    let n: u64 = counts.iter().map(|n| u64::from(*n)).sum();
    let agreeing: u64 = counts.iter().map(|n| u64::from(*n) * u64::from(n.saturating_sub(1))).sum();
    (n > 1).then(|| agreeing as f64 / (n as f64 * (n as f64 - 1.0)))
}

/// Vectors of all pairs among a sample of records, chosen by a hash of their keys.
async fn random_pairs(context: &Context, plan: &Plan, index: &Arc<Index>) -> Result<BTreeMap<Vector, u64>> {
    let settings = &context.rules.rules.matching.training;
    let hashes = integers(&context.store, "row_hash")?;
    let mut sample: Vec<(Option<i64>, u32)> = hashes.into_iter().zip(0..).collect();
    let size = settings.u_sample_records.min(sample.len());
    if size < sample.len() {
        sample.select_nth_unstable(size);
        sample.truncate(size);
    }
    sample.sort_unstable();
    let sample: Arc<Vec<u32>> = Arc::new(sample.into_iter().map(|(_, row)| row).collect());
    let threads = context.options.limits.threads.max(1);
    let workers = (0..threads).map(|thread| {
        let (sample, index, comparators) = (sample.clone(), index.clone(), plan.comparators.clone());
        super::super::parts::blocking(move || {
            let mut comparer = Comparer::new(comparators);
            let mut counts = Counts::default();
            for (place, left) in sample.iter().enumerate().skip(thread).step_by(threads) {
                for right in sample.get(place + 1..).unwrap_or(&[]) {
                    let vector = comparer.vector(&index, index.row(*left), index.row(*right))?;
                    *counts.entry(vector.0).or_default() += 1;
                }
            }
            Ok(counts)
        })
    });
    let mut total = BTreeMap::new();
    for (vector, n) in futures::future::try_join_all(workers).await?.into_iter().flatten() {
        *total.entry(Vector(vector)).or_default() += n;
    }
    Ok(total)
}

/// For each blocking rule and comparison: whether the key implies agreement, because both speak of
/// the same field.
fn conditioned(context: &Context) -> Result<Vec<Vec<bool>>> {
    let rules = &context.rules.rules;
    let fields = spoken_of(context);
    let comparisons: Vec<BTreeSet<String>> = rules.matching.comparison.iter().map(|c| fields(c.on.get_ref())).collect();
    Ok(all_blocking(&rules.matching)
        .iter()
        .map(|rule| {
            let key = fields(&rule.key);
            comparisons.iter().map(|c| !c.is_disjoint(&key)).collect()
        })
        .collect())
}

/// The fields that an expression speaks of.
fn spoken_of(context: &Context) -> impl Fn(&str) -> BTreeSet<String> {
    let view = match_view::match_view(&context.rules.rules.mapped_fields());
    let columns: Vec<String> = view.fields().iter().map(|f| f.name().clone()).collect();
    move |sql: &str| {
        let words = sql.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.filter(|w| columns.iter().any(|c| c == w)).flat_map(bases).collect()
    }
}

/// What the two of a household have in common of each comparison: what a comparison says, or else the fields that it
/// speaks of. Given name, birth date and national id are a person's own; the rest, such as an address, may be shared.
fn relatives(context: &Context) -> Vec<Relatives> {
    let rules = &context.rules.rules;
    let ids: BTreeSet<String> =
        rules.mapped_fields().into_iter().filter(|(_, k)| *k == FieldKind::NationalId).map(|(f, _)| f).collect();
    let fields = spoken_of(context);
    let of = |comparison: &Comparison| {
        let fields = fields(comparison.on.get_ref());
        let speaks_of = |field: &str| fields.contains(field);
        let own = comparison
            .personal
            .unwrap_or_else(|| speaks_of("given_name") || speaks_of("birth_date") || !fields.is_disjoint(&ids));
        match (own, speaks_of("birth_date")) {
            (false, _) => Relatives::Learnt,
            (true, true) => Relatives::LikeTwins,
            (true, false) => Relatives::LikeStrangers,
        }
    };
    rules.matching.comparison.iter().map(of).collect()
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

/// Per comparison that adjusts for frequencies: the adjustment for agreeing on each code.
pub fn adjustments(plan: &Plan, index: &Index, model: &Model) -> Vec<Vec<f64>> {
    let each = plan.comparators.iter().zip(&index.counts).enumerate();
    each.map(|(place, (comparator, counts))| {
        if !comparator.term_frequency() {
            return vec![];
        }
        let level = usize::from(comparator.equal_level()).saturating_sub(1);
        let u = model.comparisons.get(place).and_then(|c| c.levels.get(level)).map_or(1.0, |l| l.u);
        let total: u64 = counts.iter().map(|n| u64::from(*n)).sum();
        counts.iter().map(|n| tf_adjustment(u, term_frequency(u64::from(*n), total))).collect()
    })
    .collect()
}

/// Frequency that counts for a value which `having` of `all` records have. Rare values are held together.
pub fn term_frequency(having: u64, all: u64) -> f64 {
    let least = (all / 100_000).max(2);
    having.max(least) as f64 / all.max(1) as f64
}
