//! IdNr, the German tax identification number of persons. Enters: 11 digits. Leaves: nothing but the verdict.
//! Source: Abgabenordnung § 139b; Steueridentifikationsnummerverordnung; check digit ISO 7064 MOD 11,10.

use super::checks::mod_11_10;
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme = Scheme { name: "de-idnr", country: "DE", lengths: &[11], ..Scheme::new(check) };

/// Among the first ten digits exactly one occurs twice or three times, and the rest at most once.
fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let Some((_, body)) = digits.split_last() else { return Err("length") };
    let mut times = [0u8; 10];
    for d in body {
        if let Some(n) = times.get_mut(usize::from(*d)) {
            *n += 1;
        }
    }
    let repeated = times.iter().filter(|n| **n > 1).count();
    if body.first() == Some(&0) || repeated != 1 || times.iter().any(|n| *n > 3) {
        return Err("format");
    }
    if mod_11_10(digits) { Ok(Content::default()) } else { Err("checksum") }
}
