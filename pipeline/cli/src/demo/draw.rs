//! Enters: a seed and a stream number. Leaves: chances, choices and numbers that depend on these two alone.
//! Never here: the clock or the machine's own randomness.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of random choices, the same for the same seed and stream on every machine.
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// Stream number `stream` of `seed`; streams are independent of each other.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// True with probability `share`.
    pub fn chance(&mut self, share: f64) -> bool {
        share > 0.0 && self.unit() < share
    }

    /// A number in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    /// A whole number in `[0, limit)`; 0 when the limit is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(limit)) >> 64) as u64
    }

    /// A whole number in `[low, high]`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low).max(0) as u64 + 1) as i64
    }

    /// An index of a list of `length` items; 0 for an empty list.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// One item of a list of texts, each as likely; the empty text for an empty list.
    pub fn text<'a, T: AsRef<str>>(&mut self, list: &'a [T]) -> &'a str {
        list.get(self.index(list.len())).map(AsRef::as_ref).unwrap_or_default()
    }

    /// Days back in time: many recent, few old; between 0 and `limit`.
    pub fn days_ago(&mut self, mean: f64, limit: i64) -> i64 {
        let days = -(1.0 - self.unit()).ln() * mean;
        (days as i64).clamp(0, limit)
    }
}

/// A stable hash of a number, for choices that must not depend on the order of drawing (SplitMix64).
pub fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A stable hash of a text (FNV-1a).
pub fn hash(text: &str) -> u64 {
    mix(text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)))
}
