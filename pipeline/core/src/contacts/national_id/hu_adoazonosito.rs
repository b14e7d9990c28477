//! Adóazonosító jel, the Hungarian tax number of persons. Enters: 10 digits, the first an 8. Leaves: the birth date.
//! Source: 2017. évi CL. törvény, 1. melléklet. Never knows the sex.

use chrono::{Days, NaiveDate};

use super::checks::{last, number, weighted};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "hu-adoazonosito", country: "HU", lengths: &[10], ..Scheme::new(check) };

/// `8DDDDDSSSK`: D the days from 1 January 1867 to the birth.
fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let &[8, d1, d2, d3, d4, d5, ..] = digits else {
        return Err("format");
    };
    if weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 != last(digits) {
        return Err("checksum");
    }
    let days = Days::new(u64::from(number(&[d1, d2, d3, d4, d5])));
    let birth_date = NaiveDate::from_ymd_opt(1867, 1, 1).and_then(|zero| zero.checked_add_days(days));
    Ok(Content { birth_date, ..Content::default() })
}
