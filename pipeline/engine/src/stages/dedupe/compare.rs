//! What is done with a candidate pair: compared once into its vector, counted for training, kept on disk, and weighed
//! when the model is known. Equal codes need no comparison, and repeated pairs of values are remembered.
//! Never here: the levels themselves; that is zlato-core's comparator.

use super::index::{Index, Row};
use super::scan::{Pair, Visitor};
use super::spool::{Candidate, SpoolWriter};
use super::texts::{Numbers, mix};
use crate::error::Result;
use crate::tables;
use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use std::collections::BTreeMap;
use std::sync::Arc;
use zlato_core::matching::comparator::Comparator;
use zlato_core::matching::model::{Weights, probability};
use zlato_core::matching::vector::Vector;

/// Counts of comparison vectors.
pub type Counts = Numbers<u64>;

/// Levels of value pairs that a thread remembers; a power of two. At 16 bytes each, half a megabyte.
const REMEMBERED: usize = 1 << 15;

/// A remembered level of two codes. Comparisons count from 1; 0 where nothing is remembered.
#[derive(Clone, Copy, Default)]
struct Known {
    codes: u64,
    comparison: u32,
    level: u8,
}

/// Compares rows of the index; one a thread.
pub struct Comparer {
    comparators: Arc<Vec<Comparator>>,
    known: Vec<Known>,
}

impl Comparer {
    pub fn new(comparators: Arc<Vec<Comparator>>) -> Self {
        Self { comparators, known: vec![Known::default(); REMEMBERED] }
    }

    /// How the values of two rows agree.
    #[inline]
    pub fn vector(&mut self, index: &Index, left: Row<'_>, right: Row<'_>) -> Result<Vector> {
        let mut vector = Vector(0);
        for comparison in 0..self.comparators.len() {
            let (l, r) = (left.value(comparison), right.value(comparison));
            if l == 0 || r == 0 {
                continue;
            }
            let level = if l == r {
                self.comparators.get(comparison).map_or(0, Comparator::equal_level)
            } else {
                self.level(index, comparison, left, right)?
            };
            vector = vector.with(comparison, level);
        }
        Ok(vector)
    }

    /// Level of two present values that differ.
    fn level(&mut self, index: &Index, comparison: usize, left: Row<'_>, right: Row<'_>) -> Result<u8> {
        let Some(comparator) = self.comparators.get(comparison) else { return Ok(0) };
        let (l, r) = (left.value(comparison), right.value(comparison));
        let (left_with, right_with) = (left.with(comparison), right.with(comparison));
        let exchanged = comparator.exchanged(l, left_with, r, right_with);
        let codes = u64::from(l) << 32 | u64::from(r);
        let number = comparison as u32 + 1;
        let place = mix(codes ^ u64::from(number).rotate_right(8)) as usize % REMEMBERED;
        if !exchanged
            && let Some(known) = self.known.get(place)
            && known.codes == codes
            && known.comparison == number
        {
            return Ok(known.level);
        }
        let Some(texts) = index.texts.get(comparison) else { return Ok(0) };
        let mut buffers: [String; 4] = Default::default();
        let [a, b, c, d] = &mut buffers;
        let (left_text, right_text) = (texts.get(l, a)?, texts.get(r, b)?);
        if exchanged {
            let (left_with, right_with) = (texts.get(left_with, c)?, texts.get(right_with, d)?);
            return Ok(comparator.prepare(left_text, left_with).level(right_text, right_with));
        }
        let level = comparator.prepare(left_text, None).level(right_text, None);
        if let Some(known) = self.known.get_mut(place) {
            *known = Known { codes, comparison: number, level };
        }
        Ok(level)
    }
}

/// Compares the pairs of a rule: counts their vectors where training asks, and spools those that belong to the rule.
pub struct CandidateVisitor {
    pub comparer: Comparer,
    pub rule: u16,
    /// Where pairs wait until the model is known; none when they are only counted.
    pub spool: Option<SpoolWriter>,
    /// With a model in hand, pairs below its floor need not be kept.
    pub scorer: Option<Arc<Scorer>>,
    pub seen: Seen,
}

