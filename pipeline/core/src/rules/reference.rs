//! The rule author's reference, printed from what the program knows: JSON Schemas, vocabulary,
//! columns of the match view, diagnostic codes. Nothing in it is written by hand.

use super::sources::{FieldKind, SourceKind};
use super::{FILES, diagnostics::CODES, known, schema, vocabulary};
use crate::contacts::national_id::scheme_names;
use serde_json::Value as Json;
use std::fmt::Write as _;

/// The text of `docs/reference/rules.md`.
pub fn reference() -> String {
    let mut out = String::from(
        "# Rule files\n\n\
         Printed by the program from its own types; a test compares. TOML, one file per stage, all in one folder. \
         `sources.toml` and `matching.toml` are required, the others have defaults. An unknown key is an error.\n\n\
         JSON Schemas for editors are in [schema/](schema/), also printed by `zlato schema`.\n",
    );
    for file in FILES {
        if let Some(schema) = schema(file) {
            section(&mut out, file, &schema);
        }
    }
    fields(&mut out);
    match_view(&mut out);
    words(&mut out);
    codes(&mut out);
    out
}

/// The text of `docs/reference/country-packs.md`.
pub fn country_packs_reference() -> String {
    let mut out = String::from(
        "# Country packs\n\n\
         Printed by the program from its own types; a test compares. How to write one: \
         [rule-author.md](../rule-author.md#a-country-pack).\n",
    );
    section(&mut out, "countries/xx.toml", &crate::addresses::pack_schema());
    heading(&mut out, "## Reasons of an address");
    line(&mut out, "| reason | meaning |\n|---|---|");
    for (code, explanation) in crate::addresses::REASONS {
        line(&mut out, &format!("| `{code}` | {} |", cell(explanation)));
    }
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn heading(out: &mut String, text: &str) {
    let _ = write!(out, "\n{text}\n\n");
}

/// One rule file: its top-level keys, then each of its tables, then the words its keys take.
fn section(out: &mut String, name: &str, schema: &Json) {
    heading(out, &format!("## {name}"));
    line(out, &description(schema));
    out.push('\n');
    keys(out, schema, schema);
    let definitions = schema.get("$defs").and_then(Json::as_object).into_iter().flatten();
    let (tables, enums): (Vec<_>, Vec<_>) = definitions.partition(|(_, d)| d.get("properties").is_some());
    for (table, definition) in tables {
        heading(out, &format!("### {}", title(schema, table)));
        line(out, &description(definition));
        out.push('\n');
        keys(out, schema, definition);
    }
    for (name, definition) in enums {
        heading(out, &format!("### {}", words_of(name)));
        line(out, &description(definition));
        out.push('\n');
        choices(out, schema, definition);
    }
}

fn description(schema: &Json) -> String {
    schema.get("description").and_then(Json::as_str).unwrap_or_default().replace('\n', " ")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn keys(out: &mut String, root: &Json, schema: &Json) {
    line(out, "| key | type | default | meaning |\n|---|---|---|---|");
    let required: Vec<&str> =
        schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    for (key, value) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
        let default = match value.get("default") {
            _ if required.contains(&key.as_str()) => "**required**".to_string(),
            Some(Json::Null) | None => String::new(),
            Some(Json::Array(items)) if items.is_empty() => String::new(),
            Some(Json::Object(_)) => String::new(),
            Some(value) => format!("`{value}`"),
        };
        let kinds = kind(root, value);
        let own = format!("[[{key}]]");
        let kinds = if kinds.contains(&own) { format!("list of {own}") } else { kinds };
        let row = format!("| `{key}` | {kinds} | {} | {} |", cell(&default), cell(&description(value)));
        line(out, &row);
    }
}

/// The type of a value, in words with links to what is defined further down.
fn kind(root: &Json, schema: &Json) -> String {
    if let Some(name) = schema.get("$ref").and_then(Json::as_str).and_then(|r| r.rsplit('/').next()) {
        let title = match root.pointer(&format!("/$defs/{name}/properties")) {
            Some(_) => title(root, name),
            None => words_of(name),
        };
        return title;
    }
    if let Some(alternatives) = schema.get("anyOf").and_then(Json::as_array) {
        let known = alternatives.iter().filter(|a| a.get("type").and_then(Json::as_str) != Some("null"));
        return known.map(|a| kind(root, a)).collect::<Vec<_>>().join(" or ");
    }
    let one = schema.get("type").and_then(Json::as_str);
    let first = || schema.get("type")?.as_array()?.iter().filter_map(Json::as_str).find(|t| *t != "null");
    match one.or_else(first) {
        Some("array") => schema.get("items").map_or("list".into(), |items| format!("list of {}", kind(root, items))),
        Some("object") => match schema.get("additionalProperties").filter(|a| a.is_object()) {
            Some(values) => format!("table of {}", kind(root, values)),
            None => "table".into(),
        },
        Some("string") => "text".into(),
        Some("integer") => "whole number".into(),
        Some("boolean") => "true, false".into(),
        Some(other) => other.into(),
        None => String::new(),
    }
}

/// `[[source]]` for a table that the file lists, `[date]` for one it has once, else words.
fn title(root: &Json, definition: &str) -> String {
    let target = format!("#/$defs/{definition}");
    let at = |value: &Json| value.get("$ref").and_then(Json::as_str) == Some(&target);
    let mut titles = Vec::new();
    for (key, value) in root.get("properties").and_then(Json::as_object).into_iter().flatten() {
        if at(value) {
            titles.push(format!("[{key}]"));
        } else if value.get("items").is_some_and(at) {
            titles.push(format!("[[{key}]]"));
        }
    }
    if titles.is_empty() { words_of(definition) } else { titles.join(", ") }
}

/// `ComparisonLevel` as "comparison level".
fn words_of(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.extend(c.to_lowercase());
    }
    out.replace("sql", "SQL")
}

