//! From weighed pairs to clusters that cannot chain. Enter: links with weights, vetoes, forced pairs.
//! Leave: a cluster per node and what a steward should look at. Never here: scoring, stable ids, names.
//!
//! Agglomerative clustering with average linkage (Sokal & Michener 1958, "A statistical method for evaluating
//! systematic relationships"), which needs two things for a merge: a link strong enough to merge two records, and
//! all pairs between the two clusters, candidate pairs or not, on average at least as likely a match as the rules
//! ask. So one wrong link cannot chain two people together, while a record that most of a cluster speaks for joins
//! it. The strongest average merges first (ties by node numbers): the order of links does not matter.

mod linkage;
mod sets;

use super::model::weight_of;
use crate::rules::matching::ClusterRules;
use linkage::{Linkage, Refused};
use serde::Serialize;
use sets::Sets;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Least that one pair counts with in an average, in bits: a probability of one in nine. One record that differs
/// from the others of its cluster speaks against a merge, but not louder than several that agree.
pub const LEAST: f64 = -3.0;

/// Most that a pair counts with which no blocking rule found, in bits: it may stand for nothing, but what the rule author
/// did not think worth comparing does not bring two clusters together.
pub const NOT_FOUND: f64 = 0.0;

/// Most that one pair counts with in an average, in bits: certainty beyond it cannot outvote other pairs.
pub const CERTAIN: f64 = 30.0;

/// Above the merge threshold, or below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    Merge,
    Review,
}

/// A scored pair of nodes `0..nodes`; direction means nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    pub a: u32,
    pub b: u32,
    /// Match weight in bits, prior included.
    pub weight: f64,
    /// Only links of the band `Merge` bring clusters together; the others count in averages.
    pub band: Band,
}

/// Match weight in bits of two nodes, smaller first, prior included; none where they are never merged. Asked for pairs
/// that no link names. The same two nodes always get the same answer.
pub type Weigh<'a> = dyn FnMut(u32, u32) -> Option<f64> + 'a;

#[derive(Debug, Clone, Default)]
pub struct ClusterInput<'a> {
    /// Number of nodes; links and pairs that name others are ignored, as are those of a node with itself.
    pub nodes: u32,
    /// Each pair once; any others are weighed where their weight decides.
    pub links: Vec<Link>,
    /// Pairs that are never in one cluster.
    pub never: &'a [(u32, u32)],
    /// Whether pairs that are not among `links` or `never` may be forbidden too: all pairs of a merge are then asked for.
    pub contradictions: bool,
    /// Pairs that are always in one cluster, by rules; only what stewards have told apart stays apart.
    pub always: &'a [(u32, u32)],
    /// Pairs that stewards found to be one, the earliest decision first. They beat all rules; one that would bring together
    /// what is told apart is not followed.
    pub judged_same: &'a [(u32, u32)],
    /// Pairs that stewards told apart: never in one cluster, whoever else is in it.
    pub judged_different: &'a [(u32, u32)],
    /// One column a `different` rule: a code of the value per node, 0 where it is absent.
    /// Nodes with different codes are never in one cluster, though they may not be a candidate pair.
    pub differing: &'a [Vec<u32>],
    /// Per node one bit for the duplicate-free source it comes from, 0 for other sources.
    /// A cluster never holds two nodes with the same bit. May be empty.
    pub duplicate_free: &'a [u64],
}

/// Why a steward should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    TooLarge,
    Outweighed,
    Veto,
    DifferingValues,
    SameSource,
    Judgements,
}

/// Reason codes of [`Reason`] with their meaning.
pub const REASONS: &[(&str, &str)] = &[
    ("too_large", "joining the two clusters would exceed the size limit"),
    ("outweighed", "the pair is linked, but the other pairs between the two clusters speak against it"),
    ("veto", "the pair is linked, but a pair across the two clusters may never be merged"),
    ("differing_values", "the two clusters have different values where merged records may not differ"),
    ("same_source", "both clusters hold a record of the same source, which is said to be free of duplicates"),
    (
        "judgements",
        "judged the same, but other judgements tell apart whom that would join: one of them is to be taken back",
    ),
];

impl Reason {
    /// Code of [`REASONS`].
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Outweighed => "outweighed",
            Self::Veto => "veto",
            Self::DifferingValues => "differing_values",
            Self::SameSource => "same_source",
            Self::Judgements => "judgements",
        }
    }
}

/// Two clusters that evidence, or a judgement, would join, and why they are apart; or, for forced pairs, why they should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewReason {
    pub reason: Reason,
    /// The strongest link between the two clusters that met this reason, smaller node first.
    pub pair: (u32, u32),
    /// Weight of that link; infinite for a forced pair, and for judgements that contradict each other.
    pub weight: f64,
    /// The clusters of both nodes of the pair. The same one twice: a forced pair broke the rule.
    pub clusters: (u32, u32),
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Clusters {
    /// Per node its cluster, named after the smallest node in it.
    pub cluster: Vec<u32>,
    /// One entry per two clusters and reason, ordered by reason and clusters.
    pub review: Vec<ReviewReason>,
}

