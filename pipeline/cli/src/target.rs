//! Files that an option names to be replaced in one step. Enters: a path as it was typed. Leaves: the path that the new
//! file gets. Never: a device, pipe or folder that a rename would put a file in the place of.

use crate::messages::Failure;
use std::path::{Path, PathBuf};
use zlato_engine::files::folder_of;

/// Links that are followed before they are taken for a circle; Linux follows as many.
const LINKS: usize = 40;

/// Where a file of this name lies once symbolic links are followed; it need not be there yet, its folder must.
///
/// # Errors
/// When its folder is not there, or what is there is no regular file.
pub fn regular(option: &str, file: &Path) -> Result<PathBuf, Failure> {
    let shown = file.display();
    let wrong = |what: &str| Failure::Other(format!("{option} {shown} {what}"));
    let mut path = file.to_path_buf();
    for _ in 0..LINKS {
        let folder = folder_of(&path);
        let Some(name) = path.file_name() else { return Err(wrong("is a folder; name a file")) };
        let Some(folder) = folder.canonicalize().ok().filter(|f| f.is_dir()) else {
            return Err(Failure::Other(format!("{option}: there is no folder {}", folder.display())));
        };
        // Names of open files, as /dev/stdout: what lies behind them is not theirs to be replaced.
        if folder.starts_with("/proc") {
            return Err(wrong("is an open file of a process; name a file"));
        }
        path = folder.join(name);
        match std::fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => {
                let to = std::fs::read_link(&path).map_err(|e| wrong(&format!("cannot be followed: {e}")))?;
                path = folder.join(to);
            }
            Ok(found) if found.is_dir() => return Err(wrong("is a folder; name a file")),
            Ok(found) if !found.is_file() => return Err(wrong("is a device or a pipe; name a file")),
            Ok(_) => return Ok(path),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(path),
            Err(e) => return Err(wrong(&format!("cannot be looked at: {e}"))),
        }
    }
    Err(wrong("is a circle of links"))
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_are_followed_and_what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let at = |name: &str| root.join(name);
        let said = |path: &Path| regular("--metrics", path).unwrap_err().to_string();
        std::fs::create_dir(at("real")).unwrap();
        std::fs::write(at("real/m.prom"), "old").unwrap();
        symlink("real/m.prom", at("link")).unwrap();
        symlink(at("link"), at("far")).unwrap();
        symlink("real/new.prom", at("coming")).unwrap();
        symlink("round", at("round")).unwrap();
        symlink("real", at("folder")).unwrap();
        symlink("/dev/null", at("device")).unwrap();
        symlink("/proc/self/fd/1", at("open")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(pipe.success());

        assert_eq!(regular("--metrics", &at("real/m.prom")).unwrap(), at("real/m.prom"));
        assert_eq!(regular("--metrics", &at("far")).unwrap(), at("real/m.prom"));
        assert_eq!(regular("--metrics", &at("coming")).unwrap(), at("real/new.prom"));
        assert!(said(&at("round")).contains("circle"));
        assert!(said(&at("folder")).contains("is a folder"));
        assert!(said(&root).contains("is a folder") && said(Path::new("/")).contains("is a folder"));
        assert!(said(&at("pipe")).contains("is a device or a pipe"));
        assert!(said(&at("device")).contains("is a device or a pipe"));
        assert!(said(&at("open")).contains("is an open file of a process"));
        assert!(said(&at("no/such")).contains("there is no folder"));
    }
}
