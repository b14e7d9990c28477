//! Rows of a chunk by column place and row. Enter: a batch. Leave: texts, without a copy.

use super::super::columns::{integers, text_column, value};
use crate::error::Result;
use arrow::array::{AsArray, Int64Array, RecordBatch, StringArray};

/// Text columns by place, beside the numbers of records and their clusters. Rows stand in the order of clusters.
pub struct View<'a> {
    columns: Vec<Option<&'a StringArray>>,
    pub cluster: &'a Int64Array,
    pub record: &'a Int64Array,
}

impl<'a> View<'a> {
    /// All columns of a batch; what is no text has no value.
    pub fn all(batch: &'a RecordBatch) -> Result<Self> {
        Self::of(batch, batch.columns().iter().map(|c| c.as_string_opt::<i32>()).collect())
    }

    /// The named columns; those that are not there have no value.
    pub fn named(batch: &'a RecordBatch, names: &[&str]) -> Result<Self> {
        Self::of(batch, names.iter().map(|name| text_column(batch, name)).collect())
    }

    fn of(batch: &'a RecordBatch, columns: Vec<Option<&'a StringArray>>) -> Result<Self> {
        Ok(Self { columns, cluster: integers(batch, "cluster_id")?, record: integers(batch, "record_id")? })
    }

    pub fn get(&self, column: usize, row: usize) -> Option<&'a str> {
        value(self.columns.get(column).copied().flatten(), row)
    }

    /// Rows of a cluster, from `start` on.
    pub fn rows_of(&self, cluster: i64, start: usize) -> std::ops::Range<usize> {
        let rest = self.cluster.values().get(start..).unwrap_or(&[]);
        let from = start + rest.iter().take_while(|c| **c < cluster).count();
        let to = from + self.cluster.values().get(from..).unwrap_or(&[]).iter().take_while(|c| **c == cluster).count();
        from..to
    }
}
