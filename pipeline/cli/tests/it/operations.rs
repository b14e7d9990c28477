//! What a scheduler sees of a run: metrics, lineage, a log for machines, commands at its end.

use crate::harness::{copy, err, out, root, say};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// What every RunEvent must have (OpenLineage 2-0-2), and what every facet must.
fn conforms(event: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{event}")).to_string();
    chrono::DateTime::parse_from_rfc3339(&text(&event["eventTime"])).unwrap();
    assert!(text(&event["producer"]).starts_with("urn:zlato:"));
    assert!(text(&event["schemaURL"]).ends_with("OpenLineage.json#/$defs/RunEvent"));
    assert!(["START", "COMPLETE", "FAIL", "ABORT"].contains(&text(&event["eventType"]).as_str()));
    assert_eq!(text(&event["run"]["runId"]).len(), 36);
    assert!(!text(&event["job"]["namespace"]).is_empty() && text(&event["job"]["name"]).starts_with("zlato.run"));
    for dataset in ["inputs", "outputs"].iter().flat_map(|side| event[side].as_array().unwrap()) {
        assert_eq!(text(&dataset["namespace"]), "file");
        assert!(Path::new(&text(&dataset["name"])).exists(), "{dataset}");
        let fields = dataset["facets"]["schema"]["fields"].as_array().unwrap();
        assert!(!fields.is_empty() && fields.iter().all(|f| f["name"].is_string()), "{dataset}");
    }
    for holder in [&event["run"]["facets"], &event["job"]["facets"]] {
        for facet in holder.as_object().unwrap().values() {
            assert!(facet["_producer"].is_string() && facet["_schemaURL"].is_string(), "{facet}");
        }
    }
}

#[test]
fn a_published_run_leaves_metrics_lineage_and_a_log_for_machines() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let command = format!("printf '%s %s' \"$ZLATO_RESULT\" \"$ZLATO_RUN\" > '{}'; echo said; exit 4", at("published"));
    let output = say(&[
        "run",
        "--out",
        &at("out"),
        "--as-of",
        "2026-11-01",
        "--json",
        "--metrics",
        &at("zlato.prom"),
        "--lineage",
        &at("lineage.ndjson"),
        "--log-format",
        "json",
        "--on-publish",
        &command,
        "--on-stop",
        "exit 5",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let summary: Value = serde_json::from_str(&out(&output)).unwrap();
    let run = summary["run"].as_str().unwrap();
    assert_eq!(read(&folder.path().join("published")), format!("published {run}"));

    let log = err(&output);
    let objects: Vec<Value> = log.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|_| panic!("{l}"))).collect();
    let said = objects.iter().find(|o| o["event"] == "command_said").unwrap();
    assert_eq!((&said["message"], &said["option"]), (&"said".into(), &"--on-publish".into()));
    let events = |name: &str| objects.iter().filter(|o| o["event"] == name).count();
    assert_eq!(
        (events("run_started"), events("stage_started"), events("stage_finished"), events("run_ended")),
        (1, 10, 10, 1)
    );
    assert!(objects.iter().all(|o| o["time"].is_string() && o["level"].is_string()));
    let warned =
        objects.iter().any(|o| o["message"].as_str().is_some_and(|m| m.contains("--on-publish") && m.contains('4')));
    assert!(warned, "a command that fails is told of and changes nothing");

    let text = read(&folder.path().join("lineage.ndjson"));
    let lineage: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    lineage.iter().for_each(conforms);
    assert!(!text.contains("gmail"), "no values");
    let mut states: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for event in &lineage {
        states.entry(event["job"]["name"].as_str().unwrap()).or_default().push(event["eventType"].as_str().unwrap());
    }
    assert_eq!(states.len(), 11, "the run and ten stages");
    assert!(states.values().all(|s| s == &["START", "COMPLETE"]), "{states:?}");
    let whole = lineage.last().unwrap();
    assert_eq!(whole["inputs"].as_array().unwrap().len(), 7);
    assert!(
        whole["outputs"]
            .as_array()
            .unwrap()
            .iter()
            .any(|o| o["outputFacets"]["outputStatistics"]["rowCount"].as_u64() > Some(1_000))
    );
    let of_stage = lineage.iter().find(|e| e["job"]["name"] == "zlato.run.dedupe").unwrap();
    assert_eq!(of_stage["run"]["facets"]["parent"]["run"]["runId"], whole["run"]["runId"]);

    let metrics = read(&folder.path().join("zlato.prom"));
    assert!(
        metrics.contains("zlato_run_published 1\n") && metrics.contains("zlato_gate_result{result=\"pass\"} 1\n"),
        "{metrics}"
    );
    assert!(
        metrics.contains(&format!(
            "zlato_source_rows{{source=\"crm\",state=\"in\"}} {}\n",
            summary["sources"][0]["rows_in"]
        ))
    );
    assert!(metrics.contains("zlato_stage_duration_seconds{stage=\"dedupe\"} "));
    let mut named = std::collections::BTreeSet::new();
    for line in metrics.lines() {
        if let Some(of) = line.strip_prefix("# TYPE ") {
            assert!(named.insert(of.split(' ').next().unwrap().to_string()), "{of} twice");
        } else if !line.starts_with('#') {
            let name = line.split(['{', ' ']).next().unwrap();
            assert!(named.contains(name) && line.rsplit(' ').next().unwrap().parse::<f64>().is_ok(), "{line}");
        }
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("zlato.prom"), mode("lineage.ndjson"), mode("out/history.jsonl")), (0o644, 0o600, 0o600));
    }
    assert_eq!(read(&folder.path().join("out/history.jsonl")).lines().count(), 1);
}

