//! Encodings: marks, detection at the start and later, broken characters.
//! In: text encoded here. Out: the same text, or rejected rows.
//! Never here: real names of real people.

use super::*;
use encoding_rs::{Encoding, ISO_8859_2, WINDOWS_1250};

const SLOVENE: &str = "id;ime;kraj\n1;Žiga Šušteršič;Črnomelj\n2;Tomaž Črnič;Šentjur\n";

fn utf16(text: &str, mark: bool, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
    units.flat_map(order).collect()
}

fn declared(label: &str) -> ReadOptions {
    ReadOptions { encoding: Some(label.into()), ..ReadOptions::default() }
}

fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

#[test]
fn the_same_rows_come_out_of_every_encoding() {
    let expected = csv(SLOVENE).rows;
    assert_eq!(expected[0][1].as_deref(), Some("Žiga Šušteršič"));
    let cases: [(Vec<u8>, &str); 7] = [
        (SLOVENE.as_bytes().to_vec(), "UTF-8"),
        (format!("\u{FEFF}{SLOVENE}").into_bytes(), "UTF-8"),
        (utf16(SLOVENE, true, u16::to_le_bytes), "UTF-16LE"),
        (utf16(SLOVENE, true, u16::to_be_bytes), "UTF-16BE"),
        (utf16(SLOVENE, false, u16::to_le_bytes), "UTF-16LE"),
        (encoded(SLOVENE, WINDOWS_1250), "windows-1250"),
        (encoded(SLOVENE, ISO_8859_2), "ISO-8859-2"),
    ];
    for (bytes, name) in cases {
        let told = csv(&bytes);
        assert_eq!((told.rows, told.encoding), (expected.clone(), name));
        assert_eq!(told.columns, ["id", "ime", "kraj"], "{name}");
    }
}

#[test]
fn a_declared_encoding_is_used_unless_a_mark_contradicts() {
    let told = read_with(&encoded(SLOVENE, ISO_8859_2), &declared("latin2"), CHUNK).unwrap();
    assert_eq!(told.encoding, "ISO-8859-2");
    let marked = format!("\u{FEFF}{SLOVENE}");
    let told = read_with(marked.as_bytes(), &declared("windows-1250"), CHUNK).unwrap();
    assert_eq!(told.encoding, "UTF-8");
    assert!(told.notes().contains(&"encoding_doubtful"));
    let told = read_with(SLOVENE.as_bytes(), &declared("windows-1250"), CHUNK).unwrap();
    assert_eq!(told.encoding, "windows-1250");
    assert!(told.notes().contains(&"encoding_doubtful"));
    let wrong = read_with(b"a", &declared("klingon"), CHUNK).unwrap_err();
    assert!(matches!(wrong, ReadError::Encoding { .. }));
    let wide = read_with(&[0xFF, 0xFE, 0, 0, b'a', 0, 0, 0], &ReadOptions::default(), CHUNK);
    assert!(matches!(wide.unwrap_err(), ReadError::Encoding { .. }));
}

#[test]
fn a_broken_character_costs_its_row() {
    let mut bytes = SLOVENE.as_bytes().to_vec();
    bytes.extend_from_slice(b"3;half \xC5;x\n4;Eva;y\n");
    let told = csv(&bytes);
    assert_eq!(told.refused(), [(4, "invalid_encoding")]);
    assert_eq!(told.rejected[0].column, Some(2));
    assert_eq!(told.rejected[0].raw, "3;half \u{FFFD};x");
    assert_eq!(told.rows.len(), 3);
}

#[test]
fn half_a_surrogate_and_an_odd_byte_cost_their_rows() {
    let mut bytes = utf16("a;b\n1;x\n2;", true, u16::to_le_bytes);
    bytes.extend_from_slice(&0xD83Du16.to_le_bytes());
    bytes.extend(utf16("\n3;\u{FFFD}\n4;y", false, u16::to_le_bytes));
    bytes.push(b'z');
    let told = csv(&bytes);
    assert_eq!(told.refused(), [(3, "invalid_encoding"), (5, "invalid_encoding")]);
    assert_eq!(told.shown(), ["1|x", "3|\u{FFFD}"], "a real U+FFFD is a character");
}

/// An ASCII stretch longer than the sample, then Slovene.
fn late(encoding: &'static Encoding) -> Vec<u8> {
    let mut bytes = b"id;ime;kraj\n".to_vec();
    while bytes.len() < encoding::SAMPLE + 500_000 {
        bytes.extend_from_slice(b"1;Ana;Maribor\n");
    }
    bytes.extend(encoded("2;Žiga Šušteršič;Črnomelj\n", encoding));
    bytes
}

#[test]
fn a_late_first_letter_decides_late() {
    for encoding in [encoding_rs::UTF_8, ISO_8859_2] {
        let told = csv(late(encoding));
        assert_eq!(told.encoding, encoding.name());
        let last = told.rows.last().unwrap();
        assert_eq!(last[1].as_deref(), Some("Žiga Šušteršič"));
        assert!(told.rejected.is_empty());
    }
}

#[test]
fn utf8_is_not_given_up_for_a_late_fault() {
    let mut bytes = b"id;ime\n1;\xC5\xBDiga\n".to_vec();
    while bytes.len() < encoding::SAMPLE + 1000 {
        bytes.extend_from_slice(b"2;Ana\n");
    }
    bytes.extend_from_slice(b"3;\x8Aime\n4;Eva\n");
    let told = csv(&bytes);
    assert_eq!(told.encoding, "UTF-8");
    assert_eq!(told.rejected.len(), 1);
    assert_eq!(told.rejected[0].reason, "invalid_encoding");
}

#[test]
fn broken_characters_in_ndjson() {
    let told = ndjson(b"{\"a\":\"\xC5\xBE\"}\n{\"a\":\"\xC5\"}\n", &["a"]);
    assert_eq!(told.shown(), ["ž"]);
    assert_eq!(told.refused(), [(2, "invalid_encoding")]);
    assert_eq!(told.rejected[0].column, Some(7));
}

#[test]
fn json_is_utf8_even_where_only_one_character_is_broken() {
    let told = ndjson(b"{\"a\":\"x\"}\n{\"a\":\"\xC5\"}\n", &["a"]);
    assert_eq!((told.encoding, told.refused()), ("UTF-8", vec![(2, "invalid_encoding")]));
    let marked = utf16("{\"a\":\"ž\"}\n", true, u16::to_le_bytes);
    assert_eq!(ndjson(marked, &["a"]).shown(), ["ž"]);
}

#[test]
fn a_header_in_another_encoding_is_an_error() {
    let wrong = read_with(&encoded("ulica;številka\n", WINDOWS_1250), &declared("utf-8"), CHUNK);
    assert!(matches!(wrong.unwrap_err(), ReadError::Header { .. }));
}
