//! The blocks of one blocking rule. Enter: the hashed key of every record, and its finer key. Leave: for every record
//! the number of the group within which its pairs are made, 0 for none. A block over the limit is split by its finer
//! key; what is still too large is counted and reported, never silently skipped.
//! Never here: pairs.

use super::texts::mix;

/// A blocking rule; its key is the column `k` and its place among the rules, its finer key the column `s`.
#[derive(Debug, Clone)]
pub struct Rule {
    pub name: String,
    pub has_split: bool,
    pub max_block: usize,
}

/// How many pairs of a rule training looks at.
#[derive(Debug, Clone, Copy)]
pub struct Sampling {
    /// About so many: of more, one block in `every` is taken, chosen by its key.
    pub max_pairs: u64,
    pub seed: u64,
}

/// What a rule's keys make of the records.
#[derive(Debug, Clone, Default)]
pub struct Blocks {
    /// Blocks of at least two records.
    pub blocks: u64,
    pub largest: u64,
    pub split_blocks: u64,
    pub skipped_blocks: u64,
    pub skipped_pairs: u64,
    /// Pairs within all groups.
    pub pairs: u64,
    /// One block in so many was chosen for training.
    pub every: u64,
    /// Number of groups; they are numbered from 1, and those chosen for training come first.
    pub groups: u32,
    pub sampled: u32,
}

fn pairs_of(records: usize) -> u64 {
    let n = records as u64;
    n * n.saturating_sub(1) / 2
}

/// The groups of a rule, and the group of every record. `keys`: key and row of every record that has one, in row
/// order; `finer`: the finer key by row, where the rule has one; `rows`: number of records.
pub fn blocks(
    mut keys: Vec<(i64, u32)>,
    finer: Option<&[Option<i64>]>,
    rows: usize,
    max_block: usize,
    sampling: Sampling,
) -> (Blocks, Vec<u32>) {
    keys.sort_unstable();
    let mut found = Blocks::default();
    let at_limit = keys.chunk_by(|a, b| a.0 == b.0).map(|block| pairs_of(block.len().min(max_block)));
    found.every = at_limit.sum::<u64>().div_ceil(sampling.max_pairs.max(1)).max(1);
    let (every, seed) = (found.every, sampling.seed);
    let takes = move |key: i64| every <= 1 || mix(key.unsigned_abs() ^ seed).is_multiple_of(every);

    let mut group_of = vec![0u32; rows];
    // Groups that are not chosen for training are numbered downwards, and turned when all are known.
    let (mut taken, mut others) = (0u32, u32::MAX);
    let mut number = |key: i64| {
        if takes(key) {
            taken += 1;
            taken
        } else {
            others -= 1;
            others + 1
        }
    };
    let mut put = |row: u32, group: u32| {
        if let Some(slot) = group_of.get_mut(row as usize) {
            *slot = group;
        }
    };
    for block in keys.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1) {
        let key = block.first().map_or(0, |(key, _)| *key);
        found.blocks += 1;
        found.largest = found.largest.max(block.len() as u64);
        if block.len() <= max_block {
            found.pairs += pairs_of(block.len());
            let group = number(key);
            block.iter().for_each(|(_, row)| put(*row, group));
            continue;
        }
        found.split_blocks += 1;
        let Some(finer) = finer else {
            found.skipped_blocks += 1;
            found.skipped_pairs += pairs_of(block.len());
            continue;
        };
        let finer = |row: u32| finer.get(row as usize).copied().flatten();
        let mut order: Vec<(i64, u32)> = block.iter().filter_map(|(_, row)| Some((finer(*row)?, *row))).collect();
        order.sort_unstable();
        let mut made = 0;
        for part in order.chunk_by(|a, b| a.0 == b.0) {
            if part.len() > max_block {
                found.skipped_blocks += 1;
            } else if part.len() > 1 {
                made += pairs_of(part.len());
                let group = number(key);
                part.iter().for_each(|(_, row)| put(*row, group));
            }
        }
        found.pairs += made;
        found.skipped_pairs += pairs_of(block.len()) - made;
    }
    let turned = u32::MAX - others;
    found.sampled = taken;
    found.groups = taken + turned;
    for group in group_of.iter_mut().filter(|group| **group > others) {
        *group = taken + (u32::MAX - *group) + 1;
    }
    (found, group_of)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ALL: Sampling = Sampling { max_pairs: u64::MAX, seed: 1 };

    fn keyed(keys: &[Option<i64>]) -> Vec<(i64, u32)> {
        keys.iter().zip(0..).filter_map(|(key, row)| Some(((*key)?, row))).collect()
    }

    #[test]
    fn records_alone_under_their_key_have_no_group() {
        let keys = [Some(7), None, Some(5), Some(7), Some(9), Some(5), Some(7)];
        let (found, groups) = blocks(keyed(&keys), None, keys.len(), 10, ALL);
        assert_eq!((found.blocks, found.largest, found.pairs, found.groups, found.sampled), (2, 3, 4, 2, 2));
        assert_eq!((groups[1], groups[4]), (0, 0));
        assert!(groups[0] == groups[3] && groups[0] == groups[6] && groups[2] == groups[5] && groups[0] != groups[2]);
    }

    #[test]
    fn a_block_over_the_limit_is_split_and_the_rest_is_counted() {
        let keys = [Some(1); 8];
        let (found, groups) = blocks(keyed(&keys), None, 8, 3, ALL);
        assert_eq!((found.split_blocks, found.skipped_blocks, found.skipped_pairs, found.pairs), (1, 1, 28, 0));
        assert_eq!(groups, [0; 8]);
        let finer = [Some(1), Some(1), Some(2), None, Some(3), Some(3), Some(3), Some(3)];
        let (found, groups) = blocks(keyed(&keys), Some(&finer), 8, 3, ALL);
        assert_eq!((found.split_blocks, found.skipped_blocks, found.skipped_pairs, found.pairs), (1, 1, 27, 1));
        assert_eq!(groups, [1, 1, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn groups_chosen_for_training_come_first() {
        let keys: Vec<Option<i64>> = (0..4_000).map(|n| Some(n / 4)).collect();
        let (found, groups) = blocks(keyed(&keys), None, keys.len(), 10, Sampling { max_pairs: 1_500, seed: 3 });
        assert_eq!((found.every, found.groups, found.pairs), (4, 1_000, 6_000));
        assert!((150..350).contains(&found.sampled), "{}", found.sampled);
        let mut numbers: Vec<u32> = groups.iter().step_by(4).copied().collect();
        numbers.sort_unstable();
        assert!(numbers.iter().copied().eq(1..=1_000));
    }
}
