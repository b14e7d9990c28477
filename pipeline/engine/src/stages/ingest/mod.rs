//! Stage ingest. Enter: the input files. Leave: `records`, `profile_records`, `events` and
//! `quarantine`: every row of every file is in exactly one of them, and the account says so.
//! Never here: judging a value; a row is rejected only when nothing could be kept of it, or nothing may be: rows of
//! erased people leave their place and no value.

mod inputs;
mod mapping;
pub(crate) mod parquet;
mod source;

pub use inputs::{Input, Inputs, find_inputs, input_folder, look};
pub use mapping::{Mapper, raw_schema};

use super::parts::{blocking, finish};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::SourceAccount;
use crate::run::Outcome;
use crate::suppression::lines::Guard;
use crate::tables;
use futures::{StreamExt, TryStreamExt, stream};
use source::SourceTask;
use std::sync::Arc;
use zlato_core::rules::Rules;
use zlato_core::rules::sources::SourceKind;

/// The table that rows of a kind go to.
pub fn table_of(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Customer | SourceKind::Prospect => tables::RECORDS,
        SourceKind::Profile => tables::PROFILE_RECORDS,
        SourceKind::Event => tables::EVENTS,
    }
}

/// Fields that the sources of a table map, in vocabulary order, custom fields last.
pub fn table_fields(rules: &Rules, table: &str) -> Vec<String> {
    let kinds: Vec<SourceKind> = [SourceKind::Customer, SourceKind::Prospect, SourceKind::Profile, SourceKind::Event]
        .into_iter()
        .filter(|k| table_of(*k) == table)
        .collect();
    let mapped = |name: &str| {
        rules.sources.source.iter().any(|s| kinds.contains(&s.kind) && s.columns.keys().any(|c| c.get_ref() == name))
    };
    let built_in = zlato_core::rules::vocabulary::FIELDS.iter().map(|f| f.name.to_string());
    let custom = rules.sources.field.iter().map(|f| f.name.get_ref().clone());
    built_in.chain(custom).filter(|name| mapped(name)).collect()
}

pub async fn run(context: &mut Context) -> Result<Outcome> {
    let rules = context.rules.clone();
    let targets = [tables::RECORDS, tables::PROFILE_RECORDS, tables::EVENTS];
    let mut writers = Vec::new();
    for table in targets {
        let schema = tables::record_columns(table_fields(&rules.rules, table));
        writers.push((table, Arc::new(context.store.begin(table, schema)?)));
    }
    let quarantine = Arc::new(context.store.begin(tables::QUARANTINE, tables::quarantine())?);

    let list = context.inputs.suppression.clone();
    let guard = Guard::new(list, &rules.rules, rules.addresses.clone(), context.options.as_of).map(Arc::new);
    let mut tasks = Vec::new();
    for (number, source) in rules.rules.sources.source.iter().enumerate() {
        let table = table_of(source.kind);
        let Some((_, writer)) = writers.iter().find(|(name, _)| *name == table) else {
            return Err(Error::Internal("a source kind without a table".into()));
        };
        tasks.push(SourceTask {
            number,
            first_part: number * tables::PARTS_PER_SOURCE,
            source: source.clone(),
            files: context.inputs.of(source.name.get_ref()).to_vec(),
            records: writer.clone(),
            quarantine: quarantine.clone(),
            dates: zlato_core::contacts::Contacts::new(&rules.rules.contacts),
            progress: context.progress.clone(),
            cancel: context.cancel.clone(),
            kinds: writer
                .schema()
                .fields()
                .iter()
                .skip(tables::RECORD_BASE_COLUMNS)
                .map(|f| rules.rules.field_kind(f.name()).unwrap_or_default())
                .collect(),
            guard: guard.clone(),
        });
    }
    let parallel = context.options.limits.threads > 1;
    let accounts: Vec<SourceAccount> = stream::iter(tasks.into_iter().map(Ok::<_, Error>))
        .map(|task| async move {
            let task = task?;
            blocking(move || task.run(parallel)).await
        })
        .buffered(context.options.limits.threads)
        .try_collect()
        .await?;

    let mut outcome = Outcome { warnings: context.inputs.warnings.clone(), ..Outcome::default() };
    for (table, writer) in writers {
        outcome.tables.push((table.into(), finish(writer)?));
    }
    outcome.tables.push((tables::QUARANTINE.into(), finish(quarantine)?));
    outcome.rows = accounts.iter().map(|a| a.rows_in).sum();
    for account in &accounts {
        if account.rows_in != account.rows_kept + account.rows_quarantine {
            return Err(Error::Internal(format!("rows of the source {} are unaccounted for", account.source)));
        }
        if account.rows_in == 0 {
            outcome.warnings.push(format!("the source {} has no rows", account.source));
        }
    }
    context.account_mut(accounts);
    Ok(outcome)
}
