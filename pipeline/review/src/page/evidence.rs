//! Why two records were joined or set aside: pairs of the table `pairs` with their weights taken apart by the
//! model of the run. Never here: which pairs are shown.

use crate::components::{Step, Waterfall};
use crate::data::Data;
use crate::rows::Row;
use crate::text::{percent, probability, signed, words};
use crate::words::level;
use std::collections::{BTreeMap, BTreeSet};
use zlato_core::matching::vector::Vector;
use zlato_engine::error::Result;

/// A row of `pairs`.
#[derive(Debug, Clone)]
pub struct Pair {
    pub left: i64,
    pub right: i64,
    pub rule: String,
    pub band: String,
    pub weight: f64,
    vector: u64,
    tf_adjustment: f64,
}

/// Pairs by their two records, the smaller first.
pub type Pairs = BTreeMap<(i64, i64), Pair>;

/// Pairs whose left record is among some, and for which `keep` holds.
pub async fn pairs_of(data: &Data<'_>, left: &BTreeSet<i64>, keep: impl Fn(i64, i64) -> bool) -> Result<Pairs> {
    let rows = data.rows_at("pairs", &[], "record_id_l", left).await?;
    let pairs = rows.iter().filter_map(pair).filter(|p| keep(p.left, p.right));
    Ok(pairs.map(|p| ((p.left, p.right), p)).collect())
}

fn pair(row: &Row) -> Option<Pair> {
    Some(Pair {
        left: row.integer("record_id_l")?,
        right: row.integer("record_id_r")?,
        rule: row.string("rule"),
        band: row.string("band"),
        weight: row.number("weight").unwrap_or(0.0),
        vector: row.integer("vector").unwrap_or(0).cast_unsigned(),
        tf_adjustment: row.number("tf_adjustment").unwrap_or(0.0),
    })
}

/// A weight in bits below which a line of the waterfall says nothing.
const SHOWN: f64 = 0.05;

struct Part {
    name: String,
    seen: String,
    shares: Option<(f64, f64)>,
    weight: f64,
}

impl Part {
    fn new(name: String, seen: String, weight: f64) -> Self {
        Self { name, seen, shares: None, weight }
    }
}

impl Pair {
    pub fn probability(&self) -> String {
        probability(self.weight)
    }

    pub fn bits(&self) -> String {
        signed(self.weight)
    }

    /// The weight taken apart; none when the run's model could not be read.
    pub fn waterfall(&self, data: &Data<'_>) -> Option<Waterfall> {
        let weights = data.weights.as_ref()?;
        let mut parts: Vec<Part> = vec![Part::new("Start".into(), "two records at random".into(), weights.prior())];
        for evidence in weights.explain(Vector(self.vector), &[]) {
            let shares = (evidence.level > 0).then_some((evidence.m, evidence.u));
            let part = Part::new(words(&evidence.comparison), level(&evidence.level_label), evidence.weight);
            parts.push(Part { shares, ..part });
        }
        if self.tf_adjustment.abs() >= SHOWN {
            let seen = if self.tf_adjustment > 0.0 {
                "the values they share are rare"
            } else {
                "the values they share are frequent"
            };
            parts.push(Part::new("Frequency of values".into(), seen.into(), self.tf_adjustment));
        }
        let relatives = weights.relatives(Vector(self.vector), self.tf_adjustment);
        if relatives <= -SHOWN {
            parts.push(Part::new("Relatives".into(), "two of a household agree so too".into(), relatives));
        }
        let rest = self.weight - parts.iter().map(|p| p.weight).sum::<f64>();
        if rest.abs() >= SHOWN {
            parts.push(Part::new("Other".into(), "what the parts above do not explain".into(), rest));
        }
        let share = |p: Option<f64>| p.map_or_else(String::new, percent);
        let mut before = 0.0;
        let mut steps = Vec::with_capacity(parts.len() + 1);
        for part in parts {
            let (matches, others) = (share(part.shares.map(|s| s.0)), share(part.shares.map(|s| s.1)));
            steps.push(Step {
                name: part.name,
                seen: part.seen,
                matches,
                others,
                weight: part.weight,
                before,
                sum: false,
            });
            before += part.weight;
        }
        steps.push(Step {
            name: "Match weight".into(),
            seen: format!("probability {}", self.probability()),
            matches: String::new(),
            others: String::new(),
            weight: self.weight,
            before: 0.0,
            sum: true,
        });
        let caption = format!(
            "Weight {} = probability {}, found by the blocking rule {}",
            self.bits(),
            self.probability(),
            words(&self.rule)
        );
        Some(Waterfall::new(caption, steps))
    }
}
