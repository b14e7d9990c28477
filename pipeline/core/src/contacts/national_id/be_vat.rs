//! Ondernemingsnummer, the Belgian enterprise and VAT number. Enters: 10 digits, perhaps after `BE`; of old ones 9.
//! Leaves: nothing but the verdict. Source: Wetboek van economisch recht, art. III.17; check digits 97 less the remainder.

use super::checks::long_number;
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "be-vat", country: "BE", lengths: &[10], prefix: Some("BE"), ..Scheme::new(check) };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let number = long_number(digits);
    if digits.first().is_none_or(|d| *d > 1) || number < 100 {
        return Err("format");
    }
    if 97 - number / 100 % 97 == number % 100 { Ok(Content::default()) } else { Err("checksum") }
}
