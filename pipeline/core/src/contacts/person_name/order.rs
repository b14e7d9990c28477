//! Which words of one field are given names and which are the surname. Enters: words without titles. Leaves: both, and
//! whether anything told them apart. Never reorders words within a part, except a lone initial before a given name.

use super::{casing, lists, vietnamese};
use crate::text::fold;

/// The words of one field, told apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub given: Vec<String>,
    pub family: Vec<String>,
    pub family_first: bool,
    /// Whether lists, endings, capitals or initials told; else the usual order was taken.
    pub sure: bool,
}

/// One word, or a surname with the particles before it.
struct Unit {
    start: usize,
    /// Evidence for a surname, less that for a given name.
    value: i32,
    pure_given: bool,
    can_be_surname: bool,
}

/// Tries both orders and every cut; the words' evidence for the parts they would get decides, the usual order (given name
/// first) when in doubt.
pub(super) fn split(words: &[String], country: Option<&str>) -> Order {
    if let Some(order) = vietnamese::split(words) {
        return order;
    }
    let units = units(words, country);
    let count = units.len();
    let sum = |range: &[Unit]| range.iter().map(|u| u.value).sum::<i32>();
    // For each cut: what the words before it and behind it are worth as family and given names.
    let best = |family_first: bool| {
        (1..count)
            .map(|cut| {
                let (before, behind) = units.split_at(cut);
                let worth = if family_first { sum(before) - sum(behind) } else { sum(behind) - sum(before) };
                (worth, cut)
            })
            // The first of equal ones: what is unsure stays with what stands behind.
            .fold(None, |best: Option<(i32, usize)>, new| best.filter(|b| b.0 >= new.0).or(Some(new)))
    };
    let (Some((usual, usual_cut)), Some((other, other_cut))) = (best(false), best(true)) else {
        return Order { given: Vec::new(), family: words.to_vec(), family_first: false, sure: false };
    };
    let usual = usual + 1;
    // A given name at the end alone is weak evidence: many surnames are given names elsewhere.
    let margin = if units.first().is_some_and(|u| u.can_be_surname) { 2 } else { 5 };
    let family_first = other >= usual + margin && !units.first().is_some_and(|u| u.pure_given);
    let cut = if family_first { other_cut } else { usual_cut };
    let at = units.get(cut).map_or(words.len(), |u| u.start);
    let (before, behind) = words.split_at(at);
    let (mut given, family) = if family_first { (behind.to_vec(), before) } else { (before.to_vec(), behind) };
    // "Petrović M. Petar": the father's initial stands before the given name.
    if family_first && given.len() > 1 && given.first().is_some_and(|w| is_initial(w)) {
        given.rotate_left(1);
    }
    let sure = if family_first { true } else { usual - other >= 3 };
    Order { given, family: family.to_vec(), family_first, sure }
}

/// One letter; the Latin `Dž`, `Lj` and `Nj` are one in Serbian Cyrillic.
fn is_initial(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase);
    match (letters.next(), letters.next(), letters.next()) {
        (Some(_), None, _) => true,
        (Some(first), Some(second), None) => matches!((first, second), ('d', 'ž') | ('l' | 'n', 'j')),
        _ => false,
    }
}

