//! `permissions.toml`: for which purposes customers are asked, and which of them an opt-in column or an event speaks of.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_spanned::Spanned;

/// For which purposes permission is kept, and what speaks of which.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Permissions {
    /// What permission is kept for. Without any it is `dpv:DirectMarketing` alone.
    #[serde(default)]
    pub purpose: Vec<Purpose>,
    /// What a column or a kind of event speaks of. What is not listed here speaks of every purpose.
    #[serde(default)]
    pub choice: Vec<Choice>,
}

/// One purpose. Each golden record has one permission for each channel and purpose.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// W3C DPV term, as `dpv:DirectMarketing`.
    #[schemars(with = "String")]
    pub term: Spanned<String>,
    /// What it means here, for stewards.
    pub description: Option<String>,
    /// GDPR Art. 6(1) basis as a DPV term, where it is not consent. Consent (`eu-gdpr:A6-1-a`) without it.
    #[schemars(with = "Option<String>")]
    pub legal_basis: Option<Spanned<String>>,
    /// Channels that are permitted to customers, never to prospects, who have said nothing: only with a `legal_basis`
    /// other than consent. A no still is a no.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub without_choice: Vec<Spanned<String>>,
}

/// What one column or one kind of event speaks of.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// An opt-in column: `opt_in_email`, or a custom field of kind boolean, whose `channel` stands below.
    #[schemars(with = "Option<String>")]
    pub field: Option<Spanned<String>>,
    /// A kind of event that opts in or out in `freshness.toml`.
    #[schemars(with = "Option<String>")]
    pub event: Option<Spanned<String>>,
    /// Channel of a custom field: email, phone, sms or post; of an event, if only one of its channels is meant.
    #[schemars(with = "Option<String>")]
    pub channel: Option<Spanned<String>>,
    /// The purposes; without them all.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub purposes: Vec<Spanned<String>>,
    /// A custom field of kind date that says when the choice was made. Without it, the day on which the row was last
    /// changed, for whatever reason.
    #[schemars(with = "Option<String>")]
    pub dated_by: Option<Spanned<String>>,
}
