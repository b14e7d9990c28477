//! NIP, the Polish tax number. Enters: 10 digits, perhaps after `PL`. Leaves: nothing but the verdict.
//! Source: Ustawa o zasadach ewidencji i identyfikacji podatników (Dz.U. 1995 nr 142 poz. 702). Never knows the office.

use super::checks::{last, weighted};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "pl-nip", country: "PL", lengths: &[10], prefix: Some("PL"), ..Scheme::new(check) };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let sum = weighted(digits, &[6, 5, 7, 2, 3, 4, 5, 6, 7]);
    if sum % 11 == last(digits) { Ok(Content::default()) } else { Err("checksum") }
}
