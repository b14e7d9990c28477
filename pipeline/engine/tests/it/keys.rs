//! What is found by keys, in passes over the tables, against the same found row by row: whom profiles and events name, and
//! whose a value is.

use crate::harness::{Job, copy, lines, root};
use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use zlato_core::matching::hygiene::{Class, Tally};
use zlato_engine::run::Stage;

/// A person of the made-up inputs: by place in lists of few values, so that much is shared. Beyond the list: nothing.
#[derive(Debug, Clone)]
struct Row {
    name: usize,
    born: usize,
    email: usize,
    phone: usize,
    day: usize,
    key: usize,
}

const NAMES: [(&str, &str); 6] = [
    ("Tina", "Oblak"),
    ("Marko", "Hribar"),
    ("Inese", "Kalniņa"),
    ("Jānis", "Ozols"),
    ("Петър", "Иванов"),
    ("Maja", "Kos"),
];
const BORN: [&str; 4] = ["14.05.1986", "02.02.1962", "30.11.1971", "01.01.1990"];
const EMAILS: [&str; 5] = ["tina@siol.net", "Marko@Siol.net", "inese@inbox.lv", "info@firma.si", "maja.kos@gmail.com"];
const PHONES: [&str; 4] = ["+38641300100", "+38631555666", "+37129123456", "+38640111222"];
const DAYS: [&str; 4] = ["2026-09-01", "2025-08-01", "2019-03-03", "2026-05-05"];

fn row() -> impl Strategy<Value = Row> {
    (0..NAMES.len(), 0..BORN.len() + 2, 0..EMAILS.len() + 2, 0..PHONES.len() + 2, 0..DAYS.len() + 1, 0..12usize)
        .prop_map(|(name, born, email, phone, day, key)| Row { name, born, email, phone, day, key })
}

fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    // In capitals: fingerprints are compared without regard to case.
    Sha256::digest(text.to_lowercase()).iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The inputs of the case that has every kind of source, with rows of our own.
