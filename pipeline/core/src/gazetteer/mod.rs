//! A local list of places, postal codes and streets, and the look-ups over it. Enters: rows of a list that the
//! user fetched ([`Builder`]) or the bytes of a finished gazetteer. Leaves: what is known of a name or a code, each
//! answer with a confidence. Never here: files, parsing of addresses, a verdict: that a name is not listed says
//! nothing, since every list has holes.

mod build;
mod file;
mod find;
mod names;
mod near;
mod rank;
#[cfg(test)]
mod tests;

pub use build::{Builder, Conventions, Place, Refused};
pub use file::{FORMAT_VERSION, Unreadable};
pub(crate) use near::near;
pub use rank::{CORRECT_FROM, CodeFit, Found, FoundStreet, How, SUGGEST_FROM};

use serde::{Deserialize, Serialize};

/// Where the rows of a gazetteer come from, as the user told it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    pub name: String,
    /// The licence under which the list may be used, in the words of its publisher.
    pub licence: Option<String>,
    /// The day the list speaks of, as the user gave it.
    pub date: Option<String>,
    pub rows: u64,
    /// Rows that could not be used, by reason.
    pub refused: std::collections::BTreeMap<String, u64>,
}

/// A gazetteer, ready for look-ups. Immutable; cheap to share behind an `Arc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gazetteer {
    sources: Vec<Source>,
    texts: Texts,
    /// country, name, rows, population. Sorted by country and name.
    localities: Vec<[u32; 4]>,
    /// country, folded name, kind ([`NameKind`]), locality. Sorted.
    names: Vec<[u32; 4]>,
    /// country, code. Sorted.
    codes: Vec<[u32; 2]>,
    /// locality, code (index into `codes`) or none, district or none, region or none, rows. Sorted.
    links: Vec<[u32; 5]>,
    /// code, link. Sorted: the links of each code.
    by_code: Vec<[u32; 2]>,
    /// locality, folded name, name, code or none, rows. Sorted.
    streets: Vec<[u32; 5]>,
}

/// Stands for "no text" and "no code" in the tables.
const NONE: u32 = u32::MAX;

/// What a folded name is to its locality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NameKind {
    Own = 0,
    /// As official as the own name, in another language of the place.
    Other = 1,
    Foreign = 2,
}

/// Distinct texts, sorted bytewise, so that comparing numbers compares texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Texts {
    /// Where each text ends in `all`.
    ends: Vec<u32>,
    all: String,
}

impl Texts {
    fn get(&self, text: u32) -> Option<&str> {
        let at = text as usize;
        let from = if at == 0 { 0 } else { *self.ends.get(at - 1)? as usize };
        self.all.get(from..*self.ends.get(at)? as usize)
    }

    fn find(&self, wanted: &str) -> Option<u32> {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle as u32)?.cmp(wanted) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle as u32),
            }
        }
        None
    }
}

/// A country code as the tables hold it.
fn country_number(code: &str) -> Option<u32> {
    match code.as_bytes() {
        [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
            Some(u32::from(a.to_ascii_uppercase()) << 8 | u32::from(b.to_ascii_uppercase()))
        }
        _ => None,
    }
}

fn country_code(number: u32) -> String {
    [(number >> 8) as u8, number as u8].into_iter().map(char::from).collect()
}

/// The beginning of a code that tells its area: its first two digits, with what stands before them.
fn code_area(code: &str) -> Option<&str> {
    let digits = code.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    code.get(..digits + 2)
}

/// The rows of a sorted table whose first columns are `key`.
fn rows_of<'t, const N: usize>(table: &'t [[u32; N]], key: &[u32]) -> &'t [[u32; N]] {
    let compare = |row: &[u32; N]| row.iter().take(key.len()).cmp(key.iter());
    let from = table.partition_point(|row| compare(row).is_lt());
    let rest = table.get(from..).unwrap_or(&[]);
    rest.get(..rest.partition_point(|row| compare(row).is_eq())).unwrap_or(&[])
}

