//! Walks a TOML value along its JSON Schema. Enter: both. Leave: the part of the value that fits,
//! and a finding for each part that does not. Never here: what the values mean.

use super::allowed::{Allowed, describe, keys, kind_of, required};
use super::short;
use crate::rules::diagnostics::{Diagnostic, did_you_mean, suggest};
use serde_json::Value as Json;
use serde_spanned::Spanned;
use std::ops::Range;
use toml::de::{DeInteger, DeTable, DeValue};

pub(super) struct Walk<'a> {
    pub file: &'a str,
    pub text: &'a str,
    pub schema: &'a Json,
    pub out: &'a mut Vec<Diagnostic>,
}

impl<'a> Walk<'a> {
    fn error(&mut self, span: Range<usize>, code: &'static str, message: String, help: Option<String>) {
        self.out.push(Diagnostic::at(self.file, self.text, span, code, message, help));
    }

    /// The part of `value` that fits, or none when nothing usable is left.
    pub fn value<'t>(
        &mut self,
        value: &Spanned<DeValue<'t>>,
        schema: &'a Json,
        name: &str,
    ) -> Option<Spanned<DeValue<'t>>> {
        let allowed = Allowed::by(self.schema, schema);
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
                    return self.integer(digits, span, limits, name).then(|| value.clone());
                }
            }
            DeValue::Float(_) if allowed.number => return Some(value.clone()),
            DeValue::Boolean(_) if allowed.boolean => return Some(value.clone()),
            DeValue::Array(array) => {
                if let Some(items) = allowed.items {
                    let kept = array.iter().filter_map(|item| self.value(item, items, name)).collect();
                    return Some(Spanned::new(span, DeValue::Array(kept)));
                }
            }
            DeValue::Table(table) => match allowed.tables.as_slice() {
                [] => {}
                [only] => {
                    return self.table(table, span, only).map(|t| Spanned::new(value.span(), DeValue::Table(t)));
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
        let subject = if name.is_empty() { String::new() } else { format!("`{name}`: ") };
        self.error(value.span(), "rules::wrong_type", format!("{subject}expected {expected}, found {found}"), None);
        None
    }

    fn unknown_word(&mut self, span: Range<usize>, word: &str, name: &str, allowed: &Allowed<'a>) {
        let tagged: Vec<&str> = allowed.tables.iter().flat_map(|t| keys(t)).collect();
        let help = if tagged.contains(&word) {
            Some(format!("`{word}` takes a value: write `{{ {word} = ... }}`"))
        } else {
            let known: Vec<&str> = allowed.words.iter().chain(&tagged).copied().collect();
            did_you_mean(word, known)
        };
        self.error(span, "rules::unknown_value", format!("`{name}` cannot be \"{}\"", short(word)), help);
    }

    fn integer(&mut self, digits: &DeInteger<'_>, span: Range<usize>, limits: &Json, name: &str) -> bool {
        let minimum = limits.get("minimum").and_then(Json::as_i64).unwrap_or(i64::MIN);
        let maximum = match limits.get("format").and_then(Json::as_str) {
            Some("uint32") => i64::from(u32::MAX),
            _ => i64::MAX,
        };
        let parsed = i64::from_str_radix(digits.as_str(), digits.radix());
        let fits = parsed.is_ok_and(|n| (minimum..=maximum).contains(&n));
        if !fits {
            let message = format!("`{name}` is out of range: expected a whole number from {minimum} to {maximum}");
            self.error(span, "rules::number_range", message, None);
        }
        fits
    }

    fn table<'t>(&mut self, table: &DeTable<'t>, span: Range<usize>, schema: &'a Json) -> Option<DeTable<'t>> {
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
        let missing: Vec<&str> = required(schema).filter(|r| !table.contains_key(*r)).collect();
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
            self.error(key.span(), "rules::unknown_key", format!("unknown key `{}`", short(name)), help);
        }
        for name in missing.iter().filter(|name| !explained.contains(*name)) {
            let help = schema.pointer(&format!("/properties/{name}/description")).and_then(Json::as_str);
            let help = help.map(|text| text.replace('\n', " "));
            self.error(span.clone(), "rules::missing_key", format!("the key `{name}` is missing"), help);
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
        self.error(key.span(), "rules::unknown_key", format!("unknown key `{}`", short(name)), help);
        None
    }
}
