//! Where sources disagree, from one pass over `golden_fields`. Enter: its parts. Leave: by field how many golden records have a
//! losing value, how many losing values there are, and the least sure winners. Never here: a value.

use crate::error::Result;
use crate::stages::columns::{Coded, integers};
use crate::stages::parts::parallel;
use crate::store::{Store, read_coded};
use crate::tables;
use arrow::array::{Array, AsArray};
use arrow::datatypes::Float64Type;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a field's sources disagree about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OfField {
    /// Golden records with a losing value.
    pub customers: u64,
    /// Losing values that could have won, and those that could not.
    pub usable: u64,
    pub unusable: u64,
    /// Confidence and cluster of winners that a strategy had to choose; the least sure first, unknown confidence last.
    pub least_sure: Vec<(Option<f64>, i64)>,
}

/// Verdicts of values that cannot win.
const UNUSABLE: [&str; 2] = ["invalid", "missing"];
/// Strategies that had nothing to choose between.
const NO_CHOICE: [&str; 2] = ["only", "unanimous"];

impl OfField {
    fn sure(a: &(Option<f64>, i64), b: &(Option<f64>, i64)) -> Ordering {
        let by_confidence = match (a.0, b.0) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a, b) => a.is_none().cmp(&b.is_none()),
        };
        by_confidence.then(a.1.cmp(&b.1))
    }

    fn note(&mut self, winner: (Option<f64>, i64), most: usize) {
        let place = self.least_sure.partition_point(|known| Self::sure(known, &winner).is_lt());
        if place < most {
            self.least_sure.insert(place, winner);
            self.least_sure.truncate(most);
        }
    }
}

type Fields = BTreeMap<String, OfField>;

/// A part's counts; but for the golden records that it begins and ends with, which may have lines in its neighbours, the
/// fields with a losing value stand apart.
#[derive(Default)]
struct OfPart {
    fields: Fields,
    edges: Vec<(i64, Vec<String>)>,
}

/// By field; `most` of the least sure winners of each.
pub async fn count(store: &Store, threads: usize, most: usize) -> Result<Fields> {
    let parts = store.parts(tables::GOLDEN_FIELDS)?;
    Ok(together(parallel(threads, parts, move |part: PathBuf| of_part(&part, most)).await?, most))
}

fn together(parts: Vec<OfPart>, most: usize) -> Fields {
    let mut all = Fields::new();
    let mut at_edges: Vec<(String, i64)> = Vec::new();
    for part in parts {
        for (field, counts) in part.fields {
            let sum = all.entry(field).or_default();
            sum.customers += counts.customers;
            sum.usable += counts.usable;
            sum.unusable += counts.unusable;
            counts.least_sure.into_iter().for_each(|winner| sum.note(winner, most));
        }
        for (cluster, fields) in part.edges {
            at_edges.extend(fields.into_iter().map(|field| (field, cluster)));
        }
    }
    at_edges.sort_unstable();
    at_edges.dedup();
    at_edges.into_iter().for_each(|(field, _)| all.entry(field).or_default().customers += 1);
    all
}

