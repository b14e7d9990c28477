//! Examples and properties of person names.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::contacts::Contacts;
use crate::rules;
use crate::text::fold;

pub(super) fn contacts() -> &'static Contacts {
    static CONTACTS: LazyLock<Contacts> = LazyLock::new(|| Contacts::new(&rules::contacts::Contacts::default()));
    &CONTACTS
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
        ("dr hab. Jan Kowalski, prof. UW", "PL", "Jan", "Kowalski"),
        ("Kowalski, dr JAN", "PL", "Jan", "Kowalski"),
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
fn capitals_and_gaelic_surnames_tell_the_order() {
    for (name, given, family) in [
        ("McDONALD RONALD", "Ronald", "McDonald"),
        ("RONALD McDONALD", "Ronald", "McDonald"),
        ("McDonald Ronald", "Ronald", "McDonald"),
        ("McGRATH SEAN", "Sean", "McGrath"),
        ("O'SULLIVAN KATE", "Kate", "O'Sullivan"),
        ("de GAULLE CHARLES", "Charles", "de Gaulle"),
        ("Kowalski JAN", "Jan", "Kowalski"),
        ("NOWAK Jan", "Jan", "Nowak"),
    ] {
        for country in ["PL", "RS", "SI", "LV"] {
            let parsed = full(name, country);
            let parts = (parsed.given_name.as_deref(), parsed.family_name.as_deref());
            assert_eq!(parts, (Some(given), Some(family)), "{name} {country}: {parsed:?}");
            assert_eq!(parsed.assessment, Assessment::VALID, "{name} {country}");
        }
    }
}

