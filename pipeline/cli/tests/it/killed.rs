//! The accident prevented here: a machine dies during the night and half a result is published.

use crate::harness::{root, say, zlato};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

fn tables(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let pointer: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("published.json")).unwrap()).unwrap();
    let folder = out.join(pointer["tables"].as_str().unwrap());
    let mut found = BTreeMap::new();
    for table in std::fs::read_dir(&folder).unwrap() {
        for part in std::fs::read_dir(table.unwrap().path()).unwrap() {
            let part = part.unwrap().path();
            found.insert(part.strip_prefix(&folder).unwrap().display().to_string(), std::fs::read(&part).unwrap());
        }
    }
    found
}

#[test]
fn a_killed_run_is_continued_to_the_same_bytes() {
    let case = root().join("fixtures/cases/household");
    let (rules, input) = (case.join("rules"), case.join("input"));
    let whole = tempfile::tempdir().unwrap();
    let arguments = |out: &Path| -> Vec<String> {
        let mut all: Vec<String> = ["run", "--as-of", "2026-11-01", "--quiet"].map(String::from).to_vec();
        for (name, path) in [("--rules", &*rules), ("--input", &*input), ("--out", out)] {
            all.extend([name.to_string(), path.display().to_string()]);
        }
        all
    };
    let run = |out: &Path, more: &[&str]| {
        let all = arguments(out);
        let mut all: Vec<&str> = all.iter().map(String::as_str).collect();
        all.extend(more);
        zlato(&all)
    };
    let started = Instant::now();
    assert!(run(whole.path(), &[]).status().unwrap().success());
    let length = started.elapsed();
    let expected = tables(whole.path());

    let killed = tempfile::tempdir().unwrap();
    for tenth in [2, 4, 5, 7, 9] {
        let mut child = run(killed.path(), &["--resume"]).spawn().unwrap();
        std::thread::sleep(length * tenth / 10);
        let _ = child.kill();
        let _ = child.wait();
        // Whatever the moment: the pointer is absent, or whole and about whole tables.
        if killed.path().join("published.json").exists() {
            assert_eq!(tables(killed.path()), expected);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(run(killed.path(), &["--resume"]).status().unwrap().success());
    assert_eq!(tables(killed.path()).keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    assert!(tables(killed.path()) == expected, "the tables differ from an undisturbed run's");
    let runs = std::fs::read_dir(killed.path().join("runs")).unwrap().count();
    assert_eq!(runs, 1, "one run, continued");
    let again = say(&["tables", "--out", killed.path().to_str().unwrap()]);
    assert!(again.status.success());
}
