//! Stage freshness. Enter: `golden`, `golden_fields`, `event_links`, `event_reach`, `permissions`, `profiles`, all by cluster. Leave:
//! `freshness` (state of each golden value that has a half-life), `contact_prompts` (the few questions worth asking a
//! customer) and `attributes` (the view of a customer in groups). Never here: the formulas; they are in zlato-core.

mod attributes;
mod person;
mod plan;
mod prompts;
mod states;
mod writing;

use super::grouped::{OrderedRows, last_key};
use super::parts::blocking;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::{Outcome, Stage};
use crate::tables;
use arrow::array::RecordBatch;
use futures::{StreamExt, TryStreamExt};
use person::Chunk;
use plan::Plan;
use std::sync::Arc;
use writing::Writing;

/// Golden records of a chunk: some tens of values and events each must fit in memory once a thread.
const CHUNK: usize = 2_048;

pub async fn run(context: &Context) -> Result<Outcome> {
    let plan = Arc::new(Plan::new(context));
    let mut writings = [
        Writing::begin(context.store.begin(tables::FRESHNESS, tables::freshness())?),
        Writing::begin(context.store.begin(tables::CONTACT_PROMPTS, tables::contact_prompts())?),
        Writing::begin(context.store.begin(tables::ATTRIBUTES, tables::attributes())?),
    ];
    let judged = judge_all(context, &plan, &mut writings).await;
    let mut written = Vec::with_capacity(writings.len());
    for writing in writings {
        written.push(writing.end().await);
    }
    // Where a table could not be written, that is what went wrong.
    let written = written.into_iter().collect::<Result<Vec<_>>>()?;
    let rows = judged?;
    let names = [tables::FRESHNESS, tables::CONTACT_PROMPTS, tables::ATTRIBUTES];
    let mut outcome = Outcome { rows, ..Outcome::default() };
    for (name, table) in names.into_iter().zip(written) {
        outcome.tables.push((name.into(), table.finish()?));
    }
    Ok(outcome)
}

/// Reading, judging and writing each on threads of their own; rows stand in the order of golden records all the same.
/// Returns the golden records.
async fn judge_all(context: &Context, plan: &Arc<Plan>, writings: &mut [Writing; 3]) -> Result<u64> {
    let mut rows = 0;
    let mut chunks = Chunks::open(context)?;
    let chunks = futures::stream::iter(std::iter::from_fn(move || chunks.next().transpose()));
    let mut results = std::pin::pin!(
        chunks
            .map(|chunk: Result<Chunk>| {
                let plan = plan.clone();
                async move {
                    let chunk = chunk?;
                    blocking(move || person::judge(&chunk, &plan)).await
                }
            })
            .buffered(context.options.limits.threads)
    );
    while let Some(judged) = results.try_next().await? {
        context.cancel.check()?;
        for (writing, batch) in writings.iter_mut().zip(judged.tables) {
            writing.write(batch).await?;
        }
        rows += judged.people;
        context.progress.advanced(Stage::Freshness, judged.people);
    }
    Ok(rows)
}

/// The tables of the stage read side by side, some golden records at a time.
struct Chunks {
    golden: OrderedRows,
    fields: OrderedRows,
    events: OrderedRows,
    reached: OrderedRows,
    permissions: OrderedRows,
    profiles: OrderedRows,
    /// Read but not yet given out.
    rest: Option<RecordBatch>,
}

impl Chunks {
    fn open(context: &Context) -> Result<Self> {
        let open = |table: &str, columns: &[&str]| OrderedRows::open_columns(&context.store, table, columns)?.ahead();
        Ok(Self {
            golden: open(tables::GOLDEN, &["cluster_id", "kind", "address", "address_key"])?,
            fields: open(
                tables::GOLDEN_FIELDS,
                &["cluster_id", "field", "value", "reason", "winner", "source", "record_id", "updated_at"],
            )?,
            events: open(tables::EVENT_LINKS, &["cluster_id", "event_kind", "event_at", "amount", "email", "phone"])?,
            reached: open(tables::EVENT_REACH, &["event_kind", "event_at", "email", "phone"])?,
            permissions: open(tables::PERMISSIONS, &["cluster_id", "channel", "purpose", "allowed", "reason"])?,
            profiles: OrderedRows::open(&context.store, tables::PROFILES)?.ahead()?,
            rest: None,
        })
    }

    fn next(&mut self) -> Result<Option<Chunk>> {
        let batch = match self.rest.take() {
            Some(rest) => Some(rest),
            None => self.golden.next_batch()?,
        };
        let Some(batch) = batch else { return Ok(None) };
        let golden = batch.slice(0, batch.num_rows().min(CHUNK));
        if batch.num_rows() > CHUNK {
            self.rest = Some(batch.slice(CHUNK, batch.num_rows() - CHUNK));
        }
        let cluster = golden.schema().index_of("cluster_id").map_err(|_| Error::Internal("no cluster_id".into()))?;
        let last = last_key(&golden, cluster);
        Ok(Some(Chunk {
            fields: self.fields.up_to(last, "cluster_id")?,
            events: self.events.up_to(last, "cluster_id")?,
            reached: self.reached.up_to(last, "cluster_id")?,
            permissions: self.permissions.up_to(last, "cluster_id")?,
            profiles: self.profiles.up_to(last, "cluster_id")?,
            golden,
        }))
    }
}
