//! Contacts that too many people have to be anybody's. Enters: `contact_profiles`. Leaves: for a batch of contacts, which
//! values of a field they are. Holds junk contacts and placeholder dates, which are few.

use super::super::columns::text_column;
use crate::context::Context;
use crate::error::Result;
use crate::match_view::column;
use crate::tables;
use arrow::array::{RecordBatch, StringArray};
use futures::TryStreamExt;
use std::collections::{HashMap, HashSet};
use zlato_core::matching::hygiene::USED_BY_MANY;

/// The values, by field.
pub struct UsedByMany(HashMap<String, HashSet<String>>);

impl UsedByMany {
    pub async fn load(context: &Context) -> Result<Self> {
        context.session.register(&context.store, tables::CONTACT_PROFILES, tables::CONTACT_PROFILES).await?;
        let sql = "SELECT field, value FROM contact_profiles WHERE class IN ('junk', 'placeholder')";
        let mut all: HashMap<String, HashSet<String>> = HashMap::new();
        let mut stream = context.session.sql(sql).await?.execute_stream().await?;
        while let Some(batch) = stream.try_next().await? {
            let (fields, values) = (text_column(&batch, "field"), text_column(&batch, "value"));
            for (field, value) in fields.into_iter().flatten().zip(values.into_iter().flatten()) {
                if let (Some(field), Some(value)) = (field, value) {
                    all.entry(field.into()).or_default().insert(value.into());
                }
            }
        }
        Ok(Self(all))
    }

    /// Verdicts and reasons of a field with those of such values replaced; none where there is no such value.
    pub fn judged(
        &self,
        batch: &RecordBatch,
        field: &str,
        verdicts: &StringArray,
        reasons: &StringArray,
    ) -> Option<(StringArray, StringArray)> {
        let values = self.0.get(field)?;
        let keys = text_column(batch, &column(field, "key")).or_else(|| text_column(batch, field))?;
        let many: Vec<bool> = keys.iter().map(|k| k.is_some_and(|k| values.contains(k))).collect();
        let replaced = |column: &StringArray, with: &'static str| -> StringArray {
            column.iter().zip(&many).map(|(old, many)| if *many { Some(with) } else { old }).collect()
        };
        many.contains(&true).then(|| (replaced(verdicts, "suspect"), replaced(reasons, USED_BY_MANY)))
    }
}