#[test]
fn a_run_that_cannot_start_is_told_to_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    copy(&root().join("rules"), &folder.path().join("rules"));
    let path = folder.path().join("rules/gate.toml");
    let text = std::fs::read_to_string(&path).unwrap() + "\n[[check]]\nname = \"typo\"\n";
    std::fs::write(&path, text).unwrap();
    let command = format!("printf '%s|%s|%s' \"$ZLATO_RESULT\" \"$ZLATO_RUN\" \"$ZLATO_REASON\" > '{}'", at("stopped"));
    let run =
        ["run", "--rules", &at("rules"), "--out", &at("out"), "--metrics", &at("m.prom"), "--lineage", &at("l.ndjson")];
    let output = say(&[&run[..], &["--on-stop", &command, "--log-format", "json"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
    let stopped = read(&folder.path().join("stopped"));
    assert!(stopped.starts_with("failed||the rules have problems: ") && stopped.contains("gate.toml:"), "{stopped}");
    for line in err(&output).lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(line["level"].is_string());
    }
    assert!(read(&folder.path().join("m.prom")).contains("zlato_run_exit_code 2\n"));
    let events: Vec<Value> =
        read(&folder.path().join("l.ndjson")).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    events.iter().for_each(conforms);
    assert_eq!(events.iter().map(|e| e["eventType"].as_str().unwrap()).collect::<Vec<_>>(), ["START", "FAIL"]);
    assert!(events[1]["run"]["facets"]["errorMessage"]["message"].as_str().unwrap().contains("rules"));
    // The same in words for people.
    let spoken = say(&run);
    assert!(err(&spoken).contains("gate.toml"), "{}", err(&spoken));
    let nowhere = say(&["run", "--metrics", &at("no/such/folder/m.prom")]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(err(&nowhere).contains("there is no folder"), "{}", err(&nowhere));
}

/// The shipped scripts, with stand-ins for `sendmail` and `curl`.
#[cfg(unix)]
#[test]
fn the_example_scripts_say_what_they_should() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let scripts = root().join("fixtures/operations");
    let curl = folder.path().join("curl");
    std::fs::write(&curl, "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$SAID\"\n").unwrap();
    std::fs::set_permissions(&curl, std::fs::Permissions::from_mode(0o755)).unwrap();
    let said = folder.path().join("said");
    let start = |script: String| {
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        let mut command = std::process::Command::new("sh");
        command
            .arg("-c")
            .arg(script)
            .env("PATH", path)
            .env("SAID", &said)
            .env("ZLATO_WEBHOOK", "https://example.com/x");
        command.env("ZLATO_RESULT", "stopped").env("ZLATO_AS_OF", "2026-11-01").env("ZLATO_EXIT_CODE", "1");
        command.env("ZLATO_RUN", "2026-11-01-001").env("ZLATO_REASON", "rows of \"crm\" \\ 3");
        command.env("ZLATO_REPORT", "/data/r.html").env("ZLATO_OUT", "/data");
        assert!(command.status().unwrap().success());
        read(&said)
    };
    let hook = start(scripts.join("on-stop-webhook.sh").display().to_string());
    let body = hook.lines().find(|l| l.starts_with('{')).unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["text"], "zlato stopped on 2026-11-01: rows of \"crm\" \\ 3");
    let mail = read(&scripts.join("on-stop-mail.sh")).replace("/usr/sbin/sendmail -t", "cat > \"$SAID\"");
    let mail = start(mail);
    assert!(
        mail.contains("Subject: zlato: stopped on 2026-11-01 (exit code 1)\n") && mail.contains("/data/r.html"),
        "{mail}"
    );
}
