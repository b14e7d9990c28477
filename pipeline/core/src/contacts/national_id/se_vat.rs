//! Momsregistreringsnummer, the Swedish VAT number. Enters: 12 digits, perhaps after `SE`. Leaves: nothing but the verdict.
//! Source: Skattförfarandelagen (2011:1244): the organisation number (Luhn) and 01 to 94.

use super::checks::{luhn, number};
use super::{Content, Scheme};

pub(super) const SCHEME: Scheme =
    Scheme { name: "se-vat", country: "SE", lengths: &[12], prefix: Some("SE"), ..Scheme::new(check) };

fn check(digits: &[u8]) -> Result<Content, &'static str> {
    let (organisation, unit) = digits.split_at_checked(10).ok_or("length")?;
    if number(unit) != 1 {
        return Err("format");
    }
    if luhn(organisation) { Ok(Content::default()) } else { Err("checksum") }
}
