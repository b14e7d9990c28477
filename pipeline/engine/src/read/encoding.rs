//! Which encoding a file is in.
//! In: a sample of its bytes, perhaps a declared label. Out: an `encoding_rs` encoding.
//! Never here: decoding; the whole file is never needed.
//!
//! The rule, in this order:
//! 1. A byte order mark (UTF-8, UTF-16LE, UTF-16BE) settles it, even against a declared label.
//! 2. A declared label is taken at its word (`utf-16` without a mark: the NUL bytes tell which).
//! 3. NUL bytes on one side of the byte pairs (at least a tenth of the pairs, on the other side
//!    next to none, four at least): UTF-16 of that byte order.
//!    Else JSON is UTF-8, as RFC 8259 says; the rules below are for CSV.
//! 4. No byte above 0x7F in the sample: ASCII so far. The question is asked again, with the same
//!    rule, at the first such byte, over the 1 MiB that follows it. Until then it does not matter.
//! 5. At least as many well-formed UTF-8 sequences as broken ones: UTF-8. Rows that are not well-formed,
//!    in the sample or later, are rejected (`invalid_encoding`), never re-read in another encoding.
//! 6. Otherwise it is a one-byte encoding. If `chardetng` sees Cyrillic or Baltic, that is taken.
//!    Else Windows-1257 by [`latvian`], or Windows-1250 or ISO-8859-2 by [`central_european`].
//!    A file of a few rows may leave this open: then the note `encoding_detected` says what was taken.

use super::error::{Note, ReadError};
use chardetng::EncodingDetector;
use encoding_rs::{Encoding, ISO_8859_2, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1257};
use std::path::Path;

/// How many bytes are looked at: from the start, or from the first byte above 0x7F.
pub(super) const SAMPLE: usize = 1024 * 1024;

/// The encoding, or that it does not matter yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Known(&'static Encoding),
    /// ASCII so far; ask [`detect`] at the first byte above 0x7F.
    AsciiSoFar,
}

/// The encoding of a file from its first [`SAMPLE`] bytes, and the length of its byte order mark.
pub(super) fn at_start(
    file: &Path,
    sample: &[u8],
    declared: Option<&str>,
    json: bool,
    notes: &mut Vec<Note>,
) -> Result<(Found, usize), ReadError> {
    if sample.starts_with(&[0xFF, 0xFE, 0, 0]) || sample.starts_with(&[0, 0, 0xFE, 0xFF]) {
        return Err(ReadError::Encoding {
            file: file.to_owned(),
            what: "the file is in UTF-32, which is not supported; save it as UTF-8".into(),
        });
    }
    let declared = declared.map(|label| for_label(file, label, sample)).transpose()?;
    if let Some((encoding, length)) = Encoding::for_bom(sample) {
        notes.push(Note::new("bom", format!("the file starts with a byte order mark of {}", encoding.name())));
        if let Some(other) = declared.filter(|d| *d != encoding) {
            notes.push(Note::new(
                "encoding_doubtful",
                format!(
                    "{} is declared, but the byte order mark says {}, which was used",
                    other.name(),
                    encoding.name()
                ),
            ));
        }
        return Ok((Found::Known(encoding), length));
    }
    if let Some(encoding) = declared {
        let (good, broken) = utf8_sequences(sample);
        if !matches!(encoding, e if e == UTF_8 || e == UTF_16LE || e == UTF_16BE) && good >= 3 && broken == 0 {
            notes.push(Note::new(
                "encoding_doubtful",
                format!(
                    "{} is declared, but all {good} characters beyond ASCII in the sample are well-formed UTF-8",
                    encoding.name()
                ),
            ));
        }
        return Ok((Found::Known(encoding), 0));
    }
    if let Some(encoding) = utf16_without_mark(sample) {
        notes.push(Note::new("encoding_detected", format!("read as {}: every other byte is NUL", encoding.name())));
        return Ok((Found::Known(encoding), 0));
    }
    if json {
        return Ok((Found::Known(UTF_8), 0));
    }
    if Encoding::ascii_valid_up_to(sample) == sample.len() {
        return Ok((Found::AsciiSoFar, 0));
    }
    Ok((Found::Known(detect(sample, notes)), 0))
}

