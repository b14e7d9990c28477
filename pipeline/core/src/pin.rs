//! A steward's word on one field of one customer, as a line of JSON. Enter: the lines of a pins file. Leave: the pins in
//! force on a day. Never here: files, clocks, whether a value is right.
//!
//! A pin names the golden record and the source records it then had: after a merge the survivor inherits the pin, and a
//! customer whose golden id was lost keeps it by its records.

use crate::judgement::{RecordName, day};
use crate::lines::{LineError, objects};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One line of a pins file. The later line about a golden record and a field counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    pub golden_id: String,
    /// Source records of the customer on the day of the decision.
    pub records: Vec<RecordName>,
    /// A golden field, or `address_key`, which goes with a pinned address.
    pub field: String,
    /// Nothing: the field stays empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Takes an earlier pin back: the sources decide again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub released: bool,
    /// Day of the decision.
    #[serde(with = "day")]
    pub decided_on: NaiveDate,
    /// Last day of the pin; none: until it is released.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_day")]
    pub until: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steward: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A date as YYYY-MM-DD, or none.
mod optional_day {
    use chrono::NaiveDate;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(day: &Option<NaiveDate>, to: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => to.serialize_str(&day.to_string()),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}

impl Pin {
    /// Whether the pin decides on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        !self.released && self.decided_on <= day && self.until.is_none_or(|until| day <= until)
    }
}

const WANTED: &str = "not a pin: golden_id, records, field and decided_on (YYYY-MM-DD) are wanted; value, until, released, steward and note may be given";

/// The latest line about each golden record and field, in the order of decisions: later ones last. Blank lines are
/// nothing.
pub fn parse(text: &str) -> Result<Vec<Pin>, LineError> {
    let mut latest: BTreeMap<(String, String), (usize, Pin)> = BTreeMap::new();
    for object in objects::<Pin>(text, WANTED) {
        let (number, pin) = object?;
        latest.insert((pin.golden_id.clone(), pin.field.clone()), (number, pin));
    }
    let mut pins: Vec<(usize, Pin)> = latest.into_values().collect();
    pins.sort_by_key(|(line, pin)| (pin.decided_on, *line));
    Ok(pins.into_iter().map(|(_, pin)| pin).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::lines::line;

    fn pin(field: &str, value: Option<&str>, day: &str) -> Pin {
        Pin {
            golden_id: "ZABC".into(),
            records: vec![RecordName { source: "crm".into(), source_key: "1".into() }],
            field: field.into(),
            value: value.map(String::from),
            released: false,
            decided_on: day.parse().unwrap(),
            until: Some("2026-12-31".parse().unwrap()),
            steward: None,
            note: None,
        }
    }

    #[test]
    fn the_later_line_about_a_field_counts_until_its_day() {
        let first = pin("email", Some("a@example.org"), "2026-11-01");
        let second = pin("email", None, "2026-11-02");
        let other = pin("phone", Some("+48601222333"), "2026-10-30");
        let text = line(&first) + "\n" + &line(&other) + &line(&second);
        assert_eq!(parse(&text).unwrap(), [other.clone(), second.clone()]);
        let on = |pin: &Pin, day: &str| pin.holds_on(day.parse().unwrap());
        assert!(on(&other, "2026-12-31") && !on(&other, "2027-01-01") && !on(&other, "2026-10-29"));
        let released = Pin { released: true, ..second };
        assert!(!on(&released, "2026-11-02"));
        assert!(on(&Pin { until: None, ..first }, "2099-01-01"));
    }

    #[test]
    fn a_bad_line_is_named_and_not_quoted() {
        for (bad, wanted) in
            [("{\"golden_id\": 7}", "not a pin"), ("{\"golden_id\": \"secret", "cut off"), ("pin", "not JSON")]
        {
            let error = parse(&format!("{}{bad}", line(&pin("email", None, "2026-11-01")))).unwrap_err();
            assert_eq!(error.line, 2);
            assert!(error.to_string().contains(wanted) && !error.to_string().contains("secret"), "{error}");
        }
    }
}
