//! What an erasure has to remove, written down before it begins and removed when it is done: the only file of an
//! erasure that names its person, so that a crash half way can be finished.

use super::FOLDER;
use crate::error::{Error, Result};
use crate::files;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use zlato_core::suppression::Entry;

/// An erasure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    /// What is kept of the person.
    pub entry: Entry,
    /// When it was asked for (RFC 3339).
    pub at: String,
    pub steward: Option<String>,
    pub reason: Option<String>,
    pub runs: BTreeMap<String, RunOrder>,
    /// Rows of the person in any run, but for those of sources whose keys are line numbers.
    pub names: BTreeSet<(String, String)>,
    /// Golden ids that are the person's and nobody else's in any run.
    pub golden_ids: BTreeSet<String>,
    /// Contacts and ids that are the person's own, in every form in which they are stored.
    pub values: BTreeSet<String>,
    /// Contacts that a record of somebody else has too: they stay there.
    pub shared_contacts: u64,
}

/// What goes from one run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RunOrder {
    pub record_ids: BTreeSet<i64>,
    /// Clusters of the person alone.
    pub clusters: BTreeSet<i64>,
    /// Golden fields that the person's rows won in records that hold somebody else too, by golden id.
    pub mixed: BTreeMap<String, BTreeSet<String>>,
    /// Rejected rows: source, file, line.
    pub quarantine: BTreeSet<(String, String, i64)>,
    /// The run had not come to standard forms of all its rows: nobody can tell whose they are, and all go.
    #[serde(default)]
    pub whole: bool,
    /// Rows of each table before.
    pub before: BTreeMap<String, u64>,
}

impl Order {
    fn path(&self, out: &Path) -> PathBuf {
        out.join(FOLDER).join(format!("pending-{}.json", self.entry.id))
    }

    pub(super) fn save(&self, out: &Path) -> Result<()> {
        let text = serde_json::to_vec(self).map_err(|e| Error::Internal(format!("the order: {e}")))?;
        files::replace(&self.path(out), &text)
    }

    pub(super) fn remove(&self, out: &Path) -> Result<()> {
        let path = self.path(out);
        std::fs::remove_file(&path).map_err(|e| Error::io("remove", &path, &e))?;
        files::sync_dir(&out.join(FOLDER))
    }

    /// Orders that were begun and not finished.
    pub fn pending(out: &Path) -> Result<Vec<Self>> {
        let folder = out.join(FOLDER);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
            Err(e) => return Err(Error::io("read", &folder, &e)),
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(|e| Error::io("read", &folder, &e))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_string();
            if name.starts_with("pending-") && name.ends_with(".json") {
                paths.push(path);
            }
        }
        paths.sort();
        let read = |path: PathBuf| {
            let text = std::fs::read(&path).map_err(|e| Error::io("read", &path, &e))?;
            serde_json::from_slice(&text).map_err(|_| {
                Error::environment(format!("{} is damaged", path.display()))
                    .hint("remove it and ask for the erasure again")
            })
        };
        paths.into_iter().map(read).collect()
    }
}
