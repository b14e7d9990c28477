//! Enters: rows in the order of people. Leaves: files in which neighbours are apart and a few rows are broken, and the truth.
//! Never here: what a row says. Memory: one buffer of [`BUFFER`] rows a file.

use super::DemoError;
use super::draw::Draw;
use super::fields::{iso, pad};
use super::people::Person;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Rows that wait for a random turn before they are written.
const BUFFER: usize = 8_192;

/// The files that are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceId {
    Crm,
    Webshop,
    ContactCentre,
    Prospects,
    ProfilesLifestyle,
    ProfilesHashed,
    Events,
}

/// A file's name, its header and how it separates fields.
struct Layout {
    source: SourceId,
    file: &'static str,
    header: &'static str,
    delimiter: Option<u8>,
}

const LAYOUTS: [Layout; 7] = [
    Layout {
        source: SourceId::Crm,
        file: "crm.csv",
        header: "ID_KLIENTA;TYTUL;NAZWISKO;IMIE;NAZW_RODOWE;PLEC;DATA_UR;PESEL_JMBG;ULICA_NR;KOD;MIASTO;KRAJ;TEL_KOM;TEL_DOM;EMAIL;KLIENT_OD;OBROT;ZGODA_EMAIL;ZGODA_TEL;ZGODA_SMS;ZGODA_POCZTA;DATA_MOD\r\n",
        delimiter: Some(b';'),
    },
    Layout { source: SourceId::Webshop, file: "webshop.ndjson.gz", header: "", delimiter: None },
    Layout {
        source: SourceId::ContactCentre,
        file: "contact_centre.csv",
        header: "\u{feff}contact_id,full_name,birth_date,phone,phone_2,email,address,country,language,may_call,note,last_contact\n",
        delimiter: Some(b','),
    },
    Layout {
        source: SourceId::Prospects,
        file: "prospects.csv",
        header: "lead_id\tname\temail\tphone\tpostcode\tcity\tcountry\tcampaign\tnewsletter_ok\tcaptured_on\n",
        delimiter: Some(b'\t'),
    },
    Layout {
        source: SourceId::ProfilesLifestyle,
        file: "profiles_lifestyle.csv",
        header: "profile_id,given_name,family_name,birth_date,street_address,postal_code,locality,country,phone,email,age_band,marital_status,household_size,children,income_band,education,occupation,home_ownership,interests,collected_on\n",
        delimiter: Some(b','),
    },
    Layout {
        source: SourceId::ProfilesHashed,
        file: "profiles_hashed.csv.gz",
        header: "id,email_sha256,phone_sha256,country,age_band,income_band,education,interests,updated_at\n",
        delimiter: Some(b','),
    },
    Layout { source: SourceId::Events, file: "events.ndjson", header: "", delimiter: None },
];

impl SourceId {
    /// The name that `sources.toml` and the truth use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::Webshop => "webshop",
            Self::ContactCentre => "contact_centre",
            Self::Prospects => "prospects",
            Self::ProfilesLifestyle => "profiles_lifestyle",
            Self::ProfilesHashed => "profiles_hashed",
            Self::Events => "events",
        }
    }
}

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

    /// Notes what is true of a person.
    pub fn person(&mut self, person: &Person<'_>) {
        let home = &person.home;
        let flat = home.flat.map(|f| f.to_string()).unwrap_or_default();
        let number = |n: Option<u64>| n.map(entity).unwrap_or_default();
        let line = &mut self.people;
        push_entity(line, person.number);
        line.push_str(",H");
        pad(line, person.household, 8);
        line.push(',');
        line.push_str(&person.country.code);
        line.push_str(if person.customer.is_some() { ",customer," } else { ",other," });
        for field in [
            if person.female { "female" } else { "male" },
            &iso(person.birth),
            &person.national_id,
            person.given,
            &person.family,
            person.birth_name.as_deref().unwrap_or_default(),
            person.email.as_deref().unwrap_or_default(),
            &super::contacts::e164(&person.country.code, &person.mobile),
            home.street,
            &home.number,
            &flat,
            &home.postal_code,
            home.town,
            if person.former_home.is_some() { "1" } else { "" },
            if person.married_days_ago.is_some() { "1" } else { "" },
            &number(person.twin_of),
        ] {
            super::fields::csv(line, field, ',');
            line.push(',');
        }
        line.push_str(&number(person.junior_of));
        line.push('\n');
    }
}

