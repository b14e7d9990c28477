//! Which customer is this? Enter: the published run and forms as somebody fills them in, one at a time. Leave: the
//! customers whose records weigh most, with the weights that a run would give. Holds the run's index, so that an answer
//! takes milliseconds. Never here: writing, deciding; a lookup changes nothing.

mod customers;
mod form;
mod keys;

pub use form::Value;

use crate::catalog;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::inspect::Inspection;
use crate::session::Limits;
use crate::stages::dedupe::compare::{Scorer, band};
use crate::stages::dedupe::index::Index;
use crate::stages::dedupe::{self, Plan};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use customers::Customers;
use form::Forms;
use keys::{Hard, Keys};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use zlato_core::matching::model::probability;
use zlato_core::matching::vector::Vector;

/// The published run, held ready for questions.
pub struct Lookup {
    context: Context,
    plan: Plan,
    index: Index,
    scorer: Scorer,
    keys: Vec<Keys>,
    hard: Hard,
    forms: Forms,
    customers: Customers,
    labels: Vec<Vec<String>>,
}

/// Names of fields with what somebody wrote in them.
pub type Form = BTreeMap<String, String>;

/// What was found for one form.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    pub run: String,
    /// `match`: one customer at or above the merge threshold; `several`: more than one; `review`: the best is below
    /// it; `new`: nobody comes near.
    pub verdict: &'static str,
    /// Best first.
    pub candidates: Vec<Candidate>,
    /// What the values of the form became.
    pub values: Vec<Value>,
    /// Fields of the form that this run's sources do not have.
    pub ignored: Vec<String>,
}

/// A customer or prospect who may be meant.
#[derive(Debug, Clone, Serialize)]
pub struct Candidate {
    pub golden_id: String,
    /// customer or prospect.
    pub kind: String,
    /// always, merge, review, never or apart: what the best pair amounts to.
    pub band: &'static str,
    /// Match weight with the record that fits best, bits.
    pub weight: f64,
    pub probability: f64,
    /// That record, as `source:key`.
    pub record: String,
    /// The first blocking rule that found it.
    pub found_by: String,
    /// Every record of the customer that a blocking rule found, best first.
    pub records: Vec<Weighed>,
    pub compared: Vec<Compared>,
}

/// A record of a candidate.
#[derive(Debug, Clone, Serialize)]
pub struct Weighed {
    /// As `source:key`.
    pub record: String,
    pub weight: f64,
    pub band: &'static str,
}

/// One comparison with the record that fits best.
#[derive(Debug, Clone, Serialize)]
pub struct Compared {
    pub comparison: String,
    pub level: String,
    /// Bits, without the adjustment for the frequency of the value.
    pub weight: f64,
}

/// A record that was compared.
struct Met {
    row: u32,
    rule: usize,
    weight: f64,
    vector: Vector,
    band: &'static str,
}

impl Lookup {
    /// Opens a run of an output folder: by name, else the published one.
    pub async fn open(out: &Path, run: Option<&str>, limits: Limits) -> Result<Self> {
        let (manifest, _) = catalog::find(out, run)?;
        if !manifest.has(crate::run::Stage::Survivorship) {
            return Err(Error::input(format!("the run {} has no golden records", manifest.run))
                .hint("continue it with `zlato run --resume`, or name another run with --run"));
        }
        let Inspection { context, plan, model } = Inspection::open(out, run, limits).await?;
        let index = dedupe::code(&context, &plan, 0).await?;
        let scorer = dedupe::scorer(&context, &plan, &index, &model);
        let matching = &context.rules.rules.matching;
        let keys = dedupe::all_blocking(matching).into_iter().enumerate();
        let keys = keys.map(|(number, rule)| Keys::read(&context.store, number, rule)).collect::<Result<_>>()?;
        Ok(Self {
            keys,
            hard: Hard::read(&context.store, matching)?,
            forms: Forms::new(&context)?,
            customers: Customers::read(&context, &index.record_ids)?,
            labels: plan.comparators.iter().map(|c| c.level_labels()).collect(),
            context,
            plan,
            index,
            scorer,
        })
    }

    /// Name of the run that answers.
    pub fn run(&self) -> &str {
        &self.context.manifest.run
    }

    /// Records that can be found.
    pub fn records(&self) -> usize {
        self.index.rows()
    }

    /// The customers who weigh most for a form: names of fields with what was written in them, and the country (ISO
    /// 3166 alpha-2) by which values are read that do not tell theirs. At most `top`, none below `floor` bits; without
    /// it the review threshold of the run's rules.
    pub fn find(&self, form: &Form, country: Option<&str>, top: usize, floor: Option<f64>) -> Result<Answer> {
        let read = self.forms.read(form, country)?;
        let floor = floor.unwrap_or(self.scorer.review);
        let mut met = self.meet(&read.features)?;
        met.retain(|m| m.weight >= floor || m.band == band::ALWAYS);
        let candidates = self.candidates(met, top);
        let sure = candidates.iter().filter(|c| [band::MERGE, band::ALWAYS].contains(&c.band)).count();
        let verdict = match (sure, candidates.iter().any(|c| c.band == band::REVIEW)) {
            (1, _) => "match",
            (0, true) => "review",
            (0, false) => "new",
            _ => "several",
        };
        Ok(Answer { run: self.run().into(), verdict, candidates, values: read.values, ignored: read.ignored })
    }

