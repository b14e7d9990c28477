//! Examples, the oracle's answers and properties of national ids.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_spanned::Spanned;

use crate::contacts::Contacts;
use crate::rules;
use crate::value::Verdict;

fn contacts() -> Contacts {
    Contacts::new(&rules::contacts::Contacts::default())
}

fn only(scheme: &str) -> Contacts {
    let mut rules = rules::contacts::Contacts::default();
    rules.national_id.schemes = vec![Spanned::new(0..0, scheme.to_owned())];
    Contacts::new(&rules)
}

#[test]
fn ids_tell_birth_date_and_sex() {
    for (raw, country, scheme, compact, born, sex) in [
        ("44051401359", Some("PL"), "pl-pesel", "44051401359", Some("1944-05-14"), Some("male")),
        ("440514-01359", None, "pl-pesel", "44051401359", Some("1944-05-14"), Some("male")),
        ("0101006500006", Some("SI"), "si-emso", "0101006500006", Some("2006-01-01"), Some("male")),
        ("0101006500006", None, "si-emso", "0101006500006", Some("2006-01-01"), Some("male")),
        ("0101006500006", Some("RS"), "rs-jmbg", "0101006500006", Some("2006-01-01"), Some("male")),
        ("161175-19997", Some("LV"), "lv-personas-kods", "16117519997", Some("1975-11-16"), None),
        ("PL 856-734-62-15", Some("PL"), "pl-nip", "8567346215", None, None),
        ("101134702", Some("RS"), "rs-pib", "101134702", None, None),
        ("SI 50223054", Some("SI"), "si-davcna", "50223054", None, None),
        ("SI50223054", None, "si-davcna", "50223054", None, None),
        ("LV 4000 3521 600", Some("LV"), "lv-pvn", "40003521600", None, None),
    ] {
        let id = contacts().national_id(raw, country);
        assert_eq!(id.scheme, Some(scheme), "{raw}: {:?}", id.assessment);
        assert_eq!(id.standard.as_deref(), Some(compact), "{raw}");
        assert_eq!(id.birth_date.as_deref(), born, "{raw}");
        assert_eq!(id.sex, sex, "{raw}");
        assert_eq!(id.assessment.verdict, Verdict::Valid, "{raw}");
    }
}

#[test]
fn ids_of_other_countries_are_read() {
    for (raw, country, scheme, born, sex) in [
        ("0101006100008", Some("BA"), "ba-jmbg", Some("2006-01-01"), Some("male")),
        ("69435151530", Some("HR"), "hr-oib", None, None),
        ("38703181745", Some("LT"), "lt-asmens-kodas", Some("1987-03-18"), Some("male")),
        ("37605030299", Some("EE"), "ee-isikukood", Some("1976-05-03"), Some("male")),
        ("710319/2745", Some("CZ"), "cz-rodne-cislo", Some("1971-03-19"), Some("male")),
        ("7103192745", Some("SK"), "sk-rodne-cislo", Some("1971-03-19"), Some("male")),
        ("CZ25123891", Some("CZ"), "cz-dic", None, None),
        ("SK2022749619", Some("SK"), "sk-ic-dph", None, None),
        ("HU12892312", Some("HU"), "hu-adoszam", None, None),
        ("12892312-2-41", Some("HU"), "hu-adoszam", None, None),
        ("8350632151", Some("HU"), "hu-adoazonosito", Some("1963-01-01"), None),
        ("1 850715 1006", Some("HU"), "hu-szemelyi", Some("1985-07-15"), Some("male")),
        ("36574261809", Some("DE"), "de-idnr", None, None),
        ("DE 136 695 976", Some("DE"), "de-ustid", None, None),
        ("ATU13585627", Some("AT"), "at-uid", None, None),
        ("BE0403.019.261", Some("BE"), "be-vat", None, None),
        ("7523169263", Some("BG"), "bg-egn", Some("1875-03-16"), Some("male")),
        ("1630615123457", Some("RO"), "ro-cnp", Some("1963-06-15"), Some("male")),
        ("536-90-4399", Some("US"), "us-ssn", None, None),
        ("91-1144442", Some("US"), "us-ein", None, None),
    ] {
        let id = contacts().national_id(raw, country);
        assert_eq!(id.scheme, Some(scheme), "{raw}: {:?}", id.assessment);
        assert_eq!((id.birth_date.as_deref(), id.sex), (born, sex), "{raw}");
        assert_eq!(id.assessment.verdict, Verdict::Valid, "{raw}: {:?}", id.assessment);
        let again = contacts().national_id(id.standard.as_deref().unwrap(), country);
        assert_eq!(again.scheme, id.scheme, "{raw}");
    }
}

