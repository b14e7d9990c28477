//! Which few questions are worth asking a customer at the next contact. Enter: what is known of each field that has a
//! question, by which channels the customer may be reached and by which a contact works. Leave: ranked questions with
//! their worth and a channel. Never here: a clock, a table; a channel that is not permitted or does not work.
//!
//! The formula and its reasons are those of docs/decisions/0020-prompts.md.

use crate::freshness::{Freshness, State};
use crate::matching::hygiene::USED_BY_MANY;
use crate::permission::channel;
use crate::rules::Rules;
use crate::rules::freshness::Prompts as Limits;
use crate::rules::known::CHANNELS;
use serde_spanned::Spanned;

/// Stands in place of a channel where nobody may be asked until they get in touch themselves.
pub const INBOUND: &str = "inbound";

/// Reason codes of questions, beside those of [`crate::freshness::REASONS`].
pub const REASONS: &[(&str, &str)] = &[
    ("missing", "nobody has told a value, or only half of an address"),
    (USED_BY_MANY, "the contact is used by too many people to be the customer's own"),
];

/// A value without a date is as likely right as wrong: half the doubt of one that is known to be wrong.
const UNKNOWN_DOUBT: f64 = 0.5;

/// Losing the only way to a customer loses what every other answer is for.
const ONLY_WAY: f64 = 2.0;

/// A set of channels, by their place in [`CHANNELS`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Channels(u8);

impl Channels {
    pub fn insert(&mut self, place: usize) {
        self.0 |= u32::try_from(place).ok().and_then(|p| 1u8.checked_shl(p)).unwrap_or(0);
    }

    pub fn holds(self, place: usize) -> bool {
        u32::try_from(place).ok().and_then(|p| 1u8.checked_shl(p)).is_some_and(|bit| self.0 & bit != 0)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Channels of these names; unknown names are passed over.
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut set = Self::default();
        names.into_iter().filter_map(channel).for_each(|place| set.insert(place));
        set
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// Channels that a field is the contact of: a number serves calls and text messages.
pub fn served_by(field: &str) -> Channels {
    match field {
        "email" => Channels::of(["email"]),
        "phone" => Channels::of(["phone", "sms"]),
        "address" => Channels::of(["post"]),
        _ => Channels::default(),
    }
}

/// What is known of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known {
    Missing,
    /// A contact that many people give for their own.
    NotTheirs,
    /// A value, with its freshness where it ages.
    Held(Option<Freshness>),
}

impl Known {
    /// Whether a contact is to be relied on, as for segmentation: fresh, ageing, or of a field that does not age.
    pub fn works(&self) -> bool {
        match self {
            Self::Missing | Self::NotTheirs => false,
            Self::Held(None) => true,
            Self::Held(Some(found)) => matches!(found.state, State::Fresh | State::Ageing),
        }
    }

    /// How doubtful the value is, above 0 and at most 1, and why; none where there is nothing to ask.
    fn doubt(&self) -> Option<(f64, &'static str)> {
        match self {
            Self::Missing => Some((1.0, "missing")),
            Self::NotTheirs => Some((1.0, USED_BY_MANY)),
            Self::Held(None) => None,
            Self::Held(Some(found)) => match found.state {
                State::Fresh => None,
                State::Unknown => Some((UNKNOWN_DOUBT, found.reason)),
                State::Ageing | State::Stale => Some((1.0 - found.currentness, found.reason)),
            },
        }
    }
}

/// How a customer stands to us.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// A prospect is asked nothing.
    pub customer: bool,
    /// Channels that are permitted for the purpose of asking.
    pub permitted: Channels,
    /// Channels that the suppression list leaves open. Who has none is asked nothing, not even when they call.
    pub open: Channels,
    /// Channels whose contact works.
    pub works: Channels,
}

/// A question of the rules.
#[derive(Debug, Clone)]
struct Question {
    field: String,
    text: String,
    worth: f64,
    /// Places in [`CHANNELS`], best first.
    ask_by: Vec<usize>,
    serves: Channels,
}

/// The questions of `freshness.toml`, prepared.
#[derive(Debug, Clone)]
pub struct Plan {
    questions: Vec<Question>,
    most: usize,
    least: f64,
    purpose: Option<String>,
}