fn inputs(folder: &Path, customers: &[Row], profiles: &[Row], events: &[Row]) {
    let of = |list: &[&'static str], place: usize| list.get(place).copied().unwrap_or("");
    let mut crm =
        "id;given;family;maiden;born;national_id;street;postcode;town;country;phone;email;email2;updated;mail_ok;call_ok\n"
            .to_string();
    for (id, row) in customers.iter().enumerate() {
        let (given, family) = NAMES[row.name];
        let (born, phone, email) = (of(&BORN, row.born), of(&PHONES, row.phone), of(&EMAILS, row.email));
        let second = of(&EMAILS, row.key);
        writeln!(crm, "{id};{given};{family};;{born};;;;;SI;{phone};{email};{second};01.06.2026;yes;yes").unwrap();
    }
    let mut plain =
        "id,given_name,family_name,birth_date,email,phone,age_band,household_size,income_band,education,collected_on\n"
            .to_string();
    let mut hashed = "id,email_sha256,phone_sha256,age_band,interests,updated_at\n".to_string();
    let mut unwanted = "id,email,age_band,income_band\n".to_string();
    for (id, row) in profiles.iter().enumerate() {
        let (given, family) = NAMES[row.name];
        let (born, day) = (of(&BORN, row.born), of(&DAYS, row.day));
        let (phone, email) = (of(&PHONES, row.phone), of(&EMAILS, row.email));
        let (band, size) = (["25-34", "35-44", ""][row.key % 3], ["", "1", "2", "3"][row.key % 4]);
        match id % 4 {
            0 | 1 => writeln!(plain, "{id},{given},{family},{born},{email},{phone},{band},{size},low,,{day}"),
            2 => {
                let [email, phone] =
                    [email, phone].map(|text| if text.is_empty() { text.into() } else { sha256(text) });
                writeln!(hashed, "{id},{email},{phone},{band},books,{day}")
            }
            _ => writeln!(unwanted, "{id},{email},{band},low"),
        }
        .unwrap();
    }
    let mut happened = "event_id,type,at,source,customer,email,phone,channel,amount\n".to_string();
    for (id, row) in events.iter().enumerate() {
        let (day, source) = (of(&DAYS, row.day), ["crm", "shop", ""][row.name % 3]);
        let at = if day.is_empty() { String::new() } else { format!("{day}T10:00:00") };
        let key = if row.key < 9 { row.key.to_string() } else { String::new() };
        let (phone, email) = (of(&PHONES, row.phone), of(&EMAILS, row.email));
        let kind = ["purchase", "unsubscribe", "hard_bounce", "wrong_number"][row.born % 4];
        writeln!(happened, "{id},{kind},{at},{source},{key},{email},{phone},email,{id}").unwrap();
    }
    let files =
        [("crm", crm), ("profiles_a", plain), ("profiles_b", hashed), ("profiles_c", unwanted), ("events", happened)];
    for (name, text) in files {
        std::fs::write(folder.join(format!("{name}.csv")), text).unwrap();
    }
}

/// Cells of the rows of a query; a missing value is empty.
fn rows(out: &Path, run: &str, sql: &str) -> Vec<Vec<String>> {
    let of_line = |line: String| line.split(" | ").map(String::from).collect();
    lines(out, run, sql).into_iter().map(of_line).collect()
}

/// The clusters of the customers whose cells at `ours` are these, none of which may be missing.
fn clusters(customers: &[Vec<String>], ours: &[usize], theirs: &[&str]) -> BTreeSet<i64> {
    let same = |customer: &&Vec<String>| ours.iter().zip(theirs).all(|(place, text)| customer[*place] == *text);
    if theirs.iter().any(|text| text.is_empty()) {
        return BTreeSet::new();
    }
    customers.iter().filter(same).map(|customer| customer[0].parse().unwrap()).collect()
}

/// The first way to one cluster, else the first way to several: its place and the cluster.
fn best(found: &[BTreeSet<i64>]) -> Option<(usize, Option<i64>)> {
    let one = found.iter().position(|clusters| clusters.len() == 1);
    let some = one.or_else(|| found.iter().position(|clusters| !clusters.is_empty()))?;
    Some((some, one.and_then(|way| found[way].first().copied())))
}

/// A field that a profile offers: its place among the cells, its use, and the days that it is young enough for.
type Offer = (&'static str, usize, &'static str, i64);

const CUSTOMERS: &str = "SELECT k.cluster_id, c.source, c.source_key, c.email_key, c.phone_key, c.birth_date, \
    sha256_hex(c.email), sha256_hex(c.phone), c.given_name_root, c.family_name_root, c.family_name_key, \
    c.birth_name_key, c.email_other_key FROM contacts c JOIN clusters k ON c.record_id = k.record_id";

/// Whether all that a cluster's records say is another birth date, or another given and another family name. `row` has the
/// birth date, the given name and the forms of the family name.
fn contradicts(customers: &[Vec<String>], made_up: &BTreeSet<String>, cluster: i64, row: [&str; 5]) -> bool {
    let records: Vec<_> = customers.iter().filter(|customer| customer[0] == cluster.to_string()).collect();
    let names =
        |cells: &[&str]| cells.iter().filter(|cell| !cell.is_empty()).map(ToString::to_string).collect::<BTreeSet<_>>();
    let of = |record: &[String]| names(&[&record[8], &record[9], &record[10], &record[11]]);
    let (born, given, family) = (row[0], row[1], row[2]);
    let known = |day: &str| !day.is_empty() && !made_up.contains(day);
    let dated: Vec<_> = records.iter().filter(|record| known(&record[5])).collect();
    let named = records.iter().any(|record| !record[8].is_empty() && !record[9].is_empty());
    let shared = records.iter().any(|record| !of(record).is_disjoint(&names(&row[1..])));
    // No two dates of the made-up people are like each other.
    (known(born) && !dated.is_empty() && dated.iter().all(|record| record[5] != born))
        || (!given.is_empty() && !family.is_empty() && named && !shared)
}

/// What the tables must say, worked out row by row. `sourced`: whether events name the source of their key.
fn assert_linked(out: &Path, run: &str, sourced: bool) -> [usize; 4] {
    let customers = rows(out, run, CUSTOMERS);
    let made_up = "SELECT value FROM contact_profiles WHERE field = 'birth_date'";
    let made_up: BTreeSet<String> = lines(out, run, made_up).into_iter().collect();
    let (mut links, mut offers) = (Vec::new(), Vec::new());
    let as_of: NaiveDate = "2026-11-01".parse().unwrap();
    let profiles = rows(
        out,
        run,
        "SELECT record_id, source, source_key, updated_at, email_key, phone_key, birth_date, lower(email_sha256), \
         lower(phone_sha256), age_band, household_size, education, income_band, interests, given_name_root, \
         family_name_root, family_name_key, birth_name_key FROM profile_contacts ORDER BY record_id",
    );
    for row in &profiles {
        // Without a day of its own a hashed profile counts as collected at the end of June.
        let day = row[3].get(..10).or((row[1] == "profiles_b").then_some("2026-06-30"));
        let age = day.map_or(i64::MAX, |day| (as_of - day.parse::<NaiveDate>().unwrap()).num_days());
        let (ways, names, status, fields): (_, &[&str], _, &[Offer]) = match row[1].as_str() {
            "profiles_a" => (
                vec![(vec![3], vec![4]), (vec![4], vec![5]), (vec![8, 9, 5], vec![14, 15, 6])],
                &["email", "phone", "given_name+family_name+birth_date"],
                (age > 1095).then_some("too_old"),
                &[
                    ("age_band", 9, "fill", 9999),
                    ("household_size", 10, "fill", 9999),
                    ("education", 11, "fill", 9999),
                    ("income_band", 12, "suggest", 9999),
                ],
            ),
            "profiles_b" => (
                vec![(vec![6], vec![7]), (vec![7], vec![8])],
                &["email_sha256", "phone_sha256"],
                (age > 540).then_some("too_old"),
                &[("age_band", 9, "fill", 9999), ("interests", 13, "suggest", 365)],
            ),
            _ => (vec![(vec![3], vec![4])], &["email"], Some("purpose_not_permitted"), &[]),
        };
        let text = |theirs: &[usize]| theirs.iter().map(|place| row[*place].as_str()).collect::<Vec<_>>();
        let found: Vec<_> = ways.iter().map(|(ours, theirs)| clusters(&customers, ours, &text(theirs))).collect();
        let best = best(&found);
        let said = [6, 14, 15, 16, 17].map(|place| row[place].as_str());
        let stranger =
            best.and_then(|(_, cluster)| cluster).is_some_and(|c| contradicts(&customers, &made_up, c, said));
        let status = status.unwrap_or(match best {
            None => "unlinked",
            Some((_, None)) => "ambiguous",
            Some(_) if stranger => "contradicted",
            Some(_) => "linked",
        });
        let cluster = best.and_then(|(_, cluster)| cluster).filter(|_| status == "linked");
        let text = cluster.map(|cluster| cluster.to_string()).unwrap_or_default();
        let linked_on = best.map_or("", |(way, _)| names[way]);
        links.push([&row[0], &row[1], &row[2], &text, linked_on, status, &row[3]].join(" | "));
        for (field, place, mode, days) in fields.iter().filter(|(_, place, _, _)| !row[*place].is_empty()) {
            if let Some(cluster) = cluster.filter(|_| age <= *days) {
                offers.push((
                    cluster,
                    *field,
                    row[0].parse::<i64>().unwrap(),
                    [&row[1], &row[2], *field, &row[*place], mode, &row[3]].join(" | "),
                ));
            }
        }
    }
    offers.sort();
    let offers: Vec<String> =
        offers.into_iter().map(|(cluster, _, id, rest)| format!("{cluster} | {id} | {rest}")).collect();
    assert_eq!(lines(out, run, "SELECT * FROM profile_links"), links);
    assert_eq!(lines(out, run, "SELECT * FROM profiles"), offers);

    let events = "SELECT record_id, event_kind, event_at, channel, amount, email, phone, source, source_key, customer_key, \
                  email_key, phone_key, CUSTOMER_SOURCE FROM event_contacts";
    let events = events.replace("CUSTOMER_SOURCE", if sourced { "customer_source" } else { "'-'" });
    let (mut happened, mut taken) = (Vec::new(), BTreeMap::new());
    for row in rows(out, run, &events) {
        let by_key = if sourced {
            clusters(&customers, &[1, 2], &[&row[12], &row[9]])
        } else {
            clusters(&customers, &[2], &[&row[9]])
        };
        let mut by_email = clusters(&customers, &[3], &[&row[10]]);
        by_email.extend(clusters(&customers, &[12], &[&row[10]]));
        let found = [by_key, by_email, clusters(&customers, &[4], &[&row[11]])];
        let best = best(&found);
        let way = best.map_or("", |(way, _)| ["customer_key", "email", "phone"][way]);
        let own = best.and_then(|(_, cluster)| cluster);
        let record: i64 = row[0].parse().unwrap();
        for (way, contact, holders) in [("email", &row[10], &found[1]), ("phone", &row[11], &found[2])] {
            // The latest of each kind and contact, the first record of a day; without a day only beside the others.
            let day = row[2].get(..10).unwrap_or("").to_string();
            let said = (way, row[1].clone(), contact.clone(), day.is_empty());
            let others: BTreeSet<i64> = holders.iter().copied().filter(|holder| Some(*holder) != own).collect();
            let speaks = (std::cmp::Reverse(day), record, others, row.clone());
            if row[1] != "purchase" && taken.get(&said).is_none_or(|known| speaks < *known) {
                taken.insert(said, speaks);
            }
        }
        let text = own.map(|cluster| cluster.to_string()).unwrap_or_default();
        let order = (own.is_none(), own, row[2].is_empty(), row[2].clone(), record);
        happened.push((
            order,
            [&[row[0].as_str(), &text, way], &row[1..9].iter().map(String::as_str).collect::<Vec<_>>()[..]]
                .concat()
                .join(" | "),
        ));
    }
    happened.sort();
    let happened: Vec<String> = happened.into_iter().map(|(_, line)| line).collect();
    assert_eq!(lines(out, run, "SELECT * FROM event_links"), happened);

    let mut reached = BTreeMap::new();
    for ((way, ..), (_, record, clusters, row)) in taken {
        for cluster in clusters {
            let line =
                [cluster.to_string().as_str(), &row[0], way, &row[1], &row[2], &row[5], &row[6], &row[7], &row[8]]
                    .join(" | ");
            // What is reached by both contacts is told once, by the first.
            let order = (cluster, row[2].is_empty(), row[2].clone(), record);
            reached.entry(order).or_insert(line);
        }
    }
    let reached: Vec<String> = reached.into_values().collect();
    assert_eq!(lines(out, run, "SELECT * FROM event_reach"), reached);
    let of = |word: &str| links.iter().filter(|line| line.contains(&format!("| {word} |"))).count();
    [of("ambiguous"), of("contradicted"), happened.len(), reached.len()]
}

#[test]
fn profiles_and_events_find_the_customer_that_a_look_at_every_row_finds() {
    let rows = |most| prop::collection::vec(row(), 1..most);
    let mut runner = TestRunner::new(Config { cases: 8, failure_persistence: None, ..Config::default() });
    let seen = std::cell::Cell::new([0; 4]);
    runner
        .run(
            &(rows(14), rows(30), prop::collection::vec(row(), 0..40), any::<bool>()),
            |(customers, profiles, events, sourced)| {
                let folder = tempfile::tempdir().unwrap();
                let (rules, input) = (folder.path().join("rules"), folder.path().join("input"));
                copy(&root().join("fixtures/cases/profiles_and_permissions/rules"), &rules);
                std::fs::create_dir_all(&input).unwrap();
                inputs(&input, &customers, &profiles, &events);
                let edit = |file: &str, from: &str, to: &str| {
                    let text = std::fs::read_to_string(rules.join(file)).unwrap();
                    assert!(text.contains(from), "{file} has changed");
                    std::fs::write(rules.join(file), text.replacen(from, to, 1)).unwrap();
                };
                edit(
                    "profiles.toml",
                    "link_on = [\"email\", \"phone\"]",
                    "link_on = [\"email\", \"phone\", [\"given_name\", \"family_name\", \"birth_date\"]]",
                );
                edit("sources.toml", "email = \"email\"\n", "email = \"email\"\nemail_other = \"email2\"\n");
                let collected = "collected = \"2026-06-30\"\n\n[profile.field_shelf_life_days]\ninterests = 365";
                edit("profiles.toml", "suggest = [\"interests\"]", &format!("suggest = [\"interests\"]\n{collected}"));
                if !sourced {
                    edit("sources.toml", "customer_source = \"source\"\n", "");
                }
                let out = folder.path().join("out");
                let summary = Job::new(&rules, Some(&input), &out).until(Stage::Enrich).go().unwrap();
                let counted = assert_linked(&out, &summary.run, sourced);
                let sums = seen.get();
                seen.set(std::array::from_fn(|at| sums[at] + counted[at]));
                Ok(())
            },
        )
        .unwrap();
    assert!(seen.get().iter().all(|count| *count > 0), "one of these was never seen: {:?}", seen.get());
}

/// Of the sample: every value that several people have, and none else, with the people that a tally of all rows counts.
#[test]
fn values_have_the_people_that_a_look_at_every_row_finds() {
    let folder = tempfile::tempdir().unwrap();
    let run = Job::sample(folder.path()).until(Stage::Dedupe).go().unwrap().run;
    let rules = zlato_engine::rulebook::load(&root().join("rules")).unwrap();
    let hygiene = &rules.rules.matching.hygiene;
    let made_up: BTreeSet<String> =
        lines(folder.path(), &run, "SELECT value FROM contact_profiles WHERE field = 'birth_date'")
            .into_iter()
            .collect();
    let mut expected = Vec::new();
    for (field, key, by_rule) in [
        ("email", "email_key", true),
        ("phone", "phone_key", true),
        ("national_id", "national_id", true),
        ("address", "address_key", false),
    ] {
        let listed = if by_rule {
            format!("CASE WHEN {field}_reason = 'placeholder' THEN lower(btrim({field}_raw)) END")
        } else {
            "CAST(NULL AS VARCHAR)".into()
        };
        let sql = format!(
            "SELECT coalesce({key}, {listed}), {key} IS NULL, given_name_root, family_name_root, family_name_phonetic, \
             birth_date FROM contacts c JOIN addresses a ON c.record_id = a.record_id \
             WHERE coalesce({key}, {listed}) IS NOT NULL"
        );
        let mut people: BTreeMap<String, (Tally, bool)> = BTreeMap::new();
        for row in rows(folder.path(), &run, &sql) {
            let (tally, listed) = people.entry(row[0].clone()).or_insert((Tally::default(), true));
            *listed &= row[1] == "true";
            let [given, family, sound, birth] =
                [&row[2], &row[3], &row[4], &row[5]].map(|text| Some(text.as_str()).filter(|text| !text.is_empty()));
            tally.add(given, family, sound, birth.filter(|day| !made_up.contains(*day)));
        }
        for (value, (tally, listed)) in people {
            let share = tally.share();
            let class = match share.class(hygiene) {
                None => continue,
                Some(_) if listed => Class::Junk,
                Some(Class::Junk) if field == "address" => Class::Shared,
                Some(class) => class,
            };
            let evidence = class == Class::Household || field == "address";
            let (records, people, families, class) = (share.records, share.people, share.families, class.as_str());
            expected.push(format!("{field} | {value} | {records} | {people} | {families} | {class} | {evidence}"));
        }
    }
    let fields = "('email', 'phone', 'national_id', 'address')";
    let sql = format!("SELECT * FROM contact_profiles WHERE field IN {fields}");
    let found = lines(folder.path(), &run, &sql);
    let of = |field: &str, lines: &[String]| -> Vec<String> {
        lines.iter().filter(|line| line.starts_with(&format!("{field} | "))).cloned().collect()
    };
    assert!(expected.len() > 5, "the sample shares contacts");
    for field in ["email", "phone", "national_id", "address"] {
        // In the order of values, as written.
        assert_eq!(of(field, &found), of(field, &expected), "{field}");
    }
}
