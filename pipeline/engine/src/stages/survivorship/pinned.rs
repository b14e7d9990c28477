//! What stewards have pinned. Enter: the pins in force and a golden record that the sources have decided. Leaves: the
//! golden record with the pinned values, and their lines of lineage; the values that had won stay as losing ones.
//! Never here: choosing between values.

use super::super::columns::{text_column, value};
use super::golden_ids::GoldenIds;
use super::ledger::tells_apart;
use super::writer::{GoldenRow, LineageRow};
use crate::context::Context;
use crate::error::Result;
use crate::ids::record_hash;
use crate::store::read_some;
use crate::{pins, tables};
use arrow::array::AsArray;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use zlato_core::ledger::GoldenId;
use zlato_core::pin::Pin;

/// Source and strategy of a pinned value in `golden_fields`.
pub const STEWARD: &str = "steward";
pub const STRATEGY: &str = "pin";
/// The record of a value that no source has.
const NO_RECORD: i64 = -1;
/// Columns of `golden` beside its values that a pin may name.
const ADDRESS: &str = "address";
const ADDRESS_KEY: &str = "address_key";
const WITH_ADDRESS: [&str; 2] = [ADDRESS, ADDRESS_KEY];

/// The pins of a run, by golden id and by record.
#[derive(Default)]
pub struct Pins {
    pins: Vec<Pin>,
    by_id: HashMap<String, Vec<usize>>,
    /// Pins whose golden id no customer has tonight, by the hash of each record they name.
    by_record: HashMap<u64, Vec<usize>>,
    /// Of each pin, whether it decided anything.
    used: Vec<AtomicBool>,
}

impl Pins {
    /// Those in force on the day of the run.
    pub fn read(context: &Context, ids: &GoldenIds) -> Result<Self> {
        let mut all = Self::default();
        let pins = pins::read(&context.folder())?;
        all.pins = pins.into_iter().filter(|pin| pin.holds_on(context.options.as_of)).collect();
        let named: HashSet<GoldenId> = all.pins.iter().filter_map(|pin| GoldenId::parse(&pin.golden_id)).collect();
        let kept: HashSet<GoldenId> = ids.inherited().filter(|id| named.contains(id)).collect();
        let apart = if kept.len() < named.len() { told_apart(context, &all.pins)? } else { HashSet::new() };
        for (place, pin) in all.pins.iter().enumerate() {
            if GoldenId::parse(&pin.golden_id).is_some_and(|id| kept.contains(&id)) {
                all.by_id.entry(pin.golden_id.clone()).or_default().push(place);
                continue;
            }
            for record in &pin.records {
                let hash = record_hash(&record.source, &record.source_key);
                if !apart.contains(&(pin.golden_id.clone(), hash)) {
                    all.by_record.entry(hash).or_default().push(place);
                }
            }
        }
        all.used = all.pins.iter().map(|_| AtomicBool::new(false)).collect();
        Ok(all)
    }

    pub fn len(&self) -> usize {
        self.pins.len()
    }

    /// What a steward should know of pins that decided nothing; asked when all golden records are made. `fields`: names of
    /// golden values.
    pub fn warnings(&self, fields: &[&str]) -> Vec<String> {
        let golden = |pin: &Pin| WITH_ADDRESS.contains(&pin.field.as_str()) || fields.contains(&pin.field.as_str());
        let idle = self.pins.iter().zip(&self.used).filter(|(_, used)| !used.load(Ordering::Relaxed));
        let (idle, unknown): (Vec<&Pin>, Vec<&Pin>) = idle.map(|(pin, _)| pin).partition(|pin| golden(pin));
        let idle = idle.into_iter().filter(|pin| pin.field != ADDRESS_KEY).count();
        let named =
            |n: usize, one: &str, many: &str| if n == 1 { format!("1 pin {one}") } else { format!("{n} pins {many}") };
        let mut warnings = Vec::new();
        if idle > 0 {
            let is = named(idle, "is", "are");
            warnings.push(format!("{is} of a customer who is not in the sources; see `zlato pin`"));
        }
        if let Some(first) = unknown.first() {
            let is = named(unknown.len(), "is", "are");
            warnings.push(format!("{is} of a field that is not golden, such as `{}`; see `zlato pin`", first.field));
        }
        warnings
    }

