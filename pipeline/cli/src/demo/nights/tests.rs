//! Nights of a small population: same bytes, rows that stay, a truth for every key, a log for every change.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::super::tests::{bytes, records, text};
use super::super::{DemoOptions, generate as one_night};
use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const SOURCES: [(&str, &str, char); 5] = [
    ("crm", "crm.csv", ';'),
    ("contact_centre", "contact_centre.csv", ','),
    ("prospects", "prospects.csv", '\t'),
    ("profiles_lifestyle", "profiles_lifestyle.csv", ','),
    ("profiles_hashed", "profiles_hashed.csv.gz", ','),
];

fn options(folder: &Path, customers: u64, nights: u32) -> NightsOptions {
    NightsOptions {
        demo: DemoOptions::new(customers, 5, folder.to_owned()),
        nights,
        broken_feed: BrokenFeed::Truncated,
        schema_change: SchemaChange::Shifted,
    }
}

fn live(customers: u64, nights: u32) -> (tempfile::TempDir, Vec<NightSummary>) {
    let folder = tempfile::tempdir().unwrap();
    let made = generate(&options(folder.path(), customers, nights), &mut |_, _| {}).unwrap();
    (folder, made)
}

/// Rows of one night by source and key; a row that does not parse, or whose key has a broken byte, is not among them.
fn rows_of(folder: &Path) -> BTreeMap<(String, String), Vec<String>> {
    let mut rows = BTreeMap::new();
    for (source, file, delimiter) in SOURCES {
        let records = records(&text(folder, file), delimiter);
        let width = records[0].len();
        for record in records.into_iter().skip(1).filter(|r| r.len() == width && !r[0].is_empty()) {
            rows.entry((source.to_owned(), record[0].clone())).or_insert(record);
        }
    }
    for line in text(folder, "webshop.ndjson.gz").lines() {
        if let Ok(row) = serde_json::from_str::<serde_json::Value>(line) {
            let key = row["customer_id"].as_str().unwrap().to_owned();
            rows.entry(("webshop".to_owned(), key)).or_insert(vec![line.to_owned()]);
        }
    }
    rows.retain(|(_, key), _| !key.contains(char::REPLACEMENT_CHARACTER) && !key.is_empty());
    rows
}

fn truth_of(folder: &Path) -> BTreeMap<(String, String), String> {
    let mut truth = BTreeMap::new();
    for row in records(&text(folder, "truth.csv"), ',').into_iter().skip(1) {
        assert_eq!(truth.insert((row[0].clone(), row[1].clone()), row[2].clone()), None, "one truth for each key");
    }
    truth
}

/// Keys of rows with a defect.
fn broken_of(folder: &Path) -> BTreeSet<(String, String)> {
    records(&text(folder, "truth_broken.csv"), ',').into_iter().map(|r| (r[0].clone(), r[1].clone())).collect()
}

