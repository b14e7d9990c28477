//! What a run read, did and cost (`manifest.json`), and which run is published (`published.json`).
//! Both are replaced in one step; a crash leaves the old or the new one, never a part.

use crate::error::{Error, Result};
use crate::files;
use crate::nights;
use crate::options::RunOptions;
use crate::pins;
use crate::rulebook::Rulebook;
use crate::run::Stage;
use crate::stages::ingest::Inputs;
use crate::{judgements, mail_domains, tables};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The record of one run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    pub run: String,
    /// Version of zlato that wrote it.
    pub version: String,
    pub as_of: String,
    pub started_at: String,
    pub rules: String,
    /// BLAKE3 of all rule files and of the gazetteer.
    pub rules_hash: String,
    /// BLAKE3 of the trained model, if the run used one.
    pub model_hash: Option<String>,
    /// BLAKE3 of the answers about domains of e-mails that the run keeps, if there are any.
    #[serde(default)]
    pub mail_domains_hash: Option<String>,
    /// Binary version, rules, inputs and day in one hash: a run is continued only when it is the same.
    pub fingerprint: String,
    pub inputs: Vec<InputRecord>,
    pub stages: Vec<StageRecord>,
    pub account: Vec<SourceAccount>,
    #[serde(default)]
    pub gate: GateResult,
    pub report: Option<String>,
    /// The run that was published before this one.
    pub previous: Option<String>,
    pub published: bool,
    /// Erasures that reached this run after it was made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub erasures: Vec<ErasureNote>,
}

/// What an erasure did to a run: no more than its certificate says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureNote {
    /// Name of the certificate in `erasures/`.
    pub id: String,
    pub day: String,
    /// `redrawn`, or `removed` where it could not be drawn again.
    pub report: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRecord {
    pub source: String,
    pub file: String,
    pub bytes: u64,
    pub blake3: String,
    /// Header, or top-level column names.
    #[serde(default)]
    pub columns: Vec<String>,
    #[serde(default)]
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StageRecord {
    pub stage: Stage,
    pub rows: u64,
    /// Rows that were taken from the published run, since neither they nor the rules have changed.
    #[serde(default)]
    pub again: u64,
    pub seconds: f64,
    pub cpu_seconds: f64,
    /// Highest resident memory of the process by the end of the stage, bytes.
    pub peak_memory: u64,
    pub tables: BTreeMap<String, u64>,
    pub warnings: Vec<String>,
}

/// Where the rows of one source went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceAccount {
    pub source: String,
    pub kind: String,
    pub rows_in: u64,
    pub rows_kept: u64,
    pub rows_quarantine: u64,
    pub blank_lines: u64,
    /// Rows taken out since, with the people they were of: in = kept + quarantine + erased.
    #[serde(default)]
    pub rows_erased: u64,
    /// Mapped keys that no object of an NDJSON source had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
}

/// What the gate decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateResult {
    #[default]
    NotReached,
    Pass,
    Warn,
    Stop,
}

impl GateResult {
    pub fn stopped(self) -> bool {
        self == Self::Stop
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotReached => "not_reached",
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Stop => "stop",
        }
    }
}

impl Manifest {
    pub fn has(&self, stage: Stage) -> bool {
        self.stages.iter().any(|s| s.stage == stage)
    }

    /// Whether no stage is left to run: published, or stopped by the gate after its report.
    pub fn complete(&self) -> bool {
        self.published || (self.gate.stopped() && self.has(Stage::Report))
    }

    pub fn save(&self, run_folder: &Path) -> Result<()> {
        let text = serde_json::to_vec_pretty(self).map_err(|e| Error::Internal(format!("the manifest: {e}")))?;
        files::replace(&run_folder.join("manifest.json"), &text)
    }

    /// The manifest in a run's folder, if there is one.
    pub fn read(run_folder: &Path) -> Result<Option<Self>> {
        read_json(&run_folder.join("manifest.json"))
    }

    /// Rows of a table of this run.
    pub fn table_rows(&self, table: &str) -> u64 {
        self.stages.iter().find_map(|s| s.tables.get(table)).copied().unwrap_or(0)
    }

    /// Rows that ingest has kept, of every kind.
    pub fn kept_rows(&self) -> u64 {
        [tables::RECORDS, tables::PROFILE_RECORDS, tables::EVENTS].map(|table| self.table_rows(table)).iter().sum()
    }
}

/// `published.json`: the name of the run whose golden records are in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    pub run: String,
    pub as_of: String,
    /// Folder of the golden tables, relative to the output folder.
    pub tables: String,
}

impl Pointer {
    pub fn read(out: &Path) -> Result<Option<Self>> {
        read_json(&out.join("published.json"))
    }

    pub fn write(&self, out: &Path) -> Result<()> {
        let text = serde_json::to_vec_pretty(self).map_err(|e| Error::Internal(format!("the pointer: {e}")))?;
        files::replace(&out.join("published.json"), &text)
    }
}

