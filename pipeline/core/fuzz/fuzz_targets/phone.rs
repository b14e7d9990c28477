//! Phones: any text has an answer in any country, and the standard form is valid and its own standard form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zlato_core::contacts::phone::REASONS;
use zlato_core::contacts::phone_parts;
use zlato_core::value::Assessment;
use zlato_core_fuzz::{CONTACTS, country};

fuzz_target!(|data: &[u8]| {
    let (country, raw) = country(data);
    phone_parts(&raw, country);
    let once = CONTACTS.phone(&raw, country);
    assert!(once.assessment.reason.is_none_or(|r| REASONS.iter().any(|(code, _)| *code == r)));
    if let Some(standard) = &once.standard {
        let again = CONTACTS.phone(standard, country);
        assert_eq!(again.standard.as_ref(), Some(standard), "{country:?} {raw:?}");
        assert_eq!(again.assessment, Assessment::VALID, "{country:?} {raw:?} {standard}");
    }
});
