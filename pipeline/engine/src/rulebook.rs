//! A rules folder read from disk and checked as a whole: every problem at once, before any data is
//! read. What needs SQL to be planned is checked here against the real columns of files and tables.

use crate::error::{Error, Result};
use crate::expression::Planner;
use crate::session::reading;
use crate::stages::ingest::{Inputs, raw_schema, table_fields, table_of};
use crate::{functions, match_view, tables};
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::datasource::empty::EmptyTable;
use datafusion::prelude::SessionContext;
use serde_spanned::Spanned;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use zlato_core::addresses::{Addresses, CountryPack, embedded_packs, parse_pack};
use zlato_core::gazetteer::Gazetteer;
use zlato_core::matching::model::Model;
use zlato_core::rules::diagnostics::{Diagnostic, Severity};
use zlato_core::rules::sources::{Format, KeyMapping, Mapping, Source};
use zlato_core::rules::{Rules, suggest};

/// Rules ready to run, with what else their folder holds.
pub struct Rulebook {
    pub rules: Rules,
    pub addresses: Arc<Addresses>,
    /// The trained model, if the folder has one.
    pub model: Option<Model>,
    pub model_hash: Option<String>,
    /// BLAKE3 of all rule files by name, and of the gazetteer.
    pub hash: String,
    /// Texts of the rule files, by name relative to the folder.
    pub files: BTreeMap<String, String>,
    pub warnings: Vec<Diagnostic>,
}

/// Reads a rules folder; errors are collected over all files.
pub fn load(folder: &Path) -> Result<Rulebook> {
    of_files(folder, read_folder(folder)?, true)
}

/// Reads the rules that a run has kept, to ask about the run: without the gazetteer, which its tables no longer need.
pub fn load_kept(folder: &Path) -> Result<Rulebook> {
    of_files(folder, read_folder(folder)?, false)
}

/// What judges single values.
pub struct ValueRules {
    pub contacts: zlato_core::rules::contacts::Contacts,
    pub addresses: Addresses,
}

/// Reads `contacts.toml`, `addresses.toml` with its gazetteer, and the country packs of a folder and nothing else; what
/// is built in where there is no folder.
pub fn load_values(folder: Option<&Path>) -> Result<ValueRules> {
    let files = folder.map(read_folder).transpose()?.unwrap_or_default();
    let (contacts, addresses, mut diagnostics) = zlato_core::rules::load_values(&files);
    let (packs, faults) = packs(&files);
    diagnostics.extend(faults);
    let named = folder.zip(addresses.gazetteer.as_ref());
    let gazetteer = named.map(|(folder, name)| gazetteer(folder, &files, name)).transpose();
    let gazetteer = gazetteer.unwrap_or_else(|fault| {
        diagnostics.push(*fault);
        None
    });
    if diagnostics.iter().any(|d| d.severity == Severity::Error) {
        return Err(Error::Rules(diagnostics));
    }
    let addresses = Addresses::new(&addresses, packs);
    let addresses = match gazetteer {
        Some((gazetteer, _)) => addresses.with_gazetteer(Arc::new(gazetteer)),
        None => addresses,
    };
    Ok(ValueRules { contacts, addresses })
}

/// Reads a rules folder to train a model for it, with the model it has now, if that can be read: a model that no
/// longer fits the rules is what training is for.
pub fn load_for_training(folder: &Path) -> Result<(Rulebook, Option<Model>)> {
    let mut files = read_folder(folder)?;
    let before = files.remove("model.toml").and_then(|text| Model::from_toml(&text).ok());
    Ok((of_files(folder, files, true)?, before))
}

