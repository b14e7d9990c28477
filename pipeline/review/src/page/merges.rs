//! Section: examples of merges - the largest, the ones held by the weakest links, and ones of several
//! sources - with their members side by side and the links that hold them together.

use super::evidence::{Pair, Pairs, pairs_of};
use super::people::{People, Person};
use crate::components::{Sample, Waterfall};
use crate::data::Data;
use crate::text::thousands;
use std::collections::{BTreeMap, BTreeSet};
use zlato_engine::error::Result;

/// Members shown of one cluster, and links taken apart.
const MEMBERS: usize = 12;
const LINKS: usize = 4;
/// Weakest links looked at: each cluster held by a link at or below the last of them is among them.
const WEAKEST: usize = 60;

#[derive(Debug, Clone)]
pub struct Link {
    pub pair: Pair,
    /// The two records as `source key`.
    pub left: String,
    pub right: String,
    pub waterfall: Option<Waterfall>,
}

#[derive(Debug, Clone)]
pub struct Cluster {
    pub golden_id: String,
    pub records: u64,
    pub sources: u64,
    pub members: Vec<Person>,
    pub more_members: u64,
    /// The links without which it would fall apart, weakest first.
    pub links: Vec<Link>,
    pub more_links: usize,
}

/// Clusters chosen for one reason.
#[derive(Debug, Clone)]
pub struct Group {
    pub title: &'static str,
    pub why: &'static str,
    pub clusters: Vec<Cluster>,
}

#[derive(Debug, Clone, Default)]
pub struct Merges {
    pub labels: Vec<String>,
    pub groups: Vec<Group>,
    pub sample: Sample,
}

/// The clusters to show, before their records are read.
#[derive(Debug, Default)]
pub struct Chosen {
    groups: Vec<(&'static str, &'static str, Vec<i64>)>,
    golden: BTreeMap<i64, (String, u64, u64)>,
    members: BTreeMap<i64, Vec<i64>>,
    pairs: Pairs,
    total: u64,
}

impl Chosen {
    /// Records that the section will show.
    pub fn records(&self) -> BTreeSet<i64> {
        let wanted: BTreeSet<i64> = self.groups.iter().flat_map(|g| g.2.iter().copied()).collect();
        wanted.iter().filter_map(|c| self.members.get(c)).flat_map(|m| m.iter().take(MEMBERS)).copied().collect()
    }
}

pub async fn choose(data: &Data<'_>) -> Result<Chosen> {
    let each = (data.samples * 2 / 5).max(1);
    let ids = |rows: Vec<crate::rows::Row>| rows.iter().filter_map(|r| r.integer("cluster_id")).collect::<Vec<_>>();
    let largest =
        format!("SELECT cluster_id FROM golden WHERE records > 1 ORDER BY records DESC, cluster_id LIMIT {each}");
    let largest = ids(data.rows(&["golden"], &largest).await?);
    let several = format!(
        "SELECT cluster_id FROM golden WHERE records > 1 AND sources > 1 ORDER BY sources DESC, records, cluster_id LIMIT {}",
        each * 2
    );
    let mut several = ids(data.rows(&["golden"], &several).await?);
    several.retain(|c| !largest.contains(c));
    several.truncate(each);
    let weak = format!(
        "SELECT record_id_l, record_id_r FROM pairs WHERE band = 'merge' ORDER BY weight, record_id_l, record_id_r LIMIT {WEAKEST}"
    );
    let weak = data.rows(&["pairs"], &weak).await?;
    let ends: BTreeSet<i64> = weak.iter().filter_map(|r| r.integer("record_id_l")).collect();
    let held = data.rows_at("clusters", &["cluster_id"], "record_id", &ends).await?;
    let mut clusters: BTreeSet<i64> = held.iter().filter_map(|r| r.integer("cluster_id")).collect();
    let candidates: Vec<i64> = clusters.iter().copied().collect();
    clusters.extend(largest.iter().chain(&several));

    let mut chosen = Chosen::default();
    let wanted = ["cluster_id", "golden_id", "records", "sources"];
    for row in data.rows_at("golden", &wanted, "cluster_id", &clusters).await? {
        let Some(cluster) = row.integer("cluster_id") else { continue };
        chosen.golden.insert(cluster, (row.string("golden_id"), row.count("records"), row.count("sources")));
    }
    let mut cluster_of = BTreeMap::new();
    for row in data.rows_at("clusters", &["record_id", "cluster_id"], "cluster_id", &clusters).await? {
        if let (Some(record), Some(cluster)) = (row.integer("record_id"), row.integer("cluster_id")) {
            cluster_of.insert(record, cluster);
            chosen.members.entry(cluster).or_default().push(record);
        }
    }
    chosen.members.values_mut().for_each(|m| m.sort_unstable());
    let records: BTreeSet<i64> = cluster_of.keys().copied().collect();
    let within = |l: i64, r: i64| cluster_of.get(&l).is_some_and(|c| cluster_of.get(&r) == Some(c));
    chosen.pairs = pairs_of(data, &records, within).await?;
    let mut by_weakest: Vec<(f64, i64)> = candidates
        .into_iter()
        .filter(|c| !largest.contains(c) && !several.contains(c))
        .filter_map(|c| Some((holding(&chosen, c).first()?.weight, c)))
        .collect();
    by_weakest.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let weakest = by_weakest.into_iter().map(|(_, c)| c).take(each).collect();
    chosen.groups = vec![
        ("Held by the weakest links", "If a merge is wrong, it is most likely among these.", weakest),
        ("Largest", "A cluster that is too large is often a shared contact that nobody recognised.", largest),
        ("From several sources", "What bringing the sources together has gained.", several),
    ];
    let total = data.rows(&["golden"], "SELECT count(*) AS n FROM golden WHERE records > 1").await?;
    chosen.total = total.first().map_or(0, |row| row.count("n"));
    Ok(chosen)
}

