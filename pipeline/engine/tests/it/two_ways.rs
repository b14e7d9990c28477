//! What is counted on the way is what SQL finds in the tables: crosswalk, vendors and the measures of lineage. And a stage
//! that runs out of memory is done once more in less.

use crate::harness::{Job, NoReport, lines, root};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use zlato_engine::context::Context;
use zlato_engine::error::{Error, Result};
use zlato_engine::run::Reporter;

/// Of the sample, whose events, profiles and freshness rules are the shipped ones.
#[test]
fn counted_on_the_way_and_found_by_sql() {
    let folder = tempfile::tempdir().unwrap();
    let summary = Job::sample(folder.path()).go().unwrap();
    let found = |sql: &str| lines(folder.path(), &summary.run, sql);

    let crosswalk = found(
        "SELECT source, source_key, kind, golden_id, record_id, cluster_id, status FROM crosswalk ORDER BY record_id",
    );
    let joined = found(
        "SELECT x.source, x.source_key, x.kind, g.golden_id, x.record_id, x.cluster_id, x.status FROM ( \
         SELECT c.source, c.source_key, c.kind, c.record_id, k.cluster_id, 'member' AS status \
           FROM contacts c JOIN clusters k ON c.record_id = k.record_id \
         UNION ALL SELECT source, source_key, 'profile', record_id, cluster_id, status FROM profile_links \
         UNION ALL SELECT e.source, e.source_key, 'event', e.record_id, l.cluster_id, \
           CASE WHEN l.cluster_id IS NULL THEN 'unlinked' ELSE 'linked' END \
           FROM event_contacts e JOIN event_links l ON e.record_id = l.record_id \
         ) x LEFT JOIN golden g ON x.cluster_id = g.cluster_id ORDER BY x.record_id",
    );
    assert_eq!(crosswalk.len() as u64, summary.rows_crosswalk);
    assert!(crosswalk == joined, "the crosswalk is not what its tables say");

    let own = "SELECT cluster_id, field, lower(btrim(value)) AS v FROM golden_fields \
               WHERE verdict <> 'invalid' AND (reason IS NULL OR reason <> 'filled_from_profile')";
    let vendors = found(
        "SELECT source, field, \"use\", offered, filled, agrees, conflicts, others_agree, others_differ FROM vendors \
         WHERE field IS NOT NULL ORDER BY source, field, \"use\"",
    );
    let joined = found(&format!(
        "SELECT o.source, o.field, o.mode, count(*), count(w.cluster_id), count(e.cluster_id), \
           count(CASE WHEN f.cluster_id IS NOT NULL AND e.cluster_id IS NULL THEN 1 END), \
           count(CASE WHEN x.vendors > 1 AND x.least = x.most THEN 1 END), \
           count(CASE WHEN x.vendors > 1 AND x.least <> x.most THEN 1 END) \
         FROM (SELECT cluster_id, source, field, \"use\" AS mode, lower(btrim(value)) AS v FROM profiles) o \
         JOIN (SELECT cluster_id, field, min(lower(btrim(value))) AS least, max(lower(btrim(value))) AS most, \
               count(DISTINCT source) AS vendors FROM profiles GROUP BY cluster_id, field) x \
           ON o.cluster_id = x.cluster_id AND o.field = x.field \
         LEFT JOIN (SELECT DISTINCT cluster_id, field FROM ({own})) f ON o.cluster_id = f.cluster_id AND o.field = f.field \
         LEFT JOIN (SELECT DISTINCT cluster_id, field, v FROM ({own})) e \
           ON o.cluster_id = e.cluster_id AND o.field = e.field AND o.v = e.v \
         LEFT JOIN (SELECT DISTINCT cluster_id, field, source, lower(btrim(value)) AS v FROM golden_fields \
               WHERE winner AND reason = 'filled_from_profile') w \
           ON o.cluster_id = w.cluster_id AND o.field = w.field AND o.source = w.source AND o.v = w.v \
         GROUP BY o.source, o.field, o.mode ORDER BY o.source, o.field, o.mode"
    ));
    assert!(vendors.len() > 5, "the sample has profiles");
    assert_eq!(vendors, joined);

    let measured = |stage: &str, dimension: &str, sources: &str| {
        found(&format!(
            "SELECT source, field, value, measured FROM scorecard WHERE stage = '{stage}' AND dimension = '{dimension}' \
             AND source IS {sources} AND field <> 'record' ORDER BY source, field"
        ))
    };
    let share = "CAST(good AS DOUBLE) / n AS value, n FROM";
    assert_eq!(
        measured("source", "consistency", "NOT NULL"),
        found(&format!(
            "SELECT source, field, {share} (SELECT source, field, count(*) AS n, count(CASE WHEN winner THEN 1 END) AS good \
             FROM golden_fields WHERE verdict <> 'invalid' GROUP BY source, field) ORDER BY source, field"
        ))
    );
    assert_eq!(
        measured("golden", "accuracy", "NULL"),
        found(&format!(
            "SELECT CAST(NULL AS VARCHAR) AS source, field, {share} (SELECT field, count(*) AS n, \
             count(CASE WHEN verdict IN ('valid', 'corrected') THEN 1 END) AS good FROM golden_fields WHERE winner GROUP BY field) \
             ORDER BY field"
        ))
    );
    assert_eq!(
        measured("golden", "consistency", "NULL"),
        found(&format!(
            "SELECT CAST(NULL AS VARCHAR) AS source, field, {share} (SELECT field, count(*) AS n, \
             count(CASE WHEN k = 1 THEN 1 END) AS good FROM (SELECT golden_id, field, count(*) AS k FROM golden_fields \
             WHERE verdict <> 'invalid' GROUP BY golden_id, field) GROUP BY field) ORDER BY field"
        ))
    );
    assert_eq!(
        measured("source", "currentness", "NOT NULL").iter().filter(|line| line.contains("email")).count(),
        found("SELECT DISTINCT source FROM golden_fields WHERE field = 'email' AND verdict <> 'invalid'").len()
    );
}

/// A report that runs out of memory so many times.
struct Greedy(AtomicUsize);

impl Reporter for Greedy {
    fn write<'a>(&'a self, context: &'a Context) -> Pin<Box<dyn Future<Output = Result<String>> + Send + 'a>> {
        let fails = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
        if fails { Box::pin(async { Err(Error::Memory) }) } else { NoReport.write(context) }
    }
}

#[test]
fn a_stage_without_memory_is_tried_once_more() {
    let folder = tempfile::tempdir().unwrap();
    let case = root().join("fixtures/cases/household");
    let job = |out: &str| Job::new(&case.join("rules"), Some(&case.join("input")), &folder.path().join(out));
    let summary = job("once").reported_by(&Greedy(AtomicUsize::new(1))).unwrap();
    assert!(summary.published, "the second try counts");
    let error = job("twice").reported_by(&Greedy(AtomicUsize::new(2))).unwrap_err();
    assert!(matches!(error, Error::Memory));
    // Its stages are kept, and the run goes on where it stopped.
    let resumed = job("twice").resume().go().unwrap();
    assert!(resumed.published && resumed.run == summary.run);
}
