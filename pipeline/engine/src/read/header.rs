//! What stands before the rows: delimiter and header of a CSV file, the keys of an NDJSON file.
//! In: the start of the text and the options. Out: columns and a reader that stands at the rows.
//! Never here: judging data rows; the sample is looked at, not consumed.

use super::bytes::Failure;
use super::csv::{self, Dialect, Fields, Split, count_lines, line_end};
use super::dialect::{self, Fit};
use super::error::{Note, ReadError};
use super::json::{Object, Wanted};
use super::rows::Kind;
use super::{Opened, ReadOptions};
use memchr::memchr2;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// So many bytes of text are looked at for the delimiter or the keys.
const SAMPLE: usize = 256 * 1024;

impl Opened {
    /// Finds the delimiter, reads the header and stands at the first data row.
    pub(super) fn csv_header(&mut self, options: &ReadOptions) -> Result<(), ReadError> {
        let quote = options.quote.unwrap_or(Some(b'"'));
        let mut declared = options.delimiter;
        check_bytes(self, declared, quote)?;
        self.skip_blank_lines(false)?;
        if let Some(delimiter) = self.delimiter_line() {
            self.notes.push(Note::new(
                "delimiter_line",
                format!("the line `sep=` sets the delimiter {}", dialect::quoted(delimiter)),
            ));
            declared = declared.or(Some(delimiter));
            self.skip_blank_lines(false)?;
        }
        self.text.fill_up_to(SAMPLE + 1, &mut self.notes);
        let plain = Dialect { delimiter: b',', quote, limit: self.limit };
        let fit = match declared {
            Some(delimiter) => self.declared(Dialect { delimiter, ..plain }, options)?,
            None => self.detected(plain),
        };
        let dialect = Dialect { delimiter: fit.delimiter, ..plain };
        self.delimiter = Some(dialect.delimiter);
        let names = match &options.header {
            Some(names) => names.clone(),
            None => self.header_row(dialect)?,
        };
        self.columns = dialect::column_names(names, &mut self.notes);
        self.compare_with_rows(fit);
        self.kind = Kind::Csv { dialect, fields: Fields::default(), doubtful: 0 };
        Ok(())
    }

    /// Tells when nearly all rows of the sample will be refused for their number of fields.
    fn compare_with_rows(&mut self, fit: Fit) {
        let columns = self.columns.len();
        if fit.rows_agree_on(columns) {
            return;
        }
        let advice = match fit.usual {
            n if n == columns + 1 => "do the rows end with a delimiter that the header lacks?",
            _ if columns == 1 => "if the first line is a title, remove it",
            _ => "compare the header with the rows",
        };
        self.notes.push(Note::new(
            "header_mismatch",
            format!("the header has {columns} column(s), nearly all rows have {}; {advice}", fit.usual),
        ));
    }

    /// The start of the text, at most [`SAMPLE`] bytes, and whether the file ends with it.
    fn sample(&self) -> (&[u8], bool) {
        let rest = self.text.rest();
        match rest.get(..SAMPLE) {
            Some(sample) if rest.len() > SAMPLE => (sample, false),
            _ => (rest, self.text.at_end()),
        }
    }

    /// Skips empty lines; an error if nothing else is there.
    fn skip_blank_lines(&mut self, by_line_feed: bool) -> Result<(), ReadError> {
        loop {
            self.text.fill_up_to(2, &mut self.notes);
            let length = match self.text.rest() {
                [] => return Err(self.empty("it holds no header and no rows")),
                [b'\n', ..] => 1,
                [b'\r', b'\n', ..] => 2,
                [b'\r', ..] if !by_line_feed => 1,
                _ => return Ok(()),
            };
            self.text.consume(length);
            self.line += 1;
            self.counts.blank_lines += 1;
        }
    }

    fn empty(&self, what: &str) -> ReadError {
        let file = self.file.clone();
        match self.text.failure() {
            None => ReadError::Empty { file, what: what.into() },
            Some(Failure::Io(what)) => ReadError::Io { file, what: what.clone() },
            Some(Failure::Damaged(what)) => {
                ReadError::Corrupt { file, line: self.line, after_rows: 0, what: what.clone() }
            }
        }
    }

    /// Consumes Excel's `sep=;` and gives its delimiter.
    fn delimiter_line(&mut self) -> Option<u8> {
        self.text.fill_up_to(16, &mut self.notes);
        let rest = self.text.rest();
        let length = memchr2(b'\n', b'\r', rest.get(..16).unwrap_or(rest))?;
        let line = rest.get(..length)?;
        let line = match line {
            [b'"', inner @ .., b'"'] => inner,
            other => other,
        };
        let (name, value) = line.split_at_checked(4)?;
        let [delimiter] = value else { return None };
        if !name.eq_ignore_ascii_case(b"sep=") || !usable(*delimiter, None) {
            return None;
        }
        let delimiter = *delimiter;
        let next = line_end(rest, length, true)?;
        self.text.consume(next);
        self.line += 1;
        Some(delimiter)
    }

    /// A declared delimiter must not leave one column where another one gives many.
    fn declared(&self, dialect: Dialect, options: &ReadOptions) -> Result<Fit, ReadError> {
        let (sample, end) = self.sample();
        let fit = dialect::fit(sample, end, dialect);
        let one_wanted = options.header.as_ref().is_some_and(|names| names.len() == 1);
        if fit.header != 1 || one_wanted || (fit.usual > 1 && fit.agree < 0.5) {
            return Ok(fit);
        }
        match dialect::detect(sample, end, dialect) {
            Some(better) if better.header > 1 && better.agree >= 0.8 => Err(ReadError::Delimiter {
                file: self.file.clone(),
                declared: dialect::quoted(dialect.delimiter),
                suggested: dialect::quoted(better.delimiter),
                columns: better.header,
            }),
            _ => Ok(fit),
        }
    }

