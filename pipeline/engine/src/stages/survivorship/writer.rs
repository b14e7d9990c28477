//! Rows that survivorship has built, on their way into `golden`, `golden_fields` and `permissions`. Enter: golden
//! records one by one. Leave: columns, and the parts of a range of clusters. Never here: a choice.

use super::rules::PersonRules;
use super::vendors::Offers;
use crate::context::Context;
use crate::error::Result;
use crate::match_view;
use crate::store::{PART_ROWS, SequenceWriter, TableWriter};
use crate::tables;
use arrow::array::{ArrayRef, BooleanBuilder, Float64Builder, Int64Array, RecordBatch, StringBuilder};
use arrow::datatypes::SchemaRef;
use std::borrow::Cow;
use std::sync::Arc;

#[derive(Debug, Clone, Default)]
pub struct GoldenRow<'a> {
    pub golden_id: String,
    pub cluster_id: i64,
    pub kind: &'static str,
    pub records: i64,
    pub sources: i64,
    pub address: Option<&'a str>,
    pub address_key: Option<&'a str>,
    pub surname_key: Option<&'a str>,
    pub purchases: i64,
    pub last_purchase: Option<&'a str>,
    pub purchase_amount: f64,
    pub complaints: i64,
    pub last_activity: Option<&'a str>,
    pub values: Vec<Option<&'a str>>,
}

#[derive(Debug, Clone)]
pub struct LineageRow<'a> {
    pub field: &'a str,
    pub value: &'a str,
    pub verdict: &'static str,
    pub reason: Option<&'a str>,
    pub winner: bool,
    pub strategy: Option<&'static str>,
    pub confidence: Option<f64>,
    pub source: &'a str,
    pub source_key: &'a str,
    pub record_id: i64,
    pub updated_at: Option<Cow<'a, str>>,
    pub supporters: i64,
}

#[derive(Debug, Clone)]
pub struct PermissionRow<'a> {
    pub golden_id: &'a str,
    pub cluster_id: i64,
    pub channel: &'static str,
    pub purpose: &'a str,
    pub allowed: bool,
    pub since: Option<String>,
    pub evidence: Option<&'a str>,
    pub reason: &'static str,
}

/// What came of one chunk of clusters.
pub struct Built {
    pub rows: u64,
    pub golden: GoldenColumns,
    pub lineage: LineageColumns,
    pub permissions: PermissionColumns,
    pub offers: Offers,
}

impl Built {
    pub fn new(rules: &PersonRules) -> Self {
        let mut golden = GoldenColumns::default();
        golden.values.resize_with(rules.fields.len(), StringBuilder::new);
        let (lineage, permissions) = (LineageColumns::default(), PermissionColumns::default());
        Self { rows: 0, golden, lineage, permissions, offers: Offers::default() }
    }
}

fn text(mut builder: StringBuilder) -> ArrayRef {
    Arc::new(builder.finish())
}

fn integers(values: Vec<i64>) -> ArrayRef {
    Arc::new(Int64Array::from(values))
}

/// Columns of `golden`.
#[derive(Default)]
pub struct GoldenColumns {
    golden_id: StringBuilder,
    cluster_id: Vec<i64>,
    kind: StringBuilder,
    records: Vec<i64>,
    sources: Vec<i64>,
    address: StringBuilder,
    address_key: StringBuilder,
    household: StringBuilder,
    purchases: Vec<i64>,
    last_purchase: StringBuilder,
    purchase_amount: Float64Builder,
    complaints: Vec<i64>,
    last_activity: StringBuilder,
    values: Vec<StringBuilder>,
}

impl GoldenColumns {
    pub fn push(&mut self, row: &GoldenRow<'_>) {
        self.golden_id.append_value(&row.golden_id);
        self.cluster_id.push(row.cluster_id);
        self.kind.append_value(row.kind);
        self.records.push(row.records);
        self.sources.push(row.sources);
        self.address.append_option(row.address);
        self.address_key.append_option(row.address_key);
        self.household.append_option(row.address_key.zip(row.surname_key).map(|(a, s)| format!("{a}|{s}")));
        self.purchases.push(row.purchases);
        self.last_purchase.append_option(row.last_purchase);
        self.purchase_amount.append_option((row.purchases > 0).then_some(row.purchase_amount));
        self.complaints.push(row.complaints);
        self.last_activity.append_option(row.last_activity);
        for (column, value) in self.values.iter_mut().zip(&row.values) {
            column.append_option(*value);
        }
    }

    fn batch(mut self, schema: &SchemaRef) -> Result<RecordBatch> {
        let mut columns = vec![
            text(self.golden_id),
            integers(self.cluster_id),
            text(self.kind),
            integers(self.records),
            integers(self.sources),
            text(self.address),
            text(self.address_key),
            text(self.household),
            integers(self.purchases),
            text(self.last_purchase),
            Arc::new(self.purchase_amount.finish()),
            integers(self.complaints),
            text(self.last_activity),
        ];
        columns.extend(self.values.into_iter().map(text));
        Ok(RecordBatch::try_new(schema.clone(), columns)?)
    }
}

