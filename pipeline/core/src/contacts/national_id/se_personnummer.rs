//! Personnummer, the Swedish person number. Enters: 10 digits, or 12 with the century. Leaves: birth date (12 digits) and sex.
//! Source: Folkbokföringslagen (1991:481), § 18; Luhn. Coordination numbers have 60 added to the day.

use super::checks::{born, luhn, number, odd_is_male};
use super::{Content, Marks, Scheme};

pub(super) const SCHEME: Scheme = Scheme {
    name: "se-personnummer",
    country: "SE",
    lengths: &[10, 12],
    marks: Marks::At(&[6, 8]),
    ..Scheme::new(check)
};

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let (century, short) = digits.split_at_checked(digits.len().saturating_sub(10)).ok_or("length")?;
    let &[y1, y2, m1, m2, d1, d2, _, _, sex, _] = short else {
        return Err("length");
    };
    let (month, day) = (number(&[m1, m2]), number(&[d1, d2]));
    let day = if day > 60 { day - 60 } else { day };
    let in_century = |century: u32| born(century * 100 + number(&[y1, y2]), month, day);
    let birth_date = match century {
        // Without the century a leap day is right in one of the two it can be.
        [] => in_century(20).or_else(|_| in_century(19)).map(|_| None)?,
        given => Some(in_century(number(given))?),
    };
    if !luhn(short) {
        return Err("checksum");
    }
    Ok(Content { birth_date, sex: odd_is_male(sex), doubt: None })
}
