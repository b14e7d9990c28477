//! Stage freshness. Enter: `golden_fields`, `event_links`. Leave: `freshness` (state of each golden
//! value that has a half-life) and `contact_prompts`. Never here: the formula; it is in zlato-core.

use super::columns::{text_column, value};
use super::grouped::OrderedRows;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::{Outcome, Stage};
use crate::tables;
use arrow::array::{ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::sync::Arc;
use zlato_core::freshness::{Freshness, State, assess};
use zlato_core::rules::freshness::{Effect, FieldAge};

/// The golden value of a field, or of a group under the group's name.
#[derive(Debug, Clone, Default)]
struct Held {
    value: String,
    updated: Option<i32>,
}

struct Event {
    kind: String,
    day: i32,
    email: Option<String>,
    phone: Option<String>,
}

#[derive(Default)]
struct Rows {
    golden_id: Vec<String>,
    cluster_id: Vec<i64>,
    field: Vec<String>,
    state: Vec<&'static str>,
    currentness: Vec<f64>,
    reason: Vec<&'static str>,
    since: Vec<Option<String>>,
}

#[derive(Default)]
struct Prompts {
    golden_id: Vec<String>,
    rank: Vec<i64>,
    field: Vec<String>,
    question: Vec<String>,
    reason: Vec<&'static str>,
}

pub async fn run(context: &Context) -> Result<Outcome> {
    let freshness = context.store.begin(tables::FRESHNESS, tables::freshness())?;
    let prompts = context.store.begin(tables::CONTACT_PROMPTS, tables::contact_prompts())?;
    let mut rows = 0;
    {
        let mut fresh_writer = freshness.sequence();
        let mut prompt_writer = prompts.sequence();
        let mut events = OrderedRows::open(&context.store, tables::EVENT_LINKS)?;
        let mut fields = OrderedRows::open(&context.store, tables::GOLDEN_FIELDS)?;
        let mut carry: Option<RecordBatch> = None;
        while let Some(batch) = fields.next_batch()? {
            context.cancel.check()?;
            let batch = match carry.take() {
                Some(held) => arrow::compute::concat_batches(&batch.schema(), [&held, &batch])?,
                None => batch,
            };
            let clusters = cluster_ids(&batch)?;
            let last = super::grouped::last_key(&batch, 1);
            let cut = clusters.values().partition_point(|c| *c < last);
            carry = Some(batch.slice(cut, batch.num_rows() - cut));
            rows += one_chunk(context, &batch.slice(0, cut), &mut events, &mut fresh_writer, &mut prompt_writer)?;
        }
        if let Some(batch) = carry {
            rows += one_chunk(context, &batch, &mut events, &mut fresh_writer, &mut prompt_writer)?;
        }
        fresh_writer.finish()?;
        prompt_writer.finish()?;
    }
    Ok(Outcome {
        rows,
        tables: vec![
            (tables::FRESHNESS.into(), freshness.finish()?),
            (tables::CONTACT_PROMPTS.into(), prompts.finish()?),
        ],
        ..Outcome::default()
    })
}

fn cluster_ids(batch: &RecordBatch) -> Result<&Int64Array> {
    let column = batch.column_by_name("cluster_id").and_then(|c| c.as_primitive_opt::<Int64Type>());
    column.ok_or_else(|| Error::Internal("no column cluster_id".into()))
}

/// Judges the golden values of whole clusters; returns the number of clusters.
fn one_chunk(
    context: &Context,
    batch: &RecordBatch,
    events: &mut OrderedRows,
    fresh_writer: &mut crate::store::SequenceWriter<'_>,
    prompt_writer: &mut crate::store::SequenceWriter<'_>,
) -> Result<u64> {
    if batch.num_rows() == 0 {
        return Ok(0);
    }
    let event_batch = events.up_to(super::grouped::last_key(batch, 1), "cluster_id")?;
    let (mut fresh, mut prompts) = (Rows::default(), Prompts::default());
    let clusters = cluster_ids(batch)?;
    let event_clusters = cluster_ids(&event_batch)?;
    let (mut at, mut event_at, mut people) = (0, 0, 0);
    while let Some(cluster) = clusters.values().get(at).copied() {
        let end = at + clusters.values().get(at..).unwrap_or(&[]).partition_point(|c| *c <= cluster);
        let rest = event_clusters.values().get(event_at..).unwrap_or(&[]);
        let (from, to) =
            (event_at + rest.partition_point(|c| *c < cluster), event_at + rest.partition_point(|c| *c <= cluster));
        let golden_id = value(text_column(batch, "golden_id"), at).unwrap_or("").to_string();
        let held = golden_values(context, batch, at..end);
        let known: Vec<Event> = (from..to).filter_map(|row| event(&event_batch, row)).collect();
        judge(context, &golden_id, cluster, &held, &known, &mut fresh, &mut prompts);
        (at, event_at, people) = (end, to, people + 1);
    }
    fresh_writer.write(&fresh.batch()?)?;
    prompt_writer.write(&prompts.batch()?)?;
    context.progress.advanced(Stage::Freshness, people);
    Ok(people)
}

fn day(text: Option<&str>) -> Option<i32> {
    let date = text?.get(..10)?.parse::<NaiveDate>().ok()?;
    Some(day_number(date))
}

fn day_number(date: NaiveDate) -> i32 {
    chrono::Datelike::num_days_from_ce(&date) - 719_163
}

/// Winning values by field; a group stands under its own name with its latest part.
fn golden_values(context: &Context, batch: &RecordBatch, rows: std::ops::Range<usize>) -> BTreeMap<String, Held> {
    let winner = batch.column_by_name("winner").and_then(|c| c.as_any().downcast_ref::<BooleanArray>());
    let mut held: BTreeMap<String, Held> = BTreeMap::new();
    let groups = &context.rules.rules.survivorship.group;
    for row in rows {
        if !winner.is_some_and(|w| w.value(row)) {
            continue;
        }
        let Some(field) = value(text_column(batch, "field"), row) else { continue };
        let found = Held {
            value: value(text_column(batch, "value"), row).unwrap_or("").to_string(),
            updated: day(value(text_column(batch, "updated_at"), row)),
        };
        let mut names = vec![field.to_string()];
        names.extend(
            groups.iter().filter(|g| g.fields.iter().any(|f| f.get_ref() == field)).map(|g| g.name.get_ref().clone()),
        );
        if crate::match_view::ADDRESS_PARTS.contains(&field) {
            names.push("address".into());
        }
        for name in names {
            let entry = held.entry(name).or_insert_with(|| found.clone());
            entry.updated = entry.updated.max(found.updated);
        }
    }
    held
}

fn event(batch: &RecordBatch, row: usize) -> Option<Event> {
    let text = |name: &str| value(text_column(batch, name), row).map(String::from);
    Some(Event {
        kind: text("event_kind")?,
        day: day(text("event_at").as_deref())?,
        email: text("email"),
        phone: text("phone"),
    })
}

fn judge(
    context: &Context,
    golden_id: &str,
    cluster: i64,
    held: &BTreeMap<String, Held>,
    events: &[Event],
    fresh: &mut Rows,
    prompts: &mut Prompts,
) {
    let rules = &context.rules.rules.freshness;
    let as_of = day_number(context.options.as_of);
    let mut rank = 0;
    for age in &rules.field {
        let field = age.name.get_ref();
        let judged = held.get(field).map(|held| {
            let effects: Vec<(i32, Effect)> = events
                .iter()
                .flat_map(|event| {
                    let speaks =
                        rules.event.iter().filter(|e| e.kind.get_ref() == &event.kind && e.field.get_ref() == field);
                    speaks.filter(|_| about(field, event, &held.value)).map(|e| (event.day, e.effect))
                })
                .collect();
            let shelf = age.shelf_life_days.as_ref().map(|s| *s.get_ref());
            assess(held.updated, as_of, *age.half_life_days.get_ref(), shelf, &effects)
        });
        if let Some(found) = &judged {
            fresh.push(golden_id, cluster, field, found);
        }
        if let Some((question, reason)) = prompt(age, judged.as_ref()) {
            rank += 1;
            prompts.push(golden_id, rank, field, question, reason);
        }
    }
}

/// An event that names a contact is about that contact alone.
fn about(field: &str, event: &Event, value: &str) -> bool {
    let named = match field {
        "email" | "email_other" => event.email.as_deref(),
        "phone" | "phone_other" => event.phone.as_deref(),
        _ => None,
    };
    named.is_none_or(|n| n == value)
}

/// What to ask about a field that is missing or no longer to be relied on.
fn prompt<'a>(age: &'a FieldAge, found: Option<&Freshness>) -> Option<(&'a str, &'static str)> {
    let question = age.prompt.as_deref()?;
    match found {
        None => Some((question, "missing")),
        Some(f) if matches!(f.state, State::Stale | State::Unknown) => Some((question, f.reason)),
        Some(_) => None,
    }
}

