//! Rows of `attributes`: the view of a customer in groups. Enter: golden records with values, events and suggestions.
//! Leaves: a batch. Never here: a value that its group's shelf life withholds.

use super::person::{Person, Suggestion};
use super::plan::{Group, Member, Plan};
use crate::error::Result;
use crate::tables;
use arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringBuilder};
use std::sync::Arc;
use zlato_core::attributes::{Figures, Happening, offer};
use zlato_core::day;
use zlato_core::freshness::State;
use zlato_core::rules::freshness::same_kind;
use zlato_core::survivorship::FILLED;

#[derive(Default)]
pub struct Attributes {
    golden_id: StringBuilder,
    cluster_id: Int64Builder,
    kind: StringBuilder,
    group: StringBuilder,
    field: StringBuilder,
    value: StringBuilder,
    origin: StringBuilder,
    source: StringBuilder,
    record_id: Int64Builder,
    updated_at: StringBuilder,
    until: StringBuilder,
    state: StringBuilder,
    /// Days that count as recent, each once.
    recent: Vec<u32>,
}

/// A line, but for whose it is.
#[derive(Default)]
struct Line<'a> {
    value: Option<&'a str>,
    origin: &'static str,
    source: Option<&'a str>,
    record_id: Option<i64>,
    updated_at: Option<&'a str>,
    until: Option<String>,
    state: Option<&'static str>,
}

impl Attributes {
    pub fn new(plan: &Plan) -> Self {
        let figures = |g: &&Group| g.members.iter().any(|m| matches!(m, Member::Figure(_)));
        let mut recent: Vec<u32> = plan.groups.iter().filter(figures).map(|g| g.recent).collect();
        recent.sort_unstable();
        recent.dedup();
        Self { recent, ..Self::default() }
    }

    pub fn push(&mut self, person: &Person<'_>, plan: &Plan) {
        let figures: Vec<(u32, Figures)> = if person.events.is_empty() {
            vec![]
        } else {
            self.recent.iter().map(|recent| (*recent, figures(person, plan, *recent))).collect()
        };
        for group in &plan.groups {
            let counted = figures.iter().find(|(recent, _)| *recent == group.recent).map(|(_, figures)| figures);
            for member in &group.members {
                match member {
                    Member::Figure(name) => {
                        if let Some(text) = counted.and_then(|figures| figures.text(name)) {
                            let line = Line { value: Some(&text), origin: "counted", ..Line::default() };
                            self.line(person, group, name, line);
                        }
                    }
                    Member::Field(place) => {
                        let name = plan.names.get(*place).map_or("", String::as_str);
                        if let Some(line) = held(person, plan, group, *place, name) {
                            self.line(person, group, name, line);
                        }
                    }
                }
            }
        }
    }

    fn line(&mut self, person: &Person<'_>, group: &Group, field: &str, line: Line<'_>) {
        self.golden_id.append_value(person.golden_id);
        self.cluster_id.append_value(person.cluster);
        self.kind.append_value(person.kind);
        self.group.append_value(&group.name);
        self.field.append_value(field);
        self.value.append_option(line.value);
        self.origin.append_value(line.origin);
        self.source.append_option(line.source);
        self.record_id.append_option(line.record_id);
        self.updated_at.append_option(line.updated_at);
        self.until.append_option(line.until);
        self.state.append_option(line.state);
    }

    pub fn batch(mut self) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.golden_id.finish()),
            Arc::new(self.cluster_id.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.group.finish()),
            Arc::new(self.field.finish()),
            Arc::new(self.value.finish()),
            Arc::new(self.origin.finish()),
            Arc::new(self.source.finish()),
            Arc::new(self.record_id.finish()),
            Arc::new(self.updated_at.finish()),
            Arc::new(self.until.finish()),
            Arc::new(self.state.finish()),
        ];
        Ok(RecordBatch::try_new(tables::attributes(), columns)?)
    }
}

fn figures(person: &Person<'_>, plan: &Plan, recent: u32) -> Figures {
    let happenings = person.events.iter().map(|event| Happening {
        kind: event.kind,
        day: event.day,
        amount: event.amount,
        bad_news: plan.bad_news.iter().any(|kind| same_kind(kind, event.kind)),
    });
    Figures::count(happenings, plan.as_of, recent)
}

/// The golden value, or else the latest suggestion; none where there is neither.
fn held<'a>(person: &Person<'a>, plan: &'a Plan, group: &Group, place: usize, name: &str) -> Option<Line<'a>> {
    let line = |value: Option<&'a str>, origin, source, record_id, updated_at, aged, seen| {
        let offer = offer(aged, seen, plan.as_of, group.shelf_life);
        Line {
            value: value.filter(|_| offer.offered),
            origin,
            source: Some(source),
            record_id,
            updated_at,
            until: offer.until.and_then(day::text),
            state: offer.state,
        }
    };
    if let Some(held) = person.held.get(place).copied().flatten() {
        let value = if place == plan.address { person.address } else { Some(held.value) };
        let origin = if held.reason == Some(FILLED) { "filled" } else { "told" };
        let judged = person.judged.get(place).copied().flatten();
        // A confirmation counts as the day on which the value was seen; the day of its death does not.
        let seen =
            judged.filter(|j| j.state != State::Stale || j.reason == "past_shelf_life").and_then(|j| j.since_day);
        let collected = plan.collected.get(held.source).and_then(|c| day::parse(c)).filter(|_| origin == "filled");
        let seen = seen.or(held.updated).or(collected);
        let aged = judged.map(|j| j.state);
        return Some(line(value, origin, held.source, held.record_id, held.updated_at, aged, seen));
    }
    let usable = |at: &&str| day::usable(at, plan.as_of).is_some();
    let dated =
        |s: &Suggestion<'a>| s.updated_at.filter(usable).or_else(|| plan.collected.get(s.source).map(String::as_str));
    let of_field = person.suggestions.iter().filter(|s| s.field == name);
    // Of equally old ones the first of the table, which is ordered.
    let best = of_field.rev().max_by_key(|s| dated(s).and_then(day::moment))?;
    let day = dated(best).and_then(day::parse);
    Some(line(Some(best.value), "suggested", best.source, best.record_id, dated(best), None, day))
}
