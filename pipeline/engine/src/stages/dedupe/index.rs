//! What the scan knows of every record: one row of 32-bit codes for its compared values, its groups under each
//! blocking rule and its hard-rule values. Enter: the table `features`. Leave: the rows, the texts of the codes and
//! the frequencies of values. Memory: 4 bytes a cell and 8 a record; texts within their budget.
//! Never here: comparing. Every column is coded by a task of its own, so threads change nothing.

use super::blocks::{Blocks, Rule, Sampling, blocks};
use super::texts::{Interner, Numbers, Texts};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::{Store, read_coded};
use crate::tables::FEATURES;
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use futures::{StreamExt, TryStreamExt};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Share of the memory limit for the texts of compared values; what is beyond lies on disk.
const TEXT_SHARE: u64 = 8;

/// What is to be coded.
pub struct Wanted {
    pub rules: Arc<Vec<Rule>>,
    /// For each comparison whether it has a second value.
    pub with: Vec<bool>,
    /// Number of hard rules.
    pub never: usize,
    pub always: usize,
    pub sampling: Sampling,
}

/// All records in codes. A row's number is the record's place in `features`.
pub struct Index {
    pub record_ids: Vec<i64>,
    cells: Vec<u32>,
    layout: Layout,
    /// Per comparison.
    pub texts: Vec<Texts>,
    /// Per comparison: occurrences of each code as a first value.
    pub counts: Vec<Vec<u32>>,
    /// Per blocking rule.
    pub rules: Vec<Blocks>,
}

/// Which cell of a row holds what.
struct Layout {
    width: usize,
    /// Cell of the second value of each comparison that has one; first values are the first cells.
    with: Vec<Option<usize>>,
    never: Range<usize>,
    always: Range<usize>,
    groups: usize,
}

/// The cells of one record.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    cells: &'a [u32],
    layout: &'a Layout,
}

impl<'a> Row<'a> {
    /// Code of the value of a comparison, 0 where there is none.
    #[inline]
    pub fn value(self, comparison: usize) -> u32 {
        self.cells.get(comparison).copied().unwrap_or(0)
    }

    /// Code of the second value of a comparison, 0 where there is none.
    pub fn with(self, comparison: usize) -> u32 {
        let cell = self.layout.with.get(comparison).copied().flatten();
        cell.and_then(|cell| self.cells.get(cell)).copied().unwrap_or(0)
    }

    /// Codes of the `never` rules' values.
    pub fn never(self) -> &'a [u32] {
        self.cells.get(self.layout.never.clone()).unwrap_or(&[])
    }

    /// Codes of the `always` rules' values.
    pub fn always(self) -> &'a [u32] {
        self.cells.get(self.layout.always.clone()).unwrap_or(&[])
    }

    /// Groups of the record under the first `rules` blocking rules, 0 for none.
    #[inline]
    pub fn groups(self, rules: usize) -> &'a [u32] {
        self.cells.get(self.layout.groups..self.layout.groups + rules).unwrap_or(&[])
    }
}

impl Index {
    pub fn rows(&self) -> usize {
        self.record_ids.len()
    }

    #[inline]
    pub fn row(&self, row: u32) -> Row<'_> {
        let start = row as usize * self.layout.width;
        Row { cells: self.cells.get(start..start + self.layout.width).unwrap_or(&[]), layout: &self.layout }
    }

    /// The groups of a rule: the records of group `g` (from 1) are `rows[starts[g - 1]..starts[g]]`, in row order.
    pub fn groups(&self, rule: usize) -> (Vec<u32>, Vec<u32>) {
        let count = self.rules.get(rule).map_or(0, |r| r.groups as usize);
        let group = |row: u32| self.row(row).groups(rule + 1).last().copied().unwrap_or(0) as usize;
        let rows = 0..self.rows() as u32;
        let mut starts = vec![0u32; count + 1];
        for row in rows.clone() {
            if let Some(size) = starts.get_mut(group(row)) {
                *size += 1;
            }
        }
        // The first entry counted the records of no group.
        starts.iter_mut().take(1).for_each(|none| *none = 0);
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut next = starts.clone();
        let mut order = vec![0u32; total as usize];
        for row in rows {
            if let Some(slot) = group(row).checked_sub(1).and_then(|before| next.get_mut(before)) {
                if let Some(place) = order.get_mut(*slot as usize) {
                    *place = row;
                }
                *slot += 1;
            }
        }
        (order, starts)
    }
}

