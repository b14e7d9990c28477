//! Country packs ready for look-ups. Enters: a pack as its file says it. Leaves: a [`CountryPack`], every word folded.
//! Never here: checks of the file (see `pack_check`), parsing of addresses.

use super::pack::{CountryPack, Phrase, Role, StreetType};
use super::places::Places;
use super::postal::PostalShape;
use super::render::{Slot, slots};
use super::schema;
use super::words::{WordMap, WordSet};
use crate::text::fold;
use regex::Regex;

/// The templates of some segments.
fn read(templates: &[String]) -> Vec<Vec<Slot>> {
    templates.iter().map(|t| slots(t)).collect()
}

impl CountryPack {
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
            postal: PostalShape::new("", Regex::new(r"^(\d{4,6}|\d{3} ?\d{2})$").ok(), None, "$1".into()),
            street_types: Vec::new(),
            written: None,
            areas: Vec::new(),
            locality: schema::Locality::default(),
            number: schema::Number::default(),
            line: read(&format.line),
            village: read(&format.village),
            format,
            no_number: String::new(),
            small: WordSet::default(),
            lower_in_names: WordSet::default(),
            capitals: WordSet::default(),
            without_type: Vec::new(),
            place_first: WordSet::default(),
            places: Places::default(),
            phrases: WordMap::default(),
            type_words: WordMap::default(),
            suffixes: Vec::new(),
            mistyped: WordSet::default(),
        };
        pack.add(&["po box".into(), "p o box".into()], Role::PoBox);
        pack.add(&["apt".into(), "apartment".into(), "unit".into(), "suite".into(), "ste".into()], Role::Unit);
        pack
    }

    pub(super) fn from_schema(file: schema::PackFile) -> Self {
        let w = &file.words;
        let small = || w.small.iter().map(|s| s.to_lowercase());
        let types_in_names = file.street_types.iter().filter(|k| k.in_name).map(|k| k.name.clone());
        let mut pack = Self {
            names: file.names.iter().map(|n| fold(n)).collect(),
            regions: WordMap::default(),
            postal: PostalShape::new(
                file.code.get_ref(),
                Regex::new(file.postal_code.pattern.get_ref()).ok(),
                file.postal_code.distinctive.as_ref().and_then(|d| Regex::new(d.get_ref()).ok()),
                file.postal_code.format.get_ref().clone(),
            ),
            no_number: w.no_number.first().cloned().unwrap_or_default(),
            lower_in_names: small().chain(types_in_names).collect(),
            small: small().collect(),
            capitals: w.capitals.iter().map(|s| s.to_lowercase()).collect(),
            without_type: w.without_type.iter().map(|s| s.to_lowercase()).collect(),
            place_first: w.place_first.iter().map(|s| fold(s)).collect(),
            places: Places::embedded(file.code.get_ref()),
            phrases: WordMap::default(),
            type_words: WordMap::default(),
            suffixes: Vec::new(),
            mistyped: WordSet::default(),
            street_types: Vec::new(),
            written: None,
            areas: Vec::new(),
            locality: file.locality,
            number: file.number,
            line: read(&file.format.line),
            village: read(&file.format.village),
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
        pack.written = file.street_types.iter().find_map(|k| k.written.clone());
        pack.street_types = file.street_types.into_iter().map(StreetType::from).collect();
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

impl From<schema::StreetType> for StreetType {
    fn from(kind: schema::StreetType) -> Self {
        Self {
            key: fold(&kind.name),
            name: kind.name,
            when_next_ends: kind.when_next_ends,
            place: kind.place,
            in_name: kind.in_name,
            in_key: kind.in_key,
        }
    }
}
