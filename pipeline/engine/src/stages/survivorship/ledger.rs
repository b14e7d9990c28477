//! `ledger`, `redirects` and `former_keys`: what became of every golden id. Enter: tonight's `golden` and `crosswalk`, and
//! the same of the published run. Leave: its ledger with tonight's events added, an answer for every id that is not
//! itself any more, and the rows that ids have lost. Holds some 50 bytes a golden record, 100 an id that has lost rows.

use super::super::columns::{integers, text_column, value};
use super::super::grouped::OrderedRows;
use super::golden_ids::Past;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ids::{number, parse, records};
use crate::store::Store;
use crate::tables;
use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray};
use chrono::NaiveDate;
use futures::TryStreamExt;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use zlato_core::ledger::{Event, EventKind, GoldenId, Left, Reason, Redirect, Trail, events, redirects};

/// Needs tonight's `golden` and `crosswalk` on disk. Returns the tables with their rows.
pub async fn write(context: &Context, past: &Past) -> Result<Vec<(String, u64)>> {
    let before = match &context.last {
        Some(last) => records(last)?,
        None => vec![],
    };
    let after = records(&context.store)?;
    let previous = answers(context)?;
    let live: Vec<GoldenId> = after.iter().map(|(id, _)| *id).collect();
    let is_live = |id: GoldenId| live.binary_search(&id).is_ok();
    let (former, rows) = former_keys(context, past, is_live).await?;

    let retired: BTreeSet<GoldenId> =
        previous.iter().filter(|r| r.reason == Reason::Retired && !is_live(r.id)).map(|r| r.id).collect();
    let mut tonight = Vec::new();
    let mut returned = Vec::new();
    for (Trail { id, now, apart }, moved) in &former {
        let left = |rows| Left { id: *id, now: *now, rows };
        tonight.extend((moved.tonight > 0).then(|| left(moved.tonight)));
        let back = moved.earlier > 0 && now.is_some() && !apart && retired.contains(id);
        returned.extend(back.then(|| left(moved.earlier)));
    }
    let mut events = events(&before, &after, &tonight, &returned, &past.known);
    let mut gone: BTreeSet<GoldenId> = before.iter().map(|(id, _)| *id).filter(|id| !is_live(*id)).collect();
    // Ids whose golden record was taken out of the published run, as the law may demand.
    let answered: BTreeSet<GoldenId> = previous.iter().map(|r| r.id).collect();
    for id in past.known.ids().iter().filter(|id| !past.known.is_live(**id) && !answered.contains(id) && !is_live(**id))
    {
        events.push(Event { id: *id, kind: EventKind::Retired, other: None, rows: 0, before: 0, after: 0 });
        gone.insert(*id);
    }
    events.sort_by_key(|e| (e.id, e.kind, e.other));
    let trails: Vec<Trail> = former.keys().copied().collect();
    let gone: Vec<GoldenId> = gone.into_iter().collect();
    let answers = redirects(&previous, &trails, &live, &gone, context.options.as_of);
    Ok(vec![
        (tables::LEDGER.into(), write_ledger(context, past, &before, &events)?),
        (tables::REDIRECTS.into(), write_redirects(context, &answers)?),
        (tables::FORMER_KEYS.into(), rows),
    ])
}

/// Redirects of the published run.
fn answers(context: &Context) -> Result<Vec<Redirect>> {
    let Some(last) = context.last.as_ref().filter(|l| l.exists(tables::REDIRECTS)) else { return Ok(vec![]) };
    let mut found = Vec::new();
    let mut rows = OrderedRows::open(last, tables::REDIRECTS)?;
    while let Some(batch) = rows.next_batch()? {
        let [ids, nows, reasons, days, lasts] =
            ["golden_id", "now", "reason", "since", "last_golden_id"].map(|c| text_column(&batch, c));
        for row in 0..batch.num_rows() {
            let reason = Reason::ALL.into_iter().find(|r| Some(r.as_str()) == value(reasons, row));
            let since = value(days, row).and_then(|d| d.parse::<NaiveDate>().ok());
            let (Some(reason), Some(since)) = (reason, since) else {
                return Err(Error::environment("the redirects of the published run cannot be read")
                    .hint("restore the published run from a backup"));
            };
            found.push(Redirect {
                id: parse(value(ids, row))?,
                now: value(nows, row).map(|now| parse(Some(now))).transpose()?,
                reason,
                since,
                last: parse(value(lasts, row))?,
            });
        }
    }
    Ok(found)
}

/// Rows that an id has lost: tonight, and on earlier nights.
#[derive(Debug, Clone, Copy, Default)]
struct Lost {
    tonight: u32,
    earlier: u32,
}

type Former = BTreeMap<Trail, Lost>;

/// Whether `former_keys` of a run say who was told apart; older versions did not.
pub(super) fn tells_apart(last: &Store) -> Result<bool> {
    Ok(last.schema(tables::FORMER_KEYS)?.column_with_name("told_apart").is_some())
}

