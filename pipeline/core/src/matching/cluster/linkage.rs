//! Average linkage within one connected component. Enter: the links of a component, the sets so far.
//! Leave: merged sets, and links that a rule refused. A pair without a link is weighed only where its weight decides:
//! until then it counts the least a pair can count. Never here: recursion, hashing, other components.

use super::sets::Sets;
use super::{Band, CERTAIN, LEAST, Link, NOT_FOUND, Reason, Weigh};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// A link that a rule forbade to follow.
pub(super) type Refused = (Reason, Link);

/// All that is known of the pairs between two clusters.
#[derive(Debug, Clone, Copy)]
struct Edge {
    /// Local number of the other cluster.
    to: u32,
    /// Weights and number of the pairs that have been weighed.
    sum: f64,
    weighed: f64,
    /// The strongest link that may merge, if any.
    strongest: Option<Link>,
}

impl Edge {
    fn absorb(&mut self, other: &Self) {
        self.sum += other.sum;
        self.weighed += other.weighed;
        self.strongest = match (self.strongest, other.strongest) {
            (Some(x), Some(y)) => Some(if super::by_strength(&x, &y) == Ordering::Greater { y } else { x }),
            (x, y) => x.or(y),
        };
    }
}

/// Two clusters that may merge, as they were when this was noted.
#[derive(Debug, PartialEq)]
struct Candidate {
    average: f64,
    /// Local numbers, smaller first, and how often each had grown.
    pair: Reverse<(u32, u32)>,
    grown: (u32, u32),
}

impl Eq for Candidate {}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.average.total_cmp(&other.average).then(self.pair.cmp(&other.pair)).then(self.grown.cmp(&other.grown))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Sorts links by component, drops those between components, and returns the links of each component.
/// Components hang together by links that may merge and by forced pairs: no cluster can be larger.
pub(super) fn components<'a>(nodes: u32, links: &'a mut Vec<Link>, forced: &[(u32, u32)]) -> Vec<&'a [Link]> {
    let mut whole = Sets::new(nodes, &[], &[], &[]);
    let merging = links.iter().filter(|l| l.band == Band::Merge).map(|l| (l.a, l.b));
    for (a, b) in merging.chain(forced.iter().copied()) {
        let (a, b) = (whole.find(a), whole.find(b));
        whole.union(a, b);
    }
    links.retain(|l| whole.find(l.a) == whole.find(l.b));
    links.sort_unstable_by_key(|l| (whole.find(l.a), l.a, l.b));
    let mut root = |l: &Link| whole.find(l.a);
    let mut rest: &'a [Link] = links;
    let mut parts = vec![];
    while let Some(first) = rest.first() {
        let component = root(first);
        let size = rest.partition_point(|l| root(l) <= component);
        let (part, after) = rest.split_at(size);
        parts.push(part);
        rest = after;
    }
    parts
}

/// Clusters that a strong link would merge.
#[derive(Default)]
struct Queues {
    /// Least average of a merge.
    least: f64,
    /// The average is high enough, whatever pairs yet to be weighed turn out to weigh.
    ready: BinaryHeap<Candidate>,
    /// The average may be high enough when all pairs have been weighed.
    doubtful: BinaryHeap<Candidate>,
}

impl Queues {
    /// Notes the two ends of an edge of `a`, if a link may merge them.
    fn push(&mut self, component: &Component<'_>, a: u32, edge: &Edge) {
        if edge.strongest.is_none() {
            return;
        }
        let pairs = component.size(a) * component.size(edge.to);
        let named = component.nodes(a).len() as f64 * component.nodes(edge.to).len() as f64;
        let average = (edge.sum + LEAST * (pairs - edge.weighed)) / pairs;
        let most = (edge.sum + NOT_FOUND * (named - edge.weighed) + LEAST * (pairs - named)) / pairs;
        let (a, b) = (a.min(edge.to), a.max(edge.to));
        let grown = (component.grown(a), component.grown(b));
        let candidate = Candidate { average, pair: Reverse((a, b)), grown };
        if average >= self.least {
            self.ready.push(candidate);
        } else if most >= self.least && edge.weighed < named {
            self.doubtful.push(candidate);
        }
    }
}

/// What merging needs to know besides the links.
pub(super) struct Linkage<'a, 'b> {
    pub(super) sets: &'a mut Sets<'b>,
    pub(super) refused: &'a mut Vec<Refused>,
    pub(super) max_size: usize,
    /// Least average weight of all pairs between two clusters.
    pub(super) average: f64,
    pub(super) contradictions: bool,
    pub(super) weigh: &'a mut Weigh<'a>,
}

/// One component while it is worked: clusters by local number, the smallest node's first.
struct Component<'a> {
    /// By nodes.
    links: &'a [Link],
    /// Root in the sets, per cluster.
    root: Vec<u32>,
    size: Vec<f64>,
    /// The nodes that links name, per cluster.
    nodes: Vec<Vec<u32>>,
    /// Edges by the other cluster's number; a cluster that has gone has none.
    edges: Vec<Vec<Edge>>,
    /// How often a cluster has grown; `GONE` when it is part of another.
    grown: Vec<u32>,
}

