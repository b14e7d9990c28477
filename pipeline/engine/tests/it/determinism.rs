//! The accident these tests prevent: two nights, same input, and golden records that differ.

use crate::harness::{Job, assert_same_tables, root};
use zlato_engine::run::Stage;

#[test]
fn one_and_two_threads_give_the_same_bytes() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let left = Job::sample(one.path()).threads(1).go().unwrap();
    let right = Job::sample(two.path()).threads(2).go().unwrap();
    assert_eq!(left.rows_in, left.rows_crosswalk + left.rows_quarantine);
    assert_same_tables(&left, &right);
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
        let half = std::path::Path::new(&first.folder).join("tables/.golden.building");
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
    assert_same_tables(&first, &second);
}
