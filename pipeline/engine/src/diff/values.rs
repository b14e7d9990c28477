//! Golden values of two runs, field by field, of the golden records that both have. One pass over a join of the two
//! tables; examples are those with the smallest ids, so that they are the same every time.

use super::{Pair, Question};
use crate::error::{Error, Result};
use crate::match_view::GOLDEN_BASE_COLUMNS;
use crate::stages::columns::{text_column, value};
use crate::store::Store;
use crate::tables;
use arrow::datatypes::DataType;
use datafusion::prelude::{col, lit};
use futures::TryStreamExt;
use serde::Serialize;
use std::collections::BTreeMap;
use zlato_core::rules::suggest;

/// What became of a field.
#[derive(Debug, Clone, Serialize)]
pub struct FieldChange {
    pub field: String,
    /// Had no value before.
    pub gained: u64,
    /// Has none any more.
    pub lost: u64,
    /// Has another one.
    pub changed: u64,
    pub examples: Vec<ValueExample>,
}

/// A value that differs. A source is written `source:key`, as in the crosswalk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueExample {
    pub golden_id: String,
    pub before: Option<String>,
    pub before_source: Option<String>,
    pub after: Option<String>,
    pub after_source: Option<String>,
}

/// Fields of a run's golden records: what they are of, then all that survived.
fn fields(store: &Store) -> Result<Vec<String>> {
    let schema = store.schema(tables::GOLDEN)?;
    let kind = std::iter::once("kind".to_string());
    let own = schema.fields().iter().skip(GOLDEN_BASE_COLUMNS).filter(|f| f.data_type() == &DataType::Utf8);
    Ok(kind.chain(own.map(|f| f.name().clone())).collect())
}

type Examples = BTreeMap<String, (Option<String>, Option<String>)>;

pub async fn compare(pair: &Pair, question: &Question) -> Result<Vec<FieldChange>> {
    let (before, after) = (fields(&pair.before)?, fields(&pair.after)?);
    let mut names = before.clone();
    names.extend(after.iter().filter(|f| !before.contains(f)).cloned());
    if let Some(wanted) = &question.field {
        if !names.contains(wanted) {
            let near = suggest(wanted, names.iter().map(String::as_str));
            let hint = near.map_or_else(|| format!("fields: {}", names.join(", ")), |n| format!("did you mean `{n}`?"));
            return Err(Error::input(format!("golden records have no field `{wanted}`")).hint(hint));
        }
        names.retain(|n| n == wanted);
    }
    let column = |side: &str, has: &[String], name: &String| {
        if has.contains(name) { format!("{side}.\"{name}\"") } else { "CAST(NULL AS VARCHAR)".into() }
    };
    let columns: Vec<(String, String)> =
        names.iter().map(|n| (column("b", &before, n), column("a", &after, n))).collect();
    let shown = columns.iter().enumerate().map(|(i, (b, a))| format!("{b} AS b{i}, {a} AS a{i}"));
    let differ = columns.iter().map(|(b, a)| format!("({b} IS DISTINCT FROM {a})"));
    let sql = format!(
        "SELECT b.golden_id, {} FROM before_golden b JOIN after_golden a ON b.golden_id = a.golden_id WHERE {}",
        shown.collect::<Vec<_>>().join(", "),
        differ.collect::<Vec<_>>().join(" OR ")
    );
    let mut changes: Vec<(FieldChange, Examples)> = names
        .into_iter()
        .map(|field| (FieldChange { field, gained: 0, lost: 0, changed: 0, examples: vec![] }, Examples::new()))
        .collect();
    let mut stream = pair.session.sql(&sql).await?.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        let ids = text_column(&batch, "golden_id");
        for (i, (change, examples)) in changes.iter_mut().enumerate() {
            let [b, a] = [format!("b{i}"), format!("a{i}")].map(|name| text_column(&batch, &name));
            for row in 0..batch.num_rows() {
                let (before, after) = (value(b, row), value(a, row));
                match (before, after) {
                    (None, None) => continue,
                    (None, Some(_)) => change.gained += 1,
                    (Some(_), None) => change.lost += 1,
                    (Some(before), Some(after)) if before != after => change.changed += 1,
                    (Some(_), Some(_)) => continue,
                }
                let id = value(ids, row).unwrap_or("");
                let full = examples.len() >= question.examples;
                if full && examples.last_key_value().is_none_or(|(last, _)| id > last.as_str()) {
                    continue;
                }
                examples.insert(id.into(), (before.map(String::from), after.map(String::from)));
                if full {
                    examples.pop_last();
                }
            }
        }
    }
    changes.retain(|(c, _)| c.gained + c.lost + c.changed > 0);
    let ids: Vec<String> = changes.iter().flat_map(|(_, examples)| examples.keys().cloned()).collect();
    let (told_before, told_after) = (sources(pair, "before", &ids).await?, sources(pair, "after", &ids).await?);
    for (change, examples) in &mut changes {
        let source = |told: &Sources, id: &String| told.get(&(id.clone(), change.field.clone())).cloned();
        let all = std::mem::take(examples).into_iter().map(|(golden_id, (before, after))| ValueExample {
            before_source: source(&told_before, &golden_id).filter(|_| before.is_some()),
            after_source: source(&told_after, &golden_id).filter(|_| after.is_some()),
            golden_id,
            before,
            after,
        });
        change.examples = all.collect();
    }
    Ok(changes.into_iter().map(|(change, _)| change).collect())
}

/// Source of the winning value by golden id and field.
type Sources = BTreeMap<(String, String), String>;

async fn sources(pair: &Pair, side: &str, ids: &[String]) -> Result<Sources> {
    let mut found = Sources::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let table = pair.session.context().table(format!("{side}_{}", tables::GOLDEN_FIELDS)).await?;
    let wanted = ids.iter().map(lit).collect();
    let rows = table.filter(col("winner").and(col("golden_id").in_list(wanted, false)))?;
    for batch in rows.select_columns(&["golden_id", "field", "source", "source_key"])?.collect().await? {
        let [ids, fields, sources, keys] =
            ["golden_id", "field", "source", "source_key"].map(|name| text_column(&batch, name));
        for row in 0..batch.num_rows() {
            let cell = |column| value(column, row).unwrap_or("");
            let source = match cell(keys) {
                "" => cell(sources).to_string(),
                key => format!("{}:{key}", cell(sources)),
            };
            found.insert((cell(ids).into(), cell(fields).into()), source);
        }
    }
    Ok(found)
}
