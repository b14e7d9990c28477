//! Tables of a run as folders of Parquet parts. Enter: record batches in table order.
//! Leave: files that are byte-identical for identical rows, however the batches were cut.
//! A table appears under its name only when it is whole and synced.

use crate::error::{Error, Result};
use crate::files;
use crate::progress::Cancel;
use crate::tables;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, make_array};
use arrow::compute::{BatchCoalescer, cast};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use arrow::error::ArrowError;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowFilter,
};
use datafusion::parquet::arrow::{ArrowWriter, ProjectionMask};
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::file::statistics::Statistics;
use datafusion::parquet::schema::types::ColumnPath;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of every batch handed to the Parquet writer: its page limits are checked per batch, so a
/// fixed size makes the bytes depend on the rows alone.
pub const BATCH_ROWS: usize = 8_192;
/// Rows of a part; a multiple of [`BATCH_ROWS`]. Parts are the unit of parallel work.
pub const PART_ROWS: usize = 131_072;

/// The folder `tables/` of a run.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    cancel: Arc<Cancel>,
}

impl Store {
    pub fn new(run: &Path, cancel: Arc<Cancel>) -> Self {
        Self { folder: run.join("tables"), cancel }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Folder of a finished table.
    pub fn path(&self, table: &str) -> PathBuf {
        self.folder.join(table)
    }

    pub fn exists(&self, table: &str) -> bool {
        self.path(table).is_dir()
    }

    /// Starts a table from nothing; what an earlier attempt left is removed.
    pub fn begin(&self, table: &str, schema: SchemaRef) -> Result<TableWriter> {
        files::remove_dir_if_present(&self.path(table))?;
        let building = self.folder.join(format!(".{table}.building"));
        files::remove_dir_if_present(&building)?;
        files::create_private_dir(&building)?;
        Ok(TableWriter { name: table.into(), building, target: self.path(table), schema, cancel: self.cancel.clone() })
    }

    /// The parts of a finished table, in table order.
    pub fn parts(&self, table: &str) -> Result<Vec<PathBuf>> {
        let folder = self.path(table);
        let entries = std::fs::read_dir(&folder).map_err(|e| Error::io("read the table", &folder, &e))?;
        let mut parts = Vec::new();
        for entry in entries {
            let path = entry.map_err(|e| Error::io("read the table", &folder, &e))?.path();
            if path.extension().is_some_and(|e| e == "parquet") {
                parts.push(path);
            }
        }
        parts.sort();
        Ok(parts)
    }

    /// Rows of a finished table, from the footers of its parts.
    pub fn rows(&self, table: &str) -> Result<u64> {
        let mut rows = 0;
        for part in self.parts(table)? {
            rows += part_rows(&part)?;
        }
        Ok(rows)
    }

    /// Schema of a finished table.
    pub fn schema(&self, table: &str) -> Result<SchemaRef> {
        let parts = self.parts(table)?;
        let first = parts.first().ok_or_else(|| Error::Internal(format!("the table {table} has no parts")))?;
        Ok(open_part(first)?.schema().clone())
    }
}

/// Rows of one part.
pub fn part_rows(part: &Path) -> Result<u64> {
    let rows = open_part(part)?.metadata().file_metadata().num_rows();
    u64::try_from(rows).map_err(|_| Error::Internal("a part with a negative number of rows".into()))
}

fn open_part(part: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(part).map_err(|e| Error::io("open", part, &e))?;
    Ok(ParquetRecordBatchReaderBuilder::try_new(file)?)
}

/// Reads one part in batches of [`BATCH_ROWS`] rows, in order.
pub fn read_part(part: &Path) -> Result<ParquetRecordBatchReader> {
    Ok(open_part(part)?.with_batch_size(BATCH_ROWS).build()?)
}

/// As [`read_part`], from a row on.
pub fn read_from(part: &Path, row: usize) -> Result<ParquetRecordBatchReader> {
    Ok(open_part(part)?.with_offset(row).with_batch_size(BATCH_ROWS).build()?)
}

/// As [`read_part`], of the columns that `wanted` names; the first column is always there.
pub fn read_some(part: &Path, wanted: impl Fn(&str) -> bool) -> Result<ParquetRecordBatchReader> {
    let builder = open_part(part)?;
    let fields = builder.schema().fields().iter().enumerate();
    let roots: Vec<usize> = fields.filter(|(i, f)| *i == 0 || wanted(f.name())).map(|(i, _)| i).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    Ok(builder.with_projection(mask).with_batch_size(BATCH_ROWS).build()?)
}

/// As [`read_some`], of the rows that pass; of others only the column that decides is decoded. `column` holds whole
/// numbers.
pub fn read_where(
    part: &Path,
    wanted: impl Fn(&str) -> bool,
    column: &str,
    passes: impl Fn(i64) -> bool + Send + 'static,
) -> Result<ParquetRecordBatchReader> {
    let builder = open_part(part)?;
    let decides = ProjectionMask::columns(builder.parquet_schema(), [column]);
    let filter = ArrowPredicateFn::new(decides, move |batch: RecordBatch| {
        let keys = batch.columns().first().and_then(|c| c.as_primitive_opt::<Int64Type>());
        let keys = keys.ok_or_else(|| ArrowError::SchemaError("rows are chosen by whole numbers".into()))?;
        Ok(keys.iter().map(|key| Some(key.is_some_and(&passes))).collect())
    });
    let fields = builder.schema().fields().iter().enumerate();
    let roots: Vec<usize> = fields.filter(|(i, f)| *i == 0 || wanted(f.name())).map(|(i, _)| i).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    let builder = builder.with_projection(mask).with_row_filter(RowFilter::new(vec![Box::new(filter)]));
    Ok(builder.with_batch_size(BATCH_ROWS).build()?)
}

/// Rows of a part, and how many of them are null in each column; from its footer.
pub fn part_nulls(part: &Path) -> Result<(u64, BTreeMap<String, u64>)> {
    let builder = open_part(part)?;
    let mut nulls = BTreeMap::new();
    for group in builder.metadata().row_groups() {
        for column in group.columns() {
            let counted = column.statistics().and_then(Statistics::null_count_opt);
            let counted = counted.ok_or_else(|| Error::Internal("a part that does not count its nulls".into()))?;
            *nulls.entry(column.column_descr().name().to_string()).or_default() += counted;
        }
    }
    Ok((part_rows(part)?, nulls))
}

/// The first value of a part's first column, a whole number; none for a part without rows.
pub fn first_key(part: &Path) -> Result<Option<i64>> {
    let Some(batch) = read_some(part, |_| false)?.next().transpose()? else { return Ok(None) };
    let keys = batch.columns().first().and_then(|c| c.as_primitive_opt::<Int64Type>());
    let keys = keys.ok_or_else(|| Error::Internal("a part without a key".into()))?;
    Ok(keys.values().first().copied())
}

/// Reads named columns of one part, all its rows in one batch; texts come as dictionaries of their distinct values.
pub fn read_coded(part: &Path, columns: &[&str]) -> Result<ParquetRecordBatchReader> {
    read_coded_beside(part, columns, &[])
}

/// As [`read_coded`], with further columns as they are.
pub fn read_coded_beside(part: &Path, columns: &[&str], plain: &[&str]) -> Result<ParquetRecordBatchReader> {
    let coded = |field: &Arc<Field>| {
        let wanted = columns.contains(&field.name().as_str()) && field.data_type() == &DataType::Utf8;
        let dictionary = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        if wanted { field.as_ref().clone().with_data_type(dictionary()) } else { field.as_ref().clone() }
    };
    let schema = Schema::new(open_part(part)?.schema().fields().iter().map(coded).collect::<Vec<_>>());
    let file = File::open(part).map_err(|e| Error::io("open", part, &e))?;
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().chain(plain).copied());
    Ok(builder.with_projection(mask).with_batch_size(PART_ROWS).build()?)
}

