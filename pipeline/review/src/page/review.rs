//! Section: the queue of pairs that wait for a steward: closest calls first, both records side by side, the
//! weights, and how many records a merge would join.

use super::evidence::{Pair, Pairs, pairs_of};
use super::people::{Held, People, Person};
use crate::components::{Sample, Waterfall, Word};
use crate::data::Data;
use crate::rows::Row;
use crate::text::{probability, signed, thousands};
use std::collections::{BTreeMap, BTreeSet};
use zlato_engine::error::Result;

/// How a value of one record stands to that of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    Same,
    Differs,
    OneMissing,
    BothMissing,
}

impl Agreement {
    pub fn sign(self) -> &'static str {
        match self {
            Self::Same => "=",
            Self::Differs => "≠",
            Self::OneMissing => "?",
            Self::BothMissing => "",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Same => "equal",
            Self::Differs => "differ",
            Self::OneMissing => "one side only",
            Self::BothMissing => "neither",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Question {
    pub left: Person,
    pub right: Person,
    pub agreements: Vec<Agreement>,
    pub reason: Word,
    pub bits: String,
    pub probability: String,
    /// What merging would do.
    pub effect: String,
    pub waterfall: Option<Waterfall>,
    /// Records of each side's cluster and its golden id.
    pub left_side: String,
    pub right_side: String,
}

#[derive(Debug, Clone, Default)]
pub struct Review {
    pub labels: Vec<String>,
    pub by_reason: Vec<(Word, String)>,
    pub questions: Vec<Question>,
    pub sample: Sample,
}

#[derive(Debug, Default)]
pub struct Chosen {
    rows: Vec<Row>,
    pairs: Pairs,
    /// Golden id and records of the cluster of a record.
    sides: BTreeMap<i64, (String, u64)>,
}

impl Chosen {
    pub fn records(&self) -> BTreeSet<i64> {
        self.rows.iter().flat_map(|r| [r.integer("record_id_l"), r.integer("record_id_r")]).flatten().collect()
    }
}

pub async fn choose(data: &Data<'_>) -> Result<Chosen> {
    // Every reason has its place: else doubtful pairs, being the closest, would hide the rest.
    let each = data.samples;
    let others = (data.samples / 5).max(1);
    let sql = format!(
        "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY reason ORDER BY abs(weight) NULLS LAST, record_id_l, record_id_r) AS place FROM review) \
         WHERE place <= CASE reason WHEN 'doubtful' THEN {each} ELSE {others} END \
         ORDER BY abs(weight) NULLS LAST, record_id_l, record_id_r LIMIT {}",
        each * 2
    );
    let mut chosen = Chosen { rows: data.rows(&["review"], &sql).await?, ..Chosen::default() };
    let wanted: BTreeSet<(i64, i64)> =
        chosen.rows.iter().filter_map(|r| Some((r.integer("record_id_l")?, r.integer("record_id_r")?))).collect();
    let left: BTreeSet<i64> = wanted.iter().map(|(l, _)| *l).collect();
    chosen.pairs = pairs_of(data, &left, |l, r| wanted.contains(&(l, r))).await?;
    let records = chosen.records();
    let held = data.rows_at("clusters", &["record_id", "cluster_id"], "record_id", &records).await?;
    let clusters: BTreeSet<i64> = held.iter().filter_map(|r| r.integer("cluster_id")).collect();
    let golden = data.rows_at("golden", &["cluster_id", "golden_id", "records"], "cluster_id", &clusters).await?;
    let golden: BTreeMap<i64, (String, u64)> = golden
        .iter()
        .filter_map(|r| Some((r.integer("cluster_id")?, (r.string("golden_id"), r.count("records")))))
        .collect();
    for row in held {
        if let (Some(record), Some(side)) =
            (row.integer("record_id"), row.integer("cluster_id").and_then(|c| golden.get(&c)))
        {
            chosen.sides.insert(record, side.clone());
        }
    }
    Ok(chosen)
}

pub async fn fill(data: &Data<'_>, chosen: &Chosen, people: &People) -> Result<Review> {
    let by_reason = data
        .rows(&["review"], "SELECT reason, count(*) AS n FROM review GROUP BY reason ORDER BY n DESC, reason")
        .await?;
    let total = by_reason.iter().map(|r| r.count("n")).sum();
    let questions: Vec<Question> = chosen.rows.iter().filter_map(|row| question(data, row, chosen, people)).collect();
    let sql = "SELECT * FROM review ORDER BY abs(weight)";
    Ok(Review {
        labels: people.labels.clone(),
        by_reason: by_reason.iter().map(|r| (data.word(&r.string("reason")), thousands(r.count("n")))).collect(),
        sample: data.sample(questions.len(), total, "questions", sql),
        questions,
    })
}

fn question(data: &Data<'_>, row: &Row, chosen: &Chosen, people: &People) -> Option<Question> {
    let (l, r) = (row.integer("record_id_l")?, row.integer("record_id_r")?);
    let (left, right) = (people.get(l)?.clone(), people.get(r)?.clone());
    let agreements = left.held.iter().zip(&right.held).map(|(a, b)| match (&a.key, &b.key) {
        (Some(a), Some(b)) if a == b => Agreement::Same,
        (Some(_), Some(_)) => Agreement::Differs,
        (None, None) => Agreement::BothMissing,
        _ => Agreement::OneMissing,
    });
    let side = |record: i64| {
        chosen.sides.get(&record).map_or_else(String::new, |(golden_id, records)| match records {
            1 => format!("{golden_id}, alone"),
            n => format!("{golden_id}, {} records", thousands(*n)),
        })
    };
    let joined = row.count("records").max(2);
    let pair: Option<&Pair> = chosen.pairs.get(&(l, r));
    let weight = row.number("weight");
    Some(Question {
        agreements: agreements.collect(),
        reason: data.word(&row.string("reason")),
        bits: weight.map_or_else(|| "hard rule".into(), signed),
        probability: weight.map_or_else(|| "–".into(), probability),
        effect: format!("Merging would join {} records into one customer.", thousands(joined)),
        waterfall: pair.and_then(|p| p.waterfall(data)),
        left_side: side(l),
        right_side: side(r),
        left,
        right,
    })
}

impl Question {
    /// Both records field by field: left, right, how they stand to each other, the field's label.
    pub fn lines<'a>(
        &'a self,
        labels: &'a [String],
    ) -> impl Iterator<Item = (&'a Held, &'a Held, Agreement, &'a String)> {
        let both = self.left.held.iter().zip(&self.right.held);
        both.zip(&self.agreements)
            .zip(labels)
            .map(|(((left, right), agreement), label)| (left, right, *agreement, label))
    }
}