/// Rules 5 and 6: UTF-8 or a one-byte encoding, for a sample with bytes above 0x7F.
pub(super) fn detect(sample: &[u8], notes: &mut Vec<Note>) -> &'static Encoding {
    let sample = sample.get(..SAMPLE).unwrap_or(sample);
    let (good, broken) = utf8_sequences(sample);
    if good >= broken {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new();
    detector.feed(sample, true);
    let guess = detector.guess(None, false);
    let encoding = match guess.name() {
        "windows-1251" | "KOI8-U" | "KOI8-R" | "ISO-8859-5" | "IBM866" | "windows-1257" | "ISO-8859-4"
        | "ISO-8859-13" => guess,
        _ if latvian(sample) => WINDOWS_1257,
        _ => central_european(sample),
    };
    notes.push(Note::new(
        "encoding_detected",
        format!(
            "read as {} by its bytes; if names come out wrong, declare the encoding in sources.toml",
            encoding.name()
        ),
    ));
    encoding
}

/// Windows-1250 or ISO-8859-2. They share most letters of Polish, Slovene, Croatian, Czech.
///
/// Bytes 0x80-0x9F are letters (Š Ś Ť Ž Ź š ś ť ž ź) and typographic marks in Windows-1250 and
/// control characters in ISO-8859-2. Beside a letter, A6 A9 AC AE B6 BC BE are letters in
/// ISO-8859-2 (Ś Š Ź Ž ś ź ž) and signs in Windows-1250, or Slovak Ľ ľ; A1 B1 are Ą ą against signs.
/// B9 is Polish ą against š: it speaks for ISO-8859-2 only where č and đ outnumber Polish letters.
/// Windows-1250 where nothing tells.
fn central_european(sample: &[u8]) -> &'static Encoding {
    let (mut windows, mut iso, mut polish, mut south, mut b9) = (0u64, 0u64, 0u64, 0u64, 0u64);
    let mut before = 0u8;
    for (at, &byte) in sample.iter().enumerate() {
        if byte >= 0x80 {
            let after = sample.get(at + 1).copied().unwrap_or(0);
            let in_word = before.is_ascii_alphabetic() || after.is_ascii_alphabetic();
            match byte {
                0x80..=0x9F => windows += 1,
                0xA6 | 0xA9 | 0xAC | 0xAE | 0xB6 | 0xBC | 0xBE | 0xA1 | 0xB1 if in_word => iso += 1,
                0xEA | 0xB3 | 0xA3 | 0xF1 | 0xBF | 0xF3 => polish += 1,
                0xE8 | 0xC8 | 0xF0 | 0xD0 => south += 1,
                0xB9 if in_word => b9 += 1,
                _ => {}
            }
        }
        before = byte;
    }
    if south > polish {
        iso += b9;
    } else {
        windows += b9;
    }
    if iso > windows { ISO_8859_2 } else { WINDOWS_1250 }
}

/// Whether letters that only Latvian has (ā ē ģ ī ļ ņ ū as Windows-1257 codes them) outnumber by two
/// to one those that it lacks. Those bytes are â ç ě î ď ň ű elsewhere: rare in Polish, Slovene,
/// Serbian. Needed because `chardetng` takes short Latvian samples for Western European.
fn latvian(sample: &[u8]) -> bool {
    let (mut own, mut foreign) = (0u64, 0u64);
    for byte in sample {
        match byte {
            0xE2 | 0xE7 | 0xEC | 0xEE | 0xEF | 0xF2 | 0xFB => own += 1,
            0xC2 | 0xC7 | 0xCC | 0xCE | 0xCF | 0xD2 | 0xDB => own += 1,
            0xE8 | 0xC8 | 0xED | 0xCD | 0xF0 | 0xD0 | 0xFE | 0xDE => {} // č ķ š ž, and letters elsewhere
            0x80..=0x9F | 0xA1..=0xFF => foreign += 1,
            _ => {}
        }
    }
    own > foreign * 2
}

