//! Rule files, country packs and models. The first byte chooses the file, the next two a place in a file that has every
//! key; the text stands alone, and is put into that file there. Any text gives rules or findings, and every finding has a
//! known code and lies within its file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;
use zlato_core::addresses::parse_pack;
use zlato_core::matching::model::Model;
use zlato_core::rules::diagnostics::{CODES, Diagnostic};
use zlato_core::rules::{self, FILES};
use zlato_core_fuzz::choice;

/// A file of each kind with every key, in the order of [`FILES`].
const WHOLE: [&str; 8] = [
    include_str!("../../../../fixtures/rules/valid/every_key/sources.toml"),
    include_str!("../../../../fixtures/rules/valid/every_key/contacts.toml"),
    include_str!("../../../../fixtures/rules/valid/every_key/addresses.toml"),
    include_str!("../../../../fixtures/rules/valid/every_key/matching.toml"),
    include_str!("../../../../fixtures/rules/valid/every_key/profiles.toml"),
    include_str!("../../../../fixtures/rules/valid/every_key/survivorship.toml"),
    include_str!("../../../../fixtures/rules/valid/every_key/freshness.toml"),
    include_str!("../../../../fixtures/rules/valid/every_key/gate.toml"),
];

const PACK: &str = include_str!("../../../../rules/countries/hr.toml");

fn within(found: &Diagnostic, text: &str) {
    assert!(text.get(found.span.clone()).is_some(), "{found:?}");
    assert!(found.line >= 1 && found.line <= text.split('\n').count() && found.column >= 1, "{found:?}");
}

fn folder_with(file: &str, text: &str) {
    let mut files: BTreeMap<String, String> =
        FILES.iter().zip(WHOLE).map(|(name, text)| (name.to_string(), text.to_string())).collect();
    files.insert(file.to_string(), text.to_string());
    let loaded = rules::load(&files);
    for found in &loaded.diagnostics {
        assert!(CODES.iter().any(|(code, _)| *code == found.code), "{found:?}");
        within(found, files.get(&found.file).map_or("", String::as_str));
    }
    assert!(loaded.rules.is_some() || !loaded.diagnostics.is_empty());
}

fn pack(text: &str) {
    if let Err(found) = parse_pack("countries/xx.toml", text) {
        assert!(!found.is_empty());
        found.iter().for_each(|f| within(f, text));
    }
}

/// `text` put into `whole` at a place between two characters.
fn put(text: &str, whole: &str, at: usize) -> String {
    let mut at = at % (whole.len() + 1);
    while !whole.is_char_boundary(at) {
        at -= 1;
    }
    let (before, after) = whole.split_at(at);
    format!("{before}{text}{after}")
}

fuzz_target!(|data: &[u8]| {
    let (kind, rest) = data.split_first().unwrap_or((&b'a', &[]));
    let (place, rest) = rest.split_at(rest.len().min(2));
    let at = place.iter().fold(0, |at, byte| (at << 8) | usize::from(*byte));
    let (kind, _) = choice(&[*kind], FILES.len() + 2);
    let text = String::from_utf8_lossy(rest);
    match (FILES.get(kind), WHOLE.get(kind)) {
        (Some(file), Some(whole)) => {
            folder_with(file, &text);
            folder_with(file, &put(&text, whole, at));
        }
        _ if kind == FILES.len() => {
            pack(&text);
            pack(&put(&text, PACK, at));
        }
        _ => {
            if let Err(error) = Model::from_toml(&text) {
                assert!(error.span.is_none_or(|span| text.get(span).is_some()));
            }
        }
    }
});
