//! Yes and no in the languages of the first markets. Enters: a raw text. Leaves: true, false or nothing.
//! Never guesses: an unknown word is no answer.

use crate::text::fold;

/// `da`, `tak`, `jā`, `yes`, `true`, `1`, `t`, `x` are yes; `ne`, `nie`, `nē`, `no`, `false`, `0`, `f` are no.
/// Case and diacritics do not matter; Cyrillic `да`/`не` are read too.
pub fn boolean(raw: &str) -> Option<bool> {
    match fold(raw).as_str() {
        "1" | "t" | "true" | "y" | "yes" | "tak" | "da" | "ja" | "on" | "prawda" | "tacno" | "patiess" | "x" => {
            Some(true)
        }
        "0" | "f" | "false" | "n" | "no" | "nie" | "ne" | "off" | "falsz" | "netacno" | "aplams" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_languages_say_yes_and_no() {
        for yes in ["tak", "DA", "Jā", "да", "true", "1", " T "] {
            assert_eq!(boolean(yes), Some(true), "{yes}");
        }
        for no in ["nie", "ne", "Nē", "не", "false", "0", "F"] {
            assert_eq!(boolean(no), Some(false), "{no}");
        }
        for unknown in ["", "2", "maybe", "-"] {
            assert_eq!(boolean(unknown), None, "{unknown}");
        }
    }
}
