//! `most_recent`: the value changed last, to the second where sources tell the time. A value without a date is older than
//! any with one.

use super::Candidate;
use std::cmp::Ordering;

/// `Greater` when `a` is to be preferred.
pub(super) fn prefer(a: &Candidate<'_>, b: &Candidate<'_>) -> Ordering {
    a.updated.cmp(&b.updated)
}
