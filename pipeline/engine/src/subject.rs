//! Everything that is known about one person, for access and portability (GDPR Art. 15 and 20). Enters: a golden id and
//! the run that has it. Leaves: one JSON object with lineage. Never here: data of other people (of a household only
//! that there is one), a change to anything.

use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::judgements;
use crate::person::{Found, StoredRun, runs};
use crate::session::Limits;
use crate::suppression;
use crate::suppression::rows::Identity;
use crate::tables;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use zlato_core::judgement::RecordName;
use zlato_core::rules::Rules;
use zlato_core::rules::sources::Mapping;

/// Tables that are told in a section of their own, or that speak of pairs of people.
const TOLD: [&str; 14] = [
    tables::GOLDEN,
    tables::GOLDEN_FIELDS,
    tables::PERMISSIONS,
    tables::ATTRIBUTES,
    tables::HOUSEHOLDS,
    tables::CROSSWALK,
    tables::PROFILES,
    tables::PROFILE_LINKS,
    tables::EVENT_LINKS,
    tables::EVENT_REACH,
    tables::CLUSTERS,
    tables::PAIRS,
    tables::REVIEW,
    tables::JUDGED,
];

/// The account of a person.
///
/// # Errors
/// When a table of the run cannot be read.
pub async fn subject(out: &Path, who: &Found, limits: Limits) -> Result<Value> {
    let catalog = Catalog::open(out, Some(&who.run), limits).await?;
    let all = runs(out)?;
    let run = all.iter().find(|r| r.name() == who.run);
    let run = run.ok_or_else(|| Error::Internal("the run that was found is gone".into()))?;
    let rules = run.rules()?.rules;
    let id = who.golden_id.replace('\'', "''");
    let of = |table: &str, order: &str| format!("SELECT * FROM {table} WHERE golden_id = '{id}' ORDER BY {order}");
    let golden = rows(&catalog, tables::GOLDEN, &of(tables::GOLDEN, "golden_id")).await?;
    let golden = golden.into_iter().next().unwrap_or_default();
    let cluster = golden.get("cluster_id").and_then(Value::as_i64);
    let records = source_rows(&catalog, &id, tables::RECORDS, "x.kind IN ('customer', 'prospect')").await?;
    let fields = "SELECT f.field, f.value, f.verdict, f.reason, f.winner, f.strategy, f.confidence, f.supporters, \
         f.source, x.source_key, f.updated_at, f.record_id FROM golden_fields f LEFT JOIN crosswalk x \
         ON f.record_id = x.record_id WHERE f.golden_id = ";
    let mut fields =
        rows(&catalog, tables::GOLDEN_FIELDS, &format!("{fields}'{id}' ORDER BY f.field, f.winner DESC, f.value"))
            .await?;
    let profiles = source_rows(&catalog, &id, tables::PROFILE_RECORDS, "x.kind = 'profile'").await?;
    place(&mut fields, &[&records, &profiles]);
    let profiles = with_terms(&catalog, profiles, cluster, &rules).await?;
    let events = source_rows(&catalog, &id, tables::EVENTS, "x.kind = 'event'").await?;
    // Not what else such an event says: it may be another person's.
    let reach = format!(
        "SELECT source, source_key, event_kind, event_at, linked_on FROM event_reach WHERE cluster_id = {} \
         ORDER BY record_id",
        cluster.unwrap_or(-1)
    );
    let reached = rows(&catalog, tables::EVENT_REACH, &reach).await?;
    let permissions = rows(&catalog, tables::PERMISSIONS, &of(tables::PERMISSIONS, "channel, purpose")).await?;
    let attributes = rows(&catalog, tables::ATTRIBUTES, &of(tables::ATTRIBUTES, "group_name, field")).await?;
    let mut households = rows(&catalog, tables::HOUSEHOLDS, &of(tables::HOUSEHOLDS, "golden_id")).await?;
    // Of a household only what is the person's own: its id leads to the others, and their ages are theirs.
    let own = ["members", "address", "role", "evidence"];
    households
        .iter_mut()
        .for_each(|household| household.retain(|name, value| own.contains(&name.as_str()) && !value.is_null()));
    let mut further = Map::new();
    for table in catalog.names()? {
        let has_id = catalog.store.schema(&table)?.column_with_name("golden_id").is_some();
        if has_id && !TOLD.contains(&table.as_str()) {
            let found = rows(&catalog, &table, &format!("SELECT * FROM {table} WHERE golden_id = '{id}'")).await?;
            if !found.is_empty() {
                further.insert(table, found.into_iter().map(Value::Object).collect());
            }
        }
    }
    let names = names_of(&records);
    Ok(json!({
        "golden_id": who.golden_id,
        "run": who.run,
        "as_of": run.manifest.as_of,
        "golden": present(golden),
        "fields": fields,
        "rows": records,
        "profiles": profiles,
        "events": events,
        "events_of_shared_contacts": reached.into_iter().map(present).collect::<Vec<_>>(),
        "attributes": by_group(attributes),
        "permissions": permissions,
        "choices": choices(&rules),
        "suppression": drawn(out, run, &names, &rules)?,
        "households": households,
        "judgements": judged(out, &names)?,
        "history": history(&all, &who.golden_id, &names)?,
        "further": further,
    }))
}

