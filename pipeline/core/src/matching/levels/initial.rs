//! `initial`: one value is a single letter, with or without a dot, and the other begins with it ("J." and "Jan").
//! Case does not matter. Two equal values are not initials of one another.

/// Whether one value is the initial of the other.
pub fn holds(left: &str, right: &str) -> bool {
    if left == right {
        return false;
    }
    match (letter(left), letter(right)) {
        (Some(initial), _) => begins(right, initial),
        (None, Some(initial)) => begins(left, initial),
        (None, None) => false,
    }
}

/// The letter of a value that is nothing but an initial.
fn letter(text: &str) -> Option<char> {
    let mut letters = text.strip_suffix('.').unwrap_or(text).chars();
    letters.next().filter(|c| c.is_alphabetic() && letters.next().is_none())
}

fn begins(text: &str, initial: char) -> bool {
    text.chars().next().is_some_and(|first| first == initial || first.to_lowercase().eq(initial.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_letter_and_a_name() {
        for (left, right) in [("J.", "Jan"), ("j", "jan"), ("J", "jan"), ("Ž.", "željko"), ("j.", "J")] {
            assert!(holds(left, right) && holds(right, left), "{left} {right}");
        }
        for (left, right) in
            [("j", "anna"), ("ja", "jan"), ("", "jan"), (".", "jan"), ("5", "5th"), ("j", "j"), ("jj", "j j")]
        {
            assert!(!holds(left, right) && !holds(right, left), "{left} {right}");
        }
    }

    proptest! {
        #[test]
        fn total_and_symmetric(left in "\\PC{0,3}", right: String) {
            prop_assert_eq!(holds(&left, &right), holds(&right, &left));
        }

        #[test]
        fn the_first_letter_of_a_name(name in "[a-zčšžł]{2,9}") {
            let initial: String = name.chars().take(1).collect();
            let dotted = format!("{initial}.");
            prop_assert!(holds(&initial, &name) && holds(&name, &dotted));
        }
    }
}
