//! The command line: every option with its help, and nothing of what they do.

use crate::demo::nights::{BrokenFeed, SchemaChange};
use crate::diff::DiffArgs;
use crate::history::HistoryArgs;
use crate::runs::RunsArgs;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use zlato_core::judgement::Verdict;
use zlato_engine::run::Stage;

/// One trusted golden record per customer, every night.
#[derive(Debug, Parser)]
#[command(
    name = "zlato",
    version,
    about,
    after_help = "Exit codes: 0 published, 1 stopped by the gate, 2 could not run, 3 published with warnings (--strict), 130 interrupted.\nFirst steps: `zlato run` on the shipped fixtures, then open the report it names."
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read the sources, match, merge and publish golden records
    Run(RunArgs),
    /// Show what single values become: standard form, verdict with its reason, match keys, parts
    #[command(name = "try", after_help = TRY_EXAMPLES)]
    Try(TryArgs),
    /// Check a rules folder: every problem at once, before any data is read
    Check(CheckArgs),
    /// Print the JSON Schema of a rule file, for completion in editors
    Schema(SchemaArgs),
    /// Learn the weights of matching from the sources and write them to model.toml in the rules folder
    Train(TrainArgs),
    /// Measure a run's matching against known truth, or estimate it from stewards' judgements
    Evaluate(EvaluateArgs),
    /// Show how the match weight of two records comes about, or how a golden record comes to its values
    Explain(ExplainArgs),
    /// Show what keeps two records out of one golden record
    WhyNot(PairArgs),
    /// Decide whether two records are one person; every later run keeps to it
    Judge(JudgeArgs),
    /// Pin values of a customer's fields; every later run keeps to them
    Pin(crate::pin::PinArgs),
    /// Find the customers that a form may mean, with the match weights of the run
    Match(crate::match_command::MatchArgs),
    /// List the runs of an output folder and what became of them; remove old ones
    Runs(RunsArgs),
    /// Show what is different between two runs: customers, values, permissions, freshness
    Diff(DiffArgs),
    /// Show the life of a golden id, and what it resolves to now
    History(HistoryArgs),
    /// Keep the list of people who must not be reached
    Suppress(crate::suppress_args::SuppressArgs),
    /// Tell everything that is known about one person, as JSON (GDPR Art. 15 and 20)
    Subject(crate::person_args::SubjectArgs),
    /// Remove one person from everything that is stored (GDPR Art. 17)
    Erase(crate::person_args::EraseArgs),
    /// List and show the tables of a run, or query them with SQL
    Tables(TablesArgs),
    /// Turn lists of places and postal codes into a gazetteer that corrects addresses, and look things up in it
    Gazetteer(GazetteerArgs),
    /// Ask the name service which domains of customers' e-mails take mail; the next run reads the answers
    MailDomains(crate::mail_domains::MailDomainsArgs),
    /// Write made-up customer sources with known truth, as companies have them
    Demo(DemoArgs),
}

#[derive(Debug, Args)]
pub struct RunArgs {
    /// Folder of the rule files
    #[arg(long, default_value = "rules", value_name = "DIR")]
    pub rules: PathBuf,
    /// Folder of the input files; without it as `input` in sources.toml says
    #[arg(long, value_name = "DIR")]
    pub input: Option<PathBuf>,
    /// Folder of runs and of the published pointer
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// The day the run speaks of, ages and shelf lives count from it; today without it
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<chrono::NaiveDate>,
    /// Memory the process should stay within; beyond it, work goes to disk. At least 512MB.
    #[arg(long, value_parser = crate::units::parse_memory, value_name = "SIZE", help = "Memory the process should stay within, such as 2GB; half of the machine's without it")]
    pub memory: Option<u64>,
    /// Threads; as many as the machine has cores without it
    #[arg(long, value_name = "N")]
    pub threads: Option<std::num::NonZeroUsize>,
    /// Continue the unfinished run from its last whole stage
    #[arg(long)]
    pub resume: bool,
    /// Work everything out anew; without it rows that the published run knows are taken from there. The result is the
    /// same.
    #[arg(long)]
    pub full: bool,
    /// Stop after this stage; nothing is published
    #[arg(long, value_name = "STAGE")]
    pub until: Option<StageName>,
    /// Once published, remove older runs beyond the N newest published ones, as `zlato runs --prune --keep N`
    #[arg(long, value_name = "N")]
    pub keep_runs: Option<u32>,
    /// Exit code 3 when the gate or a stage warns
    #[arg(long)]
    pub strict: bool,
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
    /// Print one JSON object at the end instead of the summary
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub operations: crate::operations::OperationsArgs,
}

