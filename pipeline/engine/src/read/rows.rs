//! From text to rows: checks every record and delivers or refuses it.
//! In: the text window, the dialect or the wanted keys. Out: rows and rejected rows in a batch.
//! Never here: opening files; nothing is skipped without being counted.

use super::batch::{RAW_LIMIT, Rejected, RowBatch, raw_text};
use super::bytes::Failure;
use super::csv::{self, Dialect, FieldKind, Fields, Split, count_lines, line_end};
use super::error::{Note, ReadError};
use super::json::{self, Object, Wanted};
use super::{Counts, Opened};
use encoding_rs::UTF_8;
use memchr::{memchr, memchr2};

/// What the reader needs for its kind of file.
pub(super) enum Kind {
    Csv {
        dialect: Dialect,
        fields: Fields,
        /// Position in the text up to which a stray quote is refused.
        doubtful: u64,
    },
    Ndjson {
        wanted: Wanted,
        object: Object,
    },
}

impl Default for Kind {
    fn default() -> Self {
        Self::Ndjson {
            wanted: Wanted::default(),
            object: Object::default(),
        }
    }
}

/// What a record turned out to be; positions are relative to the unread text.
enum Outcome {
    /// Pushed to the batch, or blank.
    Done {
        next: usize,
        lines: u64,
    },
    Refused {
        refusal: Refusal,
        length: usize,
        next: usize,
    },
    More,
    TooLong,
}

struct Refusal {
    reason: &'static str,
    column: Option<u64>,
    detail: String,
}

impl Refusal {
    fn new(reason: &'static str, column: usize, detail: impl Into<String>) -> Self {
        Self {
            reason,
            column: Some(column as u64),
            detail: detail.into(),
        }
    }
}

impl Opened {
    /// Fills the batch; sets `self.error` when the file breaks off.
    pub(super) fn read_rows(&mut self, rows: &mut RowBatch) {
        while !rows.full() {
            if self.text.rest().is_empty() {
                if self.text.at_end() {
                    self.note_failure();
                    return;
                }
                self.text.fill(&mut self.notes);
                continue;
            }
            let by_line = matches!(self.kind, Kind::Ndjson { .. });
            let outcome = match by_line {
                true => self.ndjson_line(rows),
                false => self.csv_record(rows),
            };
            match outcome {
                Outcome::Done { next, lines } => {
                    self.text.consume(next);
                    self.line += lines;
                }
                Outcome::Refused {
                    refusal,
                    length,
                    next,
                } => {
                    let rest = self.text.rest();
                    let record = rest.get(..length).unwrap_or_default();
                    let passed = rest.get(..next).unwrap_or_default();
                    let lines = if by_line {
                        line_feeds(passed)
                    } else {
                        count_lines(passed)
                    };
                    let raw = raw_text(record, length as u64);
                    self.reject(rows, refusal, raw);
                    self.text.consume(next);
                    self.line += lines;
                }
                Outcome::More => {
                    let wanted = self.text.rest().len().saturating_mul(2).max(1);
                    self.text.fill_up_to(wanted, &mut self.notes);
                }
                Outcome::TooLong => self.skip_long(rows, by_line),
            }
        }
    }

    fn note_failure(&mut self) {
        self.error = self.text.failure().map(|failure| match failure {
            Failure::Io(what) => ReadError::Io {
                file: self.file.clone(),
                what: what.clone(),
            },
            Failure::Damaged(what) => ReadError::Corrupt {
                file: self.file.clone(),
                line: self.line,
                after_rows: self.counts.rows_read,
                what: what.clone(),
            },
        });
    }

    fn reject(&mut self, rows: &mut RowBatch, refusal: Refusal, raw: String) {
        self.counts.rows_read += 1;
        self.counts.rows_rejected += 1;
        rows.reject(Rejected {
            line: self.line,
            column: refusal.column,
            reason: refusal.reason,
            detail: refusal.detail,
            raw,
        });
    }

