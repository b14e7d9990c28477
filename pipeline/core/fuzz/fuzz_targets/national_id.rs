//! National and tax ids: any text has an answer in any country, and the standard form is its own standard form. With a
//! country known and nothing but letters and digits written, it tells the same (its verdict may be better: a label such as
//! `PIB` is gone).
#![no_main]

use libfuzzer_sys::fuzz_target;
use zlato_core::contacts::NationalId;
use zlato_core::contacts::national_id::REASONS;
use zlato_core_fuzz::{CONTACTS, country};

fuzz_target!(|data: &[u8]| {
    let (country, raw) = country(data);
    let once = CONTACTS.national_id(&raw, country);
    assert!(once.assessment.reason.is_none_or(|r| REASONS.iter().any(|(code, _)| *code == r)));
    if let Some(standard) = &once.standard {
        let again = CONTACTS.national_id(standard, country);
        assert_eq!(again.standard, once.standard, "{country:?} {raw:?}");
        // Blanks and hyphens may be all that tells one scheme from another: an EIN from an SSN, an EDB from an EMBG.
        if country.is_some() && raw.trim().chars().all(char::is_alphanumeric) {
            let told = |id: &NationalId| (id.scheme, id.birth_date.clone(), id.sex);
            assert_eq!(told(&again), told(&once), "{country:?} {raw:?}");
        }
    }
});
