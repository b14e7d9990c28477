//! What people see: help, summaries, diagnostics, tables, exit codes.

use crate::harness::{copy, err, out, root, say};

#[test]
fn the_sample_runs_to_a_summary_that_adds_up() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let output = say(&["run", "--out", to, "--as-of", "2026-11-01", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let summary: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    let number = |name: &str| summary[name].as_u64().unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(number("rows_in"), number("rows_crosswalk") + number("rows_quarantine"));
    assert!(number("customers") > 1_000 && number("peak_memory") > 0);
    assert_eq!(summary["published"], true);
    assert_eq!(summary["gate"], "pass");
    for stage in summary["stages"].as_array().unwrap() {
        assert!(stage["seconds"].as_f64().unwrap() >= 0.0 && stage["rows"].is_u64());
    }
    let report = summary["report"].as_str().unwrap();
    assert!(std::fs::metadata(report).unwrap().len() > 10_000, "a report that says something");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(report).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "only its owner reads a report");
    }
    // Progress goes to standard error as lines with a time stamp, and never shows a customer's value.
    assert!(err(&output).contains(" ingest finished: "), "{}", err(&output));
    assert!(!err(&output).contains('@'));

    let listed = say(&["tables", "--out", to]);
    for table in ["records", "golden", "crosswalk", "quarantine", "freshness"] {
        assert!(out(&listed).contains(table), "{table} is listed");
    }
    let counted = say(&["tables", "--out", to, "--csv", "--sql", "SELECT count(*) AS n FROM crosswalk"]);
    assert_eq!(out(&counted), format!("n\n{}\n", number("rows_crosswalk")));
    let wrong = say(&["tables", "--out", to, "goldn"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(err(&wrong).contains("did you mean `golden`"), "{}", err(&wrong));
    assert!(f1(to) > 0.9, "cluster F1 of the sample is {:.3}", f1(to));
}

/// Pairwise F1 of the clusters against `fixtures/sample/truth.csv`.
fn f1(out_folder: &str) -> f64 {
    let sql = "SELECT source, source_key, cluster_id FROM crosswalk WHERE status = 'member'";
    let clusters = out(&say(&["tables", "--out", out_folder, "--csv", "--sql", sql]));
    let truth = std::fs::read_to_string(root().join("fixtures/sample/truth.csv")).unwrap();
    let table = |text: &str| -> std::collections::BTreeMap<String, String> {
        let lines = text.lines().skip(1).filter_map(|l| l.rsplit_once(','));
        lines.map(|(key, group)| (key.to_string(), group.to_string())).collect()
    };
    let (clusters, truth) = (table(&clusters), table(&truth));
    let mut counts =
        [std::collections::BTreeMap::new(), std::collections::BTreeMap::new(), std::collections::BTreeMap::new()];
    for (key, cluster) in &clusters {
        let entity = &truth[key];
        *counts[0].entry(cluster.clone()).or_insert(0u64) += 1;
        *counts[1].entry(entity.clone()).or_insert(0u64) += 1;
        *counts[2].entry(format!("{cluster} {entity}")).or_insert(0u64) += 1;
    }
    let [found, wanted, right] = counts.map(|c| c.values().map(|n| n * (n - 1) / 2).sum::<u64>());
    2.0 * right as f64 / (found + wanted) as f64
}

#[test]
fn problems_of_rules_are_shown_with_their_place() {
    let good = say(&["check"]);
    assert_eq!(good.status.code(), Some(0), "{}", err(&good));
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("rules"), folder.path());
    let path = folder.path().join("matching.toml");
    let text = std::fs::read_to_string(&path).unwrap() + "\n[[blocking]]\nname = \"typo\"\nkee = \"email_key\"\n";
    std::fs::write(&path, text).unwrap();
    let to = folder.path().to_str().unwrap();
    for arguments in [vec!["check", "--rules", to], vec!["run", "--rules", to, "--out", "/nonexistent/never"]] {
        let bad = say(&arguments);
        assert_eq!(bad.status.code(), Some(2));
        assert!(err(&bad).contains("kee") && err(&bad).contains("matching.toml:"), "{}", err(&bad));
    }
}