const GONE: u32 = u32::MAX;

impl Linkage<'_, '_> {
    /// Merges clusters of one component as long as any two may merge.
    pub(super) fn agglomerate(&mut self, links: &[Link]) {
        let mut component = self.start(links);
        let mut queues = Queues { least: self.average, ..Queues::default() };
        for (a, edges) in (0u32..).zip(&component.edges) {
            edges.iter().filter(|e| e.to > a).for_each(|e| queues.push(&component, a, e));
        }
        loop {
            if let Some(next) = queues.ready.pop() {
                if component.is_as_noted(&next) {
                    self.merge(&mut component, next, &mut queues);
                }
            } else if let Some(next) = queues.doubtful.pop() {
                if component.is_as_noted(&next) {
                    let Reverse((a, b)) = next.pair;
                    if let Some(edge) = component.weigh(a, b, self.weigh) {
                        queues.push(&component, a, &edge);
                    }
                }
            } else {
                return;
            }
        }
    }

    /// Makes one cluster of the two, unless a rule forbids it.
    fn merge(&mut self, component: &mut Component<'_>, next: Candidate, queues: &mut Queues) {
        let Reverse((a, b)) = next.pair;
        let (x, y) = (component.root(a), component.root(b));
        let too_large = self.sets.size(x) + self.sets.size(y) > self.max_size;
        let reason = too_large.then_some(Reason::TooLarge).or_else(|| self.sets.clash(x, y));
        let reason = reason.or_else(|| self.contradict(component, a, b).then_some(Reason::Veto));
        if let Some(reason) = reason {
            self.refused.extend(component.edge(a, b).and_then(|e| e.strongest).map(|link| (reason, link)));
            return;
        }
        self.sets.union(x, y);
        let root = self.sets.find(x);
        component.merge(a, b, root);
        component.edges(a).iter().for_each(|e| queues.push(component, a, e));
    }

    /// Whether any pair between two clusters is never merged.
    fn contradict(&mut self, component: &Component<'_>, a: u32, b: u32) -> bool {
        let mut never = |x: u32, y: u32| (self.weigh)(x.min(y), x.max(y)).is_none();
        self.contradictions && component.nodes(a).iter().any(|x| component.nodes(b).iter().any(|y| never(*x, *y)))
    }

    /// Clusters as forced pairs left them, and what the links say between them.
    fn start<'l>(&mut self, links: &'l [Link]) -> Component<'l> {
        let mut all: Vec<(u32, u32)> =
            links.iter().flat_map(|l| [l.a, l.b]).map(|node| (self.sets.find(node), node)).collect();
        all.sort_unstable();
        all.dedup();
        // The smallest node of a root that links name stands for it.
        let sets = all.chunk_by(|x, y| x.0 == y.0);
        let first = |set: &[(u32, u32)]| set.first().map(|(root, node)| (*node, *root));
        let mut named: Vec<(u32, u32)> = sets.clone().filter_map(first).collect();
        named.sort_unstable();
        let mut local: Vec<(u32, u32)> = named.iter().zip(0u32..).map(|((_, root), i)| (*root, i)).collect();
        local.sort_unstable();
        let place = |root: u32| local.binary_search_by_key(&root, |(r, _)| *r).ok().and_then(|p| local.get(p));
        let mut edges: Vec<Vec<Edge>> = vec![vec![]; named.len()];
        for link in links {
            let (x, y) = (self.sets.find(link.a), self.sets.find(link.b));
            let (Some(&(_, a)), Some(&(_, b))) = (place(x), place(y)) else { continue };
            if a == b {
                continue;
            }
            let strongest = (link.band == Band::Merge).then_some(*link);
            let edge = Edge { to: b, sum: link.weight.clamp(LEAST, CERTAIN), weighed: 1.0, strongest };
            for (from, to) in [(a, b), (b, a)] {
                if let Some(list) = edges.get_mut(from as usize) {
                    list.push(Edge { to, ..edge });
                }
            }
        }
        for list in &mut edges {
            list.sort_by_key(|e| e.to);
            list.dedup_by(|next, first| {
                let same = next.to == first.to;
                if same {
                    first.absorb(next);
                }
                same
            });
        }
        let mut nodes: Vec<Vec<u32>> = vec![vec![]; named.len()];
        for set in sets {
            let cluster = set.first().and_then(|(root, _)| place(*root)).map(|(_, cluster)| *cluster as usize);
            if let Some(list) = cluster.and_then(|cluster| nodes.get_mut(cluster)) {
                list.extend(set.iter().map(|(_, node)| *node));
            }
        }
        Component {
            links,
            nodes,
            size: named.iter().map(|(_, root)| self.sets.size(*root) as f64).collect(),
            grown: vec![0; named.len()],
            root: named.into_iter().map(|(_, root)| root).collect(),
            edges,
        }
    }
}