/// One number, built alike in six countries: the region tells which, unless the record does.
#[test]
fn yugoslav_numbers_are_told_by_their_region() {
    for (raw, scheme) in [
        ("0101006500006", "si-emso"),
        ("0101006100008", "ba-jmbg"),
        ("0101006710000", "rs-jmbg"),
        ("0101006330003", "hr-jmbg"),
    ] {
        assert_eq!(contacts().national_id(raw, None).scheme, Some(scheme), "{raw}");
        assert_eq!(contacts().national_id(raw, Some("RS")).scheme, Some("rs-jmbg"), "{raw}");
        let abroad = contacts().national_id(raw, Some("PL"));
        assert_eq!((abroad.scheme, abroad.assessment.reason), (Some(scheme), Some("other_country")), "{raw}");
        assert_eq!(only("si-emso").national_id(raw, None).scheme, Some("si-emso"), "{raw}");
    }
}

#[test]
fn labels_choose_the_scheme() {
    for (raw, scheme) in [
        ("PESEL: 44051401359", "pl-pesel"),
        ("NIP 856-734-62-15", "pl-nip"),
        ("OIB 69435151530", "hr-oib"),
        ("jmbg 0101006710000", "rs-jmbg"),
    ] {
        let id = contacts().national_id(raw, None);
        assert_eq!(id.scheme, Some(scheme), "{raw}: {:?}", id.assessment);
        assert_eq!((id.assessment.verdict, id.assessment.reason), (Verdict::Corrected, Some("label_removed")), "{raw}");
    }
    assert_eq!(contacts().national_id("REGON 44051401359", None).assessment.verdict, Verdict::Invalid);
}

#[test]
fn schemes_have_one_name_and_known_ones_beside_it() {
    let names: Vec<_> = super::scheme_names().collect();
    for name in &names {
        assert_eq!(super::scheme_named(name), Some(*name));
        assert_eq!(names.iter().filter(|n| *n == name).count(), 1, "{name}");
        assert_eq!(super::country_of(name).map(str::to_lowercase).as_deref(), name.get(..2));
    }
    assert_eq!(super::scheme_named("cz/rc"), Some("cz-rodne-cislo"));
    assert_eq!(super::scheme_named("SI_DDV"), Some("si-davcna"));
}

#[test]
fn wrong_ids_say_why() {
    for (raw, country, verdict, reason) in [
        ("44051401358", Some("PL"), Verdict::Invalid, "checksum"),
        ("44991401359", Some("PL"), Verdict::Invalid, "birth_date"),
        ("4405140135", Some("LV"), Verdict::Invalid, "length"),
        ("ABC", Some("PL"), Verdict::Invalid, "format"),
        ("PIB00000000", None, Verdict::Missing, "placeholder"),
        ("00000000000", Some("PL"), Verdict::Missing, "placeholder"),
        ("brak", Some("PL"), Verdict::Missing, "placeholder"),
        ("0101006500006", Some("PL"), Verdict::Suspect, "other_country"),
        ("756.9217.0769.85", Some("CH"), Verdict::Suspect, "unchecked"),
    ] {
        let id = contacts().national_id(raw, country);
        assert_eq!((id.assessment.verdict, id.assessment.reason), (verdict, Some(reason)), "{raw}");
    }
}

#[test]
fn misread_letters_and_a_lost_zero_are_suggested() {
    for (raw, country, suggestion) in [
        ("44O51401359", "PL", Some("44051401359")),
        ("2070803628", "PL", Some("02070803628")),
        ("101006500006", "SI", Some("0101006500006")),
        ("44X51401359", "PL", None),
        ("44051401358", "PL", None),
        ("4405140135", "PL", None),
    ] {
        let id = contacts().national_id(raw, Some(country));
        assert_eq!(
            (id.assessment.verdict, id.assessment.suggestion.as_deref()),
            (Verdict::Invalid, suggestion),
            "{raw}"
        );
        assert_eq!(id.standard, None, "{raw}");
    }
}

#[test]
fn new_latvian_codes_are_accepted_without_a_birth_date() {
    let id = contacts().national_id("327654-32101", Some("LV"));
    assert_eq!(id.scheme, Some("lv-personas-kods"));
    assert_eq!(id.birth_date, None);
    assert!(id.assessment.usable());
}

