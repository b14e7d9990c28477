//! Contacts: emails, phones, person names, dates and national ids, each judged and brought to standard form.
//! Enters: one raw value as a source wrote it. Leaves: standard form, match keys, parts, a verdict with its reason.
//! Never here: the network, the clock, other fields of the record.

pub mod boolean;
mod daitch_mokotoff;
pub mod date;
pub mod email;
pub mod gender;
pub mod iban;
pub mod mail_domain;
pub mod national_id;
pub mod nicknames;
pub mod number;
pub mod person_name;
pub mod phone;
mod placeholder;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod placeholder_tests;
mod timestamp;

use chrono::NaiveDate;

pub use boolean::boolean;
pub use daitch_mokotoff::code as phonetic;
pub use date::Date;
pub use email::{Email, EmailClass};
pub use gender::gender;
pub use iban::Iban;
pub use national_id::NationalId;
pub use nicknames::Nicknames;
pub use number::number;
pub use person_name::{NameInput, PersonName};
pub use phone::{Phone, PhoneParts, phone_parts};
use placeholder::Placeholders;

use crate::rules;
use crate::text::{fold, squeeze};
use crate::value::{Assessment, Verdict};

/// Lists and settings of `contacts.toml`, prepared once. Cheap to share between threads.
#[derive(Debug, Clone)]
pub struct Contacts {
    placeholders: Placeholders,
    emails: email::Emails,
    phones: phone::Phones,
    dates: date::Dates,
    national_ids: national_id::NationalIds,
}

impl Contacts {
    pub fn new(rules: &rules::contacts::Contacts) -> Self {
        Self {
            placeholders: Placeholders::new(&rules.placeholders),
            emails: email::Emails::new(&rules.email),
            phones: phone::Phones::new(&rules.phone),
            dates: date::Dates::new(&rules.date),
            national_ids: national_id::NationalIds::new(&rules.national_id),
        }
    }

    /// An email address (RFC 5321 with UTF-8 local parts, IDNA 2008 domains). Reasons: [`email::REASONS`].
    pub fn email(&self, raw: &str) -> Email {
        self.emails.email(raw, &self.placeholders)
    }

    /// A phone number; `country` (ISO 3166 alpha-2, upper case) tells how national forms are read.
    /// Reasons: [`phone::REASONS`].
    pub fn phone(&self, raw: &str, country: Option<&str>) -> Phone {
        self.phones.phone(raw, country, &self.placeholders)
    }

    /// A calendar date in any usual spelling. Reasons: [`date::REASONS`].
    pub fn date(&self, raw: &str) -> Date {
        self.dates.date(raw, &self.placeholders)
    }

    /// A date on which a living customer can have been born, seen from the day `as_of`.
    pub fn birth_date(&self, raw: &str, as_of: NaiveDate) -> Date {
        self.dates.birth_date(raw, as_of, &self.placeholders)
    }

    /// A national or tax id; `country` (ISO 3166 alpha-2) says which schemes come first.
    /// Reasons: [`national_id::REASONS`].
    pub fn national_id(&self, raw: &str, country: Option<&str>) -> NationalId {
        self.national_ids.national_id(raw, country, &self.placeholders)
    }

    /// A person's name, from one field or several. Reasons: [`person_name::REASONS`].
    pub fn person_name(&self, input: &NameInput<'_>) -> PersonName {
        person_name::person_name(input, &self.placeholders)
    }

    /// Free text: white space squeezed, words that mean "nothing" taken as missing.
    pub fn text(&self, raw: &str) -> Text {
        let standard = squeeze(raw);
        if standard.is_empty() {
            return Text { standard: None, key: None, assessment: Assessment::MISSING };
        }
        if self.placeholders.contains(&standard) {
            return Text { standard: None, key: None, assessment: Assessment::new(Verdict::Missing, "placeholder") };
        }
        let key = Some(fold(&standard)).filter(|k| !k.is_empty());
        Text { standard: Some(standard), key, assessment: Assessment::VALID }
    }
}

/// Free text and its match key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// As written, white space squeezed.
    pub standard: Option<String>,
    /// [`fold`] of it; none when no letter or digit remains.
    pub key: Option<String>,
    pub assessment: Assessment,
}

/// Reason codes of free text.
pub const TEXT_REASONS: &[(&str, &str)] =
    &[("placeholder", "The value stands for \"nothing\", such as brak, nema or n/a.")];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contacts() -> Contacts {
        Contacts::new(&rules::contacts::Contacts::default())
    }

    #[test]
    fn words_for_nothing_are_missing() {
        for raw in ["", " \u{00A0}", "brak", "BRAK ", "Nema", "n/a", "N/A", "-", "?"] {
            assert_eq!(contacts().text(raw).assessment.verdict, Verdict::Missing, "{raw}");
        }
        let text = contacts().text("  Žuta   kuća ");
        assert_eq!(text.standard.as_deref(), Some("Žuta kuća"));
        assert_eq!(text.key.as_deref(), Some("zuta kuca"));
    }

    #[test]
    fn reason_codes_are_unique_snake_case_and_explained() {
        for list in [
            TEXT_REASONS,
            email::REASONS,
            phone::REASONS,
            date::REASONS,
            national_id::REASONS,
            person_name::REASONS,
            iban::REASONS,
        ] {
            let mut codes: Vec<_> = list.iter().map(|(code, _)| *code).collect();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), list.len());
            for (code, explanation) in list {
                assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{code}");
                assert!(explanation.ends_with('.'), "{code}");
            }
        }
    }

    proptest! {
        #[test]
        fn text_is_idempotent(raw in ".*") {
            let contacts = contacts();
            let once = contacts.text(&raw);
            if let Some(standard) = &once.standard {
                prop_assert_eq!(contacts.text(standard), once.clone());
            }
        }
    }
}
