//! Postal addresses. Enters: one line, or columns, or both, in any script. Leaves: parts, the country's
//! standard line, match keys and a verdict. Countries' conventions are data (`rules/countries/*.toml`).
//! Never here: geocoding, network, a guess that is not marked as one.

mod columns;
mod country;
mod finish;
mod first;
mod groups;
mod listed;
mod marked;
#[cfg(test)]
mod marked_cases;
mod number;
mod pack;
mod pack_check;
mod parse;
mod places;
mod render;
mod schema;
mod street;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod tests;
mod token;
mod words;
mod zone;

pub use pack::{CountryPack, embedded_packs, parse_pack};

use crate::gazetteer::Gazetteer;
use crate::value::{Assessment, Verdict};
use columns::{Texts, is_placeholder};
use parse::{Expect, Parts};
use regex::RegexSet;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use token::Token;

/// Every reason code of an address, with what it means.
pub const REASONS: &[(&str, &str)] = &[
    ("locality_abbreviation", "The town's name was shortened and was written out after the gazetteer."),
    ("locality_diacritics", "Diacritics missing in the town's name were restored."),
    (
        "locality_misspelt",
        "The town's name has a typing mistake: corrected where that is sure, else the likeliest name is suggested.",
    ),
    ("locality_name", "The town was given under a foreign name and got its official one."),
    ("missing_country", "The rules require a country and none is known."),
    ("missing_house_number", "The rules require a house number and there is none."),
    ("missing_locality", "No town or village could be found."),
    ("missing_postal_code", "The rules require a postal code and there is none."),
    ("missing_street", "The rules require a street and there is none."),
    ("not_an_address", "The text is an e-mail address, a web address, a number or nothing that can be an address."),
    ("number_before_street", "The house number stood before the street's name and was moved behind it."),
    ("placeholder", "A word for nothing, such as brak, nema, n/a."),
    ("postal_code_locality_mismatch", "The postal code belongs to other places or another region than the town."),
    (
        "postal_code_misspelt",
        "The postal code is not listed and one digit off the only one that the place can have, which was taken.",
    ),
    ("postal_code_shape", "The postal code does not have the country's shape."),
    ("postal_code_street_mismatch", "The postal code is one of the town's, but not one of the street's."),
    ("postal_code_unknown", "The gazetteer does not list the postal code, although it lists others of its area."),
    ("street_diacritics", "Diacritics missing in the street's name were restored."),
    (
        "street_misspelt",
        "The street's name has a typing mistake: corrected where that is sure, else the likeliest name is suggested.",
    ),
    ("street_type_spelling", "The word for the street was misspelt and is written right."),
    ("too_long", "The text is longer than any address."),
    ("unknown_country", "The country's name or code is not known."),
    ("unparsed_text", "Some words or numbers could not be assigned to a part."),
];

/// JSON Schema of a country pack.
pub(crate) fn pack_schema() -> serde_json::Value {
    pack_check::schema()
}

/// An address as it was given: any of the columns may be empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct AddressInput<'a> {
    /// The whole address in one text; lines may be separated by line breaks.
    pub address: Option<&'a str>,
    /// Street, house number and unit in one text.
    pub street_address: Option<&'a str>,
    pub street: Option<&'a str>,
    pub house_number: Option<&'a str>,
    pub unit: Option<&'a str>,
    pub postal_code: Option<&'a str>,
    pub locality: Option<&'a str>,
    pub region: Option<&'a str>,
    /// ISO code or a name in any language that a pack lists.
    pub country: Option<&'a str>,
}

/// A parsed address. Parts are display forms in Latin script with their diacritics; keys are folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Street name with its type where that belongs to it; the settlement where that stands for a street;
    /// the name of a farm.
    pub street: Option<String>,
    /// Number with letter, range and building: `12a`, `10/12`, `76 k-1`, `bb`.
    pub house_number: Option<String>,
    /// Flat.
    pub unit: Option<String>,
    /// Floor, as written (digits, Roman numeral or a word such as `parter`).
    pub level: Option<String>,
    pub staircase: Option<String>,
    pub po_box: Option<String>,
    /// Canonical writing: `00-590`, `11000`, `1000`, `LV-1011`.
    pub postal_code: Option<String>,
    pub locality: Option<String>,
    pub district: Option<String>,
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The country's postal format in one line; without the country's name.
    pub standard: Option<String>,
    pub street_key: Option<String>,
    pub locality_key: Option<String>,
    /// Street key (or locality, where there are no streets), number, unit, then postal code or locality.
    pub address_key: Option<String>,
    pub assessment: Assessment,
}

/// The address parser with its packs; cheap to share between threads.
#[derive(Debug, Clone)]
pub struct Addresses {
    packs: BTreeMap<String, CountryPack>,
    generic: CountryPack,
    /// Folded name to ISO code.
    country_names: HashMap<String, String>,
    /// Folded last words of those names.
    country_ends: HashSet<String>,
    /// Writings of postal codes that tell their country, and the countries.
    distinctive: (RegexSet, Vec<String>),
    /// Countries to guess among, in the order of the rules.
    guess: Vec<String>,
    required: Vec<String>,
    gazetteer: Option<Arc<Gazetteer>>,
}

impl Addresses {
    /// Prepares the parser. Packs of the same code: the last one counts.
    pub fn new(rules: &crate::rules::addresses::Addresses, packs: Vec<CountryPack>) -> Self {
        let country_names = Self::country_names(packs.iter());
        let packs = packs.into_iter().map(|p| (p.code.clone(), p)).collect();
        Self {
            country_ends: country_names.keys().filter_map(|n| n.split(' ').next_back()).map(String::from).collect(),
            distinctive: Self::distinctive(&packs),
            country_names,
            packs,
            generic: CountryPack::generic(),
            guess: rules.countries.iter().map(|c| c.get_ref().to_ascii_uppercase()).collect(),
            required: rules.required.iter().map(|r| r.get_ref().clone()).collect(),
            gazetteer: None,
        }
    }

