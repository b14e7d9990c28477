//! From `pairs` to `clusters`, the `review` queue, and what became of stewards' judgements. Nodes are numbered by a hash of source and key,
//! so that the order of rows in a file decides nothing. Pairs that no blocking rule produced are weighed where the
//! average of two clusters depends on them.

use super::super::columns::integers;
use super::super::grouped::OrderedRows;
use super::super::parts::map_columns;
use super::compare::{Comparer, Scorer, band};
use super::features::row_hash;
use super::index::Index;
use super::texts::Numbers;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::Stage;
use crate::{judgements, tables};
use arrow::array::{ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Float64Type;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use zlato_core::judgement::{RecordName, Verdict};
use zlato_core::matching::cluster::{Band, ClusterInput, Link, Reason, ReviewReason, cluster};
use zlato_core::matching::model::probability;

/// Records as nodes.
struct Nodes {
    /// Ascending.
    record_ids: Vec<i64>,
    /// Node of the record at the same place of `record_ids`.
    node: Vec<u32>,
    /// Place in `record_ids` of each node.
    place: Vec<u32>,
    /// One column a `different` rule of the hard `never` rules: code of the value per node.
    differing: Vec<Vec<u32>>,
    /// Bit of the duplicate-free source per node.
    duplicate_free: Vec<u64>,
    /// Hash of source and key per node; nodes are numbered in its order.
    hashes: Vec<i64>,
}

impl Nodes {
    fn node(&self, record: i64) -> Result<u32> {
        place_of(&self.record_ids, record)
            .and_then(|p| self.node.get(p))
            .copied()
            .ok_or_else(|| Error::Internal("a pair of an unknown record".into()))
    }

    /// The node whose source and key have this hash.
    fn named(&self, hash: i64) -> Option<u32> {
        self.hashes.binary_search(&hash).ok().map(|node| node as u32)
    }

    fn record(&self, node: u32) -> i64 {
        let place = self.place.get(node as usize).copied().unwrap_or(0);
        self.record_ids.get(place as usize).copied().unwrap_or(0)
    }
}

/// Place of a record in an ascending list of ids. Those of one source follow one another without gaps, so that the
/// place in the first source is the number itself.
fn place_of(ids: &[i64], record: i64) -> Option<usize> {
    let likely = usize::try_from(record % tables::RECORDS_PER_SOURCE).ok();
    likely.filter(|place| ids.get(*place) == Some(&record)).or_else(|| ids.binary_search(&record).ok())
}

fn nodes(context: &Context) -> Result<Nodes> {
    let rules = &context.rules.rules;
    let different: Vec<usize> =
        rules.matching.never.iter().enumerate().filter(|(_, r)| r.different.is_some()).map(|(i, _)| i).collect();
    let mut record_ids = Vec::new();
    let mut hashes = Vec::new();
    let mut codes: Vec<(Numbers<u32>, Vec<u32>)> = vec![Default::default(); different.len()];
    let names: Vec<String> = different.iter().map(|rule| format!("n{rule}")).collect();
    let columns: Vec<&str> = std::iter::once("row_hash").chain(names.iter().map(String::as_str)).collect();
    let mut rows = OrderedRows::open_columns(&context.store, tables::FEATURES, &columns)?;
    while let Some(batch) = rows.next_batch()? {
        context.cancel.check()?;
        record_ids.extend_from_slice(integers(&batch, "record_id")?.values());
        hashes.extend_from_slice(integers(&batch, "row_hash")?.values());
        for (rule, (known, column)) in different.iter().zip(&mut codes) {
            for value in integers(&batch, &format!("n{rule}"))?.iter() {
                column.push(value.map_or(0, |v| {
                    let next = known.len() as u32 + 1;
                    *known.entry(v.unsigned_abs()).or_insert(next)
                }));
            }
        }
    }
    let count = u32::try_from(record_ids.len()).map_err(|_| Error::input("more than four billion records"))?;
    let mut order: Vec<(i64, u32)> = hashes.iter().copied().zip(0..count).collect();
    order.sort_unstable();
    let place: Vec<u32> = order.iter().map(|(_, place)| *place).collect();
    let mut node = vec![0u32; record_ids.len()];
    for (number, p) in place.iter().enumerate() {
        if let Some(slot) = node.get_mut(*p as usize) {
            *slot = number as u32;
        }
    }
    let by_node = |column: &[u32]| place.iter().map(|p| column.get(*p as usize).copied().unwrap_or(0)).collect();
    let differing = codes.iter().map(|(_, column)| by_node(column)).collect();
    let free: Vec<u64> = bits_of_sources(context);
    let bit = |record: i64| {
        let source = usize::try_from(record / tables::RECORDS_PER_SOURCE).unwrap_or(0);
        free.get(source).copied().unwrap_or(0)
    };
    let duplicate_free = place.iter().map(|p| record_ids.get(*p as usize).map_or(0, |record| bit(*record))).collect();
    let hashes = order.into_iter().map(|(hash, _)| hash).collect();
    Ok(Nodes { record_ids, node, place, differing, duplicate_free, hashes })
}

/// One bit for each duplicate-free source, in rule order.
fn bits_of_sources(context: &Context) -> Vec<u64> {
    let mut next = 0;
    let sources = &context.rules.rules.sources.source;
    sources
        .iter()
        .map(|source| {
            if !source.duplicate_free || next >= 64 {
                return 0;
            }
            next += 1;
            1u64 << (next - 1)
        })
        .collect()
}

/// A pair for the review queue.
struct Review {
    left: i64,
    right: i64,
    reason: &'static str,
    weight: f64,
}

/// What stewards have decided, in nodes; smaller node first.
#[derive(Default)]
struct Judged {
    /// The earliest decision first.
    same: Vec<(u32, u32)>,
    different: Vec<(u32, u32)>,
    /// Judgements that name a record which is not, or no longer, in the sources.
    unknown: usize,
}

impl Judged {
    fn read(context: &Context, nodes: &Nodes) -> Result<Self> {
        let mut judged = Self::default();
        let mut judgements = judgements::read(&context.folder())?;
        judgements.sort_by_key(|judgement| judgement.decided_on);
        for judgement in judgements {
            let node = |name: &RecordName| nodes.named(row_hash(&name.source, &name.source_key));
            let Some((a, b)) = node(&judgement.left).zip(node(&judgement.right)) else {
                judged.unknown += 1;
                continue;
            };
            let list = match judgement.verdict {
                Verdict::Same => &mut judged.same,
                Verdict::Different => &mut judged.different,
            };
            list.push((a.min(b), a.max(b)));
        }
        Ok(judged)
    }

    /// `refused`: judgements that contradict others.
    fn warnings(&self, refused: usize) -> Vec<String> {
        let named = |n: usize, one: &str, many: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {many}") };
        let unknown = named(self.unknown, "judgement names", "judgements name");
        let unknown = format!("{unknown} a record that is not in the sources; it holds again when the record is back");
        let refused_text = named(
            refused,
            "judgement was not followed, since others tell",
            "judgements were not followed, since others tell",
        );
        let refused_text = format!("{refused_text} apart whom it would join; see the table review, reason judgements");
        let all = [(self.unknown, unknown), (refused, refused_text)];
        all.into_iter().filter(|(n, _)| *n > 0).map(|(_, text)| text).collect()
    }

    /// Writes `judged`: of the judgements about records that are there, whether they hold tonight.
    fn write(&self, context: &Context, nodes: &Nodes, cluster_of: impl Fn(u32) -> u32) -> Result<u64> {
        let verdict =
            |verdict: Verdict| move |pair: &(u32, u32)| (nodes.record(pair.0), nodes.record(pair.1), verdict, *pair);
        let all =
            self.same.iter().map(verdict(Verdict::Same)).chain(self.different.iter().map(verdict(Verdict::Different)));
        let mut all: Vec<_> = all.map(|(a, b, verdict, pair)| (a.min(b), a.max(b), verdict, pair)).collect();
        all.sort_unstable_by_key(|(left, right, ..)| (*left, *right));
        let holds =
            |verdict: Verdict, (a, b): (u32, u32)| (cluster_of(a) == cluster_of(b)) == (verdict == Verdict::Same);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from_iter_values(all.iter().map(|j| j.0))),
            Arc::new(Int64Array::from_iter_values(all.iter().map(|j| j.1))),
            Arc::new(StringArray::from_iter_values(all.iter().map(|j| j.2.as_str()))),
            Arc::new(BooleanArray::from_iter(all.iter().map(|j| Some(holds(j.2, j.3))))),
        ];
        let table = context.store.begin(tables::JUDGED, tables::judged())?;
        let mut writer = table.sequence();
        writer.write(&RecordBatch::try_new(tables::judged(), columns)?)?;
        writer.finish()?;
        table.finish()
    }
}

