//! Questions to a run: the answers must agree with its tables, counted another way.

use crate::harness::{Job, limits, lines, root, runtime};
use arrow::array::{ArrayRef, RecordBatch, StringArray};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use zlato_engine::error::Error;
use zlato_engine::inspect::Inspection;
use zlato_engine::inspect::evaluate::{Evaluation, evaluate};
use zlato_engine::inspect::pair::Pair;
use zlato_engine::progress::Cancel;
use zlato_engine::run::Stage;
use zlato_engine::store::Store;
use zlato_engine::tables;

struct Sample {
    folder: tempfile::TempDir,
    run: String,
}

/// One matched run of the sample for all tests of this file.
fn sample() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let summary = Job::sample(folder.path()).until(Stage::Dedupe).go().unwrap();
        Sample { folder, run: summary.run }
    })
}

fn rows(sql: &str) -> Vec<Vec<String>> {
    let sample = sample();
    let lines = lines(sample.folder.path(), &sample.run, sql);
    lines.iter().map(|l| l.split(" | ").map(String::from).collect()).collect()
}

fn measure(truth: &Path, skip_unknown: bool) -> Result<Evaluation, Error> {
    runtime().block_on(async {
        let run = Inspection::open(sample().folder.path(), None, limits(2)).await?;
        evaluate(&run, truth, skip_unknown, Some(0.95)).await
    })
}

fn pair(a: &str, b: &str) -> Result<Pair, Error> {
    runtime().block_on(async {
        let run = Inspection::open(sample().folder.path(), None, limits(2)).await?;
        run.pair(a, b).await
    })
}

/// Entity by `source:key`.
fn truth() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join("fixtures/sample/truth.csv")).unwrap();
    let cells = text.lines().skip(1).map(|l| l.split(',').collect::<Vec<_>>());
    cells.map(|c| (format!("{}:{}", c[0], c[1]), c[2].to_string())).collect()
}

