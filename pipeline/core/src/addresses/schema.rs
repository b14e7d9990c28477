//! The text of a country pack, typed. Enters: TOML. Leaves: [`PackFile`] or every diagnostic at once.
//! Never here: look-up structures (see `pack`), files.

use crate::rules::diagnostics::{Diagnostic, Severity};
use regex::Regex;
use serde::Deserialize;
use serde_spanned::Spanned;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A whole `rules/countries/<cc>.toml`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PackFile {
    pub(super) code: Spanned<String>,
    pub(super) names: Vec<String>,
    #[serde(default)]
    pub(super) regions: Vec<String>,
    pub(super) postal_code: PostalCode,
    #[serde(default, rename = "street_type")]
    pub(super) street_types: Vec<StreetType>,
    pub(super) words: Words,
    #[serde(default, rename = "area")]
    pub(super) areas: Vec<Area>,
    pub(super) number: Number,
    pub(super) format: Format,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct PostalCode {
    pub(super) pattern: Spanned<String>,
    pub(super) format: Spanned<String>,
    pub(super) distinctive: Option<Spanned<String>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct StreetType {
    pub(super) name: String,
    pub(super) forms: Vec<String>,
    #[serde(default)]
    pub(super) abbreviations: Vec<String>,
    #[serde(default)]
    pub(super) when_next_ends: Vec<String>,
    pub(super) place: Place,
    pub(super) in_name: bool,
    pub(super) in_key: bool,
    pub(super) written: Option<String>,
}

/// Where a word stands beside the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    Before,
    After,
    Both,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Words {
    pub(super) number: Vec<String>,
    pub(super) no_number: Vec<String>,
    pub(super) unit: Vec<String>,
    pub(super) staircase: Vec<String>,
    pub(super) level: Vec<String>,
    pub(super) ground: Vec<String>,
    pub(super) building: Vec<String>,
    pub(super) po_box: Vec<String>,
    pub(super) care_of: Vec<String>,
    pub(super) local_code: Vec<String>,
    pub(super) noise: Vec<String>,
    pub(super) after_number_name: Vec<String>,
    pub(super) small: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Area {
    pub(super) name: String,
    pub(super) forms: Vec<String>,
    pub(super) part: AreaPart,
    pub(super) place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AreaPart {
    Region,
    District,
    Locality,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Number {
    pub(super) slash: Slash,
    pub(super) dash: Dash,
    #[serde(default)]
    pub(super) roman_is_level: bool,
    #[serde(default)]
    pub(super) local_code_digits: usize,
}

/// What a slash after the house number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Slash {
    RangeOrUnit,
    Unit,
    Number,
}

/// What a dash after the house number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Dash {
    Range,
    Unit,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Format {
    pub(super) line: Vec<String>,
    pub(super) village: Vec<String>,
    pub(super) po_box: String,
    pub(super) building: String,
    pub(super) staircase: String,
    pub(super) level: String,
    pub(super) unit: String,
    /// For a Roman numeral, when floors are written so.
    pub(super) level_roman: Option<String>,
    /// For a flat of a house without a number.
    pub(super) unit_alone: Option<String>,
    #[serde(default)]
    pub(super) quote_house_names: bool,
}

const TOP: &[&str] = &["code", "names", "regions", "postal_code", "street_type", "words", "area", "number", "format"];

/// Keys of each table; a table not listed has none.
fn keys_of(table: &str) -> &'static [&'static str] {
    match table {
        "postal_code" => &["pattern", "format", "distinctive"],
        "street_type" => &["name", "forms", "abbreviations", "when_next_ends", "place", "in_name", "in_key", "written"],
        "words" => &[
            "number",
            "no_number",
            "unit",
            "staircase",
            "level",
            "ground",
            "building",
            "po_box",
            "care_of",
            "local_code",
            "noise",
            "after_number_name",
            "small",
        ],
        "area" => &["name", "forms", "part", "place"],
        "number" => &["slash", "dash", "roman_is_level", "local_code_digits"],
        "format" => &[
            "line",
            "village",
            "po_box",
            "building",
            "staircase",
            "level",
            "level_roman",
            "unit",
            "unit_alone",
            "quote_house_names",
        ],
        _ => &[],
    }
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
        for (key, value) in top {
            let name = key.get_ref().as_ref();
            if !TOP.contains(&name) {
                out.push(self.unknown(name, key.span(), TOP));
                continue;
            }
            let known = keys_of(name);
            let mut check = |value: &DeValue<'_>| {
                if let DeValue::Table(table) = value {
                    for key in table.keys().filter(|k| !known.contains(&k.get_ref().as_ref())) {
                        out.push(self.unknown(key.get_ref(), key.span(), known));
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
        const PARTS: [&str; 6] = ["street", "number", "postal_code", "locality", "district", "region"];
        let mut out = Vec::new();
        for template in format.line.iter().chain(&format.village) {
            for name in template.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                if !PARTS.contains(&name) {
                    let needle = format!("{{{name}}}");
                    let start = self.text.find(&needle).unwrap_or(0);
                    let help = Some(format!("known parts: {}", PARTS.join(", ")));
                    out.push(self.at(
                        "rules::template",
                        start..start + needle.len(),
                        format!("unknown part `{needle}`"),
                        help,
                    ));
                }
            }
        }
        for template in [&format.po_box, &format.building, &format.staircase, &format.level, &format.unit] {
            if !template.contains("{}") {
                let start = self.text.find(template.as_str()).unwrap_or(0);
                let help = Some("put `{}` where the value goes".to_string());
                out.push(self.at(
                    "rules::template",
                    start..start + template.len(),
                    "the template has no place for its value".into(),
                    help,
                ));
            }
        }
        out
    }
}
