//! What the fuzz targets share. Enters: the bytes that the fuzzer made up. Leaves: a country and a text, and the tools
//! with the shipped defaults. Never here: a claim about a normaliser; the targets make those.

use std::sync::LazyLock;
use zlato_core::addresses::{Addresses, embedded_packs};
use zlato_core::contacts::Contacts;

pub static CONTACTS: LazyLock<Contacts> = LazyLock::new(|| Contacts::new(&Default::default()));

pub static ADDRESSES: LazyLock<Addresses> = LazyLock::new(|| Addresses::new(&Default::default(), embedded_packs()));

/// Countries as the first byte of an input chooses them: `a` is none, `b` Poland, and so on; other bytes go round.
pub const COUNTRIES: [Option<&str>; 20] = [
    None,
    Some("PL"),
    Some("RS"),
    Some("SI"),
    Some("LV"),
    Some("AT"),
    Some("BA"),
    Some("CZ"),
    Some("DE"),
    Some("EE"),
    Some("HR"),
    Some("HU"),
    Some("LT"),
    Some("ME"),
    Some("MK"),
    Some("SK"),
    Some("US"),
    Some("GB"),
    Some("ZZ"),
    Some("é"),
];

/// A choice among `of`, and the text behind it. What is no UTF-8 comes as replacement characters, as readers give it.
pub fn choice(data: &[u8], of: usize) -> (usize, String) {
    let (first, rest) = data.split_first().unwrap_or((&b'a', &[]));
    (usize::from(first.wrapping_sub(b'a')) % of, String::from_utf8_lossy(rest).into_owned())
}

/// A country and the text behind it.
pub fn country(data: &[u8]) -> (Option<&'static str>, String) {
    let (at, text) = choice(data, COUNTRIES.len());
    (COUNTRIES[at], text)
}

/// The text between bars, as many pieces as asked for; missing ones are empty.
pub fn pieces<const N: usize>(text: &str) -> [&str; N] {
    let mut pieces = text.split('|');
    std::array::from_fn(|_| pieces.next().unwrap_or(""))
}

/// Whether all letters are Serbian Cyrillic ones and nothing but blanks, digits, commas and dots stands among them.
pub fn serbian_cyrillic(text: &str) -> bool {
    let letter = |c: char| matches!(c, 'а'..='и' | 'к'..='ш' | 'А'..='И' | 'К'..='Ш') || "ђјљњћџЂЈЉЊЋЏ".contains(c);
    text.chars().all(|c| letter(c) || c.is_ascii_digit() || " ,.".contains(c))
}
