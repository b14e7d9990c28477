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
    let mut outcome = Outcome::default();
    outcome.rows = links + happened;
    outcome.tables.push((tables::PROFILE_LINKS.into(), links));
    outcome.tables.push((tables::PROFILES.into(), offers));
    outcome.tables.push((tables::EVENT_LINKS.into(), happened));
    Ok(outcome)
}
