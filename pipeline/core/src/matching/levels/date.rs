//! Calendar dates as the levels need them. Enters: ISO 8601 text `YYYY-MM-DD`. Leaves: its parts, or nothing.
//! Never here: guessing of other spellings (contacts does that before).

use chrono::{Datelike, NaiveDate};

/// A date that exists in the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

impl Date {
    /// Reads `YYYY-MM-DD`; none for anything else and for days that do not exist.
    pub fn parse(text: &str) -> Option<Self> {
        let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return None;
        };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0u16, |n, b| b.is_ascii_digit().then(|| n * 10 + u16::from(b - b'0')))
        };
        let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
        NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))?;
        Some(Self { year, month: month as u8, day: day as u8 })
    }

    /// Days from 0001-01-01, for differences.
    pub fn day_number(self) -> i32 {
        NaiveDate::from_ymd_opt(i32::from(self.year), u32::from(self.month), u32::from(self.day))
            .map_or(0, |d| d.num_days_from_ce())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_real_iso_dates() {
        assert_eq!(Date::parse("2000-02-29"), Some(Date { year: 2000, month: 2, day: 29 }));
        for text in ["1900-02-29", "2000-13-01", "2000-1-1", "", "2000-01-01 ", "01-01-2000", "２000-01-0"] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn total(text: String) {
            prop_assert!(Date::parse(&text).is_none_or(|d| (1..=12).contains(&d.month)));
        }

        #[test]
        fn following_days_are_one_apart(days in 1i32..3_000_000) {
            let iso = |n: i32| NaiveDate::from_num_days_from_ce_opt(n).and_then(|d| Date::parse(&d.format("%Y-%m-%d").to_string()));
            if let (Some(one), Some(next)) = (iso(days), iso(days + 1)) {
                prop_assert_eq!(next.day_number() - one.day_number(), 1);
            }
        }
    }
}
