//! `zlato subject`: everything known about one person as JSON (GDPR Art. 15 and 20). Enters: whom. Leaves: the account,
//! on standard output or in a file. Never here: a file of runs or of their state written over.

use crate::messages::Failure;
use crate::person_args::SubjectArgs;
use crate::{ask, target};
use std::path::{Path, PathBuf};
use zlato_engine::error::Error;
use zlato_engine::{erase, files, judgements, mail_domains, nights, person, pins, subject, suppression};

pub fn subject(args: &SubjectArgs) -> Result<u8, Failure> {
    let file = args.out_file.as_ref().map(|file| place(file, &args.out, args.force)).transpose()?;
    let limits = ask::limits(None, None);
    let who = args.person.who(args.country.as_ref())?;
    let found = person::find(&args.out, &who)?;
    let account = ask::runtime(limits.threads)?.block_on(subject::subject(&args.out, &found, limits))?;
    let text = serde_json::to_string_pretty(&account).map_err(|e| Failure::Other(e.to_string()))? + "\n";
    match &file {
        Some(path) => {
            files::replace(path, text.as_bytes())?;
            ask::say(&format!("Everything about {} is in {}.\n", found.golden_id, path.display()))?;
        }
        None => ask::say(&text)?,
    }
    Ok(crate::DONE)
}

/// What runs keep in the output folder and read again.
const KEPT: [&str; 12] = [
    "runs",
    erase::FOLDER,
    ".training",
    ".spill",
    ".lock",
    "published.json",
    nights::FILE,
    judgements::FILE,
    mail_domains::FILE,
    pins::FILE,
    suppression::FILE,
    suppression::KEY_FILE,
];

/// Where the account is written to.
fn place(file: &Path, out: &Path, force: bool) -> Result<PathBuf, Failure> {
    let path = target::regular("--out-file", file)?;
    let within = out.canonicalize().ok().and_then(|out| path.strip_prefix(out).map(Path::to_path_buf).ok());
    let first = within.as_ref().and_then(|within| within.iter().next()).and_then(|name| name.to_str());
    if first.is_some_and(|name| KEPT.contains(&name)) {
        let error = Error::input(format!("{} is a place of the runs' own", path.display()));
        return Err(error.hint("name a file outside of the output folder").into());
    }
    if path.exists() && !force {
        let error = Error::input(format!("{} is there already", path.display()));
        return Err(error.hint("name another file, or write over it with --force").into());
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_account_takes_no_place_of_the_runs_and_of_no_other_file_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        std::fs::create_dir_all(out.join("runs/2026-11-01-001/tables")).unwrap();
        std::fs::write(out.join("published.json"), "{}").unwrap();
        std::fs::write(folder.path().join("there.json"), "{}").unwrap();
        let refused = |file: &str, force| place(&folder.path().join(file), &out, force).unwrap_err().to_string();
        for force in [false, true] {
            for own in [
                "out/published.json",
                "out/suppression.key",
                "out/runs/a.json",
                "out/runs/2026-11-01-001/tables/a.json",
            ] {
                assert!(refused(own, force).contains("runs' own"), "{own}");
            }
        }
        assert!(refused("there.json", false).contains("is there already"));
        for (file, force) in [("there.json", true), ("new.json", false), ("out/request-118.json", false)] {
            assert!(place(&folder.path().join(file), &out, force).is_ok(), "{file}");
        }
    }
}
