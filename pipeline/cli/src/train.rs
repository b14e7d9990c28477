//! `zlato train`: what was learnt, as a rule author reads it: diagnostics first, then m, u and weight of every level.

use crate::args::TrainArgs;
use crate::messages::Failure;
use crate::output::tell;
use crate::units::count;
use crate::{ask, progress};
use std::fmt::Write;
use zlato_engine::error::Error;
use zlato_engine::training::{self, Report, Trained};
use zlato_review::text::signed;

/// Characters of the widest bar to either side, and bits that it stands for at least.
const BAR: usize = 20;
const LEAST_SCALE: f64 = 10.0;
/// Weight changes that are listed, and the smallest that is worth a line, in bits.
const MOVES: usize = 8;
const SMALLEST_MOVE: f64 = 0.1;

pub fn train(args: TrainArgs) -> Result<u8, Failure> {
    let limits = ask::limits(args.memory, args.threads);
    let options = ask::options(args.rules.clone(), args.input, args.out, args.as_of, limits);
    let cancel = ask::cancel_on_signals()?;
    let quiet = args.quiet || args.json;
    let work = training::train(options, args.dry_run, progress::progress(quiet), cancel);
    let trained = match ask::runtime(limits.threads)?.block_on(work) {
        Err(Error::Interrupted) => {
            tell!("zlato: interrupted; model.toml is as it was.");
            return Ok(crate::INTERRUPTED);
        }
        other => other.map_err(|e| ask::in_rules(&args.rules, e))?,
    };
    if args.json {
        ask::say_json(&trained)?;
    } else if !args.quiet {
        ask::say(&text(&trained))?;
    }
    Ok(crate::DONE)
}

fn text(trained: &Trained) -> String {
    let report = &trained.report;
    let mut out = String::from("\n");
    findings(&mut out, report);
    blocking(&mut out, report);
    chart(&mut out, report);
    changes(&mut out, trained);
    let _ = match &trained.written {
        Some(path) => writeln!(out, "Written to {}. Later runs use it as it is.", path.display()),
        None => writeln!(out, "A trial: nothing was written."),
    };
    out
}

/// Writing to a string does not fail.
fn findings(out: &mut String, report: &Report) {
    let training = &report.training;
    let rounds = training.iterations;
    let _ = if training.converged {
        writeln!(out, "Converged in {rounds} rounds.")
    } else {
        writeln!(
            out,
            "! Did NOT converge in {rounds} rounds: raise max_iterations in [training], or look at the levels below."
        )
    };
    let _ = writeln!(
        out,
        "About {} pairs of {} records are matches: two records taken at random match with a probability of 1 in {} (prior).",
        count(training.expected_matches.round() as u64),
        count(report.records),
        count(report.prior.recip().round() as u64)
    );
    if !training.learned_m {
        let _ = writeln!(
            out,
            "! Too few matches to learn from: m keeps its starting values. Train on more records, or add blocking rules."
        );
    }
    for name in &training.untrained {
        let _ = writeln!(
            out,
            "! Nothing can teach `{name}`: every blocking rule implies it. Add a rule whose key leaves it out."
        );
    }
    for (comparison, level) in &training.out_of_order {
        let _ = writeln!(
            out,
            "! `{comparison}`: level {level} weighs more than the better one above it. Swap or drop a level, or two comparisons tell one fact."
        );
    }
    for unseen in &training.levels_never_seen {
        let (comparison, level) = (&unseen.comparison, &unseen.level);
        let _ = match unseen.among {
            "random" => writeln!(
                out,
                "- `{comparison}`: level {level} never occurred in {} random pairs: its u is a guess on the safe side.",
                count(report.random_pairs)
            ),
            _ => writeln!(
                out,
                "- `{comparison}`: level {level} never occurred among candidate pairs: it has nothing to learn from and may go."
            ),
        };
    }
}

