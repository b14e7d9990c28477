//! Reads the files of one source, row by row: a row is kept, or it goes to quarantine. Rows are
//! numbered as they come, so the number of threads changes nothing.

use super::inputs::Input;
use super::mapping::{Mapper, raw_schema};
use super::parquet;
use crate::error::{Error, Result};
use crate::manifest::SourceAccount;
use crate::progress::{Cancel, Progress};
use crate::quarantine::{ERASED, Quarantine, Rejection};
use crate::read::{self, Column, ReadOptions, RowBatch};
use crate::run::Stage;
use crate::store::{SequenceWriter, TableWriter};
use crate::suppression::lines::{Guard, Mapped};
use crate::tables::{RECORD_BASE_COLUMNS, RECORDS_PER_SOURCE};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::filter_record_batch;
use arrow::datatypes::Int64Type;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use zlato_core::contacts::Contacts;
use zlato_core::rules::sources::{DuplicateKeys, FieldKind, Format, Source};

/// How the reader opens a file of a source.
pub fn read_options(source: &Source, format: Format) -> ReadOptions {
    let byte = |s: &serde_spanned::Spanned<String>| s.get_ref().bytes().next();
    ReadOptions {
        format: if format == Format::Ndjson { read::Format::Ndjson } else { read::Format::Csv },
        delimiter: source.delimiter.as_ref().and_then(byte),
        quote: source.quote.as_ref().map(byte),
        encoding: source.encoding.as_ref().map(|e| e.get_ref().clone()),
        header: source.header.clone(),
        columns: (format == Format::Ndjson).then(|| wanted_columns(source)),
        ..ReadOptions::default()
    }
}

/// Columns a source's rules ask for; those named in expressions are found by their double quotes
/// or as plain words.
fn wanted_columns(source: &Source) -> Vec<String> {
    use zlato_core::rules::sources::{KeyMapping, Mapping};
    let mut wanted: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        if !wanted.iter().any(|w| w == name) {
            wanted.push(name.to_string());
        }
    };
    let expression = |sql: &str, add: &mut dyn FnMut(&str)| {
        for (place, piece) in sql.split('"').enumerate() {
            if place % 2 == 1 {
                add(piece);
            } else {
                piece
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .filter(|w| w.starts_with(char::is_alphabetic))
                    .for_each(&mut *add);
            }
        }
    };
    match source.key.get_ref() {
        KeyMapping::Column(name) => add(name),
        KeyMapping::Sql(e) => expression(&e.sql, &mut add),
        KeyMapping::Line(_) => {}
    }
    let updated = source.updated_at.as_ref();
    for mapping in source.columns.values().chain(updated) {
        match mapping.get_ref() {
            Mapping::Column(name) => add(name),
            Mapping::Sql(e) => expression(&e.sql, &mut add),
        }
    }
    wanted
}

/// The work of reading one source.
pub struct SourceTask {
    pub number: usize,
    pub first_part: usize,
    pub source: Source,
    pub files: Vec<Input>,
    pub records: Arc<TableWriter>,
    pub quarantine: Arc<TableWriter>,
    pub dates: Contacts,
    pub progress: Arc<dyn Progress>,
    pub cancel: Arc<Cancel>,
    /// Kinds of the mapped fields, in the order of the table.
    pub kinds: Vec<FieldKind>,
    /// Recognises erased people; none where nobody was erased.
    pub guard: Option<Arc<Guard>>,
}

/// The state of a source being read.
struct Reading<'a> {
    task: &'a SourceTask,
    writer: Writer<'a>,
    quarantine: Quarantine<'a>,
    /// Keys seen so far, as 128 bits of their hash.
    keys: HashSet<u128>,
    account: SourceAccount,
    /// Mapped keys that no object of any file has had so far; none before the first file with rows.
    absent: Option<Vec<String>>,
}

