//! Enters: rows in the order of people. Leaves: files in which neighbours are apart and a few rows are broken, and the truth.
//! Never here: what a row says. Memory: one buffer of [`BUFFER`] rows a file.

use super::DemoError;
use super::draw::Draw;
use super::people::Person;
use super::sources::{Export, LAYOUTS, Layout, Record, SourceId};
use super::truth;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Rows that wait for a random turn before they are written.
const BUFFER: usize = 8_192;

/// Rows of one source: bytes and keys lie one behind the other, so that a row costs no memory of its own.
#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    keys: String,
    /// End of bytes, end of key, entity.
    rows: Vec<(usize, usize, u64)>,
}

/// One row as it will stand in its file.
#[derive(Debug, Clone, Copy)]
struct Row<'b> {
    bytes: &'b [u8],
    key: &'b str,
    entity: u64,
}

impl Batch {
    fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        let (mut byte, mut letter) = (0, 0);
        self.rows.iter().map(move |(bytes_end, key_end, entity)| {
            let row = Row {
                bytes: self.bytes.get(byte..*bytes_end).unwrap_or_default(),
                key: self.keys.get(letter..*key_end).unwrap_or_default(),
                entity: *entity,
            };
            (byte, letter) = (*bytes_end, *key_end);
            row
        })
    }
}

/// The rows of some blocks, and what is true of their people.
#[derive(Debug, Default)]
pub struct Chunk {
    batches: [Batch; 7],
    people: String,
    line: String,
    pub customers: u64,
}

impl Chunk {
    /// Takes a row, line end included.
    pub fn push(&mut self, source: SourceId, bytes: &[u8], key: &str, entity: u64) {
        if let Some(batch) = self.batches.get_mut(source as usize) {
            batch.bytes.extend_from_slice(bytes);
            batch.keys.push_str(key);
            batch.rows.push((batch.bytes.len(), batch.keys.len(), entity));
        }
    }

    /// Takes a row as its source keeps it.
    pub fn record(&mut self, record: &Record) {
        let mut bytes = Vec::with_capacity(260);
        record.encode(&Export::default(), &mut self.line, &mut bytes);
        self.push(record.source, &bytes, record.key(), record.person);
    }

    /// Notes what is true of a person.
    pub fn person(&mut self, person: &Person<'_>) {
        truth::person_line(&mut self.people, person);
    }
}

/// What was written to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSummary {
    pub file: String,
    /// Rows, the broken ones among them.
    pub rows: u64,
    pub broken: u64,
}

pub enum Sink {
    Plain(BufWriter<File>),
    Gzip(Box<GzEncoder<BufWriter<File>>>),
}

impl Sink {
    /// Opens a file in a folder; packed when its name ends in `.gz`.
    pub fn create(folder: &Path, name: &str) -> Result<Self, DemoError> {
        let file = open(folder, name)?;
        Ok(if name.ends_with(".gz") {
            Self::Gzip(Box::new(GzEncoder::new(file, Compression::fast())))
        } else {
            Self::Plain(file)
        })
    }

    pub fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Plain(file) => file.write_all(bytes),
            Self::Gzip(file) => file.write_all(bytes),
        }
    }

    pub fn finish(self) -> std::io::Result<()> {
        match self {
            Self::Plain(mut file) => file.flush(),
            Self::Gzip(file) => file.finish()?.flush(),
        }
    }
}

/// Opens a file of a folder for writing, emptied.
pub fn open(folder: &Path, name: &str) -> Result<BufWriter<File>, DemoError> {
    let path = folder.join(name);
    File::create(&path)
        .map(|file| BufWriter::with_capacity(1 << 17, file))
        .map_err(|source| DemoError::Write { path, source })
}

struct Feed {
    layout: &'static Layout,
    sink: Sink,
    waiting: Vec<Vec<u8>>,
    draw: Draw,
    rows: u64,
    broken: u64,
}

impl Feed {
    /// Rows are shuffled within a buffer, so that the rows of one household are apart as in a real file.
    fn push(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.rows += 1;
        if self.waiting.len() < BUFFER {
            self.waiting.push(bytes.to_vec());
            return Ok(());
        }
        let at = self.draw.index(self.waiting.len());
        if let Some(slot) = self.waiting.get_mut(at) {
            self.sink.write(slot)?;
            slot.clear();
            slot.extend_from_slice(bytes);
        }
        Ok(())
    }

    /// Writes what still waits, in random order.
    fn empty(&mut self) -> std::io::Result<()> {
        while !self.waiting.is_empty() {
            let at = self.draw.index(self.waiting.len());
            self.sink.write(&self.waiting.swap_remove(at))?;
        }
        Ok(())
    }
}

/// All files of a demo.
pub struct Output {
    feeds: Vec<Feed>,
    truth: BufWriter<File>,
    people: BufWriter<File>,
    broken: BufWriter<File>,
    share_broken: f64,
}

