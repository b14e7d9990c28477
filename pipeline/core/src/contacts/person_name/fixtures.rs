//! The tables of hard names in `fixtures/names`, written from the conventions of each country: one field, or given and
//! family name parted by `|`, and what they must give.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::tests::contacts;
use super::*;

fn table(csv: &str, country: &str) {
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in csv.lines().skip(1).filter(|l| !l.is_empty()) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [raw, expected @ ..] = columns.as_slice() else { panic!("{line}") };
        let input = match raw.split_once('|') {
            Some((given, family)) => {
                NameInput { given_name: Some(given), family_name: Some(family), ..NameInput::default() }
            }
            None => NameInput { full_name: Some(raw), ..NameInput::default() },
        };
        let name = contacts().person_name(&NameInput { country: Some(country), ..input });
        let reason = name.assessment.reason.map_or(String::new(), |r| format!("/{r}"));
        let verdict = format!("{}{reason}", name.assessment.verdict.as_str());
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let parts =
            [&name.given_name, &name.middle_name, &name.family_name, &name.honorific_prefix, &name.honorific_suffix];
        let found: Vec<String> = parts.map(text).into_iter().chain([verdict]).collect();
        rows += 1;
        if found != expected {
            wrong.push(format!("{raw}: {found:?}, not {expected:?}"));
        }
    }
    assert!(rows >= 120, "{rows}");
    assert!(wrong.is_empty(), "{} of {rows} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn polish() {
    table(include_str!("../../../../../fixtures/names/pl.tsv"), "PL");
}

#[test]
fn serbian() {
    table(include_str!("../../../../../fixtures/names/sr.tsv"), "RS");
}

#[test]
fn slovenian() {
    table(include_str!("../../../../../fixtures/names/sl.tsv"), "SI");
}

#[test]
fn latvian() {
    table(include_str!("../../../../../fixtures/names/lv.tsv"), "LV");
}