/// Columns of `golden_fields`.
#[derive(Default)]
pub struct LineageColumns {
    golden_id: StringBuilder,
    cluster_id: Vec<i64>,
    field: StringBuilder,
    value: StringBuilder,
    verdict: StringBuilder,
    reason: StringBuilder,
    winner: BooleanBuilder,
    strategy: StringBuilder,
    confidence: Float64Builder,
    source: StringBuilder,
    source_key: StringBuilder,
    record_id: Vec<i64>,
    updated_at: StringBuilder,
    supporters: Vec<i64>,
}

impl LineageColumns {
    pub fn extend(&mut self, golden: &GoldenRow<'_>, lines: &[LineageRow<'_>]) {
        for line in lines {
            self.golden_id.append_value(&golden.golden_id);
            self.cluster_id.push(golden.cluster_id);
            self.field.append_value(line.field);
            self.value.append_value(line.value);
            self.verdict.append_value(line.verdict);
            self.reason.append_option(line.reason);
            self.winner.append_value(line.winner);
            self.strategy.append_option(line.strategy);
            self.confidence.append_option(line.confidence);
            self.source.append_value(line.source);
            self.source_key.append_value(line.source_key);
            self.record_id.push(line.record_id);
            self.updated_at.append_option(line.updated_at.as_deref());
            self.supporters.push(line.supporters);
        }
    }

    fn batch(mut self) -> Result<RecordBatch> {
        let columns = vec![
            text(self.golden_id),
            integers(self.cluster_id),
            text(self.field),
            text(self.value),
            text(self.verdict),
            text(self.reason),
            Arc::new(self.winner.finish()),
            text(self.strategy),
            Arc::new(self.confidence.finish()),
            text(self.source),
            text(self.source_key),
            integers(self.record_id),
            text(self.updated_at),
            integers(self.supporters),
        ];
        Ok(RecordBatch::try_new(tables::golden_fields(), columns)?)
    }
}

/// Columns of `permissions`.
#[derive(Default)]
pub struct PermissionColumns {
    golden_id: StringBuilder,
    cluster_id: Vec<i64>,
    channel: StringBuilder,
    purpose: StringBuilder,
    allowed: BooleanBuilder,
    since: StringBuilder,
    evidence: StringBuilder,
    reason: StringBuilder,
}

impl PermissionColumns {
    pub fn push(&mut self, row: &PermissionRow<'_>) {
        self.golden_id.append_value(row.golden_id);
        self.cluster_id.push(row.cluster_id);
        self.channel.append_value(row.channel);
        self.purpose.append_value(row.purpose);
        self.allowed.append_value(row.allowed);
        self.since.append_option(row.since.as_deref());
        self.evidence.append_option(row.evidence);
        self.reason.append_value(row.reason);
    }

    fn batch(mut self) -> Result<RecordBatch> {
        let columns = vec![
            text(self.golden_id),
            integers(self.cluster_id),
            text(self.channel),
            text(self.purpose),
            Arc::new(self.allowed.finish()),
            text(self.since),
            text(self.evidence),
            text(self.reason),
        ];
        Ok(RecordBatch::try_new(tables::permissions(), columns)?)
    }
}

/// The three tables being written; ranges of clusters may be written in parallel.
pub struct Writers {
    golden: TableWriter,
    lineage: TableWriter,
    permissions: TableWriter,
}

/// The parts of one range.
pub struct Sequences<'a> {
    golden: SequenceWriter<'a>,
    lineage: SequenceWriter<'a>,
    permissions: SequenceWriter<'a>,
    schema: SchemaRef,
}

impl Writers {
    pub fn begin(context: &Context, rules: &PersonRules) -> Result<Self> {
        let fields: Vec<String> = rules.fields.iter().map(|f| f.name.clone()).collect();
        Ok(Self {
            golden: context.store.begin(tables::GOLDEN, match_view::golden(&fields))?,
            lineage: context.store.begin(tables::GOLDEN_FIELDS, tables::golden_fields())?,
            permissions: context.store.begin(tables::PERMISSIONS, tables::permissions())?,
        })
    }

    /// Most parts that `lines` rows of a range and table can have.
    pub fn parts(lines: usize) -> usize {
        lines.div_ceil(PART_ROWS) + 1
    }

    /// Writers of a range whose parts are numbered from `first` on.
    pub fn sequences(&self, first: usize) -> Sequences<'_> {
        Sequences {
            golden: self.golden.sequence_from(first),
            lineage: self.lineage.sequence_from(first),
            permissions: self.permissions.sequence_from(first),
            schema: self.golden.schema().clone(),
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
    pub fn write(&mut self, built: Built) -> Result<()> {
        self.golden.write(&built.golden.batch(&self.schema)?)?;
        self.lineage.write(&built.lineage.batch()?)?;
        self.permissions.write(&built.permissions.batch()?)
    }

    pub fn finish(self) -> Result<()> {
        self.golden.finish()?;
        self.lineage.finish()?;
        self.permissions.finish()?;
        Ok(())
    }
}