#[test]
fn vietnamese_names_in_every_order_have_one_key() {
    let keys_of = |n: PersonName| (keys(&n), n.middle_name.as_deref().map(fold));
    let expected = keys_of(full("Nguyễn Văn An", "PL"));
    assert_eq!(expected.0[0].as_deref(), Some("an"));
    assert_eq!((expected.0[2].as_deref(), expected.1.as_deref()), (Some("nguyen"), Some("van")));
    for name in ["NGUYỄN VĂN AN", "Nguyen Van An", "nguyen van an", "Nguyễn, Văn An", "An Van Nguyen", "NGUYỄN Văn An"]
    {
        assert_eq!(keys_of(full(name, "PL")), expected, "{name}");
    }
    assert_eq!(keys_of(fields("Văn An", "Nguyễn", "PL")), expected);
    let written = full("NGUYEN THI THANH MAI", "RS");
    let parts = [&written.given_name, &written.middle_name, &written.family_name].map(|p| p.as_deref().unwrap_or(""));
    assert_eq!(parts, ["Mai", "Thi Thanh", "Nguyen"]);
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
    let beside_middle = fields("Anna Maria", "Anna Kowalska", "PL");
    assert_eq!(
        (beside_middle.middle_name.as_deref(), beside_middle.family_name.as_deref()),
        (Some("Maria"), Some("Kowalska"))
    );
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

/// Serbian Latin to Cyrillic, for names without foreign letters.
fn cyrillic(latin: &str) -> Option<String> {
    let mut text = latin.to_owned();
    for (from, to) in [
        ("Dž", "Џ"),
        ("dž", "џ"),
        ("Lj", "Љ"),
        ("lj", "љ"),
        ("Nj", "Њ"),
        ("nj", "њ"),
        ("A", "А"),
        ("a", "а"),
        ("B", "Б"),
        ("b", "б"),
        ("V", "В"),
        ("v", "в"),
        ("G", "Г"),
        ("g", "г"),
        ("D", "Д"),
        ("d", "д"),
        ("Đ", "Ђ"),
        ("đ", "ђ"),
        ("E", "Е"),
        ("e", "е"),
        ("Ž", "Ж"),
        ("ž", "ж"),
        ("Z", "З"),
        ("z", "з"),
        ("I", "И"),
        ("i", "и"),
        ("J", "Ј"),
        ("j", "ј"),
        ("K", "К"),
        ("k", "к"),
        ("L", "Л"),
        ("l", "л"),
        ("M", "М"),
        ("m", "м"),
        ("N", "Н"),
        ("n", "н"),
        ("O", "О"),
        ("o", "о"),
        ("P", "П"),
        ("p", "п"),
        ("R", "Р"),
        ("r", "р"),
        ("S", "С"),
        ("s", "с"),
        ("T", "Т"),
        ("t", "т"),
        ("Ć", "Ћ"),
        ("ć", "ћ"),
        ("U", "У"),
        ("u", "у"),
        ("F", "Ф"),
        ("f", "ф"),
        ("H", "Х"),
        ("h", "х"),
        ("C", "Ц"),
        ("c", "ц"),
        ("Č", "Ч"),
        ("č", "ч"),
        ("Š", "Ш"),
        ("š", "ш"),
    ] {
        text = text.replace(from, to);
    }
    text.chars().all(|c| !c.is_alphabetic() || ('\u{400}'..='\u{4FF}').contains(&c)).then_some(text)
}

fn first_column(csv: &'static str) -> Vec<&'static str> {
    csv.lines().skip(1).filter_map(|l| l.split(',').next()).collect()
}

const SERBIAN_GIVEN: &str = include_str!("../../../../../rules/reference/names/sr_given.csv");
const SERBIAN_SURNAMES: &str = include_str!("../../../../../rules/reference/names/sr_surnames.csv");

/// All match keys.
fn keys(name: &PersonName) -> [Option<String>; 5] {
    [
        &name.given_name_key,
        &name.given_name_root,
        &name.family_name_key,
        &name.family_name_root,
        &name.family_name_phonetic,
    ]
    .map(Clone::clone)
}

#[test]
fn both_scripts_of_all_listed_names_have_one_key() {
    let (given, surnames) = (first_column(SERBIAN_GIVEN), first_column(SERBIAN_SURNAMES));
    let mut compared = 0;
    for (at, given) in given.iter().enumerate() {
        let family = surnames[at % surnames.len()];
        let (Some(g), Some(f)) = (cyrillic(given), cyrillic(family)) else { continue };
        compared += 1;
        for (latin, other) in [
            (format!("{given} {family}"), format!("{g} {f}")),
            (format!("{family} {given}"), format!("{f} {g}")),
            (format!("{family}, {given}").to_uppercase(), format!("{f}, {g}").to_uppercase()),
        ] {
            assert_eq!(keys(&full(&latin, "RS")), keys(&full(&other, "RS")), "{latin} {other}");
        }
        assert_eq!(keys(&fields(given, family, "RS")), keys(&fields(&g, &f, "RS")), "{given} {family}");
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn hard_names_normalise_to_themselves() {
    for (csv, country) in [
        (include_str!("../../../../../fixtures/names/pl.tsv"), "PL"),
        (include_str!("../../../../../fixtures/names/sr.tsv"), "RS"),
        (include_str!("../../../../../fixtures/names/sl.tsv"), "SI"),
        (include_str!("../../../../../fixtures/names/lv.tsv"), "LV"),
    ] {
        for raw in csv.lines().skip(1).filter_map(|l| l.split('\t').next()).filter(|r| !r.contains('|')) {
            let once = full(raw, country);
            let (Some(given), Some(family)) = (&once.given_name, &once.family_name) else { continue };
            let again = contacts().person_name(&NameInput {
                given_name: Some(given),
                middle_name: once.middle_name.as_deref(),
                family_name: Some(family),
                country: Some(country),
                ..NameInput::default()
            });
            assert_eq!(keys(&again), keys(&once), "{raw}");
            assert_eq!((&again.given_name, &again.family_name), (&once.given_name, &once.family_name), "{raw}");
        }
    }
}

#[test]
fn surnames_of_a_family_share_a_root() {
    for (his, hers, country) in [
        ("Kowalski", "Kowalska", "PL"),
        ("Konieczny", "Konieczna", "PL"),
        ("Bērziņš", "Bērziņa", "LV"),
        ("Eglītis", "Eglīte", "LV"),
        ("Novák", "Nováková", "CZ"),
        ("Иванов", "Иванова", "RS"),
        ("Kazlauskas", "Kazlauskienė", "LT"),
    ] {
        let (he, she) = (fields("A", his, country), fields("A", hers, country));
        assert_eq!(he.family_name_root, she.family_name_root, "{his} {hers}");
        assert_eq!(he.family_name_phonetic, she.family_name_phonetic, "{his} {hers}");
    }
}

#[test]
fn script_is_that_of_the_text_as_written() {
    for (name, script) in [
        ("Jan Żak", Some("latin")),
        ("Петар Петровић", Some("cyrillic")),
        ("Petar Петровић", Some("mixed")),
        ("王伟", Some("other")),
        ("123", None),
    ] {
        assert_eq!(full(name, "RS").script, script, "{name}");
    }
}

#[test]
fn odd_but_real_names_are_kept() {
    for (given, family) in [
        ("Wei", "Li"),
        ("Ana", "Ng"),
        ("Jan", "O"),
        ("Jan", "Bez"),
        ("Ana", "Ba"),
        ("Xu", "Xi"),
        ("Jan", "Null"),
        ("Anna", "Test"),
        ("Ewa", "Tester"),
        ("Ivan", "Gost"),
        ("Jan", "Klient"),
        ("Ana", "Bar"),
        ("Yi", "Wu"),
        ("Jan", "Firmowski"),
        ("Anna", "As"),
        ("Petar", "Prah"),
        ("Jan", "Pan"),
        ("Ana", "Van"),
        ("Jan", "Bank"),
        ("Ana", "Notar"),
        ("Jan", "Doc"),
        ("Éva", "Nagy"),
        ("Anna", "Ż"),
        ("Ana", "Ana"),
        ("Jan", "Sto"),
        ("Maria", "I"),
        ("Jan", "Łoś"),
        ("Ho", "Ha"),
        ("Tina", "Maze"),
        ("Jan", "Kozak-Zły"),
    ] {
        let name = fields(given, family, "PL");
        assert!(matches!(name.assessment.verdict, Verdict::Valid | Verdict::Suspect), "{given} {family}: {name:?}");
        assert_eq!(name.family_name.as_deref(), Some(family), "{given} {family}");
        assert_eq!(name.given_name.as_deref(), Some(given), "{given} {family}");
    }
}

proptest! {
    #[test]
    fn case_does_not_change_keys(
        given in prop::sample::select(first_column(SERBIAN_GIVEN)),
        family in "[A-ZŁŻĆŠŽĐ][a-ząćłżčšžđņļ]{3,9}(-[A-ZŠŽ][a-zčšž]{3,8})?",
        family_first in any::<bool>(),
        country in prop::sample::select(vec!["PL", "RS", "SI", "LV"]),
    ) {
        let text = if family_first { format!("{family} {given}") } else { format!("{given} {family}") };
        let [upper, lower] = [text.to_uppercase(), text.to_lowercase()].map(|t| full(&t, country));
        prop_assert_eq!(keys(&upper), keys(&lower));
        prop_assert_eq!(keys(&upper), keys(&full(&text, country)));
        prop_assert_eq!(&upper.family_name, &lower.family_name);
    }

    #[test]
    fn parts_normalise_to_themselves(
        given in "[A-ZŁŻa-zđščž]{1,8}( [A-Za-z]{1,6}){0,2}|.{0,20}",
        family in "[A-ZŁŻĐa-z]{1,10}(-[A-Za-z]{1,8})?|.{0,20}",
        country in prop::sample::select(vec![None, Some("PL"), Some("RS"), Some("LV")]),
    ) {
        let contacts = contacts();
        let once = contacts.person_name(&NameInput { given_name: Some(&given), family_name: Some(&family), country, ..NameInput::default() });
        let stands = |part: &Option<String>| part.as_deref().is_some_and(|p| contacts.text(p).assessment.usable());
        // A single letter may be an initial, a particle or nothing, and dots and invisible characters part words of
        // which one may repeat the other field: these may change their place, letters of any script may not.
        let words = |text: &str| {
            text.chars().all(|c| c.is_alphabetic() || c == ' ' || c == '-')
                && fold(text).split(' ').all(|word| word.chars().count() > 1)
        };
        let spelt = words(&given) && words(&family);
        if spelt && once.organization.is_none() && stands(&once.given_name) && stands(&once.family_name) {
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

#[test]
fn initials_of_two_latin_letters_are_one_letter() {
    for (cyrillic, latin) in
        [("Петровић Џ.", "Petrović Dž."), ("Петровић Љ.", "Petrović Lj."), ("ПЕТРОВИЋ Њ.", "PETROVIĆ NJ.")]
    {
        let read = |text: &str| {
            let contacts = Contacts::new(&Default::default());
            contacts.person_name(&NameInput { full_name: Some(text), country: Some("RS"), ..NameInput::default() })
        };
        let (one, other) = (read(cyrillic), read(latin));
        assert_eq!(one.family_name_key.as_deref(), Some("petrovic"), "{cyrillic}");
        assert_eq!((one.given_name_key, one.family_name_key), (other.given_name_key, other.family_name_key), "{latin}");
    }
}
