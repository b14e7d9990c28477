//! Rows of `freshness`. Enter: golden values with their judgement. Leaves: a batch.

use super::person::Person;
use crate::error::Result;
use crate::tables;
use arrow::array::{ArrayRef, Float64Builder, Int64Builder, RecordBatch, StringBuilder};
use std::sync::Arc;
use zlato_core::day;
use zlato_core::freshness::Freshness;

#[derive(Default)]
pub struct States {
    golden_id: StringBuilder,
    cluster_id: Int64Builder,
    field: StringBuilder,
    state: StringBuilder,
    currentness: Float64Builder,
    reason: StringBuilder,
    since: StringBuilder,
}

impl States {
    pub fn push(&mut self, person: &Person<'_>, field: &str, found: &Freshness) {
        self.golden_id.append_value(person.golden_id);
        self.cluster_id.append_value(person.cluster);
        self.field.append_value(field);
        self.state.append_value(found.state.as_str());
        // Three decimals say all there is to say.
        self.currentness.append_value((found.currentness * 1000.0).round() / 1000.0);
        self.reason.append_value(found.reason);
        self.since.append_option(found.since_day.and_then(day::text));
    }

    pub fn batch(mut self) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.golden_id.finish()),
            Arc::new(self.cluster_id.finish()),
            Arc::new(self.field.finish()),
            Arc::new(self.state.finish()),
            Arc::new(self.currentness.finish()),
            Arc::new(self.reason.finish()),
            Arc::new(self.since.finish()),
        ];
        Ok(RecordBatch::try_new(tables::freshness(), columns)?)
    }
}
