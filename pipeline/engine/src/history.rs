//! The life of one golden id. Enter: an id, as people type it, and the runs that are still there. Leave: what happened to
//! it night by night, with the source rows that came and went, and what it resolves to now. Never writes.

use crate::catalog::{self, Catalog};
use crate::error::{Error, Result};
use crate::manifest::Manifest;
use crate::progress::Cancel;
use crate::session::{Limits, Session};
use crate::stages::columns::{text_column, value};
use crate::stages::grouped::OrderedRows;
use crate::store::Store;
use crate::{redirects, tables};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use datafusion::prelude::{col, lit};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zlato_core::ledger::GoldenId;
use zlato_core::matching::levels::osa::Osa;

/// A source row that came to a golden record or left it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Row {
    pub source: String,
    pub source_key: String,
    /// The other golden id: where the row came from or went; none where it was or is in none.
    pub other: Option<String>,
}

/// A line of the ledger that names the id.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    pub event: String,
    /// The id that the event is about, if it is not the one that was asked for.
    pub of: Option<String>,
    pub other: Option<String>,
    pub rows: i64,
    pub records_before: i64,
    pub records_after: i64,
}

/// One night on which something happened.
#[derive(Debug, Clone, Serialize)]
pub struct Night {
    pub night: i64,
    pub run: String,
    pub as_of: String,
    pub events: Vec<Event>,
    /// Rows that came and that left; none where the tables of the run, or of the one before it, are no longer there.
    pub joined: Option<Vec<Row>>,
    pub left: Option<Vec<Row>>,
}

/// What the id resolves to.
#[derive(Debug, Clone, Serialize)]
pub struct Now {
    /// None: retired.
    pub golden_id: Option<String>,
    /// `live`, `merged`, `split` or `retired`.
    pub reason: String,
    /// The day since which this holds; none for an id that is itself.
    pub since: Option<String>,
}

/// The life of an id, as the published run knows it.
#[derive(Debug, Clone, Serialize)]
pub struct History {
    pub golden_id: String,
    /// The run that was asked.
    pub run: String,
    pub as_of: String,
    pub now: Vec<Now>,
    /// Rows that belong to it now.
    pub rows: Vec<Row>,
    pub nights: Vec<Night>,
}

/// Ids that a message suggests.
const SUGGESTED: usize = 3;
/// Letters that a suggested id may differ in.
const NEAR: u32 = 3;

/// Looks an id up in the published run; where nothing is published, in the newest.
pub async fn history(out: &Path, typed: &str, limits: Limits) -> Result<History> {
    let (manifest, folder) = catalog::find(out, None)?;
    let store = Store::new(&folder, Arc::new(Cancel::default()));
    if !store.exists(tables::LEDGER) {
        return Err(Error::input(format!("the run {} keeps no ledger of golden ids", manifest.run))
            .hint("it ended before survivorship, or was made by an older version: make a new run"));
    }
    let catalog = Catalog::of(manifest, folder, store, limits).await?;
    let id = match GoldenId::typed(typed) {
        Some(id) if known(&catalog, id).await? => id.to_string(),
        _ => return Err(unknown(&catalog, typed)?),
    };
    let mut runs = Runs { out, limits, of: HashMap::new() };
    let rows = runs.rows(&catalog.manifest.run, &id).await?.unwrap_or_default();
    Ok(History {
        now: now(&catalog, &id, !rows.is_empty())?,
        nights: nights(&catalog, &id, &mut runs).await?,
        rows: rows.into_iter().map(|(source, source_key)| Row { source, source_key, other: None }).collect(),
        golden_id: id,
        run: catalog.manifest.run.clone(),
        as_of: catalog.manifest.as_of.clone(),
    })
}

fn text(batch: &RecordBatch, column: &str, row: usize) -> Option<String> {
    value(text_column(batch, column), row).map(String::from)
}

fn integer(batch: &RecordBatch, column: &str, row: usize) -> i64 {
    let column = batch.column_by_name(column).and_then(|c| c.as_primitive_opt::<Int64Type>());
    column.and_then(|c| c.values().get(row).copied()).unwrap_or(0)
}

