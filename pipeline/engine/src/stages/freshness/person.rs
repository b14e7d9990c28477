//! One golden record at a time: its values, events, permissions and profiles in, the rows of all three tables out.
//! Pure computing on batches; never reads or writes a table.

use super::super::columns::{integers, text_column, value};
use super::attributes::Attributes;
use super::plan::{Age, Plan};
use super::prompts::Prompts;
use super::states::States;
use crate::error::Result;
use arrow::array::{Array, BooleanArray, Int64Array, RecordBatch, StringArray};
use std::ops::Range;
use zlato_core::day;
use zlato_core::freshness::{Freshness, assess, is_about};
use zlato_core::matching::hygiene::USED_BY_MANY;
use zlato_core::permission::channel;
use zlato_core::prompts::{Channels, Known, Standing};
use zlato_core::rules::freshness::{Effect, same_kind};

/// Golden records with all that is read about them.
pub struct Chunk {
    pub golden: RecordBatch,
    pub fields: RecordBatch,
    pub events: RecordBatch,
    /// Events of others or of nobody that take something from the golden record, too.
    pub reached: RecordBatch,
    pub permissions: RecordBatch,
    pub profiles: RecordBatch,
}

/// Rows of `freshness`, `contact_prompts` and `attributes`.
pub struct Judged {
    pub people: u64,
    pub tables: [RecordBatch; 3],
}

/// The golden value of a field; of a group that of its first field, with the day of its latest one.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    pub value: &'a str,
    pub reason: Option<&'a str>,
    pub source: &'a str,
    pub record_id: Option<i64>,
    pub updated_at: Option<&'a str>,
    /// The day of it, where it can be used.
    pub updated: Option<i32>,
}

pub struct Event<'a> {
    pub kind: &'a str,
    pub day: Option<i32>,
    pub amount: Option<f64>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
}

/// A value that a profile may only suggest.
pub struct Suggestion<'a> {
    pub field: &'a str,
    pub value: &'a str,
    pub source: &'a str,
    pub record_id: Option<i64>,
    pub updated_at: Option<&'a str>,
}

/// A golden record with what its fields hold, by their places in [`Plan::names`].
pub struct Person<'a> {
    pub golden_id: &'a str,
    pub cluster: i64,
    pub kind: &'a str,
    pub address: Option<&'a str>,
    pub held: Vec<Option<Held<'a>>>,
    /// Of fields that age and have a value.
    pub judged: Vec<Option<Freshness>>,
    pub events: Vec<Event<'a>>,
    /// They say that a contact is dead; they are not counted and confirm nothing.
    pub reached: Vec<Event<'a>>,
    pub suggestions: Vec<Suggestion<'a>>,
}

pub fn judge(chunk: &Chunk, plan: &Plan) -> Result<Judged> {
    let clusters = integers(&chunk.golden, "cluster_id")?;
    let ids = text_column(&chunk.golden, "golden_id");
    let kinds = text_column(&chunk.golden, "kind");
    let addresses = text_column(&chunk.golden, "address");
    let keys = text_column(&chunk.golden, "address_key");
    let mut fields = Fields::new(&chunk.fields)?;
    let mut events = Events::new(&chunk.events)?;
    let mut reached = Events::new(&chunk.reached)?;
    let mut permissions = Permissions::new(&chunk.permissions)?;
    let mut profiles = Profiles::new(&chunk.profiles)?;
    let (mut states, mut prompts, mut attributes) = (States::default(), Prompts::default(), Attributes::new(plan));
    for (row, cluster) in clusters.values().iter().copied().enumerate() {
        let mut held = vec![None; plan.names.len()];
        fields.fill(cluster, plan, &mut held);
        let mut person = Person {
            golden_id: value(ids, row).unwrap_or(""),
            cluster,
            kind: value(kinds, row).unwrap_or(""),
            address: value(addresses, row),
            held,
            judged: vec![None; plan.names.len()],
            events: events.of(cluster),
            reached: reached.of(cluster),
            suggestions: profiles.of(cluster),
        };
        for age in &plan.ages {
            let judged = person.assess(age, plan);
            if let (Some(found), Some(slot)) = (judged, person.judged.get_mut(age.field)) {
                *slot = Some(found);
                states.push(&person, plan.names.get(age.field).map_or("", String::as_str), &found);
            }
        }
        let (permitted, open) = permissions.of(cluster, plan.prompts.purpose());
        // Half an address is none to write to, and worth asking for.
        let known = |place: usize| person.known(place, place == plan.address && value(keys, row).is_none());
        let mut works = Channels::default();
        plan.contacts.iter().filter(|(_, place)| known(*place).works()).for_each(|(channel, _)| works.insert(*channel));
        let asked: Vec<Known> = plan.asked.iter().map(|place| known(*place)).collect();
        let standing = Standing { customer: person.kind == "customer", permitted, open, works };
        for prompt in plan.prompts.ask(&asked, standing) {
            prompts.push(&person, &prompt);
        }
        attributes.push(&person, plan);
    }
    Ok(Judged { people: clusters.len() as u64, tables: [states.batch()?, prompts.batch()?, attributes.batch()?] })
}

