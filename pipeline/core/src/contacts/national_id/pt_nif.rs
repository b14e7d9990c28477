//! NIF, the Portuguese tax number. Enters: 9 digits, perhaps after `PT`. Leaves: nothing but the verdict.
//! Source: Decreto-Lei 14/2013; weights 9 to 2 by eleven.

use super::checks::{last, weighted};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "pt-nif", country: "PT", lengths: &[9], prefix: Some("PT"), ..Scheme::new(check) };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    if digits.first() == Some(&0) {
        return Err("format");
    }
    let rest = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    if (11 - rest) % 11 % 10 == last(digits) { Ok(Content::default()) } else { Err("checksum") }
}
