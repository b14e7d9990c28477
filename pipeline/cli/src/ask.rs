//! What every command that starts the engine needs: limits, threads, Ctrl-C, and errors of rules with their folder.

use crate::messages::Failure;
use crate::{output, units};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zlato_engine::error::Error;
use zlato_engine::options::RunOptions;
use zlato_engine::progress::Cancel;
use zlato_engine::session::Limits;

/// Limits as given, or what fits the machine.
pub fn limits(memory: Option<u64>, threads: Option<NonZeroUsize>) -> Limits {
    let threads = threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, usize::from);
    Limits { memory: memory.unwrap_or_else(|| (units::machine_memory() / 2).max(1 << 30)), threads }
}

/// Options of something that reads the sources from the start; the day is today where none is given.
pub fn options(
    rules: PathBuf,
    input: Option<PathBuf>,
    out: PathBuf,
    as_of: Option<chrono::NaiveDate>,
    limits: Limits,
) -> RunOptions {
    let now = chrono::Local::now();
    RunOptions {
        rules,
        input,
        out,
        as_of: as_of.unwrap_or_else(|| now.date_naive()),
        started_at: now.to_rfc3339_opts(chrono::SecondsFormat::Millis, false),
        limits,
        resume: false,
        full: false,
        until: None,
    }
}

pub fn runtime(threads: usize) -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(|e| Failure::Other(format!("threads cannot be started: {e}")))
}

/// SIGTERM and SIGHUP count as Ctrl-C. A second one ends the process at once: what is on disk stays whole either way.
pub fn cancel_on_signals() -> Result<Arc<Cancel>, Failure> {
    let cancel = Arc::new(Cancel::default());
    let handler = cancel.clone();
    let mut asked = false;
    let installed = ctrlc::set_handler(move || {
        if asked {
            std::process::exit(i32::from(crate::INTERRUPTED));
        }
        asked = true;
        handler.cancel();
    });
    installed.map_err(|e| Failure::Other(format!("Ctrl-C cannot be handled: {e}")))?;
    Ok(cancel)
}

/// Findings about rules are shown with the folder they are in.
pub fn in_rules(folder: &Path, error: Error) -> Failure {
    match error {
        Error::Rules(diagnostics) => Failure::Rules { folder: folder.to_path_buf(), diagnostics },
        other => Failure::Engine(other),
    }
}

/// Prints an answer.
///
/// # Errors
/// See [`output::answer`].
pub fn say(text: &str) -> Result<(), Failure> {
    output::answer(text)
}

/// An answer as one JSON object.
pub fn say_json(answer: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(answer).map_err(|e| Failure::Other(e.to_string()))?;
    say(&format!("{text}\n"))
}
