//! The life of ids, night by night: examples of each event, and random nights.

use super::*;
use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

fn id(n: u64) -> GoldenId {
    GoldenId::of_hash(n)
}

#[test]
fn ids_are_read_as_they_are_spelt() {
    assert_eq!(id(0).to_string(), "Z000000000000");
    assert_eq!(id(u64::MAX).to_string(), "ZUUUUUUUUUUUU");
    assert_eq!(id(31 << 55 | 10).to_string(), "ZB0000000000U");
    assert_eq!(GoldenId::parse("ZB0000000000U"), Some(id(31 << 55 | 10)));
    for wrong in ["", "Z", "B0000000000U", "ZB0000000000", "ZB0000000000U0", "zB0000000000U", "ZA00000000000", "ZÄ000"]
    {
        assert_eq!(GoldenId::parse(wrong), None, "{wrong}");
    }
    assert_eq!(GoldenId::typed(" zbO0000oI000u\n"), GoldenId::parse("ZB00000010 00U".replace(' ', "").as_str()));
}

proptest! {
    #[test]
    fn ids_order_as_they_are_spelt(a: u64, b: u64) {
        let (x, y) = (id(a), id(b));
        prop_assert_eq!(x.cmp(&y), x.to_string().cmp(&y.to_string()));
        prop_assert_eq!(GoldenId::parse(&x.to_string()), Some(x));
        prop_assert_eq!(x == y, a << 4 == b << 4, "60 bits of the hash, and no more");
    }
}

fn claim(cluster: i64, id: GoldenId, rows: u32) -> Claim {
    Claim { cluster, id, rows, former: false, lost: 0, tie: 0 }
}

#[test]
fn the_majority_keeps_the_id_then_the_older_then_the_spelling() {
    let known = Known::new(vec![(id(1), 3), (id(2), 1), (id(3), 1), (id(9), 1)]);
    let kept = |claims: &[Claim]| inherit(claims.to_vec(), &known);
    assert_eq!(kept(&[claim(1, id(1), 2), claim(1, id(2), 1)])[&1], id(1));
    assert_eq!(kept(&[claim(1, id(1), 2), claim(1, id(2), 2)])[&1], id(2), "made two nights earlier");
    assert_eq!(kept(&[claim(1, id(3), 2), claim(1, id(2), 2)])[&1], id(2).min(id(3)));
    // One id, two clusters: the larger part keeps it, the smaller one falls back on what else it has.
    let split = kept(&[claim(1, id(1), 2), claim(2, id(1), 3), claim(1, id(2), 1)]);
    assert_eq!((split[&1], split[&2]), (id(2), id(1)));
    // Equal parts: what the caller says of the clusters, and only those are asked about.
    let mut parts = [claim(1, id(1), 2), claim(2, id(1), 2), claim(3, id(2), 2), claim(4, id(2), 1)];
    assert_eq!(disputed(&mut parts), BTreeSet::from([1, 2]));
    let tied = parts.map(|c| Claim { tie: if c.cluster == 2 { 4 } else { 5 }, ..c });
    assert_eq!(kept(&tied)[&2], id(1));
    assert_eq!(kept(&tied).get(&1), None);
    // Rows of a retired id do not displace an id that is in use.
    let returned = [Claim { former: true, ..claim(1, id(9), 5) }, claim(1, id(1), 1)];
    assert_eq!(kept(&returned)[&1], id(1));
}

#[test]
fn a_new_id_is_none_that_ever_was() {
    let mut ids = vec![];
    for night in 0..50 {
        let known = Known::new(ids.clone());
        let fresh = new_id(&known, 77);
        assert!(!known.contains(fresh));
        assert_eq!(fresh, new_id(&known, 77), "the same night gives the same id");
        ids.push((fresh, night));
    }
}

/// A night of rows: their ids before and after, from which all else is counted.
struct Nights {
    today: NaiveDate,
    night: u32,
    created: Vec<(GoldenId, u32)>,
    /// Row and the id it belongs to.
    crosswalk: BTreeMap<u8, GoldenId>,
    /// With the word whether the row was another's while the id lived.
    former: BTreeMap<(GoldenId, u8), bool>,
    redirects: Vec<Redirect>,
    ever: BTreeMap<GoldenId, BTreeSet<u8>>,
    /// Rows that were an id's when it last had a golden record, and those that vanished from it before.
    own: BTreeMap<GoldenId, BTreeSet<u8>>,
}

