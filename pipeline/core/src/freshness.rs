//! How current a golden value still is. Enter: the day of its last change, events, the field's half-life.
//! Leaves: state, currentness, reason. Never here: a clock (the day of judgement is an input), the prompts to ask.
//!
//! Currentness is the exponential form of Heinrich & Klier (2011), "Assessing data currency - a probabilistic
//! approach": the share of values of that age expected to be still right.

use crate::day::has_come;
use crate::rules::freshness::Effect;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Currentness 0.5 or more.
    Fresh,
    /// Below 0.5, within its shelf life.
    Ageing,
    /// Beyond its shelf life, or an event said that it is dead.
    Stale,
    /// Nothing says how old it is.
    Unknown,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Ageing => "ageing",
            Self::Stale => "stale",
            Self::Unknown => "unknown",
        }
    }
}

/// Reason codes of [`Freshness::reason`] with their meaning.
pub const REASONS: &[(&str, &str)] = &[
    ("changed_lately", "changed less than a half-life ago"),
    ("confirmed_lately", "seen to work less than a half-life ago"),
    ("past_half_life", "older than the field's half-life: more likely wrong than right"),
    ("past_shelf_life", "older than the field's shelf life"),
    ("invalidated", "an event said that the value is dead"),
    ("no_date", "neither a date of change that can be used nor an event"),
];

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Freshness {
    pub state: State,
    /// 0 to 1; 0 when stale by an event or unknown.
    pub currentness: f64,
    /// Code of [`REASONS`].
    pub reason: &'static str,
    /// The day since which the value counts as seen (or as dead); days since 1970-01-01.
    pub since_day: Option<i32>,
}

/// What events up to the day of judgement say of a value.
struct Told {
    changed: Option<i32>,
    confirmed: Option<i32>,
    dead: Option<i32>,
}

impl Told {
    fn new(value_day: Option<i32>, as_of: i32, events: impl IntoIterator<Item = (i32, Effect)>) -> Self {
        let (mut confirmed, mut invalidated) = (None, None);
        for (day, effect) in events.into_iter().filter(|(day, _)| has_come(*day, as_of)) {
            match effect {
                Effect::Confirm => confirmed = confirmed.max(Some(day)),
                Effect::Invalidate => invalidated = invalidated.max(Some(day)),
                Effect::OptIn | Effect::OptOut => {}
            }
        }
        let changed = value_day.filter(|day| has_come(*day, as_of));
        let seen = changed.max(confirmed);
        Self { changed, confirmed, dead: invalidated.filter(|dead| seen.is_none_or(|seen| seen <= *dead)) }
    }
}

/// The day since which a value counts as dead on the day `as_of`: that of the latest invalidation, unless the value has been
/// changed or confirmed since. On one day the invalidation counts. Events may come in any order; those that have not come
/// yet and those about permission do not count, and a value dated after the day has no date.
pub fn dead_since(value_day: Option<i32>, as_of: i32, events: impl IntoIterator<Item = (i32, Effect)>) -> Option<i32> {
    Told::new(value_day, as_of, events).dead
}

/// Whether an event speaks of a value of the field: one that names an e-mail or a phone is about that contact alone.
pub fn is_about(field: &str, value: &str, email: Option<&str>, phone: Option<&str>) -> bool {
    let named = if field.starts_with("email") {
        email
    } else if field.starts_with("phone") {
        phone
    } else {
        None
    };
    named.is_none_or(|named| named == value)
}

/// Judges one value on `as_of_day`. Days count from 1970-01-01; events may come in any order.
///
/// A confirmation resets the age. An invalidation counts as [`dead_since`] says. A date of change after `as_of_day` is a
/// mistake at the source: the value is as one without a date.
pub fn assess(
    value_day: Option<i32>,
    as_of_day: i32,
    half_life_days: u32,
    shelf_life_days: Option<u32>,
    events: &[(i32, Effect)],
) -> Freshness {
    let Told { changed, confirmed, dead } = Told::new(value_day, as_of_day, events.iter().copied());
    let seen = changed.max(confirmed);
    if let Some(dead) = dead {
        return Freshness { state: State::Stale, currentness: 0.0, reason: "invalidated", since_day: Some(dead) };
    }
    let Some(since) = seen else {
        return Freshness { state: State::Unknown, currentness: 0.0, reason: "no_date", since_day: None };
    };
    let age = i64::from(as_of_day) - i64::from(since);
    let currentness = currentness(age, half_life_days);
    let (state, reason) = if shelf_life_days.is_some_and(|days| age > i64::from(days)) {
        (State::Stale, "past_shelf_life")
    } else if currentness < 0.5 {
        (State::Ageing, "past_half_life")
    } else if confirmed > changed {
        (State::Fresh, "confirmed_lately")
    } else {
        (State::Fresh, "changed_lately")
    };
    Freshness { state, currentness, reason, since_day: Some(since) }
}

