//! Who may enter segmentation, for each purpose. Enter: `golden`, `freshness`, `permissions`. Leaves:
//! `segmentation_ready`. Never here: deciding a permission; a prospect among customers. Memory: 29 bytes a golden record,
//! and one more for each purpose.

use super::measure::{Counted, words};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ids::parse;
use crate::stages::columns::{Coded, integers, text_column, value};
use crate::stages::grouped::OrderedRows;
use crate::stages::parts::{finish, parallel};
use crate::store::{BATCH_ROWS, PART_ROWS, Store, TableWriter, read_coded};
use crate::tables;
use arrow::array::{ArrayRef, AsArray, BooleanBuilder, RecordBatch, StringBuilder};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use zlato_core::ledger::GoldenId;

/// The purpose that permissions are for where no rule names one (W3C Data Privacy Vocabulary).
const DEFAULT_PURPOSE: &str = "dpv:DirectMarketing";

/// Contacts that can be current, and the bits of those that are.
const CONTACTS: [&str; 3] = ["email", "phone", "address"];
/// Channels, each with the place of the contact that it needs.
const CHANNELS: [(&str, usize); 4] = [("email", 0), ("phone", 1), ("sms", 1), ("post", 2)];
/// Any channel is permitted, even one that needs no contact; the bits below are those of [`CHANNELS`].
const ANY: u8 = 1 << CHANNELS.len();

/// Golden records, with what is known of each by its place.
struct People {
    /// Cluster, id, and whether it is a customer; by cluster.
    known: Vec<(i64, GoldenId, bool)>,
    purposes: Vec<String>,
    /// Contacts that are fresh or ageing.
    current: Vec<AtomicU8>,
    /// For every purpose the channels that are permitted.
    permitted: Vec<AtomicU8>,
}

impl People {
    fn read(store: &Store, purposes: Vec<String>) -> Result<Self> {
        let mut known = Vec::new();
        let mut rows = OrderedRows::open_columns(store, tables::GOLDEN, &["golden_id", "cluster_id", "kind"])?;
        while let Some(batch) = rows.next_batch()? {
            let (ids, kinds) = (text_column(&batch, "golden_id"), text_column(&batch, "kind"));
            for (row, cluster) in integers(&batch, "cluster_id")?.values().iter().enumerate() {
                known.push((*cluster, parse(value(ids, row))?, value(kinds, row) == Some("customer")));
            }
        }
        known.sort_unstable();
        let none = |n: usize| (0..n).map(|_| AtomicU8::new(0)).collect();
        Ok(Self { current: none(known.len()), permitted: none(known.len() * purposes.len()), known, purposes })
    }

    /// The place of a cluster; parts hold clusters in order, so it is mostly that of the row before or the next one.
    fn place(&self, cluster: i64, near: usize) -> Option<usize> {
        let at = |place: usize| self.known.get(place).is_some_and(|(known, ..)| *known == cluster);
        let search = || self.known.binary_search_by_key(&cluster, |(known, ..)| *known).ok();
        if at(near) { Some(near) } else { Some(near + 1).filter(|next| at(*next)).or_else(search) }
    }

    /// Notes the contacts of a part of `freshness` that are current.
    fn note_current(&self, part: &Path) -> Result<()> {
        for batch in read_coded(part, &["cluster_id", "field", "state"])? {
            let batch = batch?;
            let field = Coded::new(&batch, "field", |text| CONTACTS.iter().position(|contact| *contact == text))?;
            let state = Coded::new(&batch, "state", |text| matches!(text, "fresh" | "ageing"))?;
            let mut near = 0;
            for (row, cluster) in integers(&batch, "cluster_id")?.values().iter().enumerate() {
                let (Some(Some(field)), Some(true)) = (field.get(row), state.get(row)) else { continue };
                let Some(place) = self.place(*cluster, near) else { continue };
                near = place;
                if let Some(bits) = self.current.get(place) {
                    bits.fetch_or(1 << field, Ordering::Relaxed);
                }
            }
        }
        Ok(())
    }

    /// Notes what a part of `permissions` permits.
    fn note_permitted(&self, part: &Path) -> Result<()> {
        for batch in read_coded(part, &["cluster_id", "channel", "purpose", "allowed"])? {
            let batch = batch?;
            let bit =
                |text: &str| CHANNELS.iter().position(|(channel, _)| *channel == text).map_or(0, |place| 1 << place);
            let channel = Coded::new(&batch, "channel", bit)?;
            let purpose = Coded::new(&batch, "purpose", |text| self.purposes.iter().position(|known| known == text))?;
            let allowed = batch.column_by_name("allowed").and_then(|c| c.as_boolean_opt());
            let allowed = allowed.ok_or_else(|| Error::Internal("permissions without an answer".into()))?;
            let mut near = 0;
            let rows = integers(&batch, "cluster_id")?.values().iter().zip(allowed).enumerate();
            for (row, (cluster, _)) in rows.filter(|(_, (_, allowed))| *allowed == Some(true)) {
                let (Some(channel), Some(Some(purpose))) = (channel.get(row), purpose.get(row)) else { continue };
                let Some(place) = self.place(*cluster, near) else { continue };
                near = place;
                if let Some(bits) = self.permitted.get(place * self.purposes.len() + purpose) {
                    bits.fetch_or(ANY | channel, Ordering::Relaxed);
                }
            }
        }
        Ok(())
    }

