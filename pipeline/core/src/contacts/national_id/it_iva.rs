//! Partita IVA, the Italian VAT number. Enters: 11 digits, perhaps after `IT`. Leaves: nothing but the verdict.
//! Source: DPR 633/1972, art. 35; decreto ministeriale of 23 December 1976 (Luhn).

use super::checks::{luhn, number};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "it-iva", country: "IT", lengths: &[11], prefix: Some("IT"), ..Scheme::new(check) };

/// Seven digits of the holder, three of the office.
fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let holder = number(digits.get(..7).unwrap_or(&[]));
    let office = number(digits.get(7..10).unwrap_or(&[]));
    if holder == 0 || !matches!(office, 1..=100 | 120 | 121 | 888 | 999) {
        return Err("format");
    }
    if luhn(digits) { Ok(Content::default()) } else { Err("checksum") }
}