/// The name of a person in the truth files.
fn entity(number: u64) -> String {
    let mut out = String::with_capacity(9);
    push_entity(&mut out, number);
    out
}

fn push_entity(out: &mut String, number: u64) {
    out.push('E');
    pad(out, number, 8);
}

/// What was written to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSummary {
    pub file: String,
    /// Rows, the broken ones among them.
    pub rows: u64,
    pub broken: u64,
}

enum Sink {
    Plain(BufWriter<File>),
    Gzip(Box<GzEncoder<BufWriter<File>>>),
}

impl Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Plain(file) => file.write_all(bytes),
            Self::Gzip(file) => file.write_all(bytes),
        }
    }

    fn finish(self) -> std::io::Result<()> {
        match self {
            Self::Plain(mut file) => file.flush(),
            Self::Gzip(file) => file.finish()?.flush(),
        }
    }
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
        let open = |name: &str| -> Result<BufWriter<File>, DemoError> {
            let path = folder.join(name);
            File::create(&path)
                .map(|f| BufWriter::with_capacity(1 << 17, f))
                .map_err(|source| DemoError::Write { path, source })
        };
        let mut feeds = Vec::new();
        for (stream, layout) in LAYOUTS.iter().enumerate() {
            let file = open(layout.file)?;
            let sink = if layout.file.ends_with(".gz") {
                Sink::Gzip(Box::new(GzEncoder::new(file, Compression::fast())))
            } else {
                Sink::Plain(file)
            };
            feeds.push(Feed {
                layout,
                sink,
                waiting: Vec::new(),
                draw: Draw::new(seed ^ 0x5EED_F11E, stream as u64),
                rows: 0,
                broken: 0,
            });
        }
        let mut output = Self {
            feeds,
            truth: open("truth.csv")?,
            people: open("truth_people.csv")?,
            broken: open("truth_broken.csv")?,
            share_broken,
        };
        output.headers().map_err(|source| DemoError::Write { path: folder.to_owned(), source })?;
        Ok(output)
    }

    fn headers(&mut self) -> std::io::Result<()> {
        self.truth.write_all(b"source,source_key,entity\n")?;
        self.broken.write_all(b"source,source_key,defect\n")?;
        self.people.write_all(b"entity,household,country,role,sex,birth_date,national_id,given_name,family_name,birth_name,email,phone,street,house_number,unit,postal_code,locality,moved,married,twin_of,junior_of\n")?;
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
                    let (defect, survives, bytes) = broken(row, feed.layout, &mut feed.draw);
                    let key = if defect == "empty_line" { "" } else { row.key };
                    writeln!(self.broken, "{},{key},{defect}", feed.layout.source.name())?;
                    feed.push(&bytes)?;
                    if !survives {
                        continue;
                    }
                }
                if feed.layout.source != SourceId::Events {
                    line.clear();
                    line.push_str(feed.layout.source.name());
                    line.push(',');
                    line.push_str(row.key);
                    line.push(',');
                    push_entity(&mut line, row.entity);
                    line.push('\n');
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
fn broken(row: Row<'_>, layout: &Layout, draw: &mut Draw) -> (&'static str, bool, Vec<u8>) {
    let bytes = row.bytes;
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
    let key = bytes.windows(row.key.len().max(1)).position(|w| w == row.key.as_bytes()).unwrap_or(0);
    let windows = layout.source == SourceId::Crm;
    match (draw.below(10), layout.delimiter) {
        (0..=2, Some(delimiter)) => ("too_many_fields", false, with(end, &[delimiter, b'x'])),
        (0..=4, Some(_)) => ("too_few_fields", false, cut(middle)),
        (0..=4, None) => ("cut_off", false, cut(middle)),
        // Windows-1250 has no character 0x81; UTF-8 has no byte 0xFF.
        (5, _) => ("invalid_byte", false, with(key + row.key.len(), if windows { &[0x81] } else { &[0xFF] })),
        (6, _) => {
            let mut out = bytes.to_vec();
            out.drain(key..(key + row.key.len()).min(bytes.len()));
            ("empty_key", false, out)
        }
        (7..=8, _) => ("duplicate_key", true, bytes.to_vec()),
        _ => ("empty_line", true, if windows { b"\r\n".to_vec() } else { b"\n".to_vec() }),
    }
}
