//! `fold(text)`: the match form of a text.

use super::TextFunction;

pub fn function() -> TextFunction {
    let description = "Match form: Latin script, no diacritics, lower case, single blanks; null when nothing is left";
    TextFunction::new("fold", description, ("Ђорђе  ŁÓDŹ", "dorde lodz"), |text| {
        Some(zlato_core::text::fold(text)).filter(|t| !t.is_empty())
    })
}
