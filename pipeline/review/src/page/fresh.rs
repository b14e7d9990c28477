//! Section: how current the golden values are, field by field, and what to ask customers next time.

use crate::components::{Bar, Sample, Value, Word};
use crate::data::{Data, texts};
use crate::text::{percent, share, thousands, words};
use std::collections::{BTreeMap, BTreeSet};
use zlato_core::prompts::INBOUND;
use zlato_engine::error::Result;
use zlato_engine::tally::By;

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
    /// How many may be asked by each of [`CHANNELS`].
    pub channels: Vec<String>,
}

/// A question worth more than others.
#[derive(Debug, Clone)]
pub struct Prompt {
    pub golden_id: String,
    pub name: Value,
    pub question: Value,
    pub reason: Word,
    pub value: String,
    pub channel: Word,
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
    pub channel_words: Vec<Word>,
    pub best: Vec<Prompt>,
    pub best_sample: Sample,
    pub stale: Vec<Stale>,
    pub sample: Sample,
}

const CHANNELS: [&str; 5] = ["email", "sms", "phone", "post", INBOUND];

const STATES: [&str; 4] = ["fresh", "ageing", "stale", "unknown"];

pub async fn fill(data: &Data<'_>) -> Result<Fresh> {
    let by = [By::value("field"), By::value("state")];
    let mut counts: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for (combination, n) in data.tally("freshness", &[&by]).await?.into_iter().flatten() {
        let [field, state] = texts(&combination);
        *counts.entry(field).or_default().entry(state).or_default() += n;
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
    let asked = CHANNELS.map(|c| format!("count(CASE WHEN channel = '{c}' THEN 1 END) AS {c}")).join(", ");
    let sql = format!(
        "SELECT field, reason, min(question) AS question, count(*) AS n, {asked} FROM contact_prompts \
         GROUP BY field, reason ORDER BY n DESC, field, reason"
    );
    let prompts = data.rows(&["contact_prompts"], &sql).await?;
    let asked = prompts.iter().map(|row| row.count("n")).sum();
    let best = best(data).await?;
    let all = "SELECT * FROM contact_prompts ORDER BY value DESC, cluster_id, rank";
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
                channels: CHANNELS.iter().map(|c| thousands(r.count(c))).collect(),
            })
            .collect(),
        channel_words: CHANNELS.iter().map(|c| data.word(c)).collect(),
        best_sample: data.sample(best.len(), asked, "questions", all),
        best,
        sample: data.sample(stale.len(), stale_total, "stale values", sql),
        stale,
    })
}

/// The most valuable questions, of customers who bought last first.
async fn best(data: &Data<'_>) -> Result<Vec<Prompt>> {
    let shown = data.samples * 2 / 5;
    // Questions worth less than so many others cannot be among them.
    let least = format!("SELECT value FROM contact_prompts ORDER BY value DESC LIMIT {shown}");
    let least = data.rows(&["contact_prompts"], &least).await?.last().and_then(|row| row.number("value"));
    let least = least.map_or_else(String::new, |least| format!("WHERE p.value >= {least:?} OR p.value IS NULL"));
    let sql = format!(
        "SELECT p.* FROM contact_prompts p JOIN golden g ON p.cluster_id = g.cluster_id {least} \
         ORDER BY p.value DESC, g.last_purchase DESC NULLS LAST, p.cluster_id, p.rank LIMIT {shown}"
    );
    let chosen = data.rows(&["contact_prompts", "golden"], &sql).await?;
    let clusters: BTreeSet<i64> = chosen.iter().filter_map(|r| r.integer("cluster_id")).collect();
    let wanted = ["cluster_id", "given_name", "family_name"];
    let golden = data.rows_at("golden", &wanted, "cluster_id", &clusters).await?;
    let names: BTreeMap<Option<i64>, String> = (golden.iter())
        .map(|r| (r.integer("cluster_id"), format!("{} {}", r.string("given_name"), r.string("family_name"))))
        .collect();
    let one = |row: &crate::rows::Row| Prompt {
        golden_id: row.string("golden_id"),
        name: Value::new(names.get(&row.integer("cluster_id")).map_or("", |name| name.trim())),
        question: Value::new(row.text("question").unwrap_or_default()),
        reason: data.word(&row.string("reason")),
        value: row.number("value").map_or_else(|| "–".into(), |value| format!("{value:.2}")),
        channel: data.word(&row.string("channel")),
    };
    Ok(chosen.iter().map(one).collect())
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
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).chain(["cluster_id"]).collect();
    let golden = data.rows_at("golden", &wanted, "cluster_id", &clusters).await?;
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
