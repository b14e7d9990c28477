//! `zlato why-not`: what keeps two records out of one golden record: blocking, weight, hard rules, guards.

use crate::args::PairArgs;
use crate::explain::{self, cluster, hard_rules, heading, keys, left, right, shown, verdict, waterfall};
use crate::messages::Failure;
use crate::tables::drawn;
use std::fmt::Write;
use zlato_engine::inspect::pair::Pair;

pub fn why_not(args: &PairArgs) -> Result<u8, Failure> {
    explain::answer(args, text)
}

fn text(pair: &Pair) -> String {
    let mut out = heading(pair);
    if pair.same_cluster {
        out.push_str("They are in one golden record.\n");
        out.push_str(&cluster(pair));
        return out;
    }
    let _ = match pair.obstacles.as_slice() {
        [] => writeln!(
            out,
            "Nothing stands between the two alone: their link was refused or cut while the clusters were built."
        ),
        _ => writeln!(out, "They are apart because"),
    };
    for (number, obstacle) in pair.obstacles.iter().enumerate() {
        let _ = writeln!(out, "  {}. {} [{}]", number + 1, obstacle.text, obstacle.code);
    }
    let mut table = drawn();
    table.set_header(["blocking rule", "keys", &left(pair), &right(pair)]);
    for rule in &pair.blocking {
        table.add_row([
            rule.rule.clone(),
            keys(rule).into(),
            shown(rule.left.as_deref()),
            shown(rule.right.as_deref()),
        ]);
    }
    let _ = writeln!(out, "\nA pair is compared when one of these rules gives both records the same key:\n{table}");
    let would = if pair.found_by.is_some() { "The weight of the pair" } else { "The weight it would have had" };
    let _ = writeln!(out, "\n{would}:\n{}", waterfall(pair));
    let _ = writeln!(out, "{}", verdict(pair));
    out.push_str(&hard_rules(pair));
    out.push('\n');
    out.push_str(&cluster(pair));
    out
}