fn of_files(folder: &Path, files: BTreeMap<String, String>, with_gazetteer: bool) -> Result<Rulebook> {
    let loaded = zlato_core::rules::load(&files);
    let mut diagnostics = loaded.diagnostics;
    let (packs, faults) = packs(&files);
    diagnostics.extend(faults);
    let (model, faults) = model(&files, loaded.rules.as_ref());
    diagnostics.extend(faults);
    let named = loaded.rules.as_ref().and_then(|r| r.addresses.gazetteer.as_ref()).filter(|_| with_gazetteer);
    let gazetteer = named.map(|name| gazetteer(folder, &files, name)).transpose().unwrap_or_else(|fault| {
        diagnostics.push(*fault);
        None
    });
    let failed = diagnostics.iter().any(|d| d.severity == Severity::Error);
    let (Some(rules), false) = (loaded.rules, failed) else { return Err(Error::Rules(diagnostics)) };
    let mut hasher = blake3::Hasher::new();
    for (name, text) in files.iter().filter(|(name, _)| *name != "model.toml") {
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    let mut addresses = Addresses::new(&rules.addresses, packs);
    if let Some((gazetteer, hash)) = gazetteer {
        hasher.update(hash.as_bytes());
        addresses = addresses.with_gazetteer(Arc::new(gazetteer));
    }
    Ok(Rulebook {
        addresses: Arc::new(addresses),
        model,
        model_hash: files.get("model.toml").map(|t| blake3::hash(t.as_bytes()).to_hex().to_string()),
        hash: hasher.finalize().to_hex().to_string(),
        rules,
        files,
        warnings: diagnostics,
    })
}

/// Texts of `*.toml` and `countries/*.toml`.
fn read_folder(folder: &Path) -> Result<BTreeMap<String, String>> {
    if !folder.is_dir() {
        return Err(Error::input(format!("there is no rules folder {}", folder.display()))
            .hint("give its place with --rules; the folder holds sources.toml and matching.toml"));
    }
    let mut files = BTreeMap::new();
    for (sub, prefix) in [(folder.to_path_buf(), ""), (folder.join("countries"), "countries/")] {
        let Ok(entries) = std::fs::read_dir(&sub) else { continue };
        for entry in entries {
            let path = entry.map_err(|e| Error::io("read", &sub, &e))?.path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_string();
            if !path.is_file() || !name.ends_with(".toml") {
                continue;
            }
            let bytes = std::fs::read(&path).map_err(|e| Error::io("read", &path, &e))?;
            let text = String::from_utf8(bytes).map_err(|e| {
                Error::input(format!("{} is not UTF-8 at byte {}", path.display(), e.utf8_error().valid_up_to()))
                    .hint("save the file as UTF-8")
            })?;
            files.insert(format!("{prefix}{name}"), text);
        }
    }
    Ok(files)
}

/// The built-in country packs, with those of the folder added or in their place.
fn packs(files: &BTreeMap<String, String>) -> (Vec<CountryPack>, Vec<Diagnostic>) {
    let mut packs = embedded_packs();
    let mut diagnostics = Vec::new();
    for (name, text) in files.iter().filter(|(name, _)| name.starts_with("countries/")) {
        match parse_pack(name, text) {
            Ok(pack) => packs.push(pack),
            Err(faults) => diagnostics.extend(faults),
        }
    }
    (packs, diagnostics)
}

/// The gazetteer that `addresses.toml` names, and its hash.
fn gazetteer(
    folder: &Path,
    files: &BTreeMap<String, String>,
    name: &Spanned<String>,
) -> Result<(Gazetteer, blake3::Hash), Box<Diagnostic>> {
    let text = files.get("addresses.toml").map_or("", String::as_str);
    let fault = |code, message: String, help: &str| {
        Box::new(Diagnostic::at("addresses.toml", text, name.span(), code, message, Some(help.into())))
    };
    let bytes = std::fs::read(folder.join(name.get_ref())).map_err(|e| {
        let why = if e.kind() == std::io::ErrorKind::NotFound { "is not there".into() } else { e.kind().to_string() };
        let help = "write it with `zlato gazetteer import`, or remove the line: the built-in list of towns then serves";
        fault("addresses::no_gazetteer", format!("the gazetteer `{}` {why}", name.get_ref()), help)
    })?;
    let gazetteer = Gazetteer::from_bytes(&bytes).map_err(|e| {
        let message = format!("the gazetteer `{}` cannot be used: {e}", name.get_ref());
        fault("addresses::gazetteer_unreadable", message, "import it anew with `zlato gazetteer import`")
    })?;
    Ok((gazetteer, blake3::hash(&bytes)))
}

fn model(files: &BTreeMap<String, String>, rules: Option<&Rules>) -> (Option<Model>, Vec<Diagnostic>) {
    let Some(text) = files.get("model.toml") else { return (None, vec![]) };
    let at = |span, message: String| {
        let help = "write it anew with `zlato train`, or remove the file: a run then trains its own model";
        Diagnostic::at("model.toml", text, span, "model::does_not_fit", message, Some(help.into()))
    };
    match Model::from_toml(text) {
        Err(error) => (None, vec![at(error.span.unwrap_or(0..0), error.message)]),
        Ok(model) => {
            let faults = rules.map(|r| model.check(&r.matching)).unwrap_or_default();
            (Some(model), faults.into_iter().map(|fault| at(0..0, fault)).collect())
        }
    }
}

/// Plans every SQL expression of the rules against the columns it will meet.
pub async fn check_sql(book: &Rulebook, inputs: &Inputs) -> Result<()> {
    let diagnostics = sql_diagnostics(book, inputs).await?;
    if diagnostics.is_empty() { Ok(()) } else { Err(Error::Rules(diagnostics)) }
}

/// Every SQL expression of the rules that does not plan; those of sources without files must parse.
pub async fn sql_diagnostics(book: &Rulebook, inputs: &Inputs) -> Result<Vec<Diagnostic>> {
    let mut check = Check { book, out: Vec::new(), context: SessionContext::new() };
    functions::register(&check.context);
    for source in &book.rules.sources.source {
        let file = inputs.of(source.name.get_ref()).first();
        // The columns of an NDJSON file are those that the rules ask for.
        let has_header = file.is_some_and(|f| f.format != Format::Ndjson);
        check.source(source, file.map(|f| raw_schema(&f.columns)), has_header)?;
    }
    check.matching()?;
    check.gate().await?;
    Ok(check.out)
}

struct Check<'a> {
    book: &'a Rulebook,
    out: Vec<Diagnostic>,
    context: SessionContext,
}

