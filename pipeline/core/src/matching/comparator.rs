//! One comparison of the rules, ready to compare. Enter: left values once, then many right values.
//! Leaves: the level of agreement, 0 (null), 1..=n in rule order, n+1 (else).
//! Never here: blocking, weights, folding of values.

use super::Nicknames;
use super::levels::date::Date;
use super::levels::jaro_winkler::JaroWinkler;
use super::levels::kilometres_apart::Place;
use super::levels::levenshtein::Levenshtein;
use super::levels::osa::Osa;
use super::levels::{
    self, any_in_common, contains, day_month_swapped, days_apart, exact, initial, kilometres_apart, nickname,
    number_apart, prefix, swapped, two_date_parts, words_in_common,
};
use super::vector::MAX_LEVELS;
use crate::rules::matching::{Comparison, ComparisonLevel};
use std::cell::OnceCell;

/// A comparison compiled from its rule. Cheap to share between threads.
pub struct Comparator {
    name: String,
    levels: Vec<ComparisonLevel>,
    nicknames: Option<Nicknames>,
    term_frequency: bool,
    /// Level of two equal values.
    equal: u8,
    /// Level of two values that agree in no way.
    other: u8,
    /// Lowest Jaro-Winkler similarity and largest distances that any level asks about.
    jaro_winkler_floor: f64,
    levenshtein_ceiling: u32,
    osa_ceiling: u32,
}

impl Comparator {
    /// `nicknames` serves the level `nickname`, which never holds without it.
    /// Levels beyond the 14th are ignored (the rule check reports them).
    pub fn new(rule: &Comparison, nicknames: Option<Nicknames>) -> Self {
        let levels: Vec<ComparisonLevel> = rule.levels.iter().take(MAX_LEVELS).map(|l| l.get_ref().clone()).collect();
        let number = |i: usize| u8::try_from(i + 1).unwrap_or(u8::MAX);
        let other = number(levels.len());
        let equal = levels.iter().position(levels::holds_for_equal).map_or(other, number);
        let jaro_winkler_floor =
            levels.iter().filter_map(|l| if let ComparisonLevel::JaroWinkler(s) = l { Some(*s) } else { None });
        let levenshtein_ceiling =
            levels.iter().filter_map(|l| if let ComparisonLevel::Levenshtein(d) = l { Some(*d) } else { None });
        let osa_ceiling = levels.iter().filter_map(|l| if let ComparisonLevel::Osa(d) = l { Some(*d) } else { None });
        Self {
            name: rule.name.get_ref().clone(),
            jaro_winkler_floor: jaro_winkler_floor.fold(1.0, f64::min),
            levenshtein_ceiling: levenshtein_ceiling.max().unwrap_or(0),
            osa_ceiling: osa_ceiling.max().unwrap_or(0),
            nicknames,
            term_frequency: rule.term_frequency,
            equal,
            other,
            levels,
        }
    }

    /// Name of the comparison in rules and models.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether agreement on a rare value shall weigh more.
    pub fn term_frequency(&self) -> bool {
        self.term_frequency
    }

    /// Labels of all levels; the index is the level: `null`, the levels of the rule, `else`.
    pub fn level_labels(&self) -> Vec<String> {
        let mut labels = vec![levels::NULL.to_owned()];
        labels.extend(self.levels.iter().map(levels::label));
        labels.push(levels::ELSE.to_owned());
        labels
    }

    /// Level of two equal values: the first one that equality satisfies, else if none does.
    pub fn equal_level(&self) -> u8 {
        self.equal
    }

    /// The level below all others, n + 1.
    pub fn else_level(&self) -> u8 {
        self.other
    }

    /// Whether any level looks at the second expression.
    pub fn needs_with(&self) -> bool {
        self.levels.contains(&ComparisonLevel::Swapped)
    }

    /// Whether the second values may decide the level of two values that differ: each value equals the other's
    /// second. Where it is false, the level follows from the two first values alone. Values may be given as codes.
    pub fn exchanged<T: PartialEq>(&self, left: T, left_with: T, right: T, right_with: T) -> bool {
        self.needs_with() && left == right_with && left_with == right
    }

    /// Prepares a left value. Work that only some right values need is done when the first of them comes.
    pub fn prepare<'a>(&'a self, left: Option<&'a str>, left_with: Option<&'a str>) -> Prepared<'a> {
        Prepared {
            rule: self,
            left: left.filter(|v| !v.is_empty()),
            left_with: left_with.filter(|v| !v.is_empty()),
            jaro_winkler: OnceCell::new(),
            levenshtein: OnceCell::new(),
            osa: OnceCell::new(),
            date: OnceCell::new(),
            number: OnceCell::new(),
            place: OnceCell::new(),
            entries: OnceCell::new(),
            words: OnceCell::new(),
        }
    }
}

/// A left value of one comparison, to be compared with many right ones by one thread.
pub struct Prepared<'a> {
    rule: &'a Comparator,
    left: Option<&'a str>,
    left_with: Option<&'a str>,
    jaro_winkler: OnceCell<JaroWinkler<'a>>,
    levenshtein: OnceCell<Levenshtein<'a>>,
    osa: OnceCell<Osa<'a>>,
    date: OnceCell<Option<Date>>,
    number: OnceCell<Option<f64>>,
    place: OnceCell<Option<Place>>,
    entries: OnceCell<Vec<&'a str>>,
    words: OnceCell<Vec<&'a str>>,
}

