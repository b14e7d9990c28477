//! Training must give back the parameters that its data were generated from, and stay sane without matches.

use super::*;
use crate::matching::model::Weights;
use proptest::prelude::*;

/// What data are generated from: m and u per comparison and level.
struct World {
    m: Vec<Vec<f64>>,
    u: Vec<Vec<f64>>,
    matches: f64,
    pairs: f64,
}

fn world(matches: f64, records: f64) -> World {
    World {
        m: vec![vec![0.80, 0.12, 0.08], vec![0.70, 0.20, 0.10], vec![0.85, 0.15], vec![0.60, 0.10, 0.30]],
        u: vec![vec![0.010, 0.020, 0.970], vec![0.004, 0.016, 0.980], vec![0.001, 0.999], vec![0.050, 0.050, 0.900]],
        matches,
        pairs: records * (records - 1.0) / 2.0,
    }
}

impl World {
    fn comparisons(&self) -> Vec<EmComparison> {
        let labels = |n: usize| (1..=n).map(|i| if i == n { "else".into() } else { format!("level {i}") }).collect();
        let comparison = |(i, m): (usize, &Vec<f64>)| EmComparison {
            name: format!("c{i}"),
            labels: labels(m.len()),
            equal_level: 1,
            ..Default::default()
        };
        self.m.iter().enumerate().map(comparison).collect()
    }

    /// Expected counts of every vector among `matches` matches and `others` non-matches, rounded.
    /// `fixed`: comparisons that agree exactly by construction. `nulls`: share of nulls in comparison 2.
    fn counts(&self, matches: f64, others: f64, fixed: &[usize], nulls: f64) -> BTreeMap<Vector, u64> {
        let mut vectors = vec![(Vector::default(), matches, others)];
        for (c, (m, u)) in self.m.iter().zip(&self.u).enumerate() {
            let missing = if c == 2 { nulls } else { 0.0 };
            vectors = vectors
                .iter()
                .flat_map(|&(v, a, b)| {
                    let levels: Vec<(u8, f64, f64)> = if fixed.contains(&c) {
                        vec![(1, 1.0, 1.0)]
                    } else {
                        let present = |((m, u), l): ((&f64, &f64), u8)| (l, m * (1.0 - missing), u * (1.0 - missing));
                        std::iter::once((0, missing, missing)).chain(m.iter().zip(u).zip(1u8..).map(present)).collect()
                    };
                    levels.into_iter().map(move |(l, pm, pu)| (v.with(c, l), a * pm, b * pu)).collect::<Vec<_>>()
                })
                .collect();
        }
        let mut counts = BTreeMap::new();
        for (vector, a, b) in vectors {
            *counts.entry(vector).or_insert(0) += (a + b).round() as u64;
        }
        counts.retain(|_, n| *n > 0);
        counts
    }

    /// Two blocking rules: equality of comparison 0, equality of comparison 1; and 2 M random pairs.
    fn input(&self, records: u64) -> EmInput {
        self.input_with_sample(records, 2_000_000.0)
    }

    fn input_with_sample(&self, records: u64, sample: f64) -> EmInput {
        let rule = |c: usize| {
            let (m, u) = (self.m[c][0], self.u[c][0]);
            let mut conditioned = vec![false; self.m.len()];
            conditioned[c] = true;
            RuleCounts {
                name: format!("same c{c}"),
                counts: self.counts(self.matches * m, (self.pairs - self.matches) * u, &[c], 0.2),
                conditioned,
            }
        };
        let all = self.counts(self.matches, self.pairs - self.matches, &[], 0.2);
        let distinct = all.into_iter().filter(|(v, _)| v.level(0) == 1 || v.level(1) == 1).collect();
        let sample = sample.min(self.pairs);
        let random =
            self.counts(sample * self.matches / self.pairs, sample * (1.0 - self.matches / self.pairs), &[], 0.2);
        EmInput { comparisons: self.comparisons(), rules: vec![rule(0), rule(1)], random, distinct, records }
    }
}

