//! Rows of `contact_prompts`. Enter: the questions chosen for a customer. Leaves: a batch.

use super::person::Person;
use crate::error::Result;
use crate::tables;
use arrow::array::{ArrayRef, Float64Builder, Int64Builder, RecordBatch, StringBuilder};
use std::sync::Arc;
use zlato_core::prompts::Prompt;

#[derive(Default)]
pub struct Prompts {
    golden_id: StringBuilder,
    cluster_id: Int64Builder,
    rank: Int64Builder,
    field: StringBuilder,
    question: StringBuilder,
    reason: StringBuilder,
    value: Float64Builder,
    channel: StringBuilder,
    channels: StringBuilder,
}

impl Prompts {
    pub fn push(&mut self, person: &Person<'_>, prompt: &Prompt<'_>) {
        self.golden_id.append_value(person.golden_id);
        self.cluster_id.append_value(person.cluster);
        self.rank.append_value(prompt.rank as i64);
        self.field.append_value(prompt.field);
        self.question.append_value(prompt.question);
        self.reason.append_value(prompt.reason);
        self.value.append_value(prompt.value);
        self.channel.append_value(prompt.channel());
        self.channels.append_option(Some(prompt.channels.join(", ")).filter(|all| !all.is_empty()));
    }

    pub fn batch(mut self) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.golden_id.finish()),
            Arc::new(self.cluster_id.finish()),
            Arc::new(self.rank.finish()),
            Arc::new(self.field.finish()),
            Arc::new(self.question.finish()),
            Arc::new(self.reason.finish()),
            Arc::new(self.value.finish()),
            Arc::new(self.channel.finish()),
            Arc::new(self.channels.finish()),
        ];
        Ok(RecordBatch::try_new(tables::contact_prompts(), columns)?)
    }
}
