//! Postal addresses. Enters: one line, or columns, or both, in any script. Leaves: parts, the country's
//! standard line, match keys and a verdict. Countries' conventions are data (`rules/countries/*.toml`).
//! Never here: geocoding, network, a guess that is not marked as one.

mod pack;
mod places;
mod schema;

pub use pack::{CountryPack, embedded_packs, parse_pack};

use crate::value::Assessment;
use std::collections::BTreeMap;

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
    /// Countries to guess among, in the order of the rules.
    guess: Vec<String>,
    required: Vec<String>,
}

impl Addresses {
    /// Prepares the parser. Packs of the same code: the last one counts.
    pub fn new(rules: &crate::rules::addresses::Addresses, packs: Vec<CountryPack>) -> Self {
        Self {
            packs: packs.into_iter().map(|p| (p.code.clone(), p)).collect(),
            generic: CountryPack::generic(),
            guess: rules.countries.iter().map(|c| c.get_ref().to_ascii_uppercase()).collect(),
            required: rules.required.iter().map(|r| r.get_ref().clone()).collect(),
        }
    }

    /// Parses an address. `default_country` (ISO alpha-2) counts when the address itself does not tell.
    pub fn address(&self, input: &AddressInput<'_>, default_country: Option<&str>) -> Address {
        let text = |v: Option<&str>| v.map(crate::text::squeeze).filter(|s| !s.is_empty());
        Address {
            street: text(input.street.or(input.street_address).or(input.address)),
            house_number: text(input.house_number),
            unit: text(input.unit),
            level: None,
            staircase: None,
            po_box: None,
            postal_code: text(input.postal_code),
            locality: text(input.locality),
            district: None,
            region: text(input.region),
            country: default_country.map(str::to_string),
            standard: None,
            street_key: None,
            locality_key: text(input.locality).map(|l| crate::text::fold(&l)),
            address_key: None,
            assessment: Assessment::VALID,
        }
    }
}
