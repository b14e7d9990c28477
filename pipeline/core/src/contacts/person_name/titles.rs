//! Titles and forms of address. Enters: the words of a name. Leaves: the title words taken off, and the sex a form of
//! address tells. Never takes the last word away.

use crate::text::fold;

/// Folded titles of pl, sr, sl, lv and en.
const TITLES: &[&str] = &[
    "dr",
    "mgr",
    "inz",
    "prof",
    "hab",
    "lek",
    "med",
    "ks",
    "bp",
    "mag",
    "dipl",
    "spec",
    "univ",
    "doc",
    "akad",
    "prim",
    "ing",
    "mr",
    "mrs",
    "ms",
    "miss",
    "sir",
    "pan",
    "pani",
    "panstwo",
    "gospodin",
    "gospoda",
    "gospodica",
    "gosp",
    "gda",
    "gdica",
    "gospa",
    "gospod",
    "gospodicna",
    "kungs",
    "kundze",
    "kdze",
    "adv",
    "mec",
    "stom",
    "oec",
    "iur",
    "phd",
    "mba",
    "msc",
    "sc",
    "bsc",
    "jr",
    "senior",
    "junior",
];

/// Titles only when written with a full stop: otherwise they may be initials or names.
const DOTTED: &[&str] = &["g", "ga", "k", "o", "s", "ml", "st", "sr", "red", "kand", "gos"];

fn is_title(word: &str) -> bool {
    let folded: String = fold(word).split(' ').collect();
    TITLES.contains(&folded.as_str()) || (word.ends_with('.') && DOTTED.contains(&folded.as_str()))
}

/// Takes titles off both ends. Returns them joined, and the sex.
pub(super) fn take(words: &mut Vec<String>) -> (Option<String>, Option<&'static str>) {
    let field_follows = |at: usize| {
        let folded = words.get(at + 1).map(|w| fold(w));
        folded.is_some_and(|w| matches!(w.as_str(), "med" | "tech" | "hum" | "praw" | "ekon" | "farm" | "zdr"))
    };
    // "dr n. med.": the field of study belongs to the degree before it.
    let leading = (0..words.len())
        .take_while(|&at| {
            let word = words.get(at).map_or("", String::as_str);
            is_title(word)
                || (at > 0 && (word == "n." || word == "nauk") && field_follows(at))
                || (at > 1 && field_follows(at - 1))
        })
        .count()
        .min(words.len().saturating_sub(1));
    let mut titles: Vec<String> = words.drain(..leading).collect();
    while words.len() > 1 && words.last().is_some_and(|w| is_title(w.trim_end_matches(','))) {
        titles.extend(words.pop());
    }
    if let Some(last) = words.last_mut() {
        *last = last.trim_end_matches(',').to_owned();
    }
    let gender = titles.iter().find_map(|title| {
        let folded: String = fold(title).split(' ').collect();
        match folded.as_str() {
            "pani" | "gospoda" | "gospodica" | "gda" | "gdica" | "gospa" | "gospodicna" | "kundze" | "kdze" | "mrs"
            | "ms" | "miss" | "ga" => Some("female"),
            "pan" | "gospodin" | "gospod" | "kungs" | "sir" => Some("male"),
            _ => None,
        }
    });
    (Some(titles.join(" ")).filter(|t| !t.is_empty()), gender)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_come_off_and_names_stay() {
        for (text, titles, rest, sex) in [
            ("dr hab. inż. Jan Kowalski", Some("dr hab. inż."), "Jan Kowalski", None),
            ("Pani Anna Nowak", Some("Pani"), "Anna Nowak", Some("female")),
            ("gospođa Ana Ilić", Some("gospođa"), "Ana Ilić", Some("female")),
            ("г-ђа Ана Илић", Some("г-ђа"), "Ана Илић", Some("female")),
            ("Jānis Bērziņš kungs", Some("kungs"), "Jānis Bērziņš", Some("male")),
            ("g. Petar Perić", Some("g."), "Petar Perić", None),
            ("dr hab. n. praw. Jan Nowak", Some("dr hab. n. praw."), "Jan Nowak", None),
            ("N. Nowak", None, "N. Nowak", None),
            ("Ana Novak", None, "Ana Novak", None),
            ("Dr", None, "Dr", None),
        ] {
            let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            assert_eq!(take(&mut words), (titles.map(str::to_owned), sex), "{text}");
            assert_eq!(words.join(" "), rest);
        }
    }
}
