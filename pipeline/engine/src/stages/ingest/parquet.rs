//! Parquet inputs: columns as text, row numbers as line numbers.

use super::mapping::raw_schema;
use crate::error::{Error, Result};
use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

fn builder(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(path).map_err(|e| Error::io("open", path, &e))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| {
        Error::input(format!("{} is not a readable Parquet file: {e}", path.display()))
            .hint("was the transfer cut off? A Parquet file is complete only with its footer")
    })
}

/// Names of the top-level columns.
pub fn columns(path: &Path) -> Result<Vec<String>> {
    Ok(builder(path)?.schema().fields().iter().map(|f| f.name().clone()).collect())
}

/// Batches of a Parquet file in the form of [`raw_schema`].
pub struct Batches {
    reader: ParquetRecordBatchReader,
    columns: Vec<String>,
    path: String,
    row: i64,
}

pub fn open(path: &Path) -> Result<Batches> {
    let reader = builder(path)?.with_batch_size(crate::store::BATCH_ROWS).build()?;
    Ok(Batches { reader, columns: columns(path)?, path: path.display().to_string(), row: 0 })
}

impl Batches {
    pub fn next(&mut self) -> Result<Option<RecordBatch>> {
        let Some(batch) = self.reader.next() else { return Ok(None) };
        let damaged = || {
            Error::input(format!("{} is damaged after row {}", self.path, self.row))
                .hint("ask for the file again; nothing of this run was published")
        };
        let batch = batch.map_err(|_| damaged())?;
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(batch.num_columns() + 1);
        for (array, name) in batch.columns().iter().zip(&self.columns) {
            arrays.push(cast(array, &DataType::Utf8).map_err(|_| {
                Error::input(format!("{}: the column `{name}` cannot be read as text", self.path))
                    .hint("nested columns are not supported: flatten them where the file is written")
            })?);
        }
        let rows = i64::try_from(batch.num_rows()).unwrap_or(i64::MAX);
        arrays.push(Arc::new(Int64Array::from_iter_values(self.row + 1..=self.row + rows)));
        self.row += rows;
        Ok(Some(RecordBatch::try_new(raw_schema(&self.columns), arrays)?))
    }
}
