//! What is wrong with a rule file: where, why, and what to do. Collected, never thrown one at a time.
//! Enter: byte spans of a rule file. Leave: findings with line, column, code and help.

use serde::Serialize;
use std::ops::Range;

pub use super::codes::CODES;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
}

/// One finding in one rule file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable code such as `sources::unknown_field`; all of them are in [`CODES`].
    pub code: &'static str,
    pub severity: Severity,
    /// File name relative to the rules folder.
    pub file: String,
    /// 1-based; 1 when the finding is about the file as a whole.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// Byte range in the file's text, empty for the file as a whole.
    #[serde(skip)]
    pub span: Range<usize>,
    pub message: String,
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a byte range of `text`, the text of `file`. Ranges beyond the text are cut.
    pub fn at(
        file: &str,
        text: &str,
        span: Range<usize>,
        code: &'static str,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Self {
        let start = char_boundary(text, span.start);
        let end = char_boundary(text, span.end).max(start);
        let (line, column) = position(text, start);
        let message = message.into();
        Self { code, severity: Severity::Error, file: file.into(), line, column, span: start..end, message, help }
    }

    /// An error about a file as a whole, or about a file that is not there.
    pub fn about(file: &str, code: &'static str, message: impl Into<String>, help: Option<String>) -> Self {
        Self::at(file, "", 0..0, code, message, help)
    }

    /// The same finding as a warning: the rules can be used as they are.
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
}

/// Line and column of a byte offset, both 1-based, the column in characters.
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..char_boundary(text, offset)).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(start..).unwrap_or("").chars().count() + 1;
    (line, column)
}

fn char_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The candidate that somebody who typed `word` most likely meant; none when nothing is near.
/// Ties go to the earlier candidate.
pub fn suggest<'a, S: AsRef<str> + ?Sized + 'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a S>,
) -> Option<&'a str> {
    let plain = |s: &str| s.to_lowercase().replace(['-', ' ', '.'], "_");
    let typed = plain(word);
    let mut best: Option<(f64, &'a str)> = None;
    for candidate in candidates {
        let candidate = candidate.as_ref();
        let score = likeness(&typed, &plain(candidate));
        if score > best.map_or(0.0, |(most, _)| most) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// 0 for words that nobody confuses; above it the more the nearer.
fn likeness(typed: &str, candidate: &str) -> f64 {
    let longest = typed.chars().count().max(candidate.chars().count());
    if longest > 100 {
        return 0.0;
    }
    let edits = strsim::osa_distance(typed, candidate);
    let similarity = strsim::jaro_winkler(typed, candidate);
    if edits <= 1.max(longest / 3) || similarity >= 0.88 {
        similarity.max(0.01) + 1.0 / (1.0 + edits as f64)
    } else {
        0.0
    }
}

/// "did you mean `x`?" for the help of a diagnostic, or the list of what is known.
pub(crate) fn did_you_mean<'a, S: AsRef<str> + ?Sized + 'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a S> + Clone,
) -> Option<String> {
    if let Some(found) = suggest(word, candidates.clone()) {
        return Some(format!("did you mean `{found}`?"));
    }
    let known: Vec<String> = candidates.into_iter().take(17).map(|c| format!("`{}`", c.as_ref())).collect();
    match known.len() {
        0 => None,
        1..=16 => Some(format!("known here: {}", known.join(", "))),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(position("a = 1\nż = \"ł\" x", "a = 1\nż = \"ł\" ".len()), (2, 9));
        assert_eq!(position("", 7), (1, 1));
        assert_eq!(position("ab\n", 3), (2, 1));
    }

    #[test]
    fn suggests_what_was_meant() {
        let fields = ["given_name", "family_name", "email", "email_other", "phone"];
        assert_eq!(suggest("familly_name", fields), Some("family_name"));
        assert_eq!(suggest("Given-Name", fields), Some("given_name"));
        assert_eq!(suggest("e-mail", fields), Some("email"));
        assert_eq!(suggest("shoe_size", fields), None);
    }

    #[test]
    fn codes_are_unique_and_explained() {
        let mut seen = std::collections::BTreeSet::new();
        for (code, explanation) in CODES {
            assert!(seen.insert(code), "{code} is listed twice");
            assert!(explanation.ends_with('.') && code.contains("::"), "{code}");
        }
    }

    proptest! {
        #[test]
        fn any_offset_has_a_position(text in ".{0,40}", start in 0usize..200, end in 0usize..200) {
            let found = Diagnostic::at("x.toml", &text, start..end, "rules::syntax", "m", None);
            prop_assert!(text.get(found.span.clone()).is_some());
            prop_assert!(found.line >= 1 && found.column >= 1);
        }

        #[test]
        fn a_known_word_suggests_itself(word in "[a-z][a-z_]{0,20}") {
            let known = ["given_name", &word, "phone"];
            prop_assert_eq!(suggest(&word, known), Some(word.as_str()));
        }
    }
}