fn of_part(part: &Path, most: usize) -> Result<OfPart> {
    let mut names: Vec<String> = Vec::new();
    let mut counts: Vec<OfField> = Vec::new();
    let mut edges = Vec::new();
    // Fields of the golden record at hand that have a losing value.
    let (mut cluster, mut lost) = (None, Vec::<usize>::new());
    let named = |fields: &[usize], names: &[String]| -> Vec<String> {
        fields.iter().filter_map(|field| names.get(*field).cloned()).collect()
    };
    for batch in read_coded(part, &["cluster_id", "field", "verdict", "winner", "strategy", "confidence"])? {
        let batch = batch?;
        let field = Coded::new(&batch, "field", |text| {
            names.iter().position(|name| name == text).unwrap_or_else(|| {
                names.push(text.to_string());
                names.len() - 1
            })
        })?;
        counts.resize(names.len(), OfField::default());
        let unusable = Coded::new(&batch, "verdict", |text| UNUSABLE.contains(&text))?;
        let chosen = Coded::new(&batch, "strategy", |text| !NO_CHOICE.contains(&text))?;
        let winner = batch.column_by_name("winner").and_then(|c| c.as_boolean_opt());
        let confidence = batch.column_by_name("confidence").and_then(|c| c.as_primitive_opt::<Float64Type>());
        for (row, now) in integers(&batch, "cluster_id")?.values().iter().enumerate() {
            if cluster != Some(*now) {
                match cluster.replace(*now) {
                    Some(first) if edges.is_empty() => edges.push((first, named(&lost, &names))),
                    _ => lost.iter().filter_map(|f| counts.get_mut(*f).map(|of| of.customers += 1)).for_each(drop),
                }
                lost.clear();
            }
            let won = winner.filter(|w| w.is_valid(row)).map(|w| w.value(row));
            let (Some(won), Some(field)) = (won, field.get(row)) else { continue };
            let Some(of) = counts.get_mut(field) else { continue };
            if won {
                if chosen.get(row) == Some(true) {
                    let confidence = confidence.filter(|c| c.is_valid(row)).map(|c| c.value(row));
                    of.note((confidence, *now), most);
                }
                continue;
            }
            if unusable.get(row) == Some(true) {
                of.unusable += 1;
            } else {
                of.usable += 1;
            }
            if !lost.contains(&field) {
                lost.push(field);
            }
        }
    }
    edges.extend(cluster.map(|last| (last, named(&lost, &names))));
    Ok(OfPart { fields: names.into_iter().zip(counts).collect(), edges })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::progress::Cancel;
    use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    const FIELDS: [&str; 2] = ["email", "phone"];
    const VERDICTS: [&str; 3] = ["valid", "invalid", "missing"];
    const STRATEGIES: [Option<&str>; 4] = [None, Some("only"), Some("unanimous"), Some("most_recent")];

    /// Cluster, field, verdict, strategy of a winner, confidence in tenths.
    type Line = (i64, usize, usize, Option<usize>, Option<u8>);

    fn batch(lines: &[Line]) -> RecordBatch {
        let texts = |of: &dyn Fn(&Line) -> Option<&'static str>| -> ArrayRef {
            Arc::new(lines.iter().map(of).collect::<StringArray>())
        };
        let numbers =
            |of: &dyn Fn(&Line) -> i64| -> ArrayRef { Arc::new(Int64Array::from_iter_values(lines.iter().map(of))) };
        let columns = vec![
            texts(&|_| Some("Z000000000001")),
            numbers(&|l| l.0),
            texts(&|l| Some(FIELDS[l.1])),
            texts(&|_| Some("v")),
            texts(&|l| Some(VERDICTS[l.2])),
            texts(&|_| None),
            Arc::new(lines.iter().map(|l| Some(l.3.is_some())).collect::<BooleanArray>()),
            texts(&|l| l.3.and_then(|s| STRATEGIES[s])),
            Arc::new(lines.iter().map(|l| l.4.map(f64::from)).collect::<Float64Array>()),
            texts(&|_| Some("crm")),
            texts(&|_| Some("k")),
            numbers(&|_| 0),
            texts(&|_| None),
            numbers(&|_| 1),
        ];
        RecordBatch::try_new(tables::golden_fields(), columns).unwrap()
    }

    fn counted(lines: &[Line], cuts: &[usize], most: usize) -> Fields {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), Arc::new(Cancel::default()));
        std::fs::create_dir_all(store.folder()).unwrap();
        let table = store.begin(tables::GOLDEN_FIELDS, tables::golden_fields()).unwrap();
        let mut from = 0;
        for (number, end) in cuts.iter().copied().chain([lines.len()]).enumerate() {
            let mut part = table.part(number).unwrap();
            part.write(&batch(&lines[from..end])).unwrap();
            part.finish().unwrap();
            from = end;
        }
        table.finish().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(count(&store, 2, most)).unwrap()
    }

    fn plainly(lines: &[Line], most: usize) -> Fields {
        let mut all = Fields::new();
        let mut customers: BTreeSet<(usize, i64)> = BTreeSet::new();
        for (cluster, field, verdict, strategy, confidence) in lines {
            let of = all.entry(FIELDS[*field].to_string()).or_default();
            match strategy {
                Some(3) => of.least_sure.push((confidence.map(f64::from), *cluster)),
                Some(_) => {}
                None => {
                    of.usable += u64::from(*verdict == 0);
                    of.unusable += u64::from(*verdict > 0);
                    customers.insert((*field, *cluster));
                }
            }
        }
        customers.iter().for_each(|(field, _)| all.get_mut(FIELDS[*field]).unwrap().customers += 1);
        for of in all.values_mut() {
            of.least_sure.sort_by_key(|(c, cluster)| (c.is_none(), c.map(|c| c as i64), *cluster));
            of.least_sure.truncate(most);
        }
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn golden_records_across_parts_disagree_once(
            mut lines in proptest::collection::vec(
                (0i64..6, 0..2usize, 0..3usize, proptest::option::of(0..4usize), proptest::option::of(0u8..4)), 0..40),
            mut cuts in proptest::collection::vec(0usize..40, 0..5),
            most in 0usize..5,
        ) {
            lines.sort_by_key(|l| l.0);
            cuts.iter_mut().for_each(|cut| *cut = (*cut).min(lines.len()));
            cuts.sort_unstable();
            prop_assert_eq!(counted(&lines, &cuts, most), plainly(&lines, most));
        }
    }
}
