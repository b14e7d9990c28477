//! Training without labels. Enter: counts of comparison vectors of candidate and of random pairs.
//! Leaves: the model and how far to trust it. Never here: pairs themselves, sampling, files, randomness.
//!
//! Expectation maximisation over counts (Winkler 1988; Enamorado, Fifield & Imai 2019), jointly over the blocking
//! rules: one m per level, one match share per rule. A comparison implied by a blocking rule is left out of that
//! rule's pairs. u comes from random pairs (and from value frequencies), cleared of the matches among them.
//! Nulls are missing at random: they neither teach nor weigh anything.
//!
//! Pairs are of three kinds, after Winkler (1993, "Improved decision rules in the Fellegi-Sunter model of record
//! linkage"): matches, relatives (two people of one household: they share address, telephone and surname, which
//! independence would count as so many coincidences) and strangers. What is a person's own keeps relatives apart
//! from matches: there they agree no more often than strangers do.

mod numbers;

use super::model::{ComparisonModel, LevelModel, Model};
use super::vector::{MAX_COMPARISONS, Vector};
use crate::rules::matching::Training as Settings;
use numbers::{
    Evidence, Ratios, Shares, class_shares, classes, normalised, observed_u, ratio, size, smoothed, starting_m, tally,
};
use std::collections::BTreeMap;

/// Pseudo-matches that hold m to its starting values where the data say nothing.
const STARTING_MATCHES: f64 = 2.0;

/// Most of an observed agreement among random pairs that may be explained by matches among them.
const MOST_BY_MATCHES: f64 = 0.95;

/// Share of the relatives among candidate pairs who were born on the same day: between one child in thirty and one
/// in sixty is a twin (Monden, Pison & Smits 2021, "Twin Peaks: more twinning in humans than ever before").
const TWINS: f64 = 0.02;

/// Pairs of relatives from which they are told apart, and their least share of the number of matches.
const LEAST_RELATIVES: f64 = 50.0;
const LEAST_SHARE_OF_RELATIVES: f64 = 0.03;

/// Most that relatives have in common, of what the records of one person have.
const MOST_IN_COMMON: f64 = 2.0 / 3.0;

/// Steps towards the shares of the classes within an iteration, which starts from those of the one before, and where
/// nothing comes after.
const ROUNDS: u32 = 5;
const ALL_ROUNDS: u32 = 200;

/// How often relatives agree on a comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Relatives {
    /// As often as the data say: address, telephone, surname.
    #[default]
    Learnt,
    /// As often as strangers: given name, national id.
    LikeStrangers,
    /// As often as strangers, and twins always: birth date.
    LikeTwins,
}

/// One comparison as training needs it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EmComparison {
    pub name: String,
    /// Labels of level 1..=n and of else, that is `Comparator::level_labels` without its first.
    pub labels: Vec<String>,
    pub term_frequency: bool,
    /// Probability that two random records have equal values, from value frequencies: the sum of
    /// `n (n - 1) / (N (N - 1))` over all values. Better than any sample where agreement is rare.
    pub exact_u: Option<f64>,
    /// The level that equal values reach (`Comparator::equal_level`), to which `exact_u` belongs.
    pub equal_level: u8,
    /// What relatives have in common. They are told apart only if some comparison is not `Learnt`.
    pub relatives: Relatives,
}

/// Pairs of one blocking rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleCounts {
    pub name: String,
    /// Pairs per vector, sampled or all.
    pub counts: BTreeMap<Vector, u64>,
    /// Per comparison: the blocking key implies agreement, so that these pairs cannot teach its m.
    pub conditioned: Vec<bool>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct EmInput {
    pub comparisons: Vec<EmComparison>,
    pub rules: Vec<RuleCounts>,
    /// Pairs of records taken at random, matches among them included.
    pub random: BTreeMap<Vector, u64>,
    /// Candidate pairs, each once, whatever the number of rules that produce it: all of them, not a sample.
    pub distinct: BTreeMap<Vector, u64>,
    /// Records that can be paired.
    pub records: u64,
}

/// A level that one kind of pair never showed: its probability there is a smoothed guess.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct NeverSeen {
    pub comparison: String,
    pub level: String,
    /// `random` (u is a guess) or `candidates` (m is a guess).
    pub among: &'static str,
}

