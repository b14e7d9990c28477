//! Progress of a run: bars on a terminal, lines with a time stamp in a log.

use crate::output::tell;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use zlato_engine::progress::{Progress, Silent};
use zlato_engine::run::Stage;

/// The progress that fits where standard error goes.
pub fn progress(quiet: bool) -> Arc<dyn Progress> {
    if quiet {
        Arc::new(Quiet)
    } else if std::io::stderr().is_terminal() {
        Arc::new(Bars::new())
    } else {
        Arc::new(Lines)
    }
}

/// Only warnings are lost in silence by choice: the summary and the exit code still tell.
struct Quiet;

impl Progress for Quiet {
    fn started(&self, stage: Stage, rows: Option<u64>) {
        Silent.started(stage, rows);
    }
    fn expects(&self, _: Stage, _: u64) {}
    fn advanced(&self, _: Stage, _: u64) {}
    fn finished(&self, _: Stage, _: u64, _: f64) {}
    fn skipped(&self, _: Stage) {}
    fn warning(&self, _: Stage, _: &str) {}
}

/// One bar a stage.
struct Bars {
    all: MultiProgress,
    bars: Mutex<HashMap<Stage, ProgressBar>>,
}

impl Bars {
    fn new() -> Self {
        Self { all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10)), bars: Mutex::default() }
    }

    fn with(&self, stage: Stage, act: impl FnOnce(&ProgressBar)) {
        let bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = bars.get(&stage) {
            act(bar);
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        // A bar that cannot be drawn is no reason to stop a run.
        let _ = write!(out, "{}/s", crate::units::count(state.per_sec() as u64));
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("rate", rate).progress_chars("━╸ ")
}

const KNOWN: &str = "{prefix:>13} {bar:28.yellow} {human_pos:>11}/{human_len} rows  {rate:>10}  {eta} left";
const UNKNOWN: &str = "{prefix:>13} {spinner:.yellow} {human_pos:>11} rows  {rate:>10}  {elapsed}";
const DONE: &str = "{prefix:>13} {msg}";

impl Progress for Bars {
    fn started(&self, stage: Stage, rows: Option<u64>) {
        let bar = self.all.add(ProgressBar::new(rows.unwrap_or(0)));
        bar.set_style(style(if rows.is_some() { KNOWN } else { UNKNOWN }));
        bar.set_prefix(stage.as_str());
        bar.enable_steady_tick(Duration::from_millis(200));
        self.bars.lock().unwrap_or_else(PoisonError::into_inner).insert(stage, bar);
    }

    fn expects(&self, stage: Stage, rows: u64) {
        self.with(stage, |bar| {
            bar.set_length(rows);
            bar.set_position(0);
            bar.set_style(style(KNOWN));
        });
    }

    fn advanced(&self, stage: Stage, rows: u64) {
        self.with(stage, |bar| bar.inc(rows));
    }

    fn finished(&self, stage: Stage, rows: u64, seconds: f64) {
        self.with(stage, |bar| {
            bar.set_style(style(DONE));
            bar.finish_with_message(format!(
                "✓ {:>11} {}  {}",
                crate::units::count(rows),
                unit(stage),
                crate::units::duration(seconds)
            ));
        });
    }

    fn skipped(&self, stage: Stage) {
        let _ = self.all.println(format!("{:>13} ✓ done before", stage.as_str()));
    }

    fn warning(&self, stage: Stage, text: &str) {
        let _ = self.all.println(format!("{:>13} ! {text}", stage.as_str()));
    }
}

/// What a stage counts.
fn unit(stage: Stage) -> &'static str {
    match stage {
        Stage::Dedupe => "pairs",
        Stage::Freshness | Stage::Publish => "golden records",
        Stage::Gate => "checks",
        Stage::Report => "page",
        _ => "rows",
    }
}

/// One line an event, for logs.
struct Lines;

/// A line of a log, with the time.
pub fn line(text: &str) {
    let now = chrono::Local::now().format("%Y-%m-%dT%H:%M:%S%:z");
    tell!("{now} {text}");
}

impl Progress for Lines {
    fn started(&self, stage: Stage, rows: Option<u64>) {
        match rows {
            Some(rows) => line(&format!("{} started, {} rows", stage.as_str(), crate::units::count(rows))),
            None => line(&format!("{} started", stage.as_str())),
        }
    }
    fn expects(&self, _: Stage, _: u64) {}
    fn advanced(&self, _: Stage, _: u64) {}
    fn finished(&self, stage: Stage, rows: u64, seconds: f64) {
        let (rows, seconds) = (crate::units::count(rows), crate::units::duration(seconds));
        line(&format!("{} finished: {rows} {} in {seconds}", stage.as_str(), unit(stage)));
    }
    fn skipped(&self, stage: Stage) {
        line(&format!("{} was done before", stage.as_str()));
    }
    fn warning(&self, stage: Stage, text: &str) {
        line(&format!("{} warning: {text}", stage.as_str()));
    }
}
