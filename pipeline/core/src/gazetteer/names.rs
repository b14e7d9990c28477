//! Names as lists write them. Enters: a name with its list's decorations. Leaves: the name a letter would bear,
//! in Latin script, and the other names of a bilingual place. Never here: folding, look-ups.

use crate::text::{serbian_latin, squeeze};

/// Longest name taken from a list, in bytes.
const LONGEST: usize = 200;

/// The own name and the other native ones. None for what cannot be a name.
///
/// `Subotica (kod Svilajnca)`: a remark. `Celje - poštni predali`: a remark too, since a name begins with a
/// capital. `Koper/Capodistria`, `Koper - Capodistria`: a place with two names.
pub(super) fn place(country: &str, text: &str) -> Option<(String, Vec<String>)> {
    let text = tidy(country, text)?;
    let bare = text.split('(').next().map(str::trim).filter(|t| !t.is_empty())?;
    let capital = |part: &str| part.chars().next().is_some_and(char::is_uppercase);
    let mut parts = bare.split('/').flat_map(|p| p.split(" - ")).map(str::trim).filter(|p| !p.is_empty());
    let own = parts.next()?.to_string();
    let others = parts.filter(|p| capital(p)).map(str::to_string).collect();
    has_letter(&own).then_some((own, others))
}

/// Another part of an address that is taken as it stands: a street, a district, a region.
pub(super) fn plain(country: &str, text: &str) -> Option<String> {
    tidy(country, text).filter(|t| has_letter(t))
}

/// The bearers of Serbian Cyrillic are written in Latin script, as the display forms of addresses are.
fn tidy(country: &str, text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let text = squeeze(text);
    let text = if matches!(country, "RS" | "BA" | "ME") { serbian_latin(&text).into_owned() } else { text };
    let shouted = text.chars().filter(|c| c.is_uppercase()).count() > 2 && !text.chars().any(char::is_lowercase);
    Some(if shouted { capitalised(&text) } else { text })
}

fn has_letter(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// `NOWY TARG` to `Nowy Targ`; Roman numerals stay.
fn capitalised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        if word.chars().all(|c| matches!(c, 'I' | 'V' | 'X')) {
            out.push_str(word);
            continue;
        }
        let mut start = true;
        for c in word.chars() {
            if start {
                out.push(c);
            } else {
                out.extend(c.to_lowercase());
            }
            start = !c.is_alphanumeric();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decorations_of_lists_are_taken_off() {
        let of = |country: &str, text: &str| place(country, text).map(|(own, others)| (own, others.join("|")));
        let plain = |own: &str| Some((own.to_string(), String::new()));
        assert_eq!(of("RS", "Subotica (Kod Svilajnca)"), plain("Subotica"));
        assert_eq!(of("SI", "Celje - poštni predali"), plain("Celje"));
        assert_eq!(of("SI", "Koper/Capodistria - dostava"), Some(("Koper".into(), "Capodistria".into())));
        assert_eq!(of("SI", "Strunjan/Strugnano (sezonska pošta)"), Some(("Strunjan".into(), "Strugnano".into())));
        assert_eq!(of("SI", "Ljubljana-Šmartno"), plain("Ljubljana-Šmartno"));
        assert_eq!(of("RS", "Нови Сад"), plain("Novi Sad"));
        assert_eq!(of("PL", "NOWY TARG"), plain("Nowy Targ"));
        assert_eq!(of("PL", "CZECHOWICE-DZIEDZICE"), plain("Czechowice-Dziedzice"));
        assert_eq!(of("PL", "ŁÓDŹ"), plain("Łódź"));
        assert_eq!(of("PL", " - "), None);
        assert_eq!(of("PL", "123"), None);
        assert_eq!(super::plain("PL", "JANA PAWŁA II"), Some("Jana Pawła II".into()));
    }
}
