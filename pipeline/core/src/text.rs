//! Folding of text for comparison: any script in, lower-case ASCII words out.
//! Never used for display: display forms keep their letters and diacritics.

use std::borrow::Cow;

/// Serbian Cyrillic to Serbian Latin (Gaj's alphabet), letter by letter; `љ њ џ` give digraphs.
/// Other characters stay. Case of digraphs follows the next letter: `ЉИГ` gives `LJIG`, `Љиг` gives `Ljig`.
pub fn serbian_latin(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| ('\u{0400}'..='\u{04FF}').contains(&c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match latin_letter(c) {
            Some((upper, [first, second])) => {
                let shout = upper && chars.peek().is_none_or(|n| !n.is_lowercase()) && out_is_shouting(&out, chars.peek());
                out.push(if upper { first.to_ascii_uppercase_latin() } else { first });
                if second != '\0' {
                    out.push(if shout { second.to_ascii_uppercase_latin() } else { second });
                }
            }
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// A digraph is written in capitals when a neighbour is a capital letter too.
fn out_is_shouting(before: &str, next: Option<&char>) -> bool {
    next.is_some_and(|n| n.is_uppercase()) || before.chars().next_back().is_some_and(char::is_uppercase)
}

trait UpperLatin {
    fn to_ascii_uppercase_latin(self) -> char;
}

impl UpperLatin for char {
    fn to_ascii_uppercase_latin(self) -> char {
        self.to_uppercase().next().unwrap_or(self)
    }
}

/// (is upper case, lower-case Latin letters; the second is NUL unless a digraph).
fn latin_letter(c: char) -> Option<(bool, [char; 2])> {
    let lower = c.to_lowercase().next().unwrap_or(c);
    let latin = match lower {
        'а' => ['a', '\0'],
        'б' => ['b', '\0'],
        'в' => ['v', '\0'],
        'г' => ['g', '\0'],
        'д' => ['d', '\0'],
        'ђ' => ['đ', '\0'],
        'е' => ['e', '\0'],
        'ж' => ['ž', '\0'],
        'з' => ['z', '\0'],
        'и' => ['i', '\0'],
        'ј' => ['j', '\0'],
        'к' => ['k', '\0'],
        'л' => ['l', '\0'],
        'љ' => ['l', 'j'],
        'м' => ['m', '\0'],
        'н' => ['n', '\0'],
        'њ' => ['n', 'j'],
        'о' => ['o', '\0'],
        'п' => ['p', '\0'],
        'р' => ['r', '\0'],
        'с' => ['s', '\0'],
        'т' => ['t', '\0'],
        'ћ' => ['ć', '\0'],
        'у' => ['u', '\0'],
        'ф' => ['f', '\0'],
        'х' => ['h', '\0'],
        'ц' => ['c', '\0'],
        'ч' => ['č', '\0'],
        'џ' => ['d', 'ž'],
        'ш' => ['š', '\0'],
        _ => return None,
    };
    Some((lower != c, latin))
}

/// Match form of a text: Serbian Cyrillic to Latin, `đ` and the digraph `dj` alike, diacritics off,
/// lower case, anything but letters and digits a single blank, no blanks at the ends. Idempotent.
pub fn fold(text: &str) -> String {
    let latin = serbian_latin(text);
    let mut out = String::with_capacity(latin.len());
    let push = |out: &mut String, c: char| {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    };
    for c in latin.chars() {
        match c {
            'đ' | 'Đ' => out.push('d'),
            _ if c.is_ascii() => push(&mut out, c),
            _ if c.is_alphanumeric() => {
                for d in deunicode::deunicode_char(c).unwrap_or("").chars() {
                    push(&mut out, d);
                }
            }
            _ => push(&mut out, ' '),
        }
    }
    let end = out.trim_end().len();
    out.truncate(end);
    out
}

/// Trims, drops control characters and folds runs of white space (any Unicode space) to one blank.
pub fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control() || c == '\u{FEFF}' || c == '\u{200B}') {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cyrillic_and_latin_fold_alike() {
        assert_eq!(serbian_latin("Љубица Џаковић"), "Ljubica Džaković");
        assert_eq!(serbian_latin("ЉИГ"), "LJIG");
        assert_eq!(fold("Ђорђе Његош"), fold("Đorđe Njegoš"));
        assert_eq!(fold("  Łódź, ul. Św. Anny "), "lodz ul sw anny");
        assert_eq!(fold("Rēzekne"), "rezekne");
    }
}
