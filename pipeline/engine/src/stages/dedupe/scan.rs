//! The block scan. Enter: `features` sorted by one rule's block key. Leave: every pair of records
//! that belongs to this rule, once, handed to a visitor. A pair belongs to the first rule that
//! produces it; a block over the limit is split by its finer key, and what is still too large is
//! counted and reported, never silently skipped. Holds one block at a time.

use super::super::grouped::whole_groups;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::Stage;
use arrow::array::{Array, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use datafusion::prelude::col;
use futures::{StreamExt, TryStreamExt};
use std::collections::HashSet;
use std::sync::Arc;

/// A blocking rule; its key is the column `k` and its place among the rules, its finer key the column `s`.
#[derive(Debug, Clone)]
pub struct Rule {
    pub name: String,
    pub has_split: bool,
    pub max_block: usize,
}

/// Blocks of earlier rules that were over the limit: their pairs were made only within the finer key,
/// or not at all.
#[derive(Debug, Clone, Default)]
pub struct Oversize {
    /// Keys that were split or skipped.
    keys: HashSet<i64>,
    /// (key, finer key) that was still too large.
    skipped: HashSet<(i64, i64)>,
}

/// What the scan of one rule met.
#[derive(Debug, Clone, Default)]
pub struct ScanCount {
    pub blocks: u64,
    pub largest: u64,
    /// Pairs that belong to the rule.
    pub pairs: u64,
    /// All pairs of its blocks, those of earlier rules too.
    pub enumerated: u64,
    pub split_blocks: u64,
    pub skipped_blocks: u64,
    pub skipped_pairs: u64,
    pub oversize: Oversize,
}

impl ScanCount {
    fn add(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.largest = self.largest.max(other.largest);
        self.pairs += other.pairs;
        self.enumerated += other.enumerated;
        self.split_blocks += other.split_blocks;
        self.skipped_blocks += other.skipped_blocks;
        self.skipped_pairs += other.skipped_pairs;
        self.oversize.keys.extend(other.oversize.keys);
        self.oversize.skipped.extend(other.oversize.skipped);
    }
}

/// Takes the pairs of a chunk of whole blocks.
pub trait Visitor: Send + 'static {
    /// What is kept of a chunk.
    type Output: Send + 'static;
    /// A left record with all right records of its block; the flag tells whether the pair belongs to
    /// this rule (false: an earlier rule has produced it).
    fn pairs(&mut self, rows: &Rows, left: usize, right: &[(usize, bool)]);
    fn finish(self) -> Result<Self::Output>;
}

/// The columns of a chunk of `features`.
pub struct Rows {
    key: Int64Array,
    split: Option<Int64Array>,
    pub record_id: Int64Array,
    earlier: Vec<(Int64Array, Option<Int64Array>)>,
    /// Compared values, one a comparison.
    values: Vec<StringArray>,
    /// The second value of comparisons that have one.
    with: Vec<Option<StringArray>>,
    pub never: Vec<Int64Array>,
    pub always: Vec<Int64Array>,
}

