//! Removes what an order names from one run's folder, or from the files beside the runs. Enters: an order. Leaves: tables
//! and files without the person, each replaced in one step, and how many rows went from where. Any table is handled
//! by its key columns, whoever wrote it; rows that belong side by side go by record id alone, so that they stay so.

use super::FOLDER;
use super::households;
use super::order::{Order, RunOrder};
use super::redact::Redactor;
use crate::error::{Error, Result};
use crate::person::integers;
use crate::stages::columns::{text_column, value};
use crate::store::{Store, read_some, rewrite_part};
use crate::{files, suppression, tables};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::filter_record_batch;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows or lines that went from each table or file that was rewritten; 0 where only values within texts went.
pub type Gone = BTreeMap<String, u64>;

pub struct Sweep<'o> {
    order: &'o Order,
    run: &'o RunOrder,
    redactor: Redactor,
    look_only: bool,
}

impl<'o> Sweep<'o> {
    pub fn new(order: &'o Order, run: &'o RunOrder) -> Result<Self> {
        let names = order.names.iter().map(|(source, key)| format!("{source}:{key}"));
        let names: Vec<String> = names.collect();
        let values = order.values.iter().chain(&order.golden_ids).chain(&names);
        Ok(Self { order, run, redactor: Redactor::new(values.map(String::as_str))?, look_only: false })
    }

    /// Changes nothing and says what would go.
    pub fn only_looking(mut self) -> Self {
        self.look_only = true;
        self
    }

    /// Every file of a run's folder. Keys of the result: tables, or paths within the folder.
    pub fn folder(&self, folder: &Path) -> Result<Gone> {
        let mut gone = Gone::new();
        let tables = folder.join("tables");
        self.walk(folder, &mut |path| {
            let named = path.strip_prefix(&tables).ok().and_then(|p| p.iter().next()).map(|p| p.to_string_lossy());
            let name = match named {
                Some(table) => table.to_string(),
                None => path.strip_prefix(folder).unwrap_or(path).display().to_string(),
            };
            self.file(path, &name, &mut gone)
        })?;
        Ok(gone)
    }

    /// Every file of the output folder that is of no run.
    pub fn outside_runs(&self, out: &Path) -> Result<Gone> {
        let mut gone = Gone::new();
        let runs = out.join("runs");
        let key = suppression::key_path(out);
        self.walk(out, &mut |path| {
            let own = path.starts_with(&runs) || path.starts_with(out.join(FOLDER)) || path == key;
            if own || path == out.join(suppression::FILE) || path == out.join(".lock") {
                return Ok(());
            }
            let name = path.strip_prefix(out).unwrap_or(path).display().to_string();
            self.file(path, &name, &mut gone)
        })?;
        Ok(gone)
    }

    fn walk(&self, folder: &Path, each: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
        let entries = std::fs::read_dir(folder).map_err(|e| Error::io("read", folder, &e))?;
        let mut paths: Vec<PathBuf> = Vec::new();
        for entry in entries {
            paths.push(entry.map_err(|e| Error::io("read", folder, &e))?.path());
        }
        // What a crash left of a replacement goes first: rewriting a part uses the same name.
        paths.sort_by_key(|path| (!is_leftover(path), path.clone()));
        for path in paths {
            let kind = std::fs::symlink_metadata(&path).map_err(|e| Error::io("read", &path, &e))?.file_type();
            if kind.is_dir() {
                self.walk(&path, each)?;
            } else if kind.is_file() {
                each(&path)?;
            }
        }
        Ok(())
    }

    fn file(&self, path: &Path, name: &str, gone: &mut Gone) -> Result<()> {
        let found = match path.extension().and_then(|e| e.to_str()) {
            Some("parquet") => self.part(path, name)?,
            _ if is_leftover(path) => self.remove(path)?,
            Some("jsonl" | "ndjson") => self.lines(path)?,
            _ if path.file_name().is_some_and(|n| n == "report.html") => None,
            _ => self.text(path)?,
        };
        if let Some(rows) = found {
            *gone.entry(name.to_string()).or_default() += rows;
        }
        Ok(())
    }

    fn remove(&self, path: &Path) -> Result<Option<u64>> {
        if !self.look_only {
            std::fs::remove_file(path).map_err(|e| Error::io("remove", path, &e))?;
        }
        Ok(None)
    }

    fn part(&self, path: &Path, table: &str) -> Result<Option<u64>> {
        if table == tables::HOUSEHOLDS {
            return households::sweep(path, &self.order.golden_ids, self.look_only);
        }
        if !self.look_only {
            return rewrite_part(path, |batch| self.batch(table, batch));
        }
        for batch in read_some(path, |_| true)? {
            if self.batch(table, &batch?)?.is_some() {
                return Ok(Some(0));
            }
        }
        Ok(None)
    }

