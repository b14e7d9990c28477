//! Examples, the oracle's answers and properties of phone numbers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::contacts::Contacts;
use crate::rules;

fn contacts() -> Contacts {
    let mut rules = rules::contacts::Contacts::default();
    rules.phone.placeholders = vec!["22 100 00 00".to_owned()];
    Contacts::new(&rules)
}

#[test]
fn spellings_of_one_number_give_one_e164() {
    for (country, standard, spellings) in [
        (
            "PL",
            "+48601234567",
            &[
                "601234567",
                "601 234 567",
                "+48 601-234-567",
                "0048601234567",
                "48601234567",
                "(+48) 601 234 567",
                "tel. 601 234 567",
                "0601234567",
                "+48 (0) 601 234 567",
            ][..],
        ),
        (
            "RS",
            "+381641234567",
            &[
                "064/123-4567",
                "064 123 45 67",
                "+381 64 1234567",
                "00381641234567",
                "+381 (0)64 123-4567",
                "381641234567",
                "моб. 064/1234567",
            ][..],
        ),
        (
            "SI",
            "+38641234567",
            &["041 234 567", "041/234-567", "+386 41 234 567", "0038641234567", "+386 (0)41 234 567"][..],
        ),
        ("LV", "+37129123456", &["29123456", "29 123 456", "+371 29123456", "0037129123456", "37129123456"][..]),
    ] {
        for raw in spellings {
            let phone = contacts().phone(raw, Some(country));
            assert_eq!(phone.standard.as_deref(), Some(standard), "{raw}: {:?}", phone.assessment);
            assert_eq!(phone.kind, Some("mobile"), "{raw}");
            assert_eq!(phone.region.as_deref(), Some(country), "{raw}");
        }
    }
}

#[test]
fn several_numbers_are_parted() {
    for (raw, country, first, others) in [
        ("064/123-4567, 011/3345-678", "RS", "+381641234567", &["+381113345678"][..]),
        ("064/1234567 ili 011/3345678", "RS", "+381641234567", &["+381113345678"][..]),
        ("601234567 lub 22 628 41 10", "PL", "+48601234567", &["+48226284110"][..]),
        ("601234567/602345678", "PL", "+48601234567", &["+48602345678"][..]),
        ("601234567 / 601234567", "PL", "+48601234567", &[][..]),
        ("+37129123456; 67012345", "LV", "+37129123456", &["+37167012345"][..]),
    ] {
        let phone = contacts().phone(raw, Some(country));
        assert_eq!(phone.standard.as_deref(), Some(first), "{raw}: {:?}", phone.assessment);
        assert_eq!(phone.others, others, "{raw}");
        assert_eq!(phone.assessment, Assessment::new(Verdict::Corrected, "several_numbers"), "{raw}");
    }
}

#[test]
fn extensions_are_kept_apart() {
    for raw in ["22 628 41 10 wew. 12", "22 628 41 10 ext. 12", "226284110 w. 12", "+48 22 628 41 10;ext=12"] {
        let phone = contacts().phone(raw, Some("PL"));
        assert_eq!(phone.standard.as_deref(), Some("+48226284110"), "{raw}: {:?}", phone.assessment);
        assert_eq!(phone.extension.as_deref(), Some("12"), "{raw}");
    }
}

#[test]
fn what_is_no_number_says_why() {
    for (raw, country, verdict, reason) in [
        ("44051401359", Some("PL"), Verdict::Invalid, "looks_like_national_id"),
        ("PL61 1090 1014 0000 0712 1981 2874", Some("PL"), Verdict::Invalid, "looks_like_iban"),
        ("601 2a4 567", Some("PL"), Verdict::Invalid, "not_in_plan"),
        ("(201) 555-0123", Some("SI"), Verdict::Invalid, "too_long"),
        ("0101006500006", Some("SI"), Verdict::Invalid, "looks_like_national_id"),
        ("jan@wp.pl", Some("PL"), Verdict::Invalid, "looks_like_email"),
        ("000 000 000", Some("PL"), Verdict::Missing, "placeholder"),
        ("+48 111 111 111", Some("PL"), Verdict::Missing, "placeholder"),
        ("123456789", Some("PL"), Verdict::Missing, "placeholder"),
        ("+48 22 100 00 00", Some("PL"), Verdict::Missing, "placeholder"),
        ("brak", Some("PL"), Verdict::Missing, "placeholder"),
        ("60 12", Some("PL"), Verdict::Invalid, "too_short"),
        ("601234567", None, Verdict::Invalid, "no_country"),
        ("nieznany telefon", Some("PL"), Verdict::Invalid, "format"),
    ] {
        let phone = contacts().phone(raw, country);
        assert_eq!((phone.assessment.verdict, phone.assessment.reason), (verdict, Some(reason)), "{raw}");
        assert_eq!(phone.standard, None, "{raw}");
    }
}

