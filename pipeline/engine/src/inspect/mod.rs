//! Questions to a run that has ended: how good is its matching, why are two records together or apart.
//! Enter: the tables, rules and model that the run kept. Leave: answers as plain data.
//! Never here: writing to the run, drawing, a terminal.

pub mod customer;
pub mod evaluate;
pub mod judged;
mod links;
mod obstacles;
pub mod pair;
mod record;
pub mod told;
mod truth;

use crate::catalog;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::RULES;
use crate::rulebook;
use crate::run::Stage;
use crate::session::Limits;
use crate::stages::dedupe::Plan;
use crate::tables;
use arrow::array::RecordBatch;
use std::path::Path;
use zlato_core::matching::model::Model;

/// A run opened for questions about its matching.
pub struct Inspection {
    pub(crate) context: Context,
    pub(crate) plan: Plan,
    pub(crate) model: Model,
}

impl Inspection {
    /// Opens a run of an output folder: by name, else the published one, else the newest.
    pub async fn open(out: &Path, run: Option<&str>, limits: Limits) -> Result<Self> {
        let (manifest, folder) = catalog::find(out, run)?;
        if !manifest.has(Stage::Dedupe) {
            return Err(Error::input(format!("the run {} ended before its records were matched", manifest.run))
                .hint("continue it with `zlato run --resume`, or name another run with --run"));
        }
        if !folder.join(RULES).is_dir() {
            return Err(Error::input(format!("the run {} was made by a version that kept no rules", manifest.run))
                .hint("make a new run"));
        }
        let rules = rulebook::load_kept(&folder.join(RULES))?;
        let path = folder.join("model.toml");
        let text = std::fs::read_to_string(&path).map_err(|e| Error::io("read", &path, &e))?;
        let model = Model::from_toml(&text).map_err(|e| Error::environment(format!("{}: {e}", path.display())))?;
        let plan = Plan::new(&rules.rules.matching);
        let context = Context::reading(out, manifest, rules, limits)?;
        for table in [
            tables::CONTACTS,
            tables::ADDRESSES,
            tables::FEATURES,
            tables::PAIRS,
            tables::SCORES,
            tables::CLUSTERS,
            tables::REVIEW,
        ] {
            context.session.register(&context.store, table, table).await?;
        }
        Ok(Self { context, plan, model })
    }

    async fn query(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        Ok(self.context.session.sql(sql).await?.collect().await?)
    }
}

/// An integer of a row; none for null and where there is no such column.
fn integer(batch: &RecordBatch, column: &str, row: usize) -> Option<i64> {
    use arrow::array::{Array, AsArray};
    let column = batch.column_by_name(column)?.as_primitive_opt::<arrow::datatypes::Int64Type>()?;
    (row < column.len() && column.is_valid(row)).then(|| column.value(row))
}

/// A number of a row; none for null and where there is no such column.
fn number(batch: &RecordBatch, column: &str, row: usize) -> Option<f64> {
    use arrow::array::{Array, AsArray};
    let column = batch.column_by_name(column)?.as_primitive_opt::<arrow::datatypes::Float64Type>()?;
    (row < column.len() && column.is_valid(row)).then(|| column.value(row))
}

/// A text of a row; none for null and where there is no such column.
fn text(batch: &RecordBatch, column: &str, row: usize) -> Option<String> {
    let column = crate::stages::columns::text_column(batch, column);
    crate::stages::columns::value(column, row).map(String::from)
}