/// Names of stages on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum StageName {
    Ingest,
    Contacts,
    Addresses,
    Dedupe,
    Enrich,
    Survivorship,
    Freshness,
    Gate,
    Report,
    Publish,
}

impl From<StageName> for Stage {
    fn from(name: StageName) -> Self {
        match name {
            StageName::Ingest => Self::Ingest,
            StageName::Contacts => Self::Contacts,
            StageName::Addresses => Self::Addresses,
            StageName::Dedupe => Self::Dedupe,
            StageName::Enrich => Self::Enrich,
            StageName::Survivorship => Self::Survivorship,
            StageName::Freshness => Self::Freshness,
            StageName::Gate => Self::Gate,
            StageName::Report => Self::Report,
            StageName::Publish => Self::Publish,
        }
    }
}

const TRY_EXAMPLES: &str = "Examples:
  zlato try email 'Jan.Kowalski@GMIAL.com' info@firma.rs
  zlato try phone --country RS '064/123-4567 ili 011/3345-678'
  zlato try national-id --scheme pl-pesel 44051401359
  zlato try address --country PL 'ul. Marszałkowska 10/12 m. 5, 00-590 Warszawa'
  cut -d, -f3 customers.csv | zlato try email - > judged.ndjson

`-` reads UTF-8, one value a line, and answers every line with one JSON object, an empty or broken one too.";

/// Kinds of values on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum TryKind {
    /// E-mail address
    Email,
    /// Telephone number
    Phone,
    /// A person's whole name
    Name,
    /// Date of birth
    BirthDate,
    /// National or tax id
    NationalId,
    /// International bank account number
    Iban,
    /// Postal address in one line
    Address,
}

impl From<TryKind> for zlato_core::tried::Kind {
    fn from(kind: TryKind) -> Self {
        match kind {
            TryKind::Email => Self::Email,
            TryKind::Phone => Self::Phone,
            TryKind::Name => Self::Name,
            TryKind::BirthDate => Self::BirthDate,
            TryKind::NationalId => Self::NationalId,
            TryKind::Iban => Self::Iban,
            TryKind::Address => Self::Address,
        }
    }
}

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TryFormat {
    /// A drawn table
    Table,
    /// One JSON object a line
    Ndjson,
}

#[derive(Debug, Args)]
pub struct TryArgs {
    /// What the values are
    pub kind: TryKind,
    /// Values as customers wrote them; `-` reads them from standard input, one a line
    #[arg(value_name = "VALUE")]
    pub values: Vec<String>,
    /// Country of the record, as PL or Poland: how national forms are read
    #[arg(long, value_name = "COUNTRY")]
    pub country: Option<String>,
    /// Only this scheme of national ids, such as pl-pesel; several with commas
    #[arg(long, value_name = "SCHEME", value_delimiter = ',')]
    pub scheme: Vec<String>,
    /// Folder with contacts.toml, addresses.toml and countries/; without it `rules`, or what is built in
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    /// The day that ages count from; today without it
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<chrono::NaiveDate>,
    /// `table` for values, `ndjson` for standard input, without it
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<TryFormat>,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Folder of the rule files
    #[arg(long, default_value = "rules", value_name = "DIR")]
    pub rules: PathBuf,
    /// Folder of the input files; expressions are checked against their columns
    #[arg(long, value_name = "DIR")]
    pub input: Option<PathBuf>,
    /// Print the findings as a JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// The rule file: sources, contacts, addresses, matching, profiles, survivorship, freshness, permissions or gate
    pub file: String,
}

#[derive(Debug, Args)]
pub struct TablesArgs {
    /// A table to show; without it all tables are listed
    pub table: Option<String>,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Name of the run; the published one without it
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Query over the tables, such as "SELECT kind, count(*) FROM golden GROUP BY kind"
    #[arg(long, conflicts_with = "table", value_name = "QUERY")]
    pub sql: Option<String>,
    /// Rows to show of a table
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub rows: u64,
    /// Print CSV instead of a drawn table
    #[arg(long)]
    pub csv: bool,
}

