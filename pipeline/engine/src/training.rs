//! `zlato train`: learns a model from the sources and puts it beside the rules. Enter: a rules folder and input files.
//! Leaves: `model.toml` in the rules folder, and how the training went. Never here: a run; the folder that the stages
//! before matching work in is removed again and can never be published.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::options::RunOptions;
use crate::progress::{Cancel, Progress};
use crate::run::{Reporter, Stage};
use crate::stages::dedupe::train::Learnt;
pub use crate::stages::dedupe::train::{ComparisonReport, LevelReport, Report, RuleReport};
use crate::{files, lock, manifest, rulebook, run, stages};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zlato_core::matching::model::Model;
use zlato_core::matching::moves::{Move, moves};

/// Folder within the output folder for the tables that training needs for a while.
const SCRATCH: &str = ".training";

/// What came of a training.
#[derive(Debug, Serialize)]
pub struct Trained {
    #[serde(flatten)]
    pub report: Report,
    #[serde(skip)]
    pub model: Model,
    /// Where the model was written; none for a trial.
    pub written: Option<PathBuf>,
    /// What changed against the model that was there, furthest first; none where there was none.
    pub moves: Option<Vec<Move>>,
    pub warnings: Vec<String>,
}

/// Trains on the sources of `options`; `dry_run` leaves the rules folder as it is. `resume` and `until` mean nothing.
pub async fn train(
    mut options: RunOptions,
    dry_run: bool,
    progress: Arc<dyn Progress>,
    cancel: Arc<Cancel>,
) -> Result<Trained> {
    let (rules, before) = rulebook::load_for_training(&options.rules)?;
    let inputs = stages::ingest::find_inputs(&options, &rules.rules)?;
    rulebook::check_sql(&rules, &inputs).await?;
    let scratch = Scratch::new(&options.out)?;
    options.out.clone_from(&scratch.folder);
    options.resume = false;
    options.until = Some(Stage::Addresses);
    let target = options.rules.join("model.toml");
    let manifest = manifest::open_run(&options, &rules, &inputs)?.manifest;
    let mut context = Context::new(options, rules, inputs, manifest, progress, cancel)?;
    run::work(&mut context, &NoReport).await?;
    context.session.register(&context.store, crate::tables::CONTACTS, crate::tables::CONTACTS).await?;
    context.progress.started(Stage::Dedupe, None);
    let started = std::time::Instant::now();
    let Learnt { model, report } = stages::dedupe::learn(&context).await?;
    let pairs = report.blocking.iter().map(|rule| rule.pairs).sum();
    context.progress.finished(Stage::Dedupe, pairs, started.elapsed().as_secs_f64());
    if !dry_run {
        files::replace(&target, model.to_toml().as_bytes())?;
    }
    let warnings = report.warnings();
    let moves = before.map(|before| moves(&before, &model));
    Ok(Trained { report, model, written: (!dry_run).then_some(target), moves, warnings })
}

/// A folder of our own, gone when training ends, however it ends.
struct Scratch {
    folder: PathBuf,
    /// The output folder, if it was not there before.
    made: Option<PathBuf>,
    _lock: lock::Lock,
}

impl Scratch {
    fn new(out: &Path) -> Result<Self> {
        let folder = out.join(SCRATCH);
        let made = (!out.exists()).then(|| out.to_path_buf());
        let lock = lock::Lock::take(&folder)?;
        files::remove_dir_if_present(&folder.join("runs"))?;
        Ok(Self { folder, made, _lock: lock })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next training.
        let _ = files::remove_dir_if_present(&self.folder);
        if let Some(out) = &self.made {
            let _ = std::fs::remove_dir(out);
        }
    }
}

/// Training ends before the stage that reports.
struct NoReport;

impl Reporter for NoReport {
    fn write<'a>(&'a self, _: &'a Context) -> std::pin::Pin<Box<dyn Future<Output = Result<String>> + Send + 'a>> {
        Box::pin(async { Err(Error::Internal("training has no report".into())) })
    }
}
