//! How sure an answer is. Enters: how a name was found, whether the postal code fits, what else it could be.
//! Leaves: a confidence from 0 to 1. Never here: search.
//!
//! **Likeness.** A name found as it is written: 1. Under a foreign name: 0.95. As an abbreviation: 0.85. With
//! *d* typing mistakes in *n* letters: 1 - d²/n, since a second mistake in one word is far rarer than a place that
//! the list does not have.
//! **Postal code.** That a wrong place has the very code that was given is rare: what is left to doubt shrinks to
//! a quarter; to a half for a code that differs in its last digit only. A code of another place leaves a third of
//! the confidence. A code of which nothing is known changes nothing.
//! **Ambiguity.** The confidence is shared out among all candidates that are as good, by their population or,
//! where that is not known, by the rows that name them.

use super::Locality;

/// A correction is made from this confidence on. With it, of names with a mistake put into them and their right
/// code, fewer than one in a hundred is corrected to another place (docs/decisions/0014-gazetteer.md).
pub const CORRECT_FROM: f64 = 0.9;
/// A correction is offered to a steward from this confidence on.
pub const SUGGEST_FROM: f64 = 0.5;

/// Candidates whose confidence differs by less are as good as each other.
const EVEN: f64 = 0.02;

/// How a name was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// By its folded name.
    Exact,
    /// By another native name of a bilingual place.
    Other,
    /// By its name in another language.
    Foreign,
    /// Words shortened, in the text or in the list.
    Abbreviated,
    /// With so many typing mistakes.
    Near(u8),
}

/// What the postal code says to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFit {
    /// Listed for this place.
    Agrees,
    /// Differs from a code of the place in the last character only: of the same post office or the next.
    Neighbour,
    /// No code, or nothing known that would speak for or against it.
    Unknown,
    /// A code of other places, or of another area.
    Disagrees,
}

/// A locality that a text may mean.
#[derive(Debug, Clone, Copy)]
pub struct Found<'g> {
    pub locality: Locality<'g>,
    pub how: How,
    pub code: CodeFit,
    /// From 0 to 1.
    pub confidence: f64,
}

/// A street that a text may mean.
#[derive(Debug, Clone)]
pub struct FoundStreet<'g> {
    pub name: &'g str,
    pub key: &'g str,
    /// Its postal codes, sorted; empty where the list has none.
    pub codes: Vec<&'g str>,
    /// Rows of the sources that name it.
    pub rows: u32,
    pub how: How,
    pub code: CodeFit,
    /// From 0 to 1.
    pub confidence: f64,
}

/// Likeness, moved by what the code says.
pub(super) fn plain_confidence(how: How, code: CodeFit, length: usize) -> f64 {
    let likeness = match how {
        How::Exact | How::Other => 1.0,
        How::Foreign => 0.95,
        How::Abbreviated => 0.85,
        How::Near(mistakes) => (1.0 - f64::from(mistakes).powi(2) / (length.max(1) as f64)).max(0.0),
    };
    match code {
        CodeFit::Agrees => 1.0 - (1.0 - likeness) / 4.0,
        CodeFit::Neighbour => 1.0 - (1.0 - likeness) / 2.0,
        CodeFit::Unknown => likeness,
        CodeFit::Disagrees => likeness / 3.0,
    }
}

/// A candidate, to be ranked among others.
pub(super) trait Candidate {
    fn confidence(&mut self) -> &mut f64;
    /// Population or rows.
    fn weight(&self) -> f64;
    /// What equals are ordered by.
    fn order(&self) -> &str;
}

/// Shares confidence out among equals and sorts, the best first.
pub(super) fn rank<T: Candidate>(found: Vec<T>) -> Vec<T> {
    let mut found: Vec<(f64, T)> = found.into_iter().map(|mut f| (*f.confidence(), f)).collect();
    let plain: Vec<(f64, f64)> = found.iter().map(|(own, f)| (*own, f.weight().max(1.0))).collect();
    for ((shared, _), (own, weight)) in found.iter_mut().zip(&plain) {
        let rivals: f64 = plain.iter().filter(|(other, _)| *other > own - EVEN).map(|(_, weight)| weight).sum();
        *shared = own * weight / rivals.max(*weight);
    }
    found.sort_by(|(left, a), (right, b)| {
        right.total_cmp(left).then_with(|| b.weight().total_cmp(&a.weight())).then_with(|| a.order().cmp(b.order()))
    });
    let settle = |(shared, mut f): (f64, T)| {
        *f.confidence() = shared;
        f
    };
    found.into_iter().map(settle).collect()
}

impl Candidate for Found<'_> {
    fn confidence(&mut self) -> &mut f64 {
        &mut self.confidence
    }

    fn weight(&self) -> f64 {
        f64::from(self.locality.rows().max(self.locality.population()))
    }

    fn order(&self) -> &str {
        self.locality.name()
    }
}

impl Candidate for FoundStreet<'_> {
    fn confidence(&mut self) -> &mut f64 {
        &mut self.confidence
    }

    fn weight(&self) -> f64 {
        f64::from(self.rows)
    }

    fn order(&self) -> &str {
        self.key
    }
}
