//! Who holds a key. Enter: pairs of a key and the number of a holder, from many threads and in any order. Leaves: for a
//! key its one holder, or that there are several. Takes 24 bytes a distinct key, and up to twice that while pairs still
//! come in. Never here: what is a key, what is a holder.

use super::parts::parallel;
use crate::error::Result;
use std::sync::{Mutex, PoisonError};

/// Stands for one or several texts; two of them are never the same by chance.
pub type Key = u128;

/// Keys are dealt out by so many of their first bits, so that threads seldom wait for each other.
const SHARD_BITS: u32 = 6;

/// Pairs of a shard below which nothing is gained by putting the same ones together.
const FEW: usize = 4_096;

/// Keys of a bucket, on average: what is looked through to find one.
const BUCKET_KEYS: usize = 4;

/// The holder of a key that several have.
const SEVERAL: i64 = i64::MIN;

/// Makes keys; keeps the room that it needs for that.
#[derive(Debug, Default)]
pub struct Keys(Vec<u8>);

impl Keys {
    /// Begins a key.
    pub fn begin(&mut self) -> &mut Self {
        self.0.clear();
        self
    }

    /// Adds a text. It goes in with its length, so that no other texts make the same key.
    pub fn add(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(&(text.len() as u64).to_le_bytes());
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    /// 128 bits of BLAKE3 of what was added.
    pub fn key(&self) -> Key {
        blake3::hash(&self.0).as_bytes().first_chunk::<16>().map_or(0, |bytes| Key::from_be_bytes(*bytes))
    }
}

/// In two halves: 24 bytes instead of 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: [u64; 2],
    holder: i64,
}

impl Entry {
    fn shard(&self) -> usize {
        (self.key[0] >> (u64::BITS - SHARD_BITS)) as usize
    }
}

fn halves(key: Key) -> [u64; 2] {
    [(key >> 64) as u64, key as u64]
}

/// Sorts entries and leaves one of each key.
fn settle(entries: &mut Vec<Entry>) {
    entries.sort_unstable();
    entries.dedup_by(|later, kept| {
        let same = later.key == kept.key;
        if same && later.holder != kept.holder {
            kept.holder = SEVERAL;
        }
        same
    });
}

/// Pairs of keys and holders on their way.
#[derive(Debug)]
pub struct Gathering(Vec<Mutex<Vec<Entry>>>);

impl Default for Gathering {
    fn default() -> Self {
        Self((0..1 << SHARD_BITS).map(|_| Mutex::default()).collect())
    }
}

impl Gathering {
    /// Adds pairs; holders are not negative.
    pub fn add(&self, pairs: impl Iterator<Item = (Key, i64)>) {
        let mut new: Vec<Entry> = pairs.map(|(key, holder)| Entry { key: halves(key), holder }).collect();
        new.sort_unstable_by_key(Entry::shard);
        for new in new.chunk_by(|a, b| a.shard() == b.shard()) {
            let Some(shard) = new.first().and_then(|entry| self.0.get(entry.shard())) else { continue };
            let mut entries = shard.lock().unwrap_or_else(PoisonError::into_inner);
            if entries.len() + new.len() > entries.capacity().max(FEW) {
                settle(&mut entries);
                if 2 * (entries.len() + new.len()) > entries.capacity() {
                    let room = entries.len().max(new.len()).max(FEW);
                    entries.reserve_exact(room);
                }
            }
            entries.extend_from_slice(new);
        }
    }

    /// Ends the gathering.
    pub async fn finish(self, threads: usize) -> Result<Holders> {
        let settled = |shard: Mutex<Vec<Entry>>| {
            let mut entries = shard.into_inner().unwrap_or_else(PoisonError::into_inner);
            settle(&mut entries);
            entries.shrink_to_fit();
            Ok(Shard::of(entries))
        };
        Ok(Holders(parallel(threads, self.0, settled).await?))
    }
}

/// Whom a key names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    Nobody,
    One(i64),
    Several,
}

/// The holders of keys.
#[derive(Debug)]
pub struct Holders(Vec<Shard>);

/// Entries in order, and where those of each bucket begin: keys being hashes, buckets are of about one size.
#[derive(Debug)]
struct Shard {
    entries: Vec<Entry>,
    starts: Vec<u32>,
    shift: u32,
}

impl Shard {
    fn of(entries: Vec<Entry>) -> Self {
        let bits = (entries.len() / BUCKET_KEYS).max(2).ilog2();
        let mut shard = Self { starts: Vec::with_capacity((1 << bits) + 1), entries, shift: u64::BITS - bits };
        let mut at = 0;
        for bucket in 0..1 << bits {
            shard.starts.push(u32::try_from(at).unwrap_or(u32::MAX));
            let rest = shard.entries.get(at..).unwrap_or(&[]);
            at += rest.partition_point(|entry| shard.bucket(entry.key) <= bucket);
        }
        shard.starts.push(u32::try_from(at).unwrap_or(u32::MAX));
        shard
    }

