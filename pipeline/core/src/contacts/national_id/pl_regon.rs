//! REGON, the Polish business register number. Enters: 9 digits, or 14 for a local unit. Leaves: nothing but the verdict.
//! Source: Rozporządzenie Rady Ministrów o rejestrze REGON (Dz.U. 2015 poz. 2009). Never checks the register.

use super::checks::weighted;
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme = Scheme { name: "pl-regon", country: "PL", lengths: &[9, 14], ..Scheme::new(check) };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let fits = |weights: &[u32]| {
        digits.get(weights.len()).is_some_and(|check| weighted(digits, weights) % 11 % 10 == u32::from(*check))
    };
    let unit = digits.len() <= 9 || fits(&[2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]);
    if fits(&[8, 9, 2, 3, 4, 5, 6, 7]) && unit { Ok(Content::default()) } else { Err("checksum") }
}
