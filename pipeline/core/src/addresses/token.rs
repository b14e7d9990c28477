//! Words of an address. Enters: raw text in any script. Leaves: tokens with their folded form and what
//! stood before them. Never here: meaning; that depends on the country pack.

use super::number::is_house_number;
use crate::text::{fold_onto, serbian_latin};
use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// What stands between a token and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glue {
    /// Start, comma, semicolon, line break, bracket.
    Break,
    Space,
    /// A dash with blanks around it.
    Dash,
    Slash,
    /// Nothing: `ul.Polna`.
    Tight,
}

#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    /// Never empty; holds a blank where the text holds a sign between letters ("c/o").
    pub(super) fold: &'a str,
    /// The folded words of the whole text, parted by blanks, and where this one stands in it.
    line: &'a str,
    at: usize,
    to: usize,
    pub(super) glue: Glue,
    pub(super) quoted: bool,
    pub(super) bracketed: bool,
    /// Has a digit.
    pub(super) digits: bool,
    /// Has the shape of a house number.
    pub(super) house: bool,
    /// Has letters, and not the shape of a house number.
    pub(super) word: bool,
}

/// The folded words of neighbouring tokens.
#[inline]
pub(super) fn folded<'a>(tokens: &[Token<'a>]) -> &'a str {
    match tokens {
        [first, .., last] => first.line.get(first.at..last.to).unwrap_or(""),
        [only] => only.fold,
        [] => "",
    }
}

impl<'a> Token<'a> {
    /// The text without dots at its end.
    #[inline]
    pub(super) fn bare(&self) -> &'a str {
        self.text.trim_end_matches('.')
    }

    #[inline]
    pub(super) fn starts_with_digit(&self) -> bool {
        self.text.as_bytes().first().is_some_and(u8::is_ascii_digit)
    }

    pub(super) fn all_digits(&self) -> bool {
        !self.text.is_empty() && self.text.bytes().all(|b| b.is_ascii_digit())
    }

    /// `8.`: an ordinal when a word follows.
    pub(super) fn digits_and_dot(&self) -> bool {
        self.text.ends_with('.') && !self.bare().is_empty() && self.bare().bytes().all(|b| b.is_ascii_digit())
    }
}

/// Latin script, composed characters, one kind of dash, quote, comma and blank.
pub(super) fn clean(raw: &str) -> Cow<'_, str> {
    if is_clean(raw) {
        return Cow::Borrowed(raw);
    }
    let latin = serbian_latin(raw);
    let composed: String;
    // Letters below the combining marks are composed.
    let text: &str = if latin.chars().all(|c| c < '\u{300}') || is_nfc_quick(latin.chars()) == IsNormalized::Yes {
        &latin
    } else {
        composed = latin.nfc().collect();
        // Cyrillic letters composed only now (и + breve) are mapped by `fold`.
        &composed
    };
    let mut out = String::with_capacity(text.len());
    let mut skip_blank = false;
    for (at, c) in text.char_indices() {
        let c = match c {
            c if c.is_ascii_alphanumeric() => c,
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FF0D}' => '-',
            '"' | '\u{201C}'..='\u{201F}' | '«' | '»' | '\u{2039}' | '\u{203A}' => '"',
            '\n' | '\r' | '\t' | ';' | '|' | '\u{2028}' | '\u{2029}' | '\u{0B}' | '\u{0C}' => ',',
            '\\' | '\u{2044}' => '/',
            '\u{FEFF}' | '\u{200B}'..='\u{200F}' | '\u{00AD}' => continue,
            ':' | '*' | '!' | '=' | '_' | '#' | '?' | '<' | '>' | '~' | '^' | '`' | '{' | '}' => ' ',
            '[' => '(',
            ']' => ')',
            c if c.is_whitespace() || c.is_control() => ' ',
            c => c,
        };
        if c == ' ' {
            if !skip_blank && !out.ends_with(' ') && !out.is_empty() {
                out.push(' ');
            }
            continue;
        }
        if c == '/' {
            let before = out.trim_end();
            if before.len() < out.len() && text.get(at + 1..).is_some_and(|behind| ends_line(text, before, behind)) {
                out.push(',');
                continue;
            }
            // "12 / 34" is one number.
            if before.ends_with(|b: char| b.is_ascii_digit()) {
                out.truncate(before.len());
                skip_blank = true;
                out.push('/');
                continue;
            }
        }
        skip_blank = false;
        out.push(c);
    }
    Cow::Owned(out)
}

