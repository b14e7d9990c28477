//! The end of a run on the terminal: a table of the sources, what came out, and where the report is.

use crate::messages::Failure;
use crate::output;
use crate::units::{bytes, count, duration};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use std::fmt::Write;
use zlato_engine::manifest::GateResult;
use zlato_engine::summary::Summary;

/// Prints the summary, or its JSON object.
///
/// # Errors
/// When it cannot be written: see [`output::answer`].
pub fn print(summary: &Summary, json: bool, quiet: bool) -> Result<(), Failure> {
    match (json, quiet) {
        (true, _) => crate::ask::say_json(summary),
        (false, true) => Ok(()),
        (false, false) => output::answer(&text(summary)),
    }
}

/// Writing to a string does not fail.
fn text(summary: &Summary) -> String {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["source", "kind", "rows in", "kept", "quarantine"]);
    let row = |name: &str, kind: &str, counts: [u64; 3]| {
        let mut cells = vec![name.to_string(), kind.to_string()];
        cells.extend(counts.map(count));
        cells
    };
    for source in &summary.sources {
        table.add_row(row(&source.source, &source.kind, [source.rows_in, source.rows_kept, source.rows_quarantine]));
    }
    table.add_row(row("all", "", [summary.rows_in, summary.rows_crosswalk, summary.rows_quarantine]));
    for column in 2..5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let told_again =
        if summary.told_again { ": it had ended before, nothing was done and it is told again" } else { "" };
    let mut out = format!("\nRun {} as of {}{told_again}\n{table}\n", summary.run, summary.as_of);
    let facts = [
        ("golden records", format!("{} customers, {} prospects", count(summary.customers), count(summary.prospects))),
        ("to review", format!("{} pairs of records", count(summary.review))),
        ("gate", gate(summary)),
        (
            "took",
            format!(
                "{} ({} of CPU), at most {} of memory",
                duration(summary.seconds),
                duration(summary.cpu_seconds),
                bytes(summary.peak_memory)
            ),
        ),
        (
            "published",
            if summary.published { "yes".into() } else { "no; what was published before stays in force".into() },
        ),
        ("tables", format!("{}/tables   (zlato tables --help)", summary.folder)),
        ("report", summary.report.clone().unwrap_or_else(|| "none: the run ended before it".into())),
    ];
    for (name, value) in facts {
        let _ = writeln!(out, "{name:>15}  {value}");
    }
    out
}

fn gate(summary: &Summary) -> String {
    match summary.gate {
        GateResult::NotReached => "not reached".into(),
        GateResult::Pass => "pass".into(),
        GateResult::Warn => "pass with warnings; the report lists them".into(),
        GateResult::Stop => "STOPPED; the report says by which check".into(),
    }
}
