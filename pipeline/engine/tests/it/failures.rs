//! The accidents these tests prevent: half a result published, a broken feed taken for a good one.

use crate::harness::{Job, copy, root};
use std::path::Path;
use zlato_engine::lock::Lock;

fn household() -> (tempfile::TempDir, std::path::PathBuf, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures/cases/household"), folder.path());
    let (rules, input) = (folder.path().join("rules"), folder.path().join("input"));
    (folder, rules, input)
}

fn first_csv(input: &Path) -> std::path::PathBuf {
    let mut files: Vec<_> = std::fs::read_dir(input).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files.into_iter().find(|f| f.extension().is_some_and(|e| e == "csv")).unwrap()
}

#[test]
fn the_gate_leaves_the_published_run_standing() {
    let (folder, rules, input) = household();
    let out = folder.path().join("out");
    let first = Job::new(&rules, Some(&input), &out).go().unwrap();
    let pointer = std::fs::read(out.join("published.json")).unwrap();
    let stop = "[[check]]\nname = \"never\"\nsql = \"SELECT count(*) FROM golden\"\nstop = { above = 0 }\n";
    std::fs::write(rules.join("gate.toml"), stop).unwrap();
    let second = Job::new(&rules, Some(&input), &out).at("2026-11-02T02:00:00.000+00:00").go().unwrap();
    assert!(first.published && !second.published);
    assert!(second.gate.stopped());
    assert!(second.report.is_some(), "a stopped run has a report that says why");
    assert_eq!(std::fs::read(out.join("published.json")).unwrap(), pointer);
}

#[test]
fn a_check_without_one_number_fails_the_run_and_lets_nothing_through() {
    let (folder, rules, input) = household();
    let out = folder.path().join("out");
    for (sql, why) in [
        ("SELECT 0.0 / 0.0", "NaN"),
        ("SELECT * FROM (VALUES (0), (7)) AS n(x) ORDER BY x", "more than one row"),
        ("SELECT 1 / (count(*) - count(*)) FROM golden", "divides by zero"),
        ("SELECT CAST(max(email) AS BIGINT) FROM golden", "could not be cast"),
    ] {
        let check = format!("[[check]]\nname = \"odd\"\nsql = \"{sql}\"\nstop = {{ above = 1 }}\n");
        std::fs::write(rules.join("gate.toml"), check).unwrap();
        let error = Job::new(&rules, Some(&input), &out).go().unwrap_err();
        let text = error.to_string();
        assert!(text.contains("`odd`") && text.contains(why) && !text.contains('@'), "{sql}: {text}");
    }
    assert!(!out.join("published.json").exists());
}

#[test]
fn a_schedule_that_resumes_does_not_stand_still_and_names_are_given_once() {
    let (folder, rules, input) = household();
    let out = folder.path().join("out");
    let job = |day: u32| {
        let mut job = Job::new(&rules, Some(&input), &out).at(&format!("2026-11-{day:02}T02:00:00.000+00:00"));
        job.options.as_of = format!("2026-11-{day:02}").parse().unwrap();
        job
    };
    let broken = job(1).until(zlato_engine::run::Stage::Contacts).go().unwrap();
    let next = job(2).resume().go().unwrap();
    assert!(next.published && next.run != broken.run, "last night's unfinished run is of another day");
    assert!(next.warnings.iter().any(|w| w.contains(&broken.run) && w.contains("passed over")), "{:?}", next.warnings);
    // A stopped run that was removed, and what somebody left among the runs.
    let stop = "[[check]]\nname = \"never\"\nsql = \"SELECT count(*) FROM golden\"\nstop = { above = 0 }\n";
    std::fs::write(rules.join("gate.toml"), stop).unwrap();
    let stopped = job(3).go().unwrap();
    std::fs::remove_dir_all(out.join("runs").join(&stopped.run)).unwrap();
    std::fs::write(out.join("runs/README"), "not a run").unwrap();
    std::fs::remove_file(rules.join("gate.toml")).unwrap();
    let third = job(3).go().unwrap();
    assert!(third.published && third.run != stopped.run, "the history of nights speaks of {}", stopped.run);
    let history = std::fs::read_to_string(out.join("history.jsonl")).unwrap();
    assert!(history.contains(&third.run) && history.contains(&stopped.run), "{history}");
}

