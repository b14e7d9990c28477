//! `most_trusted`: the value of the source trusted most, after decay. What is not a number counts as no trust.

use super::Candidate;
use std::cmp::Ordering;

/// `Greater` when `a` is to be preferred.
pub(super) fn prefer(a: &Candidate<'_>, b: &Candidate<'_>) -> Ordering {
    finite(a.trust).total_cmp(&finite(b.trust))
}

/// Trust within 0 and 1.
pub(super) fn finite(trust: f64) -> f64 {
    if trust.is_nan() { 0.0 } else { trust.clamp(0.0, 1.0) + 0.0 }
}
