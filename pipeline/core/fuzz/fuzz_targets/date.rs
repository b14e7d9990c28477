//! Days, birth dates and moments: any text has an answer, and the standard form is valid and its own standard form.
#![no_main]

use chrono::NaiveDate;
use libfuzzer_sys::fuzz_target;
use zlato_core::contacts::date::REASONS;
use zlato_core::value::{Assessment, Verdict};
use zlato_core_fuzz::CONTACTS;

fuzz_target!(|raw: &str| {
    let as_of = NaiveDate::from_ymd_opt(2026, 11, 1).expect("a day");
    if let Some(standard) = CONTACTS.date(raw).standard {
        let again = CONTACTS.date(&standard);
        assert_eq!(again.standard, Some(standard), "{raw:?}");
        assert_eq!(again.assessment, Assessment::VALID, "{raw:?}");
    }
    let birth = CONTACTS.birth_date(raw, as_of);
    assert!(birth.assessment.reason.is_none_or(|r| REASONS.iter().any(|(code, _)| *code == r)));
    if let Some(standard) = birth.standard.as_ref().filter(|_| birth.assessment.usable()) {
        let again = CONTACTS.birth_date(standard, as_of);
        assert_eq!(again.standard.as_ref(), Some(standard), "{raw:?}");
        assert_ne!(again.assessment.verdict, Verdict::Corrected, "{raw:?}");
        assert!(again.assessment.usable(), "{raw:?}");
    }
    if let Some(standard) = CONTACTS.timestamp(raw).standard.filter(|s| s.contains('T')) {
        let again = CONTACTS.timestamp(&standard);
        assert_eq!(again.standard, Some(standard), "{raw:?}");
        assert_eq!(again.assessment, Assessment::VALID, "{raw:?}");
    }
});
