//! The lists in a ZIP archive, as publishers deliver them. Enters: a path. Leaves: the entries worth reading, each as
//! a stream. Never here: ZIP64, encryption, anything but "stored" and "deflated" (APPNOTE.TXT 6.3): they are refused.

use crate::error::{Error, Result};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// One list in an archive.
pub(super) struct Entry {
    pub(super) name: String,
    method: u16,
    packed: u64,
    header: u64,
}

/// Most bytes of a central directory that are read: a hundred thousand entries.
const DIRECTORY_LIMIT: u64 = 16 * 1024 * 1024;
/// The end record with the longest comment.
const TAIL: u64 = 22 + 65_535;

/// The lists of an archive in the order of their names; none where the file is no archive.
pub(super) fn entries(path: &Path) -> Result<Vec<Entry>> {
    let fail = |e: std::io::Error| Error::io("read", path, &e);
    let broken = || Error::input(format!("{}: the archive is damaged", path.display())).hint("unpack it yourself");
    let mut file = File::open(path).map_err(fail)?;
    let mut magic = [0; 4];
    let length = file.metadata().map_err(fail)?.len();
    if length < 22 || file.read_exact(&mut magic).is_err() || magic != *b"PK\x03\x04" {
        return Ok(Vec::new());
    }
    let from = length.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(from)).map_err(fail)?;
    let mut tail = Vec::new();
    file.by_ref().take(TAIL).read_to_end(&mut tail).map_err(fail)?;
    let end = tail.windows(4).rposition(|w| w == b"PK\x05\x06").ok_or_else(broken)?;
    let end = tail.get(end..).ok_or_else(broken)?;
    let (size, at) = number(end, 12, 4).zip(number(end, 16, 4)).ok_or_else(broken)?;
    if size > DIRECTORY_LIMIT || at >= u64::from(u32::MAX) {
        return Err(Error::input(format!("{}: the archive is too large", path.display())).hint("unpack it yourself"));
    }
    file.seek(SeekFrom::Start(at)).map_err(fail)?;
    let mut directory = Vec::new();
    file.by_ref().take(size).read_to_end(&mut directory).map_err(fail)?;
    let mut found = Vec::new();
    let mut rest = directory.as_slice();
    while rest.starts_with(b"PK\x01\x02") {
        let of = |at, bytes| number(rest, at, bytes).ok_or_else(broken);
        let (name, extra, comment) = (of(28, 2)? as usize, of(30, 2)? as usize, of(32, 2)? as usize);
        let text = rest.get(46..46 + name).ok_or_else(broken)?;
        let entry = Entry {
            name: String::from_utf8_lossy(text).into_owned(),
            method: of(10, 2)? as u16,
            packed: of(20, 4)?,
            header: of(42, 4)?,
        };
        if is_list(&entry.name) {
            found.push(entry);
        }
        rest = rest.get(46 + name + extra + comment..).unwrap_or(&[]);
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    if found.is_empty() {
        return Err(Error::input(format!("{}: the archive holds no list", path.display()))
            .hint("lists end in .txt, .csv, .tsv, .json or .geojson"));
    }
    Ok(found)
}

fn is_list(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let list = [".txt", ".csv", ".tsv", ".json", ".geojson", ".ndjson"].iter().any(|e| name.ends_with(e));
    list && !["readme", "licen", "__macosx"].iter().any(|w| name.contains(w))
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    Some(bytes.get(at..at + length)?.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
}

impl Entry {
    /// The unpacked bytes.
    pub(super) fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>> {
        let fail = |e: std::io::Error| Error::io("read", path, &e);
        let mut file = File::open(path).map_err(fail)?;
        file.seek(SeekFrom::Start(self.header)).map_err(fail)?;
        let mut header = [0; 30];
        file.read_exact(&mut header).map_err(fail)?;
        let skip = number(&header, 26, 2).unwrap_or(0) + number(&header, 28, 2).unwrap_or(0);
        file.seek(SeekFrom::Start(self.header + 30 + skip)).map_err(fail)?;
        let packed = BufReader::new(file.take(self.packed));
        match self.method {
            0 => Ok(Box::new(packed)),
            8 => Ok(Box::new(flate2::bufread::DeflateDecoder::new(packed))),
            _ => Err(Error::input(format!("{}: packed in a way that is not read here", path.display()))
                .hint("unpack it yourself")),
        }
    }
}
