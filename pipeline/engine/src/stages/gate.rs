//! Stage gate. Enter: every table of the run and the golden records published last. Leave: `gate`
//! (each check with its number), `scorecard`, `segmentation_ready`, and the verdict: pass, warn, stop.
//! Never here: publishing.

use super::parts::{blocking, write_query};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::GateResult;
use crate::run::Outcome;
use crate::{match_view, tables};
use arrow::array::{ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::datasource::empty::EmptyTable;
use std::sync::Arc;
use zlato_core::rules::gate::Limit;
use zlato_core::rules::sources::FieldKind;

struct Finding {
    check: String,
    result: GateResult,
    value: Option<f64>,
    warn: Option<String>,
    stop: Option<String>,
    description: Option<String>,
}

pub async fn run(context: &mut Context) -> Result<Outcome> {
    register_all(context).await?;
    let mut findings = vec![account(context)?];
    for check in &context.rules.rules.gate.check {
        let name = check.name.get_ref().clone();
        let value = one_number(context, check.sql.get_ref()).await.map_err(|e| match e {
            Error::Interrupted => Error::Interrupted,
            other => Error::input(format!("the gate check `{name}` could not be evaluated: {other}"))
                .hint("a check must give one row with one number; try it with `zlato tables --sql`"),
        })?;
        let outside = |limit: &Option<serde_spanned::Spanned<Limit>>| {
            limit.as_ref().is_some_and(|l| value.is_some_and(|v| is_outside(v, l.get_ref())))
        };
        let result = if outside(&check.stop) {
            GateResult::Stop
        } else if outside(&check.warn) {
            GateResult::Warn
        } else {
            GateResult::Pass
        };
        let shown = |l: &serde_spanned::Spanned<Limit>| show(l.get_ref());
        findings.push(Finding {
            check: name,
            result,
            value,
            warn: check.warn.as_ref().map(shown),
            stop: check.stop.as_ref().map(shown),
            description: check.description.clone(),
        });
    }
    let worst = if findings.iter().any(|f| f.result == GateResult::Stop) {
        GateResult::Stop
    } else if findings.iter().any(|f| f.result == GateResult::Warn) {
        GateResult::Warn
    } else {
        GateResult::Pass
    };
    let mut outcome = Outcome { rows: findings.len() as u64, ..Outcome::default() };
    for finding in findings.iter().filter(|f| f.result != GateResult::Pass) {
        let limit = if finding.result == GateResult::Stop { &finding.stop } else { &finding.warn };
        outcome.warnings.push(format!(
            "check `{}` says {}: {} is {}",
            finding.check,
            finding.result.as_str(),
            finding.value.map_or_else(|| "nothing".into(), |v| format!("{v}")),
            limit.as_deref().unwrap_or("outside")
        ));
    }
    outcome.tables.push((tables::GATE.into(), write_findings(context, findings).await?));
    outcome.tables.push((tables::SCORECARD.into(), scorecard(context).await?));
    outcome.tables.push((tables::SEGMENTATION_READY.into(), segmentation_ready(context).await?));
    context.manifest.gate = worst;
    Ok(outcome)
}

/// Tables of this run under their names, those of the published run as `last_...` (empty without one).
async fn register_all(context: &Context) -> Result<()> {
    for (name, schema) in crate::rulebook::table_schemas(&context.rules.rules) {
        let (store, table) = match (name.strip_prefix("last_"), &context.last) {
            (None, _) => (Some(&context.store), name.as_str()),
            (Some(table), Some(last)) => (Some(last), table),
            (Some(table), None) => (None, table),
        };
        match store {
            Some(store) if store.exists(table) => context.session.register(store, table, &name).await?,
            _ => {
                let _ = context.session.context().deregister_table(name.as_str())?;
                context.session.context().register_table(name.as_str(), Arc::new(EmptyTable::new(schema)))?;
            }
        }
    }
    Ok(())
}

/// Rows in = crosswalk + quarantine, counted from the tables themselves.
fn account(context: &Context) -> Result<Finding> {
    let rows_in: u64 = context.manifest.account.iter().map(|a| a.rows_in.saturating_sub(a.rows_erased)).sum();
    let crosswalk = context.store.rows(tables::CROSSWALK)?;
    let quarantine = context.store.rows(tables::QUARANTINE)?;
    let missing = rows_in as f64 - (crosswalk + quarantine) as f64;
    let result = if missing == 0.0 { GateResult::Pass } else { GateResult::Stop };
    Ok(Finding {
        check: "row_account".into(),
        result,
        value: Some(missing),
        warn: None,
        stop: Some("above 0 or below 0".into()),
        description: Some("input rows that are neither in the crosswalk nor in quarantine".into()),
    })
}

fn is_outside(value: f64, limit: &Limit) -> bool {
    limit.above.is_some_and(|a| value > a) || limit.below.is_some_and(|b| value < b)
}

fn show(limit: &Limit) -> String {
    match (limit.above, limit.below) {
        (Some(a), Some(b)) => format!("above {a} or below {b}"),
        (Some(a), None) => format!("above {a}"),
        (None, Some(b)) => format!("below {b}"),
        (None, None) => String::new(),
    }
}

/// The number a query yields: its first column in its first row; none for null or no row.
async fn one_number(context: &Context, sql: &str) -> Result<Option<f64>> {
    let batches = context.session.sql(sql).await?.collect().await?;
    let Some(batch) = batches.iter().find(|b| b.num_rows() > 0 && b.num_columns() > 0) else { return Ok(None) };
    let number = cast(batch.column(0), &DataType::Float64)?;
    Ok(number.as_primitive::<Float64Type>().iter().next().flatten())
}

async fn write_findings(context: &Context, findings: Vec<Finding>) -> Result<u64> {
    let table = context.store.begin(tables::GATE, tables::gate())?;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(findings.iter().map(|f| &f.check))),
        Arc::new(StringArray::from_iter_values(findings.iter().map(|f| f.result.as_str()))),
        Arc::new(findings.iter().map(|f| f.value).collect::<Float64Array>()),
        Arc::new(findings.iter().map(|f| f.warn.as_deref()).collect::<StringArray>()),
        Arc::new(findings.iter().map(|f| f.stop.as_deref()).collect::<StringArray>()),
        Arc::new(findings.iter().map(|f| f.description.as_deref()).collect::<StringArray>()),
    ];
    let batch = RecordBatch::try_new(tables::gate(), columns)?;
    blocking(move || {
        let mut part = table.part(0)?;
        part.write(&batch)?;
        part.finish()?;
        table.finish()
    })
    .await
}

