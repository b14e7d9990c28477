//! Display forms and the standard line. Enters: parts. Leaves: text in the country's postal format.
//! Never here: keys.

use super::Address;
use super::pack::{CountryPack, Role};
use super::token::is_roman;
use crate::text::fold;

/// Title case for a part written all in capitals or all in small letters; mixed case stays.
pub(super) fn title(pack: &CountryPack, text: &str) -> String {
    let upper = text.chars().any(char::is_uppercase);
    let lower = text.chars().any(char::is_lowercase);
    if upper && lower || (!upper && !lower) {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len());
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        let lower = word.to_lowercase();
        let kind = pack.street_types.iter().any(|k| k.in_name && k.name == lower);
        if n > 0 && (kind || pack.small.contains(&lower)) {
            out.push_str(&lower);
        } else if is_roman(word.trim_end_matches('.')) && (word.len() > 1 || word.ends_with('.')) {
            out.push_str(&word.to_uppercase());
        } else {
            capitalise(&lower, &mut out);
        }
    }
    out
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
    let template = if settlement { &format.village } else { &format.line };
    let mut segments: Vec<String> = Vec::with_capacity(4);
    if let (true, Some(number)) = (settlement && address.house_number.is_none(), &address.po_box) {
        segments.push(format.po_box.replace("{}", number));
    }
    for (n, segment) in template.iter().enumerate() {
        if n == 0 && settlement && address.house_number.is_none() && address.unit.is_none() {
            continue; // no house at all: the place alone
        }
        let text = fill(pack, address, segment, street_sure);
        if !text.is_empty() {
            segments.push(text);
        }
        if n == 0
            && let Some(number) = &address.po_box
        {
            segments.push(format.po_box.replace("{}", number));
        }
    }
    (!segments.is_empty()).then(|| segments.join(", "))
}

fn fill(pack: &CountryPack, a: &Address, segment: &str, street_sure: bool) -> String {
    let mut out = String::with_capacity(48);
    for word in segment.split(' ') {
        let value = match word {
            "{street}" => a.street.as_ref().map(|s| street(pack, a, s, street_sure)),
            "{number}" => house(pack, a, true),
            "{number_only}" => a.house_number.clone(),
            "{details}" => house(pack, a, false),
            "{postal_code}" => a.postal_code.clone(),
            "{locality}" => a.locality.clone(),
            // A part of a town is no line of the address; an administrative area is.
            "{district}" => a.district.clone().filter(|d| names_area(pack, d)),
            "{region}" => a.region.clone(),
            other => Some(other.to_string()),
        };
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            if !out.is_empty() && !value.starts_with('-') {
                out.push(' ');
            }
            out.push_str(&value);
        }
    }
    out
}

fn street(pack: &CountryPack, a: &Address, name: &str, sure: bool) -> String {
    if pack.format.quote_house_names && a.house_number.is_none() {
        return if has_type(pack, name) { name.to_string() } else { format!("\"{name}\"") };
    }
    let Some(written) = pack.street_types.iter().find_map(|k| k.written.as_ref()) else {
        return name.to_string();
    };
    let town = a.locality_key.as_ref().is_some_and(|k| pack.places.get(k).is_some());
    // A street named like its place is the settlement itself.
    if (sure || town) && a.street_key != a.locality_key && !has_type(pack, name) {
        return format!("{written} {name}");
    }
    name.to_string()
}

fn names_area(pack: &CountryPack, text: &str) -> bool {
    pack.code.is_empty()
        || fold(text).split(' ').any(|w| pack.phrases(w).iter().any(|p| matches!(p.role, Role::Area(_)) && w.len() > 3))
}

fn has_type(pack: &CountryPack, name: &str) -> bool {
    fold(name).split(' ').any(|word| pack.type_word(word).is_some())
}

/// Entrance, floor and flat, after the number or without it.
fn house(pack: &CountryPack, a: &Address, with_number: bool) -> Option<String> {
    let f = &pack.format;
    let mut out = a.house_number.clone().filter(|_| with_number).unwrap_or_default();
    let mut add = |text: String| {
        if out.is_empty() || text.starts_with('-') || (text.starts_with('/') && !text.starts_with("/ ")) {
            out.push_str(&text);
        } else {
            out.push(' ');
            out.push_str(&text);
        }
    };
    if let Some(staircase) = &a.staircase {
        add(f.staircase.replace("{}", staircase));
    }
    if let Some(level) = &a.level {
        let plain = a.staircase.is_none() && a.house_number.is_some();
        add(match &f.level_roman {
            Some(roman) if plain && is_roman(level) && level.bytes().all(|b| b.is_ascii_uppercase()) => {
                roman.replace("{}", level)
            }
            _ if level.starts_with(|c: char| c.is_ascii_digit()) || is_roman(level) => f.level.replace("{}", level),
            _ => level.clone(),
        });
    }
    if let Some(unit) = &a.unit {
        let simple = a.house_number.is_some() && a.staircase.is_none() && a.level.is_none();
        match &f.unit_alone {
            Some(alone) if !simple => add(alone.replace("{}", unit)),
            _ => add(f.unit.replace("{}", unit)),
        }
    }
    (!out.is_empty()).then_some(out)
}
