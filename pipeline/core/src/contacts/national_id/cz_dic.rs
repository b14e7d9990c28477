//! DIČ, the Czech tax number. Enters: 8 digits (companies: their IČO), 9 or 10 (persons), perhaps after `CZ`.
//! Leaves: nothing but the verdict. Source: zákon č. 280/2009 Sb., § 130; the European Commission's VIES algorithms.

use super::checks::{last, weighted};
use super::{Content, Marks, Scheme, cz_rodne_cislo};

pub(super) const SCHEME: Scheme = Scheme {
    name: "cz-dic",
    country: "CZ",
    lengths: &[8, 9, 10],
    prefix: Some("CZ"),
    marks: Marks::At(&[6]),
    ..Scheme::new(check)
};

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let fits = match digits {
        [9, ..] if digits.len() == 8 => return Err("format"),
        _ if digits.len() == 8 => {
            let rest = weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) % 11;
            let wanted = match (11 - rest) % 11 {
                0 => 1,
                other => other % 10,
            };
            wanted == last(digits)
        }
        // Persons without a rodné číslo.
        [6, rest @ ..] if digits.len() == 9 => {
            let rest = weighted(rest, &[8, 7, 6, 5, 4, 3, 2]) % 11;
            (8 + 11 - (10 + 11 - rest) % 11) % 10 == (last(digits) + 11) % 10
        }
        _ => return cz_rodne_cislo::check(digits).map(|_| Content::default()),
    };
    if fits { Ok(Content::default()) } else { Err("checksum") }
}
