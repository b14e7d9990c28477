//! Stage gate. Enter: every table of the run, the golden records published last, the numbers of earlier nights. Leave:
//! `gate` (each check with its number), `scorecard`, `segmentation_ready`, and the verdict: pass, warn, stop.
//! Never here: publishing.

mod anomaly;
mod lines;
mod looks;
mod measure;
mod ready;
mod schema;
mod scorecard;

use super::parts::blocking;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::GateResult;
use crate::manifest::Manifest;
use crate::run::Outcome;
use crate::{nights, tables};
use arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use arrow::error::ArrowError;
use chrono::NaiveDate;
use datafusion::datasource::empty::EmptyTable;
use datafusion::error::DataFusionError;
use std::sync::Arc;
use zlato_core::rules::gate::Limit;

#[derive(Default)]
struct Finding {
    check: String,
    result: GateResult,
    value: Option<f64>,
    warn: Option<String>,
    stop: Option<String>,
    description: Option<String>,
    source: Option<String>,
    field: Option<String>,
    /// What the number usually is.
    usual: Option<String>,
    /// What the operator reads in place of number and limit.
    warning: Option<String>,
}

pub async fn run(context: &mut Context) -> Result<Outcome> {
    register_all(context).await?;
    let mut findings = vec![account(context)?];
    for check in &context.rules.rules.gate.check {
        let name = check.name.get_ref().clone();
        let value = one_number(context, check.sql.get_ref()).await.map_err(|e| match e {
            Failed::Run(e) => e,
            Failed::Check(why) => Error::input(format!("the gate check `{name}` could not be evaluated: {why}"))
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
            ..Finding::default()
        });
    }
    let last = last_manifest(context)?;
    findings.extend(last.as_ref().map(|last| schema::findings(context, last)).unwrap_or_default());
    findings.extend(last.as_ref().and_then(|last| earlier_day(context, last)));
    let counted = measure::Counted::of(context).await?;
    let figures = measure::figures(context, last.as_ref(), &counted).await?;
    nights::write_figures(&context.folder(), &figures)?;
    findings.extend(anomaly::findings(&context.rules.rules, &nights::read(&context.folder())?, &figures));
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
        if let Some(said) = &finding.warning {
            outcome.warnings.push(format!("check `{}` says {}: {said}", finding.check, finding.result.as_str()));
            continue;
        }
        outcome.warnings.push(format!(
            "check `{}` says {}: {} is {}",
            finding.check,
            finding.result.as_str(),
            finding.value.map_or_else(|| "nothing".into(), |v| format!("{v}")),
            limit.as_deref().unwrap_or("outside")
        ));
    }
    outcome.tables.push((tables::GATE.into(), write_findings(context, findings).await?));
    outcome.tables.push((tables::SCORECARD.into(), scorecard::write(context, &counted).await?));
    outcome.tables.push((tables::SEGMENTATION_READY.into(), ready::write(context, &counted).await?));
    context.manifest.gate = worst;
    Ok(outcome)
}

/// The manifest of the run published before this one.
fn last_manifest(context: &Context) -> Result<Option<Manifest>> {
    let Some(run) = &context.manifest.previous else { return Ok(None) };
    Manifest::read(&context.options.out.join("runs").join(run))
}

/// That what is published is of a later day than this run: an old night that was run again.
fn earlier_day(context: &Context, last: &Manifest) -> Option<Finding> {
    let [tonight, published] = [&context.manifest.as_of, &last.as_of].map(|day| day.parse::<NaiveDate>().ok());
    (tonight? < published?).then(|| Finding {
        check: "earlier_day".into(),
        result: GateResult::Warn,
        description: Some("the day of this run lies before that of the published run".into()),
        warning: Some(format!("this run is of {}, the published one of {}", context.manifest.as_of, last.as_of)),
        ..Finding::default()
    })
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
        ..Finding::default()
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

/// Why a check has no number.
enum Failed {
    /// The run cannot go on.
    Run(Error),
    /// The check is wrong; in words without values.
    Check(&'static str),
}

impl From<DataFusionError> for Failed {
    fn from(error: DataFusionError) -> Self {
        if let DataFusionError::ArrowError(arrow, _) = error.find_root() {
            match arrow.as_ref() {
                ArrowError::DivideByZero => return Self::Check("it divides by zero; use nullif"),
                ArrowError::CastError(_) | ArrowError::ParseError(_) => {
                    return Self::Check("a value could not be cast; use try_cast");
                }
                ArrowError::ArithmeticOverflow(_) => return Self::Check("a number became too large"),
                _ => {}
            }
        }
        match Error::from(error) {
            Error::Internal(_) => Self::Check("it failed while it ran"),
            other => Self::Run(other),
        }
    }
}

/// The one number a query yields; none for null or no row.
async fn one_number(context: &Context, sql: &str) -> Result<Option<f64>, Failed> {
    let batches = context.session.reading(sql).await?.collect().await?;
    if batches.iter().map(RecordBatch::num_rows).sum::<usize>() > 1 {
        return Err(Failed::Check("it gives more than one row"));
    }
    let Some(batch) = batches.iter().find(|b| b.num_rows() > 0 && b.num_columns() > 0) else { return Ok(None) };
    let number = cast(batch.column(0), &DataType::Float64).map_err(DataFusionError::from)?;
    let number = number.as_primitive::<Float64Type>().iter().next().flatten();
    // A number that is none lies within every limit.
    if number.is_some_and(f64::is_nan) {
        return Err(Failed::Check("what it gives is not a number (NaN), such as 0.0/0.0; use nullif"));
    }
    Ok(number)
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
        Arc::new(findings.iter().map(|f| f.source.as_deref()).collect::<StringArray>()),
        Arc::new(findings.iter().map(|f| f.field.as_deref()).collect::<StringArray>()),
        Arc::new(findings.iter().map(|f| f.usual.as_deref()).collect::<StringArray>()),
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
