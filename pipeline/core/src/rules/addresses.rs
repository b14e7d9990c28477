//! `addresses.toml`: which countries' conventions are tried, and which parts an address must have.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_spanned::Spanned;

/// Which countries' conventions are tried, and which parts an address must have.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Addresses {
    /// Countries to guess among when neither the row nor its source says: `PL`, `RS`...
    #[schemars(with = "Vec<String>")]
    pub countries: Vec<Spanned<String>>,
    /// Parts without which an address is suspect.
    #[schemars(with = "Vec<String>")]
    pub required: Vec<Spanned<String>>,
    /// Gazetteer that corrects and completes addresses, written by `zlato gazetteer import`: a file, relative to
    /// the rules folder. Without it, the built-in short list of towns serves.
    #[schemars(with = "Option<String>")]
    pub gazetteer: Option<Spanned<String>>,
}

impl Default for Addresses {
    fn default() -> Self {
        let plain = |s: &str| Spanned::new(0..0, s.to_string());
        Self {
            countries: ["PL", "RS", "SI", "LV"].map(plain).to_vec(),
            required: ["locality"].map(plain).to_vec(),
            gazetteer: None,
        }
    }
}
