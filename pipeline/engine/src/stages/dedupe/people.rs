//! The people behind values. Enter: `contacts` and `addresses`, and the fields to look at. Leave: the values of a field
//! that records of more than one name have, or all of a date, with the number of people. Holds a hash and a name of each
//! value of one field, then 8 bytes for each value of several names, then the people of some ranges of values.
//! Never here: what follows from a number.

use super::super::columns::{text_column, value};
use super::super::holders::{Gathering, Key, Keys};
use super::super::parts::{parallel, scan_parts};
use super::super::ranges::{MOST_RANGES, RANGE_RECORDS, Spool};
use super::hygiene::Profiled;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::match_view::column;
use crate::tables;
use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray, UInt32Array, new_null_array};
use arrow::compute::take;
use arrow::datatypes::{DataType, SchemaRef};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use zlato_core::matching::hygiene::{Share, Tally};
use zlato_core::rules::sources::FieldKind;

const GIVEN: &str = "given_name_root";
const FAMILY: &str = "family_name_root";
const SOUND: &str = "family_name_phonetic";
const BIRTH: &str = "birth_date";

/// A value and its people.
#[derive(Debug)]
pub struct Shared {
    pub value: String,
    pub share: Share,
    /// Whether no record has it as a value: the rules call it a placeholder.
    pub by_rule: bool,
}

/// What records with values of a field tell of their people, in ranges of values.
pub struct Crowd {
    spool: Arc<Spool>,
    ranges: usize,
}

fn schema() -> SchemaRef {
    let texts = ["value", "given", "family", "sound", "birth"].map(tables::text);
    tables::schema(texts.into_iter().chain([tables::flag("by_rule")]).collect())
}

/// Values of a field in a batch. What the placeholder rules have recognised already counts as a value too, as it was
/// written.
struct Values<'a> {
    keys: Option<&'a StringArray>,
    listed: [Option<&'a StringArray>; 2],
}

impl<'a> Values<'a> {
    fn columns(profiled: &Profiled) -> Vec<String> {
        let listed = ["reason", "raw"].map(|suffix| column(&profiled.field, suffix));
        let by_rule = !matches!(profiled.kind, FieldKind::Date | FieldKind::Address);
        [profiled.key.clone()].into_iter().chain(listed.into_iter().filter(|_| by_rule)).collect()
    }

    fn of(batch: &'a RecordBatch, profiled: &Profiled) -> Self {
        let columns = Self::columns(profiled);
        let text = |place: usize| columns.get(place).and_then(|name| text_column(batch, name));
        Self { keys: text(0), listed: [text(1), text(2)] }
    }

    /// The value of a row, and whether it is one by the rules only.
    fn row(&self, row: usize) -> Option<(Cow<'a, str>, bool)> {
        if let Some(key) = value(self.keys, row) {
            return Some((Cow::Borrowed(key), false));
        }
        let [reasons, raw] = self.listed;
        let listed = value(raw, row).filter(|_| value(reasons, row) == Some("placeholder"))?;
        Some((Cow::Owned(listed.trim_matches(' ').to_lowercase()), true))
    }
}

/// Reads what all fields need to know of their people.
pub async fn gather(context: &Context, fields: &[Arc<Profiled>]) -> Result<Vec<Crowd>> {
    if fields.is_empty() {
        return Ok(vec![]);
    }
    let mut several = Vec::with_capacity(fields.len());
    for profiled in fields {
        several.push(match profiled.kind {
            // A date is judged by the others: all of them count.
            FieldKind::Date => None,
            _ => Some(of_several_names(context, profiled).await?),
        });
    }
    let rows = usize::try_from(context.store.rows(tables::CONTACTS)?).unwrap_or(usize::MAX);
    let ranges = (rows / RANGE_RECORDS).clamp(1, (MOST_RANGES / fields.len()).max(1));
    let spool =
        |(place, _)| Arc::new(Spool::new(&context.spill_folder(), &format!("people{place}-"), schema(), ranges));
    let spools: Vec<Arc<Spool>> = fields.iter().enumerate().map(spool).collect();
    let wanted: HashSet<String> = fields.iter().flat_map(|profiled| Values::columns(profiled)).collect();
    let names = [GIVEN, FAMILY, SOUND, BIRTH];
    let (into, fields) = (spools.clone(), fields.to_vec());
    scan_parts(
        context,
        &[tables::CONTACTS, tables::ADDRESSES],
        move |name| wanted.contains(name) || names.contains(&name),
        move |batch| {
            for ((profiled, several), spool) in fields.iter().zip(&several).zip(&into) {
                deal(batch, profiled, several.as_deref(), spool, ranges)?;
            }
            Ok(())
        },
    )
    .await?;
    Ok(spools.into_iter().map(|spool| Crowd { spool, ranges }).collect())
}

