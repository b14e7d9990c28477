//! Rows of a query as plain values. Enter: the record batches of a query that limits itself.
//! Leave: rows whose columns are read by name. Never here: SQL, HTML; nor a failure for a column that is
//! absent: it reads as null, as in a run whose rules do not map it.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use std::collections::BTreeMap;
use std::sync::Arc;
use zlato_engine::error::Result;

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Null,
    Text(String),
    Integer(i64),
    Number(f64),
    Flag(bool),
}

/// One row.
#[derive(Debug, Clone)]
pub struct Row {
    places: Arc<BTreeMap<String, usize>>,
    cells: Vec<Cell>,
}

impl Row {
    fn cell(&self, column: &str) -> &Cell {
        self.places.get(column).and_then(|place| self.cells.get(*place)).unwrap_or(&Cell::Null)
    }

    /// The text of a column; none for null.
    pub fn text(&self, column: &str) -> Option<&str> {
        match self.cell(column) {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a column; empty for null.
    pub fn string(&self, column: &str) -> String {
        self.text(column).unwrap_or_default().to_string()
    }

    /// A whole number; none for null.
    pub fn integer(&self, column: &str) -> Option<i64> {
        match self.cell(column) {
            Cell::Integer(n) => Some(*n),
            Cell::Number(n) => Some(*n as i64),
            _ => None,
        }
    }

    /// A count; 0 for null and for negative numbers.
    pub fn count(&self, column: &str) -> u64 {
        self.integer(column).and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
    }

    /// A number; none for null.
    pub fn number(&self, column: &str) -> Option<f64> {
        match self.cell(column) {
            Cell::Integer(n) => Some(*n as f64),
            Cell::Number(n) => Some(*n),
            _ => None,
        }
    }

    /// A yes or no; no for null.
    pub fn flag(&self, column: &str) -> bool {
        matches!(self.cell(column), Cell::Flag(true))
    }
}

/// All rows of the batches of one query.
pub fn rows(batches: &[RecordBatch]) -> Result<Vec<Row>> {
    let mut out = Vec::new();
    for batch in batches {
        let schema = batch.schema();
        let places: BTreeMap<String, usize> =
            schema.fields().iter().enumerate().map(|(i, f)| (f.name().clone(), i)).collect();
        let places = Arc::new(places);
        let columns = batch.columns().iter().map(readable).collect::<Result<Vec<_>>>()?;
        for row in 0..batch.num_rows() {
            let cells = columns.iter().map(|column| cell(column, row)).collect();
            out.push(Row { places: places.clone(), cells });
        }
    }
    Ok(out)
}

/// A column cast to one of the four types that [`Cell`] knows.
fn readable(column: &ArrayRef) -> Result<ArrayRef> {
    let wanted = match column.data_type() {
        DataType::Boolean => DataType::Boolean,
        t if t.is_integer() => DataType::Int64,
        t if t.is_numeric() => DataType::Float64,
        _ => DataType::Utf8,
    };
    if column.data_type() == &wanted { Ok(column.clone()) } else { Ok(cast(column, &wanted)?) }
}

fn cell(column: &ArrayRef, row: usize) -> Cell {
    if column.is_null(row) {
        return Cell::Null;
    }
    match column.data_type() {
        DataType::Boolean => Cell::Flag(column.as_boolean().value(row)),
        DataType::Int64 => Cell::Integer(column.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => Cell::Number(column.as_primitive::<Float64Type>().value(row)),
        _ => column.as_string_opt::<i32>().map_or(Cell::Null, |c| Cell::Text(c.value(row).to_string())),
    }
}