impl Check<'_> {
    /// Without a file to look at, expressions must at least parse.
    fn source(&mut self, source: &Source, schema: Option<SchemaRef>, has_header: bool) -> Result<()> {
        let mut expressions: Vec<(std::ops::Range<usize>, &str)> = Vec::new();
        if let KeyMapping::Sql(e) = source.key.get_ref() {
            expressions.push((source.key.span(), &e.sql));
        }
        for mapping in source.columns.values().chain(source.updated_at.as_ref()) {
            if let Mapping::Sql(e) = mapping.get_ref() {
                expressions.push((mapping.span(), &e.sql));
            }
        }
        if let Some(schema) = schema.as_ref().filter(|_| has_header) {
            self.columns(source, schema);
        }
        for (span, sql) in expressions {
            match &schema {
                Some(schema) => self.expression("sources.toml", span, sql, schema)?,
                None => self.parses("sources.toml", span, sql),
            }
        }
        Ok(())
    }

    /// Columns that the rules name directly must be there.
    fn columns(&mut self, source: &Source, schema: &SchemaRef) {
        let mut named: Vec<(std::ops::Range<usize>, &str)> = Vec::new();
        if let KeyMapping::Column(name) = source.key.get_ref() {
            named.push((source.key.span(), name));
        }
        for mapping in source.columns.values().chain(source.updated_at.as_ref()) {
            if let Mapping::Column(name) = mapping.get_ref() {
                named.push((mapping.span(), name));
            }
        }
        let columns: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
        let text = self.book.files.get("sources.toml").map_or("", String::as_str);
        for (span, name) in named.into_iter().filter(|(_, name)| !columns.contains(name)) {
            let help = match suggest(name, columns.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the file has: {}", columns.join(", ")),
            };
            let message = format!("the file of the source has no column `{name}`");
            self.out.push(Diagnostic::at("sources.toml", text, span, "sql::unknown_column", message, Some(help)));
        }
    }

    fn matching(&mut self) -> Result<()> {
        let rules = &self.book.rules;
        let view = match_view::match_view(&rules.mapped_fields());
        let m = &rules.matching;
        let mut expressions: Vec<(std::ops::Range<usize>, &str)> = Vec::new();
        let mut add = |e: &'_ Spanned<String>| (e.span(), e.get_ref().clone());
        let mut owned = Vec::new();
        for rule in &m.blocking {
            owned.push(add(&rule.key));
            owned.extend(rule.split_by.as_ref().map(&mut add));
        }
        for comparison in &m.comparison {
            owned.push(add(&comparison.on));
            owned.extend(comparison.with.as_ref().map(&mut add));
        }
        for hard in m.never.iter().chain(&m.always) {
            owned.extend(hard.same.iter().chain(&hard.different).map(&mut add));
        }
        expressions.extend(owned.iter().map(|(span, sql)| (span.clone(), sql.as_str())));
        for (span, sql) in expressions {
            self.expression("matching.toml", span, sql, &view)?;
        }
        Ok(())
    }

    async fn gate(&mut self) -> Result<()> {
        for (name, schema) in table_schemas(&self.book.rules) {
            self.context.register_table(name.as_str(), Arc::new(EmptyTable::new(schema)))?;
        }
        for check in &self.book.rules.gate.check {
            let planned = match reading(&self.context, check.sql.get_ref()).await {
                Ok(frame) => {
                    let types: Vec<_> = frame.schema().fields().iter().map(|f| f.data_type().clone()).collect();
                    let plan = |text: String| Err(datafusion::error::DataFusionError::Plan(text));
                    match types.as_slice() {
                        [one] if one.is_numeric() || one.is_null() => frame.create_physical_plan().await.map(|_| ()),
                        [one] => plan(format!("a check must give a number, this one gives {one}")),
                        more => plan(format!("a check must give one number, this one gives {} columns", more.len())),
                    }
                }
                Err(error) => Err(error),
            };
            if let Err(error) = planned {
                let columns = self.columns_of_tables();
                self.report("gate.toml", check.sql.span(), &error, &columns);
            }
        }
        Ok(())
    }

    fn parses(&mut self, file: &str, span: std::ops::Range<usize>, sql: &str) {
        let parsed = self.context.parse_sql_expr(sql, &datafusion::common::DFSchema::empty());
        if let Err(error) = parsed
            && matches!(error.find_root(), datafusion::error::DataFusionError::SQL(..))
        {
            self.report(file, span, &error, &[]);
        }
    }

    fn columns_of_tables(&self) -> Vec<String> {
        let schemas = table_schemas(&self.book.rules);
        schemas.iter().flat_map(|(_, s)| s.fields().iter().map(|f| f.name().clone())).collect()
    }

    fn expression(&mut self, file: &str, span: std::ops::Range<usize>, sql: &str, schema: &SchemaRef) -> Result<()> {
        // A pattern is compiled when it is first used: so the expression is tried on a row of empty values.
        let tried = Planner::new(schema)?.plan(sql).and_then(|planned| {
            let empty = schema.fields().iter().map(|field| match field.data_type() {
                DataType::Utf8 => Arc::new(StringArray::from(vec![""])) as ArrayRef,
                _ => Arc::new(Int64Array::from(vec![1])),
            });
            let row = RecordBatch::try_new(schema.clone(), empty.collect())?;
            let evaluated = planned.evaluate(&row).map(|_| ());
            evaluated.or_else(|error| if is_about_a_pattern(&error) { Err(error) } else { Ok(()) })
        });
        if let Err(error) = tried {
            let columns: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
            self.report(file, span, &error, &columns);
        }
        Ok(())
    }

    fn report(
        &mut self,
        file: &str,
        span: std::ops::Range<usize>,
        error: &datafusion::error::DataFusionError,
        columns: &[String],
    ) {
        use datafusion::common::SchemaError;
        use datafusion::error::DataFusionError as E;
        let text = self.book.files.get(file).map_or("", String::as_str);
        let (code, message, help) = match error.find_root() {
            E::SchemaError(e, _) => match e.as_ref() {
                SchemaError::FieldNotFound { field, .. } => {
                    let near = suggest(&field.name, columns.iter().map(String::as_str));
                    let help = near.map(|n| format!("did you mean `{n}`?"));
                    ("sql::unknown_column", format!("there is no column `{}`", field.name), help)
                }
                other => ("sql::unknown_column", other.to_string(), None),
            },
            E::SQL(e, _) => (
                "sql::does_not_parse",
                format!("the SQL does not parse: {e}"),
                Some(
                    "expressions are DataFusion SQL; double quotes around column names, single quotes around text"
                        .into(),
                ),
            ),
            other if is_about_a_pattern(other) => {
                // The last line of several says what is wrong, the others draw where.
                let text = other.strip_backtrace();
                let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
                let why = last.trim_start_matches("error: ");
                ("sql::bad_pattern", format!("a regular expression does not compile: {why}"), None)
            }
            other => {
                let message = other.strip_backtrace();
                let first = message.lines().next().unwrap_or_default().to_string();
                let code = if first.contains("Invalid function") {
                    "sql::unknown_function"
                } else if first.contains("table") && first.contains("not found") {
                    "sql::unknown_table"
                } else {
                    "sql::wrong_type"
                };
                (code, first, None)
            }
        };
        self.out.push(Diagnostic::at(file, text, span, code, message, help));
    }
}

