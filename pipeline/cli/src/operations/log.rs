//! The log as JSON, one object a line on standard error, for journals and log collectors. Enter: what happens.
//! Leave: `time`, `level`, `event` and what goes with it. Never here: a customer's value.

use super::{End, Ending, LogFormat, is_stop};
use crate::messages::{self, Failure};
use crate::output::tell;
use serde_json::{Map, Value, json};
use zlato_core::rules::diagnostics::Severity;
use zlato_engine::progress::Progress;
use zlato_engine::run::Stage;

#[derive(Debug, Clone)]
pub struct Log {
    format: LogFormat,
}

impl Log {
    pub fn new(format: LogFormat) -> Self {
        Self { format }
    }

    fn line(level: &str, event: &str, more: Value) {
        let time = chrono::Local::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, false);
        tell!("{}", object(&time, level, event, more));
    }

    /// Something that goes wrong after the run and does not change it.
    pub fn warn(&self, text: &str) {
        match self.format {
            LogFormat::Json => Self::line("warning", "warning", json!({ "message": text })),
            LogFormat::Text => tell!("warning: {text}"),
        }
    }

    /// Something that happened after the run.
    pub fn tell(&self, event: &str, text: &str) {
        match self.format {
            LogFormat::Json => Self::line("info", event, json!({ "message": text })),
            LogFormat::Text => tell!("{text}"),
        }
    }

    /// Whether what others say must be made lines of this log.
    pub fn for_machines(&self) -> bool {
        self.format == LogFormat::Json
    }

    /// A line that the command of an option has said.
    pub fn command_said(option: &str, text: &str) {
        Self::line("info", "command_said", json!({ "option": option, "message": text }));
    }

    /// The last lines; people read the summary and the error message instead.
    pub fn ended(&self, end: &End<'_>, failure: Option<&Failure>) {
        if self.format == LogFormat::Text {
            return;
        }
        if let Some(failure) = failure {
            problems(failure);
        }
        let level = match end.ending {
            Ending::Published | Ending::Unfinished => "info",
            Ending::Stopped | Ending::Failed | Ending::Interrupted => "error",
        };
        let summary = end.summary;
        Self::line(
            level,
            "run_ended",
            json!({
                "run": end.run,
                "result": end.ending.as_str(),
                "gate": summary.map(|s| s.gate.as_str()),
                "reason": (!end.reason.is_empty()).then_some(&end.reason),
                "rows_in": summary.map(|s| s.rows_in),
                "customers": summary.map(|s| s.customers),
                "report": summary.and_then(|s| s.report.as_ref()),
                "told_again": summary.is_some_and(|s| s.told_again).then_some(true),
                "exit_code": end.code,
                "seconds": end.seconds,
            }),
        );
    }
}

/// Every problem of the rules in a line of its own.
fn problems(failure: &Failure) {
    let Failure::Rules { folder, diagnostics } = failure else {
        let (message, help) = (messages::in_words(failure), messages::help(failure));
        return Log::line("error", "failed", json!({ "message": message, "help": help }));
    };
    for d in diagnostics {
        let level = if d.severity == Severity::Warning { "warning" } else { "error" };
        let file = folder.join(&d.file).display().to_string();
        let more = json!({ "file": file, "line": d.line, "column": d.column, "code": d.code, "message": d.message, "help": d.help });
        Log::line(level, "rule_problem", more);
    }
}

/// An object with the time first; what is null is left out.
pub fn object(time: &str, level: &str, event: &str, more: Value) -> Value {
    let mut all = Map::new();
    all.insert("time".into(), time.into());
    all.insert("level".into(), level.into());
    all.insert("event".into(), event.into());
    if let Value::Object(more) = more {
        all.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Value::Object(all)
}

impl Progress for Log {
    fn opened(&self, run: &str) {
        Self::line("info", "run_started", json!({ "run": run }));
    }
    fn started(&self, stage: Stage, rows: Option<u64>) {
        Self::line("info", "stage_started", json!({ "stage": stage.as_str(), "rows": rows }));
    }
    fn expects(&self, _: Stage, _: u64) {}
    fn advanced(&self, _: Stage, _: u64) {}
    fn finished(&self, stage: Stage, rows: u64, seconds: f64) {
        Self::line("info", "stage_finished", json!({ "stage": stage.as_str(), "rows": rows, "seconds": seconds }));
    }
    fn skipped(&self, stage: Stage) {
        Self::line("info", "stage_skipped", json!({ "stage": stage.as_str() }));
    }
    fn warning(&self, stage: Stage, text: &str) {
        let (level, event) = if is_stop(stage, text) { ("error", "check_stops") } else { ("warning", "warning") };
        Self::line(level, event, json!({ "stage": stage.as_str(), "message": text }));
    }
}
