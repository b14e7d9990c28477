//! Whom rows of profiles and events name. Enter: the parts of their tables with the ways in which a row may name a
//! customer; `contacts` beside `clusters`. Leaves: for each row the best way that names one cluster, else the best that
//! names several. Holds the customers' keys of one kind at a time, and 24 bytes a row. Never here: what follows from it.

use super::super::columns::{integers, text_column, value};
use super::super::holders::{Gathering, Held, Holders, Key, Keys};
use super::super::parts::{parallel, scan_parts};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::functions::sha256_hex;
use crate::progress::Cancel;
use crate::store::{Store, part_rows, read_some};
use crate::tables;
use arrow::array::{RecordBatch, StringArray};
use arrow::datatypes::DataType;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

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

/// A way in which a row may name a customer: what it has must be what a record of the customer has. A key of which one
/// text is missing names nobody.
#[derive(Debug, Clone)]
pub struct Way {
    /// Lower is better.
    pub rank: u16,
    pub theirs: Vec<Text>,
    pub customers: Vec<Text>,
}

/// What was found for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub held: Held,
    /// By which way; no matter for [`Held::Nobody`].
    pub rank: u16,
}

impl Found {
    const NOTHING: Self = Self { held: Held::Nobody, rank: u16::MAX };

    /// One cluster is better than several, these are better than none; then the rank decides.
    fn better(self, than: Self) -> bool {
        let order = |found: Self| match found.held {
            Held::One(_) => (0, found.rank),
            Held::Several => (1, found.rank),
            Held::Nobody => (2, 0),
        };
        order(self) < order(than)
    }

    pub fn cluster(self) -> Option<i64> {
        match self.held {
            Held::One(cluster) => Some(cluster),
            Held::Several | Held::Nobody => None,
        }
    }
}

/// A part of a table whose rows name customers.
#[derive(Debug)]
pub struct Seeking {
    pub path: PathBuf,
    /// A part holds rows of one source.
    pub source: String,
    /// The first record.
    pub first: i64,
    pub found: Vec<Found>,
    ways: Vec<Way>,
}

impl Seeking {
    /// The parts of a table that have rows; `ways` says by which ways those of a source name customers.
    pub fn parts(store: &Store, table: &str, ways: impl Fn(&str) -> Vec<Way>) -> Result<Vec<Self>> {
        let mut parts = Vec::new();
        for path in store.parts(table)? {
            let Some(batch) = read_some(&path, |name| name == "source")?.next().transpose()? else { continue };
            let first = integers(&batch, "record_id")?.values().first().copied();
            let source = value(text_column(&batch, "source"), 0);
            let (Some(first), Some(source)) = (first, source) else { continue };
            let rows = usize::try_from(part_rows(&path)?).unwrap_or(0);
            let (source, ways) = (source.to_string(), ways(source));
            parts.push(Self { path, source, first, found: vec![Found::NOTHING; rows], ways });
        }
        Ok(parts)
    }

    /// Looks up the keys of all ways that ask for these keys of customers.
    fn ask(mut self, customers: &[Text], holders: &Holders, cancel: &Cancel) -> Result<Self> {
        let mut keys = Keys::default();
        for way in self.ways.iter().filter(|way| way.customers == customers) {
            let wanted = |name: &str| way.theirs.iter().any(|text| text.column() == name);
            let mut found = self.found.iter_mut();
            for batch in read_some(&self.path, wanted)? {
                cancel.check()?;
                let batch = batch?;
                let texts = Texts::of(&batch, &way.theirs)?;
                for (row, found) in (0..batch.num_rows()).zip(found.by_ref()) {
                    let held = texts.key(row, &mut keys).map_or(Held::Nobody, |key| holders.of(key));
                    let now = Found { held, rank: way.rank };
                    if now.better(*found) {
                        *found = now;
                    }
                }
            }
        }
        Ok(self)
    }
}

/// Columns of a batch that make keys.
struct Texts<'a>(Vec<(&'a Text, &'a StringArray)>);

impl<'a> Texts<'a> {
    fn of(batch: &'a RecordBatch, texts: &'a [Text]) -> Result<Self> {
        let column = |text: &'a Text| {
            let column = text_column(batch, text.column());
            column.map(|c| (text, c)).ok_or_else(|| Error::Internal(format!("no column {}", text.column())))
        };
        Ok(Self(texts.iter().map(column).collect::<Result<_>>()?))
    }

    fn key(&self, row: usize, keys: &mut Keys) -> Option<Key> {
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

/// Finds whom all rows name.
pub async fn seek(context: &Context, mut parts: Vec<Seeking>) -> Result<Vec<Seeking>> {
    let kinds = parts.iter().flat_map(|part| &part.ways).map(|way| way.customers.clone());
    for customers in kinds.collect::<BTreeSet<_>>() {
        let holders = clusters(context, &customers).await?;
        let cancel = context.cancel.clone();
        let ask = move |part: Seeking| part.ask(&customers, &holders, &cancel);
        parts = parallel(context.options.limits.threads, parts, ask).await?;
    }
    Ok(parts)
}

/// The clusters of the customers that have each key.
async fn clusters(context: &Context, customers: &[Text]) -> Result<Holders> {
    let gathering = Arc::new(Gathering::default());
    let names: Vec<String> = customers.iter().map(|text| text.column().to_string()).collect();
    let wanted = move |name: &str| name == "cluster_id" || names.iter().any(|n| n == name);
    let (into, customers) = (gathering.clone(), customers.to_vec());
    scan_parts(context, &[tables::CONTACTS, tables::CLUSTERS], wanted, move |batch| {
        let (texts, clusters) = (Texts::of(batch, &customers)?, integers(batch, "cluster_id")?);
        let mut keys = Keys::default();
        let rows = clusters.values().iter().enumerate();
        into.add(rows.filter_map(|(row, cluster)| Some((texts.key(row, &mut keys)?, *cluster))));
        Ok(())
    })
    .await?;
    let gathering = Arc::into_inner(gathering).ok_or_else(|| Error::Internal("keys are still being read".into()))?;
    gathering.finish(context.options.limits.threads).await
}

/// The text columns of a table.
pub fn text_columns(store: &Store, table: &str) -> Result<BTreeSet<String>> {
    let schema = store.schema(table)?;
    let texts = schema.fields().iter().filter(|field| field.data_type() == &DataType::Utf8);
    Ok(texts.map(|field| field.name().clone()).collect())
}
