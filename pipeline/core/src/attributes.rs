//! The view of a customer in named groups: which figures events give, and whether a value is still offered. Enter: the
//! events of a customer, the age of a value. Leave: figures as texts, a state. Never here: a clock, a table, a choice
//! between values.
//!
//! Recency, frequency and monetary value are the three figures by which direct marketing has long told customers apart
//! (Hughes 1994, "Strategic Database Marketing"; Fader, Hardie & Lee 2005, "RFM and CLV").

use crate::day::{self, has_come};
use crate::freshness::State;
use crate::rules::freshness::same_kind;

/// Days that count as recent where a group does not say.
pub const RECENT_DAYS: u32 = 365;

/// Figures that are counted from events, with what they are.
pub const FIGURES: &[(&str, &str)] = &[
    ("recency_days", "Days from the last purchase to the day of the run"),
    ("frequency", "Purchases"),
    ("monetary", "Amount of all purchases together"),
    ("frequency_recent", "Purchases of the last `recent_days`"),
    ("monetary_recent", "Amount of the purchases of the last `recent_days`"),
    ("first_purchase", "Day of the first purchase"),
    ("last_purchase", "Day of the last purchase"),
    ("complaints", "Complaints"),
    ("complaints_recent", "Complaints of the last `recent_days`"),
    ("last_complaint", "Day of the last complaint"),
    ("last_activity", "Day of the last event that is not bad news about a contact"),
];

/// Whether a name is that of a figure.
pub fn is_figure(name: &str) -> bool {
    FIGURES.iter().any(|(known, _)| *known == name)
}

/// Something that happened to a customer.
#[derive(Debug, Clone, Copy)]
pub struct Happening<'a> {
    pub kind: &'a str,
    /// Days since 1970-01-01.
    pub day: Option<i32>,
    pub amount: Option<f64>,
    /// It says that a contact is dead: no sign of life.
    pub bad_news: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Count {
    all: u32,
    recent: u32,
    amount: f64,
    recent_amount: f64,
    first: Option<i32>,
    last: Option<i32>,
}

impl Count {
    fn add(&mut self, happening: &Happening<'_>, as_of: i32, recent_days: u32) {
        let amount = happening.amount.filter(|a| a.is_finite()).unwrap_or(0.0);
        self.all += 1;
        self.amount += amount;
        let Some(day) = happening.day else { return };
        if i64::from(as_of) - i64::from(day) < i64::from(recent_days) {
            self.recent += 1;
            self.recent_amount += amount;
        }
        self.first = Some(self.first.map_or(day, |first| first.min(day)));
        self.last = self.last.max(Some(day));
    }
}

/// What the events of a customer come to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Figures {
    purchases: Count,
    complaints: Count,
    last_activity: Option<i32>,
    as_of: i32,
}

impl Figures {
    /// Counts the events up to `as_of`; a day that has not come yet is a mistake at the source, and such events do not
    /// count. Events without a day count, but not as recent. Amounts are added in the order given.
    pub fn count<'a>(happenings: impl IntoIterator<Item = Happening<'a>>, as_of: i32, recent_days: u32) -> Self {
        let mut figures = Self { as_of, ..Self::default() };
        for happening in happenings.into_iter().filter(|h| h.day.is_none_or(|day| has_come(day, as_of))) {
            if same_kind("purchase", happening.kind) {
                figures.purchases.add(&happening, as_of, recent_days);
            } else if same_kind("complaint", happening.kind) {
                figures.complaints.add(&happening, as_of, recent_days);
            }
            if !happening.bad_news {
                figures.last_activity = figures.last_activity.max(happening.day);
            }
        }
        figures
    }

    /// The text of a figure of [`FIGURES`]; none where nothing was counted that it speaks of. Who has bought at some time
    /// but not of late has a `frequency_recent` of 0; who has never bought has none.
    pub fn text(&self, name: &str) -> Option<String> {
        let (bought, complained) =
            (Some(&self.purchases).filter(|c| c.all > 0), Some(&self.complaints).filter(|c| c.all > 0));
        match name {
            "recency_days" => bought?.last.map(|last| (i64::from(self.as_of) - i64::from(last)).to_string()),
            "frequency" => Some(bought?.all.to_string()),
            "monetary" => Some(money(bought?.amount)),
            "frequency_recent" => Some(bought?.recent.to_string()),
            "monetary_recent" => Some(money(bought?.recent_amount)),
            "first_purchase" => day::text(bought?.first?),
            "last_purchase" => day::text(bought?.last?),
            "complaints" => Some(complained?.all.to_string()),
            "complaints_recent" => Some(complained?.recent.to_string()),
            "last_complaint" => day::text(complained?.last?),
            "last_activity" => day::text(self.last_activity?),
            _ => None,
        }
    }
}

