//! Examples from the postal services, the labelled suite, and properties.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use proptest::prelude::*;

pub(super) fn addresses() -> &'static Addresses {
    static SHARED: std::sync::OnceLock<Addresses> = std::sync::OnceLock::new();
    SHARED.get_or_init(|| Addresses::new(&crate::rules::addresses::Addresses::default(), embedded_packs()))
}

pub(super) fn line<'a>(text: &'a str) -> AddressInput<'a> {
    AddressInput { address: Some(text), ..AddressInput::default() }
}

#[test]
fn shipped_packs_are_free_of_findings() {
    for (file, text) in shipped::FILES {
        let code = file.trim_start_matches("countries/").trim_end_matches(".toml").to_uppercase();
        assert_eq!(parse_pack(file, text).map(|p| p.code), Ok::<_, Vec<crate::rules::diagnostics::Diagnostic>>(code));
    }
    assert_eq!(embedded_packs().len(), shipped::FILES.len());
}

/// Parts by the names that the tables use.
fn part(a: &Address, name: &str) -> Option<String> {
    match name {
        "street" => a.street.clone(),
        "number" => a.house_number.clone(),
        "unit" => a.unit.clone(),
        "level" => a.level.clone(),
        "staircase" => a.staircase.clone(),
        "po_box" => a.po_box.clone(),
        "postal_code" => a.postal_code.clone(),
        "locality" => a.locality.clone(),
        "district" => a.district.clone(),
        "region" => a.region.clone(),
        "country" => a.country.clone(),
        "standard" => a.standard.clone(),
        "street_key" => a.street_key.clone(),
        "key" => a.address_key.clone(),
        "verdict" => Some(a.assessment.verdict.as_str().to_string()),
        "reason" => a.assessment.reason.map(str::to_string),
        other => panic!("unknown part {other}"),
    }
}

/// A table: input, tab, expectation, both either plain text or `part=value|part=value`.
/// The five main parts must agree, absent ones too; the others only where they are named.
fn hard_cases(country: &str, table: &str, floor: f64) {
    let addresses = addresses();
    let (mut total, mut wrong) = (0, Vec::new());
    for row in table.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let (input, expected) = row.split_once('\t').unwrap();
        let columns: BTreeMap<&str, &str> = if input.contains('=') {
            input.split('|').map(|c| c.split_once('=').unwrap()).collect()
        } else {
            BTreeMap::from([("address", input)])
        };
        let column = |name: &str| columns.get(name).copied();
        let given = AddressInput {
            address: column("address"),
            street_address: column("street_address"),
            street: column("street"),
            house_number: column("number"),
            unit: column("unit"),
            postal_code: column("postal_code"),
            locality: column("locality"),
            region: column("region"),
            country: column("country"),
        };
        let found = addresses.address(&given, Some(country));
        let expected: BTreeMap<&str, &str> =
            expected.split('|').filter(|e| !e.is_empty()).map(|c| c.split_once('=').unwrap()).collect();
        let main = ["street", "number", "unit", "postal_code", "locality"];
        if let Some(standard) = found.standard.as_ref().filter(|_| found.assessment.usable()) {
            let again = addresses.address(&line(standard), found.country.as_deref());
            if again.address_key != found.address_key || again.standard.as_ref() != Some(standard) {
                wrong.push(format!(
                    "{input}\n    {standard:?} gives {:?}, {:?} after {:?}",
                    again.standard, again.address_key, found.address_key
                ));
            }
        }
        let names = main.iter().chain(expected.keys().filter(|k| !main.contains(k)));
        let differences: Vec<String> = names
            .filter_map(|name| {
                let (want, have) = (expected.get(name).map(|v| v.to_string()), part(&found, name));
                (want != have).then(|| format!("{name}: wanted {want:?}, got {have:?}"))
            })
            .collect();
        total += 1;
        if !differences.is_empty() {
            wrong.push(format!("{input}\n    {}", differences.join("; ")));
        }
    }
    let rate = 1.0 - wrong.len() as f64 / f64::from(total);
    eprintln!("{country}: {total} hard cases, {rate:.3} right\n{}", wrong.join("\n"));
    assert!(total >= 40, "{country}: {total} cases");
    assert!(rate >= floor, "{country}: {rate}");
}

#[test]
fn hard_cases_of_poland() {
    hard_cases("PL", include_str!("testdata/pl.tsv"), 1.0);
}

#[test]
fn hard_cases_of_serbia() {
    hard_cases("RS", include_str!("testdata/rs.tsv"), 1.0);
}

#[test]
fn hard_cases_of_slovenia() {
    hard_cases("SI", include_str!("testdata/si.tsv"), 1.0);
}

#[test]
fn hard_cases_of_latvia() {
    hard_cases("LV", include_str!("testdata/lv.tsv"), 1.0);
}

