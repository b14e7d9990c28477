//! VAT registration number of the United Kingdom. Enters: 9 digits, or 12 for a branch, perhaps after `GB`. Leaves: nothing
//! but the verdict. Source: HMRC VATREG series; both check rules, with and without 55.

use super::checks::{number, weighted};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "gb-vat", country: "GB", lengths: &[9, 12], prefix: Some("GB"), ..Scheme::new(check) };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let rest = weighted(digits, &[8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97;
    let late = number(digits.get(..3).unwrap_or(&[])) >= 100;
    if rest == 0 || (late && matches!(rest, 42 | 55)) { Ok(Content::default()) } else { Err("checksum") }
}
