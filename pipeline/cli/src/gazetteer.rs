//! `zlato gazetteer import|show|lookup`. Enter: lists that the user fetched, or a gazetteer. Leave: a gazetteer, or
//! what it holds, as a table or JSON. Never here: what the rows mean.

use crate::args::{GazetteerCommand, GazetteerImportArgs, GazetteerLookupArgs, GazetteerShowArgs};
use crate::messages::Failure;
use crate::output::{self, tell};
use crate::target;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;
use zlato_core::addresses::{Addresses, embedded_packs};
use zlato_core::gazetteer::{CodeFit, Conventions, Gazetteer, How};
use zlato_engine::gazetteer::{self as lists, FILE_NAME, List};

pub fn gazetteer(command: &GazetteerCommand) -> Result<u8, Failure> {
    match command {
        GazetteerCommand::Import(args) => import(args),
        GazetteerCommand::Show(args) => show(args),
        GazetteerCommand::Lookup(args) => lookup(args),
    }
}

fn conventions() -> Addresses {
    Addresses::new(&zlato_core::rules::addresses::Addresses::default(), embedded_packs())
}

fn import(args: &GazetteerImportArgs) -> Result<u8, Failure> {
    let mut described = args.sources.as_deref().map(lists::described).transpose()?.unwrap_or_default();
    let mut columns = std::collections::BTreeMap::new();
    for column in &args.columns {
        let Some((field, name)) = column.split_once('=') else {
            return Err(Failure::Other(format!("--column {column}: write it as FIELD=NAME")));
        };
        columns.insert(field.trim().to_string(), name.trim().to_string());
    }
    if !args.files.is_empty() {
        described.push(List {
            files: args.files.clone(),
            format: args.format.into(),
            name: args.name.clone(),
            licence: args.licence.clone(),
            date: args.date.map(|d| d.to_string()),
            country: args.country.clone(),
            columns,
            ..List::default()
        });
    }
    let out: PathBuf = if args.out.is_dir() { args.out.join(FILE_NAME) } else { args.out.clone() };
    let out = target::regular("--out", &out)?;
    let gazetteer = lists::import(&conventions(), &described, |file| {
        if !args.quiet {
            tell!("reading {}", file.display());
        }
    })?;
    lists::write(&out, &gazetteer)?;
    if !args.quiet {
        print(&held(&gazetteer), false)?;
        tell!("written: {}", out.display());
    }
    Ok(crate::DONE)
}

fn show(args: &GazetteerShowArgs) -> Result<u8, Failure> {
    print(&held(&lists::read(&args.file)?), args.json)?;
    Ok(crate::DONE)
}

/// Sources and counts.
fn held(gazetteer: &Gazetteer) -> Value {
    json!({ "sources": gazetteer.sources(), "countries": gazetteer.holdings() })
}

fn print(held: &Value, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return output::answer(&format!("{held:#}\n"));
    }
    let mut out = String::new();
    let rows = |key: &str| held[key].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => "not given".into(),
        Value::Object(map) if map.is_empty() => "-".into(),
        Value::Object(map) => map.iter().map(|(k, v)| format!("{k} {v}")).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    for (key, titles) in [
        ("sources", ["name", "licence", "date", "rows", "refused"].as_slice()),
        ("countries", ["country", "localities", "names", "postal_codes", "streets"].as_slice()),
    ] {
        let mut table = comfy_table::Table::new();
        table
            .load_preset(comfy_table::presets::UTF8_HORIZONTAL_ONLY)
            .set_header(titles.iter().map(|t| t.replace('_', " ")));
        for row in rows(key) {
            table.add_row(titles.iter().map(|t| text(&row[*t])));
        }
        let _ = writeln!(out, "{table}");
    }
    output::answer(&out)
}

