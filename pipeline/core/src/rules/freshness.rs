//! `freshness.toml`: how fast values age, and which events confirm or invalidate them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_spanned::Spanned;

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Freshness {
    #[serde(default)]
    pub field: Vec<FieldAge>,
    #[serde(default)]
    pub event: Vec<EventEffect>,
}

/// Currentness of a value is `0.5 ^ (age / half_life_days)`; beyond `shelf_life_days` it is stale.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldAge {
    /// A golden field or a field group.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    #[schemars(with = "u32")]
    pub half_life_days: Spanned<u32>,
    #[schemars(with = "Option<u32>")]
    pub shelf_life_days: Option<Spanned<u32>>,
    /// The question worth asking at the next contact once the value is stale, for stewards and agents.
    pub prompt: Option<String>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventEffect {
    /// Value of `event_kind` in event rows: `hard_bounce`, `returned_mail`, `click`...
    #[schemars(with = "String")]
    pub kind: Spanned<String>,
    /// Golden field or group that the event speaks about; for opt-in and opt-out the channel.
    #[schemars(with = "String")]
    pub field: Spanned<String>,
    pub effect: Effect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The value is dead from this day on.
    Invalidate,
    /// The value was seen to work on this day.
    Confirm,
    /// The customer withdrew permission for the channel.
    OptOut,
    /// The customer gave permission for the channel.
    OptIn,
}
