//! Keys out of the columns of a batch. Enter: rows of customers, profiles or events. Leave: for each row the keys by which it
//! may be found. Never here: who holds a key.

use super::super::columns::{text_column, value};
use super::super::holders::{Key, Keys};
use crate::error::{Error, Result};
use crate::functions::sha256_hex;
use crate::match_view::column;
use arrow::array::{RecordBatch, StringArray};
use zlato_core::contacts::Contacts;

/// A text of a key: of which column, and what of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Text {
    Whole(String),
    Lower(String),
    /// As lower-case hex digits.
    Sha256(String),
}

impl Text {
    pub fn column(&self) -> &str {
        let (Self::Whole(name) | Self::Lower(name) | Self::Sha256(name)) = self;
        name
    }
}

/// Where a record of a customer has a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Has {
    /// In these columns together.
    Texts(Vec<Text>),
    /// In the cell of a field that held several e-mails: the second one.
    FurtherEmail(String),
    /// In the cell of a field that held several numbers: all but the first one.
    FurtherPhones(String),
}

impl Has {
    /// The columns that are looked at.
    pub fn columns(&self) -> Vec<String> {
        match self {
            Self::Texts(texts) => texts.iter().map(|text| text.column().to_string()).collect(),
            Self::FurtherEmail(field) => vec![column(field, "reason"), column(field, "suggestion")],
            Self::FurtherPhones(field) => vec![column(field, "reason"), column(field, "raw"), "default_country".into()],
        }
    }
}

/// Columns of a batch that make keys together.
pub struct Texts<'a>(Vec<(&'a Text, &'a StringArray)>);

impl<'a> Texts<'a> {
    pub fn of(batch: &'a RecordBatch, texts: &'a [Text]) -> Result<Self> {
        let column = |text: &'a Text| {
            let column = text_column(batch, text.column());
            column.map(|c| (text, c)).ok_or_else(|| Error::Internal(format!("no column {}", text.column())))
        };
        Ok(Self(texts.iter().map(column).collect::<Result<_>>()?))
    }

    pub fn key(&self, row: usize, keys: &mut Keys) -> Option<Key> {
        keys.begin();
        for (text, column) in &self.0 {
            let value = value(Some(column), row)?;
            match text {
                Text::Whole(_) => keys.add(value),
                Text::Lower(_) => keys.add(&value.to_lowercase()),
                Text::Sha256(_) => keys.add(&sha256_hex(value)),
            };
        }
        Some(keys.key())
    }
}

/// The keys of customers in a batch, each with the cluster of its row.
pub fn pairs(batch: &RecordBatch, places: &[Has], clusters: &[i64], contacts: &Contacts) -> Result<Vec<(Key, i64)>> {
    let mut keys = Keys::default();
    let mut pairs = Vec::with_capacity(clusters.len());
    for place in places {
        match place {
            Has::Texts(texts) => {
                let texts = Texts::of(batch, texts)?;
                let rows = clusters.iter().enumerate();
                pairs.extend(rows.filter_map(|(row, cluster)| Some((texts.key(row, &mut keys)?, *cluster))));
            }
            Has::FurtherEmail(field) | Has::FurtherPhones(field) => {
                let reasons = text_column(batch, &column(field, "reason"));
                let several = |reason: Option<&str>| matches!(reason, Some("several_addresses" | "several_numbers"));
                for (row, cluster) in clusters.iter().enumerate().filter(|(row, _)| several(value(reasons, *row))) {
                    for other in others(batch, place, row, contacts) {
                        pairs.push((keys.begin().add(&other).key(), *cluster));
                    }
                }
            }
        }
    }
    Ok(pairs)
}

/// The keys of the contacts in a cell that stand behind the first one.
fn others(batch: &RecordBatch, place: &Has, row: usize, contacts: &Contacts) -> Vec<String> {
    let text = |name: &str| value(text_column(batch, name), row);
    match place {
        Has::Texts(_) => vec![],
        Has::FurtherEmail(field) => {
            let next = text(&column(field, "suggestion"));
            next.and_then(|next| contacts.email(next).key).into_iter().collect()
        }
        Has::FurtherPhones(field) => {
            let raw = text(&column(field, "raw"));
            raw.map(|raw| contacts.phone(raw, text("default_country")).others).unwrap_or_default()
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn every_contact_in_a_cell_is_found() {
        let column = |texts: Vec<Option<&str>>| Arc::new(StringArray::from(texts)) as arrow::array::ArrayRef;
        let batch = RecordBatch::try_from_iter([
            ("email_key", column(vec![Some("jan@wp.pl"), Some("ewa@wp.pl"), None])),
            ("email_reason", column(vec![Some("several_addresses"), None, None])),
            ("email_suggestion", column(vec![Some("anna@onet.pl"), Some("not@hers.pl"), None])),
            ("phone_raw", column(vec![Some("601222333"), Some("601 222 333 / 602 333 444"), None])),
            ("phone_reason", column(vec![None, Some("several_numbers"), None])),
            ("default_country", column(vec![Some("PL"), Some("PL"), Some("PL")])),
        ])
        .unwrap();
        let places = [
            Has::Texts(vec![Text::Whole("email_key".into())]),
            Has::FurtherEmail("email".into()),
            Has::FurtherPhones("phone".into()),
        ];
        let contacts = Contacts::new(&zlato_core::rules::contacts::Contacts::default());
        let key = |text: &str| Keys::default().begin().add(text).key();
        let found = pairs(&batch, &places, &[7, 8, 9], &contacts).unwrap();
        let expected =
            [("jan@wp.pl", 7), ("ewa@wp.pl", 8), ("anna@onet.pl", 7), ("+48602333444", 8)].map(|(t, c)| (key(t), c));
        assert_eq!(found, expected);
    }
}
