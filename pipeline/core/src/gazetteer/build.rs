//! Rows of lists into a gazetteer. Enters: one place, code or street at a time, in any order. Leaves: sorted tables
//! that are the same for every order. Never here: files, columns, formats.

use super::names;
use super::{Gazetteer, NONE, NameKind, Source, Texts, country_number};
use crate::text::fold;
use std::collections::{HashMap, HashSet};

/// How a country writes codes and names streets; the address parser knows
/// ([`crate::addresses::Addresses`]).
pub trait Conventions {
    /// A street's display form and its folded name, without the words for "street".
    fn street(&self, country: &str, street: &str) -> Option<(String, String)>;
    /// The canonical writing of a postal code; None for what does not have its shape.
    fn postal_code(&self, country: &str, code: &str) -> Option<String>;
    /// A district or region as addresses write it: `Cēsu nov.` is `Cēsu novads`.
    fn area(&self, country: &str, area: &str) -> Option<String>;
}

/// A row of a list. Empty texts count as absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'a> {
    /// ISO 3166-1 alpha-2.
    pub country: &'a str,
    pub locality: &'a str,
    pub postal_code: &'a str,
    pub street: &'a str,
    pub district: &'a str,
    pub region: &'a str,
    /// Other native names, separated by semicolons: as good as the own one.
    pub other_names: &'a str,
    /// Names in other languages, separated by semicolons or commas: replaced by the own one.
    pub foreign_names: &'a str,
    pub population: u32,
}

/// Why a row is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refused {
    /// No code of two letters.
    Country,
    /// No name of a town or village, or one that cannot be a name.
    Locality,
    /// The postal code does not have its country's shape; the rest of the row is taken.
    PostalCode,
}

impl Refused {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Locality => "locality",
            Self::PostalCode => "postal_code",
        }
    }
}

/// Collects rows. Memory grows with the distinct localities, codes and streets, not with the rows.
pub struct Builder<'c, C> {
    conventions: &'c C,
    numbers: HashMap<String, u32>,
    texts: Vec<String>,
    /// (country, name) to rows and population.
    localities: HashMap<[u32; 2], [u32; 2]>,
    /// country, locality, kind, other name.
    others: HashSet<[u32; 4]>,
    /// country, locality, code, district, region.
    links: HashMap<[u32; 5], u32>,
    /// country, locality, key, code, name.
    streets: HashMap<[u32; 5], u32>,
    /// What lists repeat most, as the conventions see it: codes, areas and streets by country and raw text.
    codes_seen: HashMap<u32, HashMap<String, u32>>,
    areas_seen: HashMap<u32, HashMap<String, u32>>,
    keys_seen: HashMap<u32, HashMap<String, [u32; 2]>>,
}

impl<'c, C: Conventions> Builder<'c, C> {
    pub fn new(conventions: &'c C) -> Self {
        Self {
            conventions,
            numbers: HashMap::new(),
            texts: Vec::new(),
            localities: HashMap::new(),
            others: HashSet::new(),
            links: HashMap::new(),
            streets: HashMap::new(),
            codes_seen: HashMap::new(),
            areas_seen: HashMap::new(),
            keys_seen: HashMap::new(),
        }
    }

