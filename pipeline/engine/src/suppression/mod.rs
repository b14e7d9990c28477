//! The suppression list of an output folder: `suppression.jsonl` and its key. Enter: keyed hashes. Leave: the list that a
//! run asks. Never here: a value in clear on disk, chance (the key's bytes come from the caller), a line
//! changed: an entry is taken back by a line of its own.

pub mod lines;
pub mod rows;

use crate::error::{Error, Result};
use crate::files;
use crate::manifest::InputRecord;
use std::path::{Path, PathBuf};
use zlato_core::suppression::{Entry, Key, List, Scope, Withdrawal, header, line};

/// File of an output folder.
pub const FILE: &str = "suppression.jsonl";
/// File of the key, beside the list.
pub const KEY_FILE: &str = "suppression.key";
/// Names a file with the key somewhere else.
pub const KEY_VARIABLE: &str = "ZLATO_SUPPRESSION_KEY_FILE";

/// The list as a run found it.
#[derive(Debug, Default)]
pub struct Found {
    pub list: List,
    /// Among the inputs of the manifest; none where there is no list.
    pub record: Option<InputRecord>,
}

/// Where the key is kept.
pub fn key_path(out: &Path) -> PathBuf {
    std::env::var_os(KEY_VARIABLE).filter(|v| !v.is_empty()).map_or_else(|| out.join(KEY_FILE), PathBuf::from)
}

/// The key; none where there is no file.
pub fn key(out: &Path) -> Result<Option<Key>> {
    let path = key_path(out);
    let Some(text) = files::read_if_there(&path)? else { return Ok(None) };
    let wrong = || Error::environment(format!("{} holds no key of 64 hexadecimal digits", path.display()));
    Key::from_hex(&text).map(Some).ok_or_else(|| wrong().hint("restore it from a backup: another key reads no list"))
}

/// Reads the list of an output folder. A list without its key is an error: a run must not pass it over.
pub fn read(out: &Path) -> Result<Found> {
    let path = out.join(FILE);
    let Some(text) = files::read_if_there(&path)? else { return Ok(Found::default()) };
    let key = key(out)?.ok_or_else(|| {
        Error::environment(format!("{} cannot be read without its key {}", path.display(), key_path(out).display()))
            .hint(format!("restore the key, or name its file with {KEY_VARIABLE}"))
    })?;
    let list = List::parse(&text, key).map_err(|e| {
        Error::environment(format!("{}: {e}", path.display())).hint("restore the list and its key from a backup")
    })?;
    let record = InputRecord {
        source: FILE.into(),
        file: FILE.into(),
        bytes: text.len() as u64,
        blake3: blake3::hash(text.as_bytes()).to_hex().to_string(),
        columns: vec![],
        notes: vec![],
    };
    Ok(Found { list, record: Some(record) })
}

/// Whether a list shrank since a run: entries are only ever added, so somebody has lost some.
pub fn check_not_shorter(found: &Found, before: &[InputRecord], out: &Path) -> Result<()> {
    let old = before.iter().find(|i| i.source == FILE).map_or(0, |i| i.bytes);
    let new = found.record.as_ref().map_or(0, |r| r.bytes);
    if new >= old {
        return Ok(());
    }
    Err(Error::environment(format!("{} has lost entries since the published run", out.join(FILE).display()))
        .hint("restore it from a backup: without it erased and suppressed people would come back"))
}

/// Makes the key, if there is none: `random` are 32 bytes that nobody can guess. Returns the key and whether it is new.
pub fn open_key(out: &Path, random: [u8; 32]) -> Result<(Key, bool)> {
    if let Some(key) = key(out)? {
        return Ok((key, false));
    }
    if out.join(FILE).exists() {
        read(out)?;
    }
    let key = Key::new(random);
    let path = key_path(out);
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        files::create_private_dir(parent)?;
    }
    files::replace(&path, format!("{}\n", key.to_hex()).as_bytes())?;
    Ok((key, true))
}

/// Adds entries that the list does not have yet, and syncs it. Returns how many were new.
pub fn append(out: &Path, entries: &[Entry], key: &Key) -> Result<usize> {
    files::create_private_dir(out)?;
    let found = read(out)?;
    let path = out.join(FILE);
    let mut known: std::collections::BTreeSet<&str> = found.list.entries().map(|e| e.id.as_str()).collect();
    let new: Vec<&Entry> = entries.iter().filter(|e| known.insert(&e.id)).collect();
    if found.record.is_none() {
        files::replace(&path, header(key).as_bytes())?;
    }
    if new.is_empty() {
        return Ok(0);
    }
    files::append_lines(&path, &new.iter().map(|e| line(e)).collect::<String>())?;
    Ok(new.len())
}

