//! Meaning of `sources.toml`: names, fields, files and how they are read.

use super::{Folder, Sink, did_you_mean, known, short, vocabulary};
use crate::rules::sources::{CustomField, FieldKind, Format, KeyMapping, Mapping, Source, SourceKind};
use serde_spanned::Spanned;

pub(super) fn check(folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let sources = &folder.sources.typed;
    sink.unique(sources.field.iter().map(|f| &f.name), "sources::duplicate_field", "field");
    sink.unique(sources.source.iter().map(|s| &s.name), "sources::duplicate_source", "source");
    for field in &sources.field {
        custom_field(field, sink);
    }
    for source in &sources.source {
        one(source, folder, sink);
    }
    let customers = sources.source.iter().any(|s| s.kind == SourceKind::Customer);
    if !folder.profiles.partial {
        profiles_without_terms(folder, sink);
    }
    if !customers && !folder.sources.partial && sink.present {
        let help = "golden records are made of customers: give one source `kind = \"customer\"`";
        sink.error(0..0, "sources::no_customer_source", "no source of kind `customer`", Some(help.into()));
    }
}

/// Bought data without terms must not be used, so its source is refused.
fn profiles_without_terms(folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let sources = folder.sources.typed.source.iter().filter(|s| s.kind == SourceKind::Profile);
    for name in sources.map(|s| &s.name) {
        let terms = &folder.profiles.typed.profile;
        if !terms.iter().any(|p| p.source.get_ref() == name.get_ref()) {
            let message = format!("profile source `{}` has no terms", short(name));
            let help =
                "add a [[profile]] to profiles.toml: licence, purposes and legal basis say what it may be used for";
            sink.error(name.span(), "profiles::missing_terms", message, Some(help.into()));
        }
    }
}

fn custom_field(field: &CustomField, sink: &mut Sink<'_>) {
    sink.name(&field.name);
    let name = field.name.get_ref();
    if vocabulary::find(name).is_some() {
        let message = format!("`{name}` is a built-in field");
        let help = "map it under [source.columns] without declaring it, or give yours another name";
        sink.error(field.name.span(), "sources::shadows_built_in", message, Some(help.into()));
    } else if vocabulary::reserved(name) {
        let message = format!("a column `{name}` exists already");
        sink.error(field.name.span(), "sources::reserved_field", message, Some("give the field another name".into()));
    }
    if matches!(field.kind, FieldKind::PersonName | FieldKind::Address) {
        let message = "names and addresses are read as a whole, from the built-in fields only";
        let help = "use kind `text`, or map the column to a built-in field";
        sink.error(field.name.span(), "sources::custom_kind", message, Some(help.into()));
    }
}

fn one(source: &Source, folder: &Folder<'_>, sink: &mut Sink<'_>) {
    sink.name(&source.name);
    sink.fraction(&source.trust, "sources::trust_range", "trust");
    if let Some(country) = &source.country {
        sink.country(country);
    }
    file(source, sink);
    key(source, sink);
    if let Some(updated_at) = &source.updated_at {
        mapping(updated_at, sink);
    }
    for (field, from) in &source.columns {
        mapping(from, sink);
        mapped(field, source.kind, folder, sink);
    }
    if !folder.sources.partial {
        needed(source, sink);
    }
}

fn mapped(field: &Spanned<String>, kind: SourceKind, folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let name = field.get_ref();
    if folder.is_field(name, kind) {
        return;
    }
    if vocabulary::find(name).is_some() {
        let homes = [SourceKind::Profile, SourceKind::Event, SourceKind::Customer]
            .into_iter()
            .find(|k| folder.is_field(name, *k));
        let home = homes.map_or("", SourceKind::as_str);
        let message = format!("a source of kind `{}` cannot map `{name}`", kind.as_str());
        let help = format!("the field belongs to sources of kind `{home}`; declare a [[field]] of another name");
        sink.error(field.span(), "sources::field_not_allowed", message, Some(help));
        return;
    }
    let help = match vocabulary::suggest_field(name, folder.custom()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "declare it with [[field]], or see the vocabulary in docs/reference/rules.md".to_string(),
    };
    sink.error(field.span(), "sources::unknown_field", format!("unknown field `{}`", short(field)), Some(help));
}

