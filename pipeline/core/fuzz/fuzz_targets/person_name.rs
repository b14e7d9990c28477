//! Names, in one field and in several (`given|family|middle|birth|prefix`): any text has an answer, parts spelt in
//! letters are their own parts, and both Serbian scripts give the same keys.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zlato_core::contacts::{NameInput, PersonName, person_name::REASONS};
use zlato_core::text::{fold, serbian_latin};
use zlato_core_fuzz::{CONTACTS, country, pieces, serbian_cyrillic};

fn keys(name: &PersonName) -> [Option<&str>; 4] {
    [&name.given_name_key, &name.given_name_root, &name.family_name_key, &name.family_name_root].map(|k| k.as_deref())
}

fn checked(input: &NameInput<'_>) -> PersonName {
    let name = CONTACTS.person_name(input);
    assert!(name.assessment.reason.is_none_or(|r| REASONS.iter().any(|(code, _)| *code == r)));
    assert!(name.family_name_key.is_some() || name.family_name_root.is_none(), "{input:?}");
    name
}

/// Whether a text is a few words of more than one letter: what else it holds may change its place, and in a long text words
/// stand that join people.
fn spelt(text: &str) -> bool {
    text.split(' ').count() <= 4
        && text.chars().all(|c| c.is_alphabetic() || c == ' ' || c == '-')
        && fold(text).split(' ').all(|word| word.chars().count() > 1)
}

fuzz_target!(|data: &[u8]| {
    let (country, raw) = country(data);
    let full = checked(&NameInput { full_name: Some(&raw), country, ..NameInput::default() });
    if country == Some("RS") && serbian_cyrillic(&raw) {
        let latin = serbian_latin(&raw);
        let other = checked(&NameInput { full_name: Some(&latin), country, ..NameInput::default() });
        assert_eq!(keys(&full), keys(&other), "{raw:?} {latin:?}");
    }
    let [given, family, middle, birth, prefix] = pieces(&raw);
    checked(&NameInput {
        full_name: Some(middle),
        given_name: Some(given),
        middle_name: Some(middle),
        family_name: Some(family),
        birth_name: Some(birth),
        honorific_prefix: Some(prefix),
        honorific_suffix: Some(birth),
        country,
    });
    let once =
        checked(&NameInput { given_name: Some(given), family_name: Some(family), country, ..NameInput::default() });
    let stands = |part: &Option<String>| part.as_deref().is_some_and(|p| CONTACTS.text(p).assessment.usable());
    let both = stands(&once.given_name) && stands(&once.family_name) && once.organization.is_none();
    if both && spelt(given) && spelt(family) {
        let again = checked(&NameInput {
            given_name: once.given_name.as_deref(),
            middle_name: once.middle_name.as_deref(),
            family_name: once.family_name.as_deref(),
            birth_name: once.birth_name.as_deref(),
            honorific_prefix: once.honorific_prefix.as_deref(),
            country,
            ..NameInput::default()
        });
        assert_eq!(again.family_name_key, once.family_name_key, "{given:?} {family:?} {country:?}");
        assert_eq!(again.given_name_key, once.given_name_key, "{given:?} {family:?} {country:?}");
        assert_eq!(again.family_name, once.family_name, "{given:?} {family:?} {country:?}");
    }
});
