//! Results of row-by-row work, remembered by its inputs: real data repeat names, dates and places. Enter: the texts a
//! result follows from. Leaves: the cells it had the last time. A bounded store per thread; it decides no value.

use super::columns::TextRow;
use crate::session::Limits;
use std::collections::HashMap;
use std::sync::Mutex;
use zlato_core::value::Assessment;

/// Share of the memory limit for all stores of a stage.
const SHARE: u64 = 16;

/// Bytes of an entry besides its texts.
const ENTRY_BYTES: usize = 96;

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

/// Results by inputs, of one kind of work. A full store is emptied.
#[derive(Debug)]
pub struct Memo {
    known: HashMap<Box<[u8]>, Cells>,
    key: Vec<u8>,
    bytes: usize,
    budget: usize,
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
        let bytes = ENTRY_BYTES + self.key.len() + cells.text.len() + 4 * cells.lengths.len();
        if self.bytes + bytes > self.budget {
            self.known.clear();
            self.bytes = 0;
        }
        self.bytes += bytes;
        cells.text.shrink_to_fit();
        cells.lengths.shrink_to_fit();
        self.known.insert(self.key.as_slice().into(), cells);
    }
}

/// Stores that threads borrow for a batch, one a kind of work.
#[derive(Debug)]
pub struct Memos {
    idle: Mutex<Vec<Vec<Memo>>>,
    kinds: usize,
    budget: usize,
}

impl Memos {
    pub fn new(limits: Limits, kinds: usize) -> Self {
        let budget = limits.memory / SHARE / (limits.threads.max(1) * kinds.max(1)) as u64;
        Self { idle: Mutex::default(), kinds, budget: usize::try_from(budget).unwrap_or(usize::MAX) }
    }

    /// Runs `work` with stores that no other thread uses at the time.
    pub fn with<T>(&self, work: impl FnOnce(&mut [Memo]) -> T) -> T {
        let new = || Memo { known: HashMap::new(), key: Vec::new(), bytes: 0, budget: self.budget };
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let mut memos = idle.unwrap_or_else(|| (0..self.kinds).map(|_| new()).collect());
        let result = work(&mut memos);
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(memos);
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
        let memos = Memos::new(Limits { memory: 1 << 20, threads: 1 }, 1);
        let mut worked = 0;
        let mut out = TextColumns::new(4, 4);
        memos.with(|memos| {
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
        memos.with(|memos| {
            for number in 0..2_000 {
                let text = number.to_string();
                memos[0].row(&[Some(&text)], TextColumns::new(1, 1).row(), |cells| cells.push(Some(&text)));
                assert!(memos[0].bytes <= 1 << 16 && memos[0].known.len() < 700);
            }
        });
        let columns = out.finish();
        let texts = |i: usize| columns[i].as_string::<i32>().iter().collect::<Vec<_>>();
        assert_eq!(texts(0), [Some("ab"), Some("a"), Some("ab"), Some("ab")]);
        assert_eq!(texts(2), [None, Some("b"), None, Some("")]);
        assert!(columns[1].null_count() == 4 && columns[3].null_count() == 4);
    }
}
