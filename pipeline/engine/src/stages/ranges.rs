//! Clusters in ranges of about equally many records, so that what belongs together can be brought together without
//! sorting a table. Enter: the table `clusters`, and batches of rows in any order. Leave: the rows of one range after
//! another. A range is small enough to be held; what was pushed lies in the spill folder until it is taken.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::files;
use crate::stages::columns::integers;
use crate::stages::grouped::OrderedRows;
use crate::stages::parts::{blocking, finish};
use crate::store::{PART_ROWS, TableWriter};
use crate::tables;
use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::kernels::coalesce::BatchCoalescer;
use arrow::compute::{SortColumn, SortOptions, concat_batches, lexsort_to_indices, take_record_batch};
use arrow::datatypes::SchemaRef;
use arrow::ipc::CompressionType;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::{IpcWriteOptions, StreamWriter};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Records of a range, unless that gives more ranges than [`MOST_RANGES`].
pub const RANGE_RECORDS: usize = 65_536;
/// Most ranges: each one is an open file.
pub const MOST_RANGES: usize = 256;
/// Rows collected for a range before they are written.
const BUFFER_ROWS: usize = 1_024;

/// Where ranges of clusters begin. They depend on the clusters alone, not on threads or memory.
#[derive(Debug, Clone)]
pub struct Ranges {
    /// First cluster of every range but the first one.
    starts: Vec<i64>,
    /// Records of every range.
    records: Vec<usize>,
}

impl Ranges {
    /// Cuts the clusters of a run. Memory: 8 bytes a record while cutting.
    pub fn of_clusters(context: &Context) -> Result<Self> {
        let mut clusters = Vec::new();
        let mut rows = OrderedRows::open_columns(&context.store, tables::CLUSTERS, &["cluster_id"])?;
        while let Some(batch) = rows.next_batch()? {
            clusters.extend_from_slice(integers(&batch, "cluster_id")?.values());
        }
        Ok(Self::cut(clusters, RANGE_RECORDS, MOST_RANGES))
    }

    pub(super) fn cut(mut clusters: Vec<i64>, records: usize, most: usize) -> Self {
        clusters.sort_unstable();
        let records = records.max(clusters.len().div_ceil(most)).max(1);
        let mut starts: Vec<i64> = clusters.iter().copied().skip(records).step_by(records).collect();
        starts.dedup();
        starts.retain(|start| clusters.first() != Some(start));
        let mut at = 0;
        let ends = starts.iter().map(|start| clusters.partition_point(|c| c < start)).chain([clusters.len()]);
        let records = ends.map(|end| end - std::mem::replace(&mut at, end)).collect();
        Self { starts, records }
    }

    pub fn count(&self) -> usize {
        self.starts.len() + 1
    }

    pub fn records(&self, range: usize) -> usize {
        self.records.get(range).copied().unwrap_or(0)
    }

    pub fn of(&self, cluster: i64) -> usize {
        self.starts.partition_point(|start| *start <= cluster)
    }

    /// The first cluster behind a range; none for the last one.
    pub fn end(&self, range: usize) -> Option<i64> {
        self.starts.get(range).copied()
    }
}

/// Rows on their way to their ranges. Threads may push at the same time; the order of rows within a range is not
/// determined.
pub struct Spool {
    schema: SchemaRef,
    slots: Vec<Mutex<Slot>>,
}

struct Slot {
    path: PathBuf,
    held: BatchCoalescer,
    writer: Option<StreamWriter<BufWriter<File>>>,
}

impl Slot {
    fn write(&mut self, schema: &SchemaRef) -> Result<()> {
        while let Some(batch) = self.held.next_completed_batch() {
            let writer = match &mut self.writer {
                Some(writer) => writer,
                None => {
                    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME))?;
                    let file = BufWriter::new(files::create_private(&self.path)?);
                    self.writer.insert(StreamWriter::try_new_with_options(file, schema, options)?)
                }
            };
            writer.write(&batch)?;
        }
        Ok(())
    }
}

impl Spool {
    /// A spool of rows of one schema in `folder`, in files that begin with `name`.
    pub fn new(folder: &Path, name: &str, schema: SchemaRef, ranges: usize) -> Self {
        let slot = |range: usize| {
            let held = BatchCoalescer::new(schema.clone(), BUFFER_ROWS);
            Mutex::new(Slot { path: folder.join(format!("{name}{range}")), held, writer: None })
        };
        Self { slots: (0..ranges).map(slot).collect(), schema }
    }

