//! The accident these tests prevent: two nights, same input, and golden records that differ.

use crate::harness::{Job, assert_same_tables, copy, lines, root, table_bytes};
use std::path::Path;
use zlato_engine::run::Stage;

#[test]
fn one_and_two_threads_give_the_same_bytes() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let left = Job::sample(one.path()).threads(1).go().unwrap();
    let right = Job::sample(two.path()).threads(2).go().unwrap();
    assert_eq!(left.rows_in, left.rows_crosswalk + left.rows_quarantine);
    assert_same_tables(&left, &right);
}

/// Golden id of every record, by source and key: what clustering and everything after it decided.
fn golden_ids(out: &Path, run: &str) -> Vec<String> {
    lines(
        out,
        run,
        "SELECT source, source_key, golden_id FROM crosswalk WHERE kind IN ('customer', 'prospect') ORDER BY source, source_key",
    )
}

#[test]
fn clusters_do_not_depend_on_threads_the_order_of_rows_or_rows_that_come_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (rules, input) = (root().join("rules"), folder.path().join("input"));
    copy(&root().join("fixtures/sample"), &input);
    let run = |name: &str, threads: usize| {
        let out = folder.path().join(name);
        let mut job = Job::new(&rules, Some(&input), &out).threads(threads).until(Stage::Survivorship);
        job.options.limits.memory = 4 << 30;
        let summary = job.go().unwrap();
        (golden_ids(&out, &summary.run), summary)
    };
    let (ids, plain) = run("plain", 2);
    assert!(ids.len() > 1_500, "{} records", ids.len());
    let (_, seven) = run("seven", 7);
    assert_same_tables(&plain, &seven);

    // None of the two files has a line break within a field.
    let crm = std::fs::read(input.join("crm.csv")).unwrap();
    for file in ["crm.csv", "prospects.csv"] {
        let text = std::fs::read(input.join(file)).unwrap();
        let mut lines: Vec<&[u8]> = text.split_inclusive(|b| *b == b'\n').collect();
        assert!(!text.contains(&b'"') && lines.len() > 300);
        lines[1..].reverse();
        std::fs::write(input.join(file), lines.concat()).unwrap();
    }
    assert_eq!(run("reversed", 2).0, ids);

    let header = crm.iter().position(|b| *b == b'\n').unwrap() + 1;
    std::fs::write(input.join("crm.csv"), [&crm[..], &crm[header..]].concat()).unwrap();
    let (twice, summary) = run("twice", 2);
    assert_eq!(twice, ids);
    assert!(summary.rows_quarantine >= plain.rows_quarantine + 1_000, "rows that came twice are in quarantine");
}

#[test]
fn a_run_continued_after_any_stage_gives_the_same_bytes() {
    let case = root().join("fixtures/cases/household");
    let (rules, input) = (case.join("rules"), case.join("input"));
    let whole = tempfile::tempdir().unwrap();
    let undisturbed = Job::new(&rules, Some(&input), whole.path()).go().unwrap();
    for stage in [Stage::Ingest, Stage::Addresses, Stage::Dedupe, Stage::Survivorship, Stage::Gate] {
        let out = tempfile::tempdir().unwrap();
        let first = Job::new(&rules, Some(&input), out.path()).until(stage).go().unwrap();
        assert!(!first.published, "nothing is published before the end");
        assert!(!out.path().join("published.json").exists());
        // What a crash leaves in the next stage: a half-written table.
        let half = Path::new(&first.folder).join("tables/.golden.building");
        std::fs::create_dir_all(&half).unwrap();
        std::fs::write(half.join("part-000000.parquet"), b"PAR1 cut off").unwrap();
        let second = Job::new(&rules, Some(&input), out.path()).resume().go().unwrap();
        assert_eq!(first.run, second.run, "the same run is continued");
        assert!(second.published);
        let _ = std::fs::remove_dir_all(half);
        assert_same_tables(&undisturbed, &second);
    }
}

#[test]
fn golden_ids_survive_the_next_night() {
    let case = root().join("fixtures/cases/moved_and_married");
    let (rules, input) = (case.join("rules"), case.join("input"));
    let out = tempfile::tempdir().unwrap();
    let first = Job::new(&rules, Some(&input), out.path()).go().unwrap();
    let second = Job::new(&rules, Some(&input), out.path()).at("2026-11-02T02:00:00.000+00:00").go().unwrap();
    assert_ne!(first.run, second.run);
    // The second night has one to be compared with, so only its gate has more to say.
    let but_gate = |summary| table_bytes(summary).into_iter().filter(|(name, _)| !name.starts_with("gate/"));
    assert!(but_gate(&first).eq(but_gate(&second)), "{:?}", but_gate(&first).map(|(name, _)| name).collect::<Vec<_>>());
}