/// A town or village: all places of a country that are written alike.
#[derive(Debug, Clone, Copy)]
pub struct Locality<'g> {
    gazetteer: &'g Gazetteer,
    id: u32,
}

/// That a locality has a postal code, and in which areas it then lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'g> {
    pub code: Option<&'g str>,
    pub district: Option<&'g str>,
    pub region: Option<&'g str>,
    /// Rows of the sources that say so.
    pub rows: u32,
}

/// That a street of a locality has a postal code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Street<'g> {
    pub name: &'g str,
    pub key: &'g str,
    pub code: Option<&'g str>,
    pub rows: u32,
}

/// How much a gazetteer holds of one country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Holding {
    pub country: String,
    pub localities: u64,
    /// Names by which localities are found, own ones included.
    pub names: u64,
    pub postal_codes: u64,
    pub streets: u64,
}

impl Gazetteer {
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// What it holds, country by country.
    pub fn holdings(&self) -> Vec<Holding> {
        let mut countries: Vec<u32> = self.localities.iter().map(|l| l[0]).collect();
        countries.dedup();
        let holding = |country: &u32| {
            let streets = |locality: &[u32; 4]| {
                self.localities.binary_search(locality).map_or(0, |id| {
                    let mut keys: Vec<u32> = rows_of(&self.streets, &[id as u32]).iter().map(|s| s[1]).collect();
                    keys.dedup();
                    keys.len() as u64
                })
            };
            let localities = rows_of(&self.localities, &[*country]);
            Holding {
                country: country_code(*country),
                localities: localities.len() as u64,
                names: rows_of(&self.names, &[*country]).len() as u64,
                postal_codes: rows_of(&self.codes, &[*country]).len() as u64,
                streets: localities.iter().map(streets).sum(),
            }
        };
        countries.iter().map(holding).collect()
    }

    /// Whether anything of a country is listed.
    pub fn covers(&self, country: &str) -> bool {
        country_number(country).is_some_and(|c| !rows_of(&self.localities, &[c]).is_empty())
    }

    /// Whether a postal code (in its canonical writing) is listed.
    pub fn knows_code(&self, country: &str, code: &str) -> bool {
        self.code(country, code).is_some()
    }

    /// Whether some listed code begins with the same two characters of number as this one: only then does it
    /// mean anything that a code is not listed.
    pub fn covers_code_area(&self, country: &str, code: &str) -> bool {
        country_number(country).is_some_and(|c| !self.codes_from(c, code_area(code)).is_empty())
    }

    /// The localities that have a postal code, with what the list says of each; those with most rows first.
    pub fn localities_of_code(&self, country: &str, code: &str) -> Vec<(Locality<'_>, Link<'_>)> {
        let links = self.code(country, code).map_or(&[][..], |code| rows_of(&self.by_code, &[code]));
        let mut found: Vec<(Locality<'_>, Link<'_>)> = links
            .iter()
            .filter_map(|[_, link]| self.links.get(*link as usize))
            .map(|link| (Locality { gazetteer: self, id: link[0] }, self.link(link)))
            .collect();
        found.sort_by_key(|(locality, link)| (std::cmp::Reverse(link.rows), locality.id));
        found
    }

    fn code(&self, country: &str, code: &str) -> Option<u32> {
        self.code_row(country_number(country)?, code)
    }

    fn code_row(&self, country: u32, code: &str) -> Option<u32> {
        self.codes.binary_search(&[country, self.texts.find(code)?]).ok().map(|at| at as u32)
    }

    /// The codes of a country that begin with a text; none for no text.
    fn codes_from(&self, country: u32, prefix: Option<&str>) -> std::ops::Range<u32> {
        let Some(prefix) = prefix.filter(|p| !p.is_empty()) else { return 0..0 };
        let text = |row: &[u32; 2]| self.texts.get(row[1]).unwrap_or("");
        let from = self.codes.partition_point(|c| c[0] < country || c[0] == country && text(c) < prefix);
        let rest = self.codes.get(from..).unwrap_or(&[]);
        let count = rest.partition_point(|c| c[0] == country && text(c).starts_with(prefix));
        from as u32..(from + count) as u32
    }

