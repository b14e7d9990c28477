//! `zlato try KIND`: what the pipeline makes of single values, given or piped in. Enters: values, or a value a line of
//! standard input. Leaves: a table for people, or one JSON object a value. Never reads sources, never writes files.

use crate::args::{TryArgs, TryFormat};
use crate::messages::Failure;
use crate::tables::drawn;
use comfy_table::{Cell, Color};
use std::collections::BTreeMap;
use std::io::{BufRead, BufWriter, IsTerminal, Write};
use zlato_core::contacts::{Contacts, national_id};
use zlato_core::rules::contacts::NationalIdRules;
use zlato_core::tried::{ENCODING, Judges, Kind, Part, Tried, not_utf8};
use zlato_core::value::Verdict;
use zlato_engine::error::Error;
use zlato_engine::rulebook;
use zlato_review::text::visible;

/// Characters of a value in a table.
const SHOWN: usize = 60;
/// Rows of one table: a longer stream is drawn in several.
const ROWS: usize = 500;

pub fn try_values(args: &TryArgs) -> Result<u8, Failure> {
    let folder = match &args.rules {
        Some(folder) => Some(folder.clone()),
        None => Some(std::path::PathBuf::from("rules")).filter(|f| f.is_dir()),
    };
    let mut book = rulebook::load_values(folder.as_deref())
        .map_err(|error| crate::ask::in_rules(folder.as_deref().unwrap_or("rules".as_ref()), error))?;
    let kind = Kind::from(args.kind);
    if !args.scheme.is_empty() {
        book.contacts.national_id = NationalIdRules::only(schemes(kind, &args.scheme)?);
    }
    let piped = args.values.is_empty() && !std::io::stdin().is_terminal();
    if args.values.is_empty() && !piped {
        let error = Error::input("there is no value to try");
        let hint =
            format!("give values, as `zlato try {} VALUE`, or `-` to read one a line from standard input", kind.name());
        return Err(error.hint(hint).into());
    }
    let country = args.country.as_deref().map(|c| country(&book.addresses, c)).transpose()?;
    let contacts = Contacts::new(&book.contacts);
    let judges = Judges {
        contacts: &contacts,
        addresses: &book.addresses,
        country: country.as_deref(),
        as_of: args.as_of.unwrap_or_else(|| chrono::Local::now().date_naive()),
    };
    let stream = piped || args.values.iter().any(|v| v == "-");
    let format = args.format.unwrap_or(if stream { TryFormat::Ndjson } else { TryFormat::Table });
    let mut out =
        Answers { kind, format, out: BufWriter::with_capacity(1 << 16, std::io::stdout().lock()), rows: Vec::new() };
    match answer_all(args, piped, kind, &judges, &mut out) {
        Ok(()) => Ok(crate::DONE),
        Err(Stop::Output(error)) => crate::output::written(Err(error)).map(|()| crate::DONE),
        Err(Stop::Input(error)) => Err(Error::environment(format!("standard input cannot be read: {error}")).into()),
    }
}

enum Stop {
    Output(std::io::Error),
    Input(std::io::Error),
}

fn answer_all(
    args: &TryArgs,
    piped: bool,
    kind: Kind,
    judges: &Judges<'_>,
    out: &mut Answers<impl Write>,
) -> Result<(), Stop> {
    let dash = ["-".to_owned()];
    for value in if piped { dash.as_slice() } else { &args.values } {
        if value == "-" {
            lines(kind, judges, out)?;
        } else {
            out.add(judges.judge(kind, value)).map_err(Stop::Output)?;
        }
    }
    out.finish().map_err(Stop::Output)
}

/// One answer for each line, whatever its bytes are; the last one needs no line end.
fn lines(kind: Kind, judges: &Judges<'_>, out: &mut Answers<impl Write>) -> Result<(), Stop> {
    let mut input = std::io::BufReader::with_capacity(1 << 16, std::io::stdin().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(Stop::Input)? == 0 {
            return Ok(());
        }
        let bytes = line.strip_suffix(b"\n").unwrap_or(&line);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let tried = match std::str::from_utf8(bytes) {
            Ok(text) => judges.judge(kind, text),
            Err(_) => not_utf8(kind, String::from_utf8_lossy(bytes).into_owned(), judges),
        };
        out.add(tried).map_err(Stop::Output)?;
        // Someone types, or waits for the answer to send the next line.
        if input.buffer().is_empty() {
            out.pause().map_err(Stop::Output)?;
        }
    }
}

/// Where answers go.
struct Answers<W: Write> {
    kind: Kind,
    format: TryFormat,
    out: W,
    rows: Vec<Tried>,
}

