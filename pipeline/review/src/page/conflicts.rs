//! Section: golden fields whose sources disagree: how many customers per field, and the least sure winners
//! with every losing value.

use crate::components::{Sample, Value, Word};
use crate::data::Data;
use crate::text::{percent, thousands, words};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use zlato_engine::disagreements::OfField;
use zlato_engine::error::Result;

#[derive(Debug, Clone)]
pub struct FieldCount {
    pub field: String,
    pub customers: String,
    pub usable: String,
    pub unusable: String,
}

/// A value of a conflict.
#[derive(Debug, Clone)]
pub struct Line {
    pub value: Value,
    pub verdict: Word,
    pub reason: Option<Word>,
    pub source: String,
    pub source_key: Value,
    pub updated: String,
    pub supporters: String,
}

#[derive(Debug, Clone)]
pub struct Conflict {
    pub golden_id: String,
    pub field: String,
    pub winner: Option<Line>,
    pub strategy: Option<Word>,
    pub confidence: String,
    pub losers: Vec<Line>,
    pub more_losers: usize,
    /// Whether a losing value could have won.
    rival: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Conflicts {
    pub fields: Vec<FieldCount>,
    pub examples: Vec<Conflict>,
    pub sample: Sample,
}

/// Losing values shown of one conflict.
const LOSERS: usize = 5;
/// Winners of one field that are looked at, and conflicts of one field that are shown.
const PER_FIELD: usize = 12;
const SHOWN: usize = 3;
/// Verdicts of values that could not have won.
const UNUSABLE: [&str; 2] = ["invalid", "missing"];

pub async fn fill(data: &Data<'_>) -> Result<Conflicts> {
    if !data.has("golden_fields") {
        return Ok(Conflicts::default());
    }
    let found = data.catalog.disagreements(PER_FIELD).await?;
    let keys = least_sure(&found, data.samples * PER_FIELD);
    let mut fields: Vec<(&String, &OfField)> = found.iter().filter(|(_, of)| of.customers > 0).collect();
    fields.sort_by_key(|(_, of)| Reverse(of.customers));
    let total = fields.iter().map(|(_, of)| of.customers).sum();
    let examples = examples(data, &keys).await?;
    let sql = "SELECT * FROM golden_fields WHERE cluster_id IN (SELECT cluster_id FROM golden_fields WHERE NOT winner) ORDER BY cluster_id, field";
    Ok(Conflicts {
        fields: fields
            .iter()
            .map(|(field, of)| FieldCount {
                field: words(field),
                customers: thousands(of.customers),
                usable: thousands(of.usable),
                unusable: thousands(of.unusable),
            })
            .collect(),
        sample: data.sample(examples.len(), total, "conflicts", sql),
        examples,
    })
}

/// Per field the winners with the lowest confidence among those that a strategy had to choose, so that there
/// was a rival: (cluster, field), least sure first. In a group of fields the rival may agree on this field.
fn least_sure(found: &BTreeMap<String, OfField>, most: usize) -> Vec<(i64, String)> {
    let each = found.iter().flat_map(|(field, of)| of.least_sure.iter().enumerate().map(move |w| (field, w)));
    let mut all: Vec<(usize, Option<f64>, &String, i64)> =
        each.map(|(field, (place, (confidence, cluster)))| (place, *confidence, field, *cluster)).collect();
    all.sort_by(|a, b| {
        let by_confidence = match (a.1, b.1) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a, b) => a.is_none().cmp(&b.is_none()),
        };
        a.0.cmp(&b.0).then(by_confidence).then(a.2.cmp(b.2))
    });
    all.into_iter().take(most).map(|(.., field, cluster)| (cluster, field.clone())).collect()
}

async fn examples(data: &Data<'_>, keys: &[(i64, String)]) -> Result<Vec<Conflict>> {
    let clusters: BTreeSet<i64> = keys.iter().map(|(c, _)| *c).collect();
    let fields: BTreeSet<&String> = keys.iter().map(|(_, field)| field).collect();
    let mut rows = data.rows_at("golden_fields", &[], "cluster_id", &clusters).await?;
    rows.retain(|row| fields.contains(&row.string("field")));
    rows.sort_by_cached_key(|r| {
        (r.integer("cluster_id"), r.string("field"), Reverse(r.count("supporters")), r.string("value"))
    });
    let mut found: BTreeMap<(i64, String), Conflict> = BTreeMap::new();
    for row in &rows {
        let Some(cluster) = row.integer("cluster_id") else { continue };
        let conflict = found.entry((cluster, row.string("field"))).or_insert_with(|| Conflict {
            golden_id: row.string("golden_id"),
            field: words(&row.string("field")),
            winner: None,
            strategy: None,
            confidence: "–".into(),
            losers: vec![],
            more_losers: 0,
            rival: false,
        });
        let line = Line {
            value: Value::new(row.text("value").unwrap_or_default()),
            verdict: data.word(&row.string("verdict")),
            reason: row.text("reason").map(|r| data.word(r)),
            source: row.string("source"),
            source_key: Value::long(row.text("source_key").unwrap_or_default(), 40),
            updated: row.text("updated_at").unwrap_or_default().chars().take(16).collect::<String>().replace('T', " "),
            supporters: thousands(row.count("supporters")),
        };
        if row.flag("winner") {
            conflict.strategy = row.text("strategy").map(|s| data.word(s));
            conflict.confidence = row.number("confidence").map_or_else(|| "–".into(), percent);
            conflict.winner = Some(line);
        } else {
            conflict.rival |= !UNUSABLE.contains(&row.text("verdict").unwrap_or("missing"));
            if conflict.losers.len() < LOSERS {
                conflict.losers.push(line);
            } else {
                conflict.more_losers += 1;
            }
        }
    }
    let mut of_field: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shown = Vec::new();
    for key in keys {
        let Some(conflict) = found.remove(key).filter(|c| c.rival) else { continue };
        let already = of_field.entry(&key.1).or_default();
        *already += 1;
        if *already <= SHOWN && shown.len() < data.samples {
            shown.push(conflict);
        }
    }
    Ok(shown)
}
