//! What a run says of one golden record: the contest of each field, the view in groups, what to ask. Enter: a golden id and
//! the tables of a run. Leaves: plain data. Never here: writing, drawing, source rows (those are for `subject`).

use super::{integer, number, text};
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::session::Limits;
use crate::{history, pins, redirects, tables};
use arrow::array::{AsArray, RecordBatch};
use serde::Serialize;
use std::path::Path;
use zlato_core::ledger::GoldenId;
use zlato_core::pin::Pin;

/// A golden record and what is said of it.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    pub run: String,
    pub golden_id: String,
    /// The former id that was asked for, where it leads to this one.
    pub former_id: Option<String>,
    /// customer or prospect.
    pub kind: String,
    pub records: i64,
    /// By field, the winner first.
    pub claims: Vec<Claim>,
    /// Fields that a steward's pin keeps empty: no claim wins them.
    pub kept_empty: Vec<KeptEmpty>,
    pub attributes: Vec<Attribute>,
    pub prompts: Vec<Asked>,
    /// None for who lives alone, as far as is known.
    pub household: Option<Household>,
}

/// The household of a golden record, without the other members.
#[derive(Debug, Clone, Serialize)]
pub struct Household {
    pub household_id: String,
    /// Heads, this one included.
    pub members: i64,
    /// Members of age, and under age; of some the age may be unknown.
    pub adults: Option<i64>,
    pub children: Option<i64>,
    pub role: Option<String>,
    /// Why this one is a member.
    pub evidence: Option<String>,
}

/// A value that took part in the contest of a field.
#[derive(Debug, Clone, Serialize)]
pub struct Claim {
    pub field: String,
    pub value: String,
    pub winner: bool,
    pub verdict: String,
    pub reason: Option<String>,
    /// What decided, of a winner.
    pub strategy: Option<String>,
    pub confidence: Option<f64>,
    pub source: String,
    pub source_key: String,
    pub updated_at: Option<String>,
    pub supporters: Option<i64>,
}

/// A pin without a value.
#[derive(Debug, Clone, Serialize)]
pub struct KeptEmpty {
    pub field: String,
    pub decided_on: String,
    /// None: until it is released.
    pub until: Option<String>,
    pub steward: Option<String>,
}

/// A line of the view in groups.
#[derive(Debug, Clone, Serialize)]
pub struct Attribute {
    pub group: String,
    pub field: String,
    /// None where the shelf life of the group withholds it.
    pub value: Option<String>,
    pub origin: String,
    pub source: Option<String>,
    pub updated_at: Option<String>,
    pub until: Option<String>,
    pub state: Option<String>,
}

/// A question for the next contact.
#[derive(Debug, Clone, Serialize)]
pub struct Asked {
    pub rank: i64,
    pub field: String,
    pub question: String,
    pub reason: String,
    pub value: f64,
    pub channel: String,
    pub channels: Option<String>,
}

