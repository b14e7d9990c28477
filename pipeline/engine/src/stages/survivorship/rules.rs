//! The rules of survivorship, prepared for one person after the other. Enter: the rules of a run. Leave: golden fields,
//! the units that survive together, and who is trusted how much on which day. Never here: a record.

use super::members;
use crate::context::Context;
use crate::error::Result;
use crate::match_view::{self, ADDRESS_PARTS, NAME_PARTS, suffixes};
use std::collections::HashMap;
use std::sync::Arc;
use zlato_core::day::{self, Moment};
use zlato_core::permission::Policy;
use zlato_core::rules::freshness::{Effect, EventEffect, same_kind};
use zlato_core::rules::known::CHANNELS;
use zlato_core::rules::survivorship::{Strategy, Survivorship};
use zlato_core::suppression::List;
use zlato_core::survivorship::decay;

/// A golden field and where its value, verdict and reason come from.
#[derive(Debug, Clone)]
pub struct GoldenField {
    pub name: String,
    pub raw_column: Option<String>,
    pub verdict_column: String,
    pub reason_column: String,
}

/// Fields that survive together (or one field alone), with their chain.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Places in [`PersonRules::fields`].
    pub fields: Vec<usize>,
    pub chain: Vec<Strategy>,
    /// Whether one verdict is about all of them, as about an address, and one event about all or none.
    pub as_one: bool,
    /// What events say of its values: of each field, or of the unit as one.
    pub events: Vec<Vec<EventEffect>>,
    /// Whether the address, the surname travel with its winner.
    pub is_address: bool,
    pub has_surname: bool,
}

/// Where a permission is read from among the members' columns.
#[derive(Debug, Clone, Copy)]
pub struct ChoiceColumn {
    pub word: usize,
    pub dated: Dated,
}

/// Which day a choice is of.
#[derive(Debug, Clone, Copy)]
pub enum Dated {
    /// The day on which the record was changed.
    ByRecord,
    /// The day in a column.
    By(usize),
    /// None: the rules name a column that no source maps.
    Never,
}

/// The rules of survivorship, prepared.
pub struct PersonRules {
    pub fields: Vec<GoldenField>,
    /// Mapped columns that only speak of permissions.
    pub opt_ins: Vec<String>,
    /// Who may be reached.
    pub policy: Policy,
    /// For each column of the policy its place; none where no source maps it.
    pub choices: Vec<Option<ChoiceColumn>>,
    pub suppression: Arc<List>,
    pub units: Vec<Unit>,
    trust: HashMap<String, f64>,
    half_life: Option<u32>,
    effects: Vec<EventEffect>,
    pub as_of: i32,
}

impl PersonRules {
    pub fn new(context: &Context) -> Result<Self> {
        let rules = &context.rules.rules;
        let mapped = rules.mapped_fields();
        let names = match_view::golden_fields(rules);
        let fields: Vec<GoldenField> = names
            .into_iter()
            .map(|name| {
                let own = rules.field_kind(&name).is_some_and(|k| !suffixes(k).is_empty());
                let base = if own {
                    name.clone()
                } else if NAME_PARTS.contains(&name.as_str()) {
                    "name".into()
                } else {
                    "address".into()
                };
                GoldenField {
                    raw_column: own.then(|| format!("{name}_raw")),
                    verdict_column: format!("{base}_verdict"),
                    reason_column: format!("{base}_reason"),
                    name,
                }
            })
            .collect();
        let opt_ins = mapped.iter().filter(|(name, _)| name.starts_with("opt_in_")).map(|(name, _)| name.clone());
        let trust = rules.sources.source.iter().map(|s| (s.name.get_ref().clone(), *s.trust.get_ref()));
        let opt_ins: Vec<String> = opt_ins.collect();
        let policy = Policy::new(rules);
        let columns = members::schema(&fields, &opt_ins);
        let place = |name: &str| columns.index_of(name).ok();
        let choices = policy.columns().iter().map(|column| {
            let by = |name: &str| place(name).map_or(Dated::Never, Dated::By);
            let dated = column.dated_by.as_deref().map_or(Dated::ByRecord, by);
            Some(ChoiceColumn { word: place(&column.name)?, dated })
        });
        Ok(Self {
            choices: choices.collect(),
            opt_ins,
            policy,
            suppression: context.inputs.suppression.clone(),
            units: units(&fields, &rules.survivorship, &rules.freshness.event),
            fields,
            trust: trust.collect(),
            half_life: rules.survivorship.trust_half_life_days.as_ref().map(|h| *h.get_ref()),
            effects: rules.freshness.event.clone(),
            as_of: day::number(context.options.as_of),
        })
    }

