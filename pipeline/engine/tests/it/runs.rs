//! Runs are listed, compared and removed.

use crate::harness::{limits, lines, runtime};
use crate::ledger::{Nights, mailbox};
use zlato_engine::diff::{Diff, Question, diff};
use zlato_engine::run::Stage;
use zlato_engine::runs::retention::{Keep, prune};
use zlato_engine::runs::{RunLine, State, list, named};

fn listed(nights: &Nights) -> Vec<RunLine> {
    runtime().block_on(list(&nights.out(), limits(1))).unwrap()
}

fn compared(nights: &Nights, runs: [&str; 2], field: Option<&str>) -> Result<Diff, zlato_engine::error::Error> {
    let question = Question { examples: 2, field: field.map(String::from) };
    runtime().block_on(diff(&nights.out(), runs, &question, limits(2)))
}

#[test]
fn runs_are_listed_with_what_became_of_them_and_old_ones_go() {
    let mut nights = Nights::new();
    let rows = [(101, 1), (102, 2), (5, 3)];
    let runs: Vec<String> = (0..4).map(|_| nights.night(&rows).run).collect();
    let stop = "[[check]]\nname = \"far_too_few\"\nsql = \"SELECT count(*) FROM golden\"\nstop = { below = 100 }\n";
    std::fs::write(nights.rules().join("gate.toml"), stop).unwrap();
    let stopped = nights.job().go().unwrap();
    std::fs::remove_file(nights.rules().join("gate.toml")).unwrap();
    let early = nights.job().until(Stage::Dedupe).go().unwrap();

    let lines = listed(&nights);
    assert_eq!(lines.iter().map(|l| l.run.as_str()).collect::<Vec<_>>()[..2], [&early.run, &stopped.run]);
    let states: Vec<State> = lines.iter().map(|l| l.state).collect();
    let was = State::Published;
    assert_eq!(states, [State::Unfinished, State::Stopped, State::InForce, was, was, was]);
    assert_eq!(lines[0].until, Some(Stage::Dedupe));
    assert_eq!(lines[1].stopped_by, ["far_too_few"]);
    let inforce = &lines[2];
    assert_eq!((inforce.rows_in, inforce.customers, inforce.prospects), (3, 2, 1));
    assert!(inforce.disk > 10_000 && inforce.seconds > 0.0 && inforce.peak_memory > 0);
    assert_eq!(named(&nights.out(), "published").unwrap(), runs[3]);
    assert_eq!(named(&nights.out(), "previous").unwrap(), runs[2]);

    // A crash in the middle of a removal: the run is not seen any more, and the next removal clears up.
    let folder = nights.out().join("runs");
    std::fs::rename(folder.join(&runs[0]), folder.join(format!(".removing-{}", runs[0]))).unwrap();
    assert_eq!(listed(&nights).len(), 5);
    let now = chrono::DateTime::parse_from_rfc3339("2026-11-07T02:00:00+00:00").unwrap();
    let keep = Keep { runs: 1, days: None };
    let fates = runtime().block_on(prune(&nights.out(), keep, now, limits(1))).unwrap();
    let gone: Vec<&str> = fates.iter().filter(|f| f.kept.is_none()).map(|f| f.run.as_str()).collect();
    assert_eq!(gone, [&runs[1]], "what is newer than the published run, and the one before it, stays");
    let left: Vec<String> =
        std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(left.len(), 4, "{left:?}");

    // The next night is a night like any other, and the ledger knows of all of them.
    let next = nights.night(&[(101, 1), (102, 1), (5, 3)]);
    let nights_told =
        crate::harness::lines(&nights.out(), &next.run, "SELECT DISTINCT night FROM ledger ORDER BY night");
    assert_eq!(nights_told, ["1", "2"], "two nights on which something happened");
    let held = zlato_engine::lock::Lock::take(&nights.out()).unwrap();
    assert!(runtime().block_on(prune(&nights.out(), keep, now, limits(1))).is_err(), "not while a run is under way");
    drop(held);
}

