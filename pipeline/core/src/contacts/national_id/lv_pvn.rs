//! Registration and VAT number of Latvian legal persons. Enters: 11 digits, perhaps after `LV`. Leaves: nothing but the verdict.
//! Source: the European Commission's VIES algorithms. Never takes a personas kods.

use super::checks::weighted;
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "lv-pvn", country: "LV", lengths: &[11], prefix: Some("LV"), ..Scheme::new(check) };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    if digits.first().is_none_or(|d| *d <= 3) {
        return Err("format");
    }
    let sum = weighted(digits, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]);
    if sum % 11 == 3 { Ok(Content::default()) } else { Err("checksum") }
}