    fn code_text(&self, code: u32) -> Option<&str> {
        self.texts.get(self.codes.get(code as usize)?[1])
    }

    fn link(&self, row: &[u32; 5]) -> Link<'_> {
        let [_, code, district, region, rows] = *row;
        Link { code: self.code_text(code), district: self.texts.get(district), region: self.texts.get(region), rows }
    }
}

impl<'g> Locality<'g> {
    pub fn name(&self) -> &'g str {
        self.row().and_then(|r| self.gazetteer.texts.get(r[1])).unwrap_or("")
    }

    /// Rows of the sources that name it; a measure of size where the population is not known.
    pub fn rows(&self) -> u32 {
        self.row().map_or(0, |r| r[2])
    }

    /// Inhabitants, where a source tells; else 0.
    pub fn population(&self) -> u32 {
        self.row().map_or(0, |r| r[3])
    }

    /// Its postal codes and areas, in the order of the codes.
    pub fn links(&self) -> impl Iterator<Item = Link<'g>> + use<'g> {
        let gazetteer = self.gazetteer;
        rows_of(&gazetteer.links, &[self.id]).iter().map(move |l| gazetteer.link(l))
    }

    /// Its postal codes, sorted, each once.
    pub fn codes(&self) -> Vec<&'g str> {
        let mut codes: Vec<&str> = self.links().filter_map(|l| l.code).collect();
        codes.dedup();
        codes
    }

    /// Its only area: district and region, as far as all rows (with that code) agree.
    pub fn area(&self, code: Option<&str>) -> (Option<&'g str>, Option<&'g str>) {
        let code = code.zip(self.row()).and_then(|(code, row)| self.gazetteer.code_row(row[0], code));
        let with_code = code.map_or(&[][..], |code| rows_of(&self.gazetteer.links, &[self.id, code]));
        let rows = if with_code.is_empty() { rows_of(&self.gazetteer.links, &[self.id]) } else { with_code };
        let links: Vec<Link<'g>> = rows.iter().map(|l| self.gazetteer.link(l)).collect();
        let only = |part: fn(&Link<'g>) -> Option<&'g str>| {
            let first = links.first().and_then(part);
            first.filter(|_| links.iter().all(|l| part(l) == first))
        };
        (only(|l| l.district), only(|l| l.region))
    }

    /// Whether the sources list streets of it.
    pub fn has_streets(&self) -> bool {
        !self.street_rows().is_empty()
    }

    /// Its streets with their codes, sorted by folded name.
    pub fn streets(&self) -> impl Iterator<Item = Street<'g>> + use<'g> {
        let gazetteer = self.gazetteer;
        self.street_rows().iter().filter_map(move |s| gazetteer.street(s))
    }

    /// The rows of one street, found by its folded name ([`Conventions::street`]).
    pub fn street(&self, key: &str) -> Vec<Street<'g>> {
        let gazetteer = self.gazetteer;
        let rows = gazetteer.texts.find(key).map_or(&[][..], |k| rows_of(&gazetteer.streets, &[self.id, k]));
        rows.iter().filter_map(|s| gazetteer.street(s)).collect()
    }

    fn street_rows(&self) -> &'g [[u32; 5]] {
        rows_of(&self.gazetteer.streets, &[self.id])
    }

    fn row(&self) -> Option<&'g [u32; 4]> {
        self.gazetteer.localities.get(self.id as usize)
    }
}

impl Gazetteer {
    fn street(&self, row: &[u32; 5]) -> Option<Street<'_>> {
        let [_, key, name, code, rows] = *row;
        Some(Street { name: self.texts.get(name)?, key: self.texts.get(key)?, code: self.code_text(code), rows })
    }
}
