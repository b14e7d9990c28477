//! Lists of places into a gazetteer file, and back. Enter: files that the user fetched, and what they say of them.
//! Leaves: one file, written whole or not at all. Never here: the network; what the rows mean (`zlato-core`).

mod columns;
mod json;
mod zip;

use crate::error::{Error, Result};
use crate::files;
use crate::read::{self, Format, Opened, ReadOptions, RowBatch};
use columns::{Columns, Field};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use zlato_core::addresses::Addresses;
use zlato_core::gazetteer::{Builder, Gazetteer, Place, Source};

/// The name of the file where only a folder is given.
pub const FILE_NAME: &str = "gazetteer.zgz";

/// How a list is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListFormat {
    /// Found out from the first bytes.
    #[default]
    Auto,
    /// GeoNames postal codes: tab-separated, twelve columns, no header (download.geonames.org/export/zip).
    Geonames,
    /// CSV with the header of OpenAddresses: LON, LAT, NUMBER, STREET, UNIT, CITY, DISTRICT, REGION, POSTCODE...
    Openaddresses,
    /// Any table with a header.
    Csv,
    /// An array of objects, objects line by line, or GeoJSON line by line.
    Json,
}

/// A list, as the user describes it; `[[source]]` in the file that `--sources` names.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct List {
    /// Relative to the file that describes them.
    pub files: Vec<PathBuf>,
    pub format: ListFormat,
    /// What the list is called.
    pub name: Option<String>,
    /// The licence under which its publisher gives it.
    pub licence: Option<String>,
    /// The day it speaks of.
    pub date: Option<String>,
    /// The country of rows that name none.
    pub country: Option<String>,
    /// Field to column, where the header does not tell: `locality = "Miejscowość"`.
    pub columns: BTreeMap<String, String>,
    pub delimiter: Option<char>,
    pub encoding: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    source: Vec<List>,
}

/// The lists that a TOML file describes, with their files found beside it.
pub fn described(path: &Path) -> Result<Vec<List>> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::io("read", path, &e))?;
    let described: Described = toml::from_str(&text).map_err(|e| {
        let line = e.span().map_or(1, |s| 1 + text.bytes().take(s.start).filter(|b| *b == b'\n').count());
        Error::input(format!("{}:{line}: {}", path.display(), e.message()))
            .hint("one [[source]] a list, with files, name, licence, date, country and columns")
    })?;
    let folder = files::folder_of(path);
    let placed = |mut list: List| {
        list.files.iter_mut().for_each(|f| *f = folder.join(&*f));
        list
    };
    Ok(described.source.into_iter().map(placed).collect())
}

/// Reads the lists. `told` hears which file is read.
pub fn import(conventions: &Addresses, lists: &[List], mut told: impl FnMut(&Path)) -> Result<Gazetteer> {
    let mut builder = Builder::new(conventions);
    let mut sources: BTreeMap<String, Source> = BTreeMap::new();
    for list in lists {
        if let Some(field) = list.columns.keys().find(|f| Field::named(f).is_none()) {
            return Err(Error::input(format!("`{field}` is nothing that a gazetteer holds"))
                .hint(format!("known: {}", Field::NAMES.join(", "))));
        }
        for file in &list.files {
            told(file);
            let mut reader = Rows { list, conventions, builder: &mut builder, sources: &mut sources, file };
            reader.file()?;
        }
    }
    let gazetteer = builder.finish(sources.into_values().collect());
    if gazetteer.holdings().is_empty() {
        return Err(Error::input("no row names a place; nothing was written").hint("see the formats in `--help`"));
    }
    Ok(gazetteer)
}

/// Writes a gazetteer: readable by its owner alone, in one step.
pub fn write(path: &Path, gazetteer: &Gazetteer) -> Result<()> {
    files::replace(path, &gazetteer.to_bytes())
}

/// Reads a gazetteer, by its name or that of its folder.
pub fn read(path: &Path) -> Result<Gazetteer> {
    let path = if path.is_dir() { path.join(FILE_NAME) } else { path.to_path_buf() };
    let bytes = std::fs::read(&path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Error::input(format!("there is no gazetteer {}", path.display()))
            .hint("make one with `zlato gazetteer import --out FILE LISTS...`"),
        _ => Error::io("read", &path, &e),
    })?;
    Gazetteer::from_bytes(&bytes).map_err(|e| {
        Error::input(format!("{}: {e}", path.display())).hint("import it anew with `zlato gazetteer import`")
    })
}

/// A stream of the bytes of a file, or of a file in an archive, from its start.
type Open<'o> = &'o dyn Fn() -> Result<Box<dyn Read + Send>>;

/// The rows of one file on their way into the builder.
struct Rows<'r, 'c> {
    list: &'r List,
    conventions: &'c Addresses,
    builder: &'r mut Builder<'c, Addresses>,
    sources: &'r mut BTreeMap<String, Source>,
    file: &'r Path,
}

impl Rows<'_, '_> {
    fn file(&mut self) -> Result<()> {
        let path = self.file;
        let plain = || -> Result<Box<dyn Read + Send>> {
            let file = std::fs::File::open(path).map_err(|e| Error::io("read", path, &e))?;
            Ok(Box::new(file))
        };
        let entries = zip::entries(path)?;
        if entries.is_empty() {
            return self.stream(path, &plain);
        }
        for entry in &entries {
            self.stream(Path::new(&entry.name), &|| entry.open(path))?;
        }
        Ok(())
    }

