//! A steward's verdict on two records holds in every later run, and nothing asks about it again.

use crate::harness::{Job, limits, lines, runtime};
use crate::ledger::Nights;
use std::path::Path;
use zlato_core::judgement::{Judgement, RecordName, Verdict};
use zlato_engine::inspect::Inspection;
use zlato_engine::inspect::judged::{Account, estimate_run};
use zlato_engine::judgements::{FILE, append};
use zlato_engine::run::Stage;
use zlato_engine::summary::Summary;

fn run(out: &Path, night: u32) -> Summary {
    Job::sample(out).at(&format!("2026-11-{night:02}T02:00:00.000+00:00")).until(Stage::Dedupe).go().unwrap()
}

/// Two records of a line `source | key | source | key`.
fn names(line: &str) -> [RecordName; 2] {
    let parts: Vec<&str> = line.split(" | ").collect();
    let name = |i: usize| RecordName { source: parts[i].into(), source_key: parts[i + 1].into() };
    [name(0), name(2)]
}

/// A pair of the table `pairs` or `review`, whose clusters are the same or not.
fn pick(out: &Path, run: &str, table: &str, sign: &str) -> [RecordName; 2] {
    let sql = format!(
        "SELECT l.source AS ls, l.source_key AS lk, r.source AS rs, r.source_key AS rk FROM {table} p
         JOIN contacts l ON l.record_id = p.record_id_l JOIN contacts r ON r.record_id = p.record_id_r
         JOIN clusters x ON x.record_id = p.record_id_l JOIN clusters y ON y.record_id = p.record_id_r
         WHERE x.cluster_id {sign} y.cluster_id AND p.reason_or_band ORDER BY p.weight, 2, 4 LIMIT 1"
    );
    let condition = if table == "pairs" { "p.band = 'merge'" } else { "p.reason = 'doubtful'" };
    names(&lines(out, run, &sql.replace("p.reason_or_band", condition))[0])
}

fn together(out: &Path, run: &str, [a, b]: &[RecordName; 2]) -> bool {
    let sql = format!(
        "SELECT count(DISTINCT c.cluster_id) AS n FROM clusters c JOIN contacts t ON t.record_id = c.record_id
         WHERE (t.source = '{}' AND t.source_key = '{}') OR (t.source = '{}' AND t.source_key = '{}')",
        a.source, a.source_key, b.source, b.source_key
    );
    lines(out, run, &sql)[0] == "1"
}

fn asked(out: &Path, run: &str, [a, b]: &[RecordName; 2]) -> bool {
    let sql = "SELECT l.source AS ls, l.source_key AS lk, r.source AS rs, r.source_key AS rk FROM review q
         JOIN contacts l ON l.record_id = q.record_id_l JOIN contacts r ON r.record_id = q.record_id_r";
    lines(out, run, sql).iter().map(|line| names(line)).any(|[x, y]| (&x, &y) == (a, b) || (&y, &x) == (a, b))
}

