//! Display forms and the standard line. Enters: parts. Leaves: text in the country's postal format.
//! Never here: keys.

use super::Address;
use super::pack::{CountryPack, Role};
use super::token::is_roman;
use crate::text::fold;
use std::borrow::Cow;

/// One word of a template.
#[derive(Debug, Clone)]
pub(super) enum Slot {
    Street,
    Number,
    NumberOnly,
    Details,
    PostalCode,
    Locality,
    District,
    Region,
    Text(String),
}

/// The words of a segment's template.
pub(super) fn slots(template: &str) -> Vec<Slot> {
    let slot = |word: &str| match word {
        "{street}" => Slot::Street,
        "{number}" => Slot::Number,
        "{number_only}" => Slot::NumberOnly,
        "{details}" => Slot::Details,
        "{postal_code}" => Slot::PostalCode,
        "{locality}" => Slot::Locality,
        "{district}" => Slot::District,
        "{region}" => Slot::Region,
        text => Slot::Text(text.to_string()),
    };
    template.split(' ').map(slot).collect()
}

/// Title case for a part written all in capitals or all in small letters; mixed case stays.
pub(super) fn title(pack: &CountryPack, text: String) -> String {
    recased(pack, &text).unwrap_or(text)
}

/// The same; none where it stays.
pub(super) fn recased(pack: &CountryPack, text: &str) -> Option<String> {
    let upper = text.chars().any(char::is_uppercase);
    let lower = text.chars().any(char::is_lowercase);
    if upper == lower {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        let lower = lower_case(word);
        if n > 0 && pack.lower_in_names.contains(&*lower) {
            out.push_str(&lower);
        } else if let Some(ending) = behind_capitals(pack, &lower) {
            out.push_str(&lower.strip_suffix(ending).unwrap_or(&lower).to_uppercase());
            out.push_str(ending);
        } else if is_roman(word.trim_end_matches('.')) && (word.len() > 1 || word.ends_with('.')) {
            out.push_str(&word.to_uppercase());
        } else {
            capitalise(&lower, &mut out);
        }
    }
    Some(out)
}

/// What stands behind letters that stay capitals: "" for `jna`, `-a` for `avnoj-a`.
fn behind_capitals<'w>(pack: &CountryPack, word: &'w str) -> Option<&'w str> {
    if pack.capitals.is_empty() {
        return None;
    }
    let end = word.find('-').unwrap_or(word.len());
    pack.capitals.contains(word.get(..end)?.trim_end_matches('.')).then(|| word.get(end..)).flatten()
}

fn lower_case(word: &str) -> Cow<'_, str> {
    if word.chars().all(|c| c.is_lowercase() || c.is_ascii() && !c.is_ascii_uppercase()) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(word.to_lowercase())
    }
}

/// Upper-cases the first letter of each hyphenated piece.
fn capitalise(word: &str, out: &mut String) {
    let mut start = true;
    let after_digit = word.starts_with(|c: char| c.is_ascii_digit());
    for c in word.chars() {
        if start && c.is_alphabetic() && !after_digit {
            out.extend(c.to_uppercase());
            start = false;
        } else {
            out.push(c);
            start = start && !c.is_alphanumeric() || c == '-' || c == '.';
        }
    }
}

