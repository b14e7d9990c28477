//! CNP, the Romanian person number. Enters: 13 digits. Leaves: birth date and sex.
//! Source: OUG 97/2005; HG 295/2021. Numbers of foreign residents (7, 8, 9) do not tell the century.

use super::checks::{born, last, number, odd_is_male, weighted};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme = Scheme { name: "ro-cnp", country: "RO", lengths: &[13], ..Scheme::new(check) };

/// `SYYMMDDJJNNNC`: S century and sex (odd is male), JJ the county.
fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let &[s, y1, y2, m1, m2, d1, d2, j1, j2, ..] = digits else {
        return Err("length");
    };
    let century = match s {
        1 | 2 | 7..=9 => 1900,
        3 | 4 => 1800,
        5 | 6 => 2000,
        _ => return Err("format"),
    };
    let birth_date = born(century + number(&[y1, y2]), number(&[m1, m2]), number(&[d1, d2]))?;
    if !matches!(number(&[j1, j2]), 1..=48 | 51 | 52 | 70 | 80..=83) {
        return Err("format");
    }
    let rest = weighted(digits, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    if (if rest == 10 { 1 } else { rest }) != last(digits) {
        return Err("checksum");
    }
    Ok(Content {
        birth_date: (s < 7).then_some(birth_date),
        sex: if s < 9 { odd_is_male(s) } else { None },
        doubt: None,
    })
}
