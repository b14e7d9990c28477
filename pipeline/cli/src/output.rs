//! The one place where commands speak: answers on standard output, everything else on standard error. Enter: whole texts.
//! Leave: their bytes, a text in one write. Never here: a panic where nobody can be told, for what is said decides nothing.

use crate::messages::Failure;
use std::io::{ErrorKind, Write};

/// A line on standard error.
macro_rules! tell {
    ($($text:tt)*) => { $crate::output::note(&(format!($($text)*) + "\n")) };
}
pub(crate) use tell;

/// Says a text on standard error. Where that cannot be written there is nobody left to tell.
pub fn note(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Writes an answer to standard output.
///
/// # Errors
/// When it cannot be written and its reader has not gone away.
pub fn answer(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    // The system's buffer ends at the last line break, and errors of the end of the process are seen by nobody.
    written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// What writing to standard output came to. A reader that stops early (`| head`) is no error.
///
/// # Errors
/// Any other, in words.
pub fn written(result: std::io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Other(format!("standard output cannot be written: {e}")))
        }
        _ => Ok(()),
    }
}