fn units(words: &[String], country: Option<&str>) -> Vec<Unit> {
    let is_small = |w: &String| {
        let particle = !w.chars().any(char::is_uppercase) && casing::is_particle(&fold(w));
        !particle && !casing::is_shouted(w) && w.chars().any(char::is_lowercase)
    };
    // KOWALSKI Jan: capitals mark the surname, unless all is in capitals, or they mark a given name beside a surname.
    let marked = words.iter().any(|w| casing::is_shouted(w)) && words.iter().any(is_small) && {
        let weight = |w: &String| lists::weigh(&fold(w), country);
        let mut shouted = words.iter().filter(|w| casing::is_shouted(w)).map(weight);
        let surname_beside = || words.iter().filter(|w| is_small(w)).map(weight).any(|w| w.surname > 2 && w.given == 0);
        !(shouted.all(|w| w.given > 1 && w.surname == 0) && surname_beside())
    };
    let mut units: Vec<Unit> = Vec::with_capacity(words.len());
    let mut start = 0;
    while start < words.len() {
        let mut end = start;
        // "van der Berg" is one; a particle alone, or before the only other word, is a name.
        while end + 1 < words.len()
            && words.get(end).is_some_and(|w| casing::is_particle(&fold(w)))
            && (start > 0 || end > start || words.len() > 2)
        {
            end += 1;
        }
        if start == 0 && end + 1 == words.len() {
            end = 0;
        }
        let Some(word) = words.get(end) else { break };
        let key = fold(word);
        let mut weight = lists::weigh(&key, country);
        let article = word.contains('-') && (key.starts_with("al ") || key.starts_with("el "));
        if end > start || article {
            weight = lists::Weight { given: 0, surname: weight.surname.max(3) };
        } else if is_initial(word) {
            weight = lists::Weight { given: 3, surname: 0 };
        } else if start > 0 && is_patronymic(word, &key) {
            weight = if words.len() > 2 { lists::Weight { given: 3, surname: 0 } } else { weight };
        }
        if marked && casing::is_shouted(word) && !is_initial(word) {
            weight = lists::Weight { given: 0, surname: 8 };
        }
        units.push(Unit {
            start,
            value: weight.surname - weight.given,
            can_be_surname: weight.surname > 0,
            pure_given: weight.given > 0 && weight.surname == 0 && !is_initial(word),
        });
        start = end + 1;
    }
    units
}

/// East Slavic father's names: `Ivanovich`, `Иванович` (not the Serbian surname `Ивановић`), `Petrovna`, `Ivanovičs`.
fn is_patronymic(word: &str, key: &str) -> bool {
    const ENDINGS: &[&str] = &["ovich", "evich", "ovics", "evics", "ovna", "evna", "ivna", "ichna", "icna"];
    let cyrillic = word.chars().next().is_some_and(|c| ('\u{400}'..='\u{4FF}').contains(&c));
    ENDINGS.iter().any(|e| key.ends_with(e))
        || (cyrillic && ["ич", "ИЧ", "вна", "ВНА"].iter().any(|e| word.ends_with(e)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders() {
        for (text, country, given, family, sure) in [
            ("Jan Kowalski", "PL", "Jan", "Kowalski", true),
            ("Kowalski Jan", "PL", "Jan", "Kowalski", true),
            ("Kowalska Anna Maria", "PL", "Anna Maria", "Kowalska", true),
            ("Anna Nowak Kowalska", "PL", "Anna", "Nowak Kowalska", true),
            ("Jan Xyz Kowalski", "PL", "Jan", "Xyz Kowalski", true),
            ("Novak Đoković", "RS", "Novak", "Đoković", true),
            ("Novak Marko", "SI", "Marko", "Novak", true),
            ("Petrović M. Petar", "RS", "Petar M.", "Petrović", true),
            ("van der Berg Jan", "PL", "Jan", "van der Berg", true),
            ("Le Thi", "PL", "Le", "Thi", false),
            ("Иванов Иван Иванович", "LV", "Иван Иванович", "Иванов", true),
            ("Милан Ивановић", "RS", "Милан", "Ивановић", true),
            ("Imants Andris", "LV", "Imants", "Andris", false),
            ("Xiu Bradley", "PL", "Xiu", "Bradley", false),
            ("Xiu Zyx", "PL", "Xiu", "Zyx", false),
            ("XIU Zyx", "PL", "Zyx", "XIU", true),
            ("McDONALD RONALD", "PL", "RONALD", "McDONALD", true),
            ("RONALD McDONALD", "PL", "RONALD", "McDONALD", true),
            ("McDONALD Xyz", "PL", "Xyz", "McDONALD", true),
            ("McQUXLEY JOHN", "PL", "JOHN", "McQUXLEY", true),
            ("mcquxley john", "SI", "john", "mcquxley", true),
            ("O'QUXLEY MARY", "PL", "MARY", "O'QUXLEY", true),
            ("MacGREGOR ANNA", "LV", "ANNA", "MacGREGOR", true),
            ("de GAULLE CHARLES", "PL", "CHARLES", "de GAULLE", true),
            ("Xyz van der BERG", "PL", "Xyz", "van der BERG", true),
            ("Kowalski JAN", "PL", "JAN", "Kowalski", true),
            ("Nguyễn Văn An", "PL", "An Văn", "Nguyễn", true),
        ] {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            let found = split(&words, Some(country));
            assert_eq!(
                (found.given.join(" ").as_str(), found.family.join(" ").as_str(), found.sure),
                (given, family, sure),
                "{text}"
            );
        }
    }
}
