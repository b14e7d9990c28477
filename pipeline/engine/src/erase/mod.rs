//! Erasure of a person (GDPR Art. 17) from everything under an output folder. Enters: whom. Leaves: runs without them,
//! a keyed entry of the suppression list, a certificate. A crash half way is finished by doing it again.
//! Never here: the files that sources deliver, backups, what was copied elsewhere.

pub mod certificate;
mod facts;
mod households;
mod order;
mod plan;
mod redact;
mod rows;
mod sweep;

pub use certificate::Certificate;
pub use order::{Order, RunOrder};
pub use plan::{Asked, plan};

use crate::error::{Error, Result};
use crate::lock::Lock;
use crate::manifest::{ErasureNote, GateResult, Manifest};
use crate::person::{self, Found, StoredRun};
use crate::run::Reporter;
use crate::session::Limits;
use crate::suppression;
use crate::{files, tables};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use sweep::Sweep;
use zlato_core::suppression::Key;

/// Folder of certificates, and of orders that are not finished.
pub const FOLDER: &str = "erasures";

/// A certificate and the path of its readable form.
pub type Done = (Certificate, PathBuf);

/// Erases a person: plans, writes down what is to go, adds the entry of the suppression list, and removes. Other erasures
/// that were begun and not finished are finished as well.
///
/// # Errors
/// When another process has the output folder, or a file cannot be read or written: then the same call goes on.
pub async fn erase(
    out: &Path,
    who: &Found,
    asked: &Asked,
    key: &Key,
    limits: Limits,
    reporter: &dyn Reporter,
) -> Result<Vec<Done>> {
    let _lock = Lock::take(out)?;
    let order = plan(out, who, asked, key)?;
    begin(out, &order, key)?;
    finish(out, limits, reporter).await
}

/// Finishes every erasure that was begun.
pub async fn resume(out: &Path, limits: Limits, reporter: &dyn Reporter) -> Result<Vec<Done>> {
    let _lock = Lock::take(out)?;
    finish(out, limits, reporter).await
}

/// From here on the erasure will be finished, by this process or a later one.
fn begin(out: &Path, order: &Order, key: &Key) -> Result<()> {
    files::create_private_dir(&out.join(FOLDER))?;
    order.save(out)?;
    suppression::append(out, std::slice::from_ref(&order.entry), key)?;
    Ok(())
}

async fn finish(out: &Path, limits: Limits, reporter: &dyn Reporter) -> Result<Vec<Done>> {
    let mut done = Vec::new();
    for order in Order::pending(out)? {
        if let Some(key) = suppression::key(out)? {
            suppression::append(out, std::slice::from_ref(&order.entry), &key)?;
        }
        done.push(carry_out(out, &order, limits, reporter).await?);
    }
    Ok(done)
}

/// Fails where an erasure was begun and not finished: its person may be half there.
pub fn check_finished(out: &Path) -> Result<()> {
    match Order::pending(out)?.len() {
        0 => Ok(()),
        n => Err(Error::environment(format!("{n} erasure(s) in {} were begun and not finished", out.display()))
            .hint(format!("finish them with `zlato erase --resume --out {}`", out.display()))),
    }
}

async fn carry_out(out: &Path, order: &Order, limits: Limits, reporter: &dyn Reporter) -> Result<Done> {
    let mut certificate = Certificate::new(order);
    let none = RunOrder::default();
    let mut clean: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for run in person::runs(out)? {
        let wanted = order.runs.get(run.name()).unwrap_or(&none);
        leftovers(&run.folder)?;
        if wanted.whole {
            empty(&run, order)?;
            certificate.emptied(&run, wanted);
        }
        let swept = Sweep::new(order, wanted, limits.threads)?.folder(&run.folder)?;
        let changed = swept.gone;
        clean.insert(run.folder.clone(), swept.clean);
        let held = !wanted.record_ids.is_empty() || !wanted.quarantine.is_empty();
        if wanted.whole {
            continue;
        }
        if !changed.is_empty() || held {
            let report = account(out, &run, order, limits, reporter).await?;
            certificate.run(&run, wanted, &changed, report)?;
        }
    }
    for scratch in [".training", ".spill"] {
        files::remove_dir_if_present(&out.join(scratch))?;
    }
    let sweep = Sweep::new(order, &none, limits.threads)?;
    certificate.files(sweep.outside_runs(out)?);
    // What was changed is looked at once more: the certificate says what is, not what was meant.
    for run in person::runs(out)? {
        let wanted = order.runs.get(run.name()).unwrap_or(&none);
        let clean = clean.remove(&run.folder).unwrap_or_default();
        let second = Sweep::new(order, wanted, limits.threads)?.only_looking(clean);
        if !second.folder(&run.folder)?.gone.is_empty() {
            return Err(Error::Internal(format!("the run {} still holds the erased person", run.name())));
        }
    }
    if !sweep.only_looking(BTreeSet::new()).outside_runs(out)?.is_empty() {
        return Err(Error::Internal("a file still holds the erased person".into()));
    }
    let path = certificate.save(out)?;
    order.remove(out)?;
    Ok((certificate, path))
}

