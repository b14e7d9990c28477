//! A person is erased from every stored run and does not come back; nobody else loses anything.

use crate::harness::{Job, limits, lines, root, runtime};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use zlato_core::suppression::{Entry, Key, Row, Scope, keys_of_entry};
use zlato_engine::context::Context;
use zlato_engine::erase::{self, Asked, Order};
use zlato_engine::error::Result;
use zlato_engine::manifest::Manifest;
use zlato_engine::person::{Who, find};
use zlato_engine::run::{Reporter, Stage};
use zlato_engine::store::read_part;
use zlato_engine::suppression;

const SOURCES: &str = r#"
[[field]]
name = "note"
kind = "text"

[[source]]
name = "crm"
kind = "customer"
path = "crm.csv"
delimiter = ";"
key = "id"
updated_at = "updated"
country = "PL"
trust = 0.8
[source.columns]
given_name = "given"
family_name = "family"
birth_date = "born"
national_id = "national_id"
street_address = "street"
postal_code = "postcode"
locality = "town"
phone = "phone"
email = "email"
note = "note"
opt_in_email = "may_mail"

[[source]]
name = "shop"
kind = "customer"
path = "shop.csv"
delimiter = ","
key = "id"
country = "PL"
trust = 0.6
[source.columns]
given_name = "first_name"
email = "email"

[[source]]
name = "panel"
kind = "profile"
path = "panel.csv"
delimiter = ","
key = "id"
trust = 0.4
[source.columns]
email = "email"
email_sha256 = "hash"
income_band = "income"

[[source]]
name = "events"
kind = "event"
path = "events.csv"
delimiter = ","
key = "id"
[source.columns]
event_kind = "kind"
event_at = "at"
customer_source = "source"
customer_key = "customer"
email = "email"
"#;

const PROFILES: &str = r#"
purposes = ["dpv:DirectMarketing"]
[[profile]]
source = "panel"
licence = "made up"
purposes = ["dpv:DirectMarketing"]
legal_basis = "eu-gdpr:A6-1-a"
link_on = ["email"]
suggest = ["income_band"]

[[attribute_group]]
name = "all"
fields = ["given_name", "email", "birth_date", "income_band", "note", "frequency", "last_activity"]
"#;

const FRESHNESS: &str = r#"
[[field]]
name = "email"
half_life_days = 365
prompt = "Is this still your address?"
"#;

/// Nine rows teach no weights.
const ALWAYS: &str = r#"
[[always]]
name = "name_and_birth_date"
same = "given_name_root || '|' || family_name_root || '|' || birth_date"

[[always]]
name = "given_name_and_email"
same = "given_name_root || '|' || email_key"
"#;

/// Jan Nowak in two rows and the shop, his wife with his old address, a namesake of another birth year, a rejected row.
const CRM: &str = "\
id;given;family;born;national_id;street;postcode;town;phone;email;note;may_mail;updated
1001;Jan;Nowak;14.03.1968;68031421113;ul. Lipowa 12/5;15-427;Białystok;601 200 300;dom.nowak@wp.pl;;true;2025-03-02
1002;JAN;NOWAK;14.03.1968;;LIPOWA 12 m. 5;15427;BIALYSTOK;+48 602 999 888;jan.nowak68@wp.pl;;;2021-09-20
1003;Anna;Nowak;02.09.1970;70090211826;ul. Lipowa 12/5;15-427;Białystok;601 200 300;dom.nowak@wp.pl;mąż: jan.nowak68@wp.pl;false;2025-03-02
1004;Jan;Nowak;30.11.1996;96113009010;ul. Polna 1;00-950;Warszawa;603 111 222;janek96@wp.pl;;;2026-06-19
1005;Stanisława;Zielińska;08.08.1941;41080803321;ul. Lipowa 12/7;15-427;Białystok;857 410 022;;;;2019-05-05
1001;Jan;Nowak;14.03.1968;68031421113;ul. Nowa 9;15-427;Białystok;601 200 300;jan.nowak68@wp.pl;;;2026-01-01
1009;Ewa;Lis;01.01.1980;;;;;604 555 666;ewa@wp.pl;;;2019-05-05;too;many
1010;Jan;Nowak;14.03.1968;;;;;602 999 888;jan.nowak68@wp.pl;;;2019-05-05;too;many
";
const SHOP: &str = "id,first_name,email\nW1,Jan,jan.nowak68@wp.pl\nW2,Anna,dom.nowak@wp.pl\nW3,,janek96@wp.pl\n";
const EVENTS: &str = "\
id,kind,at,source,customer,email
E1,purchase,2026-05-01,crm,1002,
E2,unsubscribe,2026-06-01,,,jan.nowak68@wp.pl
E3,purchase,2026-05-01,crm,1003,
E4,purchase,2026-05-01,crm,1004,janek96@wp.pl
";

