//! Levels in rule order, nulls neutral, equality first, the same from both sides.

use super::*;
use proptest::prelude::*;
use std::sync::Arc;

fn comparator(levels: &str) -> Comparator {
    let rule: Comparison = toml::from_str(&format!("name = \"c\"\non = \"x\"\nlevels = [{levels}]")).unwrap();
    let list: Nicknames = Arc::new(|a, b| a == "kasia" && b == "katarzyna");
    Comparator::new(&rule, Some(list))
}

fn level(comparator: &Comparator, left: &str, right: &str) -> u8 {
    let there = comparator.prepare(Some(left), None).level(Some(right), None);
    let back = comparator.prepare(Some(right), None).level(Some(left), None);
    assert_eq!(there, back, "{left} {right}");
    there
}

#[test]
fn null_and_empty_are_neutral() {
    let comparator = comparator("\"exact\"");
    for (left, right) in
        [(None, None), (Some("a"), None), (None, Some("a")), (Some(""), Some("")), (Some("a"), Some(""))]
    {
        assert_eq!(comparator.prepare(left, None).level(right, None), 0);
    }
}

#[test]
fn names_go_from_best_to_else() {
    let comparator =
        comparator("\"exact\", \"nickname\", { jaro_winkler = 0.92 }, { jaro_winkler = 0.8 }, \"contains\"");
    let cases = [
        ("anna", "anna", 1),
        ("kasia", "katarzyna", 2),
        ("martha", "marhta", 3),
        ("dwayne", "duane", 4),
        ("maria zofia anna", "zofia", 5),
        ("anna", "piotr", 6),
    ];
    for (left, right, expected) in cases {
        assert_eq!(level(&comparator, left, right), expected, "{left} {right}");
    }
    let labels = ["null", "exact", "nickname", "jaro_winkler 0.92", "jaro_winkler 0.8", "contains", "else"];
    assert_eq!(comparator.level_labels(), labels);
    assert_eq!((comparator.equal_level(), comparator.else_level()), (1, 6));
}

#[test]
fn dates_and_numbers() {
    let dates = comparator("\"exact\", { days_apart = 1 }, \"day_month_swapped\", \"two_date_parts\"");
    let cases = [
        ("1980-03-04", "1980-03-05", 2),
        ("1980-03-04", "1980-04-03", 3),
        ("1980-03-04", "1990-03-04", 4),
        ("1980-03-04", "1991-03-05", 5),
        ("unknown", "1980-03-04", 5),
        ("unknown", "unknown", 1),
    ];
    for (left, right, expected) in cases {
        assert_eq!(level(&dates, left, right), expected, "{left} {right}");
    }
    let numbers = comparator("{ number_apart = 0.5 }, { number_apart = 5 }");
    assert_eq!(level(&numbers, "10", "10.5"), 1);
    assert_eq!(level(&numbers, "10", "15"), 2);
    assert_eq!(level(&numbers, "10", "ten"), 3);
}

#[test]
fn edits_and_prefixes() {
    let edits = comparator("\"exact\", { osa = 1 }, { levenshtein = 2 }, { prefix = 3 }");
    let cases = [("nowak", "nowka", 2), ("nowak", "nowicki", 4), ("nowak", "novag", 3), ("żółw", "zolw", 5)];
    for (left, right, expected) in cases {
        assert_eq!(level(&edits, left, right), expected, "{left} {right}");
    }
}

#[test]
fn places_lists_words_and_initials() {
    let places = comparator("\"exact\", { kilometres_apart = 1 }, { kilometres_apart = 5.5 }");
    assert_eq!(level(&places, "46.05,14.50", "46.05, 14.51"), 2);
    assert_eq!(level(&places, "46.05,14.50", "46.05,14.55"), 3);
    assert_eq!(level(&places, "46.05,14.50", "Ljubljana"), 4);
    let lists = comparator("\"exact\", \"any_in_common\"");
    assert_eq!(level(&lists, "+48600100200 +48221234567", "+48221234567"), 2);
    assert_eq!(level(&lists, "+48600100200", "+48221234567"), 3);
    let words = comparator("\"exact\", { words_in_common = 1.0 }, { words_in_common = 0.5 }");
    assert_eq!(level(&words, "chicago commons taylor house", "taylor house"), 2);
    assert_eq!(level(&words, "chicago commons", "chicago youth centers"), 3);
    assert_eq!(level(&words, "chicago commons", "taylor house"), 4);
    let names = comparator("\"exact\", \"initial\"");
    assert_eq!((level(&names, "j", "jan"), level(&names, "j", "j"), level(&names, "jan", "ján")), (2, 1, 3));
    let labels = ["null", "exact", "words_in_common 1", "words_in_common 0.5", "else"];
    assert_eq!(words.level_labels(), labels);
}

