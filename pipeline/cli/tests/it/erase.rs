//! `zlato erase`, `subject` and `suppress` on the sample: nothing of a person is left in any file, the report included,
//! and the same files do not bring them back.

use crate::harness::{copy, err, out, root, say};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use zlato_engine::store::read_part;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Rows of a query as text.
fn rows(to: &str, sql: &str) -> Vec<Vec<String>> {
    let said = say(&["tables", "--out", to, "--csv", "--sql", sql]);
    assert_eq!(said.status.code(), Some(0), "{}", err(&said));
    let text = out(&said);
    text.lines().skip(1).map(|l| l.split(',').map(|c| c.trim_matches('"').to_string()).collect()).collect()
}

/// Files under a folder in which one of the texts stands, in bytes or in a decoded column; and rows of tables that hold all
/// of `together`.
fn places(folder: &Path, texts: &BTreeSet<String>, together: &[String]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for path in files(folder) {
        let name = path.strip_prefix(folder).unwrap().display().to_string();
        let bytes = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).to_lowercase();
        for text in texts.iter().filter(|t| bytes.contains(t.as_str())) {
            found.insert(format!("{text} in {name}"));
        }
        if path.extension().is_none_or(|e| e != "parquet") {
            continue;
        }
        for batch in read_part(&path).unwrap() {
            let batch = batch.unwrap();
            let options = FormatOptions::default();
            let columns: Vec<_> =
                batch.columns().iter().map(|c| ArrayFormatter::try_new(c.as_ref(), &options).unwrap()).collect();
            for row in 0..batch.num_rows() {
                let cells: Vec<String> = columns.iter().map(|c| c.value(row).to_string().to_lowercase()).collect();
                for text in texts.iter().filter(|t| cells.iter().any(|c| c.contains(t.as_str()))) {
                    found.insert(format!("{text} in {name}"));
                }
                if !together.is_empty() && together.iter().all(|t| cells.contains(t)) {
                    found.insert(format!("{} in {name}", together.join(" ")));
                }
            }
        }
    }
    found.into_iter().collect()
}

fn run(input: &str, to: &str, day: &str) {
    let said = say(&["run", "--input", input, "--out", to, "--as-of", day, "-q"]);
    assert_eq!(said.status.code(), Some(0), "{}{}", err(&said), out(&said));
}

/// A customer with several rows, a linked profile and events, whose contacts nobody else has.
const PICK: &str = "SELECT g.golden_id FROM golden g \
    JOIN (SELECT golden_id, count(*) AS n FROM crosswalk WHERE kind = 'customer' GROUP BY golden_id) m ON g.golden_id = m.golden_id \
    JOIN (SELECT DISTINCT golden_id FROM crosswalk WHERE kind = 'profile' AND golden_id IS NOT NULL) p ON g.golden_id = p.golden_id \
    JOIN (SELECT DISTINCT golden_id FROM crosswalk WHERE kind = 'event' AND golden_id IS NOT NULL) e ON g.golden_id = e.golden_id \
    WHERE m.n > 1 AND g.email IS NOT NULL AND g.phone IS NOT NULL AND g.birth_date IS NOT NULL AND g.given_name IS NOT NULL \
    AND g.family_name IS NOT NULL ORDER BY m.n DESC, g.golden_id LIMIT 1";

