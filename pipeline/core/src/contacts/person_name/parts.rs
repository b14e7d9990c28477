//! Which words are which part of a name. Enters: the squeezed fields. Leaves: the parts in display form.
//! Never drops a letter of a name: what is unsure stays with the family name.

use super::{casing, lists, order, organization, several, swap, titles, vietnamese, words};
use crate::text::fold;
use crate::value::{Assessment, Verdict};
use words::display;

/// Squeezed and tidy, placeholders gone.
pub(super) struct Fields<'a> {
    pub full_name: Option<String>,
    pub honorific_prefix: Option<String>,
    pub given_name: Option<String>,
    pub middle_name: Option<String>,
    pub family_name: Option<String>,
    pub honorific_suffix: Option<String>,
    pub birth_name: Option<String>,
    pub country: Option<&'a str>,
}

/// The parts in display form, and what was found on the way.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub honorific_prefix: Option<String>,
    pub honorific_suffix: Option<String>,
    pub given_name: Option<String>,
    pub middle_name: Option<String>,
    pub family_name: Option<String>,
    pub birth_name: Option<String>,
    pub organization: Option<String>,
    /// From a form of address.
    pub gender: Option<&'static str>,
    pub swapped: bool,
    /// Words of digits alone were left out.
    pub numbers: bool,
    pub note: Option<Assessment>,
}

impl Parts {
    fn absorb(&mut self, taken: titles::Taken) {
        let joined = |words: Vec<String>| Some(words.join(" ")).filter(|t| !t.is_empty());
        self.honorific_prefix = self.honorific_prefix.take().or(joined(taken.prefix));
        self.honorific_suffix = self.honorific_suffix.take().or(joined(taken.suffix));
        self.gender = self.gender.or(taken.sex);
        if taken.household {
            self.note(Verdict::Suspect, "several_persons");
        }
    }

    /// The first note stands.
    fn note(&mut self, verdict: Verdict, reason: &'static str) {
        self.note.get_or_insert(Assessment::new(verdict, reason));
    }

    /// Words of a field without titles and bare numbers.
    fn name_words(&mut self, text: &str) -> Vec<String> {
        let mut name = words::words(text);
        let taken = titles::take(&mut name);
        self.absorb(taken);
        let before = name.len();
        if name.iter().any(|w| w.chars().any(char::is_alphabetic)) {
            name.retain(|w| w.chars().any(char::is_alphabetic));
        }
        self.numbers |= name.len() < before;
        name
    }

    fn assign(&mut self, mut given: Vec<String>, family: &[String]) {
        vietnamese::given_first(&mut given, family);
        self.family_name = display(family);
        if let Some((first, more)) = given.split_first() {
            self.given_name = display(std::slice::from_ref(first));
            if self.middle_name.is_none() {
                self.middle_name = display(more);
            }
        }
    }
}

