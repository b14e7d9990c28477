//! `zlato run`.

use crate::args::RunArgs;
use crate::messages::Failure;
use crate::{ask, progress, runs, summary};
use zlato_engine::options::RunOptions;

pub fn run(args: RunArgs) -> Result<u8, Failure> {
    let limits = ask::limits(args.memory, args.threads);
    let options = RunOptions {
        resume: args.resume,
        full: args.full,
        until: args.until.map(Into::into),
        ..ask::options(args.rules.clone(), args.input, args.out.clone(), args.as_of, limits)
    };
    let cancel = ask::cancel_on_signals()?;
    let runtime = ask::runtime(limits.threads)?;
    let report = zlato_review::HtmlReport::default();
    let outcome = runtime.block_on(zlato_engine::run::run(options, progress::progress(args.quiet), cancel, &report));
    let outcome = outcome.map_err(|error| ask::in_rules(&args.rules, error))?;
    summary::print(&outcome, args.json, args.quiet)
        .map_err(|e| Failure::Other(format!("the summary cannot be printed: {e}")))?;
    if let Some(keep) = args.keep_runs.filter(|_| outcome.published) {
        // What is published is published: whether old runs could be removed does not change that.
        match runtime.block_on(runs::after_publishing(&args.out, keep, limits)) {
            Ok(removed) if !args.quiet => removed.iter().for_each(|line| eprintln!("{line}")),
            Ok(_) => {}
            Err(error) => eprintln!("warning: old runs were not removed: {error}"),
        }
    }
    Ok(if outcome.gate.stopped() {
        crate::STOPPED
    } else if args.strict && !outcome.warnings.is_empty() {
        crate::WARNED
    } else {
        crate::DONE
    })
}
