//! The members of clusters: of each record what survivorship looks at. Enter: `contacts`, `addresses`, `clusters`. Leave:
//! rows in the ranges of their clusters, in no order. Never here: a choice between values.

use super::super::columns::{integers, text_column, value};
use super::super::parts::scan_parts;
use super::super::ranges::{Ranges, Spool};
use super::rules::{GoldenField, PersonRules};
use super::used_by_many::UsedByMany;
use crate::context::Context;
use crate::error::Result;
use crate::suppression::rows::Identity;
use crate::{match_view, tables};
use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::SchemaRef;
use std::collections::HashSet;
use std::sync::Arc;
use zlato_core::suppression::List;

/// Column with the suppression entries of a record, behind all others.
const SUPPRESSED: &str = "suppressed";

/// Columns before the fields.
pub const BASE: [&str; 9] = [
    "cluster_id",
    "record_id",
    "source",
    "source_key",
    "kind",
    "updated_at",
    "address_key",
    "family_name_root",
    "address",
];

/// Places of [`BASE`].
pub const SOURCE: usize = 2;
pub const SOURCE_KEY: usize = 3;
pub const KIND: usize = 4;
pub const UPDATED_AT: usize = 5;
pub const ADDRESS_KEY: usize = 6;
pub const SURNAME_ROOT: usize = 7;
pub const ADDRESS: usize = 8;

/// Place of the value of a golden field.
pub const fn value_column(field: usize) -> usize {
    BASE.len() + 3 * field
}

/// Place of its verdict.
pub const fn verdict_column(field: usize) -> usize {
    value_column(field) + 1
}

/// Place of its reason.
pub const fn reason_column(field: usize) -> usize {
    value_column(field) + 2
}

pub fn suppressed_column(rules: &PersonRules) -> usize {
    value_column(rules.fields.len()) + rules.opt_ins.len()
}

/// Columns: base columns, then value, verdict and reason of every golden field, then what opt-ins are read from, then
/// the suppression entries.
pub fn schema(fields: &[GoldenField], opt_ins: &[String]) -> SchemaRef {
    let mut columns = vec![tables::required_integer("cluster_id"), tables::required_integer("record_id")];
    columns.extend(BASE.iter().skip(2).map(|name| tables::text(name)));
    for field in fields {
        columns.push(tables::text(&field.name));
        columns.push(tables::text(&format!("{}.verdict", field.name)));
        columns.push(tables::text(&format!("{}.reason", field.name)));
    }
    columns.extend(opt_ins.iter().map(|column| tables::text(column)));
    columns.push(tables::text(SUPPRESSED));
    tables::schema(columns)
}

/// Sorts every record into the range of its cluster.
pub async fn spool(context: &Context, rules: &Arc<PersonRules>, ranges: &Arc<Ranges>) -> Result<Arc<Spool>> {
    let target = schema(&rules.fields, &rules.opt_ins);
    let spool = Arc::new(Spool::new(&context.spill_folder(), "members", target.clone(), ranges.count()));
    let used_by_many = UsedByMany::load(context).await?;
    let (list, identity) = (context.inputs.suppression.clone(), Identity::new(&context.rules.rules));
    // What the suppression list looks at is all that identifies a person.
    let wanted = (!list.forbids()).then(|| wanted(rules));
    let (rules, ranges, into) = (rules.clone(), ranges.clone(), spool.clone());
    scan_parts(
        context,
        &[tables::CONTACTS, tables::ADDRESSES, tables::CLUSTERS],
        move |name| wanted.as_ref().is_none_or(|names| names.contains(name)),
        move |batch| {
            let mut columns: Vec<ArrayRef> = Vec::with_capacity(target.fields().len());
            for name in ["cluster_id", "record_id"] {
                columns.push(Arc::new(integers(batch, name)?.clone()));
            }
            let null = || Arc::new(StringArray::new_null(batch.num_rows())) as ArrayRef;
            let text = |name: &str| text_column(batch, name).map_or_else(null, |c| Arc::new(c.clone()) as ArrayRef);
            columns.extend(BASE.iter().skip(2).map(|name| text(name)));
            for field in &rules.fields {
                columns.push(shown_value(batch, &field.name, &field.raw_column));
                let judgement = [&field.verdict_column, &field.reason_column].map(|c| text_column(batch, c));
                let judged = match judgement {
                    [Some(verdicts), Some(reasons)] => used_by_many.judged(batch, &field.name, verdicts, reasons),
                    _ => None,
                };
                let (verdict, reason) = match judged {
                    Some((verdicts, reasons)) => (Arc::new(verdicts) as ArrayRef, Arc::new(reasons) as ArrayRef),
                    None => (text(&field.verdict_column), text(&field.reason_column)),
                };
                columns.extend([verdict, reason]);
            }
            columns.extend(rules.opt_ins.iter().map(|column| text(column)));
            columns.push(if list.forbids() { suppressed(batch, &identity, &list) } else { null() });
            let clusters = integers(batch, "cluster_id")?.values().iter();
            into.push(&RecordBatch::try_new(target.clone(), columns)?, clusters.map(|cluster| ranges.of(*cluster)))
        },
    )
    .await?;
    Ok(spool)
}

/// Names of all columns that [`spool`] reads.
fn wanted(rules: &PersonRules) -> HashSet<String> {
    let mut names: HashSet<String> = BASE.iter().map(|name| (*name).to_string()).collect();
    for field in &rules.fields {
        names.extend([field.name.clone(), field.verdict_column.clone(), field.reason_column.clone()]);
        names.insert(match_view::column(&field.name, "key"));
        names.extend(field.raw_column.clone());
    }
    names.extend(rules.opt_ins.iter().cloned());
    names
}

/// Ids of the suppression entries that each record draws, separated by blanks.
fn suppressed(batch: &RecordBatch, identity: &Identity, list: &List) -> ArrayRef {
    let columns = identity.columns(batch);
    let ids = (0..batch.num_rows()).map(|row| {
        let ids: Vec<&str> = list.forbidding(&columns.row(row, None)).into_iter().map(|e| e.id.as_str()).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    });
    Arc::new(ids.collect::<StringArray>())
}

/// The standard form, or the raw text where it is not usable: a losing value is shown as it was.
fn shown_value(batch: &RecordBatch, field: &str, raw: &Option<String>) -> ArrayRef {
    let standard = text_column(batch, field);
    let raw = raw.as_ref().and_then(|raw| text_column(batch, raw));
    if let (Some(standard), None) = (standard, raw) {
        return Arc::new(standard.clone());
    }
    Arc::new((0..batch.num_rows()).map(|row| value(standard, row).or_else(|| value(raw, row))).collect::<StringArray>())
}
