//! The columns that matching rules speak of: what the contacts and addresses stages write for the
//! fields that the rules map. Only names and types; the stages fill them.

use crate::tables::{self, integer, required_integer, required_text, text};
use arrow::datatypes::{Field, SchemaRef};
use zlato_core::rules::sources::FieldKind;
use zlato_core::rules::{Rules, vocabulary};

/// Name columns of `contacts`, written when any name field is mapped.
pub const NAME_COLUMNS: [&str; 19] = [
    "name_raw",
    "honorific_prefix",
    "given_name",
    "middle_name",
    "family_name",
    "honorific_suffix",
    "birth_name",
    "given_name_key",
    "given_name_root",
    "family_name_key",
    "family_name_root",
    "family_name_phonetic",
    "birth_name_key",
    "name_gender",
    "name_organization",
    "name_swapped",
    "name_verdict",
    "name_reason",
    "name_suggestion",
];

/// Address columns of `addresses`, written when any address field is mapped.
pub const ADDRESS_COLUMNS: [&str; 19] = [
    "address_raw",
    "street",
    "house_number",
    "unit",
    "level",
    "staircase",
    "po_box",
    "postal_code",
    "locality",
    "district",
    "region",
    "country",
    "address",
    "street_key",
    "locality_key",
    "address_key",
    "address_verdict",
    "address_reason",
    "address_suggestion",
];

/// Parts of an address that survive together and are golden fields.
pub const ADDRESS_PARTS: [&str; 11] = [
    "street",
    "house_number",
    "unit",
    "level",
    "staircase",
    "po_box",
    "postal_code",
    "locality",
    "district",
    "region",
    "country",
];

/// Golden fields that a person's name yields.
pub const NAME_PARTS: [&str; 6] =
    ["honorific_prefix", "given_name", "middle_name", "family_name", "honorific_suffix", "birth_name"];

/// Suffixes of the columns that one mapped field of a kind gives, after the field's own name.
pub fn suffixes(kind: FieldKind) -> &'static [&'static str] {
    match kind {
        FieldKind::Email => &["raw", "", "key", "domain", "class", "verdict", "reason", "suggestion"],
        FieldKind::Phone => &["raw", "", "key", "type", "region", "verdict", "reason", "suggestion"],
        FieldKind::NationalId => &["raw", "", "scheme", "birth_date", "sex", "verdict", "reason", "suggestion"],
        FieldKind::Iban => &["raw", "", "country", "verdict", "reason", "suggestion"],
        FieldKind::Text => &["raw", "", "key", "verdict", "reason", "suggestion"],
        FieldKind::Date | FieldKind::Timestamp | FieldKind::Boolean | FieldKind::Number => {
            &["raw", "", "verdict", "reason", "suggestion"]
        }
        FieldKind::PersonName | FieldKind::Address => &[],
    }
}

/// Name of a column of a field: `email` and `key` give `email_key`.
pub fn column(field: &str, suffix: &str) -> String {
    if suffix.is_empty() { field.into() } else { format!("{field}_{suffix}") }
}

/// Schema of `contacts` for the mapped fields.
pub fn contacts(fields: &[(String, FieldKind)]) -> SchemaRef {
    let mut columns = vec![
        required_integer("record_id"),
        required_text("source"),
        required_text("source_key"),
        required_text("kind"),
        text("updated_at"),
        text("default_country"),
    ];
    if fields.iter().any(|(_, kind)| *kind == FieldKind::PersonName) {
        columns.extend(NAME_COLUMNS.iter().map(|c| text(c)));
    }
    for (field, kind) in fields {
        columns.extend(suffixes(*kind).iter().map(|s| text(&column(field, s))));
    }
    tables::schema(columns)
}

/// Number of the columns of [`contacts`] that stand before the names and fields.
pub const CONTACT_BASE_COLUMNS: usize = 6;

/// Schema of `addresses`: the record, and the parts if any address field is mapped.
pub fn addresses(fields: &[(String, FieldKind)]) -> SchemaRef {
    let mut columns = vec![required_integer("record_id")];
    if has_address(fields) {
        columns.extend(ADDRESS_COLUMNS.iter().map(|c| text(c)));
    }
    tables::schema(columns)
}

pub fn has_address(fields: &[(String, FieldKind)]) -> bool {
    fields.iter().any(|(_, kind)| *kind == FieldKind::Address)
}

/// Schema of the match view: `contacts` and `addresses` side by side; a record's country is that of
/// its address, or its source's default where no address is mapped.
pub fn match_view(fields: &[(String, FieldKind)]) -> SchemaRef {
    let mut columns: Vec<Field> = contacts(fields).fields().iter().map(|f| f.as_ref().clone()).collect();
    columns.extend(addresses(fields).fields().iter().skip(1).map(|f| f.as_ref().clone()));
    if !has_address(fields) {
        columns.push(text("country"));
    }
    tables::schema(columns)
}

/// Golden fields of a rule set, in table order: names, mapped fields, address parts, then what only
/// profiles may fill.
pub fn golden_fields(rules: &Rules) -> Vec<String> {
    let fields = rules.mapped_fields();
    let mut names: Vec<String> = Vec::new();
    if fields.iter().any(|(_, kind)| *kind == FieldKind::PersonName) {
        names.extend(NAME_PARTS.map(String::from));
    }
    let spoken = |name: &str| name.starts_with("opt_in_") || vocabulary::DECLARED.contains(&name);
    let plain = fields.iter().filter(|(name, kind)| !suffixes(*kind).is_empty() && !spoken(name));
    names.extend(plain.map(|(name, _)| name.clone()));
    if has_address(&fields) {
        names.extend(ADDRESS_PARTS.map(String::from));
    }
    for field in rules.profiles.profile.iter().flat_map(|p| &p.fill) {
        if !names.contains(field.get_ref()) {
            names.push(field.get_ref().clone());
        }
    }
    names
}

/// Schema of `golden` for the golden fields.
pub fn golden(golden_fields: &[String]) -> SchemaRef {
    let mut columns = vec![
        required_text("golden_id"),
        required_integer("cluster_id"),
        required_text("kind"),
        required_integer("records"),
        required_integer("sources"),
        text("address"),
        text("address_key"),
        text("household_key"),
        integer("purchases"),
        text("last_purchase"),
        tables::number("purchase_amount"),
        integer("complaints"),
        text("last_activity"),
    ];
    columns.extend(golden_fields.iter().map(|f| text(f)));
    tables::schema(columns)
}

/// Number of the columns of [`golden`] that stand before the fields.
pub const GOLDEN_BASE_COLUMNS: usize = 13;
