//! The page over made tables: hostile values stay text, an empty run has a page too, and the page keeps
//! what readers by keyboard and by ear rely on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use zlato_core::matching::model::Model;
use zlato_core::rules::Rules;
use zlato_engine::catalog::Catalog;
use zlato_engine::manifest::{GateResult, Manifest, SourceAccount, StageRecord};
use zlato_engine::match_view;
use zlato_engine::progress::Cancel;
use zlato_engine::run::Stage;
use zlato_engine::session::Limits;
use zlato_engine::store::Store;
use zlato_engine::tables;
use zlato_review::data::{Data, Last};

/// Values of one row by column; columns not named are null.
type Cells<'a> = &'a [(&'a str, &'a str)];

const SCRIPT: &str = "<script>alert('owned')</script>";
const QUOTES: &str = "\" onmouseover=\"alert(1)\" x='";
const RIGHT_TO_LEFT: &str = "Ana \u{202e}gnp.exe שלום";

fn rules() -> Rules {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    zlato_engine::rulebook::load(&folder).unwrap().rules
}

/// A model that fits the shipped rules.
fn model(rules: &Rules) -> Model {
    let mut text = String::from("prior = 0.001\n");
    for comparison in &rules.matching.comparison {
        let labels = comparison.levels.iter().map(|l| zlato_core::matching::levels::label(l.get_ref()));
        let labels: Vec<String> = labels.chain(["else".to_string()]).collect();
        text.push_str(&format!("[[comparison]]\nname = \"{}\"\nlevels = [\n", comparison.name.get_ref()));
        for (i, label) in labels.iter().enumerate() {
            let (m, u) = if i == 0 { (0.9, 0.01) } else { (0.1 / labels.len() as f64, 0.99 / labels.len() as f64) };
            text.push_str(&format!("  {{ label = \"{label}\", m = {m}, u = {u} }},\n"));
        }
        text.push_str("]\n");
    }
    Model::from_toml(&text).unwrap()
}

fn manifest() -> Manifest {
    Manifest {
        run: "2026-11-01-001".into(),
        version: "0.1.0".into(),
        as_of: "2026-11-01".into(),
        started_at: "2026-11-01T02:00:00Z".into(),
        rules: "rules".into(),
        rules_hash: "0123456789abcdef".into(),
        model_hash: None,
        mail_domains_hash: None,
        fingerprint: String::new(),
        inputs: vec![],
        stages: vec![],
        account: vec![],
        gate: GateResult::Pass,
        report: None,
        previous: None,
        published: false,
        erasures: vec![],
    }
}

fn schemas(rules: &Rules) -> BTreeMap<&'static str, SchemaRef> {
    let fields = rules.mapped_fields();
    BTreeMap::from([
        (tables::QUARANTINE, tables::quarantine()),
        (tables::CONTACTS, match_view::contacts(&fields)),
        (tables::ADDRESSES, match_view::addresses(&fields)),
        (tables::CONTACT_PROFILES, tables::contact_profiles()),
        (tables::PAIRS, tables::pairs()),
        (tables::BLOCKS, tables::blocks()),
        (tables::SCORES, tables::scores()),
        (tables::CLUSTERS, tables::clusters()),
        (tables::REVIEW, tables::review()),
        (tables::PROFILE_LINKS, tables::profile_links()),
        (tables::PROFILES, tables::profiles()),
        (tables::GOLDEN, match_view::golden(&match_view::golden_fields(rules))),
        (tables::GOLDEN_FIELDS, tables::golden_fields()),
        (tables::CROSSWALK, tables::crosswalk()),
        (tables::PERMISSIONS, tables::permissions()),
        (tables::HOUSEHOLDS, tables::households()),
        (tables::LEDGER, tables::ledger()),
        (tables::FRESHNESS, tables::freshness()),
        (tables::CONTACT_PROMPTS, tables::contact_prompts()),
        (tables::ATTRIBUTES, tables::attributes()),
        (tables::SCORECARD, tables::scorecard()),
        (tables::GATE, tables::gate()),
        (tables::SEGMENTATION_READY, tables::segmentation_ready()),
    ])
}

