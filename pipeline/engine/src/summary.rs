//! What a run came to, for the operator's last line and for `--json`.

use crate::context::Context;
use crate::error::Result;
use crate::manifest::{GateResult, SourceAccount, StageRecord};
use crate::{files, tables};
use serde::Serialize;

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
        let manifest = &context.manifest;
        let folder = context.folder();
        let (customers, prospects) = crate::runs::golden_kinds(&context.store)?;
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
