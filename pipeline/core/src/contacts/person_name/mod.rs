//! Person names. Enters: one field with everything, or a field for each part. Leaves: the parts in display form
//! (script and letters kept), match keys, sex where sure, a company where one was found, and a verdict.
//! Never translates between scripts in display forms and never invents a part.

mod casing;
mod gender_endings;
mod junk;
mod lists;
mod order;
mod organization;
mod parts;
mod several;
mod swap;
mod titles;
mod vietnamese;
mod words;

use super::daitch_mokotoff;
use super::nicknames::Nicknames;
use super::placeholder::Placeholders;
use crate::text::{fold, script, squeeze};
use crate::value::{Assessment, Verdict};
use parts::Parts;
use std::collections::BTreeSet;

/// Reason codes of person names.
pub const REASONS: &[(&str, &str)] = &[
    ("placeholder", "A word that stands for \"no name\", such as brak or n/a."),
    ("junk", "Letters that are no name: test test, asdf, xxx, a label of the form."),
    ("looks_like_email", "The field holds an email address."),
    ("looks_like_phone", "The field holds a telephone number."),
    ("no_letters", "The field holds no letters."),
    ("digits", "A name does not hold digits."),
    ("organization", "The field names a company or institution, not a person."),
    ("placeholder_like", "A surname that is a word for \"no name\" as well, as Null or Bez; it is kept."),
    ("swapped", "Given and family name stood in each other's field."),
    ("swap_suspected", "Given and family name may stand in each other's field; the suggestion has them exchanged."),
    ("repeated", "Given and family name are the same word."),
    ("family_name_repeated", "The given-name field repeated the family name; it was dropped there."),
    ("given_name_repeated", "The family-name field repeated the given name; it was dropped there."),
    ("full_name_repeated", "Both fields held the whole name; it was parted."),
    ("incomplete", "Only a given name or only a family name is known."),
    ("initial", "The given name is only an initial."),
    ("several_persons", "The field names several people; the first one is taken, the suggestion has them all."),
    ("order_unsure", "Nothing tells which of the words is the family name."),
];

/// The name fields of one record, as written.
#[derive(Debug, Clone, Copy, Default)]
pub struct NameInput<'a> {
    pub full_name: Option<&'a str>,
    pub honorific_prefix: Option<&'a str>,
    pub given_name: Option<&'a str>,
    pub middle_name: Option<&'a str>,
    pub family_name: Option<&'a str>,
    pub honorific_suffix: Option<&'a str>,
    pub birth_name: Option<&'a str>,
    /// ISO 3166 alpha-2: whose lists of names count first, and whose gender endings are stripped.
    pub country: Option<&'a str>,
}

/// A judged name. Names of the parts: schema.org; keys are folded (`a-z`, blanks).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// Titles and forms of address: `dr hab.`, `gospa`, `kungs`.
    pub honorific_prefix: Option<String>,
    /// What stands behind the name: `jun.`, `MBA`, `univ. dipl. inž.`
    pub honorific_suffix: Option<String>,
    pub given_name: Option<String>,
    pub middle_name: Option<String>,
    pub family_name: Option<String>,
    pub birth_name: Option<String>,
    pub given_name_key: Option<String>,
    /// The formal name a nickname stands for, else the given name; first name only.
    pub given_name_root: Option<String>,
    pub family_name_key: Option<String>,
    /// Without the ending that tells a woman's from a man's form.
    pub family_name_root: Option<String>,
    /// Daitch-Mokotoff code of the root's first word.
    pub family_name_phonetic: Option<String>,
    pub birth_name_key: Option<String>,
    /// `female` or `male`.
    pub gender: Option<&'static str>,
    pub organization: Option<String>,
    /// [`script`] of the name fields as written.
    pub script: Option<&'static str>,
    /// The parts stood in the unusual order and were put right.
    pub swapped: bool,
    pub assessment: Assessment,
}

pub(super) fn person_name(input: &NameInput<'_>, placeholders: &Placeholders) -> PersonName {
    let texts = [input.full_name, input.given_name, input.middle_name, input.family_name];
    let scripts = texts.into_iter().flatten().filter_map(script);
    let script = scripts.reduce(|one, other| if one == other { one } else { "mixed" });
    let mut placeholder_seen = false;
    let mut doubtful_seen = false;
    let mut field = |raw: Option<&str>, beside: Option<&str>| {
        let text = squeeze(&words::tidy(raw.unwrap_or("")));
        let doubtful = is_name_too(&text) && beside.is_some_and(|b| lists::can_be_given(&fold(b)));
        let stands_for_nothing = !text.is_empty() && !doubtful && is_placeholder(&text, placeholders);
        placeholder_seen |= stands_for_nothing;
        doubtful_seen |= doubtful;
        Some(text).filter(|t| !t.is_empty() && !stands_for_nothing)
    };
    let fields = parts::Fields {
        full_name: field(input.full_name, None),
        honorific_prefix: field(input.honorific_prefix, None),
        given_name: field(input.given_name, None),
        middle_name: field(input.middle_name, None),
        family_name: field(input.family_name, input.given_name),
        honorific_suffix: field(input.honorific_suffix, None),
        birth_name: field(input.birth_name, None),
        country: input.country,
    };
    let texts = || [&fields.full_name, &fields.given_name, &fields.family_name].into_iter().flatten();
    if texts().next().is_none() {
        let assessment =
            if placeholder_seen { Assessment::new(Verdict::Missing, "placeholder") } else { Assessment::MISSING };
        let (honorific_prefix, honorific_suffix) = (fields.honorific_prefix, fields.honorific_suffix);
        let parts = Parts { honorific_prefix, honorific_suffix, ..Parts::default() };
        return keyed(parts, input.country, script, assessment);
    }
    if let Some(reason) = junk::why_no_name(texts().chain(&fields.middle_name).map(String::as_str)) {
        return keyed(Parts::default(), input.country, script, Assessment::new(Verdict::Invalid, reason));
    }
    let parts = parts::split(&fields);
    let mut assessment = assess(&parts);
    if doubtful_seen && assessment.verdict == Verdict::Valid {
        assessment = Assessment::new(Verdict::Suspect, "placeholder_like");
    }
    keyed(parts, input.country, script, assessment)
}

