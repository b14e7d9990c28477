//! A country pack: how one country writes addresses. Enters: the text of `rules/countries/<cc>.toml`.
//! Leaves: a [`CountryPack`] prepared for look-ups, or every diagnostic of the file at once.
//! Never here: parsing of addresses, reading of files.

use super::places::Places;
use super::words::WordMap;
use super::{pack_check, schema};
use crate::rules::diagnostics::Diagnostic;
use crate::text::fold;
use regex::Regex;
use std::collections::HashSet;

/// One country's conventions, ready for the parser. Made by [`parse_pack`] or [`embedded_packs`].
#[derive(Debug, Clone)]
pub struct CountryPack {
    /// ISO 3166-1 alpha-2, upper case; empty for the generic fallback.
    pub code: String,
    /// Folded names of the country.
    pub(super) names: Vec<String>,
    /// Folded names of regions, each with its standard writing where it has one.
    pub(super) regions: WordMap<Option<String>>,
    pub(super) postal: PostalShape,
    pub(super) street_types: Vec<schema::StreetType>,
    pub(super) areas: Vec<schema::Area>,
    pub(super) locality: schema::Locality,
    pub(super) number: schema::Number,
    pub(super) format: schema::Format,
    /// Standard form of "no number", such as `bb`.
    pub(super) no_number: String,
    /// Words that stay lower case, in lower case.
    pub(super) small: Vec<String>,
    /// Folded first words of town names that are never a name by themselves.
    pub(super) place_first: Vec<String>,
    pub(super) places: Places,
    phrases: WordMap<Vec<Phrase>>,
    /// Street types by every folded form that is too long to be anything else.
    type_words: WordMap<usize>,
    /// Folded endings of street names with the type that each of them is, longest first.
    suffixes: Vec<(String, usize)>,
    /// Likely misspellings of long street types.
    mistyped: HashSet<String>,
}

/// The postal code's shape and canonical writing.
#[derive(Debug, Clone)]
pub(super) struct PostalShape {
    pattern: Option<Regex>,
    distinctive: Option<Regex>,
    format: String,
    /// How many digits a code may have: bit n for n of them.
    digits: u16,
}

impl PostalShape {
    fn new(pattern: Option<Regex>, distinctive: Option<Regex>, format: String) -> Self {
        let plain = |n: usize| {
            let digits = "1".repeat(n);
            let dashed = format!("{}-{}", digits.get(..5).unwrap_or(""), digits.get(5..).unwrap_or(""));
            pattern.as_ref().is_some_and(|p| p.is_match(&digits) || p.is_match(&dashed))
        };
        let found = (3..10).filter(|n| plain(*n)).fold(0, |bits: u16, n| bits | 1 << n);
        // A pattern that asks for letters too matches none of these.
        let digits = if found == 0 { u16::MAX } else { found };
        Self { pattern, distinctive, format, digits }
    }

    /// Canonical form of a text that has the shape, e.g. `00590` -> `00-590`.
    pub(super) fn canonical(&self, text: &str) -> Option<String> {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if !(3..=9).contains(&digits) || text.len() > 12 || self.digits >> digits & 1 == 0 {
            return None;
        }
        let upper = text.to_ascii_uppercase();
        let captures = self.pattern.as_ref()?.captures(&upper)?;
        let mut out = String::with_capacity(8);
        captures.expand(&self.format, &mut out);
        Some(out)
    }

    /// The pattern of a writing that only this country uses.
    pub(super) fn distinctive(&self) -> Option<&str> {
        self.distinctive.as_ref().map(Regex::as_str)
    }

    /// Whether the text has a writing that only this country uses.
    pub(super) fn is_distinctive(&self, text: &str) -> bool {
        (5..=10).contains(&text.len())
            && text.ends_with(|c: char| c.is_ascii_digit())
            && self.distinctive.as_ref().is_some_and(|d| d.is_match(&text.to_ascii_uppercase()))
    }
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
    pub(super) fn phrases(&self, first: &str) -> &[Phrase] {
        self.phrases.get(first).map_or(&[], Vec::as_slice)
    }

    /// The street type that a folded word of a display form names.
    pub(super) fn type_word(&self, folded: &str) -> Option<&schema::StreetType> {
        self.street_types.get(*self.type_words.get(folded)?)
    }