fn choices(out: &mut String, root: &Json, schema: &Json) {
    line(out, "| value | meaning |\n|---|---|");
    let alternatives = ["oneOf", "anyOf"].iter().find_map(|k| schema.get(k)?.as_array());
    for choice in alternatives.into_iter().flatten() {
        let mut values: Vec<String> = Vec::new();
        values.extend(choice.get("const").and_then(Json::as_str).map(|word| format!("`\"{word}\"`")));
        for word in choice.get("enum").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
            values.push(format!("`\"{word}\"`"));
        }
        for (key, value) in choice.get("properties").and_then(Json::as_object).into_iter().flatten() {
            values.push(format!("`{{ {key} = {} }}`", kind(root, value)));
        }
        if values.is_empty() {
            values.push(kind(root, choice));
        }
        line(out, &format!("| {} | {} |", values.join(", "), cell(&description(choice))));
    }
}

fn kind_word(kind: FieldKind) -> String {
    serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(String::from)).unwrap_or_default()
}

fn fields(out: &mut String) {
    heading(out, "## Fields");
    line(out, "What a source can map under `[source.columns]`. Further fields are declared with `[[field]]`.\n");
    line(out, "| field | kind | sources | meaning |\n|---|---|---|---|");
    for field in vocabulary::FIELDS {
        let kinds = [SourceKind::Customer, SourceKind::Prospect, SourceKind::Profile, SourceKind::Event];
        let allowed: Vec<&str> = kinds.into_iter().filter(|k| field.allowed_in(*k)).map(SourceKind::as_str).collect();
        let sources = if allowed.len() == kinds.len() { "all".to_string() } else { allowed.join(", ") };
        line(
            out,
            &format!("| `{}` | {} | {sources} | {} |", field.name, kind_word(field.kind), cell(field.description)),
        );
    }
    line(out, "\nGolden records have these too, found in the parts of an address:\n");
    line(out, "| field | meaning |\n|---|---|");
    for (name, meaning) in vocabulary::DERIVED {
        line(out, &format!("| `{name}` | {meaning} |"));
    }
    line(out, "\nNever golden themselves:\n");
    for (name, parts) in vocabulary::TAKEN_APART {
        line(out, &format!("- `{name}` is taken apart into {parts}."));
    }
    let declared: Vec<String> = vocabulary::DECLARED.iter().map(|name| format!("`{name}`")).collect();
    line(out, &format!("- {} make households.", declared.join(", ")));
}

