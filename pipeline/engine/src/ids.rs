//! Numbers that stand for records and customers. Enter: names of records, tables of a run. Leave: hashes of records, and
//! golden ids in 8 bytes with their numbers of records. Never here: which id a customer gets.

use crate::error::{Error, Result};
use crate::stages::columns::{integers, text_column};
use crate::stages::grouped::OrderedRows;
use crate::store::Store;
use crate::tables;
use zlato_core::ledger::GoldenId;

/// Reads a golden id of a table.
pub fn parse(text: Option<&str>) -> Result<GoldenId> {
    text.and_then(GoldenId::parse).ok_or_else(|| {
        Error::environment("a table of a run holds a golden id that is none").hint("restore the run from a backup")
    })
}

/// Golden ids of a run with their numbers of records, by id.
pub fn records(store: &Store) -> Result<Vec<(GoldenId, u32)>> {
    let mut found = Vec::new();
    let mut rows = OrderedRows::open_columns(store, tables::GOLDEN, &["records"])?;
    while let Some(batch) = rows.next_batch()? {
        let counts = integers(&batch, "records")?;
        for (id, n) in text_column(&batch, "golden_id").into_iter().flatten().zip(counts.values()) {
            found.push((parse(id)?, number(*n)));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// A count of a table.
pub fn number(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A number for a record that depends on its source and key alone, not on its place in a file: 64 bits of BLAKE3.
pub fn record_hash(source: &str, key: &str) -> u64 {
    let parts = [source.as_bytes(), &[0], key.as_bytes()];
    let mut short = [0; 128];
    let length: usize = parts.iter().map(|p| p.len()).sum();
    let hash = match short.get_mut(..length) {
        // Hashing one short text is cheaper than setting up for a long one, and gives the same.
        Some(whole) => {
            let mut rest = &mut *whole;
            for part in parts {
                let (here, behind) = rest.split_at_mut(part.len());
                here.copy_from_slice(part);
                rest = behind;
            }
            blake3::hash(whole)
        }
        None => parts.into_iter().fold(&mut blake3::Hasher::new(), blake3::Hasher::update).finalize(),
    };
    hash.as_bytes().first_chunk::<8>().map_or(0, |b| u64::from_le_bytes(*b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_names_of_records_are_hashed_alike() {
        for length in [0, 1, 60, 123, 124, 125, 126, 127, 128, 300] {
            let key = "k".repeat(length);
            let whole = blake3::hash(format!("crm\0{key}").as_bytes());
            assert_eq!(record_hash("crm", &key).to_le_bytes(), whole.as_bytes()[..8]);
        }
        assert_ne!(record_hash("a", "bc"), record_hash("ab", "c"));
    }
}
