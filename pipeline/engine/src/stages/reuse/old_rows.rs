//! Rows of a table of the published run for the new rows that repeat them. Enter: an alignment, and the old parts.
//! Leave: old rows in the order of the new ones, batch by batch. Holds a batch of old rows; where rows have moved, those
//! of one new part.

use super::{Alignment, NONE, Part};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::stages::columns::integers;
use crate::stages::parts::parallel;
use crate::stages::ranges::Spool;
use crate::store::{part_rows, read_from, read_part};
use crate::tables;
use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, RecordBatchReader, UInt32Array};
use arrow::compute::{concat_batches, filter_record_batch, take_record_batch};
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Column with the place of the new row, behind those of the table, on the way of a row that has moved.
const PLACE: &str = "place";

/// The old rows of sources whose rows have moved, sorted into new parts.
pub struct Moved(Arc<Spool>);

impl Alignment {
    /// Brings the rows of a table of the published run into the order of tonight's, for sources whose rows have moved.
    pub async fn bring(&self, context: &Context, made: &str) -> Result<Option<Moved>> {
        if !self.last.exists(made) || !self.new.iter().any(|part| part.moved) {
            return Ok(None);
        }
        let mut columns: Vec<_> = self.last.schema(made)?.fields().iter().map(|f| f.as_ref().clone()).collect();
        columns.push(tables::required_integer(PLACE));
        let schema = tables::schema(columns);
        let spool = Spool::new(&context.spill_folder(), &format!("old-{made}-"), schema.clone(), self.new.len());
        let mut work = Vec::new();
        let mut known: HashMap<usize, Arc<Vec<u64>>> = HashMap::new();
        for part in self.new.iter().filter(|part| part.moved) {
            if known.contains_key(&part.source) {
                continue;
            }
            let parts = self.parts_of(part, made)?.unwrap_or_default();
            let rows = parts.last().map_or(Ok(0), |(start, last)| Ok::<_, Error>(*start as u64 + part_rows(last)?))?;
            let places = known.entry(part.source).or_insert(Arc::new(self.new_places(part.source, rows)));
            work.extend(parts.into_iter().map(|(start, path)| (start, path, places.clone())));
        }
        let spool = Arc::new(spool);
        let (into, cancel) = (spool.clone(), context.cancel.clone());
        let sort = move |(start, path, places): (usize, PathBuf, Arc<Vec<u64>>)| {
            let mut at = start;
            for batch in read_part(&path)? {
                cancel.check()?;
                let batch = batch?;
                let places = places.get(at..at + batch.num_rows()).unwrap_or(&[]);
                at += batch.num_rows();
                let wanted: BooleanArray = places.iter().map(|place| Some(*place != NOWHERE)).collect();
                let wanted_places = || places.iter().filter(|place| **place != NOWHERE);
                let mut columns = filter_record_batch(&batch, &wanted)?.columns().to_vec();
                let row = |place: &u64| i64::from(*place as u32);
                columns.push(Arc::new(Int64Array::from_iter_values(wanted_places().map(row))) as ArrayRef);
                let rows = RecordBatch::try_new(schema.clone(), columns)?;
                into.push(&rows, wanted_places().map(|place| (place >> 32) as usize))?;
            }
            Ok(())
        };
        parallel(context.options.limits.threads, work, sort).await?;
        Ok(Some(Moved(spool)))
    }

    /// For each of a source's `rows` old rows the new part, in the upper half, and the row of it that repeats it.
    fn new_places(&self, source: usize, rows: u64) -> Vec<u64> {
        let mut places = vec![NOWHERE; usize::try_from(rows).unwrap_or(0)];
        for (number, part) in (0u64..).zip(&self.new).filter(|(_, part)| part.source == source) {
            for (row, old) in (0u64..).zip(&part.old).filter(|(_, old)| **old != NONE) {
                if let Some(slot) = places.get_mut(*old as usize) {
                    *slot = number << 32 | row;
                }
            }
        }
        places
    }

    /// What the published run has for the rows of a part of a table that is made from the aligned one.
    pub fn repeats(&self, part: usize, made: &str, moved: Option<&Moved>) -> Result<Option<Repeats<'_>>> {
        let Some(aligned) = self.new.get(part) else { return Ok(None) };
        let from = if aligned.moved {
            let Some(Moved(spool)) = moved else { return Ok(None) };
            Origin::sorted(&spool.take(part)?)?
        } else {
            let Some(parts) = self.parts_of(aligned, made)? else { return Ok(None) };
            Origin::Parts { parts, open: None }
        };
        Ok(Some(Repeats { old: &aligned.old, next: 0, from }))
    }

    /// The part of a table made from the aligned one, of the published run, that has the rows of a part and no others,
    /// in their order; none where there is no such part.
    pub fn whole(&self, part: usize, made: &str) -> Result<Option<PathBuf>> {
        let Some((aligned, first)) = self.new.get(part).and_then(|part| Some((part, *part.old.first()?))) else {
            return Ok(None);
        };
        let in_a_row = aligned.old.iter().zip(u64::from(first)..).all(|(old, place)| u64::from(*old) == place);
        if first == NONE || !in_a_row {
            return Ok(None);
        }
        let parts = self.parts_of(aligned, made)?.unwrap_or_default();
        let Some((_, old)) = parts.into_iter().find(|(start, _)| *start == first as usize) else { return Ok(None) };
        Ok((part_rows(&old)? == aligned.old.len() as u64).then_some(old))
    }

    /// The parts with the source's old rows of a table made from the aligned one, each with the place of its first row;
    /// none where the published run has no such table.
    fn parts_of(&self, aligned: &Part, made: &str) -> Result<Option<Vec<(usize, PathBuf)>>> {
        if !self.last.exists(made) {
            return Ok(None);
        }
        let parts = self.last.parts(made)?;
        if parts.len() != self.old.len() {
            return Err(Error::Internal(format!("the table {made} of the published run is not cut like its records")));
        }
        let mut starts = Vec::new();
        let mut rows = 0;
        for (part, _) in parts.into_iter().zip(&self.old).filter(|(_, source)| **source == aligned.source) {
            starts.push((rows, part.clone()));
            rows += usize::try_from(part_rows(&part)?).unwrap_or(0);
        }
        Ok(Some(starts))
    }
}

