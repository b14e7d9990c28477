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
fn wrong_ids_say_why() {
    for (raw, country, verdict, reason) in [
        ("44051401358", Some("PL"), Verdict::Invalid, "checksum"),
        ("44991401359", Some("PL"), Verdict::Invalid, "birth_date"),
        ("4405140135", Some("LV"), Verdict::Invalid, "length"),
        ("ABC", Some("PL"), Verdict::Invalid, "format"),
        ("00000000000", Some("PL"), Verdict::Missing, "placeholder"),
        ("brak", Some("PL"), Verdict::Missing, "placeholder"),
        ("0101006500006", Some("PL"), Verdict::Suspect, "other_country"),
        ("01/815-08", Some("DE"), Verdict::Suspect, "unchecked"),
    ] {
        let id = contacts().national_id(raw, country);
        assert_eq!((id.assessment.verdict, id.assessment.reason), (verdict, Some(reason)), "{raw}");
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
    for (oracle, ours) in [
        ("pl/pesel", "pl-pesel"),
        ("pl/nip", "pl-nip"),
        ("pl/regon", "pl-regon"),
        ("si/jmbg", "rs-jmbg"),
        ("si/emso", "si-emso"),
        ("si/ddv", "si-davcna"),
        ("rs/pib", "rs-pib"),
        ("lv/pvn", "lv-pvn"),
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
        assert!(seen > 1000 && wrong.is_empty(), "{oracle}: {:?}", wrong.iter().take(5).collect::<Vec<_>>());
    }
}

proptest! {
    #[test]
    fn total_and_idempotent(raw in ".*|[0-9]{8,14}|[0-9]{6}-[0-9]{5}", country in prop::sample::select(vec![None, Some("PL"), Some("RS"), Some("SI"), Some("LV"), Some("DE")])) {
        let contacts = contacts();
        let once = contacts.national_id(&raw, country);
        if let Some(standard) = &once.standard {
            prop_assert_eq!(&contacts.national_id(standard, country), &once);
        }
    }
}
