//! Addresses, in one line and in columns (`street|number|unit|code|town|region|country`): any text has an answer in any
//! country; an address put together from usual parts has a standard form that is its own; and Serbian Cyrillic gives
//! the keys of its Latin.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zlato_core::addresses::{Address, AddressInput, REASONS};
use zlato_core::text::serbian_latin;
use zlato_core_fuzz::{ADDRESSES, country, pieces, serbian_cyrillic};

fn checked(input: &AddressInput<'_>, country: Option<&str>) -> Address {
    let address = ADDRESSES.address(input, country);
    assert!(address.assessment.reason.is_none_or(|r| REASONS.iter().any(|(code, _)| *code == r)));
    address
}

fn line(text: &str) -> AddressInput<'_> {
    AddressInput { address: Some(text), ..AddressInput::default() }
}

/// Usual parts of the first four markets: streets, numbers, details, code and town.
const PARTS: [(&str, [&[&str]; 4]); 4] = [
    (
        "PL",
        [
            &["ul. Polna", "al. Solidarności", "pl. Wolności", "ul. 3 Maja", "Wola", "os. Tysiąclecia"],
            &["12", "12a", "10/12", "12/34", "8 1/2"],
            &["", " m. 5", " lok. 2A", " kl. B m. 7", ", III piętro, lok. 4", " p. 2"],
            &["00-590 Warszawa", "05-123 Wola", "34-470 Czarny Dunajec"],
        ],
    ),
    (
        "RS",
        [
            &["Nušićeva", "Bulevar kralja Aleksandra", "ul. 8. marta", "Trg republike", "Ljubice Lukić"],
            &["73", "73/II", "bb", "12a", "12-14", "73/3/15"],
            &["", " stan 5", ", II sprat, stan 5", " ulaz 3 stan 5", ", prizemlje"],
            &["11000 Beograd", "21000 Novi Sad", "Kikinda"],
        ],
    ),
    (
        "SI",
        [
            &["Slovenska c.", "Ulica heroja Tomšiča", "Puconci", "Trg republike", "Ul. 1. maja"],
            &["54", "3a", "54/III", "12/3"],
            &["", " stan 12", ", 3. nadstropje", ", vhod B"],
            &["1000 Ljubljana", "6000 Koper - Capodistria", "9201 Puconci"],
        ],
    ),
    (
        "LV",
        [
            &["Brīvības iela", "Brīvības gatve", "Lāčplēša", "Imantas 8. līnija", "18. novembra iela"],
            &["100", "100-12", "214 k-1", "214 k-1-17", "100/102-3", "5a"],
            &["", ", 3. stāvs", " ieeja 2"],
            &["Rīga, LV-1011", "Zaļenieki, Zaļenieku pag., Jelgavas nov., LV-3011", "Cēsis LV-4101"],
        ],
    ),
];

fn usual(data: &[u8]) -> (&'static str, String) {
    let at = |n: usize, of: usize| usize::from(data.get(n).copied().unwrap_or(0)) % of;
    let (country, parts) = PARTS[at(0, PARTS.len())];
    let [street, number, detail, place] = std::array::from_fn(|n| parts[n][at(n + 1, parts[n].len())]);
    let text = format!("{street} {number}{detail}, {place}");
    (country, if at(5, 2) == 0 { text } else { text.to_uppercase() })
}

fuzz_target!(|data: &[u8]| {
    let (country, raw) = country(data);
    let once = checked(&line(&raw), country);
    if let Some(standard) = &once.standard {
        checked(&line(standard), country);
    }
    if country == Some("RS") && serbian_cyrillic(&raw) {
        let latin = serbian_latin(&raw);
        assert_eq!(checked(&line(&latin), country).address_key, once.address_key, "{raw:?} {latin:?}");
    }
    let [street, number, unit, code, town, region, named] = pieces(&raw).map(|p| Some(p).filter(|p| !p.is_empty()));
    let columns = AddressInput {
        street,
        house_number: number,
        unit,
        postal_code: code,
        locality: town,
        region,
        country: named,
        ..AddressInput::default()
    };
    checked(&columns, country);
    checked(&AddressInput { street: None, street_address: street, ..columns }, country);

    let (country, text) = usual(data);
    let once = checked(&line(&text), Some(country));
    let standard = once.standard.as_deref().expect("a usual address has a standard form");
    let again = checked(&line(standard), Some(country));
    assert_eq!(again.standard, once.standard, "{text}");
    assert_eq!(again.address_key, once.address_key, "{text} {standard}");
});
