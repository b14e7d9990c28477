//! Személyi azonosító, the Hungarian person number. Enters: 11 digits. Leaves: birth date and sex.
//! Source: 1996. évi XX. törvény, melléklet.

use super::checks::{born, last, number, odd_is_male, weighted};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme = Scheme { name: "hu-szemelyi", country: "HU", lengths: &[11], ..Scheme::new(check) };

/// `MYYMMDDSSSK`: M 1 and 2 for the 1900s, 3 and 4 from 2000 on, odd is male; weights 1 to 10, from 1997 on 10 to 1.
fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let &[m, y1, y2, m1, m2, d1, d2, ..] = digits else {
        return Err("length");
    };
    let century = match m {
        1 | 2 => 1900,
        3 | 4 => 2000,
        _ => return Err("format"),
    };
    let year = century + number(&[y1, y2]);
    let birth_date = born(year, number(&[m1, m2]), number(&[d1, d2]))?;
    let weights = if year < 1997 { [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] } else { [10, 9, 8, 7, 6, 5, 4, 3, 2, 1] };
    if weighted(digits, &weights) % 11 != last(digits) {
        return Err("checksum");
    }
    Ok(Content { birth_date: Some(birth_date), sex: odd_is_male(m), doubt: None })
}
