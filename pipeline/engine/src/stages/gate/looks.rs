//! Empty values of every mapped column, and the looks of the others: letters, digits, both, with @. Enter: a table of rows
//! as sources deliver them. Leave: figures by source and field. Never here: a value.

use super::measure::{SAMPLE_ROWS, SHAPES, maps, source_of};
use crate::context::Context;
use crate::error::Result;
use crate::nights::{Figure, Figures};
use crate::stages::columns::{text_column, value};
use crate::stages::parts::parallel;
use crate::store::{first_key, part_nulls, read_where};
use crate::tables;
use regex::Regex;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use zlato_core::rules::sources::Source;

/// A part of the table, and the columns that its source gives.
struct Part {
    path: PathBuf,
    source: String,
    fields: Vec<String>,
}

/// Rows in which looks were counted, and the looks of each field.
type Looks = (u64, Vec<[u64; SHAPES.len()]>);

/// Nulls are counted by the parts themselves; looks in every n-th row.
pub async fn columns(context: &Context, table: &str, figures: &mut Figures) -> Result<()> {
    if !context.store.exists(table) {
        return Ok(());
    }
    let schema = context.store.schema(table)?;
    let fields: Vec<&str> =
        schema.fields().iter().skip(tables::RECORD_BASE_COLUMNS).map(|f| f.name().as_str()).collect();
    let given = |source: &Source| fields.iter().filter(|f| maps(source, f)).map(|f| (*f).to_string()).collect();
    let mut parts = Vec::new();
    let mut missing: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for path in context.store.parts(table)? {
        context.cancel.check()?;
        let Some(source) = first_key(&path)?.and_then(|record| source_of(context, record)) else { continue };
        let part = Part { path, source: source.name.get_ref().clone(), fields: given(source) };
        let (rows, nulls) = part_nulls(&part.path)?;
        for field in &part.fields {
            let (empty, of) = missing.entry(format!("missing/{}/{field}", part.source)).or_default();
            *empty += nulls.get(field).copied().unwrap_or(0);
            *of += rows;
        }
        parts.push(part);
    }
    figures.extend(missing.into_iter().map(|(name, (empty, of))| (name, Figure::Counts(vec![empty, of]))));
    let stride = i64::try_from((context.store.rows(table)? / SAMPLE_ROWS).max(1)).unwrap_or(i64::MAX);
    let letter = Regex::new(r"\p{L}").map_err(|e| crate::error::Error::Internal(e.to_string()))?;
    let work = move |part: Part| {
        let found = looks(&part.path, &part.fields, stride, &letter)?;
        Ok((part, found))
    };
    let mut shapes: BTreeMap<String, [u64; SHAPES.len()]> = BTreeMap::new();
    for (part, (sampled, found)) in parallel(context.options.limits.threads, parts, work).await? {
        for (field, counts) in part.fields.iter().zip(found).filter(|_| sampled > 0) {
            let sum = shapes.entry(format!("shapes/{}/{field}", part.source)).or_default();
            sum.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
        }
    }
    figures.extend(shapes.into_iter().map(|(name, counts)| (name, Figure::Counts(counts.to_vec()))));
    Ok(())
}

fn looks(part: &Path, fields: &[String], stride: i64, letter: &Regex) -> Result<Looks> {
    let mut found: Looks = (0, vec![Default::default(); fields.len()]);
    let wanted = |name: &str| fields.iter().any(|field| field == name);
    for batch in read_where(part, wanted, "record_id", move |record| record % stride == 0)? {
        let batch = batch?;
        found.0 += batch.num_rows() as u64;
        for (field, counts) in fields.iter().zip(&mut found.1) {
            let column = text_column(&batch, field);
            for text in (0..batch.num_rows()).filter_map(|row| value(column, row)) {
                if let Some(n) = counts.get_mut(shape(text, letter)) {
                    *n += 1;
                }
            }
        }
    }
    Ok(found)
}

/// The look of a value, by its place in [`SHAPES`]. Letters are those of Unicode's general category L.
fn shape(text: &str, letter: &Regex) -> usize {
    if text.contains('@') {
        return 3;
    }
    let letters = text.bytes().any(|b| b.is_ascii_alphabetic()) || (!text.is_ascii() && letter.is_match(text));
    let digits = text.bytes().any(|b| b.is_ascii_digit());
    match (letters, digits) {
        (true, true) => 2,
        (true, false) => 0,
        _ => 1,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::progress::Cancel;
    use crate::store::Store;
    use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use std::sync::Arc;

    #[test]
    fn looks_of_values_in_any_script() {
        let letter = Regex::new(r"\p{L}").unwrap();
        let looks =
            [("Žofie", 0), ("山田", 0), ("12-34", 1), ("", 1), ("٣٤", 1), ("B7", 2), ("дом 7", 2), ("a@b.cz", 3)];
        for (text, expected) in looks {
            assert_eq!(shape(text, &letter), expected, "{text}");
        }
    }

    #[test]
    fn every_nth_row_is_looked_at_and_every_null_counted() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), Arc::new(Cancel::default()));
        std::fs::create_dir_all(store.folder()).unwrap();
        let schema =
            tables::schema(vec![tables::required_integer("record_id"), tables::text("phone"), tables::text("x")]);
        let phones: StringArray = (0..30_000).map(|n| (n % 3 != 0).then(|| format!("+420 {n}"))).collect();
        let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(5..30_005));
        let columns = vec![ids, Arc::new(phones), Arc::new(StringArray::new_null(30_000))];
        let table = store.begin("records", schema.clone()).unwrap();
        let mut part = table.part(3).unwrap();
        part.write(&RecordBatch::try_new(schema, columns).unwrap()).unwrap();
        part.finish().unwrap();
        table.finish().unwrap();
        let part = store.parts("records").unwrap().pop().unwrap();
        let letter = Regex::new(r"\p{L}").unwrap();
        // Of the ids 5, 15, 25, ... a third is of rows without a phone.
        assert_eq!(looks(&part, &["phone".into()], 10, &letter).unwrap(), (3_000, vec![[0, 2_000, 0, 0]]));
        let (rows, nulls) = part_nulls(&part).unwrap();
        assert_eq!((rows, nulls["record_id"], nulls["phone"], nulls["x"]), (30_000, 0, 10_000, 30_000));
        assert_eq!(first_key(&part).unwrap(), Some(5));
    }
}
