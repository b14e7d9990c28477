//! What a scheduler wants of a run besides its tables: metrics, lineage, a log for machines, commands at its end.
//! Enter: the options of `zlato run` and what came of it. Leave: files and started commands. Never here: a customer's
//! value; a failure of these that would change what became of the run.

mod hooks;
mod lineage;
mod log;
mod metrics;
#[cfg(test)]
mod tests;

use crate::messages::{self, Failure};
use crate::{output, target};
use clap::{Args, ValueEnum};
use lineage::Lineage;
use log::Log;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use zlato_engine::options::RunOptions;
use zlato_engine::progress::Progress;
use zlato_engine::run::Stage;
use zlato_engine::summary::Summary;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Operations")]
pub struct OperationsArgs {
    /// When the run ends, however it ends, write its metrics in the Prometheus text format, in one step; a link is
    /// followed, a device or pipe refused
    #[arg(long, value_name = "FILE")]
    pub metrics: Option<PathBuf>,
    /// Append OpenLineage events of the run and of each stage, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub lineage: Option<PathBuf>,
    /// How progress, warnings and errors are written to standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// Command for the shell when nothing is published: the gate stopped the run, or it could not run, but for a command
    /// line that cannot be read. See ZLATO_RUN, ZLATO_RESULT, ZLATO_REASON, ZLATO_REPORT and others in its environment
    #[arg(long, value_name = "COMMAND")]
    pub on_stop: Option<String>,
    /// Command for the shell when the run is published, with the same environment
    #[arg(long, value_name = "COMMAND")]
    pub on_publish: Option<String>,
}

/// Formats of the log on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Bars on a terminal, lines with the time elsewhere
    Text,
    /// One JSON object a line
    Json,
}

/// What became of a run, for everything that is told about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Published,
    /// The gate stopped it.
    Stopped,
    /// It ended before the gate because it was asked to.
    Unfinished,
    Failed,
    Interrupted,
}

impl Ending {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Stopped => "stopped",
            Self::Unfinished => "unfinished",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

/// The end of a run.
pub struct End<'a> {
    pub ending: Ending,
    pub code: u8,
    /// Name of the run; none where it could not begin.
    pub run: Option<&'a str>,
    /// What it came to; of a run that ended with an error, what the stages came to that were done.
    pub summary: Option<&'a Summary>,
    /// Why nothing was published; empty where it was.
    pub reason: String,
    pub seconds: f64,
}

/// Everything that follows a run.
pub struct Operations {
    args: OperationsArgs,
    out: PathBuf,
    as_of: String,
    /// None where it was not asked for, or cannot be written; the same with the lineage.
    metrics: Option<PathBuf>,
    lineage: Option<Arc<Lineage>>,
    log: Log,
    /// The name of the run from when it has one.
    run: Arc<OnceLock<String>>,
    started: Instant,
}

impl Operations {
    /// What can be told of the run, and whether all that was asked for can be: where not, the run must not begin, and
    /// whoever can be told hears of that as of every other failure.
    pub fn prepare(args: &OperationsArgs, options: &RunOptions) -> (Self, Result<(), Failure>) {
        let metrics = args.metrics.as_ref().map(|file| target::regular("--metrics", file).map(|_| file.clone()));
        let lineage = args.lineage.as_ref().map(|file| Lineage::open(file, options).map(Arc::new));
        let (metrics, no_metrics) = metrics.transpose().map_or_else(|e| (None, Err(e)), |file| (file, Ok(())));
        let (lineage, no_lineage) = lineage.transpose().map_or_else(|e| (None, Err(e)), |file| (file, Ok(())));
        let this = Self {
            args: args.clone(),
            out: options.out.clone(),
            as_of: options.as_of.to_string(),
            metrics,
            lineage,
            log: Log::new(args.log_format),
            run: Arc::default(),
            started: Instant::now(),
        };
        (this, no_metrics.and(no_lineage))
    }

    /// Progress for people or for machines, and for the lineage.
    pub fn progress(&self, quiet: bool) -> Arc<dyn Progress> {
        let shown = match self.args.log_format {
            LogFormat::Json if !quiet => Arc::new(self.log.clone()) as Arc<dyn Progress>,
            _ => crate::progress::progress(quiet),
        };
        Arc::new(Listeners { shown, run: self.run.clone(), lineage: self.lineage.clone() })
    }

