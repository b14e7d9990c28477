//! What a run warns of in its rows. Enter: `contacts`, `profile_contacts`, `event_contacts`. Leave: sentences with counts,
//! for rows dated after the day of the run and for events of kinds that no rule names. Never here: a value of a row.

use super::columns::{integers, text_column, value};
use crate::context::Context;
use crate::error::Result;
use crate::tables;
use crate::tally::{self, By};

/// Sentences, none where nothing is odd.
pub async fn warnings(context: &Context) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    for (table, column, rows, so) in [
        (tables::CONTACTS, "updated_at", "rows", "count as undated until then"),
        (tables::PROFILE_CONTACTS, "updated_at", "profiles", "count as undated until then"),
        (tables::EVENT_CONTACTS, "event_at", "events", "do not count until then"),
    ] {
        let sources = not_yet(context, table, column).await?;
        if !sources.is_empty() {
            let today = context.options.as_of;
            warnings.push(format!("{rows} dated after {today} {so}: {}", sources.join(", ")));
        }
    }
    warnings.extend(unnamed_kinds(context).await?);
    Ok(warnings)
}

/// For each source that has any the number of rows whose date has not come yet.
async fn not_yet(context: &Context, table: &str, column: &str) -> Result<Vec<String>> {
    let Some(tomorrow) = context.options.as_of.succ_opt() else { return Ok(vec![]) };
    if context.store.schema(table)?.index_of(column).is_err() {
        return Ok(vec![]);
    }
    context.session.register(&context.store, table, table).await?;
    // Dates and timestamps are written so that their texts are in the order of time.
    let sql = format!(
        "SELECT source, count(*) AS n FROM {table} WHERE {column} >= '{tomorrow}' GROUP BY source ORDER BY source"
    );
    let mut sources = Vec::new();
    for batch in context.session.sql(&sql).await?.collect().await? {
        let (names, counts) = (text_column(&batch, "source"), integers(&batch, "n")?);
        let rows = counts.values().iter().enumerate();
        sources.extend(rows.map(|(row, n)| format!("{} {n}", value(names, row).unwrap_or(""))));
    }
    Ok(sources)
}

/// Events that count as activity only because no rule says otherwise. The kinds are not told: a column that is mapped by
/// mistake may hold anything.
async fn unnamed_kinds(context: &Context) -> Result<Option<String>> {
    let table = tables::EVENT_CONTACTS;
    if context.store.schema(table)?.index_of("event_kind").is_err() {
        return Ok(None);
    }
    let by_kind = vec![vec![By::value("event_kind")]];
    let found = tally::of_table(&context.store, table, by_kind, context.options.limits.threads).await?;
    let named = |kind: &str| context.rules.rules.freshness.names_kind(kind);
    let mut events = 0;
    for (combination, n) in found.iter().flatten() {
        if combination.first().and_then(Option::as_deref).is_some_and(|kind| !named(kind)) {
            events += n;
        }
    }
    Ok((events > 0).then(|| {
        format!(
            "events of kinds that no rule names only count as activity: {events} \
             (SELECT event_kind, count(*) FROM event_links GROUP BY 1)"
        )
    }))
}
