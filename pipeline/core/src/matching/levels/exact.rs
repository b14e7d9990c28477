//! `exact`: both values are the same, character for character.
//! Folding of case and diacritics is done before (columns `*_key`), never here.

/// Whether the values are equal.
#[inline]
pub fn holds(left: &str, right: &str) -> bool {
    left == right
}
