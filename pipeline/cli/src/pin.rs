//! `zlato pin`: a steward's word on single fields of one customer, kept for every later run.

use crate::ask;
use crate::messages::Failure;
use crate::tables::drawn;
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;
use zlato_core::pin::Pin;
use zlato_engine::error::Error;
use zlato_engine::inspect::Inspection;
use zlato_engine::inspect::customer::Customer;
use zlato_engine::store::Store;
use zlato_engine::{catalog, pins, redirects};
use zlato_review::text::visible;

/// Characters of a value in a table.
const SHOWN: usize = 60;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  zlato pin ZP65D7DR5XVNC email=jan.kowalski@poczta.pl --until 2027-12-31 --steward \"A. Nowak\"
  zlato pin ZP65D7DR5XVNC address='ul. Długa 5 m. 2, 00-238 Warszawa' --country PL
  zlato pin ZP65D7DR5XVNC phone=                     nothing is right: the field stays empty
  zlato pin ZP65D7DR5XVNC --release email            the sources decide again
  zlato pin                                          the pins in force

A pin beats every rule of survivorship until its last day; what the sources say stays beside it in golden_fields. Pins
are kept in OUT/pins.jsonl, one JSON object a line, and follow the customer when golden records merge.")]
pub struct PinArgs {
    /// The golden record; without it the pins are listed
    pub golden_id: Option<String>,
    /// Golden fields with their values; nothing after `=` keeps the field empty
    #[arg(value_name = "FIELD=VALUE")]
    pub values: Vec<String>,
    /// Take back the pin of a field
    #[arg(long, value_name = "FIELD")]
    pub release: Vec<String>,
    /// Last day of the pins; until they are released without it
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<chrono::NaiveDate>,
    /// Who decided
    #[arg(long, value_name = "NAME")]
    pub steward: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Country, as ISO code of two letters, of values that do not tell theirs
    #[arg(long, value_name = "CODE", value_parser = crate::match_command::country)]
    pub country: Option<String>,
    /// Day of the decision; today without it
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub on: Option<chrono::NaiveDate>,
    /// Folder of runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Name of the run that has the golden record; the published one without it
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
}

pub fn pin(args: &PinArgs) -> Result<u8, Failure> {
    let on = args.on.unwrap_or_else(|| chrono::Local::now().date_naive());
    let Some(golden_id) = &args.golden_id else { return list(args, on) };
    if args.values.is_empty() && args.release.is_empty() {
        return Err(Error::input("nothing to pin").hint("give FIELD=VALUE, or --release FIELD").into());
    }
    if args.until.is_some_and(|until| until < on) {
        return Err(Error::input("the last day of the pin lies before the day of the decision").into());
    }
    let limits = ask::limits(None, None);
    let (customer, pins) = ask::runtime(limits.threads)?.block_on(async {
        let run = Inspection::open(&args.out, args.run.as_deref(), limits).await?;
        let customer = run.customer(golden_id).await?;
        let pins = decided(args, &run, &customer, on)?;
        Ok::<_, Failure>((customer, pins))
    })?;
    let path = pins::append(&args.out, &pins)?;
    let mut table = drawn();
    table.set_header(["field", "now", "from the next run on"]);
    for pin in pins.iter().filter(|pin| pin.field != "address_key") {
        let now = customer.values.get(&pin.field).map_or_else(|| "-".into(), |v| visible(v, SHOWN));
        let then = match (&pin.value, pin.released) {
            (_, true) => "what the sources say".into(),
            (Some(value), _) => visible(value, SHOWN),
            (None, _) => "empty".into(),
        };
        if pin.released || now != then {
            table.add_row([pin.field.clone(), now, then]);
        }
    }
    let until = args.until.map_or_else(|| "until released".into(), |until| format!("until {until}"));
    ask::say(&format!("{table}\nKept in {}, {until}.\n", path.display()))?;
    Ok(crate::DONE)
}

