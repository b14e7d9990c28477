//! `zlato run`.

use crate::args::RunArgs;
use crate::messages::Failure;
use crate::{progress, summary, units};
use std::sync::Arc;
use zlato_engine::error::Error;
use zlato_engine::options::RunOptions;
use zlato_engine::progress::Cancel;
use zlato_engine::session::Limits;

pub fn run(args: RunArgs) -> Result<u8, Failure> {
    let threads = args.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, usize::from);
    let memory = args.memory.unwrap_or_else(|| (units::machine_memory() / 2).max(1 << 30));
    let options = RunOptions {
        rules: args.rules.clone(),
        input: args.input,
        out: args.out,
        as_of: args.as_of.unwrap_or_else(|| chrono::Local::now().date_naive()),
        started_at: chrono::Local::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, false),
        limits: Limits { memory, threads },
        resume: args.resume,
        until: args.until.map(Into::into),
    };
    let cancel = Arc::new(Cancel::default());
    let handler = cancel.clone();
    // SIGTERM and SIGHUP count as Ctrl-C. A second one ends the process at once: what is on disk stays whole either way.
    let mut asked = false;
    let installed = ctrlc::set_handler(move || {
        if asked {
            std::process::exit(i32::from(crate::INTERRUPTED));
        }
        asked = true;
        handler.cancel();
    });
    installed.map_err(|e| Failure::Other(format!("Ctrl-C cannot be handled: {e}")))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(|e| Failure::Other(format!("threads cannot be started: {e}")))?;
    let report = zlato_review::HtmlReport::default();
    let outcome = runtime.block_on(zlato_engine::run::run(options, progress::progress(args.quiet), cancel, &report));
    let outcome = outcome.map_err(|error| match error {
        Error::Rules(diagnostics) => Failure::Rules { folder: args.rules.clone(), diagnostics },
        other => Failure::Engine(other),
    })?;
    summary::print(&outcome, args.json, args.quiet)
        .map_err(|e| Failure::Other(format!("the summary cannot be printed: {e}")))?;
    Ok(if outcome.gate.stopped() {
        crate::STOPPED
    } else if args.strict && !outcome.warnings.is_empty() {
        crate::WARNED
    } else {
        crate::DONE
    })
}