fn pairs_of(groups: BTreeMap<String, BTreeSet<String>>) -> BTreeSet<(String, String)> {
    let each = |group: BTreeSet<String>| {
        let all: Vec<String> = group.into_iter().collect();
        (0..all.len())
            .flat_map(|i| (i + 1..all.len()).map(|j| (all[i].clone(), all[j].clone())).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    groups.into_values().flat_map(each).collect()
}

#[test]
fn an_evaluation_agrees_with_counting_pairs_one_by_one() {
    let found = measure(&root().join("fixtures/sample/truth.csv"), false).unwrap();
    let truth = truth();
    let (mut clusters, mut entities) = (BTreeMap::new(), BTreeMap::new());
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let blocking = found.rules.len();
    let columns: String = (0..blocking).map(|i| format!(", coalesce(CAST(f.k{i} AS VARCHAR), '')")).collect();
    for row in rows(&format!(
        "SELECT c.source, c.source_key, k.cluster_id{columns} FROM contacts c JOIN clusters k ON c.record_id = k.record_id JOIN features f ON c.record_id = f.record_id"
    )) {
        let name = format!("{}:{}", row[0], row[1]);
        clusters.entry(row[2].clone()).or_insert_with(BTreeSet::new).insert(name.clone());
        entities.entry(truth[&name].clone()).or_insert_with(BTreeSet::new).insert(name.clone());
        keys.insert(name, row[3..].to_vec());
    }
    assert_eq!(found.truth.records, keys.len() as u64);
    assert_eq!(found.truth.records_without_truth, 0);
    assert_eq!(found.truth.rows_not_matched, truth.len() as u64 - found.truth.records);
    let exact = clusters.values().filter(|c| entities.values().any(|e| e == *c)).count() as u64;
    assert_eq!(found.clusters.clusters.right, exact);
    let (together, same) = (pairs_of(clusters), pairs_of(entities));
    assert_eq!(found.clusters.pairs.found, together.len() as u64);
    assert_eq!(found.clusters.pairs.truth, same.len() as u64);
    assert_eq!(found.clusters.pairs.right, together.intersection(&same).count() as u64);
    let blocked = |(a, b): &&(String, String)| keys[a].iter().zip(&keys[b]).any(|(x, y)| !x.is_empty() && x == y);
    assert_eq!(found.blocking.right, same.iter().filter(blocked).count() as u64);
    let sum =
        |value: fn(&zlato_engine::inspect::evaluate::RuleScore) -> u64| found.rules.iter().map(value).sum::<u64>();
    assert_eq!(sum(|r| r.true_pairs), found.blocking.right);
    assert_eq!(
        sum(|r| r.wrong_merges) + found.not_compared.wrong_merges,
        found.clusters.pairs.found - found.clusters.pairs.right
    );
    assert_eq!(sum(|r| r.missed) + found.not_compared.missed, found.clusters.pairs.truth - found.clusters.pairs.right);
    // Every record has truth, so the pairs that the run kept are those at the thresholds.
    for threshold in &found.thresholds {
        let sql = format!("SELECT count(*) FROM pairs WHERE weight >= {:?}", threshold.point.weight);
        assert_eq!(rows(&sql)[0][0], threshold.point.score.found.to_string(), "{}", threshold.name);
    }
    assert!(found.clusters.pairs.rates.f1.unwrap() > 0.9 && found.clusters.b_cubed.f1.unwrap() > 0.95);
    let (first, last) = (found.curve.first().unwrap(), found.curve.last().unwrap());
    assert_eq!((first.weight, last.weight, found.curve.len()), (-10.0, 30.0, 161));
    assert!(first.score.found > last.score.found && first.score.found <= found.blocking.found);
}

#[test]
fn the_truth_may_be_a_parquet_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), Arc::new(Cancel::default()));
    let columns = tables::schema(["entity", "source", "source_key"].map(tables::text).to_vec());
    let (mut names, mut entities) = (Vec::new(), Vec::new());
    for (name, entity) in truth() {
        names.push(name);
        entities.push(entity);
    }
    let part = |number: usize| names.iter().map(|n| n.splitn(2, ':').nth(number).unwrap()).collect::<Vec<_>>();
    let arrays: Vec<ArrayRef> = [entities.iter().map(String::as_str).collect(), part(0), part(1)]
        .map(|column| Arc::new(StringArray::from(column)) as ArrayRef)
        .to_vec();
    let table = store.begin("truth", columns.clone()).unwrap();
    let mut writer = table.part(0).unwrap();
    writer.write(&RecordBatch::try_new(columns, arrays).unwrap()).unwrap();
    writer.finish().unwrap();
    table.finish().unwrap();
    let parquet = measure(&store.parts("truth").unwrap()[0], false).unwrap();
    let csv = measure(&root().join("fixtures/sample/truth.csv"), false).unwrap();
    assert_eq!((parquet.clusters, parquet.curve), (csv.clusters, csv.curve));
}

#[test]
fn truth_may_cover_a_part_and_its_faults_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let known: Vec<String> =
        rows("SELECT source, source_key FROM contacts WHERE source = 'crm' ORDER BY record_id LIMIT 2")
            .iter()
            .map(|r| r.join(","))
            .collect();
    let file = |text: String| {
        let path = folder.path().join("truth.csv");
        std::fs::write(&path, text).unwrap();
        path
    };
    let some = measure(&file(format!("source,source_key,entity\n{},x\n{},y\n", known[0], known[1])), false).unwrap();
    assert_eq!((some.truth.records, some.truth.entities), (2, 2));
    assert!(some.truth.records_without_truth > 2_000);
    assert_eq!(some.clusters.pairs.rates.recall, None);
    let fault = |text: &str, skip: bool| {
        let error = measure(&file(text.replace("KNOWN", &known[0])), skip).map(|e| e.truth).unwrap_err();
        format!("{error} / {}", error.help().unwrap_or_default())
    };
    let missing = fault("source,key,entity\nKNOWN,x\n", false);
    assert!(missing.contains("lacks the column `source_key`") && missing.contains("source, key, entity"), "{missing}");
    let unknown = fault("source,source_key,entity\nKNOWN,x\ncrm,no such key,x\n", false);
    assert!(
        unknown.contains("1 row names no record") && unknown.contains("line 3") && unknown.contains("--skip-unknown"),
        "{unknown}"
    );
    assert!(!unknown.contains("no such key"), "keys stay out of errors: {unknown}");
    assert!(fault("source,source_key,entity\ncmr,1,x\n", false).contains("did you mean `crm`"));
    assert!(fault("source,source_key,entity\nKNOWN,x\nKNOWN,y\n", false).contains("lines 2 and 3"));
    assert!(fault("source,source_key,entity\ncrm,no such key,x\n", true).contains("names no record of the run"));
    let skipped =
        measure(&file(format!("source,source_key,entity\n{},x\ncrm,no such key,x\n", known[0])), true).unwrap();
    assert_eq!((skipped.truth.records, skipped.truth.rows_unknown), (1, 1));
}

