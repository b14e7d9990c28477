//! A steward's verdict on two records, as a line of JSON. Enter: the lines of a judgements file. Leave: the verdict in
//! force for each pair. Never here: files, clocks, numbers of records: a judgement names source and key, so that it
//! holds in every later run.

use crate::lines::{LineError, objects};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether two records are of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Same,
    Different,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
        }
    }
}

/// A record as its source knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordName {
    pub source: String,
    pub source_key: String,
}

/// One line of a judgements file. The later line about a pair counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    pub left: RecordName,
    pub right: RecordName,
    pub verdict: Verdict,
    /// Day of the decision.
    #[serde(with = "day")]
    pub decided_on: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steward: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A date as YYYY-MM-DD.
pub(crate) mod day {
    use chrono::NaiveDate;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(day: &NaiveDate, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&day.to_string())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveDate, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

const WANTED: &str = "not a judgement: left, right (each with source and source_key), verdict (same or different) and decided_on (YYYY-MM-DD) are wanted, steward and note may be given";

/// The judgement in force for each pair, ordered by pair; blank lines are nothing.
pub fn parse(text: &str) -> Result<Vec<Judgement>, LineError> {
    let mut latest: BTreeMap<(RecordName, RecordName), Judgement> = BTreeMap::new();
    for object in objects::<Judgement>(text, WANTED) {
        let (line, mut judgement) = object?;
        if judgement.left == judgement.right {
            return Err(LineError { line, column: 1, message: "both records are the same one".into() });
        }
        if judgement.right < judgement.left {
            std::mem::swap(&mut judgement.left, &mut judgement.right);
        }
        latest.insert((judgement.left.clone(), judgement.right.clone()), judgement);
    }
    Ok(latest.into_values().collect())
}

/// Of judgements in force, those of two different people that others make one, directly or through further records.
pub fn contradicted(judgements: &[Judgement]) -> Vec<&Judgement> {
    let mut group: BTreeMap<&RecordName, usize> = BTreeMap::new();
    let mut members: Vec<Vec<&RecordName>> = Vec::new();
    for judgement in judgements.iter().filter(|j| j.verdict == Verdict::Same) {
        let [a, b] = [&judgement.left, &judgement.right].map(|name| {
            *group.entry(name).or_insert_with(|| {
                members.push(vec![name]);
                members.len() - 1
            })
        });
        if a != b {
            let moved = members.get_mut(b).map(std::mem::take).unwrap_or_default();
            for name in &moved {
                group.insert(name, a);
            }
            members.iter_mut().skip(a).take(1).for_each(|into| into.extend(&moved));
        }
    }
    let one = |j: &&Judgement| group.get(&j.left).is_some_and(|left| group.get(&j.right) == Some(left));
    judgements.iter().filter(|j| j.verdict == Verdict::Different).filter(one).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::lines::line;

    fn judgement(left: &str, right: &str, verdict: Verdict) -> Judgement {
        let name = |key: &str| RecordName { source: "crm".into(), source_key: key.into() };
        let decided_on = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        Judgement { left: name(left), right: name(right), verdict, decided_on, steward: None, note: None }
    }

    #[test]
    fn the_later_line_counts_whichever_record_comes_first() {
        let text = line(&judgement("b", "a", Verdict::Same))
            + "\n"
            + &line(&judgement("c", "d", Verdict::Same))
            + &line(&judgement("a", "b", Verdict::Different));
        let found = parse(&text).unwrap();
        assert_eq!(found, [judgement("a", "b", Verdict::Different), judgement("c", "d", Verdict::Same)]);
    }

    #[test]
    fn two_people_whom_other_judgements_make_one_are_found() {
        let same = |l, r| judgement(l, r, Verdict::Same);
        let apart = |l, r| judgement(l, r, Verdict::Different);
        let all = [same("a", "b"), same("c", "d"), apart("a", "e"), apart("b", "d"), apart("x", "y")];
        assert_eq!(contradicted(&all), Vec::<&Judgement>::new());
        let more = [&all[..], &[same("e", "f"), same("d", "a")]].concat();
        assert_eq!(contradicted(&more), [&apart("b", "d")]);
        let most = [&more[..], &[same("f", "c")]].concat();
        assert_eq!(contradicted(&most), [&apart("a", "e"), &apart("b", "d")]);
    }

    #[test]
    fn a_bad_line_is_named_and_not_quoted() {
        let good = line(&judgement("a", "b", Verdict::Same));
        for (bad, wanted) in [
            ("{\"left\": 1}", "not a judgement"),
            ("{\"left\": {\"source\": \"secret", "the line is cut off"),
            ("same a b", "not JSON"),
            (line(&judgement("a", "a", Verdict::Same)).as_str(), "the same one"),
        ] {
            let error = parse(&format!("{good}{bad}")).unwrap_err();
            assert_eq!(error.line, 2, "{bad}");
            assert!(error.to_string().contains(wanted) && !error.to_string().contains("secret"), "{error}");
        }
    }
}
