//! Arithmetic that several schemes share. Enters: digit values. Leaves: sums, remainders, dates.
//! Never here: what a scheme makes of them.

use chrono::NaiveDate;

/// Sum of digits times weights.
pub(super) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| u32::from(*d) * w).sum()
}

/// The number a run of digits writes.
pub(super) fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |n, d| n * 10 + u32::from(*d))
}

/// The same for runs of up to 19 digits.
pub(super) fn long_number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |n, d| n * 10 + u64::from(*d))
}

/// A birth date inside an id.
pub(super) fn born(year: u32, month: u32, day: u32) -> Result<NaiveDate, &'static str> {
    i32::try_from(year).ok().and_then(|y| NaiveDate::from_ymd_opt(y, month, day)).ok_or("birth_date")
}

/// The last digit as a number.
pub(super) fn last(digits: &[u8]) -> u32 {
    digits.last().map_or(0, |d| u32::from(*d))
}

/// ISO/IEC 7064 MOD 11,10 over all digits, the last of them the check digit.
pub(super) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product: u32, d| {
        let sum = (product + u32::from(*d)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (product + u32::from(*check)) % 10 == 1
}

/// ISO/IEC 7812-1, annex B (Luhn) over all digits.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, d)| match u32::from(*d) {
            d if at % 2 == 0 => d,
            d if d > 4 => 2 * d - 9,
            d => 2 * d,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Sex by an odd or even number, odd being male.
pub(super) fn odd_is_male(digit: u8) -> Option<&'static str> {
    Some(if digit % 2 == 1 { "male" } else { "female" })
}