fn counts(crosswalk: &BTreeMap<u8, GoldenId>) -> Vec<(GoldenId, u32)> {
    let mut n: BTreeMap<GoldenId, u32> = BTreeMap::new();
    crosswalk.values().for_each(|id| *n.entry(*id).or_default() += 1);
    n.into_iter().collect()
}

impl Nights {
    fn new() -> Self {
        Self {
            today: "2026-11-01".parse().unwrap(),
            night: 0,
            created: vec![],
            crosswalk: BTreeMap::new(),
            former: BTreeMap::new(),
            redirects: vec![],
            ever: BTreeMap::new(),
            own: BTreeMap::new(),
        }
    }

    /// Tonight each row is in the cluster of this number.
    fn night(&mut self, clusters: &BTreeMap<u8, i64>) -> Vec<Event> {
        self.night += 1;
        self.today = self.today + Days::new(1);
        let mut known = Known::new(self.created.clone());
        self.crosswalk.values().for_each(|id| known.mark_live(*id));
        let mut n: HashMap<(i64, GoldenId, bool), u32> = HashMap::new();
        for (row, cluster) in clusters {
            if let Some(id) = self.crosswalk.get(row) {
                *n.entry((*cluster, *id, false)).or_default() += 1;
            }
            let returned = |id: GoldenId, key: u8, apart: bool| key == *row && !apart && !known.is_live(id);
            for ((id, _), _) in self.former.iter().filter(|((id, key), apart)| returned(*id, *key, **apart)) {
                *n.entry((*cluster, *id, true)).or_default() += 1;
            }
        }
        let smallest =
            |cluster: i64| clusters.iter().find(|(_, c)| **c == cluster).map_or(0, |(row, _)| u64::from(*row));
        let lost = |of: GoldenId| self.former.iter().filter(|((id, _), apart)| *id == of && !**apart).count() as u32;
        let claims = n.into_iter().map(|((cluster, id, former), rows)| Claim {
            cluster,
            id,
            rows,
            former,
            lost: if former { lost(id) } else { 0 },
            tie: smallest(cluster),
        });
        let kept = inherit(claims.collect(), &known);
        let ids: BTreeMap<u8, GoldenId> = clusters
            .iter()
            .map(|(row, c)| (*row, kept.get(c).copied().unwrap_or_else(|| new_id(&known, smallest(*c)))))
            .collect();
        let (before, after) = (counts(&self.crosswalk), counts(&ids));

        let mut left: BTreeMap<(GoldenId, Option<GoldenId>), u32> = BTreeMap::new();
        for (row, id) in self.crosswalk.iter().filter(|(row, id)| ids.get(row) != Some(id)) {
            *left.entry((*id, ids.get(row).copied())).or_default() += 1;
            self.former.insert((*id, *row), false);
        }
        self.former.retain(|(id, row), _| ids.get(row) != Some(id));
        for ((id, row), apart) in &mut self.former {
            *apart |= ids.contains_key(row) && ids.values().any(|live| live == id);
        }
        let trail =
            |((id, row), apart): (&(GoldenId, u8), &bool)| Trail { id: *id, now: ids.get(row).copied(), apart: *apart };
        let trails: Vec<Trail> = self.former.iter().map(trail).collect();
        let retired: BTreeSet<GoldenId> =
            self.redirects.iter().filter(|r| r.reason == Reason::Retired).map(|r| r.id).collect();
        let mut back: BTreeMap<(GoldenId, GoldenId), u32> = BTreeMap::new();
        let is_back = |t: &&Trail| !t.apart && retired.contains(&t.id) && !after.iter().any(|(id, _)| *id == t.id);
        for trail in trails.iter().filter(is_back) {
            if let Some(now) = trail.now {
                *back.entry((trail.id, now)).or_default() += 1;
            }
        }
        let left: Vec<Left> = left.into_iter().map(|((id, now), rows)| Left { id, now, rows }).collect();
        let back: Vec<Left> = back.into_iter().map(|((id, now), rows)| Left { id, now: Some(now), rows }).collect();
        let live: Vec<GoldenId> = after.iter().map(|(id, _)| *id).collect();
        let gone: Vec<GoldenId> =
            before.iter().map(|(id, _)| *id).filter(|id| live.binary_search(id).is_err()).collect();
        let found = events(&before, &after, &left, &back, &known);
        self.redirects = redirects(&self.redirects, &trails, &live, &gone, self.today);
        for event in found.iter().filter(|e| e.kind == EventKind::Created) {
            self.created.push((event.id, self.night));
        }
        self.crosswalk = ids;
        for (row, id) in &self.crosswalk {
            self.ever.entry(*id).or_default().insert(*row);
            self.own.entry(*id).or_default().insert(*row);
        }
        for (id, own) in self.own.iter_mut().filter(|(id, _)| live.binary_search(id).is_ok()) {
            own.retain(|row| self.crosswalk.get(row).is_none_or(|holder| holder == id));
        }
        found
    }