#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Folder of the rule files; model.toml is written here
    #[arg(long, default_value = "rules", value_name = "DIR")]
    pub rules: PathBuf,
    /// Folder of the input files; without it as `input` in sources.toml says
    #[arg(long, value_name = "DIR")]
    pub input: Option<PathBuf>,
    /// Folder for what training needs for a while; it is removed at the end
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// The day that ages count from; today without it
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<chrono::NaiveDate>,
    /// Memory the process should stay within, such as 2GB; half of the machine's without it
    #[arg(long, value_parser = crate::units::parse_memory, value_name = "SIZE")]
    pub memory: Option<u64>,
    /// Threads; as many as the machine has cores without it
    #[arg(long, value_name = "N")]
    pub threads: Option<std::num::NonZeroUsize>,
    /// Print what would be learnt and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
    /// Print one JSON object instead of the chart
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// CSV, NDJSON or Parquet with the columns source, source_key and entity; without it the thresholds are estimated
    /// from the judgements of stewards and, where nobody judged, from the model
    #[arg(long, value_name = "FILE")]
    pub truth: Option<PathBuf>,
    /// Name the lowest threshold with this precision, such as 0.99
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub precision: Option<f64>,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Name of the run; the published one without it
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Leave out and count rows of the truth that name no record of the run
    #[arg(long)]
    pub skip_unknown: bool,
    /// Print everything as one JSON object
    #[arg(long)]
    pub json: bool,
    /// Write a page with precision, recall and F1 over the match weight
    #[arg(long, value_name = "FILE")]
    pub chart: Option<PathBuf>,
    /// Memory the process should stay within, such as 2GB; half of the machine's without it
    #[arg(long, value_parser = crate::units::parse_memory, value_name = "SIZE")]
    pub memory: Option<u64>,
    /// Threads; as many as the machine has cores without it
    #[arg(long, value_name = "N")]
    pub threads: Option<std::num::NonZeroUsize>,
}

/// A number strictly between 0 and 1.
pub fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "a number such as 0.99 is wanted".to_string())?;
    if share > 0.0 && share < 1.0 { Ok(share) } else { Err("it must lie between 0 and 1".into()) }
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example: zlato judge different crm:1001 shop:778 --steward \"A. Nowak\" --note \"father and son\"\nJudgements are kept in OUT/judgements.jsonl, one JSON object a line; the latest one about two records counts.\nThey beat the model and every rule."
)]
pub struct JudgeArgs {
    /// What the steward found
    pub verdict: VerdictName,
    /// A record, as SOURCE:KEY
    pub left: String,
    /// Another record, as SOURCE:KEY
    pub right: String,
    /// Who decided
    #[arg(long, value_name = "NAME")]
    pub steward: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Day of the decision; today without it
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub on: Option<chrono::NaiveDate>,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Name of the run that has the records; the published one without it
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
}

/// Verdicts on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum VerdictName {
    /// The two records are one person
    Same,
    /// The two records are two people
    Different,
}

