//! Cuts clusters where one weak link holds two groups together. Enter: set of each node, links, forced pairs.
//! Leave: clusters after the cuts, the links cut. Never here: recursion (clusters may be long chains), vetoes.
//!
//! A link is cut when it is a bridge (no other way leads from one end to the other), weaker than the limit,
//! and both groups it parts have at least two nodes. Weakest first; groups are counted after earlier cuts.

use super::{Link, by_strength};

/// No node.
const NONE: u32 = u32::MAX;

/// An edge of the graph; `weight` is infinite for forced pairs.
type Edge = (u32, u32, f64);

/// `sets`: per node the number of its set. Every link whose ends are in one set is an edge.
/// Returns per node the smallest node of its cluster, and the cut links, weakest first.
pub(super) fn cut(sets: &[u32], links: &[Link], forced: &[(u32, u32)], weakest: f64) -> (Vec<u32>, Vec<Link>) {
    let graph = Graph::new(sets, links, forced);
    let mut forest = graph.forest();
    let mut weak: Vec<Link> = vec![];
    for &node in &forest.order {
        let parent = at(&forest.parent, node);
        // Nothing below the node reaches above it: the edge to its parent is a bridge.
        if parent != NONE && at(&forest.low, node) > at(&forest.entry, parent) {
            let weight = graph.weight(parent, node);
            if weight < weakest {
                weak.push(Link { a: node.min(parent), b: node.max(parent), weight, band: super::Band::Merge });
            }
        }
    }
    weak.sort_unstable_by(|x, y| by_strength(y, x));
    weak.retain(|link| forest.part(link.a, link.b));
    (forest.clusters(), weak)
}

fn at(values: &[u32], i: u32) -> u32 {
    values.get(i as usize).copied().unwrap_or(NONE)
}

fn put(values: &mut [u32], i: u32, value: u32) {
    if let Some(cell) = values.get_mut(i as usize) {
        *cell = value;
    }
}

/// Adjacency lists in two arrays: neighbours of node `i` are `edges[start[i]..start[i + 1]]`.
struct Graph {
    start: Vec<usize>,
    edges: Vec<(u32, f64)>,
}

impl Graph {
    fn new(sets: &[u32], links: &[Link], forced: &[(u32, u32)]) -> Self {
        let within = move |a: u32, b: u32| at(sets, a) == at(sets, b);
        let edges = || {
            let links = links.iter().filter(move |l| within(l.a, l.b)).map(|l| -> Edge { (l.a, l.b, l.weight) });
            links.chain(forced.iter().map(|&(a, b)| (a, b, f64::INFINITY)))
        };
        let mut start = vec![0usize; sets.len() + 2];
        for (a, b, _) in edges() {
            for node in [a, b] {
                if let Some(n) = start.get_mut(node as usize + 2) {
                    *n += 1;
                }
            }
        }
        for i in 1..start.len() {
            if let Some(before) = start.get(i - 1).copied()
                && let Some(n) = start.get_mut(i)
            {
                *n += before;
            }
        }
        // While filling, `start[i + 1]` is where the next neighbour of `i` goes; it ends where `i + 1` starts.
        let mut filled = vec![(NONE, 0.0); start.last().copied().unwrap_or(0)];
        for (a, b, weight) in edges() {
            for (from, to) in [(a, b), (b, a)] {
                if let Some(next) = start.get_mut(from as usize + 1) {
                    if let Some(cell) = filled.get_mut(*next) {
                        *cell = (to, weight);
                    }
                    *next += 1;
                }
            }
        }
        Self { start, edges: filled }
    }

    fn neighbours(&self, node: u32) -> &[(u32, f64)] {
        let i = node as usize;
        let range = self.start.get(i).copied().unwrap_or(0)..self.start.get(i + 1).copied().unwrap_or(0);
        self.edges.get(range).unwrap_or_default()
    }

