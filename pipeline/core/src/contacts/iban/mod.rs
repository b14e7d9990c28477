//! International bank account numbers. Enters: a raw field and perhaps the record's country. Leaves: the compact form,
//! its parts and a verdict. Never asks whether bank or account exist.
//!
//! Source: ISO 13616-1 (structure, check digits by ISO 7064 MOD 97-10) and SWIFT's IBAN registry (length, characters and
//! bank identifier of each country); the national check digits as `national.rs` says.

mod national;
mod registry;

use registry::Structure;

use super::Contacts;
use crate::text::is_blank;
use crate::value::{Assessment, Verdict};

/// Reason codes of IBANs.
pub const REASONS: &[(&str, &str)] = &[
    ("placeholder", "A value that stands for \"no account\": zeros, or a word from the rules' list."),
    ("format", "Not two letters, two digits and an account of letters and digits."),
    ("unknown_country", "The IBAN registry has no such country."),
    ("length", "Not as long as the country's IBANs are."),
    ("structure", "Letters stand where the country's IBANs have digits, or digits where they have letters."),
    ("checksum", "The two check digits after the country do not fit the rest: a slip of the pen."),
    (
        "national_check_digits",
        "Right as an IBAN, but the check digits of the country's own account number do not fit: ask, or test a payment.",
    ),
    ("not_in_registry", "Right by its check digits, but the country's IBANs are not in the registry."),
    ("missing_country", "The letters of the country were missing; those of the record's country make it right."),
    ("text_removed", "Words around the number, such as IBAN or the name of the bank, were dropped."),
];

/// A judged IBAN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Iban {
    /// Capitals and digits without blanks.
    pub standard: Option<String>,
    /// ISO 3166 alpha-2, as the number says.
    pub country: Option<String>,
    pub check_digits: Option<String>,
    /// Bank identifier, where the registry names one.
    pub bank: Option<String>,
    pub branch: Option<String>,
    /// What follows bank and branch, national check digits included.
    pub account: Option<String>,
    /// Whether the country's own check digits fit; none where we know none.
    pub national_check: Option<bool>,
    /// In groups of four, as it is printed.
    pub printed: Option<String>,
    pub assessment: Assessment,
}

impl Iban {
    fn refused(assessment: Assessment) -> Self {
        Self {
            standard: None,
            country: None,
            check_digits: None,
            bank: None,
            branch: None,
            account: None,
            national_check: None,
            printed: None,
            assessment,
        }
    }
}

impl Contacts {
    /// An IBAN; `country` (ISO 3166 alpha-2) helps where the number came without its letters. Reasons: [`REASONS`].
    pub fn iban(&self, raw: &str, country: Option<&str>) -> Iban {
        let text = raw.trim_matches(is_blank);
        if text.is_empty() {
            return Iban::refused(Assessment::MISSING);
        }
        if self.placeholders.contains(text) || stands_for_nothing(text) {
            return Iban::refused(Assessment::new(Verdict::Missing, "placeholder"));
        }
        if let Some(compact) = without_words_behind(text) {
            let structure = check(&compact).ok().flatten();
            return right(&compact, structure, Some("text_removed"));
        }
        let Some(mut compact) = Compact::of(text) else {
            return Iban::refused(Assessment::new(Verdict::Invalid, "format"));
        };
        let mut note = None;
        if compact.starts_with(b"IBAN") {
            compact.drop_front(4);
            note = Some("text_removed");
        }
        if let Some(country) = country
            && compact.starts_with_digit()
            && let Some(with_country) = compact.with_front(country)
            && check(&with_country).is_ok()
        {
            compact = with_country;
            note = Some("missing_country");
        }
        match check(&compact) {
            Err(reason) => {
                let assessment = Assessment::new(Verdict::Invalid, reason);
                let repaired = (reason == "structure").then(|| compact.letters_as_digits()).flatten();
                Iban::refused(match repaired {
                    Some(repaired) if check(&repaired).is_ok() => assessment.suggesting(repaired.text()),
                    _ => assessment,
                })
            }
            Ok(structure) => right(&compact, structure, note),
        }
    }
}

/// `PL61 1090 ... 2874 mBank`, `DE89 3704 ... 00 / COBADEFFXXX`: a right number of the registry, and behind it words of
/// letters. None where nothing stands behind it.
fn without_words_behind(text: &str) -> Option<Compact> {
    let ends =
        text.char_indices().filter(|(at, c)| *at >= SHORTEST && (is_blank(*c) || matches!(c, '/' | ',' | ';' | '(')));
    let words =
        |text: &str| text.chars().any(char::is_alphabetic) && text.bytes().filter(u8::is_ascii_digit).count() < 4;
    ends.map(|(at, _)| text.split_at(at))
        .filter(|(_, behind)| words(behind))
        .find_map(|(number, _)| Compact::of(number).filter(|compact| check(compact).is_ok_and(|s| s.is_some())))
}