/// What must not be found: Jan's own contacts and ids, in any spelling; `1001` and `W1` are looked for in their columns.
const HIS: [&str; 9] = [
    "jan.nowak68@wp.pl",
    "jan.nowak68",
    "602999888",
    "602 999 888",
    "68031421113",
    "crm:1001",
    "crm:1002",
    "shop:W1",
    "4f247ca3ad92ae30f106f4d663355fc74079d6fdf135069d891786855620b8c0",
];

struct NoReport;

impl Reporter for NoReport {
    fn write<'a>(
        &'a self,
        context: &'a Context,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<String>> + Send + 'a>> {
        Box::pin(async move {
            zlato_engine::files::replace(&context.folder().join("report.html"), b"drawn")?;
            Ok("report.html".into())
        })
    }
}

struct House {
    _folder: tempfile::TempDir,
    rules: PathBuf,
    input: PathBuf,
    out: PathBuf,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [rules, input, out] = ["rules", "input", "out"].map(|name| folder.path().join(name));
        std::fs::create_dir_all(&rules).unwrap();
        std::fs::create_dir_all(&input).unwrap();
        let matching = root().join("fixtures/cases/household/rules/matching.toml");
        let matching = std::fs::read_to_string(matching).unwrap() + ALWAYS;
        std::fs::write(rules.join("matching.toml"), matching).unwrap();
        std::fs::write(rules.join("sources.toml"), SOURCES).unwrap();
        std::fs::write(rules.join("profiles.toml"), PROFILES).unwrap();
        std::fs::write(rules.join("freshness.toml"), FRESHNESS).unwrap();
        let hash = "4f247ca3ad92ae30f106f4d663355fc74079d6fdf135069d891786855620b8c0";
        let panel =
            format!("id,email,hash,income\nP1,jan.nowak68@wp.pl,,high\nP2,,{hash},low\nP3,janek96@wp.pl,,low\n");
        for (name, text) in [("crm.csv", CRM), ("shop.csv", SHOP), ("panel.csv", &panel), ("events.csv", EVENTS)] {
            std::fs::write(input.join(name), text).unwrap();
        }
        Self { rules, input, out, _folder: folder }
    }

    fn run(&self, night: u32) -> String {
        let at = format!("2026-11-{night:02}T02:00:00.000+00:00");
        let summary = Job::new(&self.rules, Some(&self.input), &self.out).at(&at).go().unwrap();
        assert!(summary.published);
        summary.run
    }

    fn key(&self) -> Key {
        suppression::open_key(&self.out, [1; 32]).unwrap().0
    }

    fn asked() -> Asked {
        Asked {
            day: "2026-11-03".parse().unwrap(),
            at: "2026-11-03T10:00:00Z".into(),
            steward: Some("A. Nowak".into()),
            reason: Some("asked by jan.nowak68@wp.pl".into()),
        }
    }

    fn erase(&self, who: &Who) -> Vec<erase::Done> {
        let found = find(&self.out, who).unwrap();
        let key = self.key();
        runtime().block_on(erase::erase(&self.out, &found, &Self::asked(), &key, limits(1), &NoReport)).unwrap()
    }

    fn rows(&self, run: &str, sql: &str) -> Vec<String> {
        lines(&self.out, run, sql)
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Every place under a folder where one of the texts stands, in bytes or in a decoded column.
fn places(out: &Path, texts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in files(out) {
        let mut all = vec![String::from_utf8_lossy(&std::fs::read(&path).unwrap()).to_lowercase()];
        if path.extension().is_some_and(|e| e == "parquet") {
            for batch in read_part(&path).unwrap() {
                let batch = batch.unwrap();
                let options = arrow::util::display::FormatOptions::default();
                for column in batch.columns() {
                    let cells = arrow::util::display::ArrayFormatter::try_new(column.as_ref(), &options).unwrap();
                    all.extend((0..batch.num_rows()).map(|row| cells.value(row).to_string().to_lowercase()));
                }
            }
        }
        for text in texts {
            if all.iter().any(|a| a.contains(&text.to_lowercase())) {
                found.push(format!("{text} in {}", path.strip_prefix(out).unwrap().display()));
            }
        }
    }
    found
}

/// Rows of any table that hold both names and the birth date of Jan, or a row key of his.
fn rows_of_jan(out: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in files(out).into_iter().filter(|p| p.extension().is_some_and(|e| e == "parquet")) {
        for batch in read_part(&path).unwrap() {
            let batch = batch.unwrap();
            let options = arrow::util::display::FormatOptions::default();
            let columns: Vec<_> = batch
                .columns()
                .iter()
                .map(|c| arrow::util::display::ArrayFormatter::try_new(c.as_ref(), &options).unwrap())
                .collect();
            let schema = batch.schema();
            let place = |name: &str| schema.fields().iter().position(|f| f.name() == name);
            for row in 0..batch.num_rows() {
                let cells: Vec<String> = columns.iter().map(|c| c.value(row).to_string().to_lowercase()).collect();
                let has = |text: &str| cells.iter().any(|c| c == text);
                let named = has("jan") && has("nowak") && (has("1968-03-14") || has("14.03.1968"));
                let keyed = place("source_key")
                    .is_some_and(|p| ["1001", "1002", "w1", "p1", "p2", "e1", "e2"].contains(&cells[p].as_str()));
                if named || keyed {
                    found.push(format!("{}: {}", path.strip_prefix(out).unwrap().display(), cells.join(" | ")));
                }
            }
        }
    }
    found
}

#[test]
fn a_person_goes_from_every_run_and_does_not_come_back() {
    let house = House::new();
    let first = house.run(1);
    let second = house.run(2);
    let golden = house.rows(&second, "SELECT golden_id FROM crosswalk WHERE source = 'crm' AND source_key = '1002'");
    let anna = "SELECT golden_id, given_name, email, phone, locality FROM golden WHERE given_name = 'Anna'";
    let anna_before = house.rows(&second, anna);
    assert_eq!(anna_before.len(), 1);
    let judgement = |left: &str, right: &str, note: &str| {
        format!(
            "{{\"left\":{{\"source\":\"crm\",\"source_key\":\"{left}\"}},\"right\":{{\"source\":\"crm\",\"source_key\":\"{right}\"}},\"verdict\":\"different\",\"decided_on\":\"2026-11-01\",\"note\":\"{note}\"}}\n"
        )
    };
    let judged = judgement("1001", "1003", "spouses") + &judgement("1003", "1005", "not jan.nowak68@wp.pl either");
    std::fs::write(house.out.join("judgements.jsonl"), judged).unwrap();
    std::fs::write(house.out.join("nightly.log"), format!("2026-11-02 asked about {}\n", golden[0])).unwrap();
    assert!(places(&house.out, &HIS).len() > 20, "the search finds what is there");
    assert!(!rows_of_jan(&house.out).is_empty());

    // A trial changes nothing.
    let before: BTreeMap<PathBuf, Vec<u8>> =
        files(&house.out).into_iter().map(|p| (p.clone(), std::fs::read(&p).unwrap())).collect();
    let who = Who::Golden(golden[0].clone());
    let found = find(&house.out, &who).unwrap();
    let order = erase::plan(&house.out, &found, &House::asked(), &Key::new([0; 32])).unwrap();
    assert!(before.iter().all(|(path, bytes)| std::fs::read(path).unwrap() == *bytes));
    let names: Vec<String> = order.names.iter().map(|(s, k)| format!("{s}:{k}")).collect();
    assert_eq!(names, ["crm:1001", "crm:1002", "events:E1", "events:E2", "panel:P1", "panel:P2", "shop:W1"]);
    assert_eq!(order.shared_contacts, 2, "address and number of the household");

    let done = house.erase(&who);
    assert_eq!(done.len(), 1);
    let (certificate, path) = &done[0];
    assert_eq!(certificate.runs.len(), 2);
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains("A. Nowak") && text.contains("asked by [erased]"), "{text}");

    assert_eq!(places(&house.out, &HIS), Vec::<String>::new());
    assert_eq!(places(&house.out, &[&golden[0]]), Vec::<String>::new());
    assert_eq!(rows_of_jan(&house.out), Vec::<String>::new());
    assert!(Order::pending(&house.out).unwrap().is_empty());

    // Everybody else is as before: his wife with the address they shared, the namesake, the neighbour.
    for run in [&first, &second] {
        assert_eq!(house.rows(run, anna), anna_before);
        let left = house.rows(run, "SELECT source_key FROM crosswalk WHERE kind = 'customer' ORDER BY record_id");
        assert_eq!(left, ["1003", "1004", "1005", "W2", "W3"]);
        assert_eq!(house.rows(run, "SELECT note FROM records WHERE source_key = '1003'"), ["mąż: [erased]"]);
        let rejected = house.rows(run, "SELECT line, reason FROM quarantine ORDER BY line");
        assert_eq!(rejected.len(), 1, "{rejected:?}");
        let manifest = Manifest::read(&house.out.join("runs").join(run)).unwrap().unwrap();
        for account in &manifest.account {
            assert_eq!(account.rows_in, account.rows_kept + account.rows_quarantine + account.rows_erased);
        }
        assert_eq!(manifest.account.iter().map(|a| a.rows_erased).sum::<u64>(), 9);
        assert_eq!(manifest.erasures[0].report, "redrawn");
    }
    let judged = std::fs::read_to_string(house.out.join("judgements.jsonl")).unwrap();
    assert!(judged.lines().count() == 1 && judged.contains("not [erased] either"), "{judged}");

    // The same files again: his rows leave their place and nothing else.
    let third = house.run(4);
    let erased =
        house.rows(&third, "SELECT source, line FROM quarantine WHERE reason = 'erased' ORDER BY source, line");
    assert_eq!(
        erased,
        ["crm | 2", "crm | 3", "crm | 7", "crm | 9", "events | 2", "events | 3", "panel | 2", "panel | 3", "shop | 2"]
    );
    let raw = "SELECT count(*) FROM quarantine WHERE reason = 'erased' AND (raw <> '' OR detail <> '')";
    assert_eq!(house.rows(&third, raw), ["0"]);
    // His wife's note is hers: it speaks of him in the sources, where he must be removed as well.
    let of_run: Vec<String> = places(&house.out, &HIS);
    let note = |p: &String| {
        ["records", "contacts", "golden", "golden_fields", "attributes"]
            .iter()
            .any(|t| p.contains(&format!("tables/{t}/")))
    };
    assert!(of_run.iter().all(note), "{of_run:?}");
    assert_eq!(rows_of_jan(&house.out), Vec::<String>::new());
    assert_eq!(house.rows(&third, anna), anna_before);
}

