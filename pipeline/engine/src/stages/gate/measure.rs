//! Tonight in numbers, for this night's verdict and for later nights to be compared with. Enter: the tables of the run,
//! registered. Leave: counts by measure, source and field. Never here: what is unusual; a customer's value.

use super::looks;
use crate::context::Context;
use crate::error::Result;
use crate::manifest::Manifest;
use crate::nights::{Figure, Figures};
use crate::stages::parts::parallel;
use crate::store::first_key;
use crate::tables;
use crate::tally::{self, By, Tally};
use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use std::collections::BTreeMap;
use std::path::PathBuf;
use zlato_core::rules::sources::Source;

/// Rows of a table that the looks of values are counted in, and contents compared; a share needs no more.
pub const SAMPLE_ROWS: u64 = 100_000;

/// The verdicts of a mapped field, in the order of their counts.
pub const VERDICTS: [&str; 5] = ["valid", "corrected", "suspect", "invalid", "missing"];
/// Looks of a value, in the order of their counts.
pub const SHAPES: [&str; 4] = ["letters", "digits", "letters and digits", "with @"];
/// Records of a golden record, in the order of their counts.
pub const SIZES: [&str; 5] = ["1", "2", "3", "4 to 9", "10 or more"];
pub const STATES: [&str; 4] = ["fresh", "ageing", "stale", "unknown"];

/// Verdicts by table, source and field.
pub type Verdicts = BTreeMap<(&'static str, String, String), [u64; 5]>;

/// What figures, scorecard and readiness all ask for.
pub struct Counted {
    pub verdicts: Verdicts,
    /// Rows of `freshness` by field and state.
    pub freshness: Tally,
    /// Rows of `permissions` by channel, purpose and whether it is allowed.
    pub permissions: Tally,
}

impl Counted {
    pub async fn of(context: &Context) -> Result<Self> {
        let count = async |table: &str, columns: &[&str]| -> Result<Tally> {
            let group = columns.iter().map(|column| By::value(column)).collect();
            let tallies = tally::of_table(&context.store, table, vec![group], context.options.limits.threads).await?;
            Ok(tallies.into_iter().next().unwrap_or_default())
        };
        Ok(Self {
            verdicts: verdicts(context).await?,
            freshness: count(tables::FRESHNESS, &["field", "state"]).await?,
            permissions: count(tables::PERMISSIONS, &["channel", "purpose", "allowed"]).await?,
        })
    }
}

/// Counts the verdicts of every field that has one.
async fn verdicts(context: &Context) -> Result<Verdicts> {
    let mut found = Verdicts::new();
    for table in [tables::CONTACTS, tables::ADDRESSES, tables::PROFILE_CONTACTS] {
        if !context.store.exists(table) {
            continue;
        }
        let schema = context.store.schema(table)?;
        let fields = schema.fields().iter().filter_map(|f| f.name().strip_suffix("_verdict"));
        let fields: Vec<String> = fields.map(String::from).collect();
        let groups: Vec<Vec<By>> = fields.iter().map(|field| vec![By::value(&format!("{field}_verdict"))]).collect();
        let work = move |part: PathBuf| Ok((first_key(&part)?, tally::of_part(&part, &groups)?));
        for (first, tallies) in parallel(context.options.limits.threads, context.store.parts(table)?, work).await? {
            let Some(source) = first.and_then(|record| source_of(context, record)) else { continue };
            for (field, tally) in fields.iter().zip(tallies).filter(|(field, _)| maps(source, field)) {
                let counts = found.entry((table, source.name.get_ref().clone(), field.clone())).or_insert([0; 5]);
                for (n, verdict) in counts.iter_mut().zip(VERDICTS) {
                    *n += tally.get(&vec![Some(verdict.to_string())]).copied().unwrap_or(0);
                }
            }
        }
    }
    Ok(found)
}

/// The source of a record; every part of a table of records holds rows of one source.
pub fn source_of(context: &Context, record: i64) -> Option<&Source> {
    let number = usize::try_from(record / tables::RECORDS_PER_SOURCE).ok()?;
    context.rules.rules.sources.source.get(number)
}

/// Whether a source gives a field: names and addresses come from several.
pub fn maps(source: &Source, field: &str) -> bool {
    let any = |names: &[&str]| source.columns.keys().any(|c| names.contains(&c.get_ref().as_str()));
    match field {
        "name" => any(&["full_name", "given_name", "middle_name", "family_name", "birth_name"]),
        "address" => any(&["address", "street_address", "street", "postal_code", "locality"]),
        field => any(&[field]),
    }
}

/// Every number of tonight.
pub async fn figures(context: &Context, last: Option<&Manifest>, counted: &Counted) -> Result<Figures> {
    let mut figures = Figures::new();
    for account in &context.manifest.account {
        figures.insert(format!("rows/{}", account.source), Figure::Count(account.rows_in));
        let bad = vec![account.rows_quarantine, account.rows_in];
        figures.insert(format!("quarantine/{}", account.source), Figure::Counts(bad));
    }
    for ((_, source, field), counts) in &counted.verdicts {
        figures.insert(format!("verdicts/{source}/{field}"), Figure::Counts(counts.to_vec()));
    }
    for table in [tables::RECORDS, tables::PROFILE_RECORDS, tables::EVENTS] {
        looks::columns(context, table, &mut figures).await?;
    }
    changed(context, last, &mut figures).await?;
    golden(context, counted, &mut figures).await?;
    Ok(figures)
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
async fn golden(context: &Context, counted: &Counted, figures: &mut Figures) -> Result<()> {
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
    for (combination, n) in &counted.freshness {
        let [field, state] = words(combination);
        let entry = states.entry(field).or_insert_with(|| vec![0; STATES.len()]);
        if let Some(cell) = STATES.iter().position(|s| *s == state).and_then(|place| entry.get_mut(place)) {
            *cell += n;
        }
    }
    for (field, counts) in states {
        figures.insert(format!("freshness//{field}"), Figure::Counts(counts));
    }
    let mut allowed: BTreeMap<String, u64> = BTreeMap::new();
    for (combination, n) in &counted.permissions {
        let [channel, purpose, yes] = words(combination);
        let name = format!("permissions//{channel} {purpose}");
        *allowed.entry(name.trim_end().into()).or_default() += if yes == "true" { *n } else { 0 };
    }
    figures.extend(allowed.into_iter().map(|(name, n)| (name, Figure::Counts(vec![n, all]))));
    Ok(())
}

/// The texts of a combination; a null text is empty.
pub fn words<const N: usize>(combination: &[Option<String>]) -> [String; N] {
    std::array::from_fn(|place| combination.get(place).cloned().flatten().unwrap_or_default())
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
