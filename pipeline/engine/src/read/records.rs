//! Judges the record at the start of the text: a row, a blank line, or refused for a reason.
//! In: the text window, the dialect or the wanted keys. Out: a row in the batch, or a refusal.
//! Never here: moving on in the file.
//!
//! A row with several faults is refused for the first of: quotes and length, cut off, NUL byte,
//! encoding, number of fields (CSV) or syntax (NDJSON).

use super::batch::RowBatch;
use super::csv::{self, FieldKind, Split, count_lines};
use super::error::Note;
use super::json::{self, Object};
use super::rows::{Kind, Outcome, Refusal};
use super::{Counts, Opened};
use encoding_rs::UTF_8;
use memchr::memchr;

impl Opened {
    pub(super) fn csv_record(&mut self, rows: &mut RowBatch) -> Outcome {
        let Kind::Csv { dialect, fields, doubtful } = &mut self.kind else {
            return Outcome::More;
        };
        let position = self.text.position();
        let near = usize::try_from(doubtful.saturating_sub(position)).unwrap_or(usize::MAX);
        let end = self.text.at_end();
        let (length, next) = match csv::split(self.text.rest(), end, *dialect, near, fields) {
            Split::More => return Outcome::More,
            Split::TooLong => return Outcome::TooLong,
            Split::Bad { reason, field, length, next, doubtful: upto } => {
                *doubtful = (*doubtful).max(position + upto as u64);
                let detail = format!("field {field}");
                return Outcome::Refused { refusal: Refusal::new(reason, field, detail), length, next };
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
            Some(Refusal::new("cut_off", fields.list.len(), "the file breaks off in this row"))
        } else if let Some(at) = memchr(0, record) {
            let field = fields.number_at(at);
            Some(Refusal::new("nul_byte", field, format!("byte {} of the row", at + 1)))
        } else if let Some(at) = undecodable(record, broken, self.text.encoding == UTF_8) {
            let field = fields.number_at(at);
            Some(Refusal::new("invalid_encoding", field, format!("byte {} of the row", at + 1)))
        } else {
            wrong_count(fields.list.len(), self.columns.len())
        };
        if let Some(refusal) = refusal {
            return Outcome::Refused { refusal, length, next };
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

    pub(super) fn ndjson_line(&mut self, rows: &mut RowBatch) -> Outcome {
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
            Some(Refusal::new("cut_off", 1, "the file breaks off in this row"))
        } else if let Some(at) = memchr(0, line) {
            Some(Refusal::new("nul_byte", characters(line, at), format!("byte {}", at + 1)))
        } else {
            match std::str::from_utf8(line) {
                Ok(text) if broken.is_none() => json::object(text, wanted, object).err().map(|r| Refusal {
                    reason: r.reason,
                    column: Some(r.character),
                    detail: r.detail.into(),
                }),
                other => {
                    let at = broken.or(other.err().map(|e| e.valid_up_to())).unwrap_or(0);
                    let detail = format!("byte {}", at + 1);
                    Some(Refusal::new("invalid_encoding", characters(line, at), detail))
                }
            }
        };
        if let Some(refusal) = refusal {
            return Outcome::Refused { refusal, length, next };
        }
        for (at, column) in rows.columns.iter_mut().enumerate() {
            column.push(object.get(at));
        }
        count_keys(object, &mut self.counts, self.line, &mut self.notes);
        rows.row_done(self.line, object.bytes());
        self.counts.rows_read += 1;
        Outcome::Done { next, lines: 1 }
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
        std::cmp::Ordering::Greater => Some(Refusal::new("too_many_fields", expected + 1, detail())),
    }
}

fn count_keys(object: &Object, counts: &mut Counts, line: u64, notes: &mut Vec<Note>) {
    counts.ignored_values += object.ignored;
    if object.duplicates > 0 {
        if counts.duplicate_keys == 0 {
            notes.push(Note::new(
                "duplicate_key",
                format!("an object names a key twice (first on line {line}); the last value was taken"),
            ));
        }
        counts.duplicate_keys += object.duplicates;
    }
}

/// Character, from 1, at a byte offset of text that may be broken.
fn characters(line: &[u8], at: usize) -> usize {
    let before = line.get(..at).unwrap_or(line);
    String::from_utf8_lossy(before).chars().count() + 1
}
