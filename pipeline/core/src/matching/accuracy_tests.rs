//! The parts together on labelled data: blocks by equal keys, vectors, training, weights, clusters.
//! Plain loops stand in for the engine's block scan. Skipped where the shared data are absent.

use super::cluster::{Band, ClusterInput, Link, cluster};
use super::comparator::{Comparator, Prepared};
use super::em::{EmComparison, EmInput, Relatives, RuleCounts, train};
use super::model::{Weights, tf_adjustment, weight_of};
use super::vector::Vector;
use crate::rules::matching::Matching;
use crate::text::fold;
use std::collections::{BTreeMap, BTreeSet};

type Row = Vec<Option<String>>;

/// Folded values of the named columns, and the entity of each row.
fn read(
    file: &str,
    columns: &[&str],
    entity: impl Fn(&BTreeMap<&str, &str>) -> String,
) -> Option<(Vec<Row>, Vec<String>)> {
    let root = std::env::var("ZLATO_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").into());
    let Ok(text) = std::fs::read_to_string(format!("{root}/linkage/{file}")) else {
        eprintln!("skipped: no {file} in ZLATO_DATA");
        return None;
    };
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next()?.split(',').map(str::trim).collect();
    let rows = lines.map(|line| head.iter().copied().zip(line.split(',').map(str::trim)).collect::<BTreeMap<_, _>>());
    let (mut table, mut entities) = (vec![], vec![]);
    for row in rows {
        entities.push(entity(&row));
        let value = |c: &&str| {
            row.get(c)
                .filter(|v| !v.is_empty())
                .map(|v| if c.contains("dob") || v.contains('@') { v.to_lowercase() } else { fold(v) })
        };
        table.push(columns.iter().map(value).collect());
    }
    Some((table, entities))
}

struct Outcome {
    precision: f64,
    recall: f64,
    f1: f64,
}