async fn known(catalog: &Catalog, id: GoldenId) -> Result<bool> {
    let rows = catalog.query(&format!("SELECT night FROM ledger WHERE golden_id = '{id}' LIMIT 1")).await?;
    Ok(rows.iter().any(|b| b.num_rows() > 0))
}

/// The error for an id that no run ever published, with those that look like it.
pub(crate) fn unknown(catalog: &Catalog, typed: &str) -> Result<Error> {
    let wanted = typed.trim().to_ascii_uppercase();
    let osa = Osa::new(&wanted, NEAR);
    let mut near: BTreeSet<(usize, String)> = BTreeSet::new();
    let mut rows = OrderedRows::open_columns(&catalog.store, tables::LEDGER, &["golden_id"])?;
    while let Some(batch) = rows.next_batch()? {
        for id in text_column(&batch, "golden_id").into_iter().flatten().flatten() {
            if let Some(distance) = osa.distance(id) {
                near.insert((distance, id.into()));
                if near.len() > SUGGESTED {
                    near.pop_last();
                }
            }
        }
    }
    let error = Error::input(format!("no published run ever had the golden id `{}`", shown(typed)));
    let near: Vec<String> = near.into_iter().map(|(_, id)| id).collect();
    Ok(error.hint(if near.is_empty() {
        "an id is Z and 12 letters or digits; `zlato tables golden` shows some, `zlato tables --sql \"SELECT golden_id FROM crosswalk WHERE source_key = '...'\"` finds one by its source row".into()
    } else {
        format!("near it: {}", near.join(", "))
    }))
}

/// What was typed, short enough for a message.
fn shown(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_control()).take(40).collect()
}

fn now(catalog: &Catalog, id: &str, live: bool) -> Result<Vec<Now>> {
    let found = redirects::of(&catalog.store, id)?.into_iter();
    let mut found: Vec<Now> = found.map(|r| Now { golden_id: r.now, reason: r.reason, since: r.since }).collect();
    // Several ids that it resolved to last are one answer when all of them are retired.
    found.dedup_by(|a, b| a.golden_id.is_none() && b.golden_id.is_none());
    if found.is_empty() && live {
        found.push(Now { golden_id: Some(id.into()), reason: "live".into(), since: None });
    }
    Ok(found)
}

async fn nights(catalog: &Catalog, id: &str, runs: &mut Runs<'_>) -> Result<Vec<Night>> {
    let sql = format!("SELECT * FROM ledger WHERE golden_id = '{id}' OR other_golden_id = '{id}'");
    let mut nights: BTreeMap<i64, Night> = BTreeMap::new();
    for batch in catalog.query(&sql).await? {
        for row in 0..batch.num_rows() {
            let cell = |column| text(&batch, column, row).unwrap_or_default();
            let count = |column| integer(&batch, column, row);
            let night = nights.entry(count("night")).or_insert_with(|| Night {
                night: count("night"),
                run: cell("run"),
                as_of: cell("as_of"),
                events: vec![],
                joined: None,
                left: None,
            });
            night.events.push(Event {
                event: cell("event"),
                of: Some(cell("golden_id")).filter(|of| of != id),
                other: text(&batch, "other_golden_id", row),
                rows: count("rows"),
                records_before: count("records_before"),
                records_after: count("records_after"),
            });
        }
    }
    let mut nights: Vec<Night> = nights.into_values().collect();
    for night in &mut nights {
        night.events.sort_by(|a, b| (&a.of, &a.event, &a.other).cmp(&(&b.of, &b.event, &b.other)));
        if let Some((joined, left)) = runs.moves(&night.run, id).await? {
            (night.joined, night.left) = (Some(joined), Some(left));
        }
    }
    Ok(nights)
}

type Keys = BTreeSet<(String, String)>;

