//! From linked pairs to clusters that cannot chain. Enter: links with weights, vetoes, forced pairs.
//! Leave: a cluster per node and what a steward should look at. Never here: scoring, stable ids, names.
//!
//! Links are merged strongest first (ties by node numbers), so the result does not depend on their order;
//! a union that a veto, a clash or the size limit forbids is refused and reported. Then clusters that hang
//! together by one weak link are cut there: bridges after Tarjan (1974), "A note on finding the bridges of a graph".

use super::model::weight_of;
use crate::rules::matching::ClusterRules;
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

mod bridges;

/// Above the merge threshold, or between it and the review threshold.
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
    /// Links for review never merge; they may be passed or left out.
    pub band: Band,
}

#[derive(Debug, Clone, Default)]
pub struct ClusterInput<'a> {
    /// Number of nodes; links and pairs that name others are ignored, as are those of a node with itself.
    pub nodes: u32,
    pub links: Vec<Link>,
    /// Pairs that are never in one cluster.
    pub never: &'a [(u32, u32)],
    /// Pairs that are always in one cluster: stewards' judgements and `always` rules. They beat all else.
    pub always: &'a [(u32, u32)],
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
    WeakBridge,
    Veto,
    DifferingValues,
    SameSource,
}

/// Reason codes of [`Reason`] with their meaning.
pub const REASONS: &[(&str, &str)] = &[
    ("too_large", "joining the two clusters would exceed the size limit"),
    ("weak_bridge", "one link below the limit was all that held the two clusters together: it was cut"),
    ("veto", "the pair is linked, but a pair across the two clusters may never be merged"),
    ("differing_values", "the two clusters have different values where merged records may not differ"),
    ("same_source", "both clusters hold a record of the same source, which is said to be free of duplicates"),
];

impl Reason {
    /// Code of [`REASONS`].
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::WeakBridge => "weak_bridge",
            Self::Veto => "veto",
            Self::DifferingValues => "differing_values",
            Self::SameSource => "same_source",
        }
    }
}

/// Two clusters that evidence would join, and why they are apart; or, for forced pairs, why they should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewReason {
    pub reason: Reason,
    /// The strongest link between the two clusters that met this reason, smaller node first.
    pub pair: (u32, u32),
    /// Weight of that link; infinite for a forced pair.
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
pub fn cluster(input: ClusterInput<'_>, rules: &ClusterRules) -> Clusters {
    let ClusterInput { nodes, mut links, never, always, differing, duplicate_free } = input;
    let inside = |a: u32, b: u32| a < nodes && b < nodes && a != b;
    links.retain(|l| l.band == Band::Merge && inside(l.a, l.b) && !l.weight.is_nan());
    for link in &mut links {
        (link.a, link.b) = (link.a.min(link.b), link.a.max(link.b));
    }
    links.sort_unstable_by(by_strength);
    let mut forced: Vec<(u32, u32)> = always.iter().filter(|(a, b)| inside(*a, *b)).map(|&(a, b)| (a.min(b), a.max(b))).collect();
    forced.sort_unstable();
    forced.dedup();

    let mut sets = Sets::new(nodes, never, differing, duplicate_free);
    let mut refused: Vec<(Reason, Link)> = vec![];
    for &(a, b) in &forced {
        let link = Link { a, b, weight: f64::INFINITY, band: Band::Merge };
        let (a, b) = (sets.find(a), sets.find(b));
        refused.extend(sets.clash(a, b).map(|reason| (reason, link)));
        sets.union(a, b);
    }
    for link in &links {
        let (a, b) = (sets.find(link.a), sets.find(link.b));
        if a == b {
            continue;
        }
        let too_large = || (sets.size(a) + sets.size(b) > *rules.max_size.get_ref()).then_some(Reason::TooLarge);
        match too_large().or_else(|| sets.clash(a, b)) {
            Some(reason) => refused.push((reason, *link)),
            None => sets.union(a, b),
        }
    }
    let roots: Vec<u32> = (0..nodes).map(|node| sets.find(node)).collect();
    drop(sets);
    let weakest = weight_of(*rules.bridge.get_ref());
    let (cluster, cut) = bridges::cut(&roots, &links, &forced, weakest);
    refused.extend(cut.into_iter().map(|link| (Reason::WeakBridge, link)));
    Clusters { review: summary(refused, &cluster), cluster }
}

/// Strongest first, then by nodes.
fn by_strength(x: &Link, y: &Link) -> Ordering {
    y.weight.total_cmp(&x.weight).then((x.a, x.b).cmp(&(y.a, y.b)))
}

