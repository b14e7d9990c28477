//! Text columns in and out of record batches, shared by the stages that work row by row.

use crate::error::{Error, Result};
use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Int32Type, Int64Type};
use std::sync::Arc;
use zlato_core::value::Assessment;

/// The text column of that name, if the batch has one.
pub fn text_column<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a StringArray> {
    let column = batch.column_by_name(name)?;
    (column.data_type() == &DataType::Utf8).then(|| column.as_string::<i32>())
}

/// The value of a row; none for null and for a column that is not there.
pub fn value(column: Option<&StringArray>, row: usize) -> Option<&str> {
    column.filter(|c| row < c.len() && c.is_valid(row)).map(|c| c.value(row))
}

/// The whole numbers of that name.
pub fn integers<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Int64Array> {
    let column = batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>());
    column.ok_or_else(|| Error::Internal(format!("no column {name}")))
}

/// A text column in codes, as `store::read_coded` reads it: for every row its code, and for every code what it stands for.
pub struct Coded<T> {
    rows: Vec<Option<usize>>,
    codes: Vec<T>,
}

impl<T: Copy> Coded<T> {
    /// `of` makes something of every text that occurs, in the order of the codes.
    pub fn new(batch: &RecordBatch, name: &str, mut of: impl FnMut(&str) -> T) -> Result<Self> {
        let column = batch.column_by_name(name).and_then(|c| c.as_dictionary_opt::<Int32Type>());
        let column = column.ok_or_else(|| Error::Internal(format!("no column {name}")))?;
        let texts = column.values().as_string_opt::<i32>().ok_or_else(|| Error::Internal(format!("no text {name}")))?;
        let rows = column.keys().iter().map(|code| usize::try_from(code?).ok());
        Ok(Self { rows: rows.collect(), codes: texts.iter().map(|text| of(text.unwrap_or(""))).collect() })
    }

    /// None for null.
    pub fn get(&self, row: usize) -> Option<T> {
        self.codes.get(self.rows.get(row).copied().flatten()?).copied()
    }
}

/// Builds several text columns row by row; a row is filled from left to right.
pub struct TextColumns(Vec<StringBuilder>);

impl TextColumns {
    pub fn new(columns: usize, rows: usize) -> Self {
        Self((0..columns).map(|_| StringBuilder::with_capacity(rows, rows * 8)).collect())
    }

    /// Starts the next row. What is not pushed becomes null.
    pub fn row(&mut self) -> TextRow<'_> {
        TextRow { columns: self.0.iter_mut() }
    }

    pub fn finish(self) -> Vec<ArrayRef> {
        self.0.into_iter().map(|mut c| Arc::new(c.finish()) as ArrayRef).collect()
    }
}

/// One row of [`TextColumns`].
pub struct TextRow<'a> {
    columns: std::slice::IterMut<'a, StringBuilder>,
}

impl TextRow<'_> {
    pub fn push(&mut self, value: Option<impl AsRef<str>>) {
        if let Some(column) = self.columns.next() {
            column.append_option(value);
        }
    }

    /// The three last columns of every validated value: verdict, reason, suggestion.
    pub fn assess(&mut self, assessment: &Assessment) {
        self.push(Some(assessment.verdict.as_str()));
        self.push(assessment.reason);
        self.push(assessment.suggestion.as_deref());
    }
}

impl Drop for TextRow<'_> {
    fn drop(&mut self) {
        for column in self.columns.by_ref() {
            column.append_null();
        }
    }
}
