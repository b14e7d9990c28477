//! `gate.toml`: what must hold before golden records are published.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_spanned::Spanned;

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    #[serde(default)]
    pub check: Vec<Check>,
}

/// An SQL query over the tables of the run that yields one number (null counts as no finding).
/// Tables of the last published run are named `last_golden`, `last_crosswalk`, `last_quarantine`
/// and are empty on the first run.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    pub description: Option<String>,
    #[schemars(with = "String")]
    pub sql: Spanned<String>,
    #[schemars(with = "Option<Limit>")]
    pub warn: Option<Spanned<Limit>>,
    #[schemars(with = "Option<Limit>")]
    pub stop: Option<Spanned<Limit>>,
}

/// The check fires when the number is outside.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    pub above: Option<f64>,
    pub below: Option<f64>,
}
