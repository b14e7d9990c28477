//! What every stage is given: options, rules, the run's tables, a session, a way to report progress.

use crate::error::{Error, Result};
use crate::manifest::{Manifest, SourceAccount};
use crate::options::RunOptions;
use crate::progress::{Cancel, Progress, Silent};
use crate::rulebook::Rulebook;
use crate::run::Stage;
use crate::session::{Limits, Session};
use crate::stages::ingest::Inputs;
use crate::store::Store;
use crate::{files, tables};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The surroundings of a stage.
pub struct Context {
    pub options: RunOptions,
    pub rules: Arc<Rulebook>,
    pub inputs: Inputs,
    pub manifest: Manifest,
    pub store: Store,
    pub session: Session,
    pub progress: Arc<dyn Progress>,
    pub cancel: Arc<Cancel>,
    /// Tables of the published run, if any.
    pub last: Option<Store>,
}

impl Context {
    pub fn new(
        options: RunOptions,
        rules: Rulebook,
        inputs: Inputs,
        manifest: Manifest,
        progress: Arc<dyn Progress>,
        cancel: Arc<Cancel>,
    ) -> Result<Self> {
        let folder = run_folder(&options.out, &manifest);
        let spill = folder.join(".spill");
        files::remove_dir_if_present(&spill)?;
        files::create_private_dir(&spill)?;
        let store = Store::new(&folder, cancel.clone());
        let session = Session::new(options.limits, &spill)?;
        // The run published before this one started, so that a continued run sees the same "yesterday".
        let last = match &manifest.previous {
            Some(run) => {
                let folder = options.out.join("runs").join(run);
                if !folder.is_dir() {
                    return Err(Error::environment(format!("the published run {run} has lost its folder"))
                        .hint("restore it from a backup, or remove published.json to start anew"));
                }
                Some(Store::new(&folder, cancel.clone()))
            }
            None => None,
        };
        Ok(Self { options, rules: Arc::new(rules), inputs, manifest, store, session, progress, cancel, last })
    }

    /// The surroundings of a run that has ended, to ask about its tables; nothing is written to its folder.
    pub fn reading(out: &Path, manifest: Manifest, rules: Rulebook, limits: Limits) -> Result<Self> {
        let folder = out.join("runs").join(&manifest.run);
        let cancel = Arc::new(Cancel::default());
        let as_of = manifest.as_of.parse().map_err(|_| Error::Internal("a manifest without a day".into()))?;
        Ok(Self {
            options: RunOptions {
                rules: folder.join(crate::manifest::RULES),
                input: None,
                out: out.to_path_buf(),
                as_of,
                started_at: manifest.started_at.clone(),
                limits,
                resume: false,
                full: false,
                until: None,
            },
            rules: Arc::new(rules),
            inputs: Inputs::default(),
            store: Store::new(&folder, cancel.clone()),
            manifest,
            session: Session::new(limits, &std::env::temp_dir())?,
            progress: Arc::new(Silent),
            cancel,
            last: None,
        })
    }

    /// `out/runs/<run-id>`.
    pub fn folder(&self) -> PathBuf {
        run_folder(&self.options.out, &self.manifest)
    }

    pub fn spill_folder(&self) -> PathBuf {
        self.folder().join(".spill")
    }

    /// Account of a source, to be filled by ingest.
    pub fn account_mut(&mut self, accounts: Vec<SourceAccount>) {
        self.manifest.account = accounts;
    }

    /// Rows a stage will work on, where an earlier stage has counted them.
    pub fn expected_rows(&self, stage: Stage) -> Option<u64> {
        let rows = |table: &str| Some(self.manifest.table_rows(table)).filter(|r| *r > 0);
        match stage {
            Stage::Ingest | Stage::Dedupe | Stage::Report | Stage::Publish | Stage::Gate => None,
            Stage::Contacts => Some(
                rows(tables::RECORDS)? + rows(tables::PROFILE_RECORDS).unwrap_or(0) + rows(tables::EVENTS).unwrap_or(0),
            ),
            Stage::Addresses | Stage::Survivorship => rows(tables::RECORDS),
            Stage::Enrich => rows(tables::PROFILE_RECORDS),
            Stage::Freshness => rows(tables::GOLDEN),
        }
    }
}

fn run_folder(out: &Path, manifest: &Manifest) -> PathBuf {
    out.join("runs").join(&manifest.run)
}