#[test]
fn a_pack_is_read_with_all_its_findings() {
    let text = include_str!("../../../../rules/countries/si.toml");
    let broken =
        text.replace("roman_is_level", "roman_is_levl").replace("distinctive", "x").replacen("in_key", "in_kye", 1);
    let found = parse_pack("countries/si.toml", &broken).unwrap_err();
    assert_eq!(found.len(), 3);
    let found = &found[1..];
    assert_eq!(found[0].code, "rules::unknown_key");
    assert_eq!(found[0].help.as_deref(), Some("did you mean `in_key`?"));
    assert_eq!(found[1].help.as_deref(), Some("did you mean `roman_is_level`?"));
    assert!(found[0].line > 1 && found[0].column == 1);

    let found = parse_pack(
        "x.toml",
        &text.replace("'^(?:(?:SI|SLO)[- ]?)?(\\d{4})$'", "'(\\d{4}'").replace("{locality}", "{town}"),
    )
    .unwrap_err();
    assert!(found.iter().any(|d| d.code == "rules::pattern"), "{found:?}");
    assert!(found.iter().any(|d| d.code == "rules::template" && d.message.contains("{town}")), "{found:?}");
    let open = text.replace("{locality}", "{town");
    let found = parse_pack("x.toml", &open).unwrap_err();
    assert!(found.iter().all(|d| open.get(d.span.clone()).is_some_and(|t| t.contains("{town"))), "{found:?}");

    let found = parse_pack("x.toml", "code = ").unwrap_err();
    assert_eq!(found[0].code, "rules::toml");
}

/// Found by the fuzzer: a code behind nothing but a control sign.
#[test]
fn a_country_alone_is_no_address() {
    for text in ["\u{2}us\u{2}us", "us", "US US", "Polska", "- , Polska"] {
        let found = addresses().address(&AddressInput { address: Some(text), ..AddressInput::default() }, Some("US"));
        assert_eq!(found.street, None, "{text:?}");
    }
}

#[test]
fn countries_without_a_pack_keep_their_columns() {
    let given = AddressInput {
        street_address: Some("Kerkstraat 12"),
        postal_code: Some("10115"),
        locality: Some("Gent"),
        country: Some("Belgium"),
        ..AddressInput::default()
    };
    let found = addresses().address(&given, Some("PL"));
    assert_eq!(found.country.as_deref(), Some("BE"));
    assert_eq!((found.street.as_deref(), found.house_number.as_deref()), (Some("Kerkstraat"), Some("12")));
    assert_eq!((found.postal_code.as_deref(), found.locality_key.as_deref()), (Some("10115"), Some("gent")));
    assert_eq!(found.address_key.as_deref(), Some("kerkstraat 12 10115"));

    let given = AddressInput { country: Some("Atlantis"), locality: Some("Beograd"), ..AddressInput::default() };
    let found = addresses().address(&given, None);
    assert_eq!(found.assessment.reason, Some("unknown_country"));
}

#[test]
fn the_address_tells_its_country() {
    let addresses = addresses();
    let country = |text: &str, default: Option<&str>| addresses.address(&line(text), default).country;
    assert_eq!(country("Polna 12, 00-625 Warszawa", None).as_deref(), Some("PL"));
    assert_eq!(country("Polna 12, 00-625 Warszawa", Some("RS")).as_deref(), Some("PL"));
    assert_eq!(country("Brīvības iela 100-12, Rīga, LV-1011", Some("PL")).as_deref(), Some("LV"));
    assert_eq!(country("Нушићева 12, 11000 Београд", None).as_deref(), Some("RS"));
    assert_eq!(country("Slovenska cesta 54, 1000 Ljubljana", None).as_deref(), Some("SI"));
    assert_eq!(country("Slovenska cesta 54, Ljubljana, Słowenia", Some("PL")).as_deref(), Some("SI"));
}

#[test]
fn the_reference_of_packs_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/country-packs.md");
    let now = crate::rules::country_packs_reference();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), now, "run with UPDATE_DOCS=1");
    assert!(!now.contains("|  |\n"), "a key without a description");
}

#[test]
fn a_misspelt_street_type_is_corrected() {
    let found = addresses().address(&line("ulcia Polna 3, 00-625 Warszawa"), Some("PL"));
    assert_eq!((found.street.as_deref(), found.assessment.reason), (Some("Polna"), Some("street_type_spelling")));
    assert_eq!(found.assessment.verdict, Verdict::Corrected);
    let found = addresses().address(&line("Ilica 3, 10000 Zagreb"), Some("HR"));
    assert_eq!((found.street.as_deref(), found.assessment.verdict), (Some("Ilica"), Verdict::Valid));
}

