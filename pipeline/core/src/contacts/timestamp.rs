//! Moments as sources write them. Enters: `2026-03-05 14:02:11`, `05.03.2026 14:02`, `2026-03-05T14:02:11Z`, `2:02 PM`.
//! Leaves: `YYYY-MM-DDTHH:MM:SS`, the clock as written (offsets are dropped, never applied).

use super::{Contacts, Date};
use crate::value::{Assessment, Verdict};

impl Contacts {
    /// A moment. Without a time of day it is the start of the day.
    /// Reasons: those of dates for the day, `not_a_time` for the rest.
    pub fn timestamp(&self, raw: &str) -> Date {
        let text = raw.trim();
        let split = text
            .find(['T', ' '])
            .filter(|at| text.get(..*at).is_some_and(|d| d.contains(|c: char| c.is_ascii_digit())));
        let (day, time) =
            split.map_or((text, ""), |at| (text.get(..at).unwrap_or(text), text.get(at + 1..).unwrap_or("")));
        let date = self.date(day);
        let Some(day) = date.standard.as_ref().filter(|_| date.assessment.usable()) else { return date };
        let clock = if time.is_empty() { Some([0, 0, 0]) } else { clock(time) };
        match clock {
            Some([hour, minute, second]) => {
                Date { standard: Some(format!("{day}T{hour:02}:{minute:02}:{second:02}")), assessment: date.assessment }
            }
            None => Date { standard: None, assessment: Assessment::new(Verdict::Invalid, "not_a_time") },
        }
    }

    /// When a row was changed: its day in any spelling of [`Contacts::date`], with the time of day where one is written
    /// with a colon; midnight is none. None where there is no day.
    pub fn changed_at(&self, raw: &str) -> Option<String> {
        let mut changed = self.date(raw).standard?;
        let digits_before = |colon: usize| {
            let before = raw.get(..colon).unwrap_or("");
            before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len()
        };
        let time = raw.find(':').and_then(|colon| raw.get(colon - digits_before(colon)..)).and_then(clock);
        if let Some([hour, minute, second]) = time.filter(|time| *time != [0, 0, 0]) {
            // A leap second is the last one of its minute.
            changed.push_str(&format!("T{hour:02}:{minute:02}:{:02}", second.min(59)));
        }
        Some(changed)
    }
}

/// Hour, minute and second of `14:02`, `14:02:11`, `14:02:11.250+01:00`, `2:02 pm` or `14.02`.
fn clock(time: &str) -> Option<[u32; 3]> {
    let end = time.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(time.len());
    let mut parts = time.get(..end)?.split([':', '.']);
    let mut next = || parts.next().map_or(Some(0), |p| p.parse::<u32>().ok());
    let [hour, minute, second] = [next()?, next()?, next()?];
    let half = time.get(end..)?.trim_start().get(..2).unwrap_or("");
    let hour = match hour {
        12 if half.eq_ignore_ascii_case("am") => 0,
        1..12 if half.eq_ignore_ascii_case("pm") => hour + 12,
        hour => hour,
    };
    (hour < 24 && minute < 60 && second < 61).then_some([hour, minute, second])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn moments_in_many_spellings() {
        let contacts = Contacts::new(&Default::default());
        for (raw, standard) in [
            ("2026-03-05 14:02:11", "2026-03-05T14:02:11"),
            ("2026-03-05T14:02:11.250+01:00", "2026-03-05T14:02:11"),
            ("05.03.2026 14:02", "2026-03-05T14:02:00"),
            ("2026-03-05", "2026-03-05T00:00:00"),
            ("2026-03-05 2:02 PM", "2026-03-05T14:02:00"),
            ("2026-03-05 12:02:03 am", "2026-03-05T00:02:03"),
            ("2026-03-05 12:02 PM", "2026-03-05T12:02:00"),
        ] {
            assert_eq!(contacts.timestamp(raw).standard.as_deref(), Some(standard), "{raw}");
        }
        assert_eq!(contacts.timestamp("2026-03-05 25:00").assessment.reason, Some("not_a_time"));
        assert_eq!(contacts.timestamp("2026-03-05T14:02:11").standard.as_deref(), Some("2026-03-05T14:02:11"));
    }

    #[test]
    fn changes_have_a_day_and_perhaps_a_time() {
        let contacts = Contacts::new(&Default::default());
        for (raw, changed) in [
            ("2026-01-01", Some("2026-01-01")),
            ("2026-01-01 08:00", Some("2026-01-01T08:00:00")),
            ("2026-01-01T20:00:00.25+02:00", Some("2026-01-01T20:00:00")),
            ("2026-01-01T00:00:00Z", Some("2026-01-01")),
            ("1. 1. 2026. 9:05", Some("2026-01-01T09:05:00")),
            ("Jan 1, 2026 9:05:07 PM", Some("2026-01-01T21:05:07")),
            ("2026-01-01 25:00", Some("2026-01-01")),
            ("2026-01-01 23:59:60", Some("2026-01-01T23:59:59")),
            ("31.02.2026 10:00", None),
            ("10:00", None),
            ("", None),
        ] {
            assert_eq!(contacts.changed_at(raw).as_deref(), changed, "{raw}");
        }
    }

    proptest::proptest! {
        #[test]
        fn changes_are_total_and_read_back(raw in ".*|[0-9]{4}-[01][0-9]-[0-3][0-9].[0-9]{1,2}:[0-9]{2}.{0,6}|.*:.*") {
            let contacts = Contacts::new(&Default::default());
            if let Some(changed) = contacts.changed_at(&raw) {
                proptest::prop_assert!(crate::day::moment(&changed).is_some(), "{}", changed);
                proptest::prop_assert_eq!(contacts.changed_at(&changed), Some(changed));
            }
        }
    }
}