fn blocking(out: &mut String, report: &Report) {
    let _ = writeln!(out, "\n{:<32} {:>12} {:>9}  does not teach", "blocking rule", "pairs", "matches");
    for rule in &report.blocking {
        let _ = writeln!(
            out,
            "{:<32} {:>12} {:>9}  {}",
            short(&rule.rule, 32),
            count(rule.pairs),
            percent(rule.match_share),
            rule.implied.join(", ")
        );
    }
}

/// Per comparison and level: m, u, weight, and the weight as a bar from the middle. 100 characters wide.
fn chart(out: &mut String, report: &Report) {
    let levels = || report.comparisons.iter().flat_map(|c| &c.levels);
    let scale = levels().map(|l| l.weight.abs()).fold(LEAST_SCALE, f64::max);
    let _ = writeln!(
        out,
        "\n{:<31} {:>8} {:>8} {:>7}  {:>BAR$}│{:<BAR$}",
        "comparison and level", "m", "u", "bits", "speaks against ", " speaks for"
    );
    for comparison in &report.comparisons {
        let _ = writeln!(out, "{}", comparison.comparison);
        for level in &comparison.levels {
            let (left, right) = bar(level.weight / scale);
            let label = short(&level.level, 29);
            let (m, u) = (percent(level.m), percent(level.u));
            let line = format!("  {label:<29} {m:>8} {u:>8} {:>7}  {left:>BAR$}│{right}", signed(level.weight));
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    let _ = writeln!(out, "m: how often among matches; u: how often among other pairs; bits: log2(m / u).");
}

fn changes(out: &mut String, trained: &Trained) {
    let Some(moves) = &trained.moves else {
        let _ = writeln!(out);
        return;
    };
    let worth: Vec<_> = moves.iter().filter(|m| m.bits.abs() >= SMALLEST_MOVE).take(MOVES).collect();
    if worth.is_empty() {
        let _ = writeln!(out, "\nAgainst the model.toml that was there: no weight moved by {SMALLEST_MOVE} bits.\n");
        return;
    }
    let _ = writeln!(out, "\nAgainst the model.toml that was there, largest changes first:");
    for moved in worth {
        let label = short(&format!("{} {}", moved.comparison, moved.level), 44);
        let (before, after) = (signed(moved.before.weight), signed(moved.after.weight));
        let _ = writeln!(out, "  {label:<44} {before:>7} -> {after:>7}  ({} bits)", signed(moved.bits));
    }
    let _ = writeln!(out);
}

/// The bar of a share of the scale, -1 to 1: blocks left of the middle, blocks right of it.
fn bar(share: f64) -> (String, String) {
    let halves = (share.abs().min(1.0) * BAR as f64 * 2.0).round() as usize;
    let (whole, half) = (halves / 2, halves % 2);
    if share < 0.0 {
        (format!("{}{}", "▐".repeat(half), "█".repeat(whole)), String::new())
    } else {
        (String::new(), format!("{}{}", "█".repeat(whole), "▌".repeat(half)))
    }
}

/// `81.2 %`, `0.003 %`, `2e-7 %`: three digits that count.
fn percent(share: f64) -> String {
    let p = share * 100.0;
    match p {
        0.0 => "0 %".into(),
        10.0.. => format!("{p:.1} %"),
        0.1..10.0 => format!("{p:.2} %"),
        0.001..0.1 => format!("{p:.3} %"),
        _ => format!("{p:.0e} %"),
    }
}

/// A text cut to a width.
fn short(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.into();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_grow_from_the_middle() {
        assert_eq!(bar(1.0), (String::new(), "█".repeat(BAR)));
        assert_eq!(bar(-0.125), ("▐██".into(), String::new()));
        assert_eq!(bar(-7.0).0.chars().count(), BAR);
        assert_eq!(bar(0.0), (String::new(), String::new()));
        assert_eq!(percent(0.8123), "81.2 %");
        assert_eq!(percent(0.000_02), "0.002 %");
        assert_eq!(percent(2.4e-9), "2e-7 %");
        assert_eq!(short("abcdef", 4), "abc…");
    }
}
