//! The shipped lists of given names and surnames with their rough frequency. Enters: a folded word and a country. Leaves:
//! how well it does as a given name and as a surname, and the sex of a given name.
//! Never a judgement: a name on no list is as good as one that is.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{casing, gender_endings};
use crate::contacts::nicknames::Nicknames;
use crate::text::fold;

/// The four countries with lists of their own, then the names that are met in all of them.
const COUNTRIES: [&str; 5] = ["PL", "RS", "SI", "LV", ""];

/// What the lists say of one folded word: bands (1 very common, 2 common, 3 known; 0 not listed) by country.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    given: [u8; 5],
    surname: [u8; 5],
    female: [bool; 5],
    male: [bool; 5],
}

/// Evidence for a word in either role, 0 to 4.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub given: i32,
    pub surname: i32,
}

static ENTRIES: LazyLock<HashMap<String, Entry>> = LazyLock::new(|| {
    macro_rules! csv {
        ($name:literal) => {
            include_str!(concat!("../../../../../rules/reference/names/", $name, ".csv"))
        };
    }
    let mut entries: HashMap<String, Entry> = HashMap::with_capacity(8192);
    let lists = [
        (csv!("pl_given"), csv!("pl_surnames")),
        (csv!("sr_given"), csv!("sr_surnames")),
        (csv!("sl_given"), csv!("sl_surnames")),
        (csv!("lv_given"), csv!("lv_surnames")),
        (csv!("xx_given"), csv!("xx_surnames")),
    ];
    for (at, (given, _)) in lists.iter().enumerate() {
        add_given(&mut entries, at, given);
    }
    for (at, (_, surnames)) in lists.iter().enumerate() {
        add_surnames(&mut entries, at, surnames);
    }
    entries
});

fn lower_band(slot: Option<&mut u8>, band: u8) {
    if let Some(slot) = slot
        && (*slot == 0 || band < *slot)
    {
        *slot = band;
    }
}

/// `name,sex,band` lines (`f` or `m`; a name given to both stands twice) under a heading.
fn add_given(entries: &mut HashMap<String, Entry>, at: usize, csv: &str) {
    for line in csv.lines().skip(1) {
        let mut columns = line.split(',');
        let (Some(name), Some(sex), Some(band)) = (columns.next(), columns.next(), columns.next()) else { continue };
        let entry = entries.entry(fold(name)).or_default();
        lower_band(entry.given.get_mut(at), band.trim().parse().unwrap_or(3));
        let known = if sex == "f" { &mut entry.female } else { &mut entry.male };
        if let Some(known) = known.get_mut(at) {
            *known = true;
        }
    }
}

/// `surname,band` lines under a heading; the forms of women and families are added, unless they are given names.
fn add_surnames(entries: &mut HashMap<String, Entry>, at: usize, csv: &str) {
    for (name, band) in csv.lines().skip(1).filter_map(|l| l.split_once(',')) {
        let band = band.trim().parse().unwrap_or(3);
        let folded = fold(name);
        for form in gender_endings::other_forms(&folded, COUNTRIES.get(at).copied().unwrap_or("")) {
            if entries.get(&form).is_none_or(|e| e.given == [0; 5]) {
                lower_band(entries.entry(form).or_default().surname.get_mut(at), band);
            }
        }
        lower_band(entries.entry(folded).or_default().surname.get_mut(at), band);
    }
}

fn index(country: Option<&str>) -> Option<usize> {
    let country = country.filter(|c| !c.is_empty())?;
    COUNTRIES.iter().position(|c| *c == country)
}

fn strength(band: u8) -> i32 {
    if band == 0 { 0 } else { i32::from(5u8.saturating_sub(band)).max(2) }
}

/// Of all lists, one step weaker.
fn best(bands: &[u8; 5]) -> i32 {
    bands.iter().filter(|b| **b > 0).min().map_or(0, |b| (strength(*b) - 1).max(1))
}

/// Evidence of the record's own country; where it does not know the word, that of all lists, one step weaker. A word on
/// no list may still end like a surname, or be a nickname.
pub(super) fn weigh(folded: &str, country: Option<&str>) -> Weight {
    if let Some((first, rest)) = folded.split_once(' ') {
        // Double names: a given name when both halves are, a surname when one is.
        let (a, b) = (weigh(first, country), weigh(rest, country));
        // "O'Brien": of the family of Brian.
        let irish = if first == "o" && rest.len() > 2 { 3 } else { 0 };
        return Weight { given: a.given.min(b.given), surname: a.surname.max(b.surname).max(irish) };
    }
    let Some(entry) = ENTRIES.get(folded) else {
        return match Nicknames::shared().is_nickname(folded) {
            true => Weight { given: 2, surname: 0 },
            false => Weight { given: 0, surname: ending_strength(folded) },
        };
    };
    if let Some(own) = index(country)
        && let (Some(&given), Some(&surname)) = (entry.given.get(own), entry.surname.get(own))
        && (given, surname) != (0, 0)
    {
        return Weight { given: strength(given), surname: strength(surname) };
    }
    let (given, surname) = (best(&entry.given), best(&entry.surname));
    let surname = if given == 0 { surname.max(ending_strength(folded)) } else { surname };
    Weight { given, surname }
}

