//! Parts into an [`Address`]: official names, casing, keys, standard line, verdict.
//! Never here: reading of text.

use super::pack::CountryPack;
use super::parse::{Expect, Parts};
use super::{Address, render};
use crate::text::fold;
use crate::value::{Assessment, Verdict};

/// What was found out beside the parts.
#[derive(Debug, Clone, Copy, Default)]
struct Findings {
    number_first: bool,
    foreign_name: bool,
    region_mismatch: bool,
    left_over: bool,
    bad_postal_code: bool,
    unknown_country: bool,
}

/// Completes an address from its parts.
pub(super) fn finish(
    pack: &CountryPack,
    country: Option<String>,
    parts: Parts,
    unknown_country: bool,
    required: &[String],
) -> Address {
    let mut found = Findings {
        number_first: parts.number_first && !pack.code.is_empty(),
        left_over: parts.left_over,
        bad_postal_code: parts.bad_postal_code,
        unknown_country,
        ..Findings::default()
    };
    let mut parts = parts;
    rural(pack, &mut parts);
    if let Some((town, rest)) =
        parts.locality.as_ref().and_then(|l| pack.places.with_district(l, parts.postal_code.as_deref()))
    {
        parts.locality = Some(town);
        parts.district.get_or_insert(rest);
    }
    if let Some(region) = parts.district.take_if(|d| pack.regions.contains(&fold(d))) {
        parts.region.get_or_insert(region);
    }
    let mut locality = parts.locality.map(|l| render::title(pack, &l));
    let mut locality_key = locality.as_ref().map(|l| fold(l)).filter(|k| !k.is_empty());
    if let Some(town) = locality_key.as_ref().and_then(|k| pack.places.get(k)) {
        let official = fold(&town.name);
        let spelled = locality_key.as_ref().is_some_and(|k| *k == official || town.abbreviations.contains(k));
        if spelled || town.exonyms.iter().any(|e| Some(e) == locality_key.as_ref()) {
            found.foreign_name = !spelled;
            locality = Some(town.name.clone());
        }
        locality_key = Some(official);
        if let Some(code) = &parts.postal_code {
            found.region_mismatch = !found.bad_postal_code && !town.prefixes.is_empty() && !town.owns(code);
        }
    }
    let district = parts.district.map(|d| render::title(pack, &d)).filter(|d| Some(fold(d)) != locality_key);
    let street = parts.street.map(|s| render::title(pack, &s));
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
        region: parts.region.map(|r| if r.chars().any(char::is_lowercase) { r } else { render::title(pack, &r) }),
        country,
        standard: None,
        street_key,
        locality_key,
        address_key: None,
        assessment: Assessment::VALID,
    };
    address.address_key = address_key(&address, parts.bad_postal_code);
    address.standard = render::line(pack, &address, parts.street_sure);
    address.assessment = assess(&address, required, &found);
    address
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
fn street_key(pack: &CountryPack, street: &str) -> Option<String> {
    let folded = fold(street);
    let mut name: Vec<&str> = Vec::with_capacity(4);
    let mut kinds: Vec<String> = Vec::new();
    for word in folded.split(' ') {
        match pack.type_word(word) {
            Some(kind) => kinds.extend(kind.in_key.then(|| fold(&kind.name))),
            None => name.push(word),
        }
    }
    if name.is_empty() {
        return (!folded.is_empty()).then_some(folded);
    }
    let mut key = name.join(" ");
    for kind in kinds {
        key.push(' ');
        key.push_str(&kind);
    }
    Some(key)
}

fn address_key(a: &Address, bad_postal_code: bool) -> Option<String> {
    let place = match &a.postal_code {
        Some(code) if !bad_postal_code => Some(fold(code)),
        _ => a.locality_key.clone().or_else(|| a.district.as_ref().map(|d| fold(d))),
    };
    let house = [&a.house_number, &a.unit].into_iter().flatten().map(|p| fold(p)).collect::<Vec<_>>().join(" ");
    let street = match (&a.street_key, &a.po_box) {
        (Some(street), _) => street.clone(),
        (None, _) if !house.is_empty() => a.locality_key.clone()?,
        (None, Some(po_box)) => format!("po box {}", fold(po_box)),
        (None, None) => return None,
    };
    let parts = [street, house, place?];
    Some(parts.iter().filter(|p| !p.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" "))
}

fn assess(a: &Address, required: &[String], found: &Findings) -> Assessment {
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
    let doubts = [
        (found.bad_postal_code, "postal_code_shape"),
        (found.unknown_country, "unknown_country"),
        (found.region_mismatch, "postal_code_locality_mismatch"),
        (found.left_over, "unparsed_text"),
    ];
    let corrections = [(found.foreign_name, "locality_name"), (found.number_first, "number_before_street")];
    let first = |list: &[(bool, &'static str)]| list.iter().find(|(holds, _)| *holds).map(|(_, reason)| *reason);
    if let Some(reason) = first(doubts.get(..1).unwrap_or(&[])).or(missing).or_else(|| first(&doubts)) {
        Assessment::new(Verdict::Suspect, reason)
    } else if let Some(reason) = first(&corrections) {
        Assessment::new(Verdict::Corrected, reason)
    } else {
        Assessment::VALID
    }
}

/// The conventions of the packs, for lists that are imported: a street has the key that an address has.
impl crate::gazetteer::Conventions for super::Addresses {
    fn street(&self, country: &str, street: &str) -> Option<(String, String)> {
        let (pack, text) = (self.pack(country), super::token::clean(street));
        let known = Expect { locality_known: true, postal_code_known: true, place_only: false };
        // With a house number a name alone is a street and nothing else.
        let line = format!("{text} 1");
        let parsed = super::parse::parse(pack, &super::token::tokens(&line), known);
        let name = render::title(pack, parsed.street.as_ref().filter(|_| parsed.number.as_deref() == Some("1"))?);
        let key = street_key(pack, &name)?;
        Some((name, key))
    }

    fn postal_code(&self, country: &str, code: &str) -> Option<String> {
        let pack = self.pack(country);
        match pack.code.is_empty() {
            false => pack.postal.canonical(code),
            true => Some(crate::text::squeeze(code).to_uppercase()).filter(|c| (3..=12).contains(&c.len())),
        }
    }
}
