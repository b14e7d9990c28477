//! `sources.toml`: which files are read, how, and which of their columns mean what.
//! Names of fields come from [`super::vocabulary`]; nothing here touches a file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_spanned::Spanned;
use std::collections::BTreeMap;

/// Which files are read, how, and which of their columns mean what.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// Folder that source paths are relative to; itself relative to the rules folder.
    /// `zlato run --input DIR` takes its place.
    pub input: Option<String>,
    /// Fields beyond the built-in vocabulary.
    #[serde(default)]
    pub field: Vec<CustomField>,
    /// The sources, in the order in which their rows are numbered.
    #[serde(default)]
    pub source: Vec<Source>,
}

/// A field that the built-in vocabulary lacks, for instance `birth_place`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomField {
    /// Name of the field in every table: lower-case letters, digits, `_`.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// How values are validated and standardised.
    #[serde(default)]
    pub kind: FieldKind,
    /// What the field holds, for reports.
    pub description: Option<String>,
}

/// How the values of a field are validated and standardised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Trimmed, white space folded, placeholders emptied.
    #[default]
    Text,
    /// E-mail address, standard form with a lower-case domain.
    Email,
    /// Telephone number, standard form E.164.
    Phone,
    /// One part of a person's name (or the whole, for `full_name`).
    PersonName,
    /// A calendar date, standard form `YYYY-MM-DD`.
    Date,
    /// Number that a state gives a person, checked by its scheme.
    NationalId,
    /// International bank account number, standard form without blanks.
    Iban,
    /// A part of a postal address; standardised by the addresses stage.
    Address,
    /// A moment, standard form `YYYY-MM-DDTHH:MM:SS`.
    Timestamp,
    /// yes / no in many spellings, standard form `true` / `false`.
    Boolean,
    /// A decimal number; a decimal comma is understood.
    Number,
}

/// What the rows of a source are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// People who are customers: golden records are made of their rows.
    Customer,
    /// People who have not bought yet: matched to customers, never mixed with them.
    Prospect,
    /// Bought or public consumer profiles.
    Profile,
    /// Bounces, returned mail, purchases, clicks...: they date and invalidate fields.
    Event,
}

impl SourceKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Prospect => "prospect",
            Self::Profile => "profile",
            Self::Event => "event",
        }
    }
}

/// File format of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Text with a delimiter.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

/// What a second row with the same key means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateKeys {
    /// The first row stays, later ones go to quarantine (`duplicate_source_key`).
    #[default]
    KeepFirst,
    /// The run stops: the key was promised to be unique.
    Stop,
}

/// One source of rows.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Short name, used in every table: `crm`, `webshop`.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// What the rows are.
    pub kind: SourceKind,
    /// A file or a glob of files, relative to the input folder. `.gz` and `.zst` are unpacked.
    #[schemars(with = "String")]
    pub path: Spanned<String>,
    /// Taken from the file's ending when absent.
    pub format: Option<Format>,
    /// CSV: one character; detected from the header when absent.
    #[schemars(with = "Option<String>")]
    pub delimiter: Option<Spanned<String>>,
    /// CSV: the quote character, `"` unless told; the empty string switches quoting off.
    #[schemars(with = "Option<String>")]
    pub quote: Option<Spanned<String>>,
    /// `utf-8`, `utf-16`, `windows-1250`, `iso-8859-2`...; detected when absent.
    #[schemars(with = "Option<String>")]
    pub encoding: Option<Spanned<String>>,
    /// CSV without a header row: the names of its columns.
    pub header: Option<Vec<String>>,
    /// What identifies a row within this source: a column, or an expression.
    /// `{ line = true }` numbers the rows where a source has no key at all.
    #[schemars(with = "KeyMapping")]
    pub key: Spanned<KeyMapping>,
    /// When the row was last changed at its source, by its own clock. A day that has not come yet counts as none.
    #[schemars(with = "Option<Mapping>")]
    pub updated_at: Option<Spanned<Mapping>>,
    /// ISO 3166 code for values that do not say their country (a phone without prefix).
    #[schemars(with = "Option<String>")]
    pub country: Option<Spanned<String>>,
    /// 0 to 1: how far the source is trusted in survivorship.
    #[serde(default = "half")]
    #[schemars(with = "f64")]
    pub trust: Spanned<f64>,
    /// Promises that no person occurs twice in this source.
    #[serde(default)]
    pub duplicate_free: bool,
    /// What to do with a second row of the same key.
    #[serde(default)]
    pub duplicate_keys: DuplicateKeys,
    /// A missing file is a warning rather than an error.
    #[serde(default)]
    pub optional: bool,
    /// Field of the vocabulary -> column of the source, or an SQL expression over its columns.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Mapping>")]
    pub columns: BTreeMap<Spanned<String>, Spanned<Mapping>>,
}

fn half() -> Spanned<f64> {
    Spanned::new(0..0, 0.5)
}

/// Where a field's value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Mapping {
    /// The name of a column, as in the header.
    Column(String),
    /// `{ sql = "..." }`: a DataFusion SQL expression; double quotes around column names.
    Sql(SqlExpression),
}

/// An SQL expression over the columns of the source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SqlExpression {
    /// The expression.
    pub sql: String,
}

/// What identifies a row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum KeyMapping {
    /// The name of a column, as in the header.
    Column(String),
    /// `{ sql = "..." }`: an expression, for a key of several columns.
    Sql(SqlExpression),
    /// `{ line = true }`: the number of the line.
    Line(LineKey),
}

/// A key made of the line number, for a source that has none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineKey {
    /// `true`: the line number is the key.
    pub line: bool,
}
