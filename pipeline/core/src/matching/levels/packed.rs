//! Short ASCII texts as one 128-bit number: the usual name, date or code is compared without any preparation.
//! Enters: texts of 1 to 16 ASCII characters. Leaves: Jaro-Winkler similarity, or whether one edit parts two texts.
//! Never here: other texts; the levels turn to their general kernels for those.
//!
//! Equal characters are found for all places at once: exclusive or with the character in every byte, then the test
//! for zero bytes (Warren, "Hacker's Delight", 2nd edition, 6-1).

/// The highest bit of every byte: a set of places.
const PLACES: u128 = 0x8080_8080_8080_8080_8080_8080_8080_8080;
const ONES: u128 = 0x0101_0101_0101_0101_0101_0101_0101_0101;

/// A text of 1 to 16 ASCII characters, the first one in the lowest byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packed {
    bytes: u128,
    length: u32,
}

impl Packed {
    /// None for empty, longer or other texts.
    #[inline]
    pub(super) fn new(text: &str) -> Option<Self> {
        let length = text.len();
        if length == 0 || length > 16 || !text.is_ascii() {
            return None;
        }
        let mut bytes = [0u8; 16];
        bytes.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        Some(Self { bytes: u128::from_le_bytes(bytes), length: length as u32 })
    }

    #[inline]
    fn byte(self, place: u32) -> u8 {
        (self.bytes >> (8 * place)) as u8
    }

    /// The places that hold a character.
    #[inline]
    fn places_of(self, character: u8) -> u128 {
        let differing = self.bytes ^ (ONES * u128::from(character));
        !(differing + !PLACES) & PLACES & below(self.length)
    }
}

/// The places below a number of characters.
#[inline]
fn below(places: u32) -> u128 {
    if places >= 16 { PLACES } else { PLACES & ((1u128 << (8 * places)) - 1) }
}

/// Jaro-Winkler similarity (Winkler 1990), 0 when it is below `floor`. The same arithmetic in the same
/// order as the general kernel, so that both give the same bits.
pub(super) fn jaro_winkler(left: Packed, right: Packed, floor: f64) -> f64 {
    let differing = left.bytes ^ right.bytes;
    let prefix = (differing.trailing_zeros() / 8).min(left.length).min(right.length).min(4);
    let winkler = |jaro: f64| if jaro > 0.7 { jaro + f64::from(prefix) * 0.1 * (1.0 - jaro) } else { jaro };
    let (p, t) = (f64::from(left.length), f64::from(right.length));
    // The most that so many common characters can give: none of them out of order.
    let at_most = |common: f64| winkler((common / p + common / t + 1.0) / 3.0);
    if at_most(p.min(t)) < floor {
        return 0.0;
    }

    let bound = (left.length.max(right.length) / 2).saturating_sub(1);
    let mut window = below(bound + 1);
    let (mut of_left, mut of_right) = (0u128, 0u32);
    for place in 0..right.length {
        let free = left.places_of(right.byte(place)) & window & !of_left;
        of_left |= free & free.wrapping_neg();
        of_right |= u32::from(free != 0) << place;
        window = (window << 8) | if place < bound { 0x80 } else { 0 };
    }
    let common = f64::from(of_right.count_ones());
    if of_right == 0 || at_most(common) < floor {
        return 0.0;
    }

    let mut out_of_order = 0u32;
    while of_right != 0 {
        let (l, r) = (left.byte(of_left.trailing_zeros() / 8), right.byte(of_right.trailing_zeros()));
        out_of_order += u32::from(l != r);
        of_left &= of_left.wrapping_sub(1);
        of_right &= of_right - 1;
    }
    let jaro = common / p + common / t + (common - f64::from(out_of_order / 2)) / common;
    let similarity = winkler(jaro / 3.0);
    if similarity < floor { 0.0 } else { similarity }
}

/// Edit distance of two ASCII texts when it is 0 or 1, of any length; none when it is larger.
/// With `swaps`, two neighbours that changed places count as one edit (optimal string alignment).
pub(super) fn at_most_one_edit(left: &str, right: &str, swaps: bool) -> Option<usize> {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    while let ([l, left_rest @ ..], [r, right_rest @ ..]) = (left, right)
        && l == r
    {
        (left, right) = (left_rest, right_rest);
    }
    while let ([left_rest @ .., l], [right_rest @ .., r]) = (left, right)
        && l == r
    {
        (left, right) = (left_rest, right_rest);
    }
    match (left, right) {
        ([], []) => Some(0),
        ([], [_]) | ([_], []) | ([_], [_]) => Some(1),
        ([a, b], [c, d]) if swaps && a == d && b == c => Some(1),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rapidfuzz::distance::jaro_winkler::{Args, BatchComparator};

    fn same_bits(left: &str, right: &str) -> Result<(), TestCaseError> {
        let got = jaro_winkler(Packed::new(left).unwrap(), Packed::new(right).unwrap(), 0.0);
        let wanted = BatchComparator::new(left.bytes()).similarity_with_args(right.bytes(), &Args::default());
        prop_assert_eq!(got.to_bits(), wanted.to_bits(), "{:?} {:?}: {} {}", left, right, got, wanted);
        prop_assert!((got - strsim::jaro_winkler(left, right)).abs() < 1e-9);
        for floor in [0.7, 0.8, 0.92] {
            let cut = jaro_winkler(Packed::new(left).unwrap(), Packed::new(right).unwrap(), floor - 1e-6);
            prop_assert!(cut.to_bits() == got.to_bits() || (cut == 0.0 && got < floor), "{:?} {:?}", left, right);
        }
        Ok(())
    }

    #[test]
    fn only_short_ascii_is_packed() {
        for text in ["", "seventeen letters", "łódź"] {
            assert!(Packed::new(text).is_none(), "{text}");
        }
        assert!(Packed::new("sixteen letters.").is_some());
    }

    proptest! {
        #[test]
        fn similarity_has_the_bits_of_the_general_kernel(left in "[a-c]{1,16}", right in "[a-c]{1,16}") {
            same_bits(&left, &right)?;
        }

        #[test]
        fn so_it_has_on_any_ascii(left in "[\\x00-\\x7f]{1,16}", right in "[\\x00-\\x7f]{1,16}") {
            same_bits(&left, &right)?;
        }

        #[test]
        fn one_edit_as_strsim_says(left in "[ab]{0,6}", right in "[ab]{0,6}") {
            let (plain, swapping) = (strsim::levenshtein(&left, &right), strsim::osa_distance(&left, &right));
            prop_assert_eq!(at_most_one_edit(&left, &right, false), Some(plain).filter(|d| *d <= 1));
            prop_assert_eq!(at_most_one_edit(&left, &right, true), Some(swapping).filter(|d| *d <= 1));
        }
    }
}