impl Rows {
    fn new(batch: &RecordBatch, rules: &[Rule], rule: usize, comparisons: usize) -> Result<Self> {
        let integers = |name: &str| batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>()).cloned();
        let texts = |name: &str| batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>()).cloned();
        let missing = || Error::Internal("a feature column is missing".into());
        let many = |prefix: &str| (0..).map_while(|i| integers(&format!("{prefix}{i}"))).collect::<Vec<_>>();
        let mut earlier = Vec::with_capacity(rule);
        for i in 0..rule {
            earlier.push((integers(&format!("k{i}")).ok_or_else(missing)?, integers(&format!("s{i}"))));
        }
        let has_split = rules.get(rule).is_some_and(|r| r.has_split);
        Ok(Self {
            key: integers(&format!("k{rule}")).ok_or_else(missing)?,
            split: if has_split { integers(&format!("s{rule}")) } else { None },
            record_id: integers("record_id").ok_or_else(missing)?,
            earlier,
            values: (0..comparisons).map(|i| texts(&format!("c{i}")).ok_or_else(missing)).collect::<Result<_>>()?,
            with: (0..comparisons).map(|i| texts(&format!("w{i}"))).collect(),
            never: many("n"),
            always: many("a"),
        })
    }

    /// Value of a comparison.
    pub fn value(&self, comparison: usize, row: usize) -> Option<&str> {
        present(self.values.get(comparison)?, row)
    }

    /// Second value of a comparison.
    pub fn with(&self, comparison: usize, row: usize) -> Option<&str> {
        present(self.with.get(comparison)?.as_ref()?, row)
    }

    /// Whether an earlier rule has produced the pair already.
    fn earlier_rule(&self, left: usize, right: usize, oversize: &[Oversize]) -> bool {
        self.earlier.iter().zip(oversize).any(|((key, split), over)| {
            if !both_equal(key, left, right) {
                return false;
            }
            let value = key.value(left);
            if !over.keys.contains(&value) {
                return true;
            }
            split
                .as_ref()
                .is_some_and(|s| both_equal(s, left, right) && !over.skipped.contains(&(value, s.value(left))))
        })
    }
}

fn present(column: &StringArray, row: usize) -> Option<&str> {
    (row < column.len() && column.is_valid(row)).then(|| column.value(row))
}

/// Both present and equal.
pub fn both_equal(column: &Int64Array, left: usize, right: usize) -> bool {
    column.is_valid(left) && column.is_valid(right) && column.value(left) == column.value(right)
}

/// Both present and different.
pub fn both_differ(column: &Int64Array, left: usize, right: usize) -> bool {
    column.is_valid(left) && column.is_valid(right) && column.value(left) != column.value(right)
}

/// Which of a rule's blocks are scanned: one in `every`, chosen by key.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub every: u64,
    pub seed: u64,
}

impl Sample {
    pub const ALL: Self = Self { every: 1, seed: 0 };

    fn takes(self, key: i64) -> bool {
        self.every <= 1 || mix(key.unsigned_abs() ^ self.seed).is_multiple_of(self.every)
    }
}

/// SplitMix64's finaliser: spreads a key over all bits.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// One scan: which rule's blocks, and what earlier scans left over.
pub struct Scan {
    pub rules: Arc<Vec<Rule>>,
    /// Number of the rule.
    pub rule: usize,
    pub comparisons: usize,
    /// Of the rules before it, in order.
    pub oversize: Arc<Vec<Oversize>>,
    pub sample: Sample,
}

/// Scans the blocks of one rule. `visitor` makes one visitor a chunk; outputs come back in no
/// particular order.
pub async fn scan<V: Visitor>(
    context: &Context,
    plan: Scan,
    visitor: impl Fn() -> V + Send + Sync,
    mut take: impl FnMut(V::Output) -> Result<()>,
) -> Result<ScanCount> {
    let Scan { rules, rule, comparisons, oversize, sample } = plan;
    let current = rules.get(rule).ok_or_else(|| Error::Internal("a blocking rule is missing".into()))?;
    let key = format!("k{rule}");
    let table = context.session.context().table(crate::tables::FEATURES).await?;
    // Keys of later rules are not needed.
    let later = |name: &str| {
        let number = name.strip_prefix('k').or_else(|| name.strip_prefix('s')).and_then(|n| n.parse::<usize>().ok());
        number.is_some_and(|n| n > rule)
    };
    let names: Vec<String> =
        table.schema().fields().iter().map(|f| f.name().clone()).filter(|name| !later(name)).collect();
    let columns: Vec<&str> = names.iter().map(String::as_str).collect();
    let sorted = table
        .filter(col(key.as_str()).is_not_null())?
        .select_columns(&columns)?
        .sort(vec![col(key.as_str()).sort(true, true), col("record_id").sort(true, true)])?;
    let stream = sorted.execute_stream().await?;
    let chunks = whole_groups(stream, names.iter().position(|n| *n == key).unwrap_or(0));
    let mut total = ScanCount::default();
    let mut results = std::pin::pin!(
        chunks
            .map(|chunk| {
                let (rules, oversize, visitor, limit) = (rules.clone(), oversize.clone(), visitor(), current.max_block);
                let cancel = context.cancel.clone();
                async move {
                    let chunk = chunk?;
                    cancel.check()?;
                    super::super::parts::blocking(move || {
                        let rows = Rows::new(&chunk, &rules, rule, comparisons)?;
                        visit(&rows, limit, &oversize, sample, visitor)
                    })
                    .await
                }
            })
            .buffer_unordered(context.options.limits.threads)
    );
    while let Some((count, output)) = results.try_next().await? {
        context.progress.advanced(Stage::Dedupe, count.enumerated);
        total.add(count);
        take(output)?;
    }
    Ok(total)
}