#[test]
fn two_runs_are_compared() {
    let mut nights = Nights::new();
    let first = nights.night(&[(101, 1), (103, 1), (134, 2), (104, 3), (106, 3), (108, 6), (5, 4)]);
    let (one, two, three) =
        (nights.id(&first.run, "crm:K101"), nights.id(&first.run, "crm:K134"), nights.id(&first.run, "crm:K104"));
    let error = compared(&nights, ["previous", "published"], None).unwrap_err();
    assert!(error.to_string().contains("first to be published"), "{error}");
    // Two merges into one, three is split, six is retired, nine is new.
    let second = nights.night(&[(101, 1), (103, 1), (134, 1), (104, 3), (106, 8), (5, 4), (110, 9)]);
    let found = compared(&nights, ["previous", "published"], None).unwrap();
    assert_eq!((found.before.run.as_str(), found.after.run.as_str()), (first.run.as_str(), second.run.as_str()));
    let customers = found.customers.as_ref().unwrap();
    assert_eq!(
        [customers.in_both, customers.added, customers.split, customers.merged, customers.retired],
        [3, 1, 1, 1, 1]
    );
    assert_eq!((customers.grown, customers.shrunk), (1, 1));
    let merged = customers.examples.iter().find(|e| e.change == "merged").unwrap();
    assert_eq!((&merged.golden_id, merged.other.as_ref()), (&two, Some(&one)));
    let split = customers.examples.iter().find(|e| e.change == "split").unwrap();
    assert_eq!(split.other.as_ref(), Some(&three));
    assert!(found.missing.is_empty());

    // The opt-in of K134 came to one, whose rows had said no, and earlier.
    let permission = found.permissions.iter().find(|c| c.of.starts_with("email")).unwrap();
    assert_eq!(permission.customers, 1);
    assert!(!found.segmentation.iter().any(|c| c.before == c.after));

    // Values: K104 and K106 had one name; the row that stays is another winner, with the same value.
    let sql = "SELECT golden_id, family_name FROM golden ORDER BY golden_id";
    let before = lines(&nights.out(), &first.run, sql);
    let after = lines(&nights.out(), &second.run, sql);
    let kept: Vec<&str> = before.iter().map(|l| l.split_once(" | ").unwrap().0).collect();
    let differing =
        after.iter().filter(|l| kept.contains(&l.split_once(" | ").unwrap().0) && !before.contains(l)).count();
    let family = found.values.iter().find(|f| f.field == "family_name");
    assert_eq!(family.map_or(0, |f| f.changed as usize), differing);

    // The other way round everything is the other way round.
    let back = compared(&nights, [&second.run, &first.run], None).unwrap();
    let reversed = back.customers.unwrap();
    assert_eq!([reversed.in_both, reversed.retired + reversed.merged, reversed.added + reversed.split], [3, 2, 2]);
    for (forth, back) in found.values.iter().zip(&back.values) {
        assert_eq!((forth.gained, forth.lost, forth.changed), (back.lost, back.gained, back.changed));
    }
    // A run is no different from itself.
    let same = compared(&nights, ["published", "published"], None).unwrap();
    assert!(same.values.is_empty() && same.permissions.is_empty() && same.freshness.is_empty());
    assert_eq!(same.customers.unwrap().in_both, 5);
}

#[test]
fn changed_values_are_shown_with_their_sources() {
    let mut nights = Nights::new();
    let first = nights.night(&[(101, 1), (104, 2), (108, 3)]);
    let id = nights.id(&first.run, "crm:K101");
    let second = nights.night(&[(101, 4), (104, 2), (108, 3)]);
    let found = compared(&nights, [&first.run, &second.run], Some("email")).unwrap();
    assert!(found.customers.is_none() && found.permissions.is_empty());
    assert_eq!(found.values.len(), 1);
    let email = &found.values[0];
    assert_eq!((email.changed, email.examples.len()), (1, 1));
    let example = &email.examples[0];
    assert_eq!(
        (example.golden_id.as_str(), example.before.as_deref(), example.after.as_deref()),
        (id.as_str(), Some(mailbox(1).as_str()), Some(mailbox(4).as_str()))
    );
    assert_eq!(example.before_source.as_deref(), Some("crm:K101"));
    assert_eq!(example.after_source.as_deref(), Some("crm:K101"));
    let error = compared(&nights, [&first.run, &second.run], Some("emial")).unwrap_err();
    assert!(error.help().unwrap().contains("`email`"), "{error}");
    let error = compared(&nights, [&first.run, "2020-01-01-001"], None).unwrap_err();
    assert!(error.help().unwrap().contains(&first.run), "{error}");
}
