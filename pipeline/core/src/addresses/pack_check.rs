//! Reads a country pack and finds what is wrong with it. Enters: TOML. Leaves: [`PackFile`] or every diagnostic at once.
//! Never here: look-up structures (see `pack`), files.

use super::schema::{Format, PackFile};
use crate::rules::diagnostics::{Diagnostic, Severity};
use regex::Regex;
use serde_json::Value as Json;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// The JSON Schema of a pack: the source of its keys and of its reference page.
pub(crate) fn schema() -> Json {
    schemars::schema_for!(PackFile).to_value()
}

/// The keys that a table of the schema has; none for a table whose keys are free.
fn keys_of<'a>(root: &'a Json, table: &'a Json) -> Option<Vec<&'a str>> {
    let target = table.get("$ref").or_else(|| table.get("items")?.get("$ref")).and_then(Json::as_str);
    let table = target.and_then(|t| root.pointer(t.strip_prefix('#')?)).unwrap_or(table);
    Some(table.get("properties")?.as_object()?.keys().map(String::as_str).collect())
}

/// Reads and checks the text of a pack.
pub(super) fn read(file: &str, text: &str) -> Result<PackFile, Vec<Diagnostic>> {
    let found = Findings { file, text };
    let table = DeTable::parse(text).map_err(|e| vec![found.syntax(&e)])?;
    let mut diagnostics = found.unknown_keys(table.get_ref());
    diagnostics.sort_by_key(|d| d.span.start);
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let pack: PackFile = toml::from_str(text).map_err(|e| vec![found.syntax(&e)])?;
    diagnostics.extend(found.semantic(&pack));
    if diagnostics.is_empty() { Ok(pack) } else { Err(diagnostics) }
}

struct Findings<'a> {
    file: &'a str,
    text: &'a str,
}

impl Findings<'_> {
    fn at(&self, code: &'static str, span: Range<usize>, message: String, help: Option<String>) -> Diagnostic {
        let before = self.text.get(..span.start).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Diagnostic { code, severity: Severity::Error, file: self.file.to_string(), line, column, span, message, help }
    }

    fn syntax(&self, error: &toml::de::Error) -> Diagnostic {
        self.at("rules::toml", error.span().unwrap_or(0..0), error.message().to_string(), None)
    }

    fn unknown_keys(&self, top: &DeTable<'_>) -> Vec<Diagnostic> {
        let mut out = Vec::new();
        let schema = schema();
        let tables = keys_of(&schema, &schema).unwrap_or_default();
        for (key, value) in top {
            let name = key.get_ref().as_ref();
            if !tables.contains(&name) {
                out.push(self.unknown(name, key.span(), &tables));
                continue;
            }
            let table = schema.pointer("/properties").and_then(|p| p.get(name));
            let Some(known) = table.and_then(|t| keys_of(&schema, t)) else {
                continue;
            };
            let mut check = |value: &DeValue<'_>| {
                if let DeValue::Table(table) = value {
                    for key in table.keys().filter(|k| !known.contains(&k.get_ref().as_ref())) {
                        out.push(self.unknown(key.get_ref(), key.span(), &known));
                    }
                }
            };
            match value.get_ref() {
                DeValue::Array(items) => items.iter().for_each(|i| check(i.get_ref())),
                other => check(other),
            }
        }
        out
    }

    fn unknown(&self, name: &str, span: Range<usize>, known: &[&str]) -> Diagnostic {
        let likely = known
            .iter()
            .map(|k| (strsim::jaro_winkler(k, name), *k))
            .filter(|(similarity, _)| *similarity > 0.7)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let help = match likely {
            Some((_, k)) => format!("did you mean `{k}`?"),
            None => format!("known keys here: {}", known.join(", ")),
        };
        self.at("rules::unknown_key", span, format!("unknown key `{name}`"), Some(help))
    }

    fn semantic(&self, pack: &PackFile) -> Vec<Diagnostic> {
        let mut out = Vec::new();
        let code = &pack.code;
        if code.get_ref().len() != 2 || !code.get_ref().bytes().all(|b| b.is_ascii_uppercase()) {
            let help = Some("ISO 3166-1 alpha-2, for instance `HR`".to_string());
            out.push(self.at(
                "rules::country_code",
                code.span(),
                format!("`{}` is not a country code", code.get_ref()),
                help,
            ));
        }
        let patterns = [Some(&pack.postal_code.pattern), pack.postal_code.distinctive.as_ref()];
        for pattern in patterns.into_iter().flatten() {
            let text = pattern.get_ref();
            match Regex::new(text) {
                Err(e) => {
                    let reason = e.to_string();
                    let last = reason.lines().last().unwrap_or("").to_string();
                    out.push(self.at(
                        "rules::pattern",
                        pattern.span(),
                        "the pattern is not a regular expression".into(),
                        Some(last),
                    ));
                }
                Ok(_) if !text.starts_with('^') || !text.ends_with('$') => {
                    let help =
                        Some("start it with `^` and end it with `$`, so that it matches whole words".to_string());
                    out.push(self.at("rules::pattern", pattern.span(), "the pattern is not anchored".into(), help));
                }
                Ok(_) => {}
            }
        }
        out.extend(self.templates(&pack.format));
        out
    }

    fn templates(&self, format: &Format) -> Vec<Diagnostic> {
        const PARTS: [&str; 8] =
            ["street", "number", "number_only", "details", "postal_code", "locality", "district", "region"];
        let mut out = Vec::new();
        for template in format.line.iter().chain(&format.village) {
            for name in template.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                if !PARTS.contains(&name) {
                    let needle = format!("{{{name}}}");
                    let help = Some(format!("known parts: {}", PARTS.join(", ")));
                    let message = format!("unknown part `{needle}`");
                    out.push(self.at("rules::template", self.place_of(&[&needle, template]), message, help));
                }
            }
        }
        for template in [&format.po_box, &format.building, &format.staircase, &format.level, &format.unit] {
            if !template.contains("{}") {
                let help = Some("put `{}` where the value goes".to_string());
                let message = "the template has no place for its value".into();
                out.push(self.at("rules::template", self.place_of(&[template]), message, help));
            }
        }
        out
    }

    /// Where the first of some texts stands that the file holds as it is: values may be written with escapes.
    fn place_of(&self, texts: &[&str]) -> Range<usize> {
        let place = |text: &&str| self.text.find(*text).map(|start| start..start + text.len());
        texts.iter().find_map(place).unwrap_or(0..0)
    }
}
