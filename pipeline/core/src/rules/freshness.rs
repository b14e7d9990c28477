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
    /// What events tell. A kind that is not listed only counts as activity, and a run warns of it.
    #[serde(default)]
    pub event: Vec<EventEffect>,
    /// Kinds of events that are known to count as activity only.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub activity: Vec<Spanned<String>>,
    /// Questions about fields that do not age: asked while nobody has told the value.
    #[serde(default)]
    pub question: Vec<Question>,
    /// Which questions are worth asking, and by which channels they may be asked.
    #[serde(default)]
    pub prompts: Prompts,
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
    /// The question for the next contact, asked while the value is missing and once it is no longer fresh.
    pub prompt: Option<String>,
    /// What knowing the field is worth, beside other fields: a number above 0. 1 without it.
    #[schemars(with = "Option<f64>")]
    pub prompt_value: Option<Spanned<f64>>,
    /// Channels by which this question may be asked, best first. Those of `[prompts]` without it.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub ask_by: Vec<Spanned<String>>,
}

/// A question about a field that does not age.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// A golden field that some source delivers; otherwise nobody could ever answer.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// The question for the next contact.
    #[schemars(with = "String")]
    pub prompt: Spanned<String>,
    /// What knowing the field is worth, beside other fields: a number above 0. 1 without it.
    #[schemars(with = "Option<f64>")]
    pub prompt_value: Option<Spanned<f64>>,
    /// Channels by which this question may be asked, best first. Those of `[prompts]` without it.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub ask_by: Vec<Spanned<String>>,
}

/// Which questions are worth asking. A question is worth `prompt_value` times the doubt about the value (1 - currentness, 1
/// where it is missing or an event said that it is dead, 0.5 where nothing says how old it is), twice as much where the field
/// is the only permitted way to the customer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Prompts {
    /// The most questions for one customer.
    #[schemars(with = "u32")]
    pub most_per_customer: Spanned<u32>,
    /// Questions that are worth less are not asked.
    #[schemars(with = "f64")]
    pub least_value: Spanned<f64>,
    /// The purpose of `permissions.toml` for which a channel must be permitted. Without it no channel is, and questions
    /// wait until the customer gets in touch.
    #[schemars(with = "Option<String>")]
    pub purpose: Option<Spanned<String>>,
    /// Channels by which questions may be asked, best first.
    #[schemars(with = "Vec<String>")]
    pub ask_by: Vec<Spanned<String>>,
}

impl Default for Prompts {
    fn default() -> Self {
        Self {
            most_per_customer: Spanned::new(0..0, 3),
            least_value: Spanned::new(0..0, 0.0),
            purpose: None,
            ask_by: super::known::CHANNELS.iter().map(|c| Spanned::new(0..0, (*c).to_string())).collect(),
        }
    }
}

/// What one kind of event tells about one field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventEffect {
    /// Value of `event_kind` in event rows: `hard_bounce`, `returned_mail`, `click`... Capitals do not matter.
    #[schemars(with = "String")]
    pub kind: Spanned<String>,
    /// Golden field or group that the event speaks about; for opt-in and opt-out the channel.
    #[schemars(with = "String")]
    pub field: Spanned<String>,
    /// What the event does to the value.
    pub effect: Effect,
}

/// Kinds of events that are counted for every customer, whatever the rules say.
pub const COUNTED: [&str; 2] = ["purchase", "complaint"];

/// Whether a row's `event_kind` is the kind that a rule names: capitals and white space around it do not matter.
pub fn same_kind(named: &str, kind: &str) -> bool {
    let (named, kind) = (named.trim(), kind.trim());
    if named.is_ascii() && kind.is_ascii() {
        return named.eq_ignore_ascii_case(kind);
    }
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    lower(named) == lower(kind)
}

impl Freshness {
    /// Whether a rule, or the product itself, says what events of a kind are for.
    pub fn names_kind(&self, kind: &str) -> bool {
        let activity = self.activity.iter().map(|named| named.get_ref().as_str());
        let effects = self.event.iter().map(|effect| effect.kind.get_ref().as_str());
        COUNTED.into_iter().chain(activity).chain(effects).any(|named| same_kind(named, kind))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_and_blanks_make_no_other_kind() {
        for kind in ["unsubscribe", "Unsubscribe", "UNSUBSCRIBE", " unsubscribe "] {
            assert!(same_kind("unsubscribe", kind), "{kind}");
        }
        assert!(same_kind("Žalba", "žALBA") && same_kind("żal", "ŻAL"));
        for kind in ["", "unsubscribed", "un subscribe", "unsubscribe\u{301}"] {
            assert!(!same_kind("unsubscribe", kind), "{kind}");
        }
    }

    #[test]
    fn kinds_are_known_by_effects_activity_and_what_is_counted() {
        let kind = |text: &str| Spanned::new(0..0, text.to_string());
        let effect = EventEffect { kind: kind("click"), field: kind("email"), effect: Effect::Confirm };
        let rules = Freshness { activity: vec![kind("open")], event: vec![effect], ..Freshness::default() };
        for known in ["Open", "CLICK", "purchase", "Complaint"] {
            assert!(rules.names_kind(known), "{known}");
        }
        assert!(!rules.names_kind("login") && !Freshness::default().names_kind("click"));
    }
}
