//! `fixtures/rules/invalid/sql_*`, `gazetteer_*`: SQL that does not fit its columns, and a gazetteer that cannot be
//! read, are found at their place, with their code.

use crate::harness::{copy, root, runtime};
use zlato_engine::error::Error;
use zlato_engine::rulebook;
use zlato_engine::stages::ingest;

fn found_in(case: &std::path::Path) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures/rules/valid/minimal"), folder.path());
    copy(case, folder.path());
    let diagnostics = match rulebook::load(folder.path()) {
        Err(Error::Rules(diagnostics)) => diagnostics,
        Err(other) => panic!("{other}"),
        Ok(book) => {
            let base = ingest::input_folder(folder.path(), None, &book.rules);
            let (inputs, _) = ingest::look(&base, &book.rules);
            runtime().block_on(rulebook::sql_diagnostics(&book, &inputs)).unwrap()
        }
    };
    diagnostics.iter().map(|d| format!("{}:{}:{} {}", d.file, d.line, d.column, d.code)).collect()
}

#[test]
fn every_sql_mistake_is_found_at_its_place() {
    let mut cases = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(root().join("fixtures/rules/invalid")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().to_string();
        if !name.starts_with("sql_") && !name.starts_with("gazetteer_") {
            continue;
        }
        cases += 1;
        let expected = std::fs::read_to_string(path.join("expected.txt")).unwrap();
        let expected: Vec<&str> = expected.lines().filter(|l| !l.trim().is_empty()).collect();
        let found = found_in(&path);
        if found != expected {
            wrong.push(format!("{name}: expected {expected:?}, found {found:?}"));
        }
    }
    assert!(cases >= 10, "the fixtures are gone");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
