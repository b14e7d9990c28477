//! Rows that belong together, in order: chunks of whole groups out of a sorted stream, and tables in
//! the same order read alongside. Holds a few batches, never a table.

use crate::error::{Error, Result};
use crate::store::{Store, read_some};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::Int64Type;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use futures::{Stream, TryStreamExt};
use std::path::PathBuf;

/// The last key of a batch; keys are 64-bit integers without nulls.
pub fn last_key(batch: &RecordBatch, key: usize) -> i64 {
    let keys = batch.column(key).as_primitive::<Int64Type>();
    keys.values().last().copied().unwrap_or(i64::MIN)
}

/// Cuts an ordered stream where the key changes, so that every chunk holds whole groups.
pub fn whole_groups(stream: SendableRecordBatchStream, key: usize) -> impl Stream<Item = Result<RecordBatch>> + Send {
    futures::stream::try_unfold((stream, Vec::<RecordBatch>::new()), move |(mut stream, mut held)| async move {
        loop {
            let Some(batch) = stream.try_next().await? else {
                return match held.first() {
                    None => Ok(None),
                    Some(first) => Ok(Some((concat_batches(&first.schema(), &held)?, (stream, vec![])))),
                };
            };
            if batch.num_rows() == 0 {
                continue;
            }
            let last = last_key(&batch, key);
            let cut = batch.column(key).as_primitive::<Int64Type>().values().partition_point(|k| *k < last);
            let continues = held.last().is_none_or(|h| last_key(h, key) == last);
            if cut == 0 && continues {
                held.push(batch);
                continue;
            }
            held.push(batch.slice(0, cut));
            let chunk = concat_batches(&batch.schema(), &held)?;
            return Ok(Some((chunk, (stream, vec![batch.slice(cut, batch.num_rows() - cut)]))));
        }
    })
}

/// A finished table read in its own order.
pub struct OrderedRows {
    parts: std::vec::IntoIter<PathBuf>,
    reader: Option<ParquetRecordBatchReader>,
    /// Read but not yet asked for.
    held: Option<RecordBatch>,
    empty: RecordBatch,
    /// Names of the columns to read, besides the first one; none: all.
    wanted: Option<Vec<String>>,
}

impl OrderedRows {
    pub fn open(store: &Store, table: &str) -> Result<Self> {
        let empty = RecordBatch::new_empty(store.schema(table)?);
        Ok(Self { parts: store.parts(table)?.into_iter(), reader: None, held: None, empty, wanted: None })
    }

    /// As [`Self::open`], reading only these columns and the first one.
    pub fn open_columns(store: &Store, table: &str, columns: &[&str]) -> Result<Self> {
        let mut rows = Self::open(store, table)?;
        let schema = rows.empty.schema();
        let kept = schema.fields().iter().enumerate().filter(|(i, f)| *i == 0 || columns.contains(&f.name().as_str()));
        rows.empty = rows.empty.project(&kept.map(|(i, _)| i).collect::<Vec<_>>())?;
        rows.wanted = Some(columns.iter().map(ToString::to_string).collect());
        Ok(rows)
    }

    /// The next batch, in table order.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        if let Some(held) = self.held.take() {
            return Ok(Some(held));
        }
        loop {
            if let Some(reader) = &mut self.reader {
                match reader.next() {
                    Some(batch) => return Ok(Some(batch?)),
                    None => self.reader = None,
                }
            }
            match self.parts.next() {
                Some(part) => {
                    let wanted = |name: &str| self.wanted.as_ref().is_none_or(|w| w.iter().any(|c| c == name));
                    self.reader = Some(read_some(&part, wanted)?);
                }
                None => return Ok(None),
            }
        }
    }

    /// All rows not yet returned whose key is at most `last`. Rows with a null key stand at the end
    /// of the table and are never returned.
    pub fn up_to(&mut self, last: i64, key: &str) -> Result<RecordBatch> {
        let mut taken = Vec::new();
        while let Some(batch) = self.next_batch()? {
            let keys = batch.column_by_name(key).and_then(|c| c.as_primitive_opt::<Int64Type>());
            let keys = keys.ok_or_else(|| Error::Internal(format!("no column {key}")))?;
            let known = keys.len() - keys.null_count();
            let cut = keys.values().get(..known).unwrap_or(&[]).partition_point(|k| *k <= last);
            if cut > 0 {
                taken.push(batch.slice(0, cut));
            }
            if cut < batch.num_rows() {
                self.held = Some(batch.slice(cut, batch.num_rows() - cut));
                break;
            }
        }
        Ok(concat_batches(&self.empty.schema(), &taken)?)
    }
}
