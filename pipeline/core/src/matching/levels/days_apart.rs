//! `days_apart`: the dates lie at most N days from one another.

use super::date::Date;

/// Whether at most `days` days lie between the dates.
pub fn holds(left: Date, right: Date, days: u32) -> bool {
    left.day_number().abs_diff(right.day_number()) <= days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn across_a_leap_day() {
        let (before, after) = (Date { year: 2000, month: 2, day: 28 }, Date { year: 2000, month: 3, day: 1 });
        assert!(holds(before, after, 2) && holds(after, before, 2));
        assert!(!holds(before, after, 1));
    }
}
