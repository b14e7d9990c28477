//! What the sections of the page draw from: a run's tables, its rules, its model, the last published run.
//! Never here: what a section shows; nor writing anything.

use crate::components::{Sample, Word};
use crate::rows::{Row, rows};
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use zlato_core::matching::model::{Model, Weights, weight_of};
use zlato_core::rules::Rules;
use zlato_engine::catalog::Catalog;
use zlato_engine::error::Result;
use zlato_engine::manifest::Manifest;
use zlato_engine::store::Store;
use zlato_engine::tally::{By, Tally};

/// The run published last, for comparison.
pub struct Last {
    pub manifest: Manifest,
    pub store: Store,
}

/// Everything the page is made from.
pub struct Data<'a> {
    pub catalog: &'a Catalog,
    pub rules: &'a Rules,
    pub weights: Option<Weights>,
    /// Match weight at which merging began, bits.
    pub merge_weight: f64,
    pub last: Option<&'a Last>,
    /// Rows of an example table.
    pub samples: usize,
    /// `--out` of the command line, for the commands that the page names.
    pub out: String,
    columns: BTreeMap<String, BTreeSet<String>>,
    spoken: Mutex<BTreeMap<String, &'static str>>,
}

impl<'a> Data<'a> {
    /// Looks up which tables and columns there are; tables of the last run appear as `last_...`.
    pub async fn new(
        catalog: &'a Catalog,
        rules: &'a Rules,
        model: Option<&Model>,
        last: Option<&'a Last>,
        samples: usize,
        out: String,
    ) -> Result<Self> {
        let mut columns = BTreeMap::new();
        let mut add = |store: &Store, table: &str, name: String| -> Result<()> {
            let schema = store.schema(table)?;
            columns.insert(name, schema.fields().iter().map(|f| f.name().clone()).collect());
            Ok(())
        };
        for name in catalog.names()? {
            add(&catalog.store, &name, name.clone())?;
        }
        if let Some(last) = last {
            catalog.add(&last.store, "last_").await?;
            for table in zlato_engine::tables::ALL.iter().filter(|t| last.store.exists(t.name)) {
                add(&last.store, table.name, format!("last_{}", table.name))?;
            }
        }
        let spoken = Mutex::new(BTreeMap::new());
        let thresholds = &rules.matching.thresholds;
        let merge_weight =
            model.and_then(|m| m.merge_weight(thresholds)).unwrap_or(weight_of(*thresholds.merge.get_ref()));
        Ok(Self { catalog, rules, weights: model.map(Weights::new), merge_weight, last, samples, out, columns, spoken })
    }

    pub fn manifest(&self) -> &Manifest {
        &self.catalog.manifest
    }

    pub fn has(&self, table: &str) -> bool {
        self.columns.contains_key(table)
    }

    pub fn has_column(&self, table: &str, column: &str) -> bool {
        self.columns.get(table).is_some_and(|c| c.contains(column))
    }

    /// Rows of a query that limits itself; none when a table that it needs is not there.
    pub async fn rows(&self, needs: &[&str], sql: &str) -> Result<Vec<Row>> {
        if needs.iter().any(|table| !self.has(table)) {
            return Ok(vec![]);
        }
        rows(&self.catalog.query(sql).await?)
    }

    /// Rows of a table of this run at some integers of a column, with the columns that are named, or all where none is;
    /// none for no integers.
    pub async fn rows_at(&self, table: &str, wanted: &[&str], column: &str, at: &BTreeSet<i64>) -> Result<Vec<Row>> {
        if at.is_empty() || !self.has(table) {
            return Ok(vec![]);
        }
        rows(&self.catalog.at(table, wanted, column, at).await?)
    }

    /// Counts the rows of a table of this run once for each group of columns; nothing where it lacks one of them.
    pub async fn tally(&self, table: &str, groups: &[&[By]]) -> Result<Vec<Tally>> {
        let there = |by: &By| self.has_column(table, by.column());
        if !groups.iter().flat_map(|group| group.iter()).all(there) {
            return Ok(vec![Tally::new(); groups.len()]);
        }
        self.catalog.tally(table, groups.iter().map(|group| group.to_vec()).collect()).await
    }

    /// A code with its meaning; it enters the glossary of the page.
    pub fn word(&self, code: &str) -> Word {
        let meaning = words::meaning(code);
        if let (Some(meaning), Ok(mut spoken)) = (meaning, self.spoken.lock()) {
            spoken.insert(code.to_string(), meaning);
        }
        Word::new(code, meaning)
    }

    /// The codes that the page has used so far, by name.
    pub fn glossary(&self) -> Vec<(Word, &'static str)> {
        let spoken = self.spoken.lock().map(|s| s.clone()).unwrap_or_default();
        spoken.into_iter().map(|(code, meaning)| (Word::plain(&code), meaning)).collect()
    }

    /// "x of y", with the command that shows all.
    pub fn sample(&self, shown: usize, total: u64, what: &str, sql: &str) -> Sample {
        let out = if self.out == "out" { String::new() } else { format!(" --out {}", shell(&self.out)) };
        let sql = sql.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$").replace('`', "\\`");
        let command = format!("zlato tables{out} --run {} --rows 1000 --sql \"{sql}\"", self.manifest().run);
        Sample { shown: shown as u64, total: total.max(shown as u64), what: what.into(), command }
    }
}

/// A word of a shell command.
fn shell(word: &str) -> String {
    let simple = word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    if simple { word.into() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// The texts of a combination that rows were counted by; a null text is empty.
pub fn texts<const N: usize>(combination: &[Option<String>]) -> [String; N] {
    std::array::from_fn(|place| combination.get(place).cloned().flatten().unwrap_or_default())
}

/// A text as an SQL literal.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name as an SQL identifier.
pub fn quoted_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
