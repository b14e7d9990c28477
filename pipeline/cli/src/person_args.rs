//! How `erase`, `subject` and `suppress` are told whom they are about.

use crate::messages::Failure;
use clap::Args;
use std::path::PathBuf;
use zlato_core::ledger::GoldenId;
use zlato_engine::person::Who;

/// One person, by one of these.
#[derive(Debug, Args)]
#[group(required = false, multiple = false)]
pub struct Person {
    /// Golden id, such as Z4K8...
    #[arg(value_name = "GOLDEN_ID")]
    pub golden_id: Option<String>,
    /// A record of the person, as SOURCE:KEY
    #[arg(long, value_name = "SOURCE:KEY")]
    pub source: Option<String>,
    /// An e-mail address that only this person has
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// A telephone number that only this person has
    #[arg(long, value_name = "NUMBER")]
    pub phone: Option<String>,
    /// A national or tax id
    #[arg(long, value_name = "ID")]
    pub national_id: Option<String>,
}

impl Person {
    /// Whether nobody was named.
    pub fn is_nobody(&self) -> bool {
        let others = [&self.source, &self.email, &self.phone, &self.national_id];
        self.golden_id.is_none() && others.into_iter().all(Option::is_none)
    }

    /// Whom it names; `country` is for national forms of numbers and ids.
    pub fn who(&self, country: Option<&String>) -> Result<Who, Failure> {
        let wrong = |what: &str| Failure::Other(what.into());
        Ok(match self {
            Self { golden_id: Some(id), .. } => {
                Who::Golden(GoldenId::typed(id).map_or_else(|| id.trim().into(), |id| id.to_string()))
            }
            Self { source: Some(name), .. } => {
                let (source, key) =
                    name.split_once(':').ok_or_else(|| wrong("write a record as SOURCE:KEY, such as crm:1001"))?;
                Who::Record(source.into(), key.into())
            }
            Self { email: Some(email), .. } => Who::Email(email.clone()),
            Self { phone: Some(phone), .. } => Who::Phone(phone.clone(), country.cloned()),
            Self { national_id: Some(id), .. } => Who::NationalId(id.clone(), country.cloned()),
            _ => return Err(wrong("name a person by golden id, --source, --email, --phone or --national-id")),
        })
    }
}

#[derive(Debug, Args)]
#[command(
    after_help = "Removes the person from every stored run under --out, from judgements, reports and logs there, keeps one entry of keyed hashes in suppression.jsonl so that later deliveries do not bring the person back, and writes a certificate to OUT/erasures/. Remove the person at the sources and in backups as well. Look first:\n  zlato erase Z4K8B2C7D9F1G --dry-run"
)]
pub struct EraseArgs {
    #[command(flatten)]
    pub person: Person,
    /// Country of a national number or id, such as PL
    #[arg(long, value_name = "COUNTRY")]
    pub country: Option<String>,
    /// Finish erasures that were interrupted
    #[arg(long, conflicts_with_all = ["golden_id", "source", "email", "phone", "national_id"])]
    pub resume: bool,
    /// Say what would be removed and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Why, for the certificate; write nothing about the person here
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Who does it, for the certificate
    #[arg(long, value_name = "NAME")]
    pub steward: Option<String>,
    /// Day of the erasure; today without it
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub on: Option<chrono::NaiveDate>,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SubjectArgs {
    #[command(flatten)]
    pub person: Person,
    /// Country of a national number or id, such as PL
    #[arg(long, value_name = "COUNTRY")]
    pub country: Option<String>,
    /// File to write, readable by its owner alone; without it the answer is printed
    #[arg(long, value_name = "FILE")]
    pub out_file: Option<PathBuf>,
    /// Write over a file that is there already
    #[arg(long, requires = "out_file")]
    pub force: bool,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
}
