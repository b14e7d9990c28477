//! Metrics of a run in the Prometheus text format (version 0.0.4), for the textfile collector of node_exporter. Enter: the
//! end of a run. Leaves: a file that is replaced in one step and that other users may read: it holds numbers alone.

use super::{End, Ending};
use crate::target;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use zlato_engine::manifest::GateResult;
use zlato_engine::run::Stage;

/// Replaces the file, or what it links to. The collector reads names that end in `.prom`, so the unfinished one has
/// another ending.
///
/// # Errors
/// In words, when it cannot be written or is no regular file by now.
pub fn write(file: &Path, text: &str) -> Result<(), String> {
    let file = target::regular("--metrics", file).map_err(|e| e.to_string())?;
    replace(&file, text).map_err(|e| e.to_string())
}

fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let unfinished = file.with_file_name(name);
    // Whatever has that name, a link or pipe too, is taken away and not written to.
    match std::fs::remove_file(&unfinished) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut opened = std::fs::File::create_new(&unfinished)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        opened.set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    opened.write_all(text.as_bytes())?;
    opened.sync_all()?;
    std::fs::rename(&unfinished, file)
}

/// All metrics; `now` in seconds since 1970.
pub fn text(end: &End<'_>, out: &Path, now: i64) -> String {
    let mut metrics = Metrics(String::new());
    let published = end.ending == Ending::Published;
    metrics.one("run_published", "Whether the last run was published.", i64::from(published));
    metrics.one("run_exit_code", "Exit code of the last run.", i64::from(end.code));
    metrics.one("run_end_timestamp_seconds", "When the last run ended.", now);
    let success = if published { Some(now) } else { published_at(&out.join("published.json")) };
    if let Some(success) = success {
        metrics.one("last_success_timestamp_seconds", "When golden records were published last.", success);
    }
    metrics.one("run_duration_seconds", "How long the last run took.", end.seconds);
    let results = [GateResult::NotReached, GateResult::Pass, GateResult::Warn, GateResult::Stop];
    let gate = end.summary.map_or(GateResult::NotReached, |s| s.gate);
    metrics.each(
        "gate_result",
        "What the gate decided: 1 for one of the results.",
        results.iter().map(|r| (vec![("result", r.as_str())], f64::from(u8::from(*r == gate)))),
    );
    if let Some(run) = end.run {
        let info = vec![("run", run), ("version", env!("CARGO_PKG_VERSION"))];
        metrics.each("run_info", "Name of the last run.", [(info, 1.0)].into_iter());
    }
    let Some(summary) = end.summary else { return metrics.0 };
    let done = |stage: Stage| summary.stages.iter().any(|s| s.stage == stage);
    metrics.one("run_cpu_seconds", "Processor time of the last run.", summary.cpu_seconds);
    metrics.one("run_peak_memory_bytes", "Highest memory of the last run.", summary.peak_memory);
    metrics.one("run_warnings", "Warnings of the last run.", summary.warnings.len());
    metrics.each(
        "stage_duration_seconds",
        "How long a stage took.",
        summary.stages.iter().map(|s| (vec![("stage", s.stage.as_str())], s.seconds)),
    );
    metrics.each(
        "stage_rows",
        "Rows that a stage worked on.",
        summary.stages.iter().map(|s| (vec![("stage", s.stage.as_str())], s.rows as f64)),
    );
    metrics.each(
        "stage_rows_reused",
        "Rows that a stage took from the last published run.",
        summary.stages.iter().map(|s| (vec![("stage", s.stage.as_str())], s.again as f64)),
    );
    // What no stage has counted is not told: 0 would be a number, and a wrong one.
    if done(Stage::Ingest) {
        metrics.each(
            "source_rows",
            "Rows of a source: read, kept, in quarantine.",
            summary.sources.iter().flat_map(|s| {
                [("in", s.rows_in), ("kept", s.rows_kept), ("quarantine", s.rows_quarantine)]
                    .map(|(state, rows)| (vec![("source", s.source.as_str()), ("state", state)], rows as f64))
            }),
        );
    }
    if done(Stage::Survivorship) {
        let kinds = [("customer", summary.customers), ("prospect", summary.prospects)];
        metrics.each(
            "golden_records",
            "Golden records by kind.",
            kinds.into_iter().map(|(kind, n)| (vec![("kind", kind)], n as f64)),
        );
    }
    if done(Stage::Dedupe) {
        metrics.one("candidate_pairs", "Pairs of records at or above the review threshold.", summary.pairs);
        metrics.one("review_pairs", "Pairs that wait for a steward.", summary.review);
    }
    metrics.0
}

/// When the pointer was moved last.
fn published_at(pointer: &Path) -> Option<i64> {
    let moved = std::fs::metadata(pointer).ok()?.modified().ok()?;
    let since = moved.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

struct Metrics(String);

impl Metrics {
    fn head(&mut self, name: &str, help: &str) {
        let _ = write!(self.0, "# HELP zlato_{name} {help}\n# TYPE zlato_{name} gauge\n");
    }

    fn one(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.head(name, help);
        let _ = writeln!(self.0, "zlato_{name} {value}");
    }

    fn each<'a>(&mut self, name: &str, help: &str, values: impl Iterator<Item = (Vec<(&'a str, &'a str)>, f64)>) {
        self.head(name, help);
        for (labels, value) in values {
            let labels: Vec<String> = labels.iter().map(|(l, text)| format!("{l}=\"{}\"", escaped(text))).collect();
            let _ = writeln!(self.0, "zlato_{name}{{{}}} {value}", labels.join(","));
        }
    }
}

/// A label's value: backslash, quotation mark and line break are escaped.
pub fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
