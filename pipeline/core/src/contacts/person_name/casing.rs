//! Letter case of names. Enters: a name part in any case. Leaves: its usual case.
//! Never changes a word that already mixes capitals and small letters, but for capitals behind a prefix (`McDONALD`).

/// Words between names that stay small and belong to the name that follows (folded).
const PARTICLES: &[&str] = &[
    "van", "von", "der", "den", "de", "del", "della", "dalla", "di", "da", "do", "das", "dos", "du", "des", "la", "le",
    "los", "ter", "ten", "te", "zu", "zur", "zum", "vom", "af", "av", "bin", "bint", "ibn", "el", "al", "op",
];

/// What follows `Mac` in Scottish and Irish names with a second capital (folded): others, as Maciej and Macura, have none.
const AFTER_MAC: &[&str] = &[
    "alister", "allister", "arthur", "aulay", "bride", "donald", "dougall", "dowell", "farlane", "gregor", "intosh",
    "intyre", "kay", "kenzie", "kinnon", "lachlan", "laren", "lean", "leod", "millan", "nab", "neil", "neill",
    "pherson", "queen", "rae",
];

/// Beginnings of surnames that keep their small letters where the rest is written in capitals: `McDONALD`, `DeVITO`.
const PREFIXES: &[&str] = &["Mc", "Mac", "Fitz", "De", "Del", "Di", "Du", "La", "Le", "Van", "Von"];

/// The prefix and the rest of a surname in capitals.
fn prefix_of_capitals(word: &str) -> Option<(&str, &str)> {
    let rest = PREFIXES.iter().find_map(|p| word.strip_prefix(p).filter(|r| is_all_capitals(r)))?;
    Some((word.strip_suffix(rest)?, rest))
}

/// Three letters or more, and all that have two cases are capitals.
fn is_all_capitals(word: &str) -> bool {
    word.chars().count() > 2 && !word.chars().any(char::is_lowercase) && word.chars().any(char::is_uppercase)
}

/// Written in capitals, whatever the prefix: `KOWALSKI`, `McDONALD`.
pub(super) fn is_shouted(word: &str) -> bool {
    is_all_capitals(word) || prefix_of_capitals(word).is_some()
}

/// Begins as hardly anything but an Irish or Scottish surname does (folded): `mcdonald`, `macgregor`.
pub(super) fn is_gaelic_surname(folded: &str) -> bool {
    folded.strip_prefix("mc").is_some_and(|rest| rest.len() > 2)
        || folded.strip_prefix("mac").is_some_and(|rest| AFTER_MAC.contains(&rest))
}

pub(super) fn is_particle(folded: &str) -> bool {
    PARTICLES.contains(&folded)
}

/// Every word of a part: `KOWALSKA-NOWAK` gives `Kowalska-Nowak`, `o'neil` `O'Neil`, `MCDONALD` `McDonald`,
/// `VAN DER BERG` `van der Berg`, `ĐORĐEVIĆ` `Đorđević`. Idempotent.
pub(super) fn proper(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    let words = part.split(' ').count();
    for (at, word) in part.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        push_word(&mut out, word, at + 1 < words);
    }
    out
}

fn push_word(out: &mut String, word: &str, another_follows: bool) {
    let has_small = word.chars().any(char::is_lowercase);
    let has_capital = word.chars().any(char::is_uppercase);
    if has_small && has_capital {
        match prefix_of_capitals(word) {
            Some((prefix, rest)) => {
                out.push_str(prefix);
                push_word(out, rest, false);
            }
            None => out.push_str(word),
        }
        return;
    }
    if another_follows && word.is_ascii() && is_particle(&word.to_ascii_lowercase()) {
        out.push_str(&word.to_ascii_lowercase());
        return;
    }
    // The Arabic article stays small: al-Hassan.
    if let Some((article, rest)) = word.split_once('-')
        && (article.eq_ignore_ascii_case("al") || article.eq_ignore_ascii_case("el"))
        && !rest.is_empty()
    {
        out.push_str(&article.to_ascii_lowercase());
        out.push('-');
        return push_word(out, rest, false);
    }
    let mut at_start = true;
    let mut after_mc = false;
    let is_mac = word.len() > 6 && word.is_ascii() && {
        let lower = word.to_ascii_lowercase();
        lower.strip_prefix("mac").is_some_and(|rest| AFTER_MAC.contains(&rest))
    };
    let mut so_far = 0usize;
    let mut letters = String::with_capacity(4);
    for c in word.chars() {
        if !c.is_alphabetic() && !unicode_normalization::char::is_combining_mark(c) {
            out.push(c);
            at_start = !c.is_numeric();
            (so_far, after_mc) = (0, false);
            letters.clear();
            continue;
        }
        if at_start || after_mc {
            push_single(out, c, c.to_uppercase());
        } else {
            push_single(out, c, c.to_lowercase());
        }
        at_start = false;
        so_far += 1;
        if so_far <= 2 {
            letters.extend(c.to_lowercase());
        }
        after_mc = (so_far == 2 && letters == "mc" && word.chars().count() > 4) || (so_far == 3 && is_mac);
    }
}

/// Case changes that give several letters (ß) are left alone, so that doing it twice changes nothing.
fn push_single(out: &mut String, c: char, mut changed: impl Iterator<Item = char>) {
    match (changed.next(), changed.next()) {
        (Some(single), None) => out.push(single),
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn capitals_and_small_letters_become_names() {
        for (raw, name) in [
            ("KOWALSKA-NOWAK", "Kowalska-Nowak"),
            ("o'neil", "O'Neil"),
            ("MCDONALD", "McDonald"),
            ("MACDONALD", "MacDonald"),
            ("MACIEJEWSKI", "Maciejewski"),
            ("mcdonald", "McDonald"),
            ("VAN DER BERG", "van der Berg"),
            ("ĐORĐEVIĆ", "Đorđević"),
            ("ЂОРЂЕВИЋ", "Ђорђевић"),
            ("LJILJANA", "Ljiljana"),
            ("bērziņš", "Bērziņš"),
            ("McDonald", "McDonald"),
            ("AL-HASSAN", "al-Hassan"),
            ("DeVito", "DeVito"),
            ("McDONALD", "McDonald"),
            ("MacGREGOR-KOWALSKA", "MacGregor-Kowalska"),
            ("DeVITO", "DeVito"),
            ("LeA", "LeA"),
            ("j.", "J."),
            ("VAN", "Van"),
        ] {
            assert_eq!(proper(raw), name, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn twice_is_once(part in ".*|[a-zA-Z'ßŁłĐđ -]{0,20}") {
            let once = proper(&part);
            prop_assert_eq!(proper(&once), once);
        }
    }
}