/// Where kept rows go: into the table, or to the thread that writes them.
enum Writer<'a> {
    Here(Box<SequenceWriter<'a>>),
    There(SyncSender<RecordBatch>),
}

/// Batches on their way to the writing thread.
const WAITING_BATCHES: usize = 4;

impl SourceTask {
    /// Reads the source; with `parallel`, rows are encoded and compressed while the next ones are read.
    pub fn run(self, parallel: bool) -> Result<SourceAccount> {
        let mut table = self.records.sequence_from(self.first_part);
        if !parallel {
            return self.read(Writer::Here(Box::new(table)));
        }
        let (sender, receiver) = sync_channel::<RecordBatch>(WAITING_BATCHES);
        std::thread::scope(|scope| {
            let writing = scope.spawn(move || {
                for batch in receiver {
                    table.write(&batch)?;
                }
                table.finish()
            });
            let account = self.read(Writer::There(sender));
            let written = writing.join().map_err(|_| Error::Internal("a writer stopped unexpectedly".into()))?;
            // Why the writer gave up says more than that it no longer takes rows.
            written.and(account)
        })
    }

    fn read(&self, writer: Writer<'_>) -> Result<SourceAccount> {
        let kind = self.source.kind.as_str();
        let name = self.source.name.get_ref().clone();
        let mut reading = Reading {
            task: self,
            writer,
            quarantine: Quarantine::new(self.quarantine.sequence_from(self.first_part), &name, kind),
            keys: HashSet::new(),
            account: SourceAccount { source: name, kind: kind.into(), ..SourceAccount::default() },
            absent: None,
        };
        for file in &self.files {
            reading.file(file)?;
        }
        let Reading { writer, quarantine, mut account, absent, .. } = reading;
        account.absent = absent.unwrap_or_default();
        if let Writer::Here(table) = writer {
            table.finish()?;
        }
        account.rows_quarantine = quarantine.finish()?;
        Ok(account)
    }

    /// Country of rows that name none.
    fn country(&self) -> Option<String> {
        self.source.country.as_ref().map(|c| c.get_ref().to_ascii_uppercase())
    }

    fn fields(&self) -> Vec<String> {
        self.records.schema().fields().iter().skip(RECORD_BASE_COLUMNS).map(|f| f.name().clone()).collect()
    }
}

