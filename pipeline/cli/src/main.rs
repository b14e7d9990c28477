//! The one binary: arguments in, exit code out. `main` is a contents page; each command is a module.

// What cannot be said must not end a run: `output` is where everything is said.
#![warn(clippy::print_stderr)]

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
mod output;
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
mod target;
mod train;
mod try_command;
mod units;
mod why_not;

use args::{Cli, Command, GazetteerCommand};
use clap::Parser;
use std::process::ExitCode;
use suppress_args::SuppressCommand;

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
/// Ended by Ctrl-C, SIGTERM or SIGHUP, as shells count the first.
pub const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(said) => return ExitCode::from(parsed(&said)),
    };
    let json = json(&cli.command);
    let result = match cli.command {
        Command::Run(options) => Ok(run_command::run(&options)),
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
    ExitCode::from(result.unwrap_or_else(|error| messages::failure(&error, json)))
}

/// Help, or what is wrong with the arguments.
fn parsed(said: &clap::Error) -> u8 {
    let printed = said.print();
    match output::written(printed) {
        Err(failure) if !said.use_stderr() => messages::failure(&failure, false),
        _ => u8::try_from(said.exit_code()).unwrap_or(FAILED),
    }
}

/// Whether a command that fails prints its error as JSON, too; `run` looks after itself.
fn json(command: &Command) -> bool {
    match command {
        Command::Check(args) => args.json,
        Command::Train(args) => args.json,
        Command::Evaluate(args) => args.json,
        Command::Explain(args) => args.json,
        Command::WhyNot(args) => args.json,
        Command::Match(args) => args.json,
        Command::Runs(args) => args.json,
        Command::Diff(args) => args.json,
        Command::History(args) => args.json,
        Command::Suppress(args) => matches!(&args.command, SuppressCommand::List(list) if list.json),
        Command::Erase(args) => args.json,
        Command::Gazetteer(args) => match &args.command {
            GazetteerCommand::Import(_) => false,
            GazetteerCommand::Show(args) => args.json,
            GazetteerCommand::Lookup(args) => args.json,
        },
        Command::MailDomains(args) => args.json,
        Command::Run(_)
        | Command::Try(_)
        | Command::Schema(_)
        | Command::Judge(_)
        | Command::Pin(_)
        | Command::Subject(_)
        | Command::Tables(_)
        | Command::Demo(_) => false,
    }
}
