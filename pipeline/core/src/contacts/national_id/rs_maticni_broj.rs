//! Matični broj, the register number of Serbian companies. Enters: 8 digits. Leaves: nothing but the verdict.
//! Source: Zakon o Agenciji za privredne registre. No check digit is published, so any eight digits may be one.

use super::{Content, Marks, Scheme};

pub(super) const SCHEME: Scheme = Scheme {
    name: "rs-maticni-broj",
    country: "RS",
    lengths: &[8],
    marks: Marks::Nowhere,
    weak: true,
    ..Scheme::new(check)
};

fn check(_: &[u8]) -> Result<Content, &'static str> {
    Ok(Content::default())
}