    fn clusters(&mut self, clusters: &[&[u8]]) -> Vec<(String, GoldenId, Option<GoldenId>, u32)> {
        let rows = clusters.iter().enumerate().flat_map(|(c, rows)| rows.iter().map(move |row| (*row, c as i64)));
        let found = self.night(&rows.collect());
        found.into_iter().map(|e| (e.kind.as_str().to_string(), e.id, e.other, e.rows)).collect()
    }

    fn now(&self, id: GoldenId) -> Vec<GoldenId> {
        let mut now: Vec<GoldenId> = self.redirects.iter().filter(|r| r.id == id).filter_map(|r| r.now).collect();
        if now.is_empty() && self.crosswalk.values().any(|live| *live == id) {
            now.push(id);
        }
        now
    }

    fn of(&self, row: u8) -> GoldenId {
        self.crosswalk[&row]
    }
}

fn said(events: &[(String, GoldenId, Option<GoldenId>, u32)], kind: &str) -> Vec<(GoldenId, Option<GoldenId>, u32)> {
    events.iter().filter(|e| e.0 == kind).map(|e| (e.1, e.2, e.3)).collect()
}

#[test]
fn a_merge_is_redirected_and_its_undoing_brings_the_old_id_back() {
    let mut nights = Nights::new();
    assert_eq!(said(&nights.clusters(&[&[1], &[2, 3], &[4]]), "created").len(), 3);
    let (one, two) = (nights.of(1), nights.of(2));
    let merged = nights.clusters(&[&[1, 2, 3], &[4]]);
    assert_eq!(merged, [("grown".into(), two, None, 1), ("merged_into".into(), one, Some(two), 1)].to_vec().sorted());
    assert_eq!(nights.now(one), [two]);
    // The survivor merges on: the answer follows.
    nights.clusters(&[&[1, 2, 3, 4, 5, 6]]);
    let parted = nights.clusters(&[&[1], &[2, 3, 4, 5, 6]]);
    assert_eq!(said(&parted, "revived"), [(one, None, 1)]);
    assert_eq!(said(&parted, "split_from"), [(one, Some(nights.of(2)), 1)]);
    assert_eq!(nights.now(one), [one]);
}

#[test]
fn a_split_leads_to_all_heirs_and_a_return_revives() {
    let mut nights = Nights::new();
    nights.clusters(&[&[1, 2, 3]]);
    let whole = nights.of(1);
    let split = nights.clusters(&[&[1, 2], &[3]]);
    let heir = nights.of(3);
    assert_eq!(said(&split, "created"), [(heir, None, 1)]);
    assert_eq!(said(&split, "split_from"), [(heir, Some(whole), 1)]);
    assert_eq!(said(&split, "shrunk"), [(whole, None, 1)]);
    assert_eq!(BTreeSet::from_iter(nights.now(whole)), BTreeSet::from([whole, heir]));
    let emptied = nights.clusters(&[]);
    assert_eq!(said(&emptied, "retired").len(), 2);
    assert_eq!(nights.now(heir), []);
    assert_eq!(nights.redirects.iter().find(|r| r.id == heir).unwrap().since, nights.today);
    let back = nights.clusters(&[&[3]]);
    assert_eq!(said(&back, "revived"), [(heir, None, 1)]);
    assert_eq!(nights.now(whole), [], "the heir was told apart from it: what became of it is not known");
}

#[test]
fn who_was_told_apart_does_not_answer_for_a_customer_who_left() {
    let mut nights = Nights::new();
    nights.clusters(&[&[1, 2]]);
    let whole = nights.of(1);
    nights.clusters(&[&[1], &[2]]);
    let (father, son) = (nights.of(1), nights.of(2));
    let [stayed, left] = if father == whole { [2, 1] } else { [1, 2] };
    let other = if father == whole { son } else { father };
    let retired = nights.clusters(&[&[stayed]]);
    assert_eq!(said(&retired, "retired"), [(whole, None, 1)]);
    for _ in 0..2 {
        assert_eq!(nights.now(whole), []);
        let answers: Vec<_> = nights.redirects.iter().filter(|r| r.id == whole).collect();
        assert_eq!(answers.iter().map(|r| (r.reason, r.last)).collect::<Vec<_>>(), [(Reason::Retired, whole)]);
        assert_eq!(nights.clusters(&[&[stayed]]), []);
    }
    // The row that was its own comes back, into the other one: now it is known what became of it.
    let back = nights.clusters(&[&[stayed, left]]);
    assert_eq!(said(&back, "merged_into"), [(whole, Some(other), 1)]);
    assert_eq!((nights.now(whole), nights.redirects[0].since), (vec![other], nights.today));
}

