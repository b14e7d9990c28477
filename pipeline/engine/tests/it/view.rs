//! What is asked of customers, and the view of them in groups: over the sample, whatever its rows are.

use crate::harness::{Job, limits, lines, runtime};
use zlato_engine::inspect::told::told;
use zlato_engine::run::Stage;

#[test]
fn questions_respect_permission_and_groups_their_shelf_life() {
    let out = tempfile::tempdir().unwrap();
    let run = Job::sample(out.path()).until(Stage::Freshness).go().unwrap().run;
    let count = |sql: &str| lines(out.path(), &run, sql)[0].parse::<u64>().unwrap();
    let asked = count("SELECT count(*) FROM contact_prompts");
    assert!(asked > 500, "{asked} questions");
    for field in ["email", "phone", "address", "birth_date", "preferred_hour", "preferred_language"] {
        let some = format!("SELECT count(*) FROM contact_prompts WHERE field = '{field}'");
        assert!(count(&some) > 0, "nobody is asked for {field}");
    }
    for channel in ["email", "post", "phone", "inbound"] {
        let some = format!("SELECT count(*) FROM contact_prompts WHERE channel = '{channel}'");
        assert!(count(&some) > 0, "nobody is asked by {channel}");
    }
    let never = [
        (
            "a prospect",
            "SELECT count(*) FROM contact_prompts p JOIN golden g ON p.golden_id = g.golden_id WHERE g.kind <> 'customer'",
        ),
        (
            "by a channel that is not permitted",
            "SELECT count(*) FROM contact_prompts p JOIN permissions m ON p.golden_id = m.golden_id AND p.channel = m.channel \
             WHERE m.purpose = 'dpv:CustomerRelationshipManagement' AND NOT m.allowed",
        ),
        (
            "by a contact that is dead or stale",
            "SELECT count(*) FROM contact_prompts p JOIN freshness f ON p.golden_id = f.golden_id WHERE f.state IN ('stale', 'unknown') \
             AND f.field = CASE p.channel WHEN 'email' THEN 'email' WHEN 'post' THEN 'address' WHEN 'inbound' THEN '' ELSE 'phone' END",
        ),
        (
            "about what is fresh",
            "SELECT count(*) FROM contact_prompts p JOIN freshness f ON p.golden_id = f.golden_id AND p.field = f.field \
             WHERE f.state = 'fresh' AND p.reason NOT IN ('missing', 'used_by_many')",
        ),
        (
            "for what is known",
            "SELECT count(*) FROM contact_prompts p JOIN golden g ON p.golden_id = g.golden_id WHERE p.field = 'birth_date' AND g.birth_date IS NOT NULL",
        ),
        (
            "too much",
            "SELECT count(*) FROM (SELECT golden_id FROM contact_prompts GROUP BY golden_id HAVING count(*) > 3 OR count(*) <> max(rank) OR min(value) < 0.4)",
        ),
        (
            "in the wrong order",
            "SELECT count(*) FROM contact_prompts a JOIN contact_prompts b ON a.golden_id = b.golden_id AND a.rank < b.rank WHERE a.value < b.value",
        ),
    ];
    for (what, sql) in never {
        assert_eq!(count(sql), 0, "asked {what}");
    }

    for group in ["demographic", "transactional", "complaints", "household", "environment", "interests"] {
        let some = format!("SELECT count(value) FROM attributes WHERE group_name = '{group}'");
        assert!(count(&some) > 0, "the group {group} is empty");
    }
    assert!(count("SELECT count(*) FROM attributes WHERE state = 'expired'") > 0);
    let never = [
        "SELECT count(*) FROM attributes WHERE (value IS NULL) <> (coalesce(state = 'expired' OR (state = 'unknown' AND until IS NULL AND group_name IN ('household', 'interests')), false))",
        "SELECT count(*) FROM attributes WHERE value IS NOT NULL AND until < '2026-11-01'",
        "SELECT count(*) FROM attributes a JOIN golden g ON a.golden_id = g.golden_id WHERE a.kind <> g.kind",
        // No event of the sample is of tomorrow: what the groups count is what golden records sum up.
        "SELECT count(*) FROM attributes a JOIN golden g ON a.golden_id = g.golden_id WHERE a.field = 'frequency' AND a.value <> CAST(g.purchases AS VARCHAR)",
        "SELECT count(*) FROM attributes a JOIN golden g ON a.golden_id = g.golden_id WHERE a.field = 'monetary' AND abs(CAST(a.value AS DOUBLE) - g.purchase_amount) > 0.006",
        "SELECT count(*) FROM attributes a JOIN golden g ON a.golden_id = g.golden_id WHERE a.field = 'last_purchase' AND a.value <> substr(g.last_purchase, 1, 10)",
        "SELECT count(*) FROM golden g WHERE g.purchases > 0 AND NOT EXISTS (SELECT 1 FROM attributes a WHERE a.golden_id = g.golden_id AND a.field = 'recency_days')",
    ];
    for sql in never {
        assert_eq!(count(sql), 0, "{sql}");
    }

    let ids = "SELECT p.golden_id FROM contact_prompts p JOIN attributes a ON p.golden_id = a.golden_id \
               WHERE p.rank = 2 AND a.field = 'frequency' ORDER BY p.golden_id LIMIT 1";
    let id = &lines(out.path(), &run, ids)[0];
    let said = runtime().block_on(told(out.path(), Some(&run), id, limits(1))).unwrap();
    assert!(said.prompts.len() >= 2 && said.attributes.iter().any(|a| a.group == "transactional"), "{said:?}");
    let fields: Vec<&str> = said.claims.iter().filter(|c| c.winner).map(|c| c.field.as_str()).collect();
    assert!(fields.windows(2).all(|pair| pair[0] < pair[1]) && fields.contains(&"family_name"), "{fields:?}");
    let nobody = runtime().block_on(told(out.path(), Some(&run), "ZNOBODY", limits(1))).unwrap_err();
    assert!(nobody.to_string().contains("ZNOBODY") && nobody.help().is_some());
}
