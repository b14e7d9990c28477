//! What separates two models. Enter: a model in force and one learnt from other data. Leave: how far each level's
//! weight moved, and whether that is drift. Never here: learning (em), deciding what to do about it.

use super::em::{EmInput, Training};
use super::model::{LevelModel, Model, Weights};
use serde::Serialize;

/// Bits by which the weight of a level must move to count as drift: the odds it gives have doubled or halved.
pub const DRIFT: f64 = 1.0;

/// Matches that must stand behind an m before a difference in it counts: its relative error is then about 1/7.
const ENOUGH_MATCHES: f64 = 50.0;

/// Random pairs that must stand behind a u before a difference in it counts.
const ENOUGH_RANDOM: f64 = 20.0;

/// Below this share of the observed agreement, u is what the matches among the pairs left over: not measured.
const MOSTLY_MATCHES: f64 = 0.1;

/// One level in one model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Side {
    pub m: f64,
    pub u: f64,
    /// log2(m / u), bits.
    pub weight: f64,
}

/// A level in both models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Move {
    pub comparison: String,
    pub level: String,
    pub before: Side,
    pub after: Side,
    /// Change of the weight in bits.
    pub bits: f64,
}

/// Every level that both models have, by names, the furthest move first.
pub fn moves(before: &Model, after: &Model) -> Vec<Move> {
    let mut all: Vec<Move> = shared(before, after).map(|(_, _, moved)| moved).collect();
    all.sort_by(|a, b| {
        let names = |m: &Move| (m.comparison.clone(), m.level.clone());
        b.bits.abs().total_cmp(&a.bits.abs()).then_with(|| names(a).cmp(&names(b)))
    });
    all
}

/// The level that has drifted furthest, by [`DRIFT`] bits or more; none where today's data agree with the model or
/// are too few to tell. `input` and `training`: what `today` was learnt from, and how that went.
///
/// Both models come from the same procedure, so on the data it was trained on a model does not drift. A change in m
/// counts only where enough matches of either model show the level, a change in u only where enough random pairs do;
/// u that is nearly all matches (national ids) depends on the number of records alone and does not count. The largest
/// change of a weight says more to a rule author than a divergence between distributions (Jensen-Shannon), which is
/// dominated by levels that are frequent and hardly weigh anything.
pub fn drift(model: &Model, today: &Model, input: &EmInput, training: &Training) -> Option<Move> {
    let mut furthest: Option<Move> = None;
    for (c, l, mut moved) in shared(model, today) {
        let evidence = Evidence::of(input, training, c);
        let (m, u) = ((moved.before.m, moved.after.m), (moved.before.u, moved.after.u));
        let mut bits = 0.0;
        if evidence.matches * m.0.max(m.1) >= ENOUGH_MATCHES {
            bits += (m.1 / m.0).log2();
        }
        if evidence.measures_u(l, u) {
            bits -= (u.1 / u.0).log2();
        }
        moved.bits = bits;
        let further = furthest.as_ref().is_none_or(|f| bits.abs() > f.bits.abs());
        if bits.is_finite() && bits.abs() >= DRIFT && further {
            furthest = Some(moved);
        }
    }
    furthest
}

/// Comparison and level of `after`, from 0, with the move.
fn shared<'a>(before: &'a Model, after: &'a Model) -> impl Iterator<Item = (usize, usize, Move)> + 'a {
    let (old, new) = (Weights::new(before), Weights::new(after));
    let side = |weights: &Weights, c: usize, l: usize, level: &LevelModel| Side {
        m: level.m,
        u: level.u,
        weight: weights.weight(c, u8::try_from(l + 1).unwrap_or(0)),
    };
    after.comparisons.iter().enumerate().flat_map(move |(c, comparison)| {
        let place = before.comparisons.iter().position(|b| b.name == comparison.name);
        let mut found = Vec::new();
        for (l, level) in comparison.levels.iter().enumerate() {
            let Some((p, old_comparison)) = place.and_then(|p| Some((p, before.comparisons.get(p)?))) else { continue };
            let Some(q) = old_comparison.levels.iter().position(|b| b.label == level.label) else { continue };
            let Some(old_level) = old_comparison.levels.get(q) else { continue };
            let (before, after) = (side(&old, p, q, old_level), side(&new, c, l, level));
            let names = (comparison.name.clone(), level.label.clone());
            let bits = after.weight - before.weight;
            found.push((c, l, Move { comparison: names.0, level: names.1, before, after, bits }));
        }
        found
    })
}

/// How much today's data know of one comparison.
struct Evidence {
    /// Expected matches that teach its m.
    matches: f64,
    /// Random pairs with both values present.
    random: f64,
    exact_u: Option<f64>,
    equal_level: usize,
}