#[test]
fn an_erasure_that_was_interrupted_is_finished_and_no_run_goes_before() {
    let house = House::new();
    house.run(1);
    let second = house.run(2);
    let found = find(&house.out, &Who::Email(" Jan.Nowak68@WP.pl".into())).unwrap();
    let key = house.key();
    let order = erase::plan(&house.out, &found, &House::asked(), &key).unwrap();
    // As after a crash: the order is written, one table is done, a part lies half written.
    let pending = house.out.join("erasures").join(format!("pending-{}.json", order.entry.id));
    std::fs::create_dir_all(pending.parent().unwrap()).unwrap();
    std::fs::write(&pending, serde_json::to_vec(&order).unwrap()).unwrap();
    let golden = house.out.join("runs").join(&second).join("tables/golden");
    std::fs::write(golden.join("part-000000.parquet.new"), "jan.nowak68@wp.pl").unwrap();
    let table = house.out.join("runs").join(&second).join("tables/clusters");
    let _ = zlato_engine::store::rewrite_part(&table.join("part-000000.parquet"), |batch| {
        Ok(Some(batch.slice(0, batch.num_rows())))
    })
    .unwrap();

    let refused = Job::new(&house.rules, Some(&house.input), &house.out).go().unwrap_err();
    assert!(refused.help().unwrap().contains("zlato erase --resume"), "{refused}");
    let done = runtime().block_on(erase::resume(&house.out, limits(1), &NoReport)).unwrap();
    assert_eq!(done.len(), 1);
    assert_eq!(places(&house.out, &HIS), Vec::<String>::new());
    assert_eq!(rows_of_jan(&house.out), Vec::<String>::new());
    assert!(suppression::read(&house.out).unwrap().list.has_erased());
    // Doing it again finds nothing to do.
    assert!(runtime().block_on(erase::resume(&house.out, limits(1), &NoReport)).unwrap().is_empty());
    house.run(4);
}