/// Bytes of distinct texts from which on a column of a part is no longer written as a dictionary: it holds what repeats,
/// such as names and towns, and is given up soon for what does not, such as e-mails.
const DICTIONARY_BYTES: usize = 1 << 18;

/// Tables of which the gate counts empty values, by what their parts say of themselves.
const COUNTED: [&str; 3] = [tables::RECORDS, tables::PROFILE_RECORDS, tables::EVENTS];

/// Whole numbers are ids, hashes and counts: they hardly repeat within a part, and a dictionary of them costs more time
/// than it saves room. Least and greatest texts help a reader only where rows stand in their order, which is that of the
/// first column; elsewhere they cost two comparisons a value.
fn properties(table: &str, schema: &Schema) -> Result<WriterProperties> {
    let counted = COUNTED.contains(&table);
    let mut builder = WriterProperties::builder();
    for (place, field) in schema.fields().iter().enumerate() {
        let column = || ColumnPath::from(field.name().as_str());
        match field.data_type() {
            DataType::Int64 => builder = builder.set_column_dictionary_enabled(column(), false),
            DataType::Utf8 if place > 0 && !counted => {
                builder = builder.set_column_statistics_enabled(column(), EnabledStatistics::None);
            }
            _ => {}
        }
    }
    Ok(builder
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_max_row_group_row_count(Some(PART_ROWS))
        .set_created_by("zlato".into())
        .build())
}