/// Agreement with python-stdnum on made-up numbers: valid here exactly when valid there.
#[test]
fn agrees_with_the_oracle() {
    let path = std::env::var("ZLATO_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_owned());
    let Ok(table) = std::fs::read_to_string(format!("{path}/contact/stdnum_oracle_108k.tsv")) else {
        eprintln!("skipped: no stdnum_oracle_108k.tsv under {path}");
        return;
    };
    let mut failed = Vec::new();
    for (oracle, ours) in [
        ("pl/pesel", "pl-pesel"),
        ("pl/nip", "pl-nip"),
        ("pl/regon", "pl-regon"),
        ("si/jmbg", "rs-jmbg"),
        ("si/emso", "si-emso"),
        ("si/ddv", "si-davcna"),
        ("rs/pib", "rs-pib"),
        ("lv/pvn", "lv-pvn"),
        ("at/uid", "at-uid"),
        ("be/vat", "be-vat"),
        ("bg/egn", "bg-egn"),
        ("cz/dic", "cz-dic"),
        ("cz/rc", "cz-rodne-cislo"),
        ("de/idnr", "de-idnr"),
        ("de/vat", "de-ustid"),
        ("ee/ik", "ee-isikukood"),
        ("ee/kmkr", "ee-kmkr"),
        ("fr/nir", "fr-nir"),
        ("gb/vat", "gb-vat"),
        ("hr/oib", "hr-oib"),
        ("hu/anum", "hu-adoszam"),
        ("it/iva", "it-iva"),
        ("lt/asmens", "lt-asmens-kodas"),
        ("lt/pvm", "lt-pvm"),
        ("me/pib", "me-pib"),
        ("mk/edb", "mk-edb"),
        ("nl/bsn", "nl-bsn"),
        ("pt/nif", "pt-nif"),
        ("ro/cnp", "ro-cnp"),
        ("ro/cui", "ro-cui"),
        ("se/personnummer", "se-personnummer"),
        ("se/vat", "se-vat"),
        ("sk/rc", "sk-rodne-cislo"),
        ("us/ssn", "us-ssn"),
        ("us/ein", "us-ein"),
    ] {
        let (contacts, persons) = (only(ours), only("lv-personas-kods"));
        let (mut seen, mut wrong) = (0u32, Vec::new());
        for line in table.lines() {
            let fields: Vec<_> = line.split('\t').collect();
            let [scheme, raw, valid, ..] = fields.as_slice() else {
                continue;
            };
            if *scheme != oracle {
                continue;
            }
            seen += 1;
            let mut accepted = contacts.national_id(raw, None).assessment.verdict == Verdict::Valid;
            if oracle == "lv/pvn" && raw.trim_start_matches("LV").starts_with(['0', '1', '2', '3']) {
                accepted = persons.national_id(raw.trim_start_matches("LV"), None).assessment.verdict == Verdict::Valid;
            }
            if accepted != (*valid == "1") {
                wrong.push(format!("{raw} oracle {valid}"));
            }
        }
        eprintln!("{oracle}: {} of {seen} agree", seen as usize - wrong.len());
        assert!(seen > 1000, "{oracle}");
        if !wrong.is_empty() {
            failed.push(format!("{oracle}: {} {:?}", wrong.len(), wrong.iter().take(8).collect::<Vec<_>>()));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

proptest! {
    #[test]
    fn total_and_idempotent(raw in ".*|[0-9]{8,14}|[0-9]{6}-[0-9]{5}", country in prop::sample::select(vec![None, Some("PL"), Some("RS"), Some("SI"), Some("LV"), Some("DE")])) {
        let contacts = contacts();
        let once = contacts.national_id(&raw, country);
        if let Some(standard) = &once.standard {
            let again = contacts.national_id(standard, country);
            prop_assert_eq!(&again.standard, &once.standard);
            // Without a country the hyphen of a written id may be all that tells Latvia, and with it what to believe.
            if country.is_some() {
                prop_assert_eq!(&again, &once);
            }
        }
    }
}

#[test]
fn signs_between_repeated_digits_do_not_make_an_id_of_them() {
    for raw in ["9999", "9.9.9.9", "\u{1}9999\u{1}:\u{11}", "9999/9999"] {
        let id = contacts().national_id(raw, None);
        assert_eq!(id.standard, None, "{raw:?}: {:?}", id.assessment);
    }
}
