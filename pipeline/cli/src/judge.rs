//! `zlato judge`: a steward's verdict on two records, kept for every later run.

use crate::args::JudgeArgs;
use crate::ask;
use crate::explain::shown;
use crate::messages::Failure;
use std::fmt::Write;
use zlato_core::judgement::{Judgement, RecordName, Verdict, contradicted};
use zlato_engine::inspect::Inspection;
use zlato_engine::inspect::pair::Pair;
use zlato_engine::judgements;

pub fn judge(args: &JudgeArgs) -> Result<u8, Failure> {
    let limits = ask::limits(None, None);
    let pair = ask::runtime(limits.threads)?.block_on(async {
        let run = Inspection::open(&args.out, args.run.as_deref(), limits).await?;
        run.pair(&args.left, &args.right).await
    })?;
    let name = |source: &str, key: &str| RecordName { source: source.into(), source_key: key.into() };
    let judgement = Judgement {
        left: name(&pair.left.source, &pair.left.source_key),
        right: name(&pair.right.source, &pair.right.source_key),
        verdict: args.verdict.into(),
        decided_on: args.on.unwrap_or_else(|| chrono::Local::now().date_naive()),
        steward: args.steward.clone(),
        note: args.note.clone(),
    };
    let path = judgements::append(&args.out, &judgement)?;
    let kept = judgements::read(&args.out)?;
    ask::say(&(text(&pair, &judgement, &path.display().to_string()) + &contradictions(&judgement, &kept)))?;
    Ok(crate::DONE)
}

/// What the judgement contradicts together with those that are in force; empty where it does not.
fn contradictions(judgement: &Judgement, kept: &[Judgement]) -> String {
    let others: Vec<Judgement> = kept.iter().filter(|j| !same_pair(j, judgement)).cloned().collect();
    let before = contradicted(&others);
    let mut out = String::new();
    for two in contradicted(kept).into_iter().filter(|two| !before.contains(two)) {
        let _ = writeln!(
            out,
            "Warning: {} and {} are judged two people, and one by other judgements. They stay apart: the latest of the others \
             is not followed. Judge one of the pairs again.",
            shown(Some(&name(&two.left))),
            shown(Some(&name(&two.right)))
        );
    }
    out
}

fn same_pair(a: &Judgement, b: &Judgement) -> bool {
    (&a.left, &a.right) == (&b.left, &b.right) || (&a.left, &a.right) == (&b.right, &b.left)
}

fn text(pair: &Pair, judgement: &Judgement, path: &str) -> String {
    let mut out = format!("{} and {}: ", shown(Some(&name(&judgement.left))), shown(Some(&name(&judgement.right))));
    let (verdict, now) = match (judgement.verdict, pair.same_cluster) {
        (Verdict::Same, true) => ("one person", "as they are now; no rule will part them"),
        (Verdict::Same, false) => ("one person", "apart now, together from the next run on"),
        (Verdict::Different, true) => ("two people", "together now, apart from the next run on"),
        (Verdict::Different, false) => ("two people", "as they are now; nothing will bring them together"),
    };
    let _ = writeln!(out, "{verdict} ({now}).\nKept in {path}; a later judgement about the two takes its place.");
    out
}

fn name(record: &RecordName) -> String {
    format!("{}:{}", record.source, record.source_key)
}
