//! The shipped lists of common given names and surnames. Enters: a folded name. Leaves: whether it is listed, and its sex.
//! Never a judgement: a name on no list is as good as one that is.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::text::fold;

struct Country {
    code: &'static str,
    /// Folded given name to its sex; none when it is given to both.
    given: HashMap<String, Option<&'static str>>,
    surnames: HashSet<String>,
}

static COUNTRIES: LazyLock<[Country; 4]> = LazyLock::new(|| {
    macro_rules! country {
        ($code:literal, $name:literal) => {
            Country::new(
                $code,
                include_str!(concat!("../../../../../rules/reference/names/", $name, "_given.csv")),
                include_str!(concat!("../../../../../rules/reference/names/", $name, "_surnames.csv")),
            )
        };
    }
    [country!("PL", "pl"), country!("RS", "sr"), country!("SI", "sl"), country!("LV", "lv")]
});

impl Country {
    /// `name,sex` lines (`f` or `m`) and `surname` lines, each under a heading.
    fn new(code: &'static str, given_csv: &str, surnames_csv: &str) -> Self {
        let mut given: HashMap<String, Option<&'static str>> = HashMap::new();
        for (name, sex) in given_csv.lines().skip(1).filter_map(|l| l.split_once(',')) {
            let sex = if sex.trim() == "f" { "female" } else { "male" };
            given
                .entry(fold(name))
                .and_modify(|known| {
                    if *known != Some(sex) {
                        *known = None;
                    }
                })
                .or_insert(Some(sex));
        }
        let surnames = surnames_csv.lines().skip(1).map(fold).filter(|s| !s.is_empty()).collect();
        Self { code, given, surnames }
    }
}

/// Sex that goes with a folded given name in the country; without one, or where it is not listed, in all four together.
pub(super) fn sex(folded: &str, country: Option<&str>) -> Option<&'static str> {
    if let Some(sex) = COUNTRIES.iter().find(|c| Some(c.code) == country).and_then(|c| c.given.get(folded)) {
        return *sex;
    }
    let mut found = None;
    for sex in COUNTRIES.iter().filter_map(|c| c.given.get(folded)) {
        match (found, *sex) {
            (_, None) => return None,
            (Some(known), Some(sex)) if known != sex => return None,
            (_, sex) => found = sex,
        }
    }
    found
}

pub(super) fn is_given(folded: &str) -> bool {
    COUNTRIES.iter().any(|c| c.given.contains_key(folded))
}

pub(super) fn is_surname(folded: &str) -> bool {
    COUNTRIES.iter().any(|c| c.surnames.contains(folded)) || has_surname_ending(folded)
}

/// Endings that hardly any given name has (folded).
fn has_surname_ending(folded: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "ski", "ska", "cki", "cka", "wicz", "czyk", "czak", "ovic", "evic", "ic", "cic", "cnik", "nik", "sek", "ovs",
        "evs", "ova", "eva", "ins", "ina", "tis", "ite", "sons", "sone", "manis", "mane", "kalns", "kalna", "nko",
        "uk", "owska", "owski",
    ];
    folded.len() >= 5 && ENDINGS.iter().any(|e| folded.ends_with(e)) && !is_given(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_large_and_know_the_country() {
        for country in COUNTRIES.iter() {
            for sex in ["female", "male"] {
                let count = country.given.values().filter(|s| **s == Some(sex)).count();
                assert!(count >= 140, "{} {sex}: {count}", country.code);
            }
            assert!(country.surnames.len() >= 140, "{}: {}", country.code, country.surnames.len());
        }
        assert_eq!(sex("nikola", Some("RS")), Some("male"));
        assert_eq!(sex("nikola", Some("PL")), Some("female"));
        assert_eq!(sex("nikola", None), None);
        assert_eq!(sex("katarzyna", None), Some("female"));
        assert!(is_surname("kowalski") && !is_surname("katarzyna"));
    }
}
