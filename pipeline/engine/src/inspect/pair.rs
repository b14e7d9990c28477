//! `zlato explain` and `zlato why-not`: everything that matching knows of two records. Enter: two records of a run.
//! Leave: blocking, waterfall of match weights, band, hard rules, clusters, and what kept them apart.
//! Never here: weights of its own; all of them come from the run's model.

use super::Inspection;
use super::obstacles::{Obstacle, obstacles};
use super::record::{Named, Record};
use crate::error::{Error, Result};
use crate::stages::dedupe::all_blocking;
use crate::stages::dedupe::compare::band;
use crate::stages::dedupe::train::term_frequency;
use crate::{judgements, tables};
use datafusion::prelude::{col, lit};
use serde::Serialize;
use zlato_core::judgement::{Judgement, RecordName};
use zlato_core::matching::model::{Weights, non_match_probability, probability, weight_of};
use zlato_core::matching::vector::Vector;

/// Two records, and why they are together or apart.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    pub run: String,
    pub left: Named,
    pub right: Named,
    /// Every blocking rule in order.
    pub blocking: Vec<Blocked>,
    /// The rule to which the pair belongs: the first that produces it.
    pub found_by: Option<String>,
    /// log2 of the prior odds, where the sum starts.
    pub prior: f64,
    pub comparisons: Vec<Compared>,
    /// What the chance that the two are relatives takes from the sum, bits: 0 or less.
    pub relatives: f64,
    /// Match weight in bits.
    pub weight: f64,
    pub probability: f64,
    /// 1 - probability, with all its digits.
    pub non_match_probability: f64,
    pub thresholds: Thresholds,
    /// merge, review, apart, never or always: what the pair by itself amounts to, if it was compared.
    pub band: &'static str,
    pub hard_rules: Vec<HardRuleSeen>,
    /// What a steward had decided about the two when the run began.
    pub judgement: Option<Judgement>,
    pub same_cluster: bool,
    /// How links join the two within their cluster; empty when they are apart.
    pub path: Vec<Link>,
    /// Questions of the review queue about the two clusters.
    pub review: Vec<Question>,
    /// What stands between the two, when they are apart.
    pub obstacles: Vec<Obstacle>,
}

/// What a blocking rule makes of two records.
#[derive(Debug, Clone, Serialize)]
pub struct Blocked {
    pub rule: String,
    /// equal, differ, left_missing, right_missing or both_missing.
    pub keys: &'static str,
    pub left: Option<String>,
    pub right: Option<String>,
    /// The keys are equal, but their block is over the limit and its finer keys do not agree or are too large too.
    pub over_limit: bool,
}

impl Blocked {
    /// Whether the rule produces the pair.
    pub fn produces(&self) -> bool {
        self.keys == "equal" && !self.over_limit
    }
}

/// One step of the waterfall.
#[derive(Debug, Clone, Serialize)]
pub struct Compared {
    pub comparison: String,
    pub left: Option<String>,
    pub right: Option<String>,
    pub level: String,
    pub m: f64,
    pub u: f64,
    /// log2(m / u), bits.
    pub weight: f64,
    /// Correction for the frequency of the value, bits.
    pub tf_adjustment: f64,
    /// Sum up to here, prior included.
    pub total: f64,
}

#[derive(Debug, Clone, Serialize)]
pub struct Thresholds {
    pub merge: f64,
    pub merge_weight: f64,
    pub review: f64,
    pub review_weight: f64,
}

/// A `never` or `always` rule.
#[derive(Debug, Clone, Serialize)]
pub struct HardRuleSeen {
    /// never or always.
    pub kind: &'static str,
    pub rule: String,
    pub left: Option<String>,
    pub right: Option<String>,
    pub holds: bool,
}

/// One link of a path.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    pub from: String,
    pub to: String,
    pub weight: f64,
    pub band: String,
}

/// An entry of the review queue.
#[derive(Debug, Clone, Serialize)]
pub struct Question {
    pub reason: String,
    pub meaning: &'static str,
    pub left: String,
    pub right: String,
    pub weight: Option<f64>,
}

/// Where the weight of a pair comes from: prior, comparisons with running totals, relatives.
struct Waterfall {
    prior: f64,
    comparisons: Vec<Compared>,
    relatives: f64,
    vector: Vector,
}

