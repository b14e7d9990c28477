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
        let parsed = parse(pack, &token::tokens(&line), known);
        let name = render::title(pack, parsed.street.as_ref().filter(|_| parsed.number.as_deref() == Some("1"))?);
        let key = street_key(pack, &name)?;
        Some((name, key))
    }

    fn area(&self, country: &str, area: &str) -> Option<String> {
        let place = Expect { place_only: true, postal_code_known: true, locality_known: false };
        let parts = parse(self.pack(country), &token::tokens(&token::clean(area)), place);
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::super::{AddressInput, embedded_packs};
    use super::*;
    use crate::gazetteer::{Builder, Place};
    use crate::value::Verdict;
    use proptest::prelude::*;
    use std::sync::{Arc, OnceLock};

    fn bare() -> Addresses {
        Addresses::new(&crate::rules::addresses::Addresses::default(), embedded_packs())
    }

    fn with_list() -> &'static Addresses {
        static SHARED: OnceLock<Addresses> = OnceLock::new();
        SHARED.get_or_init(|| {
            let conventions = bare();
            let mut builder = Builder::new(&conventions);
            let rows = [
                ("PL", "00-590", "Warszawa", "Marszałkowska", "", "mazowieckie"),
                ("PL", "00-624", "Warszawa", "Marszałkowska", "", "mazowieckie"),
                ("PL", "02-516", "Warszawa", "Rejtana", "", "mazowieckie"),
                ("PL", "02-516", "Warszawa", "Puławska", "", "mazowieckie"),
                ("PL", "05-462", "Wiązowna", "", "gm. Wiązowna", "mazowieckie"),
                ("PL", "05-462", "Malcanów", "", "gm. Wiązowna", "mazowieckie"),
                ("PL", "05-400", "Otwock", "", "", "mazowieckie"),
                ("PL", "59-300", "Lubin", "", "", ""),
                ("PL", "20-001", "Lublin", "", "", ""),
                ("PL", "34-470", "Czarny Dunajec", "", "", ""),
                ("LV", "LV-4101", "Cēsis", "", "", "Cēsu nov."),
                ("LV", "LV-4139", "Drabeši", "", "Drabešu pag.", "Cēsu nov."),
                ("RS", "22300", "Stara Pazova", "", "", ""),
            ];
            for (country, postal_code, locality, street, district, region) in rows {
                let place = Place { country, locality, postal_code, street, district, region, ..Place::default() };
                builder.add(&place).unwrap();
            }
            bare().with_gazetteer(Arc::new(builder.finish(vec![])))
        })
    }

    fn said(addresses: &Addresses, country: &str, text: &str) -> (String, String, String, String) {
        let a = addresses.address(&AddressInput { address: Some(text), ..AddressInput::default() }, Some(country));
        let verdict = a.assessment.verdict.as_str().to_string();
        (
            a.standard.unwrap_or_default(),
            verdict,
            a.assessment.reason.unwrap_or("").to_string(),
            a.assessment.suggestion.unwrap_or_default(),
        )
    }

    /// Country, input, standard form, verdict, reason, suggestion.
    const WITH_LIST: &[[&str; 6]] = &[
        ["PL", "ul. Polna 5, 05-462 Wiązowna", "ul. Polna 5, 05-462 Wiązowna", "valid", "", ""],
        ["PL", "ul. Polna 5, 05-462 Wiazowna", "ul. Polna 5, 05-462 Wiązowna", "corrected", "locality_diacritics", ""],
        ["PL", "ul. Polna 5, 05-462 WIĄZOWNA", "ul. Polna 5, 05-462 Wiązowna", "valid", "", ""],
        ["PL", "ul. Polna 5, 05-462 Wiząowna", "ul. Polna 5, 05-462 Wiązowna", "corrected", "locality_misspelt", ""],
        [
            "PL",
            "ul. Polna 5, 34-470 Cz. Dunajec",
            "ul. Polna 5, 34-470 Czarny Dunajec",
            "corrected",
            "locality_abbreviation",
            "",
        ],
        ["PL", "ul. Rejtana 5, 02-516 Varšava", "ul. Rejtana 5, 02-516 Warszawa", "corrected", "locality_name", ""],
        [
            "PL",
            "ul. Pulawska 5, 02-516 Warszawa",
            "ul. Puławska 5, 02-516 Warszawa",
            "corrected",
            "street_diacritics",
            "",
        ],
        [
            "PL",
            "ul. Puławksa 5, 02-516 Warszawa",
            "ul. Puławska 5, 02-516 Warszawa",
            "corrected",
            "street_misspelt",
            "",
        ],
        ["PL", "ul. Marszałkowska 5, 00-624 Warszawa", "ul. Marszałkowska 5, 00-624 Warszawa", "valid", "", ""],
        // A code of the town, but not of the street; of the street's codes there is only one.
        [
            "PL",
            "ul. Puławska 5, 00-590 Warszawa",
            "ul. Puławska 5, 00-590 Warszawa",
            "suspect",
            "postal_code_street_mismatch",
            "ul. Puławska 5, 02-516 Warszawa",
        ],
        // A code of another place.
        [
            "PL",
            "ul. Polna 5, 59-300 Wiązowna",
            "ul. Polna 5, 59-300 Wiązowna",
            "suspect",
            "postal_code_locality_mismatch",
            "ul. Polna 5, 05-462 Wiązowna",
        ],
        // The name of another town, one letter away from the one with this code.
        [
            "PL",
            "ul. Polna 5, 20-001 Lubin",
            "ul. Polna 5, 20-001 Lubin",
            "suspect",
            "postal_code_locality_mismatch",
            "ul. Polna 5, 20-001 Lublin",
        ],
        // Not listed, and one digit off the only code of the village.
        ["PL", "ul. Polna 5, 05-426 Wiązowna", "ul. Polna 5, 05-462 Wiązowna", "corrected", "postal_code_misspelt", ""],
        // Not listed, of no place that is near: a warning, and nothing changes.
        ["PL", "ul. Polna 5, 05-999 Dolina", "ul. Polna 5, 05-999 Dolina", "suspect", "postal_code_unknown", ""],
        // An area of which the list has nothing says nothing.
        ["PL", "ul. Polna 5, 77-100 Bytów", "ul. Polna 5, 77-100 Bytów", "valid", "", ""],
        // A village that is not listed is as good as any.
        ["PL", "ul. Polna 5, 05-462 Pęclin", "ul. Polna 5, 05-462 Pęclin", "valid", "", ""],
        [
            "LV",
            "Lenču iela 5, Cesis, LV-4101",
            "Lenču iela 5, Cēsis, Cēsu novads, LV-4101",
            "corrected",
            "locality_diacritics",
            "",
        ],
        ["LV", "Varšava", "Varšava", "valid", "", ""],
        ["RS", "Ćirila 5, 22300 St. Pazova", "Ćirila 5, 22300 Stara Pazova", "valid", "", ""],
        ["RS", "Ћирила 5, 22300 Стара Пазова", "Ćirila 5, 22300 Stara Pazova", "valid", "", ""],
    ];

    const WITHOUT_LIST: &[[&str; 6]] = &[
        ["PL", "ul. Rejtana 5, 02-516 Varšava", "ul. Rejtana 5, 02-516 Warszawa", "corrected", "locality_name", ""],
        ["PL", "ul. Rejtana 5, 90-001 Lodz", "ul. Rejtana 5, 90-001 Łódź", "corrected", "locality_diacritics", ""],
        ["PL", "ul. Rejtana 5, 90-001 ŁÓDŹ", "ul. Rejtana 5, 90-001 Łódź", "valid", "", ""],
        [
            "PL",
            "ul. Rejtana 5, 02-516 Wraszawa",
            "ul. Rejtana 5, 02-516 Warszawa",
            "corrected",
            "locality_misspelt",
            "",
        ],
        ["PL", "ul. Rejtana 5, Wraszawa", "ul. Rejtana 5, Wraszawa", "valid", "", ""],
        ["LV", "Lenču iela 5, Cesis, LV-4101", "Lenču iela 5, Cēsis, LV-4101", "corrected", "locality_diacritics", ""],
        ["RS", "Bulevar 5, 18000 Nis", "Bulevar 5, 18000 Niš", "corrected", "locality_diacritics", ""],
        ["PL", "ul. Polna 5, 02-999 Warszawa", "ul. Polna 5, 02-999 Warszawa", "valid", "", ""],
    ];

    #[test]
    fn a_list_corrects_completes_and_doubts() {
        let bare = bare();
        let mut wrong = Vec::new();
        for (addresses, cases) in [(with_list(), WITH_LIST), (&bare, WITHOUT_LIST)] {
            for [country, text, standard, verdict, reason, suggestion] in cases {
                let want = [standard, verdict, reason, suggestion].map(|t| t.to_string());
                let (a, b, c, d) = said(addresses, country, text);
                if [&a, &b, &c, &d] != want.each_ref() {
                    wrong.push(format!("{text}: wanted {want:?}\n   got {:?}", [a, b, c, d]));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn areas_are_filled_in_where_they_are_sure() {
        let of = |country: &str, text: &str| {
            let input = AddressInput { address: Some(text), ..AddressInput::default() };
            let a = with_list().address(&input, Some(country));
            (a.district.unwrap_or_default(), a.region.unwrap_or_default())
        };
        let pair = |d: &str, r: &str| (d.to_string(), r.to_string());
        assert_eq!(of("LV", "\"Kalnāji\", Drabeši, LV-4139"), pair("Drabešu pagasts", "Cēsu novads"));
        assert_eq!(of("PL", "Malcanów 5, 05-462 Malcanów").1, "mazowieckie");
        assert_eq!(of("PL", "ul. Polna 5, 59-300 Lubin"), pair("", ""));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// With a list too: nothing panics, no code makes an address invalid, and the standard form stays itself.
        #[test]
        fn a_list_never_breaks_an_address(
            street in prop::sample::select(vec!["ul. Puławska", "Pulawksa", "Marszałkowska", "Wola", ""]),
            code in prop::sample::select(vec!["00-590", "02-516", "02-561", "05-462", "99-999", "59-300", ""]),
            town in prop::sample::select(vec!["Warszawa", "Wraszawa", "Wiazowna", "Lubin", "Lulbin", "Nowa Wieś", "W-wa"]),
            junk in any::<String>(),
        ) {
            let list = with_list();
            let input = |text: &'_ str| list.address(&AddressInput { address: Some(text), ..AddressInput::default() }, Some("PL"));
            input(&format!("{junk}, {code} {town}"));
            let once = input(&format!("{street} 5, {code} {town}"));
            prop_assert!(once.assessment.verdict != Verdict::Invalid);
            let standard = once.standard.clone().unwrap();
            let twice = input(&standard);
            prop_assert_eq!(&twice.standard, &once.standard);
            prop_assert_eq!(twice.address_key, once.address_key);
            prop_assert!(twice.assessment.verdict != Verdict::Corrected, "{standard}: {:?}", twice.assessment);
        }
    }
}