/// A question for a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt<'p> {
    /// From 1, without gaps.
    pub rank: usize,
    pub field: &'p str,
    pub question: &'p str,
    /// A code of [`REASONS`] or of [`crate::freshness::REASONS`].
    pub reason: &'static str,
    /// What the answer is worth, in thousandths exactly.
    pub value: f64,
    /// Channels by which it may be asked, best first; empty: [`INBOUND`] only.
    pub channels: Vec<&'static str>,
}

impl Prompt<'_> {
    /// The best channel.
    pub fn channel(&self) -> &'static str {
        self.channels.first().copied().unwrap_or(INBOUND)
    }
}

impl Plan {
    /// `golden` tells whether golden records can have a field or group: what they cannot have is not asked.
    pub fn new(rules: &Rules, golden: impl Fn(&str) -> bool) -> Self {
        let Limits { most_per_customer, least_value, purpose, ask_by } = &rules.freshness.prompts;
        let places = |own: &[Spanned<String>]| -> Vec<usize> {
            let chosen = if own.is_empty() { ask_by.as_slice() } else { own };
            chosen.iter().filter_map(|c| channel(c.get_ref())).collect()
        };
        let question = |name: &str, text: &str, worth: &Option<Spanned<f64>>, own: &[Spanned<String>]| Question {
            field: name.into(),
            text: text.into(),
            worth: worth.as_ref().map_or(1.0, |w| *w.get_ref()),
            ask_by: places(own),
            serves: served_by(name),
        };
        let aged = rules.freshness.field.iter().filter_map(|age| {
            Some(question(age.name.get_ref(), age.prompt.as_deref()?, &age.prompt_value, &age.ask_by))
        });
        let asked = rules.freshness.question.iter();
        let asked = asked.map(|q| question(q.name.get_ref(), q.prompt.get_ref(), &q.prompt_value, &q.ask_by));
        Self {
            questions: aged.chain(asked).filter(|q| golden(&q.field)).collect(),
            most: usize::try_from(*most_per_customer.get_ref()).unwrap_or(usize::MAX),
            least: *least_value.get_ref(),
            purpose: purpose.as_ref().map(|p| p.get_ref().clone()),
        }
    }

    /// Fields with a question, in the order in which [`Self::ask`] wants to know them.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.questions.iter().map(|q| q.field.as_str())
    }

    /// The purpose for which a channel must be permitted.
    pub fn purpose(&self) -> Option<&str> {
        self.purpose.as_deref()
    }

    /// The questions worth asking, most valuable first; of equal ones those that the rules name first. `known` follows
    /// [`Self::fields`].
    pub fn ask(&self, known: &[Known], standing: Standing) -> Vec<Prompt<'_>> {
        if !standing.customer || standing.open.is_empty() {
            return vec![];
        }
        let usable = standing.permitted.and(standing.open).and(standing.works);
        let mut asked: Vec<Prompt<'_>> = (self.questions.iter().zip(known))
            .filter_map(|(question, known)| {
                let (doubt, reason) = known.doubt()?;
                let opens = !question.serves.and(standing.permitted).and(standing.open).is_empty();
                let only = opens && usable.without(question.serves).is_empty();
                let value = question.worth * doubt * if only { ONLY_WAY } else { 1.0 };
                // Rounded before it ranks, so that what is shown explains the order.
                let value = (value * 1000.0).round() / 1000.0;
                (value > 0.0 && value >= self.least).then(|| Prompt {
                    rank: 0,
                    field: &question.field,
                    question: &question.text,
                    reason,
                    value,
                    channels: (question.ask_by.iter().filter(|c| usable.holds(**c)))
                        .filter_map(|c| CHANNELS.get(*c).copied())
                        .collect(),
                })
            })
            .collect();
        // A stable sort: equal values keep the order of the rules.
        asked.sort_by(|a, b| b.value.total_cmp(&a.value));
        asked.truncate(self.most);
        asked.iter_mut().enumerate().for_each(|(place, prompt)| prompt.rank = place + 1);
        asked
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
