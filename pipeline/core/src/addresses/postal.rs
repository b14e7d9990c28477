//! Postal codes of one country. Enters: a word, or two neighbouring ones. Leaves: the canonical writing if it has the shape.
//! Never here: which places a code belongs to (see `places`).

use super::words::WordMap;
use regex::{Regex, RegexSet};
use std::borrow::Cow;

/// Longest text that can be a postal code, in bytes.
const LONGEST: usize = 12;

/// The postal code's shape and canonical writing.
#[derive(Debug, Clone)]
pub(super) struct PostalShape {
    pattern: Option<Regex>,
    distinctive: Option<Regex>,
    format: String,
    /// How many digits a code may have: bit n for n of them.
    digits: u16,
    /// What the pattern says of the usual writings; empty where it tells one digit from another.
    known: WordMap<Option<String>>,
    known_distinctive: WordMap<bool>,
}

impl PostalShape {
    pub(super) fn new(code: &str, pattern: Option<Regex>, distinctive: Option<Regex>, format: String) -> Self {
        let plain = |n: usize| {
            let digits = "1".repeat(n);
            let dashed = format!("{}-{}", digits.get(..5).unwrap_or(""), digits.get(5..).unwrap_or(""));
            pattern.as_ref().is_some_and(|p| p.is_match(&digits) || p.is_match(&dashed))
        };
        let found = (3..10).filter(|n| plain(*n)).fold(0, |bits: u16, n| bits | 1 << n);
        // A pattern that asks for letters too matches none of these.
        let digits = if found == 0 { u16::MAX } else { found };
        let mut shape = Self {
            pattern,
            distinctive,
            format,
            digits,
            known: WordMap::default(),
            known_distinctive: WordMap::default(),
        };
        let blind = |p: &Option<Regex>| p.as_ref().is_some_and(|p| digit_blind(p.as_str()));
        if blind(&shape.pattern) && !shape.format.replace("$1", "").replace("$2", "").contains(is_digit) {
            let codes = writings(code).into_iter().filter(|w| shape.possible(w));
            shape.known = codes.map(|w| (digits_hidden(&w), shape.matched(&w))).collect();
        }
        if blind(&shape.distinctive) {
            let codes = writings(code).into_iter();
            shape.known_distinctive = codes.map(|w| (digits_hidden(&w), shape.matches_distinctive(&w))).collect();
        }
        shape
    }

    /// Whether a code may have so many digits.
    pub(super) fn may_have(&self, digits: usize) -> bool {
        (3..=9).contains(&digits) && self.digits >> digits & 1 == 1
    }

    fn possible(&self, text: &str) -> bool {
        text.len() <= LONGEST && self.may_have(text.bytes().filter(u8::is_ascii_digit).count())
    }

    /// Canonical form of a text that has the shape, e.g. `00590` -> `00-590`.
    pub(super) fn canonical(&self, text: &str) -> Option<String> {
        if !self.possible(text) {
            return None;
        }
        match known(&self.known, text) {
            Some(None) => None,
            // The digits of the known writing are those of the text, in its places.
            Some(Some(writing)) => Some(
                writing
                    .chars()
                    .filter_map(|c| match c.to_digit(10) {
                        Some(n) => text.bytes().filter(u8::is_ascii_digit).nth(n as usize).map(char::from),
                        None => Some(c),
                    })
                    .collect(),
            ),
            None => self.matched(text),
        }
    }

    fn matched(&self, text: &str) -> Option<String> {
        let upper = upper(text);
        let captures = self.pattern.as_ref()?.captures(&upper)?;
        let mut out = String::with_capacity(8);
        captures.expand(&self.format, &mut out);
        Some(out)
    }

    /// The pattern of a writing that only this country uses.
    pub(super) fn distinctive(&self) -> Option<&str> {
        self.distinctive.as_ref().map(Regex::as_str)
    }

    /// Whether the text has a writing that only this country uses.
    pub(super) fn is_distinctive(&self, text: &str) -> bool {
        can_be_distinctive(text)
            && self.distinctive.is_some()
            && known(&self.known_distinctive, text).copied().unwrap_or_else(|| self.matches_distinctive(text))
    }

    fn matches_distinctive(&self, text: &str) -> bool {
        self.distinctive.as_ref().is_some_and(|d| d.is_match(&upper(text)))
    }
}

/// The writings of postal codes that tell their country, of all countries together.
#[derive(Debug, Clone)]
pub(super) struct Distinctive {
    patterns: RegexSet,
    /// In the order of the patterns.
    countries: Vec<String>,
    known: WordMap<Option<usize>>,
}

