//! Households in a run: what joins whom, who stays out, ids over nights, and what becomes of them when somebody goes.

use crate::harness::{Job, limits, lines, runtime};
use std::path::{Path, PathBuf};
use zlato_engine::person::{Who, find};

const SOURCES: &str = r#"
[[source]]
name = "crm"
kind = "customer"
path = "crm.csv"
delimiter = ";"
key = "id"
country = "PL"
duplicate_free = true
[source.columns]
given_name = "given"
family_name = "family"
birth_date = "born"
street_address = "street"
postal_code = "postcode"
locality = "town"
phone = "phone"
email = "email"
household_number = "home"
related_to = "of"
relation = "is"

[[source]]
name = "leads"
kind = "prospect"
path = "leads.csv"
delimiter = ";"
key = "id"
country = "PL"
duplicate_free = true
[source.columns]
given_name = "given"
family_name = "family"
phone = "phone"
"#;

/// Three rules are enough: nobody here has a second row.
const MATCHING: &str = r#"
[[blocking]]
name = "phone"
key = "phone_key"

[[comparison]]
name = "given_name"
on = "given_name_root"
levels = ["exact"]

[[comparison]]
name = "birth_date"
on = "birth_date"
levels = ["exact"]

[[never]]
name = "different_given_name"
different = "given_name_root"
"#;

/// Kowalscy in one flat and one who forgot it; Lis and Kos, who share a number and a flat; Maj twice under one office's
/// number; Wilk by the source's own number; Zając and her son, and a daughter who lives elsewhere.
const CRM: &str = "\
id;given;family;born;street;postcode;town;phone;email;home;of;is
1;Jan;Kowalski;1968-03-14;ul. Lipowa 12/5;15-427;Białystok;601200301;;;;
2;Anna;Kowalska;1970-09-02;ul. Lipowa 12/5;15-427;Białystok;601200302;;;;
3;Ola;Nowak-Kowalska;2015-01-05;ul. Lipowa 12/5;15-427;Białystok;;;;;
4;Piotr;Kowalski;;ul. Lipowa 12;15-427;Białystok;601200304;;;;
5;Ewa;Lis;1980-01-01;ul. Polna 3/1;00-950;Warszawa;601200305;;;;
6;Adam;Kos;1981-01-01;ul. Polna 3/1;00-950;Warszawa;601200305;;;;
7;Iga;Maj;1980-01-01;ul. Leśna 1;30-001;Kraków;221112233;;;;
8;Iwo;Maj;1981-01-01;ul. Długa 9;80-827;Gdańsk;221112233;;;;
9;Rafał;Wilk;1980-01-01;ul. Cicha 4;30-002;Kraków;601200309;;H7;;
10;Beata;Sowa;1981-01-01;ul. Prosta 5;30-003;Kraków;601200310;;H7;;
11;Maria;Zając;1960-01-01;ul. Krótka 2;50-001;Wrocław;601200311;;;;
12;Leon;Baran;2012-01-01;;;;601200312;;;11;child
13;Nina;Bór;1990-01-01;ul. Nowa 8;60-001;Poznań;601200313;;;11;child
";
const LEADS: &str = "id;given;family;phone\nL1;Tomasz;Kowalski;601200302\nL2;Zenon;Obcy;601200311\n";

struct House {
    _folder: tempfile::TempDir,
    rules: PathBuf,
    input: PathBuf,
    out: PathBuf,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let house = Self { rules: at("rules"), input: at("input"), out: at("out"), _folder: folder };
        std::fs::create_dir(&house.rules).unwrap();
        std::fs::create_dir(&house.input).unwrap();
        std::fs::write(house.rules.join("sources.toml"), SOURCES).unwrap();
        std::fs::write(house.rules.join("matching.toml"), MATCHING).unwrap();
        house.deliver(CRM);
        std::fs::write(house.input.join("leads.csv"), LEADS).unwrap();
        house
    }

    fn deliver(&self, crm: &str) {
        std::fs::write(self.input.join("crm.csv"), crm).unwrap();
    }

    fn run(&self, night: u32) -> String {
        let job = Job::new(&self.rules, Some(&self.input), &self.out);
        job.at(&format!("2026-11-{night:02}T02:00:00.000+00:00")).go().unwrap().run
    }

    /// Members by the keys of their rows, household by household.
    fn homes(&self, run: &str) -> Vec<String> {
        let sql = "SELECT h.household_id, x.source_key, h.members, h.adults, h.children, h.evidence, coalesce(h.role, '-') AS role \
             FROM households h JOIN crosswalk x ON h.golden_id = x.golden_id ORDER BY h.household_id, x.source_key";
        let rows = lines(&self.out, run, sql);
        let mut homes: Vec<String> = rows
            .chunk_by(|a, b| a.split(" | ").next() == b.split(" | ").next())
            .map(|home| {
                home.iter().map(|r| r.split(" | ").skip(1).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("; ")
            })
            .collect();
        homes.sort();
        homes
    }

    fn id_of(&self, run: &str, key: &str) -> Vec<String> {
        let sql = "SELECT h.household_id FROM households h JOIN crosswalk x ON h.golden_id = x.golden_id WHERE x.source_key = ";
        lines(&self.out, run, &format!("{sql}'{key}'"))
    }
}