#[test]
fn an_explanation_comes_to_the_weight_band_and_rule_of_the_run() {
    let sql =
        "SELECT l.source, l.source_key, r.source, r.source_key, p.weight, p.band, p.rule, p.tf_adjustment FROM pairs p
               JOIN contacts l ON l.record_id = p.record_id_l JOIN contacts r ON r.record_id = p.record_id_r
               ORDER BY p.record_id_l, p.record_id_r";
    let all = rows(sql);
    let mut bands = BTreeSet::new();
    let (runtime, out) = (runtime(), sample().folder.path());
    let run = runtime.block_on(Inspection::open(out, None, limits(2))).unwrap();
    for row in all.iter().step_by(all.len() / 12) {
        // Asked the other way round: the answer is the same.
        let (left, right) = (format!("{}:{}", row[0], row[1]), format!("{}:{}", row[2], row[3]));
        let found = runtime.block_on(run.pair(&right, &left)).unwrap();
        let weight: f64 = row[4].parse().unwrap();
        assert!((found.weight - weight).abs() < 1e-9, "{} and {weight}", found.weight);
        let adjustment: f64 = found.comparisons.iter().map(|c| c.tf_adjustment).sum();
        assert!((adjustment - row[7].parse::<f64>().unwrap()).abs() < 1e-9);
        assert_eq!((found.band, found.found_by.as_deref()), (row[5].as_str(), Some(row[6].as_str())));
        assert_eq!(format!("{}:{}", found.left.source, found.left.source_key), left);
        if found.same_cluster {
            assert!(!found.path.is_empty() && found.obstacles.is_empty());
        } else {
            assert!(!found.obstacles.is_empty() && found.path.is_empty());
        }
        bands.insert(found.band);
    }
    assert!(bands.contains("merge"));
}

/// Two records of a question in the review queue.
fn asked(reason: &str) -> Option<(String, String)> {
    let sql = format!(
        "SELECT l.source, l.source_key, r.source, r.source_key FROM review q JOIN contacts l ON l.record_id = q.record_id_l
         JOIN contacts r ON r.record_id = q.record_id_r WHERE q.reason = '{reason}' ORDER BY q.record_id_l, q.record_id_r LIMIT 1"
    );
    let row = rows(&sql).into_iter().next()?;
    Some((format!("{}:{}", row[0], row[1]), format!("{}:{}", row[2], row[3])))
}

