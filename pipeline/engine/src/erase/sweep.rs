//! Removes what an order names from one run's folder, or from the files beside the runs. Enters: an order. Leaves: tables
//! and files without the person, each replaced in one step, and how many rows went from where. Files are worked on side by
//! side. Never here: which rows of a table stay; see `rows`.

use super::FOLDER;
use super::households::Households;
use super::order::{Order, RunOrder};
use super::redact::Redactor;
use crate::error::{Error, Result};
use crate::stages::columns::text_column;
use crate::store::{Store, read_some, rewrite_part};
use crate::{files, suppression, tables};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Rows or lines that went from each table or file of a run that was rewritten, 0 where only values within texts went; of a
/// file that is of no run, the lines that went or changed.
pub type Gone = BTreeMap<String, u64>;

/// Which lines of a text are counted.
#[derive(Debug, Clone, Copy)]
enum Count {
    Gone,
    /// Gone or changed.
    Touched,
}

impl Count {
    fn of(self, gone: u64, changed: u64) -> u64 {
        match self {
            Self::Gone => gone,
            Self::Touched => gone + changed,
        }
    }
}

/// What a sweep has found.
#[derive(Default)]
pub struct Swept {
    pub gone: Gone,
    /// Parts of tables in which nothing of the person was.
    pub clean: BTreeSet<PathBuf>,
}

pub struct Sweep<'o> {
    pub(super) order: &'o Order,
    pub(super) run: &'o RunOrder,
    pub(super) redactor: Redactor,
    threads: usize,
    /// Changes nothing and says what would go; parts that were found clean before are passed over.
    look_only: Option<BTreeSet<PathBuf>>,
}

impl<'o> Sweep<'o> {
    pub fn new(order: &'o Order, run: &'o RunOrder, threads: usize) -> Result<Self> {
        let names = order.names.iter().map(|(source, key)| format!("{source}:{key}"));
        let names: Vec<String> = names.collect();
        let values = order.values.iter().chain(&order.golden_ids).chain(&names);
        Ok(Self { order, run, redactor: Redactor::new(values.map(String::as_str))?, threads, look_only: None })
    }

    /// Changes nothing and says what would go. `clean`: parts that a sweep for the same order has found clean.
    pub fn only_looking(mut self, clean: BTreeSet<PathBuf>) -> Self {
        self.look_only = Some(clean);
        self
    }

    /// Every file of a run's folder. What went is told by table, or by path within the folder.
    pub fn folder(&self, folder: &Path) -> Result<Swept> {
        let tables = folder.join("tables");
        let households = Households::find(&Store::new(folder, Arc::default()), &self.order.golden_ids)?;
        let name = |path: &Path| {
            let table = path.strip_prefix(&tables).ok().and_then(|p| p.iter().next()).map(|p| p.to_string_lossy());
            table.map_or_else(|| within(folder, path), |table| table.to_string())
        };
        self.files(&self.paths(folder, &|_| true)?, &name, &households, Count::Gone)
    }

    /// Every file of the output folder that is of no run.
    pub fn outside_runs(&self, out: &Path) -> Result<Gone> {
        let kept = [out.join("runs"), out.join(suppression::FILE), out.join(".lock"), suppression::key_path(out)];
        let mut paths = self.paths(out, &|path| !kept.iter().any(|kept| path == kept))?;
        // Certificates are of this order or an earlier one; a half-written order, which names somebody, is gone by now.
        paths.retain(|path| !path.starts_with(out.join(FOLDER)));
        Ok(self.files(&paths, &|path| within(out, path), &Households::default(), Count::Touched)?.gone)
    }

    /// The files of a folder and the folders in it, those that are wanted. What a crash left of a replacement is removed:
    /// rewriting a part uses the same name.
    fn paths(&self, folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
        let (mut folders, mut found) = (vec![folder.to_path_buf()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).map_err(|e| Error::io("read", &folder, &e))? {
                let path = entry.map_err(|e| Error::io("read", &folder, &e))?.path();
                if !wanted(&path) {
                    continue;
                }
                let kind = std::fs::symlink_metadata(&path).map_err(|e| Error::io("read", &path, &e))?.file_type();
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() && !is_leftover(&path) {
                    found.push(path);
                } else if kind.is_file() && self.look_only.is_none() {
                    std::fs::remove_file(&path).map_err(|e| Error::io("remove", &path, &e))?;
                }
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    fn files(
        &self,
        paths: &[PathBuf],
        name: &(dyn Fn(&Path) -> String + Sync),
        households: &Households,
        count: Count,
    ) -> Result<Swept> {
        let next = AtomicUsize::new(0);
        let worker = || -> Result<Swept> {
            let mut swept = Swept::default();
            while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                if self.look_only.as_ref().is_some_and(|clean| clean.contains(path)) {
                    continue;
                }
                let name = name(path);
                match self.file(path, &name, households, count)? {
                    Some(rows) => *swept.gone.entry(name).or_default() += rows,
                    None if is_part(path) => {
                        swept.clean.insert(path.clone());
                    }
                    None => {}
                }
            }
            Ok(swept)
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.threads.max(1)).map(|_| scope.spawn(worker)).collect();
            let mut all = Swept::default();
            for worker in workers {
                let swept = worker.join().map_err(|_| Error::Internal("a thread that erased has ended".into()))??;
                all.clean.extend(swept.clean);
                for (name, rows) in swept.gone {
                    *all.gone.entry(name).or_default() += rows;
                }
            }
            Ok(all)
        })
    }

