//! How a run tells the outside what it is doing. The engine never touches a terminal.

use crate::run::Stage;
use std::sync::atomic::{AtomicBool, Ordering};

/// Receives what happens; the command line draws bars, a scheduler's log gets lines.
/// Texts never carry customers' values.
pub trait Progress: Send + Sync {
    /// The run has a name and a folder.
    fn opened(&self, _run: &str) {}
    /// A stage starts; `rows` is the expected amount of work where it is known.
    fn started(&self, stage: Stage, rows: Option<u64>);
    /// How much work a stage that has already started turns out to have.
    fn expects(&self, stage: Stage, rows: u64);
    /// So many more rows are done.
    fn advanced(&self, stage: Stage, rows: u64);
    /// A stage is complete and on disk.
    fn finished(&self, stage: Stage, rows: u64, seconds: f64);
    /// A stage was already complete in the run that is continued.
    fn skipped(&self, stage: Stage);
    /// Something the operator should know though the run goes on.
    fn warning(&self, stage: Stage, text: &str);
}

/// Says nothing; for tests and libraries.
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _: Stage, _: Option<u64>) {}
    fn expects(&self, _: Stage, _: u64) {}
    fn advanced(&self, _: Stage, _: u64) {}
    fn finished(&self, _: Stage, _: u64, _: f64) {}
    fn skipped(&self, _: Stage) {}
    fn warning(&self, _: Stage, _: &str) {}
}

/// Set once by Ctrl-C; stages look at it between batches.
#[derive(Debug, Default)]
pub struct Cancel(AtomicBool);

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Fails once the run was cancelled.
    pub fn check(&self) -> crate::error::Result<()> {
        if self.0.load(Ordering::Relaxed) { Err(crate::error::Error::Interrupted) } else { Ok(()) }
    }
}
