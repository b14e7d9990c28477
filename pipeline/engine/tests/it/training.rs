//! Training puts a model beside the rules; a run notices when the data have moved away from it.

use crate::harness::{Job, copy, lines, root, runtime};
use std::path::Path;
use std::sync::Arc;
use zlato_core::matching::model::Model;
use zlato_engine::progress::{Cancel, Silent};
use zlato_engine::run::Stage;
use zlato_engine::training::{Trained, train};

fn learn(rules: &Path, input: &Path, out: &Path, dry_run: bool) -> Trained {
    let options = Job::new(rules, Some(input), out).options;
    runtime().block_on(train(options, dry_run, Arc::new(Silent), Arc::new(Cancel::default()))).unwrap()
}

/// Warnings of a run up to matching.
fn warnings(rules: &Path, input: &Path) -> Vec<String> {
    let out = tempfile::tempdir().unwrap();
    Job::new(rules, Some(input), out.path()).until(Stage::Dedupe).go().unwrap().warnings
}

#[test]
fn a_model_fits_the_data_it_was_trained_on_and_a_column_gone_bad_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (rules, input, out) = (folder.path().join("rules"), folder.path().join("input"), folder.path().join("out"));
    copy(&root().join("rules"), &rules);
    copy(&root().join("fixtures/sample"), &input);
    let trained = learn(&rules, &input, &out, false);
    assert!(trained.report.training.converged && trained.report.training.learned_m);
    assert!(trained.moves.is_none(), "there was no model before");
    assert!(!out.exists(), "training leaves no folder behind");
    let path = rules.join("model.toml");
    assert_eq!(Model::from_toml(&std::fs::read_to_string(&path).unwrap()).unwrap(), trained.model);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let drift = |warnings: Vec<String>| warnings.into_iter().find(|w| w.contains("drifted"));
    assert_eq!(drift(warnings(&rules, &input)), None);

    // The contact centre's new telephone system gets the last digit wrong.
    let calls = input.join("contact_centre.csv");
    let text = std::fs::read(&calls).unwrap();
    let changed = text.split(|b| *b == b'\n').map(|line| {
        let mut cells: Vec<Vec<u8>> = line.split(|b| *b == b',').map(<[u8]>::to_vec).collect();
        if let Some(last) = cells.get_mut(3).and_then(|c| c.last_mut()).filter(|b| b.is_ascii_digit()) {
            *last = b'0' + (*last - b'0' + 1) % 10;
        }
        cells.join(&b',')
    });
    std::fs::write(&calls, changed.collect::<Vec<_>>().join(&b'\n')).unwrap();
    let warning = drift(warnings(&rules, &input)).expect("a warning");
    assert!(warning.contains("`phone`") && warning.contains("zlato train"), "{warning}");
}

#[test]
fn a_trial_writes_nothing_and_a_model_of_other_rules_is_no_obstacle() {
    let case = root().join("fixtures/cases/household");
    let folder = tempfile::tempdir().unwrap();
    let (rules, out) = (folder.path().join("rules"), folder.path().join("out"));
    copy(&case.join("rules"), &rules);
    let first = learn(&rules, &case.join("input"), &out, true);
    assert!(first.written.is_none() && !rules.join("model.toml").exists() && !out.exists());

    let mut other = first.model.clone();
    other.comparisons.truncate(1);
    other.comparisons[0].levels[0].m /= 2.0;
    std::fs::write(rules.join("model.toml"), other.to_toml()).unwrap();
    assert!(Job::new(&rules, Some(&case.join("input")), &out).go().is_err(), "it no longer fits the rules");
    std::fs::remove_dir_all(&out).ok();
    let again = learn(&rules, &case.join("input"), &out, false);
    let moves = again.moves.expect("a comparison with the old model");
    assert_eq!(moves.len(), first.model.comparisons[0].levels.len());
    assert!((moves[0].bits - 1.0).abs() < 1e-9, "{:?}", moves[0]);
    let told = std::fs::read_to_string(rules.join("model.toml")).unwrap();
    assert_eq!(Model::from_toml(&told).unwrap(), first.model);
}

#[test]
fn a_wanted_precision_sets_the_merge_threshold_and_stays_with_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let (rules, input, out) = (folder.path().join("rules"), root().join("fixtures/sample"), folder.path().join("out"));
    copy(&root().join("rules"), &rules);
    let path = rules.join("matching.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let asked = text.lines().map(|l| if l.starts_with("merge = ") { "merge_precision = 0.9999" } else { l });
    std::fs::write(&path, asked.collect::<Vec<_>>().join("\n")).unwrap();

    let first = Job::new(&rules, Some(&input), &out).until(Stage::Dedupe).go().unwrap();
    let model = std::fs::read_to_string(Path::new(&first.folder).join("model.toml")).unwrap();
    let merge = Model::from_toml(&model).unwrap().merge.unwrap();
    assert_eq!(merge.precision, 0.9999);
    assert!(merge.weight > 4.25 && merge.weight < 20.0, "stricter than 0.95 for each pair: {merge:?}");
    let sql =
        "SELECT min(weight) >= {w} AS above, avg(probability) >= 0.9999 AS right_often FROM pairs WHERE band = 'merge'";
    assert_eq!(lines(&out, &first.run, &sql.replace("{w}", &merge.weight.to_string())), ["true | true"]);
    let below = "SELECT count(*) > 0 AS some FROM pairs WHERE band = 'review' AND probability > 0.96";
    assert_eq!(lines(&out, &first.run, below), ["true"]);

    let trained = learn(&rules, &input, &folder.path().join("trained"), false);
    assert_eq!(trained.model.merge, Some(merge));
    let second = Job::new(&rules, Some(&input), &out).until(Stage::Dedupe).at("2026-11-02T02:00:00.000+00:00").go();
    let kept = std::fs::read_to_string(Path::new(&second.unwrap().folder).join("model.toml")).unwrap();
    assert_eq!(kept, std::fs::read_to_string(rules.join("model.toml")).unwrap());
}
