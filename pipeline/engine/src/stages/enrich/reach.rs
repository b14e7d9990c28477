//! From whom else an event takes something. Enter: events of the kinds that opt out or say that a contact is dead, with the
//! contacts that they name; all clusters of these. Leaves: `event_reach`, a line for every cluster that has the contact,
//! besides the one whose event it is. Of events of one kind about one contact only the latest speaks: the others would say
//! the same, and a number of thousands must not become millions of lines. Never here: what an event means.

use super::super::columns::{integers, text_column, value};
use super::super::holders::{Gathering, Key, Keys};
use super::super::parts::parallel;
use super::super::ranges::{Ranges, Spool, write_in_order};
use super::events::{BY_KEY, Named as Way, Ways};
use super::seek::{Clusters, Named, Seeking};
use super::texts::Texts;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::read_some;
use crate::tables;
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt32Array};
use arrow::compute::take;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zlato_core::day;
use zlato_core::rules::Rules;
use zlato_core::rules::freshness::{Effect, same_kind};

/// Kinds of events that take something away.
#[derive(Debug, Clone)]
pub struct Kinds(Vec<String>);

impl Kinds {
    pub fn new(rules: &Rules) -> Self {
        let takes = |effect: Effect| matches!(effect, Effect::OptOut | Effect::Invalidate);
        let kinds = rules.freshness.event.iter().filter(|event| takes(event.effect));
        let kinds: BTreeSet<&String> = kinds.map(|event| event.kind.get_ref()).collect();
        Self(kinds.into_iter().cloned().collect())
    }

    pub fn place(&self, kind: &str) -> Option<usize> {
        self.0.iter().position(|known| same_kind(known, kind))
    }
}

/// When an event is said to have happened, as far as it matters what it is told from: a day that has not come yet counts
/// for permissions alone, an unknown one only where there is no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Time {
    ToCome,
    Past(Reverse<i32>),
    Unknown,
}

impl Time {
    fn of(day: Option<i32>, today: i32) -> Self {
        match day {
            Some(day) if day > today => Self::ToCome,
            Some(day) => Self::Past(Reverse(day)),
            None => Self::Unknown,
        }
    }

    fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

/// An event and a contact that it names. The order brings together what says the same, the latest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Mention {
    key: Key,
    kind: usize,
    time: Time,
    part: usize,
    row: usize,
}

/// What is taken away, by the contacts that events name.
pub struct Taking {
    /// The ways that are contacts, with the mentions of each.
    mentions: Vec<(usize, Vec<Mention>)>,
    /// The contacts, by where customers have them.
    pub named: Named,
}

impl Taking {
    /// Reads the events. Takes 64 bytes for each contact and kind of event.
    pub async fn read(context: &Context, ways: &Ways, parts: &[Seeking]) -> Result<Self> {
        let threads = context.options.limits.threads;
        let kinds = Arc::new(Kinds::new(&context.rules.rules));
        let today = day::number(context.options.as_of);
        let mut taking = Self { mentions: vec![], named: Named::new() };
        for (place, way) in ways.0.iter().enumerate().filter(|(_, way)| way.name != BY_KEY && !kinds.0.is_empty()) {
            let parts: Vec<(usize, PathBuf)> = parts.iter().map(|part| part.path.clone()).enumerate().collect();
            let (kinds, theirs) = (kinds.clone(), way.theirs.clone());
            let read = move |(part, path): (usize, PathBuf)| {
                let reading = Reading { theirs: &theirs, kinds: &kinds, today };
                reading.part(part, &path)
            };
            let mut mentions = parallel(threads, parts, read).await?.concat();
            settle(&mut mentions);
            let gathering = Gathering::default();
            gathering.add(mentions.iter().map(|mention| (mention.key, 0)));
            taking.add(way, gathering.finish(threads).await?);
            taking.mentions.push((place, mentions));
        }
        Ok(taking)
    }

