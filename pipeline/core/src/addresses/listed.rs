//! What an imported gazetteer says to an address. Enters: an address in parts. Leaves: the same with what the list
//! corrects or adds for certain, and findings for the verdict. Never here: a change below the confidence that
//! `gazetteer::CORRECT_FROM` asks for; a finding against a name only because it is not listed: every list has holes.

use super::finish::{CODE, Findings, LOCALITY, STREET, street_key};
use super::pack::CountryPack;
use super::parse::{Expect, parse};
use super::places::{Town, same_letters};
use super::{Address, Addresses, render, token};
use crate::gazetteer::{CORRECT_FROM, CodeFit, Conventions, Found, Gazetteer, How, Locality, SUGGEST_FROM};
use crate::text::{fold, squeeze};

/// Compares an address with the list. `town` is what the embedded list knows of its locality: it has the official
/// name, and the first digits of all of its postal codes.
pub(super) fn compare(
    gazetteer: &Gazetteer,
    pack: &CountryPack,
    country: &str,
    town: Option<&Town>,
    street_sure: bool,
    address: &mut Address,
    found: &mut Findings,
) {
    let code = address.postal_code.clone().filter(|_| !found.bad_postal_code);
    let code = code.as_deref();
    let unlisted = code.is_some_and(|c| !gazetteer.knows_code(country, c));
    if unlisted && code.is_some_and(|c| gazetteer.covers_code_area(country, c)) {
        found.doubted[CODE] = Some("postal_code_unknown");
    }
    let line = |address: &Address| render::line(pack, address, street_sure);
    let Some(given) = address.locality.clone() else { return };
    let Some(best) = gazetteer.find(country, &given, code).into_iter().next() else { return };
    if town.is_none() {
        locality(&best, &given, address, found, line);
    }
    if address.locality_key != Some(fold(best.locality.name())) {
        return; // perhaps another place: nothing follows from it
    }
    if town.is_none() {
        found.region_mismatch = best.code == CodeFit::Disagrees;
    }
    let street_codes = street(&best.locality, code, unlisted, address, found, line);
    let codes = if street_codes.is_empty() { best.locality.codes() } else { street_codes };
    let only = match codes.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    let with_code =
        |address: &Address, code: &str| line(&Address { postal_code: Some(code.to_string()), ..address.clone() });
    // The documented rule for changing a code: it is not listed, there is only one that it could be, and that one
    // is a single typing mistake away. Of towns, lists leave out codes; there the street has to tell.
    let typo = |only: &str, code: &str| strsim::osa_distance(only, code) == 1;
    if let (true, Some((only, code))) = (unlisted && (town.is_none() || address.street_key.is_some()), only.zip(code))
        && typo(only, code)
        && (town.is_none() || best.locality.has_streets())
    {
        address.postal_code = Some(only.to_string());
        found.corrected[CODE] = Some("postal_code_misspelt");
        found.doubted[CODE] = None;
        found.region_mismatch = false;
    } else if found.region_mismatch && found.suggestion.is_none() {
        let meant = gazetteer.misspelt(country, &given, code).into_iter().next();
        found.suggestion = match meant.filter(|m| m.code == CodeFit::Agrees && m.confidence >= CORRECT_FROM) {
            Some(meant) => line(&Address { locality: Some(meant.locality.name().to_string()), ..address.clone() }),
            None => only.and_then(|only| with_code(address, only)),
        };
    } else if found.suggestion.is_none() && (code.is_none() || found.doubted[STREET].is_some()) {
        found.suggestion = only.and_then(|only| with_code(address, only));
    }
    areas(&best.locality, address);
}