fn match_view(out: &mut String) {
    let ticked = |names: &[&str]| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    heading(out, "## The match view");
    line(
        out,
        "The columns that expressions in `matching.toml` are made of. A value that is invalid or missing is null.\n",
    );
    line(out, &format!("- Always: {}.", ticked(vocabulary::MATCH_VIEW)));
    let of_kind = |kind: FieldKind| {
        let names: Vec<&str> = vocabulary::FIELDS.iter().filter(|f| f.kind == kind).map(|f| f.name).collect();
        let taken = |n: &&str| !vocabulary::TAKEN_APART.iter().any(|(t, _)| t == n);
        names.into_iter().filter(taken).collect::<Vec<_>>()
    };
    let names = of_kind(FieldKind::PersonName);
    line(out, &format!("- If any name is mapped: {}, {}.", ticked(&names), ticked(vocabulary::NAME_COLUMNS)));
    let mut parts = of_kind(FieldKind::Address);
    parts.extend(vocabulary::DERIVED.iter().map(|(name, _)| *name));
    line(
        out,
        &format!("- If any part of an address is mapped: {}, {}.", ticked(&parts), ticked(vocabulary::ADDRESS_COLUMNS)),
    );
    line(
        out,
        "- For every other mapped field F, custom ones included, F itself in its standard form, and by its kind:\n",
    );
    line(out, "| kind | further columns |\n|---|---|");
    let person_or_place = [FieldKind::PersonName, FieldKind::Address];
    let mut kinds: Vec<FieldKind> = Vec::new();
    for field in vocabulary::FIELDS.iter().filter(|f| !person_or_place.contains(&f.kind)) {
        if !kinds.contains(&field.kind) {
            kinds.push(field.kind);
        }
    }
    for kind in kinds {
        let columns: Vec<String> = vocabulary::suffixes(kind).iter().map(|s| format!("`F{s}`")).collect();
        line(out, &format!("| {} | {} |", kind_word(kind), columns.join(", ")));
    }
}

fn words(out: &mut String) {
    let ticked = |names: &[&str]| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    heading(out, "## Known words");
    line(out, &format!("- Schemes of national ids: {}.", ticked(&scheme_names().collect::<Vec<_>>())));
    line(out, &format!("- Channels of permissions: {}.", ticked(known::CHANNELS)));
    line(out, &format!("- Parts an address can be asked to have: {}.", ticked(known::ADDRESS_PARTS)));
    line(out, &format!("- File endings that tell a format, also before `.gz` and `.zst`: {}.", ticked(known::ENDINGS)));
    line(out, &format!("- Encodings: {}.", ticked(known::ENCODINGS)));
    line(out, "- Purposes: W3C DPV terms, written `dpv:DirectMarketing`.");
    let bases: Vec<String> = known::LEGAL_BASES.iter().map(|(term, name)| format!("`{term}` ({name})")).collect();
    line(out, &format!("- Legal bases: {}.", bases.join(", ")));
}

fn codes(out: &mut String) {
    heading(out, "## Diagnostics");
    line(out, "Every finding names file, line and column. Errors stop a run before any data is read.\n");
    line(out, "| code | what is wrong |\n|---|---|");
    for (code, explanation) in CODES {
        line(out, &format!("| `{code}` | {} |", cell(explanation)));
    }
}
