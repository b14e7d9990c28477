//! What happened to whom. Enter: event rows and whom they name. Leaves: `event_links`, every event with its cluster: by the
//! customer's key, else by e-mail, else by phone, where these name one cluster only. Events of nobody stand behind all
//! others; where they name several, `linked_on` says by what. Never here: what an event means.

use super::super::columns::{integers, text_column, value};
use super::super::holders::Held;
use super::super::parts::parallel;
use super::super::ranges::{MOST_RANGES, RANGE_RECORDS, Ranges, Spool, write_in_order};
use super::reach::Kinds;
use super::seek::{Found, Seeking, Way, text_columns};
use super::texts::{Has, Text};
use crate::context::Context;
use crate::error::Result;
use crate::match_view::column;
use crate::progress::Cancel;
use crate::store::read_some;
use crate::tables;
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, new_null_array};
use arrow::datatypes::DataType;
use std::collections::BTreeSet;
use std::sync::Arc;
use zlato_core::rules::sources::FieldKind;

/// Events of nobody by which the ranges of the others are cut: one of so many.
const SAMPLED: usize = 64;

/// By what an event names a customer, with the name that `linked_on` has for it.
pub struct Ways(pub Vec<Named>);

/// One of them.
pub struct Named {
    pub name: &'static str,
    pub theirs: Vec<Text>,
    pub customers: Vec<Has>,
}

/// What [`Named`] calls the key of a customer; the others are contacts.
pub const BY_KEY: &str = "customer_key";

impl Ways {
    pub fn new(context: &Context, customers: &BTreeSet<String>) -> Result<Self> {
        let columns = text_columns(&context.store, tables::EVENT_CONTACTS)?;
        let texts = |names: &[&str]| names.iter().map(|name| Text::Whole((*name).to_string())).collect::<Vec<_>>();
        let mut ways = Vec::new();
        if columns.contains(BY_KEY) {
            // Without a source the key counts only where it is one cluster's in all sources.
            let (theirs, customers) = if columns.contains("customer_source") {
                (texts(&["customer_source", BY_KEY]), texts(&["source", "source_key"]))
            } else {
                (texts(&[BY_KEY]), texts(&["source_key"]))
            };
            ways.push(Named { name: BY_KEY, theirs, customers: vec![Has::Texts(customers)] });
        }
        // A contact is the customer's wherever the record has it.
        let fields = context.rules.rules.mapped_fields();
        for (name, kind) in [("email", FieldKind::Email), ("phone", FieldKind::Phone)] {
            let fields = fields.iter().filter(|(field, of)| *of == kind && customers.contains(&column(field, "key")));
            let places = fields.flat_map(|(field, _)| {
                let further = if kind == FieldKind::Email { Has::FurtherEmail } else { Has::FurtherPhones };
                [Has::Texts(texts(&[&column(field, "key")])), further(field.clone())]
            });
            let places: Vec<Has> = places.collect();
            if columns.contains(&column(name, "key")) && !places.is_empty() {
                ways.push(Named { name, theirs: texts(&[&column(name, "key")]), customers: places });
            }
        }
        Ok(Self(ways))
    }

    pub fn seeking(&self, context: &Context) -> Result<Vec<Seeking>> {
        Seeking::parts(&context.store, tables::EVENT_CONTACTS, |_| {
            let ways = (0..).zip(&self.0).map(|(rank, way)| Way {
                rank,
                theirs: way.theirs.clone(),
                customers: way.customers.clone(),
            });
            ways.collect()
        })
    }

    fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|way| way.name).collect()
    }
}