fn lookup(args: &GazetteerLookupArgs) -> Result<u8, Failure> {
    let gazetteer = lists::read(&args.gazetteer)?;
    let country = args.country.to_ascii_uppercase();
    let conventions = conventions();
    let written = |code: &String| conventions.postal_code(&country, code).unwrap_or_else(|| code.clone());
    let code = args.postal_code.as_ref().map(written);
    let answers = answers(args, &gazetteer, &conventions, &country, code.as_deref());
    if args.json {
        let lines: String = answers.iter().map(|answer| format!("{answer}\n")).collect();
        output::answer(&lines)?;
        return Ok(crate::DONE);
    }
    if answers.is_empty() {
        tell!("nothing found; a list may lack what exists");
        return Ok(crate::DONE);
    }
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    let titles: Vec<String> =
        answers.first().and_then(Value::as_object).map_or(vec![], |o| o.keys().cloned().collect());
    table.set_header(titles.iter().map(|t| t.replace('_', " ")));
    for answer in &answers {
        table.add_row(titles.iter().map(|t| match &answer[t] {
            Value::String(text) => text.clone(),
            Value::Array(items) => {
                let shown: Vec<&str> = items.iter().filter_map(Value::as_str).take(6).collect();
                let more = if items.len() > shown.len() {
                    format!(" and {} more", items.len() - shown.len())
                } else {
                    String::new()
                };
                shown.join(" ") + &more
            }
            Value::Null => String::new(),
            other => other.to_string(),
        }));
    }
    output::answer(&format!("{table}\n"))?;
    Ok(crate::DONE)
}

fn answers(
    args: &GazetteerLookupArgs,
    gazetteer: &Gazetteer,
    conventions: &Addresses,
    country: &str,
    code: Option<&str>,
) -> Vec<Value> {
    let Some(town) = &args.town else {
        let places = code.map(|c| gazetteer.localities_of_code(country, c)).unwrap_or_default();
        let row = |(locality, link): &(zlato_core::gazetteer::Locality<'_>, zlato_core::gazetteer::Link<'_>)| {
            json!({ "locality": locality.name(), "postal_code": link.code, "district": link.district,
                "region": link.region, "rows": link.rows })
        };
        return places.iter().map(row).collect();
    };
    let found = gazetteer.find(country, town, code);
    let Some(street) = &args.street else {
        let row = |f: &zlato_core::gazetteer::Found<'_>| {
            let (district, region) = f.locality.area(code);
            json!({ "locality": f.locality.name(), "confidence": rounded(f.confidence), "found": how(f.how),
                "postal_code": fit(f.code), "postal_codes": f.locality.codes(), "district": district, "region": region })
        };
        return found.iter().take(10).map(row).collect();
    };
    let Some(locality) = found.first().map(|f| f.locality) else { return vec![] };
    let key = conventions.street(country, street).map_or_else(|| zlato_core::text::fold(street), |(_, key)| key);
    let row = |s: &zlato_core::gazetteer::FoundStreet<'_>| {
        json!({ "locality": locality.name(), "street": s.name, "confidence": rounded(s.confidence), "found": how(s.how),
            "postal_code": fit(s.code), "postal_codes": s.codes })
    };
    locality.find_street(&key, code).iter().take(10).map(row).collect()
}

fn rounded(confidence: f64) -> f64 {
    (confidence * 1000.0).round() / 1000.0
}

fn how(how: How) -> String {
    match how {
        How::Exact => "by its name".into(),
        How::Other => "by another native name".into(),
        How::Foreign => "by a foreign name".into(),
        How::Abbreviated => "abbreviated".into(),
        How::Near(1) => "with 1 typing mistake".into(),
        How::Near(n) => format!("with {n} typing mistakes"),
    }
}

fn fit(fit: CodeFit) -> &'static str {
    match fit {
        CodeFit::Agrees => "agrees",
        CodeFit::Neighbour => "last character differs",
        CodeFit::Unknown => "says nothing",
        CodeFit::Disagrees => "disagrees",
    }
}
