//! Rule files: the shipped folder, valid folders, and one folder per possible mistake.
//! `fixtures/rules/invalid/<mistake>/` is laid over `fixtures/rules/valid/minimal/` (`remove.txt`
//! names files to take away); `expected.txt` lists `file:line:column code`, one a line.
//! `UPDATE_EXPECTED=1` and `UPDATE_DOCS=1` write what the program says; read the diff.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use zlato_core::rules::diagnostics::{CODES, Severity};
use zlato_core::rules::{self, Loaded};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn folder(path: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let name = path.file_name().unwrap().to_str().unwrap().to_string();
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    files
}

fn subfolders(path: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(path)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
        .collect();
    all.sort();
    all
}

fn listed(loaded: &Loaded) -> String {
    loaded
        .diagnostics
        .iter()
        .map(|d| format!("{}:{}:{} {}\n", d.file, d.line, d.column, d.code))
        .collect()
}

/// The files of a mistake, laid over the minimal valid folder.
fn mistake(path: &Path) -> (BTreeMap<String, String>, String) {
    let mut files = folder(&root().join("fixtures/rules/valid/minimal"));
    let mut case = folder(path);
    let expected = case.remove("expected.txt").unwrap_or_default();
    for name in case.remove("remove.txt").unwrap_or_default().lines() {
        files.remove(name);
    }
    files.extend(case);
    (files, expected)
}

fn mistakes() -> Vec<PathBuf> {
    subfolders(&root().join("fixtures/rules/invalid"))
}

fn of_the_engine(path: &Path) -> bool {
    path.file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .starts_with("sql_")
}

#[test]
fn every_mistake_yields_its_diagnostics() {
    let mut wrong = Vec::new();
    let mut kinds = 0;
    for path in mistakes().into_iter().filter(|p| !of_the_engine(p)) {
        kinds += 1;
        let (files, expected) = mistake(&path);
        let loaded = rules::load(&files);
        let found = listed(&loaded);
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(path.join("expected.txt"), &found).unwrap();
        } else if found != expected || found.is_empty() {
            wrong.push(format!(
                "{}\nexpected\n{expected}found\n{found}",
                path.display()
            ));
        }
        let failed = loaded
            .diagnostics
            .iter()
            .any(|d| d.severity == Severity::Error);
        assert_eq!(loaded.rules.is_none(), failed, "{}", path.display());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(kinds >= 35, "only {kinds} kinds of mistakes");
}

#[test]
fn what_the_engine_judges_passes_here() {
    for path in mistakes().into_iter().filter(|p| of_the_engine(p)) {
        let (files, expected) = mistake(&path);
        assert_eq!(
            rules::load(&files).diagnostics,
            vec![],
            "{}",
            path.display()
        );
        assert!(expected.contains(" sql::"), "{}", path.display());
    }
}

/// A code without a mistake that yields it is a promise nobody checked.
#[test]
fn every_code_has_a_mistake() {
    let all: String = mistakes().iter().map(|p| mistake(p).1).collect();
    let seen: BTreeSet<&str> = all
        .lines()
        .filter_map(|line| line.split(' ').nth(1))
        .collect();
    let known: BTreeSet<&str> = CODES.iter().map(|(code, _)| *code).collect();
    assert_eq!(known, seen);
}

#[test]
fn messages_name_no_rust_types() {
    for path in mistakes() {
        for found in rules::load(&mistake(&path).0).diagnostics {
            for internal in [
                "Spanned",
                "::Value",
                "struct",
                "variant",
                "deserialize",
                "invalid type",
            ] {
                assert!(
                    !found.message.contains(internal),
                    "{}: {}",
                    path.display(),
                    found.message
                );
            }
        }
    }
}

#[test]
fn valid_folders_are_silent() {
    for path in subfolders(&root().join("fixtures/rules/valid")) {
        let loaded = rules::load(&folder(&path));
        assert_eq!(loaded.diagnostics, vec![], "{}", path.display());
        assert!(loaded.rules.is_some());
    }
}