/// Clusters the nodes. Total, deterministic, independent of the order of links and pairs.
pub fn cluster(input: ClusterInput<'_>, rules: &ClusterRules, weigh: &mut Weigh<'_>) -> Clusters {
    let ClusterInput { nodes, mut links, never, contradictions, differing, duplicate_free, .. } = input;
    let (always, judged_same, judged_different) = (input.always, input.judged_same, input.judged_different);
    let inside = |a: u32, b: u32| a < nodes && b < nodes && a != b;
    links.retain(|l| inside(l.a, l.b) && !l.weight.is_nan());
    for link in &mut links {
        (link.a, link.b) = (link.a.min(link.b), link.a.max(link.b));
    }
    let ordered = |pairs: &[(u32, u32)]| -> Vec<(u32, u32)> {
        pairs.iter().filter(|(a, b)| inside(*a, *b)).map(|&(a, b)| (a.min(b), a.max(b))).collect()
    };
    let (mut forced, mut by_rules) = (ordered(judged_same), ordered(always));
    by_rules.sort_unstable();
    by_rules.dedup();
    let judged = forced.len();
    forced.extend(by_rules);

    let vetoes: Vec<(u32, u32)> = never.iter().chain(judged_different).copied().collect();
    let mut sets = Sets::new(nodes, &vetoes, differing, duplicate_free);
    let mut apart = (!judged_different.is_empty()).then(|| Sets::new(nodes, judged_different, &[], &[]));
    let mut refused: Vec<Refused> = vec![];
    let mut joined = Vec::with_capacity(forced.len());
    for (place, (a, b)) in forced.into_iter().enumerate() {
        let link = Link { a, b, weight: f64::INFINITY, band: Band::Merge };
        if let Some(apart) = &mut apart {
            let (a, b) = (apart.find(a), apart.find(b));
            if apart.clash(a, b).is_some() {
                refused.extend((place < judged).then_some((Reason::Judgements, link)));
                continue;
            }
            apart.union(a, b);
        }
        let (x, y) = (sets.find(a), sets.find(b));
        refused.extend(sets.clash(x, y).map(|reason| (reason, link)));
        sets.union(x, y);
        joined.push((a, b));
    }
    drop(apart);
    let average = weight_of(*rules.average.get_ref());
    let max_size = *rules.max_size.get_ref();
    let mut linkage = Linkage { sets: &mut sets, refused: &mut refused, max_size, average, contradictions, weigh };
    for component in linkage::components(nodes, &mut links, &joined) {
        linkage.agglomerate(component);
    }
    let cluster = smallest(&mut sets, nodes);
    Clusters { review: summary(refused, &links, &cluster), cluster }
}

/// Per node the smallest node of its set.
fn smallest(sets: &mut Sets<'_>, nodes: u32) -> Vec<u32> {
    let mut least = vec![u32::MAX; nodes as usize];
    (0..nodes)
        .map(|node| {
            let root = sets.find(node) as usize;
            least.get_mut(root).map_or(node, |first| {
                *first = (*first).min(node);
                *first
            })
        })
        .collect()
}

/// Strongest first, then by nodes.
fn by_strength(x: &Link, y: &Link) -> Ordering {
    y.weight.total_cmp(&x.weight).then((x.a, x.b).cmp(&(y.a, y.b)))
}

/// One entry per reason and pair of clusters: the strongest link. Links whose nodes came together another way are
/// no matter for review, unless a forced pair brought them together against a rule. What would merge and did not,
/// and met no other reason, was outweighed.
fn summary(mut refused: Vec<Refused>, links: &[Link], cluster: &[u32]) -> Vec<ReviewReason> {
    let of = |node: u32| cluster.get(node as usize).copied().unwrap_or(node);
    let between = |link: &Link| {
        let (a, b) = (of(link.a), of(link.b));
        (a.min(b), a.max(b))
    };
    let known: BTreeSet<(u32, u32)> = refused.iter().map(|(_, link)| between(link)).collect();
    let apart = |link: &&Link| {
        let (a, b) = between(link);
        link.band == Band::Merge && a != b && !known.contains(&(a, b))
    };
    refused.extend(links.iter().filter(apart).map(|link| (Reason::Outweighed, *link)));
    let mut kept: BTreeMap<(Reason, u32, u32), Link> = BTreeMap::new();
    for (reason, link) in refused {
        let (a, b) = between(&link);
        if a == b && link.weight != f64::INFINITY {
            continue;
        }
        let best = kept.entry((reason, a, b)).or_insert(link);
        if by_strength(&link, best) == Ordering::Less {
            *best = link;
        }
    }
    kept.into_iter()
        .map(|((reason, _, _), link)| ReviewReason {
            reason,
            pair: (link.a, link.b),
            weight: link.weight,
            clusters: (of(link.a), of(link.b)),
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
