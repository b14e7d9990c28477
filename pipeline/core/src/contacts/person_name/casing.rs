//! Letter case of names. Enters: a name part in any case. Leaves: its usual case.
//! Never changes a word that already mixes capitals and small letters.

/// Words between names that stay small and belong to the name that follows (folded).
const PARTICLES: &[&str] = &[
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "ter", "ten", "zu", "zur",
    "vom", "af", "bin", "ibn", "el", "al",
];

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
        out.push_str(word);
        return;
    }
    if another_follows && word.is_ascii() && is_particle(&word.to_ascii_lowercase()) {
        out.push_str(&word.to_ascii_lowercase());
        return;
    }
    let mut at_start = true;
    let mut after_mc = false;
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
        after_mc = so_far == 2 && letters == "mc" && word.chars().count() > 4;
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
            ("mcdonald", "McDonald"),
            ("VAN DER BERG", "van der Berg"),
            ("ĐORĐEVIĆ", "Đorđević"),
            ("ЂОРЂЕВИЋ", "Ђорђевић"),
            ("LJILJANA", "Ljiljana"),
            ("bērziņš", "Bērziņš"),
            ("McDonald", "McDonald"),
            ("DeVito", "DeVito"),
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
