//! Examples from the postal services, the labelled suite, and properties.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use proptest::prelude::*;

fn addresses() -> Addresses {
    Addresses::new(&crate::rules::addresses::Addresses::default(), embedded_packs())
}

fn line<'a>(text: &'a str) -> AddressInput<'a> {
    AddressInput { address: Some(text), ..AddressInput::default() }
}

#[test]
fn shipped_packs_are_free_of_findings() {
    for (name, text) in [
        ("pl", include_str!("../../../../rules/countries/pl.toml")),
        ("rs", include_str!("../../../../rules/countries/rs.toml")),
        ("si", include_str!("../../../../rules/countries/si.toml")),
        ("lv", include_str!("../../../../rules/countries/lv.toml")),
    ] {
        assert_eq!(parse_pack(name, text).map(|p| p.code.to_lowercase()), Ok::<_, Vec<crate::rules::diagnostics::Diagnostic>>(name.to_string()));
    }
    assert_eq!(embedded_packs().len(), 4);
}

/// Parts by the names that the tables use.
fn part(a: &Address, name: &str) -> Option<String> {
    match name {
        "street" => a.street.clone(),
        "number" => a.house_number.clone(),
        "unit" => a.unit.clone(),
        "level" => a.level.clone(),
        "staircase" => a.staircase.clone(),
        "po_box" => a.po_box.clone(),
        "postal_code" => a.postal_code.clone(),
        "locality" => a.locality.clone(),
        "district" => a.district.clone(),
        "region" => a.region.clone(),
        "country" => a.country.clone(),
        "standard" => a.standard.clone(),
        "street_key" => a.street_key.clone(),
        "key" => a.address_key.clone(),
        "verdict" => Some(a.assessment.verdict.as_str().to_string()),
        "reason" => a.assessment.reason.map(str::to_string),
        other => panic!("unknown part {other}"),
    }
}

/// A table: input, tab, expectation, both either plain text or `part=value|part=value`.
/// The five main parts must agree, absent ones too; the others only where they are named.
fn hard_cases(country: &str, table: &str, floor: f64) {
    let addresses = addresses();
    let (mut total, mut wrong) = (0, Vec::new());
    for row in table.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let (input, expected) = row.split_once('\t').unwrap();
        let columns: BTreeMap<&str, &str> = if input.contains('=') {
            input.split('|').map(|c| c.split_once('=').unwrap()).collect()
        } else {
            BTreeMap::from([("address", input)])
        };
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
        let found = addresses.address(&given, Some(country));
        let expected: BTreeMap<&str, &str> = expected.split('|').filter(|e| !e.is_empty()).map(|c| c.split_once('=').unwrap()).collect();
        let main = ["street", "number", "unit", "postal_code", "locality"];
        let names = main.iter().chain(expected.keys().filter(|k| !main.contains(k)));
        let differences: Vec<String> = names
            .filter_map(|name| {
                let (want, have) = (expected.get(name).map(|v| v.to_string()), part(&found, name));
                (want != have).then(|| format!("{name}: wanted {want:?}, got {have:?}"))
            })
            .collect();
        total += 1;
        if !differences.is_empty() {
            wrong.push(format!("{input}\n    {}", differences.join("; ")));
        }
    }
    let rate = 1.0 - wrong.len() as f64 / f64::from(total);
    eprintln!("{country}: {total} hard cases, {rate:.3} right\n{}", wrong.join("\n"));
    assert!(total >= 40, "{country}: {total} cases");
    assert!(rate >= floor, "{country}: {rate}");
}

#[test]
fn hard_cases_of_poland() {
    hard_cases("PL", include_str!("testdata/pl.tsv"), 1.0);
}

#[test]
fn hard_cases_of_serbia() {
    hard_cases("RS", include_str!("testdata/rs.tsv"), 1.0);
}

#[test]
fn hard_cases_of_slovenia() {
    hard_cases("SI", include_str!("testdata/si.tsv"), 1.0);
}

#[test]
fn hard_cases_of_latvia() {
    hard_cases("LV", include_str!("testdata/lv.tsv"), 1.0);
}

/// One CSV row; the suite quotes with double quotes.
fn csv_row(row: &str) -> Vec<String> {
    let (mut out, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = row.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.push(chars.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    out.push(field);
    out
}

/// Floors a little under what is reached, per country: all five fields right.
const SENZING_FLOORS: [(&str, f64); 4] = [("PL", 0.97), ("RS", 0.95), ("SI", 0.95), ("LV", 0.95)];

#[test]
fn senzing_rows_of_the_first_markets() {
    let folder = std::env::var("ZLATO_DATA").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_string());
    let Ok(text) = std::fs::read_to_string(format!("{folder}/contact/senzing_libpostal_test_v1.2.0.csv")) else {
        eprintln!("skipped: no data in ZLATO_DATA");
        return;
    };
    let mut rows = text.lines().map(csv_row);
    let header = rows.next().unwrap();
    let rows: Vec<Vec<String>> = rows.collect();
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    let compact = |t: Option<&str>| fold(t.unwrap_or("")).replace(' ', "");
    let addresses = addresses();
    for (country, floor) in SENZING_FLOORS {
        let fields = ["road", "house_number", "unit", "postcode", "city"];
        let mut right = [0; 5];
        let (mut all, mut total) = (0, 0);
        for row in rows.iter().filter(|r| r.get(at("country_code")).is_some_and(|c| c.eq_ignore_ascii_case(country))) {
            let found = addresses.address(&line(&row[at("full_address")]), Some(country));
            let have = [&found.street, &found.house_number, &found.unit, &found.postal_code, &found.locality];
            let ok: Vec<bool> = (0..5).map(|n| compact(Some(&row[at(fields[n])])) == compact(have[n].as_deref())).collect();
            total += 1;
            all += usize::from(ok.iter().all(|o| *o));
            (0..5).for_each(|n| right[n] += usize::from(ok[n]));
            if !ok.iter().all(|o| *o) {
                eprintln!("  {country} {}: {have:?}", row[at("full_address")]);
            }
        }
        let rate = f64::from(u32::try_from(all).unwrap()) / f64::from(total);
        eprintln!("{country}: {total} rows, all five {rate:.3}; {fields:?} {right:?}");
        assert!(rate >= floor, "{country}: {rate}");
    }
}
