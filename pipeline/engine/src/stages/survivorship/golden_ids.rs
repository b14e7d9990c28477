//! Which golden id a cluster keeps from the published run. A cluster keeps the id that most of its
//! records had; of two clusters that claim one id the one with more such records keeps it.
//! Ids never depend on the order of rows.

use crate::context::Context;
use crate::error::Result;
use crate::tables;
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use futures::TryStreamExt;
use std::collections::{HashMap, HashSet};

/// Ids of clusters, inherited or to be made.
#[derive(Debug, Default)]
pub struct GoldenIds {
    inherited: HashMap<i64, String>,
    /// Ids of the published run: a new cluster never takes one of them.
    taken: HashSet<String>,
}

/// Letters of an id: no vowels to spell words with, none that look alike.
const ALPHABET: &[u8; 32] = b"0123456789BCDFGHJKLMNPQRSTVWXYZ#";

impl GoldenIds {
    /// The ids that clusters of this run have inherited.
    pub fn inherited(&self) -> impl Iterator<Item = &str> {
        self.inherited.values().map(String::as_str)
    }

    /// The id of a cluster whose records have the given smallest row hash.
    pub fn of(&self, cluster: i64, smallest_hash: u64) -> String {
        if let Some(id) = self.inherited.get(&cluster) {
            return id.clone();
        }
        let mut hash = smallest_hash;
        loop {
            let id = spell(hash);
            if !self.taken.contains(&id) {
                return id;
            }
            let next = blake3::hash(&hash.to_le_bytes());
            hash = next.as_bytes().first_chunk::<8>().map_or(hash.wrapping_add(1), |b| u64::from_le_bytes(*b));
        }
    }
}

/// `Z` and 12 letters: 60 bits of a hash.
fn spell(hash: u64) -> String {
    let letters = (0..12).map(|i| {
        let letter = ALPHABET[((hash >> (5 * i)) & 31) as usize];
        if letter == b'#' { 'U' } else { char::from(letter) }
    });
    std::iter::once('Z').chain(letters).collect()
}

pub async fn inherit(context: &Context) -> Result<GoldenIds> {
    let Some(last) = context.last.as_ref().filter(|l| l.exists(tables::CROSSWALK)) else {
        return Ok(GoldenIds::default());
    };
    context.session.register(last, tables::CROSSWALK, "last_crosswalk").await?;
    let mut ids = GoldenIds::default();
    let sql = "SELECT DISTINCT golden_id FROM last_crosswalk WHERE golden_id IS NOT NULL";
    let mut stream = context.session.sql(sql).await?.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        ids.taken.extend(batch.column(0).as_string::<i32>().iter().flatten().map(String::from));
    }
    let sql = "SELECT k.cluster_id, l.golden_id, count(*) AS n FROM contacts c \
        JOIN clusters k ON c.record_id = k.record_id \
        JOIN last_crosswalk l ON c.source = l.source AND c.source_key = l.source_key \
        WHERE l.golden_id IS NOT NULL GROUP BY k.cluster_id, l.golden_id";
    let mut claims: Vec<(i64, String, i64)> = Vec::new();
    let mut stream = context.session.sql(sql).await?.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        let clusters = batch.column(0).as_primitive::<Int64Type>();
        let golden = batch.column(1).as_string::<i32>();
        let counts = batch.column(2).as_primitive::<Int64Type>();
        for ((cluster, golden), n) in clusters.values().iter().zip(golden.iter().flatten()).zip(counts.values()) {
            claims.push((*cluster, golden.to_string(), *n));
        }
    }
    claims.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.1.cmp(&b.1)).then(a.0.cmp(&b.0)));
    let mut given: HashSet<String> = HashSet::new();
    for (cluster, golden, _) in claims {
        if !ids.inherited.contains_key(&cluster) && given.insert(golden.clone()) {
            ids.inherited.insert(cluster, golden);
        }
    }
    Ok(ids)
}
