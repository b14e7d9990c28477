//! `zlato run`.

use crate::args::RunArgs;
use crate::messages::{self, Failure};
use crate::operations::Operations;
use crate::{ask, runs, summary};
use zlato_engine::options::RunOptions;
use zlato_engine::summary::Summary;

pub fn run(args: RunArgs) -> Result<u8, Failure> {
    let limits = ask::limits(args.memory, args.threads);
    let options = RunOptions {
        resume: args.resume,
        full: args.full,
        until: args.until.map(Into::into),
        ..ask::options(args.rules.clone(), args.input, args.out.clone(), args.as_of, limits)
    };
    let cancel = ask::cancel_on_signals()?;
    let operations = Operations::prepare(&args.operations, &options)?;
    let runtime = ask::runtime(limits.threads)?;
    let report = zlato_review::HtmlReport::default();
    let progress = operations.progress(args.quiet);
    let outcome = runtime.block_on(zlato_engine::run::run(options, progress, cancel, &report));
    let outcome = outcome.map_err(|error| ask::in_rules(&args.rules, error));
    let code = match &outcome {
        Ok(summary) => code(summary, args.strict),
        Err(failure) => messages::code(failure),
    };
    if let Ok(outcome) = &outcome {
        summary::print(outcome, args.json, args.quiet)
            .map_err(|e| Failure::Other(format!("the summary cannot be printed: {e}")))?;
    }
    if let (Some(keep), Ok(true)) = (args.keep_runs, outcome.as_ref().map(|o| o.published)) {
        // What is published is published: whether old runs could be removed does not change that.
        match runtime.block_on(runs::after_publishing(&args.out, keep, limits)) {
            Ok(removed) if !args.quiet => removed.iter().for_each(|line| eprintln!("{line}")),
            Ok(_) => {}
            Err(error) => eprintln!("warning: old runs were not removed: {error}"),
        }
    }
    let said = operations.ended(&outcome, code);
    match outcome {
        Err(failure) if !said => Err(failure),
        _ => Ok(code),
    }
}

fn code(summary: &Summary, strict: bool) -> u8 {
    if summary.gate.stopped() {
        crate::STOPPED
    } else if strict && !summary.warnings.is_empty() {
        crate::WARNED
    } else {
        crate::DONE
    }
}
