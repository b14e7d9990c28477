//! Round trips, look-ups, properties, and the precision of corrections on real lists (skipped where absent).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::addresses::{Addresses, embedded_packs};
use crate::text::fold;
use proptest::prelude::*;

fn conventions() -> &'static Addresses {
    static SHARED: std::sync::OnceLock<Addresses> = std::sync::OnceLock::new();
    SHARED.get_or_init(|| Addresses::new(&crate::rules::addresses::Addresses::default(), embedded_packs()))
}

fn place<'a>(country: &'a str, code: &'a str, locality: &'a str) -> Place<'a> {
    Place { country, locality, postal_code: code, ..Place::default() }
}

fn built(places: &[Place<'_>]) -> Gazetteer {
    let mut builder = Builder::new(conventions());
    for place in places {
        builder.add(place).unwrap();
    }
    builder.finish(vec![])
}

fn poland() -> Gazetteer {
    let street = |street, code, locality| Place { street, region: "mazowieckie", ..place("PL", code, locality) };
    built(&[
        Place { foreign_names: "Warsaw, Varšava", population: 1_860_000, ..place("PL", "00001", "Warszawa") },
        street("ul. Marszałkowska", "00-590", "Warszawa"),
        street("Marszałkowska", "00-624", "Warszawa"),
        street("al. Jana Pawła II", "00-175", "Warszawa"),
        Place { district: "gm. Wiązowna", region: "mazowieckie", ..place("PL", "05-462", "Wiązowna") },
        place("PL", "59-300", "Lubin"),
        place("PL", "20-001", "Lublin"),
        place("PL", "90-001", "Łódź"),
        place("PL", "34-470", "Czarny Dunajec"),
        place("PL", "33-100", "Tarnów"),
        place("PL", "08-470", "Tarnow"),
        place("SI", "1000", "Ljubljana - dostava"),
        place("SI", "6000", "Koper/Capodistria"),
    ])
}

#[test]
fn names_are_found_as_people_write_them() {
    let g = poland();
    let best = |name: &str, code: Option<&str>| {
        let found = g.find("PL", name, code);
        found.first().map(|f| (f.locality.name(), f.how, f.code, f.confidence))
    };
    let same = |found: Option<(&str, How, CodeFit, f64)>, name: &str, how: How, code: CodeFit| {
        assert_eq!(found.map(|f| (f.0, f.1, f.2)), Some((name, how, code)));
        found.unwrap().3
    };
    assert_eq!(same(best("WARSZAWA", None), "Warszawa", How::Exact, CodeFit::Unknown), 1.0);
    assert_eq!(same(best("Lodz", Some("90-001")), "Łódź", How::Exact, CodeFit::Agrees), 1.0);
    assert!(same(best("Varšava", Some("00-001")), "Warszawa", How::Foreign, CodeFit::Agrees) > CORRECT_FROM);
    assert!(same(best("Wraszawa", Some("00-590")), "Warszawa", How::Near(1), CodeFit::Agrees) > CORRECT_FROM);
    assert!(same(best("Wraszawa", None), "Warszawa", How::Near(1), CodeFit::Unknown) < CORRECT_FROM);
    assert!(same(best("Czarny Dun.", None), "Czarny Dunajec", How::Abbreviated, CodeFit::Unknown) < CORRECT_FROM);
    assert!(same(best("Cz. Dunajec", Some("34-470")), "Czarny Dunajec", How::Abbreviated, CodeFit::Agrees) > 0.9);
    // Between two towns a letter apart, the code decides; without one neither is sure.
    assert!(same(best("Lulbin", Some("20-001")), "Lublin", How::Near(1), CodeFit::Agrees) > CORRECT_FROM);
    assert!(same(best("Lulbin", Some("59-300")), "Lubin", How::Near(1), CodeFit::Agrees) > CORRECT_FROM);
    assert!(best("Lulbin", None).unwrap().3 < SUGGEST_FROM);
    // A town that exists is never a misspelling of another.
    assert_eq!(same(best("Lubin", None), "Lubin", How::Exact, CodeFit::Unknown), 1.0);
    assert!(same(best("Lubin", Some("20-001")), "Lubin", How::Exact, CodeFit::Disagrees) < SUGGEST_FROM);
    assert_eq!(g.misspelt("PL", "Lubin", Some("20-001")).first().map(|f| f.locality.name()), Some("Lublin"));
    // Two towns told apart by their diacritics.
    assert_eq!(best("Tarnow", None).unwrap().0, "Tarnow");
    assert_eq!(best("Tarnow", Some("33-100")).unwrap().0, "Tarnów");
    assert_eq!(best("", None), None);
    assert_eq!(best("Xyzxyzxyz", None), None);
    assert_eq!(g.find("SI", "Capodistria", None)[0].how, How::Other);
    assert_eq!(g.find("SI", "Warszawa", None).len(), 0);
    assert_eq!(g.find("", "Warszawa", None).len(), 0);
}

#[test]
fn codes_and_streets_are_found_both_ways() {
    let g = poland();
    let towns = |code: &str| g.localities_of_code("PL", code).iter().map(|(l, _)| l.name()).collect::<Vec<_>>();
    assert_eq!(towns("00-590"), ["Warszawa"]);
    assert_eq!(towns("99-999"), Vec::<&str>::new());
    let warsaw = g.find("PL", "Warszawa", None)[0].locality;
    assert_eq!(warsaw.codes(), ["00-001", "00-175", "00-590", "00-624"]);
    assert_eq!(warsaw.population(), 1_860_000);
    let street = |key: &str, code: Option<&str>| {
        warsaw.find_street(key, code).first().map(|s| (s.name, s.codes.clone(), s.how, s.code, s.confidence))
    };
    let found = street("marszalkowska", Some("00-624")).unwrap();
    assert_eq!((found.0, found.1, found.3), ("Marszałkowska", vec!["00-590", "00-624"], CodeFit::Agrees));
    assert_eq!(street("marszalkowska", Some("00-175")).unwrap().3, CodeFit::Disagrees);
    let found = street("marszalkowksa", Some("00-590")).unwrap();
    assert!(found.2 == How::Near(1) && found.4 > CORRECT_FROM);
    assert_eq!(street("jana pawla ii", None).map(|s| s.0), Some("Aleja Jana Pawła II"));
    assert_eq!(street("polna", None), None);
    assert_eq!(g.find("PL", "Wiązowna", None)[0].locality.area(None), (Some("Wiązowna"), Some("mazowieckie")));
    assert!(g.knows_code("PL", "00-001") && !g.knows_code("PL", "00-002"));
    assert!(g.covers_code_area("PL", "00-002") && !g.covers_code_area("PL", "77-002"));
    assert!(g.covers("SI") && !g.covers("LV"));
    let held = g.holdings();
    assert_eq!(held.iter().map(|h| h.country.as_str()).collect::<Vec<_>>(), ["PL", "SI"]);
    assert_eq!((held[0].localities, held[0].streets, held[1].names), (8, 2, 3));
}

#[test]
fn rows_that_say_nothing_are_refused() {
    let mut builder = Builder::new(conventions());
    assert_eq!(builder.add(&place("", "00-001", "Warszawa")), Err(Refused::Country));
    assert_eq!(builder.add(&place("PL", "00-001", "12")), Err(Refused::Locality));
    assert_eq!(builder.add(&place("PL", "1", "Warszawa")), Err(Refused::PostalCode));
    let g = builder.finish(vec![]);
    assert_eq!(g.find("PL", "Warszawa", None)[0].locality.codes(), Vec::<&str>::new());
}

#[test]
fn what_is_not_a_gazetteer_is_told() {
    let bytes = poland().to_bytes();
    assert_eq!(Gazetteer::from_bytes(&bytes).unwrap(), poland());
    assert_eq!(Gazetteer::from_bytes(b"PAR1"), Err(Unreadable::NotAGazetteer));
    assert_eq!(Gazetteer::from_bytes(&bytes[..bytes.len() - 1]), Err(Unreadable::Damaged));
    let mut newer = bytes.clone();
    newer[8] = 9;
    assert_eq!(Gazetteer::from_bytes(&newer), Err(Unreadable::Version { found: 9 }));
    let mut flipped = bytes;
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(Gazetteer::from_bytes(&flipped), Err(Unreadable::Damaged));
}

/// Rows of a list: names with and without diacritics, codes, streets.
fn rows() -> impl Strategy<Value = Vec<[String; 5]>> {
    let row = (
        prop::sample::select(vec!["PL", "RS", "LV", "DE"]),
        "[A-ZŁŚČа-я]?[a-złśčā ]{0,9}( \\([a-z]{1,4}\\)|/[A-Z][a-z]{2,4})?",
        "([0-9]{4,5}|[0-9]{2}-[0-9]{3})?",
        "(ul\\. |iela )?[A-ZŁa-zł]{0,8}",
        "[A-Zł]?[a-zł]{0,5}",
    );
    let row = row.prop_map(|(c, l, p, s, d)| [c.to_string(), l, p, s, d]);
    prop::collection::vec(row, 0..40)
}

fn of_rows(rows: &[[String; 5]]) -> Gazetteer {
    let mut builder = Builder::new(conventions());
    for [country, locality, postal_code, street, district] in rows {
        let other_names = if street.len() > 3 { street } else { "" };
        let _ =
            builder.add(&Place { country, locality, postal_code, street, district, other_names, ..Place::default() });
    }
    builder.finish(vec![])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_order_of_rows_does_not_change_a_byte(rows in rows(), seed in any::<usize>()) {
        let bytes = of_rows(&rows).to_bytes();
        let mut other = rows.clone();
        if !other.is_empty() {
            let at = seed % other.len();
            other.rotate_left(at);
            other.reverse();
        }
        prop_assert_eq!(&bytes, &of_rows(&other).to_bytes());
        prop_assert_eq!(bytes.clone(), Gazetteer::from_bytes(&bytes).unwrap().to_bytes());
    }

    #[test]
    fn every_imported_name_code_and_street_is_found(rows in rows()) {
        let g = of_rows(&rows);
        let c = conventions();
        for [country, locality, code, street, _] in &rows {
            let Some((name, _)) = names::place(country, locality).filter(|(n, _)| !fold(n).is_empty()) else { continue };
            let code = c.postal_code(country, code);
            let found = g.find(country, &name, code.as_deref());
            prop_assert!(found.iter().any(|f| f.locality.name() == name && f.how == How::Exact), "{name}: {found:?}");
            let best = found.iter().find(|f| f.locality.name() == name).unwrap();
            prop_assert!((0.0..=1.0).contains(&best.confidence));
            if let Some(code) = &code {
                prop_assert!(g.knows_code(country, code) && best.code == CodeFit::Agrees);
                prop_assert!(g.localities_of_code(country, code).iter().any(|(l, _)| l.name() == name));
            }
            if let Some((_, key)) = names::plain(country, street).and_then(|s| c.street(country, &s)) {
                let streets = best.locality.find_street(&key, code.as_deref());
                prop_assert!(streets.iter().any(|s| s.key == key && s.how == How::Exact));
                prop_assert!(!best.locality.street(&key).is_empty());
            }
        }
    }

    #[test]
    fn junk_neither_panics_nor_passes(name in any::<String>(), code in any::<String>(), bytes in any::<Vec<u8>>()) {
        let g = poland();
        for found in g.find("PL", &name, Some(&code)).iter().chain(&g.misspelt(&code, &name, None)) {
            prop_assert!((0.0..=1.0).contains(&found.confidence));
            found.locality.find_street(&fold(&code), Some(&name));
        }
        g.localities_of_code(&name, &code);
        g.covers_code_area("PL", &code);
        prop_assert!(Gazetteer::from_bytes(&bytes).is_err());
        // Whole by its hash, but not written by us.
        let mut forged = b"ZLATOGAZ".to_vec();
        forged.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        forged.extend_from_slice(blake3::hash(&bytes).as_bytes());
        forged.extend_from_slice(&bytes);
        prop_assert!(Gazetteer::from_bytes(&forged).is_err());
    }
}

/// Rows of the GeoNames postal file of a country: code, name, region, district.
fn geonames(country: &str) -> Option<Vec<[String; 4]>> {
    let folder = std::env::var("ZLATO_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_string());
    let Ok(text) = std::fs::read_to_string(format!("{folder}/places/geonames_postal_{country}.txt")) else {
        eprintln!("skipped: no data in ZLATO_DATA");
        return None;
    };
    let row = |line: &str| {
        let c: Vec<&str> = line.split('\t').collect();
        [c[1], c[2], c[3], c[5]].map(String::from)
    };
    Some(text.lines().map(row).collect())
}

fn of_geonames<'r>(country: &str, rows: impl Iterator<Item = &'r [String; 4]>) -> Gazetteer {
    let mut builder = Builder::new(conventions());
    for [code, locality, region, district] in rows {
        let _ = builder.add(&Place { country, locality, postal_code: code, region, district, ..Place::default() });
    }
    builder.finish(vec![])
}

/// A typing mistake of each of Damerau's four kinds, placed by the number.
fn mistyped(word: &str, number: usize) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = number * 7 % letters.len();
    match number % 4 {
        0 => letters[at] = char::from(b'a' + (number % 26) as u8),
        1 => drop(letters.remove(at)),
        2 => letters.insert(at, char::from(b'a' + (number % 26) as u8)),
        _ => {
            let at = at.min(letters.len().saturating_sub(2));
            letters.swap(at, (at + 1).min(word.chars().count() - 1));
        }
    }
    letters.into_iter().collect()
}