#[test]
fn a_run_that_has_not_come_to_standard_forms_is_emptied() {
    let house = House::new();
    house.run(1);
    let job = |night: u32| {
        Job::new(&house.rules, Some(&house.input), &house.out).at(&format!("2026-11-{night:02}T02:00:00.000+00:00"))
    };
    let early = job(2).until(Stage::Ingest).go().unwrap().run;
    // As after a crash in the middle of the stage that follows.
    let later = job(3).until(Stage::Contacts).go().unwrap().run;
    let tables = house.out.join("runs").join(&later).join("tables");
    std::fs::remove_dir_all(tables.join("event_contacts")).unwrap();
    std::fs::write(house.out.join("night.log"), "one\nfound jan.nowak68@wp.pl\njan.nowak68@wp.pl\n").unwrap();
    let done = house.erase(&Who::Email("jan.nowak68@wp.pl".into()));
    assert_eq!(places(&house.out, &HIS), Vec::<String>::new());
    assert_eq!(rows_of_jan(&house.out), Vec::<String>::new());
    let (certificate, _) = &done[0];
    let emptied: Vec<&str> = certificate.runs.iter().filter(|r| r.emptied).map(|r| r.run.as_str()).collect();
    assert_eq!(emptied, [&early, &later]);
    assert_eq!(certificate.files.get("night.log"), Some(&2), "lines in which a value was replaced");
    let resumed = job(3).resume().go().unwrap();
    assert!(resumed.published && resumed.run != later);
    assert_eq!(rows_of_jan(&house.out), Vec::<String>::new());
}

