//! The one binary: arguments in, exit code out. `main` is a contents page; each command is a module.

mod args;
mod ask;
mod check;
mod demo;
mod demo_command;
mod diff;
mod erase;
mod evaluate;
mod explain;
mod explain_golden;
mod gazetteer;
mod history;
mod judge;
mod mail_domains;
mod match_command;
mod messages;
mod operations;
mod person_args;
mod pin;
mod progress;
mod run_command;
mod runs;
mod schema;
mod subject;
mod summary;
mod suppress;
mod suppress_args;
mod tables;
mod train;
mod try_command;
mod units;
mod why_not;

use args::{Cli, Command};
use clap::Parser;
use std::process::ExitCode;

/// Gives memory back between the phases of a run and is faster under several threads than the allocator of
/// the C library (measured: docs/decisions/0007-dependencies.md).
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Published, or the command did what it was asked.
pub const DONE: u8 = 0;
/// The gate stopped the run.
pub const STOPPED: u8 = 1;
/// Could not run: rules, inputs or environment.
pub const FAILED: u8 = 2;
/// Published with warnings, and `--strict` was given.
pub const WARNED: u8 = 3;
/// Ended by Ctrl-C, as shells count it.
pub const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Run(options) => run_command::run(options),
        Command::Try(options) => try_command::try_values(&options),
        Command::Check(options) => check::check(&options),
        Command::Schema(options) => schema::schema(&options),
        Command::Train(options) => train::train(options),
        Command::Evaluate(options) => evaluate::evaluate(&options),
        Command::Explain(options) => explain::explain(options),
        Command::WhyNot(options) => why_not::why_not(&options),
        Command::Judge(options) => judge::judge(&options),
        Command::Match(options) => match_command::match_forms(&options),
        Command::Pin(options) => pin::pin(&options),
        Command::Runs(options) => runs::runs(&options),
        Command::Diff(options) => diff::diff(&options),
        Command::History(options) => history::history(&options),
        Command::Suppress(options) => suppress::suppress(&options),
        Command::Subject(options) => subject::subject(&options),
        Command::Erase(options) => erase::erase(&options),
        Command::Tables(options) => tables::tables(&options),
        Command::Gazetteer(options) => gazetteer::gazetteer(&options.command),
        Command::MailDomains(options) => mail_domains::mail_domains(&options),
        Command::Demo(options) => demo_command::demo(&options),
    };
    ExitCode::from(result.unwrap_or_else(|error| messages::failure(&error)))
}