/// How training went.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Training {
    pub iterations: u32,
    pub converged: bool,
    /// Natural logarithm of the likelihood of all rules' pairs, per iteration, relative to "no matches at all".
    pub log_likelihoods: Vec<f64>,
    pub levels_never_seen: Vec<NeverSeen>,
    /// Comparison and level that weigh more than the better level before them, by over half a bit:
    /// a sign of levels in the wrong order, or of columns that depend on the blocking keys.
    pub out_of_order: Vec<(String, String)>,
    /// Comparisons whose m no blocking rule could teach: they keep starting values.
    pub untrained: Vec<String>,
    /// False when the pairs hold too little evidence of matches to learn m: all of m keeps starting values.
    pub learned_m: bool,
    /// Expected share of matches among each rule's pairs.
    pub match_shares: Vec<(String, f64)>,
    /// Expected number of matches among all candidate pairs.
    pub expected_matches: f64,
    /// Expected number of pairs of relatives among them; 0 when telling them apart does not pay.
    pub expected_relatives: f64,
}

/// Trains a model. Total: any counts give probabilities strictly within 0 and 1. Deterministic.
pub fn train(input: &EmInput, settings: &Settings) -> (Model, Training) {
    let trainer = Trainer::new(input);
    let mut fit = trainer.fit(trainer.start(false), settings, true);
    // With no matches to speak of, any m fits. The likelihood must gain more than its free parameters
    // could gain from chance (Akaike's criterion with a margin), or m stays as it started.
    let learned_m = fit.gain() > 2.0 * trainer.parameters();
    if !learned_m {
        fit = trainer.fit(trainer.start(false), settings, false);
    } else if trainer.has_relatives() {
        // Relatives are believed in when they are found among all candidate pairs, not only within some block.
        let with_relatives = trainer.fit(trainer.start(true), settings, true);
        let Shares { matches, relatives } = with_relatives.state.expected;
        let enough = relatives >= LEAST_RELATIVES.max(LEAST_SHARE_OF_RELATIVES * matches);
        if enough && trainer.share_less(&with_relatives.state) {
            fit = with_relatives;
        }
    }
    trainer.report(fit, learned_m)
}

/// Parameters of one iteration. Probabilities are per comparison and level, level 1 first.
#[derive(Debug, Clone)]
struct State {
    m: Vec<Vec<f64>>,
    u: Vec<Vec<f64>>,
    /// Of relatives; that of strangers where they are not told apart.
    r: Vec<Vec<f64>>,
    /// Shares of matches and relatives per rule.
    shares: Vec<Shares>,
    /// Probabilities that a random pair is a match, or of relatives.
    prior: Shares,
    /// Shares of matches and relatives among the random pairs.
    sampled: Shares,
    /// Expected numbers among the candidate pairs.
    expected: Shares,
}

/// Likelihood ratios of matches and of relatives against strangers.
struct BothRatios {
    matches: Ratios,
    relatives: Ratios,
}

impl BothRatios {
    fn of(&self, vector: Vector) -> Shares {
        Shares { matches: ratio(&self.matches, vector), relatives: ratio(&self.relatives, vector) }
    }
}

struct Fit {
    state: State,
    iterations: u32,
    converged: bool,
    log_likelihoods: Vec<f64>,
}

impl Fit {
    fn gain(&self) -> f64 {
        self.log_likelihoods.last().copied().unwrap_or(0.0)
    }
}

struct Trainer<'a> {
    input: &'a EmInput,
    comparisons: &'a [EmComparison],
    /// Pairs among the random ones with both values present, per comparison and level.
    random: Vec<Vec<f64>>,
    /// u as observed among random pairs, matches included.
    observed_u: Vec<Vec<f64>>,
    all_pairs: f64,
    rules: Vec<Vec<(Vector, f64)>>,
    distinct: Vec<(Vector, f64)>,
    random_pairs: Vec<(Vector, f64)>,
}

impl<'a> Trainer<'a> {
    fn new(input: &'a EmInput) -> Self {
        let comparisons = input.comparisons.get(..MAX_COMPARISONS).unwrap_or(&input.comparisons);
        let list = |counts: &BTreeMap<Vector, u64>| {
            counts.iter().filter(|(_, n)| **n > 0).map(|(v, n)| (*v, *n as f64)).collect::<Vec<_>>()
        };
        let random_pairs = list(&input.random);
        let random = tally(comparisons, &random_pairs);
        let records = input.records as f64;
        let distinct = list(&input.distinct);
        let candidates: f64 = distinct.iter().map(|(_, n)| n).sum();
        Self {
            input,
            comparisons,
            observed_u: comparisons.iter().zip(&random).map(|(c, seen)| observed_u(c, seen)).collect(),
            random,
            all_pairs: (records * (records - 1.0) / 2.0).max(candidates).max(1.0),
            rules: input.rules.iter().map(|rule| list(&rule.counts)).collect(),
            distinct,
            random_pairs,
        }
    }

