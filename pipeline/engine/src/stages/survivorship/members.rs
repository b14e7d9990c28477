//! The members of clusters: of each record what survivorship looks at, with its cluster. A temporary
//! table, sorted by the caller and removed afterwards.

use super::super::columns::{text_column, value};
use super::super::parts::map_parts;
use super::person::PersonRules;
use super::used_by_many::UsedByMany;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::Stage;
use crate::suppression::rows::Identity;
use crate::{files, tables};
use arrow::array::{ArrayRef, RecordBatch, StringArray};
use std::sync::Arc;
use zlato_core::suppression::List;

pub const TABLE: &str = "members";

/// Column with the suppression entries of a record.
pub const SUPPRESSED: &str = "suppressed";

/// Columns of the table before the fields.
pub const BASE: [&str; 8] =
    ["cluster_id", "record_id", "source", "source_key", "kind", "updated_at", "address_key", "family_name_root"];

/// Writes the table: base columns, then value, verdict and reason of every golden field, then the opt-ins and the
/// suppression entries.
pub async fn write(context: &Context, rules: &Arc<PersonRules>) -> Result<u64> {
    let mut columns = vec![tables::required_integer("cluster_id"), tables::required_integer("record_id")];
    columns.extend(BASE.iter().skip(2).map(|name| tables::text(name)));
    columns.push(tables::text("address"));
    for field in &rules.fields {
        columns.push(tables::text(&field.name));
        columns.push(tables::text(&format!("{}.verdict", field.name)));
        columns.push(tables::text(&format!("{}.reason", field.name)));
    }
    columns.extend(rules.opt_ins.iter().map(|column| tables::text(column)));
    columns.push(tables::text(SUPPRESSED));
    let schema = tables::schema(columns);
    let (rules, target) = (rules.clone(), schema.clone());
    let used_by_many = UsedByMany::load(context).await?;
    let (list, identity) = (context.inputs.suppression.clone(), Identity::new(&context.rules.rules));
    map_parts(
        context,
        Stage::Survivorship,
        &[tables::CONTACTS, tables::ADDRESSES, tables::CLUSTERS],
        TABLE,
        schema,
        move |batch| {
            let mut columns: Vec<ArrayRef> = Vec::with_capacity(target.fields().len());
            for name in ["cluster_id", "record_id"] {
                columns.push(
                    batch.column_by_name(name).cloned().ok_or_else(|| Error::Internal(format!("no column {name}")))?,
                );
            }
            let null = || Arc::new(StringArray::new_null(batch.num_rows())) as ArrayRef;
            let text = |name: &str| text_column(batch, name).map_or_else(null, |c| Arc::new(c.clone()) as ArrayRef);
            columns.extend(BASE.iter().skip(2).map(|name| text(name)));
            columns.push(text("address"));
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
            Ok(RecordBatch::try_new(target.clone(), columns)?)
        },
    )
    .await
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
    Arc::new((0..batch.num_rows()).map(|row| value(standard, row).or_else(|| value(raw, row))).collect::<StringArray>())
}

pub fn remove(context: &Context) -> Result<()> {
    let _ = context.session.context().deregister_table(TABLE)?;
    files::remove_dir_if_present(&context.store.path(TABLE))
}