impl From<VerdictName> for Verdict {
    fn from(name: VerdictName) -> Self {
        match name {
            VerdictName::Same => Self::Same,
            VerdictName::Different => Self::Different,
        }
    }
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples: zlato explain crm:1092259 contact_centre:CC0280009\n          zlato explain ZWJPC2CCZU2F5"
)]
pub struct ExplainArgs {
    /// A record, as SOURCE:KEY; or a golden id alone
    #[arg(value_name = "RECORD|GOLDEN_ID")]
    pub left: String,
    /// Another record, as SOURCE:KEY
    #[arg(value_name = "RECORD")]
    pub right: Option<String>,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Name of the run; the published one without it
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Print everything as one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct PairArgs {
    /// A record, as SOURCE:KEY
    pub left: String,
    /// Another record, as SOURCE:KEY
    pub right: String,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Name of the run; the published one without it
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Print everything as one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct GazetteerArgs {
    #[command(subcommand)]
    pub command: GazetteerCommand,
}

#[derive(Debug, Subcommand)]
pub enum GazetteerCommand {
    /// Read lists that you fetched and write one gazetteer
    Import(GazetteerImportArgs),
    /// Say what a gazetteer holds, from which sources, under which licences
    Show(GazetteerShowArgs),
    /// Look up a town, a postal code or a street, with the confidence of each answer
    Lookup(GazetteerLookupArgs),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Formats, found out without --format:\n  geonames       postal codes of geonames.org: PL.zip or PL.txt of download.geonames.org/export/zip\n  openaddresses  CSV of openaddresses.io\n  csv            any table with a header: official registers, caches of postal-code packages\n  json           arrays, objects line by line, GeoJSON line by line\nFiles may be packed as .gz, .zst or .zip.\n\nExamples:\n  zlato gazetteer import --out rules/gazetteer.zgz PL.zip RS.zip SI.zip LV.zip\n  zlato gazetteer import --out rules/gazetteer.zgz --country PL --name \"Official register\" --licence \"CC0\" \\\n      --date 2026-10-01 --column locality=Miejscowość --column postal_code=PNA register.csv\n  zlato gazetteer import --out rules/gazetteer.zgz --sources lists.toml\n\nThen name the file in addresses.toml: gazetteer = \"gazetteer.zgz\""
)]
pub struct GazetteerImportArgs {
    /// The lists
    #[arg(required_unless_present = "sources", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// File to write, or a folder to write gazetteer.zgz in
    #[arg(long, value_name = "FILE_OR_DIR")]
    pub out: PathBuf,
    /// How the lists are written
    #[arg(long, value_enum, default_value_t = ListFormatName::Auto, value_name = "FORMAT")]
    pub format: ListFormatName,
    /// Country of rows that name none; without it the name of the file (PL.txt) or of its folder
    #[arg(long, value_name = "CODE")]
    pub country: Option<String>,
    /// Column of a field where its header does not tell: country, postal_code, locality, street, district, region,
    /// other_names, foreign_names, population
    #[arg(long = "column", value_name = "FIELD=NAME")]
    pub columns: Vec<String>,
    /// What the lists are called
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// The licence they are under
    #[arg(long, value_name = "TEXT")]
    pub licence: Option<String>,
    /// The day they speak of
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<chrono::NaiveDate>,
    /// Several lists with a name, licence and columns each: a TOML file with one [[source]] a list
    #[arg(long, value_name = "FILE")]
    pub sources: Option<PathBuf>,
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// Formats of lists on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ListFormatName {
    Auto,
    Geonames,
    Openaddresses,
    Csv,
    Json,
}

impl From<ListFormatName> for zlato_engine::gazetteer::ListFormat {
    fn from(name: ListFormatName) -> Self {
        match name {
            ListFormatName::Auto => Self::Auto,
            ListFormatName::Geonames => Self::Geonames,
            ListFormatName::Openaddresses => Self::Openaddresses,
            ListFormatName::Csv => Self::Csv,
            ListFormatName::Json => Self::Json,
        }
    }
}

#[derive(Debug, Args)]
pub struct GazetteerShowArgs {
    /// The gazetteer, or its folder
    #[arg(default_value = "rules/gazetteer.zgz")]
    pub file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  zlato gazetteer lookup --country PL Warszwa\n  zlato gazetteer lookup --country PL --postal-code 00-590\n  zlato gazetteer lookup --country PL --postal-code 00-590 --street Marszalkowska Warszawa"
)]
pub struct GazetteerLookupArgs {
    /// A town or village, as people write it
    #[arg(required_unless_present = "postal_code")]
    pub town: Option<String>,
    /// The gazetteer, or its folder
    #[arg(long, default_value = "rules/gazetteer.zgz", value_name = "FILE_OR_DIR")]
    pub gazetteer: PathBuf,
    /// Country, such as PL
    #[arg(long, value_name = "CODE")]
    pub country: String,
    /// A postal code: alone, the places that have it; with a town, it counts for the confidence
    #[arg(long, value_name = "CODE")]
    pub postal_code: Option<String>,
    /// A street of the town
    #[arg(long, value_name = "NAME", requires = "town")]
    pub street: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = DEMO_EXAMPLES)]
pub struct DemoArgs {
    /// People to make up
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    pub customers: u64,
    /// The same seed gives the same files
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Folder to write to: an empty or new one, or that of an earlier demo, which is written over
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Write to the folder whatever lies in it
    #[arg(long)]
    pub force: bool,
    /// The day on which the files were exported; with several nights, the first
    #[arg(long, default_value = "2026-11-01", value_name = "YYYY-MM-DD")]
    pub as_of: chrono::NaiveDate,
    /// Nights to live through, a day each: more than one gives a folder for each, night-01 and on
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=366))]
    pub nights: u32,
    /// How the CRM's export fails on night 12
    #[arg(long, value_enum, default_value_t = BrokenFeed::Truncated, value_name = "HOW")]
    pub broken_feed: BrokenFeed,
    /// What becomes of the web shop's columns on night 20
    #[arg(long, value_enum, default_value_t = SchemaChange::Shifted, value_name = "HOW")]
    pub schema_change: SchemaChange,
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

const DEMO_EXAMPLES: &str = "Each folder has seven source files and the truth: truth.csv (source, key, entity), truth_people.csv, truth_broken.csv.
With --nights the same people live on: new customers, corrections, moves, weddings, new numbers, merged, deleted and
re-keyed rows, a vendor's new delivery on night 8, a broken CRM export on night 12, changed web shop columns on night 20.
A row that nobody changed is the same byte for byte, and stands where it stood; new rows stand at the end. Each night has
a changes.ndjson that says what was done to whom since the night before. Rates: rules/reference/demo/rates.toml.

Examples:
  zlato demo --customers 200000 --out demo
  zlato demo --customers 10000 --nights 30 --out nights
  zlato run --input nights/night-01 --as-of 2026-11-01 && zlato run --input nights/night-02 --as-of 2026-11-02";
