//! One shape for every judged value. Enters: a raw value and what its kind made of it. Leaves: raw, standard form,
//! verdict, reason, suggestion, match keys and parts, under the same names for all kinds.
//! Never judges anything itself: an unusable value only loses its standard form and keys here.

use chrono::{Datelike, NaiveDate};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::addresses::{Address, AddressInput, Addresses};
use crate::contacts::{Contacts, Date, Email, Iban, NameInput, NationalId, PersonName, Phone, phone_parts};
use crate::value::{Assessment, Verdict};

/// A value with all that is known of it. The names of keys and parts depend on the kind alone; what a value lacks is
/// [`Part::Nothing`].
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Tried {
    /// As written.
    pub raw: String,
    /// None when the value is not usable.
    pub standard: Option<String>,
    pub verdict: Verdict,
    /// One of the kind's `REASONS`; none when plainly valid or empty.
    pub reason: Option<&'static str>,
    pub suggestion: Option<String>,
    /// What matching compares.
    pub keys: Named,
    pub parts: Named,
}

/// Named values in a fixed order; an object in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named(pub Vec<(&'static str, Part)>);

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Part {
    Nothing,
    Text(String),
    Name(&'static str),
    Number(u32),
    Flag(bool),
    List(Vec<String>),
}

impl From<Option<String>> for Part {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Nothing, Self::Text)
    }
}

impl From<Option<&'static str>> for Part {
    fn from(name: Option<&'static str>) -> Self {
        name.map_or(Self::Nothing, Self::Name)
    }
}

impl From<Option<bool>> for Part {
    fn from(flag: Option<bool>) -> Self {
        flag.map_or(Self::Nothing, Self::Flag)
    }
}

impl Named {
    pub fn get(&self, name: &str) -> Option<&Part> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, part)| part)
    }
}

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, part) in &self.0 {
            map.serialize_entry(name, part)?;
        }
        map.end()
    }
}

/// The kinds of values, with the reason codes each may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Email,
    Phone,
    Name,
    BirthDate,
    NationalId,
    Iban,
    Address,
}

impl Kind {
    pub const ALL: [Self; 7] =
        [Self::Email, Self::Phone, Self::Name, Self::BirthDate, Self::NationalId, Self::Iban, Self::Address];

    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Name => "name",
            Self::BirthDate => "birth-date",
            Self::NationalId => "national-id",
            Self::Iban => "iban",
            Self::Address => "address",
        }
    }

    /// Every reason code with its meaning.
    pub fn reasons(self) -> &'static [(&'static str, &'static str)] {
        use crate::contacts::{date, email, iban, national_id, person_name, phone};
        match self {
            Self::Email => email::REASONS,
            Self::Phone => phone::REASONS,
            Self::Name => person_name::REASONS,
            Self::BirthDate => date::REASONS,
            Self::NationalId => national_id::REASONS,
            Self::Iban => iban::REASONS,
            Self::Address => crate::addresses::REASONS,
        }
    }
}

/// What judging a single value needs.
#[derive(Debug, Clone, Copy)]
pub struct Judges<'a> {
    pub contacts: &'a Contacts,
    pub addresses: &'a Addresses,
    /// ISO 3166 alpha-2, upper case: the country of the record.
    pub country: Option<&'a str>,
    /// The day that ages count from.
    pub as_of: NaiveDate,
}

impl Judges<'_> {
    /// Judges one value of one field; a name or an address is taken as written in one line.
    pub fn judge(&self, kind: Kind, raw: &str) -> Tried {
        match kind {
            Kind::Email => of_email(raw, self.contacts.email(raw)),
            Kind::Phone => of_phone(raw, self.country, self.contacts.phone(raw, self.country)),
            Kind::Name => {
                let input = NameInput { full_name: Some(raw), country: self.country, ..NameInput::default() };
                of_name(raw, self.contacts.person_name(&input))
            }
            Kind::BirthDate => of_date(raw, self.contacts.birth_date(raw, self.as_of)),
            Kind::NationalId => of_national_id(raw, self.contacts.national_id(raw, self.country)),
            Kind::Iban => of_iban(raw, self.contacts.iban(raw, self.country)),
            Kind::Address => {
                let input = AddressInput { address: Some(raw), ..AddressInput::default() };
                of_address(raw, self.addresses.address(&input, self.country))
            }
        }
    }
}