/// A listed placeholder, once or several times over (`brak brak`).
fn is_placeholder(text: &str, placeholders: &Placeholders) -> bool {
    placeholders.contains(text)
        || (text.contains(' ') && text.split(' ').all(|w| placeholders.contains(w) && !is_name_too(w)))
}

/// Placeholders that people are called by, written as a name: `Null`, but neither `NULL` nor `null`.
fn is_name_too(text: &str) -> bool {
    matches!(text, "Null" | "Bez" | "Ni" | "Na" | "Nav" | "None" | "Nil" | "Нав")
}

fn assess(parts: &Parts) -> Assessment {
    let suspect = |reason| Assessment::new(Verdict::Suspect, reason);
    let has_digit = |part: &Option<String>| part.as_deref().is_some_and(|p| p.chars().any(char::is_numeric));
    let several = parts.note.as_ref().filter(|n| n.reason == Some("several_persons"));
    match (&parts.given_name, &parts.family_name) {
        (None, None) if parts.organization.is_some() => suspect("organization"),
        (None, None) => Assessment::new(Verdict::Invalid, "no_letters"),
        _ if parts.numbers || has_digit(&parts.given_name) || has_digit(&parts.family_name) => suspect("digits"),
        _ if parts.organization.is_some() => suspect("organization"),
        _ if several.is_some() => several.cloned().unwrap_or(Assessment::VALID),
        (Some(given), Some(family)) if fold(given) == fold(family) => suspect("repeated"),
        (None, Some(_)) | (Some(_), None) => suspect("incomplete"),
        (Some(given), Some(_)) if fold(given).len() == 1 => suspect("initial"),
        _ => parts.note.clone().unwrap_or(Assessment::VALID),
    }
}

/// Adds the match keys and the sex.
fn keyed(parts: Parts, country: Option<&str>, script: Option<&'static str>, assessment: Assessment) -> PersonName {
    let key = |part: &Option<String>| part.as_deref().map(fold).filter(|k| !k.is_empty());
    let given_name_key = key(&parts.given_name);
    let family_name_key = key(&parts.family_name);
    let given_name_root = given_name_key.as_deref().map(|given| {
        let first = given.split(' ').next().unwrap_or(given);
        Nicknames::shared().root(first).unwrap_or(first).to_owned()
    });
    let family_name_root = family_name_key.as_deref().map(|family| gender_endings::root(family, country));
    let family_name_phonetic = family_name_root.as_deref().and_then(|root| {
        let word = root.split(' ').find(|w| !casing::is_particle(w)).unwrap_or(root);
        daitch_mokotoff::code(word)
    });
    let gender = parts.gender.or_else(|| gender(given_name_key.as_deref(), family_name_key.as_deref(), country));
    PersonName {
        birth_name_key: key(&parts.birth_name),
        given_name_root,
        given_name_key,
        family_name_phonetic,
        family_name_root,
        family_name_key,
        gender,
        honorific_prefix: parts.honorific_prefix,
        honorific_suffix: parts.honorific_suffix,
        given_name: parts.given_name,
        middle_name: parts.middle_name,
        family_name: parts.family_name,
        birth_name: parts.birth_name,
        organization: parts.organization,
        script,
        swapped: parts.swapped,
        assessment,
    }
}

/// What surnames of one family have in common: their words without the endings that tell a woman's form from a man's and
/// without particles (van, de), and of longer words the sound (Daitch-Mokotoff, after `#`), since names are mistyped.
/// `Nowak-Kowalska` and `Kowalski` share a word. Where the country is unknown, words are in every country's form.
pub fn family_words(family: &str, country: Option<&str>) -> BTreeSet<String> {
    const ANY: [Option<&str>; 5] = [None, Some("PL"), Some("LV"), Some("LT"), Some("CZ")];
    const LONG: usize = 5;
    let folded = fold(family);
    let mut words = BTreeSet::new();
    let mut add = |country: Option<&str>| {
        for word in gender_endings::root(&folded, country).split(' ') {
            if word.len() > 1 && !casing::is_particle(word) {
                words.extend(daitch_mokotoff::code(word).filter(|_| word.len() >= LONG).map(|code| format!("#{code}")));
                words.insert(word.to_owned());
            }
        }
    };
    match country {
        Some(_) => add(country),
        None => ANY.into_iter().for_each(add),
    }
    words
}

/// Sex by given name and surname ending, when they do not contradict each other.
fn gender(given: Option<&str>, family: Option<&str>, country: Option<&str>) -> Option<&'static str> {
    let by_given = given.and_then(|g| {
        let first = g.split(' ').next().unwrap_or(g);
        if lists::is_given(first) {
            lists::sex(first, country)
        } else {
            lists::sex(Nicknames::shared().root(first)?, country)
        }
    });
    let by_family = family.and_then(gender_endings::sex);
    match (by_given, by_family) {
        (Some(a), Some(b)) if a != b => None,
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;
