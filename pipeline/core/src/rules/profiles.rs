//! `profiles.toml`: what the bought or public consumer profiles may be used for.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_spanned::Spanned;
use std::collections::BTreeMap;

/// What bought or public consumer profiles may be used for.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profiles {
    /// What this run's golden records are for: W3C DPV purposes such as `dpv:DirectMarketing`.
    #[serde(default)]
    pub purposes: Vec<String>,
    /// Terms, one table for each profile source.
    #[serde(default)]
    pub profile: Vec<Profile>,
    /// Parts of the view of a customer, in the order in which they are shown.
    #[serde(default)]
    pub attribute_group: Vec<AttributeGroup>,
}

/// One part of the view of a customer: a line in the table `attributes` for each of its fields that has a value.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributeGroup {
    /// As `demographic`, `household`, `interests`.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// What the group is, for stewards.
    pub description: Option<String>,
    /// Golden fields, fields that profiles only suggest, and figures counted from events: `recency_days`, `frequency`,
    /// `monetary`, `frequency_recent`, `monetary_recent`, `first_purchase`, `last_purchase`, `complaints`,
    /// `complaints_recent`, `last_complaint`, `last_activity`.
    #[schemars(with = "Vec<String>")]
    pub fields: Vec<Spanned<String>>,
    /// Values older than so many days are not offered any more. Figures do not age: they are those of the run's day.
    #[schemars(with = "Option<u32>")]
    pub shelf_life_days: Option<Spanned<u32>>,
    /// Figures that end in `_recent` count the last so many days. 365 without it.
    #[schemars(with = "Option<u32>")]
    pub recent_days: Option<Spanned<u32>>,
}

/// By what a profile finds its customer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum LinkOn {
    /// A field that hardly two people share, as `email`.
    Field(String),
    /// Fields that must all agree, as `["given_name", "family_name", "birth_date"]`.
    All(Vec<String>),
}

impl LinkOn {
    pub fn fields(&self) -> &[String] {
        match self {
            Self::Field(field) => std::slice::from_ref(field),
            Self::All(fields) => fields,
        }
    }
}

/// Terms of one profile source.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Name of a source of kind `profile`.
    #[schemars(with = "String")]
    pub source: Spanned<String>,
    /// Contract or licence under which the data came, for the audit.
    pub licence: String,
    /// Purposes the licence permits; a profile is used only when it permits one of the run's purposes.
    pub purposes: Vec<String>,
    /// GDPR legal basis as a DPV term: `eu-gdpr:A6-1-a` (consent), `eu-gdpr:A6-1-f` (legitimate interest).
    #[schemars(with = "String")]
    pub legal_basis: Spanned<String>,
    /// Day the vendor collected the data, `YYYY-MM-DD`; a row's own `updated_at` is better where there is one that has come.
    #[schemars(with = "Option<String>")]
    pub collected: Option<Spanned<String>>,
    /// Older profiles are not used.
    #[schemars(with = "Option<u32>")]
    pub shelf_life_days: Option<Spanned<u32>>,
    /// What this delivery cost, in whatever currency all profile sources are paid in; none: not known.
    #[schemars(with = "Option<f64>")]
    pub cost: Option<Spanned<f64>>,
    /// Fields that age faster than the rest: values older than so many days are neither filled in nor suggested.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, u32>")]
    pub field_shelf_life_days: BTreeMap<Spanned<String>, Spanned<u32>>,
    /// By what a profile is linked to a customer, strongest first: a contact or number that is one person's, or a list of
    /// fields that must all agree. A profile whose birth date, or whose given and family name both, are not the
    /// customer's is not linked.
    #[schemars(with = "Vec<LinkOn>")]
    pub link_on: Vec<Spanned<LinkOn>>,
    /// Fields that may fill an empty golden field.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub fill: Vec<Spanned<String>>,
    /// Fields that are only shown beside the golden record.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub suggest: Vec<Spanned<String>>,
}
