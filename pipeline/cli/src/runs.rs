//! `zlato runs`: what runs there are, what became of each, and which of them may go.

use crate::ask;
use crate::messages::Failure;
use crate::tables::drawn;
use crate::units::{bytes, count, duration};
use clap::Args;
use comfy_table::CellAlignment;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use zlato_engine::error::Error;
use zlato_engine::runs::retention::{Fate, Keep, plan, prune};
use zlato_engine::runs::{RunLine, State, list};
use zlato_engine::session::Limits;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  zlato runs\n  zlato runs --prune --keep 7 --dry-run\n  zlato runs --prune --keep 7 --keep-days 30\n\nThe published run, the one in force before it, and unfinished runs of the last week are never removed."
)]
pub struct RunsArgs {
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Remove old runs
    #[arg(long, requires = "keep")]
    pub prune: bool,
    /// With --prune: the newest published runs that stay, and all that is newer than the oldest of them
    #[arg(long, value_name = "N", requires = "prune", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: Option<u32>,
    /// With --prune: runs started in the last D days stay too
    #[arg(long, value_name = "D", requires = "prune")]
    pub keep_days: Option<u32>,
    /// With --prune: say what would be removed, and remove nothing
    #[arg(long, requires = "prune")]
    pub dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

pub fn runs(args: &RunsArgs) -> Result<u8, Failure> {
    let limits = ask::limits(None, None);
    let runtime = ask::runtime(limits.threads)?;
    if !args.out.join("runs").is_dir() {
        return Err(Error::input(format!("there are no runs in {}", args.out.display()))
            .hint("make one with `zlato run`, or give its place with --out")
            .into());
    }
    let Some(keep) = args.keep.filter(|_| args.prune) else {
        let lines = runtime.block_on(list(&args.out, limits))?;
        if args.json {
            ask::say_json(&serde_json::json!({ "runs": lines }))?;
        } else {
            ask::say(&listed(&lines))?;
        }
        return Ok(crate::DONE);
    };
    let keep = Keep { runs: keep, days: args.keep_days };
    let now = chrono::Local::now().fixed_offset();
    let fates = if args.dry_run {
        plan(&runtime.block_on(list(&args.out, limits))?, keep, now)
    } else {
        runtime.block_on(prune(&args.out, keep, now, limits))?
    };
    if args.json {
        let (kept, removed): (Vec<&Fate>, Vec<&Fate>) = fates.iter().partition(|f| f.kept.is_some());
        ask::say_json(&serde_json::json!({ "dry_run": args.dry_run, "removed": removed, "kept": kept }))?;
    } else {
        ask::say(&pruned(&fates, args.dry_run))?;
    }
    Ok(crate::DONE)
}

/// Removes old runs once a new one is published; one line for each that is gone.
pub async fn after_publishing(out: &Path, runs: u32, limits: Limits) -> Result<Vec<String>, Error> {
    let now = chrono::Local::now().fixed_offset();
    let fates = prune(out, Keep { runs, days: None }, now, limits).await?;
    let gone = fates.iter().filter(|f| f.kept.is_none());
    Ok(gone.map(|f| format!("removed the old run {} ({})", f.run, bytes(f.disk))).collect())
}

fn listed(lines: &[RunLine]) -> String {
    let mut table = drawn();
    table.set_header([
        "run",
        "as of",
        "started",
        "state",
        "rows in",
        "quarantine",
        "customers",
        "prospects",
        "took",
        "memory",
        "disk",
    ]);
    for column in table.column_iter_mut().skip(4) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for line in lines {
        table.add_row([
            line.run.clone(),
            line.as_of.clone(),
            line.started_at.get(..16).unwrap_or(&line.started_at).replace('T', " "),
            state(line),
            count(line.rows_in),
            count(line.rows_quarantine),
            count(line.customers),
            count(line.prospects),
            duration(line.seconds),
            bytes(line.peak_memory),
            bytes(line.disk),
        ]);
    }
    let disk: u64 = lines.iter().map(|l| l.disk).sum();
    let runs = if lines.len() == 1 { "1 run".into() } else { format!("{} runs", lines.len()) };
    format!("{table}\n{runs}, {} on disk\n", bytes(disk))
}

fn state(line: &RunLine) -> String {
    match (line.state, line.until) {
        (State::InForce, _) => "published, in force".into(),
        (State::Published, _) => "was published".into(),
        (State::Stopped, _) => format!("stopped by {}", line.stopped_by.join(", ")),
        (State::Unfinished, Some(stage)) => format!("unfinished, until {}", stage.as_str()),
        (State::Unfinished, None) => "unfinished, at its beginning".into(),
    }
}

/// Writing to a string does not fail.
fn pruned(fates: &[Fate], dry_run: bool) -> String {
    let mut out = String::new();
    let gone = if dry_run { "would be removed" } else { "removed" };
    for fate in fates {
        let what = fate.kept.map_or_else(|| gone.to_string(), |why| format!("kept: {}", why.as_str()));
        let _ = writeln!(out, "{:<16} {:>9}  {what}", fate.run, bytes(fate.disk));
    }
    let going = || fates.iter().filter(|f| f.kept.is_none());
    let freed: u64 = going().map(|f| f.disk).sum();
    let _ = match (going().count(), dry_run) {
        (0, _) => writeln!(out, "Nothing to remove."),
        (n, true) => {
            writeln!(out, "{n} of {} runs would go, {} in all. Nothing was removed.", fates.len(), bytes(freed))
        }
        (n, false) => writeln!(out, "{n} of {} runs removed, {} freed.", fates.len(), bytes(freed)),
    };
    out
}
