//! `phonetic(text)`: how a name sounds.

use super::TextFunction;

pub fn function() -> TextFunction {
    let description = "Daitch-Mokotoff code of a name: alike for names that sound alike; null when it has no letters";
    TextFunction::new("phonetic", description, ("Kowalski", "578450"), |text| {
        zlato_core::contacts::phonetic(&zlato_core::text::fold(text))
    })
}
