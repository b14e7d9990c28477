//! Where people live and what they are called, in few bytes each. Enters: address key, flat and surname of a golden record.
//! Leave: links by address, and whether two people may share a contact. Texts are kept as hashes: only whether two are
//! equal counts.

use super::Link;
use crate::contacts::person_name::family_words;
use crate::text::fold;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A number for a value; equal values have equal numbers.
pub fn number(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish().max(1)
}

/// A golden record, as far as households go.
#[derive(Debug, Clone, Copy, Default)]
pub struct Home<'a> {
    /// Match key of the address, the flat in it.
    pub address_key: Option<&'a str>,
    pub house_number: Option<&'a str>,
    pub unit: Option<&'a str>,
    pub postal_code: Option<&'a str>,
    pub locality: Option<&'a str>,
    pub family_name: Option<&'a str>,
    /// ISO 3166 alpha-2.
    pub country: Option<&'a str>,
}

impl Home<'_> {
    /// The key of the house: that of the address without the flat, so that a row which forgot the flat is at hand.
    fn house(&self) -> Option<String> {
        let key = self.address_key?;
        let (Some(house), Some(unit)) = (self.house_number, self.unit) else { return Some(key.into()) };
        let (house, unit) = (fold(house), fold(unit));
        Some(key.replacen(&format!(" {house} {unit} "), &format!(" {house} "), 1))
    }

    /// The same with the town in place of the postal code, as it is where nobody told the code.
    fn house_in_town(&self, house: &str) -> Option<String> {
        let (code, town) = (fold(self.postal_code?), fold(self.locality?));
        Some(format!("{}{town}", house.strip_suffix(&code)?))
    }
}

/// Where two people live, seen from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// In one flat, or in one house of which one of them told no flat.
    Same,
    Apart,
    Unknown,
}

/// Everybody, by number.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// House by postal code, or by town where no code is known; 0: unknown.
    houses: Vec<u64>,
    /// House by town.
    in_town: Vec<u64>,
    /// 0: none, or unknown.
    flats: Vec<u64>,
    /// Where the surname words of each end.
    ends: Vec<u32>,
    words: Vec<u64>,
}

impl People {
    /// Adds the next person.
    pub fn push(&mut self, home: &Home<'_>) {
        let house = home.house();
        self.houses.push(house.as_ref().map_or(0, number));
        let in_town = house.map(|house| home.house_in_town(&house).unwrap_or(house));
        self.in_town.push(in_town.map_or(0, number));
        self.flats.push(home.unit.filter(|_| home.address_key.is_some()).map_or(0, |unit| number(fold(unit))));
        if let Some(family) = home.family_name {
            self.words.extend(family_words(family, home.country).iter().map(number));
        }
        self.ends.push(u32::try_from(self.words.len()).unwrap_or(u32::MAX));
    }

    /// Adds the people of another list behind those of this one.
    pub fn append(&mut self, other: Self) {
        let before = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.houses.extend(other.houses);
        self.in_town.extend(other.in_town);
        self.flats.extend(other.flats);
        self.ends.extend(other.ends.into_iter().map(|end| end.saturating_add(before)));
        self.words.extend(other.words);
    }