    /// With an imported gazetteer, which then corrects, completes and doubts.
    pub fn with_gazetteer(self, gazetteer: Arc<Gazetteer>) -> Self {
        Self { gazetteer: Some(gazetteer), ..self }
    }

    fn pack(&self, country: &str) -> &CountryPack {
        self.packs.get(country).unwrap_or(&self.generic)
    }

    /// Parses an address. `default_country` (ISO alpha-2) counts when the address itself does not tell.
    pub fn address(&self, input: &AddressInput<'_>, default_country: Option<&str>) -> Address {
        let texts = Texts::new(input);
        if let Some(assessment) = texts.refusal() {
            return Address::without_parts(assessment);
        }
        let address = token::tokens(&texts.address);
        let street_line = token::tokens(&texts.street_line);
        let locality = token::tokens(&texts.locality);

        let column = input.country.filter(|c| !is_placeholder(c));
        let named = column.and_then(|c| self.country_named(c));
        let unknown_country = column.is_some() && named.is_none();
        let expected = named.clone().or_else(|| default_country.map(str::to_ascii_uppercase));
        let expected = expected.as_deref();
        let in_address = self.country_in(&address, expected);
        let in_locality = if address.is_empty() { self.country_in(&locality, expected) } else { None };
        let postal = token::tokens(&texts.postal_code);
        let country = named
            .or_else(|| in_address.as_ref().or(in_locality.as_ref()).map(|(c, _)| c.clone()))
            .or_else(|| {
                [&address, &postal, &locality, &street_line].into_iter().find_map(|t| self.country_by_code(t, expected))
            })
            .or_else(|| default_country.map(str::to_ascii_uppercase))
            .or_else(|| [&address, &postal, &locality].into_iter().find_map(|t| self.country_by_shape(t)));
        let pack = self.pack(country.as_deref().unwrap_or(""));

        let until = |tokens: &[Token<'_>], found: Option<(String, std::ops::Range<usize>)>| {
            found.map_or(tokens.len(), |(_, r)| r.start)
        };
        let address = address.get(..until(&address, in_address)).unwrap_or(&[]);
        let locality = locality.get(..until(&locality, in_locality)).unwrap_or(&[]);
        let parts = self.parts(pack, &texts, address, &street_line, locality, &postal);
        if parts == Parts::default() {
            return Address::without_parts(Assessment::new(Verdict::Invalid, "not_an_address"));
        }
        finish::finish(pack, country, parts, unknown_country, &self.required, self.gazetteer.as_deref())
    }

    /// Parts of the whole text, overridden by those of the columns.
    fn parts<'t>(
        &self,
        pack: &CountryPack,
        texts: &Texts,
        address: &'t [Token<'t>],
        street_line: &'t [Token<'t>],
        locality: &'t [Token<'t>],
        postal: &'t [Token<'t>],
    ) -> Parts {
        let mut parts =
            if address.is_empty() { Parts::default() } else { parse::parse(pack, address, Expect::default()) };
        if !street_line.is_empty() {
            let expect = Expect {
                locality_known: !locality.is_empty() || parts.locality.is_some(),
                postal_code_known: !postal.is_empty(),
                place_only: false,
            };
            let mut line = parse::parse(pack, street_line, expect);
            if line.street.is_none() && line.district.is_some() && expect.locality_known {
                line.street = line.district.take(); // "Marszałkowska" alone in the street's column
            }
            parts.override_with(line);
        }
        if !texts.house_number.is_empty() {
            parts.override_with(parse::house(pack, &token::tokens(&texts.house_number)));
        }
        if !texts.unit.is_empty() {
            parts.override_with(parse::unit(pack, &token::tokens(&texts.unit)));
        }
        if !locality.is_empty() {
            let place = parse::parse(
                pack,
                locality,
                Expect { place_only: true, postal_code_known: false, locality_known: false },
            );
            parts.override_with(place);
        }
        if !postal.is_empty() {
            let code = parse::parse(pack, postal, Expect { place_only: true, ..Expect::default() });
            match code.postal_code {
                Some(found) => {
                    parts.bad_postal_code = code.bad_postal_code;
                    parts.postal_code = Some(found);
                    parts.locality = parts.locality.or(code.locality);
                }
                // Serbia's PAK in the column of the postal code: right, and no postal code.
                None if pack.is_local_code(&texts.postal_code) => {}
                None => {
                    parts.bad_postal_code = !pack.code.is_empty();
                    parts.postal_code = Some(texts.postal_code.trim_matches([' ', ',']).to_string());
                }
            }
        }
        if !texts.region.is_empty() {
            let region = parse::parse(
                pack,
                &token::tokens(&texts.region),
                Expect { place_only: true, postal_code_known: true, locality_known: false },
            );
            parts.region = region.region.or(region.district).or(region.locality).or(parts.region);
        }
        parts
    }
}

impl Address {
    fn without_parts(assessment: Assessment) -> Self {
        Self {
            street: None,
            house_number: None,
            unit: None,
            level: None,
            staircase: None,
            po_box: None,
            postal_code: None,
            locality: None,
            district: None,
            region: None,
            country: None,
            standard: None,
            street_key: None,
            locality_key: None,
            address_key: None,
            assessment,
        }
    }
}
