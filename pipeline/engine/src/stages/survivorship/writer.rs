//! Rows that survivorship has built, on their way into `golden`, `golden_fields` and `permissions`.

use super::person::PersonRules;
use crate::context::Context;
use crate::error::Result;
use crate::match_view;
use crate::store::{SequenceWriter, TableWriter};
use crate::tables;
use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use std::sync::Arc;

#[derive(Debug, Clone, Default)]
pub struct GoldenRow {
    pub golden_id: String,
    pub cluster_id: i64,
    pub kind: &'static str,
    pub records: i64,
    pub sources: i64,
    pub address: Option<String>,
    pub address_key: Option<String>,
    pub surname_key: Option<String>,
    pub purchases: i64,
    pub last_purchase: Option<String>,
    pub purchase_amount: f64,
    pub complaints: i64,
    pub last_activity: Option<String>,
    pub values: Vec<Option<String>>,
}

#[derive(Debug, Clone)]
pub struct LineageRow {
    pub golden_id: String,
    pub cluster_id: i64,
    pub field: String,
    pub value: String,
    pub verdict: &'static str,
    pub reason: Option<String>,
    pub winner: bool,
    pub strategy: Option<&'static str>,
    pub confidence: Option<f64>,
    pub source: String,
    pub source_key: String,
    pub record_id: i64,
    pub updated_at: Option<String>,
    pub supporters: i64,
}

#[derive(Debug, Clone)]
pub struct PermissionRow {
    /// Place of the golden record in [`Built::golden`].
    pub golden: usize,
    pub channel: &'static str,
    /// Place of the purpose in the rules.
    pub purpose: usize,
    pub allowed: bool,
    pub since: Option<String>,
    pub evidence: Option<String>,
    pub reason: &'static str,
}

/// What came of one chunk of clusters.
pub struct Built {
    pub rows: u64,
    pub golden: Vec<GoldenRow>,
    pub lineage: Vec<LineageRow>,
    pub permissions: Vec<PermissionRow>,
    fields: usize,
}

impl Built {
    pub fn new(fields: usize) -> Self {
        Self { rows: 0, golden: vec![], lineage: vec![], permissions: vec![], fields }
    }
}

/// The three tables being written.
pub struct Writers {
    golden: TableWriter,
    lineage: TableWriter,
    permissions: TableWriter,
    purposes: Vec<String>,
}

pub struct Sequences<'a> {
    golden: SequenceWriter<'a>,
    lineage: SequenceWriter<'a>,
    permissions: SequenceWriter<'a>,
    schema: arrow::datatypes::SchemaRef,
    purposes: Vec<String>,
}

impl Writers {
    pub fn begin(context: &Context, rules: &PersonRules) -> Result<Self> {
        let fields: Vec<String> = rules.fields.iter().map(|f| f.name.clone()).collect();
        Ok(Self {
            golden: context.store.begin(tables::GOLDEN, match_view::golden(&fields))?,
            lineage: context.store.begin(tables::GOLDEN_FIELDS, tables::golden_fields())?,
            permissions: context.store.begin(tables::PERMISSIONS, tables::permissions())?,
            purposes: rules.policy.purposes().map(String::from).collect(),
        })
    }

    pub fn sequences(&self) -> Sequences<'_> {
        Sequences {
            golden: self.golden.sequence(),
            lineage: self.lineage.sequence(),
            permissions: self.permissions.sequence(),
            schema: self.golden.schema().clone(),
            purposes: self.purposes.clone(),
        }
    }

    pub fn finish(self) -> Result<Vec<(String, u64)>> {
        Ok(vec![
            (tables::GOLDEN.into(), self.golden.finish()?),
            (tables::GOLDEN_FIELDS.into(), self.lineage.finish()?),
            (tables::PERMISSIONS.into(), self.permissions.finish()?),
        ])
    }
}

