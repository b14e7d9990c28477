//! `digits(text)`: the digits of a text, null when there are none.

use super::TextFunction;

pub fn function() -> TextFunction {
    TextFunction::new("digits", "The digits of a text; null when it has none", ("+48 601-222", "48601222"), |text| {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    })
}