/// A number of the right length, characters and check digits.
fn check(compact: &Compact) -> Result<Option<&'static Structure>, &'static str> {
    let [c1, c2, d1, d2, bban @ ..] = compact.bytes() else {
        return Err("format");
    };
    if !(c1.is_ascii_uppercase() && c2.is_ascii_uppercase() && d1.is_ascii_digit() && d2.is_ascii_digit()) {
        return Err("format");
    }
    let structure = registry::find([*c1, *c2]);
    let length = structure.map(Structure::length).or_else(|| Some(registry::length_outside([*c1, *c2])? - 4));
    if bban.len() != length.ok_or("unknown_country")? {
        return Err("length");
    }
    if structure.is_some_and(|s| !s.fits(bban)) {
        return Err("structure");
    }
    // ISO 13616 gives out 02 to 98 only; 00, 01 and 99 would leave the same remainder as 97, 98 and 02.
    let written = u32::from(d1 - b'0') * 10 + u32::from(d2 - b'0');
    let rest = bban.iter().chain([c1, c2, d1, d2]).fold(0, |rest, b| match b {
        b'0'..=b'9' => (rest * 10 + u32::from(b - b'0')) % 97,
        letter => (rest * 100 + u32::from(letter.saturating_sub(b'A')) + 10) % 97,
    });
    if rest == 1 && (2..=98).contains(&written) { Ok(structure) } else { Err("checksum") }
}

fn right(compact: &Compact, structure: Option<&Structure>, note: Option<&'static str>) -> Iban {
    let text = compact.text();
    let bban = compact.bytes().get(4..).unwrap_or(&[]);
    let national_check = structure.and_then(|s| national::fits(s.country, bban));
    let assessment = if structure.is_none() {
        Assessment::new(Verdict::Suspect, "not_in_registry")
    } else if national_check == Some(false) {
        Assessment::new(Verdict::Suspect, "national_check_digits")
    } else {
        note.map_or(Assessment::VALID, |reason| Assessment::new(Verdict::Corrected, reason))
    };
    let part = |range: std::ops::Range<usize>| {
        text.get(range.start + 4..range.end + 4).filter(|part| !part.is_empty()).map(String::from)
    };
    let (bank, branch) = structure.map_or((0..0, 0..0), |s| (s.bank.clone(), s.branch.clone()));
    let account = bank.end.max(branch.end)..bban.len();
    let mut printed = String::with_capacity(text.len() + text.len() / 4);
    for (at, c) in text.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            printed.push(' ');
        }
        printed.push(c);
    }
    Iban {
        country: text.get(..2).map(String::from),
        check_digits: text.get(2..4).map(String::from),
        bank: part(bank),
        branch: part(branch),
        account: part(account),
        national_check,
        printed: Some(printed),
        standard: Some(text),
        assessment,
    }
}

/// Whether the text is an IBAN: for finding them in other columns.
pub(super) fn looks_like_iban(text: &str) -> bool {
    let letters = text.bytes().take(2).all(|b| b.is_ascii_alphabetic());
    letters && Compact::of(text).is_some_and(|compact| check(&compact).is_ok())
}

/// Nothing but zeros, with or without letters in front.
fn stands_for_nothing(text: &str) -> bool {
    let digits = || text.bytes().filter(u8::is_ascii_digit);
    digits().count() >= 4 && digits().all(|d| d == b'0') && text.bytes().filter(u8::is_ascii_alphabetic).count() <= 2
}

/// No IBAN of the registry is shorter (Norway: 15).
const SHORTEST: usize = 15;

/// No IBAN is longer (ISO 13616: 34; four more for the word itself).
const LONGEST: usize = 38;

/// Capitals and digits, without what parts them.
struct Compact {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Compact {
    fn of(text: &str) -> Option<Self> {
        let mut out = Self { bytes: [0; LONGEST], len: 0 };
        for c in text.chars() {
            match c {
                '0'..='9' | 'A'..='Z' | 'a'..='z' => out.push(u8::try_from(c).ok()?.to_ascii_uppercase())?,
                // Full-width letters and digits.
                '\u{FF10}'..='\u{FF19}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => {
                    out.push(u8::try_from(u32::from(c) - 0xFEE0).ok()?.to_ascii_uppercase())?;
                }
                '-' | '.' | ':' | '/' | '\u{2010}'..='\u{2014}' => {}
                c if is_blank(c) => {}
                _ => return None,
            }
        }
        Some(out)
    }

    fn push(&mut self, byte: u8) -> Option<()> {
        *self.bytes.get_mut(self.len)? = byte;
        self.len += 1;
        Some(())
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }

    fn text(&self) -> String {
        self.bytes().iter().map(|b| char::from(*b)).collect()
    }

    fn starts_with(&self, front: &[u8]) -> bool {
        self.bytes().starts_with(front)
    }

    fn starts_with_digit(&self) -> bool {
        self.bytes().first().is_some_and(u8::is_ascii_digit)
    }

    fn drop_front(&mut self, n: usize) {
        self.bytes.copy_within(n.min(self.len)..self.len, 0);
        self.len -= n.min(self.len);
    }

    fn with_front(&self, front: &str) -> Option<Self> {
        let mut out = Self { bytes: [0; LONGEST], len: 0 };
        front.bytes().chain(self.bytes().iter().copied()).try_for_each(|b| out.push(b))?;
        Some(out)
    }

    /// `O` and `I` behind the country as `0` and `1`, as they are mistaken when read aloud or off paper.
    fn letters_as_digits(&self) -> Option<Self> {
        let mut out = Self { bytes: self.bytes, len: self.len };
        for byte in out.bytes.iter_mut().skip(2) {
            *byte = match *byte {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
        }
        (out.bytes != self.bytes).then_some(out)
    }
}

#[cfg(test)]
mod tests;
