//! `gate.toml`: what must hold before golden records are published.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_spanned::Spanned;

/// What must hold before golden records are published.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Checks, run in this order; all of them, even after one fired.
    #[serde(default)]
    pub check: Vec<Check>,
}

/// An SQL query over the tables of the run that yields one number (null counts as no finding).
/// Tables of the last published run are named `last_golden`, `last_crosswalk`, `last_quarantine`
/// and are empty on the first run.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Short name, shown in the scorecard.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// What the number is, in the words of the scorecard.
    pub description: Option<String>,
    /// The query; its first column of its first row is the number.
    #[schemars(with = "String")]
    pub sql: Spanned<String>,
    /// Outside: published with a warning.
    #[schemars(with = "Option<Limit>")]
    pub warn: Option<Spanned<Limit>>,
    /// Outside: not published; the last published records stand.
    #[schemars(with = "Option<Limit>")]
    pub stop: Option<Spanned<Limit>>,
}

/// The check fires when the number is outside.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Fires when the number is greater.
    pub above: Option<f64>,
    /// Fires when the number is less.
    pub below: Option<f64>,
}
