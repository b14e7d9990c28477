//! The shape of every kind, and that it holds for any text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::addresses::embedded_packs;
use crate::rules;

fn tools() -> (Contacts, Addresses) {
    (
        Contacts::new(&rules::contacts::Contacts::default()),
        Addresses::new(&rules::addresses::Addresses::default(), embedded_packs()),
    )
}

fn judged(kind: Kind, country: Option<&str>, raw: &str) -> serde_json::Value {
    let (contacts, addresses) = tools();
    let as_of = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    serde_json::to_value(Judges { contacts: &contacts, addresses: &addresses, country, as_of }.judge(kind, raw))
        .unwrap()
}

#[test]
fn every_kind_has_its_parts() {
    for (kind, raw, standard, parts) in [
        (Kind::Email, "Jan@WP.pl", "jan@wp.pl", &["local", "domain", "class"][..]),
        (
            Kind::Phone,
            "601 234 567",
            "+48601234567",
            &["e164", "type", "region", "extension", "national", "possible"][..],
        ),
        (
            Kind::Name,
            "dr Jan Nowak",
            "dr Jan Nowak",
            &["given_name", "family_name", "middle_name", "prefix", "suffix", "script"][..],
        ),
        (Kind::BirthDate, "14.05.1944", "1944-05-14", &["year", "month", "day"][..]),
        (Kind::NationalId, "44051401359", "44051401359", &["scheme", "compact", "birth_date", "sex"][..]),
        (
            Kind::Iban,
            "PL61 1090 1014 0000 0712 1981 2874",
            "PL61109010140000071219812874",
            &["country", "check_digits", "bank", "branch", "account", "national_check", "printed"][..],
        ),
        (
            Kind::Address,
            "ul. Polna 12 m. 3, 00-590 Warszawa",
            "ul. Polna 12 m. 3, 00-590 Warszawa",
            &[
                "road",
                "house_number",
                "unit",
                "level",
                "staircase",
                "po_box",
                "postal_code",
                "locality",
                "district",
                "region",
                "country",
            ][..],
        ),
    ] {
        let tried = judged(kind, Some("PL"), raw);
        let names: Vec<&String> = tried.as_object().unwrap().keys().collect();
        assert_eq!(names, ["raw", "standard", "verdict", "reason", "suggestion", "keys", "parts"]);
        assert_eq!(tried["raw"], raw);
        assert_eq!(tried["standard"], standard, "{raw}: {tried}");
        assert_eq!(tried["verdict"], "valid", "{raw}: {tried}");
        for (object, words) in [("keys", reference::keys(kind)), ("parts", reference::parts(kind))] {
            let there: Vec<_> = tried[object].as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(there, words.iter().map(|(name, _)| *name).collect::<Vec<_>>(), "the reference of {kind:?}");
        }
        for part in parts {
            assert!(tried["parts"].get(part).is_some(), "{part} of {raw}");
        }
        let empty = judged(kind, Some("PL"), "  ");
        assert_eq!(empty["verdict"], "missing", "{empty}");
        assert!(empty["standard"].is_null() && empty["reason"].is_null());
    }
}

#[test]
fn a_wrong_phone_says_what_the_plan_makes_of_it() {
    let tried = judged(Kind::Phone, Some("PL"), "+48 12 34");
    assert_eq!(tried["verdict"], "invalid");
    assert!(tried["standard"].is_null() && tried["keys"]["phone"].is_null());
    assert_eq!(tried["parts"]["e164"], "+481234");
    assert_eq!(tried["parts"]["possible"], false);
    let repaired = judged(Kind::Phone, Some("PL"), "00 48 (0)601 234 567");
    assert_eq!((&repaired["verdict"], &repaired["standard"]), (&"corrected".into(), &"+48601234567".into()));
    assert_eq!(repaired["parts"]["valid"], false, "the parts speak of the text as it was written");
}

#[test]
fn bytes_that_are_no_text_have_an_answer() {
    let (contacts, addresses) = tools();
    let as_of = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    let judges = Judges { contacts: &contacts, addresses: &addresses, country: None, as_of };
    let tried = not_utf8(Kind::Email, "jan\u{FFFD}@wp.pl".into(), &judges);
    assert_eq!((tried.verdict, tried.reason), (Verdict::Invalid, Some("encoding")));
    assert_eq!(tried.parts.get("local"), Some(&Part::Nothing));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_has_an_answer(raw in "\\PC{0,60}|.{0,20}") {
        let (contacts, addresses) = tools();
        let as_of = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        let judges = Judges { contacts: &contacts, addresses: &addresses, country: Some("RS"), as_of };
        for kind in Kind::ALL {
            let tried = judges.judge(kind, &raw);
            let usable = !matches!(tried.verdict, Verdict::Invalid | Verdict::Missing);
            prop_assert!(usable || tried.standard.is_none(), "{:?}", kind);
            // A suspect address may lack what a line needs.
            prop_assert!(kind == Kind::Address || tried.standard.is_some() == usable, "{:?}", kind);
            let known = tried.reason.is_none_or(|r| kind.reasons().iter().any(|(code, _)| *code == r));
            prop_assert!(known, "{:?} {:?}", kind, tried.reason);
        }
    }
}
