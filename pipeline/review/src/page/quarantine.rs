//! Section: the rows that could not be kept: how many per source and reason, and rows as they were, some of
//! every reason before more of one.

use crate::components::{Sample, Value, Word};
use crate::data::Data;
use crate::text::thousands;
use zlato_engine::error::Result;

#[derive(Debug, Clone)]
pub struct ReasonCount {
    pub source: String,
    pub reason: Word,
    pub meaning: &'static str,
    pub rows: String,
}

#[derive(Debug, Clone)]
pub struct Rejected {
    pub source: String,
    pub file: Value,
    pub line: String,
    pub column: String,
    pub reason: Word,
    pub detail: Value,
    pub raw: Value,
}

#[derive(Debug, Clone, Default)]
pub struct Quarantine {
    pub reasons: Vec<ReasonCount>,
    pub rows: Vec<Rejected>,
    pub sample: Sample,
}

/// Rows shown at most, and characters of a row as it was.
const ROWS: usize = 200;
const RAW: usize = 400;

pub async fn fill(data: &Data<'_>) -> Result<Quarantine> {
    let sql =
        "SELECT source, reason, count(*) AS n FROM quarantine GROUP BY source, reason ORDER BY n DESC, source, reason";
    let reasons = data.rows(&["quarantine"], sql).await?;
    let total = reasons.iter().map(|r| r.count("n")).sum();
    let sql = format!(
        "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY source, reason ORDER BY file, line) AS place FROM quarantine) \
         ORDER BY place, source, reason LIMIT {ROWS}"
    );
    let mut rows = if total == 0 { vec![] } else { data.rows(&["quarantine"], &sql).await? };
    rows.sort_by_key(|r| (r.string("source"), r.string("file"), r.integer("line")));
    let rows: Vec<Rejected> = rows
        .iter()
        .map(|r| Rejected {
            source: r.string("source"),
            file: Value::new(r.text("file").unwrap_or_default()),
            line: r.count("line").to_string(),
            column: r.integer("column").map_or_else(String::new, |c| c.to_string()),
            reason: data.word(&r.string("reason")),
            detail: Value::long(r.text("detail").unwrap_or_default(), RAW),
            raw: Value::long(r.text("raw").unwrap_or_default(), RAW),
        })
        .collect();
    Ok(Quarantine {
        reasons: reasons
            .iter()
            .map(|r| ReasonCount {
                source: r.string("source"),
                reason: data.word(&r.string("reason")),
                meaning: crate::words::meaning(&r.string("reason")).unwrap_or(""),
                rows: thousands(r.count("n")),
            })
            .collect(),
        sample: data.sample(
            rows.len(),
            total,
            "quarantined rows",
            "SELECT * FROM quarantine ORDER BY source, file, line",
        ),
        rows,
    })
}
