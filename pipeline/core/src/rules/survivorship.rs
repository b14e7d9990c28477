//! `survivorship.toml`: which of several values of a field becomes the golden one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_spanned::Spanned;

/// Which of several values of a field becomes the golden one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Survivorship {
    /// Chain for fields that no other rule names.
    pub default: Vec<Strategy>,
    /// A source's trust halves in this many days since the value was last changed; none: it does not decay.
    #[schemars(with = "Option<u32>")]
    pub trust_half_life_days: Option<Spanned<u32>>,
    /// Chains of single fields.
    pub field: Vec<FieldRule>,
    /// Fields that survive together.
    pub group: Vec<FieldGroup>,
}

impl Default for Survivorship {
    fn default() -> Self {
        Self {
            default: vec![Strategy::VerifiedFirst, Strategy::MostTrusted, Strategy::MostRecent],
            trust_half_life_days: None,
            field: vec![],
            group: vec![],
        }
    }
}

/// One criterion; a chain of them is applied in order, each breaking the ties of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Verdict: valid, then corrected, then suspect; invalid values never win.
    VerifiedFirst,
    /// Highest trust of the source (decayed by age).
    MostTrusted,
    /// Latest `updated_at`.
    MostRecent,
    /// The value that most records agree on.
    MostFrequent,
    /// The longest value, or for a group the one with most parts.
    MostComplete,
}

impl Strategy {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifiedFirst => "verified_first",
            Self::MostTrusted => "most_trusted",
            Self::MostRecent => "most_recent",
            Self::MostFrequent => "most_frequent",
            Self::MostComplete => "most_complete",
        }
    }
}

/// The chain of one field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldRule {
    /// A golden field.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// Criteria in order, each breaking the ties of the one before.
    #[schemars(with = "Vec<Strategy>")]
    pub strategy: Spanned<Vec<Strategy>>,
}

/// Fields that survive together: an address is one unit.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldGroup {
    /// Short name; freshness.toml may use it.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// Golden fields, each in one group only.
    #[schemars(with = "Vec<String>")]
    pub fields: Vec<Spanned<String>>,
    /// Criteria in order, each breaking the ties of the one before.
    #[schemars(with = "Vec<Strategy>")]
    pub strategy: Spanned<Vec<Strategy>>,
}
