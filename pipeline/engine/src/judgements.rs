//! Stewards' verdicts, kept in the output folder for every later run. Enter: `judgements.jsonl`, one JSON object a line.
//! Leave: the verdict in force for each pair. A run keeps the copy it began with, so that continuing it later changes
//! nothing. Never here: an earlier line changed or removed.

use crate::error::{Error, Result};
use crate::files;
use std::path::{Path, PathBuf};
use zlato_core::judgement::{Judgement, parse};
use zlato_core::lines::line;

/// File of an output folder, and of a run's folder.
pub const FILE: &str = "judgements.jsonl";

/// The judgements of a folder; none where there is no file.
pub fn read(folder: &Path) -> Result<Vec<Judgement>> {
    let path = folder.join(FILE);
    let text = files::read_if_there(&path)?.unwrap_or_default();
    parse(&text).map_err(|e| {
        Error::input(format!("{}: {e}", path.display()))
            .hint("mend or remove that line; the lines before and after it are not used until then")
    })
}

/// Checks the judgements of an output folder and copies them to a run that begins.
pub fn keep(out: &Path, run: &Path) -> Result<()> {
    if read(out)?.is_empty() {
        return Ok(());
    }
    let text = files::read_if_there(&out.join(FILE))?.unwrap_or_default();
    files::replace(&run.join(FILE), text.as_bytes())
}

/// Adds a judgement and syncs it to disk; returns the file.
pub fn append(out: &Path, judgement: &Judgement) -> Result<PathBuf> {
    files::create_private_dir(out)?;
    let path = out.join(FILE);
    // A line that was cut off must be mended first, or this one would be lost in it.
    read(out)?;
    files::append_lines(&path, &line(judgement))?;
    Ok(path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use zlato_core::judgement::{RecordName, Verdict};

    #[test]
    fn judgements_come_back_and_a_file_without_a_last_line_break_is_continued() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), []);
        let name = |key: &str| RecordName { source: "crm".into(), source_key: key.into() };
        let judgement = |key: &str, verdict| Judgement {
            left: name("1"),
            right: name(key),
            verdict,
            decided_on: "2026-11-01".parse().unwrap(),
            steward: Some("Žana".into()),
            note: None,
        };
        let (first, second) = (judgement("2", Verdict::Same), judgement("3", Verdict::Different));
        let path = append(folder.path(), &first).unwrap();
        let cut = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, cut.trim_end()).unwrap();
        append(folder.path(), &second).unwrap();
        assert_eq!(read(folder.path()).unwrap(), [first, second]);
        std::fs::write(&path, "{\"left\"").unwrap();
        let error = read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("line 1") && error.contains("cut off"), "{error}");
        assert!(append(folder.path(), &judgement("4", Verdict::Same)).is_err());
    }
}
