//! Counts for training: comparison vectors per blocking rule, of random pairs, and value frequencies.
//! Leaves the model that zlato-core estimates from them. Nothing here depends on the order of rows.

use super::compare::{Comparer, Counts, Seen};
use super::index::{Index, integers};
use super::{Plan, all_blocking};
use crate::context::Context;
use crate::error::Result;
use crate::match_view::{self, ADDRESS_COLUMNS};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use zlato_core::matching::em::{self, EmComparison, EmInput, RuleCounts};
use zlato_core::matching::model::{Model, tf_adjustment};
use zlato_core::matching::vector::Vector;

/// Trains a model on the records of this run. `seen`: per blocking rule the vectors of its pairs.
pub async fn train(
    context: &Context,
    plan: &Plan,
    index: &Arc<Index>,
    seen: Vec<Seen>,
    warnings: &mut Vec<String>,
) -> Result<Model> {
    let settings = &context.rules.rules.matching.training;
    let mut input = EmInput { records: index.rows() as u64, ..EmInput::default() };
    for (comparator, counts) in plan.comparators.iter().zip(&index.counts) {
        let labels = comparator.level_labels();
        input.comparisons.push(EmComparison {
            name: comparator.name().into(),
            labels: labels.into_iter().skip(1).collect(),
            term_frequency: comparator.term_frequency(),
            exact_u: exact_u(counts),
            equal_level: comparator.equal_level(),
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
    let (model, training) = em::train(&input, settings);
    if !training.converged {
        warnings.push(format!("training did not converge in {} iterations", training.iterations));
    }
    if !training.learned_m {
        warnings.push("training found too few matches to learn from: starting values are used".into());
    }
    for name in &training.untrained {
        warnings.push(format!("comparison `{name}` could not be trained: every blocking rule implies it"));
    }
    let text = serde_json::to_vec_pretty(&training).map_err(|e| crate::error::Error::Internal(e.to_string()))?;
    crate::files::replace(&context.folder().join("training.json"), &text)?;
    Ok(model)
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

/// Per comparison that adjusts for frequencies: the adjustment for agreeing on each code. Values too rare to be told
/// from one another are held together at the frequency of the most frequent of them.
pub fn adjustments(plan: &Plan, index: &Index, model: &Model) -> Vec<Vec<f64>> {
    let each = plan.comparators.iter().zip(&index.counts).enumerate();
    each.map(|(place, (comparator, counts))| {
        if !comparator.term_frequency() {
            return vec![];
        }
        let level = usize::from(comparator.equal_level()).saturating_sub(1);
        let u = model.comparisons.get(place).and_then(|c| c.levels.get(level)).map_or(1.0, |l| l.u);
        let total: u64 = counts.iter().map(|n| u64::from(*n)).sum();
        let least = (total / 100_000).max(2);
        let rare = tf_adjustment(u, least as f64 / total.max(1) as f64);
        let of = |n: &u32| {
            if u64::from(*n) > least { tf_adjustment(u, f64::from(*n) / total as f64) } else { rare }
        };
        counts.iter().map(of).collect()
    })
    .collect()
}
