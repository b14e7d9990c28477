//! The accident prevented here: a log that cannot be written makes a published night look failed, or a failed one look
//! like none at all. What is said decides nothing; what happened is told to everybody who can hear it.

use crate::harness::{copy, err, out, root, say, zlato};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A case that is soon done, and places for what it leaves.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("fixtures/cases/household"), folder.path());
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn at(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// `zlato run` with whatever can be told of it.
    fn run(&self, more: &[&str]) -> Command {
        let (rules, input, to) = (self.at("rules"), self.at("input"), self.at("out"));
        let (metrics, lineage) = (self.at("m.prom"), self.at("l.ndjson"));
        let hook = format!("printf '%s|%s' \"$ZLATO_RESULT\" \"$ZLATO_RUN\" > '{}'", self.at("hook"));
        let mut all = vec!["run", "--rules", &rules, "--input", &input, "--out", &to, "--as-of", "2026-11-01"];
        all.extend(["--metrics", &metrics, "--lineage", &lineage, "--on-publish", &hook, "--on-stop", &hook]);
        all.extend(more);
        zlato(&all)
    }

    fn lineage(&self) -> Vec<Value> {
        self.read("l.ndjson").lines().map(|l| serde_json::from_str(l).unwrap_or_else(|_| panic!("{l}"))).collect()
    }

    fn runs(&self) -> usize {
        std::fs::read_dir(self.path("out/runs")).unwrap().count()
    }
}

fn log(output: &Output) -> Vec<Value> {
    let text = err(output);
    text.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|_| panic!("{l} in {text}"))).collect()
}

fn event<'a>(log: &'a [Value], name: &str) -> &'a Value {
    log.iter().find(|o| o["event"] == name).unwrap_or_else(|| panic!("no {name} in {log:?}"))
}

fn warned(log: &[Value], text: &str) -> bool {
    log.iter().any(|o| o["level"] == "warning" && o["message"].as_str().is_some_and(|m| m.contains(text)))
}

/// What takes no byte: a disk without room.
#[cfg(target_os = "linux")]
fn full() -> Stdio {
    Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap())
}

/// What nobody reads any more.
fn gone(command: &mut Command) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    child.wait_with_output().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_night_that_nobody_can_be_told_of_is_published_like_any_other() {
    let place = Place::new();
    let more = ["--json", "--keep-runs", "2"];
    let everything_followed = |night: usize| {
        assert!(place.read("m.prom").contains("zlato_run_exit_code 0\n"), "night {night}");
        assert_eq!(place.read("hook"), format!("published|2026-11-01-00{night}"));
        let lineage = place.lineage();
        let last = lineage.last().unwrap();
        assert_eq!((&last["eventType"], &last["job"]["name"]), (&"COMPLETE".into(), &"zlato.run".into()));
        assert_eq!(place.runs(), night.min(2), "old runs are removed");
        ["m.prom", "hook", "l.ndjson"].iter().for_each(|name| std::fs::remove_file(place.path(name)).unwrap());
    };
    let answer = place.run(&more).args(["--log-format", "json"]).stdout(full()).output().unwrap();
    assert_eq!(answer.status.code(), Some(0), "{}", err(&answer));
    assert!(warned(&log(&answer), "standard output cannot be written"), "{}", err(&answer));
    everything_followed(1);

    for (night, format) in [(2, "text"), (3, "json")] {
        let answer = place.run(&more).args(["--log-format", format]).stderr(full()).output().unwrap();
        assert_eq!(answer.status.code(), Some(0));
        assert!(out(&answer).starts_with('{'));
        everything_followed(night);
    }

    let answer = gone(place.run(&more).args(["--log-format", "json"]));
    assert_eq!(answer.status.code(), Some(0), "{}", err(&answer));
    assert!(!err(&answer).contains("standard output"), "nobody is missed: {}", err(&answer));
    everything_followed(4);
}