#[test]
fn nothing_of_an_erased_person_is_left_and_nothing_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input");
    copy(&root().join("fixtures/sample"), &input);
    let (input, to) = (input.display().to_string(), folder.path().join("out").display().to_string());
    let place = Path::new(&to);
    run(&input, &to, "2026-11-01");
    run(&input, &to, "2026-11-02");
    let golden = rows(&to, PICK)[0][0].clone();
    let customers = rows(&to, "SELECT count(*) FROM golden")[0][0].parse::<u64>().unwrap();
    let published = rows(&to, "SELECT kind, count(*) FROM crosswalk GROUP BY kind ORDER BY kind");

    // Everything that names the person, from what the person's rows say.
    let account = say(&["subject", &golden, "--out", &to]);
    assert_eq!(account.status.code(), Some(0), "{}", err(&account));
    let account: serde_json::Value = serde_json::from_str(&out(&account)).unwrap();
    let mut texts: BTreeSet<String> = BTreeSet::from([golden.to_lowercase()]);
    let mut shared = 0;
    for row in account["rows"].as_array().unwrap() {
        let text = |key: &str| row[key].as_str().map(str::to_lowercase);
        let (source, key) = (text("source").unwrap(), text("source_key").unwrap());
        texts.insert(format!("{source}:{key}"));
        for (field, column) in [("email", "email_key"), ("phone", "phone_key"), ("national_id", "national_id")] {
            let Some(raw) = text(field) else { continue };
            let sql = format!(
                "SELECT {column} FROM contacts WHERE source = '{}' AND source_key = '{}' AND {column} IS NOT NULL",
                row["source"].as_str().unwrap(),
                row["source_key"].as_str().unwrap()
            );
            let Some(standard) = rows(&to, &sql).into_iter().next() else { continue };
            let others = format!(
                "SELECT count(DISTINCT x.golden_id) FROM contacts c JOIN crosswalk x ON c.record_id = x.record_id WHERE c.{column} = '{}'",
                standard[0]
            );
            if rows(&to, &others)[0][0] == "1" {
                texts.extend([raw, standard[0].to_lowercase()]);
            } else {
                shared += 1;
            }
        }
    }
    assert!(texts.len() >= 6, "{texts:?}, {shared} shared");
    let of = |field: &str| account["golden"][field].as_str().unwrap().to_lowercase();
    let together = [of("given_name"), of("family_name"), of("birth_date")];
    let before = places(place, &texts, &together);
    assert!(before.iter().any(|p| p.contains("report.html")) || before.len() > 30, "{before:?}");

    let trial = say(&["erase", &golden, "--dry-run", "--out", &to]);
    assert!(out(&trial).contains("nothing was changed"), "{}", err(&trial));
    assert_eq!(places(place, &texts, &together), before);
    let said = say(&["erase", &golden, "--out", &to, "--steward", "A. Nowak", "--reason", "asked by letter"]);
    assert_eq!(said.status.code(), Some(0), "{}", err(&said));
    assert!(out(&said).contains("Certificate of erasure") && out(&said).contains("report redrawn"), "{}", out(&said));
    assert_eq!(places(place, &texts, &together), Vec::<String>::new());
    #[cfg(unix)]
    for path in files(place).iter().filter(|p| !p.ends_with(".lock")) {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }

    // The published run stays whole: it can be asked, and the next run builds on it.
    assert_eq!(rows(&to, "SELECT count(*) FROM golden")[0][0].parse::<u64>().unwrap(), customers - 1);
    let kinds = rows(&to, "SELECT kind, count(*) FROM crosswalk GROUP BY kind ORDER BY kind");
    assert_eq!(kinds.len(), published.len());
    let again = say(&["erase", &golden, "--out", &to]);
    assert_eq!(again.status.code(), Some(2), "{}", out(&again));
    assert!(say(&["erase", "--resume", "--out", &to]).status.success());

    run(&input, &to, "2026-11-03");
    assert_eq!(places(place, &texts, &together), Vec::<String>::new());
    let erased =
        rows(&to, "SELECT count(*), count(CASE WHEN raw <> '' THEN 1 END) FROM quarantine WHERE reason = 'erased'");
    assert!(erased[0][0].parse::<u64>().unwrap() >= 4 && erased[0][1] == "0", "{erased:?}");
}