/// What is known about one right value; each similarity is computed at most once.
#[derive(Default)]
struct Known {
    jaro_winkler: Option<f64>,
    levenshtein: Option<Option<usize>>,
    osa: Option<Option<usize>>,
    date: Option<Option<Date>>,
    number: Option<Option<f64>>,
    place: Option<Option<Place>>,
    overlap: Option<f64>,
}

impl Prepared<'_> {
    /// Level of agreement with a right value: 0 when a side is absent or empty, 1..=n the first level
    /// of the rule that holds, n + 1 when none does. Symmetric in left and right.
    pub fn level(&self, right: Option<&str>, right_with: Option<&str>) -> u8 {
        let (Some(left), Some(right)) = (self.left, right.filter(|v| !v.is_empty())) else {
            return 0;
        };
        if exact::holds(left, right) {
            return self.rule.equal;
        }
        let mut known = Known::default();
        for (level, number) in self.rule.levels.iter().zip(1u8..) {
            if self.holds(level, left, right, right_with, &mut known) {
                return number;
            }
        }
        self.rule.other
    }

    /// Whether the level holds for two values that differ.
    fn holds(
        &self,
        level: &ComparisonLevel,
        left: &str,
        right: &str,
        right_with: Option<&str>,
        known: &mut Known,
    ) -> bool {
        match *level {
            ComparisonLevel::Exact => false,
            ComparisonLevel::JaroWinkler(at_least) => {
                *known.jaro_winkler.get_or_insert_with(|| self.similarity(right)) >= at_least
            }
            ComparisonLevel::Levenshtein(at_most) => {
                known.levenshtein.get_or_insert_with(|| self.levenshtein(right)).is_some_and(|d| d <= at_most as usize)
            }
            ComparisonLevel::Osa(at_most) => {
                known.osa.get_or_insert_with(|| self.osa(right)).is_some_and(|d| d <= at_most as usize)
            }
            ComparisonLevel::Prefix(characters) => prefix::holds(left, right, characters),
            ComparisonLevel::Contains => contains::holds(left, right),
            ComparisonLevel::DayMonthSwapped => {
                self.dates(right, known).is_some_and(|(l, r)| day_month_swapped::holds(l, r))
            }
            ComparisonLevel::TwoDateParts => self.dates(right, known).is_some_and(|(l, r)| two_date_parts::holds(l, r)),
            ComparisonLevel::DaysApart(days) => {
                self.dates(right, known).is_some_and(|(l, r)| days_apart::holds(l, r, days))
            }
            ComparisonLevel::NumberApart(distance) => {
                self.numbers(right, known).is_some_and(|(l, r)| number_apart::holds(l, r, distance))
            }
            ComparisonLevel::KilometresApart(distance) => {
                self.places(right, known).is_some_and(|(l, r)| kilometres_apart::holds(l, r, distance))
            }
            ComparisonLevel::AnyInCommon => {
                let entries = self.entries.get_or_init(|| any_in_common::entries(self.left.unwrap_or_default()));
                any_in_common::holds(entries, right)
            }
            ComparisonLevel::WordsInCommon(share) => {
                words_in_common::holds(*known.overlap.get_or_insert_with(|| self.overlap(right)), share)
            }
            ComparisonLevel::Initial => initial::holds(left, right),
            ComparisonLevel::Nickname => nickname::holds(left, right, self.rule.nicknames.as_ref()),
            ComparisonLevel::Swapped => swapped::holds(left, self.left_with, right, right_with),
        }
    }

    fn similarity(&self, right: &str) -> f64 {
        let left = self.left.unwrap_or_default();
        self.jaro_winkler.get_or_init(|| JaroWinkler::new(left, self.rule.jaro_winkler_floor)).similarity(right)
    }

    fn levenshtein(&self, right: &str) -> Option<usize> {
        let left = self.left.unwrap_or_default();
        self.levenshtein.get_or_init(|| Levenshtein::new(left, self.rule.levenshtein_ceiling)).distance(right)
    }

    fn osa(&self, right: &str) -> Option<usize> {
        let left = self.left.unwrap_or_default();
        self.osa.get_or_init(|| Osa::new(left, self.rule.osa_ceiling)).distance(right)
    }

    fn dates(&self, right: &str, known: &mut Known) -> Option<(Date, Date)> {
        let left = (*self.date.get_or_init(|| Date::parse(self.left.unwrap_or_default())))?;
        Some((left, (*known.date.get_or_insert_with(|| Date::parse(right)))?))
    }

    fn numbers(&self, right: &str, known: &mut Known) -> Option<(f64, f64)> {
        let left = (*self.number.get_or_init(|| number_apart::parse(self.left.unwrap_or_default())))?;
        Some((left, (*known.number.get_or_insert_with(|| number_apart::parse(right)))?))
    }

    fn places(&self, right: &str, known: &mut Known) -> Option<(Place, Place)> {
        let left = (*self.place.get_or_init(|| kilometres_apart::parse(self.left.unwrap_or_default())))?;
        Some((left, (*known.place.get_or_insert_with(|| kilometres_apart::parse(right)))?))
    }

    fn overlap(&self, right: &str) -> f64 {
        let left = self.words.get_or_init(|| words_in_common::words(self.left.unwrap_or_default()));
        words_in_common::overlap(left, &words_in_common::words(right))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
