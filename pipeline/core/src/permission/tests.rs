//! The permission matrix of `docs/permissions.md`: every row of the table is run. And what holds for any choices.

use super::*;
use crate::{day, rules};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Purposes of the table: marketing needs consent, service rests on legitimate interest by e-mail and post.
const RULES: &str = r#"
[[purpose]]
term = "dpv:DirectMarketing"
[[purpose]]
term = "dpv:ServiceProvision"
legal_basis = "eu-gdpr:A6-1-f"
without_choice = ["email", "post"]
[[choice]]
event = "unsubscribe"
purposes = ["dpv:DirectMarketing"]
[[choice]]
field = "newsletter"
channel = "email"
purposes = ["dpv:DirectMarketing"]
dated_by = "newsletter_on"
"#;

const FRESHNESS: &str = r#"
[[event]]
kind = "unsubscribe"
field = "email"
effect = "opt_out"
[[event]]
kind = "complaint"
field = "email"
effect = "opt_out"
[[event]]
kind = "complaint"
field = "phone"
effect = "opt_out"
"#;

fn policy() -> Policy {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/rules/valid/minimal");
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for name in ["sources.toml", "matching.toml", "profiles.toml"] {
        files.insert(name.into(), std::fs::read_to_string(root.join(name)).unwrap());
    }
    let fields =
        "[[field]]\nname = \"newsletter\"\nkind = \"boolean\"\n[[field]]\nname = \"newsletter_on\"\nkind = \"date\"\n";
    let sources = format!("{fields}\n{}", files["sources.toml"]);
    files.insert("sources.toml".into(), sources);
    files.insert("permissions.toml".into(), RULES.into());
    files.insert("freshness.toml".into(), FRESHNESS.into());
    let loaded = rules::load(&files);
    assert_eq!(loaded.diagnostics, vec![]);
    Policy::new(&loaded.rules.unwrap())
}

fn day(text: &str) -> i32 {
    day::parse(text).unwrap()
}

fn text(day: i32) -> String {
    day::text(day).unwrap()
}

/// Cells of the rows of a table of the page, its header left out.
fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let after = page.split_once(heading).unwrap().1;
    let rows = after.lines().skip_while(|l| !l.starts_with('|')).take_while(|l| l.starts_with('|')).skip(2);
    let cells = |row: &str| row.trim_matches('|').split('|').map(|c| c.trim().trim_matches('`').to_string()).collect();
    rows.map(cells).collect()
}

/// `A: yes email 2026-05-01`, `B: no phone`, `C: event complaint 2026-06-01`, `D: newsletter yes 2026-05-01`;
/// `for service` narrows the purposes.
fn choices<'a>(policy: &Policy, cell: &'a str) -> Vec<Choice<'a>> {
    let mut all = Vec::new();
    for part in cell.split(';').map(str::trim).filter(|p| !p.is_empty()) {
        let (evidence, what) = part.split_once(": ").unwrap();
        let words: Vec<&str> = what.split(' ').collect();
        let on = words.last().filter(|w| w.starts_with(|c: char| c.is_ascii_digit())).map(|d| day(d));
        match words[0] {
            "event" => all.extend(policy.event(words[1]).map(|(allowed, s)| Choice {
                channel: s.channel,
                purposes: s.purposes,
                allowed,
                day: on,
                evidence,
            })),
            column @ "newsletter" => {
                let column = policy.columns().iter().find(|c| c.name == column).unwrap();
                all.extend(column.speaks.iter().map(|s| Choice {
                    channel: s.channel,
                    purposes: s.purposes,
                    allowed: words[1] == "yes",
                    day: on,
                    evidence,
                }));
            }
            said => {
                let column = format!("opt_in_{}", words[1]);
                let column = policy.columns().iter().find(|c| c.name == column).unwrap();
                all.extend(column.speaks.iter().map(|s| Choice {
                    channel: s.channel,
                    purposes: s.purposes,
                    allowed: said == "yes",
                    day: on,
                    evidence,
                }));
            }
        }
    }
    all
}

