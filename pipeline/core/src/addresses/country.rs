//! Which country an address is in. Enters: a column's value or the tokens. Leaves: ISO alpha-2 codes.
//! Never here: a guess without evidence in the text.

use super::parse::Parser;
use super::postal::{Distinctive, upper};
use super::token::{Glue, Token, folded};
use super::words::WordMap;
use super::{Addresses, CountryPack};
use crate::text::fold;
use std::collections::BTreeMap;
use std::ops::Range;

/// Countries without a pack that turn up in Central European data: code and folded names.
const OTHERS: &[(&str, &[&str])] = &[
    ("BE", &["belgium", "belgia", "belgija", "belgique"]),
    ("BG", &["bulgaria", "bugarska", "bolgarija", "bulgarija"]),
    ("BY", &["belarus", "bialorus", "baltkrievija"]),
    ("CH", &["switzerland", "szwajcaria", "svajcarska", "svica", "schweiz"]),
    ("DK", &["denmark", "dania", "danska", "danija"]),
    ("ES", &["spain", "hiszpania", "spanija", "espana"]),
    ("FI", &["finland", "suomi", "finlandia", "finska", "somija"]),
    ("FR", &["france", "francja", "francuska", "francija"]),
    (
        "GB",
        &["united kingdom", "great britain", "england", "uk", "wielka brytania", "velika britanija", "lielbritanija"],
    ),
    ("IE", &["ireland", "irlandia", "irska", "irija"]),
    ("IT", &["italy", "italia", "wlochy", "italija"]),
    ("NL", &["netherlands", "nederland", "holandia", "holandija", "nizozemska"]),
    ("NO", &["norway", "norge", "norwegia", "norveska"]),
    ("RO", &["romania", "rumunia", "rumunija", "romunija"]),
    ("SE", &["sweden", "sverige", "szwecja", "svedska", "zviedrija"]),
    ("UA", &["ukraine", "ukraina", "ukrajina"]),
];

impl Addresses {
    /// The ISO code for a code or a name in a column.
    pub fn country_named(&self, text: &str) -> Option<String> {
        self.country_folded(&fold(text))
    }

    fn country_folded(&self, folded: &str) -> Option<String> {
        if folded.len() < 2 {
            return None;
        }
        if folded.len() > 2 {
            return self.country_names.get(folded).cloned();
        }
        let packs = self.packs.keys().map(String::as_str);
        let listed =
            packs.chain(OTHERS.iter().map(|(code, _)| *code)).find(|code| code.eq_ignore_ascii_case(folded))?;
        Some(listed.to_string())
    }