/// Tables with their rows, and warnings.
pub type Written = (Vec<(String, u64)>, Vec<String>);

/// Writes `clusters`, `judged` and `review`.
pub async fn write(context: &Context, index: &Index, scorer: &Scorer) -> Result<Written> {
    let nodes = nodes(context)?;
    let judged = Judged::read(context, &nodes)?;
    let (mut links, mut never, mut always) = (vec![], vec![], vec![]);
    let mut doubtful = vec![];
    let columns = ["record_id_r", "weight", "band"];
    let mut rows = OrderedRows::open_columns(&context.store, tables::PAIRS, &columns)?;
    while let Some(batch) = rows.next_batch()? {
        context.cancel.check()?;
        let (left, right) = (integers(&batch, "record_id_l")?, integers(&batch, "record_id_r")?);
        let weight = batch.column_by_name("weight").map(|c| c.as_primitive::<Float64Type>());
        let bands = super::super::columns::text_column(&batch, "band");
        let (Some(weight), Some(bands)) = (weight, bands) else {
            return Err(Error::Internal("pairs lack weights".into()));
        };
        for row in 0..batch.num_rows() {
            let (a, b, weight) = (nodes.node(left.value(row))?, nodes.node(right.value(row))?, weight.value(row));
            match bands.value(row) {
                band::MERGE => links.push(Link { a, b, weight, band: Band::Merge }),
                band::ALWAYS => always.push((a, b)),
                band::NEVER => never.push((a, b)),
                _ => {
                    links.push(Link { a, b, weight, band: Band::Review });
                    doubtful.push((a, b, weight));
                }
            }
        }
    }
    let count = nodes.record_ids.len() as u32;
    let input = ClusterInput {
        nodes: count,
        links,
        never: &never,
        contradictions: !scorer.contradictions.is_empty(),
        always: &always,
        judged_same: &judged.same,
        judged_different: &judged.different,
        differing: &nodes.differing,
        duplicate_free: &nodes.duplicate_free,
    };
    let mut comparer = Comparer::new(scorer.comparators.clone());
    let mut failed = Ok(());
    let mut weigh = |a: u32, b: u32| {
        let place = |node: u32| nodes.place.get(node as usize).copied().unwrap_or(0);
        let weight = scorer.weight(index, &mut comparer, place(a), place(b));
        weight.unwrap_or_else(|error| {
            failed = Err(error);
            None
        })
    };
    let clusters = cluster(input, &context.rules.rules.matching.cluster, &mut weigh);
    failed?;
    // A steward has decided about these two clusters: nothing is left to ask.
    let between = |(a, b): (u32, u32)| {
        let of = |node: u32| clusters.cluster.get(node as usize).copied().unwrap_or(node);
        (of(a).min(of(b)), of(a).max(of(b)))
    };
    let decided: BTreeSet<(u32, u32)> =
        judged.different.iter().map(|pair| between(*pair)).chain(judged.same.iter().copied()).collect();

    let mut review: Vec<Review> = Vec::new();
    let cluster_of = |node: u32| clusters.cluster.get(node as usize).copied().unwrap_or(node);
    let mut open: BTreeMap<(u32, u32), (u32, u32, f64)> = BTreeMap::new();
    for (a, b, weight) in doubtful {
        let (x, y) = (cluster_of(a), cluster_of(b));
        if x == y || decided.contains(&(x.min(y), x.max(y))) {
            continue;
        }
        // One question for two clusters: the closest call between them.
        let best = open.entry((x.min(y), x.max(y))).or_insert((a, b, weight));
        if (weight, std::cmp::Reverse((a, b))) > (best.2, std::cmp::Reverse((best.0, best.1))) {
            *best = (a, b, weight);
        }
    }
    review.extend(open.into_values().map(|(a, b, weight)| question(&nodes, a, b, "doubtful", weight)));
    // A forced pair that broke a rule is named by the pair itself.
    let contradicts = |r: &&ReviewReason| r.reason == Reason::Judgements;
    let warnings = judged.warnings(clusters.review.iter().filter(contradicts).count());
    let open = clusters.review.iter().filter(|r| {
        let (x, y) = r.clusters;
        contradicts(r) || !decided.contains(&(x.min(y), x.max(y))) && (x != y || !decided.contains(&r.pair))
    });
    review.extend(open.map(|r| question(&nodes, r.pair.0, r.pair.1, r.reason.as_str(), r.weight)));
    review.sort_by(|a, b| (a.left, a.right, a.reason).cmp(&(b.left, b.right, b.reason)));

    // A cluster is named after its smallest record. Its number is that of one of its nodes.
    let mut found: Vec<(i64, i64)> = vec![(i64::MAX, 0); nodes.record_ids.len()];
    for (node, cluster) in (0u32..).zip(&clusters.cluster) {
        if let Some((smallest, size)) = found.get_mut(*cluster as usize) {
            *smallest = nodes.record(node).min(*smallest);
            *size += 1;
        }
    }
    let of_node = |node: u32| found.get(cluster_of(node) as usize).copied().unwrap_or_default();
    let name_of: Vec<i64> = nodes.node.iter().map(|node| of_node(*node).0).collect();
    let size = |record: i64| nodes.node(record).map(|node| of_node(node).1);
    let review_rows = write_review(context, &review, size)?;
    let judged_rows = judged.write(context, &nodes, cluster_of)?;
    let record_ids = nodes.record_ids;
    let inputs = [tables::FEATURES];
    let rows = map_columns(
        context,
        Stage::Dedupe,
        &inputs,
        |_| false,
        tables::CLUSTERS,
        tables::clusters(),
        move |batch| {
            let ids = integers(batch, "record_id")?;
            let named = ids.values().iter().map(|id| place_of(&record_ids, *id).and_then(|p| name_of.get(p)).copied());
            let columns: Vec<ArrayRef> = vec![Arc::new(ids.clone()), Arc::new(named.collect::<Int64Array>())];
            Ok(RecordBatch::try_new(tables::clusters(), columns)?)
        },
    )
    .await?;
    let written = [(tables::CLUSTERS, rows), (tables::JUDGED, judged_rows), (tables::REVIEW, review_rows)];
    Ok((written.map(|(table, rows)| (table.into(), rows)).to_vec(), warnings))
}

