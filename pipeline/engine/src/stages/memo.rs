//! Results of row-by-row work, remembered by its inputs: real data repeat names, dates and places. Enter: the texts a
//! result follows from. Leaves: the cells it had the last time. A bounded store per thread; it decides no value.

use super::columns::TextRow;
use std::collections::HashMap;
use std::sync::Mutex;
use zlato_core::value::Assessment;

/// Results that a store holds; a full one is emptied.
const REMEMBERED: usize = 1 << 17;

/// Length of a cell that is null.
const NULL: u32 = u32::MAX;

/// Neighbouring cells of one row.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    text: String,
    lengths: Vec<u32>,
}

impl Cells {
    pub fn push(&mut self, value: Option<impl AsRef<str>>) {
        let value = value.as_ref().map(AsRef::as_ref);
        self.text.push_str(value.unwrap_or(""));
        self.lengths.push(value.map_or(NULL, |v| v.len() as u32));
    }

    /// The three last columns of every validated value: verdict, reason, suggestion.
    pub fn assess(&mut self, assessment: &Assessment) {
        self.push(Some(assessment.verdict.as_str()));
        self.push(assessment.reason);
        self.push(assessment.suggestion.as_deref());
    }

    fn write(&self, mut row: TextRow<'_>) {
        let mut start = 0;
        for length in &self.lengths {
            let end = if *length == NULL { start } else { start + *length as usize };
            row.push(self.text.get(start..end).filter(|_| *length != NULL));
            start = end;
        }
    }
}

/// Results by inputs, of one kind of work.
#[derive(Debug, Default)]
pub struct Memo {
    known: HashMap<Box<[u8]>, Cells>,
    key: Vec<u8>,
}

impl Memo {
    /// Writes the cells for these inputs; `work` makes them where they are not remembered.
    pub fn row(&mut self, inputs: &[Option<&str>], row: TextRow<'_>, work: impl FnOnce(&mut Cells)) {
        self.key.clear();
        for input in inputs {
            self.key.extend_from_slice(&input.map_or(NULL, |text| text.len() as u32).to_le_bytes());
            self.key.extend_from_slice(input.unwrap_or("").as_bytes());
        }
        if let Some(cells) = self.known.get(self.key.as_slice()) {
            cells.write(row);
            return;
        }
        let mut cells = Cells::default();
        work(&mut cells);
        cells.write(row);
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        cells.text.shrink_to_fit();
        cells.lengths.shrink_to_fit();
        self.known.insert(self.key.as_slice().into(), cells);
    }
}

/// Stores that threads borrow for a batch.
#[derive(Debug, Default)]
pub struct Memos(Mutex<Vec<Vec<Memo>>>);

impl Memos {
    /// Runs `work` with `kinds` stores that no other thread uses at the time.
    pub fn with<T>(&self, kinds: usize, work: impl FnOnce(&mut [Memo]) -> T) -> T {
        let mut memos = self.0.lock().ok().and_then(|mut all| all.pop()).unwrap_or_default();
        memos.resize_with(kinds.max(memos.len()), Memo::default);
        let result = work(&mut memos);
        if let Ok(mut all) = self.0.lock() {
            all.push(memos);
        }
        result
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::columns::TextColumns;
    use super::*;
    use arrow::array::{Array, AsArray};

    #[test]
    fn the_second_time_gives_the_same_cells_without_work() {
        let memos = Memos::default();
        let mut worked = 0;
        let mut out = TextColumns::new(4, 4);
        memos.with(1, |memos| {
            for inputs in [[Some("ab"), None], [Some("a"), Some("b")], [Some("ab"), None], [Some("ab"), Some("")]] {
                memos[0].row(&inputs, out.row(), |cells| {
                    worked += 1;
                    cells.push(inputs[0]);
                    cells.push(None::<&str>);
                    cells.push(inputs[1]);
                });
            }
        });
        assert_eq!(worked, 3);
        let columns = out.finish();
        let texts = |i: usize| columns[i].as_string::<i32>().iter().collect::<Vec<_>>();
        assert_eq!(texts(0), [Some("ab"), Some("a"), Some("ab"), Some("ab")]);
        assert_eq!(texts(2), [None, Some("b"), None, Some("")]);
        assert!(columns[1].null_count() == 4 && columns[3].null_count() == 4);
    }
}
