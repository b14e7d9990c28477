//! One CSV record at a time: where it ends, where its fields are, or why it is none.
//! In: text from the start of a record. Out: field positions and the length of the record.
//! Never here: reading, decoding, counting columns; no field is copied unless it holds `""`.
//!
//! The dialect is RFC 4180 with any one-byte delimiter and LF, CRLF or CR at line ends. A quote
//! inside an unquoted field is text. A quoted field must be followed by a delimiter or a line end.
//! A quote that is opened by mistake must not swallow the file: if it is not closed within the
//! limit, or is "closed" on a later line in the middle of text, only the line on which it was opened
//! (of a record over several lines: the first) is refused and reading goes on with the next line.

use memchr::{memchr, memchr_iter, memchr2, memchr3};

/// How fields are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub delimiter: u8,
    pub quote: Option<u8>,
    /// Longest record in bytes, without its line end.
    pub limit: usize,
}

/// Where the text of a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldKind {
    /// In the record; empty means null.
    Plain,
    /// In the record, between quotes.
    Quoted,
    /// In [`Fields::unescaped`].
    Escaped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    /// Offset in the record at which the field starts, its quote included.
    pub from: usize,
    /// Stretch of its text, in the record or in `unescaped`.
    pub start: usize,
    pub end: usize,
    pub kind: FieldKind,
}

/// The fields of the last record; kept between records so that nothing is allocated.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub list: Vec<Field>,
    pub unescaped: Vec<u8>,
}

impl Fields {
    /// The text of a field; `None` is null.
    pub fn text<'a>(&'a self, field: &Field, record: &'a [u8]) -> Option<&'a [u8]> {
        let from = match field.kind {
            FieldKind::Plain if field.start == field.end => return None,
            FieldKind::Plain | FieldKind::Quoted => record,
            FieldKind::Escaped => self.unescaped.as_slice(),
        };
        from.get(field.start..field.end)
    }

    /// Number, from 1, of the field that covers an offset of the record.
    pub fn number_at(&self, offset: usize) -> usize {
        self.list.partition_point(|f| f.from <= offset).max(1)
    }

    fn plain(&mut self, start: usize, end: usize) {
        self.list.push(Field { from: start, start, end, kind: FieldKind::Plain });
    }
}

/// What the text starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Split {
    /// A record of `length` bytes; the next one starts at `next`.
    Record { length: usize, next: usize },
    /// Undecidable without more text.
    More,
    /// Not a record; reading goes on at `next`.
    Bad {
        reason: &'static str,
        /// Number, from 1, of the field at fault.
        field: usize,
        length: usize,
        next: usize,
        /// Up to this offset, quotes are likely the leftovers of a quoted field.
        doubtful: usize,
    },
    /// Longer than the limit; the rest up to the line end must be skipped, from offset `limit`.
    TooLong,
}

/// Splits the record at the start of `text`. `end`: the file ends with `text`.
/// `doubtful`: up to this offset an unquoted field with a quote in it is refused (`stray_quote`).
pub(super) fn split(text: &[u8], end: bool, dialect: Dialect, doubtful: usize, fields: &mut Fields) -> Split {
    fields.list.clear();
    fields.unescaped.clear();
    // The outcome depends on these bytes only, however the text arrives.
    let view = dialect.limit.saturating_add(2).min(text.len());
    let end = end && view == text.len();
    let Some(view) = text.get(..view) else {
        return Split::More;
    };
    let stop = match dialect.quote {
        Some(quote) => memchr3(b'\n', b'\r', quote, view),
        None => memchr2(b'\n', b'\r', view),
    };
    match stop {
        Some(at) if Some(view.get(at).copied().unwrap_or_default()) != dialect.quote => {
            let Some(next) = line_end(view, at, end) else {
                return more_or_too_long(view, dialect);
            };
            if at > dialect.limit {
                return Split::TooLong;
            }
            plain_fields(view.get(..at).unwrap_or_default(), dialect.delimiter, fields);
            Split::Record { length: at, next }
        }
        None if end && view.len() <= dialect.limit => {
            plain_fields(view, dialect.delimiter, fields);
            Split::Record { length: view.len(), next: view.len() }
        }
        None => more_or_too_long(view, dialect),
        Some(_) => match dialect.quote {
            Some(quote) => match split_quoted(view, end, dialect, quote, doubtful, fields) {
                // Too long over several lines: a quote on the first of them is to blame.
                Split::TooLong => first_line(view, dialect.limit, 0, fields).unwrap_or(Split::TooLong),
                other => other,
            },
            None => Split::More,
        },
    }
}

fn plain_fields(line: &[u8], delimiter: u8, fields: &mut Fields) {
    let mut start = 0;
    for at in memchr_iter(delimiter, line) {
        fields.plain(start, at);
        start = at + 1;
    }
    fields.plain(start, line.len());
}

fn more_or_too_long(view: &[u8], dialect: Dialect) -> Split {
    if view.len() > dialect.limit { Split::TooLong } else { Split::More }
}

/// Where the next line starts, if `at` is a line end; `None`: a CR whose next byte is unknown.
pub(super) fn line_end(view: &[u8], at: usize, end: bool) -> Option<usize> {
    match (view.get(at), view.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => Some(at + 2),
        (Some(b'\r'), None) if !end => None,
        _ => Some(at + 1),
    }
}

/// Number of line ends in a stretch of text; CRLF is one.
pub(super) fn count_lines(text: &[u8]) -> u64 {
    let mut lines = 0;
    let mut rest = text;
    while let Some(at) = memchr2(b'\n', b'\r', rest) {
        lines += 1;
        let next = line_end(rest, at, true).unwrap_or(at + 1);
        rest = rest.get(next..).unwrap_or_default();
    }
    lines
}

