//! The fields that every source is mapped to, in schema.org and vCard terms.
//! Rule files may add custom fields; nothing else in zlato invents a field name.

use super::sources::{FieldKind, SourceKind};

/// A built-in field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub kind: FieldKind,
    pub description: &'static str,
    scope: Scope,
}

/// Which source kinds may map a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Says something of a person: customers, prospects, profiles and (to find the person) events.
    Person,
    /// Says with whom a person lives, by keys of the source itself: customers and prospects.
    Declared,
    /// Says how a person lives: what profiles offer, and customers and prospects may have told.
    Told,
    /// Finds the person without naming them: profiles.
    Profile,
    Event,
}

impl Field {
    /// Whether a source of this kind may map the field.
    pub fn allowed_in(&self, kind: SourceKind) -> bool {
        match self.scope {
            Scope::Person => true,
            Scope::Declared => matches!(kind, SourceKind::Customer | SourceKind::Prospect),
            Scope::Told => kind != SourceKind::Event,
            Scope::Profile => kind == SourceKind::Profile,
            Scope::Event => kind == SourceKind::Event,
        }
    }
}

const fn field(name: &'static str, kind: FieldKind, scope: Scope, description: &'static str) -> Field {
    Field { name, kind, description, scope }
}

use FieldKind::{Address, Boolean, Date, Email, Iban, NationalId, Number, PersonName, Phone, Text, Timestamp};

/// Every built-in field, in the order in which tables list them.
pub const FIELDS: &[Field] = &[
    field("full_name", PersonName, Scope::Person, "Whole name in one column; parsed into its parts"),
    field("honorific_prefix", PersonName, Scope::Person, "Title: dr, mgr, mag."),
    field("given_name", PersonName, Scope::Person, "First name"),
    field("middle_name", PersonName, Scope::Person, "Further given names"),
    field("family_name", PersonName, Scope::Person, "Surname"),
    field("honorific_suffix", PersonName, Scope::Person, "What stands behind the name: jun., MBA"),
    field("birth_name", PersonName, Scope::Person, "Surname at birth (maiden name)"),
    field("gender", Text, Scope::Person, "female, male or other words for them"),
    field("birth_date", Date, Scope::Person, "Date of birth"),
    field("national_id", NationalId, Scope::Person, "PESEL, JMBG, EMSO, personas kods..."),
    field("email", Email, Scope::Person, "E-mail address"),
    field("email_other", Email, Scope::Person, "A second e-mail address"),
    field("phone", Phone, Scope::Person, "Telephone number"),
    field("phone_other", Phone, Scope::Person, "A second telephone number"),
    field("address", Address, Scope::Person, "Whole postal address in one column; parsed into its parts"),
    field("street_address", Address, Scope::Person, "Street, house number and unit in one column"),
    field("street", Address, Scope::Person, "Street without number"),
    field("house_number", Address, Scope::Person, "House number"),
    field("unit", Address, Scope::Person, "Flat or suite"),
    field("postal_code", Address, Scope::Person, "Postal code"),
    field("locality", Address, Scope::Person, "Town or village"),
    field("region", Address, Scope::Person, "Voivodeship, district, municipality"),
    field("country", Address, Scope::Person, "Country, as ISO code or name"),
    field("organization", Text, Scope::Person, "Company"),
    field("job_title", Text, Scope::Person, "Occupation within the company"),
    field("preferred_language", Text, Scope::Person, "Language of contact"),
    field("customer_since", Date, Scope::Person, "Day of the first contract or order"),
    field("opt_in_email", Boolean, Scope::Person, "Permission to send e-mail"),
    field("opt_in_phone", Boolean, Scope::Person, "Permission to call"),
    field("opt_in_sms", Boolean, Scope::Person, "Permission to send text messages"),
    field("opt_in_post", Boolean, Scope::Person, "Permission to send letters"),
    field("household_number", Text, Scope::Declared, "Number that the source itself gives to a household"),
    field("related_to", Text, Scope::Declared, "Key of another row of the source: somebody whom the person lives with"),
    field("relation", Text, Scope::Declared, "What the person is to the one in related_to: spouse, child, parent..."),
    field("email_sha256", Text, Scope::Profile, "SHA-256 of the normalised e-mail address, lower-case hex"),
    field("phone_sha256", Text, Scope::Profile, "SHA-256 of the number in E.164 form, lower-case hex"),
    field("age_band", Text, Scope::Told, "Age group"),
    field("marital_status", Text, Scope::Told, "Marital status"),
    field("household_size", Number, Scope::Told, "Persons in the household"),
    field("children", Number, Scope::Told, "Children in the household"),
    field("income_band", Text, Scope::Told, "Income group"),
    field("education", Text, Scope::Told, "Highest education"),
    field("occupation", Text, Scope::Told, "Occupation"),
    field("home_ownership", Text, Scope::Told, "Owner or tenant"),
    field("interests", Text, Scope::Told, "Interests, separated by semicolons"),
    field("event_kind", Text, Scope::Event, "What happened: hard_bounce, returned_mail, purchase..."),
    field("event_at", Timestamp, Scope::Event, "When it happened"),
    field("customer_source", Text, Scope::Event, "Source whose key is given in customer_key"),
    field("customer_key", Text, Scope::Event, "Key of the customer in that source"),
    field("channel", Text, Scope::Event, "email, phone, sms or post"),
    field("amount", Number, Scope::Event, "Value of a purchase"),
];

