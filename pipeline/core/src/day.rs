//! Calendar days as numbers, for ages and differences. Enters: ISO dates and timestamps. Leaves: days since 1970-01-01, and
//! back. Never here: today's date, time zones.

use chrono::{Datelike, NaiveDate};

/// Days from 0001-01-01 (as day 1) to 1970-01-01.
const EPOCH: i32 = 719_163;

/// Days since 1970-01-01.
pub fn number(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH
}

/// The day that a date or timestamp begins with, `2026-11-22`; none for anything else and for days that do not exist.
pub fn parse(text: &str) -> Option<i32> {
    let number_of = |digits: &[u8]| -> Option<u32> {
        digits.iter().try_fold(0, |n, d| d.is_ascii_digit().then(|| n * 10 + u32::from(d - b'0')))
    };
    let &[ref year @ .., b'-', m1, m2, b'-', d1, d2] = text.as_bytes().first_chunk::<10>()? else {
        return None;
    };
    let year = i32::try_from(number_of(year)?).ok()?;
    NaiveDate::from_ymd_opt(year, number_of(&[m1, m2])?, number_of(&[d1, d2])?).map(number)
}

/// The day as an ISO date; none for days beyond the calendar.
pub fn text(day: i32) -> Option<String> {
    NaiveDate::from_num_days_from_ce_opt(day.checked_add(EPOCH)?).map(|date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_days_that_exist() {
        assert_eq!(parse("1970-01-02"), Some(1));
        assert_eq!(parse("2024-02-29T10:00:00"), Some(19_782));
        for other in ["2023-02-29", "2023-2-290", "20230229", "", "2024-02", "šťastný rok", "-024-02-29"] {
            assert_eq!(parse(other), None, "{other}");
        }
        assert_eq!(text(i32::MAX), None);
    }

    proptest! {
        #[test]
        fn there_and_back(day in -700_000..2_900_000_i32) {
            prop_assert_eq!(text(day).as_deref().and_then(parse), Some(day));
        }
    }
}