impl Inspection {
    fn judgement(&self, a: &Named, b: &Named) -> Result<Option<Judgement>> {
        let is = |name: &RecordName, named: &Named| name.source == named.source && name.source_key == named.source_key;
        let judgements = judgements::read(&self.context.folder())?;
        let about = |j: &Judgement| (is(&j.left, a) && is(&j.right, b)) || (is(&j.left, b) && is(&j.right, a));
        Ok(judgements.into_iter().find(about))
    }

    /// Explains two records given as `source:key`.
    pub async fn pair(&self, a: &str, b: &str) -> Result<Pair> {
        let (a, b) = (self.record(a).await?, self.record(b).await?);
        if a.named.record_id == b.named.record_id {
            return Err(Error::input("the two records are the same one").hint("name two different records"));
        }
        // As in a run: the record with the smaller number is the left one.
        let (left, right) = if a.named.record_id < b.named.record_id { (a, b) } else { (b, a) };
        let blocking = self.blocking(&left, &right).await?;
        let found_by = blocking.iter().find(|b| b.produces()).map(|b| b.rule.clone());
        let Waterfall { prior, comparisons, relatives, vector } = self.waterfall(&left, &right).await?;
        let weight = comparisons.last().map_or(prior, |c| c.total) + relatives;
        let mut hard_rules = self.hard_rules(&left, &right)?;
        hard_rules.extend(self.contradictions(vector, &comparisons));
        let thresholds = &self.context.rules.rules.matching.thresholds;
        let review = *thresholds.review.get_ref();
        let merge_weight = self.model.merge_weight(thresholds).unwrap_or(f64::INFINITY);
        let found = |_: &_| probability(merge_weight);
        let merge = thresholds.merge_precision.as_ref().map_or(*thresholds.merge.get_ref(), found);
        let thresholds = Thresholds { merge, merge_weight, review, review_weight: weight_of(review) };
        let holds = |kind: &str| hard_rules.iter().any(|h| h.kind == kind && h.holds);
        let band = if holds("never") {
            band::NEVER
        } else if holds("always") {
            band::ALWAYS
        } else if weight >= thresholds.merge_weight {
            band::MERGE
        } else if weight >= thresholds.review_weight {
            band::REVIEW
        } else {
            "apart"
        };
        let same_cluster = left.named.cluster_id == right.named.cluster_id;
        let mut pair = Pair {
            run: self.context.manifest.run.clone(),
            blocking,
            found_by,
            prior,
            comparisons,
            relatives,
            weight,
            probability: probability(weight),
            non_match_probability: non_match_probability(weight),
            thresholds,
            band,
            hard_rules,
            judgement: self.judgement(&left.named, &right.named)?,
            same_cluster,
            path: if same_cluster { self.path(&left.named, &right.named).await? } else { vec![] },
            review: if same_cluster { vec![] } else { self.questions(&left.named, &right.named).await? },
            obstacles: vec![],
            left: left.named,
            right: right.named,
        };
        if !same_cluster {
            pair.obstacles = obstacles(self, &pair).await?;
        }
        Ok(pair)
    }

    async fn blocking(&self, left: &Record, right: &Record) -> Result<Vec<Blocked>> {
        let planner = self.planner()?;
        let mut all = Vec::new();
        for (i, rule) in all_blocking(&self.context.rules.rules.matching).into_iter().enumerate() {
            let (l, r) = (left.hash(&format!("k{i}")), right.hash(&format!("k{i}")));
            let keys = match (l, r) {
                (None, None) => "both_missing",
                (None, _) => "left_missing",
                (_, None) => "right_missing",
                (Some(l), Some(r)) if l == r => "equal",
                _ => "differ",
            };
            let over_limit = match l.filter(|_| keys == "equal") {
                Some(key) => self.over_limit(i, key, rule.max_block, left, right).await?,
                None => false,
            };
            let shown = |record: &Record, hash: Option<i64>| hash.and_then(|_| record.evaluate(&planner, &rule.key));
            all.push(Blocked { keys, left: shown(left, l), right: shown(right, r), over_limit, rule: rule.name });
        }
        Ok(all)
    }

    /// Whether a block is too large for its pairs to be made, and its finer key does not help these two.
    async fn over_limit(&self, rule: usize, key: i64, limit: usize, left: &Record, right: &Record) -> Result<bool> {
        let features = self.context.session.context().table(tables::FEATURES).await?;
        let block = features.filter(col(format!("k{rule}")).eq(lit(key)))?;
        if block.clone().count().await? <= limit {
            return Ok(false);
        }
        let finer = format!("s{rule}");
        match left.hash(&finer).zip(right.hash(&finer)) {
            Some((l, r)) if l == r => Ok(block.filter(col(finer).eq(lit(l)))?.count().await? > limit),
            _ => Ok(true),
        }
    }