impl Output {
    pub fn create(folder: &Path, seed: u64, share_broken: f64) -> Result<Self, DemoError> {
        std::fs::create_dir_all(folder).map_err(|source| DemoError::Write { path: folder.to_owned(), source })?;
        let mut feeds = Vec::new();
        for (stream, layout) in LAYOUTS.iter().enumerate() {
            feeds.push(Feed {
                layout,
                sink: Sink::create(folder, layout.file)?,
                waiting: Vec::new(),
                draw: Draw::new(seed ^ 0x5EED_F11E, stream as u64),
                rows: 0,
                broken: 0,
            });
        }
        let mut output = Self {
            feeds,
            truth: open(folder, "truth.csv")?,
            people: open(folder, "truth_people.csv")?,
            broken: open(folder, "truth_broken.csv")?,
            share_broken,
        };
        output.headers().map_err(|source| DemoError::Write { path: folder.to_owned(), source })?;
        Ok(output)
    }

    fn headers(&mut self) -> std::io::Result<()> {
        self.truth.write_all(truth::ROWS_HEADER.as_bytes())?;
        self.broken.write_all(truth::BROKEN_HEADER.as_bytes())?;
        self.people.write_all(truth::PEOPLE_HEADER.as_bytes())?;
        for feed in &mut self.feeds {
            feed.sink.write(feed.layout.header.as_bytes())?;
        }
        Ok(())
    }

    /// Takes a chunk's rows into the files.
    pub fn write(&mut self, chunk: &Chunk) -> std::io::Result<()> {
        self.people.write_all(chunk.people.as_bytes())?;
        let mut line = String::new();
        for (feed, batch) in self.feeds.iter_mut().zip(&chunk.batches) {
            for row in batch.iter() {
                if feed.draw.chance(self.share_broken) {
                    feed.broken += 1;
                    let (defect, survives, bytes) = broken(row.bytes, row.key, feed.layout, &mut feed.draw);
                    let key = if defect == "empty_line" { "" } else { row.key };
                    writeln!(self.broken, "{},{key},{defect}", feed.layout.source.name())?;
                    feed.push(&bytes)?;
                    if !survives {
                        continue;
                    }
                }
                if feed.layout.source != SourceId::Events {
                    line.clear();
                    truth::row_line(&mut line, feed.layout.source, row.key, row.entity);
                    self.truth.write_all(line.as_bytes())?;
                }
                feed.push(row.bytes)?;
            }
        }
        Ok(())
    }

    /// Empties the buffers and closes every file.
    pub fn finish(mut self) -> std::io::Result<Vec<FileSummary>> {
        let mut summaries = Vec::new();
        for mut feed in self.feeds {
            feed.empty()?;
            summaries.push(FileSummary { file: feed.layout.file.to_owned(), rows: feed.rows, broken: feed.broken });
            feed.sink.finish()?;
        }
        self.truth.flush()?;
        self.people.flush()?;
        self.broken.flush()?;
        Ok(summaries)
    }
}

/// A row as bad feeds have it: what is wrong, whether the good row stands in the file as well, and the bad bytes.
pub fn broken(bytes: &[u8], key: &str, layout: &Layout, draw: &mut Draw) -> (&'static str, bool, Vec<u8>) {
    let middle = bytes.len() / 2;
    let with = |at: usize, extra: &[u8]| {
        let at = at.min(bytes.len());
        let mut out = bytes.to_vec();
        out.splice(at..at, extra.iter().copied());
        out
    };
    let cut = |at: usize| {
        let mut out: Vec<u8> = bytes.iter().copied().take(at).filter(|b| *b != b'\n' && *b != b'"').collect();
        out.push(b'\n');
        out
    };
    let end = bytes.iter().rposition(|b| *b != b'\n' && *b != b'\r').map_or(0, |i| i + 1);
    let at = bytes.windows(key.len().max(1)).position(|w| w == key.as_bytes()).unwrap_or(0);
    let windows = layout.source == SourceId::Crm;
    match (draw.below(10), layout.delimiter) {
        (0..=2, Some(delimiter)) => ("too_many_fields", false, with(end, &[delimiter, b'x'])),
        (0..=4, Some(_)) => ("too_few_fields", false, cut(middle)),
        (0..=4, None) => ("cut_off", false, cut(middle)),
        // Windows-1250 has no character 0x81; UTF-8 has no byte 0xFF.
        (5, _) => ("invalid_byte", false, with(at + key.len(), if windows { &[0x81] } else { &[0xFF] })),
        (6, _) => {
            let mut out = bytes.to_vec();
            out.drain(at..(at + key.len()).min(bytes.len()));
            ("empty_key", false, out)
        }
        (7..=8, _) => ("duplicate_key", true, bytes.to_vec()),
        _ => ("empty_line", true, if windows { b"\r\n".to_vec() } else { b"\n".to_vec() }),
    }
}