/// Rows of a query as objects; none where the run lacks the table.
async fn rows(catalog: &Catalog, table: &str, sql: &str) -> Result<Vec<Map<String, Value>>> {
    if !catalog.store.exists(table) {
        return Ok(vec![]);
    }
    let mut all = Vec::new();
    for batch in catalog.query(sql).await? {
        all.extend((0..batch.num_rows()).map(|row| object(&batch, row)));
    }
    Ok(all)
}

fn object(batch: &RecordBatch, row: usize) -> Map<String, Value> {
    let schema = batch.schema();
    let cells = schema.fields().iter().zip(batch.columns());
    cells.map(|(field, column)| (field.name().clone(), cell(column.as_ref(), row))).collect()
}

fn cell(column: &dyn Array, row: usize) -> Value {
    if row >= column.len() || column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).into(),
        DataType::Boolean => column.as_boolean().value(row).into(),
        _ => {
            let options = arrow::util::display::FormatOptions::default();
            let shown = arrow::util::display::ArrayFormatter::try_new(column, &options);
            shown.map_or(Value::Null, |f| f.value(row).to_string().into())
        }
    }
}

/// An object without its nulls.
fn present(object: Map<String, Value>) -> Map<String, Value> {
    object.into_iter().filter(|(_, v)| !v.is_null()).collect()
}

/// The lines of the view of a customer by the name of their group.
fn by_group(lines: Vec<Map<String, Value>>) -> Map<String, Value> {
    let mut groups: Map<String, Value> = Map::new();
    for mut line in lines {
        ["golden_id", "cluster_id", "kind", "record_id"].iter().for_each(|column| drop(line.remove(*column)));
        let Some(Value::String(name)) = line.remove("group_name") else { continue };
        if let Value::Array(group) = groups.entry(name).or_insert_with(|| Value::Array(vec![])) {
            group.push(Value::Object(present(line)));
        }
    }
    groups
}

/// The rows of sources as delivered and mapped, with file and line.
async fn source_rows(catalog: &Catalog, id: &str, table: &str, kind: &str) -> Result<Vec<Map<String, Value>>> {
    if !catalog.store.exists(tables::CROSSWALK) {
        return Ok(vec![]);
    }
    let sql = format!(
        "SELECT r.*, x.status FROM {table} r JOIN crosswalk x ON r.record_id = x.record_id \
         WHERE x.golden_id = '{id}' AND {kind} ORDER BY r.record_id"
    );
    let found = rows(catalog, table, &sql).await?;
    Ok(found
        .into_iter()
        .map(|mut row| {
            row.remove("content_hash");
            if let Some(other) = row.get_mut("related_to").filter(|other| !other.is_null()) {
                *other = "another person's".into();
            }
            present(row)
        })
        .collect())
}

/// Adds file and line to what names a record.
fn place(fields: &mut [Map<String, Value>], sources: &[&Vec<Map<String, Value>>]) {
    for field in fields {
        let record = field.remove("record_id");
        let row = sources.iter().flat_map(|s| s.iter()).find(|r| r.get("record_id") == record.as_ref());
        for key in ["file", "line"] {
            if let Some(value) = row.and_then(|r| r.get(key)) {
                field.insert(key.into(), value.clone());
            }
        }
    }
}

/// Profiles with the terms under which they are held, and what they offer.
async fn with_terms(
    catalog: &Catalog,
    profiles: Vec<Map<String, Value>>,
    cluster: Option<i64>,
    rules: &Rules,
) -> Result<Vec<Value>> {
    let offered = match cluster {
        Some(cluster) => {
            let sql = format!("SELECT record_id, field, value, \"use\" FROM profiles WHERE cluster_id = {cluster}");
            rows(catalog, tables::PROFILES, &sql).await?
        }
        None => vec![],
    };
    let told = profiles.into_iter().map(|row| {
        let source = row.get("source").and_then(Value::as_str);
        let terms = rules.profiles.profile.iter().find(|p| Some(p.source.get_ref().as_str()) == source);
        let terms = terms.map(|terms| {
            json!({
                "licence": terms.licence,
                "purposes": terms.purposes,
                "legal_basis": terms.legal_basis.get_ref(),
                "collected": terms.collected.as_ref().map(|c| c.get_ref()),
                "shelf_life_days": terms.shelf_life_days.as_ref().map(|d| *d.get_ref()),
            })
        });
        let own: Vec<Map<String, Value>> = offered
            .iter()
            .filter(|o| o.get("record_id") == row.get("record_id"))
            .map(|o| o.clone().into_iter().filter(|(k, _)| k != "record_id").collect())
            .collect();
        json!({ "row": row, "terms": terms, "offered": own })
    });
    Ok(told.collect())
}

