//! The main path: the stages of a run, in order. Enter: a rules folder and input files.
//! Leave: a run folder, and the published pointer if the gate lets it through.
//! Never here: what a stage does.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::{self, Manifest, StageRecord};
use crate::options::RunOptions;
use crate::progress::{Cancel, Progress};
use crate::stages;
use crate::summary::Summary;
use crate::{erase, files, lock, nights, rulebook};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// The stages, in the order in which they run. `publish` is last: the pointer moves only when
/// everything else, the report included, is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Ingest,
    Contacts,
    Addresses,
    Dedupe,
    Enrich,
    Survivorship,
    Freshness,
    Gate,
    Report,
    Publish,
}

impl Stage {
    pub const ALL: [Self; 10] = [
        Self::Ingest,
        Self::Contacts,
        Self::Addresses,
        Self::Dedupe,
        Self::Enrich,
        Self::Survivorship,
        Self::Freshness,
        Self::Gate,
        Self::Report,
        Self::Publish,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Contacts => "contacts",
            Self::Addresses => "addresses",
            Self::Dedupe => "dedupe",
            Self::Enrich => "enrich",
            Self::Survivorship => "survivorship",
            Self::Freshness => "freshness",
            Self::Gate => "gate",
            Self::Report => "report",
            Self::Publish => "publish",
        }
    }
}

/// What a stage leaves behind.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Rows worked on, for the operator's rate.
    pub rows: u64,
    /// Rows among them that the published run had worked out already.
    pub again: u64,
    /// Tables written, with their rows.
    pub tables: Vec<(String, u64)>,
    pub warnings: Vec<String>,
}

/// Draws the merge report of a finished run; the review crate implements it.
pub trait Reporter: Send + Sync {
    /// Writes the report for the run and returns its file name within the run's folder.
    fn write<'a>(&'a self, context: &'a Context)
    -> std::pin::Pin<Box<dyn Future<Output = Result<String>> + Send + 'a>>;
}

/// Runs the whole pipeline, or up to `options.until`.
pub async fn run(
    options: RunOptions,
    progress: Arc<dyn Progress>,
    cancel: Arc<Cancel>,
    reporter: &dyn Reporter,
) -> Result<Summary> {
    let started = Instant::now();
    let rules = rulebook::load(&options.rules)?;
    let mut inputs = stages::ingest::find_inputs(&options, &rules.rules)?;
    rulebook::check_sql(&rules, &inputs).await?;
    let _lock = lock::Lock::take(&options.out)?;
    erase::check_finished(&options.out)?;
    let manifest::Opened { manifest, passed_over } = manifest::open_run(&options, &rules, &inputs)?;
    progress.opened(&manifest.run);
    if let Some(run) = passed_over {
        let why = "other inputs, rules, --as-of, or another version of zlato";
        inputs.warnings.push(format!("the unfinished run {run} is passed over: it had {why}"));
    }
    let mut context = Context::new(options, rules, inputs, manifest, progress, cancel)?;
    let done = context.manifest.stages.len();
    work(&mut context, reporter).await?;
    unless_published(&context, files::remove_dir_if_present(&context.spill_folder()))?;
    let told_again = context.manifest.stages.len() == done;
    Ok(Summary { told_again, ..Summary::of(&context, started.elapsed().as_secs_f64())? })
}

/// Runs the stages that are not yet done, in order, up to `options.until`.
pub(crate) async fn work(context: &mut Context, reporter: &dyn Reporter) -> Result<()> {
    for stage in Stage::ALL {
        if context.manifest.has(stage) {
            context.progress.skipped(stage);
        } else {
            context.cancel.check()?;
            let outcome = timed(context, stage, reporter).await?;
            context.manifest.save(&context.folder())?;
            for warning in &outcome.warnings {
                context.progress.warning(stage, warning);
            }
        }
        if context.options.until == Some(stage) || (stage == Stage::Report && context.manifest.gate.stopped()) {
            break;
        }
    }
    if context.manifest.complete() {
        unless_published(context, nights::record(&context.options.out, &context.manifest))?;
    }
    Ok(())
}

/// Once the pointer has moved, golden records are in force whatever else goes wrong: the operator is warned, no more.
fn unless_published(context: &Context, outcome: Result<()>) -> Result<()> {
    match outcome {
        Err(error) if context.manifest.published => {
            context.progress.warning(Stage::Publish, &format!("published, but {error}"));
            Ok(())
        }
        other => other,
    }
}

/// Runs one stage and records what it did and what it cost.
async fn timed(context: &mut Context, stage: Stage, reporter: &dyn Reporter) -> Result<Outcome> {
    let (started, cpu) = (Instant::now(), files::cpu_seconds());
    context.progress.started(stage, context.expected_rows(stage));
    let in_memory = context.session.join_in_memory(context.manifest.kept_rows());
    let outcome = match one(context, stage, reporter).await {
        // A stage begins its tables anew, so that it can be tried again in less memory.
        Err(Error::Memory) if in_memory => {
            context.session.join_in_memory(u64::MAX);
            one(context, stage, reporter).await?
        }
        outcome => outcome?,
    };
    let seconds = started.elapsed().as_secs_f64();
    context.manifest.stages.push(StageRecord {
        stage,
        rows: outcome.rows,
        again: outcome.again,
        seconds,
        cpu_seconds: files::cpu_seconds() - cpu,
        peak_memory: files::peak_memory(),
        tables: outcome.tables.iter().cloned().collect(),
        warnings: outcome.warnings.clone(),
    });
    context.progress.finished(stage, outcome.rows, seconds);
    Ok(outcome)
}

async fn one(context: &mut Context, stage: Stage, reporter: &dyn Reporter) -> Result<Outcome> {
    match stage {
        Stage::Ingest => stages::ingest::run(context).await,
        Stage::Contacts => stages::contacts::run(context).await,
        Stage::Addresses => stages::addresses::run(context).await,
        Stage::Dedupe => stages::dedupe::run(context).await,
        Stage::Enrich => stages::enrich::run(context).await,
        Stage::Survivorship => stages::survivorship::run(context).await,
        Stage::Freshness => stages::freshness::run(context).await,
        Stage::Gate => stages::gate::run(context).await,
        Stage::Report => {
            context.manifest.report = Some(reporter.write(context).await?);
            Ok(Outcome { rows: 1, ..Outcome::default() })
        }
        Stage::Publish => stages::publish::run(context).await,
    }
}

/// Manifest of the published run of an output folder, with its folder.
pub fn published(out: &Path) -> Result<Option<(std::path::PathBuf, Manifest)>> {
    let Some(pointer) = manifest::Pointer::read(out)? else { return Ok(None) };
    let folder = out.join("runs").join(&pointer.run);
    let manifest = Manifest::read(&folder)?.ok_or_else(|| {
        Error::environment(format!(
            "{} names the run {}, whose folder is gone",
            out.join("published.json").display(),
            pointer.run
        ))
        .hint("restore the run's folder from a backup, or remove published.json to start anew")
    })?;
    Ok(Some((folder, manifest)))
}
