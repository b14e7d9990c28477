//! Parts into an [`Address`]: official names, casing, keys, standard line, verdict.
//! Never here: reading of text.

use super::pack::CountryPack;
use super::parse::Parts;
use super::{Address, render};
use crate::text::fold;
use crate::value::{Assessment, Verdict};

/// What was found out beside the parts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Notes {
    pub(super) bad_postal_code: bool,
    pub(super) unknown_country: bool,
}

/// Completes an address from its parts.
pub(super) fn finish(pack: &CountryPack, country: Option<String>, parts: Parts, notes: Notes, required: &[String]) -> Address {
    let mut corrected = parts.number_first && !pack.code.is_empty();
    let mut exonym = false;
    let mut mismatch = false;
    let mut locality = parts.locality.map(|l| render::title(pack, &l));
    let mut locality_key = locality.as_ref().map(|l| fold(l)).filter(|k| !k.is_empty());
    if let Some(town) = locality_key.as_ref().and_then(|k| pack.places.get(k)) {
        let official = fold(&town.name);
        if locality_key.as_ref() == Some(&official) || town.exonyms.iter().any(|e| Some(e) == locality_key.as_ref()) {
            exonym = locality_key.as_ref() != Some(&official);
            locality = Some(town.name.clone());
        }
        locality_key = Some(official);
        if let Some(code) = &parts.postal_code {
            let digits: String = code.chars().filter(char::is_ascii_digit).collect();
            mismatch = !town.prefixes.is_empty() && !town.prefixes.iter().any(|p| digits.starts_with(p.as_str()));
        }
    }
    corrected |= exonym;
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
    address.address_key = address_key(&address, notes.bad_postal_code);
    address.standard = render::line(pack, &address, parts.street_sure);
    address.assessment = assess(&address, required, corrected, exonym, mismatch, parts.left_over, notes);
    address
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

fn assess(a: &Address, required: &[String], corrected: bool, exonym: bool, mismatch: bool, left_over: bool, notes: Notes) -> Assessment {
    let suspect = |reason| Assessment::new(Verdict::Suspect, reason);
    if notes.bad_postal_code {
        return suspect("postal_code_shape");
    }
    for part in required {
        let (present, reason) = match part.as_str() {
            "locality" => (a.locality.is_some() || a.district.is_some(), "missing_locality"),
            "street" => (a.street.is_some() || a.po_box.is_some() || a.locality.is_some() && a.house_number.is_some(), "missing_street"),
            "house_number" => (a.house_number.is_some() || a.po_box.is_some(), "missing_house_number"),
            "postal_code" => (a.postal_code.is_some(), "missing_postal_code"),
            "country" => (a.country.is_some(), "missing_country"),
            _ => continue,
        };
        if !present {
            return suspect(reason);
        }
    }
    if notes.unknown_country {
        return suspect("unknown_country");
    }
    if mismatch {
        return suspect("postal_code_locality_mismatch");
    }
    if left_over {
        return suspect("unparsed_text");
    }
    match (corrected, exonym) {
        (true, true) => Assessment::new(Verdict::Corrected, "locality_name"),
        (true, false) => Assessment::new(Verdict::Corrected, "number_before_street"),
        _ => Assessment::VALID,
    }
}