impl Person<'_> {
    fn assess(&self, age: &Age, plan: &Plan) -> Option<Freshness> {
        let held = self.held.get(age.field)?.as_ref()?;
        let field = plan.names.get(age.field)?;
        let own = self.events.iter().map(|event| (event, true));
        let effects: Vec<(i32, Effect)> = own
            .chain(self.reached.iter().map(|event| (event, false)))
            .filter(|(event, _)| is_about(field, held.value, event.email, event.phone))
            .filter_map(|(event, is_own)| Some((event.day?, event, is_own)))
            .flat_map(|(day, event, is_own)| {
                let of_kind = age.effects.iter().filter(|(kind, _)| same_kind(kind, event.kind));
                let told = of_kind.filter(move |(_, effect)| is_own || *effect == Effect::Invalidate);
                told.map(move |(_, effect)| (day, *effect))
            })
            .collect();
        Some(assess(held.updated, plan.as_of, age.half_life, age.shelf_life, &effects))
    }

    fn known(&self, place: usize, incomplete: bool) -> Known {
        match self.held.get(place).copied().flatten() {
            None => Known::Missing,
            Some(_) if incomplete => Known::Missing,
            Some(held) if held.reason == Some(USED_BY_MANY) => Known::NotTheirs,
            Some(_) => Known::Held(self.judged.get(place).copied().flatten()),
        }
    }
}

/// Rows of one cluster after another.
struct Clusters<'a> {
    ids: &'a [i64],
    at: usize,
}

impl<'a> Clusters<'a> {
    fn new(batch: &'a RecordBatch) -> Result<Self> {
        Ok(Self { ids: integers(batch, "cluster_id")?.values(), at: 0 })
    }

    /// Its rows; clusters are asked for in ascending order.
    fn of(&mut self, cluster: i64) -> Range<usize> {
        // Nearly every cluster that has rows is asked for: they stand next.
        let rest = self.ids.get(self.at..).unwrap_or(&[]);
        let from = self.at + rest.iter().take_while(|id| **id < cluster).count();
        let rest = self.ids.get(from..).unwrap_or(&[]);
        self.at = from + rest.iter().take_while(|id| **id == cluster).count();
        from..self.at
    }
}

fn flags<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a BooleanArray> {
    batch.column_by_name(name).and_then(|c| c.as_any().downcast_ref())
}

fn number(column: Option<&Int64Array>, row: usize) -> Option<i64> {
    column.filter(|c| row < c.len() && c.is_valid(row)).map(|c| c.value(row))
}

struct Fields<'a> {
    clusters: Clusters<'a>,
    field: Option<&'a StringArray>,
    value: Option<&'a StringArray>,
    reason: Option<&'a StringArray>,
    winner: Option<&'a BooleanArray>,
    source: Option<&'a StringArray>,
    record: Option<&'a Int64Array>,
    updated_at: Option<&'a StringArray>,
}

impl<'a> Fields<'a> {
    fn new(batch: &'a RecordBatch) -> Result<Self> {
        let text = |name| text_column(batch, name);
        Ok(Self {
            clusters: Clusters::new(batch)?,
            field: text("field"),
            value: text("value"),
            reason: text("reason"),
            winner: flags(batch, "winner"),
            source: text("source"),
            record: integers(batch, "record_id").ok(),
            updated_at: text("updated_at"),
        })
    }