#[test]
fn judgements_part_and_join_records_and_end_the_question() {
    let out = tempfile::tempdir().unwrap();
    let first = run(out.path(), 1).run;
    let merged = pick(out.path(), &first, "pairs", "=");
    let doubtful = pick(out.path(), &first, "review", "<>");
    assert!(together(out.path(), &first, &merged) && !together(out.path(), &first, &doubtful));
    assert!(asked(out.path(), &first, &doubtful));
    let judge = |[left, right]: &[RecordName; 2], verdict| {
        let decided_on = "2026-11-01".parse().unwrap();
        let judgement =
            Judgement { left: left.clone(), right: right.clone(), verdict, decided_on, steward: None, note: None };
        append(out.path(), &judgement).unwrap();
    };
    judge(&merged, Verdict::Different);
    judge(&doubtful, Verdict::Same);
    let gone = RecordName { source: "crm".into(), source_key: "no longer there".into() };
    judge(&[gone, merged[0].clone()], Verdict::Same);
    let second = run(out.path(), 2);
    assert!(!together(out.path(), &second.run, &merged) && together(out.path(), &second.run, &doubtful));
    assert!(!asked(out.path(), &second.run, &merged) && !asked(out.path(), &second.run, &doubtful));
    let told = second.warnings.iter().find(|w| w.contains("1 judgement names"));
    assert!(told.is_some(), "{:?}", second.warnings);

    // The other way round, a night later: the later line counts.
    judge(&merged, Verdict::Same);
    judge(&doubtful, Verdict::Different);
    let third = run(out.path(), 3).run;
    assert!(together(out.path(), &third, &merged) && !together(out.path(), &third, &doubtful));
    assert!(!asked(out.path(), &third, &doubtful), "a pair that was judged different is not asked about again");

    let estimation = runtime().block_on(async {
        let run = Inspection::open(out.path(), Some(&third), limits(2)).await.unwrap();
        let pair = run.pair("crm:nobody", "crm:nothing").await;
        assert!(pair.is_err());
        estimate_run(&run, Some(0.9)).await.unwrap()
    });
    assert_eq!(estimation.judgements, Account { same: 1, different: 1, unknown: 1 });
    let merge = estimation.thresholds.iter().find(|t| t.name == "merge").unwrap();
    let precision = merge.estimated.precision.unwrap();
    assert!(precision.low <= precision.value && precision.value <= precision.high && precision.value > 0.9);
    assert!(estimation.wanted.unwrap().weight <= merge.estimated.weight);
}

#[test]
fn a_damaged_judgement_stops_the_run_before_it_begins() {
    let out = tempfile::tempdir().unwrap();
    std::fs::write(out.path().join(FILE), "{\"left\": ").unwrap();
    let error = Job::sample(out.path()).until(Stage::Ingest).go().unwrap_err();
    assert!(error.to_string().contains("line 1"), "{error}");
    assert!(error.help().is_some());
}

#[test]
fn judgements_beat_every_rule_and_contradictions_are_told() {
    let mut nights = Nights::new();
    let rows = [(101, 1), (102, 1), (103, 2)];
    let first = nights.night(&rows);
    let name = |key: u32| RecordName { source: "crm".into(), source_key: format!("K{key}") };
    let judge = |nights: &Nights, left: u32, right: u32, verdict, day: &str| {
        let decided_on = day.parse().unwrap();
        let (left, right) = (name(left), name(right));
        append(&nights.out(), &Judgement { left, right, verdict, decided_on, steward: None, note: None }).unwrap();
    };
    let one = |nights: &Nights, run: &str, [a, b]: [u32; 2]| {
        nights.id(run, &format!("crm:K{a}")) == nights.id(run, &format!("crm:K{b}"))
    };
    let held =
        |nights: &Nights, run: &str| lines(&nights.out(), run, "SELECT verdict, holds FROM judged ORDER BY 1, 2");
    assert!(one(&nights, &first.run, [101, 102]), "an `always` rule joins them");
    judge(&nights, 101, 102, Verdict::Different, "2026-11-01");
    let second = nights.night(&rows);
    assert!(!one(&nights, &second.run, [101, 102]));
    assert_eq!(held(&nights, &second.run), ["different | true"]);
    assert_eq!(lines(&nights.out(), &second.run, "SELECT * FROM review"), [""; 0], "nothing is left to ask");

    // Who is two people cannot both be a third: the later word is not followed.
    judge(&nights, 103, 102, Verdict::Same, "2026-11-02");
    judge(&nights, 103, 101, Verdict::Same, "2026-11-01");
    let third = nights.night(&rows);
    assert!(one(&nights, &third.run, [101, 103]) && !one(&nights, &third.run, [101, 102]));
    assert_eq!(held(&nights, &third.run), ["different | true", "same | false", "same | true"]);
    assert!(third.warnings.iter().any(|w| w.contains("1 judgement was not followed")), "{:?}", third.warnings);
    assert_eq!(lines(&nights.out(), &third.run, "SELECT reason FROM review"), ["judgements"]);

    judge(&nights, 101, 102, Verdict::Same, "2026-11-03");
    let fourth = nights.night(&rows);
    assert!(one(&nights, &fourth.run, [101, 102]) && one(&nights, &fourth.run, [101, 103]));
    assert_eq!(held(&nights, &fourth.run), ["same | true"; 3]);
}
