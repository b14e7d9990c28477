//! `freshness.toml`: how fast values age, and which events confirm or invalidate them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_spanned::Spanned;

/// How fast values age, and which events confirm or invalidate them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Freshness {
    /// How fast values age. A field that is not listed does not age.
    #[serde(default)]
    pub field: Vec<FieldAge>,
    /// What events tell. A kind that is not listed only counts as activity.
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
    /// After this many days a value is half as current.
    #[schemars(with = "u32")]
    pub half_life_days: Spanned<u32>,
    /// Beyond this many days a value is stale in any case.
    #[schemars(with = "Option<u32>")]
    pub shelf_life_days: Option<Spanned<u32>>,
    /// The question worth asking at the next contact once the value is stale, for stewards and agents.
    pub prompt: Option<String>,
}

/// What one kind of event tells about one field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventEffect {
    /// Value of `event_kind` in event rows: `hard_bounce`, `returned_mail`, `click`...
    #[schemars(with = "String")]
    pub kind: Spanned<String>,
    /// Golden field or group that the event speaks about; for opt-in and opt-out the channel.
    #[schemars(with = "String")]
    pub field: Spanned<String>,
    /// What the event does to the value.
    pub effect: Effect,
}

/// What an event does.
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
