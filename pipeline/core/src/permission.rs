//! May a customer be reached, by which channel, for which purpose? Enter: what a person has said, by rows and events, and
//! what the suppression list holds against them. Leaves: one decision for each channel and purpose, with its evidence.
//! Never here: a clock, a table, a guess: who said nothing has permitted nothing.

use crate::day::has_come;
use crate::rules::Rules;
use crate::rules::freshness::{Effect, same_kind};
use crate::rules::known::CHANNELS;
use crate::rules::vocabulary;

/// Purpose of a rules folder that names none (W3C Data Privacy Vocabulary).
pub const DEFAULT_PURPOSE: &str = "dpv:DirectMarketing";

/// Reason codes of permissions.
pub const REASONS: &[(&str, &str)] = &[
    ("opt_in", "The latest explicit choice is a yes."),
    ("opt_out", "The latest explicit choice is a no."),
    ("tied_opt_out", "A yes and a no on the same day, or both without a day: the no counts."),
    ("no_choice", "The person has said nothing."),
    ("legal_basis", "The customer has said nothing, and the purpose rests on a legal basis other than consent."),
    ("suppressed", "The suppression list forbids it, whatever was said."),
];

/// A yes or a no for a channel. `purposes` of none speaks of all.
#[derive(Debug, Clone)]
pub struct Choice<'a> {
    /// Place in [`CHANNELS`].
    pub channel: usize,
    /// Places in [`Policy::purposes`], as bits.
    pub purposes: Purposes,
    pub allowed: bool,
    /// Days since 1970-01-01.
    pub day: Option<i32>,
    pub evidence: &'a str,
}

/// An entry of the suppression list that the person has drawn.
#[derive(Debug, Clone)]
pub struct Suppression<'a> {
    /// None: every channel.
    pub channel: Option<usize>,
    pub purposes: Purposes,
    pub day: i32,
    pub evidence: &'a str,
}

/// A set of purposes, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purposes(u64);

impl Purposes {
    pub const ALL: Self = Self(u64::MAX);

    pub fn holds(self, purpose: usize) -> bool {
        u32::try_from(purpose).ok().and_then(|p| 1u64.checked_shl(p)).is_some_and(|bit| self.0 & bit != 0)
    }
}

/// The decision for a channel and purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'a> {
    pub allowed: bool,
    /// Day since which it holds; none for undated choices and where nothing was said.
    pub since: Option<i32>,
    /// What decided it: empty where nothing was said.
    pub evidence: &'a str,
    /// Code of [`REASONS`].
    pub reason: &'static str,
}

/// Decides one channel and purpose; `said` and `suppressed` speak of it already. `basis` is the legal basis that permits
/// it to who has said nothing; `today` as days since 1970-01-01.
///
/// The latest choice wins, a no wins its day, a choice without a day loses against any with one. A day that has not come
/// yet is a mistake at the source: a no then counts from today, a yes as undated. Withdrawing is as easy as giving
/// (GDPR Art. 7(3)), an objection ends legitimate interest (Art. 21(3)), and a suppression ends everything.
pub fn decide<'a>(
    said: impl IntoIterator<Item = &'a Choice<'a>>,
    suppressed: impl IntoIterator<Item = &'a Suppression<'a>>,
    basis: Option<&'a str>,
    today: i32,
) -> Decision<'a> {
    // The longest standing entry is the evidence.
    if let Some(entry) = suppressed.into_iter().min_by_key(|s| (s.day, s.evidence)) {
        return Decision { allowed: false, since: Some(entry.day), evidence: entry.evidence, reason: "suppressed" };
    }
    let day = |choice: &Choice<'_>| match choice.day {
        Some(day) if !has_come(day, today) => (!choice.allowed).then_some(today),
        day => day,
    };
    let mut best: Option<(Option<i32>, bool, &'a str)> = None;
    let mut latest_yes: Option<Option<i32>> = None;
    for choice in said {
        let day = day(choice);
        if choice.allowed {
            latest_yes = latest_yes.max(Some(day));
        }
        // Of equal choices the first by name is the evidence, so that the order of rows does not show.
        let better = best.is_none_or(|(on, out, evidence)| {
            (day, !choice.allowed, std::cmp::Reverse(choice.evidence)) > (on, out, std::cmp::Reverse(evidence))
        });
        if better {
            best = Some((day, !choice.allowed, choice.evidence));
        }
    }
    match best {
        Some((since, true, evidence)) => {
            let reason = if latest_yes == Some(since) { "tied_opt_out" } else { "opt_out" };
            Decision { allowed: false, since, evidence, reason }
        }
        Some((since, false, evidence)) => Decision { allowed: true, since, evidence, reason: "opt_in" },
        None => match basis {
            Some(basis) => Decision { allowed: true, since: None, evidence: basis, reason: "legal_basis" },
            None => Decision { allowed: false, since: None, evidence: "", reason: "no_choice" },
        },
    }
}

