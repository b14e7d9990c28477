//! What changed about the columns of sources, as findings of the gate. Enter: the inputs of this run and of the run
//! published last. Leave: a finding a change. Never here: looking into files.

use super::Finding;
use crate::context::Context;
use crate::manifest::{GateResult, Manifest};
use crate::schema_change::{Change, changes};

/// Columns that came, went, moved or have other names warn; a mapped key that no object has any more stops the run, as a
/// mapped column that is gone from a header does before the run begins.
pub fn findings(context: &Context, last: &Manifest) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for account in &context.manifest.account {
        let Some(before) = last.account.iter().find(|a| a.source == account.source) else { continue };
        let gone: Vec<&str> =
            account.absent.iter().filter(|key| !before.absent.contains(key)).map(String::as_str).collect();
        if gone.is_empty() || account.rows_in == 0 || before.rows_in == 0 {
            continue;
        }
        let said = format!("source {}: no row has {} any more, which the rules map", account.source, gone.join(", "));
        found.push(Finding {
            result: GateResult::Stop,
            warning: Some(said.clone()),
            ..finding("mapped_columns_gone", &account.source, gone.len(), &gone.join(", "), said)
        });
    }
    let changed = changes(&last.inputs, &context.manifest.inputs, &context.rules.rules);
    found.extend(changed.into_iter().map(|change| of_change(&change)));
    found
}

fn of_change(change: &Change) -> Finding {
    let columns = change.columns.join(", ");
    let said = change.in_words();
    Finding {
        result: GateResult::Warn,
        warning: Some(said.clone()),
        ..finding(change.kind.as_str(), &change.source, change.columns.len(), &columns, said)
    }
}

fn finding(check: &str, source: &str, columns: usize, named: &str, said: String) -> Finding {
    Finding {
        check: check.into(),
        value: Some(columns as f64),
        warn: Some("above 0".into()),
        description: Some(said),
        source: Some(source.into()),
        field: Some(named.into()),
        usual: Some("0".into()),
        ..Finding::default()
    }
}