#[test]
fn a_check_finds_with_its_place_what_a_run_would_refuse() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let rules = |name: &str| std::fs::read_to_string(root().join("fixtures/rules/valid/minimal").join(name)).unwrap();
    for name in ["matching.toml", "profiles.toml", "sources.toml"] {
        std::fs::write(folder.path().join(name), rules(name)).unwrap();
    }
    std::fs::write(folder.path().join("crm.csv"), "ID,FIRST,LAST,MIAL\n1,Anna,Nowak,a@wp.pl\n").unwrap();
    let said = say(&["check", "--rules", to, "--input", to]);
    assert_eq!(said.status.code(), Some(2));
    let text = String::from_utf8_lossy(&said.stderr).to_string();
    for wanted in ["sources.toml:10:9", "no column `MAIL`", "`MIAL`", "sources.toml:15:8", "panel.ndjson.gz"] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    // Without a folder that was named, the files may be elsewhere: what can be checked is.
    std::fs::remove_file(folder.path().join("crm.csv")).unwrap();
    let said = say(&["check", "--rules", to]);
    assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stderr));
}

#[test]
fn exit_codes_tell_what_happened() {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures/cases/household"), folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (rules, input, to) = (path("rules"), path("input"), path("out"));
    let run = |more: &[&str]| {
        let mut all = vec!["run", "--rules", &rules, "--input", &input, "--out", &to, "--as-of", "2026-11-01", "-q"];
        all.extend(more);
        say(&all).status.code()
    };
    let gate = |limit: &str| {
        let text =
            format!("[[check]]\nname = \"any\"\nsql = \"SELECT count(*) FROM golden\"\n{limit} = {{ above = 0 }}\n");
        std::fs::write(folder.path().join("rules/gate.toml"), text).unwrap();
    };
    gate("warn");
    assert_eq!(run(&[]), Some(0));
    assert_eq!(run(&["--strict"]), Some(3));
    gate("stop");
    assert_eq!(run(&[]), Some(1));
    assert_eq!(run(&["--memory", "3 bananas"]), Some(2));
    std::fs::remove_dir_all(folder.path().join("input")).unwrap();
    assert_eq!(run(&[]), Some(2));
}

#[test]
fn every_command_has_help_and_schemas_are_printed() {
    for command in ["run", "try", "train", "evaluate", "explain", "why-not", "check", "schema", "tables", "demo"] {
        let output = say(&[command, "--help"]);
        assert!(output.status.success() && out(&output).contains("Usage: zlato"), "{command}");
    }
    let schema = say(&["schema", "matching"]);
    let schema: serde_json::Value = serde_json::from_str(&out(&schema)).unwrap();
    assert!(schema["properties"]["blocking"].is_object());
    assert_eq!(say(&["schema", "machting"]).status.code(), Some(2));
}

#[test]
fn the_demo_runs_with_the_shipped_rules() {
    let folder = tempfile::tempdir().unwrap();
    let (data, to) = (folder.path().join("data"), folder.path().join("out"));
    let made = say(&["demo", "--customers", "300", "--seed", "5", "--out", data.to_str().unwrap()]);
    assert!(made.status.success(), "{}", err(&made));
    let arguments = [
        "run",
        "--input",
        data.to_str().unwrap(),
        "--out",
        to.to_str().unwrap(),
        "--as-of",
        "2026-11-01",
        "--json",
        "-q",
    ];
    let output = say(&arguments);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", err(&output));
    let summary: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    let number = |name: &str| summary[name].as_u64().unwrap();
    assert_eq!(number("rows_in"), number("rows_crosswalk") + number("rows_quarantine"));
}
