//! Which word is which part of a name. Enters: the squeezed fields. Leaves: the parts in display form.
//! Never drops a letter of a name: what is unsure stays with the family name.

use super::{casing, lists, organization, titles};
use crate::text::fold;
use crate::value::Verdict;

/// Squeezed, placeholders gone.
pub(super) struct Fields {
    pub full_name: Option<String>,
    pub honorific_prefix: Option<String>,
    pub given_name: Option<String>,
    pub middle_name: Option<String>,
    pub family_name: Option<String>,
    pub birth_name: Option<String>,
}

/// The parts in display form, and what was found on the way.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub honorific_prefix: Option<String>,
    pub given_name: Option<String>,
    pub middle_name: Option<String>,
    pub family_name: Option<String>,
    pub birth_name: Option<String>,
    pub organization: Option<String>,
    /// From a form of address.
    pub gender: Option<&'static str>,
    pub swapped: bool,
    pub note: Option<(Verdict, &'static str)>,
}

impl Parts {
    fn absorb(&mut self, title: Option<String>, gender: Option<&'static str>) {
        self.honorific_prefix = self.honorific_prefix.take().or(title);
        self.gender = self.gender.or(gender);
    }
}

pub(super) fn split(fields: &Fields) -> Parts {
    let mut parts = Parts {
        honorific_prefix: fields.honorific_prefix.clone(),
        birth_name: fields.birth_name.as_deref().map(|b| casing::proper(&joined_hyphens(b))),
        ..Parts::default()
    };
    if let Some(title) = &fields.honorific_prefix {
        parts.gender = crate::contacts::gender(title).filter(|_| fold(title).len() > 2);
    }
    match (&fields.given_name, &fields.family_name) {
        (Some(given), Some(family)) => in_fields(&mut parts, given, fields.middle_name.as_deref(), family),
        (given, family) => {
            // One field alone may hold the whole name, whatever its heading says.
            let alone = given.as_ref().or(family.as_ref());
            let whole = fields.full_name.as_ref().or(alone).map_or("", String::as_str);
            in_one(&mut parts, whole, given.is_some() && fields.full_name.is_none());
            if let Some(middle) = &fields.middle_name {
                parts.middle_name = Some(casing::proper(middle));
            }
            if fields.full_name.is_some()
                && let Some(alone) = alone
                && parts.organization.is_none()
            {
                prefer(&mut parts, alone, given.is_some());
            }
        }
    }
    parts
}

/// A full name beside one part in its own field: the part's field knows best when the full name agrees.
fn prefer(parts: &mut Parts, alone: &str, is_given: bool) {
    let key = fold(alone);
    let (mine, other) = if is_given {
        (&mut parts.given_name, &mut parts.family_name)
    } else {
        (&mut parts.family_name, &mut parts.given_name)
    };
    if other.as_deref().map(fold).as_deref() == Some(key.as_str()) {
        std::mem::swap(mine, other);
    } else if mine.is_none() {
        *mine = Some(casing::proper(alone));
    }
}

/// Given and family name in their fields.
fn in_fields(parts: &mut Parts, given: &str, middle: Option<&str>, family: &str) {
    if let Some(found) = organization::find(family).or_else(|| organization::find(given)) {
        parts.organization = Some(found.organization);
        if found.person.is_none() {
            return;
        }
    }
    let mut given_words = words(given);
    let (title, gender) = titles::take(&mut given_words);
    parts.absorb(title, gender);
    let (family, birth) = without_birth_name(family);
    let mut family_words = words(&family);
    let (title, gender) = titles::take(&mut family_words);
    parts.absorb(title, gender);
    if parts.birth_name.is_none() {
        parts.birth_name = birth;
    }
    while family_words.len() > 1
        && family_words.last().is_some_and(|w| matches!(w.as_str(), "s.p." | "S.P." | "PR" | "pr"))
    {
        family_words.pop();
    }

    let (given_key, family_key) = (fold(&given_words.join(" ")), fold(&family_words.join(" ")));
    if given_words.len() > 1
        && let Some(position) = given_words.iter().position(|w| fold(w) == family_key)
    {
        given_words.remove(position);
        parts.note = Some((Verdict::Corrected, "family_name_repeated"));
    }
    let first = |key: &str| key.split(' ').next().unwrap_or("").to_owned();
    let (first_given, first_family) = (first(&given_key), first(&family_key));
    if !lists::is_given(&first_given)
        && lists::is_given(&first_family)
        && !lists::is_surname(&family_key)
        && lists::is_surname(&given_key)
    {
        std::mem::swap(&mut given_words, &mut family_words);
        parts.swapped = true;
        parts.note = Some((Verdict::Corrected, "swapped"));
    }
    let (first_word, more) = given_words.split_first().map_or((None, &[][..]), |(f, m)| (Some(f), m));
    parts.given_name = first_word.and_then(|w| display(std::slice::from_ref(w)));
    parts.family_name = display(&family_words);
    parts.middle_name = middle.map(casing::proper).or_else(|| display(more));
}

