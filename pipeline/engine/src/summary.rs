//! What a run came to, for the operator's last line and for `--json`.

use crate::context::Context;
use crate::error::Result;
use crate::manifest::{GateResult, Manifest, SourceAccount, StageRecord};
use crate::progress::Cancel;
use crate::run::Stage;
use crate::store::Store;
use crate::{files, tables};
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// The summary object of `zlato run --json`.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    pub run: String,
    pub as_of: String,
    pub folder: String,
    pub rows_in: u64,
    pub rows_crosswalk: u64,
    pub rows_quarantine: u64,
    pub customers: u64,
    pub prospects: u64,
    pub pairs: u64,
    pub review: u64,
    pub gate: GateResult,
    pub published: bool,
    /// Whether no stage was left to do: an earlier call of `--resume` had ended the run, and it is told once more.
    pub told_again: bool,
    /// Path of the merge report; none when the run ended before it.
    pub report: Option<String>,
    pub sources: Vec<SourceAccount>,
    pub stages: Vec<StageRecord>,
    pub warnings: Vec<String>,
    pub seconds: f64,
    pub cpu_seconds: f64,
    /// Bytes.
    pub peak_memory: u64,
}

impl Summary {
    pub fn of(context: &Context, seconds: f64) -> Result<Self> {
        Self::read(&context.manifest, &context.folder(), &context.store, seconds)
    }

    /// Of a run that ended with an error: what is on disk of the stages that were done. None where the run has no manifest.
    ///
    /// # Errors
    /// When its manifest or its golden records cannot be read.
    pub fn of_unfinished(out: &Path, run: &str, seconds: f64) -> Result<Option<Self>> {
        let folder = out.join("runs").join(run);
        let Some(manifest) = Manifest::read(&folder)? else { return Ok(None) };
        let store = Store::new(&folder, Arc::new(Cancel::default()));
        Self::read(&manifest, &folder, &store, seconds).map(Some)
    }

    fn read(manifest: &Manifest, folder: &Path, store: &Store, seconds: f64) -> Result<Self> {
        let merged = manifest.has(Stage::Survivorship);
        let (customers, prospects) = if merged { crate::runs::golden_kinds(store)? } else { (0, 0) };
        Ok(Self {
            run: manifest.run.clone(),
            as_of: manifest.as_of.clone(),
            folder: folder.display().to_string(),
            rows_in: manifest.account.iter().map(|a| a.rows_in).sum(),
            rows_crosswalk: manifest.table_rows(tables::CROSSWALK),
            rows_quarantine: manifest.table_rows(tables::QUARANTINE),
            customers,
            prospects,
            pairs: manifest.table_rows(tables::PAIRS),
            review: manifest.table_rows(tables::REVIEW),
            gate: manifest.gate,
            published: manifest.published,
            told_again: false,
            report: manifest.report.as_ref().map(|r| folder.join(r).display().to_string()),
            sources: manifest.account.clone(),
            warnings: manifest.stages.iter().flat_map(|s| s.warnings.clone()).collect(),
            stages: manifest.stages.clone(),
            seconds,
            cpu_seconds: files::cpu_seconds(),
            peak_memory: files::peak_memory(),
        })
    }
}
