//! Golden ids over many nights, on whole runs. Records with one e-mail are one person here, so that a test decides what
//! merges; what the tables say is compared with what the crosswalks show.

use crate::harness::{Job, limits, lines, runtime};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use zlato_engine::history::{History, history};
use zlato_engine::summary::Summary;

const RULES: &str = r#"
input = "../input"
[[source]]
name = "crm"
kind = "customer"
path = "crm.csv"
key = "id"
updated_at = "updated"
[source.columns]
given_name = "given"
family_name = "family"
email = "email"
opt_in_email = "optin"
[[source]]
name = "shop"
kind = "prospect"
path = "shop.csv"
key = "id"
[source.columns]
given_name = "given"
family_name = "family"
email = "email"
"#;

const MATCHING: &str = r#"
[[blocking]]
name = "email"
key = "email_key"
[[comparison]]
name = "email"
on = "email_key"
levels = ["exact"]
[[always]]
name = "one_mailbox"
same = "email_key"
"#;

/// Names of people who share nothing.
const PEOPLE: [(&str, &str); 10] = [
    ("Adam", "Mazur"),
    ("Bożena", "Kowalska"),
    ("Cezary", "Nowak"),
    ("Danuta", "Wiśniewska"),
    ("Emil", "Zając"),
    ("Felicja", "Górska"),
    ("Grzegorz", "Lis"),
    ("Halina", "Pawlak"),
    ("Igor", "Sikora"),
    ("Jolanta", "Bąk"),
];

pub fn mailbox(person: usize) -> String {
    format!("skrzynka{person}{person}@wp.pl")
}

/// A source row and the person whose name and mailbox it has. Keys below 100 are of the shop.
pub type Rows = Vec<(u32, usize)>;

/// An output folder with its rules and input.
pub struct Nights {
    folder: tempfile::TempDir,
    night: u32,
}

impl Nights {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("rules")).unwrap();
        std::fs::create_dir_all(folder.path().join("input")).unwrap();
        std::fs::write(folder.path().join("rules/sources.toml"), RULES).unwrap();
        std::fs::write(folder.path().join("rules/matching.toml"), MATCHING).unwrap();
        Self { folder, night: 0 }
    }

    pub fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    pub fn rules(&self) -> PathBuf {
        self.folder.path().join("rules")
    }

    /// Writes the sources, in the order given.
    pub fn deliver(&self, rows: &[(u32, usize)]) {
        let text = |shop: bool| {
            let mut text = String::from("id,given,family,email,updated,optin\n");
            for (key, person) in rows.iter().filter(|(key, _)| (*key < 100) == shop) {
                let optin = if key % 2 == 0 { "yes" } else { "no" };
                let (given, family) = PEOPLE[*person];
                let (mailbox, day) = (mailbox(*person), key % 28 + 1);
                text.push_str(&format!("K{key},{given},{family},{mailbox},2026-10-{day:02},{optin}\n"));
            }
            text
        };
        std::fs::write(self.folder.path().join("input/crm.csv"), text(false)).unwrap();
        std::fs::write(self.folder.path().join("input/shop.csv"), text(true)).unwrap();
    }

    /// The next night, one day later.
    pub fn job(&mut self) -> Job {
        self.night += 1;
        let mut job =
            Job::new(&self.rules(), None, &self.out()).at(&format!("2026-11-{:02}T02:00:00.000+00:00", self.night));
        job.options.as_of = format!("2026-11-{:02}", self.night).parse().unwrap();
        job
    }

    pub fn night(&mut self, rows: &[(u32, usize)]) -> Summary {
        self.deliver(rows);
        let summary = self.job().go().unwrap();
        assert!(summary.published);
        summary
    }

    pub fn life(&self, id: &str) -> History {
        runtime().block_on(history(&self.out(), id, limits(1))).unwrap()
    }

    fn set(&self, run: &str, sql: &str) -> BTreeSet<String> {
        lines(&self.out(), run, sql).into_iter().collect()
    }

    /// Golden id of each row.
    fn crosswalk(&self, run: &str) -> BTreeMap<String, String> {
        let lines = lines(&self.out(), run, "SELECT source || ':' || source_key, golden_id FROM crosswalk");
        lines.iter().map(|l| l.split_once(" | ").unwrap()).map(|(a, b)| (a.into(), b.into())).collect()
    }

    pub fn id(&self, run: &str, row: &str) -> String {
        self.crosswalk(run)[row].clone()
    }

    /// Tonight's events as `event id other`.
    fn events(&self, run: &str) -> BTreeSet<String> {
        let sql = format!(
            "SELECT event || ' ' || golden_id || coalesce(' ' || other_golden_id, '') FROM ledger WHERE run = '{run}'"
        );
        self.set(run, &sql)
    }
}

