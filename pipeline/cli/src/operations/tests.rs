//! What leaves the run is well formed, and what is documented can be typed.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::args::Cli;
use clap::Parser;

#[test]
fn a_uuid_follows_from_its_name_and_says_its_version() {
    let id = lineage::uuid("2026-11-01-001");
    assert_eq!(id, lineage::uuid("2026-11-01-001").replace("$DAY", "2026-11-01"));
    assert_ne!(id, lineage::uuid("2026-11-01-002"));
    let parts: Vec<&str> = id.split('-').collect();
    assert_eq!(parts.iter().map(|p| p.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    assert!(parts[2].starts_with('8') && parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
}

#[test]
fn labels_are_escaped() {
    assert_eq!(metrics::escaped("a \"b\" \\ c\nd"), "a \\\"b\\\" \\\\ c\\nd");
}

#[test]
fn metrics_of_a_run_that_failed_still_tell_when_records_were_published() {
    let out = tempfile::tempdir().unwrap();
    let outcome: Result<Summary, Failure> = Err(Failure::Other("no room".into()));
    let failed = end(&outcome, None, None, 2, 1.5);
    let text = metrics::text(&failed, out.path(), 1_700_000_000);
    assert!(text.contains("zlato_run_published 0\n") && text.contains("zlato_run_exit_code 2\n"), "{text}");
    assert!(!text.contains("zlato_last_success_timestamp_seconds"));
    std::fs::write(out.path().join("published.json"), "{}").unwrap();
    let text = metrics::text(&failed, out.path(), 1_700_000_000);
    assert!(text.contains("zlato_last_success_timestamp_seconds 1"), "{text}");
    let file = out.path().join("zlato.prom");
    metrics::write(&file, &text).unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    assert!(metrics::write(&out.path().join("no/such/zlato.prom"), &text).is_err());
    assert!(metrics::write(out.path(), &text).is_err());
}

#[cfg(unix)]
#[test]
fn a_command_sees_the_run_and_its_failure_is_told() {
    let out = tempfile::tempdir().unwrap();
    let outcome: Result<Summary, Failure> = Err(Failure::Other("no room\nat all".into()));
    let environment =
        hooks::environment(&end(&outcome, Some("2026-11-01-001"), None, 2, 0.0), out.path(), "2026-11-01");
    let file = out.path().join("said");
    let command =
        format!("printf '%s|%s|%s' \"$ZLATO_RESULT\" \"$ZLATO_REASON\" \"$ZLATO_RUN\" > '{}'", file.display());
    for format in [LogFormat::Text, LogFormat::Json] {
        let run = |command: &str| hooks::run("--on-stop", command, &environment, &Log::new(format));
        run(&command).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "failed|no room at all|2026-11-01-001");
        std::fs::remove_file(&file).unwrap();
        assert!(run("exit 3").unwrap_err().contains('3'));
        // What it leaves behind is not waited for, though it holds on to what the command speaks into.
        let begun = Instant::now();
        run("sleep 20 &").unwrap();
        assert!(begun.elapsed().as_secs() < 15);
    }
}

#[test]
fn log_lines_are_objects_without_nulls() {
    let line = log::object(
        "2026-11-01T02:00:00Z",
        "info",
        "stage_started",
        serde_json::json!({ "rows": null, "stage": "gate" }),
    );
    let wanted = r#"{"time":"2026-11-01T02:00:00Z","level":"info","event":"stage_started","stage":"gate"}"#;
    assert_eq!(line.to_string(), wanted);
}

/// Words of a command line up to what the shell takes for itself.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut any) = (Vec::new(), String::new(), None, false);
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => (quote, any) = (Some(c), true),
            (None, '|' | '>' | '&' | ';' | '#') => break,
            (None, c) if c.is_whitespace() => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            (None, c) => word.push(c),
        }
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    words
}

/// Commands of `zlato` in a text: a shell's lines, a unit's `ExecStart`, a line of a crontab, a string of a program.
fn commands(text: &str) -> Vec<String> {
    let text = text.replace("\\\n", " ");
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        let start = ["zlato ", "ExecStart=/usr/local/bin/zlato ", "/usr/local/bin/zlato "];
        let shell = start.iter().find_map(|s| line.strip_prefix(s));
        let cron = line.strip_prefix("30 2 * * *").and_then(|rest| rest.trim().strip_prefix("/usr/local/bin/zlato "));
        let program = line.strip_prefix("bash_command=\"/usr/local/bin/zlato ").and_then(|rest| rest.split('"').next());
        if let Some(command) = shell.or(cron).or(program) {
            // A place that the reader fills in.
            found.push(command.replace("<run>", "2026-11-01-001").replace("$DAY", "2026-11-01"));
        }
    }
    found
}

#[test]
fn every_documented_command_can_be_typed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut seen = 0;
    let mut texts = vec![root.join("docs/operator.md")];
    texts.extend(std::fs::read_dir(root.join("fixtures/operations")).unwrap().map(|e| e.unwrap().path()));
    for file in texts {
        let mut inside = file.extension().is_none_or(|e| e != "md");
        let text: String = std::fs::read_to_string(&file)
            .unwrap()
            .lines()
            .filter(|line| {
                if line.starts_with("```") {
                    // An opening fence names a language.
                    inside = line.len() > 3;
                }
                inside
            })
            .map(|line| format!("{line}\n"))
            .collect();
        for command in commands(&text) {
            seen += 1;
            let arguments = std::iter::once("zlato".to_string()).chain(words(&command));
            let parsed = Cli::try_parse_from(arguments);
            assert!(parsed.is_ok(), "{}: zlato {command}\n{}", file.display(), parsed.unwrap_err());
        }
    }
    assert!(seen >= 12, "only {seen} commands were found");
}
