//! National and tax ids: any text has an answer in any country, and the standard form is its own standard form; with a
//! country known, it tells the same (its verdict may be better: a label such as `PIB` is gone).
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
        // The hyphen of a written id may be all that tells Latvia where no country is known, and an EIN from an SSN.
        if country.is_some_and(|c| c != "US") {
            let told = |id: &NationalId| (id.scheme, id.birth_date.clone(), id.sex);
            assert_eq!(told(&again), told(&once), "{country:?} {raw:?}");
        }
    }
});