    fn stream(&mut self, name: &Path, open: Open<'_>) -> Result<()> {
        let format = match self.list.format {
            ListFormat::Auto => detect(&self.head(open)?),
            given => given,
        };
        let country = self.country(name);
        let default = match format {
            ListFormat::Geonames => ("GeoNames postal codes", Some("CC BY 4.0")),
            ListFormat::Openaddresses => ("OpenAddresses", None),
            _ => (self.file.file_stem().and_then(|s| s.to_str()).unwrap_or("list"), None),
        };
        let called = self.list.name.clone().unwrap_or_else(|| default.0.to_string());
        let source = Source {
            licence: self.list.licence.clone().or(default.1.map(String::from)),
            date: self.list.date.clone(),
            name: called.clone(),
            rows: 0,
            refused: BTreeMap::new(),
        };
        self.sources.entry(called.clone()).or_insert(source);
        if format == ListFormat::Json {
            let fail = |e: std::io::Error| Error::io("read", name, &e);
            let unpacked = read::unpacked(open()?).map_err(fail)?;
            return json::objects(unpacked, |object| {
                let row = Columns::of_object(object, &self.list.columns);
                self.add(&called, |field| row.get(&field).map(String::as_str), country.as_deref());
            })
            .map_err(|e| Error::input(format!("{}: {e}", name.display())));
        }
        self.table(name, open, format, &called, country.as_deref())
    }

    fn table(
        &mut self,
        name: &Path,
        open: Open<'_>,
        format: ListFormat,
        called: &str,
        country: Option<&str>,
    ) -> Result<()> {
        let geonames = format == ListFormat::Geonames;
        let options = ReadOptions {
            format: Format::Csv,
            delimiter: self.list.delimiter.and_then(|c| u8::try_from(c).ok()).or(geonames.then_some(b'\t')),
            quote: geonames.then_some(None),
            encoding: self.list.encoding.clone(),
            header: geonames.then(|| columns::GEONAMES.map(String::from).to_vec()),
            ..ReadOptions::default()
        };
        let fail = |e: read::ReadError| Error::input(e.to_string());
        let mut rows: Opened = read::open_stream(name, open()?, &options).map_err(fail)?;
        let columns = Columns::of_header(&rows.columns, &self.list.columns).map_err(|missing| {
            Error::input(format!("{}: no column for `{missing}`", name.display()))
                .hint(format!("say which one it is, as --column {missing}=NAME; columns: {}", rows.columns.join(", ")))
        })?;
        if country.is_none() && !columns.has(Field::Country) {
            return Err(Error::input(format!("{}: nothing tells the country", name.display()))
                .hint("give it with --country, or name its column with --column country=NAME"));
        }
        let mut batch = RowBatch::new();
        while rows.next_rows(&mut batch).map_err(fail)? {
            for row in 0..batch.len() {
                let value = |field: Field| columns.at(field).and_then(|c| batch.columns.get(c)?.get(row));
                self.add(called, value, country);
            }
            self.refuse(called, "unreadable", batch.rejected.len() as u64);
        }
        Ok(())
    }

    fn add<'v>(&mut self, called: &str, value: impl Fn(Field) -> Option<&'v str>, country: Option<&str>) {
        let text = |field| value(field).unwrap_or("");
        let named = value(Field::Country).filter(|c| !c.is_empty());
        let code = named.map(|c| match c.len() {
            2 => c.to_string(),
            _ => self.conventions.country_named(c).unwrap_or_default(),
        });
        // A register without towns in a column of their own may have them as districts.
        let locality = Some(text(Field::Locality)).filter(|l| !l.trim().is_empty()).unwrap_or(text(Field::District));
        let place = Place {
            country: code.as_deref().or(country).unwrap_or(""),
            locality,
            postal_code: text(Field::PostalCode),
            street: text(Field::Street),
            district: text(Field::District),
            region: text(Field::Region),
            other_names: text(Field::OtherNames),
            foreign_names: text(Field::ForeignNames),
            population: text(Field::Population).parse().unwrap_or(0),
        };
        let outcome = self.builder.add(&place);
        if let Some(source) = self.sources.get_mut(called) {
            source.rows += 1;
        }
        if let Err(reason) = outcome {
            self.refuse(called, reason.as_str(), 1);
        }
    }

    fn refuse(&mut self, called: &str, reason: &str, rows: u64) {
        if let Some(source) = self.sources.get_mut(called).filter(|_| rows > 0) {
            *source.refused.entry(reason.to_string()).or_default() += rows;
        }
    }

    /// The country that was given, or that the file is called after: `LV.txt`, `pl/mazowieckie.csv`.
    fn country(&self, name: &Path) -> Option<String> {
        let code = |text: Option<&std::ffi::OsStr>| {
            let text = text?.to_str()?.to_ascii_uppercase();
            (text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())).then_some(text)
        };
        let of = |path: &Path| code(path.file_stem()).or_else(|| code(path.parent()?.file_name()));
        self.list.country.as_ref().map(|c| c.to_ascii_uppercase()).or_else(|| of(name)).or_else(|| of(self.file))
    }

    fn head(&self, open: Open<'_>) -> Result<Vec<u8>> {
        let mut head = Vec::new();
        let read = read::unpacked(open()?).and_then(|r| r.take(64 * 1024).read_to_end(&mut head));
        read.map_err(|e| Error::io("read", self.file, &e))?;
        Ok(head)
    }
}

fn detect(head: &[u8]) -> ListFormat {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    let line = text.lines().next().unwrap_or("");
    let country = line.split('\t').next().is_some_and(|c| c.len() == 2 && c.bytes().all(|b| b.is_ascii_uppercase()));
    if text.starts_with(['[', '{']) {
        ListFormat::Json
    } else if country && line.split('\t').count() == columns::GEONAMES.len() {
        ListFormat::Geonames
    } else if ["LON", "LAT", "NUMBER", "STREET"].iter().all(|c| line.split(',').any(|h| h.eq_ignore_ascii_case(c))) {
        ListFormat::Openaddresses
    } else {
        ListFormat::Csv
    }
}
