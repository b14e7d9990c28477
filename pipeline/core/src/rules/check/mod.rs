//! What typed rules mean, beyond their shape: names that exist, ranges, orders, contradictions.
//! Enter: the files as read. Leave: diagnostics. SQL is never judged here, the engine plans it.

mod contacts;
mod freshness;
mod gate;
mod matching;
mod permissions;
mod profiles;
mod sources;
mod survivorship;

use super::diagnostics::{Diagnostic, did_you_mean, position};
use super::shape::Read;
use super::sources::{FieldKind, Source, SourceKind, Sources};
use super::{known, vocabulary};
use serde_spanned::Spanned;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// All files of a rules folder, as far as they could be read.
pub(super) struct Folder<'t> {
    pub sources: Read<'t, Sources>,
    pub contacts: Read<'t, super::contacts::Contacts>,
    pub addresses: Read<'t, super::addresses::Addresses>,
    pub matching: Read<'t, super::matching::Matching>,
    pub profiles: Read<'t, super::profiles::Profiles>,
    pub survivorship: Read<'t, super::survivorship::Survivorship>,
    pub freshness: Read<'t, super::freshness::Freshness>,
    pub permissions: Read<'t, super::permissions::Permissions>,
    pub gate: Read<'t, super::gate::Gate>,
}

/// Every finding about the meaning of the rules.
pub(super) fn all(folder: &Folder<'_>, files: &BTreeMap<String, String>, out: &mut Vec<Diagnostic>) {
    sources::check(folder, &mut Sink::new("sources.toml", files, out));
    values(&folder.contacts, &folder.addresses, files, out);
    matching::check(folder, &mut Sink::new("matching.toml", files, out));
    profiles::check(folder, &mut Sink::new("profiles.toml", files, out));
    survivorship::check(folder, &mut Sink::new("survivorship.toml", files, out));
    freshness::check(folder, &mut Sink::new("freshness.toml", files, out));
    permissions::check(folder, &mut Sink::new("permissions.toml", files, out));
    gate::check(folder, &mut Sink::new("gate.toml", files, out));
}

/// Findings about the two files that judge single values.
pub(super) fn values(
    contacts: &Read<'_, super::contacts::Contacts>,
    addresses: &Read<'_, super::addresses::Addresses>,
    files: &BTreeMap<String, String>,
    out: &mut Vec<Diagnostic>,
) {
    contacts::check(contacts, &mut Sink::new("contacts.toml", files, out));
    contacts::check_addresses(addresses, &mut Sink::new("addresses.toml", files, out));
}

impl Folder<'_> {
    fn source(&self, name: &str) -> Option<&Source> {
        self.sources.typed.source.iter().find(|s| s.name.get_ref() == name)
    }

    fn custom(&self) -> impl Iterator<Item = &str> {
        self.sources.typed.field.iter().map(|f| f.name.get_ref().as_str())
    }

    /// Whether a source of the kind may have the field. Names that a broken `sources.toml` may
    /// declare pass.
    fn is_field(&self, name: &str, kind: SourceKind) -> bool {
        vocabulary::find(name).is_some_and(|f| f.allowed_in(kind)) || self.sources.declares(name)
    }

    /// The kind of a field, where it is known.
    fn kind(&self, name: &str) -> Option<FieldKind> {
        let custom = || self.sources.typed.field.iter().find(|f| f.name.get_ref() == name).map(|f| f.kind);
        vocabulary::find(name).map(|f| f.kind).or_else(custom)
    }

    /// Whether a golden record can have the field.
    fn is_golden(&self, name: &str) -> bool {
        let taken_apart = vocabulary::TAKEN_APART.iter().any(|(t, _)| *t == name);
        !taken_apart
            && (self.is_field(name, SourceKind::Profile) || vocabulary::DERIVED.iter().any(|(d, _)| *d == name))
    }

    /// Whether a source or profile gives golden records the field, or a field of the group. Names that a broken file may
    /// provide pass.
    fn delivers(&self, name: &str) -> bool {
        let group = self.survivorship.typed.group.iter().find(|g| g.name.get_ref() == name);
        let names: Vec<&str> = match group {
            Some(group) => group.fields.iter().map(|f| f.get_ref().as_str()).collect(),
            None => vec![name],
        };
        let people = |s: &&Source| matches!(s.kind, SourceKind::Customer | SourceKind::Prospect);
        let sources = self.sources.typed.source.iter().filter(people);
        let filled = self.profiles.typed.profile.iter().flat_map(|p| &p.fill);
        let mut filled = filled.map(|f| f.get_ref().as_str());
        self.sources.partial
            || self.profiles.partial
            || self.survivorship.partial
            || filled.any(|f| names.contains(&f))
            || sources.into_iter().any(|s| names.iter().any(|n| profiles::provides(s, n)))
    }

    /// Correction for a name that is no golden field.
    fn golden_help(&self, name: &str) -> Option<String> {
        if let Some((_, parts)) = vocabulary::TAKEN_APART.iter().find(|(t, _)| *t == name) {
            return Some(format!("it is taken apart into {parts}"));
        }
        let meant = vocabulary::suggest_field(name, self.custom()).filter(|f| self.is_golden(f));
        meant.map(|field| format!("did you mean `{field}`?"))
    }
}

