//! Which golden record a request speaks of. Enters: a golden id, a record, or a contact as somebody typed it.
//! Leaves: golden id and run, and the stored runs. Never here: a change to anything.

use crate::catalog;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::{Manifest, RULES, run_names};
use crate::rulebook::{self, Rulebook};
use crate::session::Limits;
use crate::stages::columns::{text_column, value};
use crate::store::{Store, read_some};
use crate::suppression::rows::Identity;
use crate::{redirects, tables};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zlato_core::contacts::Contacts;

/// How a person is named.
#[derive(Debug, Clone)]
pub enum Who {
    Golden(String),
    /// Source and key.
    Record(String, String),
    Email(String),
    /// Number, and the country of national forms.
    Phone(String, Option<String>),
    NationalId(String, Option<String>),
}

/// A stored run.
pub struct StoredRun {
    pub manifest: Manifest,
    pub folder: PathBuf,
    pub store: Store,
    /// Folders of kept rules: the run's own first, then those of other runs from the newest on, should its own be missing
    /// or be of another version.
    pub rules_of: Vec<PathBuf>,
}

impl StoredRun {
    pub fn name(&self) -> &str {
        &self.manifest.run
    }

    /// The rules that the run was made with.
    pub fn rules(&self) -> Result<Rulebook> {
        let mut first = None;
        for folder in &self.rules_of {
            match rulebook::load_kept(folder) {
                Ok(rules) => return Ok(rules),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first.unwrap_or_else(|| Error::Internal("a run without rules".into())))
    }

    /// Surroundings to read the run in, with the run before it where that is still there.
    pub fn context(&self, out: &Path, limits: Limits) -> Result<Context> {
        let mut context = Context::reading(out, self.manifest.clone(), self.rules()?, limits)?;
        let last = self.manifest.previous.as_ref().map(|run| out.join("runs").join(run)).filter(|f| f.is_dir());
        context.last = last.map(|folder| Store::new(&folder, Arc::default()));
        Ok(context)
    }
}

/// Every stored run, oldest first.
pub fn runs(out: &Path) -> Result<Vec<StoredRun>> {
    let folder = out.join("runs");
    let mut runs = Vec::new();
    for name in run_names(&folder)? {
        let folder = folder.join(&name);
        if let Some(manifest) = Manifest::read(&folder)? {
            let rules_of = vec![folder.join(RULES)];
            runs.push(StoredRun { store: Store::new(&folder, Arc::default()), manifest, folder, rules_of });
        }
    }
    let all: Vec<PathBuf> = runs.iter().rev().map(|r: &StoredRun| r.folder.join(RULES)).collect();
    for run in &mut runs {
        run.rules_of.extend(all.iter().filter(|f| f.is_dir()).cloned());
    }
    Ok(runs)
}

/// A person as found: the golden id, and the newest run that has it (the published one first).
#[derive(Debug, Clone)]
pub struct Found {
    pub golden_id: String,
    pub run: String,
}

/// Finds the one golden record that is meant. The published run is asked first, then the others from the newest on.
pub fn find(out: &Path, who: &Who) -> Result<Found> {
    let (base, _) = catalog::find(out, None)?;
    let mut all = runs(out)?;
    all.sort_by_key(|r| (r.name() == base.run, r.manifest.started_at.clone()));
    for run in all.iter().rev() {
        let mut found = golden_ids(run, who)?;
        if let (Who::Golden(id), true) = (who, found.is_empty()) {
            found.extend(redirects::follow(&run.store, id)?);
        }
        let first = found.pop_first();
        match (first, found.len()) {
            (None, _) => {}
            (Some(golden_id), 0) => return Ok(Found { golden_id, run: run.name().into() }),
            (Some(golden_id), _) => {
                let all: Vec<String> = std::iter::once(golden_id).chain(found).collect();
                return Err(Error::input(format!("{} golden records answer to that in run {}", all.len(), run.name()))
                    .hint(format!("name one of them by its golden id: {}", all.join(", "))));
            }
        }
    }
    let hint = match who {
        Who::Golden(_) => "golden ids are in the table `golden`; of people who were erased only a certificate is left",
        Who::Record(..) => "write a record as SOURCE:KEY; rejected rows have no golden record",
        _ => {
            "was it typed as the source has it? `zlato try` shows what a value becomes; a national form needs --country"
        }
    };
    Err(Error::input("no stored run has anybody of that description").hint(hint))
}

/// Golden ids of a run that answer to a description.
fn golden_ids(run: &StoredRun, who: &Who) -> Result<BTreeSet<String>> {
    if !run.store.exists(tables::CROSSWALK) {
        return Ok(BTreeSet::new());
    }
    let mut found = BTreeSet::new();
    let mut records = BTreeSet::new();
    if let Who::Email(_) | Who::Phone(..) | Who::NationalId(..) = who {
        records = records_with(run, who)?;
        if records.is_empty() {
            return Ok(found);
        }
    }
    for part in run.store.parts(tables::CROSSWALK)? {
        for batch in read_some(&part, |_| true)? {
            let batch = batch?;
            let [golden, source, key] = ["golden_id", "source", "source_key"].map(|c| text_column(&batch, c));
            let ids = integers(&batch, "record_id");
            for row in 0..batch.num_rows() {
                let Some(id) = value(golden, row) else { continue };
                let meant = match who {
                    Who::Golden(wanted) => id == wanted,
                    Who::Record(s, k) => value(source, row) == Some(s) && value(key, row) == Some(k),
                    _ => ids.and_then(|c| c.values().get(row)).is_some_and(|record| records.contains(record)),
                };
                if meant {
                    found.insert(id.to_string());
                }
            }
        }
    }
    Ok(found)
}

/// Records of customers and prospects with the contact or id.
fn records_with(run: &StoredRun, who: &Who) -> Result<BTreeSet<i64>> {
    let rules = run.rules()?;
    let contacts = Contacts::new(&rules.rules.contacts);
    let wanted = normalised(&contacts, &rules, who)?;
    let identity = Identity::new(&rules.rules);
    let mut found = BTreeSet::new();
    if !run.store.exists(tables::CONTACTS) {
        return Ok(found);
    }
    for part in run.store.parts(tables::CONTACTS)? {
        for batch in read_some(&part, |_| true)? {
            let batch = batch?;
            let columns = identity.columns(&batch);
            for row in 0..batch.num_rows() {
                let said = columns.row(row, None);
                let values = match who {
                    Who::Email(_) => &said.emails,
                    Who::Phone(..) => &said.phones,
                    _ => &said.national_ids,
                };
                if values.contains(&wanted.as_str()) {
                    found.extend(integers(&batch, "record_id").and_then(|c| c.values().get(row)).copied());
                }
            }
        }
    }
    Ok(found)
}

/// Standard form of a contact or id as typed.
pub fn normalised(contacts: &Contacts, rules: &Rulebook, who: &Who) -> Result<String> {
    let country = |named: &Option<String>| {
        named.as_ref().map(|c| rules.addresses.country_named(c).unwrap_or_else(|| c.to_ascii_uppercase()))
    };
    let (what, key, usable, help) = match who {
        Who::Email(raw) => {
            let email = contacts.email(raw);
            ("e-mail address", email.key, email.assessment.usable(), "")
        }
        Who::Phone(raw, named) => {
            let phone = contacts.phone(raw, country(named).as_deref());
            ("telephone number", phone.key, phone.assessment.usable(), "write it as +48..., or add --country")
        }
        Who::NationalId(raw, named) => {
            let id = contacts.national_id(raw, country(named).as_deref());
            ("national id", id.standard, id.assessment.usable(), "add --country, or see `zlato try national-id`")
        }
        Who::Golden(_) | Who::Record(..) => return Err(Error::Internal("only contacts have a standard form".into())),
    };
    key.filter(|_| usable).ok_or_else(|| {
        let error = Error::input(format!("that is no {what} that could be anybody's"));
        if help.is_empty() { error } else { error.hint(help) }
    })
}

/// An integer column of a batch.
pub(crate) fn integers<'a>(
    batch: &'a arrow::array::RecordBatch,
    name: &str,
) -> Option<&'a arrow::array::PrimitiveArray<arrow::datatypes::Int64Type>> {
    use arrow::array::AsArray;
    batch.column_by_name(name)?.as_primitive_opt::<arrow::datatypes::Int64Type>()
}