/// Two decimals; a sum that is all but nothing is 0.00 and never -0.00.
fn money(amount: f64) -> String {
    let text = format!("{amount:.2}");
    if text == "-0.00" { "0.00".into() } else { text }
}

/// Whether a value of a group is offered, and how old it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// `fresh`, `ageing`, `stale`, `unknown`, `expired`; none for what does not age.
    pub state: Option<&'static str>,
    /// An expired value is not.
    pub offered: bool,
    /// The last day on which it is offered; days since 1970-01-01.
    pub until: Option<i32>,
}

/// State of a value that the group has no more reason to offer.
pub const EXPIRED: &str = "expired";

/// Judges a value last seen to be right on `seen`. `aged` is its state by `freshness.toml`, which decides within the shelf
/// life of the group. Where the field has no age of its own, it is ageing from the middle of its shelf life on. In a group
/// with a shelf life a value without a date is not offered: nobody knows that it is not past it.
pub fn offer(aged: Option<State>, seen: Option<i32>, as_of: i32, shelf_life_days: Option<u32>) -> Offer {
    let own = aged.map(State::as_str);
    let Some(shelf) = shelf_life_days else { return Offer { state: own, offered: true, until: None } };
    let Some(seen) = seen else {
        return Offer { state: Some(State::Unknown.as_str()), offered: false, until: None };
    };
    let age = (i64::from(as_of) - i64::from(seen)).max(0);
    let until = i32::try_from(i64::from(seen.min(as_of)) + i64::from(shelf)).ok();
    if age > i64::from(shelf) {
        return Offer { state: Some(EXPIRED), offered: false, until };
    }
    let by_shelf = if age * 2 > i64::from(shelf) { State::Ageing } else { State::Fresh };
    Offer { state: own.or(Some(by_shelf.as_str())), offered: true, until }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: i32 = 20_000;

    fn bought(day: Option<i32>, amount: f64) -> Happening<'static> {
        Happening { kind: "purchase", day, amount: Some(amount), bad_news: false }
    }

    fn event(kind: &'static str, day: i32) -> Happening<'static> {
        Happening { kind, day: Some(day), amount: None, bad_news: kind == "hard_bounce" }
    }

    fn texts(figures: &Figures) -> Vec<Option<String>> {
        FIGURES.iter().map(|(name, _)| figures.text(name)).collect()
    }

    #[test]
    fn recency_frequency_and_monetary_value() {
        let events = [
            bought(Some(TODAY - 400), 10.0),
            Happening { kind: "Purchase", ..bought(Some(TODAY - 30), 19.9) },
            bought(Some(TODAY - 5), 0.2),
            bought(None, 5.0),
            bought(Some(TODAY + 1), 1000.0),
            event("complaint", TODAY - 29),
            event("hard_bounce", TODAY - 1),
        ];
        let figures = Figures::count(events, TODAY, 30);
        let expected =
            ["5", "4", "35.10", "1", "0.20", "2023-08-31", "2024-09-29", "1", "1", "2024-09-05", "2024-09-29"];
        assert_eq!(texts(&figures), expected.map(|text| Some(text.to_string())));
        assert_eq!(figures.text("birth_date"), None);
    }

    #[test]
    fn who_never_bought_has_no_figures_of_purchases() {
        let figures = Figures::count([event("click", TODAY - 2)], TODAY, RECENT_DAYS);
        let known: Vec<_> = FIGURES.iter().filter(|(name, _)| figures.text(name).is_some()).collect();
        assert_eq!(known.len(), 1);
        assert_eq!(Figures::count([], TODAY, RECENT_DAYS).text("last_activity"), None);
        let lapsed = Figures::count([bought(Some(TODAY - 365), 7.0)], TODAY, RECENT_DAYS);
        assert_eq!(lapsed.text("frequency_recent").as_deref(), Some("0"));
        assert_eq!(Figures::count([bought(Some(TODAY), -0.001)], TODAY, 1).text("monetary").as_deref(), Some("0.00"));
    }

    #[test]
    fn values_are_offered_until_their_shelf_life_ends() {
        let state = |age, shelf| {
            let offer = offer(None, Some(TODAY - age), TODAY, shelf);
            (offer.state, offer.offered)
        };
        assert_eq!(state(45, Some(90)), (Some("fresh"), true));
        assert_eq!(state(46, Some(90)), (Some("ageing"), true));
        assert_eq!(state(90, Some(90)), (Some("ageing"), true));
        assert_eq!(state(91, Some(90)), (Some("expired"), false));
        assert_eq!(state(9_999, None), (None, true));
        assert_eq!(offer(None, None, TODAY, Some(90)).state, Some("unknown"));
        assert!(!offer(None, None, TODAY, Some(90)).offered);
        // What freshness.toml says of the field comes first, and flags without withholding.
        let stale = offer(Some(State::Stale), Some(TODAY - 1), TODAY, Some(90));
        assert_eq!((stale.state, stale.offered, stale.until), (Some("stale"), true, Some(TODAY + 89)));
        assert_eq!(
            offer(Some(State::Stale), None, TODAY, None),
            Offer { state: Some("stale"), offered: true, until: None }
        );
    }

    proptest! {
        #[test]
        fn figures_add_up(days in proptest::collection::vec(0i32..2_000, 0..12), recent in 1u32..3_000) {
            let events = || days.iter().map(|d| bought(Some(TODAY - d), 1.0));
            let figures = Figures::count(events(), TODAY, recent);
            let number = |name: &str| figures.text(name).map_or(0, |t| t.parse::<i64>().unwrap_or(-1));
            prop_assert_eq!(number("frequency"), days.len() as i64);
            prop_assert_eq!(number("frequency_recent"), days.iter().filter(|d| **d < recent as i32).count() as i64);
            prop_assert_eq!(figures.text("recency_days"), days.iter().min().map(ToString::to_string));
            let split = days.len() / 2;
            let early = Figures::count(events().take(split), TODAY, recent);
            prop_assert!(early.purchases.all <= figures.purchases.all && early.purchases.recent <= figures.purchases.recent);
        }

        #[test]
        fn total(seen: Option<i32>, as_of: i32, shelf: Option<u32>, day: Option<i32>, amount: f64, recent: u32) {
            let offer = offer(None, seen, as_of, shelf);
            prop_assert_eq!(offer.offered, !matches!(offer.state, Some("expired" | "unknown")));
            let _ = texts(&Figures::count([bought(day, amount)], as_of, recent));
        }

        #[test]
        fn nothing_expired_comes_back(seen in 0i32..20_000, day in 0i32..20_000, later in 0i32..20_000, shelf: u32) {
            let at = |as_of| offer(None, Some(seen), as_of, Some(shelf)).offered;
            prop_assert!(at(day) || !at(day + later));
        }
    }
}
