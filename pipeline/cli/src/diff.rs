//! `zlato diff`: what is different between two runs.

use crate::ask;
use crate::messages::Failure;
use crate::tables::drawn;
use crate::units::count;
use clap::Args;
use comfy_table::CellAlignment;
use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use zlato_engine::diff::{Change, Customers, Diff, FieldChange, Question, Side};
use zlato_review::text::visible;

/// Characters of a value in a table.
const SHOWN: usize = 32;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  zlato diff previous published\n  zlato diff 2026-11-01-001 2026-11-02-001 --field email --examples 20\n\nA run is named as `zlato runs` lists it; `published` is the run in force, `previous` the one before it.\nBefore is always the run named first. Values are compared in golden records that both runs have."
)]
pub struct DiffArgs {
    /// The run to compare with
    pub before: String,
    /// The run that is compared
    pub after: String,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Only the values of this golden field
    #[arg(long, value_name = "FIELD")]
    pub field: Option<String>,
    /// Examples of each kind of change; 3 without it, 10 with --field
    #[arg(long, value_name = "N")]
    pub examples: Option<usize>,
    /// Print everything as one JSON object
    #[arg(long)]
    pub json: bool,
    /// Memory the process should stay within, such as 2GB; half of the machine's without it
    #[arg(long, value_parser = crate::units::parse_memory, value_name = "SIZE")]
    pub memory: Option<u64>,
    /// Threads; as many as the machine has cores without it
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

pub fn diff(args: &DiffArgs) -> Result<u8, Failure> {
    let limits = ask::limits(args.memory, args.threads);
    let examples = args.examples.unwrap_or(if args.field.is_some() { 10 } else { 3 });
    let question = Question { examples, field: args.field.clone() };
    let runs = [args.before.as_str(), args.after.as_str()];
    let found = zlato_engine::diff::diff(&args.out, runs, &question, limits);
    let found = ask::runtime(limits.threads)?.block_on(found)?;
    if args.json {
        ask::say_json(&found)?;
    } else {
        ask::say(&text(&found))?;
    }
    Ok(crate::DONE)
}

/// Writing to a string does not fail.
fn text(diff: &Diff) -> String {
    let mut out = format!("{}{}", side("before", &diff.before), side("after ", &diff.after));
    if diff.before.run == diff.after.run {
        out.push_str("Both are the same run.\n");
    } else if diff.before.started_at > diff.after.started_at {
        out.push_str("Mind the order: `before` is the later of the two runs.\n");
    }
    if !diff.missing.is_empty() {
        let _ = writeln!(out, "Not compared, since a run ended too early to have them: {}.", diff.missing.join(", "));
    }
    if let Some(customers) = &diff.customers {
        let _ = write!(out, "\nGolden records\n{}", golden(customers));
    }
    out.push_str("\nValues, in golden records that both runs have\n");
    out.push_str(&values(&diff.values));
    for (title, changes) in [
        ("Permissions", &diff.permissions),
        ("Freshness", &diff.freshness),
        ("Ready for segmentation", &diff.segmentation),
    ] {
        if diff.customers.is_some() {
            let _ = write!(out, "\n{title}\n{}", states(changes));
        }
    }
    out
}

fn side(name: &str, side: &Side) -> String {
    let published = if side.published { "published" } else { "not published" };
    let (customers, prospects) = (count(side.customers), count(side.prospects));
    format!("{name}  {}  as of {}  {customers} customers, {prospects} prospects, {published}\n", side.run, side.as_of)
}

fn golden(customers: &Customers) -> String {
    let mut table = drawn();
    table.set_header(["change", "golden ids", "meaning"]);
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for (change, n, meaning) in [
        ("in both", customers.in_both, "the id is in both runs"),
        ("added", customers.added, "new"),
        ("split", customers.split, "new, with records that another id had and that lives on"),
        ("merged", customers.merged, "gone; its records belong to another id now"),
        ("retired", customers.retired, "gone, with all its records"),
        ("grown", customers.grown, "in both, with records that it did not have"),
        ("shrunk", customers.shrunk, "in both, without records that it had"),
    ] {
        table.add_row([change.to_string(), count(n), meaning.into()]);
    }
    let mut out = format!("{table}\n");
    for example in &customers.examples {
        let side = if example.change == "merged" { "into" } else { "from" };
        let other = example.other.as_ref().map_or_else(String::new, |other| format!(" {side} {other}"));
        let (before, after) = (example.records_before, example.records_after);
        let _ =
            writeln!(out, "  {} {}{other}: {before} records before, {after} after", example.change, example.golden_id);
    }
    out
}

fn values(fields: &[FieldChange]) -> String {
    if fields.is_empty() {
        return "  no difference\n".into();
    }
    let mut table = drawn();
    table.set_header(["field", "gained", "lost", "changed"]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for field in fields {
        table.add_row([field.field.clone(), count(field.gained), count(field.lost), count(field.changed)]);
    }
    let mut out = format!("{table}\n");
    if fields.iter().any(|f| !f.examples.is_empty()) {
        let mut table = drawn();
        table.set_header(["field", "golden id", "before", "source", "after", "source"]);
        let shown = |text: &Option<String>| text.as_ref().map_or_else(|| "-".into(), |t| visible(t, SHOWN));
        for field in fields {
            for example in &field.examples {
                table.add_row([
                    field.field.clone(),
                    example.golden_id.clone(),
                    shown(&example.before),
                    shown(&example.before_source),
                    shown(&example.after),
                    shown(&example.after_source),
                ]);
            }
        }
        let _ = writeln!(out, "{table}");
    }
    out
}

fn states(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "  no difference\n".into();
    }
    let mut table = drawn();
    let about = changes.iter().any(|c| !c.of.is_empty());
    table.set_header([if about { "of" } else { "" }, "before", "after", "golden records"]);
    if let Some(column) = table.column_mut(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for change in changes {
        let shown = |state: &Option<String>| state.clone().unwrap_or_else(|| "-".into());
        table.add_row([change.of.clone(), shown(&change.before), shown(&change.after), count(change.customers)]);
    }
    format!("{table}\n")
}
