//! `zlato explain`: the waterfall of match weights of two records, and what clustering made of them.

use crate::args::{ExplainArgs, PairArgs};
use crate::ask;
use crate::messages::Failure;
use crate::tables::drawn;
use comfy_table::CellAlignment;
use std::fmt::Write;
use zlato_core::judgement::Verdict;
use zlato_engine::error::Error;
use zlato_engine::inspect::Inspection;
use zlato_engine::inspect::pair::{Blocked, Pair};
use zlato_review::text::{probability, visible};

/// Characters of a value in a table.
const SHOWN: usize = 26;

pub fn explain(args: ExplainArgs) -> Result<u8, Failure> {
    let ExplainArgs { left, right, out, run, json } = args;
    match right {
        Some(right) => answer(&PairArgs { left, right, out, run, json }, text),
        None if left.contains(':') => Err(Failure::Engine(
            Error::input("one record alone explains nothing")
                .hint("name a second one, or a golden id (`zlato match` and the table `crosswalk` find it)"),
        )),
        None => crate::explain_golden::explain(&ExplainArgs { left, right: None, out, run, json }),
    }
}

/// Asks the run about the pair and prints the answer.
pub fn answer(args: &PairArgs, text: impl Fn(&Pair) -> String) -> Result<u8, Failure> {
    let limits = ask::limits(None, None);
    let pair = ask::runtime(limits.threads)?.block_on(async {
        let run = Inspection::open(&args.out, args.run.as_deref(), limits).await?;
        run.pair(&args.left, &args.right).await
    })?;
    if args.json {
        ask::say_json(&pair)?;
    } else {
        ask::say(&text(&pair))?;
    }
    Ok(crate::DONE)
}

/// Writing to a string does not fail.
fn text(pair: &Pair) -> String {
    let mut out = heading(pair);
    let others: Vec<&str> = pair.blocking.iter().filter(|b| b.produces()).skip(1).map(|b| b.rule.as_str()).collect();
    let _ = match &pair.found_by {
        Some(rule) if others.is_empty() => writeln!(out, "Found by the blocking rule {rule}, and by no other."),
        Some(rule) => writeln!(out, "Found by the blocking rule {rule}; {} would find it too.", others.join(", ")),
        None => writeln!(
            out,
            "No blocking rule finds this pair: it was never compared. What follows is the weight it would have.\n`zlato why-not` shows the rules one by one."
        ),
    };
    let _ = writeln!(out, "\n{}", waterfall(pair));
    let _ = writeln!(out, "{}", verdict(pair));
    out.push_str(&hard_rules(pair));
    out.push('\n');
    out.push_str(&cluster(pair));
    out
}

pub fn heading(pair: &Pair) -> String {
    format!("{}  and  {}   (run {})\n", left(pair), right(pair), pair.run)
}

pub fn left(pair: &Pair) -> String {
    visible(&format!("{}:{}", pair.left.source, pair.left.source_key), SHOWN * 2)
}

pub fn right(pair: &Pair) -> String {
    visible(&format!("{}:{}", pair.right.source, pair.right.source_key), SHOWN * 2)
}

/// A value as a table shows it.
pub fn shown(value: Option<&str>) -> String {
    value.map_or_else(|| "-".into(), |v| visible(v, SHOWN))
}

/// The steps from the prior to the match weight.
pub fn waterfall(pair: &Pair) -> String {
    let mut table = drawn();
    let (l, r) = (left(pair), right(pair));
    table.set_header(["comparison", &l, &r, "level", "m", "u", "bits", "sum"]);
    for column in table.column_iter_mut().skip(4) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let bits = |weight: f64| format!("{weight:+.2}");
    let row = |name: &str, level: &str, weight: f64, total: f64| {
        [name, "", "", level, "", "", &bits(weight), &bits(total)].map(String::from)
    };
    table.add_row(row("prior", "any two records", pair.prior, pair.prior));
    for step in &pair.comparisons {
        let null = step.level == "null";
        let share = |p: f64| if null { String::new() } else { share(p) };
        let level = if null { "a value is missing" } else { &step.level };
        let before_correction = step.total - step.tf_adjustment;
        table.add_row([
            step.comparison.clone(),
            shown(step.left.as_deref()),
            shown(step.right.as_deref()),
            level.to_string(),
            share(step.m),
            share(step.u),
            bits(step.weight),
            bits(before_correction),
        ]);
        if step.tf_adjustment != 0.0 {
            let what = if step.tf_adjustment > 0.0 { "the value is rare" } else { "the value is frequent" };
            table.add_row(row("  term frequency", what, step.tf_adjustment, step.total));
        }
    }
    // Bits that would not be seen are not shown.
    if pair.relatives <= -0.005 {
        table.add_row(row("relatives", "two of a household agree so too", pair.relatives, pair.weight));
    }
    table.to_string()
}

