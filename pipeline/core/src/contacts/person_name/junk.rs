//! Obvious nonsense in name fields. Enters: the squeezed fields. Leaves: a reason code, or nothing.
//! Never judges rare names: only keyboard runs, form labels, words for customers at large, and texts without a name.

use super::lists;
use crate::text::fold;

/// Each word of the field must be one of these, a keyboard run or a repeated letter.
const WORDS: &[&str] = &[
    "test",
    "tester",
    "testowy",
    "testowa",
    "testni",
    "testna",
    "tests",
    "testa",
    "testas",
    "teste",
    "testing",
    "asdf",
    "asd",
    "asdasd",
    "sdf",
    "qwe",
    "qwerty",
    "qwertz",
    "abc",
    "abcd",
    "abcde",
    "foo",
    "bar",
    "lorem",
    "ipsum",
    "dummy",
    "fake",
    "proba",
    "probny",
    "probni",
    "probna",
    "fgh",
    "jkl",
    "zxc",
    "blabla",
    "bla",
    "anonim",
    "anonimus",
    "anonymous",
    "deleted",
    "usuniety",
    "usunieta",
    "usunieto",
    "obrisan",
    "obrisano",
    "izbrisan",
    "izbrisano",
    "dzests",
    "dzesta",
    "asda",
    "dsa",
    "sad",
    "qaz",
    "wsx",
    "placeholder",
    "demo",
    "sample",
    "example",
    "temp",
    "tmp",
    "spam",
    "undefined",
    "error",
    "ghj",
    "hjk",
    "dfg",
];

/// Words that stand for a customer at large: nonsense when nothing else is there.
const AT_LARGE: &[&str] = &[
    "klient",
    "klientka",
    "klienta",
    "klienci",
    "indywidualny",
    "indywidualna",
    "detaliczny",
    "detaliczna",
    "hurtowy",
    "osoba",
    "fizyczna",
    "prywatna",
    "prywatny",
    "odbiorca",
    "odbiorczyni",
    "nabywca",
    "kupujacy",
    "konsument",
    "konsumentka",
    "gotowkowy",
    "paragonowy",
    "anonimowy",
    "anonimowa",
    "nieznany",
    "nieznana",
    "jednorazowy",
    "uzytkownik",
    "lokator",
    "mieszkaniec",
    "wlasciciel",
    "kupac",
    "gradanin",
    "gradani",
    "fizicko",
    "lice",
    "lica",
    "krajnji",
    "potrosac",
    "korisnik",
    "nepoznat",
    "nepoznati",
    "nepoznata",
    "maloprodaja",
    "gost",
    "musterija",
    "fizicna",
    "fizicna",
    "koncni",
    "kupec",
    "stranka",
    "neznana",
    "neznan",
    "neznani",
    "obcan",
    "uporabnik",
    "oseba",
    "potrosnik",
    "narocnik",
    "klients",
    "kliente",
    "fiziska",
    "persona",
    "privatpersona",
    "privats",
    "pircejs",
    "patereretajs",
    "lietotajs",
    "nezinams",
    "nezinama",
    "anonims",
    "customer",
    "client",
    "user",
    "guest",
    "private",
    "person",
    "individual",
    "retail",
    "walk",
    "cash",
    "consumer",
    "unknown",
    "unnamed",
    "noname",
    "anonymous",
    "in",
    "no",
    "name",
];

/// Labels of the form itself, whole.
const LABELS: &[&str] = &[
    "imie nazwisko",
    "imie i nazwisko",
    "nazwisko i imie",
    "nazwisko imie",
    "imie",
    "nazwisko",
    "drugie imie",
    "ime prezime",
    "ime i prezime",
    "prezime i ime",
    "prezime ime",
    "prezime",
    "ime",
    "ime in priimek",
    "priimek in ime",
    "ime priimek",
    "priimek ime",
    "priimek",
    "vards uzvards",
    "vards un uzvards",
    "uzvards vards",
    "vards",
    "uzvards",
    "first name",
    "last name",
    "first last",
    "name surname",
    "surname",
    "full name",
    "given name",
    "family name",
    "name",
    "vorname nachname",
    "kupac",
    "stranka",
    "nazwa",
    "nazwa firmy",
    "pan pani",
    "pani pan",
    "jan testowy",
    "n n",
    "nn",
    "naziv",
    "firma",
    "gala pircejs",
    "nombre",
    "prenom nom",
];

