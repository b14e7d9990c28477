//! Postal codes of one country. Enters: a word, or two neighbouring ones. Leaves: the canonical writing if it has the shape.
//! Never here: which places a code belongs to (see `places`).

use regex::Regex;
use std::borrow::Cow;

/// The postal code's shape and canonical writing.
#[derive(Debug, Clone)]
pub(super) struct PostalShape {
    pattern: Option<Regex>,
    distinctive: Option<Regex>,
    format: String,
    /// How many digits a code may have: bit n for n of them.
    digits: u16,
}

impl PostalShape {
    pub(super) fn new(pattern: Option<Regex>, distinctive: Option<Regex>, format: String) -> Self {
        let plain = |n: usize| {
            let digits = "1".repeat(n);
            let dashed = format!("{}-{}", digits.get(..5).unwrap_or(""), digits.get(5..).unwrap_or(""));
            pattern.as_ref().is_some_and(|p| p.is_match(&digits) || p.is_match(&dashed))
        };
        let found = (3..10).filter(|n| plain(*n)).fold(0, |bits: u16, n| bits | 1 << n);
        // A pattern that asks for letters too matches none of these.
        let digits = if found == 0 { u16::MAX } else { found };
        Self { pattern, distinctive, format, digits }
    }

    /// Canonical form of a text that has the shape, e.g. `00590` -> `00-590`.
    pub(super) fn canonical(&self, text: &str) -> Option<String> {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if !(3..=9).contains(&digits) || text.len() > 12 || self.digits >> digits & 1 == 0 {
            return None;
        }
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
        (5..=10).contains(&text.len())
            && text.ends_with(|c: char| c.is_ascii_digit())
            && self.distinctive.as_ref().is_some_and(|d| d.is_match(&upper(text)))
    }
}

/// ASCII letters in capitals.
pub(super) fn upper(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_lowercase()) {
        Cow::Owned(text.to_ascii_uppercase())
    } else {
        Cow::Borrowed(text)
    }
}