/// 0.5 ^ (age / half-life); with a half-life of 0 only the day itself is current.
fn currentness(age_days: i64, half_life_days: u32) -> f64 {
    match (age_days, half_life_days) {
        (..=0, _) => 1.0,
        (_, 0) => 0.0,
        (age, half_life) => (-(age as f64) / f64::from(half_life)).exp2(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: i32 = 20_000;

    fn reason(value_day: Option<i32>, events: &[(i32, Effect)]) -> &'static str {
        assess(value_day, TODAY, 365, Some(1_000), events).reason
    }

    #[test]
    fn ages_through_the_states() {
        let state = |age| assess(Some(TODAY - age), TODAY, 365, Some(1_000), &[]).state;
        assert_eq!(
            [0, 365, 366, 1_000, 1_001].map(state),
            [State::Fresh, State::Fresh, State::Ageing, State::Ageing, State::Stale]
        );
        assert_eq!(assess(Some(TODAY - 730), TODAY, 365, None, &[]).currentness, 0.25);
        assert_eq!(assess(None, TODAY, 365, None, &[]).state, State::Unknown);
        // A mistake at the source is no date, however often the night comes again.
        assert_eq!(assess(Some(TODAY + 9), TODAY, 365, None, &[]), assess(None, TODAY, 365, None, &[]));
    }

    #[test]
    fn events_confirm_and_invalidate() {
        let old = Some(TODAY - 2_000);
        assert_eq!(reason(old, &[(TODAY - 3, Effect::Confirm)]), "confirmed_lately");
        assert_eq!(reason(old, &[(TODAY - 3, Effect::Confirm), (TODAY - 2, Effect::Invalidate)]), "invalidated");
        assert_eq!(reason(old, &[(TODAY - 2, Effect::Confirm), (TODAY - 3, Effect::Invalidate)]), "confirmed_lately");
        assert_eq!(reason(old, &[(TODAY - 3, Effect::Confirm), (TODAY - 3, Effect::Invalidate)]), "invalidated");
        assert_eq!(reason(None, &[(TODAY - 3, Effect::Confirm)]), "confirmed_lately");
        assert_eq!(reason(None, &[(TODAY - 3, Effect::Invalidate)]), "invalidated");
    }

    #[test]
    fn what_does_not_count() {
        let young = Some(TODAY - 10);
        assert_eq!(reason(young, &[(TODAY - 11, Effect::Invalidate)]), "changed_lately");
        assert_eq!(reason(young, &[(TODAY + 1, Effect::Invalidate)]), "changed_lately");
        assert_eq!(reason(young, &[(TODAY, Effect::OptOut), (TODAY, Effect::OptIn)]), "changed_lately");
    }

    #[test]
    fn the_latest_event_decides_whether_a_value_is_dead() {
        let (dead, works) = (Effect::Invalidate, Effect::Confirm);
        for (value_day, events, since) in [
            (Some(10), vec![(11, dead)], Some(11)),
            (Some(10), vec![(12, works), (11, dead)], None),
            (Some(10), vec![(12, dead), (11, works)], Some(12)),
            (Some(10), vec![(11, dead), (11, works)], Some(11)),
            (Some(12), vec![(11, dead)], None),
            (Some(12), vec![(12, dead)], Some(12)),
            (None, vec![(11, dead)], Some(11)),
            (Some(21), vec![(11, dead)], Some(11)),
            (Some(10), vec![(11, dead), (21, works)], Some(11)),
            (Some(10), vec![(21, dead)], None),
            (Some(10), vec![(11, Effect::OptOut)], None),
        ] {
            assert_eq!(dead_since(value_day, 20, events.clone()), since, "{value_day:?} {events:?}");
        }
    }

    #[test]
    fn an_event_that_names_a_contact_is_about_that_one() {
        let (email, phone) = (Some("a@x.pl"), Some("+48601222333"));
        assert!(is_about("email", "a@x.pl", email, phone) && !is_about("email", "b@x.pl", email, phone));
        assert!(is_about("email_other", "a@x.pl", email, None) && is_about("email", "b@x.pl", None, phone));
        assert!(!is_about("phone_other", "+48601222334", None, phone) && is_about("street", "Polna", email, phone));
    }

    proptest! {
        #[test]
        fn total_and_independent_of_event_order(
            value_day: Option<i32>, as_of: i32, half_life: u32, shelf: Option<u32>,
            mut events in proptest::collection::vec((any::<i32>(), prop_oneof![Just(Effect::Invalidate), Just(Effect::Confirm), Just(Effect::OptOut)]), 0..6),
        ) {
            let judged = assess(value_day, as_of, half_life, shelf, &events);
            let dead = dead_since(value_day, as_of, events.iter().copied());
            prop_assert_eq!(judged.reason == "invalidated", dead.is_some());
            prop_assert!((0.0..=1.0).contains(&judged.currentness));
            prop_assert!(REASONS.iter().any(|(code, _)| *code == judged.reason));
            prop_assert_eq!(judged.state == State::Fresh, judged.reason.ends_with("_lately"));
            events.reverse();
            prop_assert_eq!(judged, assess(value_day, as_of, half_life, shelf, &events));
        }

        #[test]
        fn currentness_never_grows_with_time(day in 0i32..20_000, later in 0i32..20_000, half_life in 0u32..5_000) {
            let at = |as_of| assess(Some(0), as_of, half_life, None, &[]).currentness;
            prop_assert!(at(day + later) <= at(day));
        }
    }
}