    fn csv_record(&mut self, rows: &mut RowBatch) -> Outcome {
        let Kind::Csv {
            dialect,
            fields,
            doubtful,
        } = &mut self.kind
        else {
            return Outcome::More;
        };
        let position = self.text.position();
        let near = usize::try_from(doubtful.saturating_sub(position)).unwrap_or(usize::MAX);
        let end = self.text.at_end();
        let (length, next) = match csv::split(self.text.rest(), end, *dialect, near, fields) {
            Split::More => return Outcome::More,
            Split::TooLong => return Outcome::TooLong,
            Split::Bad {
                reason,
                field,
                length,
                next,
                doubtful: upto,
            } => {
                *doubtful = (*doubtful).max(position + upto as u64);
                let detail = format!("field {field}");
                return Outcome::Refused {
                    refusal: Refusal::new(reason, field, detail),
                    length,
                    next,
                };
            }
            Split::Record { length: 0, next } => {
                self.counts.blank_lines += 1;
                return Outcome::Done { next, lines: 1 };
            }
            Split::Record { length, next } => (length, next),
        };
        let broken = self.text.first_broken(length);
        let record = self.text.rest().get(..length).unwrap_or_default();
        let cut = next == length && self.text.failure().is_some();
        let refusal = if cut {
            Some(Refusal::new(
                "cut_off",
                fields.list.len(),
                "the file breaks off in this row",
            ))
        } else if let Some(at) = memchr(0, record) {
            let field = fields.number_at(at);
            Some(Refusal::new(
                "nul_byte",
                field,
                format!("byte {} of the row", at + 1),
            ))
        } else if let Some(at) = undecodable(record, broken, self.text.encoding == UTF_8) {
            let field = fields.number_at(at);
            Some(Refusal::new(
                "invalid_encoding",
                field,
                format!("byte {} of the row", at + 1),
            ))
        } else {
            wrong_count(fields.list.len(), self.columns.len())
        };
        if let Some(refusal) = refusal {
            return Outcome::Refused {
                refusal,
                length,
                next,
            };
        }
        let mut quoted = false;
        for (field, column) in fields.list.iter().zip(&mut rows.columns) {
            quoted |= field.kind != FieldKind::Plain;
            column.push(fields.text(field, record));
        }
        rows.row_done(self.line, length);
        self.counts.rows_read += 1;
        let lines = match quoted {
            true => count_lines(self.text.rest().get(..next).unwrap_or_default()),
            false => 1,
        };
        Outcome::Done { next, lines }
    }

    fn ndjson_line(&mut self, rows: &mut RowBatch) -> Outcome {
        let Kind::Ndjson { wanted, object } = &mut self.kind else {
            return Outcome::More;
        };
        let rest = self.text.rest();
        let view = rest.get(..self.limit.saturating_add(2)).unwrap_or(rest);
        let (length, next) = match memchr(b'\n', view) {
            Some(at) => (at, at + 1),
            None if view.len() > self.limit => return Outcome::TooLong,
            None if self.text.at_end() => (view.len(), view.len()),
            None => return Outcome::More,
        };
        let line = view.get(..length).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let length = line.len();
        if length > self.limit {
            return Outcome::TooLong;
        }
        if line.trim_ascii().is_empty() {
            self.counts.blank_lines += 1;
            return Outcome::Done { next, lines: 1 };
        }
        let cut = next == view.len() && !view.ends_with(b"\n") && self.text.failure().is_some();
        let broken = self.text.first_broken(length);
        let line = self.text.rest().get(..length).unwrap_or_default();
        let refusal = if cut {
            Some(Refusal::new(
                "cut_off",
                1,
                "the file breaks off in this row",
            ))
        } else if let Some(at) = memchr(0, line) {
            Some(Refusal::new(
                "nul_byte",
                characters(line, at),
                format!("byte {}", at + 1),
            ))
        } else {
            match std::str::from_utf8(line) {
                Ok(text) if broken.is_none() => {
                    json::object(text, wanted, object).err().map(|r| Refusal {
                        reason: r.reason,
                        column: Some(r.character),
                        detail: r.detail.into(),
                    })
                }
                other => {
                    let at = broken.or(other.err().map(|e| e.valid_up_to())).unwrap_or(0);
                    let detail = format!("byte {}", at + 1);
                    Some(Refusal::new(
                        "invalid_encoding",
                        characters(line, at),
                        detail,
                    ))
                }
            }
        };
        if let Some(refusal) = refusal {
            return Outcome::Refused {
                refusal,
                length,
                next,
            };
        }
        for (at, column) in rows.columns.iter_mut().enumerate() {
            column.push(object.get(at));
        }
        count_keys(object, &mut self.counts, self.line, &mut self.notes);
        rows.row_done(self.line, object.bytes());
        self.counts.rows_read += 1;
        Outcome::Done { next, lines: 1 }
    }

