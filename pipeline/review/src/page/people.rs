//! The source records behind the examples of a page, read once for all sections that show them.
//! Enter: record ids. Leave: for each record what a steward recognises it by, with the key under
//! which matching compared each value. Never here: which records are shown.

use crate::components::{Value, Word};
use crate::data::Data;
use std::collections::{BTreeMap, BTreeSet};
use zlato_core::rules::sources::FieldKind;
use zlato_engine::error::Result;
use zlato_engine::match_view::has_address;

/// One value of a record.
#[derive(Debug, Clone)]
pub struct Held {
    /// As typed.
    pub value: Value,
    /// Under which values of two records are equal; none where there is no usable value.
    pub key: Option<String>,
    /// What is wrong with it, when something is.
    pub verdict: Option<Word>,
    pub reason: Option<Word>,
    /// Whether it differs from the value it is shown beside.
    pub differs: bool,
}

/// One record.
#[derive(Debug, Clone)]
pub struct Person {
    pub record_id: i64,
    pub source: String,
    pub key: Value,
    pub kind: String,
    pub updated: String,
    /// In the order of [`People::labels`].
    pub held: Vec<Held>,
}

/// A field that the examples show.
#[derive(Debug, Clone)]
struct Shown {
    label: String,
    table: &'static str,
    raw: String,
    keys: Vec<String>,
    verdict: String,
    reason: String,
}

/// Records by id.
#[derive(Debug, Default)]
pub struct People {
    pub labels: Vec<String>,
    people: BTreeMap<i64, Person>,
}

impl People {
    pub async fn load(data: &Data<'_>, ids: &BTreeSet<i64>) -> Result<Self> {
        let shown = shown_fields(data);
        let contacts: Vec<&Shown> = shown.iter().filter(|s| s.table == "contacts").collect();
        let columns = |fields: &[&Shown], base: &[&'static str]| {
            let mut columns: Vec<String> = base.iter().map(ToString::to_string).collect();
            for field in fields {
                columns.extend([&field.raw, &field.verdict, &field.reason].map(String::clone));
                columns.extend(field.keys.iter().cloned());
            }
            columns
        };
        let at = async |table: &str, columns: Vec<String>| {
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            data.rows_at(table, &columns, "record_id", ids).await
        };
        let base = ["record_id", "source", "source_key", "kind", "updated_at"];
        let records = at("contacts", columns(&contacts, &base)).await?;
        let addresses: Vec<&Shown> = shown.iter().filter(|s| s.table == "addresses").collect();
        let mut postal = BTreeMap::new();
        if !addresses.is_empty() {
            let rows = at("addresses", columns(&addresses, &["record_id"])).await?;
            postal = rows.into_iter().filter_map(|row| Some((row.integer("record_id")?, row))).collect();
        }
        let mut people = BTreeMap::new();
        for row in &records {
            let Some(record_id) = row.integer("record_id") else { continue };
            let held = shown.iter().map(|field| {
                let row = if field.table == "addresses" { postal.get(&record_id) } else { Some(row) };
                let Some(row) = row else {
                    return Held { value: Value::new(""), key: None, verdict: None, reason: None, differs: false };
                };
                let parts: Vec<&str> = field.keys.iter().filter_map(|k| row.text(k)).collect();
                let verdict = row.text(&field.verdict).filter(|v| !matches!(*v, "valid" | "missing"));
                Held {
                    value: Value::new(row.text(&field.raw).unwrap_or_default()),
                    key: (!parts.is_empty()).then(|| parts.join("|")),
                    verdict: verdict.map(|v| data.word(v)),
                    reason: verdict.and_then(|_| row.text(&field.reason)).map(|r| data.word(r)),
                    differs: false,
                }
            });
            let person = Person {
                record_id,
                source: row.string("source"),
                key: Value::long(row.text("source_key").unwrap_or_default(), 40),
                kind: row.string("kind"),
                updated: row.text("updated_at").unwrap_or_default().chars().take(10).collect(),
                held: held.collect(),
            };
            people.insert(record_id, person);
        }
        Ok(Self { labels: shown.into_iter().map(|s| s.label).collect(), people })
    }

    pub fn get(&self, record_id: i64) -> Option<&Person> {
        self.people.get(&record_id)
    }

    /// Records side by side, in the order asked for: a value that differs from the most frequent one
    /// of its column is marked.
    pub fn beside(&self, ids: &[i64]) -> Vec<Person> {
        let mut people: Vec<Person> = ids.iter().filter_map(|id| self.people.get(id).cloned()).collect();
        for column in 0..self.labels.len() {
            // In the order of first appearance: of values equally frequent the first is the measure.
            let mut counts: Vec<(String, usize)> = Vec::new();
            for key in people.iter().filter_map(|p| p.held.get(column)?.key.as_ref()) {
                match counts.iter_mut().find(|(known, _)| known == key) {
                    Some((_, n)) => *n += 1,
                    None => counts.push((key.clone(), 1)),
                }
            }
            let most = counts.iter().rev().max_by_key(|(_, n)| *n).map(|(key, _)| key.clone());
            for held in people.iter_mut().filter_map(|p| p.held.get_mut(column)) {
                held.differs = held.key.is_some() && held.key != most;
            }
        }
        people
    }
}

fn shown_fields(data: &Data<'_>) -> Vec<Shown> {
    let mapped = data.rules.mapped_fields();
    let field = |label: &str, name: &str, keys: &[&str]| Shown {
        label: label.into(),
        table: "contacts",
        raw: format!("{name}_raw"),
        keys: keys.iter().map(|k| (*k).to_string()).collect(),
        verdict: format!("{name}_verdict"),
        reason: format!("{name}_reason"),
    };
    let mut shown = Vec::new();
    if mapped.iter().any(|(_, kind)| *kind == FieldKind::PersonName) {
        shown.push(field("Name", "name", &["given_name_key", "family_name_key"]));
    }
    for (name, kind) in &mapped {
        let label = crate::text::words(name);
        match kind {
            FieldKind::Date if name == "birth_date" => shown.push(field("Birth date", name, &[name])),
            FieldKind::NationalId => shown.push(field("National id", name, &[name])),
            FieldKind::Iban => shown.push(field(&capital(&label), name, &[name])),
            FieldKind::Email | FieldKind::Phone => shown.push(field(&capital(&label), name, &[&format!("{name}_key")])),
            _ => {}
        }
    }
    if has_address(&mapped) {
        shown.push(Shown { table: "addresses", ..field("Address", "address", &["address_key"]) });
    }
    shown
}

/// The same text with a capital first letter.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
