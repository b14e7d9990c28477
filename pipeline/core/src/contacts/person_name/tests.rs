//! Examples and properties of person names.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::contacts::Contacts;
use crate::rules;

fn contacts() -> Contacts {
    Contacts::new(&rules::contacts::Contacts::default())
}

fn full(name: &str, country: &str) -> PersonName {
    contacts().person_name(&NameInput { full_name: Some(name), country: Some(country), ..NameInput::default() })
}

fn fields(given: &str, family: &str, country: &str) -> PersonName {
    contacts().person_name(&NameInput {
        given_name: Some(given),
        family_name: Some(family),
        country: Some(country),
        ..NameInput::default()
    })
}

#[test]
fn one_field_in_either_order() {
    for (name, country, given, family) in [
        ("Jan Kowalski", "PL", "Jan", "Kowalski"),
        ("Kowalski Jan", "PL", "Jan", "Kowalski"),
        ("KOWALSKI JAN", "PL", "Jan", "Kowalski"),
        ("KOWALSKI Xawery", "PL", "Xawery", "Kowalski"),
        ("Kowalska-Nowak, Anna", "PL", "Anna", "Kowalska-Nowak"),
        ("anna nowak - kowalska", "PL", "Anna", "Nowak-Kowalska"),
        ("Петровић Милица", "RS", "Милица", "Петровић"),
        ("Ђорђе Ђорђевић", "RS", "Ђорђе", "Ђорђевић"),
        ("Ana Petrović Nikolić", "RS", "Ana", "Petrović Nikolić"),
        ("Janez Novak", "SI", "Janez", "Novak"),
        ("Bērziņš Jānis", "LV", "Jānis", "Bērziņš"),
        ("Jan van der Berg", "PL", "Jan", "van der Berg"),
        ("J. Kowalski", "PL", "J.", "Kowalski"),
        ("dr inż. Jan Kowalski", "PL", "Jan", "Kowalski"),
        ("mgr.Jan Kowalski", "PL", "Jan", "Kowalski"),
        ("Jan Kowalski, PhD", "PL", "Jan", "Kowalski"),
    ] {
        let parsed = full(name, country);
        assert_eq!(
            (parsed.given_name.as_deref(), parsed.family_name.as_deref()),
            (Some(given), Some(family)),
            "{name}: {parsed:?}"
        );
    }
    let middle = full("Anna Maria Nowak", "PL");
    assert_eq!(
        (middle.given_name.as_deref(), middle.middle_name.as_deref(), middle.family_name.as_deref()),
        (Some("Anna"), Some("Maria"), Some("Nowak"))
    );
    let birth = full("Anna Nowak z d. Kowalska", "PL");
    assert_eq!(
        (birth.family_name.as_deref(), birth.birth_name.as_deref(), birth.birth_name_key.as_deref()),
        (Some("Nowak"), Some("Kowalska"), Some("kowalska"))
    );
}

#[test]
fn keys_bridge_script_gender_and_nickname() {
    let (cyrillic, latin) = (fields("Милица", "Ђорђевић", "RS"), fields("Milica", "Djordjevic", "RS"));
    assert_eq!(cyrillic.family_name_key, latin.family_name_key);
    assert_eq!(cyrillic.given_name_key, latin.given_name_key);
    assert_eq!(cyrillic.family_name_phonetic, latin.family_name_phonetic);
    let (she, he) = (fields("Kasia", "Kowalska", "PL"), fields("Jan", "Kowalski", "PL"));
    assert_eq!(she.family_name_root, he.family_name_root);
    assert_eq!(she.family_name_phonetic, he.family_name_phonetic);
    assert_eq!(she.given_name_root.as_deref(), Some("katarzyna"));
    assert_eq!(fields("Inga", "Bērziņa", "LV").family_name_root, fields("Juris", "Bērziņš", "LV").family_name_root);
}

#[test]
fn sex_only_when_sure() {
    for (given, family, country, sex) in [
        ("Anna", "Nowak", "PL", Some("female")),
        ("Kuba", "Nowak", "PL", Some("male")),
        ("Xiu", "Kowalska", "PL", Some("female")),
        ("Jan", "Kowalska", "PL", None),
        ("Nikola", "Jokić", "RS", Some("male")),
        ("Saša", "Ilić", "RS", None),
        ("Xiu", "Wang", "PL", None),
    ] {
        assert_eq!(fields(given, family, country).gender, sex, "{given} {family}");
    }
    assert_eq!(full("Pani Xiu Wang", "PL").gender, Some("female"));
}

