//! OpenLineage events (openlineage.io, RunEvent 2-0-2): START and COMPLETE, FAIL or ABORT of the run and of each stage, with
//! the files and tables that they read and write. Enter: what happens. Leave: lines appended to a file as it happens.
//! Never here: values; only names, columns and counts.

use super::{End, Ending, absolute};
use crate::messages::Failure;
use crate::target;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use zlato_engine::manifest::Manifest;
use zlato_engine::options::RunOptions;
use zlato_engine::progress::{Cancel, Progress};
use zlato_engine::run::Stage;
use zlato_engine::store::Store;
use zlato_engine::tables;

const EVENT: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
const SCHEMA: &str = "https://openlineage.io/spec/facets/1-0-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet";
const PARENT: &str = "https://openlineage.io/spec/1-0-1/ParentRunFacet.json#/$defs/ParentRunFacet";
const MESSAGE: &str = "https://openlineage.io/spec/facets/1-0-0/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet";
const STATISTICS: &str = "https://openlineage.io/spec/1-0-1/OutputStatisticsOutputDatasetFacet.json#/$defs/\
                          OutputStatisticsOutputDatasetFacet";
const PRODUCER: &str = concat!("urn:zlato:", env!("CARGO_PKG_VERSION"));
/// Variable that OpenLineage clients take the namespace of jobs from.
const NAMESPACE: &str = "OPENLINEAGE_NAMESPACE";

/// The events of one run.
pub struct Lineage {
    namespace: String,
    out: PathBuf,
    rules: PathBuf,
    input: Option<PathBuf>,
    started_at: String,
    state: Mutex<State>,
}

struct State {
    file: File,
    /// Whether the last line of the file has no end: a run before was ended while it wrote.
    torn: bool,
    run: Option<String>,
    open: Option<Stage>,
    /// The first error of writing; nothing is written after it.
    failed: Option<std::io::Error>,
}

impl Lineage {
    /// Opens the file to append to.
    ///
    /// # Errors
    /// When it cannot be opened, or is no regular file.
    pub fn open(file: &Path, options: &RunOptions) -> Result<Self, Failure> {
        let file = target::regular("--lineage", file)?;
        let opened = zlato_engine::files::append_private(&file)?;
        let torn = torn(&file).map_err(|e| Failure::Other(format!("--lineage {}: {e}", file.display())))?;
        let state = State { file: opened, torn, run: None, open: None, failed: None };
        Ok(Self {
            namespace: std::env::var(NAMESPACE).ok().filter(|n| !n.is_empty()).unwrap_or_else(|| "zlato".into()),
            out: absolute(&options.out),
            rules: options.rules.clone(),
            input: options.input.clone(),
            started_at: options.started_at.clone(),
            state: Mutex::new(state),
        })
    }

