//! Values judged in a second on one core, every one of them another. Run with
//! `CARGO_TARGET_DIR=target/core cargo bench -p zlato-core --bench contacts` (a folder of its own, so that nothing else is
//! built anew). Prints the best of several rounds. Says nothing about correctness.

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;
use zlato_core::addresses::{AddressInput, Addresses, embedded_packs};
use zlato_core::contacts::{Contacts, NameInput};
use zlato_core::rules;

const ROUNDS: usize = 5;
const VALUES: u64 = 200_000;

/// The same numbers in every run, spread over their range (Steele, Lea & Flood 2014).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[usize::try_from(self.next(list.len() as u64)).unwrap_or(0)]
    }
}

fn values(mut make: impl FnMut(&mut Numbers) -> String) -> Vec<String> {
    let mut numbers = Numbers(1);
    (0..VALUES).map(|_| make(&mut numbers)).collect()
}

fn report(name: &str, values: &[String], mut judge: impl FnMut(&str)) {
    // Tables and patterns that are built at first use.
    values.iter().take(2_000).for_each(|v| judge(v));
    let best = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            values.iter().for_each(|v| judge(black_box(v)));
            started.elapsed().as_secs_f64()
        })
        .fold(f64::MAX, f64::min);
    println!("{name:<44} {:>12.0} a second", values.len() as f64 / best);
}

fn phones(contacts: &Contacts) {
    let pl = |n: &mut Numbers| format!("{}{:07}", n.of(&["60", "50", "69", "72", "22", "12"]), n.next(9_999_999));
    let spaced = |t: String| format!("{} {} {}", &t[..3], &t[3..6], &t[6..]);
    let lists = [
        ("phone, Polish, digits", "PL", values(pl)),
        ("phone, Polish, +48 and blanks", "PL", values(|n| format!("+48 {}", spaced(pl(n))))),
        (
            "phone, Serbian, 064/123-4567",
            "RS",
            values(|n| {
                format!("06{}/{:03}-{:04}", n.of(&["0", "1", "2", "3", "4", "5"]), n.next(1000), n.next(10_000))
            }),
        ),
        ("phone, Slovenian", "SI", values(|n| format!("0{} {:06}", n.of(&["31", "41", "51", "40"]), n.next(999_999)))),
        ("phone, Latvian", "LV", values(|n| format!("+371 2{:07}", n.next(9_999_999)))),
        (
            "phone, one in five wrong or with words",
            "PL",
            values(|n| match n.next(5) {
                0 => format!("tel. {} wew. {}", pl(n), n.next(99)),
                1 => format!("{:06}", n.next(999_999)),
                _ => spaced(pl(n)),
            }),
        ),
    ];
    for (name, country, list) in &lists {
        report(name, list, |raw| {
            black_box(contacts.phone(raw, Some(country)));
        });
    }
}

fn emails(contacts: &Contacts) {
    let people = ["jan.kowalski", "anna_nowak", "petrovic", "marija.novak", "j.berzins", "Zofia.Wisniewska"];
    let lists = [
        (
            "email, free mail",
            values(|n| {
                format!("{}{}@{}", n.of(&people), n.next(99_999), n.of(&["gmail.com", "wp.pl", "inbox.lv", "siol.net"]))
            }),
        ),
        (
            "email, companies",
            values(|n| {
                format!(
                    "{}{}@firma{}.{}",
                    n.of(&people),
                    n.next(99),
                    n.next(99_999),
                    n.of(&["pl", "rs", "si", "com.pl"])
                )
            }),
        ),
        (
            "email, capitals and slips",
            values(|n| {
                format!(
                    "{}{}@{}",
                    n.of(&people).to_uppercase(),
                    n.next(99_999),
                    n.of(&["GMAIL.COM", "gmial.com", "wp.p", "onet.pl."])
                )
            }),
        ),
    ];
    for (name, list) in &lists {
        report(name, list, |raw| {
            black_box(contacts.email(raw));
        });
    }
}

fn ids(contacts: &Contacts) {
    let pesel = |n: &mut Numbers| {
        let body = format!("{:02}{:02}{:02}{:04}", n.next(100), 1 + n.next(12), 1 + n.next(28), n.next(10_000));
        let sum: u32 = body.bytes().zip([1, 3, 7, 9, 1, 3, 7, 9, 1, 3]).map(|(b, w)| u32::from(b - b'0') * w).sum();
        format!("{body}{}", (10 - sum % 10) % 10)
    };
    let jmbg = |n: &mut Numbers| {
        let body = format!("{:02}{:02}9{:02}71{:03}", 1 + n.next(28), 1 + n.next(12), n.next(100), n.next(1000));
        let sum: u32 =
            body.bytes().zip([7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]).map(|(b, w)| u32::from(b - b'0') * w).sum();
        format!("{body}{}", (11 - sum % 11) % 11 % 10)
    };
    let lists = [
        ("national id, PESEL", Some("PL"), values(pesel)),
        ("national id, JMBG", Some("RS"), values(jmbg)),
        ("national id, any eleven digits", Some("PL"), values(|n| format!("{:011}", n.next(99_999_999_999)))),
        ("national id, Latvian", Some("LV"), values(|n| format!("32{:04}-{:05}", n.next(10_000), n.next(100_000)))),
        ("national id, PESEL without a country", None, values(pesel)),
    ];
    for (name, country, list) in &lists {
        report(name, list, |raw| {
            black_box(contacts.national_id(raw, *country));
        });
    }
    let list = values(|n| {
        format!("PL{:02} {:04} {:04} {:016}", 2 + n.next(97), n.next(10_000), n.next(10_000), n.next(10_000_000_000))
    });
    report("iban, Polish", &list, |raw| {
        black_box(contacts.iban(raw, Some("PL")));
    });
}

fn others(contacts: &Contacts) {
    let list = values(|n| format!("{:02}.{:02}.{}", 1 + n.next(28), 1 + n.next(12), 1930 + n.next(80)));
    report("birth date", &list, |raw| {
        black_box(contacts.date(raw));
    });
    let given = ["Jan", "Anna", "Marko", "Jelena", "Jānis", "Đorđe", "Zofia"];
    let family = ["Kowalski", "Nowak", "Petrović", "Bērziņš", "Novak", "Wiśniewska"];
    let list = values(|n| format!("{} {} {}", n.of(&["", "dr", "mgr inż."]), n.of(&given), n.of(&family)));
    report("name in one field", &list, |raw| {
        black_box(contacts.person_name(&NameInput { full_name: Some(raw), ..NameInput::default() }));
    });
    let addresses = Addresses::new(&rules::addresses::Addresses::default(), embedded_packs());
    let streets = ["Marszałkowska", "Polna", "Jana Pawła II", "al. Jerozolimskie", "os. Piastów"];
    let list = values(|n| {
        format!(
            "ul. {} {}/{}, {:02}-{:03} Warszawa",
            n.of(&streets),
            1 + n.next(200),
            1 + n.next(90),
            n.next(6),
            n.next(999)
        )
    });
    report("address in one field", &list, |raw| {
        black_box(addresses.address(&AddressInput { address: Some(raw), ..AddressInput::default() }, Some("PL")));
    });
}

fn main() {
    let contacts = Contacts::new(&rules::contacts::Contacts::default());
    phones(&contacts);
    emails(&contacts);
    ids(&contacts);
    others(&contacts);
}
