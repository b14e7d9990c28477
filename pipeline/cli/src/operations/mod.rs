//! What a scheduler wants of a run besides its tables: metrics, lineage, a log for machines, commands at its end.
//! Enter: the options of `zlato run` and what came of it. Leave: files and started commands. Never here: a customer's
//! value; a failure of these that would change what became of the run.

mod hooks;
mod lineage;
mod log;
mod metrics;
#[cfg(test)]
mod tests;

use crate::messages::Failure;
use clap::{Args, ValueEnum};
use lineage::Lineage;
use log::Log;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use zlato_engine::options::RunOptions;
use zlato_engine::progress::Progress;
use zlato_engine::run::Stage;
use zlato_engine::summary::Summary;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Operations")]
pub struct OperationsArgs {
    /// When the run ends, however it ends, write its metrics in the Prometheus text format, in one step
    #[arg(long, value_name = "FILE")]
    pub metrics: Option<PathBuf>,
    /// Append OpenLineage events of the run and of each stage, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub lineage: Option<PathBuf>,
    /// How progress, warnings and errors are written to standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// Command for the shell when nothing is published: the gate stopped the run, or it could not run. See ZLATO_RUN,
    /// ZLATO_RESULT, ZLATO_REASON, ZLATO_REPORT and others in its environment
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
    /// None where it ended with an error.
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
    lineage: Option<Arc<Lineage>>,
    log: Log,
    started: Instant,
}

impl Operations {
    /// Finds out before the run whether the files can be written.
    pub fn prepare(args: &OperationsArgs, options: &RunOptions) -> Result<Self, Failure> {
        if let Some(file) = &args.metrics {
            metrics::check(file)?;
        }
        let lineage = args.lineage.as_ref().map(|file| Lineage::open(file, options)).transpose()?;
        Ok(Self {
            args: args.clone(),
            out: options.out.clone(),
            as_of: options.as_of.to_string(),
            lineage: lineage.map(Arc::new),
            log: Log::new(args.log_format),
            started: Instant::now(),
        })
    }

    /// Progress for people or for machines, and for the lineage.
    pub fn progress(&self, quiet: bool) -> Arc<dyn Progress> {
        let shown = match self.args.log_format {
            LogFormat::Json if !quiet => Arc::new(self.log.clone()) as Arc<dyn Progress>,
            _ => crate::progress::progress(quiet),
        };
        match &self.lineage {
            Some(lineage) => Arc::new(Both(shown, lineage.clone())),
            None => shown,
        }
    }

    /// Tells everybody how the run ended. Returns the failure for whoever prints it; none where it is in the log.
    pub fn ended(&self, outcome: &Result<Summary, Failure>, code: u8) -> bool {
        let end = end(outcome, code, self.started.elapsed().as_secs_f64());
        self.log.ended(&end, outcome.as_ref().err());
        if let Some(lineage) = &self.lineage
            && let Err(error) = lineage.ended(&end)
        {
            self.log.warn(&format!("the lineage cannot be written: {error}"));
        }
        if let Some(file) = &self.args.metrics
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
            && let Err(why) = hooks::run(command, &hooks::environment(&end, &self.out, &self.as_of))
        {
            self.log.warn(&format!("the command of {option} {why}"));
        }
        self.args.log_format == LogFormat::Json
    }
}

/// What a result means.
fn end<'a>(outcome: &'a Result<Summary, Failure>, code: u8, seconds: f64) -> End<'a> {
    let (ending, reason) = match outcome {
        Ok(summary) if summary.gate.stopped() => (Ending::Stopped, stops(summary)),
        Ok(summary) if summary.published => (Ending::Published, String::new()),
        Ok(_) => (Ending::Unfinished, "the run was asked to end before publishing".into()),
        Err(Failure::Engine(zlato_engine::error::Error::Interrupted)) => (Ending::Interrupted, "interrupted".into()),
        Err(failure) => (Ending::Failed, crate::messages::in_words(failure)),
    };
    End { ending, code, summary: outcome.as_ref().ok(), reason, seconds }
}

/// Why the gate stopped a run: its own words.
fn stops(summary: &Summary) -> String {
    let said = summary.stages.iter().filter(|s| s.stage == Stage::Gate).flat_map(|s| &s.warnings);
    let stops: Vec<&str> = said.filter(|w| w.contains(" says stop: ")).map(String::as_str).collect();
    if stops.is_empty() { "stopped by the gate".into() } else { stops.join("; ") }
}

/// A path as others find it, whether it is there or not.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Two listeners.
struct Both(Arc<dyn Progress>, Arc<Lineage>);

impl Progress for Both {
    fn opened(&self, run: &str) {
        self.0.opened(run);
        self.1.opened(run);
    }
    fn started(&self, stage: Stage, rows: Option<u64>) {
        self.0.started(stage, rows);
        self.1.started(stage, rows);
    }
    fn expects(&self, stage: Stage, rows: u64) {
        self.0.expects(stage, rows);
    }
    fn advanced(&self, stage: Stage, rows: u64) {
        self.0.advanced(stage, rows);
    }
    fn finished(&self, stage: Stage, rows: u64, seconds: f64) {
        self.0.finished(stage, rows, seconds);
        self.1.finished(stage, rows, seconds);
    }
    fn skipped(&self, stage: Stage) {
        self.0.skipped(stage);
    }
    fn warning(&self, stage: Stage, text: &str) {
        self.0.warning(stage, text);
    }
}
