//! Values of a person inside other texts: free-text columns, notes, logs. Enters: a text. Leaves: the text with every
//! such value replaced; a value that is only a part of a longer one is somebody else's and stays.

use crate::error::{Error, Result};
use regex::{Regex, RegexBuilder};
use std::borrow::Cow;

/// What stands where a value stood.
pub const ERASED: &str = "[erased]";

/// Shorter values would be found in everything.
const SHORTEST: usize = 5;

/// Finds values of a person.
#[derive(Debug)]
pub struct Redactor(Option<Regex>);

impl Redactor {
    pub fn new<'v>(values: impl IntoIterator<Item = &'v str>) -> Result<Self> {
        let mut parts: Vec<String> =
            values.into_iter().filter(|v| v.chars().count() >= SHORTEST).map(regex::escape).collect();
        // The longest alternative first, so that a value within another does not leave its rest.
        parts.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        parts.dedup();
        if parts.is_empty() {
            return Ok(Self(None));
        }
        let built = RegexBuilder::new(&parts.join("|")).case_insensitive(true).size_limit(64 << 20).build();
        built.map(|r| Self(Some(r))).map_err(|_| Error::Internal("too many values to look for".into()))
    }

    /// Whether anything could be in the bytes of several texts at once.
    pub fn may_be_in(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|r| r.is_match(text))
    }

    /// The text without the values; borrowed where there was none.
    pub fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(regex) = &self.0 else { return Cow::Borrowed(text) };
        let mut out = String::new();
        let (mut copied, mut at) = (0, 0);
        while let Some(found) = regex.find_at(text, at) {
            if stands_alone(text, found.start(), found.end()) {
                out.push_str(text.get(copied..found.start()).unwrap_or(""));
                out.push_str(ERASED);
                copied = found.end();
                at = found.end();
            } else {
                let next = text.get(found.start()..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8);
                at = found.start() + next;
            }
            if at > text.len() {
                break;
            }
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(copied..).unwrap_or(""));
        Cow::Owned(out)
    }
}

/// Whether what stands beside a finding does not continue it: `a.jan@x.pl` holds another address than `jan@x.pl`.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let mut before = text.get(..start).unwrap_or("").chars().rev();
    let mut after = text.get(end..).unwrap_or("").chars();
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '%' | '@');
    let continued_left = match before.next() {
        Some('.') => before.next().is_some_and(|c| joins(c) && !c.is_whitespace()),
        Some(c) => joins(c),
        None => false,
    };
    let continued_right = match after.next() {
        Some('.') => after.next().is_some_and(char::is_alphanumeric),
        Some(c) => joins(c),
        None => false,
    };
    !continued_left && !continued_right
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn whole_values_go_and_parts_of_others_stay() {
        let redactor = Redactor::new(["jan@x.pl", "+48600100200", "600100200", "7", "crm:1001"]).unwrap();
        for (text, clean) in [
            ("see jan@x.pl.", "see [erased]."),
            ("JAN@X.PL, jan@x.pl", "[erased], [erased]"),
            ("a.jan@x.pl", "a.jan@x.pl"),
            ("jan@x.pl.com", "jan@x.pl.com"),
            ("tel +48600100200 or 600100200!", "tel [erased] or [erased]!"),
            ("1600100200 6001002001", "1600100200 6001002001"),
            ("crm:1001 opt_in_email=true", "[erased] opt_in_email=true"),
            ("crm:10012", "crm:10012"),
            ("ż 7 ż", "ż 7 ż"),
        ] {
            assert_eq!(redactor.clean(text), clean);
        }
        assert!(!Redactor::new([]).unwrap().may_be_in("anything"));
    }
}