/// Quality per field in ISO/IEC 25012 terms, before (source values) and after (golden values).
/// One pass a table: every measure is a share of two counts.
async fn scorecard(context: &Context) -> Result<u64> {
    let rules = &context.rules.rules;
    let mapped = rules.mapped_fields();
    let mut lines: Vec<Measure> = Vec::new();

    let mut contacts: Vec<(String, String)> = Vec::new();
    for (field, kind) in &mapped {
        if !match_view::suffixes(*kind).is_empty() {
            contacts.push((field.clone(), format!("{field}_verdict")));
        }
    }
    if mapped.iter().any(|(_, kind)| *kind == FieldKind::PersonName) {
        contacts.push(("name".into(), "name_verdict".into()));
    }
    let addresses = match_view::has_address(&mapped).then(|| ("address".to_string(), "address_verdict".to_string()));
    for (table, fields) in [(tables::CONTACTS, contacts), (tables::ADDRESSES, addresses.into_iter().collect())] {
        let counts = fields.iter().flat_map(|(_, verdict)| {
            [
                format!("count(CASE WHEN {verdict} <> 'missing' THEN 1 END)"),
                format!("count(CASE WHEN {verdict} IN ('valid', 'corrected') THEN 1 END)"),
            ]
        });
        let counts = one_row(context, counts, table).await?;
        for ((field, _), found) in fields.iter().zip(counts.1.chunks(2)) {
            if let [filled, sound] = found {
                lines.push(Measure::new("source", field, "completeness", *filled, counts.0));
                lines.push(Measure::new("source", field, "accuracy", *sound, *filled));
            }
        }
    }

    let golden = match_view::golden_fields(rules);
    let counts = one_row(context, golden.iter().map(|f| format!("count(\"{f}\")")), tables::GOLDEN).await?;
    for (field, filled) in golden.iter().zip(&counts.1) {
        lines.push(Measure::new("golden", field, "completeness", *filled, counts.0));
    }
    let sound = "SELECT field, count(*), count(CASE WHEN verdict IN ('valid', 'corrected') THEN 1 END) \
        FROM golden_fields WHERE winner GROUP BY field ORDER BY field";
    for (field, all, sound) in grouped(context, sound).await? {
        lines.push(Measure::new("golden", &field, "accuracy", sound, all));
    }
    let agreeing = "SELECT field, count(*), count(CASE WHEN n = 1 THEN 1 END) FROM (SELECT golden_id, field, count(*) AS n \
        FROM golden_fields WHERE verdict <> 'invalid' GROUP BY golden_id, field) GROUP BY field ORDER BY field";
    for (field, all, agreeing) in grouped(context, agreeing).await? {
        lines.push(Measure::new("golden", &field, "consistency", agreeing, all));
    }
    let fresh = "SELECT field, count(*), count(CASE WHEN state = 'fresh' THEN 1 END) FROM freshness GROUP BY field ORDER BY field";
    for (field, all, fresh) in grouped(context, fresh).await? {
        lines.push(Measure::new("golden", &field, "currentness", fresh, all));
    }

    let table = context.store.begin(tables::SCORECARD, tables::scorecard())?;
    let texts =
        |get: fn(&Measure) -> &str| -> ArrayRef { Arc::new(StringArray::from_iter_values(lines.iter().map(get))) };
    let columns: Vec<ArrayRef> = vec![
        texts(|m| m.stage),
        texts(|m| &m.field),
        texts(|m| m.dimension),
        Arc::new(lines.iter().map(|m| (m.of > 0).then(|| m.count as f64 / m.of as f64)).collect::<Float64Array>()),
        Arc::new(Int64Array::from_iter_values(lines.iter().map(|m| m.of))),
    ];
    let batch = RecordBatch::try_new(tables::scorecard(), columns)?;
    let mut part = table.part(0)?;
    part.write(&batch)?;
    part.finish()?;
    table.finish()
}

