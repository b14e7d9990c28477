//! What became of golden ids in one night. Enter: ids with their numbers of records before and after, and where the
//! records went that left one. Leave: events, in the order of the ledger.

use super::{GoldenId, Known};
use std::collections::{BTreeMap, BTreeSet};

/// What happened to an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// A new id: a customer who was not there before.
    Created,
    /// Rows of a merged or retired id are a golden record of their own again.
    Revived,
    /// Records of another id, which lives on, belong to this one now.
    SplitFrom,
    /// Records have come.
    Grown,
    /// Records have gone.
    Shrunk,
    /// The id has no golden record any more; records of it belong to the other one now.
    MergedInto,
    /// The id has no golden record any more, and no source delivers a record of it.
    Retired,
}

impl EventKind {
    pub const ALL: [Self; 7] =
        [Self::Created, Self::Revived, Self::SplitFrom, Self::Grown, Self::Shrunk, Self::MergedInto, Self::Retired];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Revived => "revived",
            Self::SplitFrom => "split_from",
            Self::Grown => "grown",
            Self::Shrunk => "shrunk",
            Self::MergedInto => "merged_into",
            Self::Retired => "retired",
        }
    }
}

/// One line of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    pub id: GoldenId,
    pub kind: EventKind,
    pub other: Option<GoldenId>,
    /// Records that the event is about: that came, went or moved between the two ids.
    pub rows: u32,
    /// Records of the id before and after the night.
    pub before: u32,
    pub after: u32,
}

/// Records that belonged to an id in the last run and do not tonight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub id: GoldenId,
    /// Where they belong tonight; none where no source delivers them.
    pub now: Option<GoldenId>,
    pub rows: u32,
}

fn records(of: &[(GoldenId, u32)], id: GoldenId) -> u32 {
    of.binary_search_by_key(&id, |(known, _)| *known).ok().and_then(|p| of.get(p)).map_or(0, |(_, n)| *n)
}

/// The events of a night, by id, kind and other id. `before` and `after` are ordered by id and hold each once; `left`
/// holds each pair of ids once; `returned` are former records of retired ids that belong to another id tonight.
pub fn events(
    before: &[(GoldenId, u32)],
    after: &[(GoldenId, u32)],
    left: &[Left],
    returned: &[Left],
    known: &Known,
) -> Vec<Event> {
    let mut out = Vec::new();
    let (mut gone, mut come): (BTreeMap<GoldenId, u32>, BTreeMap<GoldenId, u32>) = Default::default();
    for Left { id, now, rows } in left {
        *gone.entry(*id).or_default() += rows;
        let Some(now) = *now else { continue };
        *come.entry(now).or_default() += rows;
        let (n, m) = (records(before, *id), records(after, now));
        out.push(if records(after, *id) > 0 {
            let kind = EventKind::SplitFrom;
            Event { id: now, kind, other: Some(*id), rows: *rows, before: records(before, now), after: m }
        } else {
            Event { id: *id, kind: EventKind::MergedInto, other: Some(now), rows: *rows, before: n, after: 0 }
        });
    }
    let moved: BTreeSet<GoldenId> = left.iter().filter(|l| l.now.is_some()).map(|l| l.id).collect();
    for (id, n) in before {
        if records(after, *id) == 0 && !moved.contains(id) {
            let rows = gone.get(id).copied().unwrap_or(*n);
            out.push(Event { id: *id, kind: EventKind::Retired, other: None, rows, before: *n, after: 0 });
        }
    }
    for (id, n) in after {
        let (id, after) = (*id, *n);
        let before = records(before, id);
        let left = gone.get(&id).copied().unwrap_or(0);
        let mut event = |kind, rows| out.push(Event { id, kind, other: None, rows, before, after });
        if before == 0 {
            event(if known.contains(id) { EventKind::Revived } else { EventKind::Created }, after);
            continue;
        }
        // What stayed is what did not leave; the rest of tonight's records has come.
        let joined = after.saturating_sub(before.saturating_sub(left));
        if joined > 0 {
            event(EventKind::Grown, joined);
        }
        if left > 0 {
            event(EventKind::Shrunk, left);
        }
    }
    out.extend(returned.iter().filter_map(|r| {
        let other = Some(r.now?);
        Some(Event { id: r.id, kind: EventKind::MergedInto, other, rows: r.rows, before: 0, after: 0 })
    }));
    out.sort_unstable_by_key(|e| (e.id, e.kind, e.other));
    out
}
