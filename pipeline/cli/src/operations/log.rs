//! The log as JSON, one object a line on standard error, for journals and log collectors. Enter: what happens.
//! Leave: `time`, `level`, `event` and what goes with it. Never here: a customer's value.

use super::{End, Ending, LogFormat};
use crate::messages::Failure;
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
        eprintln!("{}", object(&time, level, event, more));
    }

    /// Something that goes wrong after the run and does not change it.
    pub fn warn(&self, text: &str) {
        match self.format {
            LogFormat::Json => Self::line("warning", "warning", json!({ "message": text })),
            LogFormat::Text => eprintln!("warning: {text}"),
        }
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
                "run": summary.map(|s| &s.run),
                "result": end.ending.as_str(),
                "gate": summary.map(|s| s.gate.as_str()),
                "reason": (!end.reason.is_empty()).then_some(&end.reason),
                "rows_in": summary.map(|s| s.rows_in),
                "customers": summary.map(|s| s.customers),
                "report": summary.and_then(|s| s.report.as_ref()),
                "exit_code": end.code,
                "seconds": end.seconds,
            }),
        );
    }
}

/// Every problem of the rules in a line of its own.
fn problems(failure: &Failure) {
    let Failure::Rules { folder, diagnostics } = failure else {
        let help = if let Failure::Engine(error) = failure { error.help() } else { None };
        let message = crate::messages::in_words(failure);
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
        Self::line("warning", "warning", json!({ "stage": stage.as_str(), "message": text }));
    }
}
