//! Shape of one rule file: enter its text and its JSON Schema, leave its typed form and every
//! unknown key, wrong type, unknown word and missing key. What does not fit is left out of the
//! typed form, so that the rest can still be judged. Meaning is judged in `check`, never here.

use super::diagnostics::{Diagnostic, did_you_mean, suggest};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use serde_spanned::Spanned;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A file as far as it could be read.
pub(super) struct Read<'t, T> {
    pub typed: T,
    /// The part of the file that fits its schema, for the spans of values whose type keeps none.
    pub raw: Spanned<DeValue<'t>>,
    /// Something was left out: what is absent from `typed` may be present in the file.
    pub partial: bool,
    /// Every `name` in a list of tables, misfits included; none when the file is not TOML.
    names: Option<BTreeSet<String>>,
}

impl<T> Read<'_, T> {
    /// Whether the file has a table of that name, or is too broken to tell.
    pub fn declares(&self, name: &str) -> bool {
        self.names.as_ref().is_none_or(|names| names.contains(name))
    }
}

/// Reads `text` as `T`, whose JSON Schema is `schema`.
pub(super) fn read<'t, T: DeserializeOwned + Default>(
    file: &str,
    text: &'t str,
    schema: &Json,
    out: &mut Vec<Diagnostic>,
) -> Read<'t, T> {
    let before = out.len();
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut broken = false;
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let found = if error.message().starts_with("duplicate key") {
            let key = short(text.get(span.clone()).unwrap_or(""));
            let help = "remove or rename one of the two".to_string();
            let message = format!("the key `{key}` stands twice in its table");
            Diagnostic::at(
                file,
                text,
                span,
                "rules::duplicate_key",
                message,
                Some(help),
            )
        } else {
            broken = true;
            Diagnostic::at(file, text, span, "rules::syntax", error.message(), None)
        };
        out.push(found);
    }
    let span = table.span();
    let root = Spanned::new(span, DeValue::Table(table.into_inner()));
    let empty = || Spanned::new(0..0, DeValue::Table(DeTable::new()));
    if broken {
        return Read {
            typed: T::default(),
            raw: empty(),
            partial: true,
            names: None,
        };
    }
    let names = (!text.is_empty()).then(|| names(&root));
    let mut walk = Walk {
        file,
        text,
        schema,
        out: &mut *out,
    };
    let raw = walk.value(&root, schema, "").unwrap_or_else(empty);
    let mut partial = out.len() > before;
    let DeValue::Table(fitting) = raw.get_ref().clone() else {
        return Read {
            typed: T::default(),
            raw,
            partial: true,
            names,
        };
    };
    let deserializer = toml::de::Deserializer::from(Spanned::new(raw.span(), fitting));
    let typed = T::deserialize(deserializer).unwrap_or_else(|error| {
        partial = true;
        let span = error.span().unwrap_or(0..0);
        out.push(Diagnostic::at(
            file,
            text,
            span,
            "rules::wrong_type",
            error.message(),
            None,
        ));
        T::default()
    });
    Read {
        typed,
        raw,
        partial,
        names,
    }
}

fn names(root: &Spanned<DeValue<'_>>) -> BTreeSet<String> {
    let lists = root
        .get_ref()
        .as_table()
        .into_iter()
        .flat_map(|t| t.values())
        .filter_map(|v| v.get_ref().as_array());
    let tables = lists
        .flat_map(|list| list.iter())
        .filter_map(|item| item.get_ref().as_table());
    tables
        .filter_map(|t| Some(t.get("name")?.get_ref().as_str()?.to_string()))
        .collect()
}

/// Byte range of the value at `path` (keys, and array positions in digits); empty when it is not there.
pub(super) fn span_at(raw: &Spanned<DeValue<'_>>, path: &[&str]) -> Range<usize> {
    let mut at = raw;
    for step in path {
        let next = match at.get_ref() {
            DeValue::Table(table) => table.get(*step),
            DeValue::Array(array) => step.parse::<usize>().ok().and_then(|i| array.get(i)),
            _ => None,
        };
        match next {
            Some(value) => at = value,
            None => return 0..0,
        }
    }
    at.span()
}

struct Walk<'a> {
    file: &'a str,
    text: &'a str,
    schema: &'a Json,
    out: &'a mut Vec<Diagnostic>,
}

