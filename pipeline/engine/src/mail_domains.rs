//! Answers about the domains of e-mails, kept in the output folder. Enter: `mail_domains.jsonl`, one JSON object a line,
//! and the tables of a run, whose domains are to be asked. Leave: the answer in force for each domain. A run keeps the
//! copy it began with, so that continuing it later changes nothing. Never here: the network.

use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::{files, tables};
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use zlato_core::contacts::mail_domain::{MailDomain, parse};
use zlato_core::lines::line;

/// File of an output folder, and of a run's folder.
pub const FILE: &str = "mail_domains.jsonl";

/// The answers in force of a folder, ordered by domain; none where there is no file.
pub fn read(folder: &Path) -> Result<Vec<MailDomain>> {
    let path = folder.join(FILE);
    files::read_if_there(&path)?.map_or(Ok(vec![]), |text| answers(&path, &text))
}

fn answers(path: &Path, text: &str) -> Result<Vec<MailDomain>> {
    parse(text).map_err(|e| {
        Error::input(format!("{}: {e}", path.display()))
            .hint("mend or remove that line; what it said can be asked again with `zlato mail-domains`")
    })
}

/// Checks the answers of an output folder and copies them to a run that begins; returns their BLAKE3, none where there is
/// no file.
pub fn keep(out: &Path, run: &Path) -> Result<Option<String>> {
    let path = out.join(FILE);
    let Some(text) = files::read_if_there(&path)? else { return Ok(None) };
    answers(&path, &text)?;
    files::replace(&run.join(FILE), text.as_bytes())?;
    Ok(Some(blake3::hash(text.as_bytes()).to_hex().to_string()))
}

/// Adds answers to the file of an output folder. An answer is whole in the file before the next one is taken.
pub struct Recorder {
    path: PathBuf,
    file: File,
}

impl Recorder {
    /// Opens the file, and returns the answers that it has.
    pub fn open(out: &Path) -> Result<(Self, Vec<MailDomain>)> {
        files::create_private_dir(out)?;
        let path = out.join(FILE);
        let before = files::read_if_there(&path)?.unwrap_or_default();
        let known = answers(&path, &before)?;
        let mut file = files::append_private(&path)?;
        if before.chars().next_back().is_some_and(|last| last != '\n') {
            file.write_all(b"\n").map_err(|e| Error::io("write", &path, &e))?;
        }
        Ok((Self { path, file }, known))
    }

    pub fn record(&mut self, answer: &MailDomain) -> Result<()> {
        self.file.write_all(line(answer).as_bytes()).map_err(|e| Error::io("write", &self.path, &e))
    }

    /// Syncs the file to disk; returns its place.
    pub fn finish(self) -> Result<PathBuf> {
        self.file.sync_all().map_err(|e| Error::io("write", &self.path, &e))?;
        Ok(self.path)
    }
}

/// The domains of all e-mail fields of a run's customers, prospects and bought profiles, those of most records first.
pub async fn domains(run: &Catalog) -> Result<Vec<String>> {
    if !run.store.exists(tables::CONTACTS) {
        return Err(Error::input(format!("the run {} ended before its e-mails were judged", run.manifest.run))
            .hint("continue it with `zlato run --resume`, or name another run with --run"));
    }
    let mut records: BTreeMap<String, i64> = BTreeMap::new();
    for table in [tables::CONTACTS, tables::PROFILE_CONTACTS].into_iter().filter(|table| run.store.exists(table)) {
        for column in domain_columns(run, table)? {
            let sql = format!(
                "SELECT \"{column}\" AS domain, count(*) AS n FROM {table} WHERE \"{column}\" IS NOT NULL GROUP BY 1"
            );
            for batch in run.query(&sql).await? {
                let domains = arrow::compute::cast(batch.column(0), &arrow::datatypes::DataType::Utf8)?;
                let counts = batch.column(1).as_primitive::<Int64Type>();
                for (domain, n) in domains.as_string::<i32>().iter().zip(counts.iter()) {
                    if let Some(domain) = domain {
                        *records.entry(domain.to_owned()).or_default() += n.unwrap_or(0);
                    }
                }
            }
        }
    }
    let mut ordered: Vec<(String, i64)> = records.into_iter().collect();
    ordered.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
    Ok(ordered.into_iter().map(|(domain, _)| domain).collect())
}

/// Only e-mail fields have both a domain and a class.
fn domain_columns(run: &Catalog, table: &str) -> Result<Vec<String>> {
    let schema = run.store.schema(table)?;
    let of_email = |name: &&String| {
        let field = name.strip_suffix("_domain");
        field.is_some_and(|field| schema.column_with_name(&format!("{field}_class")).is_some())
    };
    Ok(schema.fields().iter().map(|f| f.name()).filter(of_email).cloned().collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use zlato_core::contacts::mail_domain::MailVerdict;

    fn answer(domain: &str, verdict: MailVerdict) -> MailDomain {
        MailDomain { domain: domain.into(), verdict, mx: None, asked_at: "2026-11-01T02:00:00Z".parse().unwrap() }
    }

    #[test]
    fn answers_come_back_and_a_file_without_a_last_line_break_is_continued() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        assert_eq!(read(&out).unwrap(), []);
        let (first, second) = (answer("a.pl", MailVerdict::TakesMail), answer("b.pl", MailVerdict::NoSuchDomain));
        let (mut recorder, known) = Recorder::open(&out).unwrap();
        assert_eq!(known, []);
        recorder.record(&first).unwrap();
        let path = recorder.finish().unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let cut = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, cut.trim_end()).unwrap();
        let (mut recorder, known) = Recorder::open(&out).unwrap();
        assert_eq!(known, std::slice::from_ref(&first));
        recorder.record(&second).unwrap();
        recorder.finish().unwrap();
        assert_eq!(read(&out).unwrap(), [first, second]);

        let run = folder.path().join("run");
        std::fs::create_dir(&run).unwrap();
        let hash = keep(&out, &run).unwrap().unwrap();
        assert_eq!(hash, blake3::hash(&std::fs::read(run.join(FILE)).unwrap()).to_hex().to_string());
        assert_eq!(keep(&folder.path().join("none"), &run).unwrap(), None);

        std::fs::write(&path, format!("{cut}{{\"domain\"")).unwrap();
        for error in [keep(&out, &run).unwrap_err(), Recorder::open(&out).err().unwrap()] {
            let shown = error.to_string();
            assert!(shown.contains(FILE) && shown.contains("line 2") && shown.contains("cut off"), "{shown}");
            assert!(error.help().is_some());
        }
    }
}
