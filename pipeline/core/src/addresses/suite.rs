//! The labelled suite (rows from OpenStreetMap, see data/README.md), as given and in careless spellings.
//! Skipped where the data is absent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::tests::{addresses, line};
use crate::text::fold;

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

/// What is demanded of each country: all five fields right. For the first markets the goal set for them, for the
/// others more than libpostal's published share of rows without a fault (its comparison of version 1.2.0; the better
/// of its two models), or as much where that is all of them. Estonia alone stays under it: in one of its rows a farm's name
/// stands before the street.
const SENZING_FLOORS: [(&str, f64); 15] = [
    ("PL", 0.98),
    ("RS", 0.97),
    ("SI", 0.99),
    ("LV", 0.98),
    ("AT", 0.9472),
    ("BA", 0.84),
    ("CZ", 1.0),
    ("DE", 0.9169),
    ("EE", 0.96),
    ("HR", 1.0),
    ("HU", 0.9605),
    ("LT", 0.9762),
    ("MK", 0.96),
    ("SK", 0.88),
    ("US", 0.9543),
];

#[test]
fn senzing_rows_of_every_country_with_a_pack() {
    let folder = std::env::var("ZLATO_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_string());
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
    let mut missed = Vec::new();
    for (country, floor) in SENZING_FLOORS {
        let fields = ["road", "house_number", "unit", "postcode", "city"];
        let mut right = [0; 5];
        let (mut all, mut total) = (0, 0);
        for row in rows.iter().filter(|r| r.get(at("country_code")).is_some_and(|c| c.eq_ignore_ascii_case(country))) {
            let found = addresses.address(&line(&row[at("full_address")]), Some(country));
            let have = [&found.street, &found.house_number, &found.unit, &found.postal_code, &found.locality];
            // The labels keep the word for the flat ("apt 4"); ours is the flat alone.
            let bare = |n: usize| row[at(fields[n])].rsplit(' ').next().filter(|_| fields[n] == "unit");
            let same = |n: usize| {
                let have = compact(have[n].as_deref());
                have == compact(Some(&row[at(fields[n])])) || !have.is_empty() && have == compact(bare(n))
            };
            let ok: Vec<bool> = (0..5).map(same).collect();
            total += 1;
            all += usize::from(ok.iter().all(|o| *o));
            (0..5).for_each(|n| right[n] += usize::from(ok[n]));
            if !ok.iter().all(|o| *o) {
                let want = fields.map(|f| row[at(f)].as_str());
                eprintln!("  {country} {}: {have:?}, wanted {want:?}", row[at("full_address")]);
            }
        }
        let rate = f64::from(u32::try_from(all).unwrap()) / f64::from(total);
        eprintln!("{country}: {all} of {total} rows, all five {rate:.4}; {fields:?} {right:?}");
        if rate < floor {
            missed.push(format!("{country}: {rate:.4} of {floor}"));
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

/// Spellings of one address that people type: none may change what it is.
#[test]
fn careless_spellings_of_the_suite_keep_their_parts() {
    let folder = std::env::var("ZLATO_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_string());
    let Ok(text) = std::fs::read_to_string(format!("{folder}/contact/senzing_libpostal_test_v1.2.0.csv")) else {
        eprintln!("skipped: no data in ZLATO_DATA");
        return;
    };
    let mut rows = text.lines().map(csv_row);
    let header = rows.next().unwrap();
    let rows: Vec<Vec<String>> = rows.collect();
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    let addresses = addresses();
    type Spelling = fn(&str, &str, &str, &str) -> String;
    let spellings: [(&str, f64, Spelling); 7] = [
        ("upper case", 0.97, |r, n, p, c| format!("{r} {n}, {p} {c}").to_uppercase()),
        ("no commas", 0.95, |r, n, p, c| format!("{r} {n} {p} {c}")),
        ("folded", 0.97, |r, n, p, c| format!("{} {n}, {p} {}", fold(r), fold(c))),
        ("town first", 0.95, |r, n, p, c| format!("{p} {c}, {r} {n}")),
        ("code last", 0.95, |r, n, p, c| format!("{r} {n}, {c}, {p}")),
        ("town, street", 0.95, |r, n, _, c| format!("{c}, {r} {n}")),
        ("lines", 0.97, |r, n, p, c| format!("{r} {n}\r\n{p} {c}\n")),
    ];
    let compact = |t: &str| fold(t).replace(' ', "");
    for country in ["PL", "RS", "SI", "LV"] {
        for (name, floor, spell) in spellings {
            let (mut total, mut right) = (0, 0);
            for row in
                rows.iter().filter(|r| r.get(at("country_code")).is_some_and(|c| c.eq_ignore_ascii_case(country)))
            {
                let field = |f: &str| row[at(f)].as_str();
                let (road, number, code, city) =
                    (field("road"), field("house_number"), field("postcode"), field("city"));
                if number.contains(' ') || code.is_empty() {
                    continue;
                }
                let text = spell(road, number, code, city);
                let found = addresses.address(&line(&text), Some(country));
                let same = |a: &Option<String>, b: &str| compact(a.as_deref().unwrap_or("")) == compact(b);
                let ok = same(&found.street, road) && same(&found.house_number, number) && same(&found.locality, city);
                total += 1;
                right += u32::from(ok);
                if !ok {
                    eprintln!(
                        "  {country} {name}: {text}: {:?} {:?} {:?}",
                        found.street, found.house_number, found.locality
                    );
                }
            }
            let rate = f64::from(right) / f64::from(total);
            eprintln!("{country} {name}: {total} rows, {rate:.3}");
            assert!(rate >= floor, "{country} {name}: {rate}");
        }
    }
}
