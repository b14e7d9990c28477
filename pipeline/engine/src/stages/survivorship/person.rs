//! One person at a time: all records, profiles and events of a cluster in, golden values with their
//! contests out. Pure computing on batches; never reads or writes a table.

use super::golden_ids::GoldenIds;
use super::members;
use super::pinned::Pins;
use super::rules::PersonRules;
use super::vendors::Offer;
use super::view::View;
use super::writer::{Built, GoldenRow, LineageRow};
use crate::error::Result;
use crate::ids::record_hash;
use arrow::array::RecordBatch;
use zlato_core::day::{self, Moment};
use zlato_core::rules::freshness::same_kind;

/// Whole clusters, with their profiles and events.
pub struct Chunk {
    pub members: RecordBatch,
    pub profiles: RecordBatch,
    pub events: RecordBatch,
    /// Events of others or of nobody that take something from this person, too.
    pub reached: RecordBatch,
}

/// Where a value comes from: a record, or a profile row.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    /// Row of the chunk; none for a profile.
    pub row: Option<usize>,
    pub source: &'a str,
    pub source_key: &'a str,
    pub record_id: i64,
    /// As the source says.
    pub updated_at: Option<&'a str>,
    /// None where that is no date, or one that has not come yet.
    pub updated: Option<Moment>,
    pub trust: f64,
    pub hash: u64,
}

pub(super) struct Event<'a> {
    pub kind: &'a str,
    pub at: Option<&'a str>,
    pub day: Option<i32>,
    amount: Option<f64>,
    pub email: Option<&'a str>,
    pub phone: Option<&'a str>,
    pub source: &'a str,
    pub key: &'a str,
}

const EVENT_COLUMNS: [&str; 7] = ["event_kind", "event_at", "amount", "email", "phone", "source", "source_key"];
const PROFILE_COLUMNS: [&str; 6] = ["field", "use", "value", "source", "updated_at", "source_key"];

/// A cluster with everything that is known about it.
pub(super) struct Person<'a> {
    pub rules: &'a PersonRules,
    pub members: &'a View<'a>,
    pub rows: Vec<Origin<'a>>,
    pub profiles: &'a View<'a>,
    pub profile_rows: std::ops::Range<usize>,
    pub events: Vec<Event<'a>>,
    /// They forbid and say that a contact is dead; they are not counted and permit nothing.
    pub reached: Vec<Event<'a>>,
}

/// Survivorship of every cluster of a chunk, in order.
pub fn survive(chunk: &Chunk, rules: &PersonRules, ids: &GoldenIds, pins: &Pins) -> Result<Built> {
    let members = View::all(&chunk.members)?;
    let profiles = View::named(&chunk.profiles, &PROFILE_COLUMNS)?;
    let events = View::named(&chunk.events, &EVENT_COLUMNS)?;
    let reached = View::named(&chunk.reached, &EVENT_COLUMNS)?;
    let names: Vec<&str> = rules.fields.iter().map(|f| f.name.as_str()).collect();
    let mut built = Built::new(rules);
    let mut lines = Vec::new();
    let (mut at, mut profile_at, mut event_at, mut reached_at) = (0, 0, 0, 0);
    while let Some(cluster) = members.cluster.values().get(at).copied() {
        let rows = members.rows_of(cluster, at);
        let profile_rows = profiles.rows_of(cluster, profile_at);
        let event_rows = events.rows_of(cluster, event_at);
        let reached_rows = reached.rows_of(cluster, reached_at);
        (at, profile_at, event_at, reached_at) = (rows.end, profile_rows.end, event_rows.end, reached_rows.end);
        built.rows += rows.len() as u64;
        let person = Person {
            rules,
            members: &members,
            rows: rows.map(|row| member(&members, row, rules)).collect(),
            profiles: &profiles,
            profile_rows,
            events: event_rows.map(|row| event(&events, row)).collect(),
            reached: reached_rows.map(|row| event(&reached, row)).collect(),
        };
        let mut golden = person.golden(cluster, ids);
        for unit in &rules.units {
            person.contest(unit, &mut golden, &mut lines);
        }
        pins.apply(person.rows.iter().map(|m| m.hash), &names, &mut golden, &mut lines);
        person.activity(&mut golden);
        person.permissions(&golden, &mut built.permissions);
        if !person.profile_rows.is_empty() {
            built.offers.count(&person.offers(), &lines);
        }
        built.lineage.extend(&golden, &lines);
        built.golden.push(&golden);
        lines.clear();
    }
    Ok(built)
}

