//! The block scan. Enter: the index and one blocking rule. Leave: every pair of records within the rule's groups,
//! handed to a visitor with the word whether it belongs to this rule: a pair belongs to the first rule that produces
//! it. Holds the rule's grouping of row numbers. Never here: comparing.

use super::index::Index;
use crate::context::Context;
use crate::error::Result;
use crate::run::Stage;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Pairs that a thread takes at a time, or one group.
const CHUNK_PAIRS: u64 = 100_000;

/// A pair as a rule produces it; `left` is the smaller row number.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    pub left: u32,
    pub right: u32,
    /// No earlier rule has produced it.
    pub first: bool,
    /// Its block was chosen for training.
    pub sampled: bool,
}

/// Takes pairs; every thread has a visitor of its own.
pub trait Visitor: Send + 'static {
    type Output: Send + 'static;
    fn pair(&mut self, index: &Index, pair: Pair) -> Result<()>;
    fn finish(self) -> Result<Self::Output>;
}

/// Scans the groups of rule number `rule`. Returns what each visitor kept, in no particular order; which pairs a
/// visitor got is not determined, only that all of them together got every pair once.
pub async fn scan<V: Visitor>(
    context: &Context,
    index: &Arc<Index>,
    rule: usize,
    visitor: impl Fn() -> V,
) -> Result<Vec<V::Output>> {
    let Some(sampled) = index.rules.get(rule).map(|r| r.sampled as usize) else { return Ok(vec![]) };
    let (rows, starts) = index.groups(rule);
    let chunks = chunks(&starts);
    let shared = Arc::new((rows, starts, chunks, AtomicUsize::new(0)));
    let workers = (0..context.options.limits.threads.max(1)).map(|_| {
        let (index, shared, mut visitor) = (index.clone(), shared.clone(), visitor());
        let (cancel, progress) = (context.cancel.clone(), context.progress.clone());
        super::super::parts::blocking(move || {
            let (rows, starts, chunks, next) = shared.as_ref();
            while let Some(chunk) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
                cancel.check()?;
                let mut pairs = 0;
                for group in chunk.clone() {
                    let (start, end) = (starts.get(group), starts.get(group + 1));
                    let (start, end) = (start.copied().unwrap_or(0) as usize, end.copied().unwrap_or(0) as usize);
                    let members = rows.get(start..end).unwrap_or(&[]);
                    pairs += members.len() * members.len().saturating_sub(1) / 2;
                    enumerate(&index, members, rule, group < sampled, &mut visitor)?;
                }
                progress.advanced(Stage::Dedupe, pairs as u64);
            }
            visitor.finish()
        })
    });
    futures::future::try_join_all(workers).await
}

/// Ranges of groups (counted from 0) of about [`CHUNK_PAIRS`] pairs each.
fn chunks(starts: &[u32]) -> Vec<Range<usize>> {
    let mut chunks = Vec::new();
    let (mut first, mut pairs) = (0, 0u64);
    for (group, bounds) in starts.windows(2).enumerate() {
        let size = bounds.last().zip(bounds.first()).map_or(0, |(end, start)| u64::from(end - start));
        pairs += size * size.saturating_sub(1) / 2;
        if pairs >= CHUNK_PAIRS {
            chunks.push(first..group + 1);
            (first, pairs) = (group + 1, 0);
        }
    }
    if first + 1 < starts.len() {
        chunks.push(first..starts.len() - 1);
    }
    chunks
}

fn enumerate<V: Visitor>(index: &Index, members: &[u32], rule: usize, sampled: bool, visitor: &mut V) -> Result<()> {
    for (place, left) in members.iter().enumerate() {
        let earlier = index.row(*left).groups(rule);
        for right in members.get(place + 1..).unwrap_or(&[]) {
            let met = earlier.iter().zip(index.row(*right).groups(rule)).any(|(l, r)| *l == *r && *l != 0);
            visitor.pair(index, Pair { left: *left, right: *right, first: !met, sampled })?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::blocks::{Sampling, blocks};
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Keeps every pair with whether it was the first.
    #[derive(Default)]
    struct Kept(Vec<(u32, u32, bool)>);

    impl Visitor for Kept {
        type Output = Vec<(u32, u32, bool)>;

        fn pair(&mut self, _: &Index, pair: Pair) -> Result<()> {
            self.0.push((pair.left, pair.right, pair.first));
            Ok(())
        }

        fn finish(self) -> Result<Self::Output> {
            Ok(self.0)
        }
    }

    proptest! {
        #[test]
        fn a_pair_belongs_to_the_first_rule_that_makes_it(
            keys in proptest::collection::vec(proptest::option::of(0i64..6), 40),
            finer in proptest::collection::vec(proptest::option::of(0i64..3), 40),
            second in proptest::collection::vec(proptest::option::of(0i64..8), 40),
        ) {
            let keyed = |keys: &[Option<i64>]| keys.iter().zip(0..).filter_map(|(k, row)| Some(((*k)?, row))).collect();
            let sampling = Sampling { max_pairs: u64::MAX, seed: 1 };
            let limit = 6;
            let index = Index::of_groups(vec![
                blocks(keyed(&keys), Some(&finer), 40, limit, sampling),
                blocks(keyed(&second), None, 40, 40, sampling),
            ]);
            let mut found: BTreeMap<(u32, u32), usize> = BTreeMap::new();
            for rule in 0..2 {
                let (rows, starts) = index.groups(rule);
                let mut kept = Kept::default();
                for bounds in starts.windows(2) {
                    enumerate(&index, &rows[bounds[0] as usize..bounds[1] as usize], rule, true, &mut kept).unwrap();
                }
                for (left, right, first) in kept.0 {
                    prop_assert!(left < right);
                    prop_assert_eq!(first, !found.contains_key(&(left, right)));
                    found.entry((left, right)).or_insert(rule);
                }
            }
            let size = |key: i64, part: Option<i64>| {
                (0..40).filter(|row| keys[*row] == Some(key) && part.is_none_or(|p| finer[*row] == Some(p))).count()
            };
            for left in 0..40usize {
                for right in left + 1..40 {
                    let by_first = match (keys[left], finer[left]) {
                        (Some(key), _) if keys[right] == Some(key) && size(key, None) <= limit => true,
                        (Some(key), Some(part)) if keys[right] == Some(key) && finer[right] == Some(part) => {
                            size(key, Some(part)) <= limit
                        }
                        _ => false,
                    };
                    let by_second = second[left].is_some() && second[left] == second[right];
                    let wanted = if by_first { Some(0) } else { by_second.then_some(1) };
                    prop_assert_eq!(found.get(&(left as u32, right as u32)).copied(), wanted);
                }
            }
        }
    }

    #[test]
    fn chunks_cover_every_group_once() {
        for sizes in [vec![], vec![2], vec![2; 1_000], vec![1_000, 2, 3, 1_000, 500], vec![448, 448, 2]] {
            let mut starts = vec![0u32];
            for size in &sizes {
                starts.push(starts.last().copied().unwrap_or(0) + size);
            }
            let found: Vec<usize> = chunks(&starts).into_iter().flatten().collect();
            assert_eq!(found, (0..sizes.len()).collect::<Vec<_>>());
        }
    }
}
