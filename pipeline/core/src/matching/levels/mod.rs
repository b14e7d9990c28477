//! Kinds of agreement, one a file. Enter: two values that are present. Leaves: whether (or how much) they agree.
//! Never here: the order of levels and nulls (comparator), weights (model).

pub mod any_in_common;
pub mod contains;
pub mod date;
pub mod day_month_swapped;
pub mod days_apart;
pub mod exact;
pub mod initial;
pub mod jaro_winkler;
pub mod kilometres_apart;
pub mod levenshtein;
pub mod nickname;
pub mod number_apart;
pub mod osa;
mod packed;
pub mod prefix;
pub mod swapped;
pub mod two_date_parts;
pub mod words_in_common;

use crate::rules::matching::ComparisonLevel;

/// Bytes of a value that similarities look at: bounds the time of one pair, whatever the input.
/// Longer values are cut at a character boundary; equality always sees the whole value.
pub const LONGEST: usize = 1_024;

pub(crate) fn bounded(value: &str) -> &str {
    if value.len() <= LONGEST { value } else { value.get(..value.floor_char_boundary(LONGEST)).unwrap_or(value) }
}

/// Stable name of a level in models, reports and explanations: `exact`, `jaro_winkler 0.92`, `days_apart 31`.
pub fn label(level: &ComparisonLevel) -> String {
    match level {
        ComparisonLevel::Exact => "exact".into(),
        ComparisonLevel::JaroWinkler(at_least) => format!("jaro_winkler {at_least}"),
        ComparisonLevel::Levenshtein(at_most) => format!("levenshtein {at_most}"),
        ComparisonLevel::Osa(at_most) => format!("osa {at_most}"),
        ComparisonLevel::Prefix(characters) => format!("prefix {characters}"),
        ComparisonLevel::Contains => "contains".into(),
        ComparisonLevel::DayMonthSwapped => "day_month_swapped".into(),
        ComparisonLevel::TwoDateParts => "two_date_parts".into(),
        ComparisonLevel::DaysApart(days) => format!("days_apart {days}"),
        ComparisonLevel::NumberApart(distance) => format!("number_apart {distance}"),
        ComparisonLevel::KilometresApart(distance) => format!("kilometres_apart {distance}"),
        ComparisonLevel::AnyInCommon => "any_in_common".into(),
        ComparisonLevel::WordsInCommon(share) => format!("words_in_common {share}"),
        ComparisonLevel::Initial => "initial".into(),
        ComparisonLevel::Nickname => "nickname".into(),
        ComparisonLevel::Swapped => "swapped".into(),
    }
}

/// Label of the level of two values of which one is absent.
pub const NULL: &str = "null";

/// Label of the level below all others.
pub const ELSE: &str = "else";

/// Whether two equal values satisfy the level. Swaps and initials do not: they speak about values that differ.
pub fn holds_for_equal(level: &ComparisonLevel) -> bool {
    match level {
        ComparisonLevel::JaroWinkler(at_least) => 1.0 >= *at_least,
        ComparisonLevel::NumberApart(distance) => 0.0 <= *distance,
        ComparisonLevel::DayMonthSwapped | ComparisonLevel::Initial | ComparisonLevel::Swapped => false,
        ComparisonLevel::Exact
        | ComparisonLevel::Levenshtein(_)
        | ComparisonLevel::Osa(_)
        | ComparisonLevel::Prefix(_)
        | ComparisonLevel::Contains
        | ComparisonLevel::TwoDateParts
        | ComparisonLevel::DaysApart(_)
        | ComparisonLevel::KilometresApart(_)
        | ComparisonLevel::AnyInCommon
        | ComparisonLevel::WordsInCommon(_)
        | ComparisonLevel::Nickname => true,
    }
}