fn decided(args: &PinArgs, run: &Inspection, customer: &Customer, on: chrono::NaiveDate) -> Result<Vec<Pin>, Failure> {
    let pin = |field: &str, value: Option<String>, released: bool| Pin {
        golden_id: customer.golden_id.clone(),
        records: customer.records.clone(),
        field: field.into(),
        value,
        released,
        decided_on: on,
        until: args.until.filter(|_| !released),
        steward: args.steward.clone(),
        note: args.note.clone(),
    };
    let mut pins = Vec::new();
    let named = args.values.iter().filter_map(|word| word.split_once('=')).map(|(field, _)| field);
    let mut fields: Vec<&str> = named.chain(args.release.iter().map(String::as_str)).collect();
    fields.sort_unstable();
    if let Some([field, _]) = fields.windows(2).find(|two| two.first() == two.last()) {
        return Err(Error::input(format!("`{field}` is named twice")).hint("one word on each field").into());
    }
    for word in &args.values {
        let (field, raw) = word
            .split_once('=')
            .ok_or_else(|| Error::input("a value without its field").hint("write FIELD=VALUE, such as email=..."))?;
        let raw = Some(raw).filter(|raw| !raw.trim().is_empty());
        let judged = run.golden_value(field, raw, args.country.as_deref())?;
        if !judged.usable() {
            let reason = judged.assessment.reason.unwrap_or("not usable");
            let error =
                Error::input(format!("the value of `{field}` is {}: {reason}", judged.assessment.verdict.as_str()));
            let hint = match &judged.assessment.suggestion {
                Some(suggestion) => format!("perhaps {suggestion} is meant"),
                None if reason == "no_country" => "name its country with --country".into(),
                None => "`zlato try` says what each reason means".into(),
            };
            return Err(error.hint(hint).into());
        }
        pins.extend(judged.values.into_iter().map(|(field, value)| pin(&field, value, false)));
    }
    for field in &args.release {
        let judged = run.golden_value(field, None, None)?;
        pins.extend(judged.values.into_iter().map(|(field, _)| pin(&field, None, true)));
    }
    Ok(pins)
}

/// What pins in force are shown with where their customer is not in the published run.
const NOBODY: &str = "nobody: the pin waits";

fn list(args: &PinArgs, on: chrono::NaiveDate) -> Result<u8, Failure> {
    let pins = pins::read(&args.out)?;
    let pins: Vec<&Pin> = pins.iter().filter(|pin| pin.holds_on(on) && pin.field != "address_key").collect();
    if pins.is_empty() {
        ask::say("No pin is in force.\n")?;
        return Ok(crate::DONE);
    }
    let published = catalog::find(&args.out, None).ok();
    let store = published.map(|(_, folder)| Store::new(&folder, Arc::default()));
    let ids = pins.iter().map(|pin| pin.golden_id.as_str()).collect();
    let now = store.map(|store| redirects::now(&store, &ids)).transpose()?;
    let customer = |pin: &Pin| match now.as_ref().map(|now| now.get(&pin.golden_id)) {
        None => "-".into(),
        Some(None) => NOBODY.into(),
        Some(Some(ids)) => ids.iter().cloned().collect::<Vec<_>>().join(", "),
    };
    let mut table = drawn();
    table.set_header(["golden record", "now", "field", "value", "decided on", "until", "steward", "note"]);
    for pin in pins {
        table.add_row([
            pin.golden_id.clone(),
            customer(pin),
            visible(&pin.field, SHOWN),
            pin.value.as_deref().map_or_else(|| "(empty)".into(), |v| visible(v, SHOWN)),
            pin.decided_on.to_string(),
            pin.until.map_or_else(|| "until released".into(), |d| d.to_string()),
            visible(pin.steward.as_deref().unwrap_or(""), SHOWN),
            visible(pin.note.as_deref().unwrap_or(""), SHOWN),
        ]);
    }
    ask::say(&format!("{table}\n"))?;
    Ok(crate::DONE)
}
