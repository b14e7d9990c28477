//! What is different between two runs. Enter: the tables of both, joined by SQL that spills. Leave: counts, and examples
//! by golden id, as plain data. `before` is always the run named first. Never writes; holds 16 bytes a golden record of
//! each run, and the examples.

mod customers;
mod states;
mod values;

pub use customers::{Customers, Example};
pub use states::Change;
pub use values::{FieldChange, ValueExample};

use crate::catalog;
use crate::error::{Error, Result};
use crate::manifest::Manifest;
use crate::progress::Cancel;
use crate::session::{Limits, Session};
use crate::store::Store;
use crate::{runs, tables};
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// What is asked of a comparison.
#[derive(Debug, Clone)]
pub struct Question {
    /// Examples of each kind of change.
    pub examples: usize,
    /// Only the values of this golden field.
    pub field: Option<String>,
}

/// One of the two runs.
#[derive(Debug, Clone, Serialize)]
pub struct Side {
    pub run: String,
    pub as_of: String,
    pub started_at: String,
    pub published: bool,
    pub customers: u64,
    pub prospects: u64,
}

/// The comparison.
#[derive(Debug, Clone, Serialize)]
pub struct Diff {
    pub before: Side,
    pub after: Side,
    /// What became of golden ids; none when only a field was asked about.
    pub customers: Option<Customers>,
    /// Golden fields whose value differs in golden records that both runs have.
    pub values: Vec<FieldChange>,
    pub permissions: Vec<Change>,
    pub freshness: Vec<Change>,
    pub segmentation: Vec<Change>,
    /// Tables that a run ended too early to have: nothing is said about them.
    pub missing: Vec<String>,
}

/// Both runs, with their tables registered as `before_...` and `after_...`.
struct Pair {
    session: Session,
    before: Store,
    after: Store,
}

/// Tables that are compared.
const COMPARED: [&str; 6] = [
    tables::GOLDEN,
    tables::CROSSWALK,
    tables::GOLDEN_FIELDS,
    tables::PERMISSIONS,
    tables::FRESHNESS,
    tables::SEGMENTATION_READY,
];

/// Compares two runs, named as [`runs::named`] takes them.
pub async fn diff(out: &Path, [before, after]: [&str; 2], question: &Question, limits: Limits) -> Result<Diff> {
    let (before, before_at) = catalog::find(out, Some(&runs::named(out, before)?))?;
    let (after, after_at) = catalog::find(out, Some(&runs::named(out, after)?))?;
    let store = |folder: &Path| Store::new(folder, Arc::new(Cancel::default()));
    let pair = Pair {
        session: Session::new(limits, &std::env::temp_dir())?,
        before: store(&before_at),
        after: store(&after_at),
    };
    for (manifest, store) in [(&before, &pair.before), (&after, &pair.after)] {
        if !store.exists(tables::CROSSWALK) {
            return Err(Error::input(format!("the run {} ended before it had golden records", manifest.run))
                .hint("`zlato runs` shows how far each run came"));
        }
    }
    let mut missing = Vec::new();
    for table in COMPARED {
        if pair.before.exists(table) && pair.after.exists(table) {
            pair.session.register(&pair.before, table, &format!("before_{table}")).await?;
            pair.session.register(&pair.after, table, &format!("after_{table}")).await?;
        } else {
            missing.push(table.to_string());
        }
    }
    let all = question.field.is_none();
    let has = |table: &str| all && !missing.iter().any(|m| m == table);
    Ok(Diff {
        customers: if all { Some(customers::compare(&pair, question.examples).await?) } else { None },
        values: values::compare(&pair, question).await?,
        permissions: if has(tables::PERMISSIONS) { states::permissions(&pair).await? } else { vec![] },
        freshness: if has(tables::FRESHNESS) { states::freshness(&pair).await? } else { vec![] },
        segmentation: if has(tables::SEGMENTATION_READY) { states::segmentation(&pair).await? } else { vec![] },
        before: side(before, &pair.before)?,
        after: side(after, &pair.after)?,
        missing,
    })
}

fn side(manifest: Manifest, store: &Store) -> Result<Side> {
    let (customers, prospects) = runs::golden_kinds(store)?;
    Ok(Side {
        run: manifest.run,
        as_of: manifest.as_of,
        started_at: manifest.started_at,
        published: manifest.published,
        customers,
        prospects,
    })
}

impl Pair {
    /// Whether both runs have a column of a table.
    fn both_have(&self, table: &str, column: &str) -> Result<bool> {
        let has = |store: &Store| Ok::<_, Error>(store.schema(table)?.column_with_name(column).is_some());
        Ok(has(&self.before)? && has(&self.after)?)
    }
}
