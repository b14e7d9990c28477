//! Davčna številka, the Slovenian tax number. Enters: 8 digits, perhaps after `SI`. Leaves: nothing but the verdict.
//! Source: Zakon o davčni službi (Uradni list RS 1/07). Never checks the register.

use super::checks::{last, weighted};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme = Scheme {
    name: "si-davcna",
    aliases: &["si-ddv"],
    country: "SI",
    lengths: &[8],
    prefix: Some("SI"),
    ..Scheme::new(check)
};

/// Weights 8 to 2; the check digit is `11 - sum mod 11`, 10 written as 0; numbers do not start with 0.
fn check(digits: &[u8]) -> Result<Content, &'static str> {
    if digits.first() == Some(&0) {
        return Err("format");
    }
    let wanted = match 11 - weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) % 11 {
        10 => 0,
        other => other,
    };
    if wanted == last(digits) { Ok(Content::default()) } else { Err("checksum") }
}