/// `S: all 2026-01-01`, `S: phone 2026-01-01`, `S: email for dpv:DirectMarketing 2026-01-01`.
fn suppressions<'a>(policy: &Policy, cell: &'a str) -> Vec<Suppression<'a>> {
    let parts = cell.split(';').map(str::trim).filter(|p| !p.is_empty());
    parts
        .map(|part| {
            let (evidence, what) = part.split_once(": ").unwrap();
            let words: Vec<&str> = what.split(' ').collect();
            let purpose = words.iter().position(|w| *w == "for").map(|p| words[p + 1]);
            let on = day(words.last().unwrap());
            Suppression { channel: channel(words[0]), purposes: policy.set(purpose), day: on, evidence }
        })
        .collect()
}

#[test]
fn every_row_of_the_matrix() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/permissions.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = table(&page, "## The matrix");
    assert!(rows.len() >= 30, "only {} rows", rows.len());
    let policy = policy();
    let mut reasons: Vec<String> = Vec::new();
    let mut wrong = Vec::new();
    for row in &rows {
        let [case, kind, said, suppressed, channel, purpose, allowed, since, evidence, reason] = row.as_slice() else {
            panic!("{row:?}")
        };
        let said = choices(&policy, said);
        let suppressed = suppressions(&policy, suppressed);
        let mut all = policy.decide_all(&said, &suppressed, kind == "customer", day("2026-11-01"));
        let wanted = format!("dpv:{}", if purpose == "marketing" { "DirectMarketing" } else { "ServiceProvision" });
        let (_, _, found) = all.find(|(c, p, _)| c == channel && *p == wanted).unwrap();
        let shown = [
            if found.allowed { "yes" } else { "no" }.to_string(),
            found.since.map(text).unwrap_or_default(),
            found.evidence.to_string(),
            found.reason.to_string(),
        ];
        if shown != [allowed.clone(), since.clone(), evidence.clone(), reason.clone()] {
            wrong.push(format!("{case}: {shown:?}"));
        }
        reasons.push(reason.clone());
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (reason, _) in REASONS {
        assert!(reasons.iter().any(|r| r == reason), "no row shows {reason}");
    }
}

#[test]
fn without_rules_there_is_one_purpose_and_columns_speak_of_all() {
    let policy = Policy::new(&Rules::default());
    assert_eq!(policy.purposes().collect::<Vec<_>>(), [DEFAULT_PURPOSE]);
    assert_eq!(policy.columns().len(), CHANNELS.len());
    assert_eq!(policy.decide_all(&[], &[], true, 0).filter(|(_, _, d)| d.allowed).count(), 0);
}

proptest! {
    /// Order and repetition of what was said change nothing; one more no never permits more.
    #[test]
    fn choices_are_a_set_and_a_no_never_helps(
        raw in proptest::collection::vec((any::<bool>(), proptest::option::of(-50i32..50), 0usize..5), 0..8),
        by in 0usize..8, no in proptest::option::of(-50i32..50), basis in any::<bool>(),
    ) {
        let names = ["a", "b", "c", "d", "e"];
        let choice = |(allowed, day, name): &(bool, Option<i32>, usize)| Choice {
            channel: 0, purposes: Purposes::ALL, allowed: *allowed, day: *day, evidence: names[*name],
        };
        let all: Vec<Choice<'_>> = raw.iter().map(choice).collect();
        let mut turned = all.clone();
        turned.rotate_left(if all.is_empty() { 0 } else { by % all.len() });
        turned.extend(all.first().cloned());
        let basis = basis.then_some("eu-gdpr:A6-1-f");
        let found = decide(&all, &[], basis, 0);
        prop_assert_eq!(&found, &decide(&turned, &[], basis, 0));
        let mut more = all.clone();
        more.push(choice(&(false, no, 0)));
        let after = decide(&more, &[], basis, 0);
        prop_assert!(found.allowed || !after.allowed);
        let entry = Suppression { channel: None, purposes: Purposes::ALL, day: 3, evidence: "s" };
        prop_assert!(!decide(&all, [&entry], basis, 0).allowed);
    }
}