/// A run that took two people for one keeps the other one, without what the erased rows had given.
#[test]
fn a_wrong_merge_of_an_old_run_keeps_the_other_person() {
    let house = House::new();
    let crm = "id;given;family;born;national_id;street;postcode;town;phone;email;note;may_mail;updated\n\
        2001;Jan;Kos;14.03.1970;;ul. Lipowa 1;15-427;Białystok;601 700 800;kos@wp.pl;;true;2025-03-02\n\
        2002;Ola;Lis;02.09.1971;;ul. Polna 1;00-950;Warszawa;603 111 222;ola@wp.pl;;;2026-06-19\n";
    std::fs::write(house.input.join("crm.csv"), crm).unwrap();
    std::fs::write(house.input.join("shop.csv"), "id,first_name,email\nW9,Ewa,kos@wp.pl\n").unwrap();
    let matching = std::fs::read_to_string(house.rules.join("matching.toml")).unwrap();
    let wrong = format!("{matching}\n[[always]]\nname = \"wrong\"\nsame = \"email_key\"\n");
    std::fs::write(house.rules.join("matching.toml"), wrong).unwrap();
    let first = house.run(1);
    let people = "SELECT DISTINCT golden_id FROM crosswalk WHERE source_key IN ('2001', 'W9')";
    assert_eq!(house.rows(&first, people).len(), 1);
    std::fs::write(house.rules.join("matching.toml"), matching).unwrap();
    let second = house.run(2);
    assert_eq!(house.rows(&second, people).len(), 2);

    let done = house.erase(&Who::Record("crm".into(), "2001".into()));
    let changed: Vec<usize> = done[0].0.runs.iter().map(|r| r.golden_records_changed).collect();
    assert_eq!(changed, [1, 0]);
    let left = "SELECT source_key FROM crosswalk WHERE kind = 'customer' ORDER BY source_key";
    assert_eq!(house.rows(&first, left), ["2002", "W9"]);
    assert_eq!(house.rows(&second, left), ["2002", "W9"]);
    let golden = "SELECT g.family_name, g.birth_date, g.phone, g.street FROM golden g JOIN crosswalk x ON g.golden_id = x.golden_id WHERE x.source_key = 'W9'";
    assert_eq!(house.rows(&first, golden), [" |  |  | "]);
    assert_eq!(house.rows(&second, "SELECT email FROM golden WHERE given_name = 'Ewa'"), ["kos@wp.pl"]);
    assert_eq!(
        places(&house.out, &["601700800", "601 700 800", "crm:2001", "1970-03-14", "14.03.1970"]),
        Vec::<String>::new()
    );
}

