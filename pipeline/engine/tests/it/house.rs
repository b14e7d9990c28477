//! The one-way rules: core knows no DataFusion, the engine no HTML and no terminal, no stage another.

use crate::harness::root;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn offending(folder: &str, words: &[&str]) -> Vec<String> {
    let mut lines = Vec::new();
    for path in sources(&root().join(folder)) {
        for (number, line) in std::fs::read_to_string(&path).unwrap().lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            if words.iter().any(|w| code.contains(w)) {
                lines.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    lines
}

#[test]
fn core_knows_no_datafusion_no_arrow_and_no_files() {
    let found =
        offending("pipeline/core/src", &["datafusion", "arrow::", "tokio", "std::fs::", "SystemTime", "Utc::now"]);
    let outside_tests: Vec<_> = found.iter().filter(|l| !in_test_module(l)).collect();
    assert!(outside_tests.is_empty(), "{outside_tests:#?}");
    let manifest = std::fs::read_to_string(root().join("pipeline/core/Cargo.toml")).unwrap();
    assert!(!manifest.contains("datafusion") && !manifest.contains("arrow"));
}

/// Whether a `path:line: text` stands below its file's test module.
fn in_test_module(place: &str) -> bool {
    let mut parts = place.splitn(3, ':');
    let (path, line) = (parts.next().unwrap(), parts.next().unwrap().parse::<usize>().unwrap());
    // Files that a `#[cfg(test)] mod` names are tests as a whole.
    let name = Path::new(path).file_stem().unwrap().to_string_lossy().to_string();
    let parent = Path::new(path).parent().unwrap();
    let siblings = [parent.join("mod.rs"), parent.with_extension("rs"), parent.join("lib.rs")];
    let declared = format!("#[cfg(test)] mod {name};");
    let is_test = siblings.iter().filter_map(|f| std::fs::read_to_string(f).ok()).any(|text| {
        let squeezed: String = text
            .lines()
            .map(str::trim)
            .filter(|l| !l.starts_with("#[allow") && !l.starts_with("//"))
            .collect::<Vec<_>>()
            .join(" ");
        squeezed.contains(&declared)
    });
    if is_test || path.contains("/tests/") {
        return true;
    }
    let text = std::fs::read_to_string(path).unwrap();
    let test = text.lines().position(|l| l.contains("#[cfg(test)]"));
    test.is_some_and(|t| line > t + 1)
}

#[test]
fn the_engine_knows_no_page_and_no_terminal() {
    let found =
        offending("pipeline/engine/src", &["askama", "indicatif", "println!", "eprintln!", "clap::", "zlato_review"]);
    assert!(found.is_empty(), "{found:#?}");
}

/// Names are looked up by a command of their own, in the command line's crate.
#[test]
fn no_run_opens_a_socket() {
    let words = ["std::net", "tokio::net", "UdpSocket", "TcpStream", "simple_dns"];
    for crate_of_a_run in ["core", "engine", "review"] {
        let found = offending(&format!("pipeline/{crate_of_a_run}/src"), &words);
        assert!(found.is_empty(), "{found:#?}");
    }
    let command = root().join("pipeline/cli/src/mail_domains");
    let elsewhere = offending("pipeline/cli/src", &words);
    assert!(elsewhere.iter().all(|line| line.starts_with(&command.display().to_string())), "{elsewhere:#?}");
    assert!(!elsewhere.is_empty(), "the words still find what they look for");
}

#[test]
fn the_report_knows_no_terminal() {
    let found = offending("pipeline/review/src", &["indicatif", "clap::", "println!"]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_stage_imports_another() {
    let stages = root().join("pipeline/engine/src/stages");
    let names = ["ingest", "contacts", "addresses", "dedupe", "enrich", "survivorship", "freshness", "gate", "publish"];
    let mut found = Vec::new();
    for stage in names {
        let file = stages.join(format!("{stage}.rs"));
        let files = if file.exists() { vec![file] } else { sources(&stages.join(stage)) };
        for path in files {
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                let imports = |other: &str| {
                    let names = [format!("stages::{other}"), format!("super::super::{other}::")];
                    other != stage && names.iter().any(|n| line.contains(n))
                };
                if names.iter().any(|other| imports(other)) {
                    found.push(format!("{}: {line}", path.display()));
                }
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_file_says_what_it_is_for_and_none_is_a_hall() {
    let mut wrong = Vec::new();
    for path in sources(&root().join("pipeline")) {
        let text = std::fs::read_to_string(&path).unwrap();
        if path.display().to_string().contains("/target/") {
            continue;
        }
        if !text.starts_with("//!") {
            wrong.push(format!("{}: no header", path.display()));
        }
        if text.lines().count() > 600 {
            wrong.push(format!("{}: over 600 lines", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