    /// How the weight comes about.
    async fn waterfall(&self, left: &Record, right: &Record) -> Result<Waterfall> {
        let weights = Weights::new(&self.model);
        let mut vector = Vector(0);
        let mut frequencies = Vec::new();
        let mut values = Vec::new();
        for (i, comparator) in self.plan.comparators.iter().enumerate() {
            let (c, w) = (format!("c{i}"), format!("w{i}"));
            let (l, r) = (left.value(&c), right.value(&c));
            let prepared = left.value(&w);
            let level =
                comparator.prepare(l.as_deref(), prepared.as_deref()).level(r.as_deref(), right.value(&w).as_deref());
            vector = vector.with(i, level);
            let agree = comparator.term_frequency() && level != 0 && level == comparator.equal_level();
            frequencies.push(match l.as_deref().filter(|_| agree) {
                Some(value) => Some(self.frequency(&c, value).await?),
                None => None,
            });
            values.push((l, r));
        }
        let mut total = weights.prior();
        let evidence = weights.explain(vector, &frequencies);
        let adjustment: f64 = evidence.iter().map(|e| e.tf_adjustment).sum();
        let mut values = values.into_iter();
        let comparisons = evidence.into_iter().map(|e| {
            total += e.weight + e.tf_adjustment;
            let (left, right) = values.next().unwrap_or_default();
            Compared {
                comparison: e.comparison,
                left,
                right,
                level: e.level_label,
                m: e.m,
                u: e.u,
                weight: e.weight,
                tf_adjustment: e.tf_adjustment,
                total,
            }
        });
        let comparisons = comparisons.collect();
        let relatives = weights.relatives(vector, adjustment);
        Ok(Waterfall { prior: weights.prior(), comparisons, relatives, vector })
    }

    /// Share of a value among all records that have one; rare values share the frequency of the most frequent of them.
    async fn frequency(&self, column: &str, value: &str) -> Result<f64> {
        let features = self.context.session.context().table(tables::FEATURES).await?;
        let having = features.clone().filter(col(column).eq(lit(value)))?.count().await?;
        let all = features.filter(col(column).is_not_null())?.count().await?;
        Ok(term_frequency(having as u64, all as u64))
    }

    /// Contradictions as `never` rules, with the values that would have to differ.
    fn contradictions(&self, vector: Vector, comparisons: &[Compared]) -> Vec<HardRuleSeen> {
        let matching = &self.context.rules.rules.matching;
        let rules = matching.contradiction.iter().zip(matching.contradictions());
        let seen = rules.map(|(rule, places)| {
            let compared = || places.iter().filter_map(|i| comparisons.get(*i));
            let values = |of: fn(&Compared) -> Option<&String>| {
                let all: Vec<&str> = compared().map(|c| of(c).map_or("-", String::as_str)).collect();
                Some(all.join(" / "))
            };
            let differs = |i: &usize| self.plan.comparators.get(*i).is_some_and(|c| vector.level(*i) == c.else_level());
            HardRuleSeen {
                kind: "never",
                rule: rule.name.get_ref().clone(),
                left: values(|c| c.left.as_ref()),
                right: values(|c| c.right.as_ref()),
                holds: !places.is_empty() && places.iter().all(differs),
            }
        });
        seen.collect()
    }

    fn hard_rules(&self, left: &Record, right: &Record) -> Result<Vec<HardRuleSeen>> {
        let planner = self.planner()?;
        let matching = &self.context.rules.rules.matching;
        let mut all = Vec::new();
        for (kind, prefix, rules) in [("never", "n", &matching.never), ("always", "a", &matching.always)] {
            for (i, rule) in rules.iter().enumerate() {
                let Some(sql) = rule.same.as_ref().or(rule.different.as_ref()) else { continue };
                let column = format!("{prefix}{i}");
                let hashes = left.hash(&column).zip(right.hash(&column));
                all.push(HardRuleSeen {
                    kind,
                    rule: rule.name.get_ref().clone(),
                    left: left.evaluate(&planner, sql.get_ref()),
                    right: right.evaluate(&planner, sql.get_ref()),
                    holds: hashes.is_some_and(|(l, r)| (l == r) == rule.same.is_some()),
                });
            }
        }
        Ok(all)
    }
}
