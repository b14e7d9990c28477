//! Vietnamese names: family name, middle names, given name. Enters: the words of a field. Leaves: which is which, when
//! the words tell that the name is Vietnamese.
//! Never on a surname alone that is a word elsewhere too (Le, Ho, Do): letters that only Vietnamese has, a middle name
//! such as Văn and Thị, or a surname that is hardly anything else must tell.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::casing;
use super::order::Order;
use crate::text::fold;

/// Folded surnames with their usual spelling in small letters, and whether the folded form alone is proof.
static SURNAMES: LazyLock<HashMap<String, (String, bool)>> = LazyLock::new(|| {
    let lines = include_str!("../../../../../rules/reference/names/vi_surnames.csv").lines().skip(1);
    lines
        .filter_map(|l| l.split_once(','))
        .map(|(name, kind)| (fold(name), (name.to_lowercase(), kind == "sure")))
        .collect()
});

fn is_surname(word: &str) -> bool {
    SURNAMES.contains_key(&fold(word))
}

/// A surname that needs no other proof: `Nguyen`, `Nguyễn`, but not the given name `Nguyên`.
fn is_sure(word: &str) -> bool {
    SURNAMES.get(&fold(word)).is_some_and(|(name, sure)| *sure && (word.is_ascii() || word.to_lowercase() == *name))
}

/// The middle names that tell a man's and a woman's name.
fn is_middle(word: &str) -> bool {
    matches!(fold(word).as_str(), "van" | "thi")
}

/// Letters with a horn, or with a sign of Vietnamese tones.
fn has_own_letters(word: &str) -> bool {
    word.chars().any(|c| matches!(c, 'ơ' | 'Ơ' | 'ư' | 'Ư' | '\u{1EA0}'..='\u{1EF9}'))
}

/// `Nguyễn Văn An`, `Tran Thi Lan`, `Lê Minh Tuấn`: family name first, the given name last; `An Văn Nguyễn`: the western
/// order, with the middle name between. None where nothing tells a Vietnamese name, or only the usual order is left.
pub(super) fn split(words: &[String]) -> Option<Order> {
    let [first, middle @ .., last] = words else { return None };
    if middle.len() > 3 {
        return None;
    }
    // "Le van der Berg" has a Dutch "van".
    let dutch = words.get(2).is_some_and(|w| casing::is_particle(&fold(w)));
    let marked = middle.first().is_some_and(|w| is_middle(w)) && !dutch;
    let letters = words.iter().any(|w| has_own_letters(w));
    // The article and the middle name "van" are particles elsewhere: as names they keep their capital.
    let names = |words: &[String]| words.iter().map(|w| casing::proper(w)).collect::<Vec<_>>();
    let order = |family: &String, given: &String, family_first: bool| Order {
        given: std::iter::once(given.clone()).chain(names(middle)).collect(),
        family: vec![family.clone()],
        family_first,
        sure: true,
    };
    let western = is_sure(last) && !is_sure(first);
    let proven = letters || marked || (is_sure(first) && !middle.is_empty());
    if is_surname(first) && proven && !western && !(is_sure(last) && !letters && !marked) {
        return Some(order(first, last, true));
    }
    (is_surname(last) && marked && (letters || is_sure(last))).then(|| order(last, first, false))
}

/// The given names of a field of their own beside the family name: `Văn An` is `An` with the middle name `Văn`.
pub(super) fn given_first(given: &mut [String], family: &[String]) {
    let middle = given.len() > 1 && given.first().is_some_and(|w| is_middle(w));
    if middle && family.len() == 1 && family.first().is_some_and(|w| is_surname(w)) {
        given.rotate_right(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn family_name_comes_first() {
        for (text, found) in [
            ("Nguyễn Văn An", Some("Nguyễn/An Văn")),
            ("NGUYEN VAN AN", Some("NGUYEN/AN Van")),
            ("Tran Thi Lan", Some("Tran/Lan Thi")),
            ("Lê Minh Tuấn", Some("Lê/Tuấn Minh")),
            ("Le Van Hung", Some("Le/Hung Van")),
            ("Pham Quoc Hung", Some("Pham/Hung Quoc")),
            ("Trần Hưng", Some("Trần/Hưng")),
            ("Nguyễn Thị Minh Khai", Some("Nguyễn/Khai Thị Minh")),
            ("Lê Văn Nguyên", Some("Lê/Nguyên Văn")),
            ("An Văn Nguyễn", Some("Nguyễn/An Văn")),
            ("Mai Thi Tran", Some("Tran/Mai Thi")),
            ("Thuy Linh Nguyen", None),
            ("Mai Nguyễn", None),
            ("Le Thi", None),
            ("Le van der Berg", None),
            ("Ho van den Broek", None),
            ("Jan van Dijk", None),
            ("Mai Novak Kos", None),
            ("Do Santos Silva", None),
            ("Hà", None),
        ] {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            let order = split(&words).map(|o| format!("{}/{}", o.family.join(" "), o.given.join(" ")));
            assert_eq!(order.as_deref(), found, "{text}");
        }
    }

    #[test]
    fn surnames_are_listed_once() {
        let rows = include_str!("../../../../../rules/reference/names/vi_surnames.csv").lines().count() - 1;
        assert_eq!(SURNAMES.len(), rows);
    }
}