    /// The pins of a customer, later decisions last; `records`: hashes of the customer's records.
    fn of(&self, golden_id: &str, records: impl Iterator<Item = u64>) -> Vec<(&Pin, &AtomicBool)> {
        if self.pins.is_empty() {
            return vec![];
        }
        let mut places: Vec<usize> = self.by_id.get(golden_id).into_iter().flatten().copied().collect();
        places.extend(records.filter_map(|hash| self.by_record.get(&hash)).flatten());
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| self.pins.get(place).zip(self.used.get(place))).collect()
    }

    /// Puts the pinned values into a golden record. `fields`: names of its values; `lines`: its lineage.
    pub fn apply<'a>(
        &'a self,
        records: impl Iterator<Item = u64>,
        fields: &[&str],
        golden: &mut GoldenRow<'a>,
        lines: &mut Vec<LineageRow<'a>>,
    ) {
        for (pin, used) in self.of(&golden.golden_id, records) {
            match pin.field.as_str() {
                ADDRESS => golden.address = pin.value.as_deref(),
                ADDRESS_KEY => golden.address_key = pin.value.as_deref(),
                _ => {}
            }
            if WITH_ADDRESS.contains(&pin.field.as_str()) || fields.contains(&pin.field.as_str()) {
                used.store(true, Ordering::Relaxed);
            }
            let Some(place) = fields.iter().position(|field| *field == pin.field) else { continue };
            if let Some(slot) = golden.values.get_mut(place) {
                *slot = pin.value.as_deref();
            }
            let mut held = None;
            for (number, line) in lines.iter_mut().enumerate() {
                if line.field == pin.field {
                    (line.winner, line.strategy, line.confidence) = (false, None, None);
                    if pin.value.as_deref() == Some(line.value) {
                        held = Some(number);
                    }
                }
            }
            match (held.and_then(|number| lines.get_mut(number)), &pin.value) {
                (Some(line), _) => (line.winner, line.strategy, line.confidence) = (true, Some(STRATEGY), Some(1.0)),
                (None, Some(value)) => lines.push(LineageRow {
                    field: &pin.field,
                    value,
                    verdict: "valid",
                    reason: Some("pinned"),
                    winner: true,
                    strategy: Some(STRATEGY),
                    confidence: Some(1.0),
                    source: STEWARD,
                    source_key: pin.steward.as_deref().unwrap_or_default(),
                    record_id: NO_RECORD,
                    updated_at: Some(Cow::Owned(pin.decided_on.to_string())),
                    supporters: 1,
                }),
                (None, None) => {}
            }
        }
    }
}

/// Golden ids of pins with the hashes of records that were told apart from them while they had a golden record. What a
/// steward said of a customer is not said of who is somebody else.
fn told_apart(context: &Context, pins: &[Pin]) -> Result<HashSet<(String, u64)>> {
    let mut found = HashSet::new();
    let Some(last) = context.last.as_ref().filter(|last| last.exists(tables::FORMER_KEYS)) else { return Ok(found) };
    if !tells_apart(last)? {
        return Ok(found);
    }
    let ids: HashSet<&str> = pins.iter().map(|pin| pin.golden_id.as_str()).collect();
    for part in last.parts(tables::FORMER_KEYS)? {
        for batch in read_some(&part, |_| true)? {
            context.cancel.check()?;
            let batch = batch?;
            let [id, source, key] = ["golden_id", "source", "source_key"].map(|name| text_column(&batch, name));
            let Some(apart) = batch.column_by_name("told_apart").and_then(|c| c.as_boolean_opt()) else { continue };
            for row in (0..batch.num_rows()).filter(|row| apart.value(*row)) {
                if let Some(id) = value(id, row).filter(|id| ids.contains(id)) {
                    let record = record_hash(value(source, row).unwrap_or(""), value(key, row).unwrap_or(""));
                    found.insert((id.to_string(), record));
                }
            }
        }
    }
    Ok(found)
}