fn settings() -> Settings {
    Settings { max_iterations: 500, tolerance: 1e-7, ..Settings::default() }
}

#[test]
fn known_parameters_are_recovered_within_two_percent() {
    let records = 20_000;
    let world = world(20_000.0, f64::from(records));
    let (model, training) = train(&world.input(u64::from(records as u32)), &settings());
    assert!(training.converged && training.learned_m, "{training:?}");
    for (c, comparison) in model.comparisons.iter().enumerate() {
        for (l, level) in comparison.levels.iter().enumerate() {
            let (m, u) = (world.m[c][l], world.u[c][l]);
            assert!((level.m / m - 1.0).abs() < 0.02, "m of c{c} level {l}: {} for {m}", level.m);
            assert!((level.u / u - 1.0).abs() < 0.02, "u of c{c} level {l}: {} for {u}", level.u);
        }
    }
    // Matches outside both blocks cannot be counted: 0.2 * 0.3 of them.
    let found = world.matches * 0.94;
    assert!((training.expected_matches / found - 1.0).abs() < 0.02, "{}", training.expected_matches);
    assert!((model.prior * world.pairs / found - 1.0).abs() < 0.02);
    let share = training.match_shares[0].1;
    let expected = 16_000.0 / (16_000.0 + (world.pairs - world.matches) * 0.01);
    assert!((share / expected - 1.0).abs() < 0.02, "{share} {expected}");
}

/// Counts as a draw would give them: normal noise of the size of the square root, from a fixed seed.
fn draw(counts: &mut BTreeMap<Vector, u64>, seed: &mut u64) {
    let mut uniform = || {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 11) as f64 / (1u64 << 53) as f64
    };
    for n in counts.values_mut() {
        let normal: f64 = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
        *n = (*n as f64 + (*n as f64).sqrt() * normal).round().max(0.0) as u64;
    }
}

#[test]
fn known_parameters_are_recovered_from_noisy_counts() {
    let world = world(400_000.0, 40_000.0);
    let mut input = world.input_with_sample(40_000, 50_000_000.0);
    let mut seed = 20_261_122;
    input.rules.iter_mut().for_each(|rule| draw(&mut rule.counts, &mut seed));
    draw(&mut input.random, &mut seed);
    draw(&mut input.distinct, &mut seed);
    let (model, training) = train(&input, &settings());
    assert!(training.converged && training.learned_m && training.out_of_order.is_empty(), "{training:?}");
    for (c, comparison) in model.comparisons.iter().enumerate() {
        for (l, level) in comparison.levels.iter().enumerate() {
            let (m, u) = (world.m[c][l], world.u[c][l]);
            assert!((level.m / m - 1.0).abs() < 0.02, "m of c{c} level {l}: {} for {m}", level.m);
            assert!((level.u / u - 1.0).abs() < 0.02, "u of c{c} level {l}: {} for {u}", level.u);
        }
    }
    let found = world.matches * 0.94;
    assert!((model.prior * world.pairs / found - 1.0).abs() < 0.02, "{}", training.expected_matches);
}

#[test]
fn a_small_file_with_many_matches_is_learned_too() {
    // 1,000 records, 2,000 true pairs: random pairs hold 0.4 % matches, more than agree by chance.
    let world = world(2_000.0, 1_000.0);
    let (model, training) = train(&world.input(1_000), &settings());
    assert!(training.learned_m);
    for (c, comparison) in model.comparisons.iter().enumerate() {
        let (m, u) = (comparison.levels[0].m, comparison.levels[0].u);
        assert!((m - world.m[c][0]).abs() < 0.03, "m of c{c}: {m}");
        assert!((u / world.u[c][0] - 1.0).abs() < 0.15, "u of c{c}: {u}");
    }
    assert!((training.expected_matches / 1_880.0 - 1.0).abs() < 0.05, "{}", training.expected_matches);
}

