//! `levenshtein`: fewest insertions, deletions and substitutions that turn one text into the other.
//! Levenshtein (1966), "Binary codes capable of correcting deletions, insertions, and reversals".
//! The left value is prepared once (bit-parallel); `strsim` is the oracle of the tests.

use super::packed::at_most_one_edit;
use rapidfuzz::distance::levenshtein::{Args, BatchComparator};
use std::cell::OnceCell;

/// One left value, to be compared with many right ones.
pub struct Levenshtein<'a> {
    left: &'a str,
    ascii: bool,
    length: usize,
    ceiling: usize,
    bytes: OnceCell<BatchComparator<u8>>,
    chars: OnceCell<BatchComparator<char>>,
}

impl<'a> Levenshtein<'a> {
    /// `ceiling`: the largest distance anyone asks about.
    pub fn new(left: &'a str, ceiling: u32) -> Self {
        let left = super::bounded(left);
        let length = left.chars().count();
        let ceiling = ceiling as usize;
        Self { left, ascii: left.is_ascii(), length, ceiling, bytes: OnceCell::new(), chars: OnceCell::new() }
    }

    /// Distance in characters; none when it is above the ceiling.
    pub fn distance(&self, right: &str) -> Option<usize> {
        let right = super::bounded(right);
        let ascii = self.ascii && right.is_ascii();
        let length = if ascii { right.len() } else { right.chars().count() };
        if self.length.abs_diff(length) > self.ceiling {
            return None;
        }
        if ascii && self.ceiling <= 1 {
            return at_most_one_edit(self.left, right, false).filter(|distance| *distance <= self.ceiling);
        }
        let args = Args::default().score_cutoff(self.ceiling);
        if ascii {
            let left = self.bytes.get_or_init(|| BatchComparator::new(self.left.bytes()));
            left.distance_with_args(right.bytes(), &args)
        } else {
            let left = self.chars.get_or_init(|| BatchComparator::new(self.left.chars()));
            left.distance_with_args(right.chars(), &args)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn agrees(left: &str, right: &str) -> Result<(), TestCaseError> {
        let expected = strsim::levenshtein(left, right);
        for ceiling in [0, 1, 2, 5, 1_000] {
            let got = Levenshtein::new(left, ceiling).distance(right);
            let wanted = (expected <= ceiling as usize).then_some(expected);
            prop_assert_eq!(got, wanted, "{:?} {:?} {}", left, right, ceiling);
        }
        Ok(())
    }

    #[test]
    fn a_swap_costs_two() {
        assert_eq!(Levenshtein::new("kitten", 3).distance("sitting"), Some(3));
        assert_eq!(Levenshtein::new("anna", 3).distance("anan"), Some(2));
        assert_eq!(Levenshtein::new("łódź", 1).distance("łodź"), Some(1));
        assert_eq!(Levenshtein::new("kitten", 2).distance("sitting"), None);
    }

    proptest! {
        #[test]
        fn same_as_strsim_on_names(left in "[a-c]{1,12}", right in "[a-c]{1,12}") {
            agrees(&left, &right)?;
        }

        #[test]
        fn same_as_strsim_on_anything(left in "\\PC{1,40}", right in "\\PC{1,40}") {
            agrees(&left, &right)?;
        }

        #[test]
        fn same_as_strsim_on_long_values(left in "[ab ]{50,200}", right in "[ab ]{50,200}") {
            agrees(&left, &right)?;
        }

        #[test]
        fn total(left: String, right: String) {
            prop_assert!(Levenshtein::new(&left, 3).distance(&right).is_none_or(|d| d <= 3));
        }
    }
}
