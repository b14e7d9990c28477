//! Stage enrich. Enter: `clusters`, `contacts`, profile and event rows. Leave: `profile_links` and
//! `profiles` (external profiles of a cluster, filtered by permitted purpose and age), `event_links` (what happened to
//! whom) and `event_reach` (from whom else it takes something). Never here: choosing a value.

mod contradiction;
mod events;
mod profiles;
mod reach;
mod seek;
mod texts;

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
    let events = ways.seeking(context)?;
    let taking = reach::Taking::read(context, &ways, &events).await?;
    let mut profiles = profiles::seeking(context, &terms, &customers)?;
    let of_profiles = profiles.len();
    profiles.extend(events);
    let (mut profiles, clusters) = seek::seek(context, profiles, &taking.named).await?;
    let events: Vec<_> = profiles.split_off(of_profiles).into_iter().map(Arc::new).collect();
    let profiles = contradiction::mark(context, profiles).await?;

    let ranges = Arc::new(Ranges::of_clusters(context)?);
    let (links, offers) = profiles::write(context, &terms, profiles, &ranges).await?;
    let reached = reach::write(context, &ways, taking, &clusters, &events, &ranges).await?;
    let (happened, warnings) = events::write(context, &ways, &events, &ranges).await?;
    let written = [
        (tables::PROFILE_LINKS, links),
        (tables::PROFILES, offers),
        (tables::EVENT_LINKS, happened),
        (tables::EVENT_REACH, reached),
    ];
    let tables = written.map(|(table, rows)| (table.to_string(), rows)).to_vec();
    Ok(Outcome { rows: links + happened, tables, warnings, ..Outcome::default() })
}
