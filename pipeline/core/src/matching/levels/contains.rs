//! `contains`: one value begins or ends with the other, or contains it as a word
//! (`anna` in `anna maria`, `maria` in `anna maria zofia`, the initial `j` in `jan`).
//! Inside a word nothing counts: `ann` is not in `johanna`.

/// Whether the shorter value is a beginning, an end or a word of the longer.
pub fn holds(left: &str, right: &str) -> bool {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    if short.is_empty() {
        return false;
    }
    long.starts_with(short) || long.ends_with(short) || as_word(short, long)
}

fn as_word(word: &str, text: &str) -> bool {
    text.match_indices(word).any(|(start, _)| {
        let before = text.get(..start).and_then(|t| t.chars().next_back());
        let after = text.get(start + word.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn beginnings_ends_and_words() {
        assert!(holds("anna", "anna maria"));
        assert!(holds("maria", "anna maria"));
        assert!(holds("maria", "anna maria zofia"));
        assert!(holds("kowalska-nowak", "nowak"));
        assert!(!holds("ann", "johanna b"));
        assert!(!holds("", "johanna"));
    }

    proptest! {
        #[test]
        fn symmetric_and_total(left: String, right: String) {
            prop_assert_eq!(holds(&left, &right), holds(&right, &left));
        }

        #[test]
        fn a_word_between_words_is_found(word in "[a-zł]{1,6}") {
            let text = format!("x {word} y");
            prop_assert!(holds(&word, &text));
        }
    }
}
