//! What every id that is not simply itself resolves to. Enter: yesterday's answers and where the former records of ids
//! are tonight. Leave: tonight's answers. No id that was ever published is left without one.

use super::GoldenId;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Why an id resolves to something else than itself alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// All there is of it belongs to one other golden record.
    Merged,
    /// What was one golden record is several now; the id itself may be one of them.
    Split,
    /// No source delivers a record of it.
    Retired,
}

impl Reason {
    pub const ALL: [Self; 3] = [Self::Merged, Self::Split, Self::Retired];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::Split => "split",
            Self::Retired => "retired",
        }
    }
}

/// One answer; an id that was split has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Redirect {
    pub id: GoldenId,
    /// A golden id of tonight; none when the id is retired.
    pub now: Option<GoldenId>,
    pub reason: Reason,
    /// The day since which this holds.
    pub since: NaiveDate,
    /// The id that it resolved to last, its own when it was retired itself: where it leads if that one comes back.
    pub last: GoldenId,
}

/// Where former records of an id are tonight: in another golden record, or nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trail {
    pub id: GoldenId,
    pub now: Option<GoldenId>,
    /// The records were in another golden record while the id still had one: they were told apart from whom it means.
    pub apart: bool,
}

#[derive(Default)]
struct Found {
    heirs: BTreeSet<GoldenId>,
    /// Some former records are in no golden record.
    absent: bool,
}

/// Tonight's answers, by id. `live`: the ids of tonight's golden records, in order. `gone`: ids of the last run that
/// have no golden record tonight.
///
/// An id that was split and lives leads to all parts. Once it has no golden record, it leads to those alone who have the
/// records that were its own to the end: who was told apart from a customer is not what became of that customer.
pub fn redirects(
    previous: &[Redirect],
    trails: &[Trail],
    live: &[GoldenId],
    gone: &[GoldenId],
    today: NaiveDate,
) -> Vec<Redirect> {
    let is_live = |id: GoldenId| live.binary_search(&id).is_ok();
    let mut found: BTreeMap<GoldenId, Found> = BTreeMap::new();
    for trail in trails.iter().filter(|trail| !trail.apart || is_live(trail.id)) {
        let entry = found.entry(trail.id).or_default();
        match trail.now {
            Some(now) => _ = entry.heirs.insert(now),
            None => entry.absent = true,
        }
    }
    let mut old: BTreeMap<GoldenId, Vec<&Redirect>> = BTreeMap::new();
    // What an id was split into while it lived says nothing of where it went when it ended.
    for redirect in previous.iter().filter(|redirect| gone.binary_search(&redirect.id).is_err()) {
        old.entry(redirect.id).or_default().push(redirect);
    }
    let ids: BTreeSet<GoldenId> = found.keys().chain(old.keys()).chain(gone).copied().collect();
    let lasts = |id: GoldenId| {
        let before = old.get(&id).map_or(&[][..], Vec::as_slice);
        before.iter().map(|r| r.now.unwrap_or(r.last)).filter(move |last| *last != id)
    };
    let mut heirs: BTreeMap<GoldenId, BTreeSet<GoldenId>> = BTreeMap::new();
    for id in &ids {
        let own = found.get(id).map_or_else(BTreeSet::new, |f| f.heirs.clone());
        heirs.insert(*id, own);
    }
    // Records that nobody delivers tell nothing: for their sake what was known stays, led on where that has gone too.
    // Every round follows one step of a chain; what ended on earlier nights was followed then.
    let blind: Vec<GoldenId> = ids
        .iter()
        .filter(|id| {
            let nothing_known = found.get(id).is_none_or(|f| f.absent);
            // An id that is in use again has its rows: only one that had heirs while it was in use keeps them.
            let had_heirs = || old.get(id).is_some_and(|before| before.iter().any(|r| r.now == Some(**id)));
            nothing_known && (!is_live(**id) || had_heirs())
        })
        .copied()
        .collect();
    loop {
        let mut changed = false;
        for id in &blind {
            for last in lasts(*id) {
                let on =
                    if is_live(last) { BTreeSet::from([last]) } else { heirs.get(&last).cloned().unwrap_or_default() };
                if let Some(own) = heirs.get_mut(id) {
                    let known = own.len();
                    own.extend(on);
                    changed |= own.len() > known;
                }
            }
        }
        if !changed {
            break;
        }
    }
    let mut out = Vec::new();
    for (id, mut heirs) in heirs {
        let before = old.get(&id).map_or(&[][..], Vec::as_slice);
        heirs.remove(&id);
        let since = |now: Option<GoldenId>, reason: Reason, last: GoldenId| {
            let same = before.iter().find(|r| (r.now, r.reason) == (now, reason) && (now.is_some() || r.last == last));
            same.map_or(today, |r| r.since)
        };
        if is_live(id) {
            if !heirs.is_empty() {
                heirs.insert(id);
                let split = |now: &GoldenId| Redirect {
                    id,
                    now: Some(*now),
                    reason: Reason::Split,
                    since: since(Some(*now), Reason::Split, *now),
                    last: *now,
                };
                out.extend(heirs.iter().map(split));
            }
        } else if heirs.is_empty() {
            let mut lasts: BTreeSet<GoldenId> = before.iter().map(|r| r.now.unwrap_or(r.last)).collect();
            // What was live until tonight retires as itself.
            if lasts.is_empty() {
                lasts = BTreeSet::from([id]);
            }
            let retired = |last: &GoldenId| Redirect {
                id,
                now: None,
                reason: Reason::Retired,
                since: since(None, Reason::Retired, *last),
                last: *last,
            };
            out.extend(lasts.iter().map(retired));
        } else {
            let reason = if heirs.len() == 1 { Reason::Merged } else { Reason::Split };
            let led = |now: &GoldenId| {
                let since = since(Some(*now), reason, *now);
                Redirect { id, now: Some(*now), reason, since, last: *now }
            };
            out.extend(heirs.iter().map(led));
        }
    }
    out
}