impl Evidence {
    fn of(input: &EmInput, training: &Training, comparison: usize) -> Self {
        let present = |counts: &std::collections::BTreeMap<super::vector::Vector, u64>| -> f64 {
            counts.iter().filter(|(v, _)| v.level(comparison) != 0).map(|(_, n)| *n as f64).sum()
        };
        let rules = input.rules.iter().zip(&training.match_shares);
        let teaching = rules.filter(|(rule, _)| !rule.conditioned.get(comparison).copied().unwrap_or(false));
        let matches: f64 = teaching.map(|(rule, (_, share))| share * present(&rule.counts)).sum();
        let known = input.comparisons.get(comparison);
        Self {
            matches: if training.learned_m { matches } else { 0.0 },
            random: present(&input.random),
            exact_u: known.and_then(|c| c.exact_u),
            equal_level: known.map_or(0, |c| usize::from(c.equal_level)),
        }
    }

    fn measures_u(&self, level: usize, u: (f64, f64)) -> bool {
        if self.equal_level == level + 1
            && let Some(exact) = self.exact_u
        {
            return u.1 > exact * MOSTLY_MATCHES;
        }
        self.random * u.0.max(u.1) >= ENOUGH_RANDOM
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::matching::em::{EmComparison, RuleCounts, train};
    use crate::matching::vector::Vector;
    use crate::rules::matching::Training as Settings;
    use std::collections::BTreeMap;

    /// Two comparisons of two levels; of `matches` pairs, `differ` in a hundred differ in the second comparison.
    fn world(matches: u64, differ: u64) -> EmInput {
        let comparison = |name: &str| EmComparison {
            name: name.into(),
            labels: vec!["exact".into(), "else".into()],
            equal_level: 1,
            ..Default::default()
        };
        let vector = |a: u8, b: u8| Vector::from_levels(&[a, b, 1]);
        let mut counts: BTreeMap<Vector, u64> = BTreeMap::new();
        let mut random: BTreeMap<Vector, u64> = BTreeMap::new();
        for (v, m, u) in [
            (vector(1, 1), 90 * (100 - differ), 1),
            (vector(1, 2), 90 * differ, 99),
            (vector(2, 1), 10 * (100 - differ), 99),
            (vector(2, 2), 10 * differ, 9_801),
        ] {
            let others = u * 10;
            let known = matches * m / 10_000;
            counts.insert(v.with(2, 1), known + others / 10);
            counts.insert(v.with(2, 2), others - others / 10);
            random.insert(v.with(2, 1), u * 5);
            random.insert(v.with(2, 2), u * 45);
        }
        let third = comparison("third");
        EmInput {
            comparisons: vec![comparison("first"), comparison("second"), third],
            rules: vec![RuleCounts { name: "rule".into(), counts: counts.clone(), conditioned: vec![false; 3] }],
            random,
            distinct: counts,
            records: 20_000,
        }
    }

    #[test]
    fn the_same_data_do_not_drift_and_a_column_gone_bad_does() {
        let settings = Settings::default();
        let input = world(4_000, 5);
        let (model, training) = train(&input, &settings);
        assert!(training.learned_m && training.converged, "{training:?}");
        assert_eq!(drift(&model, &model, &input, &training), None);
        let changed = world(4_000, 45);
        let (today, training) = train(&changed, &settings);
        let found = drift(&model, &today, &changed, &training).unwrap();
        assert_eq!((found.comparison.as_str(), found.level.as_str()), ("second", "else"));
        assert!(found.bits > 2.0, "{found:?}");
        assert!(found.before.weight < found.after.weight);
    }

    #[test]
    fn too_few_pairs_say_nothing() {
        let (model, _) = train(&world(4_000, 5), &Settings::default());
        let few = world(40, 45);
        let (today, training) = train(&few, &Settings::default());
        assert_eq!(drift(&model, &today, &few, &training), None);
    }

    #[test]
    fn moves_stand_by_size_and_know_only_what_both_have() {
        let (before, _) = train(&world(4_000, 5), &Settings::default());
        let (mut after, _) = train(&world(4_000, 45), &Settings::default());
        after.comparisons[0].name = "renamed".into();
        let found = moves(&before, &after);
        assert_eq!(found.len(), 4);
        assert!(found.windows(2).all(|m| m[0].bits.abs() >= m[1].bits.abs()));
        assert!(found.iter().all(|m| m.comparison != "renamed" && m.comparison != "first"));
        assert!(moves(&before, &before).iter().all(|m| m.bits == 0.0));
    }
}