fn question(nodes: &Nodes, a: u32, b: u32, reason: &'static str, weight: f64) -> Review {
    let (a, b) = (nodes.record(a), nodes.record(b));
    Review { left: a.min(b), right: a.max(b), reason, weight }
}

/// `size`: records in the cluster of a record.
fn write_review(context: &Context, review: &[Review], size: impl Fn(i64) -> Result<i64>) -> Result<u64> {
    let sizes = review.iter().map(|r| Ok(size(r.left)? + size(r.right)?)).collect::<Result<Vec<i64>>>()?;
    let weight = |r: &Review| r.weight.is_finite().then_some(r.weight);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(review.iter().map(|r| r.left))),
        Arc::new(Int64Array::from_iter_values(review.iter().map(|r| r.right))),
        Arc::new(StringArray::from_iter_values(review.iter().map(|r| r.reason))),
        Arc::new(review.iter().map(weight).collect::<Float64Array>()),
        Arc::new(review.iter().map(|r| weight(r).map(probability)).collect::<Float64Array>()),
        Arc::new(Int64Array::from(sizes)),
    ];
    let table = context.store.begin(tables::REVIEW, tables::review())?;
    let mut writer = table.sequence();
    writer.write(&RecordBatch::try_new(tables::review(), columns)?)?;
    writer.finish()?;
    table.finish()
}
