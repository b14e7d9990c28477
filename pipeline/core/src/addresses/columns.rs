//! The columns of an address before they are parsed. Enters: [`AddressInput`]. Leaves: cleaned texts, or the
//! verdict on what is not worth parsing. Never here: parts.

use super::{AddressInput, token};
use crate::text::fold;
use crate::value::{Assessment, Verdict};
use std::borrow::Cow;

/// Longest text taken for an address, in bytes.
const LONGEST: usize = 1000;

/// The columns, cleaned; street and street address in one.
pub(super) struct Texts<'a> {
    pub(super) address: Cow<'a, str>,
    pub(super) street_line: Cow<'a, str>,
    pub(super) house_number: Cow<'a, str>,
    pub(super) unit: Cow<'a, str>,
    pub(super) postal_code: Cow<'a, str>,
    pub(super) locality: Cow<'a, str>,
    pub(super) region: Cow<'a, str>,
    pub(super) longest: usize,
    pub(super) placeholder: bool,
}

impl<'a> Texts<'a> {
    pub(super) fn new(input: &AddressInput<'a>) -> Self {
        const EMPTY: Cow<'static, str> = Cow::Borrowed("");
        let mut longest = 0;
        let mut placeholder = false;
        let mut text = |raw: Option<&'a str>| {
            let raw = raw.unwrap_or("");
            longest = longest.max(raw.len());
            if raw.is_empty() || raw.len() > LONGEST {
                return EMPTY;
            }
            let clean = token::clean(raw);
            let nothing = is_placeholder(&clean);
            placeholder |= nothing && !clean.trim().is_empty();
            if nothing { EMPTY } else { clean }
        };
        let (street_address, street, number) =
            (text(input.street_address), text(input.street), text(input.house_number));
        let mut house_number = EMPTY;
        // A street column without its number is parsed together with it, so that names with numbers stay whole.
        let street_line = match (street_address.is_empty(), street.is_empty(), number.is_empty()) {
            (true, false, false) if street.trim_end_matches([' ', ',']).ends_with(number.trim_matches([' ', ','])) => {
                street
            }
            (true, false, false) => Cow::Owned(format!("{street} {number}")),
            (true, false, true) => street,
            (false, ..) => {
                house_number = number;
                street_address
            }
            (true, true, _) => {
                house_number = number;
                EMPTY
            }
        };
        Self {
            address: text(input.address),
            street_line,
            house_number,
            unit: text(input.unit),
            postal_code: text(input.postal_code),
            locality: text(input.locality),
            region: text(input.region),
            longest,
            placeholder,
        }
    }

    fn all(&self) -> [&str; 7] {
        [
            &self.address,
            &self.street_line,
            &self.house_number,
            &self.unit,
            &self.postal_code,
            &self.locality,
            &self.region,
        ]
    }

    /// Whether everything stands in one text.
    pub(super) fn one_line(&self) -> bool {
        self.all().iter().skip(1).all(|text| text.is_empty())
    }

    /// The verdict on texts that are not worth parsing.
    pub(super) fn refusal(&self) -> Option<Assessment> {
        if self.longest > LONGEST {
            return Some(Assessment::new(Verdict::Invalid, "too_long"));
        }
        let [address, street_line, rest @ ..] = self.all();
        if address.is_empty() && street_line.is_empty() && rest.iter().all(|t| t.is_empty()) {
            return Some(if self.placeholder {
                Assessment::new(Verdict::Missing, "placeholder")
            } else {
                Assessment::MISSING
            });
        }
        let letters = self.all().iter().any(|t| t.chars().any(char::is_alphabetic));
        let mail = is_mail(address) || street_line.contains('@');
        (mail || !letters && self.postal_code.is_empty()).then(|| Assessment::new(Verdict::Invalid, "not_an_address"))
    }
}

/// Whether a text holds a mailbox or the name of a website; looked at more closely only where two letters hint at it.
fn is_mail(text: &str) -> bool {
    let hint = |pair: &[u8]| matches!(pair, b"//" | b"ww" | b"WW" | [b'@', _] | [_, b'@']);
    (text == "@" || text.as_bytes().windows(2).any(hint))
        && (text.contains('@') || text.contains("//") || text.contains("www.") || text.contains("WWW."))
}

/// Words for nothing in the four languages, and keyboard noise.
pub(super) fn is_placeholder(text: &str) -> bool {
    if text.len() > 24 {
        return false;
    }
    let folded = fold(text);
    let letters = || folded.bytes().filter(|b| *b != b' ');
    let first = letters().next();
    let repeated = letters().all(|b| Some(b) == first && b != b'i' && !b.is_ascii_digit()) && letters().count() > 2;
    first.is_none()
        || repeated
        || matches!(
            folded.as_str(),
            "brak"
                | "brak danych"
                | "brak adresu"
                | "nie dotyczy"
                | "nieznany"
                | "nema"
                | "nema podataka"
                | "nepoznato"
                | "nepoznata"
                | "ni"
                | "ni podatka"
                | "neznano"
                | "neznan"
                | "nav"
                | "nav datu"
                | "nezinams"
                | "nav zinams"
                | "n a"
                | "na"
                | "nd"
                | "none"
                | "null"
                | "nan"
                | "unknown"
                | "test"
                | "test test"
                | "asdf"
                | "asdfg"
                | "asdasd"
                | "qwerty"
                | "adres"
                | "adresa"
                | "naslov"
                | "adrese"
                | "address"
                | "x"
                | "xx"
        )
}
