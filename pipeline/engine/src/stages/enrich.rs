//! Stage enrich. Enter: `clusters`, `contacts`, profile and event rows. Leave: `profile_links` and
//! `profiles` (external profiles of a cluster, filtered by permitted purpose and age) and
//! `event_links` (what happened to whom). Never here: choosing a value.

use super::columns::{integers, text_column, value};
use super::grouped::last_key;
use super::ingest::PARTS_PER_SOURCE;
use super::parts::write_query;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::{Outcome, Stage};
use crate::store::SequenceWriter;
use crate::tables;
use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use chrono::NaiveDate;
use futures::TryStreamExt;
use std::sync::Arc;
use zlato_core::rules::profiles::Profile;

pub async fn run(context: &Context) -> Result<Outcome> {
    let session = &context.session;
    for table in
        [tables::CONTACTS, tables::CLUSTERS, tables::PROFILE_CONTACTS, tables::EVENT_CONTACTS, tables::ADDRESSES]
    {
        session.register(&context.store, table, table).await?;
    }
    let mut outcome = Outcome::default();
    let links = link_profiles(context).await?;
    outcome.rows += links;
    outcome.tables.push((tables::PROFILE_LINKS.into(), links));
    session.register(&context.store, tables::PROFILE_LINKS, tables::PROFILE_LINKS).await?;
    outcome.tables.push((tables::PROFILES.into(), offered_fields(context).await?));
    let events = link_events(context).await?;
    outcome.rows += events;
    outcome.tables.push((tables::EVENT_LINKS.into(), events));
    Ok(outcome)
}

/// Where a link field of a profile is found on both sides: (profile expression, customer expression).
fn link_expressions(field: &str, profile: &[String], customer: &[String]) -> Option<(String, String)> {
    let has = |columns: &[String], name: &str| columns.iter().any(|c| c == name);
    let (left, right) = match field {
        "email" | "email_other" | "phone" | "phone_other" => (format!("{field}_key"), format!("{field}_key")),
        "email_sha256" => ("lower(email_sha256)".into(), "sha256_hex(email)".into()),
        "phone_sha256" => ("lower(phone_sha256)".into(), "sha256_hex(phone)".into()),
        "name_birth_date" => {
            let key = "given_name_root || '|' || family_name_root || '|' || birth_date".to_string();
            (key.clone(), key)
        }
        other => (other.to_string(), other.to_string()),
    };
    let bare = |expression: &str| -> Vec<String> {
        expression
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|w| w.len() > 2 && !matches!(*w, "lower" | "sha256_hex"))
            .map(String::from)
            .collect()
    };
    let known = bare(&left).iter().all(|c| has(profile, c)) && bare(&right).iter().all(|c| has(customer, c));
    known.then_some((left, right))
}