/// The strongest links that connect a cluster (a maximum spanning tree, Kruskal 1956), weakest first.
fn holding(chosen: &Chosen, cluster: i64) -> Vec<&Pair> {
    let members: &[i64] = chosen.members.get(&cluster).map_or(&[], Vec::as_slice);
    let mut pairs: Vec<&Pair> = members
        .iter()
        .flat_map(|record| chosen.pairs.range((*record, i64::MIN)..=(*record, i64::MAX)))
        .map(|(_, pair)| pair)
        .filter(|pair| matches!(pair.band.as_str(), "merge" | "always"))
        .collect();
    let always = |p: &Pair| p.band == "always";
    pairs.sort_by(|a, b| {
        always(b).cmp(&always(a)).then(b.weight.total_cmp(&a.weight)).then((a.left, a.right).cmp(&(b.left, b.right)))
    });
    let mut part: BTreeMap<i64, i64> = members.iter().map(|m| (*m, *m)).collect();
    let mut tree = Vec::new();
    for pair in pairs {
        let (Some(&a), Some(&b)) = (part.get(&pair.left), part.get(&pair.right)) else { continue };
        if a != b {
            part.values_mut().filter(|p| **p == b).for_each(|p| *p = a);
            tree.push(pair);
        }
    }
    tree.reverse();
    tree
}

pub fn fill(data: &Data<'_>, chosen: &Chosen, people: &People) -> Merges {
    let name = |record: i64| {
        people.get(record).map_or_else(|| "a record not shown".into(), |p| format!("{} {}", p.source, p.key.text))
    };
    let mut shown = 0;
    let groups = chosen
        .groups
        .iter()
        .map(|(title, why, clusters)| {
            let clusters: Vec<Cluster> = clusters
                .iter()
                .filter_map(|cluster| {
                    let (golden_id, records, sources) = chosen.golden.get(cluster)?.clone();
                    let members = chosen.members.get(cluster)?;
                    let ids: Vec<i64> = members.iter().take(MEMBERS).copied().collect();
                    let tree = holding(chosen, *cluster);
                    let links = tree.iter().take(LINKS).map(|pair| Link {
                        left: name(pair.left),
                        right: name(pair.right),
                        waterfall: pair.waterfall(data),
                        pair: (*pair).clone(),
                    });
                    Some(Cluster {
                        golden_id,
                        records,
                        sources,
                        members: people.beside(&ids),
                        more_members: (members.len() as u64).saturating_sub(ids.len() as u64),
                        links: links.collect(),
                        more_links: tree.len().saturating_sub(LINKS),
                    })
                })
                .collect();
            shown += clusters.len();
            Group { title, why, clusters }
        })
        .collect();
    let sql = "SELECT golden_id, source, source_key FROM crosswalk WHERE golden_id IN (SELECT golden_id FROM golden WHERE records > 1) ORDER BY golden_id";
    let what = if chosen.total == 1 { "cluster" } else { "clusters of two or more records" };
    Merges { labels: people.labels.clone(), groups, sample: data.sample(shown, chosen.total, what, sql) }
}

impl Cluster {
    /// One line for the list: how many records of how many sources.
    pub fn size(&self) -> String {
        let s = |n: u64| if n == 1 { "" } else { "s" };
        format!("{} records of {} source{}", thousands(self.records), self.sources, s(self.sources))
    }
}
