//! Isikukood, the Estonian person number. Enters: 11 digits. Leaves: birth date and sex.
//! Source: Rahvastikuregistri seadus, § 39; standard EVS 585:2007. Never takes blanks or dashes for part of it.

use super::checks::{born, last, number, odd_is_male, weighted};
use super::{Content, Marks, Scheme};

pub(super) const SCHEME: Scheme = Scheme {
    name: "ee-isikukood",
    country: "EE",
    lengths: &[11],
    marks: Marks::Nowhere,
    aliases: &["ee-ik"],
    ..Scheme::new(check)
};

/// `GYYMMDDSSSC`: G tells century and sex (1 and 2: 1800s, and so on, odd is male).
pub(super) fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let &[g, y1, y2, m1, m2, d1, d2, ..] = digits else {
        return Err("length");
    };
    let century = match g {
        1 | 2 => 1800,
        3 | 4 => 1900,
        5 | 6 => 2000,
        7 | 8 => 2100,
        _ => return Err("format"),
    };
    let birth_date = born(century + number(&[y1, y2]), number(&[m1, m2]), number(&[d1, d2]))?;
    if !fits(digits) {
        return Err("checksum");
    }
    Ok(Content { birth_date: Some(birth_date), sex: odd_is_male(g), doubt: None })
}

/// By eleven with weights 1 to 9 and 1; where ten remains, with weights 3 to 9 and 1 to 3.
pub(super) fn fits(digits: &[u8]) -> bool {
    let first = weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let rest = if first < 10 { first } else { weighted(digits, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10 };
    rest == last(digits)
}