/// Takes every table out of an unfinished run, and from its manifest that it had any.
fn empty(run: &StoredRun, order: &Order) -> Result<()> {
    let mut manifest = run.manifest.clone();
    manifest.stages.clear();
    manifest.account.clear();
    manifest.gate = GateResult::NotReached;
    manifest.erasures.retain(|note| note.id != order.entry.id);
    manifest.erasures.push(ErasureNote {
        id: order.entry.id.clone(),
        day: order.entry.day.clone(),
        report: "none".into(),
    });
    manifest.save(&run.folder)?;
    let tables = run.folder.join("tables");
    files::remove_dir_if_present(&tables)?;
    files::create_private_dir(&tables)
}

/// Unfinished tables and spilled rows of a run.
fn leftovers(folder: &Path) -> Result<()> {
    files::remove_dir_if_present(&folder.join(".spill"))?;
    let tables = folder.join("tables");
    let Ok(entries) = std::fs::read_dir(&tables) else { return Ok(()) };
    for entry in entries {
        let path = entry.map_err(|e| Error::io("read", &tables, &e))?.path();
        if path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.')) {
            files::remove_dir_if_present(&path)?;
        }
    }
    Ok(())
}

/// Brings manifest and report of a run in line with its tables. Returns what became of the report.
async fn account(
    out: &Path,
    run: &StoredRun,
    order: &Order,
    limits: Limits,
    reporter: &dyn Reporter,
) -> Result<&'static str> {
    let mut manifest = run.manifest.clone();
    let mut rows: BTreeMap<(bool, String), u64> = BTreeMap::new();
    for table in [tables::RECORDS, tables::PROFILE_RECORDS, tables::EVENTS, tables::QUARANTINE] {
        if run.store.exists(table) {
            for (source, n) in sweep::rows_by_source(&run.store, table)? {
                *rows.entry((table == tables::QUARANTINE, source)).or_default() += n;
            }
        }
    }
    for account in &mut manifest.account {
        let count = |quarantine| rows.get(&(quarantine, account.source.clone())).copied().unwrap_or(0);
        (account.rows_kept, account.rows_quarantine) = (count(false), count(true));
        account.rows_erased = account.rows_in.saturating_sub(account.rows_kept + account.rows_quarantine);
    }
    for stage in &mut manifest.stages {
        for (table, rows) in &mut stage.tables {
            if run.store.exists(table) {
                *rows = run.store.rows(table)?;
            }
        }
    }
    manifest.erasures.retain(|note| note.id != order.entry.id);
    manifest.save(&run.folder)?;
    let report = report(out, &mut manifest, run, limits, reporter).await?;
    let note = ErasureNote { id: order.entry.id.clone(), day: order.entry.day.clone(), report: report.into() };
    manifest.erasures.push(note);
    manifest.save(&run.folder)?;
    Ok(report)
}

/// Draws the report again, or takes it away where that cannot be done.
async fn report(
    out: &Path,
    manifest: &mut Manifest,
    run: &StoredRun,
    limits: Limits,
    reporter: &dyn Reporter,
) -> Result<&'static str> {
    let Some(name) = manifest.report.clone() else { return Ok("none") };
    let run = StoredRun {
        manifest: manifest.clone(),
        folder: run.folder.clone(),
        store: run.store.clone(),
        rules_of: run.rules_of.clone(),
    };
    let drawn = match run.context(out, limits) {
        Ok(context) => reporter.write(&context).await,
        Err(error) => Err(error),
    };
    if drawn.is_ok() {
        return Ok("redrawn");
    }
    match std::fs::remove_file(run.folder.join(&name)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            return Err(Error::io("remove", &run.folder.join(&name), &e));
        }
        _ => {}
    }
    manifest.report = None;
    Ok("removed")
}
