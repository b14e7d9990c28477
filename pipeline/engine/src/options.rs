//! What a run is asked to do. Time comes in here; nothing in the engine asks a clock for a date.

use crate::run::Stage;
use crate::session::Limits;
use chrono::NaiveDate;
use std::path::PathBuf;

/// Options of `zlato run`.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The rules folder.
    pub rules: PathBuf,
    /// Folder of the input files; none: as `sources.toml` says.
    pub input: Option<PathBuf>,
    /// Where runs and the published pointer live.
    pub out: PathBuf,
    /// The day the run speaks of: ages and shelf lives count from it.
    pub as_of: NaiveDate,
    /// When the run was started, for the manifest only (RFC 3339).
    pub started_at: String,
    pub limits: Limits,
    /// Continue the unfinished run from its last whole stage.
    pub resume: bool,
    /// Work out everything anew, whatever the published run knows.
    pub full: bool,
    /// Stop after this stage; nothing is published.
    pub until: Option<Stage>,
}
