//! EGN, the Bulgarian person number. Enters: 10 digits. Leaves: birth date and sex.
//! Source: Zakon za grazhdanskata registratsiya (DV 67/1999), art. 11; ordinance RD-02-20-9/2012.

use super::checks::{born, last, number, odd_is_male, weighted};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme = Scheme { name: "bg-egn", country: "BG", lengths: &[10], ..Scheme::new(check) };

/// `YYMMDDRRSK`: births of the 1800s have 20 added to the month, those from 2000 on 40; S even is male.
fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let &[y1, y2, m1, m2, d1, d2, _, _, sex, _] = digits else {
        return Err("length");
    };
    let (century, month) = match number(&[m1, m2]) {
        m @ 21..=32 => (1800, m - 20),
        m @ 41..=52 => (2000, m - 40),
        m => (1900, m),
    };
    let birth_date = born(century + number(&[y1, y2]), month, number(&[d1, d2]))?;
    if weighted(digits, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 != last(digits) {
        return Err("checksum");
    }
    Ok(Content { birth_date: Some(birth_date), sex: odd_is_male(sex + 1), doubt: None })
}
