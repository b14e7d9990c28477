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
    /// A source's trust halves in this many days since the value was last changed; none: it does not decay. Nor does that in
    /// rows without a usable date.
    #[schemars(with = "Option<u32>")]
    pub trust_half_life_days: Option<Spanned<u32>>,
    /// Chains of single fields.
    pub field: Vec<FieldRule>,
    /// Fields that survive together.
    pub group: Vec<FieldGroup>,
    /// Which golden records are one household.
    pub household: Household,
}

impl Default for Survivorship {
    fn default() -> Self {
        Self {
            default: vec![Strategy::VerifiedFirst, Strategy::MostTrusted, Strategy::MostRecent],
            trust_half_life_days: None,
            field: vec![],
            group: vec![],
            household: Household::default(),
        }
    }
}

/// Which golden records are one household. They are listed in the table `households` and never merged.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Household {
    /// What makes a household; an empty list makes none.
    #[schemars(with = "Vec<HouseholdEvidence>")]
    pub evidence: Spanned<Vec<HouseholdEvidence>>,
    /// Golden records of a household, at most. Evidence that would join more than so many joins nobody.
    #[schemars(with = "u32")]
    pub largest: Spanned<u32>,
    /// In a house of more golden records than this, address and surname join only people who tell their flat.
    #[schemars(with = "u32")]
    pub crowded: Spanned<u32>,
    /// A phone or e-mail that more golden records have than this is nobody's at home.
    #[schemars(with = "u32")]
    pub contact_people: Spanned<u32>,
    /// Age in years from which a member counts as an adult.
    #[schemars(with = "u32")]
    pub age_of_majority: Spanned<u32>,
}

impl Default for Household {
    fn default() -> Self {
        use HouseholdEvidence::{AddressSurname, Declared, SharedContact};
        Self {
            evidence: Spanned::new(0..0, vec![Declared, AddressSurname, SharedContact]),
            largest: Spanned::new(0..0, 12),
            crowded: Spanned::new(0..0, 8),
            contact_people: Spanned::new(0..0, 6),
            age_of_majority: Spanned::new(0..0, 18),
        }
    }
}

/// Why people are of one household, the strongest reason first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HouseholdEvidence {
    /// A source says so: `household_number`, or `related_to` of people who are not known to live apart.
    Declared,
    /// One address and one surname, in its forms for women and men and in double-barrelled names.
    AddressSurname,
    /// A phone or e-mail of few people who have one address, or one surname and no two addresses.
    SharedContact,
    /// One flat, or one house in which nobody tells a flat, whatever the surnames.
    SameAddress,
}

impl HouseholdEvidence {
    /// All of them, the strongest first.
    pub const ALL: [Self; 4] = [Self::Declared, Self::AddressSurname, Self::SharedContact, Self::SameAddress];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::AddressSurname => "address_surname",
            Self::SharedContact => "shared_contact",
            Self::SameAddress => "same_address",
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
    /// Latest `updated_at`, to the second where sources tell the time; a day alone counts as its beginning. Rows without a
    /// date, with one that cannot be read or with one after the day of the run come last.
    MostRecent,
    /// The value that most records agree on.
    MostFrequent,
    /// The longest value, or for a group the one with most parts that are not invalid.
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

/// Fields that survive together: an address is one unit. The winning row gives all of them, but for invalid values: where
/// fields have verdicts of their own, a row's claim is as good as the worst value that is not invalid, and suspect at best
/// beside one that is.
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