    /// Every folded name of a country with its code; the names of packs count before the others.
    pub(super) fn country_names<'a>(packs: impl Iterator<Item = &'a CountryPack>) -> WordMap<String> {
        let others =
            OTHERS.iter().flat_map(|(code, names)| names.iter().map(|n| ((*n).to_string(), (*code).to_string())));
        let packs = packs.flat_map(|p| p.names.iter().map(|n| (n.clone(), p.code.clone())));
        others.chain(packs).collect()
    }

    /// All writings of postal codes that tell their country.
    pub(super) fn distinctive(packs: &BTreeMap<String, CountryPack>) -> Distinctive {
        let (patterns, codes): (Vec<&str>, Vec<String>) =
            packs.values().filter_map(|p| Some((p.postal.distinctive()?, p.code.clone()))).unzip();
        Distinctive::new(&patterns, codes)
    }

    /// A country at the end, or alone at the start, of an address: the code and the tokens that name it.
    ///
    /// `expected` is the country that the caller has in mind: a word that names one of its regions names no country.
    pub(super) fn country_in(&self, tokens: &[Token<'_>], expected: Option<&str>) -> Option<(String, Range<usize>)> {
        let expected = expected.and_then(|c| self.packs.get(c));
        let end = tokens.len();
        if tokens.last().is_none_or(|t| t.fold.len() != 2 && !self.country_ends.contains(t.fold)) {
            return self.country_first(tokens, expected);
        }
        for words in (1..=3.min(end)).rev() {
            let from = end - words;
            let run = tokens.get(from..)?;
            if run.iter().skip(1).any(|t| t.glue == Glue::Break) {
                continue;
            }
            let own = run.first().is_some_and(|t| t.glue == Glue::Break);
            let name = folded(run);
            let Some(code) = self.country_folded(name) else {
                continue;
            };
            if expected.is_some_and(|p| p.code != code && p.regions.contains_key(name)) {
                continue;
            }
            // Inside a segment a two-letter word must follow letters or a postal code, or it may be the letter of a number;
            // only the code of a country with a pack counts there.
            let inside = name.len() == 2
                && tokens.get(from.wrapping_sub(1)).zip(self.packs.get(&code)).is_some_and(|(before, pack)| {
                    !before.starts_with_digit() || pack.postal.canonical(before.bare()).is_some()
                });
            let own_code = name.len() == 3 && run.len() == 1 && {
                let after_digits = tokens.get(from.wrapping_sub(1)).is_some_and(Token::starts_with_digit);
                after_digits || expected.is_some_and(|p| p.code == code)
            };
            let longer = (name.len() > 3 || own_code) && self.packs.contains_key(&code);
            // A code alone says nothing.
            if own && (words < end || name.len() > 3) || inside || longer {
                return Some((code, from..end));
            }
        }
        None
    }

    /// "Srbija, 11000 Beograd, Jove Ilića 87". Streets are named after countries too (Francuska, Poljska), so that where a
    /// country is expected, only its own name counts.
    fn country_first(&self, tokens: &[Token<'_>], expected: Option<&CountryPack>) -> Option<(String, Range<usize>)> {
        let end = (1..tokens.len().min(4)).find(|at| tokens.get(*at).is_some_and(|t| t.glue == Glue::Break))?;
        let first = tokens.get(..end).filter(|first| first.iter().all(|t| t.word))?;
        let code = self.country_names.get(folded(first))?;
        let fits = expected.map_or_else(|| self.packs.contains_key(code), |pack| pack.code == *code);
        fits.then(|| (code.clone(), 0..end))
    }

    /// The only country among those to guess whose own writing of a postal code occurs.
    pub(super) fn country_by_code(&self, tokens: &[Token<'_>], expected: Option<&str>) -> Option<String> {
        let expected = expected.and_then(|c| self.packs.get(c));
        let found = tokens.iter().enumerate().filter_map(|(n, t)| {
            let bare = t.bare();
            if bare.len() == 2 {
                if t.starts_with_digit() {
                    return None;
                }
                let pack = self.packs.get(&*upper(bare))?;
                let next = tokens.get(n + 1)?.bare();
                let region = expected.is_some_and(|e| e.regions.contains_key(t.fold));
                let code = !region && pack.postal.canonical(&format!("{bare} {next}")).is_some();
                return code.then_some((true, n, &pack.code));
            }
            Some((!t.starts_with_digit(), n, self.distinctive.country(bare)?))
        });
        // "Čaka iela 72-305, Rīga, LV-1011": the country in mind first, then letters, then what stands last.
        let best = found.max_by_key(|(letters, n, code)| (expected.is_some_and(|e| e.code == **code), *letters, *n));
        best.map(|(_, _, code)| code.clone())
    }

    /// The first country to guess whose postal code has the shape, or whose street words occur.
    pub(super) fn country_by_shape(&self, tokens: &[Token<'_>]) -> Option<String> {
        let packs = || self.guess.iter().filter_map(|c| self.packs.get(c));
        let towns =
            |pack: &CountryPack| tokens.iter().any(|t| !t.starts_with_digit() && pack.places.get(t.fold).is_some());
        let shaped =
            |pack: &CountryPack| tokens.iter().any(|t| t.text.len() >= 4 && pack.postal.canonical(t.bare()).is_some());
        packs()
            .find(|p| shaped(p) && towns(p))
            .or_else(|| packs().find(|p| towns(p)))
            .or_else(|| packs().find(|p| shaped(p)))
            .map(|p| p.code.clone())
    }
}

/// The tokens but those at one end that name a country.
pub(super) fn without<'t>(tokens: &'t [Token<'t>], found: Option<(String, Range<usize>)>) -> &'t [Token<'t>] {
    let rest = match found {
        Some((_, Range { start: 0, end })) => tokens.get(end..),
        Some((_, Range { start, .. })) => tokens.get(..start),
        None => Some(tokens),
    };
    rest.unwrap_or(&[])
}

impl Parser<'_, '_> {
    /// The country's own name or code where it does not stand last: "Gdynia PL, Konwaliowa 8c", "Rīga, LV, Latvija".
    pub(super) fn own_country(&mut self) {
        let others =
            |p: &Self, from: usize, to: usize| (0..p.tokens.len()).any(|i| p.free(i) && !(from..to).contains(&i));
        for at in 0..self.tokens.len() {
            if !self.is_word(at) {
                continue;
            }
            if self.is_own_code(at) {
                let (from, to) = self.run(at);
                let number = || (from..to).any(|i| self.token(i).is_some_and(Token::starts_with_digit));
                let own = from == at && to == at + 1;
                if self.free(at) && to == at + 1 && (own || self.is_word(at - 1) && !number()) && others(self, at, to) {
                    self.take(at, to);
                }
            } else if self.opens(at)
                && let Some(end) = (at + 1..=at + 3).find(|end| self.opens(*end))
                && self.pack.names.iter().any(|name| name == self.folded(at, end))
                && (at..end).all(|i| self.free(i))
                && others(self, at, end)
            {
                self.take(at, end);
            }
        }
    }

    fn is_own_code(&self, at: usize) -> bool {
        self.token(at).is_some_and(|t| t.fold.len() == 2 && t.fold.eq_ignore_ascii_case(&self.pack.code))
    }
}