/// The one-line form; None when there is nothing to write.
pub(super) fn line(pack: &CountryPack, address: &Address, street_sure: bool) -> Option<String> {
    let format = &pack.format;
    let settlement = address.street.is_none();
    let template = if settlement { &pack.village } else { &pack.line };
    let mut out = String::with_capacity(64);
    if let (true, Some(number)) = (settlement && address.house_number.is_none(), &address.po_box) {
        segment(&mut out, |out| expand(&format.po_box, number, out));
    }
    for (n, slots) in template.iter().enumerate() {
        if n == 0 && settlement && address.house_number.is_none() && address.unit.is_none() {
            continue; // no house at all: the place alone
        }
        segment(&mut out, |out| fill(pack, address, slots, street_sure, out));
        if n == 0
            && let Some(number) = &address.po_box
        {
            segment(&mut out, |out| expand(&format.po_box, number, out));
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Appends what is written, behind a comma unless it is the first or nothing.
fn segment(out: &mut String, write: impl FnOnce(&mut String)) {
    let before = out.len();
    if before > 0 {
        out.push_str(", ");
    }
    let from = out.len();
    write(out);
    if out.len() == from {
        out.truncate(before);
    }
}

/// Appends a template with its value.
fn expand(template: &str, value: &str, out: &mut String) {
    for (n, text) in template.split("{}").enumerate() {
        if n > 0 {
            out.push_str(value);
        }
        out.push_str(text);
    }
}

fn fill(pack: &CountryPack, a: &Address, slots: &[Slot], street_sure: bool, out: &mut String) {
    fn plain(part: &Option<String>) -> Option<Cow<'_, str>> {
        part.as_deref().map(Cow::Borrowed)
    }
    let from = out.len();
    for slot in slots {
        let value = match slot {
            Slot::Street => a.street.as_ref().map(|s| street(pack, a, s, street_sure)),
            Slot::Number => Some(house(pack, a, true)),
            Slot::NumberOnly => plain(&a.house_number),
            Slot::Details => Some(house(pack, a, false)),
            Slot::PostalCode => plain(&a.postal_code),
            Slot::Locality => plain(&a.locality),
            // A part of a town is no line of the address; an administrative area is.
            Slot::District => plain(&a.district).filter(|d| names_area(pack, d)),
            Slot::Region => plain(&a.region),
            Slot::Text(text) => Some(Cow::Borrowed(text.as_str())),
        };
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            if out.len() > from && !value.starts_with('-') {
                out.push(' ');
            }
            out.push_str(&value);
        }
    }
}

fn street<'a>(pack: &CountryPack, a: &Address, name: &'a str, sure: bool) -> Cow<'a, str> {
    if pack.format.quote_house_names && a.house_number.is_none() {
        return if has_type(pack, name) { Cow::Borrowed(name) } else { Cow::Owned(format!("\"{name}\"")) };
    }
    let Some(written) = &pack.written else {
        return Cow::Borrowed(name);
    };
    let first = name.split(' ').next().unwrap_or(name);
    if pack.without_type.iter().any(|word| first.chars().flat_map(char::to_lowercase).eq(word.chars())) {
        return Cow::Borrowed(name);
    }
    let town = || a.locality_key.as_ref().is_some_and(|k| pack.places.get(k).is_some());
    // A street named like its place is the settlement itself.
    if (sure || town()) && a.street_key != a.locality_key && !has_type(pack, name) {
        return Cow::Owned([written, " ", name].concat());
    }
    Cow::Borrowed(name)
}

fn names_area(pack: &CountryPack, text: &str) -> bool {
    pack.code.is_empty()
        || fold(text).split(' ').any(|w| pack.phrases(w).iter().any(|p| matches!(p.role, Role::Area(_)) && w.len() > 3))
}

fn has_type(pack: &CountryPack, name: &str) -> bool {
    fold(name).split(' ').any(|word| pack.type_word(word).is_some())
}

/// Entrance, floor and flat, after the number or without it.
fn house<'a>(pack: &CountryPack, a: &'a Address, with_number: bool) -> Cow<'a, str> {
    let f = &pack.format;
    let number = a.house_number.as_deref().filter(|_| with_number).unwrap_or("");
    if a.staircase.is_none() && a.level.is_none() && a.unit.is_none() {
        return Cow::Borrowed(number);
    }
    let mut out = String::with_capacity(number.len() + 24);
    out.push_str(number);
    if let Some(staircase) = &a.staircase {
        detail(&f.staircase, staircase, &mut out);
    }
    if let Some(level) = &a.level {
        let plain = a.staircase.is_none() && a.house_number.is_some();
        match &f.level_roman {
            Some(roman) if plain && is_roman(level) && level.bytes().all(|b| b.is_ascii_uppercase()) => {
                detail(roman, level, &mut out);
            }
            _ if level.starts_with(|c: char| c.is_ascii_digit()) || is_roman(level) => {
                detail(&f.level, level, &mut out);
            }
            _ => detail("{}", level, &mut out),
        }
    }
    if let Some(unit) = &a.unit {
        let simple = a.house_number.is_some() && a.staircase.is_none() && a.level.is_none();
        match &f.unit_alone {
            Some(alone) if !simple => detail(alone, unit, &mut out),
            _ => detail(&f.unit, unit, &mut out),
        }
    }
    Cow::Owned(out)
}

/// Appends a detail to a number: glued where its template says so.
fn detail(template: &str, value: &str, out: &mut String) {
    let text = if template.starts_with("{}") { value } else { template };
    let glued = text.starts_with('-') || text.starts_with('/') && !text.starts_with("/ ");
    if !out.is_empty() && !glued {
        out.push(' ');
    }
    expand(template, value, out);
}