/// What a visitor has counted.
#[derive(Debug, Default)]
pub struct Seen {
    /// Vectors of all pairs of the blocks chosen for training.
    pub all: Counts,
    /// Vectors of those that belong to the rule.
    pub first: Counts,
    /// Pairs that belong to the rule.
    pub pairs: u64,
}

impl Visitor for CandidateVisitor {
    type Output = Seen;

    #[inline]
    fn pair(&mut self, index: &Index, pair: Pair) -> Result<()> {
        self.seen.pairs += u64::from(pair.first);
        if !pair.first && !pair.sampled {
            return Ok(());
        }
        let vector = self.comparer.vector(index, index.row(pair.left), index.row(pair.right))?;
        if pair.sampled {
            *self.seen.all.entry(vector.0).or_default() += 1;
        }
        if !pair.first {
            return Ok(());
        }
        if pair.sampled {
            *self.seen.first.entry(vector.0).or_default() += 1;
        }
        let candidate = Candidate { left: pair.left, right: pair.right, vector, rule: self.rule };
        if self.scorer.as_ref().is_some_and(|scorer| scorer.weigh(index, &candidate).is_none()) {
            return Ok(());
        }
        self.spool.as_mut().map_or(Ok(()), |spool| spool.push(candidate))
    }

    fn finish(self) -> Result<Self::Output> {
        self.spool.map_or(Ok(()), SpoolWriter::finish)?;
        Ok(self.seen)
    }
}

/// Everything needed to weigh a pair; shared by all threads.
pub struct Scorer {
    pub comparators: Arc<Vec<Comparator>>,
    pub weights: Weights,
    /// Per comparison with term frequencies: the adjustment for agreeing on each code; empty for the others.
    pub adjustments: Vec<Vec<f64>>,
    /// Weight below which a pair is not even counted.
    pub floor: f64,
    pub review: f64,
    pub merge: f64,
    /// For each `never` rule: whether it asks for equal values (else for different ones).
    pub never_same: Vec<bool>,
    pub always_same: Vec<bool>,
    /// For each contradiction the comparisons that must all differ.
    pub contradictions: Vec<Vec<usize>>,
}

/// Bands of match weight, as the `pairs` table names them.
pub mod band {
    pub const MERGE: &str = "merge";
    pub const REVIEW: &str = "review";
    pub const NEVER: &str = "never";
    pub const ALWAYS: &str = "always";
}

/// A pair at or above the floor.
pub struct Weighed {
    pub candidate: Candidate,
    /// Sum of the term-frequency adjustments within the weight.
    pub adjustment: f64,
    pub weight: f64,
    pub band: &'static str,
}

impl Scorer {
    /// Weight and band of a pair; none below the floor.
    pub fn weigh(&self, index: &Index, candidate: &Candidate) -> Option<Weighed> {
        let (left, right) = (index.row(candidate.left), index.row(candidate.right));
        let always = hard_rule(left.always(), right.always(), &self.always_same);
        let (weight, adjustment) = self.sum(left, candidate.vector);
        if weight < self.floor && !always {
            return None;
        }
        let never = hard_rule(left.never(), right.never(), &self.never_same);
        let band = if never || self.contradicts(candidate.vector) {
            band::NEVER
        } else if always {
            band::ALWAYS
        } else if weight >= self.merge {
            band::MERGE
        } else {
            band::REVIEW
        };
        Some(Weighed { candidate: *candidate, adjustment, weight, band })
    }

    /// Weight of two rows that need not be a candidate pair; none where they contradict each other.
    pub fn weight(&self, index: &Index, comparer: &mut Comparer, a: u32, b: u32) -> Result<Option<f64>> {
        let (left, right) = (index.row(a.min(b)), index.row(a.max(b)));
        let vector = comparer.vector(index, left, right)?;
        Ok((!self.contradicts(vector)).then(|| self.sum(left, vector).0))
    }

    /// Whether any contradiction holds: all of its comparisons have values on both sides and reach no level.
    pub fn contradicts(&self, vector: Vector) -> bool {
        let differs = |i: &usize| self.comparators.get(*i).is_some_and(|c| vector.level(*i) == c.else_level());
        self.contradictions.iter().any(|all| !all.is_empty() && all.iter().all(differs))
    }