impl Reading<'_> {
    fn file(&mut self, file: &Input) -> Result<()> {
        if file.format == Format::Parquet {
            let mut batches = parquet::open(&file.path)?;
            let mapper = Mapper::new(&self.task.source, &file.name, &raw_schema(&file.columns), &self.task.fields())?;
            while let Some(batch) = batches.next()? {
                self.account.rows_in += batch.num_rows() as u64;
                self.keep(&mapper, file, &batch)?;
            }
            return Ok(());
        }
        let failed = |e: read::ReadError| Error::input(format!("source {}: {e}", self.task.source.name.get_ref()));
        let mut opened = read::open(&file.path, &read_options(&self.task.source, file.format)).map_err(failed)?;
        let schema = raw_schema(&opened.columns);
        let mapper = Mapper::new(&self.task.source, &file.name, &schema, &self.task.fields())?;
        let mut rows = RowBatch::new();
        loop {
            let more = opened.next_rows(&mut rows).map_err(failed)?;
            self.account.rows_in += (rows.len() + rows.rejected.len()) as u64;
            for rejected in &rows.rejected {
                let erased = self.task.guard.as_ref().is_some_and(|guard| {
                    let source = self.task.source.name.get_ref();
                    guard.speaks_of_erased(source, self.task.country().as_deref(), &rejected.raw)
                });
                self.quarantine.reject(&Rejection {
                    file: &file.name,
                    line: rejected.line,
                    column: rejected.column.filter(|_| !erased),
                    reason: if erased { ERASED } else { rejected.reason },
                    detail: if erased { "" } else { &rejected.detail },
                    raw: if erased { "" } else { &rejected.raw },
                })?;
            }
            if !rows.lines.is_empty() {
                self.keep(&mapper, file, &record_batch(&mut rows, &schema)?)?;
            } else {
                self.task.progress.advanced(Stage::Ingest, rows.rejected.len() as u64);
            }
            if !more {
                break;
            }
        }
        self.account.blank_lines += opened.counts.blank_lines;
        if opened.counts.rows_read > 0 {
            let unseen = opened.unseen_columns();
            match &mut self.absent {
                Some(absent) => absent.retain(|name| unseen.contains(&name.as_str())),
                None => self.absent = Some(unseen.into_iter().map(String::from).collect()),
            }
        }
        Ok(())
    }

    /// Maps rows and writes those that have a key of their own; the others go to quarantine.
    fn keep(&mut self, mapper: &Mapper, file: &Input, raw: &RecordBatch) -> Result<()> {
        self.task.cancel.check()?;
        let keys = mapper.key(raw)?;
        let updated = mapper.updated_at(raw)?;
        let fields = mapper.fields(raw)?;
        let lines = raw.column(raw.num_columns() - 1).as_primitive::<Int64Type>();
        let country = self.task.country();
        let contents = content_hashes(&fields, updated.as_ref(), raw.num_rows());
        let mut kept = Vec::with_capacity(raw.num_rows());
        for row in 0..raw.num_rows() {
            let erased = self.is_erased(&keys, &fields, contents.value(row), country.as_deref(), row);
            let reason = if erased { Some(ERASED) } else { self.judge(&keys, &fields, row) };
            if let Some(reason) = reason {
                if reason == "duplicate_source_key" && self.task.source.duplicate_keys == DuplicateKeys::Stop {
                    return Err(Error::input(format!(
                        "source {}: {} line {} repeats a key, and `duplicate_keys = \"stop\"` promises that none does",
                        self.task.source.name.get_ref(),
                        file.name,
                        lines.value(row)
                    ))
                    .hint("mend the export, or set duplicate_keys = \"keep_first\""));
                }
                self.quarantine.reject(&Rejection {
                    file: &file.name,
                    line: lines.value(row).unsigned_abs(),
                    column: None,
                    reason,
                    detail: "",
                    raw: &if erased { String::new() } else { as_json(raw, row) },
                })?;
            }
            kept.push(reason.is_none());
        }
        let first = self.task.number as i64 * RECORDS_PER_SOURCE + self.account.rows_kept as i64;
        let count = kept.iter().filter(|k| **k).count();
        let dates: StringArray = (0..raw.num_rows())
            .map(|row| {
                let raw = super::super::columns::value(updated.as_ref(), row)?;
                self.task.dates.changed_at(raw)
            })
            .collect();
        let same = |text: &str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, raw.num_rows())))
        };
        let countries: ArrayRef =
            Arc::new(StringArray::from_iter(std::iter::repeat_n(country.as_deref(), raw.num_rows())));
        let mut next = first;
        let ids = kept.iter().map(|k| {
            let id = next;
            next += i64::from(*k);
            id
        });
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from_iter_values(ids)),
            same(self.task.source.name.get_ref()),
            Arc::new(keys),
            same(self.task.source.kind.as_str()),
            same(&file.name),
            Arc::new(lines.clone()),
            Arc::new(dates),
            Arc::new(contents),
            countries,
        ];
        columns.extend(fields.into_iter().map(|f| Arc::new(f) as ArrayRef));
        // Keys of rejected rows may be null: rows are filtered before the schema forbids it.
        let schema = self.task.records.schema().clone();
        let loose: Vec<_> = schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).collect();
        let batch = RecordBatch::try_new(crate::tables::schema(loose), columns)?;
        let batch = filter_record_batch(&batch, &BooleanArray::from(kept))?;
        match &mut self.writer {
            Writer::Here(table) => table.write(&batch)?,
            Writer::There(sender) => {
                sender.send(batch).map_err(|_| Error::Internal("the writer of records has stopped".into()))?;
            }
        }
        self.account.rows_kept += count as u64;
        self.task.progress.advanced(Stage::Ingest, raw.num_rows() as u64);
        Ok(())
    }

    /// Whether the row is of somebody who was erased.
    fn is_erased(
        &self,
        keys: &StringArray,
        fields: &[StringArray],
        content: i64,
        country: Option<&str>,
        row: usize,
    ) -> bool {
        let Some(guard) = &self.task.guard else { return false };
        let value = |column| super::super::columns::value(Some(column), row);
        let names = self.task.records.schema().fields().iter().skip(RECORD_BASE_COLUMNS).zip(&self.task.kinds);
        let present =
            names.zip(fields).filter_map(|((f, kind), column)| Some((f.name().as_str(), *kind, value(column)?)));
        guard.is_erased(&Mapped {
            source: self.task.source.name.get_ref(),
            key: value(keys),
            content,
            country,
            fields: present.collect(),
        })
    }

    /// Why a row cannot be kept, if so.
    fn judge(&mut self, keys: &StringArray, fields: &[StringArray], row: usize) -> Option<&'static str> {
        if keys.is_null(row) || keys.value(row).trim().is_empty() {
            return Some("missing_key");
        }
        if fields.iter().all(|f| f.is_null(row) || f.value(row).trim().is_empty()) {
            return Some("empty_row");
        }
        let hash = blake3::hash(keys.value(row).as_bytes());
        let (half, _) = hash.as_bytes().split_first_chunk::<16>()?;
        (!self.keys.insert(u128::from_le_bytes(*half))).then_some("duplicate_source_key")
    }
}

