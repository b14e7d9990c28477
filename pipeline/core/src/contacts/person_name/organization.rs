//! Companies and institutions in name fields. Enters: a squeezed field. Leaves: whether it names one, and the person's part
//! when a sole trader's name is in it. Never looks a company up.

use super::lists;
use crate::text::fold;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Folded words and legal forms that only organisations carry.
const WORDS: &[&str] = &[
    "sp z o o",
    "sp zoo",
    "spzoo",
    "spolka",
    "sp j",
    "sp k",
    "d o o",
    "doo",
    "gmbh",
    "ltd",
    "llc",
    "inc",
    "corp",
    "plc",
    "sia",
    "fundacja",
    "stowarzyszenie",
    "przedsiebiorstwo",
    "firma",
    "phu",
    "fhu",
    "pphu",
    "ppuh",
    "puh",
    "spoldzielnia",
    "gmina",
    "urzad",
    "szkola",
    "szpital",
    "apteka",
    "parafia",
    "hurtownia",
    "restauracja",
    "hotel",
    "udruzenje",
    "preduzece",
    "zadruga",
    "agencija",
    "drustvo",
    "zavod",
    "podjetje",
    "apoteka",
    "ordinacija",
    "szr",
    "sztr",
    "str",
    "biedriba",
    "nodibinajums",
    "uznemums",
    "zemnieku saimnieciba",
    "pasvaldiba",
    "company",
    "university",
    "uniwersytet",
    "univerzitet",
    "univerza",
    "ooo",
];

/// [`WORDS`] by their first word.
static BY_FIRST_WORD: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut words: HashMap<&str, Vec<&str>> = HashMap::new();
    for phrase in WORDS {
        words.entry(phrase.split(' ').next().unwrap_or(phrase)).or_default().push(phrase);
    }
    words
});

/// Legal forms that count only at the end, in the spellings that are no initials.
const ENDINGS: &[&str] = &["S.A.", "SA", "A.D.", "a.d.", "AD", "D.D.", "d.d.", "A/S", "AS", "S.C.", "s.c."];

/// Marks of a sole trader: the rest is a person's name (SI s.p., RS PR, LV IK).
const SOLE_TRADER_ENDINGS: &[&str] = &["s.p.", "S.P.", "sp.", "PR", "pr", "p.r.", "P.R."];

/// What a field with an organisation in it holds.
pub(super) struct Found {
    pub organization: String,
    /// The sole trader's own name.
    pub person: Option<String>,
}

pub(super) fn find(text: &str) -> Option<Found> {
    let found = find_whole(text)?;
    if found.person.is_some() {
        return Some(found);
    }
    // "Jan Kowalski (FHU)", "Kowalski Jan - Firma Budowlana": the piece without company words that holds a given name.
    let pieces: Vec<&str> =
        text.split(['(', ')']).flat_map(|p| p.split(" - ")).flat_map(|p| p.split(", ")).map(str::trim).collect();
    let person = pieces.into_iter().find(|piece| {
        let mut words = piece.split(' ').map(fold);
        piece.contains(' ') && *piece != text && find_whole(piece).is_none() && words.any(|w| lists::is_given(&w))
    });
    Some(Found { person: person.map(str::to_owned), ..found })
}

fn find_whole(text: &str) -> Option<Found> {
    let whole = || text.to_owned();
    let (start, last) = text.rsplit_once(' ').unwrap_or(("", text));
    if SOLE_TRADER_ENDINGS.contains(&last) && start.contains(' ') {
        let person = start.trim_end_matches([',', ' ']).to_owned();
        return Some(Found { organization: whole(), person: Some(person) });
    }
    if let Some(person) = text.strip_prefix("IK ").filter(|p| p.contains(' ')) {
        return Some(Found {
            organization: whole(),
            person: Some(person.trim_matches(['"', '„', '“', '”', ' ']).to_owned()),
        });
    }
    if has_company_word(&fold(text)) || (ENDINGS.contains(&last) && !start.is_empty()) {
        return Some(Found { organization: whole(), person: None });
    }
    None
}

/// Whether one of [`WORDS`] stands in a folded text, as whole words.
fn has_company_word(folded: &str) -> bool {
    let starts = std::iter::once(0).chain(folded.match_indices(' ').map(|(at, _)| at + 1));
    starts.filter_map(|at| folded.get(at..)).any(|rest| {
        let first = rest.split(' ').next().unwrap_or(rest);
        let phrases = BY_FIRST_WORD.get(first).map_or(&[][..], Vec::as_slice);
        phrases.iter().any(|p| rest.strip_prefix(p).is_some_and(|r| r.is_empty() || r.starts_with(' ')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companies_are_told_from_people() {
        for company in [
            "Drewex Sp. z o.o.",
            "PEKARA ZORA DOO",
            "Merkur d.d.",
            "SIA \"Balta\"",
            "Fundacja Dom",
            "F.H.U. Nowak Firma",
            "Orlen S.A.",
        ] {
            assert!(find(company).is_some_and(|f| f.person.is_none()), "{company}");
        }
        for trader in [
            "Janez Novak s.p.",
            "Petar Petrović PR",
            "IK Jānis Bērziņš",
            "Jan Kowalski (FHU)",
            "Nowak Anna - Firma Usługowa",
        ] {
            assert!(find(trader).is_some_and(|f| f.person.is_some()), "{trader}");
        }
        for person in ["Jan Kowalski", "Ana D.", "Siarhei Novik", "Firmin Sade", "Stran Dooley"] {
            assert!(find(person).is_none(), "{person}");
        }
    }
}
