//! What a JSON Schema allows at one place, and the words for it. Understands the schemas that
//! schemars derives from our types: references, alternatives, constants, objects, lists.

use serde_json::Value as Json;
use toml::de::DeValue;

/// What a schema allows, with references and alternatives resolved.
#[derive(Default)]
pub(super) struct Allowed<'a> {
    pub any_string: bool,
    pub words: Vec<&'a str>,
    pub integer: Option<&'a Json>,
    pub number: bool,
    pub boolean: bool,
    pub items: Option<&'a Json>,
    pub tables: Vec<&'a Json>,
}

impl<'a> Allowed<'a> {
    /// What `schema`, a part of `root`, allows.
    pub fn by(root: &'a Json, schema: &'a Json) -> Self {
        let mut allowed = Self::default();
        collect(root, schema, &mut allowed, 0);
        allowed
    }
}

fn collect<'a>(root: &'a Json, schema: &'a Json, allowed: &mut Allowed<'a>, depth: usize) {
    if depth > 16 {
        return;
    }
    if let Some(target) = schema.get("$ref").and_then(Json::as_str).and_then(|r| root.pointer(r.strip_prefix('#')?)) {
        return collect(root, target, allowed, depth + 1);
    }
    for alternatives in ["anyOf", "oneOf"].iter().filter_map(|k| schema.get(k)?.as_array()) {
        for alternative in alternatives {
            collect(root, alternative, allowed, depth + 1);
        }
    }
    if let Some(word) = schema.get("const").and_then(Json::as_str) {
        allowed.words.push(word);
        return;
    }
    if let Some(words) = schema.get("enum").and_then(Json::as_array) {
        allowed.words.extend(words.iter().filter_map(Json::as_str));
        return;
    }
    let types = schema.get("type");
    let one = types.and_then(Json::as_str);
    let many = types.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    for kind in one.into_iter().chain(many) {
        match kind {
            "string" => allowed.any_string = true,
            "integer" => allowed.integer = Some(schema),
            "number" => allowed.number = true,
            "boolean" => allowed.boolean = true,
            "array" => allowed.items = schema.get("items"),
            "object" => allowed.tables.push(schema),
            _ => {}
        }
    }
}

pub(super) fn keys(schema: &Json) -> impl Iterator<Item = &str> {
    schema.get("properties").and_then(Json::as_object).into_iter().flat_map(|p| p.keys().map(String::as_str))
}

pub(super) fn required(schema: &Json) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
}

pub(super) fn describe(allowed: &Allowed<'_>) -> String {
    let mut parts = Vec::new();
    if allowed.any_string {
        parts.push("a text in quotes".to_string());
    }
    if !allowed.words.is_empty() {
        parts.push("a known word in quotes".to_string());
    }
    if allowed.integer.is_some() {
        parts.push("a whole number".to_string());
    }
    if allowed.number {
        parts.push("a number".to_string());
    }
    if allowed.boolean {
        parts.push("true or false".to_string());
    }
    if allowed.items.is_some() {
        parts.push("a list in [ ]".to_string());
    }
    if !allowed.tables.is_empty() {
        let names: Vec<&str> = allowed.tables.iter().flat_map(|t| keys(t)).take(4).collect();
        parts.push(if names.is_empty() { "a table".to_string() } else { format!("a table with {}", names.join(", ")) });
    }
    parts.join(" or ")
}

pub(super) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date without quotes",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
