//! Postal addresses. Enters: one line, or columns, or both, in any script. Leaves: parts, the country's
//! standard line, match keys and a verdict. Countries' conventions are data (`rules/countries/*.toml`).
//! Never here: geocoding, network, a guess that is not marked as one.

mod columns;
mod country;
mod finish;
mod first;
mod groups;
mod house;
mod listed;
#[cfg(test)]
mod listed_cases;
mod marked;
#[cfg(test)]
mod marked_cases;
mod number;
mod pack;
mod pack_build;
mod pack_check;
mod parse;
mod places;
mod postal;
mod reasons;
mod render;
mod schema;
mod shipped;
mod street;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod tests;
mod token;
pub(crate) mod words;
mod zone;

pub use pack::CountryPack;
pub use reasons::REASONS;
pub use shipped::{embedded_packs, parse_pack};

use crate::gazetteer::Gazetteer;
use crate::value::{Assessment, Verdict};
use columns::{Texts, is_placeholder};
use parse::{Expect, Parts};
use postal::{Distinctive, upper};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use token::Token;
use words::{WordMap, WordSet};

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
    country_names: WordMap<String>,
    /// Folded last words of those names.
    country_ends: WordSet,
    distinctive: Distinctive,
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
        let mut folds = <[String; 4]>::default();
        let [folds, folds_of_line, folds_of_locality, folds_of_code] = &mut folds;
        let address = token::tokens(&texts.address, folds);
        let street_line = token::tokens(&texts.street_line, folds_of_line);
        let locality = token::tokens(&texts.locality, folds_of_locality);
        let postal = token::tokens(&texts.postal_code, folds_of_code);

        let column = input.country.filter(|c| !is_placeholder(c));
        let named = column.and_then(|c| self.country_named(c));
        let unknown_country = column.is_some() && named.is_none();
        let default = default_country.map(upper);
        let expected = named.as_deref().or(default.as_deref());
        let in_address = self.country_in(&address, expected);
        let in_locality = if address.is_empty() { self.country_in(&locality, expected) } else { None };
        let told = || {
            let by_code = || {
                [&address, &postal, &locality, &street_line].into_iter().find_map(|t| self.country_by_code(t, expected))
            };
            in_address.as_ref().or(in_locality.as_ref()).map(|(country, _)| country.clone()).or_else(by_code)
        };
        let told = if named.is_some() { None } else { told() };
        let country = named
            .or(told)
            .or_else(|| default.map(Cow::into_owned))
            .or_else(|| [&address, &postal, &locality].into_iter().find_map(|t| self.country_by_shape(t)));
        let pack = self.pack(country.as_deref().unwrap_or(""));

        let names_country = in_address.is_some();
        let address = country::without(&address, in_address);
        if names_country && texts.one_line() && is_placeholder(token::folded(address)) {
            let nothing = Assessment::new(Verdict::Missing, "placeholder"); // "brak, Polska"
            let assessment = if address.is_empty() { Assessment::MISSING } else { nothing };
            return Address { country, ..Address::without_parts(assessment) };
        }
        let locality = country::without(&locality, in_locality);
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
        texts: &Texts<'_>,
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
            parts.override_with(parse::house(pack, &token::tokens(&texts.house_number, &mut String::new())));
        }
        if !texts.unit.is_empty() {
            parts.override_with(parse::unit(pack, &token::tokens(&texts.unit, &mut String::new())));
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
                &token::tokens(&texts.region, &mut String::new()),
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
