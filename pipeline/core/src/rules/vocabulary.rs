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
    Profile,
    Event,
}

impl Field {
    /// Whether a source of this kind may map the field.
    pub fn allowed_in(&self, kind: SourceKind) -> bool {
        match self.scope {
            Scope::Person => true,
            Scope::Profile => kind == SourceKind::Profile,
            Scope::Event => kind == SourceKind::Event,
        }
    }
}

const fn field(
    name: &'static str,
    kind: FieldKind,
    scope: Scope,
    description: &'static str,
) -> Field {
    Field {
        name,
        kind,
        description,
        scope,
    }
}

use FieldKind::{
    Address, Boolean, Date, Email, NationalId, Number, PersonName, Phone, Text, Timestamp,
};

/// Every built-in field, in the order in which tables list them.
pub const FIELDS: &[Field] = &[
    field(
        "full_name",
        PersonName,
        Scope::Person,
        "Whole name in one column; parsed into its parts",
    ),
    field(
        "honorific_prefix",
        PersonName,
        Scope::Person,
        "Title: dr, mgr, mag.",
    ),
    field("given_name", PersonName, Scope::Person, "First name"),
    field(
        "middle_name",
        PersonName,
        Scope::Person,
        "Further given names",
    ),
    field("family_name", PersonName, Scope::Person, "Surname"),
    field(
        "birth_name",
        PersonName,
        Scope::Person,
        "Surname at birth (maiden name)",
    ),
    field(
        "gender",
        Text,
        Scope::Person,
        "female, male or other words for them",
    ),
    field("birth_date", Date, Scope::Person, "Date of birth"),
    field(
        "national_id",
        NationalId,
        Scope::Person,
        "PESEL, JMBG, EMSO, personas kods...",
    ),
    field("email", Email, Scope::Person, "E-mail address"),
    field(
        "email_other",
        Email,
        Scope::Person,
        "A second e-mail address",
    ),
    field("phone", Phone, Scope::Person, "Telephone number"),
    field(
        "phone_other",
        Phone,
        Scope::Person,
        "A second telephone number",
    ),
    field(
        "address",
        Address,
        Scope::Person,
        "Whole postal address in one column; parsed into its parts",
    ),
    field(
        "street_address",
        Address,
        Scope::Person,
        "Street, house number and unit in one column",
    ),
    field("street", Address, Scope::Person, "Street without number"),
    field("house_number", Address, Scope::Person, "House number"),
    field("unit", Address, Scope::Person, "Flat or suite"),
    field("postal_code", Address, Scope::Person, "Postal code"),
    field("locality", Address, Scope::Person, "Town or village"),
    field(
        "region",
        Address,
        Scope::Person,
        "Voivodeship, district, municipality",
    ),
    field(
        "country",
        Address,
        Scope::Person,
        "Country, as ISO code or name",
    ),
    field("organization", Text, Scope::Person, "Company"),
    field(
        "job_title",
        Text,
        Scope::Person,
        "Occupation within the company",
    ),
    field(
        "preferred_language",
        Text,
        Scope::Person,
        "Language of contact",
    ),
    field(
        "customer_since",
        Date,
        Scope::Person,
        "Day of the first contract or order",
    ),
    field(
        "opt_in_email",
        Boolean,
        Scope::Person,
        "Permission to send e-mail",
    ),
    field("opt_in_phone", Boolean, Scope::Person, "Permission to call"),
    field(
        "opt_in_sms",
        Boolean,
        Scope::Person,
        "Permission to send text messages",
    ),
    field(
        "opt_in_post",
        Boolean,
        Scope::Person,
        "Permission to send letters",
    ),
    field(
        "email_sha256",
        Text,
        Scope::Profile,
        "SHA-256 of the normalised e-mail address, lower-case hex",
    ),
    field(
        "phone_sha256",
        Text,
        Scope::Profile,
        "SHA-256 of the number in E.164 form, lower-case hex",
    ),
    field("age_band", Text, Scope::Profile, "Age group"),
    field("marital_status", Text, Scope::Profile, "Marital status"),
    field(
        "household_size",
        Number,
        Scope::Profile,
        "Persons in the household",
    ),
    field(
        "children",
        Number,
        Scope::Profile,
        "Children in the household",
    ),
    field("income_band", Text, Scope::Profile, "Income group"),
    field("education", Text, Scope::Profile, "Highest education"),
    field("occupation", Text, Scope::Profile, "Occupation"),
    field("home_ownership", Text, Scope::Profile, "Owner or tenant"),
    field(
        "interests",
        Text,
        Scope::Profile,
        "Interests, separated by semicolons",
    ),
    field(
        "event_kind",
        Text,
        Scope::Event,
        "What happened: hard_bounce, returned_mail, purchase...",
    ),
    field("event_at", Timestamp, Scope::Event, "When it happened"),
    field(
        "customer_source",
        Text,
        Scope::Event,
        "Source whose key is given in customer_key",
    ),
    field(
        "customer_key",
        Text,
        Scope::Event,
        "Key of the customer in that source",
    ),
    field("channel", Text, Scope::Event, "email, phone, sms or post"),
    field("amount", Number, Scope::Event, "Value of a purchase"),
];

/// The built-in field of that name.
pub fn find(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|f| f.name == name)
}
