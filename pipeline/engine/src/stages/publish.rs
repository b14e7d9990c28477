//! Stage publish. Enter: a complete run that the gate let through. Leaves: the published pointer,
//! moved in one step. Never here: anything that could fail halfway.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::Pointer;
use crate::run::Outcome;
use crate::{files, tables};

pub async fn run(context: &mut Context) -> Result<Outcome> {
    if context.manifest.gate.stopped() {
        return Err(Error::Internal("a run that the gate stopped reached publish".into()));
    }
    context.cancel.check()?;
    files::sync_dir(context.store.folder())?;
    files::sync_dir(&context.folder())?;
    let pointer = Pointer {
        run: context.manifest.run.clone(),
        as_of: context.manifest.as_of.clone(),
        tables: format!("runs/{}/tables", context.manifest.run),
    };
    pointer.write(&context.options.out)?;
    context.manifest.published = true;
    Ok(Outcome { rows: context.manifest.table_rows(tables::GOLDEN), ..Outcome::default() })
}
