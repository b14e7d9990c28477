//! Time of one comparison and of one normalisation, beside `strsim`. Run with
//! `CARGO_TARGET_DIR=target/core cargo bench -p zlato-core` (a folder of its own, so that nothing else is built anew).
//! Prints nanoseconds a call, the best of several rounds. Says nothing about correctness.

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;
use zlato_core::addresses::{AddressInput, Addresses, embedded_packs};
use zlato_core::contacts::{Contacts, NameInput};
use zlato_core::gazetteer::{Builder, Gazetteer, Place};
use zlato_core::matching::levels::{jaro_winkler::JaroWinkler, levenshtein::Levenshtein, osa::Osa};
use zlato_core::rules;

const ROUNDS: usize = 7;

/// Families, towns and dates as they are compared: folded, short, some alike.
const SHORT: [&str; 16] = [
    "kowalski",
    "kowalska",
    "nowak",
    "wisniewski",
    "jankovic",
    "jankowicz",
    "berzins",
    "berzina",
    "novak",
    "horvat",
    "1984-03-12",
    "1984-12-03",
    "warszawa",
    "ljubljana",
    "novi sad",
    "rezekne",
];
const LONG: [&str; 8] = [
    "marszalkowska 10 12 m 5 warszawa",
    "marszalkowska 10 12 warszawa",
    "bulevar kralja aleksandra 73",
    "dunajska cesta 156",
    "kr barona iela 100 12 riga",
    "kr barona iela 100 riga",
    "przedsiebiorstwo handlowe nowak",
    "ulica narodnih heroja 4",
];
const LETTERS: [&str; 8] = ["łódź", "wójcik", "wojcik", "đorđević", "djordjević", "bērziņš", "bērziņa", "žagar"];

/// Best time of a call in nanoseconds; `work` makes `calls` of them.
fn report(name: &str, calls: usize, mut work: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let repeats = (200_000 / calls).max(1);
        let started = Instant::now();
        for _ in 0..repeats {
            work();
        }
        best = best.min(started.elapsed().as_nanos() as f64 / (repeats * calls) as f64);
    }
    println!("{name:<44} {best:>10.1} ns");
}

fn pairs(name: &str, values: &[&str], mut compare: impl FnMut(&str, &str)) {
    report(name, values.len() * values.len(), || {
        for left in values {
            for right in values {
                compare(black_box(left), black_box(right));
            }
        }
    });
}

fn comparators() {
    for (kind, values) in [("short", &SHORT[..]), ("long", &LONG[..]), ("letters", &LETTERS[..])] {
        pairs(&format!("jaro_winkler, {kind}, strsim"), values, |l, r| {
            black_box(strsim::jaro_winkler(l, r));
        });
        pairs(&format!("jaro_winkler, {kind}"), values, |l, r| {
            black_box(JaroWinkler::new(l, 0.8).similarity(r));
        });
        pairs(&format!("osa, {kind}, strsim"), values, |l, r| {
            black_box(strsim::osa_distance(l, r));
        });
        pairs(&format!("osa at most 1, {kind}"), values, |l, r| {
            black_box(Osa::new(l, 1).distance(r));
        });
        pairs(&format!("levenshtein, {kind}, strsim"), values, |l, r| {
            black_box(strsim::levenshtein(l, r));
        });
        pairs(&format!("levenshtein at most 2, {kind}"), values, |l, r| {
            black_box(Levenshtein::new(l, 2).distance(r));
        });
    }
}

fn values(name: &str, values: &[&str], mut work: impl FnMut(&str)) {
    report(name, values.len(), || values.iter().for_each(|value| work(black_box(value))));
}

fn normalisers() {
    let contacts = Contacts::new(&rules::contacts::Contacts::default());
    values("phone", &["+48 601 234 567", "601-234-567", "022 621 00 00", "0048 601234567"], |raw| {
        black_box(contacts.phone(raw, Some("PL")));
    });
    values("email", &["Jan.Kowalski@Gmail.com", "anna@onet.pl", "info@žagar.si", "x@gmial.com"], |raw| {
        black_box(contacts.email(raw));
    });
    values("birth date", &["1984-03-12", "12.03.1984", "12 marca 1984"], |raw| {
        black_box(contacts.date(raw));
    });
    values("national id", &["44051401359", "0101006500006", "161175-19997"], |raw| {
        black_box(contacts.national_id(raw, Some("PL")));
    });
    values(
        "name in one field",
        &["dr Jan Kowalski", "KOWALSKA-NOWAK Anna", "Ђорђе Петровић", "SIA Balta"],
        |raw| {
            black_box(contacts.person_name(&NameInput { full_name: Some(raw), ..NameInput::default() }));
        },
    );
    values("name in two fields", &["Kowalski", "Wiśniewska", "Bērziņš"], |raw| {
        let input = NameInput { given_name: Some("Anna"), family_name: Some(raw), ..NameInput::default() };
        black_box(contacts.person_name(&input));
    });
    let addresses = Addresses::new(&rules::addresses::Addresses::default(), embedded_packs());
    values(
        "address in one field",
        &["ul. Marszałkowska 10/12 m. 5, 00-590 Warszawa", "Dunajska c. 156, 1000 Ljubljana"],
        |raw| {
            black_box(addresses.address(&AddressInput { address: Some(raw), ..AddressInput::default() }, None));
        },
    );
}