    /// The last event of the run, and of a stage that did not end.
    ///
    /// # Errors
    /// When an event of this run could not be written.
    pub fn ended(&self, end: &End<'_>) -> std::io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = match end.ending {
            Ending::Published | Ending::Unfinished => "COMPLETE",
            Ending::Stopped | Ending::Failed => "FAIL",
            Ending::Interrupted => "ABORT",
        };
        if state.run.is_none() {
            // It failed before it had a name.
            self.write(&mut state, "START", None, vec![], vec![], None);
        }
        if let Some(stage) = state.open.take() {
            self.write(&mut state, kind, Some(stage), vec![], vec![], Some(&end.reason));
        }
        let folder = state.run.as_ref().map(|run| self.out.join("runs").join(run));
        let (inputs, outputs) = match &folder {
            Some(folder) => (self.files(folder), self.tables(folder, |t| GOLDEN.contains(&t.name), true)),
            None => (vec![], vec![]),
        };
        let reason = Some(end.reason.as_str()).filter(|_| kind != "COMPLETE");
        self.write(&mut state, kind, None, inputs, outputs, reason);
        state.failed.take().map_or_else(|| state.file.sync_all(), Err)
    }

    fn stage(&self, kind: &str, stage: Stage) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.open = (kind == "START").then_some(stage);
        let Some(run) = state.run.clone() else { return };
        let folder = self.out.join("runs").join(run);
        let mut inputs = self.tables(&folder, |t| t.readers.contains(&stage), false);
        if stage == Stage::Ingest {
            inputs = self.files(&folder);
        }
        let outputs = if kind == "START" { vec![] } else { self.tables(&folder, |t| t.writer == stage, true) };
        self.write(&mut state, kind, Some(stage), inputs, outputs, None);
    }

    fn write(
        &self,
        state: &mut State,
        kind: &str,
        stage: Option<Stage>,
        inputs: Vec<Value>,
        outputs: Vec<Value>,
        reason: Option<&str>,
    ) {
        if state.failed.is_some() {
            return;
        }
        // Before it has a name, a run is known by when it started.
        let run = state.run.as_deref().unwrap_or(&self.started_at);
        let id = |stage: &str| uuid(&format!("{}\n{}\n{run}\n{stage}", self.namespace, self.out.display()));
        let mut facets = serde_json::Map::new();
        if stage.is_some() {
            let parent = json!({ "_producer": PRODUCER, "_schemaURL": PARENT, "run": { "runId": id("") },
                "job": { "namespace": self.namespace, "name": JOB } });
            facets.insert("parent".into(), parent);
        }
        if let Some(reason) = reason {
            let message = json!({ "_producer": PRODUCER, "_schemaURL": MESSAGE, "message": reason,
                "programmingLanguage": "Rust" });
            facets.insert("errorMessage".into(), message);
        }
        let name = stage.map_or_else(|| JOB.to_string(), |s| format!("{JOB}.{}", s.as_str()));
        let event = json!({
            "eventType": kind,
            "eventTime": chrono::Local::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            "producer": PRODUCER,
            "schemaURL": EVENT,
            "run": { "runId": id(stage.map_or("", Stage::as_str)), "facets": facets },
            "job": { "namespace": self.namespace, "name": name, "facets": {} },
            "inputs": inputs,
            "outputs": outputs,
        });
        let mended = if std::mem::take(&mut state.torn) { "\n" } else { "" };
        state.failed = state.file.write_all(format!("{mended}{event}\n").as_bytes()).err();
    }

    /// The input files of a run with their columns.
    fn files(&self, folder: &Path) -> Vec<Value> {
        let Ok(Some(manifest)) = Manifest::read(folder) else { return vec![] };
        let base = self.input_folder();
        let base = base.canonicalize().unwrap_or_else(|_| absolute(&base));
        let each = manifest.inputs.iter().map(|input| {
            let fields = input.columns.iter().map(|c| json!({ "name": c, "type": "string" })).collect();
            dataset(&base.join(&input.file), fields, None)
        });
        each.collect()
    }

    /// `--input`, else what sources.toml says, seen from the rules.
    fn input_folder(&self) -> PathBuf {
        if let Some(input) = &self.input {
            return input.clone();
        }
        let text = std::fs::read_to_string(self.rules.join("sources.toml")).unwrap_or_default();
        let sources: toml::Table = text.parse().unwrap_or_default();
        sources.get("input").and_then(|v| v.as_str()).map_or_else(|| self.rules.clone(), |i| self.rules.join(i))
    }

    /// Tables of a run that are there, with their columns; with their rows where they are written.
    fn tables(&self, folder: &Path, wanted: impl Fn(&tables::Table) -> bool, written: bool) -> Vec<Value> {
        let store = Store::new(folder, Arc::new(Cancel::default()));
        let mut found = Vec::new();
        for table in tables::ALL.iter().filter(|t| wanted(t) && store.exists(t.name)) {
            let Ok(schema) = store.schema(table.name) else { continue };
            let field =
                |f: &Arc<arrow::datatypes::Field>| json!({ "name": f.name(), "type": f.data_type().to_string() });
            let rows = if written { store.rows(table.name).ok() } else { None };
            found.push(dataset(&store.path(table.name), schema.fields().iter().map(field).collect(), rows));
        }
        found
    }
}

/// Whether a file ends in the middle of a line.
fn torn(path: &Path) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

const JOB: &str = "zlato.run";
/// What a run is made for.
const GOLDEN: [&str; 7] = [
    tables::GOLDEN,
    tables::GOLDEN_FIELDS,
    tables::CROSSWALK,
    tables::PERMISSIONS,
    tables::HOUSEHOLDS,
    tables::FRESHNESS,
    tables::SEGMENTATION_READY,
];

fn dataset(path: &Path, fields: Vec<Value>, rows: Option<u64>) -> Value {
    let mut all = json!({
        "namespace": "file",
        "name": path.display().to_string(),
        "facets": { "schema": { "_producer": PRODUCER, "_schemaURL": SCHEMA, "fields": fields } },
    });
    if let (Some(rows), Some(object)) = (rows, all.as_object_mut()) {
        let statistics = json!({ "_producer": PRODUCER, "_schemaURL": STATISTICS, "rowCount": rows });
        object.insert("outputFacets".into(), json!({ "outputStatistics": statistics }));
    }
    all
}

/// A UUID of a name: version 8 of RFC 9562, from SHA-256.
pub fn uuid(name: &str) -> String {
    let hash = Sha256::digest(name.as_bytes());
    let mut bytes = [0u8; 16];
    bytes.iter_mut().zip(hash.iter()).for_each(|(to, from)| *to = *from);
    let mut bits = u128::from_be_bytes(bytes);
    bits = bits & !(0xf << 76) | (0x8 << 76);
    bits = bits & !(0x3 << 62) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let cut = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", cut(0, 8), cut(8, 12), cut(12, 16), cut(16, 20), cut(20, 32))
}

impl Progress for Lineage {
    fn opened(&self, run: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.run = Some(run.into());
        let inputs = self.files(&self.out.join("runs").join(run));
        self.write(&mut state, "START", None, inputs, vec![], None);
    }
    fn started(&self, stage: Stage, _: Option<u64>) {
        self.stage("START", stage);
    }
    fn expects(&self, _: Stage, _: u64) {}
    fn advanced(&self, _: Stage, _: u64) {}
    fn finished(&self, stage: Stage, _: u64, _: f64) {
        self.stage("COMPLETE", stage);
    }
    fn skipped(&self, _: Stage) {}
    fn warning(&self, _: Stage, _: &str) {}
}
