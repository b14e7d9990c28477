//! `zlato evaluate` without a truth file: what stewards' judgements and the model say of the thresholds. Enter: the
//! judgements of the output folder, the run's scores and model. Leave: estimated precision and recall with intervals.
//! Never here: judging, changing a threshold.

use super::{Inspection, integer};
use crate::error::Result;
use crate::judgements;
use crate::stages::dedupe::compare::Comparer;
use crate::stages::dedupe::features::row_hash;
use crate::stages::dedupe::index::integers;
use crate::stages::dedupe::{code, scorer};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use zlato_core::judgement::{RecordName, Verdict};
use zlato_core::matching::estimate::{Estimated, Judged, estimate};

/// Bits between the points of the curve, and where it ends.
const STEP: f64 = 1.0;
const LOWEST: f64 = -4.0;
const HIGHEST: f64 = 24.0;

/// How good the thresholds of a run seem to be.
#[derive(Debug, Clone, Serialize)]
pub struct Estimation {
    pub run: String,
    pub judgements: Account,
    /// The thresholds of the rules.
    pub thresholds: Vec<Named>,
    /// A threshold every bit; pairs before clustering.
    pub curve: Vec<Estimated>,
    /// The lowest threshold of the curve with the precision that was asked for.
    pub wanted: Option<Estimated>,
}

/// What became of the judgements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    pub same: u64,
    pub different: u64,
    /// Judgements that name a record which the run does not have.
    pub unknown: u64,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub struct Named {
    pub name: &'static str,
    #[serde(flatten)]
    pub estimated: Estimated,
}

/// Estimates the thresholds of a run from all judgements there are by now.
pub async fn estimate_run(inspection: &Inspection, precision: Option<f64>) -> Result<Estimation> {
    let context = &inspection.context;
    let index = code(context, &inspection.plan, 1).await?;
    let scorer = scorer(context, &inspection.plan, &index, &inspection.model);
    let judgements = judgements::read(&context.options.out)?;
    let wanted: std::collections::BTreeSet<i64> =
        judgements.iter().flat_map(|j| [hash(&j.left), hash(&j.right)]).collect();
    let rows: HashMap<i64, u32> = (0u32..)
        .zip(integers(&context.store, "row_hash")?)
        .filter_map(|(row, hash)| hash.filter(|h| wanted.contains(h)).map(|hash| (hash, row)))
        .collect();
    let mut account = Account::default();
    let mut judged = Vec::new();
    let mut comparer = Comparer::new(inspection.plan.comparators.clone());
    for judgement in &judgements {
        let row = |name: &RecordName| rows.get(&hash(name)).copied();
        let Some((left, right)) = row(&judgement.left).zip(row(&judgement.right)) else {
            account.unknown += 1;
            continue;
        };
        let same = judgement.verdict == Verdict::Same;
        account.same += u64::from(same);
        account.different += u64::from(!same);
        // A pair that contradicts itself is no candidate for a merge, whatever it weighs.
        judged.extend(scorer.weight(&index, &mut comparer, left, right)?.map(|weight| Judged { weight, same }));
    }
    let mut pairs: BTreeMap<i64, u64> = BTreeMap::new();
    for batch in inspection.query("SELECT weight, pairs FROM scores ORDER BY weight").await? {
        for row in 0..batch.num_rows() {
            let bin = integer(&batch, "weight", row).zip(integer(&batch, "pairs", row));
            pairs.extend(bin.and_then(|(bit, n)| Some((bit, u64::try_from(n).ok()?))));
        }
    }
    let steps = ((HIGHEST - LOWEST) / STEP) as u32;
    let curve: Vec<f64> = (0..=steps).map(|i| LOWEST + f64::from(i) * STEP).collect();
    let curve = estimate(&pairs, &judged, &curve);
    let named = [("review", scorer.review), ("merge", scorer.merge)];
    let thresholds = estimate(&pairs, &judged, &named.map(|(_, weight)| weight));
    let reaches = |e: &&Estimated| e.precision.zip(precision).is_some_and(|(found, wanted)| found.value >= wanted);
    Ok(Estimation {
        run: context.manifest.run.clone(),
        judgements: account,
        thresholds: named.iter().zip(thresholds).map(|((name, _), estimated)| Named { name, estimated }).collect(),
        wanted: curve.iter().find(reaches).copied(),
        curve,
    })
}

fn hash(name: &RecordName) -> i64 {
    row_hash(&name.source, &name.source_key)
}