impl Distinctive {
    /// From the patterns of some countries; each was compiled on its own already.
    pub(super) fn new(patterns: &[&str], countries: Vec<String>) -> Self {
        let set = RegexSet::new(patterns).unwrap_or_else(|_| RegexSet::empty());
        let mut distinctive = Self { patterns: set, countries, known: WordMap::default() };
        if patterns.iter().all(|p| digit_blind(p)) {
            let texts = distinctive.countries.iter().flat_map(|c| writings(c));
            distinctive.known = texts.map(|t| (digits_hidden(&t), distinctive.matched(&t))).collect();
        }
        distinctive
    }

    /// The first country whose own writing the text has.
    pub(super) fn country(&self, text: &str) -> Option<&String> {
        if !can_be_distinctive(text) {
            return None;
        }
        let index = known(&self.known, text).copied().unwrap_or_else(|| self.matched(text))?;
        self.countries.get(index)
    }

    fn matched(&self, text: &str) -> Option<usize> {
        self.patterns.matches(&upper(text)).iter().next()
    }
}

fn can_be_distinctive(text: &str) -> bool {
    (5..=10).contains(&text.len()) && text.ends_with(is_digit)
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// Whether a pattern treats all digits alike: it names none, beside how often something stands.
fn digit_blind(pattern: &str) -> bool {
    let mut counts = false;
    !pattern.chars().any(|c| {
        counts = c == '{' || counts && c != '}';
        c.is_ascii_digit() && !counts
    })
}

/// How codes are usually written, with running digits: one or two groups of them, bare or behind the country's letters.
fn writings(country: &str) -> Vec<String> {
    let prefixes = [String::new(), country.to_string(), format!("{country}-"), format!("{country} ")];
    let mut out = Vec::new();
    for prefix in &prefixes {
        for digits in (3..=9).filter_map(|n| "012345678".get(..n)) {
            out.push(format!("{prefix}{digits}"));
            for (first, second) in (1..digits.len()).filter_map(|at| digits.split_at_checked(at)) {
                out.extend(["-", " ", "/"].map(|joint| format!("{prefix}{first}{joint}{second}")));
            }
        }
    }
    out
}

fn digits_hidden(text: &str) -> String {
    text.chars().map(|c| if is_digit(c) { '0' } else { c }).collect()
}

/// What is known of a text's writing, whatever its digits.
fn known<'k, V>(map: &'k WordMap<V>, text: &str) -> Option<&'k V> {
    let mut hidden = [0; LONGEST];
    for (slot, byte) in hidden.get_mut(..text.len())?.iter_mut().zip(text.bytes()) {
        *slot = if byte.is_ascii_digit() { b'0' } else { byte.to_ascii_uppercase() };
    }
    map.get(std::str::from_utf8(hidden.get(..text.len())?).ok()?)
}

/// ASCII letters in capitals.
pub(super) fn upper(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_lowercase()) {
        Cow::Owned(text.to_ascii_uppercase())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shape(pattern: &str, format: &str) -> PostalShape {
        let pattern = Regex::new(pattern).unwrap();
        PostalShape::new("LV", Some(pattern.clone()), Some(pattern), format.to_string())
    }

    #[test]
    fn patterns_that_name_digits_are_not_blind() {
        for (pattern, blind) in
            [(r"^\d{4}$", true), (r"^(?:A[- ]{0,3})?(\d{4})$", true), (r"^[1-9]\d{3}$", false), (r"^9\d$", false)]
        {
            assert_eq!(digit_blind(pattern), blind, "{pattern}");
        }
        assert_eq!(shape(r"^[1-9]\d{3}$", "$0").canonical("0123"), None);
        assert_eq!(shape(r"^(\d{2})(\d{2})$", "7$2-$1").canonical("0123").as_deref(), Some("723-01"));
    }

    proptest! {
        #[test]
        fn what_is_known_is_what_the_pattern_says(
            text in "(LV|lv|PL)?[- ]?[0-9]{1,6}[-/ ]?[0-9A]{0,4}",
            which in 0..5_usize,
        ) {
            let (pattern, format) = [
                (r"^(?:LV[- ]{0,3})?(\d{4})$", "LV-$1"),
                (r"^(?:PL[- ]?)?(\d{2})[- ]?(\d{3})$", "$1-$2"),
                (r"^(\d{5}(?:-\d{4})?)$", "$1"),
                (r"^(\d{3}) ?(\d{2})$", "$2 $1"),
                (r"^LV-(\d{2})(\d)\d$", "$2/$1"),
            ][which];
            let shape = shape(pattern, format);
            prop_assert!(!shape.known.is_empty());
            prop_assert_eq!(shape.canonical(&text), Some(()).filter(|()| shape.possible(&text)).and_then(|()| shape.matched(&text)));
            if can_be_distinctive(&text) {
                prop_assert_eq!(shape.is_distinctive(&text), shape.matches_distinctive(&text));
            }
        }
    }
}