impl Sequences<'_> {
    pub fn write(&mut self, built: &Built) -> Result<()> {
        self.golden.write(&golden_batch(built, &self.schema)?)?;
        self.lineage.write(&lineage_batch(&built.lineage)?)?;
        self.permissions.write(&permission_batch(built, &self.purposes)?)
    }

    pub fn finish(self) -> Result<()> {
        self.golden.finish()?;
        self.lineage.finish()?;
        self.permissions.finish()?;
        Ok(())
    }
}

fn texts<'a, T>(rows: &'a [T], get: impl Fn(&'a T) -> Option<&'a str>) -> ArrayRef {
    Arc::new(rows.iter().map(get).collect::<StringArray>())
}

fn integers<T>(rows: &[T], get: impl Fn(&T) -> i64) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(rows.iter().map(get)))
}

fn golden_batch(built: &Built, schema: &arrow::datatypes::SchemaRef) -> Result<RecordBatch> {
    let rows = &built.golden;
    let household: StringArray =
        rows.iter().map(|r| Some(format!("{}|{}", r.address_key.as_ref()?, r.surname_key.as_ref()?))).collect();
    let amounts = rows.iter().map(|r| (r.purchases > 0).then_some(r.purchase_amount));
    let mut columns: Vec<ArrayRef> = vec![
        texts(rows, |r| Some(&r.golden_id)),
        integers(rows, |r| r.cluster_id),
        texts(rows, |r| Some(r.kind)),
        integers(rows, |r| r.records),
        integers(rows, |r| r.sources),
        texts(rows, |r| r.address.as_deref()),
        texts(rows, |r| r.address_key.as_deref()),
        Arc::new(household),
        integers(rows, |r| r.purchases),
        texts(rows, |r| r.last_purchase.as_deref()),
        Arc::new(amounts.collect::<Float64Array>()),
        integers(rows, |r| r.complaints),
        texts(rows, |r| r.last_activity.as_deref()),
    ];
    for field in 0..built.fields {
        columns.push(texts(rows, |r| r.values.get(field)?.as_deref()));
    }
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}

fn lineage_batch(rows: &[LineageRow]) -> Result<RecordBatch> {
    let columns: Vec<ArrayRef> = vec![
        texts(rows, |r| Some(&r.golden_id)),
        integers(rows, |r| r.cluster_id),
        texts(rows, |r| Some(&r.field)),
        texts(rows, |r| Some(&r.value)),
        texts(rows, |r| Some(r.verdict)),
        texts(rows, |r| r.reason.as_deref()),
        Arc::new(rows.iter().map(|r| Some(r.winner)).collect::<BooleanArray>()),
        texts(rows, |r| r.strategy),
        Arc::new(rows.iter().map(|r| r.confidence).collect::<Float64Array>()),
        texts(rows, |r| Some(&r.source)),
        texts(rows, |r| Some(&r.source_key)),
        integers(rows, |r| r.record_id),
        texts(rows, |r| r.updated_at.as_deref()),
        integers(rows, |r| r.supporters),
    ];
    Ok(RecordBatch::try_new(tables::golden_fields(), columns)?)
}

fn permission_batch(built: &Built, purposes: &[String]) -> Result<RecordBatch> {
    let rows = &built.permissions;
    let columns: Vec<ArrayRef> = vec![
        texts(rows, |r| Some(&built.golden.get(r.golden)?.golden_id)),
        integers(rows, |r| built.golden.get(r.golden).map_or(0, |g| g.cluster_id)),
        texts(rows, |r| Some(r.channel)),
        texts(rows, |r| purposes.get(r.purpose).map(String::as_str)),
        Arc::new(rows.iter().map(|r| Some(r.allowed)).collect::<BooleanArray>()),
        texts(rows, |r| r.since.as_deref()),
        texts(rows, |r| r.evidence.as_deref()),
        texts(rows, |r| Some(r.reason)),
    ];
    Ok(RecordBatch::try_new(tables::permissions(), columns)?)
}