    /// Takes a row. Only [`Refused::PostalCode`] leaves something of it behind.
    pub fn add(&mut self, place: &Place<'_>) -> Result<(), Refused> {
        let country = place.country.trim().to_ascii_uppercase();
        let country_id = country_number(&country).ok_or(Refused::Country)?;
        let (own, others) = names::place(&country, place.locality).ok_or(Refused::Locality)?;
        if fold(&own).is_empty() {
            return Err(Refused::Locality);
        }
        let locality = self.number(&own);
        let counts = self.localities.entry([country_id, locality]).or_default();
        counts[0] = counts[0].saturating_add(1);
        counts[1] = counts[1].max(place.population);
        let other = |builder: &mut Self, kind: NameKind, name: &str| {
            let key = fold(name);
            if key.len() > 1 && !key.bytes().any(|b| b.is_ascii_digit()) && name.chars().any(char::is_lowercase) {
                let name = builder.number(&key);
                builder.others.insert([country_id, locality, kind as u32, name]);
            }
        };
        for name in others.iter().map(String::as_str).chain(place.other_names.split(';')) {
            other(self, NameKind::Other, name);
        }
        for name in place.foreign_names.split([';', ',']) {
            other(self, NameKind::Foreign, name);
        }
        let code = self.code(country_id, &country, place.postal_code.trim());
        let refused = code.is_none() && !place.postal_code.trim().is_empty();
        let code = code.unwrap_or(NONE);
        let [district, region] =
            [place.district, place.region].map(|t| self.area(country_id, &country, t.trim()).unwrap_or(NONE));
        if code != NONE || district != NONE || region != NONE {
            count(&mut self.links, [country_id, locality, code, district, region]);
        }
        if let Some([key, name]) = self.street(country_id, &country, place.street.trim()) {
            count(&mut self.streets, [country_id, locality, key, code, name]);
        }
        if refused { Err(Refused::PostalCode) } else { Ok(()) }
    }

    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.to_string());
        self.numbers.insert(text.to_string(), number);
        number
    }

    fn code(&mut self, country_id: u32, country: &str, raw: &str) -> Option<u32> {
        if raw.is_empty() {
            return None;
        }
        if let Some(code) = self.codes_seen.get(&country_id).and_then(|seen| seen.get(raw)) {
            return (*code != NONE).then_some(*code);
        }
        let code = self.conventions.postal_code(country, raw).map_or(NONE, |code| self.number(&code));
        self.codes_seen.entry(country_id).or_default().insert(raw.to_string(), code);
        (code != NONE).then_some(code)
    }

    fn area(&mut self, country_id: u32, country: &str, raw: &str) -> Option<u32> {
        if raw.is_empty() {
            return None;
        }
        if let Some(area) = self.areas_seen.get(&country_id).and_then(|seen| seen.get(raw)) {
            return (*area != NONE).then_some(*area);
        }
        let area = names::plain(country, raw).and_then(|t| self.conventions.area(country, &t));
        let area = area.map_or(NONE, |t| self.number(&t));
        self.areas_seen.entry(country_id).or_default().insert(raw.to_string(), area);
        (area != NONE).then_some(area)
    }

    fn street(&mut self, country_id: u32, country: &str, raw: &str) -> Option<[u32; 2]> {
        if raw.is_empty() {
            return None;
        }
        if let Some(pair) = self.keys_seen.get(&country_id).and_then(|seen| seen.get(raw)) {
            return (pair[0] != NONE).then_some(*pair);
        }
        let name = names::plain(country, raw);
        let pair = match name.and_then(|n| self.conventions.street(country, &n)) {
            Some((name, key)) => [self.number(&key), self.number(&name)],
            None => [NONE, NONE],
        };
        self.keys_seen.entry(country_id).or_default().insert(raw.to_string(), pair);
        (pair[0] != NONE).then_some(pair)
    }

    /// The finished gazetteer. The same rows and sources give the same one, whatever their order.
    pub fn finish(mut self, mut sources: Vec<Source>) -> Gazetteer {
        sources.sort();
        let mut folded: Vec<[u32; 2]> = Vec::with_capacity(self.localities.len());
        let localities: Vec<[u32; 2]> = self.localities.keys().copied().collect();
        for [_, name] in &localities {
            let key = fold(self.texts.get(*name as usize).map_or("", String::as_str));
            folded.push([*name, self.number(&key)]);
        }
        let used = self.used(&folded);
        let (texts, new) = sorted(&self.texts, &used);
        let of = |text: u32| new.get(text as usize).copied().unwrap_or(NONE);

        let mut places: Vec<[u32; 4]> = self
            .localities
            .iter()
            .map(|([country, name], [rows, people])| [*country, of(*name), *rows, *people])
            .collect();
        places.sort_unstable();
        let place = |country: u32, name: u32| {
            places.binary_search_by(|p| [p[0], p[1]].cmp(&[country, of(name)])).map_or(NONE, |at| at as u32)
        };
        let mut names: Vec<[u32; 4]> = Vec::with_capacity(places.len() + self.others.len());
        for ([country, name], [_, key]) in localities.iter().zip(&folded) {
            names.push([*country, of(*key), NameKind::Own as u32, place(*country, *name)]);
        }
        for [country, locality, kind, name] in &self.others {
            names.push([*country, of(*name), *kind, place(*country, *locality)]);
        }
        names.sort_unstable();
        // A name that a place has anyway is no other name of it.
        let mut before: Vec<[u32; 3]> = Vec::new();
        names.retain(|[country, key, _, locality]| {
            if before.first().is_some_and(|b| b[..2] != [*country, *key]) {
                before.clear();
            }
            let new = !before.iter().any(|b| b[2] == *locality);
            before.push([*country, *key, *locality]);
            new
        });

        let mut codes: Vec<[u32; 2]> = Vec::new();
        let coded = |[country, _, code, ..]: &[u32; 5]| (*code != NONE).then(|| [*country, of(*code)]);
        codes.extend(self.links.keys().filter_map(coded));
        codes.sort_unstable();
        codes.dedup();
        let code_at = |country: u32, code: u32| codes.binary_search(&[country, of(code)]).map_or(NONE, |at| at as u32);

        let mut links: Vec<[u32; 5]> = self
            .links
            .iter()
            .map(|([country, name, code, district, region], rows)| {
                [place(*country, *name), code_at(*country, *code), of(*district), of(*region), *rows]
            })
            .collect();
        links.sort_unstable();
        let mut by_code: Vec<[u32; 2]> =
            links.iter().enumerate().filter(|(_, l)| l[1] != NONE).map(|(at, l)| [l[1], at as u32]).collect();
        by_code.sort_unstable();
        let streets = streets(&self.streets, &of, &place, &code_at);
        Gazetteer { sources, texts, localities: places, names, codes, links, by_code, streets }
    }

    /// Which texts the tables will name.
    fn used(&self, folded: &[[u32; 2]]) -> Vec<bool> {
        let mut used = vec![false; self.texts.len()];
        let mut mark = |text: u32| {
            if let Some(slot) = used.get_mut(text as usize) {
                *slot = true;
            }
        };
        folded.iter().flatten().for_each(|t| mark(*t));
        self.others.iter().for_each(|o| mark(o[3]));
        self.links.keys().for_each(|l| l[2..].iter().for_each(|t| mark(*t)));
        self.streets.keys().for_each(|s| [s[2], s[4]].into_iter().for_each(&mut mark));
        used
    }
}