#[test]
fn an_answer_holds_since_the_night_that_gave_it() {
    let mut nights = Nights::new();
    nights.clusters(&[&[1, 2, 3]]);
    let whole = nights.of(1);
    nights.clusters(&[&[1, 2], &[3, 4, 5]]);
    let (split, heir) = (nights.today, nights.of(3));
    nights.clusters(&[&[1, 2], &[3, 4, 5]]);
    let answers = |nights: &Nights| -> Vec<_> {
        nights.redirects.iter().filter(|r| r.id == whole).map(|r| (r.now, r.reason, r.since)).collect()
    };
    let mut both = [whole, heir];
    both.sort_unstable();
    assert_eq!(answers(&nights), both.map(|now| (Some(now), Reason::Split, split)));
    nights.clusters(&[&[1, 2, 3, 4, 5]]);
    assert_eq!(answers(&nights), [(Some(heir), Reason::Merged, nights.today)], "not since it was split");
}

#[test]
fn rows_of_a_retired_id_that_return_into_another_redirect_it() {
    let mut nights = Nights::new();
    nights.clusters(&[&[1], &[2]]);
    let (one, two) = (nights.of(1), nights.of(2));
    nights.clusters(&[&[2]]);
    nights.clusters(&[&[2]]);
    let back = nights.clusters(&[&[1, 2]]);
    assert_eq!(said(&back, "merged_into"), [(one, Some(two), 1)]);
    assert_eq!(said(&back, "grown"), [(two, None, 1)]);
    assert_eq!(nights.now(one), [two]);
    // One row each: the one that has an id to go back to goes.
    let parted = nights.clusters(&[&[1], &[2]]);
    assert_eq!(said(&parted, "revived"), [(one, None, 1)]);
    assert_eq!(nights.of(2), two);
}

trait Sorted {
    fn sorted(self) -> Self;
}

impl Sorted for Vec<(String, GoldenId, Option<GoldenId>, u32)> {
    fn sorted(mut self) -> Self {
        self.sort_by_key(|e| e.1);
        self
    }
}

