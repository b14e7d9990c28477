//! Emails: any text has an answer, and the standard form is its own standard form, with the same key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zlato_core::contacts::email::REASONS;
use zlato_core::value::Verdict;
use zlato_core_fuzz::CONTACTS;

fuzz_target!(|raw: &str| {
    let once = CONTACTS.email(raw);
    assert!(once.assessment.reason.is_none_or(|r| REASONS.iter().any(|(code, _)| *code == r)));
    if let Some(standard) = &once.standard {
        let again = CONTACTS.email(standard);
        assert_eq!(again.standard.as_ref(), Some(standard), "{raw:?}");
        assert_eq!(again.key, once.key, "{raw:?}");
        assert_ne!(again.assessment.verdict, Verdict::Corrected, "{raw:?}");
    }
});
