//! `sha256_hex(text)`: for matching hashed contacts.

use super::TextFunction;
use sha2::{Digest, Sha256};

pub fn function() -> TextFunction {
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    TextFunction::new("sha256_hex", "SHA-256 of a text as lower-case hex digits", ("abc", hash), |text| {
        Some(sha256_hex(text))
    })
}

/// SHA-256 (FIPS 180-4) of a text as 64 lower-case hex digits.
pub fn sha256_hex(text: &str) -> String {
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('0');
    Sha256::digest(text.as_bytes()).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
