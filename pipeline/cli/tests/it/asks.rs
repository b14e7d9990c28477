//! `zlato train`, `evaluate`, `explain` and `why-not`: what they say, and their exit codes.

use crate::harness::{copy, err, out, root, say};
use std::path::Path;

const TRUTH: &str = "fixtures/sample/truth.csv";

/// A run of the sample up to its matching.
fn matched(to: &str) {
    let run = say(&["run", "--out", to, "--as-of", "2026-11-01", "--until", "dedupe", "-q"]);
    assert_eq!(run.status.code(), Some(0), "{}", err(&run));
}

fn json(arguments: &[&str]) -> serde_json::Value {
    let output = say(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    serde_json::from_str(&out(&output)).unwrap()
}

#[test]
fn a_run_answers_how_good_it_is_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out").display().to_string();
    matched(&to);

    let chart = folder.path().join("chart.html").display().to_string();
    let said = say(&["evaluate", "--truth", TRUTH, "--out", &to, "--chart", &chart]);
    assert_eq!(said.status.code(), Some(0), "{}", err(&said));
    let text = out(&said);
    for part in [
        "pairs, after clustering",
        "B-cubed",
        "blocking (candidate pairs)",
        "found by no rule",
        "merge threshold",
        "best F1",
        "left out: 1,090 rows of profile",
    ] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    let page = std::fs::read_to_string(&chart).unwrap();
    assert!(
        page.contains("<polyline") && page.contains("prefers-color-scheme: dark") && page.contains("merge threshold")
    );
    for outside in ["http://", "https://", "<script", "src="] {
        assert!(!page.contains(outside), "the page needs nothing from outside: {outside}");
    }
    let all = json(&["evaluate", "--truth", TRUTH, "--out", &to, "--json"]);
    assert!(all["clusters"]["pairs"]["f1"].as_f64().unwrap() > 0.9);
    assert_eq!(all["curve"].as_array().unwrap().len(), 161);
    assert_eq!(all["thresholds"][1]["name"], "merge");

    let sql = "SELECT l.source, l.source_key, r.source, r.source_key FROM review q JOIN contacts l ON l.record_id = q.record_id_l JOIN contacts r ON r.record_id = q.record_id_r WHERE q.reason = 'doubtful' ORDER BY q.record_id_l, q.record_id_r LIMIT 1";
    let row = out(&say(&["tables", "--out", &to, "--csv", "--sql", sql]));
    let cells: Vec<&str> = row.lines().nth(1).unwrap().split(',').collect();
    let (a, b) = (format!("{}:{}", cells[0], cells[1]), format!("{}:{}", cells[2], cells[3]));
    let explained = out(&say(&["explain", &a, &b, "--out", &to]));
    for part in [
        "Found by the blocking rule",
        "prior",
        "given_name",
        "Match weight",
        "band review",
        "two_national_ids: does not hold",
        "Apart: two clusters",
        "In the review queue as doubtful",
    ] {
        assert!(explained.contains(part), "no {part} in\n{explained}");
    }
    let apart = out(&say(&["why-not", &a, &b, "--out", &to]));
    for part in ["They are apart because", "[for_review]", "blocking rule", "a steward decides"] {
        assert!(apart.contains(part), "no {part} in\n{apart}");
    }
    let object = json(&["why-not", &a, &b, "--out", &to, "--json"]);
    assert_eq!(object["obstacles"][0]["code"], "for_review");
    assert_eq!(object["same_cluster"], false);

    let typo = format!("{a}x");
    let unknown = say(&["explain", &typo, &b, "--out", &to]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(err(&unknown).contains(&format!("near it: {a}")), "{}", err(&unknown));
    let judged = out(&say(&["judge", "different", &a, &b, "--out", &to, "--on", "2026-11-01", "--steward", "Žana"]));
    assert!(judged.contains("two people") && judged.contains("judgements.jsonl"), "{judged}");
    let estimated = out(&say(&["evaluate", "--out", &to, "--precision", "0.99"]));
    for part in ["1 judgement (0 same, 1 different)", "merge threshold", "a precision of 0.99"] {
        assert!(estimated.contains(part), "no {part} in\n{estimated}");
    }
    let blind = say(&["evaluate", "--out", &to, "--chart", &typo]);
    assert_eq!(blind.status.code(), Some(2));
    assert!(err(&blind).contains("--truth"), "{}", err(&blind));
}

#[test]
fn training_says_what_a_rule_author_can_act_on() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules");
    let case = root().join("fixtures/cases/household");
    copy(&case.join("rules"), &rules);
    let path = |p: &Path| p.display().to_string();
    let (rules_at, input, to) = (path(&rules), path(&case.join("input")), path(&folder.path().join("out")));
    let train = |more: &[&str]| {
        let mut all = vec!["train", "--rules", &rules_at, "--input", &input, "--out", &to, "--as-of", "2026-11-01"];
        all.extend(more);
        say(&all)
    };
    let trial = train(&["--dry-run"]);
    assert_eq!(trial.status.code(), Some(0), "{}", err(&trial));
    let text = out(&trial);
    for part in [
        "onverge",
        "prior",
        "never occurred in 66 random pairs",
        "blocking rule",
        "speaks against",
        "│",
        "nothing was written",
    ] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    let widest = text.lines().filter(|l| l.contains('│')).map(|l| l.chars().count()).max().unwrap();
    assert!(widest <= 100, "the chart fits a terminal: {widest}");
    assert!(!rules.join("model.toml").exists());
    assert_eq!(train(&["-q"]).status.code(), Some(0));
    assert!(rules.join("model.toml").exists());
    let again = train(&["--json", "--dry-run"]);
    let object: serde_json::Value = serde_json::from_str(&out(&again)).unwrap();
    assert!(object["moves"].is_array() && object["comparisons"][0]["levels"][0]["weight"].is_f64());
    assert_eq!(object["written"], serde_json::Value::Null);
}
