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
    let mut hasher = blake3::Hasher::new();
    hasher.update(source.as_bytes()).update(&[0]).update(key.as_bytes());
    hasher.finalize().as_bytes().first_chunk::<8>().map_or(0, |b| u64::from_le_bytes(*b))
}
