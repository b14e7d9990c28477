//! Surname endings that tell a woman's from a man's form. Enters: a folded surname. Leaves: its form without the ending,
//! its other forms, or the sex. Never touches surnames that have one form for all (Serbian, Slovenian, most Polish ones).
//!
//! Conventions: Polish adjectival surnames decline (Kowalski, Kowalska, pl. Kowalscy); Latvian ones all do (Bērziņš,
//! Bērziņa); Czech and Slovak women add -ová; Bulgarian and East Slavic ones -a; Lithuanian ones -ienė, -aitė, -ytė.

/// Every word of a double-barrelled name by itself. Equal for husband, wife and daughter.
pub(super) fn root(folded: &str, country: Option<&str>) -> String {
    let mut out = String::with_capacity(folded.len());
    for word in folded.split(' ') {
        if !out.is_empty() {
            out.push(' ');
        }
        match country {
            Some("LV") => out.push_str(strip(word, LATVIAN, 3)),
            Some("LT") => out.push_str(strip(word, LITHUANIAN, 3)),
            Some("CZ" | "SK") => czech_root(&mut out, word),
            _ => slavic_root(&mut out, word, country == Some("PL")),
        }
    }
    out
}

const LATVIAN: &[&str] = &["ais", "is", "us", "s", "a", "e", "u"];
const LITHUANIAN: &[&str] = &["iene", "aite", "yte", "iute", "ute", "as", "is", "ys", "us", "e"];

/// Without the first of the endings that leaves at least `keep` letters.
fn strip<'a>(word: &'a str, endings: &[&str], keep: usize) -> &'a str {
    endings.iter().find_map(|e| word.strip_suffix(e).filter(|stem| stem.len() >= keep)).unwrap_or(word)
}

/// The stem of an adjectival surname (`kowalsk`), from any of its forms, with the end of its plural put right.
fn adjective_stem(word: &str) -> Option<(&str, &'static str)> {
    // The cases of the singular, then East Slavic spellings.
    const ENDINGS: &[&str] =
        &["iego", "iemu", "iej", "im", "ij", "iy", "ii", "yj", "aja", "aya", "oho", "i", "a", "y", "e"];
    if let Some(stem) = word.strip_suffix("cy").filter(|s| s.len() >= 3 && (s.ends_with('s') || s.ends_with('c'))) {
        return Some((stem, "k"));
    }
    // "Ska" and "Lucki" keep enough to compare; shorter stems would be all alike.
    let is_stem = |stem: &&str| stem.len() >= 4 && ["sk", "ck", "dzk"].iter().any(|e| stem.ends_with(e));
    ENDINGS.iter().find_map(|e| word.strip_suffix(e).filter(is_stem)).map(|stem| (stem, ""))
}

fn slavic_root(out: &mut String, word: &str, polish: bool) {
    if let Some((stem, end)) = adjective_stem(word) {
        out.push_str(stem);
        out.push_str(end);
        return;
    }
    let stem = match word.as_bytes() {
        [.., b'o' | b'e', b'v', b'a'] if word.len() >= 6 => word.strip_suffix('a'),
        // Konieczny/Konieczna, Biały/Biała, Cichy/Cicha: only where such names are at home.
        [.., b'n' | b'l' | b't' | b'r' | b'w' | b'h', b'y' | b'a'] if polish && word.len() >= 5 => {
            word.strip_suffix(['y', 'a'])
        }
        [.., b'g', b'i' | b'a'] if polish && word.len() >= 5 => word.strip_suffix(['i', 'a']),
        _ => None,
    };
    out.push_str(stem.unwrap_or(word));
}

/// Novák/Nováková, Svoboda/Svobodová, Novotný/Novotná; the fleeting vowel of Hájek/Hájková.
fn czech_root(out: &mut String, word: &str) {
    let stem = strip(word, &["ova", "ov", "a", "y", "i", "o", "e"], 3);
    match stem.as_bytes() {
        [before @ .., b'e', last @ (b'k' | b'c' | b'l')] if before.len() >= 2 => {
            out.push_str(stem.get(..before.len()).unwrap_or(stem));
            out.push(char::from(*last));
        }
        _ => out.push_str(stem),
    }
}