    /// Whether relatives can be told from matches at all: some of what is compared is a person's own, some is not.
    fn has_relatives(&self) -> bool {
        let own = |c: &&EmComparison| c.relatives != Relatives::Learnt;
        let personal = self.comparisons.iter().filter(own).count();
        personal > 0 && personal < self.comparisons.len()
    }

    /// Whether relatives have clearly less in common than the records of one person: information against strangers
    /// (Kullback & Leibler 1951), summed over what may be shared. If they share as much, they are matches whose
    /// personal data are wrong.
    fn share_less(&self, state: &State) -> bool {
        let information = |p: &[Vec<f64>]| -> f64 {
            let each = self.comparisons.iter().zip(p.iter().zip(&state.u));
            let shared = each.filter(|(c, _)| c.relatives == Relatives::Learnt);
            shared.flat_map(|(_, (p, u))| p.iter().zip(u).map(|(p, u)| p * (p / u).log2())).sum()
        };
        information(&state.r) <= MOST_IN_COMMON * information(&state.m)
    }

    fn start(&self, relatives: bool) -> State {
        let m: Vec<Vec<f64>> = self.comparisons.iter().map(|c| starting_m(size(c))).collect();
        let share = |matches: f64| Shares { matches, relatives: if relatives { matches } else { 0.0 } };
        State {
            r: if relatives { self.relatives(m.clone(), &self.observed_u) } else { self.observed_u.clone() },
            m,
            u: self.observed_u.clone(),
            shares: vec![share(0.1); self.rules.len()],
            prior: share(0.25),
            sampled: share(0.25),
            expected: Shares::default(),
        }
    }

    /// r: what was learnt, but like strangers, or twins, where the comparison is of what is a person's own.
    fn relatives(&self, learnt: Vec<Vec<f64>>, u: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let own = |(comparison, (learnt, u)): (&EmComparison, (Vec<f64>, &Vec<f64>))| match comparison.relatives {
            Relatives::Learnt => learnt,
            Relatives::LikeStrangers => u.clone(),
            Relatives::LikeTwins => {
                let equal = usize::from(comparison.equal_level).checked_sub(1);
                let twins = |i: usize| if Some(i) == equal { TWINS } else { 0.0 };
                normalised(u.iter().enumerate().map(|(i, u)| u * (1.0 - TWINS) + twins(i)).collect())
            }
        };
        self.comparisons.iter().zip(learnt.into_iter().zip(u)).map(own).collect()
    }

    /// Free parameters of the likelihood.
    fn parameters(&self) -> f64 {
        let levels: usize = self.comparisons.iter().map(|c| size(c).saturating_sub(1)).sum();
        (levels + self.rules.len()) as f64
    }

    fn conditioned(&self, rule: usize, comparison: usize) -> bool {
        self.input.rules.get(rule).and_then(|r| r.conditioned.get(comparison)).copied().unwrap_or(false)
    }

    fn fit(&self, mut state: State, settings: &Settings, learn_m: bool) -> Fit {
        let (mut iterations, mut converged, mut log_likelihoods) = (0, false, vec![]);
        // A third class makes steps small long before they matter.
        let slow = if state.prior.relatives > 0.0 { 10.0 } else { 1.0 };
        self.estimate_prior(&mut state, ALL_ROUNDS);
        while iterations < settings.max_iterations.max(1) && !converged {
            iterations += 1;
            let (next, log_likelihood) = self.step(&state, learn_m);
            converged = distance(&state, &next, &self.rules) < settings.tolerance.max(1e-12) * slow;
            state = next;
            log_likelihoods.push(log_likelihood);
        }
        self.estimate_prior(&mut state, ALL_ROUNDS);
        Fit { state, iterations, converged, log_likelihoods }
    }

