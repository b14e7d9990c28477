//! The tables of a run, open for reading: for `zlato tables`, the report and anyone curious.
//! Never writes.

use crate::disagreements::{self, OfField};
use crate::error::{Error, Result};
use crate::manifest::{Manifest, run_names};
use crate::progress::Cancel;
use crate::session::{Limits, Session};
use crate::stages::parts::parallel;
use crate::store::{Store, read_where};
use crate::tally::{self, By, Tally};
use arrow::array::RecordBatch;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A run's tables with a session over them.
pub struct Catalog {
    pub manifest: Manifest,
    pub folder: PathBuf,
    pub store: Store,
    session: Session,
}

/// Finds a run of an output folder: by name, else the published one, else the newest.
pub fn find(out: &Path, run: Option<&str>) -> Result<(Manifest, PathBuf)> {
    let folder = match run {
        Some(run) => out.join("runs").join(run),
        None => match crate::run::published(out)? {
            Some((folder, _)) => folder,
            None => match run_names(&out.join("runs"))?.pop() {
                Some(name) => out.join("runs").join(name),
                None => {
                    return Err(Error::input(format!("there is no run in {}", out.display()))
                        .hint("make one with `zlato run`, or give its place with --out"));
                }
            },
        },
    };
    let manifest = Manifest::read(&folder)?.ok_or_else(|| {
        let names = run_names(&out.join("runs")).unwrap_or_default();
        Error::input(format!("there is no run {}", folder.display())).hint(format!("runs: {}", names.join(", ")))
    })?;
    Ok((manifest, folder))
}

impl Catalog {
    /// Opens a run of an output folder: by name, else the published one, else the newest.
    pub async fn open(out: &Path, run: Option<&str>, limits: Limits) -> Result<Self> {
        let (manifest, folder) = find(out, run)?;
        let store = Store::new(&folder, Arc::new(Cancel::default()));
        Self::of(manifest, folder, store, limits).await
    }

    /// Opens the tables of a run that is under way.
    pub async fn of(manifest: Manifest, folder: PathBuf, store: Store, limits: Limits) -> Result<Self> {
        let session = Session::new(limits, &std::env::temp_dir())?;
        let catalog = Self { manifest, folder, store, session };
        for name in catalog.names()? {
            catalog.session.register(&catalog.store, &name, &name).await?;
        }
        Ok(catalog)
    }

    /// Names of the tables that are there, in the order in which a run writes them.
    pub fn names(&self) -> Result<Vec<String>> {
        let known = crate::tables::ALL.iter().map(|t| t.name.to_string());
        Ok(known.filter(|name| self.store.exists(name)).collect())
    }

    /// Makes the tables of another run visible under a prefix, such as `last_`.
    pub async fn add(&self, store: &Store, prefix: &str) -> Result<()> {
        for table in crate::tables::ALL.iter().filter(|t| store.exists(t.name)) {
            self.session.register(store, table.name, &format!("{prefix}{}", table.name)).await?;
        }
        Ok(())
    }

    /// Has [`Self::query`] join in memory where the rows of the run allow it, see [`Session::join_in_memory`].
    pub fn join_in_memory(&self) {
        self.session.join_in_memory(self.manifest.kept_rows());
    }

    /// Rows of a query, all of them in memory: for queries that limit themselves.
    pub async fn query(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        let answer = self.answer(sql).await;
        if self.session.joins_in_memory() && matches!(answer, Err(Error::Memory)) {
            self.session.join_in_memory(u64::MAX);
            return self.answer(sql).await;
        }
        answer
    }

    async fn answer(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        Ok(self.session.sql(sql).await?.collect().await?)
    }

    /// Counts the rows of a table of this run once for each group.
    pub async fn tally(&self, table: &str, groups: Vec<Vec<By>>) -> Result<Vec<Tally>> {
        tally::of_table(&self.store, table, groups, self.session.limits.threads).await
    }

    /// Where the sources of this run disagree, with so many of the least sure winners of each field.
    pub async fn disagreements(&self, most: usize) -> Result<BTreeMap<String, OfField>> {
        disagreements::count(&self.store, self.session.limits.threads, most).await
    }

    /// The rows of a table of this run that hold one of some whole numbers in a column, in table order; of other rows only
    /// that column is read. Of the columns those that are named and the first one; all, where none is named.
    pub async fn at(&self, table: &str, wanted: &[&str], column: &str, at: &BTreeSet<i64>) -> Result<Vec<RecordBatch>> {
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        let (column, at) = (column.to_string(), Arc::new(at.clone()));
        let work = move |part: PathBuf| {
            let at = at.clone();
            let named = |name: &str| wanted.is_empty() || wanted.iter().any(|w| w == name);
            let mut found = Vec::new();
            for batch in read_where(&part, named, &column, move |key| at.contains(&key))? {
                found.push(batch?);
            }
            Ok(found)
        };
        Ok(parallel(self.session.limits.threads, self.store.parts(table)?, work).await?.concat())
    }

    /// As [`Self::query`] for SQL that a user typed: the message says what is wrong with it.
    pub async fn user_query(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        let failed = |e: datafusion::error::DataFusionError| {
            Error::input(format!("the query failed: {}", e.strip_backtrace()))
                .hint("`zlato tables` lists tables and columns")
        };
        let frame = self.session.reading(sql).await.map_err(failed)?;
        frame.collect().await.map_err(failed)
    }
}
