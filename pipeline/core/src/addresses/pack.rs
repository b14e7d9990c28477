//! A country pack: how one country writes addresses, from `rules/countries/<cc>.toml`. Enters: a folded word.
//! Leaves: what it means in the country. Never here: parsing of addresses, reading of packs (see `shipped`).

use super::places::Places;
use super::postal::PostalShape;
use super::render::Slot;
use super::schema;
use super::words::{WordMap, WordSet};

/// One country's conventions, ready for the parser. Made by [`parse_pack`](super::parse_pack) or
/// [`embedded_packs`](super::embedded_packs).
#[derive(Debug, Clone)]
pub struct CountryPack {
    /// ISO 3166-1 alpha-2, upper case; empty for the generic fallback.
    pub code: String,
    /// Folded names of the country.
    pub(super) names: Vec<String>,
    /// Folded names of regions, each with its standard writing where it has one.
    pub(super) regions: WordMap<Option<String>>,
    pub(super) postal: PostalShape,
    pub(super) street_types: Vec<StreetType>,
    /// Put before the name of a street without a type in the standard line.
    pub(super) written: Option<String>,
    pub(super) areas: Vec<schema::Area>,
    pub(super) locality: schema::Locality,
    pub(super) number: schema::Number,
    pub(super) format: schema::Format,
    /// The templates of `format`, read: segments between commas.
    pub(super) line: Vec<Vec<Slot>>,
    pub(super) village: Vec<Vec<Slot>>,
    /// Standard form of "no number", such as `bb`.
    pub(super) no_number: String,
    /// Words that stay lower case, in lower case.
    pub(super) small: WordSet,
    /// The same, and the street types that belong to names, in lower case.
    pub(super) lower_in_names: WordSet,
    /// Words that stay capitals, in lower case.
    pub(super) capitals: WordSet,
    /// First words of street names before which no word for the street is written, in lower case.
    pub(super) without_type: Vec<String>,
    /// Folded first words of town names that are never a name by themselves.
    pub(super) place_first: WordSet,
    pub(super) places: Places,
    pub(super) phrases: WordMap<Vec<Phrase>>,
    /// Street types by every folded form that is too long to be anything else.
    pub(super) type_words: WordMap<usize>,
    /// Folded endings of street names with the type that each of them is, longest first.
    pub(super) suffixes: Vec<(String, usize)>,
    /// Likely misspellings of long street types.
    pub(super) mistyped: WordSet,
}

/// A word for a street.
#[derive(Debug, Clone)]
pub(super) struct StreetType {
    /// The standard writing, and its folded form.
    pub(super) name: String,
    pub(super) key: String,
    /// Endings of the next word that make a conditional abbreviation mean this type.
    pub(super) when_next_ends: Vec<String>,
    pub(super) place: schema::Place,
    /// Whether the word belongs to the name.
    pub(super) in_name: bool,
    /// Whether streets that differ only in this word are different streets for matching.
    pub(super) in_key: bool,
}

/// What a word or phrase can mean; one word may mean several things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Index into `street_types`; the flag tells an abbreviation bound to a condition on the next word.
    StreetType {
        index: usize,
        conditional: bool,
    },
    Number,
    NoNumber,
    Unit,
    Staircase,
    Level,
    Ground,
    Building,
    PoBox,
    CareOf,
    LocalCode,
    Noise,
    Near,
    HouseName,
    Numbering,
    AfterNumberName,
    BeforeNumberName,
    /// First, second and so on, in words.
    Ordinal(usize),
    /// Index into `areas`.
    Area(usize),
}

#[derive(Debug, Clone)]
pub(super) struct Phrase {
    /// Folded words after the first.
    pub(super) rest: Vec<String>,
    pub(super) role: Role,
}

impl CountryPack {
    /// Phrases that begin with a folded word, longest first.
    #[inline]
    pub(super) fn phrases(&self, first: &str) -> &[Phrase] {
        self.phrases.get(first).map_or(&[], Vec::as_slice)
    }

    /// The street type that a folded word of a display form names.
    #[inline]
    pub(super) fn type_word(&self, folded: &str) -> Option<&StreetType> {
        self.street_types.get(*self.type_words.get(folded)?)
    }

    /// The street type glued to the end of a word, with the length of its writing.
    pub(super) fn suffix(&self, folded: &str) -> Option<(&StreetType, usize)> {
        let found = |s: &str| folded.len() > s.len() + 1 && folded.ends_with(s);
        let (text, index) = self.suffixes.iter().find(|(s, _)| found(s))?;
        Some((self.street_types.get(*index)?, text.len()))
    }

    /// Whether a text is a code of the postal service that is not the postal code.
    pub(super) fn is_local_code(&self, text: &str) -> bool {
        let digits = text.trim_matches([' ', ',']);
        let all = digits.bytes().all(|b| b.is_ascii_digit());
        self.number.local_code_digits > 0 && digits.len() == self.number.local_code_digits && all
    }

    /// Whether a folded word is a likely misspelling of a street type.
    pub(super) fn is_mistyped(&self, folded: &str) -> bool {
        self.mistyped.contains(folded)
    }
}
