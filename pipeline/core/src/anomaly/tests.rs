//! Ordinary nights pass, broken ones do not, and small numbers are left in peace.

#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;

const SETTINGS: Settings =
    Settings { min_nights: 3, robust_nights: 7, young_factor: 1.5, warn_deviations: 4.0, stop_deviations: 6.0 };
const ROWS: Allowed = Allowed { warn: Some(10.0), stop: Some(30.0) };
const POINTS: Allowed = Allowed { warn: Some(8.0), stop: Some(25.0) };

fn level(verdict: Option<Verdict>) -> Option<Level> {
    verdict.map(|v| v.level)
}

#[test]
fn medians_and_deviations() {
    assert_eq!(median(&[]), None);
    assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
    assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    assert_eq!(deviation(&[1.0, 1.0, 1.0, 900.0]), 0.0);
    assert!((deviation(&[1.0, 2.0, 3.0, 4.0, 5.0]) - 1.4826).abs() < 1e-9);
}

#[test]
fn two_nights_say_nothing_and_young_limits_are_wider() {
    assert_eq!(count(10, &[1_000, 1_000], &SETTINGS, ROWS), None);
    let young = [10_000, 10_000, 10_000];
    assert_eq!(level(count(6_600, &young, &SETTINGS, ROWS)), Some(Level::Warn));
    assert_eq!(level(count(6_600, &[10_000; 7], &SETTINGS, ROWS)), Some(Level::Stop));
    assert_eq!(level(count(3_333, &young, &SETTINGS, ROWS)), Some(Level::Stop));
    assert_eq!(level(count(8_600, &young, &SETTINGS, ROWS)), Some(Level::Usual));
}

#[test]
fn one_odd_night_in_the_past_does_not_hide_another() {
    let mut nights = vec![10_000; 12];
    nights[4] = 30_000;
    let verdict = count(3_300, &nights, &SETTINGS, ROWS).unwrap();
    assert_eq!((verdict.level, verdict.usual, verdict.reference), (Level::Stop, 10_000.0, Reference::Median(12)));
}

#[test]
fn steady_growth_and_a_step_that_was_let_through_are_usual() {
    let growing: Vec<u64> = (0..28).map(|night| (10_000.0 * 1.03f64.powi(night)) as u64).collect();
    let tonight = (10_000.0 * 1.03f64.powi(28)) as u64;
    assert_eq!(level(count(tonight, &growing, &SETTINGS, ROWS)), Some(Level::Usual));
    let stepped = [vec![10_000; 20], vec![14_000]].concat();
    assert_eq!(level(count(14_100, &stepped, &SETTINGS, ROWS)), Some(Level::Usual));
}

#[test]
fn small_numbers_do_not_alarm() {
    assert_eq!(level(count(6, &[4; 9], &SETTINGS, ROWS)), Some(Level::Usual));
    let few = |n| Share { n, of: 20 };
    assert_eq!(level(share(few(5), &[few(1); 9], &SETTINGS, POINTS)), Some(Level::Usual));
    let many = |n| Share { n, of: 20_000 };
    assert_eq!(level(share(many(5_000), &[many(1_000); 9], &SETTINGS, POINTS)), Some(Level::Warn));
    assert_eq!(level(share(many(8_000), &[many(1_000); 9], &SETTINGS, POINTS)), Some(Level::Stop));
}

#[test]
fn a_mix_that_turns_over_stops() {
    let usual = vec![vec![900, 50, 30, 20]; 9];
    assert_eq!(level(mix(&[890, 55, 33, 22], &usual, &SETTINGS, POINTS)), Some(Level::Usual));
    assert_eq!(level(mix(&[100, 10, 90, 800], &usual, &SETTINGS, POINTS)), Some(Level::Stop));
    assert_eq!(mix(&[0, 0, 0, 0], &usual, &SETTINGS, POINTS), None);
    assert_eq!(mix(&[1, 2], &usual, &SETTINGS, POINTS), None, "other classes cannot be compared");
}

#[test]
fn a_measure_without_limits_never_fires() {
    assert_eq!(level(count(0, &[1_000_000; 9], &SETTINGS, Allowed::default())), Some(Level::Usual));
}

proptest! {
    #[test]
    fn the_last_night_again_is_usual(nights in prop::collection::vec(0u64..2_000_000, 3..40)) {
        let last = *nights.last().unwrap();
        prop_assert_eq!(level(count(last, &nights, &SETTINGS, ROWS)), Some(Level::Usual));
    }

    #[test]
    fn a_warning_comes_no_later_than_a_stop(
        tonight in 0u64..100_000,
        nights in prop::collection::vec(0u64..100_000, 3..20),
    ) {
        let verdict = count(tonight, &nights, &SETTINGS, ROWS).unwrap();
        prop_assert!(verdict.warn <= verdict.stop);
    }

    /// One percent of changes, thrown afresh each night, on sources of any size.
    #[test]
    fn ordinary_nights_pass(
        size in 100u64..200_000,
        rate in 0.0f64..1.0,
        moves in prop::collection::vec(-0.01f64..0.01, 4..30),
    ) {
        let night = |m: &f64| {
            let of = (size as f64 * (1.0 + m)) as u64;
            Share { n: (of as f64 * (rate + m).clamp(0.0, 1.0)) as u64, of }
        };
        let nights: Vec<Share> = moves.iter().map(night).collect();
        let (tonight, earlier) = nights.split_last().unwrap();
        prop_assert_eq!(level(share(*tonight, earlier, &SETTINGS, POINTS)), Some(Level::Usual));
        let sizes: Vec<u64> = earlier.iter().map(|s| s.of).collect();
        prop_assert_eq!(level(count(tonight.of, &sizes, &SETTINGS, ROWS)), Some(Level::Usual));
    }

    #[test]
    fn a_third_of_a_file_stops(size in 200u64..1_000_000, nights in 3usize..30) {
        prop_assert_eq!(level(count(size / 3, &vec![size; nights], &SETTINGS, ROWS)), Some(Level::Stop));
    }
}
