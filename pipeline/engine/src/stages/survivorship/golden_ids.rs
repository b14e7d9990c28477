//! Which golden id a cluster gets: an old one that its records have or had, or a new one. Enter: `clusters`, and of the
//! published run `golden`, `crosswalk`, `ledger` and `former_keys`. Ids never depend on the order of rows.

use super::super::columns::{integers, text_column, value};
use super::super::grouped::OrderedRows;
use super::ledger;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ids::{number, parse};
use crate::manifest::Manifest;
use crate::tables;
use futures::TryStreamExt;
use std::collections::HashMap;
use zlato_core::ledger::{Claim, GoldenId, Known, disputed, inherit, new_id};

/// What earlier published runs say of ids.
#[derive(Debug, Default)]
pub struct Past {
    /// Every id ever published; live are those of the published run.
    pub known: Known,
    /// Number of this run among those in which something happened to an id.
    pub night: u32,
    /// Name and day of the published run where that kept no ledger: tonight's ledger then begins with its ids.
    pub unwritten: Option<(String, String)>,
}

/// Ids of clusters, inherited or to be made.
#[derive(Debug, Default)]
pub struct GoldenIds {
    inherited: HashMap<i64, GoldenId>,
    pub past: Past,
}

impl GoldenIds {
    /// The ids that clusters of this run have inherited.
    pub fn inherited(&self) -> impl Iterator<Item = GoldenId> {
        self.inherited.values().copied()
    }

    /// The id of a cluster whose records have the given smallest row hash.
    pub fn of(&self, cluster: i64, smallest_hash: u64) -> String {
        let kept = self.inherited.get(&cluster).copied();
        kept.unwrap_or_else(|| new_id(&self.past.known, smallest_hash)).to_string()
    }
}

/// Needs `contacts` and `clusters` to be registered; leaves `last_crosswalk` and `last_former_keys` registered where the
/// published run has them.
pub async fn inherited(context: &Context) -> Result<GoldenIds> {
    let Some(last) = context.last.as_ref().filter(|l| l.exists(tables::CROSSWALK)) else {
        return Ok(GoldenIds { past: Past { night: 1, ..Past::default() }, ..GoldenIds::default() });
    };
    let past = past(context)?;
    let mut claims = Vec::new();
    context.session.register(last, tables::CROSSWALK, "last_crosswalk").await?;
    let in_use =
        "(SELECT golden_id, source, source_key, CAST(0 AS BIGINT) AS lost FROM last_crosswalk WHERE status = 'member')";
    read_claims(context, in_use, false, &past, &mut claims).await?;
    if last.exists(tables::FORMER_KEYS) {
        context.session.register(last, tables::FORMER_KEYS, "last_former_keys").await?;
        // Rows that were told apart from a customer are no claim to who that was.
        let own = if ledger::tells_apart(last)? { "WHERE NOT told_apart" } else { "" };
        let former = format!(
            "(SELECT f.golden_id, f.source, f.source_key, n.lost FROM (SELECT * FROM last_former_keys {own}) f JOIN \
             (SELECT golden_id, count(*) AS lost FROM last_former_keys {own} GROUP BY golden_id) n \
             ON f.golden_id = n.golden_id)"
        );
        read_claims(context, &former, true, &past, &mut claims).await?;
    }
    settle_ties(context, &mut claims)?;
    Ok(GoldenIds { inherited: inherit(claims, &past.known), past })
}

fn past(context: &Context) -> Result<Past> {
    let Some(last) = &context.last else { return Ok(Past::default()) };
    let mut live = Vec::new();
    let mut rows = OrderedRows::open_columns(last, tables::GOLDEN, &["golden_id"])?;
    while let Some(batch) = rows.next_batch()? {
        for id in text_column(&batch, "golden_id").into_iter().flatten().flatten() {
            live.push(parse(Some(id))?);
        }
    }
    let mut created = Vec::with_capacity(live.len());
    let mut night = 1;
    let unwritten = if last.exists(tables::LEDGER) {
        let mut rows = OrderedRows::open_columns(last, tables::LEDGER, &["golden_id", "event"])?;
        while let Some(batch) = rows.next_batch()? {
            let nights = integers(&batch, "night")?;
            let (ids, events) = (text_column(&batch, "golden_id"), text_column(&batch, "event"));
            for row in 0..batch.num_rows() {
                let this = number(nights.value(row));
                night = night.max(this + 1);
                if value(events, row) == Some("created") {
                    created.push((parse(value(ids, row))?, this));
                }
            }
        }
        None
    } else {
        night = 2;
        created.extend(live.iter().map(|id| (*id, 1)));
        let run = context.manifest.previous.clone().unwrap_or_default();
        let manifest = Manifest::read(&context.options.out.join("runs").join(&run))?;
        Some((run, manifest.map_or_else(|| context.manifest.as_of.clone(), |m| m.as_of)))
    };
    let mut known = Known::new(created);
    live.into_iter().for_each(|id| known.mark_live(id));
    Ok(Past { known, night, unwritten })
}

/// Claims of tonight's clusters to the ids that rows of `of` (golden_id, source, source_key, lost) have.
async fn read_claims(context: &Context, of: &str, former: bool, past: &Past, claims: &mut Vec<Claim>) -> Result<()> {
    let sql = format!(
        "SELECT k.cluster_id, l.golden_id, count(*) AS n, max(l.lost) AS lost FROM contacts c JOIN clusters k ON c.record_id = k.record_id \
         JOIN {of} l ON c.source = l.source AND c.source_key = l.source_key \
         WHERE l.golden_id IS NOT NULL GROUP BY k.cluster_id, l.golden_id"
    );
    let mut stream = context.session.sql(&sql).await?.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        let (clusters, counts, lost) =
            (integers(&batch, "cluster_id")?, integers(&batch, "n")?, integers(&batch, "lost")?);
        let ids = text_column(&batch, "golden_id");
        for row in 0..batch.num_rows() {
            let id = parse(value(ids, row))?;
            // A former row of an id that has a golden record is no claim to it: that one's own rows are.
            if !(former && past.known.is_live(id)) {
                let (rows, lost) = (number(counts.value(row)), number(lost.value(row)));
                claims.push(Claim { cluster: clusters.value(row), id, rows, former, lost, tie: 0 });
            }
        }
    }
    Ok(())
}

/// Gives clusters that claim one id with equally many rows the smallest hash of their rows to be told apart by.
fn settle_ties(context: &Context, claims: &mut [Claim]) -> Result<()> {
    let mut smallest: HashMap<i64, u64> = disputed(claims).into_iter().map(|cluster| (cluster, u64::MAX)).collect();
    if smallest.is_empty() {
        return Ok(());
    }
    let mut clusters = OrderedRows::open(&context.store, tables::CLUSTERS)?;
    let mut features = OrderedRows::open_columns(&context.store, tables::FEATURES, &["row_hash"])?;
    while let Some(batch) = clusters.next_batch()? {
        let records = integers(&batch, "record_id")?.values();
        let rows = features.up_to(records.last().copied().unwrap_or(i64::MIN), "record_id")?;
        if integers(&rows, "record_id")?.values() != records {
            return Err(Error::Internal("clusters and features have different records".into()));
        }
        let hashes = integers(&rows, "row_hash")?.values();
        for (cluster, hash) in integers(&batch, "cluster_id")?.values().iter().zip(hashes) {
            if let Some(known) = smallest.get_mut(cluster) {
                *known = (*known).min(*hash as u64);
            }
        }
    }
    for claim in claims {
        claim.tie = smallest.get(&claim.cluster).copied().unwrap_or(0);
    }
    Ok(())
}