/// Evidence for a folded word as a given name in any list, one step weaker than at home.
pub(super) fn given_anywhere(folded: &str) -> i32 {
    ENTRIES.get(folded).map_or(0, |e| best(&e.given))
}

/// Sex that goes with a folded given name in the country; without one, or where it is not listed, in all lists together.
pub(super) fn sex(folded: &str, country: Option<&str>) -> Option<&'static str> {
    let entry = ENTRIES.get(folded)?;
    let of = |at: usize| (entry.female.get(at) == Some(&true), entry.male.get(at) == Some(&true));
    let (female, male) = match index(country).map(of) {
        Some((female, male)) if female || male => (female, male),
        _ => (0..COUNTRIES.len()).map(of).fold((false, false), |a, b| (a.0 || b.0, a.1 || b.1)),
    };
    match (female, male) {
        (true, false) => Some("female"),
        (false, true) => Some("male"),
        _ => None,
    }
}

/// Whether a folded word is a given name on some list.
pub(super) fn is_given(folded: &str) -> bool {
    ENTRIES.get(folded).is_some_and(|e| e.given != [0; 5])
}

/// A listed given name or a nickname, each half of a double name.
pub(super) fn can_be_given(folded: &str) -> bool {
    !folded.is_empty() && folded.split(' ').all(|w| is_given(w) || Nicknames::shared().is_nickname(w))
}

/// A listed surname, or an ending that hardly any given name has.
pub(super) fn is_surname(folded: &str) -> bool {
    weigh(folded, None).surname > 0
}

/// Endings of surnames (folded): 3 when no given name ends so, 1 when few do.
fn ending_strength(folded: &str) -> i32 {
    const STRONG: &[&str] = &[
        "ski", "ska", "cki", "cka", "skis", "ckis", "wicz", "czyk", "czak", "ovic", "evic", "ovich", "evich", "enko",
        "sons", "sone", "manis", "mane", "kalns", "kalna", "ovs", "evs", "scy", "skij", "skiy", "sky", "skaya",
        "skaja", "auskas", "iene", "aite", "ikiene", "yan", "dze", "shvili", "wski", "evics", "ovics",
    ];
    const WEAK: &[&str] = &[
        "ic", "cnik", "nik", "sek", "ova", "eva", "ov", "ev", "ins", "ina", "tis", "ite", "nko", "uk", "iak", "vics",
        "bergs", "berga", "ek",
    ];
    let ends = |list: &[&str]| list.iter().any(|e| folded.ends_with(e));
    match folded.len() {
        6.. if ends(STRONG) => 3,
        _ if casing::is_gaelic_surname(folded) => 3,
        5.. if ends(WEAK) => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_large_and_know_the_country() {
        for (at, country) in COUNTRIES.iter().enumerate() {
            let count = |has: &dyn Fn(&Entry) -> bool| ENTRIES.values().filter(|e| has(e)).count();
            let (women, men) = (count(&|e| e.female[at]), count(&|e| e.male[at]));
            let surnames = count(&|e| e.surname[at] > 0);
            assert!(women + men >= 300 && women >= 140 && men >= 140, "{country}: {women} {men}");
            assert!(surnames >= 200, "{country}: {surnames}");
        }
        assert_eq!(sex("nikola", Some("RS")), Some("male"));
        assert_eq!(sex("nikola", Some("PL")), Some("female"));
        assert_eq!(sex("nikola", None), None);
        assert_eq!(sex("katarzyna", None), Some("female"));
        assert!(is_surname("kowalski") && !is_surname("katarzyna"));
    }

    #[test]
    fn a_country_knows_its_own_words_best() {
        assert_eq!(weigh("novak", Some("SI")).given, 0);
        assert!(weigh("novak", Some("RS")).given > 0);
        assert!(weigh("berzina", Some("LV")).surname > weigh("berzina", Some("PL")).surname);
        assert!(weigh("kasia", Some("PL")).given > 0);
        assert_eq!(weigh("xyzzy", None), Weight::default());
        for name in ["janina", "albertina", "genowefa"] {
            assert!(weigh(name, Some("PL")).surname < 3, "{name}");
        }
    }
}