#[test]
fn every_event_of_a_life_is_told() {
    let mut nights = Nights::new();
    let first = nights.night(&[(101, 1), (102, 1), (103, 2), (104, 3), (5, 4)]);
    let id = |row: &str| nights.id(&first.run, row);
    let (one, two, three, four) = (id("crm:K101"), id("crm:K103"), id("crm:K104"), id("shop:K5"));
    assert_eq!(nights.events(&first.run).len(), 4);

    // Two becomes one with one; three loses its row; four stays as it is.
    let second = nights.night(&[(101, 1), (102, 1), (103, 1), (5, 4)]);
    let expected = [format!("grown {one}"), format!("merged_into {two} {one}"), format!("retired {three}")];
    assert_eq!(nights.events(&second.run), BTreeSet::from(expected));
    assert_eq!(
        nights.set(
            &second.run,
            "SELECT golden_id || ' ' || coalesce(now, '-') || ' ' || reason || ' ' || since FROM redirects"
        ),
        BTreeSet::from([format!("{two} {one} merged 2026-11-02"), format!("{three} - retired 2026-11-02")])
    );

    // One is split; three is back; another row joins four, and the merge of two is undone.
    let third = nights.night(&[(101, 1), (102, 7), (103, 2), (104, 3), (5, 4), (6, 4)]);
    let heir = nights.id(&third.run, "crm:K102");
    let (kept, new) = if heir == one { ("crm:K102", nights.id(&third.run, "crm:K101")) } else { ("crm:K101", heir) };
    assert_eq!(nights.id(&third.run, kept), one);
    assert_eq!(nights.id(&third.run, "crm:K103"), two);
    assert_eq!(nights.id(&third.run, "crm:K104"), three);
    let expected = [
        format!("shrunk {one}"),
        format!("created {new}"),
        format!("split_from {new} {one}"),
        format!("revived {two}"),
        format!("split_from {two} {one}"),
        format!("revived {three}"),
        format!("grown {four}"),
    ];
    assert_eq!(nights.events(&third.run), BTreeSet::from(expected));

    // Nothing happens, and nothing is told; what was told stays.
    let fourth = nights.night(&[(101, 1), (102, 7), (103, 2), (104, 3), (5, 4), (6, 4)]);
    assert_eq!(nights.events(&fourth.run).len(), 0);
    assert_eq!(lines(&nights.out(), &fourth.run, "SELECT count(*) FROM ledger"), ["14"]);

    let life = nights.life(&one);
    assert_eq!(
        life.now.iter().map(|n| n.golden_id.clone().unwrap()).collect::<BTreeSet<_>>(),
        BTreeSet::from([one.clone(), two.clone(), new.clone()])
    );
    let told: Vec<(&str, Vec<&str>)> =
        life.nights.iter().map(|n| (n.run.as_str(), n.events.iter().map(|e| e.event.as_str()).collect())).collect();
    assert_eq!(
        told,
        [
            (first.run.as_str(), vec!["created"]),
            (second.run.as_str(), vec!["grown", "merged_into"]),
            (third.run.as_str(), vec!["shrunk", "split_from", "split_from"]),
        ]
    );
    let joined = life.nights[1].joined.as_ref().unwrap();
    assert_eq!((joined[0].source_key.as_str(), joined[0].other.as_deref()), ("K103", Some(two.as_str())));
    let left = life.nights[2].left.as_ref().unwrap();
    assert_eq!(left.len(), 2);
    assert!(left.iter().any(|row| row.other.as_deref() == Some(new.as_str())));

    let retired = nights.life(&format!(" {} ", three.to_lowercase()));
    assert_eq!((retired.golden_id.as_str(), retired.nights.len()), (three.as_str(), 3));
    let typo = format!("{}X", &one[..12]);
    let error = runtime().block_on(history(&nights.out(), &typo, limits(1))).unwrap_err();
    assert!(error.to_string().contains(&typo) && error.help().unwrap().contains(&one), "{error}");
    let error = runtime().block_on(history(&nights.out(), "12", limits(1))).unwrap_err();
    assert!(error.help().unwrap().contains("crosswalk"), "{error}");

    // The tables of the runs are gone: the events are not.
    std::fs::remove_dir_all(nights.out().join("runs").join(&first.run)).unwrap();
    let life = nights.life(&one);
    assert_eq!(life.nights.len(), 3);
    assert!(life.nights[0].joined.is_none() && life.nights[1].joined.is_none() && life.nights[2].joined.is_some());
}