    /// Adds rows; `ranges` says for each row where it belongs.
    pub fn push(&self, batch: &RecordBatch, ranges: impl Iterator<Item = usize>) -> Result<()> {
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); self.slots.len()];
        for (row, range) in (0u32..).zip(ranges) {
            rows.get_mut(range).ok_or_else(|| Error::Internal("a row beyond all ranges".into()))?.push(row);
        }
        for (slot, rows) in self.slots.iter().zip(rows).filter(|(_, rows)| !rows.is_empty()) {
            let whole = rows.len() == batch.num_rows();
            let part = if whole { batch.clone() } else { take_record_batch(batch, &UInt32Array::from(rows))? };
            let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
            slot.held.push_batch(part)?;
            slot.write(&self.schema)?;
        }
        Ok(())
    }

    /// All rows of a range in one batch; they are not kept.
    pub fn take(&self, range: usize) -> Result<RecordBatch> {
        let mut batches = Vec::new();
        self.drain(range, |batch| {
            batches.push(batch);
            Ok(())
        })?;
        Ok(concat_batches(&self.schema, &batches)?)
    }

    /// Gives `work` the rows of a range, a batch at a time; they are not kept.
    pub fn drain(&self, range: usize, mut work: impl FnMut(RecordBatch) -> Result<()>) -> Result<()> {
        let Some(slot) = self.slots.get(range) else { return Ok(()) };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.held.finish_buffered_batch()?;
        if let Some(mut writer) = slot.writer.take() {
            writer.finish()?;
            drop(writer);
            let file = File::open(&slot.path).map_err(|e| Error::io("read", &slot.path, &e))?;
            for batch in StreamReader::try_new(BufReader::new(file), None)? {
                work(batch?)?;
            }
            std::fs::remove_file(&slot.path).map_err(|e| Error::io("remove", &slot.path, &e))?;
        }
        while let Some(batch) = slot.held.next_completed_batch() {
            work(batch)?;
        }
        Ok(())
    }
}

/// Writes the rows of a spool as a table, range after range, and within a range by `keys`, nulls last. The parts are those
/// of one ordered stream of rows. Ranges are sorted, and parts written, `threads` at a time: so many of each are held.
/// Returns the rows.
pub async fn write_in_order(table: TableWriter, spool: Arc<Spool>, keys: &[&str], threads: usize) -> Result<u64> {
    let keys = keys.iter().map(|key| spool.schema.index_of(key)).collect::<Result<Vec<_>, _>>()?;
    let (keys, table) = (Arc::new(keys), Arc::new(table));
    let ranges = 0..spool.slots.len();
    let sorted = stream::iter(ranges.map(|range| {
        let (spool, keys) = (spool.clone(), keys.clone());
        blocking(move || in_order(&spool.take(range)?, &keys))
    }));
    let parts = in_parts(sorted.buffered(threads)).zip(stream::iter(0..)).map(|(part, number)| {
        let table = table.clone();
        async move {
            let rows = part?;
            blocking(move || {
                let mut part = table.part(number)?;
                for batch in &rows {
                    part.write(batch)?;
                }
                part.finish()
            })
            .await
        }
    });
    parts.buffered(threads).try_collect::<Vec<usize>>().await?;
    finish(table)
}

/// Rows by the columns at `keys`, nulls last.
fn in_order(batch: &RecordBatch, keys: &[usize]) -> Result<RecordBatch> {
    let options = Some(SortOptions { descending: false, nulls_first: false });
    let keys: Vec<SortColumn> =
        keys.iter().map(|key| SortColumn { values: batch.column(*key).clone(), options }).collect();
    Ok(take_record_batch(batch, &lexsort_to_indices(&keys, None)?)?)
}

