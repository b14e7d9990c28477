//! `zlato match`: which customer is this? Enters: a form on the command line, or a form a line of standard input.
//! Leaves: a table for people, or one JSON object a form. Never writes anything, never asks twice for the run.

use crate::messages::Failure;
use crate::output::{self, tell};
use crate::tables::drawn;
use crate::{ask, units};
use clap::Args;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use zlato_core::matching::model::weight_of;
use zlato_engine::error::Error;
use zlato_engine::lookup::{Answer, Form, Lookup};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  zlato match --country PL given_name=Jan family_name=Kowalski phone='601 222 333'
  zlato match full_name='Петровић Марко' address='Његошева 5/2, Београд' country=RS
  echo '{\"email\": \"jan.nowak@poczta.pl\", \"family_name\": \"Nowak\"}' | zlato match -

`-` keeps the run in memory and answers every line, an object of field names and texts, with one JSON object: start it
once and talk to it. A field that is null is not given, one that is given twice is refused. It answers from the run that
was published when it started; start it anew after a run.")]
pub struct MatchArgs {
    /// Values of the form as FIELD=TEXT; `-` reads forms from standard input, one JSON object a line
    #[arg(required = true, value_name = "FIELD=TEXT")]
    pub form: Vec<String>,
    /// Country, as ISO code of two letters, by which telephones and ids are read that do not tell theirs
    #[arg(long, value_name = "CODE", value_parser = country)]
    pub country: Option<String>,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Name of the run; the published one without it
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Customers to name at most
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub top: usize,
    /// Name customers from this probability on; without it from the review threshold of the rules
    #[arg(long, value_name = "SHARE", value_parser = crate::args::share)]
    pub from: Option<f64>,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
    /// Say on standard error how long the answers took, when standard input ends
    #[arg(long)]
    pub times: bool,
    /// Memory for compared values, such as 2GB; beyond it they are read from disk
    #[arg(long, value_parser = units::parse_memory, value_name = "SIZE")]
    pub memory: Option<u64>,
}

pub fn match_forms(args: &MatchArgs) -> Result<u8, Failure> {
    let piped = args.form.iter().any(|f| f == "-");
    if piped && args.form.len() > 1 {
        return Err(Error::input("`-` stands alone: forms come from standard input").into());
    }
    let form = if piped { Form::new() } else { form(&args.form)? };
    let limits = ask::limits(args.memory, NonZeroUsize::new(2));
    let lookup = ask::runtime(limits.threads)?.block_on(Lookup::open(&args.out, args.run.as_deref(), limits))?;
    if piped {
        return answer_lines(args, &lookup);
    }
    let answer = lookup.find(&form, args.country.as_deref(), args.top, args.from.map(weight_of))?;
    if args.json {
        ask::say_json(&answer)?;
    } else {
        ask::say(&table(&answer))?;
    }
    Ok(crate::DONE)
}

pub fn country(code: &str) -> Result<String, String> {
    let code = code.trim().to_uppercase();
    if zlato_core::rules::known::is_country(&code) {
        Ok(code)
    } else {
        Err("an ISO 3166 code such as PL is wanted".into())
    }
}

/// `field=text` words as a form.
fn form(words: &[String]) -> Result<Form, Failure> {
    let mut form = Form::new();
    for word in words {
        let (field, text) = word.split_once('=').ok_or_else(|| {
            Error::input("a value without its field").hint("write FIELD=TEXT, such as family_name=Nowak")
        })?;
        if form.insert(field.trim().to_owned(), text.to_owned()).is_some() {
            return Err(Error::input(format!("the field `{field}` is given twice")).into());
        }
    }
    Ok(form)
}

/// One answer for each line, at once. A line that cannot be answered says why and ends nothing.
fn answer_lines(args: &MatchArgs, lookup: &Lookup) -> Result<u8, Failure> {
    tell!("ready: {} records of run {}", lookup.records(), lookup.run());
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut input = BufReader::new(std::io::stdin().lock());
    let mut times: Vec<Duration> = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = input.read_until(b'\n', &mut line);
        if read.map_err(|e| Error::environment(format!("standard input cannot be read: {e}")))? == 0 {
            break;
        }
        let started = Instant::now();
        let written = match answer(args, lookup, &line) {
            Ok(answer) => serde_json::to_writer(&mut out, &answer),
            Err(error) => serde_json::to_writer(&mut out, &error),
        };
        times.push(started.elapsed());
        let written =
            written.map_err(std::io::Error::from).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
        // A reader that has gone ends the conversation.
        if written.is_err() {
            output::written(written)?;
            break;
        }
    }
    if args.times {
        tell!("{}", summary(&mut times));
    }
    Ok(crate::DONE)
}

