//! A file as a stream of plain bytes: opens it and unpacks gzip and Zstandard.
//! In: a path. Out: a reader, and what was found out about compression.
//! Never here: text, encodings, rows.

use super::error::{Note, ReadError};
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

/// How the bytes of the file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    Gzip,
    Zstd,
}

const GZIP: &[u8] = &[0x1F, 0x8B];
const ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];
/// Zstandard's skippable frames (as `pzstd` writes them) start with 0x50..=0x5F and this.
const ZSTD_SKIPPABLE: &[u8] = &[0x2A, 0x4D, 0x18];

/// Plain bytes to come.
pub(super) struct Bytes {
    pub reader: Box<dyn Read + Send>,
    pub compression: Option<Compression>,
}

/// Opens a file; the magic bytes decide on compression, the ending only earns a note.
pub(super) fn open(path: &Path, notes: &mut Vec<Note>) -> Result<Bytes, ReadError> {
    let fail = |error: &io::Error| ReadError::Io { file: path.to_owned(), what: plain_words(error) };
    let file = File::open(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => super::paths::not_found(path),
        _ => fail(&e),
    })?;
    if file.metadata().map_err(|e| fail(&e))?.is_dir() {
        return Err(ReadError::Io {
            file: path.to_owned(),
            what: "it is a folder; name a file, or a pattern such as `folder/*.csv`".into(),
        });
    }
    let ending =
        path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).and_then(|e| match e.as_str() {
            "gz" | "gzip" => Some(Compression::Gzip),
            "zst" | "zstd" => Some(Compression::Zstd),
            _ => None,
        });
    let bytes = unpack(Box::new(file)).map_err(|e| fail(&e))?;
    match (ending, bytes.compression) {
        (Some(_), None) => notes.push(Note::new(
            "not_compressed",
            "the file is not compressed although its ending says so; it was read as it is",
        )),
        (None, Some(_)) => notes.push(Note::new(
            "compressed",
            "the file is compressed although its ending does not say so; it was unpacked",
        )),
        _ => {}
    }
    Ok(bytes)
}

/// Looks at the magic bytes and unpacks accordingly; several members or frames follow each other.
/// Damage inside a Zstandard file written without a checksum can go unnoticed; gzip always has one.
pub(super) fn unpack(mut file: Box<dyn Read + Send>) -> io::Result<Bytes> {
    let mut magic = Vec::with_capacity(4);
    file.by_ref().take(4).read_to_end(&mut magic)?;
    let compression = if magic.starts_with(GZIP) {
        Some(Compression::Gzip)
    } else if magic.starts_with(ZSTD)
        || (magic.get(1..) == Some(ZSTD_SKIPPABLE) && magic.first().is_some_and(|b| b >> 4 == 5))
    {
        Some(Compression::Zstd)
    } else {
        None
    };
    let whole = BufReader::with_capacity(128 * 1024, Cursor::new(magic).chain(file));
    let reader: Box<dyn Read + Send> = match compression {
        Some(Compression::Gzip) => Box::new(flate2::bufread::MultiGzDecoder::new(whole)),
        Some(Compression::Zstd) => Box::new(zstd::Decoder::with_buffer(whole)?),
        None => Box::new(whole),
    };
    Ok(Bytes { reader, compression })
}

/// Why reading stopped before the end of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The packed data is cut off or damaged.
    Damaged(String),
    /// The disk or the network.
    Io(String),
}

impl Failure {
    pub(super) fn new(error: &io::Error, compression: Option<Compression>) -> Self {
        let name = match compression {
            Some(Compression::Gzip) => "gzip",
            Some(Compression::Zstd) => "Zstandard",
            None => return Self::Io(plain_words(error)),
        };
        if error.raw_os_error().is_some() {
            return Self::Io(plain_words(error));
        }
        Self::Damaged(match error.kind() {
            io::ErrorKind::UnexpectedEof => format!("the {name} data ends too early"),
            _ => format!("the {name} data does not unpack"),
        })
    }
}

pub(super) fn plain_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied; let the user of this run read the file".into(),
        io::ErrorKind::NotFound => "it does not exist".into(),
        io::ErrorKind::IsADirectory => "it is a folder".into(),
        _ => error.to_string(),
    }
}
