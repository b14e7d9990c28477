//! The truth file of an evaluation. Enter: CSV, NDJSON or Parquet with source, source_key and entity.
//! Leave: the entity of every record of the run that has one, and what did not fit. Never here: scores.

use super::Inspection;
use crate::error::{Error, Result};
use crate::read;
use crate::stages::columns::value;
use crate::stages::dedupe::features::row_hash;
use crate::stages::ingest::parquet;
use crate::tables::RECORDS_PER_SOURCE;
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use futures::TryStreamExt;
use serde::Serialize;
use std::collections::HashMap;
use std::path::Path;
use zlato_core::rules::sources::SourceKind;
use zlato_core::rules::suggest;

const COLUMNS: [&str; 3] = ["source", "source_key", "entity"];

/// What became of the rows of the truth file.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TruthAccount {
    /// Rows of the file.
    pub rows: u64,
    /// Records of the run that have an entity.
    pub records: u64,
    pub entities: u64,
    /// Records of the run without truth: left out of every number.
    pub records_without_truth: u64,
    /// Rows of profile and event sources, which are linked and not matched.
    pub rows_not_matched: u64,
    /// Rows that name no record of the run.
    pub rows_unknown: u64,
}

/// Entity and cluster of the records of a run.
pub struct Labels {
    /// By number of the source, then of the row; entity 0 for none.
    sources: Vec<Vec<(u32, i64)>>,
}

impl Labels {
    /// Entity and cluster; none for a record without truth.
    pub fn of(&self, record: i64) -> Option<(u32, i64)> {
        let source = usize::try_from(record / RECORDS_PER_SOURCE).ok()?;
        let row = usize::try_from(record % RECORDS_PER_SOURCE).ok()?;
        self.sources.get(source)?.get(row).copied().filter(|(entity, _)| *entity != 0)
    }

    fn set(&mut self, record: i64, entity: u32, cluster: i64) -> Result<()> {
        let broken = |_| Error::Internal("a record with a negative number".into());
        let source = usize::try_from(record / RECORDS_PER_SOURCE).map_err(broken)?;
        let row = usize::try_from(record % RECORDS_PER_SOURCE).map_err(broken)?;
        if self.sources.len() <= source {
            self.sources.resize_with(source + 1, Vec::new);
        }
        if let Some(rows) = self.sources.get_mut(source) {
            if rows.len() <= row {
                rows.resize(row + 1, (0, 0));
            }
            if let Some(slot) = rows.get_mut(row) {
                *slot = (entity, cluster);
            }
        }
        Ok(())
    }

    /// (cluster, entity) of every record that has truth.
    pub fn pairs(&self) -> impl Iterator<Item = (i64, u32)> + '_ {
        let labelled = self.sources.iter().flatten().filter(|(entity, _)| *entity != 0);
        labelled.map(|(entity, cluster)| (*cluster, *entity))
    }
}

/// Reads the truth and finds its records in the run. `skip_unknown`: rows that name no record are counted, not an error.
pub async fn read(inspection: &Inspection, path: &Path, skip_unknown: bool) -> Result<(Labels, TruthAccount)> {
    let mut truth = Truth::new(inspection, path);
    let lower = path.to_string_lossy().to_ascii_lowercase();
    if lower.ends_with(".parquet") || lower.ends_with(".pq") {
        truth.parquet()?
    } else {
        truth.text(&lower)?
    }
    truth.find(inspection, skip_unknown).await
}

struct Truth<'a> {
    path: &'a Path,
    /// Sources of the rules, and whether their rows are matched.
    known: HashMap<&'a str, bool>,
    names: Vec<&'a str>,
    entities: HashMap<String, u32>,
    /// Entity and line by the hash of source and key.
    records: HashMap<i64, (u32, u64)>,
    account: TruthAccount,
}

impl<'a> Truth<'a> {
    fn new(inspection: &'a Inspection, path: &'a Path) -> Self {
        let sources = &inspection.context.rules.rules.sources.source;
        let matched = |kind: SourceKind| matches!(kind, SourceKind::Customer | SourceKind::Prospect);
        Self {
            path,
            known: sources.iter().map(|s| (s.name.get_ref().as_str(), matched(s.kind))).collect(),
            names: sources.iter().map(|s| s.name.get_ref().as_str()).collect(),
            entities: HashMap::new(),
            records: HashMap::new(),
            account: TruthAccount::default(),
        }
    }

    /// Places of the three columns.
    fn places(&self, columns: &[String]) -> Result<[usize; 3]> {
        let place = |name: &str| columns.iter().position(|c| c.trim() == name);
        match COLUMNS.map(place) {
            [Some(source), Some(key), Some(entity)] => Ok([source, key, entity]),
            found => {
                let missing: Vec<String> =
                    COLUMNS.iter().zip(found).filter(|(_, f)| f.is_none()).map(|(c, _)| format!("`{c}`")).collect();
                Err(Error::input(format!("{} lacks the column {}", self.path.display(), missing.join(", "))).hint(
                    format!(
                        "a truth file has the columns source, source_key and entity; this one has: {}",
                        columns.join(", ")
                    ),
                ))
            }
        }
    }