impl Component<'_> {
    fn grown(&self, cluster: u32) -> u32 {
        self.grown.get(cluster as usize).copied().unwrap_or(GONE)
    }

    fn root(&self, cluster: u32) -> u32 {
        self.root.get(cluster as usize).copied().unwrap_or(cluster)
    }

    fn size(&self, cluster: u32) -> f64 {
        self.size.get(cluster as usize).copied().unwrap_or(1.0)
    }

    fn edge(&self, a: u32, b: u32) -> Option<&Edge> {
        let list = self.edges.get(a as usize)?;
        list.binary_search_by_key(&b, |e| e.to).ok().and_then(|place| list.get(place))
    }

    fn edges(&self, cluster: u32) -> &[Edge] {
        self.edges.get(cluster as usize).map(Vec::as_slice).unwrap_or_default()
    }

    fn nodes(&self, cluster: u32) -> &[u32] {
        self.nodes.get(cluster as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether neither cluster has grown since the candidate was noted.
    fn is_as_noted(&self, candidate: &Candidate) -> bool {
        let Reverse((a, b)) = candidate.pair;
        (self.grown(a), self.grown(b)) == candidate.grown
    }

    /// Weighs all pairs between two clusters; the edge between them, exact from now on.
    fn weigh(&mut self, a: u32, b: u32, weigh: &mut Weigh<'_>) -> Option<Edge> {
        let mut sum = 0.0;
        for x in self.nodes(a) {
            for y in self.nodes(b) {
                let (x, y) = (*x.min(y), *x.max(y));
                let link = self.links.binary_search_by_key(&(x, y), |l| (l.a, l.b)).ok();
                sum += match link.and_then(|place| self.links.get(place)) {
                    Some(link) => link.weight.clamp(LEAST, CERTAIN),
                    None => weigh(x, y).unwrap_or(LEAST).clamp(LEAST, NOT_FOUND),
                };
            }
        }
        let weighed = (self.nodes(a).len() * self.nodes(b).len()) as f64;
        for (from, to) in [(a, b), (b, a)] {
            let list = self.edges.get_mut(from as usize)?;
            let edge = list.binary_search_by_key(&to, |e| e.to).ok().and_then(|place| list.get_mut(place))?;
            (edge.sum, edge.weighed) = (sum, weighed);
        }
        self.edge(a, b).copied()
    }

    /// Makes `b` part of `a`, whose set now has the given root.
    fn merge(&mut self, a: u32, b: u32, root: u32) {
        let (into, gone) = (a as usize, b as usize);
        let ours = self.edges.get_mut(into).map(std::mem::take).unwrap_or_default();
        let theirs = self.edges.get_mut(gone).map(std::mem::take).unwrap_or_default();
        let mut merged: Vec<Edge> = Vec::with_capacity(ours.len() + theirs.len());
        let (mut ours, mut theirs) = (ours.into_iter().peekable(), theirs.into_iter().peekable());
        loop {
            let from_ours = match (ours.peek(), theirs.peek()) {
                (None, None) => break,
                (Some(x), Some(y)) => x.to <= y.to,
                (x, _) => x.is_some(),
            };
            let Some(edge) = (if from_ours { ours.next() } else { theirs.next() }) else { break };
            if edge.to == a || edge.to == b {
                continue;
            }
            match merged.last_mut().filter(|last| last.to == edge.to) {
                Some(last) => last.absorb(&edge),
                None => merged.push(edge),
            }
            if !from_ours {
                self.rename(edge.to, b, a, &edge);
            }
        }
        let moved = self.nodes.get_mut(gone).map(std::mem::take).unwrap_or_default();
        if let Some(nodes) = self.nodes.get_mut(into) {
            nodes.extend(moved);
        }
        let size = self.size(b);
        if let Some(total) = self.size.get_mut(into) {
            *total += size;
        }
        for (list, cluster, value) in [(&mut self.grown, gone, GONE), (&mut self.root, into, root)] {
            if let Some(cell) = list.get_mut(cluster) {
                *cell = value;
            }
        }
        if let Some(times) = self.grown.get_mut(into) {
            *times += 1;
        }
        if let Some(list) = self.edges.get_mut(into) {
            *list = merged;
        }
    }

    /// In the edges of a neighbour: what led to `old` now leads to `new`.
    fn rename(&mut self, neighbour: u32, old: u32, new: u32, edge: &Edge) {
        let Some(list) = self.edges.get_mut(neighbour as usize) else { return };
        if let Ok(place) = list.binary_search_by_key(&old, |e| e.to) {
            list.remove(place);
        }
        match list.binary_search_by_key(&new, |e| e.to) {
            Ok(place) => {
                if let Some(there) = list.get_mut(place) {
                    there.absorb(edge);
                }
            }
            Err(place) => list.insert(place, Edge { to: new, ..*edge }),
        }
    }
}
