//! Who shares which contact. Enter: `contacts` and `addresses`. Leave: `contact_profiles`, and the values that are
//! no evidence, which the match view then has as null. Holds the people of one value at a time, and the dates.
//! Never here: what makes a value shared (zlato-core's matching::hygiene); values in messages.

use super::super::columns::{text_column, value};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::match_view::{self, column};
use crate::store::{SequenceWriter, read_part};
use crate::tables;
use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray};
use chrono::NaiveDate;
use futures::TryStreamExt;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use zlato_core::matching::hygiene::{Class, Share, Tally, placeholders};
use zlato_core::rules::Rules;
use zlato_core::rules::matching::Hygiene;
use zlato_core::rules::sources::FieldKind;

/// The name of the postal address in `contact_profiles`.
const ADDRESS: &str = "address";

/// A field that is profiled.
struct Profiled {
    field: String,
    kind: FieldKind,
    /// Column of the match view by which values are equal.
    key: String,
}

/// Every date that the matching rules speak of, e-mails, phones, national ids, and the address; nothing where no
/// names are mapped, since people are counted by name. Dates come first: a made-up birth date tells nothing of who
/// has a phone.
fn profiled(rules: &Rules) -> Vec<Profiled> {
    let fields = rules.mapped_fields();
    if !rules.matching.hygiene.enabled || !fields.iter().any(|(_, kind)| *kind == FieldKind::PersonName) {
        return vec![];
    }
    let mut all = Vec::new();
    for (field, kind) in &fields {
        let key = match kind {
            FieldKind::Email | FieldKind::Phone => column(field, "key"),
            FieldKind::NationalId | FieldKind::Iban => field.clone(),
            FieldKind::Date if spoken_of(rules, field) => field.clone(),
            _ => continue,
        };
        all.push(Profiled { field: field.clone(), kind: *kind, key });
    }
    all.sort_by_key(|p: &Profiled| p.kind != FieldKind::Date);
    if match_view::has_address(&fields) {
        all.push(Profiled { field: ADDRESS.into(), kind: FieldKind::Address, key: column(ADDRESS, "key") });
    }
    all
}

/// Whether a blocking key or a comparison names the column.
fn spoken_of(rules: &Rules, name: &str) -> bool {
    let matching = &rules.matching;
    let keys = matching.blocking.iter().map(|b| b.key.get_ref());
    let compared = matching.comparison.iter().map(|c| c.on.get_ref());
    keys.chain(compared).any(|sql| sql.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name))
}

/// Values that are no evidence, by the column of the match view that holds them.
#[derive(Debug, Default)]
pub struct Unusable(Vec<Column>);

#[derive(Debug)]
struct Column {
    key: String,
    /// The columns that say the same thing.
    cleared: Vec<String>,
    values: HashSet<String>,
}

impl Unusable {
    fn add(&mut self, profiled: &Profiled, values: HashSet<String>) {
        let suffixes: &[&str] = match profiled.kind {
            FieldKind::Email | FieldKind::Phone => &["", "key"],
            FieldKind::NationalId => &["", "birth_date", "sex"],
            FieldKind::Iban => &["", "country"],
            _ => &[""],
        };
        if !values.is_empty() {
            let cleared = suffixes.iter().map(|suffix| column(&profiled.field, suffix)).collect();
            self.0.push(Column { key: profiled.key.clone(), cleared, values });
        }
    }

    /// The columns of the match view that tell such values.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|column| column.key.as_str())
    }

    /// The birth dates among them.
    fn birth_dates(&self) -> Option<&HashSet<String>> {
        self.0.iter().find(|column| column.key == "birth_date").map(|column| &column.values)
    }

    /// The rows with null in place of every such value.
    pub fn without(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let mut columns = batch.columns().to_vec();
        for Column { key, cleared, values } in &self.0 {
            let Some(keys) = text_column(batch, key) else { continue };
            let shared: BooleanArray = keys.iter().map(|k| Some(k.is_some_and(|k| values.contains(k)))).collect();
            if shared.true_count() == 0 {
                continue;
            }
            for name in cleared {
                if let Ok(place) = batch.schema().index_of(name)
                    && let Some(slot) = columns.get_mut(place)
                {
                    *slot = arrow::compute::nullif(slot, &shared)?;
                }
            }
        }
        Ok(RecordBatch::try_new(batch.schema(), columns)?)
    }
}

