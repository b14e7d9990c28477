//! Words that mean "nothing". Enters: the rule author's list. Leaves: a set asked about any raw value.
//! Never here: placeholders of one kind only (the kinds keep their own).

use std::collections::HashSet;

use crate::text::{fold, squeeze};

/// The list of `placeholders`, compared after folding; entries without letters and digits (`-`, `?`) as they stand.
#[derive(Debug, Clone, Default)]
pub(super) struct Placeholders {
    words: HashSet<String>,
    signs: HashSet<String>,
    longest: usize,
    /// Whether some entry holds a digit: else no value with one needs a look.
    digits: bool,
    /// Whether some entry holds an `@`: else no email needs a look.
    pub(super) addresses: bool,
}

impl Placeholders {
    pub(super) fn new(list: &[String]) -> Self {
        let mut prepared = Self::default();
        for entry in list {
            prepared.addresses |= entry.contains('@');
            let folded = fold(entry);
            prepared.digits |= folded.bytes().any(|b| b.is_ascii_digit());
            if folded.is_empty() {
                prepared.signs.insert(squeeze(entry));
            } else {
                prepared.longest = prepared.longest.max(folded.len());
                prepared.words.insert(folded);
            }
        }
        prepared
    }

    /// Whether a value, squeezed or not, stands for "nothing".
    pub(super) fn contains(&self, value: &str) -> bool {
        // Folding rarely shortens a text to less than a quarter of its bytes: longer ones need no look.
        if value.len() > 4 * self.longest.max(4) {
            return false;
        }
        // Folding keeps digits.
        if !self.digits && value.bytes().any(|b| b.is_ascii_digit()) {
            return false;
        }
        let folded = fold(value);
        if folded.is_empty() {
            return self.signs.contains(&squeeze(value)) || value.chars().all(|c| !c.is_alphanumeric());
        }
        self.words.contains(&folded)
    }
}