#[test]
fn suppress_keeps_hashes_and_says_who_is_on_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out").display().to_string();
    let ask = |arguments: &[&str]| {
        let mut all = vec!["suppress"];
        all.extend(arguments);
        all.extend(["--out", &to]);
        let said = say(&all);
        (said.status.code().unwrap(), out(&said) + &err(&said))
    };
    assert!(ask(&["list"]).1.contains("empty"));
    assert!(ask(&["check", "--email", "a@firma.pl"]).1.contains("nobody is on it"));
    assert!(ask(&["init"]).1.contains("Made"));
    assert!(ask(&["init"]).1.contains("is there already"));
    let (code, text) = ask(&["add", "--email", "Jan.Kowalski@Firma.pl", "--scope", "email", "--on", "2026-10-01"]);
    assert!(code == 0 && text.contains("Added"), "{text}");
    assert!(ask(&["add", "--email", "jan.kowalski@firma.pl", "--scope", "email"]).1.contains("Already there"));
    assert!(ask(&["check", "--email", "JAN.KOWALSKI@firma.pl"]).1.contains("forbids email since 2026-10-01"));
    assert!(ask(&["check", "--email", "ewa.lis@firma.pl"]).1.contains("Not on the list"));
    for wrong in [
        &["add", "--phone", "64 123 4567"][..],
        &["add", "--email", "nothing"],
        &["add"],
        &["add", "--email", "x@firma.pl", "--purpose", "marketing"],
        &["add", "--given-name", "Jan"],
    ] {
        let (code, text) = ask(wrong);
        assert!(code == 2 && !text.contains("4567"), "{wrong:?}: {text}");
    }
    let file = folder.path().join("robinson.csv");
    let lines = "phone,country,scope,given_name,family_name,birth_date,remark\n601 200 301,PL,phone,,,,x\n,,all,Anna,Nowak,1980-02-03,\n12,PL,phone,,,,\n";
    std::fs::write(&file, lines).unwrap();
    let (code, text) = ask(&["import", &file.display().to_string()]);
    assert!(
        code == 2 && text.contains("2 entries added") && text.contains("line 4:") && text.contains("remark"),
        "{text}"
    );
    assert!(ask(&["check", "--phone", "+48601200301"]).1.contains("forbids phone"));
    assert!(
        ask(&["check", "--given-name", "ANNA", "--family-name", "Nowak", "--birth-date", "3.2.1980"])
            .1
            .contains("forbids all")
    );
    assert_eq!(ask(&["list"]).1.lines().count(), 3);
    let list = std::fs::read_to_string(Path::new(&to).join("suppression.jsonl")).unwrap().to_lowercase();
    assert!(!list.contains("kowalski") && !list.contains("601200301") && !list.contains("nowak"));

    let id = ask(&["list"]).1.split_whitespace().next().unwrap().to_string();
    let remove = |more: &[&str]| ask(&[&["remove", &id, "--steward", "A. Nowak"][..], more].concat());
    for (wrong, said) in
        [(&[][..], "--reason"), (&["--reason", "jan@firma.pl"], "kept for good"), (&["--reason", " "], "why")]
    {
        let (code, text) = remove(wrong);
        assert!(code == 2 && text.contains(said) && !text.contains("jan@"), "{text}");
    }
    let (code, text) = remove(&["--reason", "request 118", "--on", "2026-11-02"]);
    assert!(code == 0 && text.contains("what the person chose counts again"), "{text}");
    assert!(ask(&["check", "--email", "jan.kowalski@firma.pl"]).1.contains("Not on the list"));
    assert_eq!(ask(&["list"]).1.lines().count(), 2);
    let all = ask(&["list", "--all"]).1;
    assert!(all.contains("taken back on 2026-11-02 by A. Nowak: request 118"), "{all}");
    assert!(ask(&["list", "--all", "--json"]).1.contains("\"withdrawn\":{"), "{all}");
    assert!(remove(&["--reason", "again"]).1.contains("already"));
    // Nothing is rewritten: the entry's line is there, and can be added again.
    assert!(
        std::fs::read_to_string(Path::new(&to).join("suppression.jsonl")).unwrap().to_lowercase().starts_with(&list)
    );
    assert!(ask(&["add", "--email", "jan.kowalski@firma.pl", "--scope", "email"]).1.contains("Added"));
}
