//! PVM mokėtojo kodas, the Lithuanian VAT number. Enters: 9 digits (companies) or 12, perhaps after `LT`.
//! Leaves: nothing but the verdict. Source: Pridėtinės vertės mokesčio įstatymas; the European Commission's VIES algorithms.

use super::checks::last;
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "lt-pvm", country: "LT", lengths: &[9, 12], prefix: Some("LT"), ..Scheme::new(check) };

/// The last digit but one is 1; weights 1 to 9 by turns, and where ten remains, from 3 on.
fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let [body @ .., one, _] = digits else { return Err("length") };
    if *one != 1 {
        return Err("format");
    }
    let sum = |from: u32| {
        let weights = (from..).map(|at| 1 + at % 9);
        body.iter().chain([one]).zip(weights).map(|(d, w)| u32::from(*d) * w).sum::<u32>() % 11
    };
    let rest = match sum(0) {
        10 => sum(2) % 10,
        rest => rest,
    };
    if rest == last(digits) { Ok(Content::default()) } else { Err("checksum") }
}
