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
use std::collections::HashSet;

/// So many bytes of text are looked at for the delimiter or the keys.
const SAMPLE: usize = 256 * 1024;

impl Opened {
    /// Finds the delimiter, reads the header and stands at the first data row.
    pub(super) fn csv_header(&mut self, options: &ReadOptions) -> Result<(), ReadError> {
        let quote = options.quote.unwrap_or(Some(b'"'));
        let mut declared = options.delimiter;
        check_bytes(self, declared, quote)?;
        self.skip_blank_lines()?;
        if let Some(delimiter) = self.delimiter_line() {
            self.notes.push(Note::new(
                "delimiter_line",
                format!(
                    "the line `sep=` sets the delimiter {}",
                    dialect::quoted(delimiter)
                ),
            ));
            declared = declared.or(Some(delimiter));
            self.skip_blank_lines()?;
        }
        self.text.fill_up_to(SAMPLE, &mut self.notes);
        let plain = Dialect {
            delimiter: b',',
            quote,
            limit: self.limit,
        };
        let dialect = match declared {
            Some(delimiter) => self.declared(Dialect { delimiter, ..plain }, options)?,
            None => self.detected(plain),
        };
        self.delimiter = Some(dialect.delimiter);
        self.columns = match &options.header {
            Some(names) => dialect::column_names(names.clone(), &mut self.notes),
            None => {
                let names = self.header_row(dialect)?;
                dialect::column_names(names, &mut self.notes)
            }
        };
        self.kind = Kind::Csv {
            dialect,
            fields: Fields::default(),
            doubtful: 0,
        };
        Ok(())
    }

    /// Skips blank lines; an error if nothing else is there.
    fn skip_blank_lines(&mut self) -> Result<(), ReadError> {
        loop {
            self.text.fill_up_to(2, &mut self.notes);
            let rest = self.text.rest();
            match rest.first() {
                Some(b'\n' | b'\r') => {
                    let next = line_end(rest, 0, true).unwrap_or(1);
                    self.text.consume(next);
                    self.line += 1;
                    self.counts.blank_lines += 1;
                }
                Some(_) => return Ok(()),
                None => return Err(self.empty("it holds no header and no rows")),
            }
        }
    }

    fn empty(&self, what: &str) -> ReadError {
        let file = self.file.clone();
        match self.text.failure() {
            None => ReadError::Empty {
                file,
                what: what.into(),
            },
            Some(Failure::Io(what)) => ReadError::Io {
                file,
                what: what.clone(),
            },
            Some(Failure::Damaged(what)) => ReadError::Corrupt {
                file,
                line: self.line,
                after_rows: 0,
                what: what.clone(),
            },
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
    fn declared(&self, dialect: Dialect, options: &ReadOptions) -> Result<Dialect, ReadError> {
        let (sample, end) = (self.text.rest(), self.text.at_end());
        let fit = dialect::fit(sample, end, dialect);
        let wanted = options.header.as_ref().map(Vec::len);
        if fit.header == 1 && wanted != Some(1) && (fit.usual == 1 || fit.agree >= 0.5) {
            let better = dialect::detect(sample, end, dialect);
            let better = better.filter(|b| b.header > 1 && b.agree >= 0.8);
            if let Some(Fit {
                delimiter, header, ..
            }) = better
            {
                return Err(ReadError::Delimiter {
                    file: self.file.clone(),
                    declared: dialect::quoted(dialect.delimiter),
                    suggested: dialect::quoted(delimiter),
                    columns: header,
                });
            }
        }
        Ok(dialect)
    }

    fn detected(&mut self, plain: Dialect) -> Dialect {
        let (sample, end) = (self.text.rest(), self.text.at_end());
        let Some(fit) = dialect::detect(sample, end, plain) else {
            self.notes.push(Note::new(
                "single_column",
                "no delimiter was found: each line is read as one column",
            ));
            return plain;
        };
        self.notes.push(Note::new(
            "delimiter_detected",
            format!(
                "the delimiter is {}: it gives {} columns",
                dialect::quoted(fit.delimiter),
                fit.header
            ),
        ));
        if fit.rows_differ() {
            self.notes.push(Note::new(
                "header_mismatch",
                format!(
                    "line {} has {} column(s), the rows after it have {}; if it is a title, remove it",
                    self.line, fit.header, fit.usual
                ),
            ));
        }
        Dialect {
            delimiter: fit.delimiter,
            ..plain
        }
    }

    fn header_row(&mut self, dialect: Dialect) -> Result<Vec<String>, ReadError> {
        let mut fields = Fields::default();
        let fail = |line: u64, what: String| ReadError::Header {
            file: self.file.clone(),
            line,
            what,
        };
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
            let what = format!(
                "is not valid {}; declare the file's encoding in sources.toml",
                self.text.encoding.name()
            );
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
        self.text.fill_up_to(SAMPLE, &mut self.notes);
        while self.text.rest().trim_ascii().is_empty() && !self.text.at_end() {
            let wanted = self.text.rest().len().saturating_mul(2).max(1);
            if wanted > self.limit.saturating_mul(4) {
                break;
            }
            self.text.fill_up_to(wanted, &mut self.notes);
        }
        let sample = self.text.rest();
        let start = sample.trim_ascii_start();
        let wrong = |what: &str| ReadError::NotNdjson {
            file: self.file.clone(),
            what: what.into(),
        };
        match start.first() {
            None => return Err(self.empty("it holds no rows")),
            Some(b'[') => return Err(wrong("is one JSON array")),
            Some(b'{') => {
                let first = start.split(|b| *b == b'\n').next().unwrap_or_default();
                if first.trim_ascii() == b"{" {
                    return Err(wrong("holds JSON objects spread over several lines"));
                }
            }
            Some(_) => {}
        }
        self.columns = match &options.columns {
            Some(columns) => dialect::column_names(columns.clone(), &mut self.notes),
            None => sample_keys(sample),
        };
        let wanted = Wanted::new(&self.columns);
        self.kind = Kind::Ndjson {
            wanted,
            object: Object::default(),
        };
        Ok(())
    }
}

/// Keys of the objects in the sample, in the order of their first occurrence.
fn sample_keys(sample: &[u8]) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut keys = Vec::new();
    for line in sample.split(|b| *b == b'\n') {
        let object = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line);
        for (key, _) in object.into_iter().flatten() {
            if seen.insert(key.clone()) {
                keys.push(key);
            }
        }
    }
    keys
}

fn check_bytes(opened: &Opened, delimiter: Option<u8>, quote: Option<u8>) -> Result<(), ReadError> {
    let fail = |what: &str| ReadError::Options {
        file: opened.file.clone(),
        what: what.into(),
    };
    if delimiter.is_some_and(|d| !usable(d, quote)) {
        return Err(fail(
            "the delimiter must be one ASCII character, no line end and not the quote character",
        ));
    }
    if quote.is_some_and(|q| !usable(q, None)) {
        return Err(fail(
            "the quote must be one ASCII character and no line end",
        ));
    }
    Ok(())
}

fn usable(byte: u8, other: Option<u8>) -> bool {
    byte.is_ascii() && !matches!(byte, b'\n' | b'\r' | 0) && other != Some(byte)
}
