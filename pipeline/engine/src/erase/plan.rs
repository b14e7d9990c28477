//! What is a person's in all stored runs. Enters: a golden id and the run that has it. Leaves: an order, and nothing
//! changed on disk. The rows of the golden record are theirs; of all other rows those that the strong combinations of the
//! suppression list make theirs.

use super::facts::Person;
use super::order::{Order, RunOrder};
use crate::error::Result;
use crate::person::{Found, StoredRun, integers, runs};
use crate::stages::columns::{text_column, value};
use crate::stages::parts::{next_zipped, side_by_side};
use crate::store::{Store, read_some};
use crate::suppression::lines::Guard;
use crate::suppression::rows::Identity;
use crate::tables;
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::DataType;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use zlato_core::suppression::{Key, List, header, line};

/// Tables of normalised rows, and where they came from.
pub(super) const NORMALISED: [(&str, &str); 3] = [
    (tables::CONTACTS, tables::RECORDS),
    (tables::PROFILE_CONTACTS, tables::PROFILE_RECORDS),
    (tables::EVENT_CONTACTS, tables::EVENTS),
];

pub(super) type Named = BTreeSet<(String, String)>;

/// Who asks, and when.
#[derive(Debug, Clone)]
pub struct Asked {
    pub day: NaiveDate,
    /// RFC 3339.
    pub at: String,
    pub steward: Option<String>,
    pub reason: Option<String>,
}

/// Plans the erasure of a golden record.
///
/// # Errors
/// When a table of a stored run cannot be read.
pub fn plan(out: &Path, who: &Found, asked: &Asked, key: &Key) -> Result<Order> {
    let runs = runs(out)?;
    let (names, golden_ids) = names(&runs, who)?;
    let mut person = Person::default();
    let mut linked: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    for run in &runs {
        linked.insert(run.name(), person.collect(run, &names, key)?);
    }
    person.find_shared(&runs, &names, key)?;
    let entry = person.entry(asked.day, key);
    let text = header(key) + &line(&entry);
    let list = List::parse(&text, key.clone()).map_err(|e| crate::error::Error::Internal(e.to_string()))?;
    let list = Arc::new(list);
    let mut order = Order {
        entry,
        at: asked.at.clone(),
        steward: asked.steward.clone(),
        reason: asked.reason.clone(),
        runs: BTreeMap::new(),
        names: BTreeSet::new(),
        golden_ids: BTreeSet::new(),
        values: person.values(),
        shared_contacts: (person.shared_emails.len() + person.shared_phones.len()) as u64,
    };
    let mut kept_ids: BTreeSet<String> = BTreeSet::new();
    for run in &runs {
        let mut wanted = RunOrder::default();
        let linked = linked.remove(run.name()).unwrap_or_default();
        records(run, &names, &linked, &list, &mut wanted, &mut order.names)?;
        clusters(run, &mut wanted, &mut order.golden_ids, &mut kept_ids)?;
        quarantine(run, &list, asked.day, &mut wanted)?;
        wanted.whole = NORMALISED.iter().any(|(table, raw)| run.store.exists(raw) && !run.store.exists(table));
        for (table, _) in wanted.before.clone() {
            wanted.before.insert(table.clone(), run.store.rows(&table)?);
        }
        order.runs.insert(run.name().into(), wanted);
    }
    // An id that is somebody else's too, in any run, is no longer this person's alone.
    order.golden_ids.extend(golden_ids);
    order.golden_ids.retain(|id| !kept_ids.contains(id));
    Ok(order)
}

/// Records of the golden record in the run that has it, and what was in it earlier and is nowhere in that run now.
fn names(runs: &[StoredRun], who: &Found) -> Result<(Named, BTreeSet<String>)> {
    let mut golden_ids = BTreeSet::from([who.golden_id.clone()]);
    let mut names = Named::new();
    let base = runs.iter().find(|r| r.name() == who.run);
    if let Some(base) = base {
        crosswalk(base, |name, golden| {
            if golden == who.golden_id {
                names.insert(name);
            }
        })?;
    }
    loop {
        let mut candidates = Named::new();
        let before = (names.len(), golden_ids.len());
        for run in runs {
            let lines: BTreeSet<String> = line_keyed(run)?;
            crosswalk(run, |name, golden| {
                if names.contains(&name) && !lines.contains(&name.0) {
                    golden_ids.insert(golden.to_string());
                } else if golden_ids.contains(golden) && !lines.contains(&name.0) {
                    candidates.insert(name);
                }
            })?;
        }
        if let Some(base) = base.filter(|_| !candidates.is_empty()) {
            crosswalk(base, |name, golden| {
                if golden != who.golden_id {
                    candidates.remove(&name);
                }
            })?;
        }
        names.extend(candidates);
        if (names.len(), golden_ids.len()) == before {
            return Ok((names, golden_ids));
        }
    }
}