    fn detected(&mut self, plain: Dialect) -> Fit {
        let (sample, end) = self.sample();
        let found = dialect::detect(sample, end, plain);
        let fit = found.unwrap_or_else(|| dialect::fit(sample, end, plain));
        self.notes.push(match found {
            None => Note::new("single_column", "no delimiter was found: each line is read as one column"),
            Some(fit) => Note::new(
                "delimiter_detected",
                format!(
                    "the delimiter is {}: it gives {} columns",
                    dialect::quoted(fit.delimiter),
                    fit.header.max(fit.usual)
                ),
            ),
        });
        fit
    }

    fn header_row(&mut self, dialect: Dialect) -> Result<Vec<String>, ReadError> {
        let mut fields = Fields::default();
        let fail = |line: u64, what: String| ReadError::Header { file: self.file.clone(), line, what };
        let (length, next) = loop {
            let (rest, end) = (self.text.rest(), self.text.at_end());
            match csv::split(rest, end, dialect, 0, &mut fields) {
                Split::Record { length, next } => break (length, next),
                Split::More if !end => {
                    let wanted = rest.len().saturating_mul(2).max(1);
                    self.text.fill_up_to(wanted, &mut self.notes);
                }
                Split::Bad { reason, field, .. } => {
                    let what = match reason {
                        "unclosed_quote" => "has a quote that is never closed",
                        _ => "has text behind a closing quote",
                    };
                    return Err(fail(self.line, format!("{what} (column {field})")));
                }
                Split::TooLong | Split::More => {
                    let what = "is longer than the longest row allowed; is this a text file with one header row?";
                    return Err(fail(self.line, what.into()));
                }
            }
        };
        let broken = self.text.first_broken(length).is_some();
        let rest = self.text.rest();
        let record = rest.get(..length).unwrap_or_default();
        if memchr::memchr(0, record).is_some() {
            let what = "holds NUL bytes; is this a text file? If it is UTF-16, declare `encoding = \"utf-16\"`";
            return Err(fail(self.line, what.into()));
        }
        if broken || std::str::from_utf8(record).is_err() {
            let what =
                format!("is not valid {}; declare the file's encoding in sources.toml", self.text.encoding.name());
            return Err(fail(self.line, what));
        }
        let name = |field| {
            let text = fields.text(field, record).unwrap_or_default();
            String::from_utf8_lossy(text).into_owned()
        };
        let names: Vec<String> = fields.list.iter().map(name).collect();
        if dialect::looks_like_data(&names) {
            self.notes.push(Note::new(
                "header_like_data",
                "the first line looks like data; if the file has no header, name its columns with `header = [...]`",
            ));
        }
        let lines = count_lines(rest.get(..next).unwrap_or_default());
        self.text.consume(next);
        self.line += lines;
        Ok(names)
    }

    /// The columns of an NDJSON file: as wanted, or the keys of the sample in the order they occur.
    pub(super) fn ndjson_columns(&mut self, options: &ReadOptions) -> Result<(), ReadError> {
        self.skip_blank_lines(true)?;
        self.text.fill_up_to(SAMPLE + 1, &mut self.notes);
        let (sample, end) = self.sample();
        let start = sample.trim_ascii_start();
        let wrong = |what: &str| ReadError::NotNdjson { file: self.file.clone(), what: what.into() };
        match start.first() {
            None if end => return Err(self.empty("it holds no rows")),
            Some(b'[') => return Err(wrong("is one JSON array")),
            Some(b'{') => {
                let first = start.split(|b| *b == b'\n').next().unwrap_or_default();
                if first.trim_ascii() == b"{" {
                    return Err(wrong("holds JSON objects spread over several lines"));
                }
            }
            _ => {}
        }
        self.columns = match &options.columns {
            Some(columns) => unique(columns.iter().cloned()),
            None => unique(sample_keys(sample)),
        };
        let wanted = Wanted::new(&self.columns);
        self.kind = Kind::Ndjson { wanted, object: Object::default() };
        Ok(())
    }
}

/// Keys of the objects in the sample, as often as they occur.
fn sample_keys(sample: &[u8]) -> impl Iterator<Item = String> {
    sample
        .split(|b| *b == b'\n')
        .filter_map(|line| serde_json::from_slice::<Map<String, Value>>(line).ok())
        .flat_map(|object| object.into_iter().map(|(key, _)| key))
}

/// Without repetitions, in the order of first occurrence.
fn unique(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    names.filter(|name| seen.insert(name.clone())).collect()
}

fn check_bytes(opened: &Opened, delimiter: Option<u8>, quote: Option<u8>) -> Result<(), ReadError> {
    let fail = |what: &str| ReadError::Options { file: opened.file.clone(), what: what.into() };
    if delimiter.is_some_and(|d| !usable(d, quote)) {
        return Err(fail("the delimiter must be one ASCII character, no line end and not the quote character"));
    }
    if quote.is_some_and(|q| !usable(q, None)) {
        return Err(fail("the quote must be one ASCII character and no line end"));
    }
    Ok(())
}

fn usable(byte: u8, other: Option<u8>) -> bool {
    byte.is_ascii() && !matches!(byte, b'\n' | b'\r' | 0) && other != Some(byte)
}
