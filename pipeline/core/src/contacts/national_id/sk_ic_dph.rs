//! IČ DPH, the Slovak VAT number. Enters: 10 digits, perhaps after `SK`. Leaves: nothing but the verdict.
//! Source: zákon č. 222/2004 Z. z., § 4; the European Commission's VIES algorithms.

use super::checks::long_number;
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme = Scheme {
    name: "sk-ic-dph",
    country: "SK",
    lengths: &[10],
    prefix: Some("SK"),
    aliases: &["sk-dph"],
    ..Scheme::new(check)
};

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let &[first, _, third, ..] = digits else {
        return Err("length");
    };
    if first == 0 || !matches!(third, 2..=4 | 7..=9) {
        return Err("format");
    }
    if long_number(digits).is_multiple_of(11) { Ok(Content::default()) } else { Err("checksum") }
}