/// The locality by its listed name, as far as that is sure.
fn locality(
    best: &Found<'_>,
    given: &str,
    address: &mut Address,
    found: &mut Findings,
    line: impl Fn(&Address) -> Option<String>,
) {
    let name = best.locality.name();
    let reason = match best.how {
        How::Exact if same_letters(given, name) => None,
        How::Exact => Some("locality_diacritics"),
        How::Other => None,
        How::Foreign => Some("locality_name"),
        How::Abbreviated => Some("locality_abbreviation"),
        How::Near(_) => Some("locality_misspelt"),
    };
    if reason.is_some() && best.confidence >= CORRECT_FROM {
        found.corrected[LOCALITY] = reason;
        address.locality = Some(name.to_string());
        address.locality_key = Some(fold(name));
    } else if best.how == How::Other {
        address.locality_key = Some(fold(name));
    } else if matches!(best.how, How::Near(_)) && best.confidence >= SUGGEST_FROM {
        found.doubted[LOCALITY] = reason;
        found.suggestion = line(&Address { locality: Some(name.to_string()), ..address.clone() });
    }
}

/// The street by its listed name; its postal codes.
fn street<'g>(
    locality: &Locality<'g>,
    code: Option<&str>,
    unlisted: bool,
    address: &mut Address,
    found: &mut Findings,
    line: impl Fn(&Address) -> Option<String>,
) -> Vec<&'g str> {
    let (Some(key), Some(given), true) = (&address.street_key, &address.street, locality.has_streets()) else {
        return Vec::new();
    };
    let Some(best) = locality.find_street(key, code.filter(|_| !unlisted)).into_iter().next() else {
        return Vec::new();
    };
    let exact = best.how == How::Exact;
    if !exact && best.confidence < CORRECT_FROM {
        if best.confidence >= SUGGEST_FROM {
            found.doubted[STREET] = Some("street_misspelt");
            found.suggestion = line(&Address { street: Some(best.name.to_string()), ..address.clone() });
        }
        return Vec::new();
    }
    if exact && best.code == CodeFit::Disagrees {
        found.doubted[STREET] = Some("postal_code_street_mismatch");
    }
    // A name that differs in more than diacritics (in its type word) is another way to write the same street.
    if !exact || fold(given) == fold(best.name) && !same_letters(given, best.name) {
        found.corrected[STREET] = Some(if exact { "street_diacritics" } else { "street_misspelt" });
        address.street = Some(best.name.to_string());
        address.street_key = Some(best.key.to_string());
    }
    best.codes
}

/// District and region, where they are not given and the list knows only one.
fn areas(locality: &Locality<'_>, address: &mut Address) {
    let (district, region) = locality.area(address.postal_code.as_deref());
    let own = address.locality_key.clone();
    let other = |area: &&str| Some(fold(area)) != own;
    if address.district.is_none() {
        address.district = district.filter(other).map(str::to_string);
    }
    if address.region.is_none() {
        address.region = region.filter(other).map(str::to_string);
    }
}

/// The conventions of the packs, for lists that are imported: a street has the key that an address has.
impl Conventions for Addresses {
    fn street(&self, country: &str, street: &str) -> Option<(String, String)> {
        let (pack, text) = (self.pack(country), token::clean(street));
        let known = Expect { locality_known: true, postal_code_known: true, place_only: false };
        // With a house number a name alone is a street and nothing else.
        let line = format!("{text} 1");
        let parsed = parse(pack, &token::tokens(&line, &mut String::new()), known);
        let name = render::title(pack, parsed.street.filter(|_| parsed.number.as_deref() == Some("1"))?);
        let key = street_key(pack, &name)?;
        Some((name, key))
    }

    fn area(&self, country: &str, area: &str) -> Option<String> {
        let place = Expect { place_only: true, postal_code_known: true, locality_known: false };
        let parts = parse(self.pack(country), &token::tokens(&token::clean(area), &mut String::new()), place);
        parts.region.or(parts.district).or(parts.locality)
    }

    fn postal_code(&self, country: &str, code: &str) -> Option<String> {
        let pack = self.pack(country);
        match pack.code.is_empty() {
            false => pack.postal.canonical(code),
            true => Some(squeeze(code).to_uppercase()).filter(|c| (3..=12).contains(&c.len())),
        }
    }
}