    fn bucket(&self, key: [u64; 2]) -> usize {
        ((key[0] << SHARD_BITS) >> self.shift) as usize
    }

    fn of_key(&self, key: [u64; 2]) -> Option<&Entry> {
        let bucket = self.bucket(key);
        let (from, to) = (*self.starts.get(bucket)?, *self.starts.get(bucket + 1)?);
        self.entries.get(from as usize..to as usize)?.iter().find(|entry| entry.key == key)
    }
}

impl Holders {
    pub fn of(&self, key: Key) -> Held {
        let key = halves(key);
        let shard = self.0.get((key[0] >> (u64::BITS - SHARD_BITS)) as usize);
        match shard.and_then(|shard| shard.of_key(key)) {
            None => Held::Nobody,
            Some(entry) if entry.holder == SEVERAL => Held::Several,
            Some(entry) => Held::One(entry.holder),
        }
    }

    /// The first halves of the keys that several hold, in order.
    pub fn several(&self) -> Vec<u64> {
        let entries = self.0.iter().flat_map(|shard| &shard.entries);
        let mut several: Vec<u64> = entries.filter(|e| e.holder == SEVERAL).map(|e| e.key[0]).collect();
        several.shrink_to_fit();
        several
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn key(number: u64) -> Key {
        Keys::default().begin().add(&number.to_string()).key()
    }

    fn gathered(batches: &[Vec<(u64, i64)>]) -> Holders {
        let gathering = Gathering::default();
        std::thread::scope(|scope| {
            for batch in batches {
                scope.spawn(|| gathering.add(batch.iter().map(|(number, holder)| (key(*number), *holder))));
            }
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(gathering.finish(2)).unwrap()
    }

    fn told(batches: &[Vec<(u64, i64)>]) -> BTreeMap<u64, BTreeSet<i64>> {
        let mut told: BTreeMap<u64, BTreeSet<i64>> = BTreeMap::new();
        for (number, holder) in batches.iter().flatten() {
            told.entry(*number).or_default().insert(*holder);
        }
        told
    }

    fn assert_agree(holders: &Holders, told: &BTreeMap<u64, BTreeSet<i64>>, numbers: u64) {
        for number in 0..numbers {
            let expected = told.get(&number).map_or(Held::Nobody, |holders| match holders.first() {
                Some(holder) if holders.len() == 1 => Held::One(*holder),
                _ => Held::Several,
            });
            assert_eq!(holders.of(key(number)), expected, "{number}");
        }
        let several = told.iter().filter(|(_, holders)| holders.len() > 1);
        let mut expected: Vec<u64> = several.map(|(number, _)| halves(key(*number))[0]).collect();
        expected.sort_unstable();
        assert_eq!(holders.several(), expected);
    }

    proptest! {
        #[test]
        fn a_key_names_its_one_holder_or_several(
            batches in prop::collection::vec(prop::collection::vec((0u64..60, 0i64..4), 0..40), 0..6)
        ) {
            assert_agree(&gathered(&batches), &told(&batches), 70);
        }
    }

    #[test]
    fn pairs_are_put_together_while_they_come() {
        // Enough pairs of few keys that every shard is settled on the way, and enough keys for many buckets.
        let few: Vec<(u64, i64)> = (0..600_000).map(|n| (n % 1_000, i64::from(n % 3_000 == 7))).collect();
        let many: Vec<(u64, i64)> = (0..400_000i64).map(|n| (1_000 + n.cast_unsigned(), n % 5)).collect();
        let batches: Vec<Vec<(u64, i64)>> = few.chunks(8_192).chain(many.chunks(8_192)).map(<[_]>::to_vec).collect();
        let gathering = Gathering::default();
        for batch in few.chunks(8_192) {
            gathering.add(batch.iter().map(|(number, holder)| (key(*number), *holder)));
        }
        let held: usize = gathering.0.iter().map(|shard| shard.lock().unwrap().capacity()).sum();
        assert!(held <= (1 << SHARD_BITS) * 3 * FEW, "{held} places for 1,000 keys");
        assert_agree(&gathered(&batches), &told(&batches), 402_000);
    }

    #[test]
    fn texts_do_not_run_into_each_other() {
        let mut keys = Keys::default();
        let one = keys.begin().add("ab").add("c").key();
        assert_ne!(one, keys.begin().add("a").add("bc").key());
        assert_ne!(one, keys.begin().add("abc").key());
        assert_eq!(one, keys.begin().add("ab").add("c").key());
    }
}
