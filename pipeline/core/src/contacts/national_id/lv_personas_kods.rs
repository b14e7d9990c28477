//! Personas kods, the Latvian person number. Enters: 11 digits. Leaves: the birth date of old-style codes.
//! Source: Fizisko personu reģistra likums, 3. pants, and rules before July 2017. Never knows the sex.

use super::checks::{born, number, weighted};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "lv-personas-kods", country: "LV", lengths: &[11], abroad: true, ..Scheme::new(check) };

/// Old `DDMMYYCNNNK` with C the century (0: 1800s, 1: 1900s, 2: 2000s); new ones, given out since July 2017, start with
/// 32-39 and say nothing. The check digit is `(1101 - sum) mod 11 mod 10`; new codes need not keep to it.
fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let &[d1, d2, m1, m2, y1, y2, century, _, _, _, check] = digits else {
        return Err("length");
    };
    let fits = (1101 - weighted(digits, &[1, 6, 3, 7, 9, 10, 5, 8, 4, 2])) % 11 % 10 == u32::from(check);
    if d1 == 3 && d2 >= 2 {
        return Ok(Content { doubt: (!fits).then_some("checksum_advisory"), ..Content::default() });
    }
    if century > 2 {
        return Err("birth_date");
    }
    let year = 1800 + 100 * u32::from(century) + number(&[y1, y2]);
    let birth_date = born(year, number(&[m1, m2]), number(&[d1, d2]))?;
    if fits { Ok(Content { birth_date: Some(birth_date), ..Content::default() }) } else { Err("checksum") }
}
