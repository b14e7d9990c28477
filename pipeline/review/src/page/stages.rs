//! Section: what the stages did and cost, and what they warned of.

use crate::data::Data;
use crate::text::{bytes, seconds, thousands, visible};

#[derive(Debug, Clone)]
pub struct StageLine {
    pub stage: &'static str,
    pub rows: String,
    pub seconds: String,
    pub rate: String,
    pub cpu: String,
    pub memory: String,
    pub tables: String,
}

#[derive(Debug, Clone, Default)]
pub struct Stages {
    pub stages: Vec<StageLine>,
    pub total_seconds: String,
    pub total_cpu: String,
    pub peak: String,
    /// Stage and text.
    pub warnings: Vec<(&'static str, String)>,
    /// Source, file and note of the reader.
    pub notes: Vec<(String, String, String)>,
}

pub fn fill(data: &Data<'_>) -> Stages {
    let manifest = data.manifest();
    let stages = &manifest.stages;
    let line = |s: &zlato_engine::manifest::StageRecord| StageLine {
        stage: s.stage.as_str(),
        rows: thousands(s.rows),
        seconds: seconds(s.seconds),
        rate: if s.seconds > 0.001 {
            format!("{}/s", thousands((s.rows as f64 / s.seconds) as u64))
        } else {
            String::new()
        },
        cpu: seconds(s.cpu_seconds),
        memory: bytes(s.peak_memory),
        tables: s
            .tables
            .iter()
            .map(|(table, rows)| format!("{table} {}", thousands(*rows)))
            .collect::<Vec<_>>()
            .join(", "),
    };
    let notes = manifest
        .inputs
        .iter()
        .flat_map(|i| i.notes.iter().map(|n| (i.source.clone(), i.file.clone(), visible(n, 300))));
    Stages {
        stages: stages.iter().map(line).collect(),
        total_seconds: seconds(stages.iter().map(|s| s.seconds).sum()),
        total_cpu: seconds(stages.iter().map(|s| s.cpu_seconds).sum()),
        peak: bytes(stages.iter().map(|s| s.peak_memory).max().unwrap_or(0)),
        warnings: stages.iter().flat_map(|s| s.warnings.iter().map(|w| (s.stage.as_str(), visible(w, 400)))).collect(),
        notes: notes.take(100).collect(),
    }
}
