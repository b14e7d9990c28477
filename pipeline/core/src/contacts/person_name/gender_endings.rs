//! Surname endings that tell a woman's from a man's form. Enters: a folded surname. Leaves: its form without the ending,
//! or the sex. Never touches surnames that have one form for all (Serbian, Slovenian, most Polish ones).

/// Polish `-ski/-ska`, `-cki/-cka`, `-dzki/-dzka` anywhere; Latvian `-s/-š/-is/-us` against `-a/-e/-u` in Latvia.
/// Every word of a double-barrelled name by itself.
pub(super) fn root(folded: &str, country: Option<&str>) -> String {
    let mut out = String::with_capacity(folded.len());
    for word in folded.split(' ') {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word_root(word, country));
    }
    out
}

fn word_root<'a>(word: &'a str, country: Option<&str>) -> &'a str {
    if country == Some("LV") { latvian_root(word) } else { polish_root(word) }
}

fn polish_root(word: &str) -> &str {
    let stem = word.strip_suffix(['i', 'a', 'y']).unwrap_or(word);
    // "Ska" and "Lucki" keep enough to compare; shorter stems would be all alike.
    if stem.len() >= 4 && (stem.ends_with("sk") || stem.ends_with("ck") || stem.ends_with("dzk")) { stem } else { word }
}

fn latvian_root(word: &str) -> &str {
    for ending in ["is", "us", "s", "a", "e", "u"] {
        if let Some(stem) = word.strip_suffix(ending)
            && stem.len() >= 3
        {
            return stem;
        }
    }
    word
}

/// Only the Polish adjective endings are sure.
pub(super) fn sex(folded: &str) -> Option<&'static str> {
    let last = folded.rsplit(' ').next().unwrap_or(folded);
    if polish_root(last) == last {
        return None;
    }
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
    fn both_forms_have_one_root() {
        for (a, b, country) in [
            ("kowalski", "kowalska", Some("PL")),
            ("potocki", "potocka", None),
            ("zawadzki", "zawadzka", Some("PL")),
            ("nowak kowalska", "nowak kowalski", Some("PL")),
            ("berzins", "berzina", Some("LV")),
            ("eglitis", "eglite", Some("LV")),
            ("ozols", "ozola", Some("LV")),
            ("petersons", "petersone", Some("LV")),
            ("ledus", "ledu", Some("LV")),
        ] {
            assert_eq!(root(a, country), root(b, country), "{a} {b}");
        }
        for (same, country) in
            [("nowak", Some("PL")), ("jovanovic", Some("RS")), ("krajnc", Some("SI")), ("ska", Some("PL")), ("", None)]
        {
            assert_eq!(root(same, country), same);
        }
        assert_eq!(sex("kowalska"), Some("female"));
        assert_eq!(sex("kowalski"), Some("male"));
        assert_eq!(sex("nowak"), None);
    }
}