/// Takes an entry back by a line of its own, and syncs the list. An erased person's entry is not taken back here unless
/// `lift_erasure`. Returns the entry.
pub fn withdraw(out: &Path, withdrawal: &Withdrawal, lift_erasure: bool) -> Result<Entry> {
    let id = &withdrawal.withdraws;
    let found = read(out)?;
    let Some(entry) = found.list.entry(id).cloned() else {
        let before = found.list.withdrawn().iter().rev().find(|(entry, _)| entry.id == *id);
        return Err(match before {
            Some((_, w)) => Error::input(format!("the entry {id} was taken back on {} already", w.day)),
            None => Error::input(format!("there is no entry {id} on the list")),
        }
        .hint("`zlato suppress list` shows the entries, `zlato suppress check` finds that of a person"));
    };
    if entry.scope == Scope::Erased && !lift_erasure {
        return Err(Error::input(format!(
            "{id} is the entry of an erased person: without it, rows of that person which a source still delivers would come back with the next run"
        ))
        .hint("only where the person wants to be a customer again, or the wrong person was erased: --lift-erasure"));
    }
    files::append_lines(&out.join(FILE), &withdrawal.line())?;
    Ok(entry)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use zlato_core::suppression::What;

    #[test]
    fn entries_are_kept_once_and_a_list_without_its_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        assert!(read(out).unwrap().record.is_none());
        let (key, new) = open_key(out, [3; 32]).unwrap();
        assert!(new && !open_key(out, [4; 32]).unwrap().1);
        let entry = |value: &str| {
            let hashes = BTreeSet::from([(What::Email, key.hash(What::Email, value))]);
            Entry::new(Scope::Email, vec![], "2026-11-01".parse().unwrap(), &hashes)
        };
        assert_eq!(append(out, &[entry("a@x.pl"), entry("a@x.pl")], &key).unwrap(), 1);
        assert_eq!(append(out, &[entry("a@x.pl"), entry("b@x.pl")], &key).unwrap(), 1);
        let found = read(out).unwrap();
        assert_eq!(found.list.entries().len(), 2);
        #[cfg(unix)]
        for file in [FILE, KEY_FILE] {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(out.join(file)).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let before = [found.record.unwrap()];
        check_not_shorter(&read(out).unwrap(), &before, out).unwrap();
        let withdrawal = |id: &str| Withdrawal {
            withdraws: id.into(),
            day: "2026-11-02".into(),
            by: "A. Nowak".into(),
            why: "request 118".into(),
        };
        let (a, b) = (entry("a@x.pl"), entry("b@x.pl"));
        assert_eq!(withdraw(out, &withdrawal(&a.id), false).unwrap(), a);
        assert_eq!(read(out).unwrap().list.entries().collect::<Vec<_>>(), [&b]);
        check_not_shorter(&read(out).unwrap(), &before, out).unwrap();
        for (id, said) in [(a.id.as_str(), "taken back on 2026-11-02 already"), ("nothing", "no entry nothing")] {
            assert!(withdraw(out, &withdrawal(id), true).unwrap_err().to_string().contains(said));
        }
        assert_eq!(append(out, std::slice::from_ref(&a), &key).unwrap(), 1, "it can be added again");
        let hashes = BTreeSet::from([(What::Email, key.hash(What::Email, "c@x.pl"))]);
        let erased = Entry::new(Scope::Erased, vec![], "2026-11-01".parse().unwrap(), &hashes);
        append(out, std::slice::from_ref(&erased), &key).unwrap();
        let refused = withdraw(out, &withdrawal(&erased.id), false).unwrap_err();
        assert!(refused.help().unwrap().contains("--lift-erasure") && read(out).unwrap().list.has_erased());
        withdraw(out, &withdrawal(&erased.id), true).unwrap();
        assert!(!read(out).unwrap().list.has_erased());
        let before = [read(out).unwrap().record.unwrap()];
        std::fs::rename(out.join(KEY_FILE), out.join("elsewhere")).unwrap();
        let error = read(out).unwrap_err();
        assert!(error.to_string().contains("without its key") && open_key(out, [5; 32]).is_err());
        std::fs::rename(out.join("elsewhere"), out.join(KEY_FILE)).unwrap();
        std::fs::remove_file(out.join(FILE)).unwrap();
        assert!(check_not_shorter(&read(out).unwrap(), &before, out).is_err());
    }
}