/// Hashes of the values that records of more than one name have, in order. All others are one person's: see [`Tally`].
async fn of_several_names(context: &Context, profiled: &Arc<Profiled>) -> Result<Vec<u64>> {
    let gathering = Arc::new(Gathering::default());
    let (into, of) = (gathering.clone(), profiled.clone());
    let columns = Values::columns(profiled);
    let inputs = [tables::CONTACTS, tables::ADDRESSES];
    let inputs = if profiled.kind == FieldKind::Address { &inputs[..] } else { &inputs[..1] };
    scan_parts(
        context,
        inputs,
        move |name| [GIVEN, SOUND].contains(&name) || columns.iter().any(|c| c == name),
        move |batch| {
            let values = Values::of(batch, &of);
            let [given, sound] = [GIVEN, SOUND].map(|name| text_column(batch, name));
            let mut keys = Keys::default();
            into.add((0..batch.num_rows()).filter_map(|row| {
                let (found, _) = values.row(row)?;
                let initial = value(given, row)?.chars().next()?;
                let sound = value(sound, row)?;
                let name = keys.begin().add(initial.encode_utf8(&mut [0; 4])).add(sound).key();
                Some((keys.begin().add(&found).key(), (name as i64) & i64::MAX))
            }));
            Ok(())
        },
    )
    .await?;
    let gathering = Arc::into_inner(gathering).ok_or_else(|| Error::Internal("keys are still being read".into()))?;
    Ok(gathering.finish(context.options.limits.threads).await?.several())
}

fn first_half(key: Key) -> u64 {
    (key >> 64) as u64
}

/// Deals the records of a batch out to the ranges of their values; `several` are the hashes of values that count.
fn deal(batch: &RecordBatch, profiled: &Profiled, several: Option<&[u64]>, spool: &Spool, ranges: usize) -> Result<()> {
    let of_batch = Values::of(batch, profiled);
    let (mut rows, mut values, mut by_rule, mut places) = (vec![], vec![], vec![], vec![]);
    let mut keys = Keys::default();
    for (row, at) in (0..batch.num_rows()).zip(0u32..) {
        let Some((found, listed)) = of_batch.row(row) else { continue };
        let hash = first_half(keys.begin().add(&found).key());
        if several.is_none_or(|several| several.binary_search(&hash).is_ok()) {
            places.push((hash % ranges as u64) as usize);
            rows.push(at);
            values.push(found);
            by_rule.push(listed);
        }
    }
    let rows = UInt32Array::from(rows);
    let text = |name: &str| -> Result<ArrayRef> {
        match text_column(batch, name) {
            Some(column) => Ok(take(column, &rows, None)?),
            None => Ok(new_null_array(&DataType::Utf8, rows.len())),
        }
    };
    // People of one date are not told apart by that date.
    let birth = if profiled.kind == FieldKind::Date { "" } else { BIRTH };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(&values)),
        text(GIVEN)?,
        text(FAMILY)?,
        text(SOUND)?,
        text(birth)?,
        Arc::new(BooleanArray::from(by_rule)),
    ];
    spool.push(&RecordBatch::try_new(schema(), columns)?, places.into_iter())
}

impl Crowd {
    /// What `judge` makes of the values and their people, in no order; birth dates that are `made_up` are nobody's.
    pub async fn shares<T: Send + 'static>(
        self,
        context: &Context,
        made_up: HashSet<String>,
        judge: impl Fn(Shared) -> Option<T> + Send + Sync + 'static,
    ) -> Result<Vec<T>> {
        let shared = (self.spool, made_up, judge, context.cancel.clone());
        let of_range = move |range: usize| {
            let (spool, made_up, judge, cancel) = &shared;
            let mut people: HashMap<String, (Tally, bool)> = HashMap::new();
            spool.drain(range, |batch| {
                cancel.check()?;
                count(&batch, made_up, &mut people)
            })?;
            let judged = people.into_iter().filter_map(|(value, (tally, by_rule))| {
                let share = tally.share();
                judge(Shared { value, share, by_rule })
            });
            Ok(judged.collect::<Vec<T>>())
        };
        let found = parallel(context.options.limits.threads, (0..self.ranges).collect(), of_range).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

fn count(batch: &RecordBatch, made_up: &HashSet<String>, people: &mut HashMap<String, (Tally, bool)>) -> Result<()> {
    let [values, given, family, sound, birth] =
        ["value", "given", "family", "sound", "birth"].map(|name| text_column(batch, name));
    let by_rule = batch.column_by_name("by_rule").and_then(|column| column.as_boolean_opt());
    let by_rule = by_rule.ok_or_else(|| Error::Internal("the people lack their columns".into()))?;
    for row in 0..batch.num_rows() {
        let Some(found) = value(values, row) else { continue };
        if !people.contains_key(found) {
            people.insert(found.into(), (Tally::default(), true));
        }
        let Some((tally, only_by_rule)) = people.get_mut(found) else { continue };
        *only_by_rule &= by_rule.value(row);
        let birth = value(birth, row).filter(|date| !made_up.contains(*date));
        tally.add(value(given, row), value(family, row), value(sound, row), birth);
    }
    Ok(())
}