    /// Places by golden id.
    fn in_order(&self) -> Vec<u32> {
        let mut places: Vec<u32> = (0u32..).take(self.known.len()).collect();
        places.sort_unstable_by_key(|place| self.known.get(*place as usize).map(|(cluster, id, _)| (*id, *cluster)));
        places
    }

    /// Rows of the table; each golden record has one for every purpose.
    fn rows(&self, order: &[u32], rows: Range<usize>) -> Result<RecordBatch> {
        let (mut ids, mut kinds, mut purposes) = (StringBuilder::new(), StringBuilder::new(), StringBuilder::new());
        let (mut ready, mut channels, mut reasons) =
            (BooleanBuilder::new(), StringBuilder::new(), StringBuilder::new());
        let each = self.purposes.len().max(1);
        for row in rows {
            let Some(place) = order.get(row / each).map(|place| *place as usize) else { break };
            let (Some((_, id, customer)), Some(purpose)) = (self.known.get(place), self.purposes.get(row % each))
            else {
                break;
            };
            let bits = |list: &[AtomicU8], at: usize| list.get(at).map_or(0, |bits| bits.load(Ordering::Relaxed));
            let judged = judge(*customer, bits(&self.current, place), bits(&self.permitted, place * each + row % each));
            ids.append_value(id.to_string());
            kinds.append_value(if *customer { "customer" } else { "prospect" });
            purposes.append_value(purpose);
            ready.append_value(judged.ready);
            channels.append_option(judged.channels);
            reasons.append_option(judged.reasons);
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(ids.finish()),
            Arc::new(kinds.finish()),
            Arc::new(purposes.finish()),
            Arc::new(ready.finish()),
            Arc::new(channels.finish()),
            Arc::new(reasons.finish()),
        ];
        Ok(RecordBatch::try_new(tables::segmentation_ready(), columns)?)
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Judged {
    ready: bool,
    channels: Option<String>,
    reasons: Option<String>,
}

/// A golden record is ready for a purpose when it is a customer and a channel that is permitted for the purpose reaches a
/// contact that is fresh or ageing.
fn judge(customer: bool, current: u8, permitted: u8) -> Judged {
    let reached = CHANNELS
        .iter()
        .enumerate()
        .filter(|(place, (_, contact))| permitted & (1 << place) != 0 && current & (1 << contact) != 0);
    let channels: Vec<&str> = reached.map(|(_, (channel, _))| *channel).collect();
    let reasons = [
        (!customer, "prospect"),
        (current == 0, "no_current_contact"),
        (permitted == 0, "no_permission"),
        (current != 0 && permitted != 0 && channels.is_empty(), "permitted_contact_not_current"),
    ];
    let reasons: Vec<&str> = reasons.into_iter().filter(|(holds, _)| *holds).map(|(_, reason)| reason).collect();
    let text = |words: &[&str], between: &str| (!words.is_empty()).then(|| words.join(between));
    Judged { ready: customer && !channels.is_empty(), channels: text(&channels, ", "), reasons: text(&reasons, ";") }
}

pub async fn write(context: &Context, counted: &Counted) -> Result<u64> {
    let threads = context.options.limits.threads;
    let people = Arc::new(People::read(&context.store, purposes(context, counted))?);
    for (table, note) in [
        (tables::FRESHNESS, People::note_current as fn(&People, &Path) -> Result<()>),
        (tables::PERMISSIONS, People::note_permitted),
    ] {
        let parts = if context.store.exists(table) { context.store.parts(table)? } else { vec![] };
        let (people, cancel) = (people.clone(), context.cancel.clone());
        parallel(threads, parts, move |part| {
            cancel.check()?;
            note(&people, &part)
        })
        .await?;
    }
    let table = Arc::new(context.store.begin(tables::SEGMENTATION_READY, tables::segmentation_ready())?);
    let rows = people.known.len() * people.purposes.len();
    let parts: Vec<usize> = (0..rows.div_ceil(PART_ROWS)).collect();
    let (order, writer) = (people.in_order(), table.clone());
    parallel(threads, parts, move |number| {
        let from = number * PART_ROWS;
        write_part(&writer, number, &people, &order, from..rows.min(from + PART_ROWS))
    })
    .await?;
    finish(table)
}

fn write_part(table: &TableWriter, number: usize, people: &People, order: &[u32], rows: Range<usize>) -> Result<()> {
    let mut part = table.part(number)?;
    for from in rows.clone().step_by(BATCH_ROWS) {
        part.write(&people.rows(order, from..rows.end.min(from + BATCH_ROWS))?)?;
    }
    part.finish()?;
    Ok(())
}

/// The purposes that permissions name, or else those of profiles.toml.
fn purposes(context: &Context, counted: &Counted) -> Vec<String> {
    let named = counted.permissions.keys().map(|combination| {
        let [_, purpose, _] = words(combination);
        purpose
    });
    let mut found: BTreeSet<String> = named.filter(|purpose| !purpose.is_empty()).collect();
    if found.is_empty() {
        found.extend(context.rules.rules.profiles.purposes.iter().cloned());
    }
    if found.is_empty() {
        found.insert(DEFAULT_PURPOSE.into());
    }
    found.into_iter().collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::progress::Cancel;
    use arrow::array::{BooleanArray, Int64Array, StringArray};

    fn said(customer: bool, current: u8, permitted: u8) -> (bool, String, String) {
        let judged = judge(customer, current, permitted);
        (judged.ready, judged.channels.unwrap_or_default(), judged.reasons.unwrap_or_default())
    }

    fn owned(ready: bool, channels: &str, reasons: &str) -> (bool, String, String) {
        (ready, channels.into(), reasons.into())
    }

    #[test]
    fn a_channel_needs_permission_and_a_current_contact() {
        assert_eq!(said(true, 0b111, ANY | 0b1111), owned(true, "email, phone, sms, post", ""));
        assert_eq!(said(true, 0b010, ANY | 0b1100), owned(true, "sms", ""));
        assert_eq!(said(true, 0b100, ANY | 0b0001), owned(false, "", "permitted_contact_not_current"));
        assert_eq!(said(false, 0b001, ANY | 0b0001), owned(false, "email", "prospect"));
        assert_eq!(said(true, 0, 0), owned(false, "", "no_current_contact;no_permission"));
        assert_eq!(said(true, 0b001, ANY), owned(false, "", "permitted_contact_not_current"));
    }

    fn store(folder: &Path) -> Store {
        let store = Store::new(folder, Arc::new(Cancel::default()));
        std::fs::create_dir_all(store.folder()).unwrap();
        store
    }

    fn put(store: &Store, name: &str, parts: Vec<RecordBatch>) {
        let table = store.begin(name, parts.first().unwrap().schema()).unwrap();
        for (number, rows) in parts.iter().enumerate() {
            let mut part = table.part(number * 3).unwrap();
            part.write(rows).unwrap();
            part.finish().unwrap();
        }
        table.finish().unwrap();
    }

    fn golden(store: &Store, people: &[(i64, &str, &str)]) {
        let schema = tables::schema(vec![
            tables::required_text("golden_id"),
            tables::required_integer("cluster_id"),
            tables::required_text("kind"),
        ]);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(people.iter().map(|p| p.1))),
            Arc::new(Int64Array::from_iter_values(people.iter().map(|p| p.0))),
            Arc::new(StringArray::from_iter_values(people.iter().map(|p| p.2))),
        ];
        put(store, tables::GOLDEN, vec![RecordBatch::try_new(schema, columns).unwrap()]);
    }

