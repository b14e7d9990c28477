//! Reads delivered CSV and NDJSON files as rows of text.
//! In: a path and options. Out: batches of rows with their line numbers; every data row is delivered
//! exactly once, as a row or as [`Rejected`] with a reason; blank lines are counted.
//! Never here: mapping, validation of values, Parquet; and never a whole file in memory.

mod batch;
mod bytes;
mod csv;
mod dialect;
mod encoding;
mod error;
mod header;
mod json;
mod paths;
mod records;
mod rows;
#[cfg(test)]
mod tests;
mod text;

pub use batch::{Column, RAW_LIMIT, Rejected, RowBatch};
pub use bytes::Compression;
pub use error::{NOTES, Note, ReadError};
pub use paths::expand;

use std::path::{Path, PathBuf};

/// The kind of file. Parquet is read elsewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Csv,
    Ndjson,
}

/// How a file is to be read; what is not declared is found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    pub format: Format,
    /// CSV: one ASCII byte; detected when absent.
    pub delimiter: Option<u8>,
    /// CSV: absent is `"`; `Some(None)` switches quoting off.
    pub quote: Option<Option<u8>>,
    /// A label of the WHATWG Encoding Standard; detected when absent.
    pub encoding: Option<String>,
    /// CSV without a header row: the names of its columns.
    pub header: Option<Vec<String>>,
    /// NDJSON: the keys that become columns. When absent, the keys that occur in the sample.
    pub columns: Option<Vec<String>>,
    /// Longest row in bytes of UTF-8 text, without its line end; 1 byte to 256 MiB.
    pub max_row_bytes: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            format: Format::Csv,
            delimiter: None,
            quote: None,
            encoding: None,
            header: None,
            columns: None,
            max_row_bytes: 1024 * 1024,
        }
    }
}

/// What has been read so far. `rows_read` = rows delivered + rows rejected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Data rows, good and rejected; neither header nor blank lines.
    pub rows_read: u64,
    pub rows_rejected: u64,
    /// Lines with nothing on them.
    pub blank_lines: u64,
    /// NDJSON: values under keys that are not columns.
    pub ignored_values: u64,
    /// NDJSON: keys that occurred again in the same object; the last value was taken.
    pub duplicate_keys: u64,
}

/// Why a row is rejected: code, and what it means in plain words.
pub const REASONS: &[(&str, &str)] = &[
    ("too_few_fields", "the row has fewer fields than the header; a delimiter is missing or the row is cut"),
    ("too_many_fields", "the row has more fields than the header; a value with a delimiter in it is not quoted"),
    ("unclosed_quote", "a field starts with a quote that is never closed; only this line is set aside"),
    ("text_after_quote", "text follows a closing quote; a quote inside a quoted value must be doubled"),
    (
        "stray_quote",
        "the line lies behind an unclosed quote and has a single quote in it; it is likely the rest of a broken row",
    ),
    ("row_too_long", "the row is longer than the limit; line ends may be missing"),
    ("nul_byte", "the row has a NUL byte in it, as after a disk or transfer fault"),
    ("invalid_encoding", "bytes of the row are no characters in the encoding of the file"),
    ("invalid_json", "the line is not JSON"),
    ("not_an_object", "the line is JSON, but not an object"),
    ("cut_off", "the file breaks off inside this row"),
];

/// An open file, past its header.
pub struct Opened {
    /// Names of the columns, unique and not empty.
    pub columns: Vec<String>,
    /// Name of the encoding. `UTF-8` also for a file that is ASCII so far: should that change, the
    /// encoding is settled at the first byte beyond ASCII, here and in `notes`.
    pub encoding: &'static str,
    /// CSV: declared or detected.
    pub delimiter: Option<u8>,
    pub compression: Option<Compression>,
    /// Grows while rows are read.
    pub notes: Vec<Note>,
    pub counts: Counts,
    file: PathBuf,
    text: text::Text,
    kind: rows::Kind,
    limit: usize,
    /// Physical line, from 1, at which the unread text starts.
    line: u64,
    /// What ended the file early; told after the last batch, and again if asked again.
    error: Option<ReadError>,
}

/// No option raises the limit beyond this, so that a batch always fits Arrow's 32-bit offsets.
const LONGEST_ROW: usize = 256 * 1024 * 1024;
/// How many bytes are read at once.
const CHUNK: usize = 128 * 1024;

/// Opens a file, settles encoding, delimiter and columns, and stands before its first row.
pub fn open(path: &Path, options: &ReadOptions) -> Result<Opened, ReadError> {
    let mut notes = Vec::new();
    let bytes = bytes::open(path, &mut notes)?;
    open_bytes(path, bytes, options, CHUNK, notes)
}

/// Opens a stream of bytes, packed or not; `name` is for messages.
pub fn open_stream(
    name: &Path,
    reader: Box<dyn std::io::Read + Send>,
    options: &ReadOptions,
) -> Result<Opened, ReadError> {
    let bytes =
        bytes::unpack(reader).map_err(|e| ReadError::Io { file: name.to_owned(), what: bytes::plain_words(&e) })?;
    open_bytes(name, bytes, options, CHUNK, Vec::new())
}

/// The bytes of a stream, unpacked where they are packed.
pub fn unpacked(reader: Box<dyn std::io::Read + Send>) -> std::io::Result<Box<dyn std::io::Read + Send>> {
    bytes::unpack(reader).map(|b| b.reader)
}

/// `chunk`: how many bytes are read at once; the outcome never depends on it.
fn open_bytes(
    path: &Path,
    bytes: bytes::Bytes,
    options: &ReadOptions,
    chunk: usize,
    mut notes: Vec<Note>,
) -> Result<Opened, ReadError> {
    let compression = bytes.compression;
    let text = text::Text::new(path, bytes, options, chunk, &mut notes)?;
    let mut opened = Opened {
        columns: Vec::new(),
        encoding: text.encoding.name(),
        delimiter: None,
        compression,
        notes,
        counts: Counts::default(),
        file: path.to_owned(),
        text,
        kind: rows::Kind::default(),
        limit: options.max_row_bytes.clamp(1, LONGEST_ROW),
        line: 1,
        error: None,
    };
    match options.format {
        Format::Csv => opened.csv_header(options)?,
        Format::Ndjson => opened.ndjson_columns(options)?,
    }
    opened.encoding = opened.text.encoding.name();
    Ok(opened)
}

impl Opened {
    /// NDJSON: the columns whose keys no object had so far; at the end of the file, those that are
    /// gone. Empty for CSV, whose header says it at once.
    pub fn unseen_columns(&self) -> Vec<&str> {
        match &self.kind {
            rows::Kind::Ndjson { wanted, .. } => wanted.unseen().collect(),
            rows::Kind::Csv { .. } => Vec::new(),
        }
    }

    /// The next rows, up to 8192 and 8 MiB, in place of what `rows` held. `Ok(false)` at the end.
    ///
    /// A file that breaks off (damaged compression, a failing disk) first delivers all rows before
    /// the break and then fails with [`ReadError::Corrupt`] or [`ReadError::Io`].
    pub fn next_rows(&mut self, rows: &mut RowBatch) -> Result<bool, ReadError> {
        rows.reset(self.columns.len());
        if self.error.is_none() {
            self.read_rows(rows);
            self.encoding = self.text.encoding.name();
        }
        match &self.error {
            Some(error) if rows.is_empty() => Err(error.clone()),
            _ => Ok(!rows.is_empty()),
        }
    }
}
