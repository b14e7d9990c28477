//! What a list corrects, completes and doubts, against what stays as it was given.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{AddressInput, Addresses, embedded_packs};
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
    ["PL", "ul. Pulawska 5, 02-516 Warszawa", "ul. Puławska 5, 02-516 Warszawa", "corrected", "street_diacritics", ""],
    ["PL", "ul. Puławksa 5, 02-516 Warszawa", "ul. Puławska 5, 02-516 Warszawa", "corrected", "street_misspelt", ""],
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
    ["PL", "ul. Rejtana 5, 02-516 Wraszawa", "ul. Rejtana 5, 02-516 Warszawa", "corrected", "locality_misspelt", ""],
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