/// A column of `features` to be coded, with the cell it fills.
enum Task {
    Values { comparison: usize, with: Option<usize> },
    Hard { column: String, cell: usize },
    Rule { number: usize, cell: usize },
}

/// What a task found; columns are as long as the table.
enum Found {
    Values { comparison: usize, first: Vec<u32>, second: Option<(usize, Vec<u32>)>, texts: Texts, counts: Vec<u32> },
    Hard { cell: usize, codes: Vec<u32> },
    Rule { number: usize, cell: usize, blocks: Blocks, groups: Vec<u32> },
}

/// Codes `features`.
pub async fn index(context: &Context, wanted: Wanted) -> Result<Index> {
    let comparisons = wanted.with.len();
    let mut next = comparisons;
    let mut cell = || {
        next += 1;
        next - 1
    };
    let with: Vec<Option<usize>> = wanted.with.iter().map(|has| has.then(&mut cell)).collect();
    let mut tasks: Vec<Task> =
        with.iter().enumerate().map(|(comparison, with)| Task::Values { comparison, with: *with }).collect();
    let mut hard = |prefix: &str, count: usize| {
        let cells: Vec<usize> = (0..count).map(|_| cell()).collect();
        let named = cells.iter().enumerate();
        tasks.extend(named.map(|(i, cell)| Task::Hard { column: format!("{prefix}{i}"), cell: *cell }));
        cells.first().map_or(0..0, |first| *first..first + count)
    };
    let (never, always) = (hard("n", wanted.never), hard("a", wanted.always));
    let groups = cell();
    let rules = wanted.rules.len();
    tasks.extend((0..rules).map(|number| Task::Rule { number, cell: groups + number }));
    let layout = Layout { width: (groups + rules).max(1), with, never, always, groups };

    let record_ids = integers(&context.store, "record_id")?.into_iter().map(|id| id.unwrap_or(0)).collect::<Vec<_>>();
    let rows = record_ids.len();
    u32::try_from(rows).map_err(|_| Error::input("more than four billion records"))?;
    let budget = (context.options.limits.memory / TEXT_SHARE) as usize / comparisons.max(1);
    let worker = Arc::new(Worker { store: context.store.clone(), spill: context.spill_folder(), budget, rows, wanted });
    let mut cells = vec![0u32; rows * layout.width];
    let mut fill = |cell: usize, column: &[u32]| {
        for (row, code) in cells.chunks_exact_mut(layout.width).zip(column) {
            if let Some(slot) = row.get_mut(cell) {
                *slot = *code;
            }
        }
    };
    let mut texts: Vec<Option<(Texts, Vec<u32>)>> = (0..comparisons).map(|_| None).collect();
    let mut found_rules: Vec<Blocks> = vec![Blocks::default(); rules];
    let mut results = futures::stream::iter(tasks)
        .map(|task| {
            let worker = worker.clone();
            async move { super::super::parts::blocking(move || worker.run(task)).await }
        })
        .buffer_unordered(context.options.limits.threads);
    while let Some(found) = results.try_next().await? {
        context.cancel.check()?;
        match found {
            Found::Values { comparison, first, second, texts: found, counts } => {
                fill(comparison, &first);
                if let Some((cell, codes)) = second {
                    fill(cell, &codes);
                }
                if let Some(slot) = texts.get_mut(comparison) {
                    *slot = Some((found, counts));
                }
            }
            Found::Hard { cell, codes } => fill(cell, &codes),
            Found::Rule { number, cell, blocks, groups } => {
                fill(cell, &groups);
                if let Some(slot) = found_rules.get_mut(number) {
                    *slot = blocks;
                }
            }
        }
    }
    drop(results);
    let (texts, counts) = texts.into_iter().flatten().unzip();
    Ok(Index { record_ids, cells, layout, texts, counts, rules: found_rules })
}

