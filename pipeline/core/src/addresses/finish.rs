//! Parts into an [`Address`]: official names, casing, keys, standard line, verdict.
//! Never here: reading of text.

use super::pack::CountryPack;
use super::parse::Parts;
use super::places::same_letters;
use super::schema::{Place, Slash};
use super::{Address, listed, render};
use crate::gazetteer::Gazetteer;
use crate::text::{fold, fold_onto};
use crate::value::{Assessment, Verdict};
use std::borrow::Cow;

/// What was found out beside the parts.
#[derive(Debug, Clone, Default)]
pub(super) struct Findings {
    number_first: bool,
    mistyped: bool,
    /// Why the locality, the street or the postal code is another than the one that was given.
    pub(super) corrected: [Option<&'static str>; 3],
    /// What a list says against the locality, the street or the postal code.
    pub(super) doubted: [Option<&'static str>; 3],
    /// What was probably meant where something is doubted.
    pub(super) suggestion: Option<String>,
    pub(super) region_mismatch: bool,
    left_over: bool,
    pub(super) bad_postal_code: bool,
    unknown_country: bool,
}

/// Indices into [`Findings::corrected`] and [`Findings::doubted`].
pub(super) const LOCALITY: usize = 0;
pub(super) const STREET: usize = 1;
pub(super) const CODE: usize = 2;

/// Completes an address from its parts.
pub(super) fn finish(
    pack: &CountryPack,
    country: Option<String>,
    parts: Parts,
    unknown_country: bool,
    required: &[String],
    gazetteer: Option<&Gazetteer>,
) -> Address {
    let mut found = Findings {
        number_first: parts.number_first && !pack.code.is_empty(),
        mistyped: parts.mistyped,
        left_over: parts.left_over,
        bad_postal_code: parts.bad_postal_code,
        unknown_country,
        ..Findings::default()
    };
    let mut parts = parts;
    rural(pack, &mut parts);
    let mut folded = parts.locality.as_deref().map(fold);
    if !pack.locality.part_before_town
        && let (Some(text), Some(key)) = (&parts.locality, &folded)
        && let Some((town, rest)) = pack.places.with_district(text, key, parts.postal_code.as_deref())
    {
        folded = Some(fold(&town));
        parts.locality = Some(town);
        parts.district.get_or_insert(rest);
    }
    if let Some(region) = parts.district.take_if(|d| pack.regions.contains_key(&fold(d))) {
        parts.region.get_or_insert(region);
    }
    let (mut locality, mut locality_key) = (parts.locality, folded);
    if let Some(title) = locality.as_ref().and_then(|l| render::recased(pack, l)) {
        locality_key = Some(fold(&title));
        locality = Some(title);
    }
    locality_key = locality_key.filter(|k| !k.is_empty());
    let code = parts.postal_code.as_ref().filter(|_| !found.bad_postal_code);
    let listed = country.as_deref().and_then(|c| gazetteer.filter(|g| g.covers(c)));
    let town = locality_key.as_ref().and_then(|k| pack.places.get(k).map(|town| (town, false)));
    let near = || pack.places.misspelt(locality_key.as_deref()?, code?).map(|town| (town, true));
    let town = town.or_else(|| if listed.is_none() { near() } else { None });
    if let (Some((town, misspelt)), Some(given), Some(key)) = (town, &locality, &mut locality_key) {
        let official = *key == town.key;
        let abbreviated = town.abbreviations.contains(key);
        if misspelt {
            found.corrected[LOCALITY] = Some("locality_misspelt");
        } else if town.exonyms.contains(key) && !official && !abbreviated {
            found.corrected[LOCALITY] = Some("locality_name");
        } else if official && !same_letters(given, &town.name) {
            found.corrected[LOCALITY] = Some("locality_diacritics");
        }
        if found.corrected[LOCALITY].is_some() || official || abbreviated {
            locality = Some(town.name.clone());
        }
        key.clone_from(&town.key);
        found.region_mismatch = code.is_some_and(|c| !town.prefixes.is_empty() && !town.owns(c));
    }
    let district = parts.district.map(|d| render::title(pack, d)).filter(|d| Some(fold(d)) != locality_key);
    let street = parts.street.map(|s| render::title(pack, s));
    let street_key = street.as_ref().and_then(|s| street_key(pack, s));
    let mut address = Address {
        street,
        house_number: parts.number.filter(|n| !n.is_empty()),
        unit: parts.unit,
        level: parts.level,
        staircase: parts.staircase,
        po_box: parts.po_box,
        postal_code: parts.postal_code,
        locality,
        district,
        region: parts.region.map(|r| region(pack, r)),
        country,
        standard: None,
        street_key,
        locality_key,
        address_key: None,
        assessment: Assessment::VALID,
    };
    if let (Some(gazetteer), Some(country)) = (listed, address.country.clone()) {
        listed::compare(gazetteer, pack, &country, town.map(|(t, _)| t), parts.street_sure, &mut address, &mut found);
    }
    address.address_key = address_key(pack, &address, parts.bad_postal_code);
    address.standard = render::line(pack, &address, parts.street_sure);
    address.assessment = assess(pack, &address, required, &found);
    address
}

/// A region in its standard writing, else as written, with capitals only where a name has them.
fn region(pack: &CountryPack, written: String) -> String {
    match pack.regions.get(&fold(&written)) {
        Some(Some(standard)) => standard.clone(),
        _ if written.chars().any(char::is_lowercase) => written,
        _ => render::title(pack, written),
    }
}

/// "Wola 12, gm. Czosnów": with an administrative area and no place, the name before the number is the village.
fn rural(pack: &CountryPack, parts: &mut Parts) {
    let area = parts.district.is_some() || parts.region.is_some();
    if area
        && parts.locality.is_none()
        && parts.postal_code.is_none()
        && parts.number.is_some()
        && !parts.street_sure
        && !pack.format.quote_house_names
    {
        parts.locality = parts.street.take();
    }
}

/// Folded name without street types, but with those that tell streets apart, at its end.
pub(super) fn street_key(pack: &CountryPack, street: &str) -> Option<String> {
    let folded = fold(street);
    let mut key = String::with_capacity(folded.len());
    let mut kinds: Vec<&str> = Vec::new();
    // Where types stay as written, short ones are looked at too: there "St" at the start is a saint.
    let types_from = |at: usize| folded.split(' ').skip(at).all(|w| pack.type_word(w).is_some());
    for (at, word) in folded.split(' ').enumerate() {
        let kind = pack
            .type_word(word)
            .filter(|k| !pack.format.keep_street_types || k.place != Place::After || at > 0 && types_from(at));
        match kind {
            Some(kind) => kinds.extend(kind.in_key.then_some(kind.key.as_str())),
            None => add_word(&mut key, word),
        }
    }
    if key.is_empty() {
        let whole = if pack.format.keep_street_types { kinds.join(" ") } else { folded };
        return (!whole.is_empty()).then_some(whole);
    }
    kinds.into_iter().for_each(|kind| add_word(&mut key, kind));
    Some(key)
}

pub(super) fn add_word(text: &mut String, word: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(word);
}

fn address_key(pack: &CountryPack, a: &Address, bad_postal_code: bool) -> Option<String> {
    // Where the number may hold entrance and flat, they count wherever they stand.
    let staircase = if pack.number.slash == Slash::Whole { &a.staircase } else { &None };
    let mut house = String::new();
    for (n, part) in [&a.house_number, staircase, &a.unit].into_iter().flatten().enumerate() {
        if n > 0 {
            house.push(' ');
        }
        fold_onto(part, &mut house);
    }
    let street = match (&a.street_key, &a.po_box) {
        (Some(street), _) => Cow::Borrowed(street.as_str()),
        (None, _) if !house.is_empty() => Cow::Borrowed(a.locality_key.as_deref()?),
        (None, Some(po_box)) => Cow::Owned(format!("po box {}", fold(po_box))),
        (None, None) => return None,
    };
    let place = match (&a.postal_code, &a.locality_key, &a.district) {
        (Some(code), ..) if !bad_postal_code => Cow::Owned(fold(code)),
        (_, Some(locality), _) => Cow::Borrowed(locality.as_str()),
        (_, None, district) => Cow::Owned(fold(district.as_ref()?)),
    };
    let mut key = String::with_capacity(street.len() + house.len() + place.len() + 2);
    [&*street, &house, &*place].into_iter().filter(|p| !p.is_empty()).for_each(|part| add_word(&mut key, part));
    Some(key)
}

/// The standard line with a postal code whose letters are read as the digits that they look like.
fn legible_code(pack: &CountryPack, a: &Address) -> Option<String> {
    let code = a.postal_code.as_ref()?;
    let digit = |c: char| match c {
        'o' | 'O' => '0',
        'i' | 'I' | 'l' => '1',
        c => c,
    };
    let right = pack.postal.canonical(&code.chars().map(digit).collect::<String>())?;
    Some(a.standard.as_ref()?.replace(code.as_str(), &right))
}

fn assess(pack: &CountryPack, a: &Address, required: &[String], found: &Findings) -> Assessment {
    let missing = required.iter().find_map(|part| {
        let (present, reason) = match part.as_str() {
            "locality" => (a.locality.is_some() || a.district.is_some(), "missing_locality"),
            "street" => (
                a.street.is_some() || a.po_box.is_some() || a.locality.is_some() && a.house_number.is_some(),
                "missing_street",
            ),
            // A farm has its name instead.
            "house_number" => (
                a.house_number.is_some() || a.po_box.is_some() || a.street.is_some() && a.locality.is_none(),
                "missing_house_number",
            ),
            "postal_code" => (a.postal_code.is_some(), "missing_postal_code"),
            "country" => (a.country.is_some(), "missing_country"),
            _ => return None,
        };
        (!present).then_some(reason)
    });
    let [locality, street, code] = found.doubted;
    let doubts = [
        found.bad_postal_code.then_some("postal_code_shape"),
        missing,
        found.unknown_country.then_some("unknown_country"),
        found.region_mismatch.then_some("postal_code_locality_mismatch"),
        locality,
        street,
        code,
        found.left_over.then_some("unparsed_text"),
    ];
    let [locality, street, code] = found.corrected;
    let corrections = [
        locality,
        street,
        code,
        found.number_first.then_some("number_before_street"),
        found.mistyped.then_some("street_type_spelling"),
    ];
    if let Some(reason) = doubts.into_iter().flatten().next() {
        let fault = Assessment::new(Verdict::Suspect, reason);
        let legible = legible_code(pack, a).filter(|_| found.bad_postal_code);
        match legible.as_ref().or(found.suggestion.as_ref()) {
            Some(suggestion) => fault.suggesting(suggestion),
            None => fault,
        }
    } else if let Some(reason) = corrections.into_iter().flatten().next() {
        Assessment::new(Verdict::Corrected, reason)
    } else {
        Assessment::VALID
    }
}
