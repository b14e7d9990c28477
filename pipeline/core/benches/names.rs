//! Names a second on one core: one field and two, as the contacts stage calls it. Run with
//! `CARGO_TARGET_DIR=target/core cargo bench -p zlato-core --bench names`.
//! Says nothing about correctness.

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;
use zlato_core::contacts::{Contacts, NameInput};
use zlato_core::rules;

const ROUNDS: usize = 7;
const CALLS: usize = 200_000;

const WHOLE: [(&str, &str); 12] = [
    ("Jan Kowalski", "PL"),
    ("KOWALSKA ANNA MARIA", "PL"),
    ("dr hab. Piotr Zieliński", "PL"),
    ("Nowak-Kowalska, Anna", "PL"),
    ("Ђорђе Петровић", "RS"),
    ("Petrović Milica", "RS"),
    ("Janez Novak", "SI"),
    ("Mojca Kovač Horvat", "SI"),
    ("Jānis Bērziņš", "LV"),
    ("Kalniņa Ilze", "LV"),
    ("SIA Balta", "LV"),
    ("Jan i Anna Kowalscy", "PL"),
];
const FIELDS: [(&str, &str, &str); 8] = [
    ("Anna", "Kowalska", "PL"),
    ("TOMASZ", "WIŚNIEWSKI", "PL"),
    ("Anna Maria", "Nowak-Kowalska", "PL"),
    ("Милица", "Ђорђевић", "RS"),
    ("Petar", "Petrović", "RS"),
    ("Janez", "Novak", "SI"),
    ("Jānis", "Bērziņš", "LV"),
    ("Kowalski", "Jan", "PL"),
];

/// The best of several rounds, in thousands a second.
fn report(name: &str, values: usize, mut work: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for _ in 0..CALLS / values {
            work();
        }
        best = best.min(started.elapsed().as_secs_f64());
    }
    println!("{name:<24} {:>8.0} k/s", (CALLS / values * values) as f64 / best / 1e3);
}

fn main() {
    let contacts = Contacts::new(&rules::contacts::Contacts::default());
    report("name in one field", WHOLE.len(), || {
        for (name, country) in WHOLE {
            let input = NameInput { full_name: Some(black_box(name)), country: Some(country), ..NameInput::default() };
            black_box(contacts.person_name(&input));
        }
    });
    report("name in two fields", FIELDS.len(), || {
        for (given, family, country) in FIELDS {
            let input = NameInput {
                given_name: Some(black_box(given)),
                family_name: Some(black_box(family)),
                country: Some(country),
                ..NameInput::default()
            };
            black_box(contacts.person_name(&input));
        }
    });
}
