//! Average linkage within one connected component. Enter: the links of a component, the sets so far.
//! Leave: merged sets, and links that a rule refused. Never here: recursion, hashing, other components.

use super::sets::Sets;
use super::{Band, CERTAIN, Link, Reason, UNSEEN};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// A link that a rule forbade to follow.
pub(super) type Refused = (Reason, Link);

/// All that is known of the pairs between two clusters.
#[derive(Debug, Clone, Copy)]
struct Edge {
    /// Local number of the other cluster.
    to: u32,
    /// Weights and number of the pairs that were seen.
    sum: f64,
    seen: f64,
    /// The strongest link that may merge, if any.
    strongest: Option<Link>,
}

impl Edge {
    fn absorb(&mut self, other: &Self) {
        self.sum += other.sum;
        self.seen += other.seen;
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

/// What merging needs to know besides the links.
pub(super) struct Linkage<'a, 'b> {
    pub(super) sets: &'a mut Sets<'b>,
    pub(super) refused: &'a mut Vec<Refused>,
    pub(super) max_size: usize,
    /// Least average weight of all pairs between two clusters.
    pub(super) average: f64,
}

/// One component while it is worked: clusters by local number, the smallest node's first.
struct Component {
    /// Root in the sets, per cluster.
    root: Vec<u32>,
    size: Vec<f64>,
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
        let mut queue = BinaryHeap::new();
        for (a, edges) in (0u32..).zip(&component.edges) {
            queue.extend(edges.iter().filter(|e| e.to > a).filter_map(|e| component.candidate(a, e, self.average)));
        }
        while let Some(next) = queue.pop() {
            let Reverse((a, b)) = next.pair;
            if component.grown(a) != next.grown.0 || component.grown(b) != next.grown.1 {
                continue;
            }
            let (x, y) = (component.root(a), component.root(b));
            let too_large = self.sets.size(x) + self.sets.size(y) > self.max_size;
            if let Some(reason) = too_large.then_some(Reason::TooLarge).or_else(|| self.sets.clash(x, y)) {
                self.refused.extend(component.edge(a, b).and_then(|e| e.strongest).map(|link| (reason, link)));
                continue;
            }
            self.sets.union(x, y);
            let root = self.sets.find(x);
            component.merge(a, b, root);
            let edges = component.edges.get(a as usize).map(Vec::as_slice).unwrap_or_default();
            queue.extend(edges.iter().filter_map(|e| component.candidate(a, e, self.average)));
        }
    }

    /// Clusters as forced pairs left them, and what the links say between them.
    fn start(&mut self, links: &[Link]) -> Component {
        // The smallest node of a root that links name stands for it.
        let mut nodes: Vec<(u32, u32)> =
            links.iter().flat_map(|l| [l.a, l.b]).map(|node| (self.sets.find(node), node)).collect();
        nodes.sort_unstable();
        nodes.dedup_by_key(|(root, _)| *root);
        let mut named: Vec<(u32, u32)> = nodes.into_iter().map(|(root, node)| (node, root)).collect();
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
            let edge = Edge { to: b, sum: link.weight.clamp(UNSEEN, CERTAIN), seen: 1.0, strongest };
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
        Component {
            size: named.iter().map(|(_, root)| self.sets.size(*root) as f64).collect(),
            grown: vec![0; named.len()],
            root: named.into_iter().map(|(_, root)| root).collect(),
            edges,
        }
    }
}

impl Component {
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

    /// The two ends of an edge as a candidate, if a link may merge them and the average is high enough.
    fn candidate(&self, a: u32, edge: &Edge, least: f64) -> Option<Candidate> {
        edge.strongest?;
        let pairs = self.size(a) * self.size(edge.to);
        let average = (edge.sum + UNSEEN * (pairs - edge.seen)) / pairs;
        let (a, b) = (a.min(edge.to), a.max(edge.to));
        let candidate = Candidate { average, pair: Reverse((a, b)), grown: (self.grown(a), self.grown(b)) };
        (average >= least).then_some(candidate)
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
