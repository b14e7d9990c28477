//! Dates. Enters: a date in any usual spelling of the first markets. Leaves: ISO 8601 `YYYY-MM-DD` and a verdict.
//! Never asks the clock: plausibility is judged from the day the caller names.

use std::collections::HashSet;

use chrono::{Datelike, Months, NaiveDate};

use super::placeholder::Placeholders;
use crate::rules::contacts::DateRules;
use crate::text::{fold, is_blank};
use crate::value::{Assessment, Verdict};

/// Reason codes of dates.
pub const REASONS: &[(&str, &str)] = &[
    ("placeholder", "A date that stands for \"unknown\", such as 1900-01-01 or 0000-00-00."),
    ("format", "The text is not a date in a spelling we read."),
    ("incomplete", "Only a year, or a year and a month."),
    ("no_such_day", "The calendar has no such day."),
    ("day_month_swapped", "Day and month stood in the unexpected order; only the other order is a date."),
    ("two_digit_year", "The year has two digits; 00-30 was read as 2000-2030, the rest as 1931-1999."),
    ("spreadsheet_serial", "A bare number that looks like a spreadsheet's day count."),
    ("in_future", "The birth date lies in the future."),
    ("too_old", "The person would be older than the rules allow."),
    ("too_young", "The person would be younger than the rules expect."),
];

/// A judged date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    /// `YYYY-MM-DD`.
    pub standard: Option<String>,
    pub assessment: Assessment,
}

impl Date {
    fn refused(verdict: Verdict, reason: &'static str) -> Self {
        Self { standard: None, assessment: Assessment::new(verdict, reason) }
    }
}

/// Settings of `[date]`, prepared.
#[derive(Debug, Clone)]
pub(super) struct Dates {
    month_first: bool,
    placeholders: HashSet<String>,
    oldest_years: u32,
    youngest_years: u32,
}

impl Dates {
    pub(super) fn new(rules: &DateRules) -> Self {
        Self {
            month_first: rules.month_first,
            placeholders: rules.placeholders.iter().cloned().collect(),
            oldest_years: *rules.oldest_years.get_ref(),
            youngest_years: *rules.youngest_years.get_ref(),
        }
    }

    pub(super) fn date(&self, raw: &str, placeholders: &Placeholders) -> Date {
        self.judge(raw, placeholders).1
    }

    pub(super) fn birth_date(&self, raw: &str, as_of: NaiveDate, placeholders: &Placeholders) -> Date {
        let (day, date) = self.judge(raw, placeholders);
        let Some(day) = day else { return date };
        let years_before = |years: u32| as_of.checked_sub_months(Months::new(years.saturating_mul(12)));
        if day > as_of {
            Date::refused(Verdict::Invalid, "in_future")
        } else if years_before(self.oldest_years).is_some_and(|oldest| day < oldest) {
            Date::refused(Verdict::Invalid, "too_old")
        } else if years_before(self.youngest_years).is_some_and(|youngest| day > youngest) {
            Date { assessment: Assessment::new(Verdict::Suspect, "too_young"), ..date }
        } else {
            date
        }
    }

    fn judge(&self, raw: &str, placeholders: &Placeholders) -> (Option<NaiveDate>, Date) {
        let text = raw.trim_matches(is_blank);
        if text.is_empty() {
            return (None, Date { standard: None, assessment: Assessment::MISSING });
        }
        match self.read(text) {
            Ok((day, note)) => {
                let standard = iso(day);
                if self.placeholders.contains(&standard) {
                    return (None, Date::refused(Verdict::Missing, "placeholder"));
                }
                let assessment = note.map_or(Assessment::VALID, |(verdict, reason)| Assessment::new(verdict, reason));
                (Some(day), Date { standard: Some(standard), assessment })
            }
            Err(assessment) => {
                let nothing = text.bytes().any(|b| b == b'0')
                    && text.bytes().all(|b| !(b'1'..=b'9').contains(&b))
                    && !text.bytes().any(|b| b.is_ascii_alphabetic());
                if nothing || placeholders.contains(text) || self.placeholders.contains(text) {
                    return (None, Date::refused(Verdict::Missing, "placeholder"));
                }
                (None, Date { standard: None, assessment })
            }
        }
    }

    fn read(&self, text: &str) -> Result<(NaiveDate, Note), Assessment> {
        if let Some(day) = iso_day(text) {
            return Ok((day, None));
        }
        let tokens = tokens(text).ok_or(Assessment::new(Verdict::Invalid, "format"))?;
        match tokens.as_slice() {
            [Token::Number(n, 8)] => packed(*n),
            [Token::Number(n, 5)] => {
                let serial = Assessment::new(Verdict::Invalid, "spreadsheet_serial");
                let day = NaiveDate::from_ymd_opt(1899, 12, 30)
                    .and_then(|zero| zero.checked_add_days(chrono::Days::new(u64::from(*n))));
                Err(match day {
                    Some(day) => serial.suggesting(iso(day)),
                    None => serial,
                })
            }
            [Token::Number(_, 4)] | [_, _] => Err(Assessment::new(Verdict::Invalid, "incomplete")),
            [first, second, third, ..] => self.ordered(*first, *second, *third),
            _ => Err(Assessment::new(Verdict::Invalid, "format")),
        }
    }