    /// Says why there is no summary: to people where there is no log for machines, and as the object of `--json`.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn failed(&self, failure: &Failure, json: bool) -> Result<(), Failure> {
        if self.args.log_format == LogFormat::Text {
            messages::print(failure);
        }
        if !json {
            return Ok(());
        }
        let mut object = messages::object(failure);
        if let (Some(run), Some(object)) = (self.run.get(), object.as_object_mut()) {
            object.insert("run".into(), run.as_str().into());
        }
        output::answer(&format!("{object}\n"))
    }

    /// Something that went wrong beside the run and does not change it.
    pub fn warn(&self, text: &str) {
        self.log.warn(text);
    }

    /// Something that happened after the run.
    pub fn tell(&self, event: &str, text: &str) {
        self.log.tell(event, text);
    }

    /// Tells everybody how the run ended.
    pub fn ended(&self, outcome: &Result<Summary, Failure>, code: u8) {
        let seconds = self.started.elapsed().as_secs_f64();
        let unfinished = match (outcome, self.run.get()) {
            // What it came to as far as can be read: the failure has been told already.
            (Err(_), Some(run)) => Summary::of_unfinished(&self.out, run, seconds).ok().flatten(),
            _ => None,
        };
        let run = self.run.get().map(String::as_str);
        let end = end(outcome, run, unfinished.as_ref(), code, seconds);
        self.log.ended(&end, outcome.as_ref().err());
        if let Some(lineage) = &self.lineage
            && let Err(error) = lineage.ended(&end)
        {
            self.log.warn(&format!("the lineage cannot be written: {error}"));
        }
        if let Some(file) = &self.metrics
            && let Err(error) = metrics::write(file, &metrics::text(&end, &self.out, chrono::Local::now().timestamp()))
        {
            self.log.warn(&format!("the metrics cannot be written to {}: {error}", file.display()));
        }
        let command = match end.ending {
            Ending::Published => self.args.on_publish.as_ref().map(|c| ("--on-publish", c)),
            Ending::Stopped | Ending::Failed => self.args.on_stop.as_ref().map(|c| ("--on-stop", c)),
            Ending::Unfinished | Ending::Interrupted => None,
        };
        if let Some((option, command)) = command
            && let Err(why) = hooks::run(option, command, &hooks::environment(&end, &self.out, &self.as_of), &self.log)
        {
            self.log.warn(&format!("the command of {option} {why}"));
        }
    }
}

/// What a result means.
fn end<'a>(
    outcome: &'a Result<Summary, Failure>,
    run: Option<&'a str>,
    unfinished: Option<&'a Summary>,
    code: u8,
    seconds: f64,
) -> End<'a> {
    let (ending, reason) = match outcome {
        Ok(summary) if summary.gate.stopped() => (Ending::Stopped, stops(summary)),
        Ok(summary) if summary.published => (Ending::Published, String::new()),
        Ok(_) => (Ending::Unfinished, "the run was asked to end before publishing".into()),
        Err(Failure::Engine(zlato_engine::error::Error::Interrupted)) => (Ending::Interrupted, "interrupted".into()),
        Err(failure) => (Ending::Failed, messages::in_words(failure)),
    };
    let summary = outcome.as_ref().ok().or(unfinished);
    End { ending, code, run, summary, reason, seconds }
}

/// Why the gate stopped a run: its own words.
fn stops(summary: &Summary) -> String {
    let said = summary.stages.iter().filter(|s| s.stage == Stage::Gate).flat_map(|s| &s.warnings);
    let stops: Vec<&str> = said.filter(|w| is_stop(Stage::Gate, w)).map(String::as_str).collect();
    if stops.is_empty() { "stopped by the gate".into() } else { stops.join("; ") }
}

/// Whether a warning of the gate is one that stops the run.
fn is_stop(stage: Stage, warning: &str) -> bool {
    stage == Stage::Gate && warning.contains(" says stop: ")
}

/// A path as others find it, whether it is there or not.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Everybody who hears of a run while it is under way.
struct Listeners {
    shown: Arc<dyn Progress>,
    run: Arc<OnceLock<String>>,
    lineage: Option<Arc<Lineage>>,
}

impl Listeners {
    fn lineage(&self, hear: impl FnOnce(&Lineage)) {
        if let Some(lineage) = &self.lineage {
            hear(lineage);
        }
    }
}

impl Progress for Listeners {
    fn opened(&self, run: &str) {
        // One process makes one run: it has no other name already.
        let _ = self.run.set(run.into());
        self.shown.opened(run);
        self.lineage(|l| l.opened(run));
    }
    fn started(&self, stage: Stage, rows: Option<u64>) {
        self.shown.started(stage, rows);
        self.lineage(|l| l.started(stage, rows));
    }
    fn expects(&self, stage: Stage, rows: u64) {
        self.shown.expects(stage, rows);
    }
    fn advanced(&self, stage: Stage, rows: u64) {
        self.shown.advanced(stage, rows);
    }
    fn finished(&self, stage: Stage, rows: u64, seconds: f64) {
        self.shown.finished(stage, rows, seconds);
        self.lineage(|l| l.finished(stage, rows, seconds));
    }
    fn skipped(&self, stage: Stage) {
        self.shown.skipped(stage);
    }
    fn warning(&self, stage: Stage, text: &str) {
        self.shown.warning(stage, text);
    }
}
