//! PIB, the tax number of Montenegro. Enters: 8 digits. Leaves: nothing but the verdict.
//! Source: Zakon o poreskoj administraciji (Sl. list RCG 65/01); weights 8 to 2 by eleven.

use super::checks::{last, weighted};
use super::{Content, Marks, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "me-pib", country: "ME", lengths: &[8], marks: Marks::Nowhere, ..Scheme::new(check) };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let rest = weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) % 11;
    if (11 - rest) % 11 % 10 == last(digits) { Ok(Content::default()) } else { Err("checksum") }
}