    fn add(&mut self, way: &Way, keys: super::super::holders::Holders) {
        self.named.insert(way.customers.clone(), Arc::new(keys));
    }
}

struct Reading<'a> {
    theirs: &'a [super::texts::Text],
    kinds: &'a Kinds,
    today: i32,
}

impl Reading<'_> {
    fn part(&self, part: usize, path: &Path) -> Result<Vec<Mention>> {
        let wanted = |name: &str| {
            ["event_kind", "event_at"].contains(&name) || self.theirs.iter().any(|text| text.column() == name)
        };
        let (mut keys, mut mentions, mut at) = (Keys::default(), Vec::new(), 0);
        for batch in read_some(path, wanted)? {
            let batch = batch?;
            let texts = Texts::of(&batch, self.theirs)?;
            let [kinds, moments] = ["event_kind", "event_at"].map(|name| text_column(&batch, name));
            let mention = |row: usize| {
                let kind = self.kinds.place(value(kinds, row)?)?;
                let time = Time::of(value(moments, row).and_then(day::parse), self.today);
                Some(Mention { key: texts.key(row, &mut keys)?, kind, time, part, row: at + row })
            };
            mentions.extend((0..batch.num_rows()).filter_map(mention));
            at += batch.num_rows();
        }
        settle(&mut mentions);
        Ok(mentions)
    }
}

/// Leaves the latest mention of each contact by each kind of event.
fn settle(mentions: &mut Vec<Mention>) {
    mentions.sort_unstable();
    mentions.dedup_by(|later, kept| (later.key, later.kind) == (kept.key, kept.kind) && later.time.is_like(kept.time));
}

/// An event and a cluster from which it takes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Reached {
    part: usize,
    row: usize,
    cluster: i64,
    /// By which way.
    way: usize,
}

/// Writes the table; returns its rows.
pub async fn write(
    context: &Context,
    ways: &Ways,
    taking: Taking,
    clusters: &Clusters,
    parts: &[Arc<Seeking>],
    ranges: &Arc<Ranges>,
) -> Result<u64> {
    let threads = context.options.limits.threads;
    let names: Arc<Vec<&'static str>> = Arc::new(ways.0.iter().map(|way| way.name).collect());
    let mut all = Vec::new();
    for (way, mentions) in taking.mentions {
        let pairs = ways.0.get(way).and_then(|way| clusters.get(&way.customers)).map_or(&[][..], Vec::as_slice);
        all.extend(reached(&mentions, pairs, parts, way));
    }
    all.sort_unstable();
    all.dedup_by_key(|reached| (reached.part, reached.row, reached.cluster));
    let spool = Arc::new(Spool::new(&context.spill_folder(), "reach", tables::event_reach(), ranges.count()));
    let of_parts: Vec<(PathBuf, Vec<Reached>)> = all
        .chunk_by(|a, b| a.part == b.part)
        .filter_map(|of_part| Some((parts.get(of_part.first()?.part)?.path.clone(), of_part.to_vec())))
        .collect();
    let (into, ranges) = (spool.clone(), ranges.clone());
    let work = move |(path, reached): (PathBuf, Vec<Reached>)| deal(&path, &reached, &names, &into, &ranges);
    parallel(threads, of_parts, work).await?;
    let table = context.store.begin(tables::EVENT_REACH, tables::event_reach())?;
    write_in_order(table, spool, &["cluster_id", "event_at", "record_id"], threads).await
}

