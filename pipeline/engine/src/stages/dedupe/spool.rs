//! Candidate pairs with their comparison vectors, on disk until the weights are known. Enter: pairs from several
//! threads. Leave: the pairs of one range of left records after another. A range is small enough to be held.
//! Never here: what a vector weighs. The order within a range is not determined.

use crate::error::{Error, Result};
use crate::files;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use zlato_core::matching::vector::Vector;

/// Bytes of a pair on disk.
const PAIR_BYTES: usize = 18;
/// Bytes that a thread collects for a range before it writes.
const BUFFER_BYTES: usize = 1 << 16;
/// Most ranges: each one is an open file.
const MOST_RANGES: u64 = 128;

/// A pair that a blocking rule has produced, and how its values agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    pub left: u32,
    pub right: u32,
    pub vector: Vector,
    /// Number of the blocking rule.
    pub rule: u16,
}

/// The ranges, open for writing.
pub struct Spool {
    ranges: Vec<(PathBuf, Mutex<File>)>,
    /// Left rows of a range.
    rows: usize,
}

impl Spool {
    /// A spool in `folder` for at most `pairs` pairs of `rows` records, cut so that a range takes about `memory`
    /// bytes; at least `least` ranges.
    pub fn new(folder: &Path, rows: usize, pairs: u64, memory: u64, least: usize) -> Result<Self> {
        let bytes = pairs.saturating_mul(PAIR_BYTES as u64);
        let count = bytes.div_ceil(memory.max(1)).clamp(least as u64, MOST_RANGES.max(least as u64)).max(1);
        let mut ranges = Vec::new();
        for number in 0..count {
            let path = folder.join(format!("pairs{number}"));
            let file = Mutex::new(files::create_private(&path)?);
            ranges.push((path, file));
        }
        Ok(Self { ranges, rows: rows.div_ceil(count as usize).max(1) })
    }

    pub fn ranges(&self) -> usize {
        self.ranges.len()
    }

    /// All pairs of a range; its file is removed.
    pub fn take(&self, range: usize) -> Result<Vec<Candidate>> {
        let Some((path, _)) = self.ranges.get(range) else { return Ok(vec![]) };
        let bytes = std::fs::read(path).map_err(|e| Error::io("read", path, &e))?;
        std::fs::remove_file(path).map_err(|e| Error::io("remove", path, &e))?;
        let (pairs, _) = bytes.as_chunks::<PAIR_BYTES>();
        Ok(pairs.iter().map(read).collect())
    }

    fn write(&self, range: usize, bytes: &mut Vec<u8>) -> Result<()> {
        if let Some((path, file)) = self.ranges.get(range) {
            let mut file = file.lock().map_err(|_| Error::Internal("a writer of pairs stopped".into()))?;
            file.write_all(bytes).map_err(|e| Error::io("write", path, &e))?;
        }
        bytes.clear();
        Ok(())
    }
}

fn read(bytes: &[u8; PAIR_BYTES]) -> Candidate {
    let [a, b, c, d, e, f, g, h, vector @ .., i, j] = *bytes;
    Candidate {
        left: u32::from_le_bytes([a, b, c, d]),
        right: u32::from_le_bytes([e, f, g, h]),
        vector: Vector(u64::from_le_bytes(vector)),
        rule: u16::from_le_bytes([i, j]),
    }
}

/// One thread's way into the spool.
pub struct SpoolWriter {
    spool: Arc<Spool>,
    buffers: Vec<Vec<u8>>,
}

impl SpoolWriter {
    pub fn new(spool: Arc<Spool>) -> Self {
        Self { buffers: vec![Vec::new(); spool.ranges.len()], spool }
    }

    #[inline]
    pub fn push(&mut self, pair: Candidate) -> Result<()> {
        let range = pair.left as usize / self.spool.rows;
        let Some(buffer) = self.buffers.get_mut(range) else { return Ok(()) };
        buffer.extend_from_slice(&pair.left.to_le_bytes());
        buffer.extend_from_slice(&pair.right.to_le_bytes());
        buffer.extend_from_slice(&pair.vector.0.to_le_bytes());
        buffer.extend_from_slice(&pair.rule.to_le_bytes());
        if buffer.len() >= BUFFER_BYTES { self.spool.write(range, buffer) } else { Ok(()) }
    }

    /// Writes what is left.
    pub fn finish(mut self) -> Result<()> {
        for (range, buffer) in self.buffers.iter_mut().enumerate() {
            self.spool.write(range, buffer)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn pairs_come_back_in_the_range_of_their_left_record() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Arc::new(Spool::new(folder.path(), 100, 1_000, 1_800, 2).unwrap());
        assert_eq!(spool.ranges(), 10);
        let pair = |left: u32| Candidate { left, right: left + 1, vector: Vector(u64::MAX - 7), rule: 300 };
        let (mut one, mut two) = (SpoolWriter::new(spool.clone()), SpoolWriter::new(spool.clone()));
        for left in 0..99 {
            let writer = if left % 3 == 0 { &mut one } else { &mut two };
            writer.push(pair(left)).unwrap();
        }
        one.finish().unwrap();
        two.finish().unwrap();
        let mut all = Vec::new();
        for range in 0..spool.ranges() {
            let mut pairs = spool.take(range).unwrap();
            pairs.sort_by_key(|p| p.left);
            assert!(pairs.iter().all(|p| p.left as usize / 10 == range));
            all.extend(pairs);
        }
        assert_eq!(all, (0..99).map(pair).collect::<Vec<_>>());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