fn line_keyed(run: &StoredRun) -> Result<BTreeSet<String>> {
    let rules = run.rules()?;
    let identity = Identity::new(&rules.rules);
    let sources = rules.rules.sources.source.iter().map(|s| s.name.get_ref().clone());
    Ok(sources.filter(|s| identity.is_line_keyed(s)).collect())
}

/// Every record of a customer or prospect with its golden id.
fn crosswalk(run: &StoredRun, mut each: impl FnMut((String, String), &str)) -> Result<()> {
    scan(&run.store, tables::CROSSWALK, |batch| {
        let [source, key, status, golden] =
            ["source", "source_key", "status", "golden_id"].map(|c| text_column(batch, c));
        for row in 0..batch.num_rows() {
            if let (Some(source), Some(key), Some("member"), Some(golden)) =
                (value(source, row), value(key, row), value(status, row), value(golden, row))
            {
                each((source.into(), key.into()), golden);
            }
        }
        Ok(())
    })
}

/// Every batch of a table, if the run has it.
pub(super) fn scan(store: &Store, table: &str, mut each: impl FnMut(&RecordBatch) -> Result<()>) -> Result<()> {
    if store.exists(table) {
        for part in store.parts(table)? {
            for batch in read_some(&part, |_| true)? {
                each(&batch?)?;
            }
        }
    }
    Ok(())
}

/// Every batch of normalised rows with the content hash of each.
pub(super) fn scan_rows(
    store: &Store,
    (table, raw): (&str, &str),
    mut each: impl FnMut(&RecordBatch) -> Result<()>,
) -> Result<()> {
    if !store.exists(table) || !store.exists(raw) {
        return Ok(());
    }
    for paths in side_by_side(store, &[table, raw])? {
        let mut readers = Vec::with_capacity(2);
        for (place, path) in paths.iter().enumerate() {
            readers.push(read_some(path, |name| place == 0 || name == "content_hash")?);
        }
        while let Some(batch) = next_zipped(&mut readers)? {
            each(&batch)?;
        }
    }
    Ok(())
}

/// Two integer columns side by side, without nulls.
pub(super) fn pairs<'a>(batch: &'a RecordBatch, first: &str, second: &str) -> impl Iterator<Item = (i64, i64)> + 'a {
    let both = integers(batch, first).zip(integers(batch, second));
    both.into_iter().flat_map(|(a, b)| a.iter().zip(b.iter())).filter_map(|(a, b)| Some((a?, b?)))
}

/// Rows of the person in a run, by record id.
fn records(
    run: &StoredRun,
    names: &Named,
    linked: &BTreeSet<i64>,
    list: &List,
    wanted: &mut RunOrder,
    all_names: &mut BTreeSet<(String, String)>,
) -> Result<()> {
    let rules = run.rules()?;
    let identity = Identity::new(&rules.rules);
    wanted.record_ids.extend(linked);
    for pair in NORMALISED {
        scan_rows(&run.store, pair, |batch| {
            let columns = identity.columns(batch);
            let content = integers(batch, "content_hash");
            for at in 0..batch.num_rows() {
                let Some(record) = integers(batch, "record_id").and_then(|c| c.values().get(at)).copied() else {
                    continue;
                };
                let text = |name: &str| value(text_column(batch, name), at).unwrap_or("").to_string();
                let row = columns.row(at, content.and_then(|c| c.values().get(at)).copied());
                let name = (text("source"), text("source_key"));
                let named = pair.0 == tables::CONTACTS && row.key.is_some() && names.contains(&name);
                if named || wanted.record_ids.contains(&record) || list.erased(&row) {
                    wanted.record_ids.insert(record);
                    if row.key.is_some() {
                        all_names.insert(name);
                    }
                }
            }
            Ok(())
        })?;
    }
    for table in tables::ALL.iter().filter(|t| run.store.exists(t.name)) {
        wanted.before.insert(table.name.into(), 0);
    }
    Ok(())
}

