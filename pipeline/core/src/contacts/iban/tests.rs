//! Examples, the oracle's answers and properties of IBANs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use crate::contacts::Contacts;
use crate::rules;
use crate::value::Verdict;

fn contacts() -> Contacts {
    Contacts::new(&rules::contacts::Contacts::default())
}

/// Numbers that banks and standards print as examples.
#[test]
fn printed_examples_are_right() {
    for raw in [
        "PL61 1090 1014 0000 0712 1981 2874",
        "RS35 2600 0560 1001 6113 79",
        "SI56 2633 0001 2039 086",
        "LV80 BANK 0000 4351 9500 1",
        "HR12 1001 0051 8630 0016 0",
        "BA39 1290 0794 0102 8494",
        "ME25 5050 0001 2345 6789 51",
        "MK07 2501 2000 0058 984",
        "CZ65 0800 0000 1920 0014 5399",
        "SK31 1200 0000 1987 4263 7541",
        "HU42 1177 3016 1111 1018 0000 0000",
        "EE38 2200 2210 2014 5685",
        "LT12 1000 0111 0100 1000",
        "DE89 3704 0044 0532 0130 00",
        "AT61 1904 3002 3457 3201",
        "FR14 2004 1010 0505 0001 3M02 606",
        "BE68 5390 0754 7034",
        "ES91 2100 0418 4502 0005 1332",
        "IT60 X054 2811 1010 0000 0123 456",
        "PT50 0002 0123 1234 5678 9015 4",
        "FI21 1234 5600 0007 85",
        "NO93 8601 1117 947",
        "SM86 U032 2509 8000 0000 0270 100",
        "AL47 2121 1009 0000 0002 3569 8741",
        "XK05 1212 0123 4567 8906",
        "gb29 nwbk 6016 1331 9268 19",
    ] {
        let iban = contacts().iban(raw, None);
        assert_eq!(iban.assessment.verdict, Verdict::Valid, "{raw}: {:?}", iban.assessment);
        assert_eq!(iban.standard.unwrap(), raw.replace(' ', "").to_uppercase(), "{raw}");
        assert_eq!(iban.printed.unwrap(), raw.to_uppercase(), "{raw}");
    }
    let iban = contacts().iban("SI56263300012039086", None);
    assert_eq!((iban.bank.as_deref(), iban.branch.as_deref()), (Some("26"), Some("330")));
    assert_eq!(iban.account.as_deref(), Some("0012039086"));
}

#[test]
fn what_is_wrong_is_named() {
    for (raw, country, verdict, reason, suggestion) in [
        ("PL61109010140000071219812875", None, Verdict::Invalid, "checksum", None),
        ("PL6110901014000007121981287", None, Verdict::Invalid, "length", None),
        ("PL611O9010140000071219812874", None, Verdict::Invalid, "structure", Some("PL61109010140000071219812874")),
        ("ZZ61109010140000071219812874", None, Verdict::Invalid, "unknown_country", None),
        ("61109010140000071219812874", None, Verdict::Invalid, "format", None),
        ("61109010140000071219812874", Some("PL"), Verdict::Corrected, "missing_country", None),
        ("IBAN: PL61 1090 1014 0000 0712 1981 2874", None, Verdict::Corrected, "text_removed", None),
        ("PL61 1090 1014 0000 0712 1981 2874 mBank", None, Verdict::Corrected, "text_removed", None),
        ("DE89 3704 0044 0532 0130 00 / COBADEFFXXX", None, Verdict::Corrected, "text_removed", None),
        ("PL61 1090 1014 0000 0712 1981 2875 mBank", None, Verdict::Invalid, "length", None),
        ("BE68539007547035", None, Verdict::Invalid, "checksum", None),
        ("RS86260005601001611378", None, Verdict::Invalid, "checksum", None),
        ("DZ580002100001113000000570", None, Verdict::Suspect, "not_in_registry", None),
        ("PL61209010140000071219812874", None, Verdict::Invalid, "checksum", None),
        ("BE56603105559403", None, Verdict::Suspect, "national_check_digits", None),
        ("0000 0000 0000", None, Verdict::Missing, "placeholder", None),
        ("brak", None, Verdict::Missing, "placeholder", None),
    ] {
        let iban = contacts().iban(raw, country);
        assert_eq!((iban.assessment.verdict, iban.assessment.reason), (verdict, Some(reason)), "{raw}");
        assert_eq!(iban.assessment.suggestion.as_deref(), suggestion, "{raw}");
    }
}

/// Structure and check digits as the oracle has them; its second verdict, on national check digits, where it has one.
#[test]
fn agrees_with_the_oracle() {
    let path = std::env::var("ZLATO_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_owned());
    let Ok(table) = std::fs::read_to_string(format!("{path}/contact/iban_oracle_6k.tsv")) else {
        eprintln!("skipped: no iban_oracle_6k.tsv under {path}");
        return;
    };
    let contacts = contacts();
    let (mut seen, mut doubted, mut wrong) = (0u32, 0u32, Vec::new());
    for line in table.lines() {
        let fields: Vec<_> = line.split('\t').collect();
        let [raw, valid, national] = fields.as_slice() else {
            continue;
        };
        seen += 1;
        let iban = contacts.iban(raw, None);
        let accepted = iban.assessment.usable();
        doubted += u32::from(iban.assessment.verdict == Verdict::Suspect);
        // The oracle knows national check digits of four countries.
        let knows = ["BE", "ES", "ME", "NO"].contains(&iban.country.as_deref().unwrap_or(""));
        if accepted != (*valid == "1") || (knows && iban.national_check != Some(*national == "1")) {
            wrong.push(format!("{line} -> {:?} {:?}", iban.assessment, iban.national_check));
        }
    }
    eprintln!("iban: {} of {seen} agree; {doubted} with wrong national check digits", seen as usize - wrong.len());
    assert!(
        seen > 2000 && wrong.is_empty(),
        "{} differ: {:#?}",
        wrong.len(),
        wrong.iter().take(20).collect::<Vec<_>>()
    );
}

proptest! {
    #[test]
    fn total_and_idempotent(raw in "\\PC*|(PL|RS|SI|LV|DE|FR)[0-9]{2}[0-9A-Z ]{10,30}|[0-9]{26}", country in prop::sample::select(vec![None, Some("PL"), Some("é")])) {
        let contacts = contacts();
        let once = contacts.iban(&raw, country);
        if let Some(standard) = &once.standard {
            let again = contacts.iban(standard, country);
            prop_assert_eq!(&again.standard, &once.standard);
            prop_assert_eq!(again.national_check, once.national_check);
            prop_assert!(again.assessment.verdict != Verdict::Corrected);
        }
    }

    /// A right number with one character changed is never right.
    #[test]
    fn single_slips_are_caught(at in 4usize..28, by in 1u32..10) {
        let mut text: Vec<char> = "PL61109010140000071219812874".chars().collect();
        text[at] = char::from_digit((text[at].to_digit(10).unwrap() + by) % 10, 10).unwrap();
        let raw: String = text.into_iter().collect();
        prop_assert_eq!(contacts().iban(&raw, None).assessment.reason, Some("checksum"));
    }
}
