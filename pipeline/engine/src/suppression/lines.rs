//! Rows before they are rows: mapped but not yet normalised, or lines that could not be read at all. Enters: values as a
//! source wrote them. Leaves: whether they are an erased person's. Never here: anything of the row kept.

use super::rows::Identity;
use chrono::NaiveDate;
use std::sync::Arc;
use zlato_core::addresses::Addresses;
use zlato_core::contacts::{Contacts, NameInput, PersonName};
use zlato_core::rules::Rules;
use zlato_core::rules::sources::FieldKind;
use zlato_core::suppression::{List, Name, Row};
use zlato_core::text::fold;

/// Longest part of a broken line that is looked at as one value.
const LONGEST_PIECE: usize = 120;

/// Recognises erased people in what a source delivers.
pub struct Guard {
    list: Arc<List>,
    contacts: Contacts,
    addresses: Arc<Addresses>,
    identity: Identity,
    as_of: NaiveDate,
}

/// A mapped row: name, kind and raw value of its fields.
pub struct Mapped<'a> {
    pub source: &'a str,
    pub key: Option<&'a str>,
    pub content: i64,
    pub country: Option<&'a str>,
    pub fields: Vec<(&'a str, FieldKind, &'a str)>,
}

impl Guard {
    /// None where nobody was erased: then rows cost nothing.
    pub fn new(list: Arc<List>, rules: &Rules, addresses: Arc<Addresses>, as_of: NaiveDate) -> Option<Self> {
        let contacts = Contacts::new(&rules.contacts);
        list.has_erased().then(|| Self { list, contacts, addresses, identity: Identity::new(rules), as_of })
    }

    pub fn is_erased(&self, mapped: &Mapped<'_>) -> bool {
        let field = |name: &str| mapped.fields.iter().find(|f| f.0 == name).map(|f| f.2);
        let country = field("country").and_then(|c| self.addresses.country_named(c));
        let country = country.as_deref().or(mapped.country);
        let (mut emails, mut phones, mut ids, mut birth_date) = (vec![], vec![], vec![], None);
        for (name, kind, raw) in &mapped.fields {
            match kind {
                FieldKind::Email => emails.extend(self.email(raw)),
                FieldKind::Phone => phones.extend(self.phone(raw, country)),
                FieldKind::NationalId => ids.extend(self.national_id(raw, country)),
                FieldKind::Date if *name == "birth_date" => birth_date = self.birth_date(raw),
                _ => {}
            }
        }
        let lines = self.identity.is_line_keyed(mapped.source);
        let mut row = Row {
            emails: emails.iter().map(String::as_str).collect(),
            phones: phones.iter().map(String::as_str).collect(),
            email_hashes: field("email_sha256").into_iter().collect(),
            phone_hashes: field("phone_sha256").into_iter().collect(),
            national_ids: ids.iter().map(String::as_str).collect(),
            birth_date: birth_date.as_deref(),
            key: mapped.key.map(|key| (mapped.source, key)).filter(|_| !lines),
            customer: field("customer_key").map(|key| (field("customer_source"), key)),
            content: lines.then_some((mapped.source, mapped.content)),
            ..Row::default()
        };
        if !self.list.suspects(&row) {
            return false;
        }
        let name = self.name(&field, country);
        row.name = Name {
            given: name.given_name_key.as_deref(),
            given_root: name.given_name_root.as_deref(),
            family: name.family_name_key.as_deref(),
            family_root: name.family_name_root.as_deref(),
        };
        self.list.erased(&row)
    }

    /// Whether a line that was rejected speaks of an erased person.
    pub fn speaks_of_erased(&self, source: &str, country: Option<&str>, raw: &str) -> bool {
        let pieces: Vec<&str> = raw
            .split(|c: char| {
                matches!(c, ',' | ';' | '|' | '\t' | '"' | '{' | '}' | '[' | ']' | '<' | '>' | '\n' | '\r')
            })
            .map(|piece| piece.trim_matches(|c: char| c.is_whitespace() || c == ':' || c == '\''))
            .filter(|piece| !piece.is_empty() && piece.len() <= LONGEST_PIECE)
            .collect();
        let (mut emails, mut phones, mut ids, mut dates, mut words) = (vec![], vec![], vec![], vec![], vec![]);
        for piece in &pieces {
            for word in piece.split_whitespace().chain(std::iter::once(*piece)) {
                if word.contains('@') {
                    emails.extend(self.email(word));
                }
                let digits = word.chars().filter(char::is_ascii_digit).count();
                if (6..=20).contains(&digits) {
                    phones.extend(self.phone(word, country));
                    ids.extend(self.national_id(word, country));
                    dates.extend(self.birth_date(word));
                }
                let folded = fold(word);
                if !folded.is_empty() && digits == 0 {
                    words.push(folded);
                }
            }
        }
        // A row has one birth date, a line may have any number of dates: each is tried.
        let tried: Vec<Option<&str>> =
            if dates.is_empty() { vec![None] } else { dates.iter().map(|d| Some(d.as_str())).collect() };
        tried.into_iter().any(|birth_date| {
            let row = Row {
                emails: emails.iter().map(String::as_str).collect(),
                phones: phones.iter().map(String::as_str).collect(),
                national_ids: ids.iter().map(String::as_str).collect(),
                email_hashes: pieces.iter().copied().filter(|p| is_sha256(p)).collect(),
                phone_hashes: pieces.iter().copied().filter(|p| is_sha256(p)).collect(),
                birth_date,
                ..Row::default()
            };
            self.list.erased_in_text(&row, &words, source, &pieces)
        })
    }

    fn email(&self, raw: &str) -> Option<String> {
        let email = self.contacts.email(raw);
        email.key.filter(|_| email.assessment.usable())
    }

    fn phone(&self, raw: &str, country: Option<&str>) -> Option<String> {
        let phone = self.contacts.phone(raw, country);
        phone.key.filter(|_| phone.assessment.usable())
    }

    fn national_id(&self, raw: &str, country: Option<&str>) -> Option<String> {
        let id = self.contacts.national_id(raw, country);
        id.standard.filter(|_| id.assessment.usable())
    }

    fn birth_date(&self, raw: &str) -> Option<String> {
        let date = self.contacts.birth_date(raw, self.as_of);
        date.standard.filter(|_| date.assessment.usable())
    }

    fn name<'a>(&self, field: &impl Fn(&str) -> Option<&'a str>, country: Option<&str>) -> PersonName {
        let mut name = self.contacts.person_name(&NameInput {
            full_name: field("full_name"),
            honorific_prefix: field("honorific_prefix"),
            given_name: field("given_name"),
            middle_name: field("middle_name"),
            family_name: field("family_name"),
            honorific_suffix: field("honorific_suffix"),
            birth_name: field("birth_name"),
            country,
        });
        if !name.assessment.usable() {
            name.given_name_key = None;
            name.given_name_root = None;
            name.family_name_key = None;
            name.family_name_root = None;
        }
        name
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}
