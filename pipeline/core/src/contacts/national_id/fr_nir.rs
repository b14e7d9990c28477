//! NIR, the French social security number. Enters: 15 characters, with `2A` or `2B` for Corsica. Leaves: the sex.
//! Source: Code de la sécurité sociale, art. R114-26; check digits 97 less the remainder. It tells month but not day of birth.

use super::checks::long_number;
use super::{Content, Marks, Scheme};

pub(super) const SCHEME: Scheme = Scheme {
    name: "fr-nir",
    country: "FR",
    lengths: &[15],
    marks: Marks::Nowhere,
    letters: true,
    ..Scheme::new(check)
};

fn check(characters: &[u8]) -> Result<Content, &'static str> {
    let mut digits: [u8; 15] = characters.try_into().map_err(|_| "length")?;
    // Corsican departments count as 19 and 18.
    if let [_, _, _, _, _, 2, place @ (10 | 11), ..] = &mut digits {
        let second = 19 - *place;
        if let Some([first, written]) = digits.get_mut(5..7).and_then(|d| <&mut [u8; 2]>::try_from(d).ok()) {
            (*first, *written) = (1, second);
        }
    }
    if digits.iter().any(|d| *d > 9) {
        return Err("format");
    }
    let (body, check) = digits.split_at(13);
    let sex = match digits.first() {
        Some(1 | 3 | 7) => Some("male"),
        Some(2 | 4 | 8) => Some("female"),
        // Provisional numbers begin otherwise; the key proves them as well.
        _ => None,
    };
    if 97 - long_number(body) % 97 == long_number(check) {
        Ok(Content { sex, ..Content::default() })
    } else {
        Err("checksum")
    }
}
