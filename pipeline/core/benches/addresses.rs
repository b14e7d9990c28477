//! Addresses a second on one core. Run with `CARGO_TARGET_DIR=target/core cargo bench -p zlato-core --bench addresses`.
//! Every address is another one (the shipped cases with running house numbers), so that nothing is remembered.
//! Prints the best of several rounds for each country, in processor time. Says nothing about correctness.

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;
use zlato_core::addresses::{AddressInput, Addresses, embedded_packs};
use zlato_core::rules;

const ROUNDS: usize = 5;
const DISTINCT: usize = 20_000;

/// The cases of a country as plain lines: marks removed, columns left out.
fn lines(table: &str) -> Vec<String> {
    let rows = table.lines().filter(|l| !l.is_empty() && !l.starts_with(['#', '@']));
    rows.filter_map(|row| row.split('\t').next().map(unmarked)).collect()
}

fn unmarked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, (mark, tail))) = rest.split_once('{').and_then(|(b, a)| Some((b, a.split_once('}')?))) {
        out.push_str(before);
        out.push_str(mark.get(2..).unwrap_or("").split('=').next().unwrap_or(""));
        rest = tail;
    }
    out + &rest.replace('⏎', "\n")
}

/// The lines over and over, each time with other house numbers.
fn distinct(lines: &[String]) -> Vec<String> {
    let other = |line: &String, round: usize| {
        let digit =
            |c: char| c.to_digit(10).and_then(|d| char::from_digit((d + round as u32) % 9 + 1, 10)).unwrap_or(c);
        line.chars().map(digit).collect::<String>() + if round / 9 % 2 == 1 { " " } else { "" }
    };
    (0..DISTINCT).filter_map(|n| lines.get(n % lines.len()).map(|l| other(l, n / lines.len()))).collect()
}

/// Seconds of processor time of this process, so that a busy machine does not count; of the clock where unknown.
fn busy() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|n| n.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |n| n / 1e9)
}

fn report(addresses: &Addresses, name: &str, country: Option<&str>, texts: &[String]) {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let started = busy();
        for text in texts {
            let input = AddressInput { address: Some(text), ..AddressInput::default() };
            black_box(addresses.address(black_box(&input), country));
        }
        best = best.min((busy() - started) / texts.len() as f64);
    }
    println!("{name:<24} {:>9.0} addresses/s {:>8.2} µs each", 1.0 / best, best * 1e6);
}

fn main() {
    let addresses = Addresses::new(&rules::addresses::Addresses::default(), embedded_packs());
    let suites = [
        (
            "PL",
            include_str!("../../../fixtures/addresses/pl.tsv"),
            include_str!("../../../fixtures/addresses/pl_lines.tsv"),
        ),
        (
            "RS",
            include_str!("../../../fixtures/addresses/rs.tsv"),
            include_str!("../../../fixtures/addresses/rs_lines.tsv"),
        ),
        (
            "SI",
            include_str!("../../../fixtures/addresses/si.tsv"),
            include_str!("../../../fixtures/addresses/si_lines.tsv"),
        ),
        (
            "LV",
            include_str!("../../../fixtures/addresses/lv.tsv"),
            include_str!("../../../fixtures/addresses/lv_lines.tsv"),
        ),
    ];
    let mut all = Vec::new();
    for (country, hard, plain) in suites {
        let texts = distinct(&[lines(hard), lines(plain)].concat());
        report(&addresses, country, Some(country), &texts);
        all.extend(texts);
    }
    report(&addresses, "country to be found", None, &all);
}
