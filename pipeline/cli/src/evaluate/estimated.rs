//! `zlato evaluate` without a truth file: estimated precision and recall of thresholds, with 95 % intervals.

use super::{rate, table, wanted};
use crate::args::EvaluateArgs;
use crate::ask;
use crate::messages::Failure;
use crate::units::count;
use std::fmt::Write;
use zlato_core::matching::estimate::{Estimated, Share};
use zlato_engine::error::Error;
use zlato_engine::inspect::Inspection;
use zlato_engine::inspect::judged::{Estimation, estimate_run};

/// Bits between the lines of the printed curve.
const LINE_BITS: f64 = 2.0;

pub fn estimate(args: &EvaluateArgs) -> Result<u8, Failure> {
    if args.chart.is_some() {
        return Err(Error::input("the chart shows measured rates, and there is no truth to measure against")
            .hint("give a file with the columns source, source_key and entity with --truth")
            .into());
    }
    let limits = ask::limits(args.memory, args.threads);
    let estimation = ask::runtime(limits.threads)?.block_on(async {
        let run = Inspection::open(&args.out, args.run.as_deref(), limits).await?;
        estimate_run(&run, args.precision).await
    })?;
    if args.json {
        ask::say_json(&estimation)?;
    } else {
        let mut out = text(&estimation);
        if let Some(precision) = args.precision {
            out.push_str(&wanted(precision, estimation.wanted.map(|e| (e.weight, e.recall.map(|r| r.value)))));
        }
        ask::say(&out)?;
    }
    Ok(crate::DONE)
}

fn text(estimation: &Estimation) -> String {
    let judged = &estimation.judgements;
    let judgements = judged.same + judged.different;
    let mut out = format!(
        "Run {}, estimated from its model and {} judgement{} ({} same, {} different)",
        estimation.run,
        count(judgements),
        if judgements == 1 { "" } else { "s" },
        count(judged.same),
        count(judged.different)
    );
    if judged.unknown > 0 {
        let _ = write!(out, "; {} about records that the run does not have", count(judged.unknown));
    }
    let mut table = table(&["weight", "probability", "pairs", "precision", "95 %", "recall", "95 %", ""], 0);
    let mut lines: Vec<(Estimated, String)> =
        estimation.thresholds.iter().map(|t| (t.estimated, format!("{} threshold", t.name))).collect();
    let curve = estimation.curve.iter().filter(|e| e.weight % LINE_BITS == 0.0);
    lines.extend(curve.map(|e| (*e, String::new())));
    lines.sort_by(|a, b| a.0.weight.total_cmp(&b.0.weight).then(a.1.cmp(&b.1)));
    for (at, mark) in lines {
        let value = |share: Option<Share>| rate(share.map(|s| s.value));
        let interval = |share: Option<Share>| share.map_or_else(String::new, |s| format!("{:.4}-{:.4}", s.low, s.high));
        table.add_row([
            format!("{:.2}", at.weight),
            zlato_review::text::probability(at.weight),
            count(at.pairs.round() as u64),
            value(at.precision),
            interval(at.precision),
            value(at.recall),
            interval(at.recall),
            mark,
        ]);
    }
    let _ = writeln!(out, "\n\n{table}");
    let _ = writeln!(
        out,
        "Pairs before clustering. Within a bit of match weight that stewards judged, their verdicts speak for all of its\npairs; elsewhere the model does, and the intervals know only its own doubt. Recall is of what blocking finds.\n`zlato judge` adds judgements; the review queue has the pairs that are worth most."
    );
    out
}