    /// One iteration: expectation over every rule's pairs, then new m and shares, prior, u.
    fn step(&self, state: &State, learn_m: bool) -> (State, f64) {
        let mut next = state.clone();
        let nothing: Vec<Vec<f64>> = self.comparisons.iter().map(|c| vec![0.0; size(c)]).collect();
        let (mut matches, mut relatives) = (nothing.clone(), nothing);
        let mut log_likelihood = 0.0;
        for (r, pairs) in self.rules.iter().enumerate() {
            let ratios = self.ratios(state, |c| self.conditioned(r, c));
            let share = state.shares.get(r).copied().unwrap_or_default();
            let mut found = Shares::default();
            let (mut matched, mut related) = (Vec::with_capacity(pairs.len()), Vec::with_capacity(pairs.len()));
            for &(vector, n) in pairs {
                let of = ratios.of(vector);
                log_likelihood += n * share.likelihood(of).ln();
                let class = classes(share, of);
                found.matches += n * class.matches;
                found.relatives += n * class.relatives;
                matched.push((vector, n * class.matches));
                related.push((vector, n * class.relatives));
            }
            let total: f64 = pairs.iter().map(|(_, n)| n).sum();
            if let Some(share) = next.shares.get_mut(r) {
                *share = found.over(total);
            }
            for (sums, pairs) in [(&mut matches, &matched), (&mut relatives, &related)] {
                for (c, (sums, seen)) in sums.iter_mut().zip(tally(self.comparisons, pairs)).enumerate() {
                    if !self.conditioned(r, c) {
                        sums.iter_mut().zip(seen).for_each(|(sum, n)| *sum += n);
                    }
                }
            }
        }
        let learnt = |sums: &[Vec<f64>]| -> Vec<Vec<f64>> {
            sums.iter().map(|sums| smoothed(sums, &starting_m(sums.len()), STARTING_MATCHES)).collect()
        };
        if learn_m {
            next.m = learnt(&matches);
        }
        self.correct_u(&mut next, ROUNDS);
        next.r = if state.prior.relatives > 0.0 { self.relatives(learnt(&relatives), &next.u) } else { next.u.clone() };
        self.estimate_prior(&mut next, ROUNDS);
        (next, log_likelihood)
    }

    fn ratios(&self, state: &State, skip: impl Fn(usize) -> bool) -> BothRatios {
        let against_u = |p: &[Vec<f64>]| {
            let mut ratios = vec![[1.0; 16]; self.comparisons.len()];
            for (c, (row, (p, u))) in ratios.iter_mut().zip(p.iter().zip(&state.u)).enumerate() {
                if !skip(c) {
                    for (cell, (p, u)) in row.iter_mut().skip(1).zip(p.iter().zip(u)) {
                        *cell = p / u;
                    }
                }
            }
            ratios
        };
        BothRatios { matches: against_u(&state.m), relatives: against_u(&state.r) }
    }

    /// u without the matches and relatives among the random pairs: (observed - share m - share r) / the rest.
    /// Value frequencies cover all pairs, so their shares are the prior. A sample has shares of its own, and
    /// knows of matches that no blocking rule finds: in a small file these are most of what agrees by chance.
    fn correct_u(&self, state: &mut State, rounds: u32) {
        let total: f64 = self.random_pairs.iter().map(|(_, n)| n).sum();
        let evidence = self.evidence(state, &self.random_pairs);
        let sampled = class_shares(&evidence, total.max(1.0), state.sampled, rounds);
        state.sampled = Shares {
            matches: sampled.matches.clamp(state.prior.matches, 0.5),
            relatives: sampled.relatives.clamp(state.prior.relatives.min(0.25), 0.25),
        };
        let learnt = state.m.iter().zip(&state.r);
        let all = self.comparisons.iter().zip(&self.observed_u).zip(learnt);
        let corrected = all.map(|((comparison, observed), (m, r))| {
            let share = if comparison.exact_u.is_some() { state.prior } else { state.sampled };
            let clear = |(o, (m, r)): (&f64, (&f64, &f64))| {
                let known = share.matches * m + share.relatives * r;
                ((o - known) / share.strangers()).max(o * (1.0 - MOST_BY_MATCHES))
            };
            normalised(observed.iter().zip(m.iter().zip(r)).map(clear).collect())
        });
        state.u = corrected.collect();
    }

    /// Likelihood ratios and number of each vector's pairs.
    fn evidence(&self, state: &State, pairs: &[(Vector, f64)]) -> Vec<Evidence> {
        let ratios = self.ratios(state, |_| false);
        pairs.iter().map(|&(vector, n)| Evidence { ratios: ratios.of(vector), pairs: n }).collect()
    }

    /// The prior that makes the model agree with itself: what the posteriors of the candidate pairs add up to,
    /// over all pairs. Pairs outside every block count as strangers, so matches that blocking misses lower the
    /// prior by their share and a little more (2.5 % too low where 6 % are missed and the classes overlap much).
    fn estimate_prior(&self, state: &mut State, rounds: u32) {
        let evidence = self.evidence(state, &self.distinct);
        let share = class_shares(&evidence, self.all_pairs, state.prior, rounds);
        // A prior of 0 could never be overruled by evidence: a tenth of a match is the least.
        let least = 0.1 / self.all_pairs;
        let relatives = if state.prior.relatives > 0.0 { share.relatives.clamp(least.min(0.25), 0.25) } else { 0.0 };
        state.prior = Shares { matches: share.matches.clamp(least.min(0.5), 0.5), relatives };
        state.expected = share.times(self.all_pairs);
    }