#[test]
fn a_second_run_is_turned_away() {
    let (folder, rules, input) = household();
    let out = folder.path().join("out");
    let held = Lock::take(&out).unwrap();
    let error = Job::new(&rules, Some(&input), &out).go().unwrap_err();
    assert!(error.to_string().contains("another run"), "{error}");
    drop(held);
    assert!(Job::new(&rules, Some(&input), &out).go().unwrap().published);
}

#[test]
fn a_missing_file_and_a_vanished_column_stop_the_run_before_it_starts() {
    let (folder, rules, input) = household();
    let out = folder.path().join("out");
    let file = first_csv(&input);
    let text = std::fs::read_to_string(&file).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let name = header.trim().split([',', ';', '\t', '|']).nth(1).unwrap().to_string();
    std::fs::write(&file, format!("{}\n{rows}", header.replacen(&name, "renamed_today", 1))).unwrap();
    let error = Job::new(&rules, Some(&input), &out).go().unwrap_err();
    assert!(error.to_string().contains(&name), "the column is named: {error}");
    std::fs::remove_file(&file).unwrap();
    let error = Job::new(&rules, Some(&input), &out).go().unwrap_err();
    assert!(error.to_string().contains(file.file_name().unwrap().to_str().unwrap()), "the file is named: {error}");
    assert!(!out.join("published.json").exists());
}

/// Damage to one file, and what must come of it.
fn damaged(damage: impl Fn(&Path)) -> Result<zlato_engine::summary::Summary, zlato_engine::error::Error> {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures/sample"), &folder.path().join("input"));
    damage(&folder.path().join("input"));
    let job = Job::new(&root().join("rules"), Some(&folder.path().join("input")), &folder.path().join("out"));
    job.until(zlato_engine::run::Stage::Ingest).go()
}

#[test]
fn a_truncated_gzip_is_an_error_that_names_the_file() {
    let error = damaged(|input| {
        let path = input.join("webshop.ndjson.gz");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    })
    .unwrap_err();
    assert!(error.to_string().contains("webshop.ndjson.gz"), "{error}");
}

#[test]
fn half_a_character_and_a_long_line_go_to_quarantine() {
    let summary = damaged(|input| {
        use std::io::Write;
        let path = input.join("contact_centre.csv");
        let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(b"broken-1,half \xC4\r\n").unwrap();
        let long = vec![b'x'; 40 << 20];
        file.write_all(&long).unwrap();
        file.write_all(b"\r\n").unwrap();
    })
    .unwrap();
    let kept: u64 = summary.sources.iter().map(|s| s.rows_kept).sum();
    assert_eq!(summary.rows_in, kept + summary.rows_quarantine);
    let centre = summary.sources.iter().find(|s| s.source == "contact_centre").unwrap();
    assert!(centre.rows_quarantine >= 2);
}

#[test]
fn another_delimiter_and_an_empty_file_are_errors() {
    let error = damaged(|input| {
        let path = input.join("crm.csv");
        let bytes = std::fs::read(&path).unwrap();
        let swapped: Vec<u8> = bytes.into_iter().map(|b| if b == b';' { b'|' } else { b }).collect();
        std::fs::write(&path, swapped).unwrap();
    })
    .unwrap_err();
    assert!(error.to_string().contains("crm.csv"), "{error}");
    let error = damaged(|input| std::fs::write(input.join("crm.csv"), b"").unwrap()).unwrap_err();
    assert!(error.to_string().contains("empty"), "{error}");
}

#[test]
fn swapped_columns_are_kept_and_stopped_by_the_gate() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input");
    copy(&root().join("fixtures/sample"), &input);
    let path = input.join("contact_centre.csv");
    let bytes = std::fs::read(&path).unwrap();
    let header = bytes.iter().position(|b| *b == b'\n').unwrap();
    let (header, rows) = bytes.split_at(header);
    let swapped = String::from_utf8(header.to_vec()).unwrap().replace(",phone,phone_2,email,", ",email,phone_2,phone,");
    assert_ne!(swapped.as_bytes(), header);
    std::fs::write(&path, [swapped.as_bytes(), rows].concat()).unwrap();
    let summary = Job::new(&root().join("rules"), Some(&input), &folder.path().join("out")).go().unwrap();
    assert_eq!(summary.rows_in, summary.rows_crosswalk + summary.rows_quarantine);
    assert!(summary.gate.stopped() && !summary.published);
}