/// For every mention the clusters that have its contact, but for the one whose event it is. Both are in the order of keys.
fn reached<'a>(
    mentions: &'a [Mention],
    mut pairs: &'a [(Key, i64)],
    parts: &'a [Arc<Seeking>],
    way: usize,
) -> impl Iterator<Item = Reached> + 'a {
    mentions.iter().flat_map(move |mention| {
        let before = pairs.iter().take_while(|(key, _)| *key < mention.key).count();
        pairs = pairs.get(before..).unwrap_or(&[]);
        let found = parts.get(mention.part).and_then(|part| part.found.get(mention.row));
        let own = found.and_then(|found| found.cluster());
        let holders = pairs.iter().take_while(|(key, _)| *key == mention.key).map(|(_, cluster)| *cluster);
        let others = holders.filter(move |cluster| Some(*cluster) != own);
        others.map(move |cluster| Reached { part: mention.part, row: mention.row, cluster, way })
    })
}

/// Brings the lines of the events of a part to the ranges of their clusters.
fn deal(path: &Path, reached: &[Reached], names: &[&'static str], spool: &Spool, ranges: &Ranges) -> Result<()> {
    let schema = tables::event_reach();
    let (mut rest, mut at) = (reached, 0);
    for batch in read_some(path, |name| schema.index_of(name).is_ok())? {
        let batch = batch?;
        let of_batch = rest.partition_point(|reached| reached.row < at + batch.num_rows());
        let (now, later) = rest.split_at_checked(of_batch).unwrap_or((rest, &[]));
        if !now.is_empty() {
            let lines = lines(&batch, now, at, names)?;
            spool.push(&lines, integers(&lines, "cluster_id")?.values().iter().map(|cluster| ranges.of(*cluster)))?;
        }
        rest = later;
        at += batch.num_rows();
    }
    Ok(())
}

/// Lines of `event_reach`; `first` is the row of its part with which the batch begins.
fn lines(batch: &RecordBatch, reached: &[Reached], first: usize, names: &[&'static str]) -> Result<RecordBatch> {
    let rows = reached.iter().map(|reached| u32::try_from(reached.row - first).unwrap_or(u32::MAX));
    let rows = UInt32Array::from_iter_values(rows);
    let schema = tables::event_reach();
    let columns = schema.fields().iter().map(|field| -> Result<ArrayRef> {
        Ok(match field.name().as_str() {
            "cluster_id" => Arc::new(reached.iter().map(|reached| Some(reached.cluster)).collect::<Int64Array>()),
            "linked_on" => Arc::new(reached.iter().map(|r| names.get(r.way).copied()).collect::<StringArray>()),
            name => match batch.column_by_name(name) {
                Some(column) => take(column, &rows, None)?,
                None => arrow::array::new_null_array(field.data_type(), reached.len()),
            },
        })
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    RecordBatch::try_new(schema.clone(), columns).map_err(Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(key: Key, kind: usize, time: Time, row: usize) -> Mention {
        Mention { key, kind, time, part: 0, row }
    }

    #[test]
    fn the_latest_of_equals_speaks() {
        let past = |day| Time::of(Some(day), 100);
        let mut mentions = vec![
            mention(1, 0, past(10), 0),
            mention(1, 0, past(30), 1),
            mention(1, 0, past(30), 2),
            mention(1, 0, Time::of(Some(101), 100), 3),
            mention(1, 0, Time::of(Some(900), 100), 4),
            mention(1, 0, Time::of(None, 100), 5),
            mention(1, 1, past(5), 6),
            mention(2, 0, past(7), 7),
        ];
        settle(&mut mentions);
        let rows: Vec<usize> = mentions.iter().map(|mention| mention.row).collect();
        assert_eq!(rows, [3, 1, 5, 6, 7]);
    }

    #[test]
    fn all_who_have_the_contact_are_reached() {
        let mentions =
            [mention(2, 0, Time::Unknown, 4), mention(2, 1, Time::Unknown, 5), mention(9, 0, Time::Unknown, 6)];
        let pairs = [(1, 10), (2, 20), (2, 30), (5, 40)];
        let found: Vec<(usize, i64)> = reached(&mentions, &pairs, &[], 1).map(|r| (r.row, r.cluster)).collect();
        assert_eq!(found, [(4, 20), (4, 30), (5, 20), (5, 30)]);
    }
}
