//! Values that stewards pinned, kept in the output folder for every later run. Enter: `pins.jsonl`, one JSON object a
//! line. Leave: the latest word on each field. A run keeps the copy it began with. Never here: what a pin does.

use crate::error::{Error, Result};
use crate::files;
use std::path::{Path, PathBuf};
use zlato_core::lines::line;
use zlato_core::pin::{Pin, parse};

/// File of an output folder, and of a run's folder.
pub const FILE: &str = "pins.jsonl";

/// The pins of a folder, later decisions last; none where there is no file.
pub fn read(folder: &Path) -> Result<Vec<Pin>> {
    let path = folder.join(FILE);
    let text = files::read_if_there(&path)?.unwrap_or_default();
    parse(&text).map_err(|e| {
        Error::input(format!("{}: {e}", path.display()))
            .hint("mend or remove that line; the lines before and after it are not used until then")
    })
}

/// Checks the pins of an output folder and copies them to a run that begins.
pub fn keep(out: &Path, run: &Path) -> Result<()> {
    if read(out)?.is_empty() {
        return Ok(());
    }
    let text = files::read_if_there(&out.join(FILE))?.unwrap_or_default();
    files::replace(&run.join(FILE), text.as_bytes())
}

/// Adds pins and syncs them to disk; returns the file.
pub fn append(out: &Path, pins: &[Pin]) -> Result<PathBuf> {
    files::create_private_dir(out)?;
    let path = out.join(FILE);
    // A line that was cut off must be mended first, or these would be lost in it.
    read(out)?;
    files::append_lines(&path, &pins.iter().map(line).collect::<String>())?;
    Ok(path)
}
