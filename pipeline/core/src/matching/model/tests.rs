//! A model file reads back as it was written, faults are all named at once, weights keep their digits.

use super::*;
use proptest::prelude::*;

fn model() -> Model {
    let level = |label: &str, m: f64, u: f64| LevelModel { label: label.into(), m, u, r: None };
    Model {
        merge: None,
        prior: 1e-6,
        relatives: None,
        comparisons: vec![
            ComparisonModel {
                name: "given_name".into(),
                term_frequency: true,
                levels: vec![
                    level("exact", 0.8, 0.01),
                    level("jaro_winkler 0.92", 0.15, 0.02),
                    level("else", 0.05, 0.97),
                ],
            },
            ComparisonModel {
                name: "email".into(),
                term_frequency: false,
                levels: vec![level("exact", 0.9, 1e-7), level("else", 0.1, 1.0 - 1e-7)],
            },
        ],
    }
}

/// Address and given name; relatives share the first, never the second.
fn with_relatives() -> Model {
    let level = |label: &str, m: f64, u: f64, r: f64| LevelModel { label: label.into(), m, u, r: Some(r) };
    let comparison = |name: &str, levels| ComparisonModel { name: name.into(), term_frequency: false, levels };
    Model {
        merge: None,
        prior: 1e-5,
        relatives: Some(2e-6),
        comparisons: vec![
            comparison("address", vec![level("exact", 0.8, 1e-6, 0.9), level("else", 0.2, 1.0 - 1e-6, 0.1)]),
            comparison("given_name", vec![level("exact", 0.95, 0.01, 0.01), level("else", 0.05, 0.99, 0.99)]),
        ],
    }
}

#[test]
fn what_relatives_share_says_little_without_what_is_a_persons_own() {
    let weights = Weights::new(&with_relatives());
    let score = |levels: &[u8]| weights.score(Vector::from_levels(levels));
    // By hand: matches 1e-5 * m, relatives 2e-6 * r, strangers the rest * u.
    let by_hand = |m: f64, r: f64, u: f64| (1e-5 * m / (2e-6 * r + (1.0 - 1.2e-5) * u)).log2();
    assert!((score(&[1, 2]) - by_hand(0.8 * 0.05, 0.9 * 0.99, 1e-6 * 0.99)).abs() < 1e-9);
    assert!((score(&[1, 1]) - by_hand(0.8 * 0.95, 0.9 * 0.01, 1e-6 * 0.01)).abs() < 1e-9);
    assert!(score(&[1, 2]) < -2.0 && score(&[1, 1]) > 5.0);
    // Where nothing speaks for relatives, nothing is taken.
    assert!(weights.relatives(Vector::from_levels(&[2, 1]), 0.0).abs() < 1e-5);
    assert!(Weights::new(&model()).relatives(Vector::from_levels(&[1, 1]), 0.0).abs() < f64::EPSILON);
    assert!(weights.relatives(Vector::from_levels(&[1, 2]), 500.0).is_finite());
}

#[test]
fn relatives_read_back_as_they_were_written() {
    let model = with_relatives();
    assert_eq!(Model::from_toml(&model.to_toml()).unwrap(), model);
}

fn rules(text: &str) -> Matching {
    toml::from_str(text).unwrap()
}

const RULES: &str = r#"
[[comparison]]
name = "given_name"
on = "given_name_key"
levels = ["exact", { jaro_winkler = 0.92 }]
[[comparison]]
name = "email"
on = "email_key"
levels = ["exact"]
"#;

#[test]
fn the_file_reads_as_a_page() {
    let page = r#"# Written by `zlato train`: review it, do not edit it.
# m: probability of the level among matches. u: among strangers. Its weight is log2(m / u).
prior = 1e-6

[[comparison]]
name = "given_name"
term_frequency = true
levels = [
  { label = "exact", m = 0.8, u = 0.01 },
  { label = "jaro_winkler 0.92", m = 0.15, u = 0.02 },
  { label = "else", m = 0.05, u = 0.97 },
]

[[comparison]]
name = "email"
term_frequency = false
levels = [
  { label = "exact", m = 0.9, u = 1e-7 },
  { label = "else", m = 0.1, u = 0.9999999 },
]
"#;
    assert_eq!(model().to_toml(), page);
    assert_eq!(Model::from_toml(&model().to_toml()).unwrap(), model());
}

#[test]
fn a_broken_file_says_where() {
    let error = Model::from_toml("prior = 0.5\nprioor = 1").unwrap_err();
    assert!(error.message.contains("unknown field") && error.span.is_some(), "{error:?}");
}