/// Forms that members of one family bear beside a listed folded surname.
pub(super) fn other_forms(folded: &str, country: &str) -> Vec<String> {
    let with = |stem: &str, endings: &[&str]| endings.iter().map(|e| format!("{stem}{e}")).collect::<Vec<_>>();
    match country {
        "LV" => match strip(folded, &["is", "s"], 3) {
            stem if stem.len() < folded.len() => with(stem, &["a", "e", "i"]),
            _ => Vec::new(),
        },
        "PL" => match adjective_stem(folded) {
            Some((stem, "")) => {
                with(stem, &["i", "a"]).into_iter().chain(with(stem.trim_end_matches('k'), &["cy"])).collect()
            }
            _ => folded.strip_suffix('y').map_or(Vec::new(), |stem| with(stem, &["a"])),
        },
        "" if folded.ends_with("ov") || folded.ends_with("ev") || folded.ends_with("in") => with(folded, &["a"]),
        _ => Vec::new(),
    }
}

/// One person's form of a family's plural, in display form: `Kowalscy` gives `Kowalski` or `Kowalska`, `Nowakowie`
/// `Nowak`, `Bērziņi` `Bērziņš` or `Bērziņa`; other names stay. For names that stand behind several given names.
pub(super) fn of_one(family: &str, female: bool, latvian: bool) -> String {
    let stem = |ending: &str| family.strip_suffix(ending).or_else(|| family.strip_suffix(&ending.to_uppercase()));
    let long = |s: &&str| s.chars().count() >= 3;
    let ended = |stem: &str, ending: &str| {
        let shout = !family.chars().any(char::is_lowercase);
        format!("{stem}{}", if shout { ending.to_uppercase() } else { ending.to_owned() })
    };
    for (plural, he, she) in [("scy", "ski", "ska"), ("ccy", "cki", "cka"), ("dzcy", "dzki", "dzka"), ("owie", "", "")]
    {
        if let Some(stem) = stem(plural).filter(long) {
            return ended(stem, if female { she } else { he });
        }
    }
    if let Some(stem) = stem("iņi").filter(long) {
        return ended(stem, if female { "iņa" } else { "iņš" });
    }
    match stem("i").filter(long) {
        Some(stem) if latvian => ended(stem, if female { "a" } else { "s" }),
        _ => family.to_owned(),
    }
}

/// Only the Polish adjective endings are sure.
pub(super) fn sex(folded: &str) -> Option<&'static str> {
    let last = folded.rsplit(' ').next().unwrap_or(folded);
    adjective_stem(last).filter(|(_, end)| end.is_empty())?;
    match last.as_bytes().last() {
        Some(b'a') => Some("female"),
        Some(b'i') => Some("male"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_have_one_root() {
        for (a, b, country) in [
            ("kowalski", "kowalska", Some("PL")),
            ("kowalski", "kowalskiego", Some("PL")),
            ("kowalscy", "kowalska", Some("PL")),
            ("potocki", "potocka", None),
            ("potocki", "potoccy", None),
            ("zawadzki", "zawadzka", Some("PL")),
            ("nowak kowalska", "nowak kowalski", Some("PL")),
            ("konieczny", "konieczna", Some("PL")),
            ("bialy", "biala", Some("PL")),
            ("berzins", "berzina", Some("LV")),
            ("eglitis", "eglite", Some("LV")),
            ("ozols", "ozola", Some("LV")),
            ("petersons", "petersone", Some("LV")),
            ("lielais", "liela", Some("LV")),
            ("ledus", "ledu", Some("LV")),
            ("ivanov", "ivanova", None),
            ("dostoevskij", "dostoevskaja", None),
            ("novak", "novakova", Some("CZ")),
            ("svoboda", "svobodova", Some("CZ")),
            ("novotny", "novotna", Some("SK")),
            ("hajek", "hajkova", Some("CZ")),
            ("kazlauskas", "kazlauskiene", Some("LT")),
        ] {
            assert_eq!(root(a, country), root(b, country), "{a} {b}");
        }
        for (same, country) in [
            ("nowak", Some("PL")),
            ("jovanovic", Some("RS")),
            ("krajnc", Some("SI")),
            ("ska", Some("PL")),
            ("barry", None),
            ("", None),
        ] {
            assert_eq!(root(same, country), same);
        }
        assert_eq!(sex("kowalska"), Some("female"));
        assert_eq!(sex("kowalski"), Some("male"));
        assert_eq!(sex("nowak"), None);
    }

    #[test]
    fn a_family_is_made_one() {
        for (family, female, one) in [
            ("Kowalscy", false, "Kowalski"),
            ("ZAWADZCY", true, "ZAWADZKA"),
            ("Nowakowie", false, "Nowak"),
            ("Bērziņi", true, "Bērziņa"),
            ("Ozoli", false, "Ozols"),
            ("Novak", false, "Novak"),
        ] {
            assert_eq!(of_one(family, female, true), one);
        }
        assert_eq!(of_one("Rossi", false, false), "Rossi");
    }
}
