//! Folding of text for comparison: any script in, lower-case ASCII words out.
//! Never used for display: display forms keep their letters and diacritics.

use std::borrow::Cow;
use std::sync::LazyLock;

use unicode_normalization::char::is_combining_mark;

/// Serbian Cyrillic to Serbian Latin (Gaj's alphabet), letter by letter; `љ њ џ` give digraphs.
/// Other characters stay. Case of digraphs follows the neighbours: `ЉИГ` gives `LJIG`, `Љиг` gives `Ljig`.
pub fn serbian_latin(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(|c| ('\u{0400}'..='\u{04FF}').contains(&c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let lower = c.to_lowercase().next().unwrap_or(c);
        let Some((first, second)) = latin_letter(lower) else {
            out.push(c);
            continue;
        };
        if lower == c {
            out.push(first);
            out.extend(second);
        } else {
            let shouting = chars.peek().is_some_and(|n| n.is_uppercase())
                || (out.chars().next_back().is_some_and(char::is_uppercase)
                    && chars.peek().is_none_or(|n| !n.is_lowercase()));
            out.extend(first.to_uppercase());
            match second {
                Some(s) if shouting => out.extend(s.to_uppercase()),
                other => out.extend(other),
            }
        }
    }
    Cow::Owned(out)
}

/// Latin letter, or the two of a digraph, for a lower-case Serbian Cyrillic letter.
fn latin_letter(lower: char) -> Option<(char, Option<char>)> {
    let first = match lower {
        'а' => 'a',
        'б' => 'b',
        'в' => 'v',
        'г' => 'g',
        'д' => 'd',
        'ђ' => 'đ',
        'е' => 'e',
        'ж' => 'ž',
        'з' => 'z',
        'и' => 'i',
        'ј' => 'j',
        'к' => 'k',
        'л' => 'l',
        'м' => 'm',
        'н' => 'n',
        'о' => 'o',
        'п' => 'p',
        'р' => 'r',
        'с' => 's',
        'т' => 't',
        'ћ' => 'ć',
        'у' => 'u',
        'ф' => 'f',
        'х' => 'h',
        'ц' => 'c',
        'ч' => 'č',
        'ш' => 'š',
        'љ' => return Some(('l', Some('j'))),
        'њ' => return Some(('n', Some('j'))),
        'џ' => return Some(('d', Some('ž'))),
        _ => return None,
    };
    Some((first, None))
}

/// Match form of a text: Serbian Cyrillic to Latin, `đ` and its stand-in `dj` both `d`, diacritics off,
/// lower case, anything but letters and digits a single blank, no blanks at the ends. Idempotent:
/// the result holds only `a-z0-9` and single blanks, and no `dj`.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_onto(text, &mut out);
    out
}

/// Appends the match form of a text; what stands before it has no influence.
pub(crate) fn fold_onto(text: &str, out: &mut String) {
    let before = out.len();
    let mut folded = Folded { out, last: ' ' };
    let table = LazyLock::force(&USUAL);
    for c in text.chars() {
        if c.is_ascii() {
            folded.push(c);
            continue;
        }
        match table.get(c as usize) {
            Some(Some((length, ascii))) => {
                ascii.iter().take(usize::from(*length)).for_each(|b| folded.push(char::from(*b)));
            }
            _ => folded.push_other(c),
        }
    }
    if folded.last == ' ' && folded.out.len() > before {
        folded.out.pop();
    }
}

/// Up to here in Unicode letters are folded by table: Latin, Greek and Cyrillic.
const USUAL_LETTERS: u32 = 0x500;

/// A length and so many ASCII characters.
type Ascii = (u8, [u8; 2]);

/// What the letters up to there give; none for ASCII itself and for what gives more.
static USUAL: LazyLock<Vec<Option<Ascii>>> = LazyLock::new(|| {
    let given = |code: u32| {
        let c = char::from_u32(code).filter(|c| !c.is_ascii())?;
        let mut gives = String::new();
        ascii_of(c, |c| gives.push(c));
        match gives.as_bytes() {
            [] => Some((0, [b' '; 2])),
            [one] => Some((1, [*one, b' '])),
            [one, two] => Some((2, [*one, *two])),
            _ => None,
        }
    };
    (0..USUAL_LETTERS).map(given).collect()
});

/// The ASCII characters that stand for another one.
fn ascii_of(c: char, mut give: impl FnMut(char)) {
    match cyrillic_lower(c).and_then(latin_letter) {
        Some((first, second)) => std::iter::once(first).chain(second).for_each(|c| ascii_of_letter(c, &mut give)),
        None => ascii_of_letter(c, &mut give),
    }
}

