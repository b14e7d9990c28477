//! `zlato explain GOLDEN_ID`: the contest of each field, the view in groups, and what to ask at the next contact.

use crate::args::ExplainArgs;
use crate::ask;
use crate::explain::shown;
use crate::messages::Failure;
use crate::tables::drawn;
use comfy_table::CellAlignment;
use std::fmt::Write;
use zlato_engine::inspect::told::{Told, told};
use zlato_review::text::visible;

/// Characters of a question.
const QUESTION: usize = 60;

pub fn explain(args: &ExplainArgs) -> Result<u8, Failure> {
    let limits = ask::limits(None, None);
    let told = ask::runtime(limits.threads)?.block_on(told(&args.out, args.run.as_deref(), &args.left, limits))?;
    if args.json {
        ask::say_json(&told)?;
    } else {
        ask::say(&text(&told))?;
    }
    Ok(crate::DONE)
}

/// Writing to a string does not fail.
fn text(told: &Told) -> String {
    let records = if told.records == 1 { "1 record".into() } else { format!("{} records", told.records) };
    let mut out = format!("{}   {}, {records}   (run {})\n\n", told.golden_id, told.kind, told.run);
    if let Some(former) = &told.former_id {
        out = format!("What was {former} is {} now.\n\n{out}", told.golden_id);
    }
    let _ = writeln!(out, "{}", contests(told));
    for pin in &told.kept_empty {
        let by =
            pin.steward.as_deref().map_or_else(String::new, |steward| format!(" by {}", visible(steward, QUESTION)));
        let until = pin.until.as_deref().map_or_else(|| "until released".into(), |day| format!("until {day}"));
        let _ = writeln!(out, "{} is kept empty: pinned on {}{by}, {until}", pin.field, pin.decided_on);
    }
    if !told.attributes.is_empty() {
        let _ = writeln!(out, "\nIn groups\n{}", groups(told));
    }
    if let Some(home) = &told.household {
        let _ = write!(out, "\nHousehold {} of {} people", home.household_id, home.members);
        let ages = [(home.adults, "of age"), (home.children, "under age")];
        for (n, what) in ages.iter().filter_map(|(n, what)| n.filter(|n| *n > 0).map(|n| (n, what))) {
            let _ = write!(out, ", {n} {what}");
        }
        let evidence = home.evidence.as_deref().unwrap_or_default();
        let role = home.role.as_deref().map_or_else(String::new, |role| format!(", as {role}"));
        let _ = writeln!(out, ": a member by {evidence}{role}");
    }
    if told.prompts.is_empty() {
        let _ = writeln!(out, "\nNothing to ask.");
    } else {
        let _ = writeln!(out, "\nTo ask at the next contact\n{}", questions(told));
    }
    out
}

fn contests(told: &Told) -> String {
    let mut table = drawn();
    table.set_header(["field", "value", "", "decided by", "sure", "verdict", "reason", "source", "changed", "records"]);
    let mut last = "";
    for claim in &told.claims {
        let field = if claim.field == last { "" } else { &claim.field };
        last = &claim.field;
        table.add_row([
            field.to_string(),
            shown(Some(&claim.value)),
            if claim.winner { "wins" } else { "" }.into(),
            claim.strategy.clone().unwrap_or_default(),
            claim.confidence.map_or_else(String::new, |c| format!("{c:.2}")),
            claim.verdict.clone(),
            claim.reason.clone().unwrap_or_default(),
            visible(&format!("{}:{}", claim.source, claim.source_key), 40),
            claim.updated_at.as_deref().map_or_else(String::new, to_the_minute),
            claim.supporters.map_or_else(String::new, |n| n.to_string()),
        ]);
    }
    table.to_string()
}

/// The day, and the time of day where the source tells it: it may have decided.
fn to_the_minute(at: &str) -> String {
    at.get(..16).unwrap_or(at).replace('T', " ")
}

fn groups(told: &Told) -> String {
    let mut table = drawn();
    table.set_header(["group", "field", "value", "origin", "source", "changed", "state", "until"]);
    let mut last = "";
    for line in &told.attributes {
        let group = if line.group == last { "" } else { &line.group };
        last = &line.group;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        table.add_row([
            group.to_string(),
            line.field.clone(),
            line.value.as_deref().map_or_else(|| "(withheld)".into(), |value| shown(Some(value))),
            line.origin.clone(),
            text(&line.source),
            line.updated_at.as_deref().and_then(|at| at.get(..10)).unwrap_or("").into(),
            text(&line.state),
            text(&line.until),
        ]);
    }
    table.to_string()
}

fn questions(told: &Told) -> String {
    let mut table = drawn();
    table.set_header(["", "question", "field", "why", "worth", "ask by", "or by"]);
    for place in [0, 4] {
        if let Some(column) = table.column_mut(place) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for asked in &told.prompts {
        let others = asked.channels.as_deref().and_then(|all| all.split_once(", ")).map_or("", |(_, others)| others);
        table.add_row([
            asked.rank.to_string(),
            visible(&asked.question, QUESTION),
            asked.field.clone(),
            asked.reason.clone(),
            format!("{:.2}", asked.value),
            asked.channel.clone(),
            others.to_string(),
        ]);
    }
    table.to_string()
}
