//! Obvious nonsense in name fields. Enters: the squeezed fields. Leaves: a reason code, or nothing.
//! Never judges rare names: only keyboard runs, form labels, test words and texts without letters.

use crate::text::fold;

const TEST_WORDS: &[&str] = &[
    "test",
    "tester",
    "testowy",
    "testowa",
    "testni",
    "testna",
    "asdf",
    "asd",
    "sdf",
    "qwe",
    "qwerty",
    "qwertz",
    "abc",
    "abcd",
    "foo",
    "bar",
    "lorem",
    "ipsum",
    "dummy",
    "fake",
    "proba",
    "probny",
    "fgh",
    "jkl",
    "zxc",
    "blabla",
    "bla",
    "anonim",
    "anonymous",
    "deleted",
    "usuniety",
    "obrisan",
    "izbrisan",
    "dzests",
];

/// Labels of the form itself.
const LABELS: &[&str] = &[
    "imie nazwisko",
    "imie i nazwisko",
    "imie",
    "nazwisko",
    "ime prezime",
    "ime i prezime",
    "prezime",
    "ime priimek",
    "ime in priimek",
    "priimek",
    "vards uzvards",
    "vards",
    "uzvards",
    "first name",
    "last name",
    "first last",
    "name surname",
    "surname",
    "full name",
    "klient",
    "kupac",
    "stranka",
    "customer",
    "user",
    "guest",
    "gosc",
    "nazwa",
    "pan pani",
    "pani pan",
    "jan testowy",
    "n n",
    "nn",
];

const ROWS: &[&str] = &["qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm"];

/// Why the fields together are no name.
pub(super) fn why_no_name<'a>(texts: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let mut whole = String::new();
    for text in texts {
        if text.contains('@') {
            return Some("looks_like_email");
        }
        if !whole.is_empty() {
            whole.push(' ');
        }
        whole.push_str(&fold(text));
    }
    if !whole.bytes().any(|b| b.is_ascii_lowercase()) {
        return Some("no_letters");
    }
    let mut words = whole.split(' ').filter(|w| w.bytes().any(|b| b.is_ascii_lowercase()));
    (LABELS.contains(&whole.as_str()) || words.all(is_nonsense)).then_some("junk")
}

fn is_nonsense(word: &str) -> bool {
    let letters = word.trim_matches(|c: char| c.is_ascii_digit());
    let same_letter = letters.len() >= 3 && letters.bytes().all(|b| Some(b) == letters.bytes().next());
    let keyboard_run = letters.len() >= 4 && ROWS.iter().any(|row| row.contains(letters));
    same_letter || keyboard_run || TEST_WORDS.contains(&letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_told_from_names() {
        for (text, reason) in [
            ("test test", Some("junk")),
            ("Test1", Some("junk")),
            ("asdf", Some("junk")),
            ("xxx XXX", Some("junk")),
            ("Imię Nazwisko", Some("junk")),
            ("sdfgh", Some("junk")),
            ("...", Some("no_letters")),
            ("123", Some("no_letters")),
            ("a@b.pl", Some("looks_like_email")),
            ("Jan Test", None),
            ("Ana Bar", None),
            ("Krk", None),
            ("O", None),
        ] {
            assert_eq!(why_no_name([text].into_iter()), reason, "{text}");
        }
    }
}