/// A share: `count` of `of`.
struct Measure {
    stage: &'static str,
    field: String,
    dimension: &'static str,
    count: i64,
    of: i64,
}

impl Measure {
    fn new(stage: &'static str, field: &str, dimension: &'static str, count: i64, of: i64) -> Self {
        Self { stage, field: field.into(), dimension, count, of }
    }
}

/// Rows of a table, and some counts over it.
async fn one_row(context: &Context, counts: impl Iterator<Item = String>, table: &str) -> Result<(i64, Vec<i64>)> {
    let mut columns = vec!["count(*)".to_string()];
    columns.extend(counts.enumerate().map(|(i, sql)| format!("{sql} AS c{i}")));
    let batches = context.session.sql(&format!("SELECT {} FROM {table}", columns.join(", "))).await?.collect().await?;
    let Some(batch) = batches.iter().find(|b| b.num_rows() > 0) else { return Ok((0, vec![])) };
    let mut numbers = batch.columns().iter().map(|c| c.as_primitive_opt::<Int64Type>().map_or(0, |c| c.value(0)));
    Ok((numbers.next().unwrap_or(0), numbers.collect()))
}

/// Rows of (field, count, count).
async fn grouped(context: &Context, sql: &str) -> Result<Vec<(String, i64, i64)>> {
    let mut rows = Vec::new();
    for batch in context.session.sql(sql).await?.collect().await? {
        let fields = batch.column(0).as_string::<i32>();
        let (a, b) = (batch.column(1).as_primitive::<Int64Type>(), batch.column(2).as_primitive::<Int64Type>());
        rows.extend(fields.iter().zip(a.values()).zip(b.values()).map(|((f, a), b)| (f.unwrap_or("").into(), *a, *b)));
    }
    Ok(rows)
}

/// Who may enter segmentation: a customer with a fresh or ageing way to be reached, and permission for it.
async fn segmentation_ready(context: &Context) -> Result<u64> {
    let sql = "SELECT g.golden_id, g.kind, \
        (g.kind = 'customer' AND coalesce(r.reachable, 0) > 0 AND coalesce(p.allowed, 0) > 0) AS ready, \
        nullif(concat_ws(';', CASE WHEN g.kind <> 'customer' THEN 'prospect' END, \
        CASE WHEN coalesce(r.reachable, 0) = 0 THEN 'no_current_contact' END, \
        CASE WHEN coalesce(p.allowed, 0) = 0 THEN 'no_permission' END), '') AS reasons \
        FROM golden g \
        LEFT JOIN (SELECT golden_id, count(*) AS reachable FROM freshness \
            WHERE state IN ('fresh', 'ageing') AND field IN ('email', 'phone', 'address') GROUP BY golden_id) r ON g.golden_id = r.golden_id \
        LEFT JOIN (SELECT golden_id, count(*) AS allowed FROM permissions WHERE allowed AND reason = 'opt_in' GROUP BY golden_id) p ON g.golden_id = p.golden_id \
        ORDER BY g.golden_id";
    let table = context.store.begin(tables::SEGMENTATION_READY, tables::segmentation_ready())?;
    write_query(context, &table, sql).await?;
    table.finish()
}