#[test]
fn ids_do_not_churn_with_rules_names_and_orders_but_with_keys() {
    let mut nights = Nights::new();
    let rows = [(101, 1), (102, 1), (103, 2), (4, 3), (5, 1)];
    let first = nights.night(&rows);
    let ids = nights.crosswalk(&first.run);
    // A changed rule, the sources in another order, and a day that lies before the last.
    let sources = std::fs::read_to_string(nights.rules().join("sources.toml")).unwrap();
    let (head, shop) = sources.split_once("[[source]]\nname = \"shop\"").unwrap();
    let (input, crm) = head.split_once("[[source]]").unwrap();
    let swapped = format!("{input}[[source]]\nname = \"shop\"{shop}\n[[source]]{crm}");
    std::fs::write(nights.rules().join("sources.toml"), swapped).unwrap();
    let more = format!("{MATCHING}[cluster]\nmax_size = 50\n");
    std::fs::write(nights.rules().join("matching.toml"), more).unwrap();
    nights.deliver(&rows.iter().rev().copied().collect::<Rows>());
    let mut job = nights.job();
    job.options.as_of = "2026-10-01".parse().unwrap();
    let second = job.go().unwrap();
    assert!(second.warnings.iter().any(|w| w.contains("the published one of 2026-11-01")), "{:?}", second.warnings);
    assert_eq!(nights.crosswalk(&second.run), ids);
    assert_eq!(nights.events(&second.run).len(), 0);
    // The same people under other keys of one source: nobody can know them, and the ledger says what that does.
    let keyed = nights.night(&[(201, 1), (202, 1), (203, 2), (4, 3), (5, 1)]);
    let (one, two) = (&ids["crm:K101"], &ids["crm:K103"]);
    assert_eq!(nights.id(&keyed.run, "crm:K201"), *one, "the row of the shop holds the id");
    let new = nights.id(&keyed.run, "crm:K203");
    let expected =
        [format!("grown {one}"), format!("shrunk {one}"), format!("retired {two}"), format!("created {new}")];
    assert_eq!(nights.events(&keyed.run), BTreeSet::from(expected));
    // A run that the gate stops tells nothing to the next one.
    let stop = "[[check]]\nname = \"never\"\nsql = \"SELECT count(*) FROM ledger\"\nstop = { above = 0 }\n";
    std::fs::write(nights.rules().join("gate.toml"), stop).unwrap();
    nights.deliver(&[(999, 9)]);
    let stopped = nights.job().go().unwrap();
    assert!(stopped.gate.stopped());
    std::fs::remove_file(nights.rules().join("gate.toml")).unwrap();
    let after = nights.night(&[(201, 1), (202, 1), (203, 2), (4, 3), (5, 1)]);
    assert_eq!(nights.events(&after.run).len(), 0);
    assert_eq!(lines(&nights.out(), &after.run, "SELECT max(night) FROM ledger"), ["2"]);
}

#[test]
fn a_run_of_an_older_version_is_the_beginning_of_the_ledger() {
    let mut nights = Nights::new();
    let first = nights.night(&[(101, 1), (102, 2)]);
    for table in ["ledger", "redirects", "former_keys"] {
        std::fs::remove_dir_all(Path::new(&first.folder).join("tables").join(table)).unwrap();
    }
    let second = nights.night(&[(101, 1), (103, 3)]);
    let id = nights.id(&second.run, "crm:K101");
    let nights_of = |id: &str| nights.life(id).nights.iter().map(|n| n.run.clone()).collect::<Vec<_>>();
    assert_eq!(nights_of(&id), std::slice::from_ref(&first.run));
    assert_eq!(nights_of(&nights.id(&first.run, "crm:K102")), [first.run, second.run]);
}

/// What may happen to a row between two nights.
#[derive(Debug, Clone)]
enum Edit {
    Add(u32, usize),
    Remove(usize),
    /// The row is of another person now: a merge, a split, a move.
    Change(usize, usize),
}

fn edits() -> impl Strategy<Value = Vec<Vec<Edit>>> {
    let edit = prop_oneof![
        3 => (1u32..8, 1usize..7).prop_map(|(key, person)| Edit::Add(key * 25, person)),
        3 => (0usize..12).prop_map(Edit::Remove),
        4 => (0usize..12, 1usize..7).prop_map(|(row, person)| Edit::Change(row, person)),
    ];
    prop::collection::vec(prop::collection::vec(edit, 0..5), 5..8)
}