/// Collects findings about one file.
struct Sink<'a> {
    file: &'static str,
    text: &'a str,
    /// The file is in the folder; a missing one is reported once, not for all that it lacks.
    present: bool,
    out: &'a mut Vec<Diagnostic>,
}

impl<'a> Sink<'a> {
    fn new(file: &'static str, files: &'a BTreeMap<String, String>, out: &'a mut Vec<Diagnostic>) -> Self {
        let text = files.get(file);
        Self { file, text: text.map_or("", String::as_str), present: text.is_some(), out }
    }

    fn error(&mut self, span: Range<usize>, code: &'static str, message: impl Into<String>, help: Option<String>) {
        self.out.push(Diagnostic::at(self.file, self.text, span, code, message, help));
    }

    fn warn(&mut self, span: Range<usize>, code: &'static str, message: impl Into<String>, help: Option<String>) {
        self.out.push(Diagnostic::at(self.file, self.text, span, code, message, help).warning());
    }

    /// Reports a name that is not `[a-z][a-z0-9_]*`.
    fn name(&mut self, name: &Spanned<String>) {
        let text = name.get_ref();
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
        let goes_on = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !begins || !goes_on {
            let plain = crate::text::fold(text).replace(' ', "_");
            let usable = plain.starts_with(|c: char| c.is_ascii_lowercase());
            let message = "a name is lower-case letters, digits and `_`, and begins with a letter";
            self.error(name.span(), "rules::bad_name", message, usable.then(|| format!("for instance `{plain}`")));
        }
    }

    /// Reports every name but the first of its kind.
    fn unique<'n>(&mut self, names: impl Iterator<Item = &'n Spanned<String>>, code: &'static str, what: &str) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for name in names {
            match seen.get(name.get_ref().as_str()) {
                Some(first) => {
                    let line = position(self.text, *first).0;
                    let message = format!("there is another {what} `{}` on line {line}", short(name));
                    self.error(name.span(), code, message, None);
                }
                None => {
                    seen.insert(name.get_ref(), name.span().start);
                }
            }
        }
    }

    fn fraction(&mut self, value: &Spanned<f64>, code: &'static str, what: &str) {
        if !(0.0..=1.0).contains(value.get_ref()) {
            self.error(value.span(), code, format!("{what} is a number from 0 to 1"), None);
        }
    }

    fn country(&mut self, code: &Spanned<String>) {
        if !known::is_country(code.get_ref()) {
            let capitals = code.get_ref().to_uppercase();
            let capitals = if capitals == "UK" { "GB".to_string() } else { capitals };
            let help = match known::is_country(&capitals) {
                true => format!("did you mean `{capitals}`?"),
                false => "two capital letters of ISO 3166-1, as `PL`".to_string(),
            };
            self.error(
                code.span(),
                "rules::unknown_country",
                format!("`{}` is no country code", short(code)),
                Some(help),
            );
        }
    }

    /// Reports an SQL text that is empty. Whether it means something is for the engine to say.
    fn sql(&mut self, sql: &Spanned<String>) {
        if sql.get_ref().trim().is_empty() {
            self.error(sql.span(), "rules::empty_text", "an SQL expression cannot be empty", None);
        }
    }

    /// `YYYY-MM-DD` of the calendar.
    fn date(&mut self, span: Range<usize>, text: &str, code: &'static str) {
        let shape = text.len() == 10 && text.chars().all(|c| c.is_ascii_digit() || c == '-');
        if !shape || chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_err() {
            self.error(span, code, "a date is written `YYYY-MM-DD`", None);
        }
    }
}

fn short(name: &Spanned<String>) -> String {
    super::shape::short(name.get_ref())
}

/// Names that occur in both lists, with their place in the second.
fn overlap<'n>(first: &[Spanned<String>], second: &'n [Spanned<String>]) -> Vec<&'n Spanned<String>> {
    let in_first: BTreeSet<&str> = first.iter().map(|n| n.get_ref().as_str()).collect();
    second.iter().filter(|n| in_first.contains(n.get_ref().as_str())).collect()
}
