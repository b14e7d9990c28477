//! `any_in_common`: both values are lists (phones, e-mails), and at least one entry of theirs is the same.
//! Entries are parted by white space, `|` or `;`, so no entry may hold one of these.

/// The entries of a list, sorted, each once.
pub fn entries(list: &str) -> Vec<&str> {
    let mut entries: Vec<&str> = parts(list).collect();
    entries.sort_unstable();
    entries.dedup();
    entries
}

/// Whether a list holds one of the `left` entries, which are sorted.
pub fn holds(left: &[&str], right: &str) -> bool {
    parts(right).any(|entry| left.binary_search(&entry).is_ok())
}

fn parts(list: &str) -> impl Iterator<Item = &str> {
    super::bounded(list).split(|c: char| c.is_whitespace() || matches!(c, '|' | ';')).filter(|entry| !entry.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_entry_is_enough() {
        let numbers = entries("+48600100200 +48221234567");
        assert!(holds(&numbers, "+48500500500|+48221234567"));
        assert!(holds(&numbers, "; +48600100200"));
        assert!(!holds(&numbers, "+4860010020"));
        assert!(!holds(&numbers, " | "));
        assert!(!holds(&entries(""), ""));
    }

    proptest! {
        #[test]
        fn total_and_symmetric(left: String, right: String) {
            prop_assert_eq!(holds(&entries(&left), &right), holds(&entries(&right), &left));
        }

        #[test]
        fn an_added_entry_is_found(entry in "[a-z@.+0-9]{1,12}", left in "[a-c ;|]{0,20}", right in "[a-c ;|]{0,20}") {
            let (left, right) = (format!("{left} {entry}"), format!("{entry};{right}"));
            prop_assert!(holds(&entries(&left), &right));
        }
    }
}