#[cfg(target_os = "linux")]
#[test]
fn other_commands_fail_where_their_answer_cannot_be_written_and_end_in_peace_where_nobody_reads_it() {
    let place = Place::new();
    let wrong = place.read("rules/matching.toml") + "\n[[blocking]]\nname = \"typo\"\nkee = \"email_key\"\n";
    std::fs::write(place.path("rules/matching.toml"), wrong).unwrap();
    let rules = place.at("rules");
    let answers: [(&[&str], i32); 5] = [
        (&["schema", "matching"], 0),
        (&["try", "email", "a@firma.pl"], 0),
        (&["check", "--rules", &rules, "--json"], 2),
        (&["--help"], 0),
        (&["gazetteer", "--help"], 0),
    ];
    for (arguments, code) in answers {
        let full = zlato(arguments).stdout(full()).output().unwrap();
        assert_eq!(full.status.code(), Some(2), "{arguments:?}");
        assert!(err(&full).contains("standard output cannot be written"), "{arguments:?}: {}", err(&full));
        let gone = gone(&mut zlato(arguments));
        assert_eq!((gone.status.code(), err(&gone).as_str()), (Some(code), ""), "{arguments:?}");
    }
    // Findings and errors that nobody hears.
    for arguments in [vec!["check", "--rules", &rules], vec!["schema", "machting"], vec!["schema"]] {
        let full = zlato(&arguments).stderr(full()).output().unwrap();
        assert_eq!(full.status.code(), Some(2), "{arguments:?}");
        let mut child = zlato(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), Some(2), "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_never_replaced() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let place = Place::new();
    assert!(Command::new("mkfifo").arg(place.path("pipe")).status().unwrap().success());
    for option in ["--metrics", "--lineage"] {
        let refused = say(&["run", option, &place.at("pipe"), "--out", &place.at("out")]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(err(&refused).contains("is a device or a pipe"), "{}", err(&refused));
        assert!(std::fs::symlink_metadata(place.path("pipe")).unwrap().file_type().is_fifo());
        assert!(!place.path("out").exists(), "nothing has begun");
    }
    std::fs::create_dir(place.path("collector")).unwrap();
    symlink("collector/zlato.prom", place.path("m.prom")).unwrap();
    assert_eq!(place.run(&["-q"]).status().unwrap().code(), Some(0));
    assert!(std::fs::symlink_metadata(place.path("m.prom")).unwrap().is_symlink());
    assert!(place.read("collector/zlato.prom").contains("zlato_run_published 1\n"));
}

/// The numbers of the night cannot be kept: a folder stands where they have to go.
#[test]
fn what_fails_after_the_pointer_has_moved_is_a_warning() {
    let place = Place::new();
    std::fs::create_dir_all(place.path("out/history.jsonl.new")).unwrap();
    let published = place.run(&["--log-format", "json"]).output().unwrap();
    assert_eq!(published.status.code(), Some(0), "{}", err(&published));
    assert!(place.path("out/published.json").exists());
    assert_eq!(place.read("hook"), "published|2026-11-01-001");
    assert!(warned(&log(&published), "published, but "), "{}", err(&published));
}

/// A check of the gate fails while it runs.
#[test]
fn a_run_that_fails_on_its_way_keeps_its_name_and_what_was_done() {
    let place = Place::new();
    let check =
        "[[check]]\nname = \"broken\"\nsql = \"SELECT 1 / (count(*) - count(*)) FROM golden\"\nstop = { above = 1 }\n";
    std::fs::write(place.path("rules/gate.toml"), check).unwrap();
    let failed = place.run(&["--log-format", "json", "--json"]).output().unwrap();
    assert_eq!(failed.status.code(), Some(2), "{}", err(&failed));
    assert_eq!(place.read("hook"), "failed|2026-11-01-001");
    let log = log(&failed);
    let ended = event(&log, "run_ended");
    assert_eq!((&ended["run"], &ended["result"]), (&"2026-11-01-001".into(), &"failed".into()), "{ended}");
    assert!(ended["rows_in"].as_u64() > Some(0) && ended["gate"] == "not_reached", "{ended}");
    let metrics = place.read("m.prom");
    for told in [
        "zlato_run_exit_code 2\n",
        "zlato_run_info{run=\"2026-11-01-001\",",
        "zlato_stage_rows{stage=\"freshness\"} ",
        "zlato_golden_records{kind=\"customer\"} ",
    ] {
        assert!(metrics.contains(told), "no {told} in {metrics}");
    }
    assert!(!metrics.contains("stage=\"gate\""), "{metrics}");
    let answer: Value = serde_json::from_str(&out(&failed)).unwrap();
    assert!(answer["error"].as_str().unwrap().contains("`broken`"), "{answer}");
    assert_eq!((&answer["exit_code"], &answer["run"]), (&2.into(), &"2026-11-01-001".into()), "{answer}");
}

#[cfg(unix)]
#[test]
fn a_run_that_is_asked_to_end_keeps_its_name_too() {
    use std::io::{BufRead, BufReader};
    for signal in ["-INT", "-TERM", "-HUP"] {
        let place = Place::new();
        let mut run = place.run(&["--log-format", "json"]);
        let mut child = run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut ended = Value::Null;
        for line in BufReader::new(child.stderr.take().unwrap()).lines() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if line["event"] == "stage_finished" && line["stage"] == "ingest" {
                assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
            }
            ended = line;
        }
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        assert_eq!((&ended["event"], &ended["run"]), (&"run_ended".into(), &"2026-11-01-001".into()), "{ended}");
        assert_eq!(ended["result"], "interrupted");
        let metrics = place.read("m.prom");
        assert!(metrics.contains("zlato_stage_rows{stage=\"ingest\"} "), "{metrics}");
        assert!(!metrics.contains("zlato_golden_records{"), "what was not counted is not told: {metrics}");
        assert!(!place.path("hook").exists());
        assert_eq!(place.run(&["-q", "--resume"]).status().unwrap().code(), Some(0));
        assert_eq!(place.runs(), 1);
    }
}

#[test]
fn events_begin_on_a_line_of_their_own() {
    let place = Place::new();
    std::fs::write(place.path("l.ndjson"), "{\"eventType\":\"STA").unwrap();
    assert_eq!(place.run(&["-q"]).status().unwrap().code(), Some(0));
    let text = place.read("l.ndjson");
    let (torn, rest) = text.split_once('\n').unwrap();
    assert_eq!(torn, "{\"eventType\":\"STA");
    assert!(rest.lines().all(|l| serde_json::from_str::<Value>(l).is_ok()), "{rest}");
    assert_eq!(rest.lines().count(), 22);
}

#[cfg(unix)]
#[test]
fn options_that_cannot_be_kept_are_told_like_every_failure() {
    let place = Place::new();
    for (option, name) in [("--metrics", "nowhere/m.prom"), ("--lineage", "nowhere/l.ndjson")] {
        let wrong = place.at(name);
        let hook = format!("printf '%s|%s' \"$ZLATO_RESULT\" \"$ZLATO_REASON\" > '{}'", place.at("hook"));
        let failed =
            say(&["run", "--out", &place.at("out"), option, &wrong, "--log-format", "json", "--on-stop", &hook]);
        assert_eq!(failed.status.code(), Some(2));
        assert!(
            place.read("hook").starts_with(&format!("failed|{option}: there is no folder")),
            "{}",
            place.read("hook")
        );
        std::fs::remove_file(place.path("hook")).unwrap();
        let log = log(&failed);
        assert!(event(&log, "failed")["message"].as_str().unwrap().contains("there is no folder"));
        assert_eq!(event(&log, "run_ended")["exit_code"], 2);
        assert!(!place.path("out").exists());
    }
}

#[test]
fn a_log_for_machines_has_nothing_else_and_calls_a_stop_an_error() {
    let place = Place::new();
    let gate = "[[check]]\nname = \"any\"\nsql = \"SELECT count(*) FROM golden\"\nstop = { above = 0 }\n";
    std::fs::write(place.path("rules/gate.toml"), gate).unwrap();
    let (rules, input, to) = (place.at("rules"), place.at("input"), place.at("out"));
    let hook = "echo one; printf 'two\\nthree' >&2";
    let run = ["run", "--rules", &rules, "--input", &input, "--out", &to, "--as-of", "2026-11-01", "--on-stop", hook];
    let stopped = zlato(&run).args(["--log-format", "json"]).output().unwrap();
    assert_eq!(stopped.status.code(), Some(1), "{}", err(&stopped));
    let log = log(&stopped);
    let stop = event(&log, "check_stops");
    assert_eq!((&stop["level"], &stop["stage"]), (&"error".into(), &"gate".into()), "{stop}");
    assert!(!log.iter().any(|o| o["level"] == "warning" && o.to_string().contains(" says stop: ")));
    let mut said: Vec<&str> =
        log.iter().filter(|o| o["event"] == "command_said").map(|o| o["message"].as_str().unwrap()).collect();
    said.sort_unstable();
    assert_eq!(said, ["one", "three", "two"]);
}

#[test]
fn failures_are_objects_where_objects_were_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().display().to_string();
    let input = folder.path().join("none").display().to_string();
    for arguments in [
        vec!["run", "--input", &input, "--out", &to, "--json"],
        vec!["runs", "--out", &to, "--json"],
        vec!["match", "--out", &to, "--json", "given_name=Jan"],
        vec!["diff", "previous", "published", "--out", &to, "--json"],
    ] {
        let failed = say(&arguments);
        assert_eq!(failed.status.code(), Some(2), "{arguments:?}");
        let answer: Value = serde_json::from_str(&out(&failed)).unwrap_or_else(|e| panic!("{arguments:?}: {e}"));
        assert!(!answer["error"].as_str().unwrap().is_empty() && answer["exit_code"] == 2, "{answer}");
        assert!(err(&failed).contains(answer["error"].as_str().unwrap()), "people are told as well: {}", err(&failed));
    }
}