#[test]
fn other_things_are_named() {
    for (raw, country, what) in [
        ("44051401359", "PL", Some("pl-pesel")),
        ("0101006500006", "SI", Some("si-emso")),
        ("161175-19997", "LV", Some("lv-personas-kods")),
        ("jan@wp.pl", "PL", Some("email")),
        ("601234567", "PL", None),
    ] {
        assert_eq!(contacts().phone(raw, Some(country)).looks_like, what, "{raw}");
    }
}

#[test]
fn digits_of_any_script_are_read() {
    for raw in ["６０１ ２３４ ５６７", "＋４８ 601234567", "+٤٨ ٦٠١ ٢٣٤ ٥٦٧", "tel. ＋48 601 234 567"]
    {
        let phone = contacts().phone(raw, Some("PL"));
        assert_eq!(phone.standard.as_deref(), Some("+48601234567"), "{raw}: {:?}", phone.assessment);
    }
}

#[test]
fn corrections_are_named() {
    for (raw, country, standard, reason) in [
        ("601 234 567 (mama)", Some("PL"), "+48601234567", Some("text_removed")),
        ("601 234 567 / 12", Some("PL"), "+48601234567", Some("text_removed")),
        ("61 8123456/57", Some("PL"), "+48618123456", Some("text_removed")),
        ("381641234567", Some("PL"), "+381641234567", Some("missing_plus")),
        ("0048601234567", Some("US"), "+48601234567", Some("international_prefix")),
        ("0048601234567", None, "+48601234567", None),
        ("+381641234567", None, "+381641234567", None),
    ] {
        let phone = contacts().phone(raw, country);
        assert_eq!(phone.standard.as_deref(), Some(standard), "{raw}: {:?}", phone.assessment);
        assert_eq!(phone.assessment.reason, reason, "{raw}");
    }
}

/// Agreement with Google's library: [`phone_parts`] in every column, the judged value in E.164 and validity
/// except for placeholders.
#[test]
fn agrees_with_the_oracle() {
    let path = std::env::var("ZLATO_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_owned());
    let Ok(table) = std::fs::read_to_string(format!("{path}/contact/phones_oracle_60k.tsv")) else {
        eprintln!("skipped: no phones_oracle_60k.tsv under {path}");
        return;
    };
    let contacts = contacts();
    let (mut seen, mut refused, mut repaired, mut wrong) = (0u32, 0u32, 0u32, Vec::new());
    // Every fifth row: the whole table takes minutes without optimisation.
    for line in table.lines().skip(1).step_by(5) {
        let fields: Vec<_> = line.split('\t').collect();
        let [country, raw, parsed, valid, kind, e164, region, ext, national, possible] = fields.as_slice() else {
            continue;
        };
        seen += 1;
        let parts = phone_parts(raw, Some(country));
        let agree = match &parts {
            None => *parsed == "0",
            Some(p) => {
                *parsed == "1"
                    && p.valid == (*valid == "1")
                    && p.e164 == *e164
                    && p.kind.map_or("UNKNOWN".to_owned(), str::to_uppercase) == *kind
                    && p.region.as_deref().unwrap_or("") == *region
                    && p.extension.as_deref().unwrap_or("") == *ext
                    && (p.national == *national || !p.valid)
                    && p.possible == (*possible == "1")
            }
        };
        let phone = contacts.phone(raw, Some(country));
        let judged = match (*valid == "1", phone.assessment.verdict) {
            (true, Verdict::Valid) => phone.standard.as_deref() == Some(*e164),
            (true, Verdict::Missing) => {
                refused += 1;
                phone.assessment.reason == Some("placeholder")
            }
            (true, _) | (false, Verdict::Valid) => false,
            (false, verdict) => {
                repaired += u32::from(verdict == Verdict::Corrected);
                true
            }
        };
        if !(agree && judged) {
            wrong.push(format!("{line} -> {parts:?} {:?} {:?}", phone.standard, phone.assessment));
        }
    }
    eprintln!(
        "phones: {} of {seen} agree; {refused} valid ones taken for placeholders, {repaired} invalid ones corrected",
        seen as usize - wrong.len()
    );
    assert!(seen > 5000 && wrong.is_empty(), "{} differ: {:#?}", wrong.len(), wrong.iter().take(5).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn total_and_idempotent(raw in ".{0,40}|[+0-9 ()/,;.-]{5,30}|\\+?(48|381|386|371)?[0-9]{8,9}", country in prop::sample::select(vec![None, Some("PL"), Some("RS"), Some("SI"), Some("LV"), Some("ZZ"), Some("é")])) {
        let contacts = contacts();
        if let Some(standard) = contacts.phone(&raw, country).standard {
            let again = contacts.phone(&standard, country);
            prop_assert_eq!(again.standard.as_deref(), Some(standard.as_str()));
            prop_assert_eq!(again.assessment, Assessment::VALID);
        }
    }
}
