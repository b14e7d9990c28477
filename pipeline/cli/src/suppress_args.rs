//! Arguments of `zlato suppress`.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use zlato_core::suppression::Scope;

#[derive(Debug, Args)]
#[command(
    after_help = "The list is OUT/suppression.jsonl: keyed hashes of contacts, ids and names with birth date, never a value in clear. Its key is OUT/suppression.key, or the file that ZLATO_SUPPRESSION_KEY_FILE names; without the key no run starts."
)]
pub struct SuppressArgs {
    #[command(subcommand)]
    pub command: SuppressCommand,
}

#[derive(Debug, Subcommand)]
pub enum SuppressCommand {
    /// Make the key; `add`, `import` and `zlato erase` do so by themselves
    Init(OutArgs),
    /// Forbid to reach a person or a contact
    Add(AddArgs),
    /// Forbid to reach everybody in a CSV file
    Import(ImportArgs),
    /// Say whether a person or contact is on the list
    Check(CheckPersonArgs),
    /// List the entries: scopes, days and kinds of keys
    List(ListArgs),
    /// Take an entry back, from the next run on; its line stays, with who took it back and why
    Remove(RemoveArgs),
}

#[derive(Debug, Args)]
pub struct OutArgs {
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
}

/// Values of one person, as somebody typed them.
#[derive(Debug, Clone, Default, Args)]
pub struct Values {
    /// E-mail address
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// Telephone number
    #[arg(long, value_name = "NUMBER")]
    pub phone: Option<String>,
    /// National or tax id
    #[arg(long, value_name = "ID")]
    pub national_id: Option<String>,
    /// With --family-name and --birth-date
    #[arg(long, value_name = "NAME", requires_all = ["family_name", "birth_date"])]
    pub given_name: Option<String>,
    /// With --given-name and --birth-date
    #[arg(long, value_name = "NAME", requires_all = ["given_name", "birth_date"])]
    pub family_name: Option<String>,
    /// In any usual spelling
    #[arg(long, value_name = "DATE", requires_all = ["given_name", "family_name"])]
    pub birth_date: Option<String>,
    /// Narrows name and birth date
    #[arg(long, value_name = "CODE", requires = "birth_date")]
    pub postal_code: Option<String>,
    /// Country of a national number, id or name, such as PL
    #[arg(long, value_name = "COUNTRY")]
    pub country: Option<String>,
}

#[derive(Debug, Args)]
pub struct AddArgs {
    #[command(flatten)]
    pub values: Values,
    /// What is forbidden
    #[arg(long, value_enum, default_value_t = ScopeName::All, value_name = "SCOPE")]
    pub scope: ScopeName,
    /// Only this purpose, such as dpv:DirectMarketing; several with commas
    #[arg(long, value_name = "PURPOSE", value_delimiter = ',')]
    pub purpose: Vec<String>,
    /// Day since which it holds; today without it
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub on: Option<chrono::NaiveDate>,
    /// Folder of the rule files, whose contacts.toml says how values are read; without it `rules`, or what is built in
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Columns, any of them: email, phone, national_id, given_name, family_name, birth_date, postal_code, country, scope\n(all, email, phone, sms or post), purpose, day. Other columns are passed over and named."
)]
pub struct ImportArgs {
    /// CSV with a header, one person or contact a row
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What is forbidden where a row has no scope
    #[arg(long, value_enum, default_value_t = ScopeName::All, value_name = "SCOPE")]
    pub scope: ScopeName,
    /// Country of national forms where a row has none
    #[arg(long, value_name = "COUNTRY")]
    pub country: Option<String>,
    /// Day where a row has none; today without it
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub on: Option<chrono::NaiveDate>,
    /// Folder of the rule files; without it `rules`, or what is built in
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct CheckPersonArgs {
    #[command(flatten)]
    pub values: Values,
    /// Folder of the rule files; without it `rules`, or what is built in
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Also those that were taken back
    #[arg(long)]
    pub all: bool,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "The list is never swept when somebody is erased: name a request by its number, not a person by name."
)]
pub struct RemoveArgs {
    /// Id of the entry, as `list` and `check` show it
    #[arg(value_name = "ID")]
    pub id: String,
    /// Who decides
    #[arg(long, value_name = "NAME")]
    pub steward: String,
    /// Why, such as \"request 118\"
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Day of the decision; today without it
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub on: Option<chrono::NaiveDate>,
    /// Also the entry of an erased person: rows of theirs that a source still delivers come back with the next run
    #[arg(long)]
    pub lift_erasure: bool,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
}

/// Scopes on the command line. `erased` is not among them: only `zlato erase` erases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScopeName {
    All,
    Email,
    Phone,
    Sms,
    Post,
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::All => Self::All,
            ScopeName::Email => Self::Email,
            ScopeName::Phone => Self::Phone,
            ScopeName::Sms => Self::Sms,
            ScopeName::Post => Self::Post,
        }
    }
}