/// Writes rows given as text; the store casts them to the types of the table.
fn write(store: &Store, name: &str, schema: &SchemaRef, rows: &[Cells<'_>]) {
    let texts: Vec<Field> = schema.fields().iter().map(|f| Field::new(f.name(), DataType::Utf8, true)).collect();
    for cells in rows {
        assert!(cells.iter().all(|(c, _)| schema.column_with_name(c).is_some()), "a column of {name} is misspelt");
    }
    let value = |cells: &Cells<'_>, column: &str| cells.iter().find(|(c, _)| *c == column).map(|(_, v)| v.to_string());
    let columns: Vec<ArrayRef> = schema
        .fields()
        .iter()
        .map(|f| Arc::new(rows.iter().map(|cells| value(cells, f.name())).collect::<StringArray>()) as ArrayRef)
        .collect();
    let table = store.begin(name, schema.clone()).unwrap();
    if !rows.is_empty() {
        let mut writer = table.sequence();
        writer.write(&RecordBatch::try_new(Arc::new(Schema::new(texts)), columns).unwrap()).unwrap();
        writer.finish().unwrap();
    }
    table.finish().unwrap();
}

fn store(folder: &Path, rules: &Rules, rows: &BTreeMap<&str, Vec<Cells<'_>>>) -> Store {
    let store = Store::new(folder, Arc::new(Cancel::default()));
    for (name, schema) in schemas(rules) {
        write(&store, name, &schema, rows.get(name).map_or(&[], Vec::as_slice));
    }
    store
}

async fn render(store: Store, folder: &Path, manifest: Manifest, rules: &Rules, last: Option<&Last>) -> String {
    let limits = Limits { memory: 256 << 20, threads: 2 };
    let catalog = Catalog::of(manifest, folder.into(), store, limits).await.unwrap();
    let model = model(rules);
    let data = Data::new(&catalog, rules, Some(&model), last, 25, "out".into()).await.unwrap();
    zlato_review::render(&data).await.unwrap()
}

/// What every page must keep: one `h1`, headings that skip no level, captions, links that lead somewhere.
fn assert_sound(html: &str) {
    assert_eq!(html.matches("<h1>").count(), 1);
    let mut level = 1;
    for (at, _) in html.match_indices("<h") {
        let Some(next) = html.get(at + 2..at + 3).and_then(|d| d.parse::<u32>().ok()) else { continue };
        assert!(next <= level + 1, "heading {next} follows {level}");
        level = next;
    }
    assert_eq!(html.matches("<table").count(), html.matches("<caption>").count());
    assert_eq!(html.matches("<th ").count() + html.matches("<th>").count(), html.matches("<th scope=").count());
    let mut ids: Vec<&str> =
        html.match_indices(" id=\"").map(|(at, _)| html[at + 5..].split('"').next().unwrap()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id stands twice");
    for (at, _) in html.match_indices("href=\"#") {
        let target = html[at + 7..].split('"').next().unwrap();
        assert!(ids.binary_search(&target).is_ok(), "#{target} leads nowhere");
    }
    assert_eq!(html.matches("<script").count(), 1);
    for far in ["http://", "https://", "src=", "url(", "@import"] {
        assert!(!html.contains(far), "the page refers to something outside: {far}");
    }
}

#[tokio::test]
async fn a_run_without_rows_has_a_page_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let rules = rules();
    let store = store(folder.path(), &rules, &BTreeMap::new());
    let html = render(store, folder.path(), manifest(), &rules, None).await;
    assert_sound(&html);
    for sentence in [
        "No two records were merged.",
        "No pair waits for a steward.",
        "No profile source is configured",
        "Every row could be kept.",
    ] {
        assert!(html.contains(sentence), "{sentence}");
    }
}

#[tokio::test]
async fn a_run_without_tables_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("tables")).unwrap();
    let store = Store::new(folder.path(), Arc::new(Cancel::default()));
    assert_sound(&render(store, folder.path(), manifest(), &rules(), None).await);
}

