//! Finds the input files before anything is run: every source's files, their hashes and columns.
//! A missing file, an empty file or a mapped column that is gone is an error here, all at once.

use crate::error::{Error, Result};
use crate::manifest::InputRecord;
use crate::options::RunOptions;
use crate::{read, schema_change};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zlato_core::rules::Rules;
use zlato_core::rules::sources::{Format, KeyMapping, Mapping, Source};
use zlato_core::suppression::List;

/// One input file.
#[derive(Debug, Clone)]
pub struct Input {
    pub path: PathBuf,
    /// As reports name it: relative to the input folder.
    pub name: String,
    pub format: Format,
    pub bytes: u64,
    pub blake3: String,
    /// Columns that mappings see.
    pub columns: Vec<String>,
    /// Columns that the file has: its header, or the keys of the first objects.
    pub header: Vec<String>,
    pub notes: Vec<String>,
}

/// The files of every source, in rule order, and the suppression list.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    sources: Vec<(String, Vec<Input>)>,
    pub warnings: Vec<String>,
    /// Who must not be reached, and whose rows must not be read.
    pub suppression: Arc<List>,
    suppression_record: Option<InputRecord>,
}

impl Inputs {
    pub fn of(&self, source: &str) -> &[Input] {
        self.sources.iter().find(|(name, _)| name == source).map_or(&[], |(_, files)| files)
    }

    pub fn records(&self) -> Vec<InputRecord> {
        let each = |(source, files): &(String, Vec<Input>)| {
            let source = source.clone();
            files
                .iter()
                .map(move |f| InputRecord {
                    source: source.clone(),
                    file: f.name.clone(),
                    bytes: f.bytes,
                    blake3: f.blake3.clone(),
                    columns: f.header.clone(),
                    notes: f.notes.clone(),
                })
                .collect::<Vec<_>>()
        };
        self.sources.iter().flat_map(each).chain(self.suppression_record.clone()).collect()
    }
}

/// Looks up the files of every source. Every problem is reported, not only the first.
pub fn find_inputs(options: &RunOptions, rules: &Rules) -> Result<Inputs> {
    let base = input_folder(&options.rules, options.input.as_deref(), rules);
    let (mut inputs, problems) = look(&base, rules);
    let mut problems: Vec<Error> = problems.into_iter().map(|(_, problem)| problem).collect();
    for source in &rules.sources.source {
        // An NDJSON file has no header: its columns are those the rules ask for.
        for file in inputs.of(source.name.get_ref()).iter().filter(|file| file.format != Format::Ndjson) {
            problems.extend(check_columns(source, &file.name, &file.columns).err());
        }
    }
    match problems.len() {
        0 => {}
        1 => return Err(problems.remove(0)),
        n => {
            let lines: Vec<String> = problems
                .iter()
                .map(|p| match p.help() {
                    Some(help) => format!("  {p} ({help})"),
                    None => format!("  {p}"),
                })
                .collect();
            return Err(Error::input(format!("{n} problems with the input files:\n{}", lines.join("\n"))));
        }
    }
    let found = crate::suppression::read(&options.out)?;
    if let Some((_, last)) = crate::run::published(&options.out)? {
        crate::suppression::check_not_shorter(&found, &last.inputs, &options.out)?;
        let changes = schema_change::changes(&last.inputs, &inputs.records(), rules);
        inputs.warnings.extend(changes.iter().map(schema_change::Change::in_words));
        inputs.warnings.extend(schema_change::gone(&last.inputs, &inputs.records(), rules));
    }
    inputs.suppression = Arc::new(found.list);
    inputs.suppression_record = found.record;
    Ok(inputs)
}

/// The files of every source in a folder, and those that cannot be read with the place of their source in the rules. Whether
/// they have the columns that the rules map is not looked at.
pub fn look(base: &Path, rules: &Rules) -> (Inputs, Vec<(usize, Error)>) {
    let mut inputs = Inputs::default();
    let mut problems: Vec<(usize, Error)> = Vec::new();
    for (number, source) in rules.sources.source.iter().enumerate() {
        match find_source(base, source) {
            Ok(files) => inputs.sources.push((source.name.get_ref().clone(), files)),
            Err(_) if source.optional && is_absent(base, source) => {
                inputs.warnings.push(format!("the optional source {} has no file today", source.name.get_ref()));
                inputs.sources.push((source.name.get_ref().clone(), vec![]));
            }
            Err(error) => problems.push((number, error)),
        }
    }
    (inputs, problems)
}

