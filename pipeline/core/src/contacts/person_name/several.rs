//! Several people in one field. Enters: a field with one kind of hyphen. Leaves: each person's name, the first one first,
//! with the surname that all share. Never takes a second given name for a second person.

use super::{gender_endings, lists, order, titles, words};
use crate::text::fold;

/// The persons a field names, two at least.
pub(super) struct Several {
    pub persons: Vec<String>,
    /// The first one's titles, and nobody's given name: `Mr and Mrs Smith`.
    pub titles: titles::Taken,
    pub surname_only: bool,
}

/// Words between two people, without what may be an initial.
const CONJUNCTIONS: &[&str] = &["i", "oraz", "in", "un", "and", "и", "und", "et", "ir", "och", "og", "es", "és", "та"];

/// `Jan Nowak / Anna Nowak`, `Jan i Anna Kowalscy`, `Petrović Petar i Ana`, `Jan, Anna i Piotr Nowak`.
pub(super) fn find(text: &str, country: Option<&str>) -> Option<Several> {
    let pieces = pieces(text)?;
    let mut persons: Vec<Vec<String>> = Vec::with_capacity(pieces.len());
    let mut first_titles = None;
    for piece in pieces {
        let mut name = words::words(piece);
        let taken = if titles::only_titles(&name) {
            titles::Taken { prefix: std::mem::take(&mut name), ..titles::Taken::default() }
        } else {
            titles::take(&mut name)
        };
        if name.is_empty() && taken.prefix.is_empty() {
            return None;
        }
        first_titles.get_or_insert(taken);
        persons.push(name);
    }
    let bare_title = persons.first()?.is_empty();
    let named = persons.iter().filter(|p| p.iter().any(|w| can_be_person(w, p.len() > 1, country))).count();
    if named < persons.len() && !bare_title {
        return None;
    }
    // The surname all share stands in the last name, or in the first.
    let family = [persons.last(), persons.first()].into_iter().flatten().find_map(|p| family_of(p, country))?;
    let latvian = country == Some("LV");
    let names = persons.iter().filter(|p| !p.is_empty()).map(|person| {
        let (given, own) = given_and_family(person, country);
        let female = given.first().is_some_and(|g| lists::sex(&fold(g), country) == Some("female"));
        let shared = if own.is_empty() { &family } else { &own };
        let mut all = given;
        all.extend(shared.iter().map(|w| gender_endings::of_one(w, female, latvian)));
        all.join(" ")
    });
    let persons: Vec<String> = names.collect();
    let titles = first_titles.unwrap_or_default();
    let surname_only = bare_title && !persons.first()?.contains(' ');
    (persons.len() > 1 || bare_title).then_some(Several { persons, titles, surname_only })
}

/// `beside`: other words stand with it, so that a name that is a surname too (Novak, Marek) counts.
fn can_be_person(word: &str, beside: bool, country: Option<&str>) -> bool {
    let weight = lists::weigh(&fold(word), country);
    weight.given > weight.surname || (beside && weight.given > 0)
}

/// The field cut at conjunctions and signs; none when nothing parts it.
fn pieces(text: &str) -> Option<Vec<&str>> {
    let is_sign = |c: char| matches!(c, '/' | '&' | ';' | '+');
    let conjunction = |w: &str| {
        CONJUNCTIONS.contains(&w) || (w.chars().count() <= 4 && CONJUNCTIONS.contains(&w.to_lowercase().as_str()))
    };
    if !text.contains(is_sign) && !text.contains(',') && !text.split(' ').any(conjunction) {
        return None;
    }
    let mut out = Vec::new();
    for part in text.split(is_sign) {
        let (mut from, mut at) = (0, 0);
        for word in part.split(' ') {
            let end = at + word.len();
            if conjunction(word) && at > 0 {
                out.push(part.get(from..at)?);
                from = end.min(part.len());
            }
            at = end + 1;
        }
        out.push(part.get(from..)?);
    }
    // A comma parts people when all of them have a whole name, or stand in a list that ends with a conjunction.
    let parted = out.len() > 1;
    let mut all: Vec<&str> = Vec::new();
    for piece in out {
        let by_comma: Vec<&str> =
            piece.split(',').map(|p| p.trim_matches([' ', '.'])).filter(|p| !p.is_empty()).collect();
        let whole = |p: &&str| {
            p.contains(' ')
                && !titles::only_titles(&words::words(p))
                && p.split(' ').any(|w| lists::can_be_given(&fold(w)))
        };
        let alone = |p: &&str| lists::can_be_given(&fold(p));
        if by_comma.len() > 1 && (by_comma.iter().all(whole) || (parted && by_comma.iter().all(alone))) {
            all.extend(by_comma);
        } else {
            all.push(piece.trim());
        }
    }
    all.retain(|p| !p.is_empty());
    (all.len() > 1).then_some(all)
}

fn given_and_family(person: &[String], country: Option<&str>) -> (Vec<String>, Vec<String>) {
    if person.iter().all(|w| can_be_person(w, false, country)) {
        return (person.to_vec(), Vec::new());
    }
    if let [single] = person {
        return (Vec::new(), vec![single.clone()]);
    }
    let order = order::split(person, country);
    (order.given, order.family)
}

fn family_of(person: &[String], country: Option<&str>) -> Option<Vec<String>> {
    match given_and_family(person, country) {
        (_, family) if !family.is_empty() => Some(family),
        // "Adam i Jan Marek": the last of several given names.
        (mut given, _) if given.len() > 1 => given.pop().map(|w| vec![w]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_parted_and_share_their_name() {
        for (text, country, persons) in [
            ("Jan i Anna Kowalscy", "PL", "Jan Kowalski; Anna Kowalska"),
            ("Anna Maria i Jan Kowalscy", "PL", "Anna Maria Kowalska; Jan Kowalski"),
            ("Kowalski Jan i Anna", "PL", "Jan Kowalski; Anna Kowalski"),
            ("Jan Nowak/Anna Nowak", "PL", "Jan Nowak; Anna Nowak"),
            ("Jan, Anna i Piotr Nowak", "PL", "Jan Nowak; Anna Nowak; Piotr Nowak"),
            ("MARKO IN ANA NOVAK", "SI", "MARKO NOVAK; ANA NOVAK"),
            ("Marko Novak in Ana Kos", "SI", "Marko Novak; Ana Kos"),
            ("Петар и Ана Петровић", "RS", "Петар Петровић; Ана Петровић"),
            ("Anna un Jānis Bērziņi", "LV", "Anna Bērziņa; Jānis Bērziņš"),
            ("Mr and Mrs Smith", "GB", "Smith"),
        ] {
            assert_eq!(find(text, Some(country)).map(|s| s.persons.join("; ")).as_deref(), Some(persons), "{text}");
        }
        for one in [
            "Jan Kowalski",
            "Kowalski, Jan",
            "Nowak, Jan Piotr",
            "Jan Nowak, MBA",
            "Maria I. Novak",
            "Jan Kowalski, mgr inż.",
        ] {
            assert!(find(one, Some("PL")).is_none(), "{one}");
        }
    }
}
