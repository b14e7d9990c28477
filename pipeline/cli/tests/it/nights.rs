//! `zlato runs`, `diff`, `history` and `explain GOLDEN_ID` over two nights: what they say, and their exit codes.

use crate::harness::{copy, err, out, root, say};

fn json(arguments: &[&str]) -> serde_json::Value {
    let output = say(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    serde_json::from_str(&out(&output)).unwrap()
}

#[test]
fn two_nights_are_listed_compared_and_told() {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures/cases/household"), folder.path());
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (rules, to) = (at("rules"), at("out"));
    let night = |day: &str, more: &[&str]| {
        let all = [&["run", "--rules", &rules, "--out", &to, "--as-of", day, "-q"], more].concat();
        let run = say(&all);
        assert_eq!(run.status.code(), Some(0), "{}", err(&run));
        err(&run)
    };
    let nothing = say(&["runs", "--out", &to]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(err(&nothing).contains("zlato run"), "{}", err(&nothing));

    night("2026-11-01", &[]);
    // A telephone number changes, and one row is no longer delivered.
    let file = folder.path().join("input/webshop.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    std::fs::write(&file, lines[..lines.len() - 1].join("\n").replace("601200300", "601200301") + "\n").unwrap();
    night("2026-11-02", &[]);

    let listed = out(&say(&["runs", "--out", &to]));
    for part in ["2026-11-01-001", "was published", "published, in force", "2 runs"] {
        assert!(listed.contains(part), "no {part} in\n{listed}");
    }
    let runs = json(&["runs", "--out", &to, "--json"]);
    assert_eq!(runs["runs"][0]["run"], "2026-11-02-001");
    assert_eq!(runs["runs"][0]["state"], "in_force");

    let said = say(&["diff", "previous", "published", "--out", &to]);
    assert_eq!(said.status.code(), Some(0), "{}", err(&said));
    for part in ["before  2026-11-01-001", "after   2026-11-02-001", "in both", "shrunk ", "Permissions", "Freshness"] {
        assert!(out(&said).contains(part), "no {part} in\n{}", out(&said));
    }
    let turned = out(&say(&["diff", "published", "previous", "--out", &to]));
    assert!(turned.contains("Mind the order"), "{turned}");
    let typo = say(&["diff", "previous", "published", "--out", &to, "--field", "emial"]);
    assert_eq!(typo.status.code(), Some(2));
    assert!(err(&typo).contains("did you mean `email`?"), "{}", err(&typo));
    let unknown = say(&["diff", "previous", "2026", "--out", &to]);
    assert!(unknown.status.code() == Some(2) && err(&unknown).contains("2026-11-01-001"), "{}", err(&unknown));

    let sql = "SELECT golden_id FROM ledger WHERE event IN ('shrunk', 'retired') ORDER BY golden_id LIMIT 1";
    let id = out(&say(&["tables", "--out", &to, "--csv", "--sql", sql])).lines().nth(1).unwrap().to_string();
    let told = out(&say(&["history", &id, "--out", &to]));
    for part in ["2026-11-01  run 2026-11-01-001", "created with", "2026-11-02  run 2026-11-02-001", "-  webshop:"] {
        assert!(told.contains(part), "no {part} in\n{told}");
    }
    assert_eq!(json(&["history", &id, "--out", &to, "--json"])["golden_id"], id.as_str());
    let near = say(&["history", &id[..12], "--out", &to]);
    assert_eq!(near.status.code(), Some(2));
    assert!(err(&near).contains(&format!("near it: {id}")), "{}", err(&near));

    // Old runs go when they are told to, and not before.
    assert_eq!(say(&["runs", "--out", &to, "--prune"]).status.code(), Some(2), "--keep is wanted");
    assert_eq!(say(&["runs", "--out", &to, "--keep", "3"]).status.code(), Some(2), "--prune is wanted");
    let plan = out(&say(&["runs", "--out", &to, "--prune", "--keep", "1", "--dry-run"]));
    assert!(plan.contains("Nothing to remove") && plan.contains("was in force before"), "{plan}");
    let said = night("2026-11-03", &["--keep-runs", "1"]);
    assert_eq!(said, "", "quiet means quiet");
    assert_eq!(json(&["runs", "--out", &to, "--json"])["runs"].as_array().unwrap().len(), 2);
    assert!(!folder.path().join("out/runs/2026-11-01-001").exists());
    let told = out(&say(&["history", &id, "--out", &to]));
    assert!(told.contains("created with") && told.contains("no longer known"), "{told}");
    let pruned = json(&["runs", "--out", &to, "--prune", "--keep", "1", "--json"]);
    assert_eq!(pruned["removed"].as_array().unwrap().len(), 0);
}

#[test]
fn a_golden_record_is_explained_under_its_former_ids_too() {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures/cases/household"), folder.path());
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (rules, to) = (at("rules"), at("out"));
    let night = |day: &str| {
        let run = say(&["run", "--rules", &rules, "--out", &to, "--as-of", day, "-q"]);
        assert_eq!(run.status.code(), Some(0), "{}", err(&run));
    };
    let rows = |sql: &str| -> Vec<Vec<String>> {
        let text = out(&say(&["tables", "--out", &to, "--csv", "--sql", sql]));
        text.lines().skip(1).map(|line| line.split(',').map(String::from).collect()).collect()
    };
    night("2026-11-01");
    let members = rows(
        "SELECT h.household_id, c.golden_id, min(c.source || ':' || c.source_key) FROM households h \
         JOIN crosswalk c ON c.golden_id = h.golden_id WHERE c.kind = 'customer' GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 2",
    );
    let [one, other] = members.as_slice() else { panic!("{members:?}") };

    let told = out(&say(&["explain", &one[1], "--out", &to]));
    for part in [&one[1], "decided by", "family_name", "wins", "Household H", "of age: a member by"] {
        assert!(told.contains(part), "no {part} in\n{told}");
    }
    let object = json(&["explain", &one[1].to_lowercase(), "--out", &to, "--json"]);
    assert_eq!((object["golden_id"].as_str(), &object["former_id"]), (Some(one[1].as_str()), &serde_json::Value::Null));
    assert_eq!(object["household"]["household_id"], one[0].as_str());
    let unknown = say(&["explain", &other[1][..12], "--out", &to]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(err(&unknown).contains(&format!("near it: {}", other[1])), "{}", err(&unknown));

    let same = say(&["judge", "same", &one[2], &other[2], "--out", &to, "--on", "2026-11-01", "--steward", "Ana"]);
    assert_eq!(same.status.code(), Some(0), "{}", err(&same));
    night("2026-11-02");
    let redirects = rows("SELECT golden_id, now FROM redirects");
    let [former, now] = redirects[0].as_slice() else { panic!("{redirects:?}") };
    assert_eq!(redirects.len(), 1, "{redirects:?}");
    let told = out(&say(&["explain", former, "--out", &to]));
    assert!(told.starts_with(&format!("What was {former} is {now} now.")), "{told}");
    let object = json(&["explain", former, "--out", &to, "--json"]);
    assert_eq!(
        (object["golden_id"].as_str(), object["former_id"].as_str()),
        (Some(now.as_str()), Some(former.as_str()))
    );
    let account = json(&["subject", former, "--out", &to]);
    assert!(account.to_string().contains(now), "{account}");
}