    fn ordered(&self, first: Token, second: Token, third: Token) -> Result<(NaiveDate, Note), Assessment> {
        use Token::{Month, Number};
        let plain = |year, month, day| calendar(year, month, day).map(|d| (d, None));
        match (first, second, third) {
            (Number(year, 3..=4), Number(month, _), Number(day, _)) => either_order(year, month, day),
            (Number(year, 4), Month(month), Number(day, 1..=2))
            | (Number(year, 4), Number(day, 1..=2), Month(month)) => plain(year, month, day),
            (Number(day, 1..=2), Month(month), Number(year, 4))
            | (Month(month), Number(day, 1..=2), Number(year, 4)) => plain(year, month, day),
            (Number(day, 1..=2), Month(month), Number(year, 2)) => short_year(year, month, day),
            (Number(a, 1..=2), Number(b, 1..=2), Number(year, 4)) if self.month_first => either_order(year, a, b),
            (Number(a, 1..=2), Number(b, 1..=2), Number(year, 4)) => either_order(year, b, a),
            (Number(a, 1..=2), Number(b, 1..=2), Number(year, 2)) if self.month_first => short_year(year, a, b),
            (Number(a, 1..=2), Number(b, 1..=2), Number(year, 2)) => short_year(year, b, a),
            _ => Err(Assessment::new(Verdict::Invalid, "format")),
        }
    }
}

type Note = Option<(Verdict, &'static str)>;

/// A run of digits with its length, or a month's name.
#[derive(Debug, Clone, Copy)]
enum Token {
    Number(u32, usize),
    Month(u32),
}

/// `YYYY-MM-DD`.
pub(super) fn iso(day: NaiveDate) -> String {
    let Ok(year @ 0..=9999) = u32::try_from(day.year()) else {
        return day.to_string();
    };
    let mut out = String::with_capacity(10);
    for (n, unit) in [(year, 1000), (year, 100), (year, 10), (year, 1)] {
        out.extend(char::from_digit(n / unit % 10, 10));
    }
    for n in [day.month(), day.day()] {
        out.push('-');
        out.extend(char::from_digit(n / 10, 10));
        out.extend(char::from_digit(n % 10, 10));
    }
    out
}

/// The common case without any splitting.
fn iso_day(text: &str) -> Option<NaiveDate> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *bytes else {
        return None;
    };
    let number =
        |digits: &[u8]| digits.iter().try_fold(0u32, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')));
    calendar(number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?).ok()
}

fn calendar(year: u32, month: u32, day: u32) -> Result<NaiveDate, Assessment> {
    i32::try_from(year)
        .ok()
        .filter(|y| (1000..=9999).contains(y))
        .and_then(|y| NaiveDate::from_ymd_opt(y, month, day))
        .ok_or(Assessment::new(Verdict::Invalid, "no_such_day"))
}

fn either_order(year: u32, month: u32, day: u32) -> Result<(NaiveDate, Note), Assessment> {
    if month > 12 && day <= 12 {
        return calendar(year, day, month).map(|d| (d, Some((Verdict::Corrected, "day_month_swapped"))));
    }
    calendar(year, month, day).map(|d| (d, None))
}

fn short_year(year: u32, month: u32, day: u32) -> Result<(NaiveDate, Note), Assessment> {
    let full = if year <= 30 { 2000 + year } else { 1900 + year };
    let (day, _) = either_order(full, month, day)?;
    Ok((day, Some((Verdict::Suspect, "two_digit_year"))))
}

/// `YYYYMMDD`, else `DDMMYYYY`.
fn packed(n: u32) -> Result<(NaiveDate, Note), Assessment> {
    let plausible = |year: u32| (1800..=2199).contains(&year);
    if plausible(n / 10_000)
        && let Ok(day) = calendar(n / 10_000, n / 100 % 100, n % 100)
    {
        return Ok((day, None));
    }
    if plausible(n % 10_000) {
        return calendar(n % 10_000, n / 10_000 % 100, n / 1_000_000).map(|d| (d, None));
    }
    Err(Assessment::new(Verdict::Invalid, "no_such_day"))
}

/// Numbers and months in order; none when there is a word that belongs to no date, or far too much text.
fn tokens(text: &str) -> Option<Vec<Token>> {
    if text.len() > 96 {
        return None;
    }
    let mut out = Vec::with_capacity(6);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let class = |c: char| {
            if c.is_ascii_digit() { 1 } else { u8::from(c.is_alphabetic()) * 2 }
        };
        let end = rest.find(|d: char| class(d) != class(c)).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        rest = tail;
        match class(c) {
            1 if run.len() <= 9 => out.push(Token::Number(run.parse().ok()?, run.len())),
            1 => return None,
            2 => match month_or_noise(&fold(run), out.len())? {
                0 => {}
                month => out.push(Token::Month(month)),
            },
            _ => {}
        }
    }
    Some(out)
}