    fn fill(&mut self, cluster: i64, plan: &Plan, held: &mut [Option<Held<'a>>]) {
        for row in self.clusters.of(cluster) {
            if !self.winner.is_some_and(|w| row < w.len() && w.value(row)) {
                continue;
            }
            let Some(places) = value(self.field, row).and_then(|field| plan.stands_for.get(field)) else { continue };
            let updated_at = value(self.updated_at, row);
            let found = Held {
                value: value(self.value, row).unwrap_or(""),
                reason: value(self.reason, row),
                source: value(self.source, row).unwrap_or(""),
                record_id: number(self.record, row),
                updated_at,
                updated: updated_at.and_then(|at| day::usable(at, plan.as_of)).map(|at| at.day),
            };
            for place in places {
                let Some(slot) = held.get_mut(*place) else { continue };
                let slot = slot.get_or_insert(found);
                slot.updated = slot.updated.max(found.updated);
            }
        }
    }
}

struct Events<'a> {
    clusters: Clusters<'a>,
    kind: Option<&'a StringArray>,
    at: Option<&'a StringArray>,
    amount: Option<&'a StringArray>,
    email: Option<&'a StringArray>,
    phone: Option<&'a StringArray>,
}

impl<'a> Events<'a> {
    fn new(batch: &'a RecordBatch) -> Result<Self> {
        let text = |name| text_column(batch, name);
        Ok(Self {
            clusters: Clusters::new(batch)?,
            kind: text("event_kind"),
            at: text("event_at"),
            amount: text("amount"),
            email: text("email"),
            phone: text("phone"),
        })
    }

    fn of(&mut self, cluster: i64) -> Vec<Event<'a>> {
        let event = |row: usize| {
            Some(Event {
                kind: value(self.kind, row)?,
                day: value(self.at, row).and_then(day::parse),
                amount: value(self.amount, row).and_then(|amount| amount.parse().ok()),
                email: value(self.email, row),
                phone: value(self.phone, row),
            })
        };
        self.clusters.of(cluster).filter_map(event).collect()
    }
}

struct Permissions<'a> {
    clusters: Clusters<'a>,
    channel: Option<&'a StringArray>,
    purpose: Option<&'a StringArray>,
    reason: Option<&'a StringArray>,
    allowed: Option<&'a BooleanArray>,
}

impl<'a> Permissions<'a> {
    fn new(batch: &'a RecordBatch) -> Result<Self> {
        let text = |name| text_column(batch, name);
        Ok(Self {
            clusters: Clusters::new(batch)?,
            channel: text("channel"),
            purpose: text("purpose"),
            reason: text("reason"),
            allowed: flags(batch, "allowed"),
        })
    }

    /// Channels that are permitted for the purpose (none: no channel), and those that the suppression list leaves open
    /// for it (none: for any purpose).
    fn of(&mut self, cluster: i64, purpose: Option<&str>) -> (Channels, Channels) {
        let (mut permitted, mut open) = (Channels::default(), Channels::default());
        for row in self.clusters.of(cluster) {
            let Some(channel) = value(self.channel, row).and_then(channel) else { continue };
            let asking = purpose.is_some() && value(self.purpose, row) == purpose;
            if asking && self.allowed.is_some_and(|a| row < a.len() && a.value(row)) {
                permitted.insert(channel);
            }
            if (asking || purpose.is_none()) && value(self.reason, row) != Some("suppressed") {
                open.insert(channel);
            }
        }
        (permitted, open)
    }
}

struct Profiles<'a> {
    clusters: Clusters<'a>,
    field: Option<&'a StringArray>,
    value: Option<&'a StringArray>,
    source: Option<&'a StringArray>,
    mode: Option<&'a StringArray>,
    updated_at: Option<&'a StringArray>,
    record: Option<&'a Int64Array>,
}

impl<'a> Profiles<'a> {
    fn new(batch: &'a RecordBatch) -> Result<Self> {
        let text = |name| text_column(batch, name);
        Ok(Self {
            clusters: Clusters::new(batch)?,
            field: text("field"),
            value: text("value"),
            source: text("source"),
            mode: text("use"),
            updated_at: text("updated_at"),
            record: integers(batch, "record_id").ok(),
        })
    }

    fn of(&mut self, cluster: i64) -> Vec<Suggestion<'a>> {
        let suggestion = |row: usize| {
            Some(Suggestion {
                field: value(self.field, row).filter(|_| value(self.mode, row) == Some("suggest"))?,
                value: value(self.value, row)?,
                source: value(self.source, row).unwrap_or(""),
                record_id: number(self.record, row),
                updated_at: value(self.updated_at, row),
            })
        };
        self.clusters.of(cluster).filter_map(suggestion).collect()
    }
}