/// The answer for bytes that are no UTF-8: invalid, with the reason `encoding`; `raw` has marks in place of them.
pub fn not_utf8(kind: Kind, raw: String, judges: &Judges<'_>) -> Tried {
    Tried { raw, verdict: Verdict::Invalid, reason: Some("encoding"), ..judges.judge(kind, "") }
}

/// What [`not_utf8`] says.
pub const ENCODING: (&str, &str) = ("encoding", "The line is not UTF-8; save the file as UTF-8.");

fn tried(
    raw: &str,
    standard: Option<String>,
    assessment: Assessment,
    keys: Vec<(&'static str, Part)>,
    parts: Vec<(&'static str, Part)>,
) -> Tried {
    let usable = assessment.usable();
    let keys = keys.into_iter().map(|(name, key)| (name, if usable { key } else { Part::Nothing })).collect();
    Tried {
        raw: raw.to_owned(),
        standard: standard.filter(|_| usable),
        verdict: assessment.verdict,
        reason: assessment.reason,
        suggestion: assessment.suggestion,
        keys: Named(keys),
        parts: Named(parts),
    }
}

/// Keys: `email`. Parts: `local`, `domain` (ASCII), `domain_unicode`, `class`.
pub fn of_email(raw: &str, email: Email) -> Tried {
    let class = email.domain.is_some().then(|| email.class.as_str());
    let unicode = email.domain.as_deref().map(crate::contacts::email::unicode_domain);
    tried(
        raw,
        email.standard,
        email.assessment,
        vec![("email", email.key.into())],
        vec![
            ("local", email.local.into()),
            ("domain", email.domain.into()),
            ("domain_unicode", unicode.into()),
            ("class", class.into()),
        ],
    )
}

/// Keys: `phone`. Parts: `e164`, `type`, `region`, `extension`, `national`, `possible`, `valid`, `others` (further numbers
/// of the field). They say what the numbering plans make of the text as it was written; where that was put right, the
/// standard form differs from `e164`.
pub fn of_phone(raw: &str, country: Option<&str>, phone: Phone) -> Tried {
    let read = phone_parts(raw, country);
    let extension =
        phone.extension.or_else(|| read.as_ref().and_then(|r| r.extension.clone())).filter(|e| !e.is_empty());
    let (possible, valid) = (read.as_ref().map(|r| r.possible), read.as_ref().map(|r| r.valid));
    let kind = read.as_ref().and_then(|r| r.kind);
    let (e164, region, national) = read.map_or((None, None, None), |r| (Some(r.e164), r.region, Some(r.national)));
    tried(
        raw,
        phone.standard,
        phone.assessment,
        vec![("phone", phone.key.into())],
        vec![
            ("e164", e164.into()),
            ("type", kind.into()),
            ("region", region.into()),
            ("extension", extension.into()),
            ("national", national.into()),
            ("possible", possible.into()),
            ("valid", valid.into()),
            ("others", Part::List(phone.others)),
            ("looks_like", phone.looks_like.into()),
        ],
    )
}

/// Keys: those of given and family name. Parts: `given_name`, `family_name`, `middle_name`, `prefix`, `suffix`,
/// `birth_name`, `organization`, `gender`, `script`. The standard form is the parts in western order.
pub fn of_name(raw: &str, name: PersonName) -> Tried {
    let order =
        [&name.honorific_prefix, &name.given_name, &name.middle_name, &name.family_name, &name.honorific_suffix];
    let line = order.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
    let standard = if line.is_empty() { name.organization.clone() } else { Some(line) };
    let script = name.script.filter(|_| name.assessment.usable());
    tried(
        raw,
        standard,
        name.assessment,
        vec![
            ("given_name", name.given_name_key.into()),
            ("given_name_root", name.given_name_root.into()),
            ("family_name", name.family_name_key.into()),
            ("family_name_root", name.family_name_root.into()),
            ("family_name_phonetic", name.family_name_phonetic.into()),
            ("birth_name", name.birth_name_key.into()),
        ],
        vec![
            ("given_name", name.given_name.into()),
            ("family_name", name.family_name.into()),
            ("middle_name", name.middle_name.into()),
            ("prefix", name.honorific_prefix.into()),
            ("suffix", name.honorific_suffix.into()),
            ("birth_name", name.birth_name.into()),
            ("organization", name.organization.into()),
            ("gender", name.gender.into()),
            ("script", script.into()),
        ],
    )
}

/// Keys: `date`. Parts: `year`, `month`, `day`.
pub fn of_date(raw: &str, date: Date) -> Tried {
    let day = date.standard.as_deref().and_then(|d| d.parse::<NaiveDate>().ok());
    let number = |part: Option<u32>| part.map_or(Part::Nothing, Part::Number);
    let parts = vec![
        ("year", number(day.and_then(|d| u32::try_from(d.year()).ok()))),
        ("month", number(day.map(|d| d.month()))),
        ("day", number(day.map(|d| d.day()))),
    ];
    tried(raw, date.standard.clone(), date.assessment, vec![("date", date.standard.into())], parts)
}

/// Keys: `national_id`, the scheme's country and the compact form. Parts: `scheme`, `compact`, `country`, `birth_date`, `sex`.
pub fn of_national_id(raw: &str, id: NationalId) -> Tried {
    let country = id.scheme.and_then(crate::contacts::national_id::country_of);
    tried(
        raw,
        id.standard.clone(),
        id.assessment,
        vec![("national_id", id.standard.clone().into())],
        vec![
            ("scheme", id.scheme.into()),
            ("compact", id.standard.into()),
            ("country", country.into()),
            ("birth_date", id.birth_date.into()),
            ("sex", id.sex.into()),
        ],
    )
}

/// Keys: `iban`. Parts: `country`, `check_digits`, `bank`, `branch`, `account`, `national_check`, `printed` (groups of four).
pub fn of_iban(raw: &str, iban: Iban) -> Tried {
    tried(
        raw,
        iban.standard.clone(),
        iban.assessment,
        vec![("iban", iban.standard.into())],
        vec![
            ("country", iban.country.into()),
            ("check_digits", iban.check_digits.into()),
            ("bank", iban.bank.into()),
            ("branch", iban.branch.into()),
            ("account", iban.account.into()),
            ("national_check", iban.national_check.into()),
            ("printed", iban.printed.into()),
        ],
    )
}

/// Keys: `street`, `locality`, `address`. Parts: `road`, `house_number`, `unit`, `level`, `staircase`, `po_box`,
/// `postal_code`, `locality`, `district`, `region`, `country`.
pub fn of_address(raw: &str, address: Address) -> Tried {
    tried(
        raw,
        address.standard,
        address.assessment,
        vec![
            ("street", address.street_key.into()),
            ("locality", address.locality_key.into()),
            ("address", address.address_key.into()),
        ],
        vec![
            ("road", address.street.into()),
            ("house_number", address.house_number.into()),
            ("unit", address.unit.into()),
            ("level", address.level.into()),
            ("staircase", address.staircase.into()),
            ("po_box", address.po_box.into()),
            ("postal_code", address.postal_code.into()),
            ("locality", address.locality.into()),
            ("district", address.district.into()),
            ("region", address.region.into()),
            ("country", address.country.into()),
        ],
    )
}

mod reference;
pub use reference::reference;

#[cfg(test)]
mod tests;