fn read_json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<Option<T>> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::io("read", path, &e)),
    };
    serde_json::from_slice(&text).map(Some).map_err(|e| {
        Error::environment(format!("{} is damaged: line {}, column {}", path.display(), e.line(), e.column()))
            .hint("restore it from a backup; a run that is not published may also be removed with its folder")
    })
}

/// A run that was begun or continued.
pub struct Opened {
    pub manifest: Manifest,
    /// The unfinished run that could not be continued.
    pub passed_over: Option<String>,
}

/// Continues the unfinished run that `--resume` asks for, or starts a new one: also where the newest run is unfinished, but
/// of other inputs, rules or another day. A schedule that always asks to resume must not stand still for last night's sake.
pub fn open_run(options: &RunOptions, rules: &Rulebook, inputs: &Inputs) -> Result<Opened> {
    let runs = options.out.join("runs");
    files::create_private_dir(&runs)?;
    let fingerprint = fingerprint(options, rules, inputs);
    let mut passed_over = None;
    if options.resume {
        let newest = run_names(&runs)?.last().map(|n| Manifest::read(&runs.join(n))).transpose()?.flatten();
        match newest {
            Some(manifest) if manifest.fingerprint == fingerprint => {
                return Ok(Opened { manifest, passed_over });
            }
            Some(manifest) if !manifest.complete() => passed_over = Some(manifest.run),
            _ => {}
        }
    }
    let prefix = options.as_of.format("%Y-%m-%d").to_string();
    // A name is given once, though its run may have been removed: logs and the history of nights speak of it.
    let mut names: Vec<String> = entries(&runs)?.into_iter().map(|(name, _)| name).collect();
    names.extend(nights::read(&options.out)?.into_iter().map(|night| night.run));
    names.extend(Pointer::read(&options.out)?.map(|pointer| pointer.run));
    let number =
        |name: &String| name.trim_start_matches(".removing-").strip_prefix(&prefix)?.strip_prefix('-')?.parse().ok();
    let taken = names.iter().filter_map(number);
    let number: u32 = taken.max().unwrap_or(0) + 1;
    let mut manifest = Manifest {
        run: format!("{prefix}-{number:03}"),
        version: env!("CARGO_PKG_VERSION").into(),
        as_of: prefix,
        started_at: options.started_at.clone(),
        rules: options.rules.display().to_string(),
        rules_hash: rules.hash.clone(),
        model_hash: rules.model_hash.clone(),
        mail_domains_hash: None,
        fingerprint,
        inputs: inputs.records(),
        stages: vec![],
        account: vec![],
        gate: GateResult::NotReached,
        report: None,
        previous: Pointer::read(&options.out)?.map(|p| p.run),
        published: false,
        erasures: vec![],
    };
    let folder = runs.join(&manifest.run);
    files::create_private_dir(&folder.join("tables"))?;
    keep_rules(&folder.join(RULES), rules)?;
    judgements::keep(&options.out, &folder)?;
    pins::keep(&options.out, &folder)?;
    manifest.mail_domains_hash = mail_domains::keep(&options.out, &folder)?;
    nights::keep(&options.out, &folder, &rules.rules.gate.anomaly)?;
    manifest.save(&folder)?;
    Ok(Opened { manifest, passed_over })
}

/// Folder of a run that holds the rule files it was made with, so that it can be asked about later.
pub const RULES: &str = "rules";

fn keep_rules(folder: &Path, rules: &Rulebook) -> Result<()> {
    for (name, text) in &rules.files {
        let path = folder.join(name);
        files::create_private_dir(path.parent().unwrap_or(folder))?;
        files::replace(&path, text.as_bytes())?;
    }
    Ok(())
}

/// Names of the runs in a folder, oldest first.
pub fn run_names(runs: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    // A name with a dot in front is a run that is being removed.
    for (name, path) in entries(runs)?.into_iter().filter(|(name, _)| !name.starts_with('.')) {
        if let Some(manifest) = Manifest::read(&path)? {
            found.push((manifest.started_at, name));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, name)| name).collect())
}

/// The folders in a folder of runs; what else somebody put there is none of ours.
fn entries(runs: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(runs) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
        Err(e) => return Err(Error::io("read", runs, &e)),
    };
    for entry in entries {
        let entry = entry.map_err(|e| Error::io("read", runs, &e))?;
        if let Some(name) = entry.file_name().into_string().ok().filter(|_| entry.path().is_dir()) {
            found.push((name, entry.path()));
        }
    }
    Ok(found)
}

fn fingerprint(options: &RunOptions, rules: &Rulebook, inputs: &Inputs) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |part: &str| {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    };
    add(env!("CARGO_PKG_VERSION"));
    add(&rules.hash);
    add(rules.model_hash.as_deref().unwrap_or(""));
    add(&options.as_of.to_string());
    for input in inputs.records() {
        add(&input.source);
        add(&input.file);
        add(&input.blake3);
    }
    hasher.finalize().to_hex().to_string()
}