    /// The street type glued to the end of a word, with the length of its writing.
    pub(super) fn suffix(&self, folded: &str) -> Option<(&schema::StreetType, usize)> {
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

    /// The pack for countries without one: no words, a postal code of four to six digits, number after street.
    pub(super) fn generic() -> Self {
        let format = schema::Format {
            line: ["{street} {number}", "{postal_code} {locality}", "{region}"].map(String::from).to_vec(),
            village: ["{number}", "{postal_code} {locality}", "{region}"].map(String::from).to_vec(),
            po_box: "PO Box {}".into(),
            building: "{}".into(),
            staircase: "{}".into(),
            level: "{}".into(),
            unit: "/ {}".into(),
            ..schema::Format::default()
        };
        let mut pack = Self {
            code: String::new(),
            names: Vec::new(),
            regions: WordMap::default(),
            postal: PostalShape::new(Regex::new(r"^(\d{4,6}|\d{3} ?\d{2})$").ok(), None, "$1".into()),
            street_types: Vec::new(),
            areas: Vec::new(),
            locality: schema::Locality::default(),
            number: schema::Number::default(),
            format,
            no_number: String::new(),
            small: Vec::new(),
            place_first: Vec::new(),
            places: Places::default(),
            phrases: WordMap::default(),
            type_words: WordMap::default(),
            suffixes: Vec::new(),
            mistyped: HashSet::new(),
        };
        pack.add(&["po box".into(), "p o box".into()], Role::PoBox);
        pack.add(&["apt".into(), "apartment".into(), "unit".into(), "suite".into(), "ste".into()], Role::Unit);
        pack
    }

    pub(super) fn from_schema(file: schema::PackFile) -> Self {
        let w = &file.words;
        let mut pack = Self {
            names: file.names.iter().map(|n| fold(n)).collect(),
            regions: WordMap::default(),
            postal: PostalShape::new(
                Regex::new(file.postal_code.pattern.get_ref()).ok(),
                file.postal_code.distinctive.as_ref().and_then(|d| Regex::new(d.get_ref()).ok()),
                file.postal_code.format.get_ref().clone(),
            ),
            no_number: w.no_number.first().cloned().unwrap_or_default(),
            small: w.small.iter().map(|s| s.to_lowercase()).collect(),
            place_first: w.place_first.iter().map(|s| fold(s)).collect(),
            places: Places::embedded(file.code.get_ref()),
            phrases: WordMap::default(),
            type_words: WordMap::default(),
            suffixes: Vec::new(),
            mistyped: HashSet::new(),
            street_types: Vec::new(),
            areas: Vec::new(),
            locality: file.locality,
            number: file.number,
            format: file.format,
            code: file.code.into_inner(),
        };
        pack.regions.extend(file.regions.iter().map(|n| (fold(n), None)));
        for (standard, forms) in &file.region_forms {
            let writings = forms.iter().chain([standard]);
            pack.regions.extend(writings.map(|f| (fold(f), Some(standard.clone()))));
        }
        for (index, kind) in file.street_types.iter().enumerate() {
            // Short forms are initials too; where types stay as written, keys cannot do without them.
            let short = pack.format.keep_street_types;
            for form in kind.forms.iter().map(|f| fold(f)).filter(|f| short || f.len() > 2).chain([fold(&kind.name)]) {
                pack.type_words.insert(form, index);
            }
            pack.suffixes.extend(kind.suffixes.iter().map(|s| (fold(s), index)));
            pack.add(&kind.forms, Role::StreetType { index, conditional: false });
            pack.add(&kind.abbreviations, Role::StreetType { index, conditional: true });
        }
        for (index, area) in file.areas.iter().enumerate() {
            pack.add(&area.forms, Role::Area(index));
        }
        let words: [(&[String], Role); 16] = [
            (&w.number, Role::Number),
            (&w.no_number, Role::NoNumber),
            (&w.unit, Role::Unit),
            (&w.staircase, Role::Staircase),
            (&w.level, Role::Level),
            (&w.ground, Role::Ground),
            (&w.building, Role::Building),
            (&w.po_box, Role::PoBox),
            (&w.care_of, Role::CareOf),
            (&w.local_code, Role::LocalCode),
            (&w.noise, Role::Noise),
            (&w.near, Role::Near),
            (&w.house_name, Role::HouseName),
            (&w.numbering, Role::Numbering),
            (&w.before_number_name, Role::BeforeNumberName),
            (&w.after_number_name, Role::AfterNumberName),
        ];
        for (forms, role) in words {
            pack.add(forms, role);
        }
        for (forms, number) in w.ordinal.iter().zip(1..) {
            pack.add(forms, Role::Ordinal(number));
        }
        pack.add_misspellings(&file.street_types);
        pack.suffixes.sort_by_key(|(s, _)| std::cmp::Reverse(s.len()));
        pack.street_types = file.street_types;
        pack.areas = file.areas;
        for phrases in pack.phrases.values_mut() {
            phrases.sort_by_key(|p| std::cmp::Reverse(p.rest.len()));
        }
        pack
    }

    /// A letter left out, or two neighbours swapped, in a type of five letters or more that stands before the name
    /// or after it; never what is a word of the pack or a town itself.
    fn add_misspellings(&mut self, kinds: &[schema::StreetType]) {
        for (index, kind) in kinds.iter().enumerate() {
            let name = fold(&kind.name);
            if name.len() < 5 || name.contains(' ') {
                continue;
            }
            let without = (1..name.len()).filter_map(|at| Some(format!("{}{}", name.get(..at)?, name.get(at + 1..)?)));
            let swapped = (0..name.len() - 1).filter_map(|at| {
                let (a, b) = (name.get(at..=at)?, name.get(at + 1..at + 2)?);
                (a != b).then(|| format!("{}{b}{a}{}", name.get(..at).unwrap_or(""), name.get(at + 2..).unwrap_or("")))
            });
            for word in without.chain(swapped).collect::<Vec<_>>() {
                if !self.phrases.contains_key(&word) && self.places.get(&word).is_none() {
                    self.mistyped.insert(word.clone());
                    self.add(&[word], Role::StreetType { index, conditional: false });
                }
            }
        }
    }

    fn add(&mut self, forms: &[String], role: Role) {
        for form in forms {
            let folded = fold(form);
            let mut words = folded.split(' ').map(str::to_string);
            let Some(first) = words.next().filter(|f| !f.is_empty()) else {
                continue;
            };
            let phrase = Phrase { rest: words.collect(), role };
            let list = self.phrases.entry(first).or_default();
            if !list.iter().any(|p| p.rest == phrase.rest && p.role == role) {
                list.push(phrase);
            }
        }
    }
}

/// Reads a country pack.
///
/// # Errors
/// Every finding of the file: syntax, unknown keys with the likely correction, bad patterns and templates.
pub fn parse_pack(file_name: &str, text: &str) -> Result<CountryPack, Vec<Diagnostic>> {
    pack_check::read(file_name, text).map(CountryPack::from_schema)
}

/// The texts of the packs that ship with zlato, by file name.
pub(super) const FILES: &[(&str, &str)] = &[
    ("countries/pl.toml", include_str!("../../../../rules/countries/pl.toml")),
    ("countries/rs.toml", include_str!("../../../../rules/countries/rs.toml")),
    ("countries/si.toml", include_str!("../../../../rules/countries/si.toml")),
    ("countries/lv.toml", include_str!("../../../../rules/countries/lv.toml")),
    ("countries/at.toml", include_str!("../../../../rules/countries/at.toml")),
    ("countries/ba.toml", include_str!("../../../../rules/countries/ba.toml")),
    ("countries/cz.toml", include_str!("../../../../rules/countries/cz.toml")),
    ("countries/de.toml", include_str!("../../../../rules/countries/de.toml")),
    ("countries/ee.toml", include_str!("../../../../rules/countries/ee.toml")),
    ("countries/hr.toml", include_str!("../../../../rules/countries/hr.toml")),
    ("countries/hu.toml", include_str!("../../../../rules/countries/hu.toml")),
    ("countries/lt.toml", include_str!("../../../../rules/countries/lt.toml")),
    ("countries/me.toml", include_str!("../../../../rules/countries/me.toml")),
    ("countries/mk.toml", include_str!("../../../../rules/countries/mk.toml")),
    ("countries/sk.toml", include_str!("../../../../rules/countries/sk.toml")),
    ("countries/us.toml", include_str!("../../../../rules/countries/us.toml")),
];

/// The packs that ship with zlato: the first markets PL, RS, SI and LV, then the others by code.
pub fn embedded_packs() -> Vec<CountryPack> {
    // A test keeps every shipped pack free of diagnostics, so nothing is lost here.
    FILES.iter().filter_map(|(name, text)| parse_pack(name, text).ok()).collect()
}