fn share(p: f64) -> String {
    if p >= 0.0001 { format!("{p:.4}") } else { format!("{p:.1e}") }
}

/// Weight, probability, band and thresholds in one line.
pub fn verdict(pair: &Pair) -> String {
    let thresholds = &pair.thresholds;
    let limit = |p: f64, weight: f64| format!("{weight:.2} bits ({p})");
    format!(
        "Match weight {:+.2} bits, probability {}: band {}. Merge from {}, review from {}.",
        pair.weight,
        probability(pair.weight),
        pair.band,
        limit(thresholds.merge, thresholds.merge_weight),
        limit(thresholds.review, thresholds.review_weight)
    )
}

/// A line for a steward's judgement and each hard rule.
pub fn hard_rules(pair: &Pair) -> String {
    let mut out = String::new();
    if let Some(judgement) = &pair.judgement {
        let people = if judgement.verdict == Verdict::Same { "one person" } else { "two people" };
        let who = judgement.steward.as_deref().map_or_else(|| "A steward".into(), |name| visible(name, SHOWN));
        let _ = writeln!(out, "{who} decided on {} that they are {people}.", judgement.decided_on);
    }
    for rule in &pair.hard_rules {
        let (l, r) = (shown(rule.left.as_deref()), shown(rule.right.as_deref()));
        let holds = if rule.holds { "HOLDS" } else { "does not hold" };
        let _ = writeln!(out, "Hard rule {} {}: {holds} ({l} and {r}).", rule.kind, rule.rule);
    }
    out
}

/// Where the two ended, and why.
pub fn cluster(pair: &Pair) -> String {
    let mut out = String::new();
    if pair.same_cluster {
        let records = pair.left.cluster_records;
        let _ = match pair.path.as_slice() {
            [] => writeln!(
                out,
                "Merged: one cluster of {records} records; a steward's judgement joins them, or several do."
            ),
            [_] => writeln!(out, "Merged: one cluster of {records} records; this very link joins them."),
            path => writeln!(out, "Merged: one cluster of {records} records, joined through {} links:", path.len()),
        };
        for link in pair.path.iter().filter(|_| pair.path.len() > 1) {
            let (from, to) = (visible(&link.from, SHOWN * 2), visible(&link.to, SHOWN * 2));
            let _ = writeln!(out, "  {from}  -  {to}   {:+.2} bits, {}", link.weight, link.band);
        }
        return out;
    }
    let (l, r) = (pair.left.cluster_records, pair.right.cluster_records);
    let _ = writeln!(out, "Apart: two clusters, of {} and {}.", records(l), records(r));
    for question in &pair.review {
        let (l, r) = (visible(&question.left, SHOWN * 2), visible(&question.right, SHOWN * 2));
        let _ = writeln!(out, "In the review queue as {}: {} ({l} and {r}).", question.reason, question.meaning);
    }
    out
}

fn records(n: u64) -> String {
    if n == 1 { "1 record".into() } else { format!("{n} records") }
}

/// What a blocking rule makes of the pair, in words.
pub fn keys(blocked: &Blocked) -> &'static str {
    match blocked.keys {
        "equal" if blocked.over_limit => "equal, block over the limit",
        "equal" => "equal",
        "differ" => "differ",
        "left_missing" => "left is missing",
        "right_missing" => "right is missing",
        _ => "both are missing",
    }
}