/// A million rows as a register has them: every house of 5,000 places, made up.
fn gazetteer() {
    let addresses = Addresses::new(&rules::addresses::Addresses::default(), embedded_packs());
    let syllables = ["ba", "no", "wi", "cze", "gro", "lu", "ta", "ry", "sko", "dol"];
    let word = |mut number: usize, least: usize| {
        let mut out = String::new();
        while number > 0 || out.len() < least {
            out.push_str(syllables[number % syllables.len()]);
            number /= syllables.len();
        }
        out[..1].to_uppercase() + &out[1..]
    };
    let towns: Vec<String> = (0..5_000).map(|n| word(n * 7 + 13, 6)).collect();
    let start = Instant::now();
    let mut builder = Builder::new(&addresses);
    for n in 0..1_000_000_usize {
        let town = n % towns.len();
        let street = n / towns.len() % 40 + town;
        let code = format!("{:02}-{:03}", town / 100, town % 100 * 10 + n % 3);
        let street = format!("ul. {}", word(street, 8));
        let place =
            Place { country: "PL", locality: &towns[town], postal_code: &code, street: &street, ..Place::default() };
        let _ = builder.add(&place);
    }
    let gazetteer = builder.finish(vec![]);
    let imported = start.elapsed();
    let bytes = gazetteer.to_bytes();
    let start = Instant::now();
    let read = Gazetteer::from_bytes(&bytes).map_or(0, |g| g.holdings().len());
    println!(
        "gazetteer of 1 M rows: imported in {:.2} s, {} bytes, read in {:.0} ms ({read} country)",
        imported.as_secs_f64(),
        bytes.len(),
        start.elapsed().as_secs_f64() * 1e3
    );
    let asked: Vec<(String, String, String)> = (0..20_000_usize)
        .map(|n| {
            let town = n * 31 % towns.len();
            let code = format!("{:02}-{:03}", town / 100, town % 100 * 10 + n % 3);
            let mistyped = format!("{}x{}", &towns[town][..3], &towns[town][3..]);
            (towns[town].clone(), mistyped, code)
        })
        .collect();
    report("gazetteer: town by its name", asked.len(), || {
        asked.iter().for_each(|(town, ..)| drop(black_box(gazetteer.find("PL", town, None))));
    });
    report("gazetteer: town by its name, code", asked.len(), || {
        asked.iter().for_each(|(town, _, code)| drop(black_box(gazetteer.find("PL", town, Some(code)))));
    });
    report("gazetteer: towns of a code", asked.len(), || {
        asked.iter().for_each(|(.., code)| drop(black_box(gazetteer.localities_of_code("PL", code))));
    });
    report("gazetteer: mistyped town, code", asked.len(), || {
        asked.iter().for_each(|(_, town, code)| drop(black_box(gazetteer.find("PL", town, Some(code)))));
    });
    let few = asked.get(..200).unwrap_or(&asked);
    report("gazetteer: mistyped town alone", few.len(), || {
        few.iter().for_each(|(_, town, _)| drop(black_box(gazetteer.find("PL", town, None))));
    });
    let lines: Vec<String> = (0..20_000_usize)
        .map(|n| {
            let town = n * 31 % towns.len();
            let code = format!("{:02}-{:03}", town / 100, town % 100 * 10 + n % 3);
            format!("ul. {} {}, {code} {}", word(n % 40 + town, 8), n % 90 + 1, towns[town])
        })
        .collect();
    let parse = |addresses: &Addresses| {
        lines.iter().for_each(|raw| {
            black_box(addresses.address(&AddressInput { address: Some(raw), ..AddressInput::default() }, Some("PL")));
        });
    };
    report("address, no gazetteer", lines.len(), || parse(&addresses));
    let with = addresses.clone().with_gazetteer(std::sync::Arc::new(gazetteer));
    report("address, with gazetteer", lines.len(), || parse(&with));
}

fn main() {
    if std::env::args().any(|a| a == "gazetteer") {
        return gazetteer();
    }
    comparators();
    normalisers();
}