fn ascii_of_letter(c: char, give: &mut impl FnMut(char)) {
    if c.is_ascii() {
        give(c);
    } else if c.is_alphanumeric() {
        // Soft and hard signs come out as quotes: they do not part words.
        deunicode::deunicode_char(c).unwrap_or("").chars().filter(|d| !matches!(d, '\'' | '"' | '`')).for_each(give);
    } else if !is_combining_mark(c) {
        give(' ');
    }
}

/// The lower-case form of a letter of the Cyrillic block.
fn cyrillic_lower(c: char) -> Option<char> {
    ('\u{0400}'..='\u{04FF}').contains(&c).then(|| c.to_lowercase().next().unwrap_or(c))
}

/// A match form as it grows.
struct Folded<'o> {
    out: &'o mut String,
    /// The last character; a blank at the start.
    last: char,
}

impl Folded<'_> {
    /// A character beyond ASCII.
    fn push_other(&mut self, c: char) {
        ascii_of(c, |c| self.push(c));
    }

    fn push(&mut self, c: char) {
        let c = if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
        if c == ' ' && self.last == ' ' || c == 'j' && self.last == 'd' {
            return;
        }
        self.last = c;
        self.out.push(c);
    }
}

/// Whether a character is nothing but room: white space, a control character, or one of the invisible
/// marks that exports leave behind (zero-width blanks and joiners, byte-order mark, direction marks).
pub fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{FEFF}' | '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}')
}

/// Trims, drops control characters and folds runs of white space (any Unicode space) to one blank. Idempotent.
pub fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(is_blank) {
        if word.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// The script of a text's letters: `latin`, `cyrillic`, `greek`, `other`, or `mixed`; none without letters.
/// Letters that look alike in two scripts tell a mixed word.
pub fn script(text: &str) -> Option<&'static str> {
    let mut found = None;
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        let script = match c {
            'A'..='Z' | 'a'..='z' | 'ª' | 'º' => "latin",
            '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}' | '\u{FB00}'..='\u{FB06}' => "latin",
            '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => "latin",
            '\u{0400}'..='\u{052F}' => "cyrillic",
            '\u{0370}'..='\u{03FF}' | '\u{1F00}'..='\u{1FFF}' => "greek",
            _ => "other",
        };
        match found {
            None => found = Some(script),
            Some(before) if before != script => return Some("mixed"),
            Some(_) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cyrillic_and_latin_fold_alike() {
        assert_eq!(serbian_latin("Љубица Џаковић"), "Ljubica Džaković");
        assert_eq!(serbian_latin("ЉИГ"), "LJIG");
        assert_eq!(serbian_latin("ПРЊАВОРАЦ КОЊ"), "PRNJAVORAC KONJ");
        assert_eq!(serbian_latin("Њ. Перић"), "Nj. Perić");
        assert_eq!(fold("Ђорђе Његош"), fold("Đorđe Njegoš"));
        assert_eq!(fold("Djordje"), fold("Đorđe"));
        assert_eq!(fold("  Łódź, ul. Św. Anny "), "lodz ul sw anny");
        assert_eq!(fold("Rēzekne"), "rezekne");
    }

    #[test]
    fn scripts_are_told_apart() {
        for (text, name) in [
            ("Łucja Żak", Some("latin")),
            ("Ђорђе", Some("cyrillic")),
            ("Joвana", Some("mixed")),
            ("Νίκος", Some("greek")),
            ("12", None),
        ] {
            assert_eq!(script(text), name, "{text}");
        }
    }

    #[test]
    fn composed_and_decomposed_letters_fold_alike() {
        assert_eq!(fold("Ko\u{0301}s\u{030C}a"), fold("Kóša"));
        assert_eq!(squeeze("\u{FEFF} Jan\u{00A0}\u{200B} Nowak\r\n"), "Jan Nowak");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC*|[a-dđjДЂђљЉ ]*|.*") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.clone());
            prop_assert!(once.bytes().all(|b| b == b' ' || b.is_ascii_lowercase() || b.is_ascii_digit()));
        }

        #[test]
        fn cyrillic_never_survives_and_folds_like_its_latin(text in "[а-шА-ШђљњћџЂЉЊЋЏ ]{0,20}") {
            prop_assert_eq!(fold(&serbian_latin(&text)), fold(&text));
        }

        #[test]
        fn squeezing_twice_changes_nothing(text in ".*") {
            let once = squeeze(&text);
            prop_assert_eq!(squeeze(&once), once.clone());
            prop_assert!(!once.contains("  "));
        }
    }
}
