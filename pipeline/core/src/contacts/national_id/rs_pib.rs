//! PIB, the Serbian tax number. Enters: 9 digits, perhaps after `RS`. Leaves: nothing but the verdict.
//! Source: Zakon o poreskom postupku i poreskoj administraciji; check digit ISO 7064 MOD 11,10. Never checks the register.

use super::checks::mod_11_10;
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "rs-pib", country: "RS", lengths: &[9], prefix: Some("RS"), ..Scheme::new(check) };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    if mod_11_10(digits) { Ok(Content::default()) } else { Err("checksum") }
}
