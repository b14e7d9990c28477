//! Files of one JSON object a line, as decisions are kept. Enters: the text of a file. Leaves: its objects with the numbers
//! of their lines, or the first line that is none. Never here: files; a line's text in an error.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// A line that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct LineError {
    pub line: usize,
    pub column: usize,
    pub message: String,
}

/// The objects of a file, each with its line number; blank lines are nothing. `wanted`: what a line must hold, for the error
/// about one that holds something else.
pub fn objects<'t, T: DeserializeOwned + 't>(
    text: &'t str,
    wanted: &'t str,
) -> impl Iterator<Item = Result<(usize, T), LineError>> + 't {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines.map(move |(number, line)| {
        let object = serde_json::from_str(line).map_err(|e| {
            let message = match e.classify() {
                Category::Data => wanted,
                Category::Eof => "the line is cut off",
                _ => "not JSON",
            };
            LineError { line: number, column: e.column(), message: message.into() }
        });
        object.map(|object| (number, object))
    })
}

/// The line of an object, with its line break. For objects of texts, dates and numbers: there is nothing in them that JSON
/// cannot say.
pub fn line<T: Serialize>(object: &T) -> String {
    let mut line = serde_json::to_string(object).unwrap_or_default();
    line.push('\n');
    line
}