#[test]
fn findings_come_with_a_suggestion() {
    let assessed = |text: &str| addresses().address(&line(text), Some("PL")).assessment;
    let shape = assessed("Szeroka 4, 87-10 Toruń");
    assert_eq!((shape.verdict, shape.reason), (Verdict::Suspect, Some("postal_code_shape")));
    let named = assessed("Polna 3, 00-625 Warsaw");
    assert_eq!(named.verdict, Verdict::Corrected);
    let column = AddressInput { postal_code: Some("87-1OO"), ..line("Szeroka 4, Toruń") };
    let illegible = addresses().address(&column, Some("PL")).assessment;
    assert_eq!(illegible.reason, Some("postal_code_shape"));
    assert_eq!(illegible.suggestion.as_deref(), Some("ul. Szeroka 4, 87-100 Toruń"));
    assert_eq!(assessed("brak").verdict, Verdict::Missing);
    assert_eq!(assessed("jan@example.com").verdict, Verdict::Invalid);
    assert_eq!(assessed("Polna 3, 00-625 Warszawa"), Assessment::VALID);
}

#[test]
fn every_reason_is_listed() {
    // Where codes are given; the list itself is in `reasons.rs`.
    let sources = concat!(
        include_str!("finish.rs"),
        include_str!("listed.rs"),
        include_str!("columns.rs"),
        include_str!("mod.rs")
    );
    for (code, explanation) in REASONS {
        assert!(sources.contains(&format!("\"{code}\"")), "{code} is never given");
        assert!(!explanation.is_empty());
    }
    let mut sorted = REASONS.to_vec();
    sorted.sort_unstable();
    assert_eq!(sorted, REASONS);
}

/// Latin letters of Serbian with their Cyrillic counterparts, for the test only.
fn cyrillic(text: &str) -> String {
    const PAIRS: [(&str, &str); 30] = [
        ("lj", "љ"),
        ("nj", "њ"),
        ("dž", "џ"),
        ("a", "а"),
        ("b", "б"),
        ("v", "в"),
        ("g", "г"),
        ("d", "д"),
        ("đ", "ђ"),
        ("e", "е"),
        ("ž", "ж"),
        ("z", "з"),
        ("i", "и"),
        ("j", "ј"),
        ("k", "к"),
        ("l", "л"),
        ("m", "м"),
        ("n", "н"),
        ("o", "о"),
        ("p", "п"),
        ("r", "р"),
        ("s", "с"),
        ("t", "т"),
        ("ć", "ћ"),
        ("u", "у"),
        ("f", "ф"),
        ("h", "х"),
        ("c", "ц"),
        ("č", "ч"),
        ("š", "ш"),
    ];
    PAIRS.iter().fold(text.to_lowercase(), |t, (latin, letter)| t.replace(latin, letter))
}

fn any_country() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![None, Some("PL"), Some("RS"), Some("SI"), Some("LV"), Some("DE")])
}

/// Words and punctuation that mean something to a pack, in any order.
fn word_salad() -> impl Strategy<Value = String> {
    let words = vec![
        "ul.",
        "Polna",
        "12",
        "12/34",
        "m.",
        "5",
        "00-590",
        "Warszawa",
        ",",
        "-",
        "/",
        "\"",
        "(",
        ")",
        "LV-1011",
        "Rīga",
        "iela",
        "k-1",
        "100-12",
        "II",
        "stan",
        "bb",
        "11000",
        "Београд",
        "nad",
        "1000",
        "Ljubljana",
        "c/o",
        "a/k",
        "p.p.",
        "novads",
        "pagasts",
        "woj.",
        "3.",
        "sprat",
        "\0",
        "\u{301}",
        "ß",
        "maja",
        "PL",
        "al.",
        "ciems",
        "кв.",
        "\n",
        "1/2",
        "a",
        "I",
        ".",
        "nr",
        "pak",
        "105104",
    ];
    prop::collection::vec(prop::sample::select(words), 0..12).prop_map(|w| w.join(" "))
}

