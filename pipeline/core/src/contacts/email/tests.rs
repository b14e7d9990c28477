//! Examples, conformance cases and properties of emails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::contacts::Contacts;
use crate::rules;

fn contacts() -> Contacts {
    let mut rules = rules::contacts::Contacts::default();
    rules.email.placeholders = vec!["Klient@sklep.pl".to_owned()];
    rules.email.disposable_domains = vec!["throwaway.example.pl".to_owned()];
    Contacts::new(&rules)
}

#[test]
fn right_addresses_are_lowered_and_classed() {
    for (raw, standard, key, class) in [
        ("Jan.Kowalski@WP.pl", "jan.kowalski@wp.pl", "jan.kowalski@wp.pl", "free"),
        (" J.an+zakupy@GMail.com ", "j.an+zakupy@gmail.com", "jan@gmail.com", "free"),
        ("jan@googlemail.com", "jan@googlemail.com", "jan@gmail.com", "free"),
        ("anna@firma.com.pl", "anna@firma.com.pl", "anna@firma.com.pl", "personal"),
        ("info@firma.rs", "info@firma.rs", "info@firma.rs", "role"),
        ("biuro2@firma.pl", "biuro2@firma.pl", "biuro2@firma.pl", "role"),
        ("abc12@duck.com", "abc12@duck.com", "abc12@duck.com", "relay"),
        ("ana@žito.si", "ana@xn--ito-b3a.si", "ana@xn--ito-b3a.si", "personal"),
        ("ђорђе@пример.срб", "ђорђе@xn--e1afmkfd.xn--90a3ac", "ђорђе@xn--e1afmkfd.xn--90a3ac", "personal"),
        ("ｊａｎ＠ｗｐ．ｐｌ", "jan@wp.pl", "jan@wp.pl", "free"),
    ] {
        let email = contacts().email(raw);
        assert_eq!(email.standard.as_deref(), Some(standard), "{raw}: {:?}", email.assessment);
        assert_eq!(email.key.as_deref(), Some(key), "{raw}");
        assert_eq!(email.class.as_str(), class, "{raw}");
        assert_eq!(email.assessment, Assessment::VALID, "{raw}");
    }
}

#[test]
fn slips_are_corrected() {
    for raw in [
        "mailto:jan@wp.pl",
        "jan@wp.pl.",
        "jan@wp,pl",
        "jan @wp.pl",
        "jan@ wp.pl",
        "<jan@wp.pl>",
        "Jan <jan@wp.pl>",
        "\"<Jan>\" <jan@wp.pl>",
        "jan@@wp.pl",
        "jan(at)wp.pl",
        "jan@wp..pl",
        "jan@wp.pl,",
        "jan@wp.pl\n",
    ] {
        let email = contacts().email(raw);
        assert_eq!(email.standard.as_deref(), Some("jan@wp.pl"), "{raw}: {:?}", email.assessment);
        assert_eq!(email.assessment, Assessment::new(Verdict::Corrected, "spelling"), "{raw}");
    }
    let several = Assessment::new(Verdict::Corrected, "several_addresses");
    for raw in ["jan@wp.pl; anna@onet.pl", "jan@wp.pl anna@onet.pl", "jan@wp.pl lub anna@onet.pl"] {
        let two = contacts().email(raw);
        assert_eq!(two.standard.as_deref(), Some("jan@wp.pl"), "{raw}");
        assert_eq!(two.assessment, several.clone().suggesting("anna@onet.pl"), "{raw}");
    }
    assert_eq!(contacts().email("jan@wp.pl jan@wp.pl").assessment, several);
}

#[test]
fn doubts_and_refusals_are_named() {
    for (raw, verdict, reason, suggestion) in [
        ("jan@gmial.com", Verdict::Suspect, "domain_typo", Some("jan@gmail.com")),
        ("jan@wp.p", Verdict::Suspect, "domain_typo", Some("jan@wp.pl")),
        ("ana@siol.nt", Verdict::Suspect, "domain_typo", Some("ana@siol.net")),
        ("jan@mailinator.com", Verdict::Suspect, "disposable", None),
        ("jan@throwaway.example.pl", Verdict::Suspect, "disposable", None),
        ("brak@brak.pl", Verdict::Missing, "placeholder", None),
        ("klient@sklep.pl", Verdict::Missing, "placeholder", None),
        ("jan@example.com", Verdict::Missing, "placeholder", None),
        ("nema", Verdict::Missing, "placeholder", None),
        ("jan.wp.pl", Verdict::Invalid, "no_at_sign", None),
        ("jan@localhost", Verdict::Invalid, "no_top_level_domain", None),
        ("jan@firma.invalidtld", Verdict::Invalid, "unknown_top_level_domain", None),
        ("jan..k@wp.pl", Verdict::Invalid, "local_part", None),
        ("jan k@wp.pl", Verdict::Invalid, "local_part", Some("jank@wp.pl")),
        ("jan@-wp.pl", Verdict::Invalid, "domain", None),
    ] {
        let email = contacts().email(raw);
        assert_eq!((email.assessment.verdict, email.assessment.reason), (verdict, Some(reason)), "{raw}");
        assert_eq!(email.assessment.suggestion.as_deref(), suggestion, "{raw}");
        assert_eq!(email.standard.is_some(), verdict == Verdict::Suspect, "{raw}");
    }
}

/// isemail: no address it calls an error is accepted as it stands, and every plainly valid one at a real top-level
/// domain is.
#[test]
fn agrees_with_isemail() {
    let path = std::env::var("ZLATO_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_owned());
    let Ok(table) = std::fs::read_to_string(format!("{path}/contact/isemail.tsv")) else {
        eprintln!("skipped: no isemail.tsv under {path}");
        return;
    };
    let (mut errors, mut corrected) = (0, Vec::new());
    for line in table.lines().skip(1) {
        let fields: Vec<_> = line.split('\t').collect();
        let [_, category, diagnosis, json] = fields.as_slice() else {
            continue;
        };
        let address: String = serde_json::from_str(json).unwrap();
        let assessment = contacts().email(&address).assessment;
        if *category == "ISEMAIL_ERR" {
            errors += 1;
            assert!(!matches!(assessment.verdict, Verdict::Valid | Verdict::Suspect), "{address:?} {diagnosis}");
            if assessment.verdict == Verdict::Corrected {
                corrected.push(address);
            }
        } else if *diagnosis == "ISEMAIL_VALID"
            && !matches!(address.as_str(), "test@io" | "test@xn--hxajbheg2az3al.xn--jxalpdlp")
        {
            assert_eq!(assessment.verdict, Verdict::Valid, "{address:?} {assessment:?}");
        }
    }
    eprintln!("isemail: 0 of {errors} errors accepted as they stand; corrected: {corrected:?}");
    assert!(errors > 50);
}

proptest! {
    #[test]
    fn total_and_idempotent(raw in ".{0,40}|[a-zA-Z0-9._+\" ]{1,12}@[a-z0-9.-]{1,12}\\.(pl|rs|com|p)|\\PC{1,8}@\\PC{1,8}\\.si") {
        let contacts = contacts();
        let once = contacts.email(&raw);
        if let Some(standard) = &once.standard {
            let again = contacts.email(standard);
            prop_assert_eq!(&again.standard, &once.standard);
            prop_assert_eq!(&again.key, &once.key);
            prop_assert!(again.assessment.verdict != Verdict::Corrected);
        }
    }
}