fn mapping(from: &Spanned<Mapping>, sink: &mut Sink<'_>) {
    let text = match from.get_ref() {
        Mapping::Column(text) => text,
        Mapping::Sql(expression) => &expression.sql,
    };
    if text.trim().is_empty() {
        sink.error(from.span(), "rules::empty_text", "a column name or SQL expression cannot be empty", None);
    }
}

fn key(source: &Source, sink: &mut Sink<'_>) {
    let empty = match source.key.get_ref() {
        KeyMapping::Column(text) => text.trim().is_empty(),
        KeyMapping::Sql(expression) => expression.sql.trim().is_empty(),
        KeyMapping::Line(line) => {
            if !line.line {
                let help = "write `{ line = true }`, or name the column that holds the key";
                sink.error(source.key.span(), "sources::no_key", "the source has no key", Some(help.into()));
            }
            false
        }
    };
    if empty {
        sink.error(source.key.span(), "rules::empty_text", "a column name or SQL expression cannot be empty", None);
    }
}

/// Path, format, encoding, delimiter and quote.
fn file(source: &Source, sink: &mut Sink<'_>) {
    let path = source.path.get_ref().to_lowercase();
    let bare = path.strip_suffix(".gz").or_else(|| path.strip_suffix(".zst")).unwrap_or(&path);
    let ending = bare.rsplit_once('.').map_or("", |(_, ending)| ending);
    if path.trim().is_empty() {
        sink.error(source.path.span(), "rules::empty_text", "the path cannot be empty", None);
    } else if source.format.is_none() && !known::ENDINGS.contains(&ending) {
        let message = "the file's ending does not tell its format";
        let help = "add `format = \"csv\"`, `\"ndjson\"` or `\"parquet\"`";
        sink.error(source.path.span(), "sources::unknown_format", message, Some(help.into()));
    }
    let csv = match source.format {
        Some(format) => format == Format::Csv,
        None => matches!(ending, "csv" | "tsv" | "txt" | ""),
    };
    let options = [("delimiter", &source.delimiter), ("quote", &source.quote)];
    for (name, option) in options.iter().filter_map(|(name, option)| Some((name, option.as_ref()?))) {
        if !csv {
            sink.warn(
                option.span(),
                "sources::csv_only",
                format!("`{name}` is for CSV only and does nothing here"),
                None,
            );
        }
        let text = option.get_ref();
        let none = text.is_empty() && *name == "quote";
        let one = text.len() == 1 && text.is_ascii() && !text.contains(['\n', '\r', '\0']);
        if !one && !none {
            let message = format!("the {name} is one ASCII character");
            let help = (text == "tab" || text == "\\t").then(|| "a tab is written \"\\t\"".to_string());
            sink.error(option.span(), "sources::delimiter", message, help);
        }
    }
    if let (Some(delimiter), Some(quote)) = (&source.delimiter, &source.quote)
        && delimiter.get_ref() == quote.get_ref()
        && !quote.get_ref().is_empty()
    {
        sink.error(quote.span(), "sources::delimiter", "quote and delimiter are the same character", None);
    }
    if let Some(encoding) = &source.encoding {
        let label = encoding.get_ref().trim().to_lowercase();
        if !known::ENCODINGS.contains(&label.as_str()) {
            let help = did_you_mean(&label, known::ENCODINGS.iter().copied());
            let message = format!("unknown encoding `{}`", short(encoding));
            sink.error(encoding.span(), "sources::unknown_encoding", message, help);
        }
    }
}

/// Fields without which a source of its kind is of no use.
fn needed(source: &Source, sink: &mut Sink<'_>) {
    let has = |field: &str| source.columns.keys().any(|k| k.get_ref() == field);
    if source.columns.is_empty() {
        let help = "say under [source.columns] which column means what";
        sink.error(source.name.span(), "sources::no_columns", "the source maps no columns", Some(help.into()));
    } else if has("relation") && !has("related_to") {
        let relation = source.columns.keys().find(|k| k.get_ref() == "relation");
        let help = "map `related_to`: the key of the row that the relation is to";
        let message = "a relation to nobody does nothing";
        sink.warn(relation.map_or(0..0, |k| k.span()), "sources::relation_to_nobody", message, Some(help.into()));
    } else if source.kind == SourceKind::Event {
        for field in ["event_kind", "event_at"].into_iter().filter(|f| !has(f)) {
            let message = format!("an event source maps `{field}`");
            sink.error(source.name.span(), "sources::event_needs", message, None);
        }
    }
}
