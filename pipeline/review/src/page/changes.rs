//! Section: what is different from the run published last: rows that came and went, golden records that are
//! new, grown, merged into another, split or gone.

use crate::data::Data;
use crate::text::thousands;
use zlato_engine::error::Result;

#[derive(Debug, Clone)]
pub struct Change {
    pub what: &'static str,
    pub meaning: &'static str,
    pub n: String,
}

/// None when nothing was published before.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    pub since: Option<String>,
    pub rows: Vec<Change>,
    pub golden: Vec<Change>,
}

pub async fn fill(data: &Data<'_>) -> Result<Changes> {
    let Some(last) = data.last.filter(|_| data.has("last_crosswalk") && data.has("crosswalk")) else {
        return Ok(Changes::default());
    };
    let of = |table: &str| format!("(SELECT source, source_key, golden_id FROM {table} WHERE status = 'member')");
    let both = format!(
        "{} t FULL JOIN {} l ON t.source = l.source AND t.source_key = l.source_key",
        of("crosswalk"),
        of("last_crosswalk")
    );
    let sql = format!(
        "SELECT sum(CASE WHEN l.source IS NULL THEN 1 ELSE 0 END) AS came, sum(CASE WHEN t.source IS NULL THEN 1 ELSE 0 END) AS went, \
         sum(CASE WHEN t.golden_id = l.golden_id THEN 1 ELSE 0 END) AS stayed, sum(CASE WHEN t.golden_id <> l.golden_id THEN 1 ELSE 0 END) AS moved FROM {both}"
    );
    let needs = ["crosswalk", "last_crosswalk"];
    let rows = data.rows(&needs, &sql).await?;
    let row = |name: &str| thousands(rows.first().map_or(0, |r| r.count(name)));
    let run = data.manifest().run.replace('\'', "''");
    let sql = format!(
        "SELECT event, count(DISTINCT golden_id) AS ids, count(DISTINCT other_golden_id) AS others FROM ledger WHERE run = '{run}' GROUP BY event"
    );
    let events = data.rows(&["ledger"], &sql).await?;
    let of = |event: &str| events.iter().find(|r| r.text("event") == Some(event));
    let ids = |event: &str| thousands(of(event).map_or(0, |r| r.count("ids")));
    let parted = thousands(of("split_from").map_or(0, |r| r.count("others")));
    let change = |what, meaning, n| Change { what, meaning, n };
    Ok(Changes {
        since: Some(last.manifest.run.clone()),
        rows: vec![
            change("Came", "source rows that the last run did not have", row("came")),
            change("Went", "source rows of the last run that no source delivers today", row("went")),
            change("Stayed", "rows that belong to the same golden record as before", row("stayed")),
            change("Moved", "rows that belong to another golden record than before", row("moved")),
        ],
        golden: vec![
            change("Created", "golden ids that are new", ids("created")),
            change(
                "Revived",
                "merged or retired ids whose rows are a golden record of their own again",
                ids("revived"),
            ),
            change("Grown", "golden records to which rows have come", ids("grown")),
            change("Shrunk", "golden records from which rows have gone", ids("shrunk")),
            change("Merged", "golden ids whose rows now all belong to others", ids("merged_into")),
            change("Split", "golden ids that live on, with rows that now belong to others", parted),
            change("Retired", "golden ids none of whose rows is left", ids("retired")),
        ],
    })
}
