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
    pub invalid: String,
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
}

#[derive(Debug, Clone, Default)]
pub struct Conflicts {
    pub fields: Vec<FieldCount>,
    pub examples: Vec<Conflict>,
    pub sample: Sample,
}

/// Losing values shown of one conflict.
const LOSERS: usize = 5;

pub async fn fill(data: &Data<'_>) -> Result<Conflicts> {
    let sql = "SELECT field, count(DISTINCT cluster_id) AS customers, \
        sum(CASE WHEN verdict = 'invalid' THEN 0 ELSE 1 END) AS usable, sum(CASE WHEN verdict = 'invalid' THEN 1 ELSE 0 END) AS invalid \
        FROM golden_fields WHERE NOT winner GROUP BY field ORDER BY customers DESC, field";
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
                invalid: thousands(r.count("invalid")),
            })
            .collect(),
        sample: data.sample(examples.len(), total, "conflicts", sql),
        examples,
    })
}

/// Per field the winners with the lowest confidence that have a usable rival: (cluster, field), least sure first.
async fn least_sure(data: &Data<'_>) -> Result<Vec<(i64, String)>> {
    let sql = format!(
        "SELECT cluster_id, field FROM (SELECT w.cluster_id, w.field, w.confidence, \
         row_number() OVER (PARTITION BY w.field ORDER BY w.confidence NULLS LAST, w.cluster_id) AS place FROM \
         (SELECT cluster_id, field, confidence FROM golden_fields WHERE winner) w JOIN \
         (SELECT DISTINCT cluster_id, field FROM golden_fields WHERE NOT winner AND verdict <> 'invalid') l \
         ON w.cluster_id = l.cluster_id AND w.field = l.field) WHERE place <= 3 ORDER BY place, confidence NULLS LAST, field, cluster_id LIMIT {}",
        data.samples
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
        } else if conflict.losers.len() < LOSERS {
            conflict.losers.push(line);
        } else {
            conflict.more_losers += 1;
        }
    }
    Ok(keys.iter().filter_map(|key| found.remove(key)).collect())
}
