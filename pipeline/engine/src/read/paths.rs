//! From a path or pattern of `sources.toml` to the files it means.
//! In: a base folder and a pattern. Out: sorted paths, or an error with the likely correction.
//! Never here: opening a file.

use super::error::ReadError;
use std::path::{Path, PathBuf};

/// The files that `pattern` means below `base`, sorted. A path that exists is taken literally, even
/// with brackets in its name; otherwise `*`, `?`, `[a-z]` and `**` are understood. Names that start
/// with a dot must be named with it.
pub fn expand(base: &Path, pattern: &str) -> Result<Vec<PathBuf>, ReadError> {
    let plain = base.join(pattern);
    if pattern.trim().is_empty() {
        return Err(ReadError::Pattern {
            pattern: pattern.to_owned(),
            what: "is empty; name a file or a pattern of files".into(),
        });
    }
    if plain.is_file() {
        return Ok(vec![plain]);
    }
    if plain.is_dir() {
        return Err(ReadError::Pattern {
            pattern: pattern.to_owned(),
            what: format!("is a folder; name the files in it, for instance `{}/*.csv`", pattern.trim_end_matches('/')),
        });
    }
    if !pattern.contains(['*', '?', '[']) {
        return Err(not_found(&plain));
    }
    let whole = if Path::new(pattern).is_absolute() {
        pattern.to_owned()
    } else {
        let base = glob::Pattern::escape(&base.to_string_lossy());
        Path::new(&base).join(pattern).to_string_lossy().into_owned()
    };
    let options =
        glob::MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
    let found = glob::glob_with(&whole, options).map_err(|e| ReadError::Pattern {
        pattern: pattern.to_owned(),
        what: format!("is no valid pattern: {} (character {})", e.msg, e.pos + 1),
    })?;
    let mut files = Vec::new();
    for entry in found {
        match entry {
            Ok(path) if path.is_file() => files.push(path),
            Ok(_) => {}
            Err(e) => {
                return Err(ReadError::Io { file: e.path().to_owned(), what: e.error().to_string() });
            }
        }
    }
    if files.is_empty() {
        return Err(not_found(&plain));
    }
    files.sort();
    Ok(files)
}

/// The error for a path that does not exist, with names near it.
pub(super) fn not_found(path: &Path) -> ReadError {
    ReadError::NotFound { path: path.to_owned(), hint: hint(path).unwrap_or_default() }
}

fn hint(path: &Path) -> Option<String> {
    let folder = path.parent()?;
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if !folder.is_dir() {
        let existing = folder.ancestors().find(|a| a.is_dir());
        return Some(format!(
            "; the folder `{}` does not exist, only `{}` does",
            folder.display(),
            existing.unwrap_or(Path::new(".")).display()
        ));
    }
    let wanted = path.file_name()?.to_string_lossy().to_lowercase();
    let mut near: Vec<(usize, String)> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .filter_map(|name| Some((nearness(&wanted, &name.to_lowercase())?, name)))
        .collect();
    near.sort();
    let names: Vec<String> = near.into_iter().take(3).map(|(_, name)| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => None,
        [rest @ .., last] if !rest.is_empty() => Some(format!("; did you mean {} or {last}?", rest.join(", "))),
        [only, ..] => Some(format!("; did you mean {only}?")),
    }
}

/// Small is near; `None` is too far to be worth a hint.
fn nearness(wanted: &str, name: &str) -> Option<usize> {
    let stem = |s: &str| s.split('.').next().unwrap_or_default().to_owned();
    let (a, b) = (stem(wanted), stem(name));
    if !a.is_empty() && a == b {
        return Some(0);
    }
    let far = distance(&a, &b);
    let near = match a.chars().next() == b.chars().next() {
        true => 1 + a.chars().count() / 3,
        false => 1,
    };
    (far <= near).then_some(far)
}

/// Levenshtein distance in characters; names beyond 255 characters are as far as can be.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    if b.len() > 255 || a.len() > 1024 {
        return usize::MAX / 2;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut diagonal = i;
        for (cell, cb) in row.iter_mut().skip(1).zip(&b) {
            let here = (diagonal + usize::from(ca != *cb)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        folder
    }

    fn names(paths: &[PathBuf]) -> Vec<String> {
        let name = |p: &PathBuf| p.file_name().unwrap().to_string_lossy().into_owned();
        paths.iter().map(name).collect()
    }

    #[test]
    fn globs_are_sorted_and_skip_hidden_files() {
        let folder = folder(&["b.csv", "a.csv", "c.json", ".a.csv"]);
        assert_eq!(names(&expand(folder.path(), "*.csv").unwrap()), ["a.csv", "b.csv"]);
        assert_eq!(names(&expand(folder.path(), "?.*").unwrap()), ["a.csv", "b.csv", "c.json"]);
    }

    #[test]
    fn a_name_with_brackets_is_taken_literally_and_so_is_the_base() {
        let folder = folder(&["crm [1].csv"]);
        assert_eq!(names(&expand(folder.path(), "crm [1].csv").unwrap()), ["crm [1].csv"]);
        let odd = folder.path().join("in [2026]");
        std::fs::create_dir(&odd).unwrap();
        std::fs::write(odd.join("x.csv"), "x").unwrap();
        assert_eq!(names(&expand(&odd, "*.csv").unwrap()), ["x.csv"]);
    }

    #[test]
    fn a_missing_file_names_its_neighbours() {
        let folder = folder(&["crm.csv", "webshop.ndjson.gz", "unrelated.txt"]);
        let message = |pattern: &str| expand(folder.path(), pattern).unwrap_err().to_string();
        assert!(message("cmr.csv").contains("did you mean `crm.csv`?"));
        assert!(message("webshop.ndjson").contains("`webshop.ndjson.gz`"));
        assert!(!message("zzzzzz.parquet").contains("did you mean"));
        assert!(!message("nope.csv").contains("did you mean"));
        assert!(message("nowhere/crm.csv").contains("nowhere` does not exist"));
        assert!(message("[").contains("no valid pattern"));
        assert!(message("").contains("is empty"));
    }

    #[test]
    fn distance_is_levenshtein() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }
}