fn edited(rows: &mut Rows, edits: &[Edit]) {
    for edit in edits {
        match edit {
            Edit::Add(key, person) if rows.iter().all(|(k, _)| k != key) => rows.push((*key, *person)),
            Edit::Remove(row) if rows.len() > 2 => _ = rows.remove(row % rows.len()),
            Edit::Change(row, person) => {
                let place = row % rows.len();
                rows[place].1 = *person;
            }
            _ => {}
        }
    }
}

/// Rows of each id.
fn groups(crosswalk: &BTreeMap<String, String>) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (row, id) in crosswalk {
        groups.entry(id).or_default().insert(row);
    }
    groups
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, max_shrink_iters: 8, ..ProptestConfig::default() })]

    #[test]
    fn over_random_nights_every_id_resolves_and_none_changes_hands(script in edits()) {
        let (mut nights, mut shuffled) = (Nights::new(), Nights::new());
        let mut rows: Rows = vec![(101, 1), (102, 1), (103, 2), (104, 3), (5, 3), (6, 4), (150, 5)];
        let mut last: BTreeMap<String, String> = BTreeMap::new();
        let mut ever: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for edits in std::iter::once(vec![]).chain(script) {
            edited(&mut rows, &edits);
            let run = nights.night(&rows).run;
            let tonight = nights.crosswalk(&run);
            let (before, after) = (groups(&last), groups(&tonight));

            let redirects = lines(&nights.out(), &run, "SELECT golden_id, now, reason FROM redirects");
            let mut now: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for line in &redirects {
                let cells: Vec<&str> = line.split(" | ").collect();
                prop_assert_eq!(cells[1].is_empty(), cells[2] == "retired");
                now.entry(cells[0]).or_default().extend(Some(cells[1]).filter(|c| !c.is_empty()));
            }
            for id in ever.keys() {
                prop_assert!(after.contains_key(id.as_str()) || now.contains_key(id.as_str()), "{id} resolves to nothing");
            }
            for target in now.values().flatten() {
                prop_assert!(after.contains_key(target), "{target} is no golden record");
            }
            for (id, rows) in &after {
                let known = ever.get(*id);
                prop_assert!(known.is_none_or(|k| rows.iter().any(|r| k.contains(*r))), "{id} was given to somebody else");
            }
            // The same rows, the same id.
            for (id, rows) in &before {
                if let Some((other, _)) = after.iter().find(|(_, r)| *r == rows) {
                    prop_assert_eq!(other, id);
                }
            }
            // Tonight's events, counted from the two crosswalks.
            let mut expected: BTreeSet<String> = BTreeSet::new();
            for (id, rows) in &after {
                match before.get(id) {
                    None if ever.contains_key(*id) => _ = expected.insert(format!("revived {id}")),
                    None => _ = expected.insert(format!("created {id}")),
                    Some(had) => {
                        expected.extend(rows.difference(had).next().map(|_| format!("grown {id}")));
                        expected.extend(had.difference(rows).next().map(|_| format!("shrunk {id}")));
                    }
                }
            }
            for (id, rows) in &before {
                let heirs: BTreeSet<&str> = rows.iter().filter_map(|r| tonight.get(*r)).map(String::as_str).collect();
                for heir in heirs.iter().filter(|heir| *heir != id) {
                    let lives = after.contains_key(id);
                    expected.insert(if lives { format!("split_from {heir} {id}") } else { format!("merged_into {id} {heir}") });
                }
                expected.extend((heirs.is_empty() && !after.contains_key(id)).then(|| format!("retired {id}")));
            }
            let told = nights.events(&run);
            let returned = |line: &&String| {
                line.starts_with("merged_into") && line.split(' ').nth(1).is_some_and(|id| !before.contains_key(id))
            };
            prop_assert_eq!(told.iter().filter(|l| !returned(l)).cloned().collect::<BTreeSet<_>>(), expected);

            // Rows in another order are the same rows.
            let backwards: Rows = rows.iter().rev().copied().collect();
            let other = shuffled.night(&backwards).run;
            prop_assert_eq!(&shuffled.crosswalk(&other), &tonight);
            for table in ["ledger", "redirects", "former_keys"] {
                let sql = format!("SELECT * FROM {table}");
                prop_assert_eq!(lines(&shuffled.out(), &other, &sql), lines(&nights.out(), &run, &sql));
            }
            for (id, rows) in after {
                ever.entry(id.into()).or_default().extend(rows.into_iter().map(String::from));
            }
            last = tonight;
        }
    }
}
