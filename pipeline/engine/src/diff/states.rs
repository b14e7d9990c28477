//! Permissions, freshness and readiness for segmentation of the golden records that two runs have in common. Enter: the
//! tables of both. Leave: for each transition, how many golden records made it.

use super::Pair;
use crate::error::Result;
use crate::stages::columns::{integers, text_column, value};
use crate::tables;
use serde::Serialize;

/// A transition, and how many golden records made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// A channel with its purpose, a field, a purpose; empty where there is only one.
    pub of: String,
    /// None: there was nothing.
    pub before: Option<String>,
    pub after: Option<String>,
    pub customers: u64,
}

pub async fn permissions(pair: &Pair) -> Result<Vec<Change>> {
    let of = subject(pair, tables::PERMISSIONS, &["channel", "purpose"])?;
    // Grouped, for a run that knew no purposes yet is compared by channel alone.
    let states = |side: &str| {
        format!(
            "(SELECT golden_id, {of} AS subject, CASE WHEN max(CASE WHEN allowed THEN 1 ELSE 0 END) = 1 THEN 'allowed' \
             ELSE 'not_allowed' END AS state FROM {side}_permissions GROUP BY golden_id, {of})"
        )
    };
    compare(pair, states, "b.state IS DISTINCT FROM a.state").await
}

pub async fn freshness(pair: &Pair) -> Result<Vec<Change>> {
    let states = |side: &str| format!("(SELECT golden_id, field AS subject, state FROM {side}_freshness)");
    compare(pair, states, "b.state IS DISTINCT FROM a.state").await
}

/// Gained and lost, with the reasons of those who are not ready.
pub async fn segmentation(pair: &Pair) -> Result<Vec<Change>> {
    let of = subject(pair, tables::SEGMENTATION_READY, &["purpose"])?;
    let states = |side: &str| {
        format!(
            "(SELECT golden_id, {of} AS subject, CASE WHEN ready THEN 'ready' ELSE coalesce(reasons, 'not_ready') END \
             AS state FROM {side}_segmentation_ready)"
        )
    };
    compare(pair, states, "(b.state = 'ready') IS DISTINCT FROM (a.state = 'ready')").await
}

/// What a row is about besides its golden record: those of the columns that both runs have.
fn subject(pair: &Pair, table: &str, columns: &[&str]) -> Result<String> {
    let mut known = Vec::new();
    for column in columns {
        if pair.both_have(table, column)? {
            known.push(*column);
        }
    }
    Ok(if known.is_empty() { "''".into() } else { format!("concat_ws(' ', {})", known.join(", ")) })
}

/// `states` gives the query of one run: golden_id, subject, state; `moved` tells what counts as a transition.
async fn compare(pair: &Pair, states: impl Fn(&str) -> String, moved: &str) -> Result<Vec<Change>> {
    let sql = format!(
        "SELECT c.subject, c.before, c.after, count(*) AS customers FROM ( \
           SELECT coalesce(b.golden_id, a.golden_id) AS golden_id, coalesce(b.subject, a.subject) AS subject, \
             b.state AS before, a.state AS after FROM {} b FULL JOIN {} a ON b.golden_id = a.golden_id AND b.subject = a.subject \
           WHERE {moved}) c \
         JOIN before_golden x ON c.golden_id = x.golden_id JOIN after_golden y ON c.golden_id = y.golden_id \
         GROUP BY c.subject, c.before, c.after ORDER BY c.subject, customers DESC, c.before, c.after",
        states("before"),
        states("after")
    );
    let mut found = Vec::new();
    for batch in pair.session.sql(&sql).await?.collect().await? {
        let [ofs, befores, afters] = ["subject", "before", "after"].map(|name| text_column(&batch, name));
        for (row, n) in integers(&batch, "customers")?.values().iter().enumerate() {
            let cell = |column| value(column, row).map(String::from);
            found.push(Change {
                of: cell(ofs).unwrap_or_default(),
                before: cell(befores),
                after: cell(afters),
                customers: u64::try_from(*n).unwrap_or(0),
            });
        }
    }
    Ok(found)
}