/// The crosswalks of runs, as far as they are there.
struct Runs<'a> {
    out: &'a Path,
    limits: Limits,
    /// Rows of the id in a run that was looked at.
    of: HashMap<String, Option<Keys>>,
}

impl Runs<'_> {
    fn folder(&self, run: &str) -> PathBuf {
        self.out.join("runs").join(run)
    }

    /// The crosswalk of a run under the name `crosswalk`; none where the run is not there.
    async fn crosswalk(&self, run: &str) -> Result<Option<Session>> {
        let store = Store::new(&self.folder(run), Arc::new(Cancel::default()));
        if !store.exists(tables::CROSSWALK) {
            return Ok(None);
        }
        let session = Session::new(self.limits, &std::env::temp_dir())?;
        session.register(&store, tables::CROSSWALK, tables::CROSSWALK).await?;
        Ok(Some(session))
    }

    /// Rows of an id in a run; none where the run is not there.
    async fn rows(&mut self, run: &str, id: &str) -> Result<Option<Keys>> {
        if let Some(known) = self.of.get(run) {
            return Ok(known.clone());
        }
        let mut found = None;
        if let Some(session) = self.crosswalk(run).await? {
            let sql =
                format!("SELECT source, source_key FROM crosswalk WHERE golden_id = '{id}' AND status = 'member'");
            let mut keys = Keys::new();
            for batch in session.sql(&sql).await?.collect().await? {
                let cell = |column, row| text(&batch, column, row).unwrap_or_default();
                keys.extend((0..batch.num_rows()).map(|row| (cell("source", row), cell("source_key", row))));
            }
            found = Some(keys);
        }
        self.of.insert(run.into(), found.clone());
        Ok(found)
    }

    /// Rows that joined and left an id in a run; none where that run, or the one published before it, is not there.
    async fn moves(&mut self, run: &str, id: &str) -> Result<Option<(Vec<Row>, Vec<Row>)>> {
        let Some(manifest) = Manifest::read(&self.folder(run))? else { return Ok(None) };
        let Some(after) = self.rows(run, id).await? else { return Ok(None) };
        let before = match &manifest.previous {
            None => Keys::new(),
            Some(previous) => match self.rows(previous, id).await? {
                Some(before) => before,
                None => return Ok(None),
            },
        };
        let joined: Vec<_> = after.difference(&before).collect();
        let left: Vec<_> = before.difference(&after).collect();
        let joined = match &manifest.previous {
            Some(previous) => self.elsewhere(previous, &joined).await?,
            None => joined.into_iter().map(|(source, key)| Row::new(source, key, None)).collect(),
        };
        Ok(Some((joined, self.elsewhere(run, &left).await?)))
    }

    /// The golden ids of rows in a run.
    async fn elsewhere(&self, run: &str, keys: &[&(String, String)]) -> Result<Vec<Row>> {
        let mut sources: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (source, key) in keys {
            sources.entry(source).or_default().push(key);
        }
        let Some(session) = self.crosswalk(run).await?.filter(|_| !keys.is_empty()) else {
            return Ok(keys.iter().map(|(source, key)| Row::new(source, key, None)).collect());
        };
        let mut ids: BTreeMap<(String, String), Option<String>> = BTreeMap::new();
        for (source, keys) in sources {
            let wanted = keys.into_iter().map(lit).collect();
            let table = session.context().table(tables::CROSSWALK).await?;
            let of_source = col("source").eq(lit(source)).and(col("source_key").in_list(wanted, false));
            for batch in table.filter(of_source)?.collect().await? {
                for row in 0..batch.num_rows() {
                    let key = text(&batch, "source_key", row).unwrap_or_default();
                    ids.insert((source.into(), key), text(&batch, "golden_id", row));
                }
            }
        }
        Ok(keys.iter().map(|key| Row::new(&key.0, &key.1, ids.get(*key).cloned().flatten())).collect())
    }
}

impl Row {
    fn new(source: &str, source_key: &str, other: Option<String>) -> Self {
        Self { source: source.into(), source_key: source_key.into(), other }
    }
}
