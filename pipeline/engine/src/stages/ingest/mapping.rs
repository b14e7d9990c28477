//! From a source's columns to the vocabulary: column names and SQL expressions, planned once per file
//! and evaluated batch by batch.

use crate::error::{Error, Result};
use crate::expression::Planner;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::physical_expr::PhysicalExpr;
use std::sync::Arc;
use zlato_core::rules::sources::{KeyMapping, Mapping, Source};

/// A source's columns as text, plus `_line`, the line where the row starts.
pub fn raw_schema(columns: &[String]) -> SchemaRef {
    let mut fields: Vec<Field> = columns.iter().map(|c| Field::new(c, DataType::Utf8, true)).collect();
    fields.push(Field::new("_line", DataType::Int64, false));
    Arc::new(Schema::new(fields))
}

enum Plan {
    Column(usize),
    Expression(Arc<dyn PhysicalExpr>),
    Line,
}

/// The mapping of one file, ready to run.
pub struct Mapper {
    /// Source and file, for errors.
    place: String,
    key: (String, Plan),
    updated_at: Option<(String, Plan)>,
    /// One entry a field of the target table; none where this source does not map it.
    fields: Vec<Option<(String, Plan)>>,
}

impl Mapper {
    pub fn new(source: &Source, file: &str, schema: &SchemaRef, fields: &[String]) -> Result<Self> {
        let planner = Columns { planner: Planner::new(schema)?, schema: schema.clone() };
        let key = match source.key.get_ref() {
            KeyMapping::Column(name) => planner.column(name)?,
            KeyMapping::Sql(e) => planner.expression("key", &e.sql)?,
            KeyMapping::Line(_) => Plan::Line,
        };
        let updated_at = match &source.updated_at {
            Some(mapping) => Some(("updated_at".to_string(), planner.mapping("updated_at", mapping.get_ref())?)),
            None => None,
        };
        let mut plans = Vec::with_capacity(fields.len());
        for field in fields {
            let mapping = source.columns.iter().find(|(name, _)| name.get_ref() == field);
            plans.push(match mapping {
                Some((_, mapping)) => Some((field.clone(), planner.mapping(field, mapping.get_ref())?)),
                None => None,
            });
        }
        let place = format!("source {}: {file}", source.name.get_ref());
        Ok(Self { place, key: ("key".into(), key), updated_at, fields: plans })
    }

    pub fn key(&self, batch: &RecordBatch) -> Result<StringArray> {
        text(&self.place, &self.key, batch)
    }

    pub fn updated_at(&self, batch: &RecordBatch) -> Result<Option<StringArray>> {
        self.updated_at.as_ref().map(|plan| text(&self.place, plan, batch)).transpose()
    }

    /// The mapped fields, in the order given to [`Mapper::new`]; null columns where unmapped.
    pub fn fields(&self, batch: &RecordBatch) -> Result<Vec<StringArray>> {
        let null = || new_null_array(&DataType::Utf8, batch.num_rows()).as_string::<i32>().clone();
        self.fields
            .iter()
            .map(|plan| plan.as_ref().map_or_else(|| Ok(null()), |p| text(&self.place, p, batch)))
            .collect()
    }
}

struct Columns {
    planner: Planner,
    schema: SchemaRef,
}

impl Columns {
    fn mapping(&self, field: &str, mapping: &Mapping) -> Result<Plan> {
        match mapping {
            Mapping::Column(name) => self.column(name),
            Mapping::Sql(e) => self.expression(field, &e.sql),
        }
    }

    fn column(&self, name: &str) -> Result<Plan> {
        let index = self.schema.index_of(name);
        index.map(Plan::Column).map_err(|_| Error::input(format!("the column `{name}` is not there")))
    }

    fn expression(&self, field: &str, sql: &str) -> Result<Plan> {
        let planned = self.planner.plan(sql).map_err(|e| {
            Error::input(format!("the expression of `{field}` does not fit the file: {}", e.strip_backtrace()))
                .hint("`zlato check` shows the place in sources.toml")
        });
        Ok(Plan::Expression(planned?))
    }
}

/// Says on which line an expression failed. The message of an execution error may quote a customer's value: it is not told.
fn failed(place: &str, field: &str, expression: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Error {
    let lines = batch.columns().last().and_then(|c| c.as_primitive_opt::<Int64Type>());
    let fails = |row: &usize| expression.evaluate(&batch.slice(*row, 1)).is_err();
    let line = (0..batch.num_rows()).find(fails).and_then(|row| Some(lines?.value(row)));
    let row = line.map_or_else(|| "a row".into(), |line| format!("line {line}"));
    Error::input(format!("{place}: the expression of `{field}` failed on {row}"))
        .hint("use try_cast and coalesce: an expression must accept every value that the file can hold")
}

/// Evaluates one plan as text; an empty text is null.
fn text(place: &str, (field, plan): &(String, Plan), batch: &RecordBatch) -> Result<StringArray> {
    let array: ArrayRef = match plan {
        Plan::Column(index) => batch.column(*index).clone(),
        Plan::Line => batch.column(batch.num_columns() - 1).clone(),
        Plan::Expression(expression) => {
            let evaluated = expression.evaluate(batch).and_then(|v| v.into_array(batch.num_rows()));
            evaluated.map_err(|_| failed(place, field, expression, batch))?
        }
    };
    let array = if array.data_type() == &DataType::Utf8 { array } else { cast(&array, &DataType::Utf8)? };
    let array = array.as_string::<i32>();
    if array.iter().any(|v| v == Some("")) {
        return Ok(array.iter().map(|v| v.filter(|v| !v.is_empty())).collect());
    }
    Ok(array.clone())
}
