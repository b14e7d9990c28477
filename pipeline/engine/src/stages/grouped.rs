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
use std::sync::mpsc::{Receiver, sync_channel};

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

/// Batches that are read ahead of what is asked for.
const AHEAD: usize = 2;

/// A finished table read in its own order.
pub struct OrderedRows {
    rows: Rows,
    /// Read but not yet asked for.
    held: Option<RecordBatch>,
    empty: RecordBatch,
}

enum Rows {
    Here(Batches),
    /// Read by a thread of their own; nothing stands for the end of the table.
    Ahead(Receiver<Result<Option<RecordBatch>>>),
    Ended,
}

/// The batches of one part after the other.
struct Batches {
    parts: std::vec::IntoIter<PathBuf>,
    reader: Option<ParquetRecordBatchReader>,
    /// Names of the columns to read, besides the first one; none: all.
    wanted: Option<Vec<String>>,
}

impl Batches {
    fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(reader) = &mut self.reader {
                match reader.next() {
                    Some(batch) => return Ok(Some(batch?)),
                    None => self.reader = None,
                }
            }
            let Some(part) = self.parts.next() else { return Ok(None) };
            let wanted = |name: &str| self.wanted.as_ref().is_none_or(|w| w.iter().any(|c| c == name));
            self.reader = Some(read_some(&part, wanted)?);
        }
    }
}

impl OrderedRows {
    pub fn open(store: &Store, table: &str) -> Result<Self> {
        let empty = RecordBatch::new_empty(store.schema(table)?);
        let rows = Batches { parts: store.parts(table)?.into_iter(), reader: None, wanted: None };
        Ok(Self { rows: Rows::Here(rows), held: None, empty })
    }

    /// As [`Self::open`], reading only these columns and the first one.
    pub fn open_columns(store: &Store, table: &str, columns: &[&str]) -> Result<Self> {
        let mut rows = Self::open(store, table)?;
        let schema = rows.empty.schema();
        let kept = schema.fields().iter().enumerate().filter(|(i, f)| *i == 0 || columns.contains(&f.name().as_str()));
        rows.empty = rows.empty.project(&kept.map(|(i, _)| i).collect::<Vec<_>>())?;
        if let Rows::Here(batches) = &mut rows.rows {
            batches.wanted = Some(columns.iter().map(ToString::to_string).collect());
        }
        Ok(rows)
    }

    /// Has a thread of its own read and decode the table, a few batches ahead. It ends with the table, or when nobody
    /// asks any more.
    pub fn ahead(self) -> Result<Self> {
        let Rows::Here(mut batches) = self.rows else { return Ok(self) };
        let (sender, receiver) = sync_channel(AHEAD);
        let reading = std::thread::Builder::new().spawn(move || {
            loop {
                let batch = batches.next();
                let more = matches!(batch, Ok(Some(_)));
                if sender.send(batch).is_err() || !more {
                    break;
                }
            }
        });
        reading.map_err(|e| Error::environment(format!("a table cannot be read on a thread of its own: {e}")))?;
        Ok(Self { rows: Rows::Ahead(receiver), ..self })
    }

    /// The next batch, in table order.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        if let Some(held) = self.held.take() {
            return Ok(Some(held));
        }
        match &mut self.rows {
            Rows::Here(batches) => batches.next(),
            Rows::Ahead(batches) => {
                let batch = batches.recv().map_err(|_| Error::Internal("a reader stopped unexpectedly".into()))?;
                if !matches!(batch, Ok(Some(_))) {
                    self.rows = Rows::Ended;
                }
                batch
            }
            Rows::Ended => Ok(None),
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::progress::Cancel;
    use crate::tables;
    use arrow::array::{ArrayRef, Int64Array};
    use proptest::prelude::*;
    use std::sync::Arc;

    /// A table of one column whose parts end where `cuts` say.
    fn table(folder: &std::path::Path, keys: &[i64], cuts: &[usize]) -> Store {
        let store = Store::new(folder, Arc::new(Cancel::default()));
        std::fs::create_dir_all(store.folder()).unwrap();
        let schema = tables::schema(vec![tables::required_integer("cluster_id")]);
        let table = store.begin("keys", schema.clone()).unwrap();
        let mut from = 0;
        for (number, end) in cuts.iter().copied().chain([keys.len()]).enumerate() {
            let column: ArrayRef = Arc::new(Int64Array::from(keys.get(from..end).unwrap_or(&[]).to_vec()));
            let mut part = table.part(number * 7).unwrap();
            part.write(&RecordBatch::try_new(schema.clone(), vec![column]).unwrap()).unwrap();
            part.finish().unwrap();
            from = end;
        }
        table.finish().unwrap();
        store
    }

    fn taken(mut rows: OrderedRows, asked: &[i64]) -> Vec<Vec<i64>> {
        let of = |last: i64, rows: &mut OrderedRows| {
            let batch = rows.up_to(last, "cluster_id").unwrap();
            batch.column(0).as_primitive::<Int64Type>().values().to_vec()
        };
        asked.iter().map(|last| of(*last, &mut rows)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn reading_ahead_gives_the_same_rows(
            mut keys in proptest::collection::vec(0i64..30, 0..60),
            mut cuts in proptest::collection::vec(0usize..60, 0..4),
            mut asked in proptest::collection::vec(0i64..35, 0..8),
        ) {
            keys.sort_unstable();
            cuts.iter_mut().for_each(|cut| *cut = (*cut).min(keys.len()));
            cuts.sort_unstable();
            asked.sort_unstable();
            asked.push(i64::MAX);
            let folder = tempfile::tempdir().unwrap();
            let store = table(folder.path(), &keys, &cuts);
            let here = taken(OrderedRows::open(&store, "keys").unwrap(), &asked);
            let ahead = taken(OrderedRows::open(&store, "keys").unwrap().ahead().unwrap(), &asked);
            prop_assert_eq!(&here, &ahead);
            prop_assert_eq!(here.concat(), keys);
        }
    }

    #[test]
    fn a_table_read_ahead_may_be_left_or_asked_beyond_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let store = table(folder.path(), &(0..50_000).collect::<Vec<i64>>(), &[]);
        let open = || OrderedRows::open(&store, "keys").unwrap().ahead().unwrap();
        let mut rows = open();
        assert_eq!(rows.up_to(10, "cluster_id").unwrap().num_rows(), 11);
        drop(rows);
        let mut rows = open();
        assert_eq!(rows.up_to(i64::MAX, "cluster_id").unwrap().num_rows(), 50_000);
        assert!(rows.next_batch().unwrap().is_none());
        assert!(rows.next_batch().unwrap().is_none());
    }

    #[test]
    fn what_fails_on_the_way_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let store = table(folder.path(), &[1, 2, 3], &[2]);
        let second = store.parts("keys").unwrap().pop().unwrap();
        let mut rows = OrderedRows::open(&store, "keys").unwrap();
        std::fs::write(&second, b"no table").unwrap();
        rows = rows.ahead().unwrap();
        assert!(rows.up_to(i64::MAX, "cluster_id").is_err());
    }
}
