//! The second night: rows that the published run knows are taken from there, and every byte is what a full run gives.

use crate::harness::{Job, assert_same_tables, copy, root};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::path::Path;
use zlato_engine::manifest::Manifest;
use zlato_engine::run::Stage;
use zlato_engine::summary::Summary;

/// Text files of the sample without line breaks within fields.
const FILES: [&str; 3] = ["crm.csv", "contact_centre.csv", "prospects.csv"];

#[derive(Debug, Clone)]
enum Edit {
    Remove,
    /// The same text under another key: the line with its digits moved on.
    Add,
    Change,
    /// To another place in the file.
    Move(usize),
    /// The whole file from its end to its start.
    Turn,
}

fn edits() -> impl Strategy<Value = Vec<(usize, usize, Edit)>> {
    let edit = prop_oneof![
        Just(Edit::Remove),
        Just(Edit::Add),
        Just(Edit::Change),
        any::<usize>().prop_map(Edit::Move),
        Just(Edit::Turn)
    ];
    // Some rows of the contact centre are broken so that they take in the next one: in another order, another one.
    let edit = (0..FILES.len(), any::<usize>(), edit);
    let edit = edit.prop_map(
        |(file, at, edit)| if matches!(edit, Edit::Turn) { (file / 2 * 2, at, edit) } else { (file, at, edit) },
    );
    prop::collection::vec(edit, 0..40)
}

/// Other digits: another key, another telephone, perhaps a birth date that does not exist.
fn moved_on(line: &[u8]) -> Vec<u8> {
    line.iter().map(|b| if b.is_ascii_digit() { b'0' + (b - b'0' + 3) % 10 } else { *b }).collect()
}

fn edit(input: &Path, edits: &[(usize, usize, Edit)]) {
    for (number, file) in FILES.iter().enumerate() {
        let text = std::fs::read(input.join(file)).unwrap();
        let mut lines: Vec<Vec<u8>> = text.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        let header = lines.remove(0);
        for (_, place, edit) in edits.iter().filter(|(of, _, _)| *of == number) {
            let at = place % lines.len();
            match edit {
                Edit::Remove => drop(lines.remove(at)),
                Edit::Add => lines.insert(at, moved_on(&lines[at])),
                Edit::Change => {
                    // The key stays: digits after the first separator only.
                    let key = lines[at].iter().position(|b| b";,".contains(b)).unwrap_or(lines[at].len());
                    let changed = moved_on(&lines[at][key..]);
                    lines[at].splice(key.., changed);
                }
                Edit::Move(to) => {
                    let line = lines.remove(at);
                    lines.insert(to % (lines.len() + 1), line);
                }
                Edit::Turn => lines.reverse(),
            }
        }
        lines.insert(0, header);
        std::fs::write(input.join(file), lines.concat()).unwrap();
    }
}

/// Rows that a stage took from the published run.
fn again(summary: &Summary, stage: Stage) -> u64 {
    let manifest = Manifest::read(Path::new(&summary.folder)).unwrap().unwrap();
    manifest.stages.iter().find(|s| s.stage == stage).unwrap().again
}

/// Parts of a table that another run has too, and all its parts.
#[cfg(unix)]
fn shared(summary: &Summary, table: &str) -> (usize, usize) {
    use std::os::unix::fs::MetadataExt;
    let parts = std::fs::read_dir(Path::new(&summary.folder).join("tables").join(table)).unwrap();
    let links: Vec<u64> = parts.map(|part| part.unwrap().metadata().unwrap().nlink()).collect();
    (links.iter().filter(|links| **links > 1).count(), links.len())
}

#[test]
fn an_increment_gives_the_bytes_of_a_full_run() {
    let first = tempfile::tempdir().unwrap();
    let (rules, out, input) = (root().join("rules"), first.path().join("out"), first.path().join("input"));
    copy(&root().join("fixtures/sample"), &input);
    let rows = Job::new(&rules, Some(&input), &out).go().unwrap();
    assert_eq!(again(&rows, Stage::Contacts), 0);

    let night = |folder: &Path, day: &str, full: bool| {
        let mut job = Job::new(&rules, Some(&folder.join("input")), &folder.join(if full { "full" } else { "out" }));
        job.options.full = full;
        job.options.as_of = day.parse().unwrap();
        job.at("2026-11-02T02:00:00.000+00:00").until(Stage::Addresses).go().unwrap()
    };
    let both = |day: &str, edits: &[(usize, usize, Edit)]| {
        let folder = tempfile::tempdir().unwrap();
        copy(&out, &folder.path().join("out"));
        copy(&input, &folder.path().join("input"));
        edit(&folder.path().join("input"), edits);
        let (increment, full) = (night(folder.path(), day, false), night(folder.path(), day, true));
        assert_same_tables(&increment, &full);
        assert_eq!(again(&full, Stage::Contacts) + again(&full, Stage::Addresses), 0);
        let turned_once = matches!(edits, [(0, _, Edit::Turn), (2, _, Edit::Turn)]);
        #[cfg(unix)]
        for table in ["contacts", "addresses", "event_contacts", "profile_contacts"] {
            let ((again, parts), (anew, _)) = (shared(&increment, table), shared(&full, table));
            // Only the files of customers and prospects are edited; birth dates look at the day.
            if day > "2026-11-01" && (edits.is_empty() || !["contacts", "addresses"].contains(&table)) {
                assert_eq!(again, parts, "{table}");
            } else if table == "contacts" && (day < "2026" || turned_once) {
                assert!(again < parts, "rows that moved or are judged anew are in parts of their own");
            }
            assert_eq!(anew, 0, "{table}");
        }
        (again(&increment, Stage::Contacts), again(&increment, Stage::Addresses), increment.rows_in)
    };
    // Nothing changed: everything is known.
    let (contacts, addresses, all) = both("2026-11-02", &[]);
    assert_eq!(contacts, all - rows.rows_quarantine);
    assert!(addresses > 1_500 && addresses < contacts);
    // Years earlier, many were not yet born: their rows are judged anew.
    let (before, _, _) = both("1990-01-01", &[]);
    assert!(before < contacts, "{before}");

    // An export in another order brings the same rows.
    let turned = [0, 2].map(|file| (file, 0, Edit::Turn));
    let (known, addresses_known, _) = both("2026-11-02", &turned);
    assert_eq!((known, addresses_known), (contacts, addresses));

    let mut runner =
        TestRunner::new(Config { cases: 4, max_shrink_iters: 0, failure_persistence: None, ..Config::default() });
    runner
        .run(&edits(), |edits| {
            let (contacts, _, all) = both("2026-11-02", &edits);
            prop_assert!(contacts + 200 > all - rows.rows_quarantine, "{contacts} of {all}");
            Ok(())
        })
        .unwrap();
}
