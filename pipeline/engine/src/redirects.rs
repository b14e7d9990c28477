//! Where a former golden id leads. Enters: an id and the tables of a run. Leaves: what it resolves to in that run.
//! Never here: who inherits an id; zlato-core's ledger decides that.

use crate::error::{Error, Result};
use crate::stages::columns::{text_column, value};
use crate::store::{Store, read_some};
use crate::tables;
use std::collections::{BTreeMap, BTreeSet};

/// A row of `redirects`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Redirect {
    /// None: retired.
    pub now: Option<String>,
    /// `merged`, `split` or `retired`.
    pub reason: String,
    pub since: Option<String>,
}

/// The redirects of an id, in the order of what they lead to.
pub fn of(store: &Store, id: &str) -> Result<Vec<Redirect>> {
    let mut found = BTreeSet::new();
    if !store.exists(tables::REDIRECTS) {
        return Ok(vec![]);
    }
    for part in store.parts(tables::REDIRECTS)? {
        for batch in read_some(&part, |_| true)? {
            let batch = batch?;
            let [of, now, reason, since] =
                ["golden_id", "now", "reason", "since"].map(|column| text_column(&batch, column));
            for row in (0..batch.num_rows()).filter(|row| value(of, *row) == Some(id)) {
                found.insert(Redirect {
                    now: value(now, row).map(String::from),
                    reason: value(reason, row).unwrap_or_default().into(),
                    since: value(since, row).map(String::from),
                });
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// Golden ids of a run that ids are, or lead to; nothing for those that lead nowhere.
pub fn now(store: &Store, ids: &BTreeSet<&str>) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (table, to) in [(tables::GOLDEN, "golden_id"), (tables::REDIRECTS, "now")] {
        for part in if store.exists(table) { store.parts(table)? } else { vec![] } {
            for batch in read_some(&part, |name| name == "golden_id" || name == to)? {
                let batch = batch?;
                let (of, to) = (text_column(&batch, "golden_id"), text_column(&batch, to));
                for row in 0..batch.num_rows() {
                    let Some((id, now)) = value(of, row).zip(value(to, row)) else { continue };
                    if ids.contains(id) {
                        found.entry(id.into()).or_default().insert(now.into());
                    }
                }
            }
        }
    }
    Ok(found)
}

/// The one golden record that a former id leads to; none where it leads to none.
///
/// # Errors
/// When its records are in several golden records now.
pub fn follow(store: &Store, id: &str) -> Result<Option<String>> {
    let now: BTreeSet<String> = of(store, id)?.into_iter().filter_map(|redirect| redirect.now).collect();
    if now.len() > 1 {
        let all: Vec<String> = now.into_iter().collect();
        return Err(Error::input(format!("what was the golden record {id} is {} golden records now", all.len()))
            .hint(format!("name one of them: {}", all.join(", "))));
    }
    Ok(now.into_iter().next())
}
