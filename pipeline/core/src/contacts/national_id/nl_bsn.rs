//! BSN, the Dutch person number. Enters: 9 digits. Leaves: nothing but the verdict.
//! Source: Wet algemene bepalingen burgerservicenummer; the proof by eleven with the last digit taken off.

use super::checks::{last, weighted};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme = Scheme { name: "nl-bsn", country: "NL", lengths: &[9], ..Scheme::new(check) };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let rest = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    if rest == last(digits) { Ok(Content::default()) } else { Err("checksum") }
}
