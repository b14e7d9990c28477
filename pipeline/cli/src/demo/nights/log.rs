//! Enters: what was done to a person or a row. Leaves: one JSON line for it, as `changes.ndjson` has them.
//! Never here: values of people; the log names persons, sources, keys and fields only.

use super::super::fields::json;
use super::super::sources::SourceId;
use super::super::truth::entity;
use chrono::NaiveDate;
use std::fmt::Write as _;

/// The changes of one night, in the order in which they happened.
#[derive(Debug)]
pub struct Log {
    pub night: u32,
    pub day: NaiveDate,
    pub lines: String,
    pub count: u64,
}

impl Log {
    pub fn new(night: u32, day: NaiveDate) -> Self {
        Self { night, day, lines: String::new(), count: 0 }
    }

    /// What happened to a person; sources may know nothing of it.
    pub fn person(&mut self, kind: &str, person: u64) {
        self.line(kind, &[("entity", &entity(person))]);
    }

    /// What happened to a row.
    pub fn row(&mut self, kind: &str, person: u64, source: SourceId, key: &str, more: &[(&str, &str)]) {
        let entity = entity(person);
        let mut parts = vec![("entity", entity.as_str()), ("source", source.name()), ("key", key)];
        parts.extend_from_slice(more);
        self.line(kind, &parts);
    }

    /// What happened to a whole file.
    pub fn file(&mut self, kind: &str, source: &str, how: &str) {
        self.line(kind, &[("source", source), ("how", how)]);
    }

    fn line(&mut self, kind: &str, parts: &[(&str, &str)]) {
        let _ = write!(self.lines, "{{\"night\":{},\"day\":\"{}\",", self.night, self.day);
        json(&mut self.lines, "kind", kind);
        for (name, value) in parts {
            json(&mut self.lines, name, value);
        }
        self.lines.pop();
        self.lines.push_str("}\n");
        self.count += 1;
    }
}
