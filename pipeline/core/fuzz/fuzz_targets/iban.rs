//! IBANs and national account numbers: any text has an answer in any country, and the standard form is its own standard
//! form with the same parts.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zlato_core::contacts::iban::REASONS;
use zlato_core::value::Verdict;
use zlato_core_fuzz::{CONTACTS, country};

fuzz_target!(|data: &[u8]| {
    let (country, raw) = country(data);
    let once = CONTACTS.iban(&raw, country);
    assert!(once.assessment.reason.is_none_or(|r| REASONS.iter().any(|(code, _)| *code == r)));
    if let Some(standard) = &once.standard {
        let again = CONTACTS.iban(standard, country);
        assert_eq!(again.standard, once.standard, "{country:?} {raw:?}");
        assert_eq!(again.national_check, once.national_check, "{country:?} {raw:?}");
        assert_eq!((&again.bank, &again.account), (&once.bank, &once.account), "{country:?} {raw:?}");
        assert_ne!(again.assessment.verdict, Verdict::Corrected, "{country:?} {raw:?}");
    }
});
