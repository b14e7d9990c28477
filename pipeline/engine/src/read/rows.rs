//! From text to batches: moves through the file record by record and keeps count.
//! In: the text window and what `records` finds at its start. Out: rows and rejected rows.
//! Never here: judging a record; nothing is skipped without being counted.

use super::Opened;
use super::batch::{RAW_LIMIT, Rejected, RowBatch, raw_text};
use super::bytes::Failure;
use super::csv::{Dialect, Fields, count_lines, line_end};
use super::error::ReadError;
use super::json::{Object, Wanted};
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
        Self::Ndjson { wanted: Wanted::default(), object: Object::default() }
    }
}

/// What a record turned out to be; positions are relative to the unread text.
pub(super) enum Outcome {
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

pub(super) struct Refusal {
    pub reason: &'static str,
    pub column: Option<u64>,
    pub detail: String,
}

impl Refusal {
    pub(super) fn new(reason: &'static str, column: usize, detail: impl Into<String>) -> Self {
        Self { reason, column: Some(column as u64), detail: detail.into() }
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
                Outcome::Refused { refusal, length, next } => {
                    let rest = self.text.rest();
                    let record = rest.get(..length).unwrap_or_default();
                    let passed = rest.get(..next).unwrap_or_default();
                    let lines = if by_line { line_feeds(passed) } else { count_lines(passed) };
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
            Failure::Io(what) => ReadError::Io { file: self.file.clone(), what: what.clone() },
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

    /// Refuses a row beyond the limit, without holding it: on to the first line end from there.
    fn skip_long(&mut self, rows: &mut RowBatch, by_line: bool) {
        let limit = self.limit;
        let rest = self.text.rest();
        let head = rest.get(..limit.min(RAW_LIMIT)).unwrap_or(rest).to_vec();
        // The row has no line end before the limit, or it would have been refused for its quotes.
        let passed = limit.min(rest.len());
        let mut total = passed as u64;
        let mut lines = 0;
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

fn line_feeds(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}
