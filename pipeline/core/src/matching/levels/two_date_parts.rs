//! `two_date_parts`: the dates agree in at least two of year, month and day (one part mistyped).

use super::date::Date;

/// Whether at least two of the three parts are equal.
pub fn holds(left: Date, right: Date) -> bool {
    u8::from(left.year == right.year) + u8::from(left.month == right.month) + u8::from(left.day == right.day) >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_may_differ() {
        let date = |year, month, day| Date { year, month, day };
        assert!(holds(date(1980, 3, 4), date(1980, 3, 5)));
        assert!(holds(date(1980, 3, 4), date(1990, 3, 4)));
        assert!(!holds(date(1980, 3, 4), date(1980, 4, 3)));
    }
}