/// What a schema allows, with references and alternatives resolved.
#[derive(Default)]
struct Allowed<'a> {
    any_string: bool,
    words: Vec<&'a str>,
    integer: Option<&'a Json>,
    number: bool,
    boolean: bool,
    items: Option<&'a Json>,
    tables: Vec<&'a Json>,
}

impl<'a> Walk<'a> {
    fn allowed(&self, schema: &'a Json) -> Allowed<'a> {
        let mut allowed = Allowed::default();
        collect(self.schema, schema, &mut allowed, 0);
        allowed
    }

    fn error(
        &mut self,
        span: Range<usize>,
        code: &'static str,
        message: String,
        help: Option<String>,
    ) {
        self.out.push(Diagnostic::at(
            self.file, self.text, span, code, message, help,
        ));
    }

    /// The part of `value` that fits, or none when nothing usable is left.
    fn value<'t>(
        &mut self,
        value: &Spanned<DeValue<'t>>,
        schema: &'a Json,
        name: &str,
    ) -> Option<Spanned<DeValue<'t>>> {
        let allowed = self.allowed(schema);
        let span = value.span();
        match value.get_ref() {
            DeValue::String(word) => {
                if allowed.any_string || allowed.words.contains(&word.as_ref()) {
                    return Some(value.clone());
                }
                if !allowed.words.is_empty() {
                    self.unknown_word(span, word, name, &allowed);
                    return None;
                }
            }
            DeValue::Integer(digits) => {
                if allowed.number {
                    return Some(value.clone());
                }
                if let Some(limits) = allowed.integer {
                    return self
                        .integer(digits, span, limits, name)
                        .then(|| value.clone());
                }
            }
            DeValue::Float(_) if allowed.number => return Some(value.clone()),
            DeValue::Boolean(_) if allowed.boolean => return Some(value.clone()),
            DeValue::Array(array) => {
                if let Some(items) = allowed.items {
                    let kept = array
                        .iter()
                        .filter_map(|item| self.value(item, items, name))
                        .collect();
                    return Some(Spanned::new(span, DeValue::Array(kept)));
                }
            }
            DeValue::Table(table) => match allowed.tables.as_slice() {
                [] => {}
                [only] => {
                    return self
                        .table(table, span, only)
                        .map(|t| Spanned::new(value.span(), DeValue::Table(t)));
                }
                several => {
                    let several = several.to_vec();
                    return self
                        .one_of(table, span, &several, &allowed.words)
                        .map(|t| Spanned::new(value.span(), DeValue::Table(t)));
                }
            },
            _ => {}
        }
        let expected = describe(&allowed);
        let found = kind_of(value.get_ref());
        let subject = if name.is_empty() {
            String::new()
        } else {
            format!("`{name}`: ")
        };
        self.error(
            value.span(),
            "rules::wrong_type",
            format!("{subject}expected {expected}, found {found}"),
            None,
        );
        None
    }

    fn unknown_word(&mut self, span: Range<usize>, word: &str, name: &str, allowed: &Allowed<'a>) {
        let tagged: Vec<&str> = allowed.tables.iter().flat_map(|t| keys(t)).collect();
        let help = if tagged.contains(&word) {
            Some(format!(
                "`{word}` takes a value: write `{{ {word} = ... }}`"
            ))
        } else {
            let known: Vec<&str> = allowed.words.iter().chain(&tagged).copied().collect();
            did_you_mean(word, known)
        };
        self.error(
            span,
            "rules::unknown_value",
            format!("`{name}` cannot be \"{}\"", short(word)),
            help,
        );
    }

    fn integer(
        &mut self,
        digits: &toml::de::DeInteger<'_>,
        span: Range<usize>,
        limits: &Json,
        name: &str,
    ) -> bool {
        let minimum = limits
            .get("minimum")
            .and_then(Json::as_i64)
            .unwrap_or(i64::MIN);
        let maximum = match limits.get("format").and_then(Json::as_str) {
            Some("uint32") => i64::from(u32::MAX),
            _ => i64::MAX,
        };
        let parsed = i64::from_str_radix(digits.as_str(), digits.radix());
        let fits = parsed.is_ok_and(|n| (minimum..=maximum).contains(&n));
        if !fits {
            let message = format!(
                "`{name}` is out of range: expected a whole number from {minimum} to {maximum}"
            );
            self.error(span, "rules::number_range", message, None);
        }
        fits
    }

    fn table<'t>(
        &mut self,
        table: &DeTable<'t>,
        span: Range<usize>,
        schema: &'a Json,
    ) -> Option<DeTable<'t>> {
        let properties = schema.get("properties").and_then(Json::as_object);
        let open = schema.get("additionalProperties").filter(|v| v.is_object());
        let mut kept = DeTable::new();
        let mut unknown = Vec::new();
        for (key, value) in table {
            let name: &str = key.get_ref();
            match properties.and_then(|p| p.get(name)).or(open) {
                Some(inner) => {
                    if let Some(fits) = self.value(value, inner, name) {
                        kept.insert(key.clone(), fits);
                    }
                }
                None => unknown.push(key),
            }
        }
        let missing: Vec<&str> = required(schema)
            .filter(|r| !table.contains_key(*r))
            .collect();
        let mut explained = Vec::new();
        let free: Vec<&str> = keys(schema).filter(|k| !table.contains_key(*k)).collect();
        for key in unknown {
            let name: &str = key.get_ref();
            let meant = suggest(name, free.iter().copied());
            explained.extend(meant);
            let help = match meant {
                Some(meant) => Some(format!("did you mean `{meant}`?")),
                None => did_you_mean(name, keys(schema).collect::<Vec<_>>()),
            };
            self.error(
                key.span(),
                "rules::unknown_key",
                format!("unknown key `{}`", short(name)),
                help,
            );
        }
        for name in missing.iter().filter(|name| !explained.contains(*name)) {
            let help = schema
                .pointer(&format!("/properties/{name}/description"))
                .and_then(Json::as_str);
            let help = help.map(|text| text.replace('\n', " "));
            self.error(
                span.clone(),
                "rules::missing_key",
                format!("the key `{name}` is missing"),
                help,
            );
        }
        let whole = required(schema).all(|name| kept.contains_key(name));
        whole.then_some(kept)
    }

    /// A table that is one of several with one key each, as `{ jaro_winkler = 0.9 }`.
    fn one_of<'t>(
        &mut self,
        table: &DeTable<'t>,
        span: Range<usize>,
        choices: &[&'a Json],
        words: &[&str],
    ) -> Option<DeTable<'t>> {
        let names: Vec<&str> = choices.iter().flat_map(|c| keys(c)).collect();
        let mut entries = table.iter();
        let (Some((key, _)), None) = (entries.next(), entries.next()) else {
            let message = format!("expected exactly one key, found {}", table.len());
            self.error(span, "rules::wrong_type", message, did_you_mean("", names));
            return None;
        };
        let name: &str = key.get_ref();
        if let Some(choice) = choices.iter().find(|c| keys(c).any(|k| k == name)) {
            return self.table(table, span, choice);
        }
        let help = if words.contains(&name) {
            Some(format!("`{name}` takes no value: write \"{name}\""))
        } else {
            did_you_mean(name, names)
        };
        self.error(
            key.span(),
            "rules::unknown_key",
            format!("unknown key `{}`", short(name)),
            help,
        );
        None
    }
}

