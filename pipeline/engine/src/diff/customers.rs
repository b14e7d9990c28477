//! Golden ids of two runs: who came, went, was merged, was split. Decided by the source rows that ids share, as the
//! ledger decides it; the two runs need not follow each other.

use super::Pair;
use crate::error::Result;
use crate::ids::{number, parse, records};
use crate::stages::columns::{integers, text_column, value};
use futures::TryStreamExt;
use serde::Serialize;
use std::collections::BTreeSet;
use zlato_core::ledger::{Event, EventKind, GoldenId, Known, Left, events};

/// Numbers of golden ids, customers and prospects alike. in_both + added + split = ids after; in_both + merged + retired
/// = ids before.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Customers {
    pub in_both: u64,
    /// New, and of no golden record before.
    pub added: u64,
    /// New, with records that belonged to another id before.
    pub split: u64,
    /// Gone, with records that belong to another id now.
    pub merged: u64,
    /// Gone, with all their records.
    pub retired: u64,
    /// In both, with records that were not theirs before.
    pub grown: u64,
    /// In both, without some that were theirs.
    pub shrunk: u64,
    pub examples: Vec<Example>,
}

/// One id that something happened to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// `added`, `split`, `merged`, `retired`, `grown`, `shrunk`.
    pub change: &'static str,
    pub golden_id: String,
    /// The id that it was split from or merged into.
    pub other: Option<String>,
    pub records_before: u32,
    pub records_after: u32,
}

pub async fn compare(pair: &Pair, examples: usize) -> Result<Customers> {
    let (before, after) = (records(&pair.before)?, records(&pair.after)?);
    let known = Known::new(before.iter().map(|(id, _)| (*id, 1)).collect());
    let events = events(&before, &after, &left(pair).await?, &[], &known);
    let of = |kind: EventKind| events.iter().filter(move |e| e.kind == kind);
    let ids = |kind: EventKind| of(kind).map(|e| e.id).collect::<BTreeSet<GoldenId>>();
    let (new, parted) = (ids(EventKind::Created), ids(EventKind::SplitFrom));
    let (merged, retired) = (ids(EventKind::MergedInto), ids(EventKind::Retired));
    // A new id is a split only while the id it was split from lives on; what came out of a merge is told there.
    let mut found = Customers {
        in_both: (after.len() - new.len()) as u64,
        split: new.intersection(&parted).count() as u64,
        added: new.difference(&parted).count() as u64,
        merged: merged.len() as u64,
        retired: retired.len() as u64,
        grown: of(EventKind::Grown).count() as u64,
        shrunk: of(EventKind::Shrunk).count() as u64,
        examples: vec![],
    };
    let mut show = |change: &'static str, wanted: &dyn Fn(&&Event) -> bool| {
        found.examples.extend(events.iter().filter(wanted).take(examples).map(|e| Example {
            change,
            golden_id: e.id.to_string(),
            other: e.other.map(|o| o.to_string()),
            records_before: e.before,
            records_after: e.after,
        }));
    };
    show("added", &|e| e.kind == EventKind::Created && !parted.contains(&e.id));
    show("split", &|e| e.kind == EventKind::SplitFrom && new.contains(&e.id));
    show("merged", &|e| e.kind == EventKind::MergedInto);
    show("retired", &|e| e.kind == EventKind::Retired);
    show("grown", &|e| e.kind == EventKind::Grown);
    show("shrunk", &|e| e.kind == EventKind::Shrunk);
    Ok(found)
}

/// Where the records went that are not under their id of before.
async fn left(pair: &Pair) -> Result<Vec<Left>> {
    let members =
        |run: &str| format!("(SELECT source, source_key, golden_id FROM {run}_crosswalk WHERE status = 'member')");
    let sql = format!(
        "SELECT b.golden_id, a.golden_id AS now, count(*) AS n FROM {} b LEFT JOIN {} a \
         ON b.source = a.source AND b.source_key = a.source_key \
         WHERE a.golden_id IS NULL OR a.golden_id <> b.golden_id GROUP BY b.golden_id, a.golden_id",
        members("before"),
        members("after")
    );
    let mut found = Vec::new();
    let mut stream = pair.session.sql(&sql).await?.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        let (ids, nows) = (text_column(&batch, "golden_id"), text_column(&batch, "now"));
        for (row, n) in integers(&batch, "n")?.values().iter().enumerate() {
            let now = value(nows, row).map(|now| parse(Some(now))).transpose()?;
            found.push(Left { id: parse(value(ids, row))?, now, rows: number(*n) });
        }
    }
    Ok(found)
}