/// Why a line has no answer.
#[derive(serde::Serialize)]
struct Refused {
    error: String,
    hint: Option<String>,
}

fn answer(args: &MatchArgs, lookup: &Lookup, line: &[u8]) -> Result<Answer, Refused> {
    let form = line_form(line)?;
    lookup.find(&form, args.country.as_deref(), args.top, args.from.map(weight_of)).map_err(|error| {
        let hint = error.help().map(String::from);
        Refused { error: error.to_string(), hint }
    })
}

/// A line as a form: a field that is null is not given.
fn line_form(line: &[u8]) -> Result<Form, Refused> {
    let Fields(fields) = serde_json::from_slice(line).map_err(|e| Refused {
        error: format!("not an object of texts: column {}", e.column()),
        hint: Some("write {\"family_name\": \"Nowak\", \"phone\": \"601222333\"}".into()),
    })?;
    let mut seen = BTreeSet::new();
    if let Some((twice, _)) = fields.iter().find(|(field, _)| !seen.insert(field)) {
        let error = format!("the field `{}` is given twice", zlato_review::text::visible(twice, 60));
        return Err(Refused { error, hint: Some("which of the two is meant cannot be known: give it once".into()) });
    }
    Ok(fields.into_iter().filter_map(|(field, text)| Some((field, text?))).collect())
}

/// The fields of an object in their order, one that is there twice included.
struct Fields(Vec<(String, Option<String>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields;
            fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                to.write_str("an object of texts")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields, M::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        from.deserialize_map(Object)
    }
}

fn summary(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |share: f64| {
        let place = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, |t| t.as_secs_f64() * 1e3)
    };
    format!(
        "{} answers: median {:.2} ms, 99th percentile {:.2} ms, longest {:.2} ms",
        times.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    )
}

fn table(answer: &Answer) -> String {
    let mut out = String::new();
    let mut values = drawn();
    values.set_header(["field", "standard form", "verdict"]);
    for value in &answer.values {
        let shown = value.standard.as_deref().map_or_else(|| "-".into(), |s| zlato_review::text::visible(s, 60));
        let mut verdict = value.verdict.clone();
        if let Some(reason) = &value.reason {
            verdict.push_str(&format!(" ({reason})"));
        }
        if let Some(suggestion) = &value.suggestion {
            verdict.push_str(&format!(", meant: {}", zlato_review::text::visible(suggestion, 60)));
        }
        values.add_row([value.field.clone(), shown, verdict]);
    }
    out.push_str(&format!("{values}\n"));
    if !answer.ignored.is_empty() {
        out.push_str(&format!("Not a field of this run's sources: {}\n", answer.ignored.join(", ")));
    }
    let meaning = match answer.verdict {
        "match" => "One customer is meant.",
        "several" => "Several customers are alike: they may be one person.",
        "review" => "Someone comes near, but not near enough to be sure.",
        _ => "Nobody comes near: a new customer.",
    };
    out.push_str(&format!("\n{meaning} (run {})\n", answer.run));
    if !answer.candidates.is_empty() {
        let mut table = drawn();
        table.set_header(["golden id", "kind", "band", "weight", "probability", "records", "best record", "agrees in"]);
        for candidate in &answer.candidates {
            let agrees = candidate.compared.iter().filter(|c| c.weight > 0.0);
            let agrees: Vec<String> = agrees.map(|c| format!("{}: {}", c.comparison, c.level)).collect();
            table.add_row([
                candidate.golden_id.clone(),
                candidate.kind.clone(),
                candidate.band.into(),
                format!("{:.2}", candidate.weight),
                format!("{:.6}", candidate.probability),
                candidate.records.len().to_string(),
                zlato_review::text::visible(&candidate.record, 40),
                agrees.join("\n"),
            ]);
        }
        out.push_str(&format!("{table}\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_null_is_nothing_and_a_field_given_twice_is_refused() {
        let form = line_form(br#"{"email": null, "family_name": "Nowak", "phone": ""}"#);
        let form = form.ok().unwrap();
        assert_eq!(form, Form::from([("family_name".into(), "Nowak".into()), ("phone".into(), String::new())]));
        for twice in [r#"{"phone": "1", "phone": "2"}"#, r#"{"phone": null, "phone": "2"}"#] {
            let refused = line_form(twice.as_bytes()).err().unwrap();
            assert_eq!(refused.error, "the field `phone` is given twice");
        }
        for wrong in ["", "[]", r#"{"phone": 1}"#, r#"{"phone": "1"} x"#] {
            let refused = line_form(wrong.as_bytes()).err().unwrap();
            assert!(refused.error.starts_with("not an object of texts"), "{wrong}: {}", refused.error);
        }
    }
}
