//! The small embedded list of towns and their postal regions. Enters: a folded name. Leaves: what is known of it.
//! Never here: verdicts; a name that is not listed says nothing.

use super::words::WordMap;
use crate::text::fold;

/// Towns of one country by folded name (every name of a bilingual town).
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    towns: WordMap<Town>,
}

#[derive(Debug, Clone)]
pub(super) struct Town {
    /// The official name, with diacritics.
    pub(super) name: String,
    /// Digits with which its postal codes begin; empty when several places share the name.
    pub(super) prefixes: Vec<String>,
    /// Folded abbreviations, written out.
    pub(super) abbreviations: Vec<String>,
    /// Folded names in other languages, corrected to the official one.
    pub(super) exonyms: Vec<String>,
}

impl Town {
    /// Whether a postal code is known to be one of the town's.
    pub(super) fn owns(&self, code: &str) -> bool {
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        self.prefixes.iter().any(|p| digits.starts_with(p.as_str()))
    }
}

impl Places {
    /// The list that ships for a country; empty for others.
    pub(super) fn embedded(code: &str) -> Self {
        let text = match code {
            "DE" => include_str!("../../../../rules/reference/places/de.tsv"),
            "PL" => include_str!("../../../../rules/reference/places/pl.tsv"),
            "RS" => include_str!("../../../../rules/reference/places/rs.tsv"),
            "SI" => include_str!("../../../../rules/reference/places/si.tsv"),
            "LV" => include_str!("../../../../rules/reference/places/lv.tsv"),
            _ => return Self::default(),
        };
        let mut towns = WordMap::default();
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            let mut columns = line.split('\t').map(str::trim);
            let mut column = || columns.next().unwrap_or("");
            let (name, prefixes, aliases, exonyms) = (column(), column(), column(), column());
            let folded = |list: &str| list.split(';').map(fold).filter(|o| !o.is_empty()).collect::<Vec<_>>();
            let town = Town {
                name: name.to_string(),
                prefixes: prefixes.split_whitespace().map(String::from).collect(),
                abbreviations: aliases.split(';').filter(|a| a.contains('.')).map(fold).collect(),
                exonyms: folded(exonyms),
            };
            for other in folded(name).into_iter().chain(folded(aliases)).chain(folded(exonyms)) {
                towns.insert(other, town.clone());
            }
        }
        Self { towns }
    }

    /// The town that a text begins with, and the rest: `Beograd-Zemun`, `Warszawa Wola`. Names of one word
    /// or more that are towns themselves are not split; without a dash, the postal code has to agree.
    pub(super) fn with_district(&self, text: &str, code: Option<&str>) -> Option<(String, String)> {
        let splits = text.contains([' ', '-']);
        if self.towns.is_empty() || !splits || self.get(&fold(text)).is_some() {
            return None;
        }
        text.char_indices().filter(|(_, c)| matches!(c, ' ' | '-')).rev().find_map(|(at, c)| {
            let (town, rest) = (text.get(..at)?, text.get(at + 1..)?);
            let known = self.get(&fold(town))?;
            let agrees = code.is_some_and(|code| known.owns(code));
            let rest = rest.trim_matches([' ', '-']);
            (!rest.is_empty() && if c == '-' { agrees || code.is_none() } else { agrees })
                .then(|| (town.to_string(), rest.to_string()))
        })
    }

    /// Whether nothing is listed.
    pub(super) fn is_empty(&self) -> bool {
        self.towns.is_empty()
    }

    pub(super) fn get(&self, folded: &str) -> Option<&Town> {
        self.towns.get(folded)
    }
}
