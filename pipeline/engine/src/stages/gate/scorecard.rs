//! Quality per field in the dimensions of ISO/IEC 25012: of each source, of all sources together, of the golden records.
//! Enter: the verdicts and the golden tables. Leaves: `scorecard`. Every measure is a share of two counts.

use super::lines::{self, Lines};
use super::measure::{Counted, Verdicts, rows, words};
use crate::context::Context;
use crate::error::Result;
use crate::{match_view, tables};
use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use zlato_core::day;
use zlato_core::rules::sources::FieldKind;

/// A share: `count` of `of`. Without a source it is of all sources, or of the golden records.
struct Measure {
    stage: &'static str,
    source: Option<String>,
    field: String,
    dimension: &'static str,
    count: u64,
    of: u64,
}

#[derive(Default)]
struct Card(Vec<Measure>);

impl Card {
    fn source(&mut self, source: Option<&str>, field: &str, dimension: &'static str, count: u64, of: u64) {
        let source = source.map(String::from);
        self.0.push(Measure { stage: "source", source, field: field.into(), dimension, count, of });
    }

    fn golden(&mut self, field: &str, dimension: &'static str, count: u64, of: u64) {
        self.0.push(Measure { stage: "golden", source: None, field: field.into(), dimension, count, of });
    }
}

pub async fn write(context: &Context, counted: &Counted) -> Result<u64> {
    let mut card = Card::default();
    from_verdicts(&counted.verdicts, context.manifest.table_rows(tables::RECORDS), &mut card);
    let since = half_lives(context);
    let lines = lines::count(context, &since).await?;
    from_survivorship(&lines, &since, &mut card);
    unique_rows(context, &mut card).await?;
    of_golden(context, counted, &lines, &mut card).await?;
    let lines = card.0;
    let table = context.store.begin(tables::SCORECARD, tables::scorecard())?;
    let texts =
        |get: fn(&Measure) -> &str| -> ArrayRef { Arc::new(StringArray::from_iter_values(lines.iter().map(get))) };
    let share = |m: &Measure| (m.of > 0).then(|| m.count as f64 / m.of as f64);
    let columns: Vec<ArrayRef> = vec![
        texts(|m| m.stage),
        Arc::new(lines.iter().map(|m| m.source.as_deref()).collect::<StringArray>()),
        texts(|m| &m.field),
        texts(|m| m.dimension),
        Arc::new(lines.iter().map(share).collect::<Float64Array>()),
        Arc::new(Int64Array::from_iter_values(lines.iter().map(|m| i64::try_from(m.of).unwrap_or(i64::MAX)))),
    ];
    let batch = RecordBatch::try_new(tables::scorecard(), columns)?;
    let mut part = table.part(0)?;
    part.write(&batch)?;
    part.finish()?;
    table.finish()
}

/// Completeness and accuracy of what sources delivered, over all records whether their source has the field or not.
/// Profiles have theirs per source only: they are nobody's record.
fn from_verdicts(verdicts: &Verdicts, records: u64, card: &mut Card) {
    let mut all: BTreeMap<(&str, &str), [u64; 5]> = BTreeMap::new();
    for ((table, _, field), counts) in verdicts.iter().filter(|((table, ..), _)| *table != tables::PROFILE_CONTACTS) {
        let entry = all.entry((table, field)).or_default();
        entry.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
    }
    let overall = all.iter().map(|((_, field), counts)| (None, *field, counts));
    let each = verdicts.iter().map(|((_, source, field), counts)| (Some(source.as_str()), field.as_str(), counts));
    for (source, field, [valid, corrected, suspect, invalid, missing]) in overall.chain(each) {
        let filled = valid + corrected + suspect + invalid;
        card.source(source, field, "completeness", filled, if source.is_none() { records } else { filled + missing });
        card.source(source, field, "accuracy", valid + corrected, filled);
    }
}

/// For each field that ages the days from one half-life ago to today.
fn half_lives(context: &Context) -> BTreeMap<String, RangeInclusive<i32>> {
    let today = day::number(context.options.as_of);
    let ages = context.rules.rules.freshness.field.iter();
    let first = |days: u32| today.saturating_sub(i32::try_from(days).unwrap_or(i32::MAX));
    ages.map(|age| (age.name.get_ref().clone(), first(*age.half_life_days.get_ref())..=today)).collect()
}

/// Of the values that a source brought to golden records: those that are the golden value, and those whose row was
/// changed less than the field's half-life ago.
fn from_survivorship(lines: &Lines, since: &BTreeMap<String, RangeInclusive<i32>>, card: &mut Card) {
    for ((source, field), counts) in &lines.sources {
        card.source(Some(source), field, "consistency", counts.winners, counts.lines);
        if since.contains_key(field) {
            card.source(Some(source), field, "currentness", counts.since, counts.lines);
        }
    }
}

/// Rows of a source that no other row of the same source says again about the same person.
async fn unique_rows(context: &Context, card: &mut Card) -> Result<()> {
    let sql = format!(
        "SELECT CAST(record_id / {} AS BIGINT), count(*), count(DISTINCT cluster_id) FROM clusters GROUP BY 1 ORDER BY 1",
        tables::RECORDS_PER_SOURCE
    );
    let (mut people, mut records) = (0, 0);
    for (_, counts) in rows(context, &sql, 0).await? {
        let [number, all, distinct] = counts.as_slice() else { continue };
        let number = usize::try_from(*number).unwrap_or(usize::MAX);
        let Some(source) = context.rules.rules.sources.source.get(number) else { continue };
        card.source(Some(source.name.get_ref()), "record", "uniqueness", *distinct, *all);
        (people, records) = (people + distinct, records + all);
    }
    card.source(None, "record", "uniqueness", people, records);
    Ok(())
}

async fn of_golden(context: &Context, counted: &Counted, lines: &Lines, card: &mut Card) -> Result<()> {
    let rules = &context.rules.rules;
    let golden = match_view::golden_fields(rules);
    let mapped = rules.mapped_fields();
    // What belongs to one person alone; a household may share everything else.
    let own = |field: &str| mapped.iter().any(|(name, kind)| name == field && *kind == FieldKind::NationalId);
    let mut counts = vec!["count(*)".to_string()];
    for field in &golden {
        counts.push(format!("count(\"{field}\")"));
        if own(field) {
            counts.push(format!("count(DISTINCT \"{field}\")"));
        }
    }
    let found = rows(context, &format!("SELECT {} FROM golden", counts.join(", ")), 0).await?;
    if let Some((all, counts)) = found.first().and_then(|(_, counts)| counts.split_first()) {
        let mut counts = counts.iter();
        for field in &golden {
            let filled = counts.next().copied().unwrap_or(0);
            card.golden(field, "completeness", filled, *all);
            if own(field) {
                card.golden(field, "uniqueness", counts.next().copied().unwrap_or(0), filled);
            }
        }
    }
    for (field, counts) in lines.fields.iter().filter(|(_, counts)| counts.winners > 0) {
        card.golden(field, "accuracy", counts.good, counts.winners);
    }
    for (field, counts) in lines.fields.iter().filter(|(_, counts)| counts.held > 0) {
        card.golden(field, "consistency", counts.alone, counts.held);
    }
    let mut current: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (combination, n) in &counted.freshness {
        let [field, state] = words(combination);
        let (fresh, all) = current.entry(field).or_default();
        *fresh += if state == "fresh" { *n } else { 0 };
        *all += n;
    }
    for (field, (fresh, all)) in &current {
        card.golden(field, "currentness", *fresh, *all);
    }
    Ok(())
}
