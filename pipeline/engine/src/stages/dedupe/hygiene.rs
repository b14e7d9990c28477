//! Who shares which contact. Enter: `contacts` and `addresses`. Leave: `contact_profiles`, and the values that are
//! no evidence, which the match view then has as null. Holds the shared values of one field at a time, and the dates.
//! Never here: what makes a value shared (zlato-core's matching::hygiene); values in messages.

use super::super::columns::{text_column, value};
use super::people::{self, Shared};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::match_view::{self, column};
use crate::store::{BATCH_ROWS, SequenceWriter, read_part};
use crate::tables;
use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use zlato_core::matching::hygiene::{Class, Share, placeholders};
use zlato_core::rules::Rules;
use zlato_core::rules::matching::Hygiene;
use zlato_core::rules::sources::FieldKind;

/// The name of the postal address in `contact_profiles`.
const ADDRESS: &str = "address";

/// A field that is profiled.
pub struct Profiled {
    pub field: String,
    pub kind: FieldKind,
    /// Column of the match view by which values are equal.
    pub key: String,
}

impl Profiled {
    /// Class of a value; none for one of a single person.
    fn class(&self, rules: &Hygiene, shared: &Shared) -> Option<Class> {
        Some(match shared.share.class(rules)? {
            _ if shared.by_rule => Class::Junk,
            // A house of forty flats is nothing unusual; what it weighs is for the comparison to say.
            Class::Junk if self.kind == FieldKind::Address => Class::Shared,
            class => class,
        })
    }

    fn evidence(&self, class: Class) -> bool {
        class == Class::Household || self.kind == FieldKind::Address
    }
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
    let table = context.store.begin(tables::CONTACT_PROFILES, tables::contact_profiles())?;
    let rules = &context.rules.rules.matching.hygiene;
    let mut unusable = Unusable::default();
    let mut writer = table.sequence();
    let profiled = profiled(&context.rules.rules).into_iter().map(Arc::new).collect::<Vec<_>>();
    let crowds = people::gather(context, &profiled).await?;
    for (profiled, crowd) in profiled.iter().zip(crowds) {
        // Made-up birth dates do not count as somebody's.
        let made_up = unusable.birth_dates().cloned().unwrap_or_default();
        let shares = if profiled.kind == FieldKind::Date {
            placeholder_dates(crowd.shares(context, made_up, Some).await?, rules)
        } else {
            let (of, rules) = (profiled.clone(), rules.clone());
            let listed = move |shared: Shared| of.class(&rules, &shared).map(|class| (shared, class));
            crowd.shares(context, made_up, listed).await?
        };
        let values = list(profiled, shares, &mut writer)?;
        unusable.add(profiled, values);
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

/// The dates of a field that stand for "unknown".
fn placeholder_dates(all: Vec<Shared>, rules: &Hygiene) -> Vec<(Shared, Class)> {
    let dates = all.into_iter().filter_map(|shared| Some((shared.value.parse::<NaiveDate>().ok()?, shared.share)));
    let dates: BTreeMap<NaiveDate, Share> = dates.collect();
    let people = dates.iter().map(|(date, share)| (*date, share.people)).collect();
    let found = placeholders(&people, rules).into_iter().filter_map(|date| {
        let share = *dates.get(&date)?;
        Some((Shared { value: date.to_string(), share, by_rule: false }, Class::Placeholder))
    });
    found.collect()
}

/// Writes values of a field in their order; returns those that are no evidence.
fn list(
    profiled: &Profiled,
    mut listed: Vec<(Shared, Class)>,
    writer: &mut SequenceWriter<'_>,
) -> Result<HashSet<String>> {
    listed.sort_unstable_by(|(a, _), (b, _)| a.value.cmp(&b.value));
    for rows in listed.chunks(BATCH_ROWS) {
        let number = |of: fn(&Share) -> u64| -> ArrayRef {
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|(shared, _)| of(&shared.share).cast_signed())))
        };
        let evidence = rows.iter().map(|(_, class)| Some(profiled.evidence(*class)));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(&profiled.field, rows.len()))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|(shared, _)| &shared.value))),
            number(|share| share.records),
            number(|share| share.people),
            number(|share| share.families),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|(_, class)| class.as_str()))),
            Arc::new(evidence.collect::<BooleanArray>()),
        ];
        writer.write(&RecordBatch::try_new(tables::contact_profiles(), columns)?)?;
    }
    let gone = listed.into_iter().filter(|(_, class)| !profiled.evidence(*class));
    Ok(gone.map(|(shared, _)| shared.value).collect())
}