fn column_names(context: &Context, table: &str) -> Result<Vec<String>> {
    Ok(context.store.schema(table)?.fields().iter().map(|f| f.name().clone()).collect())
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Links every profile row to at most one cluster: by the first link field on which exactly one
/// cluster agrees. Every profile row gets a line with what became of it.
async fn link_profiles(context: &Context) -> Result<u64> {
    let rules = &context.rules.rules;
    let profile_columns = column_names(context, tables::PROFILE_CONTACTS)?;
    let customer_columns = column_names(context, tables::CONTACTS)?;
    let mut candidates = Vec::new();
    for terms in &rules.profiles.profile {
        for (rank, field) in terms.link_on.iter().enumerate() {
            let Some((left, right)) = link_expressions(field.get_ref(), &profile_columns, &customer_columns) else {
                continue;
            };
            candidates.push(format!(
                "SELECT p.record_id, {rank} AS rank, {name} AS linked_on, c.cluster_id FROM \
                 (SELECT record_id, {left} AS key FROM profile_contacts WHERE source = {source}) p JOIN \
                 (SELECT DISTINCT {right} AS key, k.cluster_id FROM contacts t JOIN clusters k ON t.record_id = k.record_id) c \
                 ON p.key = c.key",
                name = quoted(field.get_ref()),
                source = quoted(terms.source.get_ref()),
            ));
        }
    }
    let best = if candidates.is_empty() {
        "SELECT CAST(NULL AS BIGINT) AS record_id, CAST(NULL AS VARCHAR) AS linked_on, CAST(0 AS BIGINT) AS clusters, CAST(NULL AS BIGINT) AS cluster_id WHERE false".to_string()
    } else {
        // One line a profile and rank, then the best rank that names one cluster only.
        format!(
            "SELECT record_id, linked_on, clusters, cluster_id FROM (SELECT *, row_number() OVER \
             (PARTITION BY record_id ORDER BY CASE WHEN clusters = 1 THEN 0 ELSE 1 END, rank) AS place FROM \
             (SELECT record_id, rank, linked_on, count(DISTINCT cluster_id) AS clusters, min(cluster_id) AS cluster_id \
             FROM ({}) GROUP BY record_id, rank, linked_on)) WHERE place = 1",
            candidates.join(" UNION ALL ")
        )
    };
    let sql = format!(
        "SELECT p.record_id, p.source, p.source_key, p.updated_at, b.linked_on, b.clusters, b.cluster_id \
         FROM profile_contacts p LEFT JOIN ({best}) b ON p.record_id = b.record_id ORDER BY p.record_id"
    );
    let table = context.store.begin(tables::PROFILE_LINKS, tables::profile_links())?;
    let mut writer: Option<(i64, SequenceWriter<'_>)> = None;
    let mut stream = context.session.sql(&sql).await?.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        let links = judge_links(context, &batch)?;
        // A part holds rows of one source, as those of records do.
        for rows in by_source(&links)? {
            let source = last_key(&rows, 0) / tables::RECORDS_PER_SOURCE;
            let (_, of_source) = match writer.take() {
                Some(same) if same.0 == source => writer.insert(same),
                other => {
                    other.map(|(_, done)| done.finish()).transpose()?;
                    let first = usize::try_from(source).unwrap_or(0) * PARTS_PER_SOURCE;
                    writer.insert((source, table.sequence_from(first)))
                }
            };
            of_source.write(&rows)?;
        }
        context.progress.advanced(Stage::Enrich, batch.num_rows() as u64);
    }
    writer.map(|(_, last)| last.finish()).transpose()?;
    table.finish()
}

/// Rows cut where the source changes; they stand in the order of their record ids, in the first column.
fn by_source(batch: &RecordBatch) -> Result<Vec<RecordBatch>> {
    let records = integers(batch, "record_id")?.values();
    let mut at = 0;
    let same = |a: &i64, b: &i64| a / tables::RECORDS_PER_SOURCE == b / tables::RECORDS_PER_SOURCE;
    let cut = |rows: &[i64]| {
        let slice = batch.slice(at, rows.len());
        at += rows.len();
        slice
    };
    Ok(records.chunk_by(same).map(cut).collect())
}

/// Status of each link: linked, or why the profile is not used.
fn judge_links(context: &Context, batch: &RecordBatch) -> Result<RecordBatch> {
    let integers = |name: &str| batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>());
    let (Some(clusters), Some(cluster)) = (integers("clusters"), integers("cluster_id")) else {
        return Err(Error::Internal("the profile links lack their columns".into()));
    };
    let source = text_column(batch, "source");
    let updated = text_column(batch, "updated_at");
    let rules = &context.rules.rules.profiles;
    let mut status = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        let terms = rules.profile.iter().find(|p| Some(p.source.get_ref().as_str()) == value(source, row));
        status.push(match terms {
            None => "no_terms",
            Some(terms) if !permitted(terms, &rules.purposes) => "purpose_not_permitted",
            Some(terms) if too_old(terms, value(updated, row), context.options.as_of) => "too_old",
            Some(_) if clusters.is_null(row) => "unlinked",
            Some(_) if clusters.value(row) > 1 => "ambiguous",
            Some(_) => "linked",
        });
    }
    let used: Int64Array = status
        .iter()
        .enumerate()
        .map(|(row, s)| (*s == "linked" && cluster.is_valid(row)).then(|| cluster.value(row)))
        .collect();
    let by_name =
        |name: &str| batch.column_by_name(name).cloned().ok_or_else(|| Error::Internal(format!("no column {name}")));
    let columns: Vec<ArrayRef> = vec![
        by_name("record_id")?,
        by_name("source")?,
        by_name("source_key")?,
        Arc::new(used),
        by_name("linked_on")?,
        Arc::new(StringArray::from_iter_values(status)),
        by_name("updated_at")?,
    ];
    Ok(RecordBatch::try_new(tables::profile_links(), columns)?)
}

fn permitted(terms: &Profile, purposes: &[String]) -> bool {
    purposes.iter().any(|p| terms.purposes.contains(p))
}

/// Beyond its shelf life on the day of the run; a row without any date counts as collected when the
/// terms say.
fn too_old(terms: &Profile, updated: Option<&str>, as_of: NaiveDate) -> bool {
    let Some(shelf) = &terms.shelf_life_days else { return false };
    let day = updated.or(terms.collected.as_ref().map(|c| c.get_ref().as_str()));
    let day = day.and_then(|d| d.get(..10)).and_then(|d| d.parse::<NaiveDate>().ok());
    day.is_none_or(|day| (as_of - day).num_days() > i64::from(*shelf.get_ref()))
}

