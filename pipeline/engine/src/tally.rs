//! Rows counted by what some of their columns say. Enter: the parts of a table. Leaves: a number for each combination that
//! occurs. Never here: a text for every row; columns are read as codes, and only what occurs becomes text.

use crate::error::{Error, Result};
use crate::stages::parts::parallel;
use crate::store::{Store, read_coded_beside};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int32Type;
use std::collections::BTreeMap;
use std::path::Path;

/// What rows are counted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The value of a column of texts, or of a flag as `true` and `false`.
    Value(String),
    /// Whether a column has a value: `true` or `false`.
    Present(String),
}

impl By {
    pub fn value(column: &str) -> Self {
        Self::Value(column.into())
    }

    /// The column that is looked at.
    pub fn column(&self) -> &str {
        match self {
            Self::Value(column) | Self::Present(column) => column,
        }
    }
}

/// Rows of each combination; none stands for null.
pub type Tally = BTreeMap<Vec<Option<String>>, u64>;

/// Combinations that are counted in a plain list; more than these never meet in one part of a table that is counted.
const FEW: usize = 1 << 18;

/// Counts the rows of a table once for each group, parts in parallel. A table that is not there has no rows.
pub async fn of_table(store: &Store, table: &str, groups: Vec<Vec<By>>, threads: usize) -> Result<Vec<Tally>> {
    let mut found = vec![Tally::new(); groups.len()];
    let parts = if store.exists(table) { store.parts(table)? } else { vec![] };
    for tallies in parallel(threads, parts, move |part| of_part(&part, &groups)).await? {
        for (sum, tally) in found.iter_mut().zip(tallies) {
            add(sum, tally);
        }
    }
    Ok(found)
}

/// Adds the rows of one tally to those of another.
pub fn add(sum: &mut Tally, tally: Tally) {
    for (combination, rows) in tally {
        *sum.entry(combination).or_default() += rows;
    }
}

/// Counts the rows of one part.
pub fn of_part(part: &Path, groups: &[Vec<By>]) -> Result<Vec<Tally>> {
    let columns = |of: fn(&By) -> bool| {
        let mut columns: Vec<&str> = groups.iter().flatten().filter(|by| of(by)).map(By::column).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    };
    let coded = columns(|by| matches!(by, By::Value(_)));
    let mut plain = columns(|by| matches!(by, By::Present(_)));
    plain.retain(|column| !coded.contains(column));
    let mut found = vec![Tally::new(); groups.len()];
    if coded.is_empty() && plain.is_empty() {
        return Ok(found);
    }
    for batch in read_coded_beside(part, &coded, &plain)? {
        let batch = batch?;
        for (tally, group) in found.iter_mut().zip(groups) {
            let columns = group.iter().map(|by| Codes::new(&batch, by)).collect::<Result<Vec<_>>>()?;
            count(&columns, batch.num_rows(), tally);
        }
    }
    Ok(found)
}

/// A column in codes: for every row its place among the texts.
struct Codes {
    rows: Vec<usize>,
    texts: Vec<Option<String>>,
}

impl Codes {
    fn new(batch: &RecordBatch, by: &By) -> Result<Self> {
        let name = by.column();
        let column = batch.column_by_name(name).ok_or_else(|| Error::Internal(format!("no column {name}")))?;
        let yes_or_no = || vec![None, Some("false".to_string()), Some("true".to_string())];
        if let By::Present(_) = by {
            let rows = (0..column.len()).map(|row| 1 + usize::from(column.is_valid(row))).collect();
            return Ok(Self { rows, texts: yes_or_no() });
        }
        if let Some(flags) = column.as_boolean_opt() {
            let rows = flags.iter().map(|flag| flag.map_or(0, |flag| 1 + usize::from(flag))).collect();
            return Ok(Self { rows, texts: yes_or_no() });
        }
        let coded = column.as_dictionary_opt::<Int32Type>();
        let texts = coded.and_then(|c| Some((c, c.values().as_string_opt::<i32>()?)));
        let (coded, texts) = texts.ok_or_else(|| Error::Internal(format!("{name} cannot be counted by")))?;
        let place = |code: Option<i32>| code.and_then(|code| usize::try_from(code).ok()).map_or(0, |code| code + 1);
        Ok(Self {
            rows: coded.keys().iter().map(place).collect(),
            texts: std::iter::once(None).chain(texts.iter().map(|text| text.map(String::from))).collect(),
        })
    }

    fn text(&self, place: usize) -> Option<String> {
        self.texts.get(place).cloned().flatten()
    }
}