fn member<'a>(view: &View<'a>, row: usize, rules: &PersonRules) -> Origin<'a> {
    let source = view.get(members::SOURCE, row).unwrap_or("");
    let source_key = view.get(members::SOURCE_KEY, row).unwrap_or("");
    let updated_at = view.get(members::UPDATED_AT, row);
    let updated = updated_at.and_then(|at| day::usable(at, rules.as_of));
    Origin {
        row: Some(row),
        source,
        source_key,
        record_id: view.record.value(row),
        updated_at,
        updated,
        trust: rules.trust(source, updated),
        hash: record_hash(source, source_key),
    }
}

fn event<'a>(view: &View<'a>, row: usize) -> Event<'a> {
    let [kind, at, amount, email, phone, source, key] = std::array::from_fn(|column| view.get(column, row));
    Event {
        kind: kind.unwrap_or(""),
        at,
        day: at.and_then(day::parse),
        amount: amount.and_then(|a| a.parse().ok()),
        email,
        phone,
        source: source.unwrap_or(""),
        key: key.unwrap_or(""),
    }
}

impl<'a> Person<'a> {
    /// The golden record before any field is decided.
    fn golden(&self, cluster: i64, ids: &GoldenIds) -> GoldenRow<'a> {
        let smallest = self.rows.iter().map(|m| m.hash).min().unwrap_or(0);
        let is_customer =
            |m: &Origin<'_>| m.row.and_then(|row| self.members.get(members::KIND, row)) == Some("customer");
        let mut sources: Vec<&str> = self.rows.iter().map(|m| m.source).collect();
        sources.sort_unstable();
        sources.dedup();
        GoldenRow {
            golden_id: ids.of(cluster, smallest),
            cluster_id: cluster,
            kind: if self.rows.iter().any(is_customer) { "customer" } else { "prospect" },
            records: self.rows.len() as i64,
            sources: sources.len() as i64,
            values: vec![None; self.rules.fields.len()],
            ..GoldenRow::default()
        }
    }

    /// Everything that profiles offer.
    fn offers(&self) -> Vec<Offer<'a>> {
        let text = |column: usize, row: usize| self.profiles.get(column, row).unwrap_or("");
        let offer = |row: usize| {
            let [field, mode, value, source] = std::array::from_fn(|column| text(column, row));
            Offer { source, field, mode, value }
        };
        self.profile_rows.clone().map(offer).collect()
    }

    /// What profiles may fill a field with.
    pub fn fills(&self, field: &str) -> impl Iterator<Item = (Origin<'a>, &'a str)> {
        let view = self.profiles;
        // As PROFILE_COLUMNS names them.
        let [name, mode, value, source, updated_at, source_key] = std::array::from_fn(|column| column);
        let fills = move |row: &usize| view.get(name, *row) == Some(field) && view.get(mode, *row) == Some("fill");
        self.profile_rows.clone().filter(fills).filter_map(move |row| {
            let source = view.get(source, row).unwrap_or("");
            let updated_at = view.get(updated_at, row);
            let updated = updated_at.and_then(|at| day::usable(at, self.rules.as_of));
            let record_id = view.record.value(row);
            let origin = Origin {
                row: None,
                source,
                source_key: view.get(source_key, row).unwrap_or(""),
                record_id,
                updated_at,
                updated,
                trust: self.rules.trust(source, updated),
                hash: record_id.unsigned_abs(),
            };
            Some((origin, view.get(value, row)?))
        })
    }

    /// What events up to the day of the run come to.
    fn activity(&self, golden: &mut GoldenRow<'a>) {
        for event in self.events.iter().filter(|e| e.day.is_none_or(|day| day::has_come(day, self.rules.as_of))) {
            if same_kind("purchase", event.kind) {
                golden.purchases += 1;
                golden.purchase_amount += event.amount.unwrap_or(0.0);
                golden.last_purchase = golden.last_purchase.max(event.at);
            } else if same_kind("complaint", event.kind) {
                golden.complaints += 1;
            }
            if !self.rules.kills(event.kind) {
                golden.last_activity = golden.last_activity.max(event.at);
            }
        }
    }
}

/// A line of `golden_fields` and where its value comes from.
impl<'a> LineageRow<'a> {
    pub(super) fn from(origin: &Origin<'a>, field: &'a str, value: &'a str) -> Self {
        Self {
            field,
            value,
            verdict: "",
            reason: None,
            winner: false,
            strategy: None,
            confidence: None,
            source: origin.source,
            source_key: origin.source_key,
            record_id: origin.record_id,
            updated_at: origin.updated_at.map(std::borrow::Cow::Borrowed),
            supporters: 1,
        }
    }
}