#[test]
fn without_matches_the_prior_is_next_to_nothing() {
    for records in [100.0, 1_000.0, 20_000.0] {
        let (model, training) = train(&world(0.0, records).input(records as u64), &Settings::default());
        assert!(!training.learned_m, "{records}: {training:?}");
        assert!(training.expected_matches < 1.0, "{records}: {}", training.expected_matches);
        assert!(model.prior > 0.0 && model.prior < 2.0 / (records * records));
        let best = Weights::new(&model).score(Vector::from_levels(&[1, 1, 0, 0]));
        assert!(best < 0.0, "two agreements must not suffice: {best}");
    }
}

#[test]
fn a_handful_of_matches_does_not_bend_m() {
    let (model, training) = train(&world(5.0, 2_000.0).input(2_000), &Settings::default());
    assert!(training.expected_matches < 40.0, "{}", training.expected_matches);
    assert!(model.comparisons.iter().all(|c| c.levels[0].m > 0.5));
}

#[test]
fn a_level_never_seen_at_random_gets_half_a_pair_or_the_exact_value() {
    let comparison = EmComparison {
        name: "email".into(),
        labels: vec!["exact".into(), "else".into()],
        equal_level: 1,
        ..Default::default()
    };
    let random = BTreeMap::from([(Vector::from_levels(&[2]), 2_000_000)]);
    let mut input = EmInput { comparisons: vec![comparison], random, records: 100_000, ..Default::default() };
    let (model, training) = train(&input, &Settings::default());
    assert!(model.comparisons[0].levels[0].u <= 1.0 / 4_000_000.0 * 1.001);
    assert_eq!(training.levels_never_seen[0].among, "random");
    assert_eq!(training.untrained, ["email"]);
    input.comparisons[0].exact_u = Some(3e-9);
    let u = train(&input, &Settings::default()).0.comparisons[0].levels[0].u;
    assert!(u <= 3.001e-9 && u > 1e-10, "{u}");
}

#[test]
fn nothing_in_gives_a_model_out() {
    let (model, training) = train(&EmInput::default(), &Settings::default());
    assert!(model.prior > 0.0 && model.comparisons.is_empty() && training.expected_matches == 0.0);
    let world = world(0.0, 2.0);
    let (model, _) = train(&EmInput { comparisons: world.comparisons(), ..Default::default() }, &Settings::default());
    assert!(model.comparisons.iter().all(|c| c.levels[0].m > c.levels[0].u));
}

#[test]
fn a_comparison_implied_by_every_rule_keeps_its_starting_m() {
    let world = world(20_000.0, 20_000.0);
    let mut input = world.input(20_000);
    input.rules.truncate(1);
    let (model, training) = train(&input, &settings());
    assert_eq!(training.untrained, ["c0"]);
    assert!((model.comparisons[0].levels[0].m - 0.9).abs() < 1e-9);
    assert!((model.comparisons[1].levels[0].m / 0.7 - 1.0).abs() < 0.02);
}

/// A mixture of three kinds of pairs; comparison 1 is a person's own, relatives agree on the others.
fn with_relatives(matches: f64, relatives: f64, records: f64) -> (World, EmInput, Vec<Vec<f64>>) {
    let mut world = world(matches, records);
    world.m[1] = vec![0.93, 0.05, 0.02];
    let r = vec![vec![0.60, 0.05, 0.35], world.u[1].clone(), vec![0.20, 0.80], vec![0.60, 0.05, 0.35]];
    let kin = World { m: r.clone(), u: world.u.clone(), matches: relatives, pairs: world.pairs };
    let add = |counts: &mut BTreeMap<Vector, u64>, more: BTreeMap<Vector, u64>| {
        more.into_iter().for_each(|(vector, n)| *counts.entry(vector).or_default() += n);
    };
    let mut input = world.input(records as u64);
    for (c, rule) in input.rules.iter_mut().enumerate() {
        add(&mut rule.counts, kin.counts(relatives * r[c][0], 0.0, &[c], 0.2));
    }
    let all = kin.counts(relatives, 0.0, &[], 0.2);
    add(&mut input.distinct, all.into_iter().filter(|(v, _)| v.level(0) == 1 || v.level(1) == 1).collect());
    input.comparisons[1].relatives = Relatives::LikeStrangers;
    (world, input, r)
}

