//! CUI, the Romanian company and VAT number. Enters: 2 to 10 digits, perhaps after `RO`. Leaves: nothing but the verdict.
//! Source: Codul de procedură fiscală, art. 82; key 753217532 by eleven.

use super::checks::last;
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme = Scheme {
    name: "ro-cui",
    country: "RO",
    lengths: &[2, 3, 4, 5, 6, 7, 8, 9, 10],
    prefix: Some("RO"),
    ..Scheme::new(check)
};

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    if digits.first() == Some(&0) {
        return Err("format");
    }
    let key = [2, 3, 5, 7, 1, 2, 3, 5, 7];
    let sum: u32 = digits.iter().rev().skip(1).zip(key).map(|(d, w)| u32::from(*d) * w).sum();
    if sum * 10 % 11 % 10 == last(digits) { Ok(Content::default()) } else { Err("checksum") }
}
