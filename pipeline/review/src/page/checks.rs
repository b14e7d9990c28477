//! Section: the checks of the gate, those that fired first.

use crate::components::Word;
use crate::data::Data;
use crate::text::{plain, words};
use zlato_engine::error::Result;

#[derive(Debug, Clone)]
pub struct Check {
    pub name: String,
    pub result: Word,
    pub value: String,
    pub warn: String,
    pub stop: String,
    pub description: String,
}

#[derive(Debug, Clone, Default)]
pub struct Checks {
    pub checks: Vec<Check>,
    pub stopped: bool,
    pub fired: usize,
}

pub async fn fill(data: &Data<'_>) -> Result<Checks> {
    let sql = "SELECT * FROM gate ORDER BY CASE result WHEN 'stop' THEN 0 WHEN 'warn' THEN 1 ELSE 2 END, \"check\"";
    let rows = data.rows(&["gate"], sql).await?;
    let checks = rows.iter().map(|row| Check {
        name: words(&row.string("check")),
        result: data.word(&row.string("result")),
        value: row.number("value").map_or_else(|| "no finding".into(), plain),
        warn: row.string("warn"),
        stop: row.string("stop"),
        description: row.string("description"),
    });
    Ok(Checks {
        checks: checks.collect(),
        stopped: data.manifest().gate.stopped(),
        fired: rows.iter().filter(|row| row.text("result") != Some("pass")).count(),
    })
}
