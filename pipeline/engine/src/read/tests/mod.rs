//! What the reader promises, checked through its public face and with read buffers of any size.
//! In: bytes written here. Out: rows, rejected rows, errors.
//! Never here: files from outside the repository.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod damage;
mod encodings;
mod properties;
mod reasons;

use super::*;
use std::io::Cursor;

/// Everything that reading a file gives.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub columns: Vec<String>,
    pub encoding: &'static str,
    pub delimiter: Option<u8>,
    pub rows: Vec<Vec<Option<String>>>,
    pub lines: Vec<u64>,
    pub rejected: Vec<Rejected>,
    pub counts: Counts,
    pub notes: Vec<Note>,
    pub error: Option<ReadError>,
}

impl Told {
    /// Line and reason of every rejected row.
    pub fn refused(&self) -> Vec<(u64, &'static str)> {
        self.rejected.iter().map(|r| (r.line, r.reason)).collect()
    }

    pub fn notes(&self) -> Vec<&'static str> {
        self.notes.iter().map(|n| n.code).collect()
    }

    /// The rows, null as `-`, fields joined by `|`.
    pub fn shown(&self) -> Vec<String> {
        let text = |f: &Option<String>| f.clone().unwrap_or_else(|| "-".into());
        let row = |r: &Vec<Option<String>>| r.iter().map(text).collect::<Vec<_>>().join("|");
        self.rows.iter().map(row).collect()
    }
}

pub(super) fn read_with(bytes: &[u8], options: &ReadOptions, chunk: usize) -> Result<Told, ReadError> {
    let unpacked = bytes::unpack(Box::new(Cursor::new(bytes.to_vec()))).unwrap();
    let mut opened = open_bytes(Path::new("crm.csv"), unpacked, options, chunk, Vec::new())?;
    let mut told = Told {
        columns: opened.columns.clone(),
        encoding: opened.encoding,
        delimiter: opened.delimiter,
        rows: Vec::new(),
        lines: Vec::new(),
        rejected: Vec::new(),
        counts: Counts::default(),
        notes: Vec::new(),
        error: None,
    };
    let mut batch = RowBatch::new();
    loop {
        match opened.next_rows(&mut batch) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                told.error = Some(error);
                break;
            }
        }
        for row in 0..batch.len() {
            let text = |c: &Column| c.get(row).map(str::to_owned);
            told.rows.push(batch.columns.iter().map(text).collect());
        }
        assert!(batch.columns.iter().all(|c| c.len() == batch.len()));
        told.lines.extend_from_slice(&batch.lines);
        told.rejected.append(&mut batch.rejected);
    }
    let again = opened.next_rows(&mut batch);
    assert_eq!(again.err(), told.error, "the end stays the end");
    told.encoding = opened.encoding;
    told.counts = opened.counts;
    told.notes = opened.notes;
    assert_eq!(told.counts.rows_read as usize, told.rows.len() + told.rejected.len());
    assert_eq!(told.counts.rows_rejected as usize, told.rejected.len());
    for rejected in &told.rejected {
        assert!(REASONS.iter().any(|(code, _)| *code == rejected.reason), "{}", rejected.reason);
    }
    for note in &told.notes {
        assert!(NOTES.iter().any(|(code, _)| *code == note.code), "{}", note.code);
    }
    Ok(told)
}

pub(super) fn csv(text: impl AsRef<[u8]>) -> Told {
    read_with(text.as_ref(), &ReadOptions::default(), CHUNK).unwrap()
}

pub(super) fn ndjson(text: impl AsRef<[u8]>, columns: &[&str]) -> Told {
    read_with(text.as_ref(), &ndjson_options(columns), CHUNK).unwrap()
}

pub(super) fn ndjson_options(columns: &[&str]) -> ReadOptions {
    ReadOptions {
        format: Format::Ndjson,
        columns: Some(columns.iter().map(|c| (*c).to_owned()).collect()),
        ..ReadOptions::default()
    }
}

pub(super) fn with_limit(max_row_bytes: usize) -> ReadOptions {
    ReadOptions { max_row_bytes, ..ReadOptions::default() }
}