    pub fn len(&self) -> u32 {
        u32::try_from(self.ends.len()).unwrap_or(u32::MAX)
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn words(&self, person: u32) -> &[u64] {
        let end = |at: u32| self.ends.get(at as usize).map_or(0, |e| *e as usize);
        let from = person.checked_sub(1).map_or(0, end);
        self.words.get(from..end(person)).unwrap_or_default()
    }

    fn flat(&self, person: u32) -> u64 {
        self.flats.get(person as usize).copied().unwrap_or(0)
    }

    fn side(&self, (a, b): Link) -> Side {
        let at = |houses: &[u64], person: u32| houses.get(person as usize).copied().unwrap_or(0);
        let unknown = |person: u32| at(&self.houses, person) == 0;
        let one = |houses: &[u64]| at(houses, a) == at(houses, b);
        match one(&self.houses) || one(&self.in_town) {
            _ if unknown(a) || unknown(b) => Side::Unknown,
            false => Side::Apart,
            true if self.flat(a) != 0 && self.flat(b) != 0 && self.flat(a) != self.flat(b) => Side::Apart,
            true => Side::Same,
        }
    }

    /// Whether two people are known to live in two places.
    pub fn live_apart(&self, link: Link) -> bool {
        self.side(link) == Side::Apart
    }

    fn one_family(&self, (a, b): Link) -> bool {
        self.words(a).iter().any(|word| self.words(b).contains(word))
    }

    /// The pairs of those with one phone or e-mail who are of one household by it. A contact alone is never enough, since
    /// colleagues share one too: beside it stand one address, or one surname and no two addresses.
    pub fn by_contact(&self, sharing: &[u32]) -> Vec<Link> {
        let pairs = sharing.iter().enumerate().flat_map(|(i, a)| sharing.iter().skip(i + 1).map(|b| (*a, *b)));
        let speaks = |link: &Link| match self.side(*link) {
            Side::Same => true,
            Side::Apart => false,
            Side::Unknown => self.one_family(*link),
        };
        pairs.filter(speaks).collect()
    }

    /// People of one address and one surname. In a house of more than `crowded` people those who told no flat are left
    /// out; so are they where several flats of the house have their surname.
    pub fn by_address_and_surname(&self, crowded: usize) -> Vec<Link> {
        let mut links = Vec::new();
        let mut named: Vec<(u64, u64, u32)> = Vec::new();
        self.each_house(|house| {
            named.clear();
            for person in house {
                named.extend(self.words(*person).iter().map(|word| (*word, self.flat(*person), *person)));
            }
            named.sort_unstable();
            named.dedup();
            for family in named.chunk_by(|a, b| a.0 == b.0) {
                // Those without a flat come first.
                let known = family.get(family.partition_point(|(_, flat, _)| *flat == 0)..).unwrap_or_default();
                let flats = known.chunk_by(|a, b| a.1 == b.1).count();
                if flats <= 1 && house.len() <= crowded {
                    chain(family.iter().map(|f| f.2), &mut links);
                    continue;
                }
                for flat in known.chunk_by(|a, b| a.1 == b.1) {
                    chain(flat.iter().map(|f| f.2), &mut links);
                }
            }
        });
        links
    }

    /// People of one flat, and of one house in which nobody told a flat and which is not crowded.
    pub fn by_address(&self, crowded: usize) -> Vec<Link> {
        let mut links = Vec::new();
        self.each_house(|house| {
            for flat in house.chunk_by(|a, b| self.flat(*a) == self.flat(*b)) {
                let told = flat.first().is_some_and(|person| self.flat(*person) != 0);
                if told || (flat.len() == house.len() && house.len() <= crowded) {
                    chain(flat.iter().copied(), &mut links);
                }
            }
        });
        links
    }

    /// Calls for the people of each house of two or more, by flat: houses by postal code, then by town.
    fn each_house(&self, mut each: impl FnMut(&[u32])) {
        for houses in [&self.houses, &self.in_town] {
            let house = |person: &u32| houses.get(*person as usize).copied().unwrap_or(0);
            let mut housed: Vec<u32> = (0..self.len()).filter(|person| house(person) != 0).collect();
            housed.sort_unstable_by_key(|person| (house(person), self.flat(*person), *person));
            housed.chunk_by(|a, b| house(a) == house(b)).filter(|h| h.len() > 1).for_each(&mut each);
        }
    }
}

/// Links that make one set of all.
fn chain(people: impl Iterator<Item = u32>, links: &mut Vec<Link>) {
    let mut before = None;
    for person in people {
        links.extend(before.map(|before| (before, person)));
        before = Some(person);
    }
}
