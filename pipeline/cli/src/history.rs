//! `zlato history`: the life of a golden id, and what it resolves to now.

use crate::ask;
use crate::messages::Failure;
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;
use zlato_engine::history::{Event, History, Night, Row};
use zlato_review::text::visible;

/// Source rows of a line that are named.
const SHOWN: usize = 12;

#[derive(Debug, Args)]
#[command(
    after_help = "Example: zlato history ZWJPC2CCZU2F5\nEvery id that was ever published has an answer. The rows that came and went are shown for runs that are still there."
)]
pub struct HistoryArgs {
    /// A golden id, of today or of earlier
    pub golden_id: String,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Print everything as one JSON object
    #[arg(long)]
    pub json: bool,
}

pub fn history(args: &HistoryArgs) -> Result<u8, Failure> {
    let limits = ask::limits(None, None);
    let life = zlato_engine::history::history(&args.out, &args.golden_id, limits);
    let life = ask::runtime(limits.threads)?.block_on(life)?;
    if args.json {
        ask::say_json(&life)?;
    } else {
        ask::say(&text(&life))?;
    }
    Ok(crate::DONE)
}

/// Writing to a string does not fail.
fn text(life: &History) -> String {
    let mut out = format!("{}   (run {}, as of {})\n{}\n", life.golden_id, life.run, life.as_of, now(life));
    if !life.rows.is_empty() {
        let _ = writeln!(out, "Its records: {}", rows(&life.rows, "").trim_start());
    }
    for night in &life.nights {
        let _ = writeln!(out, "\n{}  run {}", night.as_of, night.run);
        for event in &night.events {
            let _ = writeln!(out, "  {}", said(event));
        }
        out.push_str(&moves(night));
    }
    out
}

fn now(life: &History) -> String {
    let ids: Vec<&str> = life.now.iter().filter_map(|n| n.golden_id.as_deref()).collect();
    let since = life.now.iter().filter_map(|n| n.since.as_deref()).max().unwrap_or("");
    match (life.now.first().map(|n| n.reason.as_str()), ids.as_slice()) {
        (Some("live"), _) => "It is the id of a golden record.".into(),
        (Some("merged"), [id]) => format!("It was merged, and is now {id} (since {since})."),
        (Some("split"), ids) => format!("It was split, and is now {} (since {since}).", ids.join(" and ")),
        (Some("retired"), _) => format!("Retired on {since}: no source delivers a record of it."),
        _ => "It has no golden record in this run.".into(),
    }
}

fn said(event: &Event) -> String {
    let other = event.other.as_deref().unwrap_or("another id");
    let n = records(event.rows);
    let sizes = format!("{} before, {} after", event.records_before, event.records_after);
    match (event.event.as_str(), &event.of) {
        ("created", _) => format!("created with {n}"),
        ("revived", _) => format!("revived with {n}: the id is in use again"),
        ("grown", _) => format!("grown: {n} came ({sizes})"),
        ("shrunk", _) => format!("shrunk: {n} went ({sizes})"),
        ("merged_into", None) => format!("merged into {other}: {n} went there"),
        ("merged_into", Some(of)) => format!("{of} was merged into it: {n} came from there"),
        ("split_from", None) => format!("split from {other}: {n} came from there"),
        ("split_from", Some(of)) => format!("{of} was split from it: {n} went there"),
        ("retired", _) => format!("retired with {n}"),
        (event, _) => format!("{event}: {n} ({sizes})"),
    }
}

fn moves(night: &Night) -> String {
    let (Some(joined), Some(left)) = (&night.joined, &night.left) else {
        return "  (the rows are no longer known: the run, or the one before it, was removed)\n".into();
    };
    let line = |what: &str, side: &str, of: &[Row]| {
        if of.is_empty() { String::new() } else { format!("  {what}  {}\n", rows(of, side)) }
    };
    line("+", "from", joined) + &line("-", "to", left)
}

/// Source rows by their names, with the golden id on the other side.
fn rows(rows: &[Row], side: &str) -> String {
    let name = |row: &Row| {
        let name = visible(&format!("{}:{}", row.source, row.source_key), 48);
        row.other.as_ref().map_or_else(|| name.clone(), |other| format!("{name} ({side} {other})"))
    };
    let mut named: Vec<String> = rows.iter().take(SHOWN).map(name).collect();
    if rows.len() > SHOWN {
        named.push(format!("and {} more", rows.len() - SHOWN));
    }
    named.join(", ")
}

fn records(n: i64) -> String {
    if n == 1 { "1 record".into() } else { format!("{n} records") }
}
