//! KMKR, the Estonian VAT number. Enters: 9 digits, perhaps after `EE`. Leaves: nothing but the verdict.
//! Source: Käibemaksuseadus, § 20; the European Commission's VIES algorithms.

use super::checks::weighted;
use super::{Content, Marks, Scheme};

pub(super) const SCHEME: Scheme = Scheme {
    name: "ee-kmkr",
    country: "EE",
    lengths: &[9],
    prefix: Some("EE"),
    marks: Marks::Nowhere,
    ..Scheme::new(check)
};

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let sum = weighted(digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]);
    if sum.is_multiple_of(10) { Ok(Content::default()) } else { Err("checksum") }
}