fn is_absent(base: &Path, source: &Source) -> bool {
    matches!(read::expand(base, source.path.get_ref()), Err(read::ReadError::NotFound { .. }))
}

/// Folder of the input files: `--input`, else `input` of `sources.toml` beside the rules.
pub fn input_folder(rules_folder: &Path, input: Option<&Path>, rules: &Rules) -> PathBuf {
    match (input, &rules.sources.input) {
        (Some(input), _) => input.to_path_buf(),
        (None, Some(input)) => rules_folder.join(input),
        (None, None) => rules_folder.to_path_buf(),
    }
}

fn find_source(base: &Path, source: &Source) -> Result<Vec<Input>> {
    let name = source.name.get_ref();
    let paths = read::expand(base, source.path.get_ref()).map_err(|e| of_source(name, &e))?;
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let shown = path.strip_prefix(base).unwrap_or(&path).display().to_string();
        let format = source.format.unwrap_or_else(|| format_of(&path));
        let (columns, notes) = match format {
            Format::Parquet => (super::parquet::columns(&path)?, vec![]),
            Format::Csv | Format::Ndjson => {
                let opened =
                    read::open(&path, &super::source::read_options(source, format)).map_err(|e| of_source(name, &e))?;
                let notes = opened.notes.iter().map(|n| n.text.clone()).collect();
                (opened.columns.clone(), notes)
            }
        };
        let bytes = std::fs::metadata(&path).map_err(|e| Error::io("read", &path, &e))?.len();
        let header = match format {
            Format::Ndjson => keys(&path, source).unwrap_or_default(),
            Format::Csv | Format::Parquet => columns.clone(),
        };
        files.push(Input { blake3: hash(&path)?, path, name: shown, format, bytes, columns, header, notes });
    }
    Ok(files)
}

/// Keys of the first objects of an NDJSON file, whether mapped or not.
fn keys(path: &Path, source: &Source) -> Option<Vec<String>> {
    let options = read::ReadOptions { columns: None, ..super::source::read_options(source, Format::Ndjson) };
    read::open(path, &options).ok().map(|opened| opened.columns.clone())
}

fn of_source(source: &str, error: &read::ReadError) -> Error {
    Error::input(format!("source {source}: {error}"))
}

fn format_of(path: &Path) -> Format {
    let name = path.to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("parquet" | "pq") => Format::Parquet,
        Some("ndjson" | "jsonl" | "json") => Format::Ndjson,
        _ => Format::Csv,
    }
}

/// Columns that the rules name directly must be there.
fn check_columns(source: &Source, file: &str, columns: &[String]) -> Result<()> {
    let mut wanted: Vec<&str> = Vec::new();
    if let KeyMapping::Column(name) = source.key.get_ref() {
        wanted.push(name);
    }
    let updated = source.updated_at.as_ref().map(serde_spanned::Spanned::get_ref);
    for mapping in source.columns.values().map(serde_spanned::Spanned::get_ref).chain(updated) {
        if let Mapping::Column(name) = mapping {
            wanted.push(name);
        }
    }
    let missing: Vec<&str> = wanted.into_iter().filter(|w| !columns.iter().any(|c| c == w)).collect();
    let Some(first) = missing.first() else { return Ok(()) };
    let near = zlato_core::rules::suggest(first, columns.iter().map(String::as_str));
    let what = if missing.len() == 1 { "the column" } else { "the columns" };
    let list = missing.iter().map(|m| format!("`{m}`")).collect::<Vec<_>>().join(", ");
    let error =
        Error::input(format!("source {}: {file} lacks {what} {list} that sources.toml maps", source.name.get_ref()));
    Err(match near {
        Some(near) => error.hint(format!("did you mean `{near}`? The file has: {}", columns.join(", "))),
        None => error.hint(format!("the file has: {}; was it exported differently today?", columns.join(", "))),
    })
}

fn hash(path: &Path) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    let mut file = std::fs::File::open(path).map_err(|e| Error::io("open", path, &e))?;
    hasher.update_reader(&mut file).map_err(|e| Error::io("read", path, &e))?;
    Ok(hasher.finalize().to_hex().to_string())
}