#[test]
fn evidence_joins_and_a_contradicting_address_does_not() {
    let house = House::new();
    let run = house.run(1);
    let home = |members: &[&str]| members.join("; ");
    let mut wanted = [
        home(&[
            "1 5 2 1 address_surname -",
            "2 5 2 1 address_surname -",
            "3 5 2 1 address_surname -",
            "4 5 2 1 address_surname -",
            "L1 5 2 1 shared_contact -",
        ]),
        home(&["11 2 1 1 declared -", "12 2 1 1 declared child"]),
        home(&["5 2 2 0 shared_contact -", "6 2 2 0 shared_contact -"]),
        home(&["10 2 2 0 declared -", "9 2 2 0 declared -"]),
    ];
    wanted.sort();
    assert_eq!(house.homes(&run), wanted);
    let prospects = "SELECT kind, count(*) AS n FROM households GROUP BY kind ORDER BY kind";
    assert_eq!(lines(&house.out, &run, prospects), ["customer | 10", "prospect | 1"]);
    let fields = "SELECT count(*) FROM golden_fields WHERE field IN ('household_number', 'related_to', 'relation')";
    assert_eq!(lines(&house.out, &run, fields), ["0"]);

    // The rules may ask for less, and for more.
    let rules = "[household]\nevidence = [\"same_address\"]\nlargest = 3\n";
    std::fs::write(house.rules.join("survivorship.toml"), rules).unwrap();
    let other = house.run(2);
    let homes = house.homes(&other);
    assert_eq!(
        homes,
        [
            "1 3 2 1 same_address -; 2 3 2 1 same_address -; 3 3 2 1 same_address -",
            "5 2 2 0 same_address -; 6 2 2 0 same_address -"
        ]
    );
}

#[test]
fn a_household_keeps_its_id_when_one_leaves_and_rows_come_in_another_order() {
    let house = House::new();
    let first = house.run(1);
    let kowalscy = house.id_of(&first, "1");
    assert!(kowalscy[0].starts_with('H') && kowalscy == house.id_of(&first, "L1"));
    let mut rows: Vec<&str> = CRM.lines().skip(1).filter(|line| !line.starts_with("1;")).collect();
    rows.reverse();
    let header = CRM.lines().next().unwrap();
    house.deliver(&format!("{header}\n{}\n", rows.join("\n")));
    let second = house.run(2);
    assert_eq!(house.id_of(&second, "2"), kowalscy);
    assert_eq!(house.id_of(&second, "5"), house.id_of(&first, "5"));
    assert_eq!(house.homes(&second).len(), 4);
}

#[test]
fn who_is_told_or_erased_leaves_the_others_alone() {
    let house = House::new();
    let run = house.run(1);
    let who = |key: &str| find(&house.out, &Who::Record("crm".into(), key.into())).unwrap();
    let child = runtime().block_on(zlato_engine::subject::subject(&house.out, &who("12"), limits(1))).unwrap();
    let home = &child["households"][0];
    assert_eq!((&home["members"], &home["role"], &home["evidence"]), (&2.into(), &"child".into(), &"declared".into()));
    assert!(home.get("household_id").is_none() && home.get("adults").is_none());
    assert_eq!(child["rows"][0]["related_to"], "another person's");

    let (key, _) = zlato_engine::suppression::open_key(&house.out, [5; 32]).unwrap();
    let asked = zlato_engine::erase::Asked {
        day: "2026-11-03".parse().unwrap(),
        at: "2026-11-03T08:00:00+00:00".into(),
        steward: None,
        reason: None,
    };
    let before = house.id_of(&run, "2");
    for gone in ["1", "11"] {
        let who = who(gone);
        let erasing = zlato_engine::erase::erase(&house.out, &who, &asked, &key, limits(1), &NoReport);
        runtime().block_on(erasing).unwrap();
    }
    assert_eq!(house.id_of(&run, "2"), before, "the household keeps its id");
    let homes = house.homes(&run);
    assert_eq!(homes.len(), 3, "a household of one is none: {homes:?}");
    assert!(homes.iter().any(|h| h.starts_with("2 4 1 1 address_surname")), "{homes:?}");
    let named = "SELECT count(*) FROM records WHERE related_to IS NOT NULL";
    assert_eq!(lines(&house.out, &run, named), ["0"], "keys of the erased in rows of others");
}

struct NoReport;

impl zlato_engine::run::Reporter for NoReport {
    fn write<'a>(
        &'a self,
        context: &'a zlato_engine::context::Context,
    ) -> std::pin::Pin<Box<dyn Future<Output = zlato_engine::error::Result<String>> + Send + 'a>> {
        Box::pin(async move {
            zlato_engine::files::replace(&context.folder().join("report.html"), b"")?;
            Ok("report.html".into())
        })
    }
}

/// The files of a folder are there: a run that left its unsorted members behind would show them as a table.
#[test]
fn nothing_is_left_beside_the_tables() {
    let house = House::new();
    let run = house.run(1);
    let tables = house.out.join("runs").join(run).join("tables");
    let names = |folder: &Path| -> Vec<String> {
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().to_string()).collect()
    };
    let known: Vec<&str> = zlato_engine::tables::ALL.iter().map(|t| t.name).collect();
    assert!(names(&tables).iter().all(|name| known.contains(&name.as_str())), "{:?}", names(&tables));
}
