//! Disjoint sets that know what they must not be joined with. Enter: vetoes, codes, sources. Leave: roots, clashes.
//! Never here: the order of unions, the size limit.

use super::Reason;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Code of a cluster in which a forced pair brought different values together: clashes with any other.
const MIXED: u32 = u32::MAX;

/// Union-find by size; attributes of a set live at its root.
pub(super) struct Sets<'a> {
    parent: Vec<u32>,
    size: Vec<u32>,
    /// Nodes vetoed against a set, under its root; only for sets that have any.
    vetoed: BTreeMap<u32, BTreeSet<u32>>,
    codes: Vec<Vec<u32>>,
    sources: Cow<'a, [u64]>,
}

impl<'a> Sets<'a> {
    pub(super) fn new(nodes: u32, never: &[(u32, u32)], differing: &[Vec<u32>], duplicate_free: &'a [u64]) -> Self {
        let mut vetoed: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for &(a, b) in never.iter().filter(|(a, b)| *a < nodes && *b < nodes && a != b) {
            vetoed.entry(a).or_default().insert(b);
            vetoed.entry(b).or_default().insert(a);
        }
        let sources = Cow::Borrowed(duplicate_free);
        Self { parent: (0..nodes).collect(), size: vec![1; nodes as usize], vetoed, codes: differing.to_vec(), sources }
    }

    /// Root of a node's set, halving the path.
    pub(super) fn find(&mut self, mut node: u32) -> u32 {
        loop {
            let Some(&parent) = self.parent.get(node as usize) else {
                return node;
            };
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

    pub(super) fn size(&self, root: u32) -> usize {
        self.size.get(root as usize).map_or(0, |n| *n as usize)
    }

    /// Why two sets may not be one.
    pub(super) fn clash(&mut self, a: u32, b: u32) -> Option<Reason> {
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
    pub(super) fn union(&mut self, a: u32, b: u32) {
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
