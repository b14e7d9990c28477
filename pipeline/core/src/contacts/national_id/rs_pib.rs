//! PIB, the Serbian tax number. Enters: 9 digits, perhaps after `RS`. Leaves: nothing but the verdict.
//! Source: Zakon o poreskom postupku i poreskoj administraciji; check digit ISO 7064 MOD 11,10. Never checks the register.

use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "rs-pib", country: "RS", lengths: &[9], prefix: None, dashes: true, check };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let (check, body) = digits.split_last().ok_or("length")?;
    let product = body.iter().fold(10, |product: u32, d| {
        let sum = (product + u32::from(*d)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    if (product + u32::from(*check)) % 10 == 1 { Ok(Content::default()) } else { Err("checksum") }
}
