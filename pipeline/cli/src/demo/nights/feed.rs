//! Enters: windows in order. Leaves: the files of one night: old rows where they stood, new ones at the end, some rows
//! broken, now and then a whole file; the truth about what stands in them; the log of changes.
//! Never here: what a row says. Memory: the rows opened since the first night.

use super::super::DemoError;
use super::super::draw::{Draw, mix};
use super::super::output::{FileSummary, Sink, broken, open};
use super::super::sources::{LAYOUTS, Layout, SourceId};
use super::super::truth;
use super::log::Log;
use super::window::{Row, Window};
use chrono::NaiveDate;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// How the CRM's file is broken tonight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakage {
    None,
    /// The file ends after so many rows, in the middle of the next.
    Truncated {
        rows: u64,
    },
    /// The rows stand in the file twice.
    Repeated,
}

struct Feed {
    layout: &'static Layout,
    sink: Sink,
    later: Vec<Row>,
    rows: u64,
    broken: u64,
    /// Rows until the file is cut off.
    limit: Option<u64>,
}

/// What is true of the rows that are written.
struct Truth {
    rows: BufWriter<File>,
    broken: BufWriter<File>,
    line: String,
}

/// All files of one night.
pub struct Files {
    folder: PathBuf,
    feeds: Vec<Feed>,
    truth: Truth,
    people: BufWriter<File>,
    changes: BufWriter<File>,
    changed: u64,
    breakage: Breakage,
    seed: u64,
    share_broken: f64,
}

impl Files {
    pub fn create(folder: &Path, seed: u64, share_broken: f64, breakage: Breakage) -> Result<Self, DemoError> {
        let failed = |source| DemoError::Write { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut feeds = Vec::new();
        for layout in &LAYOUTS {
            let mut sink = Sink::create(folder, layout.file)?;
            sink.write(layout.header.as_bytes()).map_err(failed)?;
            let limit = match breakage {
                Breakage::Truncated { rows } if layout.source == SourceId::Crm => Some(rows),
                _ => None,
            };
            feeds.push(Feed { layout, sink, later: Vec::new(), rows: 0, broken: 0, limit });
        }
        let with_header = |name: &str, header: &str| -> Result<BufWriter<File>, DemoError> {
            let mut file = open(folder, name)?;
            file.write_all(header.as_bytes()).map_err(failed)?;
            Ok(file)
        };
        Ok(Self {
            folder: folder.to_owned(),
            feeds,
            truth: Truth {
                rows: with_header("truth.csv", truth::ROWS_HEADER)?,
                broken: with_header("truth_broken.csv", truth::BROKEN_HEADER)?,
                line: String::new(),
            },
            people: with_header("truth_people.csv", truth::PEOPLE_HEADER)?,
            changes: open(folder, "changes.ndjson")?,
            changed: 0,
            breakage,
            seed,
            share_broken,
        })
    }

    /// Notes what happens to a whole file tonight.
    pub fn announce(&mut self, night: u32, day: NaiveDate, kind: &str, source: &str, how: &str) -> std::io::Result<()> {
        let mut log = Log::new(night, day);
        log.file(kind, source, how);
        self.changed += log.count;
        self.changes.write_all(log.lines.as_bytes())
    }

    /// Takes a window's rows into the files.
    pub fn write(&mut self, window: Window) -> std::io::Result<()> {
        self.people.write_all(window.people.as_bytes())?;
        self.changes.write_all(window.log.as_bytes())?;
        self.changed += window.changes;
        for ((feed, first), later) in self.feeds.iter_mut().zip(window.first).zip(window.later) {
            for row in &first {
                feed.push(row, self.seed, self.share_broken, &mut self.truth)?;
            }
            feed.later.extend(later);
        }
        Ok(())
    }

    /// Appends the later rows and closes every file: what was written, and the number of changes.
    pub fn finish(mut self) -> std::io::Result<(Vec<FileSummary>, u64)> {
        let mut summaries = Vec::new();
        for mut feed in self.feeds {
            let mut later = std::mem::take(&mut feed.later);
            later.sort_by_key(|row| (row.born, row.place));
            for row in &later {
                feed.push(row, self.seed, self.share_broken, &mut self.truth)?;
            }
            feed.sink.finish()?;
            if self.breakage == Breakage::Repeated && feed.layout.source == SourceId::Crm {
                repeat(&self.folder.join(feed.layout.file), feed.layout.header.len() as u64)?;
                feed.rows *= 2;
            }
            summaries.push(FileSummary { file: feed.layout.file.to_owned(), rows: feed.rows, broken: feed.broken });
        }
        self.truth.rows.flush()?;
        self.truth.broken.flush()?;
        self.people.flush()?;
        self.changes.flush()?;
        Ok((summaries, self.changed))
    }
}

impl Feed {
    /// Writes a row; whether and how it is broken hangs on its place, so it is so every night.
    fn push(&mut self, row: &Row, seed: u64, share_broken: f64, truth: &mut Truth) -> std::io::Result<()> {
        let source = self.layout.source;
        if let Some(limit) = self.limit
            && self.rows >= limit
        {
            if self.rows == limit {
                self.rows += 1;
                self.broken += 1;
                truth.broken(source, &row.key, "cut_off")?;
                return self.sink.write(row.bytes.get(..row.bytes.len() / 2).unwrap_or_default());
            }
            return Ok(());
        }
        let chance = mix(row.place ^ mix(seed)) >> 11;
        if (chance as f64) < share_broken * (1u64 << 53) as f64 {
            let draw = &mut Draw::new(seed ^ 0x5EED_F11E, row.place);
            let (defect, survives, bytes) = broken(&row.bytes, &row.key, self.layout, draw);
            self.rows += 1;
            self.broken += 1;
            truth.broken(source, if defect == "empty_line" { "" } else { &row.key }, defect)?;
            self.sink.write(&bytes)?;
            if !survives {
                return Ok(());
            }
        }
        self.rows += 1;
        if source != SourceId::Events {
            truth.row(source, row)?;
        }
        self.sink.write(&row.bytes)
    }
}

impl Truth {
    fn row(&mut self, source: SourceId, row: &Row) -> std::io::Result<()> {
        self.line.clear();
        truth::row_line(&mut self.line, source, &row.key, row.person);
        self.rows.write_all(self.line.as_bytes())
    }

    fn broken(&mut self, source: SourceId, key: &str, defect: &str) -> std::io::Result<()> {
        writeln!(self.broken, "{},{key},{defect}", source.name())
    }
}

/// Appends a file's rows to itself.
fn repeat(path: &Path, header: u64) -> std::io::Result<()> {
    let mut from = File::open(path)?;
    let length = from.metadata()?.len();
    from.seek(SeekFrom::Start(header))?;
    let mut to = File::options().append(true).open(path)?;
    std::io::copy(&mut from.take(length.saturating_sub(header)), &mut to)?;
    Ok(())
}