#[tokio::test]
async fn hostile_values_stay_text() {
    let folder = tempfile::tempdir().unwrap();
    let rules = rules();
    let long = "ž".repeat(10_000);
    let record = |id, key, name, email| {
        vec![
            ("record_id", id),
            ("source", "crm"),
            ("source_key", key),
            ("kind", "customer"),
            ("name_raw", name),
            ("given_name_key", name),
            ("name_verdict", "suspect"),
            ("name_reason", SCRIPT),
            ("email", email),
            ("email_raw", email),
            ("email_key", "a@b"),
            ("email_verdict", "valid"),
        ]
    };
    let records = [
        record("1", QUOTES, SCRIPT, "a@b"),
        record("2", SCRIPT, RIGHT_TO_LEFT, QUOTES),
        record("3", "3", &long, "c\0d"),
    ];
    let golden = |cluster, id, records| {
        vec![
            ("golden_id", id),
            ("cluster_id", cluster),
            ("kind", "customer"),
            ("records", records),
            ("sources", "1"),
            ("given_name", SCRIPT),
            ("address", QUOTES),
        ]
    };
    let golden = [golden("1", SCRIPT, "2"), golden("3", QUOTES, "1")];
    let field = |value, winner| {
        vec![
            ("golden_id", SCRIPT),
            ("cluster_id", "1"),
            ("field", "given_name"),
            ("value", value),
            ("verdict", "valid"),
            ("reason", SCRIPT),
            ("winner", winner),
            ("strategy", QUOTES),
            ("confidence", "0.5"),
            ("source", SCRIPT),
            ("source_key", QUOTES),
            ("record_id", "1"),
            ("supporters", "1"),
        ]
    };
    let fields = [field(SCRIPT, "true"), field(long.as_str(), "false"), field(RIGHT_TO_LEFT, "false")];
    fn cells<'a>(rows: &'a [Vec<(&'a str, &'a str)>]) -> Vec<Cells<'a>> {
        rows.iter().map(Vec::as_slice).collect()
    }
    let mut rows: BTreeMap<&str, Vec<Cells<'_>>> = BTreeMap::new();
    rows.insert(tables::CONTACTS, cells(&records));
    rows.insert(tables::GOLDEN, cells(&golden));
    rows.insert(tables::GOLDEN_FIELDS, cells(&fields));
    rows.insert(
        tables::CLUSTERS,
        vec![
            &[("record_id", "1"), ("cluster_id", "1")],
            &[("record_id", "2"), ("cluster_id", "1")],
            &[("record_id", "3"), ("cluster_id", "3")],
        ],
    );
    rows.insert(
        tables::PAIRS,
        vec![
            &[
                ("record_id_l", "1"),
                ("record_id_r", "2"),
                ("rule", SCRIPT),
                ("vector", "17"),
                ("weight", "9"),
                ("tf_adjustment", "1"),
                ("band", "merge"),
            ],
            &[
                ("record_id_l", "2"),
                ("record_id_r", "3"),
                ("rule", QUOTES),
                ("vector", "2"),
                ("weight", "0.3"),
                ("tf_adjustment", "0"),
                ("band", "review"),
            ],
        ],
    );
    let profile = [
        ("field", SCRIPT),
        ("value", "office@example.rs"),
        ("records", "31"),
        ("people", "29"),
        ("families", "27"),
        ("class", "shared"),
        ("evidence", "false"),
    ];
    let kept = [
        ("field", "phone"),
        ("value", "+48000000001"),
        ("records", "3"),
        ("people", "2"),
        ("families", "1"),
        ("class", "household"),
        ("evidence", "true"),
    ];
    rows.insert(tables::CONTACT_PROFILES, vec![&profile, &kept]);
    rows.insert(
        tables::REVIEW,
        vec![&[
            ("record_id_l", "2"),
            ("record_id_r", "3"),
            ("reason", SCRIPT),
            ("weight", "0.3"),
            ("probability", "0.55"),
            ("records", "3"),
        ]],
    );
    rows.insert(
        tables::GATE,
        vec![&[("check", SCRIPT), ("result", QUOTES), ("value", "NaN"), ("description", SCRIPT)]],
    );
    let quarantined: Cells<'_> = &[
        ("source", SCRIPT),
        ("kind", "customer"),
        ("file", QUOTES),
        ("line", "7"),
        ("reason", SCRIPT),
        ("detail", RIGHT_TO_LEFT),
        ("raw", &long),
    ];
    rows.insert(tables::QUARANTINE, vec![quarantined]);
    rows.insert(
        tables::PERMISSIONS,
        vec![&[
            ("golden_id", "a"),
            ("cluster_id", "1"),
            ("channel", SCRIPT),
            ("purpose", QUOTES),
            ("reason", RIGHT_TO_LEFT),
            ("allowed", "true"),
            ("evidence", QUOTES),
        ]],
    );
    rows.insert(
        tables::PROFILE_LINKS,
        vec![&[("record_id", "9"), ("source", SCRIPT), ("source_key", "k"), ("status", QUOTES)]],
    );
    rows.insert(
        tables::FRESHNESS,
        vec![&[
            ("golden_id", SCRIPT),
            ("cluster_id", "1"),
            ("field", "given_name"),
            ("state", "stale"),
            ("reason", SCRIPT),
            ("since", QUOTES),
        ]],
    );
    rows.insert(
        tables::HOUSEHOLDS,
        vec![&[
            ("household_id", "h'h"),
            ("golden_id", SCRIPT),
            ("kind", "prospect"),
            ("members", "2"),
            ("adults", "1"),
            ("children", "0"),
            ("role", RIGHT_TO_LEFT),
            ("evidence", SCRIPT),
            ("address", QUOTES),
        ]],
    );
    let mut manifest = manifest();
    manifest.account = vec![SourceAccount { source: SCRIPT.into(), kind: QUOTES.into(), ..SourceAccount::default() }];
    let stage = StageRecord {
        stage: Stage::Ingest,
        rows: 1,
        again: 0,
        seconds: 0.0,
        cpu_seconds: 0.0,
        peak_memory: 0,
        tables: BTreeMap::from([(SCRIPT.into(), 1)]),
        warnings: vec![SCRIPT.into(), QUOTES.into()],
    };
    manifest.stages = vec![stage];
    let store = store(folder.path(), &rules, &rows);
    let html = render(store, folder.path(), manifest, &rules, None).await;
    assert_sound(&html);
    assert!(html.contains("&#60;script&#62;alert"), "the values are on the page");
    assert!(!html.contains("onmouseover=\""));
    assert!(!html.contains(['\u{202e}', '\0']));
    assert!(!html.contains(&"ž".repeat(401)), "long values are cut");
    assert!(html.contains("[10,000 characters]"));
    assert!(html.contains("does not add up"), "quarantined rows of no known input are noticed");
    assert!(html.contains("Match weight"), "the evidence is drawn");
    assert!(
        html.contains("office@example.rs") && html.contains("<td class=\"n\">29</td>"),
        "shared contacts are listed"
    );
    assert!(!html.contains("+48000000001"), "what a household shares is nobody's fault");
}

