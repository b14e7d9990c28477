//! Accidents that clustering must prevent: chains over weak links, vetoed records in one cluster,
//! results that change with the order of rows.

use super::*;
use proptest::prelude::*;
use serde_spanned::Spanned;

fn rules(max_size: usize, average: f64) -> ClusterRules {
    ClusterRules { max_size: Spanned::new(0..0, max_size), average: Spanned::new(0..0, average) }
}

fn links(links: &[(u32, u32, f64)]) -> Vec<Link> {
    links.iter().map(|&(a, b, weight)| Link { a, b, weight, band: Band::Merge }).collect()
}

type Reviewed = Vec<(&'static str, (u32, u32))>;

/// Pairs without a link are as unlike as can be.
fn unlike(_: u32, _: u32) -> Option<f64> {
    Some(f64::NEG_INFINITY)
}

fn run(input: ClusterInput<'_>, rules: &ClusterRules) -> (Vec<u32>, Reviewed) {
    let clusters = cluster(input, rules, &mut unlike);
    (clusters.cluster, clusters.review.iter().map(|r| (r.reason.as_str(), r.pair)).collect())
}

/// Two triangles 0-1-2 and 3-4-5 joined by 2-3.
fn triangles(weight: f64) -> Vec<Link> {
    links(&[(0, 1, 20.0), (1, 2, 20.0), (0, 2, 20.0), (3, 4, 20.0), (4, 5, 20.0), (3, 5, 20.0), (3, 2, weight)])
}

#[test]
fn one_link_cannot_join_two_groups_that_the_other_pairs_hold_apart() {
    let input = |weight| ClusterInput { nodes: 6, links: triangles(weight), ..Default::default() };
    // Eight of nine pairs were never seen: their average with 9 bits is below even odds, with 25 bits it is not.
    assert_eq!(run(input(9.0), &rules(100, 0.5)), (vec![0, 0, 0, 3, 3, 3], vec![("outweighed", (2, 3))]));
    assert_eq!(run(input(25.0), &rules(100, 0.5)), (vec![0; 6], vec![]));
    let mut many = input(9.0);
    many.links.extend(links(&[(1, 4, 9.0), (0, 3, 9.0)]));
    assert_eq!(run(many, &rules(100, 0.5)), (vec![0; 6], vec![]), "three of nine pairs speak for it");
    let mut doubtful = input(9.0);
    doubtful
        .links
        .extend(links(&[(0, 3, 3.0), (0, 4, 3.0), (1, 4, 3.0)]).into_iter().map(|l| Link { band: Band::Review, ..l }));
    assert_eq!(run(doubtful, &rules(100, 0.5)).0, vec![0; 6], "pairs for review count in the average");
    let forced = ClusterInput { always: &[(2, 3)], ..input(5.0) };
    assert_eq!(run(forced, &rules(100, 0.5)), (vec![0; 6], vec![]));
}

#[test]
fn pairs_that_no_blocking_rule_produced_are_weighed_where_they_decide() {
    let input = || ClusterInput { nodes: 6, links: triangles(9.0), ..Default::default() };
    let mut asked = BTreeSet::new();
    let mut alike = |a, b| {
        assert!(a < b && asked.insert((a, b)), "{a} {b} asked twice or the wrong way round");
        Some(8.0)
    };
    assert_eq!(cluster(input(), &rules(100, 0.5), &mut alike).cluster, [0; 6]);
    assert_eq!(asked.len(), 8, "the pairs between the two triangles that no link names");
    let mut unlike = |_, _| Some(-2.0);
    assert_eq!(cluster(input(), &rules(100, 0.5), &mut unlike).cluster, [0, 0, 0, 3, 3, 3], "9 - 8 * 2 is below 0");
    let mut nobody = |_, _| -> Option<f64> { panic!("the links decide") };
    let strong = ClusterInput { nodes: 6, links: triangles(25.0), ..Default::default() };
    assert_eq!(cluster(strong, &rules(100, 0.5), &mut nobody).cluster, [0; 6]);
    let apart = ClusterInput { nodes: 2, links: links(&[(0, 1, 9.0)]), never: &[(0, 1)], ..Default::default() };
    assert_eq!(cluster(apart, &rules(100, 0.5), &mut nobody).cluster, [0, 1]);
}

#[test]
fn a_contradiction_parts_records_that_only_others_connect() {
    let input = |contradictions| ClusterInput {
        nodes: 3,
        links: links(&[(0, 1, 10.0), (1, 2, 12.0)]),
        contradictions,
        ..Default::default()
    };
    let mut never = |a, b| ((a, b) != (0, 2)).then_some(9.0);
    let found = cluster(input(true), &rules(100, 0.5), &mut never);
    assert_eq!((found.cluster, found.review[0].reason), (vec![0, 1, 1], Reason::Veto));
    let mut alike = |_, _| Some(9.0);
    assert_eq!(cluster(input(true), &rules(100, 0.5), &mut alike).cluster, [0; 3]);
    assert_eq!(cluster(input(false), &rules(100, 0.5), &mut alike).cluster, [0; 3]);
}

#[test]
fn a_single_record_on_one_link_joins_a_small_group() {
    let input = ClusterInput { nodes: 3, links: links(&[(0, 1, 20.0), (1, 2, 5.0)]), ..Default::default() };
    assert_eq!(run(input, &rules(100, 0.5)), (vec![0; 3], vec![]));
    let against = Link { a: 0, b: 2, weight: -40.0, band: Band::Review };
    let mut input = ClusterInput { nodes: 3, links: links(&[(0, 1, 20.0), (1, 2, 5.0)]), ..Default::default() };
    input.links.push(against);
    assert_eq!(run(input, &rules(100, 0.5)).0, vec![0; 3], "disagreement counts no more than absence");
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
    let clusters = cluster(input, &rules(100, 0.5), &mut unlike);
    assert_eq!(clusters.cluster, [0, 0]);
    assert_eq!((clusters.review[0].reason, clusters.review[0].clusters), (Reason::Veto, (0, 0)));
}

#[test]
fn who_is_told_apart_stays_apart_whatever_rules_and_other_judgements_say() {
    let input = ClusterInput { nodes: 2, judged_different: &[(1, 0)], always: &[(0, 1)], ..Default::default() };
    assert_eq!(run(input, &rules(100, 0.5)), (vec![0, 1], vec![]), "a steward has decided, nothing is left to ask");
    // Two rules chain 0-2-1, links draw 3 to both.
    let input = ClusterInput {
        nodes: 4,
        links: links(&[(0, 3, 20.0), (1, 3, 21.0)]),
        judged_different: &[(0, 1)],
        always: &[(0, 2), (1, 2)],
        ..Default::default()
    };
    assert_eq!(run(input, &rules(100, 0.5)), (vec![0, 1, 0, 1], vec![("veto", (0, 3))]));
    // 0 and 1 are two, 0 and 2 one, 2 and 1 one: the later of these two cannot be right as well.
    for (same, cluster, pair) in [([(2, 0), (1, 2)], vec![0, 1, 0], (1, 2)), ([(1, 2), (2, 0)], vec![0, 1, 1], (0, 2))]
    {
        let input = ClusterInput { nodes: 3, judged_same: &same, judged_different: &[(0, 1)], ..Default::default() };
        assert_eq!(run(input, &rules(100, 0.5)), (cluster, vec![("judgements", pair)]));
    }
    let both = ClusterInput { nodes: 2, never: &[(0, 1)], judged_same: &[(1, 0)], ..Default::default() };
    assert_eq!(run(both, &rules(100, 0.5)), (vec![0, 0], vec![("veto", (0, 1))]));
}

#[test]
fn the_size_limit_refuses_the_weakest_links() {
    let chain = links(&[(0, 1, 10.0), (1, 2, 11.0), (2, 3, 12.0)]);
    let input = ClusterInput { nodes: 4, links: chain, ..Default::default() };
    assert_eq!(run(input, &rules(3, 0.5)), (vec![0, 0, 2, 2], vec![("too_large", (1, 2))]));
}

#[test]
fn nonsense_is_ignored() {
    let mut all = links(&[(0, 0, 9.0), (0, 9, 9.0), (0, 1, f64::NAN)]);
    all.push(Link { a: 0, b: 1, weight: 99.0, band: Band::Review });
    let input =
        ClusterInput { nodes: 2, links: all, never: &[(5, 6), (1, 1)], always: &[(0, 7)], ..Default::default() };
    assert_eq!(run(input, &rules(0, f64::NAN)), (vec![0, 1], vec![]));
    assert_eq!(cluster(ClusterInput::default(), &rules(9, 0.9), &mut unlike), Clusters::default());
}

#[test]
fn every_reason_is_documented() {
    let all = [
        Reason::TooLarge,
        Reason::Outweighed,
        Reason::Veto,
        Reason::DifferingValues,
        Reason::SameSource,
        Reason::Judgements,
    ];
    assert!(all.iter().zip(REASONS).all(|(reason, (code, _))| reason.as_str() == *code) && all.len() == REASONS.len());
}

/// A chain of a million nodes must neither overflow the stack nor take long.
#[test]
fn a_long_chain_is_no_danger() {
    let nodes = 1_000_000u32;
    let chain = (1..nodes).map(|b| Link { a: b - 1, b, weight: 20.0, band: Band::Merge }).collect();
    let clusters =
        cluster(ClusterInput { nodes, links: chain, ..Default::default() }, &rules(usize::MAX, 0.5), &mut unlike);
    let mut largest = vec![0; nodes as usize];
    clusters.cluster.iter().for_each(|c| largest[*c as usize] += 1);
    assert!(largest.into_iter().max() <= Some(20), "a chain does not grow on and on");
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
        let first = cluster(ClusterInput { nodes: 14, links: links(&one), never: &never, differing: &column, ..Default::default() }, &rules(max_size, 0.5), &mut unlike);
        let second = cluster(ClusterInput { nodes: 14, links: links(&other), never: &turned, differing: &column, ..Default::default() }, &rules(max_size, 0.5), &mut unlike);
        prop_assert_eq!(first, second);
    }

    #[test]
    fn no_cluster_breaks_a_rule((all, never, codes) in drawn(), max_size in 1usize..9) {
        let column = vec![codes.clone()];
        let sources: Vec<u64> = codes.iter().map(|c| u64::from(*c == 1)).collect();
        let all: Vec<_> = all.iter().map(|l| (l.0, l.1, f64::from(l.2))).collect();
        let input = ClusterInput { nodes: 14, links: links(&all), never: &never, differing: &column, duplicate_free: &sources, ..Default::default() };
        let Clusters { cluster, review } = cluster(input, &rules(max_size, 0.5), &mut unlike);
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
        let clusters = cluster(ClusterInput { nodes: 14, links: links(&all), ..Default::default() }, &rules(100, 0.0), &mut unlike);
        prop_assert_eq!(clusters.cluster, reachable(&edges, 14));
        prop_assert!(clusters.review.is_empty());
    }

    /// Every cluster could have been built by merges that the rules allow: no part of two nodes hangs on
    /// pairs whose average is below the limit, unless a later merge made it so. At the last merge the average held,
    /// so at least one cut of the cluster has it.
    #[test]
    fn some_cut_of_every_cluster_has_the_average((all, _, _) in drawn()) {
        let mut seen = BTreeMap::new();
        for (a, b, w) in all.iter().filter(|(a, b, _)| a != b) {
            seen.insert((*a.min(b), *a.max(b)), f64::from(*w) - 4.0);
        }
        let once: Vec<Link> = seen.iter().map(|(&(a, b), &weight)| Link { a, b, weight, band: if weight > 2.0 { Band::Merge } else { Band::Review } }).collect();
        let weight = |a: u32, b: u32| seen.get(&(a, b)).copied().unwrap_or(LEAST);
        let clusters = cluster(ClusterInput { nodes: 14, links: once.clone(), ..Default::default() }, &rules(100, 0.5), &mut |a, b| Some(weight(a, b))).cluster;
        for root in 0..14u32 {
            let members: Vec<u32> = (0..14u32).filter(|n| clusters[*n as usize] == root).collect();
            if members.len() < 2 || members.len() > 10 {
                continue;
            }
            let holds = (1..(1u32 << (members.len() - 1))).any(|cut| {
                let (left, right): (Vec<_>, Vec<_>) = members.iter().enumerate().partition(|(i, _)| cut >> i & 1 == 1);
                let pairs = left.iter().flat_map(|(_, x)| right.iter().map(move |(_, y)| (*x.min(y), *x.max(y))));
                let weights: Vec<f64> = pairs.map(|pair| seen.get(&(*pair.0, *pair.1)).copied().unwrap_or(LEAST).max(LEAST)).collect();
                weights.iter().sum::<f64>() >= -1e-9
            });
            prop_assert!(holds, "{members:?}");
        }
    }
}
