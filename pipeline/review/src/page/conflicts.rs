//! Section: golden fields whose sources disagree: how many customers per field, and the least sure winners
//! with every losing value.

use crate::components::{Sample, Value, Word};
use crate::data::{Data, quoted};
use crate::text::{percent, thousands, words};
use std::collections::{BTreeMap, BTreeSet};
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
    let sql = "SELECT field, count(DISTINCT cluster_id) AS customers, \
        sum(CASE WHEN verdict IN ('invalid', 'missing') THEN 0 ELSE 1 END) AS usable, \
        sum(CASE WHEN verdict IN ('invalid', 'missing') THEN 1 ELSE 0 END) AS unusable FROM golden_fields WHERE NOT winner GROUP BY field ORDER BY customers DESC, field";
    let fields = data.rows(&["golden_fields"], sql).await?;
    let total = fields.iter().map(|r| r.count("customers")).sum();
    let keys = least_sure(data).await?;
    let examples = examples(data, &keys).await?;
    let sql = "SELECT * FROM golden_fields WHERE cluster_id IN (SELECT cluster_id FROM golden_fields WHERE NOT winner) ORDER BY cluster_id, field";
    Ok(Conflicts {
        fields: fields
            .iter()
            .map(|r| FieldCount {
                field: words(&r.string("field")),
                customers: thousands(r.count("customers")),
                usable: thousands(r.count("usable")),
                unusable: thousands(r.count("unusable")),
            })
            .collect(),
        sample: data.sample(examples.len(), total, "conflicts", sql),
        examples,
    })
}

/// Per field the winners with the lowest confidence among those that a strategy had to choose, so that there
/// was a rival: (cluster, field), least sure first. In a group of fields the rival may agree on this field.
async fn least_sure(data: &Data<'_>) -> Result<Vec<(i64, String)>> {
    let sql = format!(
        "SELECT cluster_id, field FROM (SELECT cluster_id, field, confidence, \
         row_number() OVER (PARTITION BY field ORDER BY confidence NULLS LAST, cluster_id) AS place FROM golden_fields \
         WHERE winner AND strategy NOT IN ('only', 'unanimous')) WHERE place <= {PER_FIELD} ORDER BY place, confidence NULLS LAST, field LIMIT {}",
        data.samples * PER_FIELD
    );
    let rows = data.rows(&["golden_fields"], &sql).await?;
    Ok(rows.iter().filter_map(|r| Some((r.integer("cluster_id")?, r.string("field")))).collect())
}

async fn examples(data: &Data<'_>, keys: &[(i64, String)]) -> Result<Vec<Conflict>> {
    let clusters: BTreeSet<i64> = keys.iter().map(|(c, _)| *c).collect();
    let fields: BTreeSet<String> = keys.iter().map(|(_, f)| quoted(f)).collect();
    if clusters.is_empty() {
        return Ok(vec![]);
    }
    let list = |items: Vec<String>| items.join(", ");
    let sql = format!(
        "SELECT * FROM golden_fields WHERE cluster_id IN ({}) AND field IN ({}) ORDER BY cluster_id, field, supporters DESC, value",
        list(clusters.iter().map(i64::to_string).collect()),
        list(fields.into_iter().collect())
    );
    let rows = data.rows(&["golden_fields"], &sql).await?;
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
            updated: row.text("updated_at").unwrap_or_default().chars().take(10).collect(),
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
