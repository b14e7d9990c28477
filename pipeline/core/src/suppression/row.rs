//! What a row says of a person, in standard forms, and the hashes of it that lists are asked for.

use super::{Key, What};
use std::collections::BTreeSet;

/// A name as compared.
#[derive(Debug, Clone, Copy, Default)]
pub struct Name<'a> {
    /// Folded given name, and its root (nicknames of one name have one).
    pub given: Option<&'a str>,
    pub given_root: Option<&'a str>,
    pub family: Option<&'a str>,
    pub family_root: Option<&'a str>,
}

/// The standard forms of a row: keys of contacts, not what was typed.
#[derive(Debug, Clone, Default)]
pub struct Row<'a> {
    pub emails: Vec<&'a str>,
    pub phones: Vec<&'a str>,
    /// SHA-256 in hexadecimal, of the standard form of a contact.
    pub email_hashes: Vec<&'a str>,
    pub phone_hashes: Vec<&'a str>,
    pub national_ids: Vec<&'a str>,
    pub name: Name<'a>,
    /// YYYY-MM-DD.
    pub birth_date: Option<&'a str>,
    pub postal_code: Option<&'a str>,
    /// Source and key, where the key is more than a line number.
    pub key: Option<(&'a str, &'a str)>,
    /// Of an event: the customer's source, if named, and key.
    pub customer: Option<(Option<&'a str>, &'a str)>,
    /// Source and content hash, where the key is a line number.
    pub content: Option<(&'a str, i64)>,
}

impl Row<'_> {
    /// Every hash that the row has. Contacts count as own and as shared: which they are, the entry says.
    pub fn hashes(&self, key: &Key) -> BTreeSet<(What, u128)> {
        let mut all = BTreeSet::new();
        let mut add = |what: What, value: &str| {
            all.insert((what, key.hash(what, value)));
        };
        for email in &self.emails {
            add(What::Email, email);
            add(What::SharedEmail, email);
        }
        for phone in &self.phones {
            add(What::Phone, phone);
            add(What::SharedPhone, phone);
        }
        for hash in &self.email_hashes {
            add(What::EmailSha256, &hash.to_ascii_lowercase());
        }
        for hash in &self.phone_hashes {
            add(What::PhoneSha256, &hash.to_ascii_lowercase());
        }
        for id in &self.national_ids {
            add(What::NationalId, id);
        }
        for given in [self.name.given, self.name.given_root].into_iter().flatten() {
            add(What::Given, given);
        }
        for family in [self.name.family, self.name.family_root].into_iter().flatten() {
            add(What::Family, family);
        }
        if let Some(birth) = self.birth_date {
            add(What::Birth, birth);
            if let (Some(given), Some(family)) = (self.name.given_root, self.name.family_root) {
                // Given and family name exchanged are the same name.
                let (first, second) = if given <= family { (given, family) } else { (family, given) };
                add(What::NameBirth, &format!("{first}\0{second}\0{birth}"));
                if let Some(code) = self.postal_code {
                    let code: String = code.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase();
                    add(What::NameBirthPostal, &format!("{first}\0{second}\0{birth}\0{code}"));
                }
            }
        }
        if let Some((source, row)) = self.key {
            add(What::Row, &format!("{source}\0{row}"));
        }
        match self.customer {
            Some((Some(source), row)) => add(What::Row, &format!("{source}\0{row}")),
            Some((None, row)) => add(What::Customer, row),
            None => {}
        }
        if let Some((source, content)) = self.content {
            add(What::Content, &format!("{source}\0{content}"));
        }
        all
    }
}