/// The built-in field of that name.
pub fn find(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|f| f.name == name)
}

/// Fields that say with whom a person lives. They make households and are never golden: keys of other people.
pub const DECLARED: [&str; 3] = ["household_number", "related_to", "relation"];

/// Golden fields that no source maps: the addresses stage finds them in the parts it is given.
pub const DERIVED: &[(&str, &str)] = &[
    ("level", "Floor"),
    ("staircase", "Staircase or entrance"),
    ("po_box", "Post office box"),
    ("district", "Part of a town, suburb"),
];

/// Fields that are taken apart into others and never golden themselves, with where they go.
pub const TAKEN_APART: &[(&str, &str)] =
    &[("full_name", "given_name, middle_name and family_name"), ("street_address", "street, house_number and unit")];

/// Columns of the match view that every source's rows carry.
pub const MATCH_VIEW: &[&str] = &["record_id", "source", "source_key", "kind", "updated_at", "country"];

/// Columns of the match view when any name field is mapped, beside the name fields themselves.
pub const NAME_COLUMNS: &[&str] = &[
    "given_name_key",
    "given_name_root",
    "family_name_key",
    "family_name_root",
    "family_name_phonetic",
    "birth_name_key",
    "name_gender",
    "name_verdict",
    "name_reason",
    "name_suggestion",
    "name_raw",
];

/// Columns of the match view when any address field is mapped, beside the parts themselves.
pub const ADDRESS_COLUMNS: &[&str] =
    &["street_key", "locality_key", "address_key", "address_verdict", "address_reason", "address_raw"];

/// What the match view adds to a field of this kind: endings of column names.
pub fn suffixes(kind: FieldKind) -> &'static [&'static str] {
    match kind {
        Email => &["_key", "_domain", "_class", "_raw", "_verdict", "_reason", "_suggestion"],
        Phone => &["_key", "_type", "_region", "_raw", "_verdict", "_reason", "_suggestion"],
        NationalId => &["_scheme", "_birth_date", "_sex", "_raw", "_verdict", "_reason", "_suggestion"],
        Iban => &["_country", "_raw", "_verdict", "_reason", "_suggestion"],
        Text => &["_key", "_raw", "_verdict", "_reason", "_suggestion"],
        Date | Timestamp | Boolean | Number => &["_raw", "_verdict", "_reason", "_suggestion"],
        PersonName | Address => &[],
    }
}

/// Why a custom field may not bear this name: a column of that name exists already.
pub fn reserved(name: &str) -> bool {
    let tables = ["golden_id", "cluster_id", "content_hash", "file", "line", "records"];
    MATCH_VIEW.iter().chain(NAME_COLUMNS).chain(ADDRESS_COLUMNS).chain(&tables).any(|c| *c == name)
        || DERIVED.iter().any(|(d, _)| *d == name)
        || FIELDS.iter().any(|f| name.strip_prefix(f.name).is_some_and(|rest| suffixes(f.kind).contains(&rest)))
}

/// Names that other systems give to our fields, folded: offered as corrections.
const SYNONYMS: &[(&str, &str)] = &[
    ("first_name", "given_name"),
    ("firstname", "given_name"),
    ("forename", "given_name"),
    ("name", "full_name"),
    ("last_name", "family_name"),
    ("lastname", "family_name"),
    ("surname", "family_name"),
    ("maiden_name", "birth_name"),
    ("title", "honorific_prefix"),
    ("sex", "gender"),
    ("dob", "birth_date"),
    ("date_of_birth", "birth_date"),
    ("pesel", "national_id"),
    ("jmbg", "national_id"),
    ("emso", "national_id"),
    ("personas_kods", "national_id"),
    ("ssn", "national_id"),
    ("mail", "email"),
    ("mobile", "phone"),
    ("telephone", "phone"),
    ("tel", "phone"),
    ("zip", "postal_code"),
    ("zip_code", "postal_code"),
    ("postcode", "postal_code"),
    ("city", "locality"),
    ("town", "locality"),
    ("state", "region"),
    ("house_no", "house_number"),
    ("flat", "unit"),
    ("apartment", "unit"),
    ("company", "organization"),
    ("occupation_title", "job_title"),
    ("language", "preferred_language"),
    ("newsletter", "opt_in_email"),
    ("income", "income_band"),
    ("household_id", "household_number"),
    ("relationship", "relation"),
    ("event_type", "event_kind"),
    ("event_date", "event_at"),
];

/// The field that somebody who wrote `name` most likely meant, custom fields included.
pub fn suggest_field<'a>(name: &str, custom: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = name.to_lowercase().replace(['-', ' '], "_");
    if let Some((_, field)) = SYNONYMS.iter().find(|(other, _)| *other == plain) {
        return Some(field);
    }
    super::suggest(name, FIELDS.iter().map(|f| f.name).chain(custom))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_systems_are_understood() {
        assert_eq!(suggest_field("First-Name", []), Some("given_name"));
        assert_eq!(suggest_field("birth_plac", ["birth_place"]), Some("birth_place"));
        assert!(SYNONYMS.iter().all(|(other, field)| find(field).is_some() && find(other).is_none()));
    }

    #[test]
    fn derived_columns_are_reserved() {
        assert!(reserved("email_key") && reserved("po_box") && reserved("record_id"));
        assert!(!reserved("birth_place") && !reserved("email_secondary"));
    }
}
