//! Stage enrich. Enter: `clusters`, `contacts`, profile and event rows. Leave: `profile_links` and
//! `profiles` (external profiles of a cluster, filtered by permitted purpose and age) and
//! `event_links` (what happened to whom). Never here: choosing a value.

mod events;
mod profiles;
mod seek;

use super::ranges::Ranges;
use crate::context::Context;
use crate::error::Result;
use crate::run::Outcome;
use crate::tables;
use std::sync::Arc;

pub async fn run(context: &Context) -> Result<Outcome> {
    let customers = seek::text_columns(&context.store, tables::CONTACTS)?;
    let terms = Arc::new(profiles::terms(context)?);
    let ways = events::Ways::new(context, &customers)?;
    // Profiles and events are linked by the same keys of customers: together, each is read once.
    let mut profiles = profiles::seeking(context, &terms, &customers)?;
    let of_profiles = profiles.len();
    profiles.extend(ways.seeking(context)?);
    let mut profiles = seek::seek(context, profiles).await?;
    let events = profiles.split_off(of_profiles);

    let ranges = Arc::new(Ranges::of_clusters(context)?);
    let (links, offers) = profiles::write(context, &terms, profiles, &ranges).await?;
    let happened = events::write(context, &ways, events, &ranges).await?;
    let written = [(tables::PROFILE_LINKS, links), (tables::PROFILES, offers), (tables::EVENT_LINKS, happened)];
    let tables = written.map(|(table, rows)| (table.to_string(), rows)).to_vec();
    Ok(Outcome { rows: links + happened, tables, ..Outcome::default() })
}
