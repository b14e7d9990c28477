//! A batch of a table without a person. Enter: an order and rows of any table. Leave: the rows that stay, with the person's
//! values gone from them. Any table is handled by its key columns, whoever wrote it; rows that belong side by side go by
//! record id alone, so that they stay so. Never here: files.

use super::sweep::Sweep;
use crate::error::Result;
use crate::person::integers;
use crate::stages::columns::{text_column, value};
use crate::tables;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::filter_record_batch;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Sweep<'_> {
    /// The batch without the person; none where nothing of them was in it.
    pub(super) fn batch(&self, table: &str, batch: &RecordBatch) -> Result<Option<RecordBatch>> {
        let keep = self.kept(table, batch);
        let dropped = keep.iter().filter(|k| !**k).count();
        let batch = if dropped == 0 { batch.clone() } else { filter_record_batch(batch, &BooleanArray::from(keep))? };
        let mut changed = dropped > 0;
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(batch.num_columns());
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            let blank = if table == tables::GOLDEN { self.blanked(&batch, field.name()) } else { None };
            let blank = blank.or_else(|| self.relative(&batch, field.name()));
            let new = match (column.as_string_opt::<i32>(), blank) {
                (Some(text), Some(blank)) => Some(without(text, &blank)),
                (Some(text), None) => self.redacted(text),
                _ => None,
            };
            changed |= new.is_some();
            columns.push(new.unwrap_or_else(|| column.clone()));
        }
        if !changed {
            return Ok(None);
        }
        Ok(Some(RecordBatch::try_new(batch.schema(), columns)?))
    }

    /// Which rows stay.
    fn kept(&self, table: &str, batch: &RecordBatch) -> Vec<bool> {
        let mut keep = vec![true; batch.num_rows()];
        let schema = batch.schema();
        let side_by_side = schema.fields().first().is_some_and(|f| f.name() == "record_id");
        for field in schema.fields() {
            let name = field.name();
            let (records, clusters) = (name.starts_with("record_id"), name.starts_with("cluster_id") && !side_by_side);
            let set = if records { &self.run.record_ids } else { &self.run.clusters };
            if let Some(ids) = integers(batch, name).filter(|_| (records || clusters) && !set.is_empty()) {
                for (keep, id) in keep.iter_mut().zip(ids.iter()) {
                    *keep &= id.is_none_or(|id| !set.contains(&id));
                }
            }
        }
        if side_by_side {
            return keep;
        }
        let text = |name: &str| text_column(batch, name);
        if table == tables::QUARANTINE {
            let (source, file, line) = (text("source"), text("file"), integers(batch, "line"));
            for (row, keep) in keep.iter_mut().enumerate() {
                let place = (
                    value(source, row).unwrap_or("").to_string(),
                    value(file, row).unwrap_or("").to_string(),
                    line.and_then(|c| c.values().get(row)).copied().unwrap_or(0),
                );
                *keep &= !self.run.quarantine.contains(&place);
            }
            return keep;
        }
        // Figures of a golden record that was several people are counted from the events of all of them.
        if table == tables::ATTRIBUTES && !self.run.mixed.is_empty() {
            let (golden, records) = (text("golden_id"), integers(batch, "record_id"));
            for (row, keep) in keep.iter_mut().enumerate() {
                let counted = records.is_some_and(|c| c.is_null(row));
                *keep &= !counted || !value(golden, row).is_some_and(|id| self.run.mixed.contains_key(id));
            }
        }
        // Keys of records and golden ids in any column: ledgers and redirects name them under many names.
        if let (Some(source), Some(key)) = (text("source"), text("source_key")) {
            for (row, keep) in keep.iter_mut().enumerate() {
                let name = (value(Some(source), row).unwrap_or("").into(), value(Some(key), row).unwrap_or("").into());
                *keep &= !self.order.names.contains(&name);
            }
        }
        for column in batch.columns().iter().filter_map(|c| c.as_string_opt::<i32>()) {
            for (keep, cell) in keep.iter_mut().zip(column.iter()) {
                let Some(cell) = cell else { continue };
                *keep &= !self.order.golden_ids.contains(cell);
                // A value that has a row of its own, as in `contact_profiles`.
                *keep &= table != tables::CONTACT_PROFILES || !self.order.values.contains(cell);
            }
        }
        keep
    }

    /// Rows of `golden` whose field was won by a row of the person, though others are in the record.
    fn blanked(&self, batch: &RecordBatch, field: &str) -> Option<Vec<bool>> {
        if self.run.mixed.is_empty() {
            return None;
        }
        let golden = text_column(batch, "golden_id")?;
        let column = text_column(batch, field)?;
        let address = |won: &BTreeSet<String>| won.contains("locality") || won.contains("street");
        let theirs = |won: &BTreeSet<String>| match field {
            "address" | "address_key" => address(won),
            "household_key" => address(won) || won.contains("family_name"),
            _ => won.contains(field),
        };
        let blank: Vec<bool> = (0..batch.num_rows())
            .map(|row| {
                let won = value(Some(golden), row).and_then(|id| self.run.mixed.get(id));
                column.is_valid(row) && won.is_some_and(theirs)
            })
            .collect();
        blank.contains(&true).then_some(blank)
    }

    /// Rows of others that name a row of the person as somebody's relative.
    fn relative(&self, batch: &RecordBatch, field: &str) -> Option<Vec<bool>> {
        let column = text_column(batch, field).filter(|_| field.starts_with("related_to"))?;
        let source = text_column(batch, "source")?;
        let names: Vec<&StringArray> =
            ["related_to", "related_to_raw"].iter().filter_map(|name| text_column(batch, name)).collect();
        let is_theirs = |row: usize| {
            let source = value(Some(source), row)?;
            let named = |c: &&StringArray| value(Some(*c), row).map(|key| (source.to_string(), key.trim().to_string()));
            Some(column.is_valid(row) && names.iter().filter_map(named).any(|name| self.order.names.contains(&name)))
        };
        let blank: Vec<bool> = (0..batch.num_rows()).map(|row| is_theirs(row).unwrap_or(false)).collect();
        blank.contains(&true).then_some(blank)
    }

    /// The column with the person's values taken out of its texts; none where there was none.
    fn redacted(&self, column: &StringArray) -> Option<ArrayRef> {
        let all = std::str::from_utf8(column.value_data()).unwrap_or("");
        if !self.redactor.may_be_in(all) {
            return None;
        }
        let mut changed = false;
        let clean: StringArray = column
            .iter()
            .map(|cell| {
                let clean = self.redactor.clean(cell?);
                changed |= matches!(clean, std::borrow::Cow::Owned(_));
                Some(clean)
            })
            .collect();
        changed.then(|| Arc::new(clean) as ArrayRef)
    }
}

fn without(column: &StringArray, blank: &[bool]) -> ArrayRef {
    let cells = column.iter().zip(blank).map(|(cell, blank)| cell.filter(|_| !blank));
    Arc::new(cells.collect::<StringArray>())
}
