//! Why a run could not go on: what happened, where, and what to do.
//! Never a Rust debug dump, never a customer's value.

use datafusion::error::DataFusionError;
use std::io::ErrorKind;
use zlato_core::rules::diagnostics::Diagnostic;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A run, or a command about a run, failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rule files have errors; every one of them is listed.
    #[error("{} in the rule files", count(.0.len(), "problem"))]
    Rules(Vec<Diagnostic>),
    /// Something about the input files.
    #[error("{message}")]
    Input { message: String, hint: Option<String> },
    /// Something about the machine or the output folder: disk, memory, permissions, a lock.
    #[error("{message}")]
    Environment { message: String, hint: Option<String> },
    /// A query needed more memory than the run may use.
    #[error("the memory limit is too small for this step")]
    Memory,
    /// An internal promise was broken; the run is not published.
    #[error("internal check failed: {0}")]
    Internal(String),
    #[error("interrupted; nothing was published")]
    Interrupted,
}

fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

impl Error {
    pub fn input(message: impl Into<String>) -> Self {
        Self::Input { message: message.into(), hint: None }
    }

    pub fn environment(message: impl Into<String>) -> Self {
        Self::Environment { message: message.into(), hint: None }
    }

    /// Adds what to do about it.
    pub fn hint(self, text: impl Into<String>) -> Self {
        match self {
            Self::Input { message, .. } => Self::Input { message, hint: Some(text.into()) },
            Self::Environment { message, .. } => Self::Environment { message, hint: Some(text.into()) },
            other => other,
        }
    }

    /// What to do about it, if there is something to say.
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::Input { hint, .. } | Self::Environment { hint, .. } => hint.as_deref(),
            Self::Memory => Some("raise --memory, or lower --threads: each thread needs about 256 MB"),
            Self::Internal(_) => Some("this is a defect of zlato: please report it with the run's manifest.json"),
            Self::Interrupted => Some("continue with the same command and --resume"),
            Self::Rules(_) => None,
        }
    }

    /// An error of the operating system on a path.
    pub fn io(what: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let told = Self::environment(format!("cannot {what} {}: {error}", path.display()));
        if disk_is_full(error) { told.hint(NO_ROOM) } else { told }
    }
}

/// What is whole on disk stays so when the disk is full, and is not made again.
const NO_ROOM: &str =
    "make room on the disk; then the same command with --resume goes on, of `zlato run` as of `zlato erase`";

/// Whether an error, or one that led to it, is a disk without room.
fn disk_is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            if matches!(io.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
                return true;
            }
            // What it holds is not among its sources.
            if let Some(held) = io.get_ref() {
                return disk_is_full(held);
            }
        }
        next = error.source();
    }
    false
}

impl From<DataFusionError> for Error {
    fn from(error: DataFusionError) -> Self {
        if disk_is_full(&error) {
            return Self::environment("there is no room left on the disk").hint(NO_ROOM);
        }
        match error.find_root() {
            DataFusionError::ResourcesExhausted(_) => Self::Memory,
            DataFusionError::IoError(e) => Self::environment(format!("reading or writing failed: {e}"))
                .hint("once the disk of --out is whole, the same command with --resume goes on"),
            DataFusionError::External(e) => match e.downcast_ref::<Error>() {
                Some(Error::Interrupted) => Self::Interrupted,
                Some(Error::Environment { message, hint }) => {
                    Self::Environment { message: message.clone(), hint: hint.clone() }
                }
                _ => Self::Internal("a query over the run's tables failed".into()),
            },
            DataFusionError::SchemaError(..) | DataFusionError::Plan(_) | DataFusionError::SQL(..) => {
                Self::Internal(format!("a query over the run's tables does not plan: {}", error.strip_backtrace()))
            }
            DataFusionError::NotImplemented(what) | DataFusionError::Internal(what) => Self::Internal(what.clone()),
            // Execution errors can quote values: only their kind is passed on.
            _ => Self::Internal("a query over the run's tables failed while it ran".into()),
        }
    }
}

impl From<arrow::error::ArrowError> for Error {
    fn from(error: arrow::error::ArrowError) -> Self {
        DataFusionError::from(error).into()
    }
}

impl From<datafusion::parquet::errors::ParquetError> for Error {
    fn from(error: datafusion::parquet::errors::ParquetError) -> Self {
        let told = Self::environment(format!("a Parquet file of the run cannot be read or written: {error}"));
        if disk_is_full(&error) {
            return told.hint(NO_ROOM);
        }
        told.hint("if the file is damaged, start a new run without --resume")
    }
}

impl From<Error> for DataFusionError {
    fn from(error: Error) -> Self {
        Self::External(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use datafusion::arrow::error::ArrowError;
    use datafusion::parquet::errors::ParquetError;
    use std::path::Path;

    fn full() -> std::io::Error {
        std::io::Error::from(ErrorKind::StorageFull)
    }

    /// Spilled rows, tables and small files come to a full disk by different ways; the advice is one.
    #[test]
    fn a_full_disk_is_said_to_be_one_and_nothing_is_made_anew() {
        let spilled = ArrowError::IoError("spill".into(), full());
        let held = std::io::Error::other(ParquetError::External(Box::new(full())));
        let errors = [
            Error::io("write", Path::new("manifest.json.new"), &full()),
            Error::from(ParquetError::External(Box::new(full()))),
            Error::from(DataFusionError::IoError(full())),
            Error::from(DataFusionError::from(spilled)),
            Error::from(DataFusionError::from(ParquetError::External(Box::new(full())))),
            Error::from(DataFusionError::External(Box::new(held))),
            Error::from(DataFusionError::External(Box::new(Error::io("write", Path::new("part-0"), &full())))),
        ];
        for error in errors {
            assert!(matches!(error, Error::Environment { .. }), "{error:?}");
            let help = error.help().unwrap();
            assert!(help.contains("make room") && help.contains("--resume") && !help.contains("without"), "{help}");
        }
        let damaged = Error::from(ParquetError::General("no footer".into()));
        assert!(damaged.help().unwrap().contains("without --resume"), "{damaged:?}");
        assert_eq!(Error::io("read", Path::new("a"), &ErrorKind::NotFound.into()).help(), None);
    }
}
