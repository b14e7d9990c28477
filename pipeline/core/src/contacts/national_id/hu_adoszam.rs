//! Adószám, the Hungarian tax number of companies. Enters: 8 digits (perhaps after `HU`), or 11 with the codes of VAT
//! and county. Leaves: nothing but the verdict. Source: 2017. évi CL. törvény, 1. melléklet.

use super::checks::{number, weighted};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme = Scheme {
    name: "hu-adoszam",
    country: "HU",
    lengths: &[8, 11],
    prefix: Some("HU"),
    aliases: &["hu-anum"],
    ..Scheme::new(check)
};

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    if let Some(&[vat, c1, c2]) = digits.get(8..11)
        && (!(1..=5).contains(&vat) || !matches!(number(&[c1, c2]), 2..=20 | 22..=44 | 51))
    {
        return Err("format");
    }
    let sum = weighted(digits, &[9, 7, 3, 1, 9, 7, 3, 1]);
    if sum.is_multiple_of(10) { Ok(Content::default()) } else { Err("checksum") }
}