fn names_of(records: &[Map<String, Value>]) -> BTreeSet<(String, String)> {
    let text = |row: &Map<String, Value>, key: &str| row.get(key).and_then(Value::as_str).unwrap_or("").to_string();
    records.iter().map(|row| (text(row, "source"), text(row, "source_key"))).collect()
}

/// How each source's opt-in columns come about: the expression behind a piece of evidence.
fn choices(rules: &Rules) -> Value {
    let policy = zlato_core::permission::Policy::new(rules);
    let columns: BTreeSet<&str> = policy.columns().iter().map(|c| c.name.as_str()).collect();
    let mut all = Map::new();
    for source in &rules.sources.source {
        for (field, mapping) in source.columns.iter().filter(|(f, _)| columns.contains(f.get_ref().as_str())) {
            let text = match mapping.get_ref() {
                Mapping::Column(name) => name.clone(),
                Mapping::Sql(expression) => expression.sql.clone(),
            };
            all.insert(format!("{}.{}", source.name.get_ref(), field.get_ref()), text.into());
        }
    }
    Value::Object(all)
}

/// Entries of today's suppression list that the person draws.
fn drawn(out: &Path, run: &StoredRun, names: &BTreeSet<(String, String)>, rules: &Rules) -> Result<Vec<Value>> {
    let found = suppression::read(out)?;
    if !found.list.forbids() || !run.store.exists(tables::CONTACTS) {
        return Ok(vec![]);
    }
    let identity = Identity::new(rules);
    let mut ids = BTreeSet::new();
    for part in run.store.parts(tables::CONTACTS)? {
        for batch in crate::store::read_part(&part)? {
            let batch = batch?;
            let columns = identity.columns(&batch);
            let text = |name: &str, row: usize| {
                let column = crate::stages::columns::text_column(&batch, name);
                crate::stages::columns::value(column, row).unwrap_or("").to_string()
            };
            for row in (0..batch.num_rows()).filter(|r| names.contains(&(text("source", *r), text("source_key", *r)))) {
                ids.extend(found.list.forbidding(&columns.row(row, None)).into_iter().map(|e| e.id.clone()));
            }
        }
    }
    let entries = ids.iter().filter_map(|id| found.list.entry(id));
    Ok(entries
        .map(|e| json!({ "id": e.id, "scope": e.scope.as_str(), "purposes": e.purposes, "day": e.day }))
        .collect())
}

/// Stewards' judgements about the person's records; the other record of a pair of two people is not named.
fn judged(out: &Path, names: &BTreeSet<(String, String)>) -> Result<Vec<Value>> {
    let is_own = |name: &RecordName| names.contains(&(name.source.clone(), name.source_key.clone()));
    let shown = |name: &RecordName| {
        if is_own(name) { json!(format!("{}:{}", name.source, name.source_key)) } else { json!("another person's") }
    };
    let all = judgements::read(out)?;
    Ok(all
        .iter()
        .filter(|j| is_own(&j.left) || is_own(&j.right))
        .map(|j| {
            json!({
                "left": shown(&j.left),
                "right": shown(&j.right),
                "verdict": j.verdict.as_str(),
                "decided_on": j.decided_on.to_string(),
                "steward": j.steward,
                "note": j.note.as_ref().filter(|_| is_own(&j.left) && is_own(&j.right)),
            })
        })
        .collect())
}

/// Every stored run that holds the person: under which golden ids, in how many records.
fn history(all: &[StoredRun], golden_id: &str, names: &BTreeSet<(String, String)>) -> Result<Vec<Value>> {
    let mut history = Vec::new();
    for run in all.iter().filter(|r| r.store.exists(tables::CROSSWALK)) {
        let mut ids = BTreeSet::new();
        let mut records = 0;
        for part in run.store.parts(tables::CROSSWALK)? {
            for batch in crate::store::read_part(&part)? {
                let batch = batch?;
                let text = |name: &str, row: usize| {
                    let column = crate::stages::columns::text_column(&batch, name);
                    crate::stages::columns::value(column, row).unwrap_or("").to_string()
                };
                for row in 0..batch.num_rows() {
                    let id = text("golden_id", row);
                    let own = names.contains(&(text("source", row), text("source_key", row)));
                    if own || id == golden_id {
                        records += 1;
                        ids.insert(id);
                    }
                }
            }
        }
        if records > 0 {
            history.push(json!({
                "run": run.name(), "as_of": run.manifest.as_of, "published": run.manifest.published,
                "golden_ids": ids, "rows": records,
            }));
        }
    }
    Ok(history)
}