#[test]
fn what_kept_two_records_apart_is_named() {
    let codes = |found: &Pair| found.obstacles.iter().map(|o| o.code).collect::<Vec<_>>();
    let why = |reason: &str| asked(reason).map(|(a, b)| pair(&a, &b).unwrap());
    assert_eq!(codes(&why("doubtful").unwrap()), ["for_review"]);
    // Which guards the sample calls for follows from its model; those that it does are named.
    let guards = ["outweighed", "veto", "differing_values"];
    let met: Vec<(&str, Pair)> = guards.into_iter().filter_map(|reason| Some((reason, why(reason)?))).collect();
    assert!(!met.is_empty());
    for (reason, found) in &met {
        assert!(codes(found).contains(reason), "{reason}: {:?}", found.obstacles);
        let rule = found.obstacles.iter().any(|o| o.text.contains("two_national_ids"));
        assert!(rule || *reason != "differing_values", "{:?}", found.obstacles);
    }
    // Two records that share nothing: no rule compares them, and the weight is computed all the same.
    let sql = "SELECT a.source_key, b.source_key FROM contacts a JOIN contacts b ON a.source = b.source
               WHERE a.source = 'crm' AND a.record_id < b.record_id AND a.birth_date <> b.birth_date
               AND a.family_name_phonetic <> b.family_name_phonetic AND a.given_name_root <> b.given_name_root
               AND a.phone_key <> b.phone_key AND a.email_key <> b.email_key
               ORDER BY a.record_id, b.record_id LIMIT 1";
    let names = rows(sql).remove(0);
    let strangers = pair(&format!("crm:{}", names[0]), &format!("crm:{}", names[1])).unwrap();
    assert!(codes(&strangers).starts_with(&["not_compared"]), "{:?}", strangers.obstacles);
    assert!(codes(&strangers).contains(&"below_review") && strangers.weight < 0.0);
    let contradicts = strangers.hard_rules.iter().any(|h| h.rule == "other_name_and_birth_date" && h.holds);
    assert_eq!(strangers.band, if contradicts { "never" } else { "apart" });
    assert_eq!(codes(&strangers).contains(&"never"), contradicts);
    assert!(strangers.blocking.iter().all(|b| !b.produces()));
    assert!(strangers.blocking.iter().any(|b| b.keys == "differ" && b.left.is_some() && b.left != b.right));
}

#[test]
fn a_path_of_links_joins_records_that_are_no_pair() {
    // Two records of one cluster without a link of their own.
    let sql = "SELECT x.source, x.source_key, y.source, y.source_key FROM clusters a JOIN clusters b
               ON a.cluster_id = b.cluster_id AND a.record_id < b.record_id
               LEFT JOIN pairs p ON p.record_id_l = a.record_id AND p.record_id_r = b.record_id
               JOIN contacts x ON x.record_id = a.record_id JOIN contacts y ON y.record_id = b.record_id
               WHERE p.record_id_l IS NULL ORDER BY a.record_id, b.record_id LIMIT 1";
    let row = rows(sql).remove(0);
    let found = pair(&format!("{}:{}", row[0], row[1]), &format!("{}:{}", row[2], row[3])).unwrap();
    assert!(found.same_cluster && found.path.len() > 1);
    assert_eq!(found.path[0].from, format!("{}:{}", row[0], row[1]));
    assert_eq!(found.path.last().unwrap().to, format!("{}:{}", row[2], row[3]));
    assert!(found.path.windows(2).all(|l| l[0].to == l[1].from));
}

#[test]
fn records_that_are_not_there_are_answered_with_what_is_near() {
    let known =
        rows("SELECT source_key FROM contacts WHERE source = 'crm' ORDER BY record_id LIMIT 1").remove(0).remove(0);
    let fault = |a: &str| {
        let error = pair(a, &format!("crm:{known}")).map(|_| ()).unwrap_err();
        format!("{error} / {}", error.help().unwrap_or_default())
    };
    assert!(
        fault(&format!("crm:{known}9")).contains(&format!("near it: crm:{known}")),
        "{}",
        fault(&format!("crm:{known}9"))
    );
    assert!(fault("cmr:1").contains("did you mean `crm`"));
    assert!(fault("events:1").contains("not matched"));
    assert!(fault("crm").contains("SOURCE:KEY"));
    assert!(fault(&format!("crm:{known}")).contains("the same one"));
    assert!(fault("crm:it's; DROP TABLE contacts").contains("has no record"));
}

#[test]
fn a_run_that_was_not_matched_cannot_be_asked() {
    let case = root().join("fixtures/cases/household");
    let out = tempfile::tempdir().unwrap();
    Job::new(&case.join("rules"), Some(&case.join("input")), out.path()).until(Stage::Contacts).go().unwrap();
    let error =
        runtime().block_on(async { Inspection::open(out.path(), None, limits(1)).await.map(|_| ()).unwrap_err() });
    assert!(error.to_string().contains("before its records were matched"), "{error}");
}
