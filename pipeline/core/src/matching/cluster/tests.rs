//! Accidents that clustering must prevent: chains over weak links, vetoed records in one cluster,
//! results that change with the order of rows.

use super::*;
use proptest::prelude::*;
use serde_spanned::Spanned;

fn rules(max_size: usize, bridge: f64) -> ClusterRules {
    ClusterRules { max_size: Spanned::new(0..0, max_size), bridge: Spanned::new(0..0, bridge) }
}

fn links(links: &[(u32, u32, f64)]) -> Vec<Link> {
    links.iter().map(|&(a, b, weight)| Link { a, b, weight, band: Band::Merge }).collect()
}

type Reviewed = Vec<(&'static str, (u32, u32))>;

fn run(input: ClusterInput<'_>, rules: &ClusterRules) -> (Vec<u32>, Reviewed) {
    let clusters = cluster(input, rules);
    (clusters.cluster, clusters.review.iter().map(|r| (r.reason.as_str(), r.pair)).collect())
}

/// Two triangles 0-1-2 and 3-4-5 joined by 2-3.
fn triangles(weight: f64) -> Vec<Link> {
    links(&[(0, 1, 20.0), (1, 2, 20.0), (0, 2, 20.0), (3, 4, 20.0), (4, 5, 20.0), (3, 5, 20.0), (3, 2, weight)])
}

#[test]
fn a_weak_bridge_between_two_groups_is_cut() {
    let input = |weight| ClusterInput { nodes: 6, links: triangles(weight), ..Default::default() };
    assert_eq!(run(input(5.0), &rules(100, 0.99)), (vec![0, 0, 0, 3, 3, 3], vec![("weak_bridge", (2, 3))]));
    assert_eq!(run(input(9.0), &rules(100, 0.99)), (vec![0; 6], vec![]));
    let mut twice = input(5.0);
    twice.links.extend(links(&[(1, 4, 4.9)]));
    assert_eq!(run(twice, &rules(100, 0.99)), (vec![0; 6], vec![]), "two ways across are no bridge");
    let forced = ClusterInput { always: &[(2, 3)], ..input(5.0) };
    assert_eq!(run(forced, &rules(100, 0.99)), (vec![0; 6], vec![]));
    let mut repeated = input(5.0);
    repeated.links.extend(links(&[(2, 3, 4.0)]));
    assert_eq!(run(repeated, &rules(100, 0.99)).0, vec![0, 0, 0, 3, 3, 3], "the same pair twice is one link");
}

#[test]
fn a_single_record_on_a_weak_link_stays() {
    let input = ClusterInput { nodes: 3, links: links(&[(0, 1, 20.0), (1, 2, 5.0)]), ..Default::default() };
    assert_eq!(run(input, &rules(100, 0.99)), (vec![0; 3], vec![]));
    // The chain 0-1-2-3-4: the weakest link goes, what is left of the other side would be single.
    let chain = links(&[(0, 1, 20.0), (1, 2, 3.0), (2, 3, 2.0), (3, 4, 20.0)]);
    let input = ClusterInput { nodes: 5, links: chain, ..Default::default() };
    assert_eq!(run(input, &rules(100, 0.99)), (vec![0, 0, 0, 3, 3], vec![("weak_bridge", (2, 3))]));
}

#[test]
fn vetoes_hold_across_chains_and_the_stronger_link_wins() {
    let chain = links(&[(0, 1, 10.0), (1, 2, 12.0)]);
    let input = ClusterInput { nodes: 3, links: chain.clone(), never: &[(2, 0)], ..Default::default() };
    assert_eq!(run(input, &rules(100, 0.5)), (vec![0, 1, 1], vec![("veto", (0, 1))]));
    let column = vec![vec![7, 0, 8]];
    let input = ClusterInput { nodes: 3, links: chain.clone(), differing: &column, ..Default::default() };
    assert_eq!(run(input, &rules(100, 0.5)), (vec![0, 1, 1], vec![("differing_values", (0, 1))]));
    let input = ClusterInput { nodes: 3, links: chain.clone(), duplicate_free: &[1, 0, 1], ..Default::default() };
    assert_eq!(run(input, &rules(100, 0.5)), (vec![0, 1, 1], vec![("same_source", (0, 1))]));
    let input = ClusterInput { nodes: 3, links: chain, never: &[(2, 0)], always: &[(0, 1)], ..Default::default() };
    assert_eq!(run(input, &rules(100, 0.5)), (vec![0, 0, 2], vec![("veto", (1, 2))]));
}

#[test]
fn a_forced_pair_beats_a_veto_and_says_so() {
    let input = ClusterInput { nodes: 2, never: &[(0, 1)], always: &[(1, 0)], ..Default::default() };
    let clusters = cluster(input, &rules(100, 0.99));
    assert_eq!(clusters.cluster, [0, 0]);
    assert_eq!((clusters.review[0].reason, clusters.review[0].clusters), (Reason::Veto, (0, 0)));
}

#[test]
fn the_size_limit_refuses_the_weakest_links() {
    let chain = links(&[(0, 1, 10.0), (1, 2, 11.0), (2, 3, 12.0)]);
    let input = ClusterInput { nodes: 4, links: chain, ..Default::default() };
    assert_eq!(run(input, &rules(3, 0.5)), (vec![0, 1, 1, 1], vec![("too_large", (0, 1))]));
}

#[test]
fn nonsense_is_ignored() {
    let mut all = links(&[(0, 0, 9.0), (0, 9, 9.0), (0, 1, f64::NAN)]);
    all.push(Link { a: 0, b: 1, weight: 99.0, band: Band::Review });
    let input =
        ClusterInput { nodes: 2, links: all, never: &[(5, 6), (1, 1)], always: &[(0, 7)], ..Default::default() };
    assert_eq!(run(input, &rules(0, f64::NAN)), (vec![0, 1], vec![]));
    assert_eq!(cluster(ClusterInput::default(), &rules(9, 0.9)), Clusters::default());
}

#[test]
fn every_reason_is_documented() {
    let all = [Reason::TooLarge, Reason::WeakBridge, Reason::Veto, Reason::DifferingValues, Reason::SameSource];
    assert!(all.iter().zip(REASONS).all(|(reason, (code, _))| reason.as_str() == *code) && all.len() == REASONS.len());
}

/// A chain of a million nodes must neither overflow the stack nor take long.
#[test]
fn a_long_chain_is_no_danger() {
    let nodes = 1_000_000u32;
    let chain = (1..nodes).map(|b| Link { a: b - 1, b, weight: 20.0, band: Band::Merge }).collect();
    let clusters = cluster(ClusterInput { nodes, links: chain, ..Default::default() }, &rules(usize::MAX, 0.99));
    assert!(clusters.cluster.iter().all(|c| *c == 0));
}

type Drawn = (Vec<(u32, u32, u8)>, Vec<(u32, u32)>, Vec<u32>);

fn drawn() -> impl Strategy<Value = Drawn> {
    let link = (0u32..14, 0u32..14, 0u8..12);
    (
        proptest::collection::vec(link, 0..40),
        proptest::collection::vec((0u32..14, 0u32..14), 0..6),
        proptest::collection::vec(0u32..3, 14),
    )
}

/// Smallest reachable node over the given edges, the slow way.
fn reachable(edges: &[(u32, u32)], nodes: u32) -> Vec<u32> {
    let mut label: Vec<u32> = (0..nodes).collect();
    for _ in 0..nodes {
        for &(a, b) in edges {
            let least = label[a as usize].min(label[b as usize]);
            (label[a as usize], label[b as usize]) = (least, least);
        }
    }
    label
}

proptest! {
    #[test]
    fn independent_of_order_and_direction((all, never, codes) in drawn(), turn in 0usize..40, max_size in 1usize..9) {
        let column = vec![codes];
        let weighted = |l: &(u32, u32, u8)| (l.0, l.1, f64::from(l.2));
        let one: Vec<_> = all.iter().map(weighted).collect();
        let mut other: Vec<_> = all.iter().map(weighted).map(|(a, b, w)| (b, a, w)).collect();
        let middle = turn.min(other.len());
        other.rotate_left(middle);
        let turned: Vec<(u32, u32)> = never.iter().rev().map(|&(a, b)| (b, a)).collect();
        let first = cluster(ClusterInput { nodes: 14, links: links(&one), never: &never, differing: &column, ..Default::default() }, &rules(max_size, 0.99));
        let second = cluster(ClusterInput { nodes: 14, links: links(&other), never: &turned, differing: &column, ..Default::default() }, &rules(max_size, 0.99));
        prop_assert_eq!(first, second);
    }

    #[test]
    fn no_cluster_breaks_a_rule((all, never, codes) in drawn(), max_size in 1usize..9) {
        let column = vec![codes.clone()];
        let sources: Vec<u64> = codes.iter().map(|c| u64::from(*c == 1)).collect();
        let all: Vec<_> = all.iter().map(|l| (l.0, l.1, f64::from(l.2))).collect();
        let input = ClusterInput { nodes: 14, links: links(&all), never: &never, differing: &column, duplicate_free: &sources, ..Default::default() };
        let Clusters { cluster, review } = cluster(input, &rules(max_size, 0.99));
        for (a, b) in never.iter().filter(|(a, b)| a != b) {
            prop_assert_ne!(cluster[*a as usize], cluster[*b as usize]);
        }
        for root in 0..14u32 {
            let members: Vec<usize> = (0..14).filter(|n| cluster[*n] == root).collect();
            prop_assert!(members.len() <= max_size);
            prop_assert!(members.is_empty() || members[0] == root as usize);
            let mut present: Vec<u32> = members.iter().map(|n| codes[*n]).filter(|c| *c != 0).collect();
            prop_assert!(present.iter().filter(|c| **c == 1).count() <= 1);
            present.dedup();
            prop_assert!(present.len() <= 1);
        }
        // Clusters hang together by their own links, and every link that was not followed is explained.
        let within: Vec<(u32, u32)> = all.iter().map(|l| (l.0, l.1)).filter(|(a, b)| cluster[*a as usize] == cluster[*b as usize]).collect();
        prop_assert_eq!(&reachable(&within, 14), &cluster);
        for (a, b, _) in &all {
            let (x, y) = (cluster[*a as usize], cluster[*b as usize]);
            let explained = review.iter().any(|r| r.clusters == (x, y) || r.clusters == (y, x));
            prop_assert!(x == y || explained, "{a} {b}");
        }
    }

    #[test]
    fn without_rules_clusters_are_connected_components((all, _, _) in drawn()) {
        let edges: Vec<(u32, u32)> = all.iter().map(|l| (l.0, l.1)).collect();
        let all: Vec<_> = all.iter().map(|l| (l.0, l.1, f64::from(l.2))).collect();
        let clusters = cluster(ClusterInput { nodes: 14, links: links(&all), ..Default::default() }, &rules(100, 0.0));
        prop_assert_eq!(clusters.cluster, reachable(&edges, 14));
        prop_assert!(clusters.review.is_empty());
    }

    /// After the cuts no weak link is left whose removal would part two groups of two.
    #[test]
    fn no_weak_bridge_is_left((all, _, _) in drawn()) {
        let all: Vec<_> = all.iter().map(|l| (l.0.min(l.1), l.0.max(l.1), f64::from(l.2))).collect();
        let clusters = cluster(ClusterInput { nodes: 14, links: links(&all), ..Default::default() }, &rules(100, 0.99)).cluster;
        let size = |label: &[u32], of: u32| label.iter().filter(|l| **l == label[of as usize]).count();
        let within: Vec<(u32, u32, f64)> = all.into_iter().filter(|(a, b, _)| a != b && clusters[*a as usize] == clusters[*b as usize]).collect();
        for &(a, b, _) in &within {
            let strongest = within.iter().filter(|l| (l.0, l.1) == (a, b)).map(|l| l.2).fold(0.0, f64::max);
            let rest: Vec<(u32, u32)> = within.iter().map(|l| (l.0, l.1)).filter(|pair| *pair != (a, b)).collect();
            let label = reachable(&rest, 14);
            let parted = label[a as usize] != label[b as usize] && size(&label, a) >= 2 && size(&label, b) >= 2;
            prop_assert!(!(parted && strongest < weight_of(0.99)), "{a}-{b}");
        }
    }
}