/// Whether a slash between blanks ends a line of the address, rather than parting two numbers or two names of a place:
/// "Miła 6 / 00-180 Warszawa", "Pułtuska 11 / Wyszków", but neither "12 / 34" nor "Koper / Capodistria". Where one slash
/// surely does, the others do that do not part two numbers.
fn ends_line(text: &str, before: &str, behind: &str) -> bool {
    let number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let (Some(last), Some(next)) = (last_word(before), first_word(behind)) else {
        return false;
    };
    let lines = || text.match_indices(" / ").any(|(at, _)| is_line_end(text.get(..at), text.get(at + 2..)));
    let two_numbers = number(last) && number(next) && next.bytes().all(|b| b.is_ascii_alphanumeric());
    is_line_end(Some(before), Some(behind)) || !two_numbers && lines()
}

/// Whether a postal code or, behind a number, a name tells that a line ends here.
fn is_line_end(before: Option<&str>, behind: Option<&str>) -> bool {
    let (Some(last), Some(next)) = (before.and_then(last_word), behind.and_then(first_word)) else {
        return false;
    };
    let next = next.trim_end_matches(',');
    let digits = |word: &str| word.bytes().filter(u8::is_ascii_digit).count();
    let name = next.chars().count() > 2 && next.chars().all(char::is_alphabetic) && !is_roman(next);
    let number = last.starts_with(|c: char| c.is_ascii_digit());
    digits(next) >= 4 || digits(last) >= 4 && digits(next) == 0 || number && name
}

fn last_word(text: &str) -> Option<&str> {
    text.trim_end().rsplit([' ', ',']).next()
}

/// The word behind a blank.
fn first_word(text: &str) -> Option<&str> {
    text.strip_prefix(char::is_whitespace)?.split_whitespace().next()
}

/// Whether there is nothing to clean, seen at a glance: letters below the combining marks and the usual signs, single
/// blanks, none at the start and none beside a slash.
fn is_clean(raw: &str) -> bool {
    let mut before = b' ';
    raw.bytes().all(|byte| {
        let fits = match byte {
            b' ' => before != b' ' && before != b'/',
            b'/' => before != b' ',
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b',' | b'.' | b'-' | b'(' | b')' | b'"' | b'\'' => true,
            // U+00C0 to U+02FF in two bytes.
            0xC3..=0xCB | 0x80..=0xBF => true,
            _ => false,
        };
        before = byte;
        fits
    })
}

