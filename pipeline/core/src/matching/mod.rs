//! Matching of records: from two values to a level, from levels to a vector, from a vector to a weight,
//! from weights to clusters. Enter: values, counts, links. Leave: levels, a trained model, cluster ids.
//! Never here: enumerating pairs (the engine's block scan), files, tables, randomness.
//!
//! ```text
//! hygiene               who shares a value     -> whether it is evidence
//! comparator (levels/)  two values            -> level 0..=15
//! vector                levels of a pair      -> one u64
//! em                    counts of vectors     -> model + diagnostics
//! model                 vector                -> weight, probability, explanation
//! cluster               links, vetoes         -> cluster per record, review reasons
//! moves                 two models            -> levels whose weight moved; drift
//! metrics               clusters and truth    -> precision, recall, F1, B-cubed, curve
//! estimate              counts, judgements    -> precision without truth; a threshold for a precision
//! ```

pub mod cluster;
pub mod comparator;
pub mod em;
pub mod estimate;
pub mod hygiene;
pub mod levels;
pub mod metrics;
pub mod model;
pub mod moves;
pub mod vector;

/// Tells whether two folded given names are short or pet forms of one another.
pub type Nicknames = std::sync::Arc<dyn Fn(&str, &str) -> bool + Send + Sync>;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod accuracy_tests;