    /// Refuses a row beyond the limit, without holding it: on to the first line end from there.
    fn skip_long(&mut self, rows: &mut RowBatch, by_line: bool) {
        let limit = self.limit;
        let rest = self.text.rest();
        let head = rest.get(..limit.min(RAW_LIMIT)).unwrap_or(rest).to_vec();
        let split_pair = rest.get(limit - 1) == Some(&b'\r') && rest.get(limit) == Some(&b'\n');
        let passed = rest.get(..limit - usize::from(split_pair)).unwrap_or(rest);
        let mut lines = if by_line { 0 } else { count_lines(passed) };
        let passed = passed.len();
        let mut total = passed as u64;
        self.text.consume(passed);
        loop {
            let end = self.text.at_end();
            let rest = self.text.rest();
            let found = match by_line {
                true => memchr(b'\n', rest),
                false => memchr2(b'\n', b'\r', rest),
            };
            match found.map(|at| (at, line_end(rest, at, end))) {
                Some((at, Some(next))) => {
                    total += at as u64;
                    lines += 1;
                    self.text.consume(next);
                    break;
                }
                Some((_, None)) => self.text.fill(&mut self.notes),
                None => {
                    let length = rest.len();
                    total += length as u64;
                    self.text.consume(length);
                    if end {
                        break;
                    }
                    self.text.fill(&mut self.notes);
                }
            }
        }
        let refusal = Refusal {
            reason: "row_too_long",
            column: None,
            detail: format!("{total} bytes where at most {limit} are expected"),
        };
        self.reject(rows, refusal, raw_text(&head, total));
        self.line += lines;
    }
}

/// Offset of the first byte that is no character. Decoded text is well-formed by construction.
fn undecodable(record: &[u8], broken: Option<usize>, check: bool) -> Option<usize> {
    if broken.is_some() || !check {
        return broken;
    }
    std::str::from_utf8(record).err().map(|e| e.valid_up_to())
}

fn wrong_count(found: usize, expected: usize) -> Option<Refusal> {
    let plural = if found == 1 { "" } else { "s" };
    let detail = || format!("{found} field{plural} where the header has {expected}");
    match found.cmp(&expected) {
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Less => Some(Refusal::new("too_few_fields", found + 1, detail())),
        std::cmp::Ordering::Greater => {
            Some(Refusal::new("too_many_fields", expected + 1, detail()))
        }
    }
}

fn count_keys(object: &Object, counts: &mut Counts, line: u64, notes: &mut Vec<Note>) {
    counts.ignored_values += object.ignored;
    if object.duplicates > 0 {
        if counts.duplicate_keys == 0 {
            notes.push(Note::new(
                "duplicate_key",
                format!(
                    "an object names a key twice (first on line {line}); the last value was taken"
                ),
            ));
        }
        counts.duplicate_keys += object.duplicates;
    }
}

fn line_feeds(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// Character, from 1, at a byte offset of text that may be broken.
fn characters(line: &[u8], at: usize) -> usize {
    let before = line.get(..at).unwrap_or(line);
    String::from_utf8_lossy(before).chars().count() + 1
}