/// Refuses the first line of a record whose fields before `upto` span several lines.
fn first_line(view: &[u8], upto: usize, doubtful: usize, fields: &Fields) -> Option<Split> {
    let length = memchr2(b'\n', b'\r', view.get(..upto)?)?;
    Some(Split::Bad {
        reason: "unclosed_quote",
        field: fields.number_at(length),
        length,
        next: line_end(view, length, true)?,
        doubtful: doubtful.max(upto),
    })
}

/// The careful way, for records with a quote in them.
fn split_quoted(view: &[u8], end: bool, dialect: Dialect, quote: u8, doubtful: usize, fields: &mut Fields) -> Split {
    let mut at = 0;
    loop {
        let from = at;
        let after = if view.get(at) == Some(&quote) {
            match quoted_field(view, end, dialect.delimiter, quote, from, fields) {
                Quoted::Closed { after } => after,
                Quoted::Open | Quoted::Unknown if !end && view.len() <= dialect.limit => {
                    return Split::More;
                }
                Quoted::Open | Quoted::Unknown => {
                    return refuse(view, end, dialect, fields, from, "unclosed_quote", 0);
                }
                Quoted::Junk { at: junk } => {
                    let lines = memchr2(b'\n', b'\r', view.get(from..junk).unwrap_or_default());
                    let (reason, doubtful) = match lines {
                        None => ("text_after_quote", 0),
                        Some(_) => ("unclosed_quote", junk + 1),
                    };
                    return refuse(view, end, dialect, fields, from, reason, doubtful);
                }
            }
        } else {
            let rest = view.get(at..).unwrap_or_default();
            let length = memchr3(dialect.delimiter, b'\n', b'\r', rest);
            let after = at + length.unwrap_or(rest.len());
            let field = view.get(at..after).unwrap_or_default();
            if at < doubtful && memchr(quote, field).is_some() {
                return refuse(view, end, dialect, fields, from, "stray_quote", 0);
            }
            fields.plain(at, after);
            after
        };
        match view.get(after) {
            Some(b) if *b == dialect.delimiter => {
                at = after + 1;
                if at < view.len() {
                    continue;
                }
                if !end {
                    return more_or_too_long(view, dialect);
                }
                fields.plain(at, at);
                return finish(at, at, dialect);
            }
            Some(_) => {
                return match line_end(view, after, end) {
                    Some(next) => finish(after, next, dialect),
                    None => more_or_too_long(view, dialect),
                };
            }
            None if end => return finish(after, after, dialect),
            None => return more_or_too_long(view, dialect),
        }
    }
}

fn finish(length: usize, next: usize, dialect: Dialect) -> Split {
    if length > dialect.limit { Split::TooLong } else { Split::Record { length, next } }
}

enum Quoted {
    /// Closed; `after` is the offset behind the closing quote.
    Closed { after: usize },
    /// No closing quote in the view.
    Open,
    /// A quote is the last byte of the view: what follows decides.
    Unknown,
    /// A closing quote with text behind it.
    Junk { at: usize },
}

/// Reads the quoted field at `from` (the offset of its opening quote).
fn quoted_field(view: &[u8], end: bool, delimiter: u8, quote: u8, from: usize, fields: &mut Fields) -> Quoted {
    let start = from + 1;
    let copied = fields.unescaped.len();
    let mut run = start;
    let mut escaped = false;
    let mut at = start;
    loop {
        let Some(found) = memchr(quote, view.get(at..).unwrap_or_default()) else {
            return Quoted::Open;
        };
        let close = at + found;
        match view.get(close + 1) {
            Some(b) if *b == quote => {
                escaped = true;
                let piece = view.get(run..=close).unwrap_or_default();
                fields.unescaped.extend_from_slice(piece);
                at = close + 2;
                run = at;
                continue;
            }
            None if !end => return Quoted::Unknown,
            Some(b) if !matches!(*b, b'\n' | b'\r') && *b != delimiter => {
                return Quoted::Junk { at: close };
            }
            _ => {}
        }
        let field = if escaped {
            let piece = view.get(run..close).unwrap_or_default();
            fields.unescaped.extend_from_slice(piece);
            Field { from, start: copied, end: fields.unescaped.len(), kind: FieldKind::Escaped }
        } else {
            Field { from, start, end: close, kind: FieldKind::Quoted }
        };
        fields.list.push(field);
        return Quoted::Closed { after: close + 1 };
    }
}

/// Refuses the line on which the field at `from` starts. Where the record began on an earlier line,
/// only the first line: whatever was opened there may be the mistake, and no more must be lost.
fn refuse(
    view: &[u8],
    end: bool,
    dialect: Dialect,
    fields: &Fields,
    from: usize,
    reason: &'static str,
    doubtful: usize,
) -> Split {
    if let Some(bad) = first_line(view, from, doubtful, fields) {
        return bad;
    }
    let field = fields.list.len() + 1;
    let rest = view.get(from..).unwrap_or_default();
    let length = match memchr2(b'\n', b'\r', rest) {
        Some(offset) => from + offset,
        None if end => view.len(),
        None => return more_or_too_long(view, dialect),
    };
    match line_end(view, length, end) {
        _ if length > dialect.limit => Split::TooLong,
        Some(next) => Split::Bad { reason, field, length, next: next.min(view.len()), doubtful },
        None => more_or_too_long(view, dialect),
    }
}
