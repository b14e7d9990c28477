//! PESEL, the Polish person number. Enters: 11 digits. Leaves: birth date and sex. Never touches separators.
//! Source: Ustawa o ewidencji ludności (Dz.U. 2010 nr 217 poz. 1427), art. 15.

use super::checks::{born, number, odd_is_male, weighted};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "pl-pesel", country: "PL", lengths: &[11], abroad: true, ..Scheme::new(check) };

/// `YYMMDDZZZXQ`: the century is added to the month (1800s +80, 2000s +20, 2100s +40, 2200s +60), X odd is male,
/// Q makes the sum with weights 1 3 7 9 a multiple of ten.
fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let &[y1, y2, m1, m2, d1, d2, _, _, _, sex, check] = digits else {
        return Err("length");
    };
    let (century, month) = match number(&[m1, m2]) {
        m @ 81..=92 => (1800, m - 80),
        m @ 1..=12 => (1900, m),
        m @ 21..=32 => (2000, m - 20),
        m @ 41..=52 => (2100, m - 40),
        m @ 61..=72 => (2200, m - 60),
        _ => return Err("birth_date"),
    };
    let birth_date = born(century + number(&[y1, y2]), month, number(&[d1, d2]))?;
    let sum = weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    if (10 - sum % 10) % 10 != u32::from(check) {
        return Err("checksum");
    }
    Ok(Content { birth_date: Some(birth_date), sex: odd_is_male(sex), doubt: None })
}
