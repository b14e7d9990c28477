//! The runs of an output folder. Enter: manifests, gates, files. Leave: one line a run: when, what became of it, what it
//! took. Never here: writing; see [`retention`] for what removes runs.

pub mod retention;

use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::manifest::{Manifest, Pointer, run_names};
use crate::progress::Cancel;
use crate::run::Stage;
use crate::session::Limits;
use crate::stages::columns::{text_column, value};
use crate::store::{Store, read_some};
use crate::tables;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Published, and its golden records are in force.
    InForce,
    /// It was published; a later run has taken its place.
    Published,
    /// The gate did not let it through.
    Stopped,
    /// It goes on, was interrupted, or was asked to end early.
    Unfinished,
}

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct RunLine {
    pub run: String,
    pub as_of: String,
    pub started_at: String,
    pub state: State,
    /// The last whole stage of an unfinished run.
    pub until: Option<Stage>,
    /// The checks that stopped it.
    pub stopped_by: Vec<String>,
    pub rows_in: u64,
    pub rows_quarantine: u64,
    pub customers: u64,
    pub prospects: u64,
    pub seconds: f64,
    /// Bytes.
    pub peak_memory: u64,
    /// Bytes of all its files.
    pub disk: u64,
    /// The run published before it.
    pub previous: Option<String>,
    pub version: String,
}

/// All runs, the newest first.
pub async fn list(out: &Path, limits: Limits) -> Result<Vec<RunLine>> {
    let runs = out.join("runs");
    let published = Pointer::read(out)?.map(|p| p.run);
    let mut lines = Vec::new();
    for name in run_names(&runs)?.into_iter().rev() {
        let folder = runs.join(&name);
        // A run that is removed meanwhile is none.
        let Some(manifest) = Manifest::read(&folder)? else { continue };
        let stopped = manifest.gate.stopped() && manifest.has(Stage::Report);
        let state = match (&published, manifest.published) {
            (Some(published), _) if *published == name => State::InForce,
            (_, true) => State::Published,
            _ if stopped => State::Stopped,
            _ => State::Unfinished,
        };
        let store = Store::new(&folder, Arc::new(Cancel::default()));
        let (customers, prospects) = golden_kinds(&store)?;
        lines.push(RunLine {
            stopped_by: if state == State::Stopped {
                stopping_checks(&manifest, &folder, limits).await?
            } else {
                vec![]
            },
            until: manifest.stages.last().map(|s| s.stage).filter(|_| state == State::Unfinished),
            state,
            rows_in: manifest.account.iter().map(|a| a.rows_in).sum(),
            rows_quarantine: manifest.account.iter().map(|a| a.rows_quarantine).sum(),
            customers,
            prospects,
            seconds: manifest.stages.iter().map(|s| s.seconds).sum(),
            peak_memory: manifest.stages.iter().map(|s| s.peak_memory).max().unwrap_or(0),
            disk: size(&folder)?,
            run: manifest.run,
            as_of: manifest.as_of,
            started_at: manifest.started_at,
            previous: manifest.previous,
            version: manifest.version,
        });
    }
    Ok(lines)
}

/// Name of a run as people give it: itself, `published`, or `previous` for the one that was in force before.
pub fn named(out: &Path, name: &str) -> Result<String> {
    let published = || {
        crate::run::published(out)?.map(|(_, manifest)| manifest).ok_or_else(|| {
            Error::input(format!("nothing is published in {}", out.display()))
                .hint("`zlato runs` lists what is there; name runs by their names")
        })
    };
    match name {
        "published" => Ok(published()?.run),
        "previous" => {
            let published = published()?;
            published.previous.ok_or_else(|| {
                Error::input(format!(
                    "the run {} was the first to be published: there is no previous one",
                    published.run
                ))
                .hint("`zlato runs` lists what is there")
            })
        }
        name => Ok(name.into()),
    }
}

/// Numbers of golden customers and prospects; zeros where the run did not get there.
pub fn golden_kinds(store: &Store) -> Result<(u64, u64)> {
    let (mut customers, mut all) = (0, 0);
    if store.exists(tables::GOLDEN) {
        for part in store.parts(tables::GOLDEN)? {
            for batch in read_some(&part, |name| name == "kind")? {
                let batch = batch?;
                let kinds = text_column(&batch, "kind");
                customers += kinds.map_or(0, |k| k.iter().filter(|k| *k == Some("customer")).count() as u64);
                all += batch.num_rows() as u64;
            }
        }
    }
    Ok((customers, all - customers))
}

async fn stopping_checks(manifest: &Manifest, folder: &Path, limits: Limits) -> Result<Vec<String>> {
    let store = Store::new(folder, Arc::new(Cancel::default()));
    if !store.exists(tables::GATE) {
        return Ok(vec![]);
    }
    let catalog = Catalog::of(manifest.clone(), folder.to_path_buf(), store, limits).await?;
    let rows = catalog.query("SELECT \"check\" FROM gate WHERE result = 'stop' ORDER BY \"check\"").await?;
    let checks = rows.iter().flat_map(|batch| {
        let names = text_column(batch, "check");
        (0..batch.num_rows()).filter_map(move |row| value(names, row).map(String::from))
    });
    Ok(checks.collect())
}

/// Bytes of all files under a folder. What vanishes meanwhile does not count.
fn size(folder: &Path) -> Result<u64> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(e) => return Err(Error::io("read", folder, &e)),
    };
    let mut bytes = 0;
    for entry in entries {
        let entry = entry.map_err(|e| Error::io("read", folder, &e))?;
        let Ok(about) = entry.metadata() else { continue };
        bytes += if about.is_dir() { size(&entry.path())? } else { about.len() };
    }
    Ok(bytes)
}