/// Rule 3. Fewer than four NUL bytes are a fault in the file rather than an encoding.
fn utf16_without_mark(sample: &[u8]) -> Option<&'static Encoding> {
    let pairs = sample.len().min(64 * 1024) / 2;
    let (mut first, mut second) = (0usize, 0usize);
    for pair in sample.chunks_exact(2).take(pairs) {
        first += usize::from(pair.first() == Some(&0));
        second += usize::from(pair.last() == Some(&0));
    }
    let many = |n: usize| n >= 4 && n * 10 >= pairs;
    if many(second) && first * 20 <= second {
        Some(UTF_16LE)
    } else if many(first) && second * 20 <= first {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Number of well-formed multi-byte sequences and of broken ones.
/// A sequence that the end of the sample cuts off counts as neither.
fn utf8_sequences(sample: &[u8]) -> (u64, u64) {
    let (mut good, mut broken) = (0u64, 0u64);
    let mut rest = sample;
    loop {
        match std::str::from_utf8(rest) {
            Ok(text) => return (good + multi_byte(text.as_bytes()), broken),
            Err(error) => {
                let valid = error.valid_up_to();
                good += multi_byte(rest.get(..valid).unwrap_or_default());
                let Some(length) = error.error_len() else {
                    return (good, broken);
                };
                broken += 1;
                rest = rest.get(valid + length..).unwrap_or_default();
            }
        }
    }
}

fn multi_byte(valid: &[u8]) -> u64 {
    valid.iter().filter(|b| **b >= 0xC0).count() as u64
}

/// A declared label as in the WHATWG Encoding Standard, such as `utf-8`, `windows-1250`, `latin2`.
fn for_label(file: &Path, label: &str, sample: &[u8]) -> Result<&'static Encoding, ReadError> {
    let plain = label.trim().to_ascii_lowercase();
    if matches!(plain.as_str(), "utf-16" | "utf16") {
        return Ok(utf16_without_mark(sample).unwrap_or(UTF_16LE));
    }
    let spelled = match plain.as_str() {
        "utf16le" => "utf-16le",
        "utf16be" => "utf-16be",
        "win1250" | "win-1250" | "1250" => "windows-1250",
        "win1251" | "win-1251" | "1251" => "windows-1251",
        "iso8859_2" | "latin-2" => "iso-8859-2",
        other => other,
    };
    match Encoding::for_label_no_replacement(spelled.as_bytes()) {
        Some(encoding) => Ok(encoding),
        None => Err(ReadError::Encoding {
            file: file.to_owned(),
            what: format!(
                "the declared encoding `{label}` is unknown; common ones are utf-8, utf-16, windows-1250, windows-1251, windows-1257, iso-8859-2"
            ),
        }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn found(text: &str, encoding: &'static Encoding) -> &'static str {
        let (bytes, _, lossy) = encoding.encode(text);
        assert!(!lossy, "{text} does not fit {}", encoding.name());
        detect(&bytes, &mut Vec::new()).name()
    }

    #[test]
    fn central_european_bytes_are_told_apart() {
        let polish = "imię;nazwisko\nŁucja;Wiśniewska\nKazimierz;Źdźbło\nJanusz;Mąka\n";
        let slovene = "ime;priimek\nŽiga;Šušteršič\nTomaž;Črnič\n";
        assert_eq!(found(polish, WINDOWS_1250), "windows-1250");
        assert_eq!(found(polish, ISO_8859_2), "ISO-8859-2");
        assert_eq!(found(slovene, WINDOWS_1250), "windows-1250");
        assert_eq!(found(slovene, ISO_8859_2), "ISO-8859-2");
    }

    #[test]
    fn cyrillic_and_baltic_are_recognised() {
        let serbian =
            "име;презиме;град\nЉубиша;Ђорђевић;Београд\nМилица;Јовановић;Нови Сад\nЏорџе;Његовановић;Краљево\n"
                .repeat(5);
        let latvian = "vārds;uzvārds;pilsēta\nJānis;Bērziņš;Rīga\nIlze;Kalniņa;Liepāja\nĒriks;Ķirsis;Jūrmala\nŽanete;Krūmiņa;Cēsis\n".repeat(5);
        assert_eq!(found(&serbian, encoding_rs::WINDOWS_1251), "windows-1251");
        assert_eq!(found(&latvian, WINDOWS_1257), "windows-1257");
        assert_eq!(found("vārds;pilsēta\nJānis;Liepāja\n", WINDOWS_1257), "windows-1257");
    }

    #[test]
    fn utf8_survives_a_few_broken_sequences() {
        let mut bytes = "Žiga;Šušteršič\n".repeat(3).into_bytes();
        bytes.extend_from_slice(b"half;\xC5\n");
        assert_eq!(detect(&bytes, &mut Vec::new()).name(), "UTF-8");
    }

    #[test]
    fn utf16_shows_by_its_nul_bytes() {
        let little: Vec<u8> = "ime;Милица\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "ime;Милица\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(utf16_without_mark(&little), Some(UTF_16LE));
        assert_eq!(utf16_without_mark(&big), Some(UTF_16BE));
        assert_eq!(utf16_without_mark(b"plain;text\nwith\0one nul\n"), None);
        assert_eq!(utf16_without_mark(&[0; 64]), None);
    }

    #[test]
    fn labels_are_understood_or_refused_with_a_hint() {
        let file = Path::new("crm.csv");
        assert_eq!(for_label(file, "cp1250", b"").unwrap(), WINDOWS_1250);
        assert_eq!(for_label(file, "UTF-16", b"\0a\0b\0c\0d").unwrap(), UTF_16BE);
        let message = for_label(file, "utf-9", b"").unwrap_err().to_string();
        assert!(message.contains("utf-9") && message.contains("windows-1250"), "{message}");
    }
}
