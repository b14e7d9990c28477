//! Words of a name field. Enters: a squeezed field. Leaves: its words, with one kind of hyphen and apostrophe and composed
//! letters; the name at birth; the display form of words.
//! Never judges which word is which part of the name.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::{casing, lists};
use crate::text::fold;

/// One spelling for what is written in several: composed letters (Unicode NFC), Serbian digraphs as two letters, one
/// hyphen, one apostrophe. Idempotent.
pub(super) fn tidy(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.contains('`') {
        return Cow::Borrowed(text);
    }
    let odd = |c: char| matches!(c, '`' | '´' | 'ʼ' | '\u{1C4}'..='\u{1CC}' | '\u{2010}'..='\u{201B}' | '\u{2032}' | '\u{2212}' | '\u{FF0D}');
    if is_nfc(text) && !text.contains(odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.nfc() {
        match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}' => out.push('-'),
            '`' | '´' | 'ʼ' | '‘' | '’' | '‛' | '′' => out.push('\''),
            'Ǆ' => out.push_str("DŽ"),
            'ǅ' => out.push_str("Dž"),
            'ǆ' => out.push_str("dž"),
            'Ǉ' => out.push_str("LJ"),
            'ǈ' => out.push_str("Lj"),
            'ǉ' => out.push_str("lj"),
            'Ǌ' => out.push_str("NJ"),
            'ǋ' => out.push_str("Nj"),
            'ǌ' => out.push_str("nj"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// `Nowak - Kowalska` and `Nowak -Kowalska` are one double-barrelled name.
fn joined_hyphens(text: &str) -> Cow<'_, str> {
    const ENDS: [char; 7] = ['-', ' ', ',', ';', '"', '*', '\''];
    if !text.contains('-') {
        return Cow::Borrowed(text.trim_matches(ENDS));
    }
    let mut text = text.to_owned();
    for (from, to) in [(" -", "-"), ("- ", "-"), ("--", "-")] {
        while text.contains(from) {
            text = text.replace(from, to);
        }
    }
    Cow::Owned(text.trim_matches(ENDS).to_owned())
}

/// Words, with a blank after full stops inside (`mgr.inż.Jan`); a name in quotes or brackets beside two other words
/// is what friends or the neighbours call the person, or the father's name (`Petrović (Milan) Petar`), and is left out.
pub(super) fn words(text: &str) -> Vec<String> {
    const MARKS: [char; 12] = ['"', '„', '“', '”', '«', '»', '(', ')', '[', ']', '/', '|'];
    let text = joined_hyphens(text);
    let mut out = Vec::with_capacity(4);
    if text.contains(MARKS) {
        let outside = without_asides(&text);
        split_words(&outside, &mut out);
        if out.len() >= 2 {
            return out;
        }
        out.clear();
    }
    split_words(&text, &mut out);
    out
}

fn split_words(text: &str, out: &mut Vec<String>) {
    for word in text.split([' ', ';', '"', '„', '“', '”', '«', '»', '(', ')', '[', ']', '/', '|']) {
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
}

fn without_asides(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut closing: Option<&[char]> = None;
    for c in text.chars() {
        match closing {
            Some(ends) if ends.contains(&c) => closing = None,
            Some(_) => {}
            None => match c {
                '(' => closing = Some(&[')']),
                '[' => closing = Some(&[']']),
                '„' => closing = Some(&['”', '“', '"']),
                '“' => closing = Some(&['”', '"']),
                '«' => closing = Some(&['»']),
                '"' => closing = Some(&['"']),
                _ => {
                    out.push(c);
                    continue;
                }
            },
        }
        out.push(' ');
    }
    out
}

/// Display form of some words; none of none.
pub(super) fn display(words: &[String]) -> Option<String> {
    let text = words.join(" ");
    let text = casing::proper(&joined_hyphens(&text));
    Some(text).filter(|t| t.chars().any(char::is_alphanumeric))
}

/// Words that say the name at birth follows.
const BIRTH_MARKS: &[&str] = &[
    "z domu ",
    "z d. ",
    "zd. ",
    "z d ",
    "rođena ",
    "rođ. ",
    "rođen ",
    "rodjena ",
    "rodj. ",
    "рођена ",
    "рођ. ",
    "rojena ",
    "roj. ",
    "dzim. ",
    "dzimusi ",
    "née ",
    "nee ",
    "geb. ",
    "ur. ",
    "roz. ",
    "rozená ",
    "rođ ",
    "roj ",
];

/// Splits off the name at birth: `Anna Nowak z d. Kowalska`, `z domu`, `rođena`, `roj.`, `dzim.`, `née`, `(Kowalska)`.
pub(super) fn without_birth_name(text: &str) -> (Cow<'_, str>, Option<String>) {
    if text.matches([' ', ',']).nth(1).is_none() {
        return (Cow::Borrowed(text), None);
    }
    // Lower-casing may change lengths; then the positions would not fit.
    let lower = Some(text.to_lowercase()).filter(|l| l.len() == text.len()).unwrap_or_default();
    for mark in BIRTH_MARKS {
        let Some(at) = lower.find(mark).filter(|at| *at > 0) else { continue };
        if let (Some(before), Some(after)) = (text.get(..at), text.get(at + mark.len()..))
            && before.ends_with([' ', '(', ','])
        {
            let before = before.trim_end_matches([' ', '(', ',']);
            let (birth, behind) = after.split_once(')').unwrap_or((after, ""));
            let kept = if behind.is_empty() { before.to_owned() } else { format!("{before}{behind}") };
            return (Cow::Owned(kept), display(&words(birth)));
        }
    }
    // "Maria z Kowalskich Nowak": of the Kowalski family.
    if let Some((before, after)) = text.split_once(" z ")
        && let Some((birth, behind)) = after.split_once(' ')
        && ["skich", "ckich", "dzkich"].iter().any(|e| birth.ends_with(e))
    {
        return (Cow::Owned(format!("{before} {behind}")), display(&words(birth)));
    }
    if let Some((before, after)) = text.split_once('(')
        && let Some((inside, behind)) = after.split_once(')')
        && before.trim().contains(' ')
        && lists::is_surname(&fold(inside))
        && !lists::is_given(&fold(inside))
    {
        let kept = format!("{} {}", before.trim(), behind.trim()).trim().to_owned();
        return (Cow::Owned(kept), display(&words(inside)));
    }
    (Cow::Borrowed(text), None)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hyphens_stops_and_asides() {
        for (text, expected) in [
            ("Nowak – Kowalska", "Nowak-Kowalska"),
            ("mgr.inż.Jan Nowak", "mgr. inż. Jan Nowak"),
            ("Jan \"Johnny\" Kowalski", "Jan Kowalski"),
            ("Petrović (Milan) Petar", "Petrović Petar"),
            ("(Jan) Kowalski", "Jan Kowalski"),
            ("O’Neil", "O'Neil"),
            ("ǈiljana ǅaković", "Ljiljana Džaković"),
            ("S\u{30C}uster", "Šuster"),
        ] {
            assert_eq!(words(&tidy(text)).join(" "), expected);
        }
    }

    #[test]
    fn names_at_birth() {
        for (text, rest, birth) in [
            ("Anna Nowak z d. Kowalska", "Anna Nowak", Some("Kowalska")),
            ("Anna Novak, roj. Horvat", "Anna Novak", Some("Horvat")),
            ("Anna Kalniņa (dzim. Bērziņa)", "Anna Kalniņa", Some("Bērziņa")),
            ("Anna Nowak (Kowalska)", "Anna Nowak", Some("Kowalska")),
            ("Maria z Kowalskich Nowak", "Maria Nowak", Some("Kowalskich")),
            ("Jan (Janek) Kowalski", "Jan (Janek) Kowalski", None),
            ("Anna Nowak", "Anna Nowak", None),
        ] {
            let (kept, found) = without_birth_name(text);
            assert_eq!((kept.as_ref(), found.as_deref()), (rest, birth), "{text}");
        }
    }

    proptest! {
        #[test]
        fn tidying_twice_changes_nothing(text in ".*|[Ǆ-ǌ‐-―'`a-z ]{0,12}") {
            let once = tidy(&text).into_owned();
            prop_assert_eq!(tidy(&once).into_owned(), once);
        }
    }
}
