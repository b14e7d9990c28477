//! Section: how current the golden values are, field by field, and what to ask customers next time.

use crate::components::{Bar, Sample, Value, Word};
use crate::data::{Data, quoted_name};
use crate::text::{percent, share, thousands, words};
use std::collections::{BTreeMap, BTreeSet};
use zlato_engine::error::Result;

/// States of the values of a field.
#[derive(Debug, Clone)]
pub struct FieldStates {
    pub field: String,
    /// Count and share of fresh, ageing, stale, unknown.
    pub states: Vec<(String, Bar)>,
}

#[derive(Debug, Clone)]
pub struct PromptCount {
    pub field: String,
    pub reason: Word,
    pub question: Value,
    pub customers: String,
}

/// A stale value.
#[derive(Debug, Clone)]
pub struct Stale {
    pub golden_id: String,
    pub name: Value,
    pub field: String,
    pub value: Value,
    pub reason: Word,
    pub since: String,
    pub currentness: String,
}

#[derive(Debug, Clone, Default)]
pub struct Fresh {
    pub state_words: Vec<Word>,
    pub fields: Vec<FieldStates>,
    pub prompts: Vec<PromptCount>,
    pub stale: Vec<Stale>,
    pub sample: Sample,
}

const STATES: [&str; 4] = ["fresh", "ageing", "stale", "unknown"];

pub async fn fill(data: &Data<'_>) -> Result<Fresh> {
    let rows = data
        .rows(&["freshness"], "SELECT field, state, count(*) AS n FROM freshness GROUP BY field, state ORDER BY field")
        .await?;
    let mut counts: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for row in &rows {
        counts.entry(row.string("field")).or_default().insert(row.string("state"), row.count("n"));
    }
    let stale_total = counts.values().filter_map(|c| c.get("stale")).sum();
    let fields = counts.iter().map(|(field, counts)| {
        let whole = counts.values().sum();
        let of = |state: &&str| counts.get(*state).copied().unwrap_or(0);
        FieldStates {
            field: words(field),
            states: STATES.iter().map(|s| (thousands(of(s)), Bar::new(share(of(s), whole)))).collect(),
        }
    });
    let sql = "SELECT field, reason, min(question) AS question, count(*) AS n FROM contact_prompts GROUP BY field, reason ORDER BY n DESC, field, reason";
    let prompts = data.rows(&["contact_prompts"], sql).await?;
    let stale = stale(data).await?;
    let sql = "SELECT * FROM freshness WHERE state = 'stale' ORDER BY cluster_id, field";
    Ok(Fresh {
        state_words: STATES.iter().map(|s| data.word(s)).collect(),
        fields: fields.collect(),
        prompts: prompts
            .iter()
            .map(|r| PromptCount {
                field: words(&r.string("field")),
                reason: data.word(&r.string("reason")),
                question: Value::new(r.text("question").unwrap_or_default()),
                customers: thousands(r.count("n")),
            })
            .collect(),
        sample: data.sample(stale.len(), stale_total, "stale values", sql),
        stale,
    })
}

/// Some stale values of each field: those of customers who bought last, as these are worth a question most.
async fn stale(data: &Data<'_>) -> Result<Vec<Stale>> {
    let sql = format!(
        "SELECT * FROM (SELECT f.*, row_number() OVER (PARTITION BY f.field ORDER BY g.last_purchase DESC NULLS LAST, f.cluster_id) AS place \
         FROM freshness f JOIN golden g ON f.cluster_id = g.cluster_id WHERE f.state = 'stale' AND g.kind = 'customer') \
         ORDER BY place, field LIMIT {}",
        data.samples * 3 / 5
    );
    let mut chosen = data.rows(&["freshness", "golden"], &sql).await?;
    chosen.sort_by_key(|r| (r.string("field"), r.integer("place")));
    let clusters: BTreeSet<i64> = chosen.iter().filter_map(|r| r.integer("cluster_id")).collect();
    let mut wanted: BTreeSet<String> = chosen.iter().map(|r| r.string("field")).collect();
    wanted.extend(["given_name", "family_name", "address"].map(String::from));
    wanted.retain(|c| data.has_column("golden", c));
    let columns: Vec<String> = wanted.iter().map(|c| quoted_name(c)).collect();
    let select = std::iter::once("cluster_id".to_string()).chain(columns).collect::<Vec<_>>().join(", ");
    let golden = data.rows_at("golden", &select, "cluster_id", &clusters).await?;
    let golden: BTreeMap<i64, crate::rows::Row> =
        golden.into_iter().filter_map(|r| Some((r.integer("cluster_id")?, r))).collect();
    let held = |row: &crate::rows::Row| {
        let golden = row.integer("cluster_id").and_then(|c| golden.get(&c));
        let text = |column: &str| golden.and_then(|g| g.text(column)).unwrap_or_default().to_string();
        let name = format!("{} {}", text("given_name"), text("family_name"));
        (Value::new(name.trim()), Value::new(&text(&row.string("field"))))
    };
    let one = |row: &crate::rows::Row| {
        let (name, value) = held(row);
        Stale {
            golden_id: row.string("golden_id"),
            name,
            value,
            field: words(&row.string("field")),
            reason: data.word(&row.string("reason")),
            since: row.string("since"),
            currentness: row.number("currentness").map_or_else(|| "–".into(), percent),
        }
    };
    Ok(chosen.iter().map(one).collect())
}
