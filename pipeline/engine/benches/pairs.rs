//! Time of the pair engine within whole runs: blocking, comparing, training, weighing, clusters. Run with
//! `cargo bench --workspace --bench pairs`; `ZLATO_BENCH_RULES` and `ZLATO_BENCH_INPUT` name other rules and files than
//! the shipped sample. Prints the best of several rounds per stage. Says nothing about correctness.

#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use zlato_engine::context::Context;
use zlato_engine::error::{Error, Result};
use zlato_engine::manifest::Manifest;
use zlato_engine::options::RunOptions;
use zlato_engine::progress::{Cancel, Silent};
use zlato_engine::run::{Reporter, Stage, run};
use zlato_engine::session::Limits;

const ROUNDS: usize = 3;

struct NoReport;

impl Reporter for NoReport {
    fn write<'a>(&'a self, _: &'a Context) -> std::pin::Pin<Box<dyn Future<Output = Result<String>> + Send + 'a>> {
        Box::pin(async { Err(Error::Internal("a bench ends before the report".into())) })
    }
}

fn folder(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

/// One run up to matching, in a folder of its own.
fn round(threads: usize) -> Result<Manifest> {
    let scratch = tempfile::tempdir().map_err(|e| Error::environment(format!("no temporary folder: {e}")))?;
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let options = RunOptions {
        rules: folder("ZLATO_BENCH_RULES").unwrap_or(shipped),
        input: folder("ZLATO_BENCH_INPUT"),
        out: scratch.path().to_path_buf(),
        as_of: chrono::NaiveDate::default(),
        started_at: String::new(),
        limits: Limits { memory: 2 << 30, threads },
        resume: false,
        full: false,
        until: Some(Stage::Dedupe),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    let runtime = runtime.map_err(|e| Error::environment(format!("no threads: {e}")))?;
    let summary = runtime.block_on(run(options, Arc::new(Silent), Arc::new(Cancel::default()), &NoReport))?;
    let manifest = Manifest::read(Path::new(&summary.folder))?;
    manifest.ok_or_else(|| Error::Internal("a run without a manifest".into()))
}

fn main() -> Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let rounds: Vec<Manifest> = (0..ROUNDS).map(|_| round(threads)).collect::<Result<_>>()?;
    for (place, stage) in rounds.iter().flat_map(|m| &m.stages).take(4).enumerate() {
        let all = || rounds.iter().filter_map(|m| m.stages.get(place));
        let least = |value: fn(&zlato_engine::manifest::StageRecord) -> f64| all().map(value).fold(f64::MAX, f64::min);
        let (wall, cpu) = (least(|s| s.seconds), least(|s| s.cpu_seconds));
        let rate = stage.rows as f64 / cpu.max(0.01);
        let name = format!("{:?}", stage.stage).to_lowercase();
        println!(
            "{name:<10} {:>12} rows or pairs {wall:>8.2} s wall {cpu:>8.2} s CPU {rate:>12.0} a CPU second",
            stage.rows
        );
    }
    Ok(())
}