/// `permissions.toml` and the opting events of `freshness.toml`, prepared.
#[derive(Debug, Clone)]
pub struct Policy {
    purposes: Vec<PreparedPurpose>,
    columns: Vec<Column>,
    events: Vec<EventChoice>,
}

#[derive(Debug, Clone)]
struct PreparedPurpose {
    term: String,
    basis: String,
    without_choice: Vec<usize>,
}

/// An opt-in column.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    /// Field with the day of the choice; none: the day on which the row was changed.
    pub dated_by: Option<String>,
    pub speaks: Vec<Speaks>,
}

/// A channel and the purposes that are spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speaks {
    pub channel: usize,
    pub purposes: Purposes,
}

#[derive(Debug, Clone)]
struct EventChoice {
    kind: String,
    allowed: bool,
    speaks: Speaks,
}

/// Place of a channel in [`CHANNELS`].
pub fn channel(name: &str) -> Option<usize> {
    CHANNELS.iter().position(|c| *c == name)
}

impl Policy {
    pub fn new(rules: &Rules) -> Self {
        let permissions = &rules.permissions;
        let prepared = permissions.purpose.iter().map(|p| PreparedPurpose {
            term: p.term.get_ref().clone(),
            basis: p.legal_basis.as_ref().map_or_else(String::new, |b| b.get_ref().clone()),
            without_choice: p.without_choice.iter().filter_map(|c| channel(c.get_ref())).collect(),
        });
        let mut purposes: Vec<PreparedPurpose> = prepared.collect();
        if purposes.is_empty() {
            let term = DEFAULT_PURPOSE.to_string();
            purposes.push(PreparedPurpose { term, basis: String::new(), without_choice: vec![] });
        }
        let mut policy = Self { purposes, columns: vec![], events: vec![] };
        let of = |names: &[serde_spanned::Spanned<String>]| policy.set(names.iter().map(|n| n.get_ref().as_str()));
        let mut columns: Vec<Column> = Vec::new();
        for field in vocabulary::FIELDS {
            let Some(channel) = field.name.strip_prefix("opt_in_").and_then(channel) else { continue };
            columns.push(Column {
                name: field.name.into(),
                dated_by: None,
                speaks: vec![Speaks { channel, purposes: Purposes::ALL }],
            });
        }
        for choice in &permissions.choice {
            let Some(name) = choice.field.as_ref().map(serde_spanned::Spanned::get_ref) else { continue };
            let spoken = choice.channel.as_ref().map(|c| c.get_ref().as_str()).or(name.strip_prefix("opt_in_"));
            let Some(channel) = spoken.and_then(channel) else { continue };
            let speaks = Speaks { channel, purposes: of(&choice.purposes) };
            let dated_by = choice.dated_by.as_ref().map(|d| d.get_ref().clone());
            match columns.iter_mut().find(|c| c.name == *name) {
                // The first line about a built-in column takes the place of what it says by itself.
                Some(known) if permissions.choice.iter().any(|c| std::ptr::eq(c, choice) && first(permissions, c)) => {
                    known.speaks = vec![speaks];
                    known.dated_by = dated_by;
                }
                Some(known) => known.speaks.push(speaks),
                None => columns.push(Column { name: name.clone(), dated_by, speaks: vec![speaks] }),
            }
        }
        let mut events = Vec::new();
        for effect in &rules.freshness.event {
            let allowed = match effect.effect {
                Effect::OptIn => true,
                Effect::OptOut => false,
                Effect::Invalidate | Effect::Confirm => continue,
            };
            let Some(channel) = channel(effect.field.get_ref()) else { continue };
            let lines = permissions.choice.iter().filter(|c| {
                c.event.as_ref().is_some_and(|e| same_kind(e.get_ref(), effect.kind.get_ref()))
                    && c.channel.as_ref().is_none_or(|c| c.get_ref() == effect.field.get_ref())
            });
            let sets: Vec<Purposes> = lines.map(|c| of(&c.purposes)).collect();
            let purposes = sets.into_iter().reduce(|a, b| Purposes(a.0 | b.0)).unwrap_or(Purposes::ALL);
            events.push(EventChoice {
                kind: effect.kind.get_ref().clone(),
                allowed,
                speaks: Speaks { channel, purposes },
            });
        }
        policy.columns = columns;
        policy.events = events;
        policy
    }

