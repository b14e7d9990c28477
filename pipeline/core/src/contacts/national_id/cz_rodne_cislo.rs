//! Rodné číslo, the Czech and Slovak person number. Enters: 9 digits (births before 1954) or 10. Leaves: birth date and sex.
//! Source: zákon č. 133/2000 Sb., § 13; zákon č. 301/1995 Z. z., § 2.

use super::checks::{born, long_number, number};
use super::{Content, Marks, Scheme};

pub(super) const SCHEME: Scheme = Scheme {
    name: "cz-rodne-cislo",
    country: "CZ",
    lengths: &[9, 10],
    marks: Marks::At(&[6]),
    aliases: &["cz-rc"],
    ..Scheme::new(check)
};

/// `YYMMDDSSS(C)`: women have 50 added to the month, and 20 more when a day's numbers ran out. With ten digits the whole
/// is a multiple of eleven; where ten remained, 0 was written: by law until 1985, in registers now and then later too.
pub(super) fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let &[y1, y2, m1, m2, d1, d2, ..] = digits else {
        return Err("length");
    };
    let short = number(&[y1, y2]);
    let year = match digits.len() {
        9 if short >= 80 => 1800 + short,
        9 if short > 53 => return Err("birth_date"),
        9 => 1900 + short,
        _ if short < 54 => 2000 + short,
        _ => 1900 + short,
    };
    let written = number(&[m1, m2]);
    let sex = if written > 50 { "female" } else { "male" };
    let birth_date = born(year, written % 50 % 20, number(&[d1, d2]))?;
    if let [body @ .., check] = digits
        && digits.len() == 10
        && long_number(body) % 11 % 10 != u64::from(*check)
    {
        return Err("checksum");
    }
    Ok(Content { birth_date: Some(birth_date), sex: Some(sex), doubt: None })
}