pub(super) fn split(fields: &Fields<'_>) -> Parts {
    let mut parts = Parts {
        honorific_prefix: fields.honorific_prefix.clone(),
        honorific_suffix: fields.honorific_suffix.clone(),
        birth_name: fields.birth_name.as_deref().and_then(|b| display(&[b.to_owned()])),
        ..Parts::default()
    };
    if let Some(title) = &fields.honorific_prefix {
        parts.gender = crate::contacts::gender(title).filter(|_| fold(title).len() > 2);
    }
    match (&fields.given_name, &fields.family_name) {
        (Some(given), Some(family)) if given.contains(' ') && fold(given) == fold(family) => {
            in_one(&mut parts, given, false, fields.country);
            parts.note(Verdict::Corrected, "full_name_repeated");
        }
        (Some(given), Some(family)) => {
            in_fields(&mut parts, given, fields.middle_name.as_deref(), family, fields.country);
        }
        (given, family) => {
            // One field alone may hold the whole name, whatever its heading says.
            let alone = given.as_ref().or(family.as_ref());
            let whole = fields.full_name.as_ref().or(alone).map_or("", String::as_str);
            in_one(&mut parts, whole, given.is_some() && fields.full_name.is_none(), fields.country);
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
fn in_fields(parts: &mut Parts, given: &str, middle: Option<&str>, family: &str, country: Option<&str>) {
    let mut family = family;
    if let Some(found) = organization::find(family).or_else(|| organization::find(given)) {
        parts.organization = Some(found.organization);
        if found.person.is_none() {
            return;
        }
    } else if let Some(own) = organization::without_trader_mark(family) {
        parts.organization = Some(format!("{given} {family}"));
        family = own;
    }
    let (family, birth) = words::without_birth_name(family);
    parts.birth_name = parts.birth_name.take().or(birth);
    let mut given_words = parts.name_words(given);
    let mut family_words = parts.name_words(&family);

    let (given_key, family_key) = (fold(&given_words.join(" ")), fold(&family_words.join(" ")));
    let first_given = given_words.first().map(|w| fold(w)).unwrap_or_default();
    let repeats_given = |word: &String| [&given_key, &first_given].contains(&&fold(word));
    if given_words.len() > 1
        && let Some(position) = given_words.iter().position(|w| fold(w) == family_key)
    {
        given_words.remove(position);
        parts.note(Verdict::Corrected, "family_name_repeated");
    } else if family_words.len() > 1
        && let Some(position) = family_words.iter().position(repeats_given)
    {
        family_words.remove(position);
        parts.note(Verdict::Corrected, "given_name_repeated");
    } else {
        match swap::judge(&given_words, &family_words, country) {
            swap::Judgement::Swapped => {
                std::mem::swap(&mut given_words, &mut family_words);
                parts.swapped = true;
                parts.note(Verdict::Corrected, "swapped");
            }
            swap::Judgement::Doubtful => {
                if let (Some(given), Some(family)) = (display(&family_words), display(&given_words)) {
                    let doubt = Assessment::new(Verdict::Suspect, "swap_suspected");
                    parts.note.get_or_insert(doubt.suggesting(format!("{given} {family}")));
                }
            }
            swap::Judgement::Fine => {}
        }
    }
    parts.assign(given_words, &family_words);
    if let Some(middle) = middle {
        parts.middle_name = Some(casing::proper(middle));
    }
}

/// "dr hab. Jan Nowak, prof. UW": a title with the letters of a university behind a name that is not in capitals.
fn affiliation(name: &str, behind: &str) -> Option<String> {
    let words = words::words(behind);
    let [title, place] = words.as_slice() else { return None };
    let letters = (2..=5).contains(&place.chars().count()) && place.chars().all(char::is_uppercase);
    (letters
        && name.chars().any(char::is_lowercase)
        && titles::only_titles(std::slice::from_ref(title))
        && !lists::can_be_given(&fold(place)))
    .then(|| words.join(" "))
}

/// The whole name in one field, in either order.
fn in_one(parts: &mut Parts, whole: &str, headed_given: bool, country: Option<&str>) {
    let mut whole = whole.to_owned();
    if let Some(found) = organization::find(&whole) {
        parts.organization = Some(found.organization);
        match found.person {
            Some(person) => whole = person,
            None => return,
        }
    }
    if let Some(found) = several::find(&whole, country) {
        parts.absorb(found.titles);
        let mut doubt = Assessment::new(Verdict::Suspect, "several_persons");
        if !found.surname_only {
            let all: Vec<String> = found.persons.iter().map(|p| casing::proper(p)).collect();
            doubt = doubt.suggesting(all.join("; "));
        }
        parts.note = Some(doubt);
        whole = found.persons.into_iter().next().unwrap_or_default();
    }
    let (rest, birth) = words::without_birth_name(&whole);
    parts.birth_name = parts.birth_name.take().or(birth);
    let affiliation =
        rest.split_once(',').and_then(|(before, after)| Some((before.to_owned(), affiliation(before, after)?)));
    let rest = match affiliation {
        Some((before, suffix)) => {
            parts.honorific_suffix.get_or_insert(suffix);
            before.into()
        }
        None => rest,
    };
    // "Kowalski, Jan": the comma settles the order, unless only titles follow it.
    if let Some((before, after)) = rest.split_once(',') {
        let behind = words::words(after);
        if !behind.is_empty() && !titles::only_titles(&behind) {
            let mut given = parts.name_words(&after.replace(',', " "));
            let mut family = parts.name_words(before);
            if !given.is_empty() && !family.is_empty() {
                if swap::judge(&given, &family, country) == swap::Judgement::Swapped {
                    std::mem::swap(&mut given, &mut family);
                    parts.swapped = true;
                    parts.note(Verdict::Corrected, "swapped");
                }
                parts.assign(given, &family);
                return;
            }
        }
    }
    let name = parts.name_words(&rest.replace(',', " "));
    match name.as_slice() {
        [] => {}
        [single] => {
            let value = display(std::slice::from_ref(single));
            let weight = lists::weigh(&fold(single), country);
            let household = parts.note.is_some();
            if headed_given || (weight.given > weight.surname && !household) {
                parts.given_name = value;
            } else {
                parts.family_name = value;
            }
        }
        _ => {
            let order = order::split(&name, country);
            parts.assign(order.given, &order.family);
            parts.swapped = order.family_first;
            if !order.sure {
                parts.note(Verdict::Suspect, "order_unsure");
            }
        }
    }
}
