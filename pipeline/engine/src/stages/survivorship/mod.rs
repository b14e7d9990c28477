//! Stage survivorship. Enter: `contacts`, `addresses`, `clusters`, `contact_profiles`, `profiles`, `event_links`. Leave:
//! `golden` and `golden_fields` (every winning and losing value), `permissions`, `households`,
//! `crosswalk` (every kept input row), and the life of golden ids: `ledger`, `redirects`, `former_keys`.
//! Never here: the strategies, and who inherits an id; they are in zlato-core.

mod crosswalk;
mod golden_ids;
mod households;
mod ledger;
mod members;
mod person;
mod pinned;
mod used_by_many;
mod vendors;
mod writer;

use super::grouped::{OrderedRows, whole_groups};
use super::parts::blocking;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::{Outcome, Stage};
use crate::tables;
use futures::{StreamExt, TryStreamExt};
use person::{Chunk, PersonRules};
use std::sync::Arc;
use writer::Writers;

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
    let ids = Arc::new(golden_ids::inherited(context).await?);
    let rules = Arc::new(PersonRules::new(context)?);
    let pins = Arc::new(pinned::Pins::read(context, &ids)?);
    members::write(context, &rules).await?;
    session.register(&context.store, members::TABLE, members::TABLE).await?;

    let writers = Writers::begin(context, &rules)?;
    {
        let mut sequences = writers.sequences();
        let sql = format!("SELECT * FROM {} ORDER BY cluster_id, record_id", members::TABLE);
        let sorted = session.sql(&sql).await?.execute_stream().await?;
        let mut profiles = OrderedRows::open(&context.store, tables::PROFILES)?;
        let mut events = OrderedRows::open(&context.store, tables::EVENT_LINKS)?;
        let chunks = whole_groups(sorted, 0).map(|chunk| {
            let members = chunk?;
            let last = super::grouped::last_key(&members, 0);
            let events = events.up_to(last, "cluster_id")?;
            let profiles = profiles.up_to(last, "cluster_id")?;
            Ok::<_, Error>(Chunk { members, profiles, events })
        });
        let mut results = std::pin::pin!(
            chunks
                .map(|chunk| {
                    let (rules, ids, pins) = (rules.clone(), ids.clone(), pins.clone());
                    async move {
                        let chunk = chunk?;
                        blocking(move || person::survive(&chunk, &rules, &ids, &pins)).await
                    }
                })
                .buffered(context.options.limits.threads)
        );
        while let Some(result) = results.try_next().await? {
            context.progress.advanced(Stage::Survivorship, result.rows);
            sequences.write(&result)?;
        }
        sequences.finish()?;
    }
    let mut outcome = Outcome::default();
    outcome.tables.extend(writers.finish()?);
    members::remove(context)?;
    session.register(&context.store, tables::GOLDEN, tables::GOLDEN).await?;
    outcome.tables.push((tables::HOUSEHOLDS.into(), households::write(context).await?));
    outcome.tables.push((tables::VENDORS.into(), vendors::write(context).await?));
    let crosswalk = crosswalk::write(context).await?;
    outcome.tables.push((tables::CROSSWALK.into(), crosswalk));
    outcome.tables.extend(ledger::write(context, &ids.past).await?);
    outcome.rows = crosswalk;
    Ok(outcome)
}
