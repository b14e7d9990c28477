//! `vendors`: what each profile source is worth. Enter: `profile_links`, `profiles`, `golden`, `golden_fields` and the
//! terms of profiles.toml. Leaves: per source, and per source and field, how many customers it reaches, how many fields
//! it filled, how often it agrees with the customers and with other vendors, and what a filled field cost.
//! Never here: judging a single value.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::tables;
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use std::collections::BTreeMap;
use std::sync::Arc;
use zlato_core::rules::profiles::Profile;

/// Counts of one source, of one of its fields or of all.
#[derive(Debug, Clone, Default)]
struct Line {
    field: Option<String>,
    mode: Option<String>,
    /// Offered, filled, agreeing and conflicting with a first-party value, agreeing with and differing from other
    /// vendors.
    counts: [i64; 6],
}

const COUNTS: [&str; 6] = ["offered", "filled", "agrees", "conflicts", "others_agree", "others_differ"];

/// Values are compared without regard to case and blanks around them. First-party values are what customer and prospect
/// sources say, invalid ones left out.
const OFFERED: &str = "SELECT o.source, o.field, o.mode, count(*) AS offered, \
    count(CASE WHEN w.cluster_id IS NOT NULL THEN 1 END) AS filled, \
    count(CASE WHEN e.cluster_id IS NOT NULL THEN 1 END) AS agrees, \
    count(CASE WHEN f.cluster_id IS NOT NULL AND e.cluster_id IS NULL THEN 1 END) AS conflicts, \
    count(CASE WHEN x.vendors > 1 AND x.least = x.most THEN 1 END) AS others_agree, \
    count(CASE WHEN x.vendors > 1 AND x.least <> x.most THEN 1 END) AS others_differ \
    FROM (SELECT cluster_id, source, field, \"use\" AS mode, lower(btrim(value)) AS v FROM profiles) o \
    JOIN (SELECT cluster_id, field, min(lower(btrim(value))) AS least, max(lower(btrim(value))) AS most, \
        count(DISTINCT source) AS vendors FROM profiles GROUP BY cluster_id, field) x \
      ON o.cluster_id = x.cluster_id AND o.field = x.field \
    LEFT JOIN (SELECT DISTINCT cluster_id, field FROM own) f ON o.cluster_id = f.cluster_id AND o.field = f.field \
    LEFT JOIN (SELECT DISTINCT cluster_id, field, v FROM own) e \
      ON o.cluster_id = e.cluster_id AND o.field = e.field AND o.v = e.v \
    LEFT JOIN (SELECT DISTINCT cluster_id, field, source, lower(btrim(value)) AS v FROM golden_fields \
        WHERE winner AND reason = 'filled_from_profile') w \
      ON o.cluster_id = w.cluster_id AND o.field = w.field AND o.source = w.source AND o.v = w.v \
    GROUP BY o.source, o.field, o.mode ORDER BY o.source, o.field, o.mode";

const OWN: &str = "(SELECT cluster_id, field, lower(btrim(value)) AS v FROM golden_fields \
    WHERE verdict <> 'invalid' AND (reason IS NULL OR reason <> 'filled_from_profile'))";

