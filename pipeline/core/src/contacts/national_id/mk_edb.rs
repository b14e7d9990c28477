//! EDB, the tax number of North Macedonia. Enters: 13 digits, perhaps after `MK`. Leaves: nothing but the verdict.
//! Source: Zakon za danochna postapka; weights 7 to 2, twice, by eleven.

use super::checks::{last, weighted};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "mk-edb", country: "MK", lengths: &[13], prefix: Some("MK"), ..Scheme::new(check) };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let rest = weighted(digits, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    if (11 - rest) % 11 % 10 == last(digits) { Ok(Content::default()) } else { Err("checksum") }
}