    fn text(&mut self, lower: &str) -> Result<()> {
        let plain = lower.strip_suffix(".gz").or_else(|| lower.strip_suffix(".zst")).unwrap_or(lower);
        let json = [".ndjson", ".jsonl", ".json"].iter().any(|ending| plain.ends_with(ending));
        let format = if json { read::Format::Ndjson } else { read::Format::Csv };
        let failed = |e: read::ReadError| Error::input(format!("the truth file: {e}"));
        let mut file = read::open(self.path, &read::ReadOptions { format, ..Default::default() }).map_err(failed)?;
        let places = self.places(&file.columns)?;
        let mut rows = read::RowBatch::new();
        while file.next_rows(&mut rows).map_err(failed)? {
            if let Some(bad) = rows.rejected.first() {
                let path = self.path.display();
                return Err(Error::input(format!("{path}: line {} cannot be read: {}", bad.line, bad.reason)));
            }
            for (row, line) in rows.lines.iter().enumerate() {
                let value = |place: usize| rows.columns.get(place).and_then(|c| c.get(row));
                self.row(places.map(value), *line)?;
            }
        }
        Ok(())
    }

    fn parquet(&mut self) -> Result<()> {
        let places = self.places(&parquet::columns(self.path)?)?;
        let mut batches = parquet::open(self.path)?;
        let mut line = 0;
        while let Some(batch) = batches.next()? {
            let columns = places.map(|p| batch.column(p).as_string::<i32>().clone());
            for row in 0..batch.num_rows() {
                line += 1;
                let [source, key, entity] = &columns;
                self.row([source, key, entity].map(|c| value(Some(c), row)), line)?;
            }
        }
        Ok(())
    }

    fn row(&mut self, [source, key, entity]: [Option<&str>; 3], line: u64) -> Result<()> {
        self.account.rows += 1;
        let (source, key) = (source.unwrap_or("").trim(), key.unwrap_or("").trim());
        match self.known.get(source) {
            Some(true) => {}
            Some(false) => {
                self.account.rows_not_matched += 1;
                return Ok(());
            }
            None => {
                let near = suggest(source, self.names.iter().copied());
                let hint = near
                    .map_or_else(|| format!("sources: {}", self.names.join(", ")), |n| format!("did you mean `{n}`?"));
                let what = format!(
                    "{}: line {line} names a source `{source}` that the run does not have",
                    self.path.display()
                );
                return Err(Error::input(what).hint(hint));
            }
        }
        let Some(entity) = entity.map(str::trim).filter(|e| !e.is_empty()) else { return Ok(()) };
        let next =
            u32::try_from(self.entities.len() + 1).map_err(|_| Error::input("more than four billion entities"))?;
        let entity = *self.entities.entry(entity.to_owned()).or_insert(next);
        if let Some((other, first)) = self.records.insert(row_hash(source, key), (entity, line))
            && other != entity
        {
            let path = self.path.display();
            return Err(Error::input(format!("{path}: lines {first} and {line} give one record two entities"))
                .hint("every record belongs to one entity"));
        }
        Ok(())
    }

    async fn find(mut self, inspection: &Inspection, skip_unknown: bool) -> Result<(Labels, TruthAccount)> {
        let mut labels = Labels { sources: Vec::new() };
        let sql =
            "SELECT f.record_id, f.row_hash, c.cluster_id FROM features f JOIN clusters c ON f.record_id = c.record_id";
        let mut stream = inspection.context.session.sql(sql).await?.execute_stream().await?;
        let mut seen = std::collections::BTreeSet::new();
        while let Some(batch) = stream.try_next().await? {
            let column = |i: usize| batch.column(i).as_primitive::<Int64Type>();
            for row in 0..batch.num_rows() {
                match self.records.remove(&column(1).value(row)) {
                    Some((entity, _)) => {
                        labels.set(column(0).value(row), entity, column(2).value(row))?;
                        seen.insert(entity);
                        self.account.records += 1;
                    }
                    None => self.account.records_without_truth += 1,
                }
            }
        }
        self.account.entities = seen.len() as u64;
        self.account.rows_unknown = self.records.len() as u64;
        if self.account.rows_unknown > 0 && !skip_unknown {
            let mut lines: Vec<u64> = self.records.values().map(|(_, line)| *line).collect();
            lines.sort_unstable();
            let shown: Vec<String> = lines.iter().take(3).map(u64::to_string).collect();
            let more = if lines.len() > 3 { " and more" } else { "" };
            return Err(Error::input(format!(
                "{}: {} of the run {} (line {}{more})",
                self.path.display(),
                if lines.len() == 1 { "1 row names no record".into() } else { format!("{} rows name no record", lines.len()) },
                inspection.context.manifest.run,
                shown.join(", ")
            ))
            .hint("they may be in quarantine, or the truth belongs to other data; --skip-unknown leaves them out and counts them"));
        }
        if self.account.records == 0 {
            return Err(Error::input(format!("{} names no record of the run", self.path.display()))
                .hint("is it the truth of these sources?"));
        }
        Ok((labels, self.account))
    }
}