/// Writes `contact_profiles`; returns its rows and the values that are no evidence.
pub async fn write(context: &Context) -> Result<(u64, Unusable)> {
    let rules = &context.rules.rules;
    for table in [tables::CONTACTS, tables::ADDRESSES] {
        context.session.register(&context.store, table, table).await?;
    }
    let table = context.store.begin(tables::CONTACT_PROFILES, tables::contact_profiles())?;
    let mut unusable = Unusable::default();
    let mut writer = table.sequence();
    for profiled in profiled(rules) {
        let values = profile(context, &profiled, unusable.birth_dates(), &mut writer).await?;
        unusable.add(&profiled, values);
    }
    writer.finish()?;
    Ok((table.finish()?, unusable))
}

/// The values that are no evidence, as a run has written them.
pub fn kept(context: &Context) -> Result<Unusable> {
    let mut found: BTreeMap<String, HashSet<String>> = BTreeMap::new();
    for part in context.store.parts(tables::CONTACT_PROFILES)? {
        for batch in read_part(&part)? {
            let batch = batch?;
            let (fields, values) = (text_column(&batch, "field"), text_column(&batch, "value"));
            let evidence = batch.column_by_name("evidence").and_then(|c| c.as_boolean_opt());
            let evidence = evidence.ok_or_else(|| Error::Internal("contact_profiles lacks its columns".into()))?;
            for row in (0..batch.num_rows()).filter(|row| !evidence.value(*row)) {
                if let Some((field, text)) = value(fields, row).zip(value(values, row)) {
                    found.entry(field.into()).or_default().insert(text.into());
                }
            }
        }
    }
    let mut unusable = Unusable::default();
    for profiled in profiled(&context.rules.rules) {
        let values = found.remove(&profiled.field).unwrap_or_default();
        unusable.add(&profiled, values);
    }
    Ok(unusable)
}

/// Profiles one field; returns its values that are no evidence. Made-up birth dates do not count as somebody's.
async fn profile(
    context: &Context,
    profiled: &Profiled,
    made_up: Option<&HashSet<String>>,
    writer: &mut SequenceWriter<'_>,
) -> Result<HashSet<String>> {
    let mut rows = Profiles::new(profiled, &context.rules.rules.matching.hygiene);
    let mut current = String::new();
    let mut tally = Tally::default();
    let mut by_rule = false;
    let mut stream = context.session.sql(&query(context, profiled)).await?.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        context.cancel.check()?;
        let text = |name: &str| text_column(&batch, name);
        let (values, given, family) = (text("value"), text("given"), text("family"));
        let (sound, birth) = (text("sound"), text("birth"));
        let listed = batch.column_by_name("by_rule").and_then(|c| c.as_boolean_opt());
        let (Some(values), Some(listed)) = (values, listed) else {
            return Err(Error::Internal("the contacts lack their columns".into()));
        };
        for row in 0..batch.num_rows() {
            let found = values.value(row);
            if found != current || tally.is_empty() {
                rows.push(&current, &tally, by_rule);
                (tally, by_rule) = (Tally::default(), listed.value(row));
                current.clear();
                current.push_str(found);
            }
            let birth = value(birth, row).filter(|date| made_up.is_none_or(|dates| !dates.contains(*date)));
            tally.add(value(given, row), value(family, row), value(sound, row), birth);
        }
        rows.flush(writer)?;
    }
    rows.push(&current, &tally, by_rule);
    rows.finish(writer)
}