/// The whole name in one field, in either order.
fn in_one(parts: &mut Parts, whole: &str, headed_given: bool) {
    let mut whole = whole.to_owned();
    if let Some(found) = organization::find(&whole) {
        parts.organization = Some(found.organization);
        match found.person {
            Some(person) => whole = person,
            None => return,
        }
    }
    let several = first_of_several(&whole);
    if let Some(first) = several.as_ref() {
        whole.clone_from(first);
    }
    let (rest, birth) = without_birth_name(&whole);
    if parts.birth_name.is_none() {
        parts.birth_name = birth;
    }
    // "Kowalski, Jan": the comma settles the order, unless only titles follow it.
    if let Some((before, after)) = rest.split_once(',') {
        let (mut family, mut given) = (words(before), words(after));
        let (title_after, gender_after) = titles::take(&mut given);
        let only_titles =
            given.len() == 1 && titles::take(&mut vec![after.trim().to_owned(), "X".to_owned()]).0.is_some();
        if !given.is_empty() && !family.is_empty() && !only_titles {
            let (title, gender) = titles::take(&mut family);
            parts.absorb(title, gender);
            parts.absorb(title_after, gender_after);
            assign(parts, &given, &family);
            return;
        }
    }
    if several.is_some() {
        parts.note = Some((Verdict::Suspect, "several_persons"));
    }
    let mut name = words(&rest.replace(',', " "));
    let (title, gender) = titles::take(&mut name);
    parts.absorb(title, gender);
    let keys: Vec<String> = name.iter().map(|w| fold(w)).collect();
    match name.as_slice() {
        [] => {}
        [single] => {
            let given = lists::is_given(keys.first().map_or("", String::as_str)) || headed_given;
            let value = display(std::slice::from_ref(single));
            if given { parts.given_name = value } else { parts.family_name = value }
        }
        _ => {
            let (given_at, sure) = given_position(&name, &keys);
            if given_at == 0 {
                let cut = middle_end(&name, &keys);
                let (given, family) = name.split_at(cut);
                assign(parts, given, family);
            } else {
                let (family, given) = name.split_at(given_at);
                assign(parts, given, family);
                parts.swapped = true;
            }
            if !sure && several.is_none() {
                parts.note = Some((Verdict::Suspect, "order_unsure"));
            }
        }
    }
}

fn assign(parts: &mut Parts, given: &[String], family: &[String]) {
    parts.family_name = display(family);
    if let Some((first, more)) = given.split_first() {
        parts.given_name = display(std::slice::from_ref(first));
        if parts.middle_name.is_none() {
            parts.middle_name = display(more);
        }
    }
}

/// Where the given names start (0, or after the family name), and whether anything told so.
fn given_position(name: &[String], keys: &[String]) -> (usize, bool) {
    let last = keys.len().saturating_sub(1);
    let given = |at: usize| keys.get(at).is_some_and(|k| lists::is_given(k) || k.split(' ').all(lists::is_given));
    let surname = |at: usize| keys.get(at).is_some_and(|k| lists::is_surname(k) || k.split(' ').any(lists::is_surname));
    let initial = |at: usize| keys.get(at).is_some_and(|k| k.len() == 1);
    let shouted = |at: usize| {
        name.get(at).is_some_and(|w| {
            w.chars().count() > 2 && !w.chars().any(char::is_lowercase) && w.chars().any(char::is_uppercase)
        })
    };
    let first_given_after = || (1..=last).find(|&at| given(at)).unwrap_or(last);
    // KOWALSKI Jan: capitals mark the family name.
    match (shouted(0), shouted(last)) {
        (true, false) => return (first_given_after(), true),
        (false, true) => return (0, true),
        _ => {}
    }
    match (given(0), given(last)) {
        (true, false) => (0, true),
        // "Kowalski Jan", "Kovač Novak Ana": but not "Xiu Anna Maria".
        (false, true) => (first_given_after(), surname(0) || !surname(last)),
        // Both may be given names: Stefan Jovan, Adam Marek.
        (true, true) if surname(0) && !surname(last) => (first_given_after(), true),
        (true, true) => (0, surname(last)),
        (false, false) if surname(0) && !surname(last) && !initial(0) => (last, !initial(last) || surname(0)),
        (false, false) => (0, surname(last) || initial(0)),
    }
}