#[tokio::test]
async fn numbers_stand_beside_those_of_the_last_run() {
    let (folder, before) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let rules = rules();
    fn golden<'a>(id: &'a str, cluster: &'a str, records: &'a str) -> [(&'a str, &'a str); 5] {
        [("golden_id", id), ("cluster_id", cluster), ("kind", "customer"), ("records", records), ("sources", "1")]
    }
    fn row<'a>(key: &'a str, id: &'a str) -> [(&'a str, &'a str); 6] {
        [
            ("source", "crm"),
            ("source_key", key),
            ("kind", "customer"),
            ("golden_id", id),
            ("record_id", "1"),
            ("status", "member"),
        ]
    }
    let (a, b, merged) = (golden("A", "1", "1"), golden("B", "2", "1"), golden("A", "1", "2"));
    let (x, y, z) = (row("x", "A"), row("y", "B"), row("y", "A"));
    let yesterday = BTreeMap::from([(tables::GOLDEN, vec![&a[..], &b[..]]), (tables::CROSSWALK, vec![&x[..], &y[..]])]);
    fn event<'a>(id: &'a str, event: &'a str, other: &'a str, run: &'a str) -> [(&'a str, &'a str); 9] {
        let numbers = ["night", "rows", "records_before", "records_after"].map(|column| (column, "1"));
        let [night, rows, before, after] = numbers;
        let names = [("golden_id", id), ("event", event), ("other_golden_id", other), ("run", run)];
        let [id, event, other, run] = names;
        [night, rows, before, after, id, event, other, run, ("as_of", "2026-11-01")]
    }
    let (grown, gone) = (event("A", "grown", "", "2026-11-01-001"), event("B", "merged_into", "A", "2026-11-01-001"));
    let earlier = event("C", "merged_into", "A", "2026-10-31-001");
    let today = BTreeMap::from([
        (tables::GOLDEN, vec![&merged[..]]),
        (tables::CROSSWALK, vec![&x[..], &z[..]]),
        (tables::LEDGER, vec![&earlier[..], &grown[..], &gone[..]]),
    ]);
    let last = Last {
        manifest: Manifest { run: "2026-10-31-001".into(), ..manifest() },
        store: store(before.path(), &rules, &yesterday),
    };
    let store = store(folder.path(), &rules, &today);
    let html = render(store, folder.path(), manifest(), &rules, Some(&last)).await;
    assert_sound(&html);
    assert!(html.contains("<dt>Customers</dt><dd>1<span class=\"last\">last run 2</span>"));
    assert!(html.contains("<th scope=\"row\">Merged</th><td class=\"n\">1</td>"));
    assert!(html.contains("<th scope=\"row\">Moved</th><td class=\"n\">1</td>"));
    assert!(html.contains("<th scope=\"row\">Grown</th><td class=\"n\">1</td>"));
}
