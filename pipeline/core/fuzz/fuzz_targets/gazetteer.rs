//! A gazetteer. The text is its rows (a line each, `locality|code|street|district|other names|foreign names`) and then
//! what is looked up in it: what was taken is found, bytes come back as they went, and nothing breaks on what is no name.
//! An address judged with it has an answer too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};
use zlato_core::addresses::{AddressInput, Addresses};
use zlato_core::gazetteer::{Builder, FORMAT_VERSION, Gazetteer, Place};
use zlato_core::text::fold;
use zlato_core_fuzz::{ADDRESSES, country, pieces};

fn place<'a>(country: &'a str, postal_code: &'a str, street: &'a str, locality: &'a str) -> Place<'a> {
    Place { country, locality, postal_code, street, ..Place::default() }
}

static LIST: LazyLock<Arc<Gazetteer>> = LazyLock::new(|| {
    let mut builder = Builder::new(&*ADDRESSES);
    for row in [
        Place { foreign_names: "Warsaw, Varšava", population: 1_860_000, ..place("PL", "00-001", "", "Warszawa") },
        place("PL", "00-590", "ul. Marszałkowska", "Warszawa"),
        place("PL", "00-175", "al. Jana Pawła II", "Warszawa"),
        place("PL", "59-300", "", "Lubin"),
        place("PL", "20-001", "", "Lublin"),
        place("PL", "90-001", "Piotrkowska", "Łódź"),
        place("RS", "11000", "Knez Mihailova", "Beograd"),
        place("RS", "21000", "", "Novi Sad"),
        place("SI", "1000", "Slovenska cesta", "Ljubljana"),
        place("SI", "6000", "", "Koper/Capodistria"),
        place("LV", "LV-1011", "Brīvības iela", "Rīga"),
    ] {
        builder.add(&row).expect("a place");
    }
    Arc::new(builder.finish(vec![]))
});

static WITH_LIST: LazyLock<Addresses> = LazyLock::new(|| ADDRESSES.clone().with_gazetteer(LIST.clone()));

fn look_up(list: &Gazetteer, country: &str, name: &str, code: &str, street: &str) {
    for found in list.find(country, name, Some(code)).iter().chain(&list.misspelt(country, name, None)) {
        assert!((0.0..=1.0).contains(&found.confidence), "{name:?} {code:?}");
        assert!(!found.locality.name().is_empty());
        list.fit(country, &found.locality, Some(code));
        found.locality.area(Some(code));
        for street in found.locality.find_street(&fold(street), Some(code)) {
            assert!((0.0..=1.0).contains(&street.confidence), "{street:?}");
        }
    }
    assert!(list.knows_code(country, code) || list.localities_of_code(country, code).is_empty());
    list.covers_code_area(country, code);
}

fuzz_target!(|data: &[u8]| {
    let (country, text) = country(data);
    let country = country.unwrap_or("");
    let [name, code, street, ..]: [&str; 6] = pieces(text.lines().next().unwrap_or(""));
    look_up(&LIST, country, name, code, street);

    let mut builder = Builder::new(&*ADDRESSES);
    for row in text.lines() {
        let [locality, postal_code, street, district, other_names, foreign_names] = pieces(row);
        let row = Place { district, other_names, foreign_names, ..place(country, postal_code, street, locality) };
        let _refused = builder.add(&row);
    }
    let list = builder.finish(vec![]);
    let bytes = list.to_bytes();
    assert!(Gazetteer::from_bytes(&bytes).is_ok_and(|read| read == list), "{text:?}");
    for row in text.lines() {
        let [locality, postal_code, street, ..]: [&str; 6] = pieces(row);
        look_up(&list, country, locality, postal_code, street);
    }
    for holding in list.holdings() {
        assert!(list.covers(&holding.country) && holding.names >= holding.localities, "{holding:?}");
    }

    // Whole by its hash, but hardly what a writer wrote.
    let mut forged = b"ZLATOGAZ".to_vec();
    forged.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
    forged.extend_from_slice(blake3::hash(data).as_bytes());
    forged.extend_from_slice(data);
    if let Ok(list) = Gazetteer::from_bytes(&forged) {
        look_up(&list, country, name, code, street);
    }
    assert!(Gazetteer::from_bytes(data).is_err());

    let input = AddressInput { address: Some(&text), ..AddressInput::default() };
    WITH_LIST.address(&input, Some(country).filter(|c| !c.is_empty()));
    let columns =
        AddressInput { street: Some(street), postal_code: Some(code), locality: Some(name), ..AddressInput::default() };
    WITH_LIST.address(&columns, Some(country).filter(|c| !c.is_empty()));
});
