//! Whom rows of profiles and events name. Enter: the parts of their tables with the ways in which a row may name a
//! customer; `contacts` beside `clusters`. Leaves: for each row the best way that names one cluster, else the best that
//! names several; of named keys all clusters. Holds the customers' keys of one kind at a time, and 24 bytes a row.
//! Never here: what follows from it.

use super::super::columns::{integers, text_column, value};
use super::super::holders::{Gathering, Held, Holders, Key, Keys};
use super::super::parts::{parallel, scan_parts};
use super::texts::{Has, Text, Texts, pairs};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::progress::Cancel;
use crate::store::{Store, part_rows, read_some};
use crate::tables;
use arrow::datatypes::DataType;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use zlato_core::contacts::Contacts;

/// A way in which a row may name a customer: what it has must be what a record of the customer has, in one of several
/// places. A key of which one text is missing names nobody.
#[derive(Debug, Clone)]
pub struct Way {
    /// Lower is better.
    pub rank: u16,
    pub theirs: Vec<Text>,
    pub customers: Vec<Has>,
}

/// What was found for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub held: Held,
    /// By which way; no matter for [`Held::Nobody`].
    pub rank: u16,
    /// What else the row says is not what the customer says.
    pub contradicted: bool,
}

impl Found {
    const NOTHING: Self = Self { held: Held::Nobody, rank: u16::MAX, contradicted: false };

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
            Held::One(cluster) if !self.contradicted => Some(cluster),
            Held::One(_) | Held::Several | Held::Nobody => None,
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
    fn ask(mut self, customers: &[Has], holders: &Holders, cancel: &Cancel) -> Result<Self> {
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
                    let now = Found { held, rank: way.rank, contradicted: false };
                    if now.better(*found) {
                        *found = now;
                    }
                }
            }
        }
        Ok(self)
    }
}

/// Keys of customers of each kind of which all clusters are wanted, and pairs of such a key and a cluster, in order.
pub type Named = BTreeMap<Vec<Has>, Arc<Holders>>;
pub type Clusters = BTreeMap<Vec<Has>, Vec<(Key, i64)>>;

/// Finds whom all rows name, and all clusters that have a named key.
pub async fn seek(context: &Context, mut parts: Vec<Seeking>, named: &Named) -> Result<(Vec<Seeking>, Clusters)> {
    let kinds = parts.iter().flat_map(|part| &part.ways).map(|way| way.customers.clone());
    let mut of_named = Clusters::new();
    for customers in kinds.collect::<BTreeSet<_>>() {
        let (holders, pairs) = clusters(context, &customers, named.get(&customers).cloned()).await?;
        let cancel = context.cancel.clone();
        of_named.insert(customers.clone(), pairs);
        let ask = move |part: Seeking| part.ask(&customers, &holders, &cancel);
        parts = parallel(context.options.limits.threads, parts, ask).await?;
    }
    Ok((parts, of_named))
}

/// The clusters of the customers that have each key, and those of the named keys one by one.
async fn clusters(
    context: &Context,
    customers: &[Has],
    named: Option<Arc<Holders>>,
) -> Result<(Holders, Vec<(Key, i64)>)> {
    let gathering = Arc::new((Gathering::default(), Mutex::new(Vec::new())));
    let names: BTreeSet<String> = customers.iter().flat_map(Has::columns).collect();
    let wanted = move |name: &str| name == "cluster_id" || names.contains(name);
    let (into, customers) = (gathering.clone(), customers.to_vec());
    let contacts = Contacts::new(&context.rules.rules.contacts);
    scan_parts(context, &[tables::CONTACTS, tables::CLUSTERS], wanted, move |batch| {
        let (all, of_named) = into.as_ref();
        let pairs = pairs(batch, &customers, integers(batch, "cluster_id")?.values(), &contacts)?;
        if let Some(named) = &named {
            let is_named = |(key, _): &&(Key, i64)| named.of(*key) != Held::Nobody;
            let found: Vec<(Key, i64)> = pairs.iter().filter(is_named).copied().collect();
            of_named.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        }
        all.add(pairs.into_iter());
        Ok(())
    })
    .await?;
    let gathering = Arc::into_inner(gathering).ok_or_else(|| Error::Internal("keys are still being read".into()))?;
    let mut of_named = gathering.1.into_inner().unwrap_or_else(PoisonError::into_inner);
    of_named.sort_unstable();
    of_named.dedup();
    Ok((gathering.0.finish(context.options.limits.threads).await?, of_named))
}

/// The text columns of a table.
pub fn text_columns(store: &Store, table: &str) -> Result<BTreeSet<String>> {
    let schema = store.schema(table)?;
    let texts = schema.fields().iter().filter(|field| field.data_type() == &DataType::Utf8);
    Ok(texts.map(|field| field.name().clone()).collect())
}
