//! Stage survivorship. Enter: `contacts`, `addresses`, `clusters`, `contact_profiles`, `profiles`, `event_links`, `event_reach`. Leave:
//! `golden` and `golden_fields` (every winning and losing value), `permissions`, `households`,
//! `crosswalk` (every kept input row), and the life of golden ids: `ledger`, `redirects`, `former_keys`.
//! Never here: the strategies, and who inherits an id; they are in zlato-core.

mod contest;
mod crosswalk;
mod golden_ids;
mod households;
mod ledger;
mod members;
mod permissions;
mod person;
mod pinned;
mod rules;
mod used_by_many;
mod vendors;
mod view;
mod writer;

use super::columns::integers;
use super::grouped::OrderedRows;
use super::parts::blocking;
use super::ranges::Ranges;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::{Outcome, Stage};
use crate::tables;
use arrow::array::RecordBatch;
use arrow::compute::{SortColumn, lexsort_to_indices, take_record_batch};
use futures::{StreamExt, TryStreamExt, stream};
use golden_ids::GoldenIds;
use person::Chunk;
use pinned::Pins;
use rules::PersonRules;
use std::sync::Arc;
use vendors::Offers;
use writer::{Sequences, Writers};

/// Records of the clusters that are worked on at a time.
const CHUNK_RECORDS: usize = 8_192;

pub async fn run(context: &Context) -> Result<Outcome> {
    let session = &context.session;
    for table in [
        tables::CONTACTS,
        tables::CLUSTERS,
        tables::PROFILE_CONTACTS,
        tables::PROFILE_LINKS,
        tables::EVENT_CONTACTS,
        tables::EVENT_LINKS,
    ] {
        session.register(&context.store, table, table).await?;
    }
    let ids = golden_ids::inherited(context).await?;
    let pins = Pins::read(context, &ids)?;
    let mut outcome = Outcome::default();
    let rules = Arc::new(PersonRules::new(context)?);
    let writers = Writers::begin(context, &rules)?;
    let people = Arc::new(People { rules, ids, pins, writers });
    let offers = survive(context, &people).await?;
    let people =
        Arc::into_inner(people).ok_or_else(|| Error::Internal("golden records are still being written".into()))?;
    let fields: Vec<&str> = people.rules.fields.iter().map(|field| field.name.as_str()).collect();
    outcome.warnings.extend(people.pins.warnings(&fields));
    outcome.tables.extend(people.writers.finish()?);
    session.register(&context.store, tables::GOLDEN, tables::GOLDEN).await?;
    outcome.tables.push((tables::HOUSEHOLDS.into(), households::write(context).await?));
    outcome.tables.push((tables::VENDORS.into(), vendors::write(context, offers).await?));
    let crosswalk = crosswalk::write(context).await?;
    outcome.tables.push((tables::CROSSWALK.into(), crosswalk));
    outcome.tables.extend(ledger::write(context, &people.ids.past).await?);
    outcome.rows = crosswalk;
    Ok(outcome)
}

/// What the work on all ranges of clusters shares.
struct People {
    rules: Arc<PersonRules>,
    ids: GoldenIds,
    pins: Pins,
    writers: Writers,
}

/// Range after range of clusters, some at a time; each writes parts of its own, so that the result does not depend on
/// which one is done first. Returns what profiles have offered.
async fn survive(context: &Context, people: &Arc<People>) -> Result<Offers> {
    let ranges = Arc::new(Ranges::of_clusters(context)?);
    let members = members::spool(context, &people.rules, &ranges).await?;
    let mut profiles = OrderedRows::open(&context.store, tables::PROFILES)?;
    let mut events = OrderedRows::open(&context.store, tables::EVENT_LINKS)?;
    let mut reached = OrderedRows::open(&context.store, tables::EVENT_REACH)?;
    let mut first_part = 0;
    let work = (0..ranges.count()).map(|range| {
        let last = ranges.end(range).map_or(i64::MAX, |end| end - 1);
        let events = events.up_to(last, "cluster_id")?;
        let reached = reached.up_to(last, "cluster_id")?;
        let profiles = profiles.up_to(last, "cluster_id")?;
        let first = first_part;
        first_part += Writers::parts(ranges.records(range) * people.rules.lines_per_record() + people.pins.len());
        Ok::<_, Error>((range, first, [profiles, events, reached]))
    });
    let mut done = std::pin::pin!(
        stream::iter(work)
            .map(|range| {
                let (people, members, progress) = (people.clone(), members.clone(), context.progress.clone());
                async move {
                    let (range, first, [profiles, events, reached]) = range?;
                    blocking(move || {
                        let mut writers = people.writers.sequences(first);
                        let chunk = Chunk { members: in_order(&members.take(range)?)?, profiles, events, reached };
                        let advanced = |rows| progress.advanced(Stage::Survivorship, rows);
                        let offers = survive_range(&chunk, &people, &mut writers, &advanced)?;
                        writers.finish()?;
                        Ok(offers)
                    })
                    .await
                }
            })
            .buffered(context.options.limits.threads)
    );
    let mut offers = Offers::default();
    while let Some(of_range) = done.try_next().await? {
        context.cancel.check()?;
        offers.add(of_range);
    }
    Ok(offers)
}

fn survive_range(
    chunk: &Chunk,
    people: &People,
    writers: &mut Sequences<'_>,
    advanced: &dyn Fn(u64),
) -> Result<Offers> {
    let mut offers = Offers::default();
    let clusters = integers(&chunk.members, "cluster_id")?.values();
    let (mut at, mut profile_at, mut event_at, mut reached_at) = (0, 0, 0, 0);
    while let Some(last) = clusters.get((at + CHUNK_RECORDS).min(clusters.len()).saturating_sub(1)).copied() {
        if at >= clusters.len() {
            break;
        }
        let mut built = person::survive(
            &Chunk {
                members: slice(&chunk.members, &mut at, last)?,
                profiles: slice(&chunk.profiles, &mut profile_at, last)?,
                events: slice(&chunk.events, &mut event_at, last)?,
                reached: slice(&chunk.reached, &mut reached_at, last)?,
            },
            &people.rules,
            &people.ids,
            &people.pins,
        )?;
        advanced(built.rows);
        offers.add(std::mem::take(&mut built.offers));
        writers.write(built)?;
    }
    Ok(offers)
}

/// The rows from `at` on up to those of a cluster; `at` moves behind them.
fn slice(batch: &RecordBatch, at: &mut usize, last: i64) -> Result<RecordBatch> {
    let clusters = integers(batch, "cluster_id")?.values();
    let rows = clusters.get(*at..).unwrap_or(&[]).partition_point(|cluster| *cluster <= last);
    let slice = batch.slice(*at, rows);
    *at += rows;
    Ok(slice)
}

/// Rows by cluster and record.
fn in_order(batch: &RecordBatch) -> Result<RecordBatch> {
    let keys = ["cluster_id", "record_id"].map(|name| {
        let values = Arc::new(integers(batch, name)?.clone());
        Ok::<_, Error>(SortColumn { values, options: None })
    });
    let keys = keys.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(take_record_batch(batch, &lexsort_to_indices(&keys, None)?)?)
}