    /// Terms of the purposes, in the order of the rules.
    pub fn purposes(&self) -> impl Iterator<Item = &str> {
        self.purposes.iter().map(|p| p.term.as_str())
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The yes or no of an event of this kind, channel by channel.
    pub fn event(&self, kind: &str) -> impl Iterator<Item = (bool, Speaks)> {
        self.events.iter().filter(move |e| same_kind(&e.kind, kind)).map(|e| (e.allowed, e.speaks))
    }

    /// The purposes of these names; of no name all, of unknown names none.
    pub fn set<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Purposes {
        let mut set = 0;
        let mut any = false;
        for name in names {
            any = true;
            let place = self.purposes.iter().position(|p| p.term == name).and_then(|p| u32::try_from(p).ok());
            set |= place.and_then(|p| 1u64.checked_shl(p)).unwrap_or(0);
        }
        if any { Purposes(set) } else { Purposes::ALL }
    }

    /// Every channel and purpose with its decision, channels first. A prospect has no relation that a legal basis other
    /// than consent could rest on.
    pub fn decide_all<'a>(
        &'a self,
        said: &'a [Choice<'a>],
        suppressed: &'a [Suppression<'a>],
        is_customer: bool,
        today: i32,
    ) -> impl Iterator<Item = (&'static str, &'a str, Decision<'a>)> {
        let channels = CHANNELS.iter().enumerate();
        channels.flat_map(move |(channel, name)| {
            self.purposes.iter().enumerate().map(move |(place, purpose)| {
                let said = said.iter().filter(|c| c.channel == channel && c.purposes.holds(place));
                let suppressed = suppressed
                    .iter()
                    .filter(|s| s.channel.is_none_or(|only| only == channel) && s.purposes.holds(place));
                let basis =
                    (is_customer && purpose.without_choice.contains(&channel)).then_some(purpose.basis.as_str());
                (*name, purpose.term.as_str(), decide(said, suppressed, basis, today))
            })
        })
    }
}

/// Whether no earlier line speaks of the same column.
fn first(permissions: &crate::rules::permissions::Permissions, choice: &crate::rules::permissions::Choice) -> bool {
    let name = |c: &crate::rules::permissions::Choice| c.field.as_ref().map(|f| f.get_ref().clone());
    permissions.choice.iter().find(|c| name(c) == name(choice)).is_some_and(|c| std::ptr::eq(c, choice))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
