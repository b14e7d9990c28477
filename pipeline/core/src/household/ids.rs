//! Ids of households. Enter: tonight's households, as golden ids, and who was in which household yesterday. Leaves: an id
//! for each, yesterday's where most of its people are still together. No ledger: an id that is gone may come back.

use crate::ledger::GoldenId;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Formatter, Result as FmtResult};

/// The name of a household: `H` and 12 letters, as a golden id is spelt. It is a hash, so it names none of its people,
/// and stays when the one it was made from leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HouseholdId(GoldenId);

impl HouseholdId {
    /// The id that a household is given after one of its people; each turn gives another.
    fn of(person: GoldenId, turn: u32) -> Self {
        let hash = blake3::hash(format!("household\0{person}\0{turn}").as_bytes());
        Self(GoldenId::of_hash(hash.as_bytes().first_chunk::<8>().map_or(0, |b| u64::from_le_bytes(*b))))
    }

    /// Reads an id as tables hold it; none for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        GoldenId::parse(&format!("Z{}", text.strip_prefix('H')?)).map(Self)
    }
}

impl Display for HouseholdId {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        let text = self.0.to_string();
        write!(f, "H{}", text.get(1..).unwrap_or_default())
    }
}

/// An id for each of tonight's households (their people in any order). `before`: people and the households that they were
/// in. The household with most people of an old one keeps its id; of several the one whose first person it is made from,
/// then the one with the smallest golden id. An id is given once.
pub fn names(households: &[Vec<GoldenId>], before: &BTreeMap<GoldenId, HouseholdId>) -> Vec<HouseholdId> {
    let mut order: Vec<(Vec<GoldenId>, usize)> = households.iter().cloned().zip(0..).collect();
    order.iter_mut().for_each(|(people, _)| people.sort_unstable());
    order.sort_unstable();
    let mut claims = Vec::new();
    for (place, (people, _)) in order.iter().enumerate() {
        let mut shared: BTreeMap<HouseholdId, usize> = BTreeMap::new();
        for old in people.iter().filter_map(|person| before.get(person)) {
            *shared.entry(*old).or_default() += 1;
        }
        let own = people.first().map(|first| HouseholdId::of(*first, 0));
        claims.extend(shared.into_iter().map(|(old, n)| (std::cmp::Reverse(n), own != Some(old), old, place)));
    }
    claims.sort_unstable();
    let mut given: Vec<Option<HouseholdId>> = vec![None; order.len()];
    let mut taken: BTreeSet<HouseholdId> = BTreeSet::new();
    for (_, _, old, place) in claims {
        if let Some(slot @ None) = given.get_mut(place)
            && taken.insert(old)
        {
            *slot = Some(old);
        }
    }
    let mut named: Vec<(usize, HouseholdId)> = Vec::with_capacity(order.len());
    for ((people, at), given) in order.iter().zip(given) {
        let id = given.or_else(|| {
            // More turns than one would be needed only where all ids of one's people are held by others.
            let mut turns = (0..64).flat_map(|turn| people.iter().map(move |person| HouseholdId::of(*person, turn)));
            turns.find(|id| taken.insert(*id))
        });
        named.extend(id.map(|id| (*at, id)));
    }
    named.sort_unstable();
    named.into_iter().map(|(_, id)| id).collect()
}
