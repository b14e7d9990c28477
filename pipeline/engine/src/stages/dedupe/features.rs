//! What matching looks at, per record and in few bytes: hashed block keys, compared values, hashes of
//! hard rules. Enter: `contacts` and `addresses`, and values that are no evidence. Leave: `features`, same rows and
//! order.

use super::super::parts::map_columns;
use super::hygiene::Unusable;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::expression::Planner;
use crate::ids::record_hash;
use crate::run::Stage;
use crate::{match_view, tables};
use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::physical_expr::PhysicalExpr;
use std::sync::Arc;
use zlato_core::rules::Rules;
use zlato_core::rules::matching::Matching;

/// One column of `features`.
#[derive(Debug, Clone)]
struct Feature {
    name: String,
    sql: String,
    hashed: bool,
}

/// Columns of `features` for a rule set.
fn plan(rules: &Matching) -> Vec<Feature> {
    let mut features = Vec::new();
    let mut add = |name: String, sql: &str, hashed: bool| features.push(Feature { name, sql: sql.into(), hashed });
    for (i, rule) in super::all_blocking(rules).iter().enumerate() {
        add(format!("k{i}"), &rule.key, true);
        if let Some(split) = &rule.split_by {
            add(format!("s{i}"), split, true);
        }
    }
    for (i, comparison) in rules.comparison.iter().enumerate() {
        add(format!("c{i}"), comparison.on.get_ref(), false);
        if let Some(with) = &comparison.with {
            add(format!("w{i}"), with.get_ref(), false);
        }
    }
    for (prefix, hard) in [("n", &rules.never), ("a", &rules.always)] {
        for (i, rule) in hard.iter().enumerate() {
            if let Some(sql) = rule.same.as_ref().or(rule.different.as_ref()) {
                add(format!("{prefix}{i}"), sql.get_ref(), true);
            }
        }
    }
    features
}

/// Schema of `features`.
fn schema(features: &[Feature]) -> SchemaRef {
    let mut columns = vec![tables::required_integer("record_id"), tables::required_integer("row_hash")];
    columns.extend(features.iter().map(|f| if f.hashed { tables::integer(&f.name) } else { tables::text(&f.name) }));
    tables::schema(columns)
}

/// The expressions of `matching.toml`, planned over the match view.
pub struct Features {
    schema: SchemaRef,
    view: SchemaRef,
    unusable: Unusable,
    /// With the word whether only its hash is kept.
    expressions: Vec<(bool, Arc<dyn PhysicalExpr>)>,
}

impl Features {
    pub fn new(rules: &Rules, unusable: Unusable) -> Result<Self> {
        let features = plan(&rules.matching);
        let view = mentioned(&match_view::match_view(&rules.mapped_fields()), &features, &unusable);
        let planner = Planner::new(&view)?;
        let planned = features.iter().map(|feature| Ok((feature.hashed, planner.plan(&feature.sql)?)));
        Ok(Self { schema: schema(&features), expressions: planned.collect::<Result<_>>()?, view, unusable })
    }

    /// Rows of `features` for rows of `contacts` and `addresses` side by side.
    pub fn of(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let batch = self.unusable.without(&as_match_view(batch, &self.view)?)?;
        let mut columns: Vec<ArrayRef> = vec![batch.column(0).clone(), row_hashes(&batch)?];
        for (hashed, expression) in &self.expressions {
            let failed = |_| {
                Error::input("an expression of matching.toml failed on a record")
                    .hint("use try_cast and coalesce: an expression must accept every value")
            };
            let array = expression.evaluate(&batch).and_then(|v| v.into_array(batch.num_rows())).map_err(failed)?;
            let array = cast(&array, &DataType::Utf8)?;
            let text = array.as_string::<i32>();
            columns.push(if *hashed { Arc::new(hashes(text)) } else { Arc::new(without_empty(text)) });
        }
        Ok(RecordBatch::try_new(self.schema.clone(), columns)?)
    }
}

/// Writes `features`; returns its rows.
pub async fn write(context: &Context, unusable: Unusable) -> Result<u64> {
    let features = Features::new(&context.rules.rules, unusable)?;
    let columns: Vec<String> = features.view.fields().iter().map(|f| f.name().clone()).collect();
    let wanted = move |name: &str| name == "default_country" || columns.iter().any(|c| c == name);
    let inputs = [tables::CONTACTS, tables::ADDRESSES];
    let target = features.schema.clone();
    map_columns(context, Stage::Dedupe, &inputs, wanted, tables::FEATURES, target, move |batch| features.of(batch))
        .await
}

/// The columns of the match view that an expression may speak of, those that name a record, and those that tell
/// which values are no evidence.
fn mentioned(view: &SchemaRef, features: &[Feature], unusable: &Unusable) -> SchemaRef {
    let texts: Vec<String> = features.iter().map(|f| f.sql.to_lowercase()).collect();
    let kept = |name: &str| {
        let lower = name.to_lowercase();
        ["record_id", "source", "source_key"].contains(&name)
            || unusable.keys().any(|key| key == name)
            || texts.iter().any(|t| t.contains(&lower))
    };
    tables::schema(view.fields().iter().filter(|f| kept(f.name())).map(|f| f.as_ref().clone()).collect())
}

/// `contacts` and `addresses` side by side, as the match view names them.
pub fn as_match_view(batch: &RecordBatch, view: &SchemaRef) -> Result<RecordBatch> {
    let column = |name: &str| {
        let named = batch.column_by_name(name).or_else(|| batch.column_by_name("default_country"));
        named.cloned().ok_or_else(|| Error::Internal(format!("no column {name}")))
    };
    let columns = view.fields().iter().map(|f| column(f.name())).collect::<Result<_>>()?;
    Ok(RecordBatch::try_new(view.clone(), columns)?)
}

/// A number for each record that depends on its source and key alone, not on its place in the file.
fn row_hashes(batch: &RecordBatch) -> Result<ArrayRef> {
    let missing = || Error::Internal("a record without source or key".into());
    let source = super::super::columns::text_column(batch, "source").ok_or_else(missing)?;
    let key = super::super::columns::text_column(batch, "source_key").ok_or_else(missing)?;
    let hashes = source.iter().zip(key.iter()).map(|(s, k)| row_hash(s.unwrap_or(""), k.unwrap_or("")));
    Ok(Arc::new(Int64Array::from_iter_values(hashes)))
}

/// The `row_hash` of a record: 63 bits of its number.
pub fn row_hash(source: &str, key: &str) -> i64 {
    (record_hash(source, key) & i64::MAX.unsigned_abs()).cast_signed()
}

/// 63 bits of BLAKE3 of a key; null where the key is null or empty.
fn hashes(text: &StringArray) -> Int64Array {
    text.iter().map(|v| v.filter(|v| !v.trim().is_empty()).map(hash)).collect()
}

fn hash(text: &str) -> i64 {
    blake3::hash(text.as_bytes()).as_bytes().first_chunk::<8>().map_or(0, |b| i64::from_le_bytes(*b) & i64::MAX)
}

fn without_empty(text: &StringArray) -> StringArray {
    if text.iter().any(|v| v == Some("")) {
        text.iter().map(|v| v.filter(|v| !v.is_empty())).collect()
    } else {
        text.clone()
    }
}
