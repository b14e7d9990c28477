//! What was recorded about domains lowers the verdicts of e-mails, and a run holds to what it began with.

use crate::harness::{Job, limits, lines, runtime};
use std::path::Path;
use zlato_core::contacts::mail_domain::{MailDomain, MailVerdict};
use zlato_engine::catalog::Catalog;
use zlato_engine::mail_domains::{FILE, Recorder, domains};
use zlato_engine::run::Stage;

fn record(out: &Path, answers: &[(&str, MailVerdict, &str)]) {
    let (mut recorder, _) = Recorder::open(out).unwrap();
    for (domain, verdict, asked_at) in answers {
        let asked_at = asked_at.parse().unwrap();
        let answer = MailDomain { domain: (*domain).into(), verdict: *verdict, mx: None, asked_at };
        recorder.record(&answer).unwrap();
    }
    recorder.finish().unwrap();
}

/// How the e-mails of a domain were judged: `verdict | reason | count`.
fn judged(out: &Path, run: &str, domain: &str) -> Vec<String> {
    let sql = format!(
        "SELECT email_verdict, coalesce(email_reason, '-') AS reason, count(email) AS n FROM contacts
         WHERE email_domain = '{domain}' GROUP BY 1, 2 ORDER BY 1, 2"
    );
    lines(out, run, &sql)
}

#[test]
fn recorded_answers_lower_verdicts() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let run = |night: u32, stage| Job::sample(out).at(&format!("2026-11-{night:02}T02:00:00.000+00:00")).until(stage);
    let first = run(1, Stage::Contacts).go().unwrap().run;
    let plain = lines(
        out,
        &first,
        "SELECT email_domain, sum(CASE WHEN email_verdict = 'suspect' THEN 1 ELSE 0 END) AS suspect, count(email) AS n
         FROM contacts WHERE email_domain IS NOT NULL GROUP BY 1 ORDER BY 3 DESC, 1",
    );
    let row = |line: &String| {
        let parts: Vec<String> = line.split(" | ").map(String::from).collect();
        (parts[0].clone(), parts[1].parse::<u64>().unwrap(), parts[2].parse::<u64>().unwrap())
    };
    let rows: Vec<(String, u64, u64)> = plain.iter().map(row).collect();
    let asked = runtime().block_on(async {
        let catalog = Catalog::open(out, Some(&first), limits(1)).await.unwrap();
        domains(&catalog).await.unwrap()
    });
    // Those of bought profiles are asked about too.
    let both = "SELECT email_domain FROM (SELECT email_domain FROM contacts UNION ALL SELECT email_domain FROM profile_contacts)
         WHERE email_domain IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1";
    assert_eq!(asked, lines(out, &first, both));
    assert!(asked.len() >= rows.len());

    let undoubted: Vec<&(String, u64, u64)> = rows.iter().filter(|(_, suspect, _)| *suspect == 0).take(4).collect();
    let [none, gone, old, good] = undoubted.as_slice() else { panic!("four domains, not {undoubted:?}") };
    record(
        out,
        &[
            (&none.0, MailVerdict::TakesNoMail, "2026-10-20T02:00:00Z"),
            (&gone.0, MailVerdict::NoSuchDomain, "2026-10-20T02:00:00Z"),
            (&old.0, MailVerdict::NoSuchDomain, "2026-08-02T23:59:59Z"),
            (&good.0, MailVerdict::TakesMail, "2026-10-20T02:00:00Z"),
        ],
    );
    let begun = run(2, Stage::Ingest).go().unwrap().run;
    // What is recorded after the run began, even a line that is cut off, waits for the next one.
    std::fs::write(out.join(FILE), "{\"domain\"").unwrap();
    let second = run(2, Stage::Contacts).resume().go().unwrap();
    assert_eq!(second.run, begun);
    assert_eq!(judged(out, &begun, &none.0), [format!("suspect | domain_takes_no_mail | {}", none.2)]);
    assert_eq!(judged(out, &begun, &gone.0), [format!("suspect | domain_unknown | {}", gone.2)]);
    for same in [old, good] {
        assert_eq!(judged(out, &begun, &same.0), judged(out, &first, &same.0), "{}", same.0);
    }

    let kept = out.join("runs").join(&begun);
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(kept.join("manifest.json")).unwrap()).unwrap();
    let hash = blake3::hash(&std::fs::read(kept.join(FILE)).unwrap()).to_hex().to_string();
    assert_eq!(manifest["mail_domains_hash"], hash);
}

#[test]
fn a_damaged_line_stops_the_run_before_it_begins() {
    let out = tempfile::tempdir().unwrap();
    record(out.path(), &[("a.pl", MailVerdict::TakesMail, "2026-10-20T02:00:00Z")]);
    let path = out.path().join(FILE);
    let text = std::fs::read_to_string(&path).unwrap() + "{\"domain\": \"b.pl\"}\n";
    std::fs::write(&path, text).unwrap();
    let error = Job::sample(out.path()).until(Stage::Ingest).go().unwrap_err();
    assert!(error.to_string().contains("mail_domains.jsonl: line 2, column"), "{error}");
    assert!(error.help().is_some());
}
