//! Which golden id a cluster keeps. Enter: claims, each a number of records that a cluster shares with an id. Leave: the
//! id of each cluster that has one to keep. An id goes to one cluster at most.

use super::GoldenId;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;

/// Every id ever published, with the night it was made. 13 bytes an id.
#[derive(Debug, Clone, Default)]
pub struct Known {
    ids: Vec<GoldenId>,
    nights: Vec<u32>,
    live: Vec<bool>,
}

impl Known {
    /// Ids with the night they were made; of an id given twice the earlier night counts.
    pub fn new(mut created: Vec<(GoldenId, u32)>) -> Self {
        created.sort_unstable();
        created.dedup_by_key(|(id, _)| *id);
        let live = vec![false; created.len()];
        let (ids, nights) = created.into_iter().unzip();
        Self { ids, nights, live }
    }

    /// Marks an id as that of a golden record of the published run.
    pub fn mark_live(&mut self, id: GoldenId) {
        if let Some(live) = self.place(id).and_then(|place| self.live.get_mut(place)) {
            *live = true;
        }
    }

    pub fn contains(&self, id: GoldenId) -> bool {
        self.place(id).is_some()
    }

    pub fn is_live(&self, id: GoldenId) -> bool {
        self.place(id).and_then(|place| self.live.get(place)).copied().unwrap_or(false)
    }

    /// Every id, in order.
    pub fn ids(&self) -> &[GoldenId] {
        &self.ids
    }

    /// The night an id was made; an unknown one counts as younger than all.
    pub fn created(&self, id: GoldenId) -> u32 {
        self.place(id).and_then(|place| self.nights.get(place)).copied().unwrap_or(u32::MAX)
    }

    fn place(&self, id: GoldenId) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }
}

/// A cluster has records that belong, or once belonged, to an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub cluster: i64,
    pub id: GoldenId,
    pub rows: u32,
    /// The id has no golden record in the published run: it was merged or retired, and rows of it are back or apart again.
    pub former: bool,
    /// Of a former id, all records that it has lost but those that were told apart from it; 0 of one in use.
    pub lost: u32,
    /// Something of the cluster that does not depend on the order of rows; looked at only where [`disputed`] says so.
    pub tie: u64,
}

/// Clusters that claim the same id with equally many records as another: their claims need a `tie`. Orders the claims.
pub fn disputed(claims: &mut [Claim]) -> BTreeSet<i64> {
    claims.sort_unstable_by_key(|c| (c.id, c.former, c.rows));
    let equal = claims.chunk_by(|a, b| (a.id, a.former, a.rows) == (b.id, b.former, b.rows));
    equal.filter(|claims| claims.len() > 1).flatten().map(|c| c.cluster).collect()
}

/// What more than one of the claims has. Orders the claims; holds nothing for those that stand alone.
fn repeated<T: Ord + Hash + Copy>(claims: &mut [Claim], of: impl Fn(&Claim) -> T) -> HashSet<T> {
    claims.sort_unstable_by_key(&of);
    claims.chunk_by(|a, b| of(a) == of(b)).filter(|same| same.len() > 1).flatten().map(&of).collect()
}

/// The id each cluster keeps. The claim with most records is served first, a cluster takes one id and an id goes to one
/// cluster; ties go to the older id, then to the one spelt earlier. Among former ids, that of which the cluster has the
/// greater share comes first: rows that were in a large golden record for a while go back to what was theirs alone. Of clusters that claim one id with equally many
/// records, one that has no former id to go back to keeps it: what was merged into the other parts from it again. Ids
/// without a golden record stand back behind those with one.
pub fn inherit(mut claims: Vec<Claim>, known: &Known) -> HashMap<i64, GoldenId> {
    // Nearly every cluster claims one id, and nobody else does.
    let clusters = repeated(&mut claims, |c| c.cluster);
    let ids = repeated(&mut claims, |c| c.id);
    let mut given: HashMap<i64, GoldenId> = HashMap::with_capacity(claims.len());
    claims.retain(|c| {
        let contested = clusters.contains(&c.cluster) || ids.contains(&c.id);
        if !contested {
            given.insert(c.cluster, c.id);
        }
        contested
    });
    let back: HashSet<i64> = claims.iter().filter(|c| c.former).map(|c| c.cluster).collect();
    let fallback = |c: &Claim| back.contains(&c.cluster);
    claims.sort_by_cached_key(|c| {
        (c.former, u32::MAX - c.rows, c.lost, known.created(c.id), c.id, fallback(c), c.tie, c.cluster)
    });
    let mut taken: HashSet<GoldenId> = HashSet::with_capacity(claims.len());
    for claim in claims {
        if !given.contains_key(&claim.cluster) && taken.insert(claim.id) {
            given.insert(claim.cluster, claim.id);
        }
    }
    given
}

/// The id of a cluster that keeps none, from the smallest hash of its rows: never one that was ever published.
pub fn new_id(known: &Known, smallest_hash: u64) -> GoldenId {
    let mut hash = smallest_hash;
    loop {
        let id = GoldenId::of_hash(hash);
        if !known.contains(id) {
            return id;
        }
        let next = blake3::hash(&hash.to_le_bytes());
        hash = next.as_bytes().first_chunk::<8>().map_or(hash.wrapping_add(1), |b| u64::from_le_bytes(*b));
    }
}
