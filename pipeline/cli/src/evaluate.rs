//! `zlato evaluate`: how good the matching of a run is, in tables, as JSON, or as a page with a chart.

mod estimated;

use crate::args::EvaluateArgs;
use crate::ask;
use crate::messages::Failure;
use crate::tables::drawn;
use crate::target;
use crate::units::count;
use comfy_table::{CellAlignment, Table};
use std::fmt::Write;
use zlato_core::matching::metrics::{Point, Rates, Score};
use zlato_engine::files;
use zlato_engine::inspect::Inspection;
use zlato_engine::inspect::evaluate::{Evaluation, evaluate as measure};

/// Bits between the lines of the printed curve.
const LINE_BITS: f64 = 2.0;

pub fn evaluate(args: &EvaluateArgs) -> Result<u8, Failure> {
    let Some(truth) = &args.truth else { return estimated::estimate(args) };
    let chart = args.chart.as_deref().map(|path| target::regular("--chart", path)).transpose()?;
    let limits = ask::limits(args.memory, args.threads);
    let evaluation = ask::runtime(limits.threads)?.block_on(async {
        let run = Inspection::open(&args.out, args.run.as_deref(), limits).await?;
        measure(&run, truth, args.skip_unknown, args.precision).await
    })?;
    if let Some(path) = &chart {
        files::replace(path, zlato_review::curve::page(&evaluation)?.as_bytes())?;
    }
    if args.json {
        ask::say_json(&evaluation)?;
    } else {
        let mut out = text(&evaluation);
        if let Some(precision) = args.precision {
            out.push_str(&wanted(precision, evaluation.wanted.map(|p| (p.weight, p.score.rates.recall))));
        }
        if let Some(path) = &args.chart {
            let _ = writeln!(out, "\nChart: {}", path.display());
        }
        ask::say(&out)?;
    }
    Ok(crate::DONE)
}

/// The threshold for a precision, in words.
fn wanted(precision: f64, found: Option<(f64, Option<f64>)>) -> String {
    match found {
        Some((weight, recall)) => format!(
            "Lowest threshold with a precision of {precision}: {weight:.2} bits, probability {}, at a recall of {}.\n",
            zlato_review::text::probability(weight),
            rate(recall)
        ),
        None => format!("No threshold has a precision of {precision}.\n"),
    }
}

fn text(evaluation: &Evaluation) -> String {
    let truth = &evaluation.truth;
    let mut out =
        format!("Run {}: {} records of {} entities", evaluation.run, count(truth.records), count(truth.entities));
    let left_out = [
        (truth.records_without_truth, "records without truth"),
        (truth.rows_not_matched, "rows of profile and event sources"),
        (truth.rows_unknown, "rows that name no record"),
    ];
    let left_out: Vec<String> =
        left_out.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", count(*n))).collect();
    let _ = match left_out.is_empty() {
        true => writeln!(out),
        false => writeln!(out, "; left out: {}", left_out.join(", ")),
    };
    let _ = writeln!(out, "\n{}", scores(evaluation));
    let _ =
        writeln!(out, "\nBy blocking rule (a pair counts under the first rule that finds it)\n{}", rules(evaluation));
    let _ = writeln!(
        out,
        "missed, true pairs in two clusters: too low = below the review threshold; waits = for review; kept apart = by a\nnever rule or a guard of the clusters.\n"
    );
    let _ = writeln!(out, "By threshold, pairs before clustering\n{}", curve(evaluation));
    if let Some(best) = &evaluation.best {
        let _ = writeln!(
            out,
            "Best F1 {} at a weight of {:.2} bits, probability {}.",
            rate(best.score.rates.f1),
            best.weight,
            zlato_review::text::probability(best.weight)
        );
    }
    out
}

/// A table whose columns from `from` on hold numbers.
fn table(header: &[&str], from: usize) -> Table {
    let mut table = drawn();
    table.set_header(header);
    for column in table.column_iter_mut().skip(from) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn scores(evaluation: &Evaluation) -> Table {
    let mut table = table(&["", "precision", "recall", "F1", "found", "true", "both"], 1);
    let mut row = |what: &str, rates: Rates, score: Option<Score>| {
        let counts = |value: fn(Score) -> u64| score.map_or_else(String::new, |s| count(value(s)));
        let counts = [counts(|s| s.found), counts(|s| s.truth), counts(|s| s.right)];
        let rates = [rates.precision, rates.recall, rates.f1].map(rate);
        table.add_row(std::iter::once(what.to_string()).chain(rates).chain(counts));
    };
    let clusters = &evaluation.clusters;
    row("pairs, after clustering", clusters.pairs.rates, Some(clusters.pairs));
    row("pairs at the merge threshold", evaluation.links.rates, Some(evaluation.links));
    row("clusters, exactly right", clusters.clusters.rates, Some(clusters.clusters));
    row("B-cubed", clusters.b_cubed, None);
    row("blocking (candidate pairs)", evaluation.blocking.rates, Some(evaluation.blocking));
    table
}

fn rules(evaluation: &Evaluation) -> Table {
    let header = ["blocking rule", "true", "false", "wrong merges", "missed", "too low", "waits", "kept apart"];
    let mut table = table(&header, 1);
    for rule in &evaluation.rules {
        let counts = [
            rule.true_pairs,
            rule.false_pairs,
            rule.wrong_merges,
            rule.missed,
            rule.missed_below_review,
            rule.missed_for_review,
            rule.missed_by_guards,
        ];
        table.add_row(std::iter::once(rule.rule.clone()).chain(counts.map(count)));
    }
    let other = evaluation.not_compared;
    let blocking = &evaluation.blocking;
    let never_compared = count(blocking.truth - blocking.right);
    let empty = String::new;
    table.add_row([
        "found by no rule".to_string(),
        never_compared,
        empty(),
        count(other.wrong_merges),
        count(other.missed),
        empty(),
        empty(),
        empty(),
    ]);
    table
}

fn curve(evaluation: &Evaluation) -> Table {
    let mut table = table(&["weight", "probability", "precision", "recall", "F1", "false pairs", ""], 0);
    let best = evaluation.best.map(|b| b.weight);
    let mut lines: Vec<(Point, String)> = Vec::new();
    for point in &evaluation.curve {
        let is_best = best == Some(point.weight);
        let told = evaluation.thresholds.iter().any(|t| t.point.weight == point.weight);
        if is_best || (point.weight % LINE_BITS == 0.0 && !told) {
            lines.push((*point, if is_best { "best F1".into() } else { String::new() }));
        }
    }
    for threshold in &evaluation.thresholds {
        lines.push((threshold.point, format!("{} threshold", threshold.name)));
    }
    lines.sort_by(|a, b| a.0.weight.total_cmp(&b.0.weight).then(a.1.cmp(&b.1)));
    for (point, mark) in lines {
        let rates = point.score.rates;
        table.add_row([
            format!("{:.2}", point.weight),
            zlato_review::text::probability(point.weight),
            rate(rates.precision),
            rate(rates.recall),
            rate(rates.f1),
            count(point.score.found - point.score.right),
            mark,
        ]);
    }
    table
}

/// Four digits; a dash where there is nothing to divide by.
fn rate(rate: Option<f64>) -> String {
    rate.map_or_else(|| "-".into(), |r| format!("{r:.4}"))
}