impl<W: Write> Answers<W> {
    fn add(&mut self, tried: Tried) -> std::io::Result<()> {
        if self.format == TryFormat::Ndjson {
            serde_json::to_writer(&mut self.out, &tried)?;
            return self.out.write_all(b"\n");
        }
        self.rows.push(tried);
        if self.rows.len() >= ROWS { self.draw() } else { Ok(()) }
    }

    /// No further input for now.
    fn pause(&mut self) -> std::io::Result<()> {
        if self.format == TryFormat::Ndjson { self.out.flush() } else { Ok(()) }
    }

    fn finish(&mut self) -> std::io::Result<()> {
        self.draw()?;
        self.out.flush()
    }

    fn draw(&mut self) -> std::io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.rows);
        self.out.write_all(table(&rows).as_bytes())?;
        self.out.write_all(legend(self.kind, &rows).as_bytes())
    }
}

fn table(rows: &[Tried]) -> String {
    let mut table = drawn();
    // Rows of many lines need a line between them.
    table.load_preset(comfy_table::presets::UTF8_FULL);
    table.set_header(["value", "standard form", "verdict", "parts", "match keys"]);
    for tried in rows {
        let verdict = tried.verdict.as_str();
        let mut words = vec![verdict.to_owned()];
        words.extend(tried.reason.map(String::from));
        words.extend(tried.suggestion.as_deref().map(|s| format!("meant: {}", visible(s, SHOWN))));
        let colour = match tried.verdict {
            Verdict::Valid => Color::Green,
            Verdict::Corrected => Color::Cyan,
            Verdict::Suspect => Color::Yellow,
            Verdict::Invalid => Color::Red,
            Verdict::Missing => Color::DarkGrey,
        };
        table.add_row([
            Cell::new(visible(&tried.raw, SHOWN)),
            Cell::new(tried.standard.as_deref().map_or_else(|| "-".into(), |s| visible(s, SHOWN))),
            Cell::new(words.join("\n")).fg(colour),
            Cell::new(named(&tried.parts.0)),
            Cell::new(named(&tried.keys.0)),
        ]);
    }
    format!("{table}\n")
}

/// `name: value` lines of what is there.
fn named(parts: &[(&'static str, Part)]) -> String {
    let domain = parts.iter().find(|(name, _)| *name == "domain").map(|(_, part)| part);
    let shown = parts.iter().filter_map(|(name, part)| {
        if *name == "domain_unicode" && domain == Some(part) {
            return None;
        }
        let text = match part {
            Part::Nothing => return None,
            Part::Text(text) => visible(text, SHOWN),
            Part::Name(name) => (*name).to_owned(),
            Part::Number(number) => number.to_string(),
            Part::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            Part::List(list) if list.is_empty() => return None,
            Part::List(list) => list.iter().map(|t| visible(t, SHOWN)).collect::<Vec<_>>().join(", "),
        };
        Some(format!("{name}: {text}"))
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// What the reasons in the table mean, each once.
fn legend(kind: Kind, rows: &[Tried]) -> String {
    let known = kind.reasons().iter().chain(std::iter::once(&ENCODING));
    let meanings: BTreeMap<&str, &str> = known.copied().collect();
    let seen: std::collections::BTreeSet<&str> = rows.iter().filter_map(|r| r.reason).collect();
    seen.iter().filter_map(|code| meanings.get(code).map(|text| format!("{code}: {text}\n"))).collect()
}

/// Scheme names of the command line, full or short.
fn schemes(kind: Kind, given: &[String]) -> Result<Vec<&'static str>, Failure> {
    if kind != Kind::NationalId {
        let error = Error::input(format!("--scheme is for national-id, not for {}", kind.name()));
        return Err(error.hint("leave --scheme out").into());
    }
    let find = |name: &String| {
        national_id::scheme_named(name).ok_or_else(|| {
            let near = zlato_core::rules::suggest(name, national_id::scheme_names());
            let all: Vec<&str> = national_id::scheme_names().collect();
            let hint = near.map_or_else(|| format!("schemes: {}", all.join(", ")), |n| format!("did you mean `{n}`?"));
            Error::input(format!("there is no scheme `{}`", visible(name, SHOWN))).hint(hint).into()
        })
    };
    given.iter().map(find).collect()
}

/// ISO code of a country given as code or name.
fn country(addresses: &zlato_core::addresses::Addresses, given: &str) -> Result<String, Failure> {
    let upper = given.trim().to_uppercase();
    if zlato_core::rules::known::is_country(&upper) {
        return Ok(upper);
    }
    addresses.country_named(given).ok_or_else(|| {
        let error = Error::input(format!("there is no country `{}`", visible(given, SHOWN)));
        error.hint("give its ISO 3166 code of two letters, such as PL").into()
    })
}
