//! What is wrong with a rule file: where, why, and what to do. Collected, never thrown one at a time.

use serde::Serialize;
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
}

/// One finding in one rule file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable code such as `rules::unknown_column`.
    pub code: &'static str,
    pub severity: Severity,
    /// File name relative to the rules folder.
    pub file: String,
    /// 1-based; 1 when the finding is about the file as a whole.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// Byte range in the file's text, empty for the file as a whole.
    #[serde(skip)]
    pub span: Range<usize>,
    pub message: String,
    pub help: Option<String>,
}
