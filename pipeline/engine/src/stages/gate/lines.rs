//! Every line of `golden_fields` counted in one pass. Enter: the table, by cluster. Leave: counts by source and field, and
//! by field. Never here: a share, a value.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::stages::columns::integers;
use crate::store::read_coded;
use crate::tables;
use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::datatypes::Int32Type;
use std::collections::{BTreeMap, HashMap};

/// Lines of a source and field that are not invalid.
#[derive(Debug, Clone, Copy, Default)]
pub struct OfSource {
    pub lines: u64,
    pub winners: u64,
    /// Changed on the field's day or later.
    pub since: u64,
}

/// Lines of a field.
#[derive(Debug, Clone, Copy, Default)]
pub struct OfField {
    pub winners: u64,
    /// Winners that are valid or corrected.
    pub good: u64,
    /// Golden records with a line that is not invalid.
    pub held: u64,
    /// Those with one such line only.
    pub alone: u64,
}

#[derive(Debug, Default)]
pub struct Lines {
    pub sources: BTreeMap<(String, String), OfSource>,
    pub fields: BTreeMap<String, OfField>,
}

/// Texts under small numbers.
#[derive(Default)]
struct Names {
    texts: Vec<String>,
    places: HashMap<String, usize>,
}

impl Names {
    fn place(&mut self, text: &str) -> usize {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        self.texts.push(text.to_string());
        self.places.insert(text.to_string(), self.texts.len() - 1);
        self.texts.len() - 1
    }
}

/// A text column in codes: for every row its code, and for every code what `of` makes of its text.
struct Coded<T>(Vec<Option<usize>>, Vec<T>);

impl<T: Copy> Coded<T> {
    fn new(batch: &RecordBatch, name: &str, mut of: impl FnMut(&str) -> T) -> Result<Self> {
        let column = batch.column_by_name(name).and_then(|c| c.as_dictionary_opt::<Int32Type>());
        let column = column.ok_or_else(|| Error::Internal(format!("no column {name}")))?;
        let texts = column.values().as_string_opt::<i32>().ok_or_else(|| Error::Internal(format!("no text {name}")))?;
        let codes = column.keys().iter().map(|code| usize::try_from(code?).ok());
        Ok(Self(codes.collect(), texts.iter().map(|text| of(text.unwrap_or(""))).collect()))
    }

    fn get(&self, row: usize) -> Option<T> {
        self.1.get(self.0.get(row).copied().flatten()?).copied()
    }
}

/// Counts all lines; `since`: for fields that age the day from which on a line counts as such.
pub fn count(context: &Context, since: &BTreeMap<String, String>) -> Result<Lines> {
    let (mut fields, mut sources) = (Names::default(), Names::default());
    let mut by_source: HashMap<(usize, usize), OfSource> = HashMap::new();
    let mut by_field: HashMap<usize, OfField> = HashMap::new();
    // Lines of the golden record at hand, by field.
    let (mut cluster, mut held) = (i64::MIN, Vec::<(usize, u64)>::new());
    let close = |held: &mut Vec<(usize, u64)>, by_field: &mut HashMap<usize, OfField>| {
        for (field, lines) in held.drain(..) {
            let counts = by_field.entry(field).or_default();
            counts.held += 1;
            counts.alone += u64::from(lines == 1);
        }
    };
    for part in context.store.parts(tables::GOLDEN_FIELDS)? {
        context.cancel.check()?;
        for batch in read_coded(&part, &["cluster_id", "field", "verdict", "winner", "source", "updated_at"])? {
            let batch = batch?;
            let field = Coded::new(&batch, "field", |text| fields.place(text))?;
            let source = Coded::new(&batch, "source", |text| sources.place(text))?;
            let verdict =
                Coded::new(&batch, "verdict", |text| (text != "invalid", text == "valid" || text == "corrected"))?;
            let days: Vec<Option<&str>> = fields.texts.iter().map(|f| since.get(f).map(String::as_str)).collect();
            let updated = updated(&batch, &days)?;
            let winner = batch.column_by_name("winner").and_then(|c| c.as_boolean_opt()).cloned();
            let winner = winner.unwrap_or_else(|| BooleanArray::from(vec![false; batch.num_rows()]));
            for (row, now) in integers(&batch, "cluster_id")?.values().iter().enumerate() {
                let (Some(field), Some((counts, good))) = (field.get(row), verdict.get(row)) else { continue };
                if *now != cluster {
                    close(&mut held, &mut by_field);
                    cluster = *now;
                }
                let won = winner.value(row);
                if won {
                    let of = by_field.entry(field).or_default();
                    of.winners += 1;
                    of.good += u64::from(good);
                }
                if !counts {
                    continue;
                }
                match held.iter_mut().find(|(known, _)| *known == field) {
                    Some((_, lines)) => *lines += 1,
                    None => held.push((field, 1)),
                }
                let Some(source) = source.get(row) else { continue };
                let of = by_source.entry((source, field)).or_default();
                of.lines += 1;
                of.winners += u64::from(won);
                of.since += u64::from(updated.later(row, field));
            }
        }
    }
    close(&mut held, &mut by_field);
    let name = |names: &Names, place: usize| names.texts.get(place).cloned().unwrap_or_default();
    Ok(Lines {
        fields: by_field.into_iter().map(|(field, counts)| (name(&fields, field), counts)).collect(),
        sources: by_source
            .into_iter()
            .map(|((source, field), counts)| ((name(&sources, source), name(&fields, field)), counts))
            .collect(),
    })
}

/// Which codes of `updated_at` stand at or behind the day of a field.
struct Updated {
    codes: Vec<Option<usize>>,
    /// For every field that ages, by its number: for every code whether it is late enough.
    later: Vec<Option<Vec<bool>>>,
}

fn updated(batch: &RecordBatch, days: &[Option<&str>]) -> Result<Updated> {
    let mut texts: Vec<String> = Vec::new();
    let Coded(codes, _) = Coded::new(batch, "updated_at", |text| texts.push(text.to_string()))?;
    let later = days.iter().map(|day| day.map(|day| texts.iter().map(|text| text.as_str() >= day).collect()));
    Ok(Updated { codes, later: later.collect() })
}

impl Updated {
    fn later(&self, row: usize, field: usize) -> bool {
        let code = self.codes.get(row).copied().flatten();
        let later = self.later.get(field).and_then(Option::as_ref);
        later.zip(code).and_then(|(later, code)| later.get(code)).copied().unwrap_or(false)
    }
}