#[test]
fn swapped_needs_all_four_values() {
    let comparator = comparator("\"exact\", \"swapped\"");
    assert!(comparator.needs_with());
    let prepared = comparator.prepare(Some("jan"), Some("nowak"));
    assert_eq!(prepared.level(Some("nowak"), Some("jan")), 2);
    assert_eq!(prepared.level(Some("nowak"), None), 3);
    assert_eq!(prepared.level(Some("jan"), None), 1);
}

#[test]
fn equality_takes_the_first_level_it_satisfies() {
    assert_eq!(level(&comparator("{ jaro_winkler = 0.9 }, \"exact\""), "anna", "anna"), 1);
    assert_eq!(level(&comparator("\"day_month_swapped\", \"exact\""), "1980-05-05", "1980-05-05"), 2);
    assert_eq!(level(&comparator("\"day_month_swapped\""), "1980-05-05", "1980-05-05"), 2, "else");
}

#[test]
fn levels_beyond_the_limit_are_else() {
    let many = vec!["{ prefix = 9 }"; 40].join(", ");
    assert_eq!(comparator(&many).else_level(), 15);
}

const ALL: &str = "\"nickname\", { jaro_winkler = 0.95 }, { osa = 1 }, { levenshtein = 2 }, { jaro_winkler = 0.7 }, { prefix = 2 }, \
    \"day_month_swapped\", { days_apart = 30 }, \"two_date_parts\", { number_apart = 2.5 }, \"contains\", \"swapped\"";

/// The levels that [`ALL`] has no room for.
const REST: &str =
    "\"initial\", \"any_in_common\", { words_in_common = 0.7 }, { words_in_common = 0.3 }, { kilometres_apart = 3.5 }";

/// Every level asked by itself with the slow functions of `strsim`.
fn slow(levels: &[ComparisonLevel], left: &str, right: &str) -> u8 {
    let holds = |level: &ComparisonLevel| match *level {
        ComparisonLevel::JaroWinkler(s) => strsim::jaro_winkler(left, right) >= s,
        ComparisonLevel::Levenshtein(d) => strsim::levenshtein(left, right) <= d as usize,
        ComparisonLevel::Osa(d) => strsim::osa_distance(left, right) <= d as usize,
        ComparisonLevel::Prefix(n) => prefix::holds(left, right, n),
        ComparisonLevel::Contains => contains::holds(left, right),
        _ => false,
    };
    levels.iter().position(holds).map_or(levels.len() + 1, |i| i + 1) as u8
}

proptest! {
    #[test]
    fn total_and_symmetric(left: String, right: String, left_with: Option<String>, right_with: Option<String>) {
        for comparator in [comparator(ALL), comparator(REST)] {
            let there = comparator.prepare(Some(&left), left_with.as_deref()).level(Some(&right), right_with.as_deref());
            let back = comparator.prepare(Some(&right), right_with.as_deref()).level(Some(&left), left_with.as_deref());
            prop_assert_eq!(there, back);
            prop_assert!(there <= comparator.else_level());
        }
    }

    #[test]
    fn same_level_as_strsim(left in "[a-dł]{1,9}", rights in proptest::collection::vec("[a-dł]{1,9}", 1..6)) {
        let comparator = comparator("{ osa = 1 }, { jaro_winkler = 0.9 }, { levenshtein = 3 }, { jaro_winkler = 0.6 }, { prefix = 2 }, \"contains\"");
        let prepared = comparator.prepare(Some(&left), None);
        for right in &rights {
            prop_assert_eq!(prepared.level(Some(right), None), slow(&comparator.levels, &left, right));
        }
    }

    #[test]
    fn huge_values_end(left in "[ab]{1,3}", times in 1usize..60_000) {
        let huge = left.repeat(times);
        for comparator in [comparator(ALL), comparator(REST)] {
            prop_assert!(comparator.prepare(Some(&huge), None).level(Some(&left), None) > 0);
        }
    }
}
