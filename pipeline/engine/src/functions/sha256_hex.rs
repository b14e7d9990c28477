//! `sha256_hex(text)`: for matching hashed contacts.

use super::TextFunction;
use sha2::{Digest, Sha256};

pub fn function() -> TextFunction {
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    TextFunction::new("sha256_hex", "SHA-256 of a text as lower-case hex digits", ("abc", hash), |text| {
        Some(Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect())
    })
}
