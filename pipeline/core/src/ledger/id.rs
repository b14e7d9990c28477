//! The name of a golden record: `Z` and 12 letters, 60 bits of a hash. In 8 bytes, ordered as it is spelt.

use std::fmt::{Debug, Display, Formatter, Result as FmtResult, Write};
use std::num::NonZeroU64;

/// Letters of an id, as hashes have always been spelt: no vowels but the last, none that look alike.
const SPELT: &[u8; 32] = b"0123456789BCDFGHJKLMNPQRSTVWXYZU";
/// The same letters in their order.
const ORDERED: &[u8; 32] = b"0123456789BCDFGHJKLMNPQRSTUVWXYZ";
const LETTERS: u32 = 12;

/// A golden id. Ids compare as their spellings do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GoldenId(
    /// Places of the letters in [`ORDERED`], the first letter highest, and one.
    NonZeroU64,
);

fn place(letter: u8) -> Option<u64> {
    ORDERED.iter().position(|l| *l == letter).map(|p| p as u64)
}

impl GoldenId {
    fn of_places(places: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(places))
    }

    /// The id that the lower 60 bits of a hash spell.
    pub fn of_hash(hash: u64) -> Self {
        let letter = |i: u32| SPELT.get(((hash >> (5 * i)) & 31) as usize).copied().unwrap_or(b'0');
        Self::of_places((0..LETTERS).fold(0, |places, i| places << 5 | place(letter(i)).unwrap_or(0)))
    }

    /// Reads an id as tables hold it; none for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.strip_prefix('Z')?.as_bytes();
        if letters.len() != LETTERS as usize {
            return None;
        }
        letters.iter().try_fold(0u64, |places, letter| Some(places << 5 | place(*letter)?)).map(Self::of_places)
    }

    /// Reads an id as people type it: blanks around it, small letters, `O` for `0`, `I` for `1`.
    pub fn typed(text: &str) -> Option<Self> {
        let letters = text.trim().chars().map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' => '1',
            other => other,
        });
        Self::parse(&letters.collect::<String>())
    }
}

impl Display for GoldenId {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        let places = self.0.get() - 1;
        f.write_char('Z')?;
        (0..LETTERS).rev().try_for_each(|i| {
            f.write_char(char::from(ORDERED.get(((places >> (5 * i)) & 31) as usize).copied().unwrap_or(b'0')))
        })
    }
}

impl Debug for GoldenId {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        Display::fmt(self, f)
    }
}