    fn report(&self, fit: Fit, learned_m: bool) -> (Model, Training) {
        let mut levels_never_seen = vec![];
        let mut untrained = vec![];
        let mut candidates: Vec<Vec<f64>> = self.comparisons.iter().map(|c| vec![0.0; size(c)]).collect();
        for (r, pairs) in self.rules.iter().enumerate() {
            for (c, (sums, seen)) in candidates.iter_mut().zip(tally(self.comparisons, pairs)).enumerate() {
                if !self.conditioned(r, c) {
                    sums.iter_mut().zip(seen).for_each(|(sum, n)| *sum += n);
                }
            }
        }
        for (c, comparison) in self.comparisons.iter().enumerate() {
            let mut unseen = |counts: &[Vec<f64>], among: &'static str| {
                let counts = counts.get(c).map(Vec::as_slice).unwrap_or_default();
                for (label, _) in comparison.labels.iter().zip(counts).filter(|(_, n)| **n == 0.0) {
                    levels_never_seen.push(NeverSeen {
                        comparison: comparison.name.clone(),
                        level: label.clone(),
                        among,
                    });
                }
            };
            unseen(&self.random, "random");
            unseen(&candidates, "candidates");
            if candidates.get(c).is_none_or(|sums| sums.iter().sum::<f64>() == 0.0) {
                untrained.push(comparison.name.clone());
            }
        }
        let State { m, u, r, shares, prior, expected, .. } = fit.state;
        let relatives = (prior.relatives > 0.0).then_some(prior.relatives);
        let probabilities = m.iter().zip(u.iter().zip(&r));
        let comparisons = self.comparisons.iter().zip(probabilities).map(|(comparison, (m, (u, r)))| {
            let levels = comparison.labels.iter().zip(m.iter().zip(u.iter().zip(r)));
            ComparisonModel {
                name: comparison.name.clone(),
                term_frequency: comparison.term_frequency,
                levels: levels
                    .map(|(label, (&m, (&u, &r)))| LevelModel { label: label.clone(), m, u, r: relatives.map(|_| r) })
                    .collect(),
            }
        });
        let model = Model { prior: prior.matches, relatives, merge: None, comparisons: comparisons.collect() };
        let training = Training {
            out_of_order: out_of_order(&model),
            iterations: fit.iterations,
            converged: fit.converged,
            log_likelihoods: fit.log_likelihoods,
            levels_never_seen,
            untrained,
            learned_m,
            match_shares: self
                .input
                .rules
                .iter()
                .map(|r| r.name.clone())
                .zip(shares.iter().map(|s| s.matches))
                .collect(),
            expected_matches: expected.matches,
            expected_relatives: expected.relatives,
        };
        (model, training)
    }
}

fn out_of_order(model: &Model) -> Vec<(String, String)> {
    let rises = |comparison: &ComparisonModel| -> Vec<(String, String)> {
        let worse = comparison.levels.windows(2).filter_map(|pair| match pair {
            [better, worse] if (worse.m / worse.u).log2() > (better.m / better.u).log2() + 0.5 => Some(worse),
            _ => None,
        });
        worse.map(|level| (comparison.name.clone(), level.label.clone())).collect()
    };
    model.comparisons.iter().flat_map(rises).collect()
}

/// The furthest that any probability moved: m, u, r and shares of relatives absolutely, shares of matches relative
/// to themselves as long as they speak of at least half a pair.
fn distance(before: &State, after: &State, rules: &[Vec<(Vector, f64)>]) -> f64 {
    let tables = |a: &[Vec<f64>], b: &[Vec<f64>]| {
        let moves = a.iter().flatten().zip(b.iter().flatten()).map(|(x, y)| (x - y).abs());
        moves.fold(0.0, f64::max)
    };
    let shares = before.shares.iter().zip(&after.shares).zip(rules).map(|((x, y), pairs)| {
        let total: f64 = pairs.iter().map(|(_, n)| n).sum();
        let (x, y, relatives) = (x.matches, y.matches, (x.relatives - y.relatives).abs());
        relatives.max(if y * total >= 0.5 { (x - y).abs() / y } else { (x - y).abs() })
    });
    let tables = tables(&before.m, &after.m).max(tables(&before.u, &after.u)).max(tables(&before.r, &after.r));
    shares.fold(tables, f64::max)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
