//! What last night's run has worked out already. Enter: a table of records and the same table of the published run.
//! Leave: for each row the row of the published run that it repeats, and those rows of a table made from it.
//! Rows are the same when source, key and content are. Where most kept their order, those that did not are worked out
//! again, and old tables are read from front to end; else old rows are sorted into the order of the new ones.
//! Memory: while aligning, some 70 bytes a row of one source; then 4 bytes a row, and 8 more while rows are sorted.

mod old_rows;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::Manifest;
use crate::stages::dedupe::features::row_hash;
use crate::store::{Store, part_rows, read_some};
use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// No row of the published run.
const NONE: u32 = u32::MAX;

/// The rows of a table of records beside those of the published run.
pub struct Alignment {
    last: Store,
    /// Source of each part of the published run's table; tables made from it are cut in the same way.
    old: Vec<usize>,
    /// Each part of the new table.
    new: Vec<Part>,
}

struct Part {
    source: usize,
    /// For each row its place among the rows of the source in the published run.
    old: Vec<u32>,
    /// Whether these places are in no order.
    moved: bool,
}

/// Of the rows that the published run knows, the share in percent that must have kept their order for the others to be
/// worked out again.
const IN_ORDER_PERCENT: usize = 90;

/// Number of the source that a part belongs to, from its name `part-020003.parquet`.
fn source_of(part: &Path) -> Option<usize> {
    let number: usize = part.file_stem()?.to_str()?.strip_prefix("part-")?.parse().ok()?;
    Some(number / crate::tables::PARTS_PER_SOURCE)
}

fn sources(parts: &[PathBuf]) -> Result<Vec<usize>> {
    let named = |part: &PathBuf| source_of(part).ok_or_else(|| Error::Internal("a part without its number".into()));
    parts.iter().map(named).collect()
}

/// Aligns a table of records with that of the published run; nothing where there is none, where it was made by other
/// rules or another version, or where all is to be worked out anew.
pub fn align(context: &Context, table: &str) -> Result<Option<Alignment>> {
    let Some(last) = context.last.as_ref().filter(|last| !context.options.full && last.exists(table)) else {
        return Ok(None);
    };
    let folder = last.folder().parent().unwrap_or(Path::new("."));
    // What was cut out of other people's rows when somebody was erased is not what their sources deliver.
    let same = |m: Manifest| {
        m.rules_hash == context.manifest.rules_hash && m.version == context.manifest.version && m.erasures.is_empty()
    };
    if !Manifest::read(folder)?.is_some_and(same) {
        return Ok(None);
    }
    let (old, new) = (last.parts(table)?, context.store.parts(table)?);
    let (old_sources, new_sources) = (sources(&old)?, sources(&new)?);
    let of = |source: usize, parts: &[PathBuf], sources: &[usize]| -> Vec<PathBuf> {
        parts.iter().zip(sources).filter(|(_, s)| **s == source).map(|(part, _)| part.clone()).collect()
    };
    let mut parts: Vec<Part> = Vec::with_capacity(new.len());
    for chunk in new_sources.chunk_by(|a, b| a == b) {
        let Some(source) = chunk.first().copied() else { continue };
        context.cancel.check()?;
        let now = of(source, &new, &new_sources);
        let (aligned, moved) = aligned(&keys(&of(source, &old, &old_sources))?, &keys(&now)?);
        let mut aligned = aligned.into_iter();
        for part in now {
            let rows = usize::try_from(part_rows(&part)?).unwrap_or(0);
            parts.push(Part { source, old: aligned.by_ref().take(rows).collect(), moved });
        }
    }
    Ok(Some(Alignment { last: last.clone(), old: old_sources, new: parts }))
}

/// What says whether two rows are the same: hashes of the key and of the content.
fn keys(parts: &[PathBuf]) -> Result<Vec<(i64, i64)>> {
    let mut keys = Vec::new();
    for part in parts {
        for batch in read_some(part, |name| ["source", "source_key", "content_hash"].contains(&name))? {
            let batch = batch?;
            let text = |name: &str| crate::stages::columns::text_column(&batch, name);
            let content = batch.column_by_name("content_hash").and_then(|c| c.as_primitive_opt::<Int64Type>());
            let (Some(source), Some(key), Some(content)) = (text("source"), text("source_key"), content) else {
                return Err(Error::Internal("records lack their columns".into()));
            };
            let rows = source.iter().zip(key.iter()).zip(content.values());
            keys.extend(rows.map(|((s, k), c)| (row_hash(s.unwrap_or(""), k.unwrap_or("")), *c)));
        }
    }
    Ok(keys)
}

/// For each new row the place of the old row that it repeats, an old row at most once; and whether they are in no order.
fn aligned(old: &[(i64, i64)], new: &[(i64, i64)]) -> (Vec<u32>, bool) {
    let places: HashMap<i64, u32> = old.iter().zip(0u32..).map(|((key, _), place)| (*key, place)).collect();
    let mut used = vec![false; old.len()];
    let mut found: Vec<u32> = new
        .iter()
        .map(|(key, content)| {
            let place = places.get(key).copied();
            let same = place.filter(|p| old.get(*p as usize).is_some_and(|(_, c)| c == content));
            let slot = same.and_then(|p| used.get_mut(p as usize));
            if slot.is_some_and(|used| !std::mem::replace(used, true)) { same.unwrap_or(NONE) } else { NONE }
        })
        .collect();
    let known = |places: &[u32]| places.iter().filter(|place| **place != NONE).count();
    let mut in_order = found.clone();
    keep_longest_ascending(&mut in_order);
    let moved = known(&in_order) * 100 < known(&found) * IN_ORDER_PERCENT;
    if !moved {
        found = in_order;
    }
    (found, moved)
}