    /// The batch without the person; none where nothing of them was in it.
    fn batch(&self, table: &str, batch: &RecordBatch) -> Result<Option<RecordBatch>> {
        let keep = self.kept(table, batch);
        let dropped = keep.iter().filter(|k| !**k).count();
        let batch = if dropped == 0 { batch.clone() } else { filter_record_batch(batch, &BooleanArray::from(keep))? };
        let mut changed = dropped > 0;
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(batch.num_columns());
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            let blank = if table == tables::GOLDEN { self.blanked(&batch, field.name()) } else { None };
            let blank = blank.or_else(|| self.relative(&batch, field.name()));
            let new = match (column.as_string_opt::<i32>(), blank) {
                (Some(text), Some(blank)) => Some(without(text, &blank)),
                (Some(text), None) => self.redacted(text),
                _ => None,
            };
            changed |= new.is_some();
            columns.push(new.unwrap_or_else(|| column.clone()));
        }
        if !changed {
            return Ok(None);
        }
        Ok(Some(RecordBatch::try_new(batch.schema(), columns)?))
    }

    /// Which rows stay.
    fn kept(&self, table: &str, batch: &RecordBatch) -> Vec<bool> {
        let mut keep = vec![true; batch.num_rows()];
        let schema = batch.schema();
        let side_by_side = schema.fields().first().is_some_and(|f| f.name() == "record_id");
        for field in schema.fields() {
            let name = field.name();
            let (records, clusters) = (name.starts_with("record_id"), name.starts_with("cluster_id") && !side_by_side);
            let set = if records { &self.run.record_ids } else { &self.run.clusters };
            if let Some(ids) = integers(batch, name).filter(|_| (records || clusters) && !set.is_empty()) {
                for (keep, id) in keep.iter_mut().zip(ids.iter()) {
                    *keep &= id.is_none_or(|id| !set.contains(&id));
                }
            }
        }
        if side_by_side {
            return keep;
        }
        let text = |name: &str| text_column(batch, name);
        if table == tables::QUARANTINE {
            let (source, file, line) = (text("source"), text("file"), integers(batch, "line"));
            for (row, keep) in keep.iter_mut().enumerate() {
                let place = (
                    value(source, row).unwrap_or("").to_string(),
                    value(file, row).unwrap_or("").to_string(),
                    line.and_then(|c| c.values().get(row)).copied().unwrap_or(0),
                );
                *keep &= !self.run.quarantine.contains(&place);
            }
            return keep;
        }
        // Figures of a golden record that was several people are counted from the events of all of them.
        if table == tables::ATTRIBUTES && !self.run.mixed.is_empty() {
            let (golden, records) = (text("golden_id"), integers(batch, "record_id"));
            for (row, keep) in keep.iter_mut().enumerate() {
                let counted = records.is_some_and(|c| c.is_null(row));
                *keep &= !counted || !value(golden, row).is_some_and(|id| self.run.mixed.contains_key(id));
            }
        }
        // Keys of records and golden ids in any column: ledgers and redirects name them under many names.
        if let (Some(source), Some(key)) = (text("source"), text("source_key")) {
            for (row, keep) in keep.iter_mut().enumerate() {
                let name = (value(Some(source), row).unwrap_or("").into(), value(Some(key), row).unwrap_or("").into());
                *keep &= !self.order.names.contains(&name);
            }
        }
        for column in batch.columns().iter().filter_map(|c| c.as_string_opt::<i32>()) {
            for (keep, cell) in keep.iter_mut().zip(column.iter()) {
                let Some(cell) = cell else { continue };
                *keep &= !self.order.golden_ids.contains(cell);
                // A value that has a row of its own, as in `contact_profiles`.
                *keep &= table != tables::CONTACT_PROFILES || !self.order.values.contains(cell);
            }
        }
        keep
    }

    /// Rows of `golden` whose field was won by a row of the person, though others are in the record.
    fn blanked(&self, batch: &RecordBatch, field: &str) -> Option<Vec<bool>> {
        if self.run.mixed.is_empty() {
            return None;
        }
        let golden = text_column(batch, "golden_id")?;
        let column = text_column(batch, field)?;
        let address = |won: &BTreeSet<String>| won.contains("locality") || won.contains("street");
        let theirs = |won: &BTreeSet<String>| match field {
            "address" | "address_key" => address(won),
            "household_key" => address(won) || won.contains("family_name"),
            _ => won.contains(field),
        };
        let blank: Vec<bool> = (0..batch.num_rows())
            .map(|row| {
                let won = value(Some(golden), row).and_then(|id| self.run.mixed.get(id));
                column.is_valid(row) && won.is_some_and(theirs)
            })
            .collect();
        blank.contains(&true).then_some(blank)
    }

    /// Rows of others that name a row of the person as somebody's relative.
    fn relative(&self, batch: &RecordBatch, field: &str) -> Option<Vec<bool>> {
        let column = text_column(batch, field).filter(|_| field.starts_with("related_to"))?;
        let source = text_column(batch, "source")?;
        let names: Vec<&StringArray> =
            ["related_to", "related_to_raw"].iter().filter_map(|name| text_column(batch, name)).collect();
        let is_theirs = |row: usize| {
            let source = value(Some(source), row)?;
            let named = |c: &&StringArray| value(Some(*c), row).map(|key| (source.to_string(), key.trim().to_string()));
            Some(column.is_valid(row) && names.iter().filter_map(named).any(|name| self.order.names.contains(&name)))
        };
        let blank: Vec<bool> = (0..batch.num_rows()).map(|row| is_theirs(row).unwrap_or(false)).collect();
        blank.contains(&true).then_some(blank)
    }

    /// The column with the person's values taken out of its texts; none where there was none.
    fn redacted(&self, column: &StringArray) -> Option<ArrayRef> {
        let all = std::str::from_utf8(column.value_data()).unwrap_or("");
        if !self.redactor.may_be_in(all) {
            return None;
        }
        let mut changed = false;
        let clean: StringArray = column
            .iter()
            .map(|cell| {
                let clean = self.redactor.clean(cell?);
                changed |= matches!(clean, std::borrow::Cow::Owned(_));
                Some(clean)
            })
            .collect();
        changed.then(|| Arc::new(clean) as ArrayRef)
    }

    /// JSON line by line: a line that names a row or golden id of the person goes, of others only the values.
    fn lines(&self, path: &Path) -> Result<Option<u64>> {
        let Some(text) = read_text(path)? else { return Ok(None) };
        let mut out = String::with_capacity(text.len());
        let mut gone = 0;
        for line in text.split_inclusive('\n') {
            if serde_json::from_str(line).is_ok_and(|json| self.is_about(&json)) {
                gone += 1;
            } else {
                out.push_str(&self.redactor.clean(line));
            }
        }
        self.replace(path, &text, &out, gone)
    }

    fn is_about(&self, json: &serde_json::Value) -> bool {
        use serde_json::Value;
        match json {
            Value::String(text) => self.order.golden_ids.contains(text),
            Value::Array(items) => items.iter().any(|i| self.is_about(i)),
            Value::Object(object) => {
                let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or("").to_string();
                let named = self.order.names.contains(&(text("source"), text("source_key")));
                named || object.values().any(|v| self.is_about(v))
            }
            _ => false,
        }
    }

    /// Any other text. Files that are no text are left: nothing here writes any but Parquet.
    fn text(&self, path: &Path) -> Result<Option<u64>> {
        let Some(text) = read_text(path)? else { return Ok(None) };
        let clean = self.redactor.clean(&text);
        self.replace(path, &text, &clean, 0)
    }

    fn replace(&self, path: &Path, old: &str, new: &str, gone: u64) -> Result<Option<u64>> {
        if old == new {
            return Ok(None);
        }
        if !self.look_only {
            files::replace(path, new.as_bytes())?;
        }
        Ok(Some(gone))
    }
}

/// A replacement that was never given its name.
fn is_leftover(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "new" || e == "tmp")
}

/// The text of a file; none where it is no UTF-8.
fn read_text(path: &Path) -> Result<Option<String>> {
    let bytes = std::fs::read(path).map_err(|e| Error::io("read", path, &e))?;
    Ok(String::from_utf8(bytes).ok())
}

fn without(column: &StringArray, blank: &[bool]) -> ArrayRef {
    let cells = column.iter().zip(blank).map(|(cell, blank)| cell.filter(|_| !blank));
    Arc::new(cells.collect::<StringArray>())
}

/// Rows of a table by source.
pub fn rows_by_source(store: &Store, table: &str) -> Result<BTreeMap<String, u64>> {
    let mut rows = BTreeMap::new();
    for part in store.parts(table)? {
        for batch in read_some(&part, |name| name == "source")? {
            let batch = batch?;
            for source in text_column(&batch, "source").into_iter().flatten().flatten() {
                match rows.get_mut(source) {
                    Some(n) => *n += 1,
                    None => {
                        rows.insert(source.to_string(), 1);
                    }
                }
            }
        }
    }
    Ok(rows)
}