fn is_about_a_pattern(error: &datafusion::error::DataFusionError) -> bool {
    let text = error.to_string();
    text.contains("regex parse error") || text.contains("egular expression")
}

/// Every table that a gate check may name, with its schema for these rules.
pub fn table_schemas(rules: &Rules) -> Vec<(String, SchemaRef)> {
    let fields = rules.mapped_fields();
    let golden = match_view::golden(&match_view::golden_fields(rules));
    let mut all: Vec<(String, SchemaRef)> = Vec::new();
    for kind in [
        zlato_core::rules::sources::SourceKind::Customer,
        zlato_core::rules::sources::SourceKind::Profile,
        zlato_core::rules::sources::SourceKind::Event,
    ] {
        let table = table_of(kind);
        all.push((table.into(), tables::record_columns(table_fields(rules, table))));
    }
    all.extend([
        (tables::QUARANTINE.into(), tables::quarantine()),
        (tables::CONTACTS.into(), match_view::contacts(&fields)),
        (tables::ADDRESSES.into(), match_view::addresses(&fields)),
        (tables::CONTACT_PROFILES.into(), tables::contact_profiles()),
        (tables::PAIRS.into(), tables::pairs()),
        (tables::BLOCKS.into(), tables::blocks()),
        (tables::CLUSTERS.into(), tables::clusters()),
        (tables::REVIEW.into(), tables::review()),
        (tables::JUDGED.into(), tables::judged()),
        (tables::PROFILE_LINKS.into(), tables::profile_links()),
        (tables::PROFILES.into(), tables::profiles()),
        (tables::EVENT_LINKS.into(), tables::event_links()),
        (tables::EVENT_REACH.into(), tables::event_reach()),
        (tables::GOLDEN.into(), golden.clone()),
        (tables::GOLDEN_FIELDS.into(), tables::golden_fields()),
        (tables::CROSSWALK.into(), tables::crosswalk()),
        (tables::PERMISSIONS.into(), tables::permissions()),
        (tables::HOUSEHOLDS.into(), tables::households()),
        (tables::LEDGER.into(), tables::ledger()),
        (tables::REDIRECTS.into(), tables::redirects()),
        (tables::FRESHNESS.into(), tables::freshness()),
        (tables::CONTACT_PROMPTS.into(), tables::contact_prompts()),
        (tables::ATTRIBUTES.into(), tables::attributes()),
        ("last_golden".into(), golden),
        ("last_crosswalk".into(), tables::crosswalk()),
        ("last_quarantine".into(), tables::quarantine()),
    ]);
    all
}