/// What corrections are worth: of mistyped names (of four letters and more, the mistake not giving another listed
/// name), how many are corrected, and how many of the corrections are right; and of names that the list does not
/// have, how many are "corrected" all the same.
#[test]
fn corrections_on_real_lists_are_right() {
    for country in ["LV", "RS", "SI"] {
        let Some(rows) = geonames(country) else { return };
        let g = of_geonames(country, rows.iter());
        let bytes = g.to_bytes();
        assert_eq!(Gazetteer::from_bytes(&bytes).as_ref(), Ok(&g));
        eprintln!("{country}: {} rows, {} bytes, {:?}", rows.len(), bytes.len(), g.holdings());
        for with_code in [true, false] {
            let (mut tried, mut corrected, mut right, mut offered) = (0_u32, 0_u32, 0_u32, 0_u32);
            for (number, [code, name, ..]) in rows.iter().enumerate().filter(|(n, _)| n % 3 == 0) {
                let Some((name, _)) = names::place(country, name).filter(|(n, _)| n.chars().count() > 3) else {
                    continue;
                };
                let text = mistyped(&name, number);
                let code = conventions().postal_code(country, code).filter(|_| with_code);
                if fold(&text) == fold(&name) || g.find(country, &text, None).iter().any(|f| f.how == How::Exact) {
                    continue;
                }
                tried += 1;
                let found = g.find(country, &text, code.as_deref());
                let Some(best) = found.first() else { continue };
                offered += u32::from(best.confidence >= SUGGEST_FROM);
                if best.confidence >= CORRECT_FROM {
                    corrected += 1;
                    right += u32::from(best.locality.name() == name);
                }
            }
            let share = |a: u32, b: u32| f64::from(a) / f64::from(b.max(1));
            eprintln!(
                "{country} code {with_code}: {tried} mistyped, offered {:.3}, corrected {:.3}, right {:.4}",
                share(offered, tried),
                share(corrected, tried),
                share(right, corrected)
            );
            assert!(share(right, corrected) >= 0.99, "{country} {with_code}");
            assert!(!with_code || share(corrected, tried) >= 0.75, "{country}: {corrected} of {tried}");
        }
        // An eighth of the names is left out of the list.
        let own = |row: &[String; 4]| names::place(country, &row[1]).map(|(own, _)| own);
        let left_out =
            |row: &&[String; 4]| own(row).is_some_and(|n| blake3::hash(fold(&n).as_bytes()).as_bytes()[0] < 32);
        let without = of_geonames(country, rows.iter().filter(|r| !left_out(r)));
        let (mut tried, mut wrong) = (0_u32, 0_u32);
        for row in rows.iter().filter(left_out) {
            let (own, code) = (own(row).unwrap(), conventions().postal_code(country, &row[0]));
            tried += 1;
            let found = without.find(country, &own, code.as_deref());
            if let Some(best) = found.first().filter(|b| b.confidence >= CORRECT_FROM) {
                wrong += 1;
                eprintln!("  {country}: {own}, not listed, would become {} ({:?})", best.locality.name(), best.how);
            }
        }
        eprintln!("{country}: {wrong} of {tried} places missing from the list would be changed");
        assert!(f64::from(wrong) <= 0.045 * f64::from(tried), "{country}: {wrong} of {tried}");
    }
}