    /// Weight of a vector, and the sum of the term-frequency adjustments within it. Agreement takes the adjustment
    /// of the left value.
    pub fn sum(&self, left: Row<'_>, vector: Vector) -> (f64, f64) {
        let mut weight = self.weights.prior();
        let mut adjusted = 0.0;
        for (i, comparator) in self.comparators.iter().enumerate() {
            let level = vector.level(i);
            weight += self.weights.weight(i, level);
            if level != 0 && comparator.equal_level() == level {
                let known = self.adjustments.get(i).and_then(|codes| codes.get(left.value(i) as usize));
                let adjustment = known.copied().unwrap_or(0.0);
                weight += adjustment;
                adjusted += adjustment;
            }
        }
        (weight + self.weights.relatives(vector, adjusted), adjusted)
    }

    /// Whether a pair goes to the table `pairs`.
    pub fn keeps(&self, pair: &Weighed, index: &Index) -> bool {
        let always = || {
            let (left, right) = (index.row(pair.candidate.left), index.row(pair.candidate.right));
            hard_rule(left.always(), right.always(), &self.always_same)
        };
        pair.weight >= self.review || always()
    }
}

/// Whether any of the hard rules holds for the pair: equal or different values, both present.
fn hard_rule(left: &[u32], right: &[u32], same: &[bool]) -> bool {
    left.iter().zip(right).zip(same).any(|((l, r), same)| *l != 0 && *r != 0 && (l == r) == *same)
}

/// The rows of `pairs` for weighed pairs in table order.
pub fn rows(index: &Index, pairs: &[Weighed], rules: &[String]) -> Result<RecordBatch> {
    let id = |row: u32| index.record_ids.get(row as usize).copied().unwrap_or(0);
    let rule = |number: u16| rules.get(usize::from(number)).map_or("", String::as_str);
    // Fifteen comparisons fill 60 bits; a sixteenth with a level above 7 turns the sign, which is only a bit.
    let vector = |vector: Vector| vector.0.cast_signed();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(pairs.iter().map(|p| id(p.candidate.left)))),
        Arc::new(Int64Array::from_iter_values(pairs.iter().map(|p| id(p.candidate.right)))),
        Arc::new(StringArray::from_iter_values(pairs.iter().map(|p| rule(p.candidate.rule)))),
        Arc::new(Int64Array::from_iter_values(pairs.iter().map(|p| vector(p.candidate.vector)))),
        Arc::new(Float64Array::from_iter_values(pairs.iter().map(|p| p.adjustment))),
        Arc::new(Float64Array::from_iter_values(pairs.iter().map(|p| p.weight))),
        Arc::new(Float64Array::from_iter_values(pairs.iter().map(|p| probability(p.weight)))),
        Arc::new(StringArray::from_iter_values(pairs.iter().map(|p| p.band))),
    ];
    Ok(RecordBatch::try_new(tables::pairs(), columns)?)
}

/// The pairs of a range.
pub struct Scored {
    /// Rows of `pairs`, in table order.
    pub pairs: Vec<RecordBatch>,
    /// How many pairs have each whole bit of weight.
    pub histogram: BTreeMap<i64, u64>,
}

/// Weighs the pairs of a range.
pub fn score(index: &Index, scorer: &Scorer, candidates: &[Candidate], rules: &[String]) -> Result<Scored> {
    let mut histogram: BTreeMap<i64, u64> = BTreeMap::new();
    let mut kept = Vec::new();
    for pair in candidates.iter().filter_map(|candidate| scorer.weigh(index, candidate)) {
        *histogram.entry(pair.weight.floor() as i64).or_default() += 1;
        if scorer.keeps(&pair, index) {
            kept.push(pair);
        }
    }
    kept.sort_unstable_by_key(|p: &Weighed| (p.candidate.left, p.candidate.right));
    let batches = kept.chunks(crate::store::BATCH_ROWS).map(|pairs| rows(index, pairs, rules));
    Ok(Scored { pairs: batches.collect::<Result<_>>()?, histogram })
}