/// 1-12 for a month's name in pl, sr, sl, lv, en, de or a Roman number; 0 for words that go with dates
/// ("godine", "gada", "r.", weekday-less); none for any other word.
fn month_or_noise(word: &str, so_far: usize) -> Option<u32> {
    if so_far >= 3 {
        // A time of day or a zone follows a whole date.
        return matches!(
            word,
            "t" | "z"
                | "utc"
                | "gmt"
                | "cet"
                | "cest"
                | "am"
                | "pm"
                | "r"
                | "roku"
                | "g"
                | "god"
                | "godine"
                | "gada"
                | "leta"
                | "h"
        )
        .then_some(0);
    }
    let month = match word {
        "r" | "rok" | "roku" | "g" | "god" | "godine" | "godina" | "gada" | "gads" | "leta" | "leto" | "dnia"
        | "dana" | "dne" | "st" | "nd" | "rd" | "th" | "of" | "ur" | "rodz" => 0,
        "i" => 1,
        "ii" => 2,
        "iii" => 3,
        "iv" => 4,
        "v" => 5,
        "vi" => 6,
        "vii" => 7,
        "viii" => 8,
        "ix" => 9,
        "x" => 10,
        "xi" => 11,
        "xii" => 12,
        _ if word.len() > 12 => return None,
        _ => match word.get(..3)? {
            "sty" | "jan" => 1,
            "lut" | "feb" => 2,
            "mar" => 3,
            "kwi" | "apr" => 4,
            "maj" | "mai" | "may" => 5,
            "cze" | "jun" => 6,
            "lip" | "jul" => 7,
            "sie" | "avg" | "aug" => 8,
            "wrz" | "sep" => 9,
            "paz" | "okt" | "oct" => 10,
            "lis" | "nov" => 11,
            "gru" | "dec" | "dez" => 12,
            _ => return None,
        },
    };
    Some(month)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::contacts::Contacts;
    use crate::rules;

    fn contacts() -> Contacts {
        Contacts::new(&rules::contacts::Contacts::default())
    }

    #[test]
    fn usual_spellings_give_iso() {
        for raw in [
            "1980-05-12",
            "12.05.1980",
            "12. 5. 1980.",
            "12/5/1980",
            "12-05-1980",
            "19800512",
            "12051980",
            "1980/05/12",
            "1980.05.12",
            "12 maja 1980 r.",
            "12 V 1980",
            "12. maj 1980. godine",
            "12. maja 1980",
            "1980. gada 12. maijs",
            "12 May 1980",
            "May 12, 1980",
            "12. мај 1980.",
            "1980-05-12T00:00:00Z",
            "1980-05-12 00:00:00.000",
            " 12.05.1980 ",
        ] {
            let date = contacts().date(raw);
            assert_eq!(date.standard.as_deref(), Some("1980-05-12"), "{raw}");
            assert_eq!(date.assessment, Assessment::VALID, "{raw}");
        }
    }

    #[test]
    fn doubts_and_refusals_are_named() {
        for (raw, verdict, reason, standard) in [
            ("31.02.1980", Verdict::Invalid, "no_such_day", None),
            ("05/13/1980", Verdict::Corrected, "day_month_swapped", Some("1980-05-13")),
            ("12.05.80", Verdict::Suspect, "two_digit_year", Some("1980-05-12")),
            ("1980", Verdict::Invalid, "incomplete", None),
            ("05.1980", Verdict::Invalid, "incomplete", None),
            ("29353", Verdict::Invalid, "spreadsheet_serial", None),
            ("0000-00-00", Verdict::Missing, "placeholder", None),
            ("1900-01-01", Verdict::Missing, "placeholder", None),
            ("brak", Verdict::Missing, "placeholder", None),
            ("soon", Verdict::Invalid, "format", None),
        ] {
            let date = contacts().date(raw);
            assert_eq!((date.assessment.verdict, date.assessment.reason), (verdict, Some(reason)), "{raw}");
            assert_eq!(date.standard.as_deref(), standard, "{raw}");
        }
        assert_eq!(contacts().date("29353").assessment.suggestion.as_deref(), Some("1980-05-12"));
    }

    #[test]
    fn births_must_be_plausible() {
        let as_of = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        for (raw, reason) in [
            ("2026-11-23", Some("in_future")),
            ("1880-01-01", Some("too_old")),
            ("1980-05-12", None),
            ("2026-11-22", None),
        ] {
            assert_eq!(contacts().birth_date(raw, as_of).assessment.reason, reason, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn total_and_idempotent(raw in ".*|[0-9]{1,4}[./ -][0-9]{1,2}[./ -][0-9]{1,4}") {
            let contacts = contacts();
            if let Some(standard) = contacts.date(&raw).standard {
                let again = contacts.date(&standard);
                prop_assert_eq!(again.standard.as_deref(), Some(standard.as_str()));
                prop_assert_eq!(again.assessment, Assessment::VALID);
            }
        }
    }
}