/// Clusters that are the person's alone, their golden ids, and what the person gave to records of others.
fn clusters(
    run: &StoredRun,
    wanted: &mut RunOrder,
    golden_ids: &mut BTreeSet<String>,
    kept_ids: &mut BTreeSet<String>,
) -> Result<()> {
    let mut touched: BTreeSet<i64> = BTreeSet::new();
    scan(&run.store, tables::CLUSTERS, |batch| {
        touched.extend(
            pairs(batch, "record_id", "cluster_id").filter(|(r, _)| wanted.record_ids.contains(r)).map(|p| p.1),
        );
        Ok(())
    })?;
    let mut others: BTreeSet<i64> = BTreeSet::new();
    scan(&run.store, tables::CLUSTERS, |batch| {
        let rest = pairs(batch, "record_id", "cluster_id")
            .filter(|(r, c)| touched.contains(c) && !wanted.record_ids.contains(r));
        others.extend(rest.map(|p| p.1));
        Ok(())
    })?;
    wanted.clusters = touched.difference(&others).copied().collect();
    scan(&run.store, tables::GOLDEN, |batch| {
        let golden = text_column(batch, "golden_id");
        let clusters = integers(batch, "cluster_id");
        for row in 0..batch.num_rows() {
            let (Some(golden), Some(cluster)) = (value(golden, row), clusters.and_then(|c| c.values().get(row))) else {
                continue;
            };
            if wanted.clusters.contains(cluster) {
                golden_ids.insert(golden.into());
            } else {
                kept_ids.insert(golden.into());
                if others.contains(cluster) {
                    wanted.mixed.insert(golden.into(), BTreeSet::new());
                }
            }
        }
        Ok(())
    })?;
    if wanted.mixed.is_empty() {
        return Ok(());
    }
    scan(&run.store, tables::GOLDEN_FIELDS, |batch| {
        let [golden, field] = ["golden_id", "field"].map(|c| text_column(batch, c));
        let records = integers(batch, "record_id");
        let winners = batch.column_by_name("winner").filter(|c| c.data_type() == &DataType::Boolean);
        for row in 0..batch.num_rows() {
            let theirs = records.and_then(|c| c.values().get(row)).is_some_and(|r| wanted.record_ids.contains(r));
            if let (true, Some(winner), Some(golden), Some(field)) =
                (theirs, winners, value(golden, row), value(field, row))
                && winner.as_boolean().value(row)
                && let Some(fields) = wanted.mixed.get_mut(golden)
            {
                fields.insert(field.into());
            }
        }
        Ok(())
    })
}

/// Rejected rows that speak of the person.
fn quarantine(run: &StoredRun, list: &Arc<List>, as_of: NaiveDate, wanted: &mut RunOrder) -> Result<()> {
    let rules = run.rules()?;
    let Some(guard) = Guard::new(list.clone(), &rules.rules, rules.addresses.clone(), as_of) else { return Ok(()) };
    let country = |source: &str| {
        let source = rules.rules.sources.source.iter().find(|s| s.name.get_ref() == source);
        source.and_then(|s| s.country.as_ref()).map(|c| c.get_ref().to_ascii_uppercase())
    };
    scan(&run.store, tables::QUARANTINE, |batch| {
        let [source, file, raw] = ["source", "file", "raw"].map(|c| text_column(batch, c));
        let lines = integers(batch, "line");
        for row in 0..batch.num_rows() {
            let Some((source, raw)) = value(source, row).zip(value(raw, row)) else { continue };
            if !raw.is_empty() && guard.speaks_of_erased(source, country(source).as_deref(), raw) {
                let line = lines.and_then(|c| c.values().get(row)).copied().unwrap_or(0);
                wanted.quarantine.insert((source.into(), value(file, row).unwrap_or("").into(), line));
            }
        }
        Ok(())
    })
}
