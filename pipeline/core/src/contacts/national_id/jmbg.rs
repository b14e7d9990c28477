//! JMBG, the person number of Yugoslavia, which its countries kept (Croatia for those who had one). Enters: 13 digits.
//! Leaves: birth date and sex, and by the region of registration the country that gave it out.
//! Source: Zakon o jedinstvenom matičnom broju građana (Sl. list SFRJ 58/76), and each country's own since: RS Sl. glasnik 24/2018,
//! SI Uradni list 72/06 (EMŠO), BA Sl. glasnik 32/01, ME Sl. list 49/07, MK Sl. vesnik 36/92 (EMBG), HR NN 9/92.

use super::checks::{born, last, number, weighted};
use super::{Content, Scheme};

const fn given_out_in(name: &'static str, country: &'static str, own: fn(&[u8]) -> bool) -> Scheme {
    Scheme { name, country, lengths: &[13], marks: super::Marks::Nowhere, abroad: true, own, ..Scheme::new(check) }
}

pub(super) const RS: Scheme = Scheme {
    aliases: &["jmbg", "si-jmbg"],
    // What no other country gave out, foreigners of the old federation among it.
    ..given_out_in("rs-jmbg", "RS", |digits| !matches!(region(digits), 10..=39 | 41..=59))
};
pub(super) const SI: Scheme = given_out_in("si-emso", "SI", |digits| matches!(region(digits), 50..=59));
pub(super) const BA: Scheme = given_out_in("ba-jmbg", "BA", |digits| matches!(region(digits), 10..=19));
pub(super) const HR: Scheme = given_out_in("hr-jmbg", "HR", |digits| matches!(region(digits), 30..=39));
pub(super) const ME: Scheme = given_out_in("me-jmbg", "ME", |digits| matches!(region(digits), 20..=29));
pub(super) const MK: Scheme = given_out_in("mk-embg", "MK", |digits| matches!(region(digits), 41..=49));

/// `DDMMYYYRRBBBK`: YYY the year without its first digit, RR the region, BBB from 500 on female,
/// K makes the sum with weights 7 6 5 4 3 2 (twice) a multiple of eleven.
fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let &[d1, d2, m1, m2, y1, y2, y3, _, _, b1, b2, b3, _] = digits else {
        return Err("length");
    };
    let year = number(&[y1, y2, y3]);
    let year = if year >= 800 { 1000 + year } else { 2000 + year };
    let birth_date = born(year, number(&[m1, m2]), number(&[d1, d2]))?;
    let rest = weighted(digits, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    if (11 - rest) % 11 % 10 != last(digits) {
        return Err("checksum");
    }
    let sex = if number(&[b1, b2, b3]) >= 500 { "female" } else { "male" };
    Ok(Content { birth_date: Some(birth_date), sex: Some(sex), doubt: None })
}

/// The two digits that tell where the number was given out.
fn region(digits: &[u8]) -> u32 {
    digits.get(7..9).map_or(0, number)
}