    /// Every record that a blocking rule finds, compared once.
    fn meet(&self, features: &RecordBatch) -> Result<Vec<Met>> {
        let hash = |name: &str| {
            let column = features.column_by_name(name)?.as_primitive_opt::<Int64Type>()?;
            column.is_valid(0).then(|| column.value(0))
        };
        let text = |name: String| {
            let column = features.column_by_name(&name)?.as_string_opt::<i32>()?;
            column.is_valid(0).then(|| column.value(0))
        };
        let mut found: Vec<(u32, usize)> = Vec::new();
        for (number, keys) in self.keys.iter().enumerate() {
            if let Some(key) = hash(&format!("k{number}")) {
                keys.block(key, hash(&format!("s{number}")), &mut |row| found.push((row, number)));
            }
        }
        found.sort_unstable();
        found.dedup_by_key(|(row, _)| *row);
        let prepared: Vec<_> = (self.plan.comparators.iter().enumerate())
            .map(|(i, c)| c.prepare(text(format!("c{i}")), text(format!("w{i}"))))
            .collect();
        let ours = self.hard.of(hash);
        let mut met = Vec::with_capacity(found.len());
        let mut buffers: [String; 2] = Default::default();
        for (row, rule) in found {
            let theirs = self.index.row(row);
            let mut vector = Vector(0);
            for (i, (prepared, texts)) in prepared.iter().zip(&self.index.texts).enumerate() {
                let [first, second] = &mut buffers;
                let value = texts.get(theirs.value(i), first)?;
                vector = vector.with(i, prepared.level(value, texts.get(theirs.with(i), second)?));
            }
            // Equal values have one code, so the adjustment is that of the record's value.
            let (weight, _) = self.scorer.sum(theirs, vector);
            let (never, always) = self.hard.judge(&ours, row);
            let band = if never || self.scorer.contradicts(vector) {
                band::NEVER
            } else if always {
                band::ALWAYS
            } else if weight >= self.scorer.merge {
                band::MERGE
            } else if weight >= self.scorer.review {
                band::REVIEW
            } else {
                "apart"
            };
            met.push(Met { row, rule, weight, vector, band });
        }
        Ok(met)
    }

    /// The records by customer, best first; ties by golden id and by record.
    fn candidates(&self, met: Vec<Met>, top: usize) -> Vec<Candidate> {
        let mut by_customer: HashMap<u32, Vec<Met>> = HashMap::new();
        for one in met {
            by_customer.entry(self.customers.of(one.row)).or_default().push(one);
        }
        let rank = |m: &Met| (m.band == band::ALWAYS, m.band != band::NEVER);
        let mut candidates = Vec::with_capacity(by_customer.len());
        for (customer, mut records) in by_customer {
            records.sort_by(|a, b| {
                rank(b).cmp(&rank(a)).then(b.weight.total_cmp(&a.weight)).then_with(|| a.row.cmp(&b.row))
            });
            if let Some(best) = records.first() {
                candidates.push((rank(best), self.shown(customer, best, &records)));
            }
        }
        candidates.sort_by(|(x, a), (y, b)| {
            y.0.cmp(&x.0).then(b.weight.total_cmp(&a.weight)).then_with(|| a.golden_id.cmp(&b.golden_id))
        });
        candidates.truncate(top);
        candidates.into_iter().map(|(_, candidate)| candidate).collect()
    }

    fn shown(&self, customer: u32, met: &Met, records: &[Met]) -> Candidate {
        let compared = self.plan.comparators.iter().enumerate().map(|(i, comparator)| {
            let level = met.vector.level(i);
            let label = self.labels.get(i).and_then(|labels| labels.get(usize::from(level)));
            Compared {
                comparison: comparator.name().into(),
                level: label.map_or("", String::as_str).into(),
                weight: self.scorer.weights.weight(i, level),
            }
        });
        let weighed = |m: &Met| Weighed { record: self.customers.record(m.row), weight: m.weight, band: m.band };
        Candidate {
            golden_id: self.customers.id(customer).into(),
            kind: self.customers.kind(met.row).into(),
            band: met.band,
            weight: met.weight,
            probability: probability(met.weight),
            record: self.customers.record(met.row),
            found_by: self.keys.get(met.rule).map_or("", |k| &k.rule).into(),
            records: records.iter().map(weighed).collect(),
            compared: compared.collect(),
        }
    }
}
