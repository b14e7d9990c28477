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
    // Seen from the ids of the last run: where did their rows go?
    let sql = format!(
        "SELECT sum(CASE WHEN today = 0 THEN 1 ELSE 0 END) AS gone, sum(CASE WHEN today > 0 AND kept = 0 THEN 1 ELSE 0 END) AS merged, \
         sum(CASE WHEN today > 1 THEN 1 ELSE 0 END) AS split FROM (SELECT l.golden_id, count(DISTINCT t.golden_id) AS today, \
         sum(CASE WHEN t.golden_id = l.golden_id THEN 1 ELSE 0 END) AS kept FROM {} l LEFT JOIN {} t \
         ON t.source = l.source AND t.source_key = l.source_key GROUP BY l.golden_id)",
        of("last_crosswalk"),
        of("crosswalk")
    );
    let before = data.rows(&needs, &sql).await?;
    let sql = "SELECT sum(CASE WHEN l.golden_id IS NULL THEN 1 ELSE 0 END) AS made, sum(CASE WHEN g.records > l.records THEN 1 ELSE 0 END) AS grown, \
        sum(CASE WHEN g.records < l.records THEN 1 ELSE 0 END) AS shrunk FROM golden g LEFT JOIN last_golden l ON g.golden_id = l.golden_id";
    let after = data.rows(&["golden", "last_golden"], sql).await?;
    let id = |rows: &[crate::rows::Row], name: &str| thousands(rows.first().map_or(0, |r| r.count(name)));
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
            change("Created", "golden ids that are new", id(&after, "made")),
            change("Grown", "golden records with more rows than before", id(&after, "grown")),
            change("Shrunk", "golden records with fewer rows than before", id(&after, "shrunk")),
            change("Merged", "golden ids whose rows now all belong to others", id(&before, "merged")),
            change("Split", "golden ids whose rows now belong to several", id(&before, "split")),
            change("Retired", "golden ids none of whose rows is left", id(&before, "gone")),
        ],
    })
}