impl Rows {
    fn push(&mut self, golden_id: &str, cluster: i64, field: &str, found: &Freshness) {
        self.golden_id.push(golden_id.into());
        self.cluster_id.push(cluster);
        self.field.push(field.into());
        self.state.push(found.state.as_str());
        // Three decimals say all there is to say.
        self.currentness.push((found.currentness * 1000.0).round() / 1000.0);
        self.reason.push(found.reason);
        let since = found.since_day.and_then(|d| NaiveDate::from_num_days_from_ce_opt(d + 719_163));
        self.since.push(since.map(|d| d.to_string()));
    }

    fn batch(self) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(self.golden_id)),
            Arc::new(Int64Array::from(self.cluster_id)),
            Arc::new(StringArray::from(self.field)),
            Arc::new(StringArray::from(self.state)),
            Arc::new(Float64Array::from(self.currentness)),
            Arc::new(StringArray::from(self.reason)),
            Arc::new(StringArray::from(self.since)),
        ];
        Ok(RecordBatch::try_new(tables::freshness(), columns)?)
    }
}

impl Prompts {
    fn push(&mut self, golden_id: &str, rank: i64, field: &str, question: &str, reason: &'static str) {
        self.golden_id.push(golden_id.into());
        self.rank.push(rank);
        self.field.push(field.into());
        self.question.push(question.into());
        self.reason.push(reason);
    }

    fn batch(self) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(self.golden_id)),
            Arc::new(Int64Array::from(self.rank)),
            Arc::new(StringArray::from(self.field)),
            Arc::new(StringArray::from(self.question)),
            Arc::new(StringArray::from(self.reason)),
        ];
        Ok(RecordBatch::try_new(tables::contact_prompts(), columns)?)
    }
}