/// Writes the table; returns its rows, and a word about events of nobody that take something away.
pub async fn write(
    context: &Context,
    ways: &Ways,
    parts: &[Arc<Seeking>],
    ranges: &Arc<Ranges>,
) -> Result<(u64, Vec<String>)> {
    let threads = context.options.limits.threads;
    let (names, kinds) = (ways.names(), Kinds::new(&context.rules.rules));
    let places = Places { ranges: ranges.clone(), moments: moments(context, parts).await? };
    let spool = Spool::new(&context.spill_folder(), "events", tables::event_links(), places.count());
    let spool = Arc::new(spool);
    let (into, cancel) = (spool.clone(), context.cancel.clone());
    let work = move |part: Arc<Seeking>| deal(&part, &names, &kinds, &places, &into, &cancel);
    let taking = parallel(threads, parts.to_vec(), work).await?;
    let (taking, lost) = taking.iter().fold((0, 0), |all, part| (all.0 + part.0, all.1 + part.1));
    let table = context.store.begin(tables::EVENT_LINKS, tables::event_links())?;
    let rows = write_in_order(table, spool, &["cluster_id", "event_at", "record_id"], threads).await?;
    let held = |held: Held| parts.iter().flat_map(|part| &part.found).filter(|found| found.held == held).count();
    let warning = (lost * 100 > taking * LOST_PERCENT).then(|| {
        format!(
            "{lost} of {taking} events that opt out or say that a contact is dead are of nobody who is known \
             ({} of all {rows} events; {} may be of several people)",
            held(Held::Nobody),
            held(Held::Several)
        )
    });
    Ok((rows, warning.into_iter().collect()))
}

/// Of the events that take something away, percent that are of nobody before the run warns. Some always are of people who have
/// left; more come from a column that is mapped wrongly.
const LOST_PERCENT: u64 = 5;

/// When an event happened: unknown times come last; then its record.
type Moment = (bool, String, i64);

/// Where events go: to the range of their cluster; those of nobody behind them, in ranges of time.
struct Places {
    ranges: Arc<Ranges>,
    /// Where the ranges of time begin, but for the first one.
    moments: Vec<Moment>,
}

impl Places {
    fn count(&self) -> usize {
        self.ranges.count() + self.moments.len() + 1
    }

    fn of(&self, cluster: Option<i64>, at: Option<&str>, record: i64) -> usize {
        let before = |(unknown, moment, first): &Moment| {
            (*unknown, moment.as_str(), *first) <= (at.is_none(), at.unwrap_or(""), record)
        };
        match cluster {
            Some(cluster) => self.ranges.of(cluster),
            None => self.ranges.count() + self.moments.partition_point(before),
        }
    }
}

/// Cuts the events of nobody into ranges of time that can be held, by a sample of them.
async fn moments(context: &Context, parts: &[Arc<Seeking>]) -> Result<Vec<Moment>> {
    let unlinked = |part: &Arc<Seeking>| part.found.iter().filter(|found| found.cluster().is_none()).count();
    let ranges = parts.iter().map(unlinked).sum::<usize>().div_ceil(RANGE_RECORDS).min(MOST_RANGES / 4);
    if ranges <= 1 {
        return Ok(vec![]);
    }
    let sampled = parallel(context.options.limits.threads, parts.to_vec(), |part| sample(&part)).await?;
    Ok(cut(sampled.concat(), ranges))
}

fn sample(part: &Seeking) -> Result<Vec<Moment>> {
    let (mut sampled, mut at) = (Vec::new(), 0);
    for batch in read_some(&part.path, |name| name == "event_at")? {
        let batch = batch?;
        let (records, moments) = (integers(&batch, "record_id")?, text_column(&batch, "event_at"));
        for (row, record) in records.values().iter().enumerate() {
            let unlinked = part.found.get(at + row).is_some_and(|found| found.cluster().is_none());
            if unlinked && (at + row) % SAMPLED == 0 {
                let moment = value(moments, row);
                sampled.push((moment.is_none(), moment.unwrap_or("").to_string(), *record));
            }
        }
        at += batch.num_rows();
    }
    Ok(sampled)
}

fn cut(mut sampled: Vec<Moment>, ranges: usize) -> Vec<Moment> {
    sampled.sort_unstable();
    let step = sampled.len().div_ceil(ranges).max(1);
    sampled.into_iter().skip(step).step_by(step).collect()
}