/// An old row that no new row repeats.
const NOWHERE: u64 = u64::MAX;

/// Reads old rows for one part after the other batch of it.
pub struct Repeats<'a> {
    old: &'a [u32],
    next: usize,
    from: Origin,
}

/// Where old rows are read.
enum Origin {
    /// In order: first row and file of each part of the source's old rows.
    Parts { parts: Vec<(usize, PathBuf)>, open: Option<Open> },
    /// All that a part needs, with the order in which it needs them; `next` is the first one not yet given out.
    Rows { rows: RecordBatch, order: UInt32Array, next: usize },
}

/// The part that is being read.
struct Open {
    part: usize,
    reader: ParquetRecordBatchReader,
    /// Row at which `batch` begins.
    start: usize,
    batch: RecordBatch,
}

impl Origin {
    fn sorted(brought: &RecordBatch) -> Result<Self> {
        let places = integers(brought, PLACE)?.values();
        let mut order: Vec<u32> = (0..brought.num_rows() as u32).collect();
        order.sort_unstable_by_key(|row| places.get(*row as usize));
        let columns: Vec<usize> = (0..brought.num_columns().saturating_sub(1)).collect();
        Ok(Self::Rows { rows: brought.project(&columns)?, order: order.into(), next: 0 })
    }

    /// The rows at these places, which ascend where parts are read; none where they are not there.
    fn rows(&mut self, wanted: impl Iterator<Item = usize>) -> Result<Option<RecordBatch>> {
        match self {
            Self::Rows { rows, order, next } => {
                let count = wanted.count();
                if count == 0 || order.len() < *next + count {
                    return Ok(None);
                }
                *next += count;
                Ok(Some(take_record_batch(rows, &order.slice(*next - count, count))?))
            }
            Self::Parts { parts, open } => in_order(parts, open, wanted),
        }
    }
}

impl Repeats<'_> {
    /// The old rows that the next `rows` new rows repeat: which rows do, and the old rows in their order.
    pub fn next(&mut self, rows: usize) -> Result<Option<(BooleanArray, RecordBatch)>> {
        let wanted = self.old.get(self.next..self.next + rows).unwrap_or(&[]);
        self.next += rows;
        let repeats = BooleanArray::from_iter((0..rows).map(|r| Some(wanted.get(r).is_some_and(|w| *w != NONE))));
        let old = self.from.rows(wanted.iter().filter(|w| **w != NONE).map(|w| *w as usize))?;
        Ok(old.map(|old| (repeats, old)))
    }
}

/// Rows of a source's old parts at ascending places.
fn in_order(
    parts: &[(usize, PathBuf)],
    open: &mut Option<Open>,
    wanted: impl Iterator<Item = usize>,
) -> Result<Option<RecordBatch>> {
    let mut wanted = wanted.peekable();
    let mut pieces: Vec<RecordBatch> = Vec::new();
    while let Some(first) = wanted.peek().copied() {
        let Some(open) = seek(parts, open, first)? else { return Ok(None) };
        let end = open.start + open.batch.num_rows();
        let mut places = Vec::new();
        while let Some(place) = wanted.next_if(|w| *w < end) {
            places.push((place - open.start) as u32);
        }
        pieces.push(match (places.first(), places.last()) {
            (Some(a), Some(b)) if (b - a) as usize + 1 == places.len() => open.batch.slice(*a as usize, places.len()),
            _ => take_record_batch(&open.batch, &UInt32Array::from(places))?,
        });
    }
    let Some(schema) = pieces.first().map(RecordBatch::schema) else { return Ok(None) };
    Ok(Some(concat_batches(&schema, &pieces)?))
}

/// Moves forward to the batch that holds a row.
fn seek<'a>(parts: &[(usize, PathBuf)], open: &'a mut Option<Open>, row: usize) -> Result<Option<&'a Open>> {
    let part = parts.partition_point(|(start, _)| *start <= row).saturating_sub(1);
    let Some((first, path)) = parts.get(part) else { return Ok(None) };
    if !open.as_ref().is_some_and(|o| o.part == part && o.start <= row) {
        let reader = read_from(path, row - first)?;
        let batch = RecordBatch::new_empty(reader.schema());
        *open = Some(Open { part, reader, start: row, batch });
    }
    let Some(now) = open.as_mut() else { return Ok(None) };
    while now.start + now.batch.num_rows() <= row {
        now.start += now.batch.num_rows();
        match now.reader.next() {
            Some(batch) => now.batch = batch?,
            None => return Ok(None),
        }
    }
    Ok(Some(now))
}
