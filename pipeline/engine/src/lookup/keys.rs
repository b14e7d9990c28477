//! Records by blocking key, and the values of hard rules. Enter: the hashed columns of `features`. Leave: the rows of a
//! block, and what the hard rules say of a pair. Memory: 12 bytes a record and blocking rule (20 where the rule has a
//! finer key), 8 a record and hard rule. Never here: the keys' texts.

use crate::error::Result;
use crate::stages::dedupe::Blocking;
use crate::stages::dedupe::index::integers;
use crate::store::Store;
use zlato_core::rules::matching::Matching;

/// The blocks of one blocking rule.
pub struct Keys {
    pub rule: String,
    max_block: usize,
    /// Ascending, beside the row that has it.
    keys: Vec<i64>,
    rows: Vec<u32>,
    /// Finer keys by row.
    finer: Option<Vec<Option<i64>>>,
}

impl Keys {
    pub fn read(store: &Store, number: usize, rule: Blocking) -> Result<Self> {
        let keys = integers(store, &format!("k{number}"))?;
        let mut keys: Vec<(i64, u32)> = keys.into_iter().zip(0..).filter_map(|(key, row)| Some((key?, row))).collect();
        keys.sort_unstable();
        let finer = rule.split_by.is_some().then(|| integers(store, &format!("s{number}"))).transpose()?;
        let (keys, rows) = keys.into_iter().unzip();
        Ok(Self { rule: rule.name, max_block: rule.max_block, keys, rows, finer })
    }

    /// Rows of the block of a key; of a block over the limit those that have the finer key too, and none if these are
    /// still too many, as in a run.
    pub fn block(&self, key: i64, finer: Option<i64>, take: &mut impl FnMut(u32)) {
        let start = self.keys.partition_point(|k| *k < key);
        let end = self.keys.partition_point(|k| *k <= key);
        let Some(block) = self.rows.get(start..end) else { return };
        if block.len() <= self.max_block {
            block.iter().for_each(|row| take(*row));
            return;
        }
        let Some((all, finer)) = self.finer.as_ref().zip(finer) else { return };
        let same = |row: &&u32| all.get(**row as usize).copied().flatten() == Some(finer);
        if block.iter().filter(same).count() <= self.max_block {
            block.iter().filter(same).for_each(|row| take(*row));
        }
    }
}

/// The `never` and `always` rules.
pub struct Hard {
    rules: Vec<HardRule>,
}

struct HardRule {
    column: String,
    never: bool,
    /// Holds when the values are equal, else when they differ.
    same: bool,
    values: Vec<Option<i64>>,
}

impl Hard {
    pub fn read(store: &Store, matching: &Matching) -> Result<Self> {
        let mut rules = Vec::new();
        for (prefix, never, hard) in [("n", true, &matching.never), ("a", false, &matching.always)] {
            for (i, rule) in hard.iter().enumerate() {
                let column = format!("{prefix}{i}");
                let values = integers(store, &column)?;
                rules.push(HardRule { values, column, never, same: rule.same.is_some() });
            }
        }
        Ok(Self { rules })
    }

    /// What a form has for each rule.
    pub fn of(&self, value: impl Fn(&str) -> Option<i64>) -> Vec<Option<i64>> {
        self.rules.iter().map(|rule| value(&rule.column)).collect()
    }

    /// Whether a `never` rule holds between a form and a row, and whether an `always` rule does.
    pub fn judge(&self, ours: &[Option<i64>], row: u32) -> (bool, bool) {
        let (mut never, mut always) = (false, false);
        for (rule, ours) in self.rules.iter().zip(ours) {
            let theirs = rule.values.get(row as usize).copied().flatten();
            let holds = ours.zip(theirs).is_some_and(|(ours, theirs)| (ours == theirs) == rule.same);
            never |= holds && rule.never;
            always |= holds && !rule.never;
        }
        (never, always)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(keys: &Keys, key: i64, finer: Option<i64>) -> Vec<u32> {
        let mut rows = Vec::new();
        keys.block(key, finer, &mut |row| rows.push(row));
        rows
    }

    #[test]
    fn a_block_over_the_limit_is_split_by_the_finer_key() {
        let keys = Keys {
            rule: "names".into(),
            max_block: 2,
            keys: vec![3, 7, 7, 7, 7, 9],
            rows: vec![5, 0, 1, 2, 4, 3],
            finer: Some(vec![Some(1), Some(1), Some(2), None, None, None]),
        };
        assert_eq!(found(&keys, 3, None), [5]);
        assert_eq!(found(&keys, 4, None), [0u32; 0]);
        assert_eq!(found(&keys, 7, Some(1)), [0, 1]);
        assert_eq!(found(&keys, 7, Some(2)), [2]);
        assert_eq!(found(&keys, 7, None), [0u32; 0]);
    }
}
