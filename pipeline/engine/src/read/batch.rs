//! Rows on their way to Arrow: column-wise text, plus the rows that were refused.
//! In: validated UTF-8 fields. Out: buffers that Arrow takes over without copying.
//! Never here: decisions about what is a good row.

/// One column of a batch: the layout of an Arrow `StringArray`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// All texts of the column end to end; UTF-8, each text whole in itself.
    pub values: Vec<u8>,
    /// `rows + 1` positions in `values`; a null is an empty stretch.
    pub offsets: Vec<i32>,
    /// False where the value is null.
    pub valid: Vec<bool>,
}

impl Default for Column {
    fn default() -> Self {
        Self { values: Vec::new(), offsets: vec![0], valid: Vec::new() }
    }
}

impl Column {
    pub fn len(&self) -> usize {
        self.valid.len()
    }

    pub fn is_empty(&self) -> bool {
        self.valid.is_empty()
    }

    /// The text of a row; `None` for null and beyond the end.
    pub fn get(&self, row: usize) -> Option<&str> {
        if !*self.valid.get(row)? {
            return None;
        }
        let start = usize::try_from(*self.offsets.get(row)?).ok()?;
        let end = usize::try_from(*self.offsets.get(row + 1)?).ok()?;
        std::str::from_utf8(self.values.get(start..end)?).ok()
    }

    /// `None` is null. The batch is closed long before `values` outgrows `i32`.
    pub(super) fn push(&mut self, text: Option<&[u8]>) {
        if let Some(text) = text {
            self.values.extend_from_slice(text);
        }
        self.offsets.push(i32::try_from(self.values.len()).unwrap_or(i32::MAX));
        self.valid.push(text.is_some());
    }

    fn clear(&mut self) {
        self.values.clear();
        self.offsets.clear();
        self.offsets.push(0);
        self.valid.clear();
    }
}

/// A row that is not delivered as a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Physical line, from 1, on which the row starts.
    pub line: u64,
    /// CSV: the field, from 1. NDJSON: the character of the line, from 1.
    pub column: Option<u64>,
    /// One of [`super::REASONS`].
    pub reason: &'static str,
    /// Counts and positions; never a value of the row.
    pub detail: String,
    /// The row as it was, without its line ending; beyond [`RAW_LIMIT`] bytes cut off with a mark.
    pub raw: String,
}

/// Up to how many bytes of a refused row are kept.
pub const RAW_LIMIT: usize = 8 * 1024;
/// A batch is full at so many rows...
const FULL_ROWS: usize = 8192;
/// ... or so many bytes, whichever comes first.
const FULL_BYTES: usize = 8 * 1024 * 1024;

/// Up to 8192 rows (fewer when they are long) and the rows refused among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowBatch {
    /// In the order of [`super::Opened::columns`], all of the same length.
    pub columns: Vec<Column>,
    /// For every row the physical line, from 1, on which it starts.
    pub lines: Vec<u64>,
    /// In the order of the file.
    pub rejected: Vec<Rejected>,
    bytes: usize,
}

impl RowBatch {
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of good rows.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Neither rows nor refused rows.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.rejected.is_empty()
    }

    pub(super) fn reset(&mut self, columns: usize) {
        self.columns.resize_with(columns, Column::default);
        self.columns.iter_mut().for_each(Column::clear);
        self.lines.clear();
        self.rejected.clear();
        self.bytes = 0;
    }

    pub(super) fn full(&self) -> bool {
        self.lines.len() + self.rejected.len() >= FULL_ROWS || self.bytes >= FULL_BYTES
    }

    /// The caller has pushed one value to every column.
    pub(super) fn row_done(&mut self, line: u64, bytes: usize) {
        self.lines.push(line);
        self.bytes += bytes;
    }

    pub(super) fn reject(&mut self, rejected: Rejected) {
        self.bytes += rejected.raw.len() + rejected.detail.len();
        self.rejected.push(rejected);
    }
}

/// The first bytes of a row as text; `total` is the length of the whole row.
pub(super) fn raw_text(head: &[u8], total: u64) -> String {
    let kept = head.get(..RAW_LIMIT).unwrap_or(head);
    let cut = total > kept.len() as u64;
    let whole = if cut { whole_characters(kept) } else { kept };
    let mut text = String::from_utf8_lossy(whole).into_owned();
    if cut {
        text.push_str(&format!(" …[cut, {total} bytes in all]"));
    }
    text
}

/// Without the character that a cut at the end has split.
fn whole_characters(bytes: &[u8]) -> &[u8] {
    for back in 1..=3.min(bytes.len()) {
        let at = bytes.len() - back;
        match bytes.get(at) {
            Some(b) if *b >= 0xC0 => return bytes.get(..at).unwrap_or(bytes),
            Some(b) if *b < 0x80 => return bytes,
            _ => {}
        }
    }
    bytes
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_long_raw_row_is_cut_between_characters() {
        let long = "ž".repeat(RAW_LIMIT);
        let text = raw_text(format!("a{long}").as_bytes(), 1 + long.len() as u64);
        assert!(text.ends_with("ž …[cut, 16385 bytes in all]"), "{}", text.len());
        assert!(!text.contains('\u{FFFD}'));
        assert_eq!(raw_text(b"short", 5), "short");
    }

    #[test]
    fn values_come_back_and_nulls_differ_from_empty() {
        let mut column = Column::default();
        column.push(Some(b"a"));
        column.push(None);
        column.push(Some(b""));
        assert_eq!(column.get(0), Some("a"));
        assert_eq!(column.get(1), None);
        assert_eq!(column.get(2), Some(""));
        assert_eq!(column.get(3), None);
        assert_eq!(column.offsets, [0, 1, 1, 1]);
    }
}
