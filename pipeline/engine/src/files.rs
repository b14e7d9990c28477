//! Files of a run: private (mode 0600), complete on disk before they get their name.

use crate::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Creates a file only its owner can read.
pub fn create_private(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map_err(|e| Error::io("create", path, &e))
}

/// Opens a file that only its owner can read, to add to its end.
pub fn append_private(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map_err(|e| Error::io("open", path, &e))
}

/// Creates a folder (with its parents) only its owner can enter.
pub fn create_private_dir(path: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path).map_err(|e| Error::io("create the folder", path, &e))
}

/// Makes a file's name durable: on Linux a rename is on disk once its folder is synced.
pub fn sync_dir(path: &Path) -> Result<()> {
    File::open(path).and_then(|f| f.sync_all()).map_err(|e| Error::io("sync the folder", path, &e))
}

/// The folder that a file lies in; the current one for a bare name.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Replaces a file in one step: readers see the old text or the new one, never a part,
/// and after a crash either of the two is there.
pub fn replace(path: &Path, text: &[u8]) -> Result<()> {
    let parent = folder_of(path);
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let temporary = parent.join(name);
    let mut file = create_private(&temporary)?;
    file.write_all(text).and_then(|()| file.sync_all()).map_err(|e| Error::io("write", &temporary, &e))?;
    std::fs::rename(&temporary, path).map_err(|e| Error::io("replace", path, &e))?;
    sync_dir(parent)
}

/// The text of a file; none where there is no file.
pub fn read_if_there(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::io("read", path, &e)),
    }
}

/// Adds whole lines to the end of a private file and syncs it; a last line without its line break gets one.
pub fn append_lines(path: &Path, lines: &str) -> Result<()> {
    let open = read_if_there(path)?.is_some_and(|text| !text.is_empty() && !text.ends_with('\n'));
    let text = if open { format!("\n{lines}") } else { lines.to_owned() };
    let mut file = append_private(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|e| Error::io("write", path, &e))
}

/// Removes a folder of unfinished work if it is there.
pub fn remove_dir_if_present(path: &Path) -> Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove the folder", path, &e)),
        _ => Ok(()),
    }
}

/// Highest resident memory of this process so far, in bytes; 0 where the system does not tell.
pub fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// CPU seconds (user and system) this process has used so far; 0 where the system does not tell.
pub fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields after the command name, which may contain blanks but ends at the last ')'.
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = after.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_lies_in_the_current_folder() {
        assert_eq!(folder_of(Path::new("places.zgz")), Path::new("."));
        assert_eq!(folder_of(Path::new("rules/places.zgz")), Path::new("rules"));
        assert_eq!(folder_of(Path::new("/places.zgz")), Path::new("/"));
    }
}
