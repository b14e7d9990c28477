//! One record of a run, found by its source and key. Enter: `source:key`. Leaves: its number, features and cluster,
//! and what an expression of the rules makes of it. Never here: comparing it with another.

use super::{Inspection, integer, text};
use crate::error::{Error, Result};
use crate::expression::Planner;
use crate::match_view;
use crate::stages::dedupe::features::as_match_view;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;
use datafusion::prelude::{col, lit};
use futures::TryStreamExt;
use serde::Serialize;
use zlato_core::matching::levels::osa::Osa;
use zlato_core::rules::sources::SourceKind;
use zlato_core::rules::suggest;

/// Keys that a message suggests.
const SUGGESTED: usize = 3;

/// A record as answers name it.
#[derive(Debug, Clone, Serialize)]
pub struct Named {
    pub source: String,
    pub source_key: String,
    pub record_id: i64,
    /// The cluster that it ended in, and the records in that.
    pub cluster_id: i64,
    pub cluster_records: u64,
}

/// A record with what matching looks at.
pub struct Record {
    pub named: Named,
    features: RecordBatch,
    view: RecordBatch,
}

impl Record {
    /// Hashed column of `features`: a block key or the value of a hard rule.
    pub fn hash(&self, column: &str) -> Option<i64> {
        integer(&self.features, column, 0)
    }

    /// Compared value of `features`.
    pub fn value(&self, column: &str) -> Option<String> {
        text(&self.features, column, 0)
    }

    /// What an expression of `matching.toml` gives for the record; none for null, empty and where it fails.
    pub fn evaluate(&self, planner: &Planner, sql: &str) -> Option<String> {
        let value = planner.plan(sql).ok()?.evaluate(&self.view).ok()?.into_array(1).ok()?;
        let value = arrow::compute::cast(&value, &DataType::Utf8).ok()?;
        let value = value.as_string::<i32>();
        value.is_valid(0).then(|| value.value(0).to_owned()).filter(|v| !v.is_empty())
    }
}

impl Inspection {
    /// Planner over the match view of the run's rules.
    pub(super) fn planner(&self) -> Result<Planner> {
        Ok(Planner::new(&match_view::match_view(&self.context.rules.rules.mapped_fields()))?)
    }

    /// Finds a record by `source:key`; the error suggests what is near.
    pub(super) async fn record(&self, name: &str) -> Result<Record> {
        let (source, key) = name.split_once(':').ok_or_else(|| {
            Error::input(format!("`{name}` is not a record")).hint("write a record as SOURCE:KEY, such as crm:1001")
        })?;
        self.check_source(source)?;
        let found = self.context.session.context().table(crate::tables::CONTACTS).await?;
        let found = found.filter(col("source").eq(lit(source)).and(col("source_key").eq(lit(key))))?;
        let contacts = found.collect().await?;
        let Some(contact) = contacts.iter().find(|b| b.num_rows() > 0) else {
            return Err(self.unknown_key(source, key).await?);
        };
        let contact = contact.slice(0, 1);
        let id =
            integer(&contact, "record_id", 0).ok_or_else(|| Error::Internal("a record without a number".into()))?;
        let features = self.row(&format!("SELECT * FROM features WHERE record_id = {id}")).await?;
        let address = self.row(&format!("SELECT * FROM addresses WHERE record_id = {id}")).await?;
        let cluster = self
            .row(&format!(
                "SELECT c.cluster_id, count(*) AS n FROM clusters c JOIN clusters mine ON c.cluster_id = mine.cluster_id WHERE mine.record_id = {id} GROUP BY c.cluster_id"
            ))
            .await?;
        Ok(Record {
            named: Named {
                source: source.into(),
                source_key: key.into(),
                record_id: id,
                cluster_id: integer(&cluster, "cluster_id", 0).unwrap_or(id),
                cluster_records: integer(&cluster, "n", 0).and_then(|n| u64::try_from(n).ok()).unwrap_or(1),
            },
            features,
            view: self.view(&contact, &address)?,
        })
    }

    /// `source:key` of a record.
    pub(super) async fn name(&self, record: i64) -> Result<String> {
        let row = self.row(&format!("SELECT source, source_key FROM contacts WHERE record_id = {record}")).await?;
        let part = |column| text(&row, column, 0).unwrap_or_default();
        Ok(format!("{}:{}", part("source"), part("source_key")))
    }

    async fn row(&self, sql: &str) -> Result<RecordBatch> {
        let batches = self.query(sql).await?;
        let row = batches.into_iter().find(|b| b.num_rows() > 0);
        Ok(row.ok_or_else(|| Error::Internal("a record is missing from a table of its run".into()))?.slice(0, 1))
    }

    fn view(&self, contact: &RecordBatch, address: &RecordBatch) -> Result<RecordBatch> {
        let mut fields: Vec<_> = contact.schema().fields().iter().cloned().collect();
        let mut columns = contact.columns().to_vec();
        fields.extend(address.schema().fields().iter().skip(1).cloned());
        columns.extend(address.columns().iter().skip(1).cloned());
        let both = RecordBatch::try_new(std::sync::Arc::new(arrow::datatypes::Schema::new(fields)), columns)?;
        as_match_view(&both, &match_view::match_view(&self.context.rules.rules.mapped_fields()))
    }

    fn check_source(&self, source: &str) -> Result<()> {
        let sources = &self.context.rules.rules.sources.source;
        match sources.iter().find(|s| s.name.get_ref() == source).map(|s| s.kind) {
            Some(SourceKind::Customer | SourceKind::Prospect) => Ok(()),
            Some(kind) => {
                let kind = kind.as_str();
                Err(Error::input(format!("records of {source} are not matched: it is a source of kind {kind}"))
                    .hint(format!("`zlato tables {kind}_links` says what became of them")))
            }
            None => {
                let names: Vec<&str> = sources.iter().map(|s| s.name.get_ref().as_str()).collect();
                let near = suggest(source, names.iter().copied());
                let hint =
                    near.map_or_else(|| format!("sources: {}", names.join(", ")), |n| format!("did you mean `{n}`?"));
                Err(Error::input(format!("the run has no source `{source}`")).hint(hint))
            }
        }
    }

    /// The error for a key that the source does not have, with the nearest ones that it has.
    async fn unknown_key(&self, source: &str, key: &str) -> Result<Error> {
        let keys = self.context.session.context().table(crate::tables::CONTACTS).await?;
        let keys = keys.filter(col("source").eq(lit(source)))?.select_columns(&["source_key"])?;
        let mut stream = keys.execute_stream().await?;
        let longest = u32::try_from(key.chars().count()).unwrap_or(u32::MAX);
        let typed = Osa::new(key, (longest / 3).max(1));
        let mut near: Vec<(usize, String)> = Vec::new();
        while let Some(batch) = stream.try_next().await? {
            for known in batch.column(0).as_string::<i32>().iter().flatten() {
                if let Some(distance) = typed.distance(known) {
                    near.push((distance, known.to_owned()));
                }
            }
            near.sort();
            near.truncate(SUGGESTED);
        }
        let error =
            Error::input(format!("the source {source} has no record `{key}` in run {}", self.context.manifest.run));
        let near: Vec<String> = near.into_iter().map(|(_, key)| format!("{source}:{key}")).collect();
        Ok(if near.is_empty() {
            error.hint(format!(
                "was the row rejected? `zlato tables --sql \"SELECT * FROM quarantine WHERE source = '{source}'\"`"
            ))
        } else {
            error.hint(format!("near it: {}", near.join(", ")))
        })
    }
}
