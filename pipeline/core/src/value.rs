//! The verdict every validated value carries, whatever its kind.

use serde::Serialize;

/// What validation found out about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Right as it stands; only spelling was normalised.
    Valid,
    /// Wrong in a way with exactly one sensible correction, which was applied.
    Corrected,
    /// Usable, but something about it is doubtful.
    Suspect,
    /// Not a value of its kind; never wins survivorship, never counts as evidence.
    Invalid,
    /// Empty, or a placeholder for "nothing".
    Missing,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Corrected => "corrected",
            Self::Suspect => "suspect",
            Self::Invalid => "invalid",
            Self::Missing => "missing",
        }
    }
}

/// Verdict with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assessment {
    pub verdict: Verdict,
    /// Stable snake_case code, e.g. `checksum`, `placeholder`, `two_numbers`. None when plainly valid.
    pub reason: Option<&'static str>,
    /// A correction worth offering a steward that was not applied.
    pub suggestion: Option<String>,
}

impl Assessment {
    pub const VALID: Self = Self { verdict: Verdict::Valid, reason: None, suggestion: None };
    pub const MISSING: Self = Self { verdict: Verdict::Missing, reason: None, suggestion: None };

    pub fn new(verdict: Verdict, reason: &'static str) -> Self {
        Self { verdict, reason: Some(reason), suggestion: None }
    }

    pub fn suggesting(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    /// Whether the value may be used (published, matched on).
    pub fn usable(&self) -> bool {
        !matches!(self.verdict, Verdict::Invalid | Verdict::Missing)
    }
}
