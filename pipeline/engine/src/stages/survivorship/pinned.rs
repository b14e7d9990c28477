//! What stewards have pinned. Enter: the pins in force and a golden record that the sources have decided. Leaves: the
//! golden record with the pinned values, and their lines of lineage; the values that had won stay as losing ones.
//! Never here: choosing between values.

use super::golden_ids::GoldenIds;
use super::writer::{GoldenRow, LineageRow};
use crate::context::Context;
use crate::error::Result;
use crate::ids::record_hash;
use crate::pins;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use zlato_core::ledger::GoldenId;
use zlato_core::pin::Pin;

/// Source and strategy of a pinned value in `golden_fields`.
pub const STEWARD: &str = "steward";
pub const STRATEGY: &str = "pin";
/// The record of a value that no source has.
const NO_RECORD: i64 = -1;

/// The pins of a run, by golden id and by record.
#[derive(Default)]
pub struct Pins {
    pins: Vec<Pin>,
    by_id: HashMap<String, Vec<usize>>,
    /// Pins whose golden id no customer has tonight, by the hash of each record they name.
    by_record: HashMap<u64, Vec<usize>>,
}

impl Pins {
    /// Those in force on the day of the run.
    pub fn read(context: &Context, ids: &GoldenIds) -> Result<Self> {
        let mut all = Self::default();
        let pins = pins::read(&context.folder())?;
        all.pins = pins.into_iter().filter(|pin| pin.holds_on(context.options.as_of)).collect();
        let named: HashSet<GoldenId> = all.pins.iter().filter_map(|pin| GoldenId::parse(&pin.golden_id)).collect();
        let kept: HashSet<GoldenId> = ids.inherited().filter(|id| named.contains(id)).collect();
        for (place, pin) in all.pins.iter().enumerate() {
            if GoldenId::parse(&pin.golden_id).is_some_and(|id| kept.contains(&id)) {
                all.by_id.entry(pin.golden_id.clone()).or_default().push(place);
                continue;
            }
            for record in &pin.records {
                all.by_record.entry(record_hash(&record.source, &record.source_key)).or_default().push(place);
            }
        }
        Ok(all)
    }

    pub fn len(&self) -> usize {
        self.pins.len()
    }

    /// The pins of a customer, later decisions last; `records`: hashes of the customer's records.
    fn of(&self, golden_id: &str, records: impl Iterator<Item = u64>) -> Vec<&Pin> {
        if self.pins.is_empty() {
            return vec![];
        }
        let mut places: Vec<usize> = self.by_id.get(golden_id).into_iter().flatten().copied().collect();
        places.extend(records.filter_map(|hash| self.by_record.get(&hash)).flatten());
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| self.pins.get(place)).collect()
    }

    /// Puts the pinned values into a golden record. `fields`: names of its values; `lines`: its lineage.
    pub fn apply<'a>(
        &'a self,
        records: impl Iterator<Item = u64>,
        fields: &[&str],
        golden: &mut GoldenRow<'a>,
        lines: &mut Vec<LineageRow<'a>>,
    ) {
        for pin in self.of(&golden.golden_id, records) {
            match pin.field.as_str() {
                "address" => golden.address = pin.value.as_deref(),
                "address_key" => golden.address_key = pin.value.as_deref(),
                _ => {}
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