#[test]
fn everything_that_does_not_fit_is_named_at_once() {
    assert_eq!(model().check(&rules(RULES)), Vec::<String>::new());
    let mut odd = model();
    odd.prior = 0.0;
    odd.comparisons[0].levels.swap(0, 1);
    odd.comparisons[1].name = "mail".into();
    odd.comparisons[0].levels[2].u = f64::NAN;
    let faults = odd.check(&rules(RULES));
    let expected = [
        "prior is 0",
        "levels of `given_name` are [jaro_winkler 0.92, exact, else]",
        "u of `given_name` level `else` is NaN",
        "comparison 2 is `mail`",
    ];
    for fault in expected {
        assert!(faults.iter().any(|f| f.contains(fault)), "{fault}: {faults:?}");
    }
    assert!(model().check(&Matching::default())[0].contains("2 comparisons"));
    let mut unsummed = model();
    unsummed.comparisons[1].levels[0].m = 0.5;
    assert_eq!(unsummed.check(&rules(RULES)), ["m of the levels of `email` add up to 0.600, not 1"]);
}

#[test]
fn a_waterfall_adds_up() {
    let weights = Weights::new(&model());
    let vector = Vector::from_levels(&[1, 2]);
    let evidence = weights.explain(vector, &[Some(0.0001)]);
    let sum = weights.prior() + evidence.iter().map(|e| e.weight).sum::<f64>();
    assert!((sum - weights.score(vector)).abs() < 1e-12);
    assert!((evidence[0].weight - 80f64.log2()).abs() < 1e-12);
    assert!((evidence[0].tf_adjustment - 100f64.log2()).abs() < 1e-12);
    assert_eq!((evidence[1].level_label.as_str(), evidence[1].tf_adjustment), ("else", 0.0));
    let null = &weights.explain(Vector::default(), &[Some(0.5)])[0];
    assert_eq!((null.level_label.as_str(), null.weight, null.tf_adjustment), ("null", 0.0, 0.0));
}

#[test]
fn probabilities_keep_their_digits() {
    assert_eq!(non_match_probability(60.0), 1.0 / (1.0 + 60f64.exp2()));
    assert_eq!(probability(f64::INFINITY), 1.0);
    assert_eq!(non_match_probability(f64::INFINITY), 0.0);
    assert_eq!([weight_of(1.0), weight_of(0.0), weight_of(0.5)], [f64::INFINITY, f64::NEG_INFINITY, 0.0]);
    assert!(weight_of(f64::NAN) == f64::INFINITY);
}

#[test]
fn rare_values_weigh_more_within_bounds() {
    assert!(tf_adjustment(0.01, 0.001) > 0.0 && tf_adjustment(0.01, 0.1) < 0.0);
    assert_eq!(tf_adjustment(1.0, 0.0), ADJUSTMENT_LIMIT);
    assert_eq!(tf_adjustment(0.0, 1.0), -ADJUSTMENT_LIMIT);
    assert!(tf_adjustment(f64::NAN, f64::NAN).is_finite());
}

proptest! {
    #[test]
    fn any_model_reads_back(prior: f64, name: String, m in 0.0..1.0f64, u in 1e-300..1.0f64, label: String, term_frequency: bool) {
        prop_assume!(!prior.is_nan());
        let levels = vec![LevelModel { label, m, u, r: None }];
        let model = Model { merge: None, prior, relatives: None, comparisons: vec![ComparisonModel { name, term_frequency, levels }] };
        prop_assert_eq!(Model::from_toml(&model.to_toml()).unwrap(), model);
    }

    #[test]
    fn probability_and_weight_are_inverse(weight in -40.0..40.0f64) {
        prop_assert!((weight_of(probability(weight)) - weight).abs() < 1e-3);
        prop_assert!((probability(weight) + non_match_probability(weight) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn no_pair_beats_the_bound(bits: u64, odd: f64, frequency in 0.0..1.0f64) {
        let mut model = model();
        model.comparisons[1].levels[0].u = odd;
        let weights = Weights::new(&model);
        let vector = Vector(bits);
        prop_assert!(weights.score(vector).is_finite());
        let evidence = weights.explain(vector, &[Some(frequency)]);
        let after_first: f64 = evidence[1..].iter().map(|e| e.weight + e.tf_adjustment).sum();
        prop_assert!(after_first <= weights.upper_bound_remaining(0) + 1e-9);
        let all: f64 = evidence.iter().map(|e| e.weight + e.tf_adjustment).sum();
        prop_assert!(all <= weights.upper_bound() + 1e-9);
        prop_assert_eq!(weights.upper_bound_remaining(1), 0.0);
    }
}
