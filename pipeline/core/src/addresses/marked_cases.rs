//! Addresses of our own with their parts marked in place (`fixtures/addresses`, whose README tells the notation).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::tests::addresses;
use super::{Address, AddressInput};
use crate::text::fold;
use std::collections::BTreeMap;

/// Parts that must be absent unless marked; district and region may be found beside them.
const ALWAYS: [char; 8] = ['s', 'n', 'u', 'f', 'e', 'b', 'p', 'l'];

fn part(a: &Address, mark: char) -> Option<&str> {
    match mark {
        's' => &a.street,
        'n' => &a.house_number,
        'u' => &a.unit,
        'f' => &a.level,
        'e' => &a.staircase,
        'b' => &a.po_box,
        'p' => &a.postal_code,
        'l' => &a.locality,
        'd' => &a.district,
        'r' => &a.region,
        other => panic!("no mark {other}"),
    }
    .as_deref()
}

/// The text without its marks; what they mark goes to `expected`.
fn unmark(text: &str, expected: &mut BTreeMap<char, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (mark, tail) = after.split_once('}').expect("a mark ends");
        let (name, value) = mark.split_once(':').expect("a mark has a name");
        let (written, wanted) = value.split_once('=').unwrap_or((value, value));
        expected.insert(name.chars().next().unwrap(), wanted.to_string());
        out.push_str(before);
        out.push_str(written);
        rest = tail;
    }
    out.push_str(rest);
    out.replace('⏎', "\n")
}

/// The columns of `@street x @number y`, or the whole text as one.
fn columns(text: &str) -> BTreeMap<&str, &str> {
    if !text.starts_with('@') {
        return BTreeMap::from([("address", text)]);
    }
    text.split('@').skip(1).map(|c| c.trim().split_once(' ').unwrap_or((c.trim(), ""))).collect()
}

fn compact(text: &str) -> String {
    fold(text).replace(' ', "")
}

/// What is wrong with one line, and why it is known to be.
fn check(country: &str, row: &str) -> (Vec<String>, Option<String>) {
    let mut fields = row.split('\t');
    let mut expected = BTreeMap::new();
    let text = unmark(fields.next().unwrap(), &mut expected);
    let (mut open, mut standard, mut reason, mut known) = (Vec::new(), None, None, None);
    let mut code = None;
    for field in fields {
        if let Some(why) = field.strip_prefix("known: ") {
            known = Some(why.to_string());
        } else if let Some(line) = field.strip_prefix("std=") {
            standard = Some(line.to_string());
        } else if let Some((name, value)) = field.split_once('=').filter(|_| !field.starts_with('?')) {
            match name {
                "why" => reason = Some(value),
                "country" => code = Some(value),
                mark => {
                    expected.insert(mark.chars().next().unwrap(), value.to_string());
                }
            }
        } else {
            open.extend(field.split(' ').filter_map(|o| o.strip_prefix('?')?.chars().next()));
        }
    }
    let columns = columns(&text);
    let column = |name: &str| columns.get(name).copied();
    let given = AddressInput {
        address: column("address"),
        street_address: column("street_address"),
        street: column("street"),
        house_number: column("number"),
        unit: column("unit"),
        postal_code: column("postal_code"),
        locality: column("locality"),
        region: column("region"),
        country: column("country"),
    };
    let found = addresses().address(&given, Some(country));
    let mut wrong = Vec::new();
    let marks = ALWAYS.iter().chain(expected.keys().filter(|k| !ALWAYS.contains(k)));
    for mark in marks.filter(|m| !open.contains(*m)) {
        let (want, have) = (expected.get(mark).map(String::as_str), part(&found, *mark));
        if want.map(compact) != have.map(compact) {
            wrong.push(format!("{mark}: wanted {want:?}, got {have:?}"));
        }
    }
    if standard.is_some() && standard != found.standard {
        wrong.push(format!("wanted {standard:?}, got {:?}", found.standard));
    }
    if reason.is_some() && reason != found.assessment.reason {
        wrong.push(format!("wanted {reason:?}, got {:?}", found.assessment.reason));
    }
    if code.is_some() && code != found.country.as_deref() {
        wrong.push(format!("wanted {code:?}, got {:?}", found.country));
    }
    if let Some(standard) = found.standard.as_ref().filter(|_| found.assessment.usable()) {
        let line = AddressInput { address: Some(standard), ..AddressInput::default() };
        let again = addresses().address(&line, found.country.as_deref());
        if again.address_key != found.address_key || again.standard.as_ref() != Some(standard) {
            wrong.push(format!(
                "{standard:?} gives {:?}, {:?} after {:?}",
                again.standard, again.address_key, found.address_key
            ));
        }
    }
    if !wrong.is_empty() {
        wrong.insert(0, text.replace('\n', "⏎"));
    }
    (wrong, known)
}

fn cases(country: &str, name: &str, table: &str, least: usize) {
    let (mut total, mut right, mut surprises) = (0, 0, Vec::new());
    for row in table.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let (wrong, known) = check(country, row);
        total += 1;
        right += usize::from(wrong.is_empty());
        match (wrong.is_empty(), known) {
            (true, Some(_)) => surprises.push(format!("{row}\n    passes: it is no known failure any more")),
            (false, None) => surprises.push(wrong.join("\n    ")),
            _ => {}
        }
    }
    let share = right as f64 / total as f64;
    eprintln!("{name}: {right} of {total} right ({share:.3})\n{}", surprises.join("\n"));
    assert!(total >= least, "{name}: {total} lines");
    assert!(share >= 0.95 && surprises.is_empty(), "{name}: {share:.3}, {} surprises", surprises.len());
}

macro_rules! suites {
    ($($test:ident $country:literal $file:literal $least:literal)*) => { $(
        #[test]
        fn $test() {
            cases($country, $file, include_str!(concat!("../../../../fixtures/addresses/", $file)), $least);
        }
    )* };
}

suites! {
    hard_cases_pl "PL" "pl.tsv" 150
    hard_cases_rs "RS" "rs.tsv" 150
    hard_cases_si "SI" "si.tsv" 150
    hard_cases_lv "LV" "lv.tsv" 150
    cases_at "AT" "at.tsv" 5
    cases_cz "CZ" "cz.tsv" 5
    cases_de "DE" "de.tsv" 10
    cases_ee "EE" "ee.tsv" 20
    cases_hr "HR" "hr.tsv" 20
    cases_hu "HU" "hu.tsv" 5
    cases_lt "LT" "lt.tsv" 5
    cases_sk "SK" "sk.tsv" 5
    cases_us "US" "us.tsv" 10
    lines_pl "PL" "pl_lines.tsv" 60
    lines_rs "RS" "rs_lines.tsv" 60
    lines_si "SI" "si_lines.tsv" 60
    lines_lv "LV" "lv_lines.tsv" 60
}