/// The condition that a value of a field is young enough, where the field has a shelf life of its own.
fn current(terms: &Profile, field: &str, as_of: NaiveDate) -> String {
    let own = terms.field_shelf_life_days.iter().find(|(name, _)| name.get_ref() == field);
    let oldest = own.and_then(|(_, days)| as_of.checked_sub_days(chrono::Days::new(u64::from(*days.get_ref()))));
    let collected = terms.collected.as_ref().map_or_else(|| "NULL".into(), |day| quoted(day.get_ref()));
    oldest.map_or_else(String::new, |oldest| {
        format!(" AND substr(coalesce(l.updated_at, {collected}), 1, 10) >= '{oldest}'")
    })
}

/// `profiles`: one line for each field that a linked profile may fill or suggest.
async fn offered_fields(context: &Context) -> Result<u64> {
    let columns = column_names(context, tables::PROFILE_CONTACTS)?;
    let mut parts = Vec::new();
    for terms in &context.rules.rules.profiles.profile {
        for (fields, mode) in [(&terms.fill, "fill"), (&terms.suggest, "suggest")] {
            for field in fields.iter().map(serde_spanned::Spanned::get_ref).filter(|f| columns.contains(f)) {
                let current = current(terms, field, context.options.as_of);
                parts.push(format!(
                    "SELECT l.cluster_id, l.record_id, l.source, {name} AS field, p.\"{field}\" AS value, '{mode}' AS \"use\", l.updated_at \
                     FROM profile_links l JOIN profile_contacts p ON l.record_id = p.record_id \
                     WHERE l.status = 'linked' AND l.source = {source} AND p.\"{field}\" IS NOT NULL{current}",
                    name = quoted(field),
                    source = quoted(terms.source.get_ref()),
                ));
            }
        }
    }
    let table = context.store.begin(tables::PROFILES, tables::profiles())?;
    if !parts.is_empty() {
        let sql = format!("SELECT * FROM ({}) ORDER BY cluster_id, field, record_id", parts.join(" UNION ALL "));
        write_query(context, &table, &sql).await?;
    }
    table.finish()
}

/// `event_links`: every event with its cluster: by the customer's key, else by e-mail, else by phone
/// where these name one cluster only.
async fn link_events(context: &Context) -> Result<u64> {
    let events = column_names(context, tables::EVENT_CONTACTS)?;
    let customers = column_names(context, tables::CONTACTS)?;
    let has = |name: &str| events.iter().any(|c| c == name);
    let both = |name: &str| has(name) && customers.iter().any(|c| c == name);
    let optional =
        |name: &str| if has(name) { format!("e.\"{name}\"") } else { format!("CAST(NULL AS VARCHAR) AS {name}") };
    let mut joins = Vec::new();
    let mut found = Vec::new();
    if has("customer_key") {
        // Without a source the key counts only where it is one cluster's in all sources.
        let (source, on) =
            if has("customer_source") { ("t.source", "AND e.customer_source = a.source") } else { ("''", "") };
        joins.push(format!(
            "LEFT JOIN (SELECT {source} AS source, t.source_key, min(k.cluster_id) AS cluster_id FROM contacts t JOIN clusters k \
             ON t.record_id = k.record_id GROUP BY {source}, t.source_key HAVING min(k.cluster_id) = max(k.cluster_id)) a \
             ON e.customer_key = a.source_key {on}"
        ));
        found.push(("a.cluster_id", "customer_key"));
    }
    for (field, alias) in [("email", "b"), ("phone", "c")] {
        let key = format!("{field}_key");
        if both(&key) {
            joins.push(format!(
                "LEFT JOIN (SELECT t.{key} AS key, min(k.cluster_id) AS cluster_id FROM contacts t JOIN clusters k \
                 ON t.record_id = k.record_id WHERE t.{key} IS NOT NULL GROUP BY t.{key} HAVING min(k.cluster_id) = max(k.cluster_id)) {alias} \
                 ON e.{key} = {alias}.key"
            ));
            found.push((if alias == "b" { "b.cluster_id" } else { "c.cluster_id" }, field));
        }
    }
    let cluster = match found.len() {
        0 => "CAST(NULL AS BIGINT)".to_string(),
        _ => format!("coalesce({})", found.iter().map(|(c, _)| *c).collect::<Vec<_>>().join(", ")),
    };
    let how: String = found.iter().map(|(c, name)| format!("WHEN {c} IS NOT NULL THEN '{name}' ")).collect();
    let how = if how.is_empty() { "CAST(NULL AS VARCHAR)".to_string() } else { format!("CASE {how}END") };
    let sql = format!(
        "SELECT e.record_id, {cluster} AS cluster_id, {how} AS linked_on, {}, {}, {}, {}, {}, {}, e.source, e.source_key FROM event_contacts e {} \
         ORDER BY cluster_id, event_at, record_id",
        optional("event_kind"),
        optional("event_at"),
        optional("channel"),
        optional("amount"),
        optional("email"),
        optional("phone"),
        joins.join(" ")
    );
    let table = context.store.begin(tables::EVENT_LINKS, tables::event_links())?;
    write_query(context, &table, &sql).await?;
    table.finish()
}