/// Splits a cleaned text; `folds` keeps the folded words.
pub(super) fn tokens<'a>(text: &'a str, folds: &'a mut String) -> Vec<Token<'a>> {
    if text.is_empty() {
        return Vec::new();
    }
    folds.reserve(text.len());
    let mut out = Vec::with_capacity(12);
    let mut glue = Glue::Break;
    let (mut quoted, mut bracketed) = (false, false);
    let mut start: Option<usize> = None;
    let mut chars = text.char_indices().peekable();
    let mut flush = |out: &mut Vec<Token<'a>>,
                     from: &mut Option<usize>,
                     to: usize,
                     glue: &mut Glue,
                     quoted: bool,
                     bracketed: bool,
                     next: Glue| {
        if let Some(word) = from.take().and_then(|s| text.get(s..to)) {
            push(out, folds, word, (*glue, quoted, bracketed));
            *glue = next;
        } else if next == Glue::Break || (*glue == Glue::Space && next != Glue::Tight) {
            *glue = next;
        }
    };
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, n)| *n);
        let end = at + c.len_utf8();
        match c {
            ',' => flush(&mut out, &mut start, at, &mut glue, quoted, bracketed, Glue::Break),
            '(' | ')' => {
                flush(&mut out, &mut start, at, &mut glue, quoted, bracketed, Glue::Break);
                bracketed = c == '(';
            }
            '"' => {
                flush(&mut out, &mut start, at, &mut glue, quoted, bracketed, Glue::Space);
                quoted = !quoted;
            }
            ' ' => flush(&mut out, &mut start, at, &mut glue, quoted, bracketed, Glue::Space),
            '.' => {
                let Some(s) = start else { continue };
                let word = text.get(s..at).unwrap_or("");
                let number = word.ends_with(|d: char| d.is_ascii_digit()) && next.is_some_and(|n| n.is_ascii_digit());
                if !number && next.is_some_and(char::is_alphanumeric) {
                    flush(&mut out, &mut start, end, &mut glue, quoted, bracketed, Glue::Tight);
                }
            }
            '-' if start.is_none() => {
                // A dash glued to the next word only is dropped.
                let quoted_before = out.last().is_some_and(|t: &Token<'_>| t.quoted);
                let apart = next.is_none_or(|n| n == ' ' || n == ',') || glue == Glue::Space;
                if (apart || quoted_before) && glue != Glue::Break {
                    glue = Glue::Dash;
                }
            }
            '-' if next.is_none_or(|n| n == ' ') => {
                flush(&mut out, &mut start, at, &mut glue, quoted, bracketed, Glue::Dash)
            }
            '/' if start.is_none() => {
                if glue != Glue::Break {
                    glue = Glue::Slash;
                }
            }
            '/' => {
                let word = start.and_then(|s| text.get(s..at)).unwrap_or("");
                if !word.bytes().any(|b| b.is_ascii_digit()) && !next.is_some_and(|n| n.is_ascii_digit()) {
                    flush(&mut out, &mut start, at, &mut glue, quoted, bracketed, Glue::Slash);
                }
            }
            _ => {
                start.get_or_insert(at);
            }
        }
    }
    flush(&mut out, &mut start, text.len(), &mut glue, quoted, bracketed, Glue::Break);
    let line: &'a str = folds;
    for token in &mut out {
        token.line = line;
        token.fold = line.get(token.at..token.to).unwrap_or("");
        token.digits = token.text.bytes().any(|b| b.is_ascii_digit());
        token.house = is_house_number(token.text);
        token.word = !token.house && token.fold.bytes().any(|b| b.is_ascii_alphabetic());
    }
    out
}

/// Appends a word with its place in the folded line; the rest of the token is filled in when the line is complete.
fn push<'a>(
    out: &mut Vec<Token<'a>>,
    folds: &mut String,
    word: &'a str,
    (glue, quoted, bracketed): (Glue, bool, bool),
) {
    let text = word.trim_matches(|c: char| matches!(c, '-' | '/' | '\'' | '’' | '№')).trim_start_matches('.');
    let before = folds.len();
    if before > 0 {
        folds.push(' ');
    }
    let at = folds.len();
    fold_onto(text, folds);
    let to = folds.len();
    if to == at {
        folds.truncate(before);
        return;
    }
    out.push(Token {
        text,
        fold: "",
        line: "",
        at,
        to,
        glue,
        quoted,
        bracketed,
        digits: false,
        house: false,
        word: false,
    });
}

/// Roman numeral up to the floors of any house: I to XXXIX.
pub(super) fn is_roman(text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=6).contains(&bytes.len()) && bytes.iter().all(|b| matches!(b.to_ascii_uppercase(), b'I' | b'V' | b'X'))
}
