//! House numbers. Enters: one word such as `12a/34`, `73/II`, `100-12`. Leaves: number, floor and flat.
//! Never here: words such as "stan" or "m." (see `parse`).

use super::pack::{CountryPack, Role};
use super::schema::{Dash, Slash};
use super::token::is_roman;
use std::borrow::Cow;

/// What one word says of a house.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct HouseNumber {
    pub(super) number: String,
    pub(super) unit: Option<String>,
    pub(super) level: Option<String>,
    /// The unit was split off a slash and may be something else if a flat is named later.
    pub(super) slashed: bool,
}

/// Whether a word has the shape of a house number: digits, at most a letter or two, joined by `/` or `-`.
pub(super) fn is_house_number(text: &str) -> bool {
    let text = text.trim_end_matches('.');
    if text.len() > 16 || !text.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    text.split(['/', '-']).enumerate().all(|(at, piece)| {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let rest = piece.get(digits..).unwrap_or("");
        let letters = rest.chars().take_while(|c| c.is_alphabetic()).count();
        let tail = rest.chars().skip(letters);
        match (digits, letters) {
            (0, 0) => false,
            (0, _) => at > 0 && ((letters == 1 && tail.clone().all(|c| c.is_ascii_digit())) || is_roman(rest)),
            (1..=5, 0) => rest.is_empty(),
            (1..=5, 1) => tail.clone().all(|c| c.is_ascii_digit()),
            (1..=5, 2..=3) => {
                rest.eq_ignore_ascii_case("bis")
                    || rest.eq_ignore_ascii_case("ter")
                    || tail.clone().any(|c| c.is_ascii_digit())
            }
            _ => false,
        }
    })
}

/// Takes a house number apart by the country's conventions.
pub(super) fn split(pack: &CountryPack, text: &str) -> HouseNumber {
    let text = text.trim_end_matches('.');
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return HouseNumber { number: text.to_string(), ..HouseNumber::default() };
    }
    let mut pieces: Vec<(char, &str)> = Vec::with_capacity(3);
    let mut from = 0;
    let mut joint = '\0';
    for (at, c) in text.char_indices().filter(|(_, c)| matches!(c, '/' | '-')) {
        pieces.push((joint, text.get(from..at).unwrap_or("")));
        (joint, from) = (c, at + 1);
    }
    pieces.push((joint, text.get(from..).unwrap_or("")));
    pieces.retain(|(_, p)| !p.is_empty());

    let mut out = HouseNumber::default();
    let Some(((_, first), mut rest)) = pieces.split_first() else {
        return out;
    };
    match glued_marker(pack, first) {
        Some((number, Role::Unit, unit)) if !unit.is_empty() => {
            out.number = number.to_string();
            out.unit = Some(unit.to_string());
        }
        Some((number, Role::Building, building)) => {
            let building = match rest {
                [('-', building_after_dash), tail @ ..] if building.is_empty() => {
                    rest = tail;
                    building_after_dash
                }
                _ => building,
            };
            out.number = number.to_string();
            if building.is_empty() {
                out.number = (*first).to_string();
            } else {
                out.number.push(' ');
                out.number.push_str(&pack.format.building.replace("{}", building));
            }
        }
        _ => out.number = (*first).to_string(),
    }
    let mut slashes = rest.iter().filter(|(joint, _)| *joint == '/').map(|(_, piece)| *piece);
    let first = slashes.next();
    let last = slashes.next_back().or(first);
    for (joint, piece) in rest {
        add_piece(pack, &mut out, *joint, piece, (first, last));
    }
    out
}

fn add_piece(
    pack: &CountryPack,
    out: &mut HouseNumber,
    joint: char,
    piece: &str,
    (first, last): (Option<&str>, Option<&str>),
) {
    let letter = piece.chars().count() == 1 && piece.chars().all(char::is_alphabetic);
    let roman = is_roman(piece) && pack.number.roman_is_level;
    if let Some((number, Role::Unit, unit)) = glued_marker(pack, piece).filter(|m| !m.0.is_empty() && !m.2.is_empty()) {
        join(&mut out.number, joint, number); // 10/12m5
        out.unit = Some(unit.to_string());
        return;
    }
    if let Some(("", Role::Building, building)) = glued_marker(pack, piece).filter(|m| !m.2.is_empty()) {
        out.number.push(' ');
        out.number.push_str(&pack.format.building.replace("{}", building)); // 76-k1
        return;
    }
    if roman && (joint == '/' || piece.len() > 1) {
        out.level = Some(piece.to_string());
        return;
    }
    if letter && out.unit.is_none() && out.number.ends_with(|c: char| c.is_ascii_digit()) {
        out.number.push_str(piece); // 12/a, 12-a
        return;
    }
    let as_unit = match joint {
        '-' => pack.number.dash == Dash::Unit || (out.level.is_some() && out.unit.is_none()), // 5/II-12
        _ => match pack.number.slash {
            Slash::Number | Slash::Whole => false,
            Slash::Unit => true,
            Slash::RangeOrUnit => {
                let corner = out.unit.is_none() && first == Some(piece) && looks_like_corner(&out.number, piece);
                !corner && last == Some(piece) && out.unit.is_none()
            }
        },
    };
    if !as_unit {
        if let Some(unit) = &mut out.unit {
            join(unit, joint, piece);
        } else {
            join(&mut out.number, joint, piece);
        }
    } else if let Some(level) = out.unit.replace(piece.to_string()) {
        out.level.get_or_insert(level); // 12/3/15: third floor, flat 15
    } else {
        out.slashed = joint == '/';
    }
}

fn join(text: &mut String, joint: char, piece: &str) {
    text.push(joint);
    text.push_str(piece);
}

/// A corner building has both of its numbers on one side of the street: 10/12, 1/3, 2/4.
fn looks_like_corner(first: &str, second: &str) -> bool {
    let digits = |t: &str| t.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<u32>().ok();
    matches!((digits(first), digits(second)), (Some(a), Some(b)) if b == a + 2)
}

/// ASCII letters in small letters.
fn lower(word: &str) -> Cow<'_, str> {
    if word.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(word.to_ascii_lowercase())
    } else {
        Cow::Borrowed(word)
    }
}

/// `12m5` -> (12, unit, 5); `76k1` -> (76, building, 1); `k1` -> ("", building, 1).
pub(super) fn glued_marker<'t>(pack: &CountryPack, text: &'t str) -> Option<(&'t str, Role, &'t str)> {
    let letters_from = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, rest) = text.split_at(letters_from);
    let letters_to = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
    let (word, value) = rest.split_at(letters_to);
    if value.is_empty() && number.is_empty() {
        return None; // a word
    }
    if value.len() > 5 || !word.is_ascii() || !value.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let role = pack
        .phrases(&lower(word))
        .iter()
        .find(|p| p.rest.is_empty() && matches!(p.role, Role::Unit | Role::Building | Role::Level | Role::Staircase))?;
    Some((number, role.role, value))
}