/// Runs rules whose `on` names a column, with blocks on equal values of the given columns.
fn run(rules: &Matching, columns: &[&str], table: &[Row], entities: &[String], blocks: &[&[usize]]) -> Outcome {
    let at: Vec<usize> =
        rules.comparison.iter().map(|c| columns.iter().position(|x| x == c.on.get_ref()).unwrap()).collect();
    let comparators: Vec<Comparator> = rules.comparison.iter().map(|c| Comparator::new(c, None)).collect();
    // Pairs are sorted by their left record, which is prepared once.
    let vectors = |pairs: BTreeSet<(usize, usize)>| {
        let mut left: Option<(usize, Vec<Prepared<'_>>)> = None;
        let mut vectors = BTreeMap::new();
        for (i, j) in pairs {
            if left.as_ref().is_none_or(|(row, _)| *row != i) {
                let prepare = |(c, x): (_, &usize)| Comparator::prepare(c, table[i][*x].as_deref(), None);
                left = Some((i, comparators.iter().zip(&at).map(prepare).collect()));
            }
            let prepared = left.iter().flat_map(|(_, prepared)| prepared).zip(&at);
            let levels: Vec<u8> = prepared.map(|(p, &x)| p.level(table[j][x].as_deref(), None)).collect();
            vectors.insert((i, j), Vector::from_levels(&levels));
        }
        vectors
    };
    let frequencies: Vec<BTreeMap<&str, f64>> = at
        .iter()
        .map(|&x| {
            let mut counts = BTreeMap::new();
            table.iter().filter_map(|row| row[x].as_deref()).for_each(|v| *counts.entry(v).or_insert(0.0) += 1.0);
            counts
        })
        .collect();
    let mut input = EmInput { records: table.len() as u64, ..EmInput::default() };
    for ((c, counts), _) in comparators.iter().zip(&frequencies).zip(&at) {
        let n: f64 = counts.values().sum();
        let exact_u = Some(counts.values().map(|k| k * (k - 1.0)).sum::<f64>() / (n * (n - 1.0)));
        input.comparisons.push(EmComparison {
            name: c.name().into(),
            labels: c.level_labels()[1..].to_vec(),
            term_frequency: c.term_frequency(),
            exact_u,
            equal_level: c.equal_level(),
            relatives: match c.name() {
                "first_name" | "given_name" | "soc_sec_id" => Relatives::LikeStrangers,
                "dob" | "date_of_birth" => Relatives::LikeTwins,
                _ => Relatives::Learnt,
            },
        });
    }
    let mut rules_pairs: Vec<Vec<(usize, usize)>> = vec![];
    for block in blocks {
        let mut keys: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
        for (i, row) in table.iter().enumerate() {
            if let Some(key) = block.iter().map(|&x| row[x].as_deref()).collect::<Option<Vec<_>>>() {
                keys.entry(key).or_default().push(i);
            }
        }
        let pairs = |g: &Vec<usize>| {
            (0..g.len())
                .flat_map(|k| g[k + 1..].iter().map(move |&j| (k, j)).collect::<Vec<_>>())
                .map(|(k, j)| (g[k], j))
                .collect::<Vec<_>>()
        };
        rules_pairs.push(keys.values().flat_map(pairs).collect());
    }
    let candidates = vectors(rules_pairs.iter().flatten().copied().collect());
    for (block, pairs) in blocks.iter().zip(&rules_pairs) {
        let conditioned = at.iter().map(|x| block.contains(x)).collect();
        let mut counts = BTreeMap::new();
        pairs.iter().for_each(|pair| *counts.entry(candidates[pair]).or_insert(0) += 1);
        input.rules.push(RuleCounts { name: format!("{block:?}"), counts, conditioned });
    }
    candidates.values().for_each(|v| *input.distinct.entry(*v).or_insert(0) += 1);
    // Every pair of a stride of the records stands for a random sample.
    let sample: Vec<usize> = (0..table.len()).step_by(table.len().div_ceil(500)).collect();
    let random = sample.iter().flat_map(|&i| sample.iter().map(move |&j| (i, j))).filter(|(i, j)| i < j).collect();
    vectors(random).values().for_each(|v| *input.random.entry(*v).or_insert(0) += 1);
    let (model, training) = train(&input, &rules.training);
    let weights = Weights::new(&model);
    let weigh = |i: usize, v: Vector| {
        let mut weight = weights.score(v) - weights.relatives(v, 0.0);
        let mut adjusted = 0.0;
        for (c, comparator) in comparators.iter().enumerate() {
            if comparator.term_frequency() && v.level(c) == comparator.equal_level() {
                let value = table[i][at[c]].as_deref().unwrap();
                let n: f64 = frequencies[c].values().sum();
                let u = model.comparisons[c].levels[usize::from(v.level(c)) - 1].u;
                adjusted += tf_adjustment(u, frequencies[c][value] / n);
            }
        }
        weight += adjusted + weights.relatives(v, adjusted);
        weight
    };
    let mut links = vec![];
    for (&(i, j), &v) in &candidates {
        let weight = weigh(i, v);
        if weight >= weight_of(*rules.thresholds.review.get_ref()) {
            let merge = weight >= weight_of(*rules.thresholds.merge.get_ref());
            links.push(Link { a: i as u32, b: j as u32, weight, band: if merge { Band::Merge } else { Band::Review } });
        }
    }
    let input = ClusterInput { nodes: table.len() as u32, links, ..ClusterInput::default() };
    let clusters = cluster(input, &rules.cluster, &mut |a, b| {
        let pair = (a as usize, b as usize);
        vectors(BTreeSet::from([pair])).get(&pair).map(|v| weigh(pair.0, *v))
    });
    let pairs = |label: &dyn Fn(usize) -> String| {
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        (0..table.len()).for_each(|i| groups.entry(label(i)).or_default().push(i));
        groups
            .values()
            .flat_map(|g| g.iter().enumerate().flat_map(move |(k, &i)| g[k + 1..].iter().map(move |&j| (i, j))))
            .collect::<BTreeSet<_>>()
    };
    let truth = pairs(&|i| entities[i].clone());
    let found = pairs(&|i| clusters.cluster[i].to_string());
    let hits = truth.intersection(&found).count() as f64;
    let (precision, recall) = (hits / found.len().max(1) as f64, hits / truth.len() as f64);
    let f1 = 2.0 * precision * recall / (precision + recall);
    let blocked = truth.iter().filter(|p| candidates.contains_key(p)).count() as f64 / truth.len() as f64;
    eprintln!(
        "precision {precision:.4} recall {recall:.4} F1 {f1:.4}; blocked {blocked:.4}; candidates {}; expected matches {:.0} of {}; iterations {} review {}",
        candidates.len(),
        training.expected_matches,
        truth.len(),
        training.iterations,
        clusters.review.len()
    );
    if std::env::var_os("SHOW_MODEL").is_some() {
        eprintln!("{}\n{training:?}", model.to_toml());
    }
    Outcome { precision, recall, f1 }
}

#[test]
fn fake_1000_without_labels() {
    let columns = ["first_name", "surname", "dob", "city", "email", "dob_year"];
    let Some((mut table, entities)) = read("fake_1000.csv", &columns, |row| row["cluster"].to_owned()) else {
        return;
    };
    for row in &mut table {
        row[5] = row[2].as_ref().and_then(|d| d.get(..4)).map(str::to_owned);
    }
    let rules: Matching = toml::from_str(
        r#"
        [[comparison]]
        name = "first_name"
        on = "first_name"
        levels = ["exact", { jaro_winkler = 0.92 }, { jaro_winkler = 0.8 }]
        term_frequency = true
        [[comparison]]
        name = "surname"
        on = "surname"
        levels = ["exact", { jaro_winkler = 0.92 }, { jaro_winkler = 0.8 }]
        term_frequency = true
        [[comparison]]
        name = "dob"
        on = "dob"
        levels = ["exact", "day_month_swapped", { osa = 1 }, "two_date_parts", { days_apart = 366 }]
        [[comparison]]
        name = "city"
        on = "city"
        levels = ["exact", { jaro_winkler = 0.9 }]
        term_frequency = true
        [[comparison]]
        name = "email"
        on = "email"
        levels = ["exact", { osa = 2 }, { osa = 4 }]
        "#,
    )
    .unwrap();
    let outcome = run(&rules, &columns, &table, &entities, &[&[0], &[1], &[2], &[4], &[3, 5], &[3]]);
    assert!(outcome.f1 > 0.92 && outcome.precision > 0.96 && outcome.recall > 0.88);
}

/// The same rules for every FEBRL file.
fn febrl(file: &str, entity: impl Fn(&str) -> String) -> Option<Outcome> {
    let columns = [
        "given_name",
        "surname",
        "street_number",
        "address_1",
        "suburb",
        "postcode",
        "state",
        "date_of_birth",
        "soc_sec_id",
    ];
    let (mut table, entities) = read(file, &columns, |row| entity(row["rec_id"]))?;
    for row in &mut table {
        row[7] = row[7].as_ref().and_then(|d| Some(format!("{}-{}-{}", d.get(..4)?, d.get(4..6)?, d.get(6..8)?)));
    }
    let rules: Matching = toml::from_str(
        r#"
        [[comparison]]
        name = "given_name"
        on = "given_name"
        levels = ["exact", { jaro_winkler = 0.92 }, { jaro_winkler = 0.8 }]
        term_frequency = true
        [[comparison]]
        name = "surname"
        on = "surname"
        levels = ["exact", { jaro_winkler = 0.92 }, { jaro_winkler = 0.8 }]
        term_frequency = true
        [[comparison]]
        name = "date_of_birth"
        on = "date_of_birth"
        levels = ["exact", "day_month_swapped", { osa = 1 }, "two_date_parts"]
        [[comparison]]
        name = "soc_sec_id"
        on = "soc_sec_id"
        levels = ["exact", { osa = 1 }, { osa = 2 }]
        [[comparison]]
        name = "address_1"
        on = "address_1"
        levels = ["exact", { jaro_winkler = 0.9 }, "contains"]
        [[comparison]]
        name = "suburb"
        on = "suburb"
        levels = ["exact", { jaro_winkler = 0.9 }]
        [[comparison]]
        name = "postcode"
        on = "postcode"
        levels = ["exact", { osa = 1 }]
        "#,
    )
    .unwrap();
    Some(run(
        &rules,
        &columns,
        &table,
        &entities,
        &[&[0, 1], &[7], &[8], &[1, 5], &[0, 5], &[3], &[4], &[5], &[1], &[0, 6]],
    ))
}

#[test]
fn febrl_3_without_labels() {
    let entity = |id: &str| id.split('-').nth(1).unwrap_or_default().to_owned();
    let Some(outcome) = febrl("febrl/dataset3.csv", entity) else {
        return;
    };
    assert!(outcome.f1 > 0.999 && outcome.precision > 0.999 && outcome.recall > 0.998);
}

#[test]
#[ignore = "half a minute unoptimised: cargo test -- --ignored"]
fn febrl_c_without_labels() {
    let entity = |id: &str| (id.parse::<u32>().unwrap() / 10).to_string();
    let Some(outcome) = febrl("febrl/dataset_C_10000.csv", entity) else {
        return;
    };
    assert!(outcome.f1 > 0.996 && outcome.precision > 0.996 && outcome.recall > 0.996);
}