fn visit<V: Visitor>(
    rows: &Rows,
    max_block: usize,
    oversize: &[Oversize],
    sample: Sample,
    mut visitor: V,
) -> Result<(ScanCount, V::Output)> {
    let mut count = ScanCount::default();
    let keys = rows.key.values();
    let mut start = 0;
    while start < keys.len() {
        let Some(key) = keys.get(start).copied() else { break };
        let size = keys.get(start..).unwrap_or(&[]).partition_point(|k| *k <= key);
        let end = start + size;
        if size > 1 && sample.takes(key) {
            count.blocks += 1;
            count.largest = count.largest.max(size as u64);
            if size <= max_block {
                let block: Vec<usize> = (start..end).collect();
                enumerate(rows, &block, oversize, &mut visitor, &mut count);
            } else {
                split(rows, key, start..end, max_block, oversize, &mut visitor, &mut count);
            }
        }
        start = end;
    }
    Ok((count, visitor.finish()?))
}

/// Works a block over the limit by its finer key.
fn split<V: Visitor>(
    rows: &Rows,
    key: i64,
    range: std::ops::Range<usize>,
    max_block: usize,
    oversize: &[Oversize],
    visitor: &mut V,
    count: &mut ScanCount,
) {
    count.oversize.keys.insert(key);
    count.split_blocks += 1;
    let pairs = |n: u64| n * n.saturating_sub(1) / 2;
    let whole = pairs(range.len() as u64);
    let Some(finer) = &rows.split else {
        count.skipped_blocks += 1;
        count.skipped_pairs += whole;
        return;
    };
    let mut order: Vec<(i64, usize)> = range.filter(|i| finer.is_valid(*i)).map(|i| (finer.value(i), i)).collect();
    order.sort_unstable();
    let mut made = 0;
    for group in order.chunk_by(|a, b| a.0 == b.0) {
        let size = group.len();
        if size > max_block {
            count.skipped_blocks += 1;
            count.oversize.skipped.extend(group.first().map(|(s, _)| (key, *s)));
        } else if size > 1 {
            made += pairs(size as u64);
            let block: Vec<usize> = group.iter().map(|(_, i)| *i).collect();
            enumerate(rows, &block, oversize, visitor, count);
        }
    }
    count.skipped_pairs += whole - made;
}

fn enumerate<V: Visitor>(rows: &Rows, block: &[usize], oversize: &[Oversize], visitor: &mut V, count: &mut ScanCount) {
    let mut rights = Vec::with_capacity(block.len());
    for (place, left) in block.iter().enumerate() {
        rights.clear();
        for right in block.get(place + 1..).unwrap_or(&[]) {
            let first = !rows.earlier_rule(*left, *right, oversize);
            count.pairs += u64::from(first);
            rights.push((*right, first));
        }
        count.enumerated += rights.len() as u64;
        visitor.pairs(rows, *left, &rights);
    }
}