#[test]
fn suppression_by_contact_and_person_reaches_permissions_and_the_list_is_an_input() {
    let house = House::new();
    let first = house.run(1);
    let of = |run: &str, key: &str| {
        let sql = format!(
            "SELECT p.channel, p.allowed, p.reason FROM permissions p JOIN crosswalk x ON p.golden_id = x.golden_id \
             WHERE x.source = 'crm' AND x.source_key = '{key}' ORDER BY p.channel"
        );
        house.rows(run, &sql)
    };
    let silent = ["phone | false | no_choice", "post | false | no_choice", "sms | false | no_choice"];
    assert_eq!(of(&first, "1003"), [&["email | false | opt_out"][..], &silent].concat());
    assert_eq!(of(&first, "1005"), [&["email | false | no_choice"][..], &silent].concat());
    let key = house.key();
    let day = "2026-10-01".parse().unwrap();
    let neighbour = Row { phones: vec!["+48857410022"], ..Row::default() };
    let entries = [Entry::new(Scope::Phone, vec![], day, &keys_of_entry(&neighbour, &key))];
    suppression::append(&house.out, &entries, &key).unwrap();
    let second = house.run(2);
    let suppressed = ["email | false | no_choice", "phone | false | suppressed", silent[1], silent[2]];
    assert_eq!(of(&second, "1005"), suppressed);
    let sql = "SELECT evidence, since FROM permissions WHERE reason = 'suppressed'";
    assert_eq!(house.rows(&second, sql), [format!("suppression {} | 2026-10-01", entries[0].id)]);
    let manifest = Manifest::read(&house.out.join("runs").join(&second)).unwrap().unwrap();
    assert!(manifest.inputs.iter().any(|i| i.source == suppression::FILE));
    // A list that is gone stops the next run: otherwise everybody on it could be reached again.
    std::fs::remove_file(house.out.join(suppression::FILE)).unwrap();
    let lost = Job::new(&house.rules, Some(&house.input), &house.out).go().unwrap_err();
    assert!(lost.to_string().contains("lost entries"), "{lost}");
}