    /// The strongest of the edges between two nodes: a pair may be linked more than once.
    fn weight(&self, a: u32, b: u32) -> f64 {
        let (from, to) = if self.neighbours(a).len() <= self.neighbours(b).len() { (a, b) } else { (b, a) };
        let between = self.neighbours(from).iter().filter(|(node, _)| *node == to);
        between.map(|(_, weight)| *weight).fold(f64::NEG_INFINITY, f64::max)
    }

    /// Depth-first trees of all clusters with their entry times, lowest reachable entries and subtree sizes.
    fn forest(&self) -> Forest {
        let nodes = self.start.len().saturating_sub(2);
        let mut forest = Forest {
            parent: vec![NONE; nodes],
            entry: vec![NONE; nodes],
            low: vec![NONE; nodes],
            size: vec![1; nodes],
            order: Vec::with_capacity(nodes),
        };
        let mut stack: Vec<(u32, usize)> = vec![];
        for root in (0..nodes).filter_map(|n| u32::try_from(n).ok()) {
            if at(&forest.entry, root) != NONE {
                continue;
            }
            forest.enter(root, NONE);
            stack.push((root, 0));
            while let Some((node, next)) = stack.pop() {
                if let Some(&(neighbour, _)) = self.neighbours(node).get(next) {
                    stack.push((node, next + 1));
                    let seen = at(&forest.entry, neighbour);
                    if seen == NONE {
                        forest.enter(neighbour, node);
                        stack.push((neighbour, 0));
                    } else if neighbour != at(&forest.parent, node) {
                        let low = at(&forest.low, node).min(seen);
                        put(&mut forest.low, node, low);
                    }
                } else if let Some(&(parent, _)) = stack.last() {
                    let low = at(&forest.low, parent).min(at(&forest.low, node));
                    put(&mut forest.low, parent, low);
                    let size = at(&forest.size, parent) + at(&forest.size, node);
                    put(&mut forest.size, parent, size);
                }
            }
        }
        forest
    }
}

struct Forest {
    /// None for roots; cutting an edge makes its lower end a root.
    parent: Vec<u32>,
    entry: Vec<u32>,
    low: Vec<u32>,
    /// Nodes of the subtree that still hang together.
    size: Vec<u32>,
    /// Nodes by entry: parents before children.
    order: Vec<u32>,
}

impl Forest {
    fn enter(&mut self, node: u32, parent: u32) {
        let time = u32::try_from(self.order.len()).unwrap_or(NONE);
        put(&mut self.parent, node, parent);
        put(&mut self.entry, node, time);
        put(&mut self.low, node, time);
        self.order.push(node);
    }

    /// Cuts the bridge between two nodes if both groups have at least two nodes; says whether it did.
    /// Costs the depth of the bridge, which the size limit of clusters bounds.
    fn part(&mut self, a: u32, b: u32) -> bool {
        let (child, parent) = if at(&self.parent, a) == b { (a, b) } else { (b, a) };
        let mut root = parent;
        while at(&self.parent, root) != NONE {
            root = at(&self.parent, root);
        }
        let below = at(&self.size, child);
        if below < 2 || at(&self.size, root).saturating_sub(below) < 2 {
            return false;
        }
        let mut above = parent;
        while above != NONE {
            let size = at(&self.size, above).saturating_sub(below);
            put(&mut self.size, above, size);
            above = at(&self.parent, above);
        }
        put(&mut self.parent, child, NONE);
        true
    }

    /// Per node the smallest node of its tree.
    fn clusters(&self) -> Vec<u32> {
        let mut root: Vec<u32> = vec![NONE; self.parent.len()];
        let mut smallest: Vec<u32> = vec![NONE; self.parent.len()];
        for &node in &self.order {
            let parent = at(&self.parent, node);
            let top = if parent == NONE { node } else { at(&root, parent) };
            put(&mut root, node, top);
            let least = at(&smallest, top).min(node);
            put(&mut smallest, top, least);
        }
        root.iter().map(|&top| at(&smallest, top)).collect()
    }
}
