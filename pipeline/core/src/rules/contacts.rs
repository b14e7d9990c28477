//! `contacts.toml`: how emails, phones, names, dates and national ids are judged.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_spanned::Spanned;

/// How e-mails, phones, names, dates and national ids are judged.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Contacts {
    /// Values that mean "nothing", in any field, after folding case and diacritics.
    pub placeholders: Vec<String>,
    /// E-mail addresses.
    pub email: EmailRules,
    /// Telephone numbers.
    pub phone: PhoneRules,
    /// Dates, and birth dates above all.
    pub date: DateRules,
    /// Numbers that states give persons.
    pub national_id: NationalIdRules,
}

impl Default for Contacts {
    fn default() -> Self {
        Self {
            placeholders: [
                "-",
                "--",
                ".",
                "/",
                "?",
                "x",
                "xx",
                "xxx",
                "n/a",
                "na",
                "nil",
                "none",
                "null",
                "unknown",
                "not provided",
                "no data",
                "brak",
                "brak danych",
                "b/d",
                "n/d",
                "nie dotyczy",
                "nie ma",
                "nie podano",
                "nieznany",
                "nieznana",
                "nieznane",
                "nema",
                "nema podataka",
                "bez",
                "nepoznato",
                "nije poznato",
                "nije uneto",
                "ni",
                "brez",
                "neznano",
                "ni podatka",
                "ni podatkov",
                "ni znano",
                "nav",
                "nav datu",
                "nav noradits",
                "nezinams",
                "nav zinams",
                "nezinu",
            ]
            .map(String::from)
            .to_vec(),
            email: EmailRules::default(),
            phone: PhoneRules::default(),
            date: DateRules::default(),
            national_id: NationalIdRules::default(),
        }
    }
}

/// E-mail addresses.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EmailRules {
    /// Addresses that stand for "no address" here: `noemail@example.pl`.
    pub placeholders: Vec<String>,
    /// Further domains to treat as disposable.
    pub disposable_domains: Vec<String>,
    /// Answers of `zlato mail-domains` that are older than this, seen from `--as-of`, do not count.
    pub mail_domain_max_age_days: u32,
}

impl Default for EmailRules {
    fn default() -> Self {
        Self { placeholders: vec![], disposable_domains: vec![], mail_domain_max_age_days: 90 }
    }
}

/// Telephone numbers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PhoneRules {
    /// Numbers that stand for "no number" here: `000 000 000`.
    pub placeholders: Vec<String>,
}

/// Dates, and birth dates above all.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DateRules {
    /// Which part comes first in `03/04/1980`: day first unless told.
    pub month_first: bool,
    /// Dates that stand for "unknown": `1900-01-01`.
    pub placeholders: Vec<String>,
    /// A birth date further back than this is invalid.
    #[schemars(with = "u32")]
    pub oldest_years: Spanned<u32>,
    /// A younger customer is suspect.
    #[schemars(with = "u32")]
    pub youngest_years: Spanned<u32>,
}

impl Default for DateRules {
    fn default() -> Self {
        Self {
            month_first: false,
            placeholders: [
                "0001-01-01",
                "1753-01-01",
                "1899-12-30",
                "1900-01-01",
                "1901-01-01",
                "1970-01-01",
                "9999-12-31",
            ]
            .map(String::from)
            .to_vec(),
            oldest_years: Spanned::new(0..0, 120),
            youngest_years: Spanned::new(0..0, 0),
        }
    }
}

/// Numbers that states give persons.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NationalIdRules {
    /// Schemes to try, in order: `pl-pesel`, `rs-jmbg`, `si-emso`, `lv-personas-kods`.
    /// Empty: those of the row's country first, then all.
    #[schemars(with = "Vec<String>")]
    pub schemes: Vec<Spanned<String>>,
}

impl NationalIdRules {
    /// These schemes and no others.
    pub fn only<'a>(schemes: impl IntoIterator<Item = &'a str>) -> Self {
        Self { schemes: schemes.into_iter().map(|s| Spanned::new(0..0, s.to_owned())).collect() }
    }
}