/// One entry per reason and pair of clusters: the strongest link. Links whose nodes came together another way are
/// no matter for review, unless a forced pair brought them together against a rule.
fn summary(refused: Vec<(Reason, Link)>, cluster: &[u32]) -> Vec<ReviewReason> {
    let of = |node: u32| cluster.get(node as usize).copied().unwrap_or(node);
    let mut kept: BTreeMap<(Reason, u32, u32), Link> = BTreeMap::new();
    for (reason, link) in refused {
        let (a, b) = (of(link.a), of(link.b));
        if a == b && link.weight != f64::INFINITY {
            continue;
        }
        let best = kept.entry((reason, a.min(b), a.max(b))).or_insert(link);
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

/// Code of a cluster in which a forced pair brought different values together: clashes with any other.
const MIXED: u32 = u32::MAX;

/// Disjoint sets that know what they must not be joined with. Attributes live at the roots.
struct Sets<'a> {
    parent: Vec<u32>,
    size: Vec<u32>,
    /// Nodes vetoed against a set, under its root; only for sets that have any.
    vetoed: BTreeMap<u32, BTreeSet<u32>>,
    codes: Vec<Vec<u32>>,
    sources: std::borrow::Cow<'a, [u64]>,
}

impl<'a> Sets<'a> {
    fn new(nodes: u32, never: &[(u32, u32)], differing: &[Vec<u32>], duplicate_free: &'a [u64]) -> Self {
        let mut vetoed: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for &(a, b) in never.iter().filter(|(a, b)| *a < nodes && *b < nodes && a != b) {
            vetoed.entry(a).or_default().insert(b);
            vetoed.entry(b).or_default().insert(a);
        }
        let sources = std::borrow::Cow::Borrowed(duplicate_free);
        Self { parent: (0..nodes).collect(), size: vec![1; nodes as usize], vetoed, codes: differing.to_vec(), sources }
    }

    /// Root of a node's set, halving the path.
    fn find(&mut self, mut node: u32) -> u32 {
        loop {
            let Some(&parent) = self.parent.get(node as usize) else { return node };
            if parent == node {
                return node;
            }
            let above = self.parent.get(parent as usize).copied().unwrap_or(parent);
            if let Some(cell) = self.parent.get_mut(node as usize) {
                *cell = above;
            }
            node = above;
        }
    }

    fn size(&self, root: u32) -> usize {
        self.size.get(root as usize).map_or(0, |n| *n as usize)
    }

    /// Why two sets may not be one.
    fn clash(&mut self, a: u32, b: u32) -> Option<Reason> {
        if a == b {
            return None;
        }
        let count = |root: u32| self.vetoed.get(&root).map_or(0, BTreeSet::len);
        let (few, other) = if count(a) <= count(b) { (a, b) } else { (b, a) };
        let against: Vec<u32> = self.vetoed.get(&few).into_iter().flatten().copied().collect();
        if count(other) > 0 && against.into_iter().any(|node| self.find(node) == other) {
            return Some(Reason::Veto);
        }
        let code = |column: &Vec<u32>, root: u32| column.get(root as usize).copied().unwrap_or(0);
        let differ = |column: &Vec<u32>| {
            let (x, y) = (code(column, a), code(column, b));
            x != 0 && y != 0 && (x != y || x == MIXED)
        };
        if self.codes.iter().any(differ) {
            return Some(Reason::DifferingValues);
        }
        let source = |root: u32| self.sources.get(root as usize).copied().unwrap_or(0);
        (source(a) & source(b) != 0).then_some(Reason::SameSource)
    }

    /// Joins two roots; what they must not be joined with adds up, the shorter list into the longer.
    fn union(&mut self, a: u32, b: u32) {
        if a == b {
            return;
        }
        let (root, child) = if self.size(a) >= self.size(b) { (a, b) } else { (b, a) };
        if let Some(cell) = self.parent.get_mut(child as usize) {
            *cell = root;
        }
        let grown = u32::try_from(self.size(root) + self.size(child)).unwrap_or(u32::MAX);
        if let Some(cell) = self.size.get_mut(root as usize) {
            *cell = grown;
        }
        if let Some(mut theirs) = self.vetoed.remove(&child) {
            let ours = self.vetoed.entry(root).or_default();
            if ours.len() < theirs.len() {
                std::mem::swap(ours, &mut theirs);
            }
            ours.extend(theirs);
        }
        for column in &mut self.codes {
            let theirs = column.get(child as usize).copied().unwrap_or(0);
            if let Some(ours) = column.get_mut(root as usize).filter(|_| theirs != 0) {
                *ours = if *ours == 0 || *ours == theirs { theirs } else { MIXED };
            }
        }
        let theirs = self.sources.get(child as usize).copied().unwrap_or(0);
        if theirs != 0
            && let Some(ours) = self.sources.to_mut().get_mut(root as usize)
        {
            *ours |= theirs;
        }
    }
}

#[cfg(test)]
#[path = "cluster_tests.rs"]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
