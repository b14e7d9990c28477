//! JMBG, the person number of Serbia (and before of Yugoslavia). Enters: 13 digits. Leaves: birth date and sex.
//! Source: Zakon o jedinstvenom matičnom broju građana (Sl. glasnik RS 24/2018). Never judges the region of birth.

use super::{Content, Scheme, born, number, weighted};

pub(super) const SCHEME: Scheme =
    Scheme { name: "rs-jmbg", country: "RS", lengths: &[13], prefix: None, dashes: false, check };

/// `DDMMYYYRRBBBK`: YYY the year without its first digit, RR the region, BBB from 500 on female,
/// K makes the sum with weights 7 6 5 4 3 2 (twice) a multiple of eleven.
pub(super) fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let &[d1, d2, m1, m2, y1, y2, y3, _, _, b1, b2, b3, check] = digits else {
        return Err("length");
    };
    let year = number(&[y1, y2, y3]);
    let year = if year >= 800 { 1000 + year } else { 2000 + year };
    let birth_date = born(year, number(&[m1, m2]), number(&[d1, d2]))?;
    let rest = weighted(digits, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    if (11 - rest) % 11 % 10 != u32::from(check) {
        return Err("checksum");
    }
    let sex = if number(&[b1, b2, b3]) >= 500 { "female" } else { "male" };
    Ok(Content { birth_date: Some(birth_date), sex: Some(sex), doubt: None })
}

/// The two digits that tell where the number was given out.
pub(super) fn region(digits: &[u8]) -> u32 {
    digits.get(7..9).map_or(0, number)
}
