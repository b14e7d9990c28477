//! `day_month_swapped`: the same year, and day and month exchanged (03-04 typed as 04-03).
//! Equal dates are not swapped, 05-05 included.

use super::date::Date;

/// Whether one date is the other with day and month exchanged.
pub fn holds(left: Date, right: Date) -> bool {
    left.year == right.year && left.day == right.month && left.month == right.day && left.day != left.month
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swapped_but_not_equal() {
        let date = |month, day| Date { year: 1980, month, day };
        assert!(holds(date(3, 4), date(4, 3)));
        assert!(!holds(date(5, 5), date(5, 5)));
        assert!(!holds(date(3, 4), date(3, 4)));
        assert!(!holds(date(3, 4), Date { year: 1981, month: 4, day: 3 }));
    }
}
