//! Names within a few typing mistakes of a word. Enters: sorted ASCII names and a word. Leaves: those near it.
//! Never here: which of them is meant.
//!
//! The sorted list is walked as a tree of shared beginnings: rows of the distance table are kept for the beginning
//! that a name shares with the one before it, and all names under a beginning already too far away are passed
//! over at once. So no index beside the order is needed.

/// Longest word that is compared, in bytes; names of places and streets are shorter.
const LONGEST: usize = 64;

/// How many mistakes a word of this length may have: none below four letters, one below eight, else two.
/// Damerau (1964) found four of five misspellings to be a single mistake; short names have too many neighbours.
pub(super) fn allowance(folded: &str) -> usize {
    match folded.len() {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

/// Visits every name (by its position) within `max` mistakes: a letter too many, too few, another one, or two
/// neighbours swapped (optimal string alignment). Names whose digits differ are never near each other.
pub(crate) fn near<'n>(
    count: usize,
    name: impl Fn(usize) -> &'n str,
    word: &str,
    max: usize,
    mut visit: impl FnMut(usize, usize),
) {
    let word = word.as_bytes();
    if word.is_empty() || word.len() > LONGEST || max == 0 {
        return;
    }
    let mut table = Table::new(word, max);
    let mut before: &[u8] = b"";
    let mut at = 0;
    while at < count {
        let bytes = name(at).as_bytes();
        let shared = bytes.iter().zip(before).take_while(|(a, b)| a == b).count();
        if let Some(depth) = table.extend(bytes, shared) {
            let prefix = bytes.get(..depth).unwrap_or(bytes);
            at = after_prefix(at, count, &name, prefix);
            before = prefix;
            continue;
        }
        let distance = table.distance(bytes.len());
        if distance <= max && digits(bytes).eq(digits(word)) {
            visit(at, distance);
        }
        before = bytes;
        at += 1;
    }
}

/// Distances between the beginnings of a name (rows) and of the word (columns), as far as they can stay within
/// the allowance: the others are [`FAR`].
struct Table<'w> {
    word: &'w [u8],
    max: usize,
    cells: Vec<u8>,
}

const FAR: u8 = u8::MAX / 2;

impl<'w> Table<'w> {
    fn new(word: &'w [u8], max: usize) -> Self {
        let width = word.len() + 1;
        let mut cells = vec![FAR; width * (word.len() + max + 2)];
        cells.iter_mut().take(max + 1).take(width).enumerate().for_each(|(column, cell)| *cell = column as u8);
        Self { word, max, cells }
    }

    fn cell(&self, row: usize, column: usize) -> u8 {
        self.cells.get(row * (self.word.len() + 1) + column).copied().unwrap_or(FAR)
    }

    fn distance(&self, length: usize) -> usize {
        usize::from(self.cell(length, self.word.len()))
    }

    /// Computes the rows of a name after the first `known`; at which length no name that goes on so can be near.
    fn extend(&mut self, name: &[u8], known: usize) -> Option<usize> {
        (known + 1..=name.len()).find(|row| {
            // A swap reaches back over two rows.
            let least = self.fill(name, *row);
            usize::from(least) > self.max && usize::from(self.least(row - 1)) >= self.max
        })
    }

    fn band(&self, row: usize) -> std::ops::RangeInclusive<usize> {
        row.saturating_sub(self.max)..=(row + self.max).min(self.word.len())
    }

    fn least(&self, row: usize) -> u8 {
        self.band(row).map(|column| self.cell(row, column)).min().unwrap_or(FAR)
    }

    /// Fills a row and tells its least cell.
    fn fill(&mut self, name: &[u8], row: usize) -> u8 {
        let (width, band) = (self.word.len() + 1, self.band(row));
        let letter = name.get(row - 1).copied();
        let before = row.checked_sub(2).and_then(|r| name.get(r)).copied();
        let (mut least, mut left, mut word_before) = (FAR, FAR, None);
        if let Some(edge) = band.start().checked_sub(1) {
            word_before = edge.checked_sub(1).and_then(|c| self.word.get(c)).copied();
            if let Some(cell) = self.cells.get_mut(row * width + edge) {
                *cell = FAR;
            }
        }
        let end = *band.end();
        for column in band {
            let here = column.checked_sub(1).and_then(|c| self.word.get(c)).copied();
            let mut best = self.cell(row - 1, column).min(left) + 1;
            if let Some(c) = column.checked_sub(1) {
                best = best.min(self.cell(row - 1, c) + u8::from(here != letter));
                if c > 0 && row > 1 && letter == word_before && before == here {
                    best = best.min(self.cell(row - 2, c - 1) + 1);
                }
            }
            let best = best.min(FAR);
            if let Some(cell) = self.cells.get_mut(row * width + column) {
                *cell = best;
            }
            (least, left, word_before) = (least.min(best), best, here);
        }
        if end + 1 < width
            && let Some(cell) = self.cells.get_mut(row * width + end + 1)
        {
            *cell = FAR;
        }
        least
    }
}

/// The first position whose name does not begin with the prefix: doubling steps, then halving.
fn after_prefix<'n>(from: usize, count: usize, name: &impl Fn(usize) -> &'n str, prefix: &[u8]) -> usize {
    let inside = |at: usize| at < count && name(at).as_bytes().starts_with(prefix);
    let mut step = 1;
    while inside(from + step) {
        step *= 2;
    }
    let (mut low, mut high) = (from + step / 2, (from + step).min(count));
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        if inside(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high.max(from + 1)
}

fn digits(text: &[u8]) -> impl Iterator<Item = &u8> {
    text.iter().filter(|b| b.is_ascii_digit())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(names: &[String], word: &str, max: usize) -> Vec<(String, usize)> {
        let mut out = Vec::new();
        near(names.len(), |n| names[n].as_str(), word, max, |n, d| out.push((names[n].clone(), d)));
        out
    }

    #[test]
    fn mistakes_are_counted_as_typists_make_them() {
        let names = ["lublin", "lubin", "lubliniec", "warszawa", "ancverini 1", "ancverini 2"].map(String::from);
        let mut names = names.to_vec();
        names.sort();
        assert_eq!(found(&names, "lulbin", 1), [("lubin".to_string(), 1), ("lublin".to_string(), 1)]);
        assert_eq!(found(&names, "wraszawa", 1), [("warszawa".to_string(), 1)]);
        assert_eq!(found(&names, "ancverini 3", 2), []);
        assert_eq!(found(&names, "ancverin 1", 2), [("ancverini 1".to_string(), 1)]);
    }

    proptest! {
        /// The walk passes names over; a plain comparison of all of them finds the same.
        #[test]
        fn the_walk_finds_what_comparing_all_finds(
            names in prop::collection::btree_set("[ab]{0,6}c?[ab1]{0,3}", 0..40),
            word in "[abc1]{1,9}",
            max in 1_usize..3,
        ) {
            let names: Vec<String> = names.into_iter().collect();
            let all: Vec<(String, usize)> = names
                .iter()
                .map(|n| (n.clone(), strsim::osa_distance(n, &word)))
                .filter(|(n, d)| *d <= max && digits(n.as_bytes()).eq(digits(word.as_bytes())))
                .collect();
            prop_assert_eq!(found(&names, &word, max), all);
        }
    }
}
