//! What stands between two records that are not in one cluster. Enter: a pair as explained, and both clusters.
//! Leave: the obstacles in the order in which matching meets them. Never here: guessing; each is a fact of the run.

use super::pair::Pair;
use super::{Inspection, integer};
use crate::error::Result;
use crate::tables::RECORDS_PER_SOURCE;
use serde::Serialize;
use std::collections::BTreeSet;
use zlato_core::judgement::Verdict;
use zlato_core::matching::cluster::REASONS;

/// One thing that kept two records apart. Codes: not_compared, over_limit, judged_different, below_review, for_review, never, and those
/// of [`REASONS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Obstacle {
    pub code: &'static str,
    pub text: String,
}

pub(super) async fn obstacles(run: &Inspection, pair: &Pair) -> Result<Vec<Obstacle>> {
    let mut found: Vec<Obstacle> = Vec::new();
    let mut add = |code: &'static str, text: String| found.push(Obstacle { code, text });
    if pair.found_by.is_none() {
        add("not_compared", "no blocking rule gives both records the same key, so the two were never compared".into());
        for rule in pair.blocking.iter().filter(|b| b.over_limit) {
            add("over_limit", format!("their keys of `{}` are equal, but the block is over the limit", rule.rule));
        }
    }
    if let Some(judgement) = pair.judgement.as_ref().filter(|j| j.verdict == Verdict::Different) {
        add("judged_different", format!("a steward decided on {} that they are two people", judgement.decided_on));
    }
    for rule in pair.hard_rules.iter().filter(|h| h.kind == "never" && h.holds) {
        add("never", format!("the rule `{}` keeps the two apart, whatever their weight", rule.rule));
    }
    let bits = |weight: f64| format!("{weight:.2} bits");
    if pair.band != "always" && pair.weight < pair.thresholds.review_weight {
        let (weight, needed) = (bits(pair.weight), bits(pair.thresholds.review_weight));
        add("below_review", format!("the match weight of {weight} is below the review threshold of {needed}"));
    } else if pair.band != "always" && pair.weight < pair.thresholds.merge_weight {
        let (weight, needed) = (bits(pair.weight), bits(pair.thresholds.merge_weight));
        add(
            "for_review",
            format!("the match weight of {weight} is below the merge threshold of {needed}: a steward decides"),
        );
    }
    found.extend(between_clusters(run, pair).await?);
    Ok(found)
}

/// What would refuse to join the two clusters as they are now, and what the review queue says was refused.
async fn between_clusters(run: &Inspection, pair: &Pair) -> Result<Vec<Obstacle>> {
    let mut found: Vec<Obstacle> = Vec::new();
    let matching = &run.context.rules.rules.matching;
    let limit = *matching.cluster.max_size.get_ref();
    let together = pair.left.cluster_records + pair.right.cluster_records;
    if together > limit as u64 {
        found.push(Obstacle {
            code: "too_large",
            text: format!("their clusters have {together} records together, the limit is {limit}"),
        });
    }
    let (left, right) = (members(run, pair.left.cluster_id).await?, members(run, pair.right.cluster_id).await?);
    let alone = pair.left.cluster_records == 1 && pair.right.cluster_records == 1;
    for (i, rule) in matching.never.iter().enumerate().filter(|_| !alone) {
        let clash = left.iter().flat_map(|l| right.iter().map(move |r| (l, r))).find(|(l, r)| {
            let values = l.never.get(i).copied().flatten().zip(r.never.get(i).copied().flatten());
            values.is_some_and(|(l, r)| (l == r) == rule.same.is_some())
        });
        let name = rule.name.get_ref();
        let known = pair.hard_rules.iter().any(|h| h.kind == "never" && h.holds && h.rule == *name);
        if let Some((l, r)) = clash.filter(|_| !known) {
            let (l, r) = (run.name(l.record).await?, run.name(r.record).await?);
            let code = if rule.same.is_some() { "veto" } else { "differing_values" };
            found.push(Obstacle { code, text: format!("the rule `{name}` keeps {l} and {r} of their clusters apart") });
        }
    }
    for (number, source) in run.context.rules.rules.sources.source.iter().enumerate() {
        let has = |members: &[Member]| {
            members.iter().any(|m| usize::try_from(m.record / RECORDS_PER_SOURCE).is_ok_and(|s| s == number))
        };
        if source.duplicate_free && has(&left) && has(&right) {
            let name = source.name.get_ref();
            found.push(Obstacle {
                code: "same_source",
                text: format!("both clusters hold a record of {name}, which is said to be free of duplicates"),
            });
        }
    }
    let told: BTreeSet<&str> = found.iter().map(|o| o.code).collect();
    let asked = pair.review.iter().filter(|q| !told.contains(q.reason.as_str()));
    let more: Vec<Obstacle> = asked
        .filter_map(|q| {
            let (code, meaning) = REASONS.iter().find(|(code, _)| *code == q.reason)?;
            let weight = q.weight.map_or(String::new(), |w| format!(", {w:.2} bits"));
            Some(Obstacle { code, text: format!("{meaning} ({} and {}{weight})", q.left, q.right) })
        })
        .collect();
    found.extend(more);
    Ok(found)
}

/// A record of a cluster with its values of the `never` rules, as hashes.
struct Member {
    record: i64,
    never: Vec<Option<i64>>,
}

async fn members(run: &Inspection, cluster: i64) -> Result<Vec<Member>> {
    let count = run.context.rules.rules.matching.never.len();
    let columns: String = (0..count).map(|i| format!(", f.n{i}")).collect();
    let sql = format!(
        "SELECT f.record_id{columns} FROM features f JOIN clusters c ON f.record_id = c.record_id WHERE c.cluster_id = {cluster} ORDER BY f.record_id"
    );
    let mut members = Vec::new();
    for batch in run.query(&sql).await? {
        for row in 0..batch.num_rows() {
            members.push(Member {
                record: integer(&batch, "record_id", row).unwrap_or_default(),
                never: (0..count).map(|i| integer(&batch, &format!("n{i}"), row)).collect(),
            });
        }
    }
    Ok(members)
}
