//! Examples of each strategy, and what must hold for any candidates.

use super::*;
use crate::rules::survivorship::Strategy;
use proptest::prelude::*;

const CHAIN: &[Strategy] = &[Strategy::VerifiedFirst, Strategy::MostTrusted, Strategy::MostRecent];

fn candidate(value: &str) -> Candidate<'_> {
    Candidate {
        value,
        verdict: Verdict::Valid,
        trust: 0.8,
        updated: Some(Moment { day: 100, second: 0 }),
        frequency: 1,
        completeness: 5,
        tie: 0,
    }
}

fn winner<'a>(candidates: &[Candidate<'a>], chain: &[Strategy]) -> (&'a str, &'static str) {
    let choice = choose(candidates, chain).unwrap();
    (candidates[choice.winner].value, choice.decided_by.as_str())
}

#[test]
fn each_strategy_decides_by_its_own_criterion() {
    let plain = Candidate { tie: 1, ..candidate("plain") };
    for (better, strategy) in [
        (Candidate { trust: 0.9, ..plain }, Strategy::MostTrusted),
        (Candidate { updated: Some(Moment { day: 101, second: 0 }), ..plain }, Strategy::MostRecent),
        (Candidate { updated: Some(Moment { day: 100, second: 1 }), ..plain }, Strategy::MostRecent),
        (Candidate { frequency: 2, ..plain }, Strategy::MostFrequent),
        (Candidate { completeness: 6, ..plain }, Strategy::MostComplete),
    ] {
        let better = Candidate { value: "better", tie: 2, ..better };
        assert_eq!(winner(&[plain, better], &[strategy]), ("better", strategy.as_str()));
    }
    let suspect = Candidate { verdict: Verdict::Suspect, trust: 1.0, ..plain };
    assert_eq!(winner(&[suspect, candidate("valid")], CHAIN), ("valid", "verified_first"));
    let undated = Candidate { updated: None, ..plain };
    assert_eq!(winner(&[undated, candidate("dated")], &[Strategy::MostRecent]), ("dated", "most_recent"));
}

#[test]
fn invalid_missing_and_empty_never_win() {
    let invalid = Candidate { verdict: Verdict::Invalid, trust: 1.0, ..candidate("x") };
    let missing = Candidate { verdict: Verdict::Missing, ..candidate("y") };
    assert_eq!(choose(&[invalid, missing, candidate("")], CHAIN), None);
    assert_eq!(choose(&[], CHAIN), None);
    let suspect = Candidate { verdict: Verdict::Suspect, trust: 0.1, ..candidate("z") };
    assert_eq!(winner(&[invalid, suspect], CHAIN), ("z", "only"));
}

#[test]
fn agreement_raises_and_conflict_lowers_confidence() {
    let sure =
        |values: &[&str]| choose(&values.iter().map(|v| candidate(v)).collect::<Vec<_>>(), CHAIN).unwrap().confidence;
    assert!((sure(&["a"]) - 0.8).abs() < 1e-12);
    assert!((sure(&["a", "a"]) - 0.96).abs() < 1e-12);
    assert!((sure(&["a", "b"]) - 0.8 * 0.2 / 0.36).abs() < 1e-12);
    let certain = [Candidate { trust: 1.0, ..candidate("a") }, Candidate { trust: 1.0, ..candidate("b") }];
    assert_eq!(choose(&certain, CHAIN).unwrap().confidence, 0.5);
}

#[test]
fn ties_and_runners_up() {
    let (a, b) = (Candidate { tie: 2, ..candidate("a") }, Candidate { tie: 1, ..candidate("b") });
    let choice = choose(&[a, b, a], CHAIN).unwrap();
    assert_eq!((choice.winner, choice.decided_by, choice.runner_up), (1, DecidedBy::Tie, Some(0)));
    let unanimous = choose(&[a, a], CHAIN).unwrap();
    assert_eq!((unanimous.decided_by, unanimous.runner_up), (DecidedBy::Unanimous, None));
}

#[test]
fn every_outcome_has_a_documented_code() {
    let strategies = [
        Strategy::VerifiedFirst,
        Strategy::MostTrusted,
        Strategy::MostRecent,
        Strategy::MostFrequent,
        Strategy::MostComplete,
    ];
    let outcomes =
        strategies.map(DecidedBy::Strategy).into_iter().chain([DecidedBy::Only, DecidedBy::Unanimous, DecidedBy::Tie]);
    assert!(outcomes.into_iter().all(|o| REASONS.iter().any(|(code, _)| *code == o.as_str())));
}

#[test]
fn trust_halves_each_half_life() {
    assert!((decay(0.8, 365, Some(365)) - 0.4).abs() < 1e-12);
    assert_eq!(decay(0.8, 10_000, None), 0.8);
    assert_eq!(decay(0.8, -5, Some(10)), 0.8);
    assert_eq!(decay(f64::NAN, 5, Some(0)), 0.0);
}

fn any_candidate() -> impl proptest::strategy::Strategy<Value = (usize, usize, f64, Option<u32>, u32, u32, u64)> {
    (
        0usize..4,
        0usize..5,
        prop_oneof![0.0..1.0f64, Just(f64::NAN), Just(1.0)],
        proptest::option::of(0u32..3),
        0u32..3,
        0u32..3,
        0u64..4,
    )
}

proptest! {
    #[test]
    fn the_winning_value_does_not_depend_on_order(
        drawn in proptest::collection::vec(any_candidate(), 0..8),
        chain in proptest::sample::subsequence(vec![
            Strategy::VerifiedFirst, Strategy::MostFrequent, Strategy::MostTrusted, Strategy::MostRecent, Strategy::MostComplete], 0..5),
        turn in 0usize..8,
    ) {
        let verdicts = [Verdict::Valid, Verdict::Corrected, Verdict::Suspect, Verdict::Invalid, Verdict::Missing];
        let values = ["", "a", "b", "c"];
        let mut candidates: Vec<Candidate<'_>> = drawn.iter().map(|&(value, verdict, trust, second, frequency, completeness, tie)| {
            let updated = second.map(|second| Moment { day: 100, second });
            Candidate { value: values[value], verdict: verdicts[verdict], trust, updated, frequency, completeness, tie }
        }).collect();
        let seen = |c: &[Candidate<'_>]| choose(c, &chain).map(|o| {
            assert!((0.0..=1.0).contains(&o.confidence));
            assert!(is_usable(&c[o.winner]));
            (c[o.winner].value.to_owned(), o.decided_by, o.confidence.to_bits(), o.runner_up.map(|r| c[r].value.to_owned()))
        });
        let before = seen(&candidates);
        prop_assert_eq!(before.is_some(), candidates.iter().any(is_usable));
        if !candidates.is_empty() {
            let middle = turn % candidates.len();
            candidates.rotate_left(middle);
        }
        prop_assert_eq!(&before, &seen(&candidates));
        candidates.reverse();
        prop_assert_eq!(&before, &seen(&candidates));
    }

    #[test]
    fn trust_never_grows_with_age(trust in 0.0..1.0f64, age in 0i32..40_000, half_life in 1u32..5_000) {
        let (now, later) = (decay(trust, age, Some(half_life)), decay(trust, age + 1, Some(half_life)));
        prop_assert!(later <= now && now <= trust);
    }
}