fn count(columns: &[Codes], rows: usize, tally: &mut Tally) {
    let combinations = columns.iter().try_fold(1usize, |n, column| n.checked_mul(column.texts.len()));
    let Some(combinations) = combinations.filter(|n| *n <= FEW) else {
        for row in 0..rows {
            let combination = columns.iter().map(|c| c.rows.get(row).and_then(|place| c.text(*place))).collect();
            *tally.entry(combination).or_default() += 1;
        }
        return;
    };
    let mut keys = vec![0usize; rows];
    for column in columns {
        for (key, place) in keys.iter_mut().zip(&column.rows) {
            *key = *key * column.texts.len() + place;
        }
    }
    let mut counts = vec![0u64; combinations];
    for key in keys {
        if let Some(n) = counts.get_mut(key) {
            *n += 1;
        }
    }
    for (mut key, n) in counts.into_iter().enumerate().filter(|(_, n)| *n > 0) {
        let mut combination = Vec::with_capacity(columns.len());
        for column in columns.iter().rev() {
            combination.push(column.text(key % column.texts.len()));
            key /= column.texts.len();
        }
        combination.reverse();
        *tally.entry(combination).or_default() += n;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::progress::Cancel;
    use crate::tables;
    use arrow::array::{ArrayRef, BooleanArray, StringArray};
    use arrow::datatypes::{DataType, Field};
    use proptest::prelude::*;
    use std::sync::Arc;

    type Row = (Option<u8>, Option<bool>, Option<u16>);

    fn text(row: &Row) -> (Option<String>, Option<bool>, Option<String>) {
        (row.0.map(|n| format!("ž{n}")), row.1, row.2.map(|n| n.to_string()))
    }

    fn store(folder: &Path, rows: &[Row], cut: usize) -> Store {
        let store = Store::new(folder, Arc::new(Cancel::default()));
        std::fs::create_dir_all(store.folder()).unwrap();
        let schema = tables::schema(vec![
            tables::text("word"),
            Field::new("flag", DataType::Boolean, true),
            tables::text("many"),
        ]);
        let table = store.begin("rows", schema.clone()).unwrap();
        for (number, rows) in rows.chunks(cut).enumerate() {
            let rows: Vec<_> = rows.iter().map(text).collect();
            let columns: Vec<ArrayRef> = vec![
                Arc::new(rows.iter().map(|r| r.0.clone()).collect::<StringArray>()),
                Arc::new(rows.iter().map(|r| r.1).collect::<BooleanArray>()),
                Arc::new(rows.iter().map(|r| r.2.clone()).collect::<StringArray>()),
            ];
            let mut part = table.part(number).unwrap();
            part.write(&RecordBatch::try_new(schema.clone(), columns).unwrap()).unwrap();
            part.finish().unwrap();
        }
        table.finish().unwrap();
        store
    }

    fn expected(rows: &[Row]) -> [Tally; 3] {
        let mut all: [Tally; 3] = Default::default();
        for (word, flag, many) in rows.iter().map(text) {
            let flag = flag.map(|f| f.to_string());
            *all[0].entry(vec![word.clone(), flag]).or_default() += 1;
            *all[1].entry(vec![Some(many.is_some().to_string()), word.clone()]).or_default() += 1;
            *all[2].entry(vec![many.clone(), word, many]).or_default() += 1;
        }
        all
    }

    fn counted(rows: &[Row], cut: usize) -> Vec<Tally> {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), rows, cut);
        let groups = vec![
            vec![By::value("word"), By::value("flag")],
            vec![By::Present("many".into()), By::value("word")],
            vec![By::value("many"), By::value("word"), By::value("many")],
        ];
        tokio::runtime::Runtime::new().unwrap().block_on(of_table(&store, "rows", groups, 2)).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn every_row_is_counted_once_by_each_group(
            rows in proptest::collection::vec(
                (proptest::option::of(0u8..3), proptest::option::of(any::<bool>()), proptest::option::of(0u16..6)), 0..80),
            cut in 1usize..40,
        ) {
            prop_assert_eq!(counted(&rows, cut), expected(&rows));
        }
    }

    #[test]
    fn more_combinations_than_a_list_holds_are_counted_all_the_same() {
        let rows: Vec<Row> = (0..3_000).map(|n| (Some((n % 251) as u8), Some(n % 2 == 0), Some(n))).collect();
        assert_eq!(counted(&rows, 2_000), expected(&rows));
    }

    #[test]
    fn a_table_that_is_not_there_has_no_rows() {
        let store = Store::new(Path::new("nowhere"), Arc::new(Cancel::default()));
        let groups = vec![vec![By::value("word")]];
        let runtime = tokio::runtime::Runtime::new().unwrap();
        assert_eq!(runtime.block_on(of_table(&store, "rows", groups, 2)).unwrap(), vec![Tally::new()]);
    }
}
