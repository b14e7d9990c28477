//! Section: what the run is and what it came to, each number beside that of the last published run;
//! and the row account: rows in = crosswalk + quarantine, per source, counted from the tables.

use crate::components::{Value, Word};
use crate::data::Data;
use crate::text::{percent, share, thousands};
use std::collections::{BTreeMap, BTreeSet};
use zlato_engine::error::Result;
use zlato_engine::manifest::Manifest;

/// A number of the header.
#[derive(Debug, Clone)]
pub struct Figure {
    pub label: &'static str,
    pub value: String,
    /// In the last published run.
    pub last: Option<String>,
}

/// Where the rows of one source went.
#[derive(Debug, Clone, Default)]
pub struct SourceLine {
    pub source: String,
    pub kind: String,
    pub rows_in: String,
    pub last_in: Option<String>,
    pub crosswalk: String,
    pub quarantine: String,
    pub blank_lines: String,
    pub proven: bool,
}

#[derive(Debug, Clone)]
pub struct Summary {
    pub run: String,
    pub as_of: String,
    pub started: String,
    pub version: String,
    pub rules: Value,
    pub rules_hash: String,
    pub model: String,
    pub previous: Option<String>,
    pub gate: Word,
    pub figures: Vec<Figure>,
    pub sources: Vec<SourceLine>,
    pub total: SourceLine,
}

/// Counts of `golden` and `crosswalk` of one run.
#[derive(Debug, Default)]
struct Counts {
    customers: u64,
    prospects: u64,
    records: u64,
    joined: u64,
    clusters: u64,
    largest: u64,
}

impl Counts {
    async fn of(data: &Data<'_>, golden: &str) -> Result<Option<Self>> {
        if !data.has(golden) {
            return Ok(None);
        }
        let sql = format!(
            "SELECT kind, count(*) AS n, sum(records) AS records, max(records) AS largest, \
             sum(CASE WHEN records > 1 THEN records ELSE 0 END) AS joined, sum(CASE WHEN records > 1 THEN 1 ELSE 0 END) AS clusters \
             FROM {golden} GROUP BY kind"
        );
        let mut counts = Self::default();
        for row in data.rows(&[golden], &sql).await? {
            let kind = if row.text("kind") == Some("customer") { &mut counts.customers } else { &mut counts.prospects };
            *kind += row.count("n");
            counts.records += row.count("records");
            counts.joined += row.count("joined");
            counts.clusters += row.count("clusters");
            counts.largest = counts.largest.max(row.count("largest"));
        }
        Ok(Some(counts))
    }
}

/// A number of the header, from the counts of a run.
type Shown = fn(&Counts) -> String;

const FIGURES: [(&str, Shown); 6] = [
    ("Customers", |c| thousands(c.customers)),
    ("Prospects", |c| thousands(c.prospects)),
    ("Records merged into another", |c| thousands(c.records.saturating_sub(c.customers + c.prospects))),
    ("Records with a match", |c| share(c.joined, c.records).map_or_else(|| "–".into(), percent)),
    ("Clusters of two or more", |c| thousands(c.clusters)),
    ("Largest cluster", |c| thousands(c.largest)),
];

pub async fn fill(data: &Data<'_>) -> Result<Summary> {
    let manifest = data.manifest();
    let now = Counts::of(data, "golden").await?.unwrap_or_default();
    let before = if data.last.is_some() { Counts::of(data, "last_golden").await? } else { None };
    let last = data.last.map(|l| &l.manifest);
    let rows_in = |m: &Manifest| thousands(m.account.iter().map(|a| a.rows_in).sum());
    let mut figures = vec![Figure { label: "Rows in", value: rows_in(manifest), last: last.map(rows_in) }];
    figures.extend(FIGURES.iter().map(|(label, shown)| Figure {
        label,
        value: shown(&now),
        last: before.as_ref().map(shown),
    }));
    let review = |m: &Manifest| thousands(m.table_rows("review"));
    figures.push(Figure { label: "Waiting for review", value: review(manifest), last: last.map(review) });
    let (sources, total) = account(data, last).await?;
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let run = data.catalog.store.folder().parent();
    let learnt = last.is_none() || run.is_some_and(|run| run.join("training.json").is_file());
    Ok(Summary {
        run: manifest.run.clone(),
        as_of: manifest.as_of.clone(),
        started: manifest.started_at.clone(),
        version: manifest.version.clone(),
        rules: Value::new(&manifest.rules),
        rules_hash: short(&manifest.rules_hash),
        model: match manifest.model_hash.as_deref() {
            Some(hash) => format!("model.toml {}", short(hash)),
            None if learnt => "learnt in this run".into(),
            None => "of the published run".into(),
        },
        previous: last.map(|l| l.run.clone()),
        gate: data.word(manifest.gate.as_str()),
        figures,
        sources,
        total,
    })
}

async fn account(data: &Data<'_>, last: Option<&Manifest>) -> Result<(Vec<SourceLine>, SourceLine)> {
    let mut counted: [BTreeMap<String, u64>; 2] = Default::default();
    for (table, counts) in ["crosswalk", "quarantine"].iter().zip(&mut counted) {
        let rows = data.rows(&[table], &format!("SELECT source, count(*) AS n FROM {table} GROUP BY source")).await?;
        counts.extend(rows.iter().map(|row| (row.string("source"), row.count("n"))));
    }
    let [crosswalk, quarantine] = counted;
    let accounts = &data.manifest().account;
    let known: BTreeSet<&str> = accounts.iter().map(|a| a.source.as_str()).collect();
    let of = |counts: &BTreeMap<String, u64>, source: &str| counts.get(source).copied().unwrap_or(0);
    let lines: Vec<SourceLine> = accounts
        .iter()
        .map(|a| {
            let (kept, refused) = (of(&crosswalk, &a.source), of(&quarantine, &a.source));
            let before = last.and_then(|l| l.account.iter().find(|b| b.source == a.source));
            SourceLine {
                source: a.source.clone(),
                kind: a.kind.clone(),
                rows_in: thousands(a.rows_in),
                last_in: before.map(|b| thousands(b.rows_in)),
                crosswalk: thousands(kept),
                quarantine: thousands(refused),
                blank_lines: thousands(a.blank_lines),
                proven: a.rows_in == kept + refused,
            }
        })
        .collect();
    let rows_in: u64 = accounts.iter().map(|a| a.rows_in).sum();
    let (kept, refused): (u64, u64) = (crosswalk.values().sum(), quarantine.values().sum());
    // Rows of a source that no account names would be rows from nowhere.
    let strays = crosswalk.keys().chain(quarantine.keys()).any(|source| !known.contains(source.as_str()));
    let total = SourceLine {
        source: "All sources".into(),
        kind: String::new(),
        rows_in: thousands(rows_in),
        last_in: last.map(|l| thousands(l.account.iter().map(|a| a.rows_in).sum())),
        crosswalk: thousands(kept),
        quarantine: thousands(refused),
        blank_lines: thousands(accounts.iter().map(|a| a.blank_lines).sum()),
        proven: rows_in == kept + refused && !strays && lines.iter().all(|l| l.proven),
    };
    Ok((lines, total))
}
