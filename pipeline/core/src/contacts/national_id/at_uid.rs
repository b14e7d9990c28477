//! UID, the Austrian VAT number. Enters: `U` and 8 digits, perhaps after `AT`. Leaves: nothing but the verdict.
//! Source: Umsatzsteuergesetz 1994, Art. 28; the check digit as the Federal Ministry of Finance gives it to VIES.

use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "at-uid", country: "AT", lengths: &[9], prefix: Some("AT"), letters: true, ..Scheme::new(check) };

/// Digits at even places count doubled, their own digits summed; with 4 more and the check digit a multiple of ten.
fn check(characters: &[u8]) -> Result<Content, &'static str> {
    let Some((30, digits)) = characters.split_first() else { return Err("format") };
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(at, d)| match (at, u32::from(*d)) {
            (1 | 3 | 5, d) if d > 4 => 2 * d - 9,
            (1 | 3 | 5, d) => 2 * d,
            (_, d) => d,
        })
        .sum();
    if (sum + 4).is_multiple_of(10) { Ok(Content::default()) } else { Err("checksum") }
}
