//! The comparison vector of a pair. Enter: the level of each comparison. Leaves: one `u64`, 4 bits a comparison.
//! Never here: what a level means (comparator), what it weighs (model).

use serde::{Deserialize, Serialize};

/// Comparisons that fit in a vector.
pub const MAX_COMPARISONS: usize = 16;

/// Levels of one comparison besides null and else.
pub const MAX_LEVELS: usize = 14;

/// Levels of up to 16 comparisons: comparison `i` in bits `4i..4i+4`, 0 for null.
/// Ordered and hashed as the number it is, so that counts of vectors have one order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Vector(pub u64);

impl Vector {
    /// Level of each comparison in order. Levels above 15 count as 15, comparisons beyond the 16th are dropped.
    pub fn from_levels(levels: &[u8]) -> Self {
        levels.iter().enumerate().fold(Self::default(), |vector, (i, &level)| vector.with(i, level))
    }

    /// Level of comparison `i`; 0 (null) beyond the 16th.
    #[inline]
    pub fn level(self, i: usize) -> u8 {
        if i < MAX_COMPARISONS { ((self.0 >> (4 * i)) & 15) as u8 } else { 0 }
    }

    /// The same vector with the level of comparison `i` replaced.
    #[inline]
    #[must_use]
    pub fn with(self, i: usize, level: u8) -> Self {
        if i >= MAX_COMPARISONS {
            return self;
        }
        Self((self.0 & !(15 << (4 * i))) | (u64::from(level.min(15)) << (4 * i)))
    }

    /// Levels of the first `comparisons` comparisons.
    pub fn levels(self, comparisons: usize) -> Vec<u8> {
        (0..comparisons.min(MAX_COMPARISONS)).map(|i| self.level(i)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn out_of_range_is_harmless() {
        assert_eq!(Vector::from_levels(&[1; 40]), Vector(0x1111_1111_1111_1111));
        assert_eq!(Vector(u64::MAX).level(16), 0);
        assert_eq!(Vector::default().with(99, 3), Vector(0));
        assert_eq!(Vector::default().with(0, 200).level(0), 15);
    }

    proptest! {
        #[test]
        fn packing_keeps_every_level(levels in proptest::collection::vec(0u8..16, 0..=16)) {
            prop_assert_eq!(Vector::from_levels(&levels).levels(levels.len()), levels);
        }

        #[test]
        fn replacing_one_level_leaves_the_others(bits: u64, i in 0usize..16, level in 0u8..16) {
            let after = Vector(bits).with(i, level);
            for j in 0..16 {
                prop_assert_eq!(after.level(j), if j == i { level } else { Vector(bits).level(j) });
            }
        }
    }
}