/// Brings the events of a part to their places. Returns how many take something away, and how many of
/// these are of nobody.
fn deal(
    part: &Seeking,
    names: &[&'static str],
    kinds: &Kinds,
    places: &Places,
    spool: &Spool,
    cancel: &Cancel,
) -> Result<(u64, u64)> {
    let (mut taking, mut lost) = (0, 0);
    let schema = tables::event_links();
    let mut found = part.found.as_slice();
    for batch in read_some(&part.path, |name| schema.index_of(name).is_ok())? {
        cancel.check()?;
        let batch = batch?;
        let of_batch;
        (of_batch, found) = found.split_at_checked(batch.num_rows()).unwrap_or((&[], &[]));
        let rows = links(&batch, of_batch, names)?;
        let (records, moments) = (integers(&rows, "record_id")?.values(), text_column(&rows, "event_at"));
        let words = text_column(&rows, "event_kind");
        let takes = |row: usize| value(words, row).is_some_and(|kind| kinds.place(kind).is_some());
        let of_nobody = of_batch.iter().enumerate().filter(|(_, found)| found.held == Held::Nobody);
        taking += (0..rows.num_rows()).filter(|row| takes(*row)).count() as u64;
        lost += of_nobody.filter(|(row, _)| takes(*row)).count() as u64;
        let ranges = of_batch.iter().zip(records).enumerate();
        spool.push(
            &rows,
            ranges.map(|(row, (found, record))| places.of(found.cluster(), value(moments, row), *record)),
        )?;
    }
    Ok((taking, lost))
}

/// Rows of `event_links`.
fn links(batch: &RecordBatch, found: &[Found], names: &[&'static str]) -> Result<RecordBatch> {
    let linked_on = |found: &Found| names.get(usize::from(found.rank)).copied().filter(|_| found.held != Held::Nobody);
    let schema = tables::event_links();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.name().as_str() {
            "cluster_id" => Arc::new(found.iter().map(|found| found.cluster()).collect::<Int64Array>()),
            "linked_on" => Arc::new(found.iter().map(linked_on).collect::<StringArray>()),
            name => match batch.column_by_name(name) {
                Some(column) => column.clone(),
                None => new_null_array(&DataType::Utf8, batch.num_rows()),
            },
        }
    });
    Ok(RecordBatch::try_new(schema.clone(), columns.collect())?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn moment() -> impl Strategy<Value = Moment> {
        (prop_oneof![Just(None), "[0-9]{1,2}".prop_map(Some)], 0i64..40)
            .prop_map(|(at, record)| (at.is_none(), at.unwrap_or_default(), record))
    }

    proptest! {
        #[test]
        fn events_of_nobody_keep_their_order_from_range_to_range(
            mut events in prop::collection::vec(moment(), 0..200), ranges in 1usize..9
        ) {
            let sampled = events.iter().step_by(3).cloned().collect();
            let places = Places { ranges: Arc::new(Ranges::cut(vec![1, 2, 3], 1, 8)), moments: cut(sampled, ranges) };
            prop_assert!(places.moments.len() < ranges);
            events.sort_unstable();
            let of = |(unknown, at, record): &Moment| places.of(None, (!unknown).then_some(at.as_str()), *record);
            prop_assert!(events.iter().map(of).is_sorted());
            let all = places.ranges.count()..places.count();
            prop_assert!(events.iter().all(|event| all.contains(&of(event))));
            prop_assert!((1..=3).all(|cluster| places.of(Some(cluster), None, 0) < places.ranges.count()));
        }
    }

    #[test]
    fn ranges_of_time_are_of_about_one_size() {
        // Most of one day, and of no day: the record parts them.
        let event = |n: i64| match n % 10 {
            0 => (true, String::new(), n),
            1 => (false, "2026-01-01".into(), n),
            _ => (false, "2026-06-01".into(), n),
        };
        let events: Vec<Moment> = (0..10_000).map(event).collect();
        let moments = cut(events.iter().step_by(7).cloned().collect(), 5);
        let places = Places { ranges: Arc::new(Ranges::cut(vec![], 1, 8)), moments };
        let mut counts = vec![0; places.count()];
        for (unknown, at, record) in &events {
            counts[places.of(None, (!unknown).then_some(at.as_str()), *record)] += 1;
        }
        let counts: Vec<usize> = counts.into_iter().skip(places.ranges.count()).collect();
        assert!(counts.len() == 5 && counts.iter().all(|n| (1_900..2_100).contains(n)), "{counts:?}");
    }
}