/// Well-formed Serbian addresses in Latin script.
fn serbian() -> impl Strategy<Value = String> {
    let select = |items: &[&'static str]| prop::sample::select(items.to_vec());
    let street = select(&["Nušićeva", "Bulevar kralja Aleksandra", "ul. 8. marta", "Trg republike", "Ljubice Lukić"]);
    let number = select(&["73", "73/II", "bb", "12a", "12-14", "73/3/15"]);
    let flat = select(&["", " stan 5", ", II sprat, stan 5", " ulaz 3 stan 5", ", prizemlje"]);
    let place = select(&["11000 Beograd", "21000 Novi Sad", "Kikinda"]);
    (street, number, flat, place).prop_map(|(s, n, u, c)| format!("{s} {n}{u}, {c}"))
}

/// Well-formed addresses of a country: street, number with details, code, town.
fn well_formed() -> impl Strategy<Value = (&'static str, String)> {
    let select = |items: &[&'static str]| prop::sample::select(items.to_vec());
    let pl = (
        select(&["ul. Polna", "al. Solidarności", "pl. Wolności", "ul. 3 Maja", "Wola", "os. Tysiąclecia"]),
        select(&["12", "12a", "10/12", "12/34", "8 1/2"]),
        select(&["", " m. 5", " lok. 2A", " kl. B m. 7", ", III piętro, lok. 4", " p. 2"]),
        select(&["00-590 Warszawa", "05-123 Wola", "34-470 Czarny Dunajec"]),
    )
        .prop_map(|(s, n, u, c)| ("PL", format!("{s} {n}{u}, {c}")));
    let rs = serbian().prop_map(|text| ("RS", text));
    let si = (
        select(&["Slovenska c.", "Ulica heroja Tomšiča", "Puconci", "Trg republike", "Ul. 1. maja"]),
        select(&["54", "3a", "54/III", "12/3"]),
        select(&["", " stan 12", ", 3. nadstropje", ", vhod B"]),
        select(&["1000 Ljubljana", "6000 Koper - Capodistria", "9201 Puconci"]),
    )
        .prop_map(|(s, n, u, c)| ("SI", format!("{s} {n}{u}, {c}")));
    let lv = (
        select(&["Brīvības iela", "Brīvības gatve", "Lāčplēša", "Imantas 8. līnija", "18. novembra iela"]),
        select(&["100", "100-12", "214 k-1", "214 k-1-17", "100/102-3", "5a"]),
        select(&["", ", 3. stāvs", " ieeja 2"]),
        select(&["Rīga, LV-1011", "Zaļenieki, Zaļenieku pag., Jelgavas nov., LV-3011", "Cēsis LV-4101"]),
    )
        .prop_map(|(s, n, u, c)| ("LV", format!("{s} {n}{u}, {c}")));
    prop_oneof![pl, rs, si, lv]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_panics(text in any::<String>(), salad in word_salad(), country in any_country()) {
        let addresses = addresses();
        for t in [&text, &salad] {
            addresses.address(&line(t), country);
            let columns = AddressInput {
                street_address: Some(t), house_number: Some(t), unit: Some(&salad), postal_code: Some(t), locality: Some(t), region: Some(t), country: Some(t), ..AddressInput::default()
            };
            addresses.address(&columns, country);
            addresses.address(&AddressInput { street: Some(t), house_number: Some(&salad), ..AddressInput::default() }, country);
        }
    }

    #[test]
    fn cleaning_twice_changes_nothing(text in any::<String>(), salad in word_salad()) {
        for t in [&text, &salad] {
            let once = token::clean(t);
            prop_assert_eq!(&token::clean(&once), &once);
        }
    }

    #[test]
    fn capitals_and_missing_diacritics_do_not_change_the_key((country, text) in well_formed()) {
        let key = |t: &str| addresses().address(&line(t), Some(country)).address_key;
        let plain = deunicode::deunicode(&text);
        prop_assert_eq!(key(&text), key(&text.to_uppercase()), "{}", text.to_uppercase());
        prop_assert_eq!(key(&text), key(&plain), "{}", plain);
        prop_assert_eq!(key(&text), key(&plain.to_lowercase()), "{}", plain.to_lowercase());
    }

    #[test]
    fn the_standard_form_parses_to_itself((country, text) in well_formed()) {
        let addresses = addresses();
        let once = addresses.address(&line(&text), Some(country));
        let standard = once.standard.clone().unwrap();
        let twice = addresses.address(&line(&standard), Some(country));
        prop_assert_eq!(&once.address_key, &twice.address_key, "{} -> {}", text, standard);
        prop_assert_eq!(Some(&standard), twice.standard.as_ref(), "{}", text);
        let parts = |a: &Address| {
            [&a.street, &a.house_number, &a.unit, &a.level, &a.staircase, &a.postal_code, &a.locality].map(Clone::clone)
        };
        prop_assert_eq!(parts(&once), parts(&twice), "{} -> {}", text, standard);
        prop_assert!(once.street.is_some() && once.house_number.is_some() && once.locality.is_some());
    }

    #[test]
    fn case_and_script_do_not_change_the_key(text in serbian()) {
        let key = |t: &str| addresses().address(&line(t), Some("RS")).address_key;
        // Roman numerals stay Latin in Cyrillic texts.
        let word = |w: &str| if w.contains('I') { w.to_string() } else { cyrillic(w) };
        let other = text.split(' ').map(word).collect::<Vec<_>>().join(" ");
        prop_assert_eq!(key(&text), key(&other), "{}", other);
        prop_assert_eq!(key(&text), key(&other.to_uppercase()), "{}", other.to_uppercase());
        prop_assert_eq!(key(&text), key(&text.to_uppercase()), "{}", text.to_uppercase());
    }
}
