//! Rows that could not be kept: the reason codes of ingest beyond those of the file readers, and the
//! builder of the `quarantine` table. A row enters here with file, line, column and reason, as it was.

use crate::error::Result;
use crate::store::SequenceWriter;
use crate::tables;
use arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringBuilder};
use std::sync::Arc;

/// Reason codes that ingest itself gives; [`crate::read::REASONS`] lists those of the readers.
pub const REASONS: &[(&str, &str)] = &[
    ("missing_key", "the row has no key: nothing could ever refer to it again"),
    ("duplicate_source_key", "an earlier row of the same source has the same key"),
    ("empty_row", "none of the mapped columns has a value"),
    (ERASED, "the person was erased: of the row only its place is kept"),
];

/// Reason of rows of people who were erased.
pub const ERASED: &str = "erased";

/// One rejected row.
#[derive(Debug, Clone)]
pub struct Rejection<'a> {
    pub file: &'a str,
    pub line: u64,
    pub column: Option<u64>,
    pub reason: &'a str,
    pub detail: &'a str,
    pub raw: &'a str,
}

/// Collects rejected rows of one source and writes them in batches.
pub struct Quarantine<'a> {
    writer: SequenceWriter<'a>,
    source: String,
    kind: &'static str,
    columns: Columns,
    pub rows: u64,
}

#[derive(Default)]
struct Columns {
    file: StringBuilder,
    line: Int64Builder,
    column: Int64Builder,
    reason: StringBuilder,
    detail: StringBuilder,
    raw: StringBuilder,
    rows: usize,
}

/// Rows held before they are written; raw rows can be 8 KiB each.
const HELD: usize = 1_024;

impl<'a> Quarantine<'a> {
    pub fn new(writer: SequenceWriter<'a>, source: &str, kind: &'static str) -> Self {
        Self { writer, source: source.into(), kind, columns: Columns::default(), rows: 0 }
    }

    pub fn reject(&mut self, row: &Rejection<'_>) -> Result<()> {
        let c = &mut self.columns;
        c.file.append_value(row.file);
        c.line.append_value(i64::try_from(row.line).unwrap_or(i64::MAX));
        c.column.append_option(row.column.and_then(|n| i64::try_from(n).ok()));
        c.reason.append_value(row.reason);
        c.detail.append_value(row.detail);
        c.raw.append_value(row.raw);
        c.rows += 1;
        self.rows += 1;
        if c.rows >= HELD { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let mut c = std::mem::take(&mut self.columns);
        if c.rows == 0 {
            return Ok(());
        }
        let same = |text: &str| -> ArrayRef {
            Arc::new(arrow::array::StringArray::from_iter_values(std::iter::repeat_n(text, c.rows)))
        };
        let columns: Vec<ArrayRef> = vec![
            same(&self.source),
            same(self.kind),
            Arc::new(c.file.finish()),
            Arc::new(c.line.finish()),
            Arc::new(c.column.finish()),
            Arc::new(c.reason.finish()),
            Arc::new(c.detail.finish()),
            Arc::new(c.raw.finish()),
        ];
        self.writer.write(&RecordBatch::try_new(tables::quarantine(), columns)?)
    }

    /// Writes what is left; returns the number of rejected rows.
    pub fn finish(mut self) -> Result<u64> {
        self.flush()?;
        self.writer.finish()?;
        Ok(self.rows)
    }
}