    /// Rows or lines that went; none where nothing of the person was.
    fn file(&self, path: &Path, name: &str, households: &Households, count: Count) -> Result<Option<u64>> {
        match path.extension().and_then(|e| e.to_str()) {
            _ if is_part(path) => self.part(path, name, households),
            Some("jsonl" | "ndjson") => self.lines(path, count),
            // Drawn again from the tables.
            _ if path.file_name().is_some_and(|n| n == "report.html") => Ok(None),
            _ => self.text(path, count),
        }
    }

    fn part(&self, path: &Path, table: &str, households: &Households) -> Result<Option<u64>> {
        let change = |batch: &_| match table {
            tables::HOUSEHOLDS => households.without(batch, &self.order.golden_ids),
            _ => self.batch(table, batch),
        };
        if self.look_only.is_none() {
            return rewrite_part(path, change);
        }
        for batch in read_some(path, |_| true)? {
            if change(&batch?)?.is_some() {
                return Ok(Some(0));
            }
        }
        Ok(None)
    }

    /// JSON line by line: a line that names a row or golden id of the person goes, of others only the values.
    fn lines(&self, path: &Path, count: Count) -> Result<Option<u64>> {
        let Some(text) = read_text(path)? else { return Ok(None) };
        let mut out = String::with_capacity(text.len());
        let (mut gone, mut changed) = (0, 0);
        for line in text.split_inclusive('\n') {
            if serde_json::from_str(line).is_ok_and(|json| self.is_about(&json)) {
                gone += 1;
            } else {
                let clean = self.redactor.clean(line);
                changed += u64::from(clean != line);
                out.push_str(&clean);
            }
        }
        self.replace(path, &text, &out, count.of(gone, changed))
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
    fn text(&self, path: &Path, count: Count) -> Result<Option<u64>> {
        let Some(text) = read_text(path)? else { return Ok(None) };
        let clean = self.redactor.clean(&text);
        let changed = text.lines().zip(clean.lines()).filter(|(old, new)| old != new).count() as u64;
        self.replace(path, &text, &clean, count.of(0, changed))
    }

    fn replace(&self, path: &Path, old: &str, new: &str, gone: u64) -> Result<Option<u64>> {
        if old == new {
            return Ok(None);
        }
        if self.look_only.is_none() {
            files::replace(path, new.as_bytes())?;
        }
        Ok(Some(gone))
    }
}

fn within(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}

fn is_part(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "parquet")
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use zlato_core::suppression::{Entry, Scope};

    #[test]
    fn only_leftovers_beside_the_runs_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["runs/one/part.tmp", "erasures/pending-1.json.new", "erasures/1.txt", "history.jsonl.new"] {
            std::fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            std::fs::write(at(name), "").unwrap();
        }
        let order = Order {
            entry: Entry::new(Scope::Erased, vec![], "2026-11-01".parse().unwrap(), &BTreeSet::new()),
            at: String::new(),
            steward: None,
            reason: None,
            runs: BTreeMap::new(),
            names: BTreeSet::new(),
            golden_ids: BTreeSet::new(),
            values: BTreeSet::new(),
            shared_contacts: 0,
        };
        let none = RunOrder::default();
        let gone = Sweep::new(&order, &none, 2).unwrap().outside_runs(folder.path()).unwrap();
        assert!(gone.is_empty());
        assert!(["runs/one/part.tmp", "erasures/1.txt"].iter().all(|name| at(name).exists()));
        let removed = ["erasures/pending-1.json.new", "history.jsonl.new"];
        assert!(removed.iter().all(|name| !at(name).exists()), "such a file may name a person");
    }
}
