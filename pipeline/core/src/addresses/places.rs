//! The small embedded list of towns and their postal regions. Enters: a folded name. Leaves: what is known of it.
//! Never here: verdicts; a name that is not listed says nothing.

use super::words::WordMap;
use crate::gazetteer::near;
use crate::text::fold;
use std::collections::HashMap;

/// Towns of one country by folded name (every name of a bilingual town).
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    towns: WordMap<Town>,
    /// The names in `towns` by the first two digits of their codes, in order.
    by_area: HashMap<String, Vec<String>>,
}

#[derive(Debug, Clone)]
pub(super) struct Town {
    /// The official name, with diacritics, and its folded form.
    pub(super) name: String,
    pub(super) key: String,
    /// Digits with which its postal codes begin; empty when several places share the name.
    pub(super) prefixes: Vec<String>,
    /// Folded abbreviations, written out.
    pub(super) abbreviations: Vec<String>,
    /// Folded names in other languages, corrected to the official one.
    pub(super) exonyms: Vec<String>,
    /// Folded names of its parts.
    parts: Vec<String>,
}

impl Town {
    /// Whether a postal code is known to be one of the town's.
    pub(super) fn owns(&self, code: &str) -> bool {
        let begins = |prefix: &String| {
            let mut digits = code.bytes().filter(u8::is_ascii_digit);
            prefix.bytes().all(|b| digits.next() == Some(b))
        };
        self.prefixes.iter().any(begins)
    }
}

impl Places {
    /// The list that ships for a country; empty for others.
    pub(super) fn embedded(code: &str) -> Self {
        let text = match code {
            "DE" => include_str!("../../../../rules/reference/places/de.tsv"),
            "EE" => include_str!("../../../../rules/reference/places/ee.tsv"),
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
            let (name, prefixes, aliases, exonyms, parts) = (column(), column(), column(), column(), column());
            let folded = |list: &str| list.split(';').map(fold).filter(|o| !o.is_empty()).collect::<Vec<_>>();
            let town = Town {
                name: name.to_string(),
                key: fold(name),
                prefixes: prefixes.split_whitespace().map(String::from).collect(),
                abbreviations: aliases.split(';').filter(|a| a.contains('.')).map(fold).collect(),
                exonyms: folded(exonyms),
                parts: folded(parts),
            };
            for other in folded(name).into_iter().chain(folded(aliases)).chain(folded(exonyms)) {
                towns.insert(other, town.clone());
            }
        }
        let mut by_area: HashMap<String, Vec<String>> = HashMap::new();
        for (name, town) in &towns {
            let mut areas: Vec<&str> = town.prefixes.iter().filter_map(|p| p.get(..2)).collect();
            areas.dedup();
            for area in areas {
                by_area.entry(area.to_string()).or_default().push(name.clone());
            }
        }
        for names in by_area.values_mut() {
            names.sort_unstable();
            names.dedup();
        }
        Self { towns, by_area }
    }

    /// The town that a text begins with, and the rest: `Beograd-Zemun`, `Warszawa Wola`. Names of one word
    /// or more that are towns themselves are not split; without a dash, the postal code has to agree or the
    /// part be listed.
    /// `folded` is the whole text folded.
    pub(super) fn with_district(&self, text: &str, folded: &str, code: Option<&str>) -> Option<(String, String)> {
        let splits = text.contains([' ', '-']);
        if self.towns.is_empty() || !splits || self.get(folded).is_some() {
            return None;
        }
        text.char_indices().filter(|(_, c)| matches!(c, ' ' | '-')).rev().find_map(|(at, c)| {
            let (town, rest) = (text.get(..at)?, text.get(at + 1..)?);
            let known = self.get(&fold(town))?;
            let agrees = code.is_some_and(|code| known.owns(code)) || known.parts.contains(&fold(rest));
            let rest = rest.trim_matches([' ', '-']);
            (!rest.is_empty() && if c == '-' { agrees || code.is_none() } else { agrees })
                .then(|| (town.to_string(), rest.to_string()))
        })
    }

    /// Whether nothing is listed.
    pub(super) fn is_empty(&self) -> bool {
        self.towns.is_empty()
    }

    #[inline]
    pub(super) fn get(&self, folded: &str) -> Option<&Town> {
        self.towns.get(folded)
    }

    /// The only town with a single typing mistake in its name that has such postal codes. Names of four letters
    /// and fewer, and codes of which only one digit is known, leave too much to chance.
    pub(super) fn misspelt(&self, folded: &str, code: &str) -> Option<&Town> {
        let digits: String = code.chars().filter(char::is_ascii_digit).take(2).collect();
        let names = self.by_area.get(&digits).filter(|_| folded.len() > 4)?;
        let mut found: Option<&Town> = None;
        let mut second = false;
        near(
            names.len(),
            |at| names.get(at).map_or("", String::as_str),
            folded,
            1,
            |at, _| {
                if let Some(town) = names.get(at).and_then(|name| self.get(name)).filter(|t| t.owns(code)) {
                    second |= found.is_some_and(|f| f.name != town.name);
                    found = Some(town);
                }
            },
        );
        found.filter(|_| !second)
    }
}

/// Whether two names have the same letters with the same diacritics, whatever their case, blanks and hyphens.
pub(super) fn same_letters(a: &str, b: &str) -> bool {
    let letters = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    a == b || letters(a) == letters(b)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    /// The embedded lists are short, so a village that is not on them may look like a misspelt town. Counted on the
    /// places of the GeoNames files, each with its own postal code.
    #[test]
    fn villages_are_not_taken_for_misspelt_towns() {
        let folder = std::env::var("ZLATO_DATA")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_string());
        for country in ["RS", "SI", "LV"] {
            let Ok(text) = std::fs::read_to_string(format!("{folder}/places/geonames_postal_{country}.txt")) else {
                eprintln!("skipped: no data in ZLATO_DATA");
                return;
            };
            let places = Places::embedded(country);
            let (mut villages, mut taken) = (0_u32, Vec::new());
            for line in text.lines() {
                let mut columns = line.split('\t').skip(1);
                let (code, name) = (columns.next().unwrap(), columns.next().unwrap());
                let key = fold(name);
                if places.get(&key).is_some() {
                    continue;
                }
                villages += 1;
                taken.extend(places.misspelt(&key, code).map(|town| format!("{name} {code} -> {}", town.name)));
            }
            eprintln!("{country}: {} of {villages}: {}", taken.len(), taken.join("; "));
            assert!(taken.len() as f64 <= 0.005 * f64::from(villages), "{country}: {taken:?}");
        }
    }

    #[test]
    fn lists_are_sorted_out() {
        for (country, at_least) in [("PL", 150), ("RS", 150), ("SI", 150), ("LV", 150)] {
            let places = Places::embedded(country);
            let names: std::collections::BTreeSet<&str> = places.towns.values().map(|t| t.name.as_str()).collect();
            assert!(names.len() >= at_least, "{country}: {}", names.len());
            for town in places.towns.values() {
                assert!(town.prefixes.iter().all(|p| p.bytes().all(|b| b.is_ascii_digit())), "{}", town.name);
            }
        }
    }
}
