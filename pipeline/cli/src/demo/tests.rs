//! The whole generator on small numbers: same bytes, valid ids, a truth for every key, rows that parse.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::output::FileSummary;
use super::{DemoOptions, generate, letters, national_id};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

const FILES: [&str; 10] = [
    "crm.csv",
    "webshop.ndjson.gz",
    "contact_centre.csv",
    "prospects.csv",
    "profiles_lifestyle.csv",
    "profiles_hashed.csv.gz",
    "events.ndjson",
    "truth.csv",
    "truth_people.csv",
    "truth_broken.csv",
];

fn demo(customers: u64, seed: u64) -> (tempfile::TempDir, Vec<FileSummary>) {
    let folder = tempfile::tempdir().unwrap();
    let summary = generate(&DemoOptions::new(customers, seed, folder.path().to_owned()), &mut |_| {}).unwrap();
    assert_eq!(summary.customers, customers);
    (folder, summary.files)
}

pub fn bytes(folder: &Path, file: &str) -> Vec<u8> {
    let raw = std::fs::read(folder.join(file)).unwrap();
    if !file.ends_with(".gz") {
        return raw;
    }
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(raw.as_slice()).read_to_end(&mut out).unwrap();
    out
}

pub fn text(folder: &Path, file: &str) -> String {
    let raw = bytes(folder, file);
    if file == "crm.csv" {
        encoding_rs::WINDOWS_1250.decode(&raw).0.into_owned()
    } else {
        String::from_utf8_lossy(&raw).into_owned()
    }
}

/// A plain reader of RFC 4180, good enough for files we wrote.
pub fn records(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field, mut quoted) = (vec![], vec![], String::new(), false);
    let mut letters = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            '\r' if !quoted => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            c if c == delimiter && !quoted => record.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    records
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_gives_others() {
    let (first, _) = demo(700, 5);
    let (again, _) = demo(700, 5);
    let (other, _) = demo(700, 6);
    for file in FILES {
        assert_eq!(
            std::fs::read(first.path().join(file)).unwrap(),
            std::fs::read(again.path().join(file)).unwrap(),
            "{file}"
        );
    }
    assert_ne!(bytes(first.path(), "crm.csv"), bytes(other.path(), "crm.csv"));
}

#[test]
fn the_sample_of_the_fixtures_is_what_this_generator_makes() {
    let (folder, _) = demo(1_500, 7);
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/sample");
    for file in FILES {
        assert!(bytes(folder.path(), file) == bytes(&sample, file), "{file}");
    }
}

#[test]
fn every_national_id_is_valid_for_its_person_and_belongs_to_one_person() {
    let (folder, _) = demo(4_000, 11);
    let mut seen = BTreeSet::new();
    for person in records(&text(folder.path(), "truth_people.csv"), ',').iter().skip(1) {
        let (country, sex, born, id) = (&person[2], &person[4], &person[5], &person[6]);
        assert!(national_id::valid(country, id), "{country} {id}");
        assert!(seen.insert((country.clone(), id.clone())), "{country} {id} twice");
        let (year, month, day) = (&born[..4], &born[5..7], &born[8..]);
        match country.as_str() {
            "PL" => {
                let century = if year.starts_with("20") { 20 } else { 0 };
                let month: u32 = month.parse().unwrap();
                assert_eq!(id[..6], format!("{}{:02}{day}", &year[2..], month + century));
                assert_eq!(id.as_bytes()[9] % 2 == 0, sex == "female");
            }
            "RS" | "SI" => {
                assert_eq!(id[..7], format!("{day}{month}{}", &year[1..]));
                assert_eq!(id.as_bytes()[9] >= b'5', sex == "female");
                assert_eq!(country == "SI", &id[7..9] == "50");
            }
            _ => assert_eq!(id[..6], format!("{day}{month}{}", &year[2..])),
        }
    }
    assert!(seen.len() >= 4_000);
}

#[test]
fn ids_of_one_day_never_meet() {
    let day = NaiveDate::from_ymd_opt(1984, 2, 29).unwrap();
    for country in ["PL", "RS", "SI", "LV"] {
        let serials = national_id::space(country);
        let ids: BTreeSet<String> = (0..serials).map(|s| national_id::national_id(country, day, true, s)).collect();
        assert_eq!(ids.len() as u64, serials, "{country}");
        assert!(ids.iter().all(|id| national_id::valid(country, id)), "{country}");
    }
}

#[test]
fn rows_parse_and_the_truth_names_every_key_that_survives() {
    let (folder, files) = demo(3_000, 3);
    let path = folder.path();
    let mut truth: BTreeMap<(String, String), String> = BTreeMap::new();
    for row in records(&text(path, "truth.csv"), ',').into_iter().skip(1) {
        let earlier = truth.insert((row[0].clone(), row[1].clone()), row[2].clone());
        assert_eq!(earlier, None, "one truth for each key");
    }
    let broken = records(&text(path, "truth_broken.csv"), ',');
    let entities: BTreeSet<String> =
        records(&text(path, "truth_people.csv"), ',').into_iter().map(|row| row[0].clone()).collect();
    assert!(truth.values().all(|entity| entities.contains(entity)));

    let mut found = 0;
    for (source, file, delimiter) in [
        ("crm", "crm.csv", ';'),
        ("contact_centre", "contact_centre.csv", ','),
        ("prospects", "prospects.csv", '\t'),
        ("profiles_lifestyle", "profiles_lifestyle.csv", ','),
        ("profiles_hashed", "profiles_hashed.csv.gz", ','),
    ] {
        let rows = records(&text(path, file), delimiter);
        let width = rows[0].len();
        let wrong_width = rows.iter().filter(|r| r.len() != width && r.len() > 1).count();
        let told = broken.iter().filter(|b| b[0] == source && b[2].ends_with("_fields")).count();
        assert!(wrong_width <= told, "{source}: {wrong_width} ragged rows, {told} told");
        let keys: BTreeSet<&String> = rows.iter().skip(1).filter(|r| r.len() == width).map(|r| &r[0]).collect();
        for (_, key) in truth.keys().filter(|(s, _)| s == source) {
            assert!(keys.contains(key), "{source} {key}");
            found += 1;
        }
    }
    let shop = text(path, "webshop.ndjson.gz");
    let keys: BTreeSet<String> = shop
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .map(|row| row["customer_id"].as_str().unwrap().to_owned())
        .collect();
    for (_, key) in truth.keys().filter(|(s, _)| s == "webshop") {
        assert!(keys.contains(key), "webshop {key}");
        found += 1;
    }
    assert_eq!(found, truth.len());
    assert!(files.iter().all(|f| f.rows > f.broken), "{files:?}");
}

#[test]
fn a_customer_has_about_two_rows() {
    let (folder, _) = demo(3_000, 9);
    let rows = records(&text(folder.path(), "truth.csv"), ',');
    let rows = rows.iter().filter(|r| ["crm", "webshop", "contact_centre"].contains(&r[0].as_str())).count();
    assert!((1.7..2.1).contains(&(rows as f64 / 3_000.0)), "{rows}");
}

#[test]
fn letters_are_those_of_the_source() {
    assert_eq!(letters::cyrillic("Ljubica Đorđević, Džep"), "Љубица Ђорђевић, Џеп");
    assert_eq!(letters::plain("Żółć Đorđe Bērziņš"), "Zolc Djordje Berzins");
    let mut out = Vec::new();
    letters::windows_1250("Łā", false, &mut out);
    letters::windows_1250("ņš", true, &mut out);
    assert_eq!(out, [0xA3, b'a', b'?', 0x9A]);
}
