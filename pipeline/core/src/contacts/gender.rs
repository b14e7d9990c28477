//! Words and letters for a person's sex. Enters: a raw text. Leaves: `female`, `male` or nothing.
//! Never infers from a name: that is `person_name`'s work.

use crate::text::fold;

/// `female` or `male` (schema.org GenderType, lower case) for a word or letter of pl, sr, sl, lv, en, de:
/// `K`/`kobieta`, `Ž`/`ženski`/`ženska`, `S`/`sieviete`, `F`, `W`; `M`/`mężczyzna`/`muški`/`moški`, `V`/`vīrietis`;
/// ISO/IEC 5218 `1` male and `2` female. Titles of address (`Pani`, `Gospa`) count too.
pub fn gender(raw: &str) -> Option<&'static str> {
    match fold(raw).as_str() {
        "f" | "k" | "z" | "s" | "w" | "2" | "female" | "woman" | "kobieta" | "zenski" | "zenska" | "zensko"
        | "zena" | "zenskie" | "sieviete" | "sieviesu" | "weiblich" | "frau" | "pani" | "gospa" | "gospoda" | "ga"
        | "mrs" | "ms" | "miss" | "kundze" => Some("female"),
        "m" | "v" | "1" | "male" | "man" | "mezczyzna" | "meski" | "muski" | "musko" | "muskarac" | "moski"
        | "mosko" | "virietis" | "viriesu" | "mannlich" | "herr" | "pan" | "gospodin" | "gospod" | "mr" | "kungs" => {
            Some("male")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_languages_and_both_scripts() {
        for word in ["K", "Kobieta", "Ž", "ženski", "женски", "Ženska", "sieviete", "F", "2"] {
            assert_eq!(gender(word), Some("female"), "{word}");
        }
        for word in ["M", "mężczyzna", "Muški", "мушки", "moški", "Vīrietis", "V", "1"] {
            assert_eq!(gender(word), Some("male"), "{word}");
        }
        for word in ["", "x", "unknown", "0", "9"] {
            assert_eq!(gender(word), None, "{word}");
        }
    }
}