/// End of the given names when they come first: further listed given names before the last word belong to them, and so do
/// initials.
fn middle_end(name: &[String], keys: &[String]) -> usize {
    let mut end = 1;
    while end + 1 < name.len()
        && keys.get(end).is_some_and(|k| k.len() == 1 || (lists::is_given(k) && !casing::is_particle(k)))
    {
        end += 1;
    }
    end
}

/// Display form of some words; none of none.
fn display(words: &[String]) -> Option<String> {
    let text = casing::proper(&joined_hyphens(&words.join(" ")));
    Some(text).filter(|t| t.chars().any(char::is_alphanumeric))
}

/// `Nowak - Kowalska` and `Nowak -Kowalska` are one double-barrelled name.
fn joined_hyphens(text: &str) -> String {
    const ENDS: [char; 6] = ['-', ' ', ',', ';', '"', '*'];
    if text.is_ascii() && !text.contains('-') {
        return text.trim_matches(ENDS).to_owned();
    }
    let mut text = text.replace(['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}'], "-");
    for (from, to) in [(" -", "-"), ("- ", "-"), ("--", "-")] {
        while text.contains(from) {
            text = text.replace(from, to);
        }
    }
    text.trim_matches(ENDS).to_owned()
}

/// Words, with a blank after full stops inside (`mgr.inż.Jan`), and names quoted as nicknames left out of brackets.
fn words(text: &str) -> Vec<String> {
    let text = joined_hyphens(text);
    let mut out = Vec::with_capacity(4);
    for word in text.split([' ', ';', '"', '„', '“', '”', '(', ')', '[', ']', '/']) {
        let mut rest = word;
        while let Some((before, after)) = rest.split_once('.') {
            if before.chars().any(char::is_alphanumeric) {
                out.push(format!("{before}."));
            }
            rest = after;
        }
        if rest.chars().any(char::is_alphanumeric) {
            out.push(rest.to_owned());
        }
    }
    out
}

/// Splits off the name at birth: `Anna Nowak z d. Kowalska`, `z domu`, `rođena`, `roj.`, `dzim.`, `née`, `(Kowalska)`.
fn without_birth_name(text: &str) -> (String, Option<String>) {
    const MARKS: &[&str] = &[
        " z domu ",
        " z d. ",
        " zd. ",
        " rođena ",
        " rođ. ",
        " rodjena ",
        " rodj. ",
        " рођена ",
        " рођ. ",
        " rojena ",
        " roj. ",
        " dzim. ",
        " dzimusi ",
        " née ",
        " nee ",
        " geb. ",
        " ur. ",
    ];
    // Every mark begins and ends with a blank.
    let lower = if text.matches(' ').nth(1).is_some() { text.to_lowercase() } else { String::new() };
    // Lower-casing may change lengths; then the positions would not fit.
    if lower.len() == text.len() {
        for mark in MARKS {
            if let Some(at) = lower.find(mark)
                && let (Some(before), Some(after)) = (text.get(..at), text.get(at + mark.len()..))
            {
                return (before.to_owned(), display(&words(after)));
            }
        }
    }
    if let Some((before, after)) = text.split_once('(')
        && let Some((inside, behind)) = after.split_once(')')
        && before.trim().contains(' ')
        && lists::is_surname(&fold(inside))
    {
        return (format!("{} {}", before.trim(), behind.trim()).trim().to_owned(), display(&words(inside)));
    }
    (text.to_owned(), None)
}

/// `Jan Nowak / Anna Nowak`, `Jan i Anna Kowalscy`: the first person, with the last word when a given name stands alone.
fn first_of_several(text: &str) -> Option<String> {
    let (first, others) = [" / ", " & ", "; ", " i ", " oraz ", " in ", " un ", " and ", " и ", " + "]
        .iter()
        .find_map(|mark| text.split_once(mark))?;
    let second_is_name = others.split(' ').any(|w| lists::is_given(&fold(w)));
    match (first.trim().contains(' '), others.rsplit_once(' ')) {
        _ if !second_is_name => None,
        (true, _) => Some(first.trim().to_owned()),
        (false, Some((_, family))) => Some(format!("{} {family}", first.trim())),
        (false, None) => None,
    }
}