/// Leaves of the places a longest strictly ascending sequence, the rest becomes [`NONE`] (patience sorting).
fn keep_longest_ascending(places: &mut [u32]) {
    // For each length the row at which the lowest-ending sequence of that length ends.
    let mut ends: Vec<u32> = Vec::new();
    let mut before: Vec<u32> = vec![NONE; places.len()];
    for (row, place) in places.iter().enumerate().filter(|(_, place)| **place != NONE) {
        let shorter = ends.partition_point(|end| places.get(*end as usize).is_some_and(|p| p < place));
        if let (Some(slot), Some(last)) = (before.get_mut(row), shorter.checked_sub(1).and_then(|s| ends.get(s))) {
            *slot = *last;
        }
        match ends.get_mut(shorter) {
            Some(end) => *end = row as u32,
            None => ends.push(row as u32),
        }
    }
    let mut kept = vec![false; places.len()];
    let mut row = ends.last().copied();
    while let Some(at) = row {
        if let Some(slot) = kept.get_mut(at as usize) {
            *slot = true;
        }
        row = before.get(at as usize).copied().filter(|b| *b != NONE);
    }
    for (place, kept) in places.iter_mut().zip(kept) {
        if !kept {
            *place = NONE;
        }
    }
}

/// The new rows of a batch that repeat no old row.
pub fn fresh(batch: &RecordBatch, repeats: &BooleanArray) -> Result<RecordBatch> {
    Ok(arrow::compute::filter_record_batch(batch, &arrow::compute::not(repeats)?)?)
}

/// Old rows and freshly made ones in the order of the new table, under the new record ids.
pub fn merged(
    record_ids: &ArrayRef,
    repeats: &BooleanArray,
    old: &RecordBatch,
    made: &RecordBatch,
) -> Result<RecordBatch> {
    if made.num_rows() == 0 {
        let others = old.columns().iter().skip(1).cloned();
        let columns = std::iter::once(record_ids.clone()).chain(others).collect();
        return Ok(RecordBatch::try_new(old.schema(), columns)?);
    }
    let mut order = Vec::with_capacity(repeats.len());
    let mut next = [0, 0];
    for repeated in repeats.values() {
        let from = usize::from(!repeated);
        if let Some(place) = next.get_mut(from) {
            order.push((from, *place));
            *place += 1;
        }
    }
    let made = crate::store::conform(made, &old.schema())?;
    let mut columns = vec![record_ids.clone()];
    for (old, made) in old.columns().iter().zip(made.columns()).skip(1) {
        columns.push(arrow::compute::interleave(&[old, made], &order)?);
    }
    Ok(RecordBatch::try_new(old.schema(), columns)?)
}

/// For each old row whether all named text columns say the same as in the new ones.
pub fn same_texts(old: &RecordBatch, names: &[String], new: &[ArrayRef]) -> Vec<bool> {
    let mut same = vec![true; old.num_rows()];
    for (name, new) in names.iter().zip(new) {
        let columns = crate::stages::columns::text_column(old, name).zip(new.as_any().downcast_ref::<StringArray>());
        match columns {
            Some((old, new)) => same.iter_mut().zip(old.iter().zip(new)).for_each(|(same, (a, b))| *same &= a == b),
            None => same.fill(false),
        }
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_are_the_same_by_key_and_content() {
        let old = [(1, 10), (2, 20), (3, 30), (4, 40)];
        assert_eq!(aligned(&old, &[(1, 10), (5, 50), (2, 21), (3, 30), (4, 40)]), (vec![0, NONE, NONE, 2, 3], false));
        assert_eq!(aligned(&[], &[(1, 1)]), (vec![NONE], false));
        assert_eq!(aligned(&old, &[]), (vec![], false));
        // A key that comes twice repeats an old row once.
        assert_eq!(aligned(&old, &[(3, 30), (3, 30)]), (vec![2, NONE], false));
    }

    #[test]
    fn a_few_rows_out_of_order_are_worked_out_again_and_many_are_not() {
        let old: Vec<(i64, i64)> = (0..100).map(|n| (n, n)).collect();
        let mut new = old.clone();
        new.rotate_left(10);
        let (places, moved) = aligned(&old, &new);
        assert!(!moved);
        assert_eq!((places[0], places[89], places[90]), (10, 99, NONE));
        new.rotate_left(1);
        let (places, moved) = aligned(&old, &new);
        assert!(moved);
        assert_eq!((places[0], places[88], places[89], places[99]), (11, 99, 0, 10));
    }

    proptest! {
        #[test]
        fn as_many_as_can_be_had_in_order(places in proptest::collection::vec(prop_oneof![Just(NONE), 0u32..12], 0..10)) {
            let mut kept = places.clone();
            keep_longest_ascending(&mut kept);
            prop_assert!(kept.iter().zip(&places).all(|(k, p)| k == p || *k == NONE));
            let ascending = |mask: usize| {
                let chosen: Vec<u32> = (0..places.len()).filter(|i| mask >> i & 1 == 1).map(|i| places[i]).collect();
                let ok = !chosen.contains(&NONE) && chosen.windows(2).all(|w| w[0] < w[1]);
                ok.then_some(chosen.len())
            };
            let longest = (0..1usize << places.len()).filter_map(ascending).max().unwrap_or(0);
            let left: Vec<u32> = kept.into_iter().filter(|k| *k != NONE).collect();
            prop_assert!(left.windows(2).all(|w| w[0] < w[1]));
            prop_assert_eq!(left.len(), longest);
        }
    }
}
