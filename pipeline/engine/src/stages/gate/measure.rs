//! Tonight in numbers, for this night's verdict and for later nights to be compared with. Enter: the tables of the run,
//! registered. Leave: counts by measure, source and field. Never here: what is unusual; a customer's value.

use crate::context::Context;
use crate::error::Result;
use crate::manifest::Manifest;
use crate::nights::{Figure, Figures};
use crate::tables;
use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use std::collections::BTreeMap;

/// Rows of a table that the looks of values are counted in; a share needs no more.
const SAMPLE_ROWS: u64 = 100_000;

/// The verdicts of a mapped field, in the order of their counts.
pub const VERDICTS: [&str; 5] = ["valid", "corrected", "suspect", "invalid", "missing"];
/// Looks of a value, in the order of their counts.
pub const SHAPES: [&str; 4] = ["letters", "digits", "letters and digits", "with @"];
/// Records of a golden record, in the order of their counts.
pub const SIZES: [&str; 5] = ["1", "2", "3", "4 to 9", "10 or more"];
pub const STATES: [&str; 4] = ["fresh", "ageing", "stale", "unknown"];

/// Verdicts by table, source and field.
pub type Verdicts = BTreeMap<(&'static str, String, String), [u64; 5]>;

/// Counts the verdicts of every field that has one. `addresses` names no source: its record ids do.
pub async fn verdicts(context: &Context) -> Result<Verdicts> {
    let mut found = Verdicts::new();
    let judged = [(tables::CONTACTS, "source"), (tables::ADDRESSES, ""), (tables::PROFILE_CONTACTS, "source")];
    for (table, source) in judged {
        if !context.store.exists(table) {
            continue;
        }
        let schema = context.store.schema(table)?;
        if !context.session.context().table_exist(table)? {
            context.session.register(&context.store, table, table).await?;
        }
        let source = match source {
            "" => format!("CAST(record_id / {} AS VARCHAR)", tables::RECORDS_PER_SOURCE),
            column => column.to_string(),
        };
        let fields: Vec<&str> = schema.fields().iter().filter_map(|f| f.name().strip_suffix("_verdict")).collect();
        let counts = fields.iter().flat_map(|field| {
            VERDICTS.map(|verdict| format!("count(CASE WHEN \"{field}_verdict\" = '{verdict}' THEN 1 END)"))
        });
        let counts: Vec<String> = counts.collect();
        if counts.is_empty() {
            continue;
        }
        let sql = format!("SELECT {source}, {} FROM {table} GROUP BY 1", counts.join(", "));
        for (texts, counts) in rows(context, &sql, 1).await? {
            let Some(source) = texts.first() else { continue };
            let source = if table == tables::ADDRESSES { source_at(context, source) } else { source.clone() };
            for (field, counts) in fields.iter().zip(counts.chunks(VERDICTS.len())) {
                if let (true, Ok(counts)) = (maps(context, &source, field), counts.try_into()) {
                    found.insert((table, source.clone(), (*field).to_string()), counts);
                }
            }
        }
    }
    Ok(found)
}

fn source_at(context: &Context, number: &str) -> String {
    let source = number.parse::<usize>().ok().and_then(|n| context.rules.rules.sources.source.get(n));
    source.map_or_else(String::new, |s| s.name.get_ref().clone())
}

/// Whether a source gives a field: names and addresses come from several.
fn maps(context: &Context, source: &str, field: &str) -> bool {
    let Some(source) = context.rules.rules.sources.source.iter().find(|s| s.name.get_ref() == source) else {
        return false;
    };
    let any = |names: &[&str]| source.columns.keys().any(|c| names.contains(&c.get_ref().as_str()));
    match field {
        "name" => any(&["full_name", "given_name", "middle_name", "family_name", "birth_name"]),
        "address" => any(&["address", "street_address", "street", "postal_code", "locality"]),
        field => any(&[field]),
    }
}

/// Every number of tonight.
pub async fn figures(context: &Context, last: Option<&Manifest>, verdicts: &Verdicts) -> Result<Figures> {
    let mut figures = Figures::new();
    for account in &context.manifest.account {
        figures.insert(format!("rows/{}", account.source), Figure::Count(account.rows_in));
        let bad = vec![account.rows_quarantine, account.rows_in];
        figures.insert(format!("quarantine/{}", account.source), Figure::Counts(bad));
    }
    for ((_, source, field), counts) in verdicts {
        figures.insert(format!("verdicts/{source}/{field}"), Figure::Counts(counts.to_vec()));
    }
    for table in [tables::RECORDS, tables::PROFILE_RECORDS, tables::EVENTS] {
        columns(context, table, &mut figures).await?;
    }
    changed(context, last, &mut figures).await?;
    golden(context, &mut figures).await?;
    Ok(figures)
}

/// Empty values of every mapped column, and the looks of the others.
async fn columns(context: &Context, table: &str, figures: &mut Figures) -> Result<()> {
    if !context.store.exists(table) {
        return Ok(());
    }
    let schema = context.store.schema(table)?;
    let fields: Vec<String> =
        schema.fields().iter().skip(tables::RECORD_BASE_COLUMNS).map(|f| f.name().clone()).collect();
    if fields.is_empty() {
        return Ok(());
    }
    let filled: Vec<String> = fields.iter().map(|f| format!("count(\"{f}\")")).collect();
    let sql = format!("SELECT source, count(*), {} FROM {table} GROUP BY source", filled.join(", "));
    for (texts, counts) in rows(context, &sql, 1).await? {
        let (Some(source), Some((whole, filled))) = (texts.first(), counts.split_first()) else { continue };
        for (field, filled) in fields.iter().zip(filled).filter(|(f, _)| maps(context, source, f)) {
            let missing = vec![whole - filled, *whole];
            figures.insert(format!("missing/{source}/{field}"), Figure::Counts(missing));
        }
    }
    let stride = (context.store.rows(table)? / SAMPLE_ROWS).max(1);
    let look = |(place, field): (usize, &String)| {
        let f = format!("\"{field}\"");
        let (letters, digits) = (format!("regexp_like({f}, '\\p{{L}}')"), format!("regexp_like({f}, '[0-9]')"));
        format!(
            "CASE WHEN {f} IS NULL THEN NULL WHEN strpos({f}, '@') > 0 THEN 3 WHEN {letters} AND {digits} THEN 2 \
             WHEN {letters} THEN 0 ELSE 1 END AS c{place}"
        )
    };
    let looks: Vec<String> = fields.iter().enumerate().map(look).collect();
    let count =
        |place: usize| (0..SHAPES.len()).map(move |shape| format!("count(CASE WHEN c{place} = {shape} THEN 1 END)"));
    let counts: Vec<String> = (0..fields.len()).flat_map(count).collect();
    let sql = format!(
        "SELECT source, {} FROM (SELECT source, {} FROM {table} WHERE record_id % {stride} = 0) AS looks GROUP BY source",
        counts.join(", "),
        looks.join(", ")
    );
    for (texts, counts) in rows(context, &sql, 1).await? {
        let Some(source) = texts.first() else { continue };
        for (field, counts) in fields.iter().zip(counts.chunks(SHAPES.len())).filter(|(f, _)| maps(context, source, f))
        {
            figures.insert(format!("shapes/{source}/{field}"), Figure::Counts(counts.to_vec()));
        }
    }
    Ok(())
}

/// Rows whose content the last published run did not have, of a sample that is the same for both runs: contents are
/// hashed. Other rules may read other columns, so runs with other rules are not compared.
async fn changed(context: &Context, last: Option<&Manifest>, figures: &mut Figures) -> Result<()> {
    let same_rules = last.is_some_and(|l| l.rules_hash == context.manifest.rules_hash);
    let Some(store) = context.last.as_ref().filter(|l| same_rules && l.exists(tables::RECORDS)) else { return Ok(()) };
    context.session.register(store, tables::RECORDS, "last_records").await?;
    let stride = (context.store.rows(tables::RECORDS)? / SAMPLE_ROWS).max(1);
    let sql = format!(
        "SELECT r.source, count(*), count(CASE WHEN l.content_hash IS NULL THEN 1 END) FROM \
         (SELECT source, content_hash FROM records WHERE content_hash % {stride} = 0) AS r LEFT JOIN \
         (SELECT DISTINCT content_hash FROM last_records WHERE content_hash % {stride} = 0) AS l \
         ON r.content_hash = l.content_hash GROUP BY r.source"
    );
    for (texts, counts) in rows(context, &sql, 1).await? {
        if let (Some(source), [whole, changed]) = (texts.first(), counts.as_slice()) {
            figures.insert(format!("changed/{source}"), Figure::Counts(vec![*changed, *whole]));
        }
    }
    Ok(())
}

/// What became of the records.
async fn golden(context: &Context, figures: &mut Figures) -> Result<()> {
    let between = |low: u32, high: u32| format!("count(CASE WHEN records BETWEEN {low} AND {high} THEN 1 END)");
    let sql = format!(
        "SELECT count(CASE WHEN kind = 'customer' THEN 1 END), count(CASE WHEN kind <> 'customer' THEN 1 END), \
         coalesce(sum(records), 0), coalesce(sum(CASE WHEN records > 1 THEN records ELSE 0 END), 0), \
         coalesce(max(records), 0), {}, {}, {}, {}, count(CASE WHEN records >= 10 THEN 1 END) FROM golden",
        between(1, 1),
        between(2, 2),
        between(3, 3),
        between(4, 9)
    );
    let mut all = 0;
    if let Some((_, counts)) = rows(context, &sql, 0).await?.first()
        && let [customers, prospects, records, matched, largest, sizes @ ..] = counts.as_slice()
    {
        all = customers + prospects;
        figures.insert("customers".into(), Figure::Count(*customers));
        figures.insert("prospects".into(), Figure::Count(*prospects));
        figures.insert("matched".into(), Figure::Counts(vec![*matched, *records]));
        figures.insert("largest_cluster".into(), Figure::Count(*largest));
        figures.insert("cluster_sizes".into(), Figure::Counts(sizes.to_vec()));
        let review = context.manifest.table_rows(tables::REVIEW);
        figures.insert("review".into(), Figure::Counts(vec![review, *records]));
    }
    let mut states: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (texts, counts) in rows(context, "SELECT field, state, count(*) FROM freshness GROUP BY 1, 2", 2).await? {
        let ([field, state], Some(n)) = (texts.as_slice(), counts.first()) else { continue };
        let entry = states.entry(field.clone()).or_insert_with(|| vec![0; STATES.len()]);
        if let Some(cell) = STATES.iter().position(|s| s == state).and_then(|place| entry.get_mut(place)) {
            *cell += n;
        }
    }
    for (field, counts) in states {
        figures.insert(format!("freshness//{field}"), Figure::Counts(counts));
    }
    let purposes = super::ready::purpose_column();
    let sql = format!(
        "SELECT channel, {purposes}, count(CASE WHEN allowed THEN 1 END) FROM permissions GROUP BY 1, 2 ORDER BY 1, 2"
    );
    for (texts, counts) in rows(context, &sql, 2).await? {
        let ([channel, purpose], Some(n)) = (texts.as_slice(), counts.first()) else { continue };
        let name = format!("permissions//{channel} {purpose}");
        figures.insert(name.trim_end().into(), Figure::Counts(vec![*n, all]));
    }
    Ok(())
}

/// Rows of a query: first so many texts, then counts. A null text is empty.
pub async fn rows(context: &Context, sql: &str, texts: usize) -> Result<Vec<(Vec<String>, Vec<u64>)>> {
    let mut found = Vec::new();
    for batch in context.session.sql(sql).await?.collect().await? {
        let mut columns = Vec::with_capacity(batch.num_columns());
        for (place, column) in batch.columns().iter().enumerate() {
            columns.push(cast(column, if place < texts { &DataType::Utf8 } else { &DataType::Int64 })?);
        }
        let (words, numbers) = columns.split_at(texts.min(columns.len()));
        for row in 0..batch.num_rows() {
            let text = |c: &arrow::array::ArrayRef| {
                let column = c.as_string::<i32>();
                if column.is_valid(row) { column.value(row).to_string() } else { String::new() }
            };
            let number = |c: &arrow::array::ArrayRef| {
                let column = c.as_primitive::<Int64Type>();
                if column.is_valid(row) { column.value(row).unsigned_abs() } else { 0 }
            };
            found.push((words.iter().map(text).collect(), numbers.iter().map(number).collect()));
        }
    }
    Ok(found)
}
