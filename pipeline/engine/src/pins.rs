//! Values that stewards pinned, kept in the output folder for every later run. Enter: `pins.jsonl`, one JSON object a
//! line. Leave: the latest word on each field. A run keeps the copy it began with. Never here: what a pin does.

use crate::error::{Error, Result};
use crate::files;
use std::io::Write;
use std::path::{Path, PathBuf};
use zlato_core::pin::{Pin, parse};

/// File of an output folder, and of a run's folder.
pub const FILE: &str = "pins.jsonl";

/// The pins of a folder, later decisions last; none where there is no file.
pub fn read(folder: &Path) -> Result<Vec<Pin>> {
    let path = folder.join(FILE);
    parse(&text(&path)?).map_err(|e| {
        Error::input(format!("{}: {e}", path.display()))
            .hint("mend or remove that line; the lines before and after it are not used until then")
    })
}

fn text(path: &Path) -> Result<String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(e) => Err(Error::io("read", path, &e)),
    }
}

/// Checks the pins of an output folder and copies them to a run that begins.
pub fn keep(out: &Path, run: &Path) -> Result<()> {
    if read(out)?.is_empty() {
        return Ok(());
    }
    files::replace(&run.join(FILE), text(&out.join(FILE))?.as_bytes())
}

/// Adds pins and syncs them to disk; returns the file.
pub fn append(out: &Path, pins: &[Pin]) -> Result<PathBuf> {
    files::create_private_dir(out)?;
    let path = out.join(FILE);
    // A line that was cut off must be mended first, or these would be lost in it.
    read(out)?;
    let mut lines: String = pins.iter().map(Pin::to_line).collect();
    if text(&path)?.chars().next_back().is_some_and(|last| last != '\n') {
        lines.insert(0, '\n');
    }
    let mut file = files::append_private(&path)?;
    let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|e| Error::io("write", &path, &e))?;
    Ok(path)
}
