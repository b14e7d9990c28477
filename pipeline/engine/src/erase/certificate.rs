//! What an erasure did, for the person who asked and for whoever checks: places and counts, nothing of the person.

use super::FOLDER;
use super::order::{Order, RunOrder};
use super::redact::Redactor;
use super::sweep::Gone;
use crate::error::{Error, Result};
use crate::files;
use crate::person::StoredRun;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A certificate, as it is written to `erasures/ID.json`.
#[derive(Debug, Clone, Serialize)]
pub struct Certificate {
    /// Also the id of the entry of the suppression list.
    pub id: String,
    pub version: &'static str,
    /// When it was asked for (RFC 3339).
    pub at: String,
    pub day: String,
    pub steward: Option<String>,
    pub reason: Option<String>,
    pub runs: Vec<RunPart>,
    /// Files beside the runs: lines removed, by file.
    pub files: BTreeMap<String, u64>,
    /// Contacts of the person that records of other people have as well: they stay in those.
    pub shared_contacts: u64,
    pub not_covered: [&'static str; 4],
}

/// What went from one run.
#[derive(Debug, Clone, Serialize)]
pub struct RunPart {
    pub run: String,
    /// Rows of sources: customers, prospects, profiles, events.
    pub source_rows: usize,
    pub rejected_rows: usize,
    /// Golden records that were the person's alone.
    pub golden_records: usize,
    /// The run had not come so far that its rows could be told apart: all its tables were removed.
    pub emptied: bool,
    /// Golden records of others that lost the values which the person's rows had given them.
    pub golden_records_changed: usize,
    /// Rows removed, by table.
    pub tables: BTreeMap<String, u64>,
    /// Tables and files in which values were replaced within longer texts.
    pub redacted: Vec<String>,
    /// `redrawn`, `removed` or `none`.
    pub report: &'static str,
}

const NOT_COVERED: [&str; 4] = [
    "the files that sources deliver: the person must be removed at the sources as well",
    "backups and copies of the output folder",
    "files that others put into the output folder and that are neither text nor Parquet, such as packed logs",
    "what other systems have taken from earlier runs",
];

impl Certificate {
    pub(super) fn new(order: &Order) -> Self {
        let redactor = Redactor::new(order.values.iter().map(String::as_str)).ok();
        let clean = |text: &Option<String>| {
            text.as_ref().map(|t| redactor.as_ref().map_or_else(String::new, |r| r.clean(t).into_owned()))
        };
        Self {
            id: order.entry.id.clone(),
            version: env!("CARGO_PKG_VERSION"),
            at: order.at.clone(),
            day: order.entry.day.clone(),
            steward: order.steward.clone(),
            reason: clean(&order.reason),
            runs: vec![],
            files: BTreeMap::new(),
            shared_contacts: order.shared_contacts,
            not_covered: NOT_COVERED,
        }
    }

    pub(super) fn run(
        &mut self,
        run: &StoredRun,
        wanted: &RunOrder,
        changed: &Gone,
        report: &'static str,
    ) -> Result<()> {
        let mut tables = BTreeMap::new();
        for (table, before) in &wanted.before {
            let after = if run.store.exists(table) { run.store.rows(table)? } else { 0 };
            if *before > after {
                tables.insert(table.clone(), before - after);
            }
        }
        // Tables that the order did not know of.
        for (name, rows) in changed.iter().filter(|(name, rows)| **rows > 0 && !wanted.before.contains_key(*name)) {
            tables.insert(name.clone(), *rows);
        }
        let redacted = changed.iter().filter(|(_, rows)| **rows == 0).map(|(name, _)| name.clone());
        self.runs.push(RunPart {
            run: run.name().into(),
            source_rows: wanted.record_ids.len(),
            rejected_rows: wanted.quarantine.len(),
            golden_records: wanted.clusters.len(),
            emptied: false,
            golden_records_changed: wanted.mixed.len(),
            tables,
            redacted: redacted.collect(),
            report,
        });
        Ok(())
    }

    /// A run whose tables went, all of them.
    pub(super) fn emptied(&mut self, run: &StoredRun, wanted: &RunOrder) {
        self.runs.push(RunPart {
            run: run.name().into(),
            source_rows: 0,
            rejected_rows: 0,
            golden_records: 0,
            emptied: true,
            golden_records_changed: 0,
            tables: wanted.before.clone(),
            redacted: vec![],
            report: "none",
        });
    }

    pub(super) fn files(&mut self, changed: Gone) {
        self.files = changed;
    }

    /// Writes both forms; returns the path of the readable one.
    pub(super) fn save(&self, out: &Path) -> Result<PathBuf> {
        let folder = out.join(FOLDER);
        let json = serde_json::to_vec_pretty(self).map_err(|e| Error::Internal(format!("the certificate: {e}")))?;
        files::replace(&folder.join(format!("{}.json", self.id)), &json)?;
        let path = folder.join(format!("{}.txt", self.id));
        files::replace(&path, self.text().as_bytes())?;
        Ok(path)
    }

    /// The readable form. Writing to a string does not fail.
    pub fn text(&self) -> String {
        let mut out = format!("Certificate of erasure {}\n\n", self.id);
        let _ = writeln!(out, "Asked for at {}{}.", self.at, by(self.steward.as_deref()));
        if let Some(reason) = &self.reason {
            let _ = writeln!(out, "Reason: {reason}");
        }
        let _ = writeln!(out, "Done by zlato {}. Nothing below is about the person's data.\n", self.version);
        if self.runs.is_empty() {
            let _ = writeln!(out, "No stored run held anything of the person.");
        }
        for run in self.runs.iter().filter(|run| run.emptied) {
            let _ = writeln!(
                out,
                "Run {}: it had not come so far that its rows could be told apart; all its tables were removed.",
                run.run
            );
        }
        for run in self.runs.iter().filter(|run| !run.emptied) {
            let _ = writeln!(
                out,
                "Run {}: {} source rows, {} rejected rows, {} golden records removed; {} golden records of others changed; report {}.",
                run.run, run.source_rows, run.rejected_rows, run.golden_records, run.golden_records_changed, run.report
            );
            for (table, rows) in &run.tables {
                let _ = writeln!(out, "    {table}: {rows} rows removed");
            }
            for name in &run.redacted {
                let _ = writeln!(out, "    {name}: values replaced within longer texts");
            }
        }
        for (file, lines) in &self.files {
            let _ = writeln!(out, "File {file}: {lines} lines removed or changed");
        }
        if self.shared_contacts > 0 {
            let _ = writeln!(
                out,
                "\n{} contact(s) of the person stay in records of other people, who have them too.",
                self.shared_contacts
            );
        }
        let _ = writeln!(
            out,
            "\nKept: one entry of the suppression list, made of keyed hashes, so that the person does not come back.\nNot covered:"
        );
        for line in self.not_covered {
            let _ = writeln!(out, "  - {line}");
        }
        out
    }
}

fn by(steward: Option<&str>) -> String {
    steward.map_or_else(String::new, |s| format!(" by {s}"))
}