#[test]
fn relatives_are_told_from_matches() {
    let (world, input, r) = with_relatives(20_000.0, 4_000.0, 20_000.0);
    let settings = || Settings { max_iterations: 5_000, tolerance: 1e-6, ..Settings::default() };
    let (model, training) = train(&input, &settings());
    assert!(training.learned_m);
    for (c, comparison) in model.comparisons.iter().enumerate() {
        for (l, level) in comparison.levels.iter().enumerate() {
            assert!((level.m - world.m[c][l]).abs() < 0.03, "m of c{c} level {l}: {}", level.m);
            // Of comparison 0 nothing can be learnt: one rule implies it, and relatives hardly meet under the other.
            assert!(c == 0 || (level.r.unwrap() - r[c][l]).abs() < 0.1, "r of c{c} level {l}: {:?}", level.r);
        }
    }
    // 2,406 of them are candidate pairs; what is not learnt of comparison 0 costs up to a half.
    assert!((1_000.0..3_000.0).contains(&training.expected_relatives), "{}", training.expected_relatives);
    // Without them, agreement on everything but what is a person's own would count as so many coincidences.
    let kin = Vector::from_levels(&[1, 3, 1, 1]);
    let mut blind = input;
    blind.comparisons[1].relatives = Relatives::Learnt;
    let naive = Weights::new(&train(&blind, &settings()).0).score(kin);
    let told = Weights::new(&model).score(kin);
    assert!(told < naive - 2.0, "{told} {naive}");
}

#[test]
fn where_there_are_no_relatives_none_are_found() {
    let (world, mut input, _) = with_relatives(20_000.0, 0.0, 20_000.0);
    let (model, training) = train(&input, &settings());
    assert!(training.expected_relatives < 20.0, "{}", training.expected_relatives);
    let weights = Weights::new(&model);
    input.comparisons[1].relatives = Relatives::Learnt;
    let plain = Weights::new(&train(&input, &settings()).0);
    for vector in world.counts(1e6, 1e6, &[], 0.2).into_keys() {
        assert!((weights.score(vector) - plain.score(vector)).abs() < 0.1, "{vector:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_counts_give_probabilities(
        rules in proptest::collection::vec(proptest::collection::btree_map(any::<u64>().prop_map(Vector), any::<u64>(), 0..6), 0..3),
        random in proptest::collection::btree_map(any::<u64>().prop_map(Vector), any::<u64>(), 0..6),
        exact in proptest::option::of(any::<f64>()),
        records: u64,
    ) {
        let mut comparisons = world(0.0, 2.0).comparisons();
        comparisons[1].exact_u = exact;
        comparisons[0].relatives = if records % 2 == 0 { Relatives::LikeTwins } else { Relatives::Learnt };
        let distinct = rules.first().cloned().unwrap_or_default();
        let rules = rules.into_iter().map(|counts| RuleCounts { name: "r".into(), counts, conditioned: vec![true] }).collect();
        let input = EmInput { comparisons, rules, random, distinct, records };
        let (model, training) = train(&input, &Settings { max_iterations: 20, ..Settings::default() });
        prop_assert!(model.prior > 0.0 && model.prior < 1.0);
        prop_assert!(training.expected_matches.is_finite());
        for level in model.comparisons.iter().flat_map(|c| &c.levels) {
            prop_assert!(level.m > 0.0 && level.m <= 1.0 && level.u > 0.0 && level.u <= 1.0, "{:?}", level);
        }
        prop_assert_eq!(train(&input, &Settings { max_iterations: 20, ..Settings::default() }).0, model);
    }
}