fn part_name(number: usize) -> String {
    format!("part-{number:06}.parquet")
}

/// A table being written. Parts may be written in parallel and in any order; their number decides
/// their place in the table.
#[derive(Debug)]
pub struct TableWriter {
    name: String,
    building: PathBuf,
    target: PathBuf,
    schema: SchemaRef,
    cancel: Arc<Cancel>,
}

impl TableWriter {
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Starts part `number`: rows beyond [`PART_ROWS`] are written too, the caller cuts parts.
    pub fn part(&self, number: usize) -> Result<PartWriter> {
        let file = files::create_private(&self.building.join(part_name(number)))?;
        Ok(PartWriter {
            writer: ArrowWriter::try_new(file, self.schema.clone(), Some(properties(&self.name, &self.schema)?))?,
            coalescer: BatchCoalescer::new(self.schema.clone(), BATCH_ROWS),
            schema: self.schema.clone(),
            cancel: self.cancel.clone(),
            rows: 0,
        })
    }

    /// Takes a part of another run over as it is. Where the file system can, both runs share the file: no finished file is
    /// ever changed in place, so that neither run can see what becomes of the other.
    pub fn link(&self, number: usize, part: &Path) -> Result<()> {
        let path = self.building.join(part_name(number));
        if std::fs::hard_link(part, &path).is_ok() {
            return Ok(());
        }
        let mut from = File::open(part).map_err(|e| Error::io("open", part, &e))?;
        let mut to = files::create_private(&path)?;
        std::io::copy(&mut from, &mut to).and_then(|_| to.sync_all()).map_err(|e| Error::io("write", &path, &e))
    }

    /// A writer that cuts its rows into parts by itself; for rows that come as one ordered stream.
    pub fn sequence(&self) -> SequenceWriter<'_> {
        SequenceWriter { table: self, first: 0, next: 0, part: None }
    }

    /// As [`Self::sequence`], numbering parts from `first`.
    pub fn sequence_from(&self, first: usize) -> SequenceWriter<'_> {
        SequenceWriter { table: self, first, next: first, part: None }
    }

    /// Gives the table its name. An empty table keeps one part without rows, so that its schema is known.
    pub fn finish(self) -> Result<u64> {
        let mut any = false;
        for entry in std::fs::read_dir(&self.building).map_err(|e| Error::io("read", &self.building, &e))? {
            any |= entry.is_ok();
        }
        if !any {
            self.part(0)?.finish()?;
        }
        files::sync_dir(&self.building)?;
        std::fs::rename(&self.building, &self.target).map_err(|e| Error::io("finish the table", &self.target, &e))?;
        files::sync_dir(self.target.parent().unwrap_or(Path::new(".")))?;
        let mut rows = 0;
        let store = Store { folder: self.target.parent().unwrap_or(Path::new(".")).to_path_buf(), cancel: self.cancel };
        for part in store.parts(&self.name)? {
            rows += part_rows(&part)?;
        }
        Ok(rows)
    }
}

