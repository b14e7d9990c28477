//! Runs a rules folder over inputs in a folder of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zlato_engine::catalog::Catalog;
use zlato_engine::context::Context;
use zlato_engine::error::Result;
use zlato_engine::options::RunOptions;
use zlato_engine::progress::{Cancel, Silent};
use zlato_engine::run::{Reporter, Stage, run};
use zlato_engine::session::Limits;
use zlato_engine::summary::Summary;

/// Root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A report that says nothing: these tests are about tables.
pub struct NoReport;

impl Reporter for NoReport {
    fn write<'a>(
        &'a self,
        context: &'a Context,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<String>> + Send + 'a>> {
        Box::pin(async move {
            zlato_engine::files::replace(&context.folder().join("report.html"), b"")?;
            Ok("report.html".into())
        })
    }
}

/// A run to be made.
pub struct Job {
    pub options: RunOptions,
}

impl Job {
    pub fn new(rules: &Path, input: Option<&Path>, out: &Path) -> Self {
        Self {
            options: RunOptions {
                rules: rules.to_path_buf(),
                input: input.map(Path::to_path_buf),
                out: out.to_path_buf(),
                as_of: "2026-11-01".parse().unwrap(),
                started_at: "2026-11-01T02:00:00.000+00:00".into(),
                limits: limits(2),
                resume: false,
                full: false,
                until: None,
            },
        }
    }

    /// The shipped rules over the shipped sample.
    pub fn sample(out: &Path) -> Self {
        Self::new(&root().join("rules"), None, out)
    }

    pub fn threads(mut self, threads: usize) -> Self {
        self.options.limits = limits(threads);
        self
    }

    pub fn until(mut self, stage: Stage) -> Self {
        self.options.until = Some(stage);
        self
    }

    pub fn resume(mut self) -> Self {
        self.options.resume = true;
        self
    }

    pub fn at(mut self, started_at: &str) -> Self {
        self.options.started_at = started_at.into();
        self
    }

    pub fn go(self) -> Result<Summary> {
        self.reported_by(&NoReport)
    }

    pub fn reported_by(self, reporter: &dyn Reporter) -> Result<Summary> {
        runtime().block_on(run(self.options, Arc::new(Silent), Arc::new(Cancel::default()), reporter))
    }
}

pub fn limits(threads: usize) -> Limits {
    Limits { memory: 1 << 30, threads }
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Every file of a run's tables by its place, as bytes.
pub fn table_bytes(summary: &Summary) -> BTreeMap<String, Vec<u8>> {
    let folder = Path::new(&summary.folder).join("tables");
    let mut found = BTreeMap::new();
    for table in std::fs::read_dir(&folder).unwrap() {
        let table = table.unwrap().path();
        for part in std::fs::read_dir(&table).unwrap() {
            let part = part.unwrap().path();
            let name = part.strip_prefix(&folder).unwrap().display().to_string();
            found.insert(name, std::fs::read(&part).unwrap());
        }
    }
    found
}

/// Fails naming the first table that differs.
pub fn assert_same_tables(left: &Summary, right: &Summary) {
    let (left, right) = (table_bytes(left), table_bytes(right));
    assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
    for (name, bytes) in &left {
        assert!(right.get(name) == Some(bytes), "{name} differs");
    }
}

/// The rows of a query as lines of text, columns separated by ` | `.
pub fn lines(out: &Path, run: &str, sql: &str) -> Vec<String> {
    runtime().block_on(async {
        let catalog = Catalog::open(out, Some(run), limits(1)).await.unwrap();
        let mut lines = Vec::new();
        for batch in catalog.query(sql).await.unwrap() {
            let options = arrow::util::display::FormatOptions::default();
            let columns: Vec<_> = batch
                .columns()
                .iter()
                .map(|c| arrow::util::display::ArrayFormatter::try_new(c.as_ref(), &options).unwrap())
                .collect();
            for row in 0..batch.num_rows() {
                let cells: Vec<String> = columns.iter().map(|c| c.value(row).to_string()).collect();
                lines.push(cells.join(" | "));
            }
        }
        lines
    })
}

/// Copies a folder of files, to be damaged.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            copy(&path, &to.join(path.file_name().unwrap()));
        } else {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}