fn collect<'a>(root: &'a Json, schema: &'a Json, allowed: &mut Allowed<'a>, depth: usize) {
    if depth > 16 {
        return;
    }
    if let Some(target) = schema
        .get("$ref")
        .and_then(Json::as_str)
        .and_then(|r| root.pointer(r.strip_prefix('#')?))
    {
        return collect(root, target, allowed, depth + 1);
    }
    for alternatives in ["anyOf", "oneOf"]
        .iter()
        .filter_map(|k| schema.get(k)?.as_array())
    {
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
    let many = types
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(Json::as_str);
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

fn keys(schema: &Json) -> impl Iterator<Item = &str> {
    schema
        .get("properties")
        .and_then(Json::as_object)
        .into_iter()
        .flat_map(|p| p.keys().map(String::as_str))
}

fn required(schema: &Json) -> impl Iterator<Item = &str> {
    schema
        .get("required")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
}

fn describe(allowed: &Allowed<'_>) -> String {
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
        let names: Vec<&str> = allowed
            .tables
            .iter()
            .flat_map(|t| keys(t))
            .take(4)
            .collect();
        parts.push(if names.is_empty() {
            "a table".to_string()
        } else {
            format!("a table with {}", names.join(", "))
        });
    }
    parts.join(" or ")
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
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

/// Words out of a file, cut so that a message stays a line.
pub(super) fn short(word: &str) -> String {
    let mut cut: String = word.chars().take(60).collect();
    if cut.len() < word.len() {
        cut.push('…');
    }
    cut.escape_debug().to_string().replace("\\'", "'")
}