/// Asks the published run, or the named one. `typed`: a golden id, or a former one that leads to it.
///
/// # Errors
/// When the run has no golden record of that id, or several that were one.
pub async fn told(out: &Path, run: Option<&str>, typed: &str, limits: Limits) -> Result<Told> {
    let catalog = Catalog::open(out, run, limits).await?;
    let run = catalog.manifest.run.clone();
    if !catalog.store.exists(tables::GOLDEN) {
        return Err(Error::input(format!("the run {run} has no golden records"))
            .hint("continue it with `zlato run --resume`, or name another run with --run"));
    }
    let Some(asked) = GoldenId::typed(typed).map(|id| id.to_string()) else {
        return Err(history::unknown(&catalog, typed)?);
    };
    let (golden_id, (kind, records)) = match golden(&catalog, &asked).await? {
        Some(found) => (asked.clone(), found),
        None => {
            let Some(now) = redirects::follow(&catalog.store, &asked)? else {
                return Err(gone(&catalog, &asked)?);
            };
            let found = golden(&catalog, &now).await?;
            (now, found.ok_or_else(|| Error::Internal("a redirect that leads to no golden record".into()))?)
        }
    };
    let former_id = Some(asked).filter(|id| *id != golden_id);
    let golden_id = golden_id.as_str();
    let required = |b: &RecordBatch, column: &str, row: usize| text(b, column, row).unwrap_or_default();
    let claims =
        rows(&catalog, tables::GOLDEN_FIELDS, golden_id, "field, winner DESC, supporters DESC, value", |b, row| {
            Claim {
                field: required(b, "field", row),
                value: required(b, "value", row),
                winner: b.column_by_name("winner").and_then(|c| c.as_boolean_opt()).is_some_and(|c| c.value(row)),
                verdict: required(b, "verdict", row),
                reason: text(b, "reason", row),
                strategy: text(b, "strategy", row),
                confidence: number(b, "confidence", row),
                source: required(b, "source", row),
                source_key: required(b, "source_key", row),
                updated_at: text(b, "updated_at", row),
                supporters: integer(b, "supporters", row),
            }
        })
        .await?;
    let kept_empty = kept_empty(&catalog, golden_id)?;
    let attributes = rows(&catalog, tables::ATTRIBUTES, golden_id, "group_name, field", |b, row| Attribute {
        group: required(b, "group_name", row),
        field: required(b, "field", row),
        value: text(b, "value", row),
        origin: required(b, "origin", row),
        source: text(b, "source", row),
        updated_at: text(b, "updated_at", row),
        until: text(b, "until", row),
        state: text(b, "state", row),
    })
    .await?;
    let prompts = rows(&catalog, tables::CONTACT_PROMPTS, golden_id, "rank", |b, row| Asked {
        rank: integer(b, "rank", row).unwrap_or(0),
        field: required(b, "field", row),
        question: required(b, "question", row),
        reason: required(b, "reason", row),
        value: number(b, "value", row).unwrap_or(0.0),
        channel: required(b, "channel", row),
        channels: text(b, "channels", row),
    })
    .await?;
    let households = rows(&catalog, tables::HOUSEHOLDS, golden_id, "household_id", |b, row| Household {
        household_id: required(b, "household_id", row),
        members: integer(b, "members", row).unwrap_or(0),
        adults: integer(b, "adults", row),
        children: integer(b, "children", row),
        role: text(b, "role", row),
        evidence: text(b, "evidence", row),
    });
    let household = households.await?.into_iter().next();
    Ok(Told {
        run,
        golden_id: golden_id.into(),
        former_id,
        kind,
        records,
        claims,
        kept_empty,
        attributes,
        prompts,
        household,
    })
}

/// The pins without a value that were in force for a golden record on the day of the run.
fn kept_empty(catalog: &Catalog, golden_id: &str) -> Result<Vec<KeptEmpty>> {
    let mut pins = pins::read(&catalog.folder)?;
    let as_of = catalog.manifest.as_of.parse().ok();
    pins.retain(|pin| pin.value.is_none() && as_of.is_some_and(|day| pin.holds_on(day)) && pin.field != "address_key");
    if pins.is_empty() {
        return Ok(vec![]);
    }
    let now = redirects::now(&catalog.store, &pins.iter().map(|pin| pin.golden_id.as_str()).collect())?;
    pins.retain(|pin| now.get(&pin.golden_id).is_some_and(|now| now.contains(golden_id)));
    let of = |pin: Pin| KeptEmpty {
        field: pin.field,
        decided_on: pin.decided_on.to_string(),
        until: pin.until.map(|day| day.to_string()),
        steward: pin.steward,
    };
    Ok(pins.into_iter().map(of).collect())
}

/// Kind and number of records of a golden record.
async fn golden(catalog: &Catalog, id: &str) -> Result<Option<(String, i64)>> {
    let found = rows(catalog, tables::GOLDEN, id, "golden_id", |b, row| {
        (text(b, "kind", row).unwrap_or_default(), integer(b, "records", row).unwrap_or(0))
    });
    Ok(found.await?.into_iter().next())
}

/// Why there is no golden record of an id.
fn gone(catalog: &Catalog, id: &str) -> Result<Error> {
    let retired = redirects::of(&catalog.store, id)?.into_iter().find(|redirect| redirect.now.is_none());
    let Some(retired) = retired else { return history::unknown(catalog, id) };
    let since = retired.since.map_or_else(String::new, |day| format!(" since {day}"));
    Ok(Error::input(format!("the golden record {id} is retired{since}: none of its source rows is left"))
        .hint(format!("`zlato history {id}` says what became of it")))
}

/// Rows of a golden record; none where the run ended before it had the table.
async fn rows<T>(
    catalog: &Catalog,
    table: &str,
    golden_id: &str,
    order: &str,
    one: impl Fn(&RecordBatch, usize) -> T,
) -> Result<Vec<T>> {
    if !catalog.store.exists(table) {
        return Ok(vec![]);
    }
    let id = golden_id.replace('\'', "''");
    let found = catalog.query(&format!("SELECT * FROM {table} WHERE golden_id = '{id}' ORDER BY {order}")).await?;
    Ok(found.iter().flat_map(|batch| (0..batch.num_rows()).map(|row| one(batch, row)).collect::<Vec<T>>()).collect())
}