    /// Most lines of any table that come of one record: of a field its own value and one that a profile fills, or a
    /// permission for every channel and purpose.
    pub fn lines_per_record(&self) -> usize {
        (2 * self.fields.len()).max(CHANNELS.len() * self.policy.purposes().count())
    }

    /// Whether an event of this kind says that something is dead.
    pub fn kills(&self, kind: &str) -> bool {
        self.effects.iter().any(|e| e.effect == Effect::Invalidate && same_kind(e.kind.get_ref(), kind))
    }

    /// Trust in a row of a source that was last changed then. A row without a usable date keeps its trust.
    pub fn trust(&self, source: &str, updated: Option<Moment>) -> f64 {
        let trust = self.trust.get(source).copied().unwrap_or(0.5);
        updated.map_or(trust, |at| decay(trust, self.as_of - at.day, self.half_life))
    }
}

/// Groups first, then every other field alone. Address parts belong together even without a rule.
fn units(fields: &[GoldenField], rules: &Survivorship, events: &[EventEffect]) -> Vec<Unit> {
    let place = |name: &str| fields.iter().position(|f| f.name == name);
    let verdict = |name: &str| place(name).and_then(|p| fields.get(p)).map(|f| f.verdict_column.clone());
    let unit = |places: Vec<usize>, chain: &[Strategy], names: &[String], group: &str| {
        let own = || places.iter().filter_map(|p| fields.get(*p));
        let as_one = own().all(|f| own().next().is_some_and(|first| first.verdict_column == f.verdict_column));
        // A field is also meant by the name of its group, and by those of fields that are judged with it.
        let about = |field: &GoldenField, named: &str| {
            named == group || verdict(named).unwrap_or_else(|| format!("{named}_verdict")) == field.verdict_column
        };
        let told = |speaks: &dyn Fn(&str) -> bool| -> Vec<EventEffect> {
            let effects = events.iter().filter(|e| matches!(e.effect, Effect::Invalidate | Effect::Confirm));
            let told: Vec<EventEffect> = effects.filter(|e| speaks(e.field.get_ref())).cloned().collect();
            // Nothing can be dead that nothing kills.
            if told.iter().any(|e| e.effect == Effect::Invalidate) { told } else { vec![] }
        };
        let has = |name: &str| own().any(|f| f.name == name);
        Unit {
            events: match as_one {
                true => vec![told(&|named| named == group || names.iter().any(|n| n == named))],
                false => own().map(|field| told(&|named| about(field, named))).collect(),
            },
            as_one,
            is_address: has("locality") || has("street"),
            has_surname: has("family_name"),
            fields: places,
            chain: chain.to_vec(),
        }
    };
    let mut units: Vec<Unit> = Vec::new();
    for group in &rules.group {
        let names: Vec<String> = group.fields.iter().map(|f| f.get_ref().clone()).collect();
        let places: Vec<usize> = names.iter().filter_map(|n| place(n)).collect();
        if !places.is_empty() {
            units.push(unit(places, group.strategy.get_ref(), &names, group.name.get_ref()));
        }
    }
    let grouped = |units: &[Unit], place: usize| units.iter().any(|u| u.fields.contains(&place));
    let address: Vec<usize> = ADDRESS_PARTS.iter().filter_map(|p| place(p)).filter(|p| !grouped(&units, *p)).collect();
    if !address.is_empty() {
        units.push(unit(address, &rules.default, &ADDRESS_PARTS.map(String::from), "address"));
    }
    for (at, field) in fields.iter().enumerate() {
        if !grouped(&units, at) {
            let own = rules.field.iter().find(|r| *r.name.get_ref() == field.name);
            let chain = own.map_or(&rules.default, |r| r.strategy.get_ref());
            units.push(unit(vec![at], chain, std::slice::from_ref(&field.name), ""));
        }
    }
    units
}
