//! Which delimiter a CSV file uses, and what its header says.
//! In: a sample of text. Out: delimiter, column names, notes; or a clear error.
//! Never here: data rows beyond the sample.

use super::csv::{self, Dialect, Fields, Split};
use super::error::Note;
use std::collections::BTreeSet;

/// Delimiters that are tried, in this order where nothing else decides.
pub(super) const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
/// At most so many records of the sample are counted.
const RECORDS: usize = 500;

/// How well a delimiter fits the sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    pub delimiter: u8,
    /// Fields of the first record.
    pub header: usize,
    /// The most frequent number of fields among the records after the first.
    pub usual: usize,
    /// Share, 0 to 1, of those records with as many fields as the first; 1 if there are none.
    pub agree: f64,
    /// Share, 0 to 1, of those records with the usual number of fields; 1 if there are none.
    pub same: f64,
    /// Records after the first.
    pub records: usize,
}

impl Fit {
    /// Consistent first, then many columns; 0 for a single column.
    fn score(&self) -> f64 {
        if self.header < 2 {
            return 0.0;
        }
        let columns = self.header as f64;
        (0.05 + self.agree) * columns / (columns + 1.0)
    }

    /// Whether the rows of the sample can mostly have so many columns.
    pub fn rows_agree_on(&self, columns: usize) -> bool {
        self.records < 2 || self.usual == columns || self.same < 0.9
    }
}

/// Counts the fields of the sample's records. `end`: the file ends with the sample.
pub(super) fn fit(sample: &[u8], end: bool, dialect: Dialect) -> Fit {
    let mut counts = Vec::new();
    let mut fields = Fields::default();
    let mut rest = sample;
    while !rest.is_empty() && counts.len() < RECORDS {
        let next = match csv::split(rest, end, dialect, 0, &mut fields) {
            Split::Record { length: 0, next } => next,
            Split::Record { next, .. } => {
                counts.push(fields.list.len());
                next
            }
            Split::Bad { next, .. } => next,
            Split::More | Split::TooLong => break,
        };
        rest = rest.get(next.max(1)..).unwrap_or_default();
    }
    let header = counts.first().copied().unwrap_or(0);
    let rows = counts.get(1..).unwrap_or_default();
    let share = |n: usize| match rows.len() {
        0 => 1.0,
        all => rows.iter().filter(|c| **c == n).count() as f64 / all as f64,
    };
    let mut usual = header;
    for &n in rows.iter().collect::<BTreeSet<_>>() {
        if share(n) > share(usual) {
            usual = n;
        }
    }
    Fit { delimiter: dialect.delimiter, header, usual, agree: share(header), same: share(usual), records: rows.len() }
}

/// The best fit among [`CANDIDATES`]; `None` if none of them gives more than one column anywhere.
pub(super) fn detect(sample: &[u8], end: bool, dialect: Dialect) -> Option<Fit> {
    let fits = CANDIDATES.map(|delimiter| fit(sample, end, Dialect { delimiter, ..dialect }));
    let mut best: Option<Fit> = None;
    for fit in fits {
        if fit.score() > best.as_ref().map_or(0.0, Fit::score) {
            best = Some(fit);
        }
    }
    best.or_else(|| fits.into_iter().find(|f| f.usual > 1 && !f.rows_agree_on(1)))
}

/// As it is written in `sources.toml`.
pub(super) fn quoted(delimiter: u8) -> String {
    match delimiter {
        b'\t' => "\"\\t\"".into(),
        other => format!("\"{}\"", char::from(other).escape_default()),
    }
}

/// Names for the columns: trimmed, never empty, never twice.
pub(super) fn column_names(raw: Vec<String>, notes: &mut Vec<Note>) -> Vec<String> {
    let trimmed: Vec<String> = raw
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let plain = name.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
            if plain.is_empty() {
                notes.push(Note::new(
                    "header_empty",
                    format!("column {} has no name; it is called `column_{}`", at + 1, at + 1),
                ));
                return String::new();
            }
            if plain != name.as_str() {
                notes.push(Note::new(
                    "header_trimmed",
                    format!("column {} is called `{plain}`, without the white space around it", at + 1),
                ));
            }
            plain.to_owned()
        })
        .collect();
    let mut taken: BTreeSet<String> = trimmed.iter().filter(|n| !n.is_empty()).cloned().collect();
    let mut first: BTreeSet<String> = BTreeSet::new();
    let mut names = Vec::with_capacity(trimmed.len());
    for (at, name) in trimmed.into_iter().enumerate() {
        if name.is_empty() {
            names.push(free_name("column", at + 1, &mut taken));
        } else if first.insert(name.clone()) {
            names.push(name);
        } else {
            let other = free_name(&name, 2, &mut taken);
            notes.push(Note::new(
                "header_duplicate",
                format!("column {} is the second `{name}`; it is called `{other}`", at + 1),
            ));
            names.push(other);
        }
    }
    names
}

/// `stem_number`, or with the next number that is free.
fn free_name(stem: &str, number: usize, taken: &mut BTreeSet<String>) -> String {
    let mut number = number;
    loop {
        let name = format!("{stem}_{number}");
        if taken.insert(name.clone()) {
            return name;
        }
        number += 1;
    }
}

/// Whether names look like data: an e-mail address, or several names with mostly digits.
pub(super) fn looks_like_data(names: &[String]) -> bool {
    let digits = |name: &String| {
        let all = name.chars().count();
        all >= 4 && name.chars().filter(char::is_ascii_digit).count() * 2 > all
    };
    names.iter().any(|n| n.contains('@')) || names.iter().filter(|n| digits(n)).count() >= 2
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn found(sample: &str) -> Option<u8> {
        let dialect = Dialect { delimiter: b',', quote: Some(b'"'), limit: 1 << 20 };
        detect(sample.as_bytes(), true, dialect).map(|f| f.delimiter)
    }

    #[test]
    fn the_consistent_delimiter_wins() {
        assert_eq!(found("a,b,c\n1,2,3\n"), Some(b','));
        assert_eq!(found("a;b;c\n1,5;2,5;3\n1,5;2,5;3,7\n"), Some(b';'));
        assert_eq!(found("name;address, city;zip\nJan;Długa 1, Kraków;30\nEva;Trg 2;1000\n"), Some(b';'));
        assert_eq!(found("a\tb\n1\t\"x,y,z\"\n"), Some(b'\t'));
        assert_eq!(found("a|b|c\n"), Some(b'|'));
        assert_eq!(found("title\n1;2;3\n4;5;6\n"), Some(b';'));
        assert_eq!(found("name\nAna\nEva\n"), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn names_become_unique_without_touching_others() {
        let mut notes = Vec::new();
        let names = ["name", "name", "name_2", "", " email ", "name"].map(String::from).to_vec();
        let names = column_names(names, &mut notes);
        assert_eq!(names, ["name", "name_3", "name_2", "column_4", "email", "name_4"]);
        let codes: Vec<_> = notes.iter().map(|n| n.code).collect();
        assert_eq!(codes, ["header_empty", "header_trimmed", "header_duplicate", "header_duplicate"]);
    }
}
