//! `fixtures/cases/<name>/{rules,input}` run to the end and give `expected/*.txt`.
//! `UPDATE_EXPECTED=1` writes what came out; read the difference before you keep it.

use crate::harness::{Job, lines, root};

/// What each case shows: file, then the query whose rows it holds.
const SHOWN: &[(&str, &str)] = &[
    (
        "crosswalk.txt",
        "SELECT c.source, c.source_key, c.kind, c.status, g.n FROM crosswalk c LEFT JOIN \
         (SELECT golden_id, dense_rank() OVER (ORDER BY cluster_id) AS n FROM golden) g ON c.golden_id = g.golden_id ORDER BY c.record_id",
    ),
    ("quarantine.txt", "SELECT source, file, line, \"column\", reason FROM quarantine ORDER BY source, file, line"),
    (
        "golden_fields.txt",
        "SELECT g.n, f.field, CASE WHEN f.winner THEN 'wins' ELSE 'loses' END, f.value, f.verdict, f.reason, f.strategy, f.source, f.source_key \
         FROM golden_fields f JOIN (SELECT golden_id, dense_rank() OVER (ORDER BY cluster_id) AS n FROM golden) g ON f.golden_id = g.golden_id \
         ORDER BY g.n, f.field, f.winner DESC, f.value",
    ),
    (
        "permissions.txt",
        "SELECT g.n, p.channel, p.purpose, p.allowed, p.since, p.evidence, p.reason FROM permissions p JOIN \
         (SELECT golden_id, dense_rank() OVER (ORDER BY cluster_id) AS n FROM golden) g ON p.golden_id = g.golden_id ORDER BY g.n, p.channel, p.purpose",
    ),
    (
        "contact_profiles.txt",
        "SELECT field, value, records, people, families, class, evidence FROM contact_profiles ORDER BY field, value",
    ),
    (
        "households.txt",
        "SELECT d.h, g.n, h.kind, h.members, h.adults, h.children, h.age_group, h.role, h.evidence, h.surname, h.address FROM households h \
         JOIN (SELECT golden_id, dense_rank() OVER (ORDER BY cluster_id) AS n FROM golden) g ON h.golden_id = g.golden_id \
         JOIN (SELECT household_id, dense_rank() OVER (ORDER BY household_id) AS h FROM (SELECT DISTINCT household_id FROM households)) d \
         ON h.household_id = d.household_id ORDER BY d.h, g.n",
    ),
    (
        "contact_prompts.txt",
        "SELECT g.n, p.rank, p.field, p.reason, p.value, p.channel, p.channels FROM contact_prompts p JOIN \
         (SELECT golden_id, dense_rank() OVER (ORDER BY cluster_id) AS n FROM golden) g ON p.golden_id = g.golden_id ORDER BY g.n, p.rank",
    ),
    (
        "attributes.txt",
        "SELECT g.n, a.group_name, a.field, a.value, a.origin, a.source, a.updated_at, a.until, a.state FROM attributes a JOIN \
         (SELECT golden_id, dense_rank() OVER (ORDER BY cluster_id) AS n FROM golden) g ON a.golden_id = g.golden_id \
         ORDER BY g.n, a.group_name, a.field",
    ),
    ("profile_links.txt", "SELECT source, source_key, status, linked_on FROM profile_links ORDER BY record_id"),
];

fn case(name: &str) {
    let folder = root().join("fixtures/cases").join(name);
    let out = tempfile::tempdir().unwrap();
    let summary = Job::new(&folder.join("rules"), Some(&folder.join("input")), out.path()).go().unwrap();
    assert_eq!(summary.rows_in, summary.rows_crosswalk + summary.rows_quarantine, "rows are unaccounted for");
    assert!(summary.published);
    let expected = folder.join("expected");
    for (file, sql) in SHOWN {
        let found = lines(out.path(), &summary.run, sql).join("\n") + "\n";
        let path = expected.join(file);
        // Only one case has questions and groups.
        if found.trim().is_empty() && !path.exists() {
            continue;
        }
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::create_dir_all(&expected).unwrap();
            std::fs::write(&path, &found).unwrap();
        }
        let wanted = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(found, wanted, "{name}: {file}");
    }
}

#[test]
fn bad_rows() {
    case("bad_rows");
}

#[test]
fn cyrillic_and_latin() {
    case("cyrillic_and_latin");
}

#[test]
fn household() {
    case("household");
}

#[test]
fn moved_and_married() {
    case("moved_and_married");
}

#[test]
fn profiles_and_permissions() {
    case("profiles_and_permissions");
}

#[test]
fn shared_contacts() {
    case("shared_contacts");
}