/// One part being written.
pub struct PartWriter {
    writer: ArrowWriter<File>,
    coalescer: BatchCoalescer,
    schema: SchemaRef,
    cancel: Arc<Cancel>,
    rows: usize,
}

impl PartWriter {
    /// Appends rows; columns are taken by position and cast to the table's types. Rows that fill a batch by themselves
    /// are not copied.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.cancel.check()?;
        self.rows += batch.num_rows();
        let mut rest = conform(batch, &self.schema)?;
        while rest.num_rows() > 0 {
            let held = self.coalescer.get_buffered_rows();
            let rows = BATCH_ROWS.saturating_sub(held).clamp(1, rest.num_rows());
            let next = rest.slice(0, rows);
            rest = rest.slice(rows, rest.num_rows() - rows);
            if held == 0 && rows == BATCH_ROWS && !next.columns().iter().any(has_idle_validity) {
                self.writer.write(&next)?;
                continue;
            }
            self.coalescer.push_batch(next)?;
            while let Some(full) = self.coalescer.next_completed_batch() {
                self.writer.write(&without_idle_validity(&full)?)?;
            }
        }
        Ok(())
    }

    /// Writes what is left and syncs the file. Returns its rows.
    pub fn finish(mut self) -> Result<usize> {
        self.coalescer.finish_buffered_batch()?;
        while let Some(rest) = self.coalescer.next_completed_batch() {
            self.writer.write(&without_idle_validity(&rest)?)?;
        }
        let file = self.writer.into_inner()?;
        file.sync_all().map_err(|e| Error::environment(format!("a table cannot be synced: {e}")))?;
        Ok(self.rows)
    }
}

/// Rewrites a part of a finished table in one step: `change` gives the rows that a batch becomes, with the same columns.
/// A part of which nothing changes is left as it is. Returns the rows that went, or none where nothing changed.
/// Only erasure does this: no stage edits a table.
pub fn rewrite_part(path: &Path, change: impl Fn(&RecordBatch) -> Result<Option<RecordBatch>>) -> Result<Option<u64>> {
    let mut changed = false;
    for batch in read_part(path)? {
        if change(&batch?)?.is_some() {
            changed = true;
            break;
        }
    }
    if !changed {
        return Ok(None);
    }
    let schema = open_part(path)?.schema().clone();
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let temporary = path.with_file_name(name);
    let table = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let properties = properties(&table, &schema)?;
    let mut part = PartWriter {
        writer: ArrowWriter::try_new(files::create_private(&temporary)?, schema.clone(), Some(properties))?,
        coalescer: BatchCoalescer::new(schema.clone(), BATCH_ROWS),
        schema,
        cancel: Arc::default(),
        rows: 0,
    };
    let before = part_rows(path)?;
    for batch in read_part(path)? {
        let batch = batch?;
        part.write(&change(&batch)?.unwrap_or(batch))?;
    }
    let after = part.finish()? as u64;
    std::fs::rename(&temporary, path).map_err(|e| Error::io("replace", path, &e))?;
    files::sync_dir(path.parent().unwrap_or(Path::new(".")))?;
    Ok(Some(before.saturating_sub(after)))
}

/// Drops validity buffers that mark no row as null. Whether such a buffer is there depends on how
/// the rows were cut into batches on their way, and the Parquet writer encodes the two cases in
/// different bytes.
fn without_idle_validity(batch: &RecordBatch) -> Result<RecordBatch> {
    let columns = batch.columns().iter().map(|column| {
        if !has_idle_validity(column) {
            return Ok(column.clone());
        }
        Ok(make_array(column.to_data().into_builder().nulls(None).build()?))
    });
    Ok(RecordBatch::try_new(batch.schema(), columns.collect::<Result<_>>()?)?)
}