#[test]
fn slips_between_fields_are_put_right() {
    let swapped = fields("Kowalski", "Jan", "PL");
    assert_eq!(
        (swapped.given_name.as_deref(), swapped.family_name.as_deref(), swapped.swapped),
        (Some("Jan"), Some("Kowalski"), true)
    );
    assert_eq!(swapped.assessment, Assessment::new(Verdict::Corrected, "swapped"));
    let repeated = fields("Jan Kowalski", "Kowalski", "PL");
    assert_eq!((repeated.given_name.as_deref(), repeated.middle_name.as_deref()), (Some("Jan"), None));
    assert_eq!(repeated.assessment, Assessment::new(Verdict::Corrected, "family_name_repeated"));
    assert!(!fields("Jan", "Adam", "PL").swapped);
}

#[test]
fn doubts_and_refusals_are_named() {
    for (name, verdict, reason) in [
        ("", Verdict::Missing, None),
        ("brak", Verdict::Missing, Some("placeholder")),
        ("test test", Verdict::Invalid, Some("junk")),
        ("asdf", Verdict::Invalid, Some("junk")),
        ("jan@wp.pl", Verdict::Invalid, Some("looks_like_email")),
        ("123", Verdict::Invalid, Some("no_letters")),
        ("Drewex Sp. z o.o.", Verdict::Suspect, Some("organization")),
        ("Jan Kowalski2", Verdict::Suspect, Some("digits")),
        ("Kowalski", Verdict::Suspect, Some("incomplete")),
        ("Jan Nowak / Anna Nowak", Verdict::Suspect, Some("several_persons")),
        ("Jan i Anna Nowak", Verdict::Suspect, Some("several_persons")),
        ("Jan Jan", Verdict::Suspect, Some("repeated")),
        ("J. Kowalski", Verdict::Suspect, Some("initial")),
    ] {
        let parsed = full(name, "PL");
        assert_eq!((parsed.assessment.verdict, parsed.assessment.reason), (verdict, reason), "{name}: {parsed:?}");
    }
    let trader = full("Janez Novak s.p.", "SI");
    assert_eq!(
        (trader.family_name.as_deref(), trader.organization.as_deref()),
        (Some("Novak"), Some("Janez Novak s.p."))
    );
    let company = full("Drewex Sp. z o.o.", "PL");
    assert_eq!((company.family_name.as_deref(), company.organization.as_deref()), (None, Some("Drewex Sp. z o.o.")));
}

#[test]
fn a_full_stop_after_nothing_is_no_word() {
    assert_eq!(fields("Jan", "\u{3347a}\0*.Nowak", "PL").family_name.as_deref(), Some("Nowak"));
}

proptest! {
    #[test]
    fn parts_normalise_to_themselves(
        given in "[A-ZŁŻa-zđščž]{1,8}( [A-Za-z]{1,6}){0,2}|.{0,20}",
        family in "[A-ZŁŻĐa-z]{1,10}(-[A-Za-z]{1,8})?|.{0,20}",
        country in prop::sample::select(vec![None, Some("PL"), Some("RS"), Some("LV")]),
    ) {
        let contacts = contacts();
        let once = contacts.person_name(&NameInput { given_name: Some(&given), family_name: Some(&family), country, ..NameInput::default() });
        let stands = |part: &Option<String>| part.as_deref().is_some_and(|p| contacts.text(p).assessment.usable());
        if once.organization.is_none() && stands(&once.given_name) && stands(&once.family_name) {
            let again = contacts.person_name(&NameInput {
                given_name: once.given_name.as_deref(),
                middle_name: once.middle_name.as_deref(),
                family_name: once.family_name.as_deref(),
                birth_name: once.birth_name.as_deref(),
                honorific_prefix: once.honorific_prefix.as_deref(),
                country,
                ..NameInput::default()
            });
            prop_assert_eq!(&again.family_name_key, &once.family_name_key);
            prop_assert_eq!(&again.given_name_key, &once.given_name_key);
            prop_assert_eq!(&again.family_name, &once.family_name);
        }
    }

    #[test]
    fn never_panics(name in ".*", country in prop::sample::select(vec![None, Some("PL"), Some("LV")])) {
        let parsed = contacts().person_name(&NameInput { full_name: Some(&name), country, ..NameInput::default() });
        prop_assert!(parsed.family_name_key.is_some() || parsed.family_name_root.is_none());
    }
}