struct Worker {
    store: Store,
    spill: PathBuf,
    budget: usize,
    rows: usize,
    wanted: Wanted,
}

impl Worker {
    fn run(&self, task: Task) -> Result<Found> {
        match task {
            Task::Values { comparison, with } => self.values(comparison, with),
            Task::Hard { column, cell } => Ok(Found::Hard { cell, codes: self.hard(&column)? }),
            Task::Rule { number, cell } => self.rule(number, cell),
        }
    }

    /// Both columns of a comparison in one set of codes, so that first and second values can be compared.
    fn values(&self, comparison: usize, with: Option<usize>) -> Result<Found> {
        let path = self.spill.join(format!("values{comparison}"));
        let mut interner = Interner::new(self.budget, &path);
        let (mut first, mut second) = (Vec::with_capacity(self.rows), Vec::new());
        let (name, name_with) = (format!("c{comparison}"), format!("w{comparison}"));
        for part in self.store.parts(FEATURES)? {
            for batch in read_coded(&part, &[&name])? {
                first.extend(interner.codes(&batch?, 0)?);
            }
        }
        for code in &first {
            if let Some(count) = interner.counts.get_mut(*code as usize).filter(|_| *code > 0) {
                *count += 1;
            }
        }
        if with.is_some() {
            second.reserve(self.rows);
            for part in self.store.parts(FEATURES)? {
                for batch in read_coded(&part, &[&name_with])? {
                    second.extend(interner.codes(&batch?, 0)?);
                }
            }
        }
        let (texts, counts) = interner.finish()?;
        Ok(Found::Values { comparison, first, second: with.map(|cell| (cell, second)), texts, counts })
    }

    fn hard(&self, column: &str) -> Result<Vec<u32>> {
        let mut known: Numbers<u32> = Numbers::default();
        let code = |value: Option<i64>| {
            value.map_or(0, |value| {
                let next = known.len() as u32 + 1;
                *known.entry(value.unsigned_abs()).or_insert(next)
            })
        };
        Ok(integers(&self.store, column)?.into_iter().map(code).collect())
    }

    fn rule(&self, number: usize, cell: usize) -> Result<Found> {
        let rule = self.wanted.rules.get(number).ok_or_else(|| Error::Internal("a blocking rule is missing".into()))?;
        let keys = integers(&self.store, &format!("k{number}"))?;
        let keys: Vec<(i64, u32)> = keys.into_iter().zip(0..).filter_map(|(key, row)| Some((key?, row))).collect();
        let finer = if rule.has_split { Some(integers(&self.store, &format!("s{number}"))?) } else { None };
        let (blocks, groups) = blocks(keys, finer.as_deref(), self.rows, rule.max_block, self.wanted.sampling);
        Ok(Found::Rule { number, cell, blocks, groups })
    }
}

/// A number column of `features`, in row order.
pub fn integers(store: &Store, column: &str) -> Result<Vec<Option<i64>>> {
    let mut all = Vec::new();
    for part in store.parts(FEATURES)? {
        for batch in read_coded(&part, &[column])? {
            let batch = batch?;
            let numbers = batch.columns().first().and_then(|c| c.as_primitive_opt::<Int64Type>());
            let numbers = numbers.ok_or_else(|| Error::Internal(format!("no column {column}")))?;
            all.extend(numbers.iter());
        }
    }
    Ok(all)
}

#[cfg(test)]
impl Index {
    /// Records that have groups and nothing else.
    pub fn of_groups(rules: Vec<(Blocks, Vec<u32>)>) -> Self {
        let rows = rules.first().map_or(0, |(_, groups)| groups.len());
        let width = rules.len().max(1);
        let cells = (0..rows).flat_map(|row| rules.iter().map(move |(_, groups)| groups[row])).collect();
        Self {
            record_ids: (0..rows as i64).collect(),
            cells,
            layout: Layout { width, with: vec![], never: 0..0, always: 0..0, groups: 0 },
            texts: vec![],
            counts: vec![],
            rules: rules.into_iter().map(|(blocks, _)| blocks).collect(),
        }
    }
}
