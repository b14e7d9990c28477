//! `most_complete`: the longest value, or for a group of fields the one with most parts.

use super::Candidate;
use std::cmp::Ordering;

/// `Greater` when `a` is to be preferred.
pub(super) fn prefer(a: &Candidate<'_>, b: &Candidate<'_>) -> Ordering {
    a.completeness.cmp(&b.completeness)
}
