//! `zlato run`. Enters: its options. Leaves: an exit code that says what became of the run. Never here: that something
//! could not be said, which changes neither the run, nor what follows it, nor the exit code.

use crate::args::RunArgs;
use crate::messages::{self, Failure};
use crate::operations::Operations;
use crate::{ask, runs, summary};
use zlato_engine::options::RunOptions;
use zlato_engine::session::Limits;
use zlato_engine::summary::Summary;

pub fn run(args: &RunArgs) -> u8 {
    let limits = ask::limits(args.memory, args.threads);
    let options = RunOptions {
        resume: args.resume,
        full: args.full,
        until: args.until.map(Into::into),
        ..ask::options(args.rules.clone(), args.input.clone(), args.out.clone(), args.as_of, limits)
    };
    let (operations, ready) = Operations::prepare(&args.operations, &options);
    let outcome = ready.and_then(|()| work(args, options, limits, &operations));
    let code = match &outcome {
        Ok(summary) => code(summary, args.strict),
        Err(failure) => messages::code(failure),
    };
    let said = match &outcome {
        Ok(summary) => summary::print(summary, args.json, args.quiet),
        Err(failure) => operations.failed(failure, args.json),
    };
    if let Err(failure) = said {
        operations.warn(&failure.to_string());
    }
    if let (Some(keep), Ok(true)) = (args.keep_runs, outcome.as_ref().map(|o| o.published)) {
        // What is published is published: whether old runs could be removed does not change that.
        let removed = ask::runtime(limits.threads)
            .and_then(|runtime| Ok(runtime.block_on(runs::after_publishing(&args.out, keep, limits))?));
        match removed {
            Ok(removed) if !args.quiet => removed.iter().for_each(|line| operations.tell("run_removed", line)),
            Ok(_) => {}
            Err(error) => operations.warn(&format!("old runs were not removed: {error}")),
        }
    }
    operations.ended(&outcome, code);
    code
}

fn work(args: &RunArgs, options: RunOptions, limits: Limits, operations: &Operations) -> Result<Summary, Failure> {
    let cancel = ask::cancel_on_signals()?;
    let runtime = ask::runtime(limits.threads)?;
    let report = zlato_review::HtmlReport::default();
    let outcome = runtime.block_on(zlato_engine::run::run(options, operations.progress(args.quiet), cancel, &report));
    outcome.map_err(|error| ask::in_rules(&args.rules, error))
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