fn has_idle_validity(column: &ArrayRef) -> bool {
    column.nulls().is_some_and(|nulls| nulls.null_count() == 0)
}

/// Casts columns by position to the types of a schema.
pub fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    if batch.num_columns() != schema.fields().len() {
        return Err(Error::Internal(format!(
            "a table of {} columns was given {}",
            schema.fields().len(),
            batch.num_columns()
        )));
    }
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(batch.num_columns());
    for (column, field) in batch.columns().iter().zip(schema.fields()) {
        columns.push(if column.data_type() == field.data_type() {
            column.clone()
        } else {
            cast(column, field.data_type())?
        });
    }
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}

/// Cuts one ordered stream of rows into parts of [`PART_ROWS`].
pub struct SequenceWriter<'a> {
    table: &'a TableWriter,
    first: usize,
    next: usize,
    part: Option<PartWriter>,
}

impl SequenceWriter<'_> {
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut rest = batch.clone();
        while rest.num_rows() > 0 {
            let part = match self.part.take() {
                Some(part) => part,
                None => {
                    let part = self.table.part(self.next)?;
                    self.next += 1;
                    part
                }
            };
            let part = self.part.insert(part);
            let room = PART_ROWS.saturating_sub(part.rows);
            let take = room.min(rest.num_rows());
            part.write(&rest.slice(0, take))?;
            rest = rest.slice(take, rest.num_rows() - take);
            if part.rows >= PART_ROWS
                && let Some(full) = self.part.take()
            {
                full.finish()?;
            }
        }
        Ok(())
    }

    /// Finishes the last part. Returns the number of parts written.
    pub fn finish(mut self) -> Result<usize> {
        if let Some(part) = self.part.take() {
            part.finish()?;
        }
        Ok(self.next - self.first)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, StringArray};
    use arrow::buffer::NullBuffer;
    use arrow::datatypes::{DataType, Field, Schema};

    /// The bytes of a table of `rows` rows, written in batches of `cut`; the first 10,000 rows have nulls. `validity`:
    /// whether batches without a null come with a validity buffer all the same.
    fn bytes(rows: usize, cut: usize, validity: bool) -> Vec<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), Arc::new(Cancel::default()));
        let field = |name: &str, kind| Field::new(name, kind, true);
        let schema = Arc::new(Schema::new(vec![field("name", DataType::Utf8), field("number", DataType::Int64)]));
        let table = store.begin("names", schema.clone()).unwrap();
        let mut writer = table.sequence();
        for start in (0..rows).step_by(cut) {
            let range = start..rows.min(start + cut);
            let present = |n: usize| n >= 10_000 || !n.is_multiple_of(3);
            let names: StringArray =
                range.clone().map(|n| present(n).then(|| format!("name {}", n * 7 % 1000))).collect();
            let numbers: Int64Array = range.clone().map(|n| present(n).then_some(n as i64 % 77)).collect();
            let columns = [Arc::new(names) as ArrayRef, Arc::new(numbers)].map(|column| {
                let nulls = column.nulls().filter(|n| n.null_count() > 0).cloned();
                let nulls = nulls.or_else(|| validity.then(|| NullBuffer::new_valid(range.len())));
                make_array(column.to_data().into_builder().nulls(nulls).build().unwrap())
            });
            writer.write(&RecordBatch::try_new(schema.clone(), columns.to_vec()).unwrap()).unwrap();
        }
        writer.finish().unwrap();
        assert_eq!(table.finish().unwrap(), rows as u64);
        store.parts("names").unwrap().iter().map(|p| std::fs::read(p).unwrap()).collect()
    }

    #[test]
    fn bytes_follow_from_the_rows_and_not_from_how_they_were_cut() {
        let whole = bytes(150_000, 150_000, false);
        assert_eq!(whole.len(), 2);
        for (cut, validity) in [(8_192, true), (1_000, false), (1_000, true), (150_000, true), (77_777, true)] {
            assert!(bytes(150_000, cut, validity) == whole, "cut {cut}, validity {validity}");
        }
    }
}
