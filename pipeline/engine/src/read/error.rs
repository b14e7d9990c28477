//! What can end the reading of a file, in words for the person who runs the job.
//! In: file names, positions, counts. Out: one message that says what, where and what to do.
//! Never here: values of the file, nor debug dumps of library errors.

use std::path::PathBuf;

/// Why a file cannot be read (on). Single bad rows are [`super::Rejected`], not errors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No file at that path or pattern.
    #[error("no file matches `{}`{hint}", .path.display())]
    NotFound { path: PathBuf, hint: String },
    /// The operating system refuses.
    #[error("cannot read `{}`: {what}", .file.display())]
    Io { file: PathBuf, what: String },
    /// Nothing in the file, not even a header.
    #[error(
        "`{}` is empty: {what}; deliver the file again, or mark the source as optional and remove the file",
        .file.display()
    )]
    Empty { file: PathBuf, what: String },
    /// Compressed data that ends early or does not unpack; the rest of the file is unknown.
    #[error(
        "`{}` is damaged: {what}, at line {line} of the text ({after_rows} rows could be read); the rest of the file is unknown, so fetch it again from its source",
        .file.display()
    )]
    Corrupt {
        file: PathBuf,
        /// Physical line on which the data ends.
        line: u64,
        /// Rows delivered or rejected before the damage.
        after_rows: u64,
        what: String,
    },
    /// The declared delimiter gives one column where another one gives many.
    #[error(
        "`{}` does not use the declared delimiter {declared}: with it the file has one column, with {suggested} it has {columns}; write `delimiter = {suggested}` or leave the delimiter out so that it is detected",
        .file.display()
    )]
    Delimiter { file: PathBuf, declared: String, suggested: String, columns: usize },
    /// The header row cannot be understood.
    #[error("the header of `{}` (line {line}) {what}", .file.display())]
    Header { file: PathBuf, line: u64, what: String },
    /// An encoding that is unknown or that this reader does not support.
    #[error("`{}`: {what}", .file.display())]
    Encoding { file: PathBuf, what: String },
    /// JSON, but not one object a line.
    #[error(
        "`{}` {what}, but one JSON object a line is expected (NDJSON); convert it, for instance with `jq -c '.[]' in.json > out.ndjson`",
        .file.display()
    )]
    NotNdjson { file: PathBuf, what: String },
    /// A path pattern with a mistake in it.
    #[error("the path pattern `{pattern}` {what}")]
    Pattern { pattern: String, what: String },
    /// Options that contradict each other.
    #[error("reading `{}`: {what}", .file.display())]
    Options { file: PathBuf, what: String },
}

/// Something worth telling about a file that does not stop the reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// One of [`NOTES`].
    pub code: &'static str,
    /// A sentence for people; column names may occur in it, values never.
    pub text: String,
}

impl Note {
    pub(super) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// Codes of [`Note`] and what they mean.
pub const NOTES: &[(&str, &str)] = &[
    ("bom", "the file starts with a byte order mark, which was skipped and settles the encoding"),
    ("encoding_detected", "the encoding was not declared and was found from the bytes"),
    ("encoding_doubtful", "the declared or found encoding may be wrong: look at names with diacritics"),
    ("delimiter_detected", "the delimiter was not declared and was found from the sample"),
    ("single_column", "no delimiter occurs consistently, so each line is one column"),
    ("delimiter_line", "the first line is a `sep=` line as Excel writes it; it sets the delimiter and is no header"),
    ("header_duplicate", "a column name occurs twice; the later one was renamed"),
    ("header_empty", "a column has no name; it was named after its position"),
    ("header_trimmed", "white space around a column name was removed"),
    ("header_mismatch", "the header has another number of columns than nearly all rows of the sample"),
    ("header_like_data", "the first line looks like data rather than column names"),
    ("not_compressed", "the file's ending promises compression, but its bytes are plain"),
    ("compressed", "the file is compressed although its ending does not say so"),
    ("duplicate_key", "a JSON object names a key twice; the last value was taken"),
];
