//! `crosswalk`: every kept input row, whatever its kind, with the golden record it belongs to if any.
//! Never here: rows that were rejected.

use super::super::parts::write_query;
use crate::context::Context;
use crate::error::Result;
use crate::tables;

pub async fn write(context: &Context) -> Result<u64> {
    let sql = "SELECT x.source, x.source_key, x.kind, g.golden_id, x.record_id, x.cluster_id, x.status FROM ( \
        SELECT c.source, c.source_key, c.kind, c.record_id, k.cluster_id, 'member' AS status \
          FROM contacts c JOIN clusters k ON c.record_id = k.record_id \
        UNION ALL SELECT source, source_key, 'profile' AS kind, record_id, cluster_id, status FROM profile_links \
        UNION ALL SELECT e.source, e.source_key, 'event' AS kind, e.record_id, l.cluster_id, \
          CASE WHEN l.cluster_id IS NULL THEN 'unlinked' ELSE 'linked' END AS status \
          FROM event_contacts e JOIN event_links l ON e.record_id = l.record_id \
        ) x LEFT JOIN golden g ON x.cluster_id = g.cluster_id ORDER BY x.record_id";
    let table = context.store.begin(tables::CROSSWALK, tables::crosswalk())?;
    write_query(context, &table, sql).await?;
    table.finish()
}