/// Takes the buffers of a row batch over into Arrow.
fn record_batch(rows: &mut RowBatch, schema: &arrow::datatypes::SchemaRef) -> Result<RecordBatch> {
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(rows.columns.len() + 1);
    for column in std::mem::take(&mut rows.columns) {
        let Column { values, offsets, valid } = column;
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        arrays.push(Arc::new(StringArray::try_new(offsets, Buffer::from_vec(values), Some(NullBuffer::from(valid)))?));
    }
    arrays
        .push(Arc::new(Int64Array::from_iter_values(rows.lines.iter().map(|l| i64::try_from(*l).unwrap_or(i64::MAX)))));
    Ok(RecordBatch::try_new(schema.clone(), arrays)?)
}

/// 64 bits of BLAKE3 over the mapped values: tells a later run whether a row has changed.
fn content_hashes(fields: &[StringArray], updated: Option<&StringArray>, rows: usize) -> Int64Array {
    let hash = |row: usize| {
        let mut hasher = blake3::Hasher::new();
        for field in fields.iter().chain(updated) {
            match super::super::columns::value(Some(field), row) {
                Some(value) => {
                    hasher.update(&(value.len() as u64).to_le_bytes());
                    hasher.update(value.as_bytes());
                }
                None => {
                    hasher.update(&u64::MAX.to_le_bytes());
                }
            }
        }
        let bytes = hasher.finalize();
        bytes.as_bytes().first_chunk::<8>().map_or(0, |b| i64::from_le_bytes(*b))
    };
    Int64Array::from_iter_values((0..rows).map(hash))
}

/// A row as it was, as one JSON object of its columns.
fn as_json(raw: &RecordBatch, row: usize) -> String {
    let schema = raw.schema();
    let mut object = serde_json::Map::new();
    for (field, column) in schema.fields().iter().zip(raw.columns()) {
        if let Some(column) = column.as_string_opt::<i32>() {
            let value = super::super::columns::value(Some(column), row);
            object.insert(field.name().clone(), value.map_or(serde_json::Value::Null, |v| v.into()));
        }
    }
    serde_json::Value::Object(object).to_string()
}