fn scripts() -> impl Strategy<Value = Vec<BTreeMap<u8, i64>>> {
    // A row is absent (0) or in one of a few clusters; most nights leave most rows alone.
    let night = prop::collection::vec(prop_oneof![6 => Just(None), 4 => (0i64..7).prop_map(Some)], 14);
    prop::collection::vec(night, 1..9).prop_map(|nights| {
        let mut rows: BTreeMap<u8, i64> = (0..14u8).map(|row| (row, i64::from(row) / 2 + 1)).collect();
        nights
            .into_iter()
            .map(|changes| {
                for (row, change) in (0u8..).zip(changes) {
                    if let Some(cluster) = change {
                        rows.insert(row, cluster);
                    }
                }
                rows.iter().filter(|(_, c)| **c > 0).map(|(r, c)| (*r, *c)).collect()
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn every_id_resolves_and_none_goes_to_another_customer(script in scripts()) {
        let mut nights = Nights::new();
        for clusters in script {
            let (before, ever, old) = (nights.crosswalk.clone(), nights.ever.clone(), nights.created.clone());
            let found = nights.night(&clusters);
            let live: BTreeSet<GoldenId> = nights.crosswalk.values().copied().collect();
            for (id, _) in &nights.created {
                let mine: Vec<&Redirect> = nights.redirects.iter().filter(|r| r.id == *id).collect();
                prop_assert!(live.contains(id) || !mine.is_empty(), "{id} resolves to nothing");
                for redirect in mine {
                    prop_assert_eq!(redirect.now.is_none(), redirect.reason == Reason::Retired);
                    prop_assert!(redirect.now.is_none_or(|now| live.contains(&now)), "{id} leads to an id without a record");
                }
            }
            // An id that has ended leads to whoever has its own rows, and to nobody else while they are all there.
            for (id, own) in nights.own.iter().filter(|(id, _)| !live.contains(id)) {
                let now: BTreeSet<GoldenId> = nights.now(*id).into_iter().collect();
                let holders: BTreeSet<GoldenId> = own.iter().filter_map(|row| nights.crosswalk.get(row)).copied().collect();
                let all_there = own.iter().all(|row| nights.crosswalk.contains_key(row));
                prop_assert!(now.is_superset(&holders), "{id} does not lead to its rows");
                prop_assert!(!all_there || now == holders, "{id} leads to somebody who was told apart from it");
                let ended = before.values().any(|was| was == id);
                prop_assert!(!ended || now == holders, "{id} leads to somebody who was told apart from it");
            }
            for id in &live {
                let rows: BTreeSet<u8> = nights.crosswalk.iter().filter(|(_, i)| *i == id).map(|(r, _)| *r).collect();
                let clusters_of: BTreeSet<i64> = rows.iter().map(|r| clusters[r]).collect();
                prop_assert_eq!(clusters_of.len(), 1, "one golden record, one id");
                if old.iter().any(|(known, _)| known == id) {
                    prop_assert!(ever[id].intersection(&rows).next().is_some(), "{id} was given to somebody else");
                }
                let same: BTreeSet<u8> = before.iter().filter(|(_, i)| *i == id).map(|(r, _)| *r).collect();
                prop_assert!(same != rows || !found.iter().any(|e| e.id == *id), "nothing happened to {id}");
            }
            // A cluster of the same rows keeps its id.
            for id in before.values().collect::<BTreeSet<_>>() {
                let rows: BTreeSet<u8> = before.iter().filter(|(_, i)| *i == id).map(|(r, _)| *r).collect();
                let tonight: BTreeSet<i64> = rows.iter().filter_map(|r| clusters.get(r)).copied().collect();
                let together = clusters.iter().filter(|(_, c)| tonight.contains(c)).count() == rows.len();
                if tonight.len() == 1 && together && rows.iter().all(|r| clusters.contains_key(r)) {
                    prop_assert!(rows.iter().all(|r| nights.of(*r) == *id), "an unchanged cluster lost its id");
                }
            }
            // Rows that moved between two ids are told by split_from and merged_into; records add up.
            let moved: BTreeSet<_> = before
                .iter()
                .filter_map(|(row, id)| Some((*id, *nights.crosswalk.get(row)?)))
                .filter(|(from, to)| from != to)
                .collect();
            let told: BTreeSet<_> = found
                .iter()
                .filter(|e| e.before > 0 || e.kind == EventKind::SplitFrom)
                .filter_map(|e| match e.kind {
                    EventKind::SplitFrom => Some((e.other?, e.id)),
                    EventKind::MergedInto => Some((e.id, e.other?)),
                    _ => None,
                })
                .collect();
            prop_assert_eq!(moved, told);
            let before: BTreeSet<GoldenId> = before.values().copied().collect();
            let n = |kind| found.iter().filter(|e| e.kind == kind).count();
            let new: Vec<_> = live.difference(&before).collect();
            prop_assert_eq!(n(EventKind::Created) + n(EventKind::Revived), new.len());
            let vanished: BTreeSet<GoldenId> = found
                .iter()
                .filter(|e| matches!(e.kind, EventKind::Retired | EventKind::MergedInto) && e.before > 0)
                .map(|e| e.id)
                .collect();
            prop_assert_eq!(vanished, before.difference(&live).copied().collect());
        }
    }

    #[test]
    fn the_order_of_claims_decides_nothing(
        claims in prop::collection::vec((0i64..6, 0u64..6, 1u32..4, any::<bool>()), 0..14).prop_shuffle(),
    ) {
        let known = Known::new((0..6).map(|n| (id(n), n as u32 % 3)).collect());
        let mut one: BTreeMap<(i64, GoldenId, bool), Claim> = BTreeMap::new();
        for (cluster, n, rows, former) in claims {
            one.insert((cluster, id(n), former), Claim { cluster, id: id(n), rows, former, lost: u32::from(former) * (n as u32 + 3), tie: cluster as u64 });
        }
        let forwards: Vec<Claim> = one.values().copied().collect();
        let backwards: Vec<Claim> = one.values().rev().copied().collect();
        // Clusters are numbered otherwise when rows come in another order.
        let renamed: Vec<Claim> = backwards.iter().map(|c| Claim { cluster: 100 - c.cluster, ..*c }).collect();
        let (a, b, c) = (inherit(forwards, &known), inherit(backwards, &known), inherit(renamed, &known));
        prop_assert_eq!(&a, &b);
        prop_assert_eq!(a, c.into_iter().map(|(cluster, id)| (100 - cluster, id)).collect::<HashMap<_, _>>());
    }
}
