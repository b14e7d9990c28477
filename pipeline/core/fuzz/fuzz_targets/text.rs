//! Free text and the small kinds: folding and squeezing twice is once, Serbian Cyrillic folds like its Latin, words for
//! nothing are found whatever their spelling, and any text has an answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zlato_core::contacts::{Nicknames, boolean, gender, number, phonetic};
use zlato_core::judgement;
use zlato_core::lines::line;
use zlato_core::text::{fold, script, serbian_latin, squeeze};
use zlato_core_fuzz::{CONTACTS, serbian_cyrillic};

fuzz_target!(|raw: &str| {
    let folded = fold(raw);
    assert_eq!(fold(&folded), folded, "{raw:?}");
    assert!(folded.bytes().all(|b| b == b' ' || b.is_ascii_lowercase() || b.is_ascii_digit()), "{raw:?}");
    assert!(!folded.contains("  ") && !folded.contains("dj") && folded.trim() == folded, "{raw:?}");

    let squeezed = squeeze(raw);
    assert_eq!(squeeze(&squeezed), squeezed, "{raw:?}");
    assert!(!squeezed.contains("  ") && squeezed.trim() == squeezed, "{raw:?}");

    if serbian_cyrillic(raw) {
        let latin = serbian_latin(raw);
        assert_eq!(fold(&latin), folded, "{raw:?}");
        assert_ne!(script(&latin), Some("cyrillic"), "{raw:?}");
    }

    let text = CONTACTS.text(raw);
    if let Some(standard) = &text.standard {
        assert_eq!(CONTACTS.text(standard), text, "{raw:?}");
    }
    boolean(raw);
    gender(raw);
    assert!(number(raw).is_none_or(f64::is_finite), "{raw:?}");
    assert!(phonetic(raw).is_none_or(|code| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())), "{raw:?}");

    let nicknames = Nicknames::parse(raw);
    let (first, second) = folded.split_once(' ').unwrap_or((&folded, ""));
    assert_eq!(nicknames.related(first, second), nicknames.related(second, first), "{raw:?}");

    if let Ok(judgements) = judgement::parse(raw) {
        let lines: String = judgements.iter().map(line).collect();
        assert_eq!(judgement::parse(&lines).ok(), Some(judgements), "{raw:?}");
    }
});
