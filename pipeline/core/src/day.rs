//! Calendar days as numbers, for ages and differences, and moments, for what is later. Enters: ISO dates and timestamps.
//! Leaves: days since 1970-01-01, and back; whether a date can be used. Never here: today's date, time zones: days and
//! times are those of the clock that the source wrote by.

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

/// When something was dated, the earlier the less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Seconds of the day; 0 where only the day is known.
    pub second: u32,
}

/// The moment that a date or timestamp tells: `2026-11-22`, `2026-11-22T14:05:09`. What is behind the day and no time of
/// day does not count; a day alone stands for its beginning.
pub fn moment(text: &str) -> Option<Moment> {
    Some(Moment { day: parse(text)?, second: text.as_bytes().get(10..).and_then(seconds).unwrap_or(0) })
}

/// Seconds of the day of `T14:05:09`.
fn seconds(time: &[u8]) -> Option<u32> {
    let &[b'T' | b' ', h1, h2, b':', m1, m2, b':', s1, s2] = time.first_chunk::<9>()? else { return None };
    let number = |tens: u8, ones: u8| {
        let digit = |d: u8| d.is_ascii_digit().then(|| u32::from(d - b'0'));
        Some(digit(tens)? * 10 + digit(ones)?)
    };
    let [hour, minute, second] = [number(h1, h2)?, number(m1, m2)?, number(s1, s2)?];
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3_600 + minute * 60 + second)
}

/// Whether a day has come on the day of the run, which itself has. What is dated later is a mistake at the source: it has
/// no date that anything could be judged by.
pub fn has_come(day: i32, as_of: i32) -> bool {
    day <= as_of
}

/// The date that counts on the day `as_of`: none where the text holds none, and none for what has not come yet.
pub fn usable(text: &str, as_of: i32) -> Option<Moment> {
    moment(text).filter(|moment| has_come(moment.day, as_of))
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

    #[test]
    fn moments_tell_the_time_of_the_day() {
        let day = 19_782;
        for (text, second) in [
            ("2024-02-29", 0),
            ("2024-02-29T00:00:00", 0),
            ("2024-02-29T08:00:00", 28_800),
            ("2024-02-29 23:59:59.5+02:00", 86_399),
            ("2024-02-29T8:00", 0),
            ("2024-02-29T24:00:00", 0),
            ("2024-02-29 some time", 0),
        ] {
            assert_eq!(moment(text), Some(Moment { day, second }), "{text}");
        }
        assert!(moment("2024-02-29T20:00:00") > moment("2024-02-29T08:00:00"));
        assert!(moment("2024-03-01") > moment("2024-02-29T23:59:59"));
        assert_eq!(moment("at 10:00:00"), None);
    }

    #[test]
    fn what_has_not_come_has_no_usable_date() {
        let today = 19_782;
        assert_eq!(usable("2024-02-29T23:59:59", today).map(|m| m.day), Some(today));
        assert_eq!(usable("2024-02-28", today).map(|m| m.day), Some(today - 1));
        assert_eq!(usable("2024-03-01T00:00:00", today), None);
        assert_eq!(usable("no date", today), None);
    }

    proptest! {
        #[test]
        fn there_and_back(day in -700_000..2_900_000_i32) {
            prop_assert_eq!(text(day).as_deref().and_then(parse), Some(day));
        }
    }
}
