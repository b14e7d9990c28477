//! `most_frequent`: the value that most records agree on.

use super::Candidate;
use std::cmp::Ordering;

/// `Greater` when `a` is to be preferred.
pub(super) fn prefer(a: &Candidate<'_>, b: &Candidate<'_>) -> Ordering {
    a.frequency.cmp(&b.frequency)
}