fn changes_of(folder: &Path) -> Vec<serde_json::Value> {
    text(folder, "changes.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_same_options_give_the_same_bytes_and_more_nights_change_none_of_the_earlier() {
    let (first, made) = live(300, 4);
    let (again, _) = live(300, 4);
    let (longer, _) = live(300, 6);
    for night in &made {
        let name = night.folder.file_name().unwrap();
        for file in std::fs::read_dir(&night.folder).unwrap() {
            let file = file.unwrap().file_name();
            let read = |root: &Path| std::fs::read(root.join(name).join(&file)).unwrap();
            assert_eq!(read(first.path()), read(again.path()), "{name:?} {file:?}");
            assert_eq!(read(first.path()), read(longer.path()), "{name:?} {file:?}");
        }
    }
}

#[test]
fn the_first_night_has_the_people_and_rows_of_the_demo_of_one_night() {
    let (nights, made) = live(500, 2);
    let folder = tempfile::tempdir().unwrap();
    one_night(&DemoOptions::new(500, 5, folder.path().to_owned()), &mut |_| {}).unwrap();
    assert!(nights.path().join("night-01").is_dir());
    let first = &made[0].folder;
    assert_eq!(bytes(first, "truth_people.csv"), bytes(folder.path(), "truth_people.csv"));
    let (here, there) = (rows_of(first), rows_of(folder.path()));
    let (broken_here, broken_there) = (broken_of(first), broken_of(folder.path()));
    let whole = |key: &&(String, String)| !broken_here.contains(key) && !broken_there.contains(key);
    let common: Vec<_> = here.keys().filter(whole).collect();
    assert!(common.len() > 1_000);
    for key in common {
        assert_eq!(here.get(key), there.get(key), "{key:?}");
    }
    assert!(text(first, "changes.ndjson").is_empty());
}

#[test]
fn rows_change_only_where_the_log_says_so_and_stand_where_they_stood() {
    let (_folder, made) = live(1_500, 5);
    let mut kinds = BTreeSet::new();
    for pair in made.windows(2) {
        let (before, now) = (&pair[0].folder, &pair[1].folder);
        let (old, new) = (rows_of(before), rows_of(now));
        let broken = broken_of(now);
        let mut told = BTreeSet::new();
        for change in changes_of(now) {
            let kind = change["kind"].as_str().unwrap();
            kinds.insert(kind.to_owned());
            let stands = |name: &str, rows: &BTreeMap<_, _>| {
                let key = (change["source"].as_str().unwrap().to_owned(), change[name].as_str().unwrap().to_owned());
                rows.contains_key(&key) || broken.contains(&key)
            };
            match kind {
                "deleted" => assert!(!stands("key", &new), "{change}"),
                "merged" => assert!(!stands("key", &new) && stands("into", &new), "{change}"),
                "rekeyed" => assert!(!stands("key", &new) && stands("new_key", &new), "{change}"),
                "new_row" | "new_customer" => assert!(stands("key", &new), "{change}"),
                _ => {}
            }
            for name in ["key", "new_key", "into"] {
                if let (Some(source), Some(key)) = (change["source"].as_str(), change[name].as_str()) {
                    told.insert((source.to_owned(), key.to_owned()));
                }
            }
        }
        let all: BTreeSet<_> = old.keys().chain(new.keys()).filter(|key| !broken.contains(key)).collect();
        let changed: Vec<_> = all.iter().filter(|key| old.get(**key) != new.get(**key)).collect();
        assert!(changed.iter().all(|key| told.contains(**key)), "{changed:?}");
        let share = changed.len() as f64 / new.len() as f64;
        assert!((0.002..0.03).contains(&share), "{share} of the rows changed");

        let order = |folder: &Path, among: &BTreeMap<_, Vec<String>>| -> Vec<String> {
            let rows = records(&text(folder, "crm.csv"), ';');
            let known = |key: &String| among.contains_key(&("crm".to_owned(), key.clone()));
            rows.into_iter().filter_map(|r| r.into_iter().next()).filter(known).collect()
        };
        assert_eq!(order(before, &new), order(now, &old), "rows of both nights stand in one order");
        assert!(text(now, "events.ndjson").len() > text(before, "events.ndjson").len());
    }
    for kind in ["new_customer", "touched", "corrected", "edited", "moved", "deleted", "new_row"] {
        assert!(kinds.contains(kind), "{kind} in {kinds:?}");
    }
}

#[test]
fn every_key_of_every_file_is_in_the_truth_once_and_stays_the_same_persons() {
    let (_folder, made) = live(900, 21);
    let mut seen: BTreeMap<(String, String), String> = BTreeMap::new();
    for night in &made {
        let (rows, truth, broken) = (rows_of(&night.folder), truth_of(&night.folder), broken_of(&night.folder));
        let people: BTreeSet<String> =
            records(&text(&night.folder, "truth_people.csv"), ',').into_iter().map(|r| r[0].clone()).collect();
        for (key, entity) in &truth {
            assert!(rows.contains_key(key), "{key:?} of the truth stands in no file of {}", night.day);
            assert!(people.contains(entity));
            assert_eq!(seen.entry(key.clone()).or_insert_with(|| entity.clone()), entity, "{key:?}");
        }
        for key in rows.keys().filter(|key| !broken.contains(key)) {
            assert!(truth.contains_key(key), "{key:?} of {} is in no truth", night.day);
        }
    }
}

#[test]
fn the_feed_breaks_on_night_12_and_the_columns_on_night_20_and_both_are_whole_again_the_next() {
    let (_folder, made) = live(600, 21);
    let crm = |night: usize| made[night - 1].files[0].rows;
    assert!(crm(12) <= crm(11) / 3 + 1 && crm(12) >= crm(11) / 4, "{} of {}", crm(12), crm(11));
    assert!(crm(13) >= crm(11) * 9 / 10);
    assert!(!bytes(&made[11].folder, "crm.csv").ends_with(b"\n"), "the last row is cut off");
    let shop = |night: usize| -> serde_json::Value {
        let shop = text(&made[night - 1].folder, "webshop.ndjson.gz");
        shop.lines().find_map(|line| serde_json::from_str(line).ok()).unwrap()
    };
    assert!(shop(19)["email"].as_str().unwrap().contains('@') && shop(21)["email"] == shop(19)["email"]);
    assert_eq!(shop(20)["title"], shop(19)["email"]);
    assert_eq!(shop(20)["email"], shop(19)["first_name"]);
    let announced = |night: usize| changes_of(&made[night - 1].folder)[0]["kind"].clone();
    assert_eq!(
        (announced(8), announced(12), announced(20)),
        ("vendor_refresh".into(), "broken_feed".into(), "schema_change".into())
    );
    let profiles = |night: usize| -> BTreeSet<String> {
        let rows = records(&text(&made[night - 1].folder, "profiles_lifestyle.csv"), ',');
        rows.into_iter().map(|row| row.join(",")).collect()
    };
    assert_eq!(profiles(6), profiles(7));
    let kept = profiles(7).intersection(&profiles(8)).count();
    assert!(kept * 4 < profiles(7).len(), "{kept} profiles of {} are as they were", profiles(7).len());
}

#[test]
fn feeds_and_columns_break_in_other_ways_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path(), 100, 20);
    options.broken_feed = BrokenFeed::Repeated;
    options.schema_change = SchemaChange::Renamed;
    let made = generate(&options, &mut |_, _| {}).unwrap();
    let (before, now) = (made[10].files[0].rows, made[11].files[0].rows);
    assert!(now >= before * 2 - 4, "{now} after {before}");
    let shop = text(&made[19].folder, "webshop.ndjson.gz");
    assert!(shop.contains("\"mail_address\":") && !shop.contains("\"email\":"));

    options.broken_feed = BrokenFeed::Encoding;
    options.nights = 12;
    let made = generate(&options, &mut |_, _| {}).unwrap();
    let of = |night: usize| String::from_utf8(bytes(&made[night - 1].folder, "crm.csv"));
    assert!(of(11).is_err() && of(12).is_ok_and(|text| text.contains('ł')));
}
