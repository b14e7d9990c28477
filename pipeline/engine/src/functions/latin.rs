//! `latin(text)`: Serbian Cyrillic in Serbian Latin.

use super::TextFunction;

pub fn function() -> TextFunction {
    TextFunction::new("latin", "Serbian Cyrillic written in Serbian Latin", ("Његош", "Njegoš"), |text| {
        Some(zlato_core::text::serbian_latin(text).into_owned())
    })
}