/// Every value of the field with the names beside it, ordered by value. What the placeholder rules have recognised
/// already counts as a value too, as it was written.
fn query(context: &Context, profiled: &Profiled) -> String {
    let names = context.rules.rules.mapped_fields();
    let quoted = |name: &str| format!("\"{name}\"");
    let key = quoted(&profiled.key);
    let (value, by_rule) = match profiled.kind {
        FieldKind::Email | FieldKind::Phone | FieldKind::NationalId | FieldKind::Iban => {
            let reason = quoted(&column(&profiled.field, "reason"));
            let raw = quoted(&column(&profiled.field, "raw"));
            (
                format!("coalesce({key}, CASE WHEN {reason} = 'placeholder' THEN lower(btrim({raw})) END)"),
                format!("{key} IS NULL"),
            )
        }
        _ => (key, "false".to_string()),
    };
    // People of one date are not told apart by that date.
    let dated = profiled.kind != FieldKind::Date && names.iter().any(|(name, _)| name == "birth_date");
    let birth = if dated { "birth_date" } else { "CAST(NULL AS VARCHAR)" };
    let from = if profiled.kind == FieldKind::Address {
        "contacts c JOIN addresses a ON c.record_id = a.record_id"
    } else {
        "contacts"
    };
    format!(
        "SELECT * FROM (SELECT {value} AS value, {by_rule} AS by_rule, given_name_root AS given, \
         family_name_root AS family, family_name_phonetic AS sound, {birth} AS birth FROM {from}) \
         WHERE value IS NOT NULL ORDER BY value"
    )
}

/// Rows of `contact_profiles` of one field.
struct Profiles<'a> {
    profiled: &'a Profiled,
    rules: &'a Hygiene,
    listed: Vec<(String, Share, Class)>,
    /// Every date, since a date is judged by those around it.
    dates: BTreeMap<NaiveDate, Share>,
    no_evidence: HashSet<String>,
}

impl<'a> Profiles<'a> {
    fn new(profiled: &'a Profiled, rules: &'a Hygiene) -> Self {
        Self { profiled, rules, listed: vec![], dates: BTreeMap::new(), no_evidence: HashSet::new() }
    }

    fn push(&mut self, value: &str, tally: &Tally, by_rule: bool) {
        if tally.is_empty() {
            return;
        }
        let share = tally.share();
        if self.profiled.kind == FieldKind::Date {
            self.dates.extend(value.parse::<NaiveDate>().ok().map(|date| (date, share)));
            return;
        }
        let class = match share.class(self.rules) {
            Some(_) if by_rule => Class::Junk,
            // A house of forty flats is nothing unusual; what it weighs is for the comparison to say.
            Some(Class::Junk) if self.profiled.kind == FieldKind::Address => Class::Shared,
            Some(class) => class,
            None => return,
        };
        self.listed.push((value.into(), share, class));
    }

    fn evidence(&self, class: Class) -> bool {
        class == Class::Household || self.profiled.kind == FieldKind::Address
    }

    /// Writes what was listed so far.
    fn flush(&mut self, writer: &mut SequenceWriter<'_>) -> Result<()> {
        let listed = std::mem::take(&mut self.listed);
        if listed.is_empty() {
            return Ok(());
        }
        let number = |of: fn(&Share) -> u64| -> ArrayRef {
            Arc::new(Int64Array::from_iter_values(listed.iter().map(|(_, share, _)| of(share).cast_signed())))
        };
        let evidence: Vec<bool> = listed.iter().map(|(_, _, class)| self.evidence(*class)).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(&self.profiled.field, listed.len()))),
            Arc::new(StringArray::from_iter_values(listed.iter().map(|(value, _, _)| value))),
            number(|share| share.records),
            number(|share| share.people),
            number(|share| share.families),
            Arc::new(StringArray::from_iter_values(listed.iter().map(|(_, _, class)| class.as_str()))),
            Arc::new(BooleanArray::from(evidence.clone())),
        ];
        writer.write(&RecordBatch::try_new(tables::contact_profiles(), columns)?)?;
        let gone = listed.into_iter().zip(evidence).filter(|(_, evidence)| !evidence);
        self.no_evidence.extend(gone.map(|((value, _, _), _)| value));
        Ok(())
    }

    /// Writes the rest; returns the values that are no evidence.
    fn finish(mut self, writer: &mut SequenceWriter<'_>) -> Result<HashSet<String>> {
        let people = self.dates.iter().map(|(date, share)| (*date, share.people)).collect();
        for date in placeholders(&people, self.rules) {
            if let Some(share) = self.dates.get(&date) {
                self.listed.push((date.to_string(), *share, Class::Placeholder));
            }
        }
        self.flush(writer)?;
        Ok(self.no_evidence)
    }
}