/// Cuts a stream of rows into parts of [`PART_ROWS`].
fn in_parts(stream: impl Stream<Item = Result<RecordBatch>>) -> impl Stream<Item = Result<Vec<RecordBatch>>> {
    stream::try_unfold((Box::pin(stream), None::<RecordBatch>), |(mut stream, mut rest)| async move {
        let (mut part, mut room) = (Vec::new(), PART_ROWS);
        while room > 0 {
            let next = match rest.take() {
                Some(rest) => Some(rest),
                None => stream.try_next().await?,
            };
            let Some(batch) = next else { break };
            let taken = room.min(batch.num_rows());
            if taken < batch.num_rows() {
                rest = Some(batch.slice(taken, batch.num_rows() - taken));
            }
            if taken > 0 {
                part.push(batch.slice(0, taken));
            }
            room -= taken;
        }
        Ok((!part.is_empty()).then_some((part, (stream, rest))))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::Store;
    use arrow::array::{ArrayRef, AsArray, Int64Array, StringArray};
    use arrow::datatypes::Int64Type;
    use proptest::prelude::*;
    use std::sync::Arc;

    proptest! {
        #[test]
        fn ranges_part_clusters_evenly(clusters in proptest::collection::vec(0i64..500, 1..800), records in 1usize..100) {
            let ranges = Ranges::cut(clusters.clone(), records, 8);
            prop_assert!(ranges.count() <= 9);
            let mut counts = vec![0usize; ranges.count()];
            for cluster in &clusters {
                let range = ranges.of(*cluster);
                counts[range] += 1;
                prop_assert!(ranges.end(range).is_none_or(|end| *cluster < end));
                prop_assert!(range == 0 || ranges.end(range - 1).is_some_and(|start| start <= *cluster));
            }
            prop_assert!(counts.iter().all(|n| *n > 0));
            prop_assert!((0..counts.len()).all(|range| ranges.records(range) == counts[range]));
            let largest = clusters.iter().map(|c| clusters.iter().filter(|d| *d == c).count()).max().unwrap_or(0);
            let wanted = records.max(clusters.len().div_ceil(8));
            prop_assert!(counts.iter().all(|n| *n <= wanted + largest));
        }
    }

    #[test]
    fn every_row_comes_back_once_in_its_range() {
        let folder = tempfile::tempdir().unwrap();
        let schema = tables::schema(vec![tables::required_integer("id"), tables::text("text")]);
        let spool = Spool::new(folder.path(), "rows", schema.clone(), 3);
        for start in (0i64..6_000).step_by(500) {
            let ids: Vec<i64> = (start..start + 500).collect();
            let texts: StringArray = ids.iter().map(|i| (i % 5 != 0).then(|| format!("žluťoučký {i}"))).collect();
            let columns: Vec<ArrayRef> = vec![Arc::new(Int64Array::from(ids.clone())), Arc::new(texts)];
            let batch = RecordBatch::try_new(schema.clone(), columns).unwrap();
            spool.push(&batch, ids.iter().map(|i| if *i < 100 { 2 } else { (*i % 2) as usize })).unwrap();
        }
        let mut seen = Vec::new();
        for range in 0..3 {
            let batch = spool.take(range).unwrap();
            let (ids, texts) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_string::<i32>());
            for (id, text) in ids.values().iter().zip(texts) {
                assert_eq!(range, if *id < 100 { 2 } else { (*id % 2) as usize });
                assert_eq!(text.map(String::from), (id % 5 != 0).then(|| format!("žluťoučký {id}")));
                seen.push(*id);
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..6_000).collect::<Vec<i64>>());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    /// Files of a table with their bytes.
    fn bytes(store: &Store, table: &str) -> Vec<(String, Vec<u8>)> {
        let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().to_string();
        store.parts(table).unwrap().iter().map(|path| (name(path), std::fs::read(path).unwrap())).collect()
    }

    #[test]
    fn a_spool_in_order_is_the_table_that_a_sort_would_give() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), Arc::default());
        files::create_private_dir(store.folder()).unwrap();
        let schema =
            tables::schema(vec![tables::integer("group"), tables::text("text"), tables::required_integer("id")]);
        // Ranges smaller and larger than a part, empty ones, and rows without a group in the last one.
        for (name, count) in [("none", 0i64), ("few", 10), ("one", PART_ROWS as i64), ("many", 270_001)] {
            let group = |id: i64| (id % 11 != 0).then_some(id * 7_919 % 1_000);
            let text = |id: i64| (id % 5 != 0).then(|| format!("ž{}", id * 31 % 97));
            let batch = |ids: &[i64]| {
                let columns: Vec<ArrayRef> = vec![
                    Arc::new(ids.iter().map(|id| group(*id)).collect::<Int64Array>()),
                    Arc::new(ids.iter().map(|id| text(*id)).collect::<StringArray>()),
                    Arc::new(Int64Array::from(ids.to_vec())),
                ];
                RecordBatch::try_new(schema.clone(), columns).unwrap()
            };
            let mut ids: Vec<i64> = (0..count).collect();
            let spool = Spool::new(folder.path(), name, schema.clone(), 7);
            for ids in ids.chunks(10_000) {
                let range = |id: &i64| match group(*id) {
                    None => 6,
                    Some(group @ 0..3) => group as usize,
                    Some(_) => 4,
                };
                spool.push(&batch(ids), ids.iter().map(range)).unwrap();
            }
            let table = store.begin(name, schema.clone()).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let rows = runtime.block_on(write_in_order(table, Arc::new(spool), &["group", "text", "id"], 3)).unwrap();
            assert_eq!(rows, count as u64);

            ids.sort_by_cached_key(|id| (group(*id).is_none(), group(*id), text(*id).is_none(), text(*id), *id));
            let table = store.begin("sorted", schema.clone()).unwrap();
            let mut writer = table.sequence();
            ids.chunks(8_000).for_each(|ids| writer.write(&batch(ids)).unwrap());
            writer.finish().unwrap();
            table.finish().unwrap();
            assert!(bytes(&store, name) == bytes(&store, "sorted"), "{name}");
        }
    }
}
