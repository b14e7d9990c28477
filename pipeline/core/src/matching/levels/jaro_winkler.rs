//! `jaro_winkler`: similarity 0 to 1 of two short texts, higher for a common beginning.
//! Winkler (1990), "String comparator metrics and enhanced decision rules in the Fellegi-Sunter model":
//! prefix of at most 4 characters, weight 0.1, boosted above a Jaro similarity of 0.7.
//! Short ASCII values are compared as they are, others against the left value prepared once (both bit-parallel);
//! `strsim` is the oracle of the tests.

use super::packed::{Packed, jaro_winkler};
use rapidfuzz::distance::jaro_winkler::{Args, BatchComparator};
use std::cell::OnceCell;

/// One left value, to be compared with many right ones.
pub struct JaroWinkler<'a> {
    left: &'a str,
    ascii: bool,
    packed: Option<Packed>,
    floor: f64,
    bytes: OnceCell<BatchComparator<u8>>,
    chars: OnceCell<BatchComparator<char>>,
}

impl<'a> JaroWinkler<'a> {
    /// `floor`: the lowest similarity anyone asks about; anything below may be reported as 0.
    pub fn new(left: &'a str, floor: f64) -> Self {
        let left = super::bounded(left);
        // The margin keeps rounding inside the library from losing a value that lies on the floor.
        let floor = (floor - 1e-6).max(0.0);
        let packed = Packed::new(left);
        Self { left, ascii: left.is_ascii(), packed, floor, bytes: OnceCell::new(), chars: OnceCell::new() }
    }

    /// Similarity 0 to 1; 0 when it is below the floor.
    pub fn similarity(&self, right: &str) -> f64 {
        let right = super::bounded(right);
        if let (Some(left), Some(right)) = (self.packed, Packed::new(right)) {
            return jaro_winkler(left, right, self.floor);
        }
        let args = Args::default().score_cutoff(self.floor);
        let similarity = if self.ascii && right.is_ascii() {
            let left = self.bytes.get_or_init(|| BatchComparator::new(self.left.bytes()));
            left.similarity_with_args(right.bytes(), &args)
        } else {
            let left = self.chars.get_or_init(|| BatchComparator::new(self.left.chars()));
            left.similarity_with_args(right.chars(), &args)
        };
        similarity.unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn agrees(left: &str, right: &str) -> Result<(), TestCaseError> {
        let expected = strsim::jaro_winkler(left, right);
        let got = JaroWinkler::new(left, 0.0).similarity(right);
        prop_assert!((expected - got).abs() < 1e-9, "{left:?} {right:?}: {expected} {got}");
        let cut = JaroWinkler::new(left, 0.8).similarity(right);
        let kept = if expected >= 0.8 { (expected - cut).abs() < 1e-9 } else { cut == 0.0 || cut >= 0.79 };
        prop_assert!(kept, "{left:?} {right:?}: {expected} {cut}");
        Ok(())
    }

    #[test]
    fn published_examples() {
        // Winkler's table of the 1990 paper.
        for (left, right, similarity) in
            [("martha", "marhta", 0.961), ("dwayne", "duane", 0.84), ("dixon", "dicksonx", 0.813)]
        {
            assert!((JaroWinkler::new(left, 0.5).similarity(right) - similarity).abs() < 0.001, "{left} {right}");
        }
    }

    proptest! {
        #[test]
        fn same_as_strsim_on_names(left in "[a-e]{1,12}", right in "[a-e]{1,12}") {
            agrees(&left, &right)?;
        }

        #[test]
        fn same_as_strsim_on_anything(left in "\\PC{1,40}", right in "\\PC{1,40}") {
            agrees(&left, &right)?;
        }

        #[test]
        fn same_as_strsim_on_long_values(left in "[a-c ]{50,200}", right in "[a-c ]{50,200}") {
            agrees(&left, &right)?;
        }

        #[test]
        fn total(left: String, right: String) {
            let similarity = JaroWinkler::new(&left, 0.0).similarity(&right);
            prop_assert!((0.0..=1.0).contains(&similarity));
        }
    }
}