    fn permissions(rows: &[(i64, &str, &str, bool)]) -> RecordBatch {
        let none = || -> ArrayRef { Arc::new(StringArray::new_null(rows.len())) };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(rows.iter().map(|_| "Z"))),
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|r| r.0))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.1))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.2))),
            Arc::new(rows.iter().map(|r| Some(r.3)).collect::<BooleanArray>()),
            none(),
            none(),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|_| "no_choice"))),
        ];
        RecordBatch::try_new(tables::permissions(), columns).unwrap()
    }

    #[test]
    fn a_golden_record_across_two_parts_keeps_what_both_say() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        golden(&store, &[(3, "Z000000000009", "customer"), (8, "Z000000000001", "prospect")]);
        let one = permissions(&[(3, "email", "a", true), (3, "sms", "b", false), (99, "email", "a", true)]);
        let two = permissions(&[(3, "post", "a", true), (3, "fax", "b", true), (8, "email", "unknown", true)]);
        put(&store, tables::PERMISSIONS, vec![one, two]);
        let people = People::read(&store, vec!["a".into(), "b".into()]).unwrap();
        for part in store.parts(tables::PERMISSIONS).unwrap() {
            people.note_permitted(&part).unwrap();
        }
        let bits: Vec<u8> = people.permitted.iter().map(|bits| bits.load(Ordering::Relaxed)).collect();
        assert_eq!(bits, [ANY | 0b1001, ANY, 0, 0]);
        let batch = people.rows(&people.in_order(), 0..9).unwrap();
        let column = |place: usize| -> Vec<Option<&str>> { batch.column(place).as_string::<i32>().iter().collect() };
        assert_eq!(column(0), ["Z000000000001", "Z000000000001", "Z000000000009", "Z000000000009"].map(Some));
        assert_eq!(column(2), ["a", "b", "a", "b"].map(Some));
        assert_eq!(column(5)[2], Some("no_current_contact"));
    }

    #[test]
    fn nobody_and_no_permissions_give_no_rows() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        golden(&store, &[]);
        let people = People::read(&store, vec!["a".into()]).unwrap();
        assert_eq!(people.rows(&people.in_order(), 0..10).unwrap().num_rows(), 0);
        assert_eq!(people.place(5, 0), None);
    }
}
