//! OIB, the Croatian person and company number. Enters: 11 digits, perhaps after `HR`. Leaves: nothing but the verdict.
//! Source: Zakon o osobnom identifikacijskom broju (NN 60/08); check digit ISO 7064 MOD 11,10.

use super::checks::mod_11_10;
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "hr-oib", country: "HR", lengths: &[11], prefix: Some("HR"), ..Scheme::new(check) };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    if mod_11_10(digits) { Ok(Content::default()) } else { Err("checksum") }
}