const ROWS: &[&str] =
    &["qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "poiuytrewq", "lkjhgfdsa", "mnbvcxz"];

/// Why the fields together are no name.
pub(super) fn why_no_name<'a>(texts: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let mut whole = String::new();
    let mut digits = 0;
    for text in texts {
        if text.contains('@') {
            return Some("looks_like_email");
        }
        digits += text.bytes().filter(u8::is_ascii_digit).count();
        if !whole.is_empty() {
            whole.push(' ');
        }
        whole.push_str(&fold(text));
    }
    let letters = whole.bytes().filter(u8::is_ascii_lowercase).count();
    // "tel. 601 234 567" has a few letters.
    if digits >= 7 && letters <= 4 && !whole.split(' ').any(lists::is_given) {
        return Some("looks_like_phone");
    }
    if letters == 0 {
        return Some("no_letters");
    }
    if LABELS.contains(&whole.as_str()) {
        return Some("junk");
    }
    let mut words = whole.split(' ').filter(|w| w.bytes().any(|b| b.is_ascii_lowercase()));
    words.all(|word| is_nonsense(word) || AT_LARGE.contains(&word)).then_some("junk")
}

fn is_nonsense(word: &str) -> bool {
    let letters = word.trim_matches(|c: char| c.is_ascii_digit());
    let same_letter = letters.len() >= 3 && letters.bytes().all(|b| Some(b) == letters.bytes().next());
    let keyboard_run = letters.len() >= 4 && ROWS.iter().any(|row| row.contains(letters));
    // "xyxyxy", "asdasdasd": the same two or three letters again and again.
    let syllables = (2..=3)
        .any(|n| letters.len() >= 3 * n && letters.as_bytes().chunks(n).all(|c| letters.as_bytes().starts_with(c)));
    same_letter || keyboard_run || syllables || WORDS.contains(&letters)
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
            ("aaa bbb", Some("junk")),
            ("Imię Nazwisko", Some("junk")),
            ("Klient Indywidualny", Some("junk")),
            ("fizičko lice", Some("junk")),
            ("končni kupec", Some("junk")),
            ("privātpersona", Some("junk")),
            ("sdfgh", Some("junk")),
            ("...", Some("no_letters")),
            ("123", Some("no_letters")),
            ("601 234 567", Some("looks_like_phone")),
            ("tel. 601 234 567", Some("looks_like_phone")),
            ("a@b.pl", Some("looks_like_email")),
        ] {
            assert_eq!(why_no_name([text].into_iter()), reason, "{text}");
        }
    }

    /// Odd, but borne by people.
    #[test]
    fn rare_names_stand() {
        for text in [
            "Jan Test",
            "Ana Bar",
            "Krk",
            "O",
            "Li",
            "Ng",
            "Jan Bez",
            "Ana Ba",
            "Xu Xi",
            "Null",
            "Anna Null",
            "Jan Klient",
            "Aaa Nowak",
            "Ivan Gost",
            "Bob Dummy",
            "Lana Ana",
            "Ana Ana",
            "Nana Mama",
            "Ewa Tester",
            "Er",
            "Wu Yi",
            "Ee Oo",
            "Anna Testa",
            "Jo No",
            "Ada Abc",
            "Jan Brak",
            "Iva Person",
            "Ann Guest",
            "Zed",
            "Yy",
            "Nguyen",
            "Šč",
            "Ян Ли",
        ] {
            assert_eq!(why_no_name([text].into_iter()), None, "{text}");
        }
    }
}
