//! USt-IdNr, the German VAT number. Enters: 9 digits, perhaps after `DE`. Leaves: nothing but the verdict.
//! Source: Umsatzsteuergesetz § 27a; check digit ISO 7064 MOD 11,10.

use super::checks::mod_11_10;
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme = Scheme {
    name: "de-ustid",
    country: "DE",
    lengths: &[9],
    prefix: Some("DE"),
    aliases: &["de-vat"],
    ..Scheme::new(check)
};

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    if digits.first() == Some(&0) {
        return Err("format");
    }
    if mod_11_10(digits) { Ok(Content::default()) } else { Err("checksum") }
}