/// Writes the table; returns its rows.
pub async fn write(context: &Context) -> Result<u64> {
    for table in [tables::PROFILES, tables::GOLDEN_FIELDS, tables::GOLDEN, tables::PROFILE_LINKS] {
        context.session.register(&context.store, table, table).await?;
    }
    let mut lines: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for batch in query(context, &OFFERED.replace("FROM own", &format!("FROM {OWN}"))).await? {
        for row in 0..batch.num_rows() {
            let mut counts = [0; 6];
            for (count, name) in counts.iter_mut().zip(COUNTS) {
                *count = integer(&batch, name, row)?;
            }
            let text = |name: &str| super::super::columns::value(super::super::columns::text_column(&batch, name), row);
            let line = Line { field: text("field").map(String::from), mode: text("mode").map(String::from), counts };
            lines.entry(text("source").unwrap_or("").into()).or_default().push(line);
        }
    }
    let mut reach: BTreeMap<String, [i64; 3]> = BTreeMap::new();
    let sql = "SELECT source, count(*) AS all_rows, count(cluster_id) AS linked, count(DISTINCT cluster_id) AS customers \
        FROM profile_links GROUP BY source ORDER BY source";
    for batch in query(context, sql).await? {
        for row in 0..batch.num_rows() {
            let source = super::super::columns::value(super::super::columns::text_column(&batch, "source"), row);
            let number = |name: &str| integer(&batch, name, row);
            reach.insert(source.unwrap_or("").into(), [number("all_rows")?, number("linked")?, number("customers")?]);
        }
    }
    let customers = context.store.rows(tables::GOLDEN)?;
    let table = context.store.begin(tables::VENDORS, tables::vendors())?;
    let mut rows = Rows::default();
    for terms in &context.rules.rules.profiles.profile {
        let source = terms.source.get_ref();
        let own = lines.remove(source).unwrap_or_default();
        let mut whole = Line::default();
        for line in &own {
            whole.counts.iter_mut().zip(line.counts).for_each(|(sum, n)| *sum += n);
        }
        let reach = reach.get(source).copied().unwrap_or_default();
        for line in std::iter::once(&whole).chain(&own) {
            rows.push(terms, line, reach, customers);
        }
    }
    let batch = rows.batch()?;
    let mut part = table.part(0)?;
    part.write(&batch)?;
    part.finish()?;
    table.finish()
}

async fn query(context: &Context, sql: &str) -> Result<Vec<RecordBatch>> {
    Ok(context.session.sql(sql).await?.collect().await?)
}

fn integer(batch: &RecordBatch, name: &str, row: usize) -> Result<i64> {
    let column = batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>());
    let column = column.filter(|c| row < c.len()).ok_or_else(|| Error::Internal(format!("no column {name}")))?;
    Ok(column.value(row))
}

#[derive(Default)]
struct Rows {
    texts: [Vec<Option<String>>; 5],
    integers: [Vec<Option<i64>>; 9],
    coverage: Vec<Option<f64>>,
    cost: [Vec<Option<f64>>; 2],
}

impl Rows {
    fn push(&mut self, terms: &Profile, line: &Line, [rows, linked, reached]: [i64; 3], customers: u64) {
        let texts = [
            Some(terms.source.get_ref().clone()),
            line.field.clone(),
            line.mode.clone(),
            Some(terms.licence.clone()),
            Some(terms.legal_basis.get_ref().clone()),
        ];
        self.texts.iter_mut().zip(texts).for_each(|(column, text)| column.push(text));
        // What a source reaches is told once, in its own line.
        let whole = line.field.is_none();
        let [offered, filled, agrees, conflicts, others_agree, others_differ] = line.counts;
        let mut integers = [rows, linked, reached].map(|n| Some(n).filter(|_| whole)).to_vec();
        integers.extend([offered, filled, agrees, conflicts, others_agree, others_differ].map(Some));
        self.integers.iter_mut().zip(integers).for_each(|(column, n)| column.push(n));
        self.coverage.push((whole && customers > 0).then(|| reached as f64 / customers as f64));
        let cost = terms.cost.as_ref().map(|cost| *cost.get_ref()).filter(|_| whole);
        let [costs, each] = &mut self.cost;
        costs.push(cost);
        each.push(cost.filter(|_| filled > 0).map(|cost| cost / filled as f64));
    }

    fn batch(self) -> Result<RecordBatch> {
        let mut columns: Vec<ArrayRef> = Vec::new();
        columns.extend(self.texts.into_iter().map(|c| Arc::new(StringArray::from(c)) as ArrayRef));
        columns.extend(self.integers.into_iter().map(|c| Arc::new(Int64Array::from(c)) as ArrayRef));
        columns.push(Arc::new(Float64Array::from(self.coverage)));
        columns.extend(self.cost.into_iter().map(|c| Arc::new(Float64Array::from(c)) as ArrayRef));
        Ok(RecordBatch::try_new(tables::vendors(), columns)?)
    }
}
