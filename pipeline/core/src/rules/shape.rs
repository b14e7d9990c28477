//! Shape of one rule file: enter its text and its JSON Schema, leave its typed form and every
//! unknown key, wrong type, unknown word and missing key. What does not fit is left out of the
//! typed form, so that the rest can still be judged. Meaning is judged in `check`, never here.

mod allowed;
mod walk;

use super::diagnostics::Diagnostic;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use serde_spanned::Spanned;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::de::{DeTable, DeValue};
use walk::Walk;

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
    /// The file is not there, so that nobody can say what it would have declared.
    pub fn missing(mut self) -> Self {
        self.names = None;
        self
    }

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
            Diagnostic::at(file, text, span, "rules::duplicate_key", message, Some(help))
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
        return Read { typed: T::default(), raw: empty(), partial: true, names: None };
    }
    let names = Some(names(&root));
    let mut walk = Walk { file, text, schema, out: &mut *out };
    let raw = walk.value(&root, schema, "").unwrap_or_else(empty);
    let mut partial = out.len() > before;
    let DeValue::Table(fitting) = raw.get_ref().clone() else {
        return Read { typed: T::default(), raw, partial: true, names };
    };
    let deserializer = toml::de::Deserializer::from(Spanned::new(raw.span(), fitting));
    let typed = T::deserialize(deserializer).unwrap_or_else(|error| {
        partial = true;
        let span = error.span().unwrap_or(0..0);
        out.push(Diagnostic::at(file, text, span, "rules::wrong_type", error.message(), None));
        T::default()
    });
    Read { typed, raw, partial, names }
}

fn names(root: &Spanned<DeValue<'_>>) -> BTreeSet<String> {
    let lists = root.get_ref().as_table().into_iter().flat_map(|t| t.values()).filter_map(|v| v.get_ref().as_array());
    let tables = lists.flat_map(|list| list.iter()).filter_map(|item| item.get_ref().as_table());
    tables.filter_map(|t| Some(t.get("name")?.get_ref().as_str()?.to_string())).collect()
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

/// Words out of a file, cut so that a message stays a line.
pub(super) fn short(word: &str) -> String {
    let mut cut: String = word.chars().take(60).collect();
    if cut.len() < word.len() {
        cut.push('…');
    }
    cut.escape_debug().to_string().replace("\\'", "'")
}
