//! The bytes of a gazetteer. Enters: a gazetteer, or bytes. Leaves: the other of the two. The same gazetteer gives
//! the same bytes; bytes that are not whole are refused. Never here: files on disk.
//!
//! Layout, all numbers little-endian: eight bytes `ZLATOGAZ`, the version of the format (u32), the BLAKE3 hash of
//! what follows (32 bytes); the sources as JSON; the ends and bytes of all texts; the tables, each with the number
//! of its rows before them.

use super::{Gazetteer, Texts};

/// Written into every file; a file of another version is imported anew.
pub const FORMAT_VERSION: u32 = 1;

const MAGIC: &[u8; 8] = b"ZLATOGAZ";
const HEAD: usize = MAGIC.len() + 4 + 32;

/// Why bytes are no gazetteer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("it is no gazetteer")]
    NotAGazetteer,
    #[error("it has format {found}, this version of zlato reads format {FORMAT_VERSION}")]
    Version { found: u32 },
    #[error("it is damaged or cut off")]
    Damaged,
}

impl Gazetteer {
    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.texts.all.len() + 32 * (self.links.len() + self.streets.len()));
        // A list of plain texts and numbers has a JSON form.
        let sources = serde_json::to_vec(&self.sources).unwrap_or_default();
        block(&mut body, &sources);
        table(&mut body, &self.texts.ends.iter().map(|e| [*e]).collect::<Vec<_>>());
        block(&mut body, self.texts.all.as_bytes());
        table(&mut body, &self.localities);
        table(&mut body, &self.names);
        table(&mut body, &self.codes);
        table(&mut body, &self.links);
        table(&mut body, &self.by_code);
        table(&mut body, &self.streets);
        let mut out = Vec::with_capacity(HEAD + body.len());
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        out.extend_from_slice(blake3::hash(&body).as_bytes());
        out.extend_from_slice(&body);
        out
    }

    /// The gazetteer of these bytes.
    ///
    /// # Errors
    /// Bytes of something else, of another version of the format, or not whole.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(Unreadable::NotAGazetteer)?;
        let (version, rest) = rest.split_first_chunk::<4>().ok_or(Unreadable::Damaged)?;
        let found = u32::from_le_bytes(*version);
        if found != FORMAT_VERSION {
            return Err(Unreadable::Version { found });
        }
        let (hash, body) = rest.split_first_chunk::<32>().ok_or(Unreadable::Damaged)?;
        if blake3::hash(body).as_bytes() != hash {
            return Err(Unreadable::Damaged);
        }
        Self::body(body).ok_or(Unreadable::Damaged)
    }

    fn body(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let sources = serde_json::from_slice(take_block(&mut rest)?).ok()?;
        let ends: Vec<[u32; 1]> = take_table(&mut rest)?;
        let texts = Texts {
            ends: ends.into_iter().map(|[e]| e).collect(),
            all: String::from_utf8(take_block(&mut rest)?.to_vec()).ok()?,
        };
        let gazetteer = Self {
            sources,
            texts,
            localities: take_table(&mut rest)?,
            names: take_table(&mut rest)?,
            codes: take_table(&mut rest)?,
            links: take_table(&mut rest)?,
            by_code: take_table(&mut rest)?,
            streets: take_table(&mut rest)?,
        };
        rest.is_empty().then_some(gazetteer)
    }
}

fn block(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

fn table<const N: usize>(out: &mut Vec<u8>, rows: &[[u32; N]]) {
    out.extend_from_slice(&(rows.len() as u64).to_le_bytes());
    out.extend(rows.iter().flatten().flat_map(|n| n.to_le_bytes()));
}

fn take_length(rest: &mut &[u8]) -> Option<usize> {
    let (length, after) = rest.split_first_chunk::<8>()?;
    *rest = after;
    usize::try_from(u64::from_le_bytes(*length)).ok()
}

fn take_block<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = take_length(rest)?;
    let (block, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(block)
}

fn take_table<const N: usize>(rest: &mut &[u8]) -> Option<Vec<[u32; N]>> {
    let rows = take_length(rest)?;
    let (bytes, after) = rest.split_at_checked(rows.checked_mul(N * 4)?)?;
    *rest = after;
    let number = |at: &[u8]| at.try_into().map(u32::from_le_bytes).unwrap_or(super::NONE);
    let row = |row: &[u8]| {
        let mut out = [0; N];
        out.iter_mut().zip(row.chunks_exact(4)).for_each(|(slot, bytes)| *slot = number(bytes));
        out
    };
    Some(bytes.chunks_exact(N * 4).map(row).collect())
}