#[test]
fn a_day_that_is_done_is_told_again_and_says_so() {
    let place = Place::new();
    let first = place.run(&["--resume"]).output().unwrap();
    assert!(first.status.success() && !out(&first).contains("told again"), "{}", out(&first));
    let again = place.run(&["--resume"]).output().unwrap();
    assert!(again.status.success() && out(&again).contains("told again"), "{}", out(&again));
    let again = place.run(&["--resume", "--json", "--log-format", "json"]).output().unwrap();
    let summary: Value = serde_json::from_str(&out(&again)).unwrap();
    assert_eq!((&summary["told_again"], &summary["run"]), (&true.into(), &"2026-11-01-001".into()));
    assert_eq!(event(&log(&again), "run_ended")["told_again"], true);
    assert_eq!(place.read("hook"), "published|2026-11-01-001");
    assert_eq!(place.runs(), 1);
}

#[test]
fn a_demo_writes_over_nothing_but_a_demo() {
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str, more: &[&str]| {
        let to = folder.path().join(name).display().to_string();
        let mut all = vec!["demo", "--customers", "5", "-q", "--out", &to];
        all.extend(more);
        say(&all)
    };
    let exports = folder.path().join("exports");
    std::fs::create_dir(&exports).unwrap();
    std::fs::write(exports.join("crm.csv"), "real\n").unwrap();
    for more in [&[][..], &["--nights", "2"]] {
        let refused = made("exports", more);
        assert_eq!(refused.status.code(), Some(2));
        assert!(err(&refused).contains("--force"), "{}", err(&refused));
        assert_eq!(contents(&exports), ["crm.csv"]);
    }
    assert_eq!(std::fs::read_to_string(exports.join("crm.csv")).unwrap(), "real\n");
    let welcome: [(&str, &[&str]); 3] = [("new", &[]), ("new", &["--seed", "2"]), ("nights", &["--nights", "2"])];
    for (name, more) in welcome {
        let output = made(name, more);
        assert!(output.status.success(), "{}", err(&output));
    }
    assert!(made("nights", &["--nights", "2"]).status.success());
    assert!(made("exports", &["--force"]).status.success());
}

fn contents(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned());
    names.collect()
}
