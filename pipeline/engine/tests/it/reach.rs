//! Whom an event speaks of: every row of that table of `docs/permissions.md` is run, all of them in one run.

use crate::harness::{Job, lines, root};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use zlato_engine::run::Stage;

const SOURCES: &str = r#"
input = "../input"
[[field]]
name = "code"
kind = "text"
[[source]]
name = "crm"
kind = "customer"
path = "crm.csv"
key = "id"
updated_at = "updated"
country = "PL"
[source.columns]
code = "id"
given_name = "given"
family_name = "family"
email = "email"
email_other = "second"
phone = "phone"
opt_in_email = "may_mail"
[[source]]
name = "events"
kind = "event"
path = "events.csv"
key = "id"
[source.columns]
event_kind = "kind"
event_at = "at"
customer_source = "source"
customer_key = "customer"
email = "email"
phone = "phone"
"#;

const MATCHING: &str = r#"
[[blocking]]
name = "code"
key = "code"
[[comparison]]
name = "given_name"
on = "given_name_key"
levels = ["exact"]
[[always]]
name = "code"
same = "code"
[[never]]
name = "code_differs"
different = "code"
"#;

const FRESHNESS: &str = r#"
[[field]]
name = "email"
half_life_days = 730
[[field]]
name = "phone"
half_life_days = 730
[[event]]
kind = "complaint"
field = "email"
effect = "opt_out"
[[event]]
kind = "resubscribe"
field = "email"
effect = "opt_in"
[[event]]
kind = "hard_bounce"
field = "email"
effect = "invalidate"
[[event]]
kind = "wrong_number"
field = "phone"
effect = "invalidate"
"#;

/// The cells of the rows of the table.
fn cases() -> Vec<Vec<String>> {
    let page = std::fs::read_to_string(root().join("docs/permissions.md")).unwrap();
    let after = page.split_once("## Whom an event speaks of").unwrap().1;
    let rows = after.lines().skip_while(|l| !l.starts_with('|')).take_while(|l| l.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_string()).collect()).collect()
}

/// What a cell says, with contacts that no other case has: `mail`, `second`, `phone`, `key`.
fn said(case: usize, cell: &str) -> BTreeMap<String, String> {
    let words = cell.split("; ").map(|part| part.split_once(' ').unwrap_or((part, "")));
    let own = words.map(|(word, what)| match word {
        "phone" => (word, format!("+48601{:03}00{what}", 200 + case)),
        "key" => (word, format!("{case}{what}")),
        word => (word, what.replace("@x.pl", &format!("@case{case}.pl"))),
    });
    own.map(|(word, what)| (word.to_string(), what)).collect()
}

fn inputs(folder: &Path, cases: &[Vec<String>]) {
    let mut crm = "id,given,family,email,second,phone,may_mail,updated\n".to_string();
    let mut events = "id,kind,at,source,customer,email,phone\n".to_string();
    for (at, case) in cases.iter().enumerate() {
        let cell = |said: &BTreeMap<String, String>, word: &str| said.get(word).cloned().unwrap_or_default();
        for (who, given, place) in [("A", "Jan", 2), ("B", "Ewa", 3)] {
            let said = said(at, &case[place]);
            let [mail, second, phone] = ["mail", "second", "phone"].map(|word| cell(&said, word));
            let may = if said.contains_key("yes") { "yes" } else { "no" };
            writeln!(crm, "{at}{who},{given},Nowak,{mail},{second},{phone},{may},2026-01-01").unwrap();
        }
        let (kind, what) = case[1].split_once(' ').unwrap();
        let said = said(at, what);
        let [key, mail, phone] = ["key", "mail", "phone"].map(|word| cell(&said, word));
        let source = if key.is_empty() { "" } else { "crm" };
        writeln!(events, "{at},{kind},2026-06-01,{source},{key},{mail},{phone}").unwrap();
    }
    std::fs::write(folder.join("crm.csv"), crm).unwrap();
    std::fs::write(folder.join("events.csv"), events).unwrap();
}

#[test]
fn every_row_of_whom_an_event_speaks_of() {
    let folder = tempfile::tempdir().unwrap();
    let [rules, input, out] = ["rules", "input", "out"].map(|name| folder.path().join(name));
    std::fs::create_dir_all(&rules).unwrap();
    std::fs::create_dir_all(&input).unwrap();
    for (name, text) in [("sources", SOURCES), ("matching", MATCHING), ("freshness", FRESHNESS)] {
        std::fs::write(rules.join(format!("{name}.toml")), text).unwrap();
    }
    let cases = cases();
    assert!(cases.len() > 15, "only {} rows", cases.len());
    inputs(&input, &cases);
    let summary = Job::new(&rules, Some(&input), &out).until(Stage::Freshness).go().unwrap();
    let found = |sql: &str| lines(&out, &summary.run, sql);
    let (mut wrong, mut known) = (Vec::new(), 0);
    for (at, case) in cases.iter().enumerate() {
        let people =
            |sql: &str| found(sql).into_iter().map(|code| code.replace(&at.to_string(), "")).collect::<Vec<_>>();
        let own = people(&format!(
            "SELECT g.code FROM event_links e JOIN golden g ON e.cluster_id = g.cluster_id \
             WHERE e.source_key = '{at}' ORDER BY g.code"
        ));
        let codes = format!("g.code IN ('{at}A', '{at}B') ORDER BY g.code");
        let dead = people(&format!(
            "SELECT DISTINCT g.code FROM freshness f JOIN golden g ON f.golden_id = g.golden_id \
             WHERE f.state = 'stale' AND {codes}"
        ));
        let mailed = people(&format!(
            "SELECT g.code FROM permissions p JOIN golden g ON p.golden_id = g.golden_id \
             WHERE p.channel = 'email' AND p.allowed AND {codes}"
        ));
        let active =
            people(&format!("SELECT g.code FROM golden g WHERE (g.complaints > 0 OR g.purchases > 0) AND {codes}"));
        let counted = case[1].starts_with("complaint") || case[1].starts_with("purchase");
        if counted && active != own {
            wrong.push(format!("{}: counted for {active:?}", case[0]));
        }
        let shown = [own.join(" "), dead.join(" "), mailed.join(" ")];
        if shown != case[4..7] {
            wrong.push(format!("{}: {shown:?}", case[0]));
        }
        known += usize::from(!case[4].is_empty());
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(found("SELECT * FROM event_links").len(), cases.len(), "every event stands in one line");
    assert!(known > 0 && known < cases.len());
    let warnings = summary.warnings.join("\n");
    assert!(
        warnings.contains("events that opt out or say that a contact is dead are of nobody who is known"),
        "{warnings}"
    );
}