#[test]
fn everything_about_a_person_and_nothing_about_others() {
    let house = House::new();
    house.run(1);
    let second = house.run(2);
    let found = find(&house.out, &Who::Record("crm".into(), "1002".into())).unwrap();
    assert_eq!(found.run, second);
    let account = runtime().block_on(zlato_engine::subject::subject(&house.out, &found, limits(1))).unwrap();
    let text = serde_json::to_string(&account).unwrap();
    for part in [
        "602 999 888",
        "68031421113",
        "Lipowa",
        "income_band",
        "\"licence\":\"made up\"",
        "unsubscribe",
        "may_mail",
        "crm.csv",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    let income =
        &account["attributes"]["all"].as_array().unwrap().iter().find(|a| a["field"] == "income_band").unwrap();
    assert!(income["origin"] == "suggested" && income["source"] == "panel", "{income}");
    for other in ["Anna", "70090211826", "janek96", "Zieli"] {
        assert!(!text.contains(other), "{other} in {text}");
    }
    assert_eq!(account["rows"].as_array().unwrap().len(), 3);
    assert_eq!(account["history"].as_array().unwrap().len(), 2);
    let winner = account["fields"].as_array().unwrap().iter().find(|f| f["winner"] == true).unwrap();
    assert!(winner["line"].is_i64() && winner["file"] == "crm.csv");
    // Several people answer to the address of the household: the message names golden ids and no value.
    let many = find(&house.out, &Who::Email("dom.nowak@wp.pl".into())).unwrap_err();
    assert!(many.help().unwrap().contains("golden id") && !many.to_string().contains("dom.nowak"), "{many}");
    assert!(find(&house.out, &Who::Phone("602999888".into(), Some("PL".into()))).is_ok());
    assert!(find(&house.out, &Who::Golden("ZNOBODY".into())).is_err());
}

#[test]
fn an_event_of_a_shared_mailbox_is_told_to_both_and_stays_with_the_one_who_stays() {
    let house = House::new();
    // The first is of the mailbox, the second Anna's own by her key: both reach Jan.
    let more = "E5,unsubscribe,2026-06-02,,,dom.nowak@wp.pl\nE6,complaint,2026-06-03,crm,1003,dom.nowak@wp.pl\n";
    std::fs::write(house.input.join("events.csv"), format!("{EVENTS}{more}")).unwrap();
    let opt_out = |kind: &str| format!("[[event]]\nkind = \"{kind}\"\nfield = \"email\"\neffect = \"opt_out\"\n");
    let freshness = [FRESHNESS, &opt_out("unsubscribe"), &opt_out("complaint")].concat();
    std::fs::write(house.rules.join("freshness.toml"), freshness).unwrap();
    let run = house.run(1);
    let reached = || house.rows(&run, "SELECT source_key, count(*) FROM event_reach GROUP BY source_key ORDER BY 1");
    assert_eq!(reached(), ["E5 | 2", "E6 | 1"]);
    let jan = Who::Record("crm".into(), "1001".into());
    let found = find(&house.out, &jan).unwrap();
    let account = runtime().block_on(zlato_engine::subject::subject(&house.out, &found, limits(1))).unwrap();
    let told = account["events_of_shared_contacts"].as_array().unwrap();
    assert_eq!(told.iter().map(|event| &event["source_key"]).collect::<Vec<_>>(), ["E5", "E6"]);
    assert!(!serde_json::to_string(told).unwrap().contains("1003"), "{told:?}");
    let email = account["permissions"].as_array().unwrap().iter().find(|p| p["channel"] == "email").unwrap();
    assert!(email["allowed"] == false && email["evidence"] == "events:E6 complaint", "{email}");
    house.erase(&jan);
    assert_eq!(reached(), ["E5 | 1"]);
    assert_eq!(house.rows(&run, "SELECT count(*) FROM permissions WHERE evidence = 'events:E6 complaint'"), ["1"]);
}