fn count(table: &mut HashMap<[u32; 5], u32>, row: [u32; 5]) {
    let rows = table.entry(row).or_default();
    *rows = rows.saturating_add(1);
}

/// The used texts in order, and the new number of each.
fn sorted(texts: &[String], used: &[bool]) -> (Texts, Vec<u32>) {
    let mut order: Vec<u32> = used.iter().enumerate().filter(|(_, used)| **used).map(|(at, _)| at as u32).collect();
    order.sort_unstable_by_key(|at| texts.get(*at as usize));
    let mut out = Texts::default();
    let mut new = vec![NONE; texts.len()];
    for (number, at) in order.iter().enumerate() {
        out.all.push_str(texts.get(*at as usize).map_or("", String::as_str));
        out.ends.push(out.all.len() as u32);
        if let Some(slot) = new.get_mut(*at as usize) {
            *slot = number as u32;
        }
    }
    (out, new)
}

/// Streets under the name that most rows give them; between equals the one with more letters beyond ASCII.
fn streets(
    rows: &HashMap<[u32; 5], u32>,
    of: &impl Fn(u32) -> u32,
    place: &impl Fn(u32, u32) -> u32,
    code_at: &impl Fn(u32, u32) -> u32,
) -> Vec<[u32; 5]> {
    let mut named: HashMap<[u32; 3], u32> = HashMap::new();
    for ([country, locality, key, _, name], rows) in rows {
        let total = named.entry([place(*country, *locality), of(*key), of(*name)]).or_default();
        *total = total.saturating_add(*rows);
    }
    let mut best: HashMap<[u32; 2], (u32, u32)> = HashMap::new();
    for ([locality, key, name], rows) in &named {
        // Texts are numbered bytewise, where letters beyond ASCII come last.
        let slot = best.entry([*locality, *key]).or_default();
        *slot = (*slot).max((*rows, *name));
    }
    let mut counted: HashMap<[u32; 4], u32> = HashMap::new();
    for ([country, locality, key, code, _], rows) in rows {
        let (locality, key) = (place(*country, *locality), of(*key));
        let name = best.get(&[locality, key]).map_or(NONE, |(_, name)| *name);
        let total = counted.entry([locality, key, name, code_at(*country, *code)]).or_default();
        *total = total.saturating_add(*rows);
    }
    let mut out: Vec<[u32; 5]> = counted.into_iter().map(|([a, b, c, d], rows)| [a, b, c, d, rows]).collect();
    out.sort_unstable();
    out
}
