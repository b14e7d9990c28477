//! Households without a person. Enters: a part of the table, and the golden ids that go. Leaves: the part with the heads
//! counted again; a household of one is none. A household speaks of others too, so its rows stay.

use crate::error::{Error, Result};
use crate::person::integers;
use crate::stages::columns::{text_column, value};
use crate::store::{Store, read_some, rewrite_part};
use crate::tables;
use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow::compute::filter_record_batch;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// Who is left of a household, each with the group of age.
type Rest = BTreeMap<String, Option<String>>;

/// The households that lose somebody, with who is left, over all parts of the table.
fn touched(store: &Store, gone: &BTreeSet<String>) -> Result<BTreeMap<String, Rest>> {
    let mut touched: BTreeSet<String> = BTreeSet::new();
    let mut left: BTreeMap<String, Rest> = BTreeMap::new();
    for part in store.parts(tables::HOUSEHOLDS)? {
        for batch in read_some(&part, |_| true)? {
            let batch = batch?;
            let [household, golden, age] =
                ["household_id", "golden_id", "age_group"].map(|name| text_column(&batch, name));
            for row in 0..batch.num_rows() {
                let (Some(home), Some(person)) = (value(household, row), value(golden, row)) else { continue };
                if gone.contains(person) || gone.contains(home) {
                    touched.insert(home.into());
                }
                if !gone.contains(person) {
                    left.entry(home.into()).or_default().insert(person.into(), value(age, row).map(String::from));
                }
            }
        }
    }
    Ok(touched.into_iter().map(|home| (home.clone(), left.remove(&home).unwrap_or_default())).collect())
}

/// Rewrites a part; returns the rows that went, none where nothing is changed. `look_only`: says whether anything would be.
pub fn sweep(path: &Path, gone: &BTreeSet<String>, look_only: bool) -> Result<Option<u64>> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let store = Store::new(folder.parent().and_then(Path::parent).unwrap_or(folder), Arc::default());
    let touched = touched(&store, gone)?;
    if touched.is_empty() {
        return Ok(None);
    }
    if look_only {
        return Ok(Some(0));
    }
    rewrite_part(path, |batch| without(batch, &touched, gone))
}

fn without(
    batch: &RecordBatch,
    touched: &BTreeMap<String, Rest>,
    gone: &BTreeSet<String>,
) -> Result<Option<RecordBatch>> {
    let (household, golden) = (text_column(batch, "household_id"), text_column(batch, "golden_id"));
    let rest = |row: usize| value(household, row).and_then(|home| touched.get(home));
    if !(0..batch.num_rows()).any(|row| rest(row).is_some()) {
        return Ok(None);
    }
    let stays = |row: usize| {
        !value(golden, row).is_some_and(|id| gone.contains(id)) && rest(row).is_none_or(|rest| rest.len() > 1)
    };
    let keep: BooleanArray = (0..batch.num_rows()).map(|row| Some(stays(row))).collect();
    let counted = |name: &str, counts: &dyn Fn(&Option<String>) -> bool| -> Result<ArrayRef> {
        let before = integers(batch, name).ok_or_else(|| Error::Internal(format!("households without {name}")))?;
        let count = |row: usize| match rest(row) {
            Some(rest) => i64::try_from(rest.values().filter(|age| counts(age)).count()).ok(),
            None => before.values().get(row).copied(),
        };
        Ok(Arc::new((0..batch.num_rows()).map(count).collect::<Int64Array>()))
    };
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        columns.push(match field.name().as_str() {
            // Of a version that named households after golden ids.
            "household_id" => {
                let named = |row: usize| {
                    let id = value(household, row)?;
                    let first = || rest(row)?.keys().next().map(String::as_str);
                    if gone.contains(id) { first().or(Some(id)) } else { Some(id) }
                };
                Arc::new((0..batch.num_rows()).map(named).collect::<StringArray>())
            }
            "members" => counted("members", &|_| true)?,
            "adults" => counted("adults", &|age| age.as_deref() == Some("adult"))?,
            "children" => counted("children", &|age| age.as_deref() == Some("child"))?,
            _ => column.clone(),
        });
    }
    let changed = RecordBatch::try_new(batch.schema(), columns)?;
    Ok(Some(filter_record_batch(&changed, &keep)?))
}