/// Writes `former_keys` and counts them by their id and where they are now.
async fn former_keys(context: &Context, past: &Past, is_live: impl Fn(GoldenId) -> bool) -> Result<(Former, u64)> {
    let table = context.store.begin(tables::FORMER_KEYS, tables::former_keys())?;
    let mut found = Former::new();
    let Some(last) = context.last.as_ref().filter(|l| l.exists(tables::CROSSWALK)) else {
        return Ok((found, table.finish()?));
    };
    context.session.register(&context.store, tables::CROSSWALK, tables::CROSSWALK).await?;
    context.session.register(last, tables::CROSSWALK, "last_crosswalk").await?;
    let night = past.night;
    let lost = |of: &str, night: &str, until: &str, apart: &str| {
        format!(
            "SELECT l.golden_id, l.source, l.source_key, {night} AS night, {until} AS until, t.golden_id AS now, \
             {apart} AS told_apart FROM {of} l \
             LEFT JOIN (SELECT source, source_key, golden_id FROM crosswalk WHERE status = 'member') t \
             ON l.source = t.source AND l.source_key = t.source_key \
             WHERE t.golden_id IS NULL OR t.golden_id <> l.golden_id"
        )
    };
    let members = "(SELECT source, source_key, golden_id FROM last_crosswalk WHERE status = 'member')";
    let mut sql = lost(members, &format!("CAST({night} AS BIGINT)"), &format!("'{}'", context.manifest.as_of), "false");
    if last.exists(tables::FORMER_KEYS) {
        context.session.register(last, tables::FORMER_KEYS, "last_former_keys").await?;
        let apart = if tells_apart(last)? { "l.told_apart" } else { "false" };
        sql = format!("{sql} UNION ALL {}", lost("last_former_keys", "l.night", "l.until", apart));
    }
    let sql = format!("SELECT * FROM ({sql}) ORDER BY golden_id, source, source_key");
    let mut stream = context.session.sql(&sql).await?.execute_stream().await?;
    let mut writer = table.sequence();
    while let Some(batch) = stream.try_next().await? {
        let (ids, nows, nights) =
            (text_column(&batch, "golden_id"), text_column(&batch, "now"), integers(&batch, "night")?);
        let before = batch.column_by_name("told_apart").and_then(|c| c.as_boolean_opt());
        let mut told = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            let id = parse(value(ids, row))?;
            let now = value(nows, row).map(|now| parse(Some(now))).transpose()?;
            let apart = before.is_some_and(|c| c.value(row)) || (now.is_some() && is_live(id));
            told.push(apart);
            let lost = found.entry(Trail { id, now, apart }).or_default();
            let earlier = number(nights.value(row)) < night;
            *(if earlier { &mut lost.earlier } else { &mut lost.tonight }) += 1;
        }
        let mut columns = batch.columns().to_vec();
        if let Some(column) = columns.last_mut() {
            *column = Arc::new(BooleanArray::from(told));
        }
        writer.write(&RecordBatch::try_new(tables::former_keys(), columns)?)?;
    }
    writer.finish()?;
    Ok((found, table.finish()?))
}

fn texts<T>(rows: &[T], get: impl Fn(&T) -> Option<String>) -> ArrayRef {
    Arc::new(rows.iter().map(get).collect::<StringArray>())
}

/// Rows of a chunk of events, all of one night.
fn ledger_rows(events: &[Event], night: u32, as_of: &str, run: &str) -> Result<RecordBatch> {
    let integers = |get: fn(&Event) -> u32| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(events.iter().map(|e| i64::from(get(e)))))
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![i64::from(night); events.len()])),
        texts(events, |e| Some(e.id.to_string())),
        texts(events, |e| Some(e.kind.as_str().into())),
        texts(events, |e| e.other.map(|o| o.to_string())),
        integers(|e| e.rows),
        integers(|e| e.before),
        integers(|e| e.after),
        texts(events, |_| Some(as_of.into())),
        texts(events, |_| Some(run.into())),
    ];
    Ok(RecordBatch::try_new(tables::ledger(), columns)?)
}

/// Rows of a batch that is made in memory.
const CHUNK: usize = 65_536;

/// The published run's ledger, then tonight's events.
fn write_ledger(context: &Context, past: &Past, before: &[(GoldenId, u32)], tonight: &[Event]) -> Result<u64> {
    let table = context.store.begin(tables::LEDGER, tables::ledger())?;
    let mut writer = table.sequence();
    match (&context.last, &past.unwritten) {
        (Some(_), Some((run, as_of))) => {
            let made = |(id, n): &(GoldenId, u32)| Event {
                id: *id,
                kind: EventKind::Created,
                other: None,
                rows: *n,
                before: 0,
                after: *n,
            };
            for chunk in before.chunks(CHUNK) {
                writer.write(&ledger_rows(&chunk.iter().map(made).collect::<Vec<_>>(), 1, as_of, run)?)?;
            }
        }
        (Some(last), None) if last.exists(tables::LEDGER) => {
            let mut rows = OrderedRows::open(last, tables::LEDGER)?;
            while let Some(batch) = rows.next_batch()? {
                writer.write(&batch)?;
            }
        }
        _ => {}
    }
    for chunk in tonight.chunks(CHUNK) {
        writer.write(&ledger_rows(chunk, past.night, &context.manifest.as_of, &context.manifest.run)?)?;
    }
    writer.finish()?;
    table.finish()
}

fn write_redirects(context: &Context, answers: &[Redirect]) -> Result<u64> {
    let table = context.store.begin(tables::REDIRECTS, tables::redirects())?;
    let mut writer = table.sequence();
    for chunk in answers.chunks(CHUNK) {
        let columns = vec![
            texts(chunk, |r| Some(r.id.to_string())),
            texts(chunk, |r| r.now.map(|now| now.to_string())),
            texts(chunk, |r| Some(r.reason.as_str().into())),
            texts(chunk, |r| Some(r.since.to_string())),
            texts(chunk, |r| Some(r.last.to_string())),
        ];
        writer.write(&RecordBatch::try_new(tables::redirects(), columns)?)?;
    }
    writer.finish()?;
    table.finish()
}
