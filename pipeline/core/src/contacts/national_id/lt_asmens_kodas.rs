//! Asmens kodas, the Lithuanian person number. Enters: 11 digits. Leaves: birth date and sex.
//! Source: Gyventojų registro įstatymas (I-2237), 8 straipsnis. Numbers that begin with 9 tell neither.

use super::{Content, Marks, Scheme, ee_isikukood};

pub(super) const SCHEME: Scheme = Scheme {
    name: "lt-asmens-kodas",
    country: "LT",
    lengths: &[11],
    marks: Marks::Nowhere,
    aliases: &["lt-asmens"],
    ..Scheme::new(check)
};

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    match digits {
        [9, ..] if ee_isikukood::fits(digits) => Ok(Content::default()),
        [9, ..] => Err("checksum"),
        _ => ee_isikukood::check(digits),
    }
}
