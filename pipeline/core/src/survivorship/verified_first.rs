//! `verified_first`: the better verdict: valid, then corrected, then suspect.

use super::Candidate;
use std::cmp::Ordering;

/// `Greater` when `a` is to be preferred.
pub(super) fn prefer(a: &Candidate<'_>, b: &Candidate<'_>) -> Ordering {
    // Verdicts are declared best first.
    b.verdict.cmp(&a.verdict)
}
