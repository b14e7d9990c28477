//! Moments as sources write them. Enters: `2026-03-05 14:02:11`, `05.03.2026 14:02`, `2026-03-05T14:02:11Z`.
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
}

/// Hour, minute and second of `14:02`, `14:02:11`, `14:02:11.250+01:00` or `14.02`.
fn clock(time: &str) -> Option<[u32; 3]> {
    let end = time.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(time.len());
    let mut parts = time.get(..end)?.split([':', '.']);
    let mut next = || parts.next().map_or(Some(0), |p| p.parse::<u32>().ok());
    let clock = [next()?, next()?, next()?];
    let [hour, minute, second] = clock;
    (hour < 24 && minute < 60 && second < 61).then_some(clock)
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
        ] {
            assert_eq!(contacts.timestamp(raw).standard.as_deref(), Some(standard), "{raw}");
        }
        assert_eq!(contacts.timestamp("2026-03-05 25:00").assessment.reason, Some("not_a_time"));
        assert_eq!(contacts.timestamp("2026-03-05T14:02:11").standard.as_deref(), Some("2026-03-05T14:02:11"));
    }
}
