//! `zlato suppress`: the list of people who must not be reached. Values are brought to standard form, hashed with the
//! list's key and forgotten.

use crate::ask;
use crate::messages::Failure;
use crate::suppress_args::{
    AddArgs, CheckPersonArgs, ImportArgs, ListArgs, RemoveArgs, ScopeName, SuppressArgs, SuppressCommand, Values,
};
use clap::ValueEnum;
use rand::TryRng;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use zlato_core::contacts::{Contacts, NameInput};
use zlato_core::suppression::{Entry, Key, Name, Row, Scope, Withdrawal, keys_of_entry};
use zlato_engine::lock::Lock;
use zlato_engine::read::{self, ReadOptions, RowBatch};
use zlato_engine::rulebook::{self, ValueRules};
use zlato_engine::suppression;
use zlato_review::text::visible;

pub fn suppress(args: &SuppressArgs) -> Result<u8, Failure> {
    match &args.command {
        SuppressCommand::Init(args) => init(&args.out),
        SuppressCommand::Add(args) => add(args),
        SuppressCommand::Import(args) => import(args),
        SuppressCommand::Check(args) => check(args),
        SuppressCommand::List(args) => list(args),
        SuppressCommand::Remove(args) => remove(args),
    }
}

/// The key of an output folder; made from the system's randomness where there is none.
pub fn key(out: &Path) -> Result<(Key, bool), Failure> {
    let mut random = [0u8; 32];
    let filled = rand::rngs::SysRng.try_fill_bytes(&mut random);
    filled.map_err(|_| Failure::Other("the system gives no random bytes for a key".into()))?;
    Ok(suppression::open_key(out, random)?)
}

fn init(out: &Path) -> Result<u8, Failure> {
    let (_, new) = key(out)?;
    let path = suppression::key_path(out).display().to_string();
    ask::say(&if new {
        format!(
            "Made {path}. Keep a copy where the list is not: without the key no run starts, and with it the list can be tried out.\n"
        )
    } else {
        format!("{path} is there already; nothing was changed.\n")
    })?;
    Ok(crate::DONE)
}

/// Rules that judge the values: of a folder, or what is built in.
fn values(rules: Option<&Path>) -> Result<ValueRules, Failure> {
    let shipped = Path::new("rules");
    let folder = rules.or_else(|| shipped.join("contacts.toml").is_file().then_some(shipped));
    rulebook::load_values(folder).map_err(|e| ask::in_rules(folder.unwrap_or(shipped), e))
}

/// Hashes of what was typed; fails where nothing usable was.
fn hashes(
    typed: &Values,
    rules: &ValueRules,
    contacts: &Contacts,
    key: &Key,
) -> Result<BTreeSet<(zlato_core::suppression::What, u128)>, String> {
    let country = typed.country.as_ref();
    let country = country.map(|c| rules.addresses.country_named(c).unwrap_or_else(|| c.to_ascii_uppercase()));
    let country = country.as_deref();
    let wrong = |what: &str| format!("the {what} is none that could be anybody's");
    let email = typed.email.as_deref().map(|raw| {
        let email = contacts.email(raw);
        email.key.filter(|_| email.assessment.usable()).ok_or_else(|| wrong("e-mail address"))
    });
    let phone = typed.phone.as_deref().map(|raw| {
        let phone = contacts.phone(raw, country);
        let help = "telephone number (a national one needs a country)";
        phone.key.filter(|_| phone.assessment.usable()).ok_or_else(|| wrong(help))
    });
    let id = typed.national_id.as_deref().map(|raw| {
        let id = contacts.national_id(raw, country);
        id.standard.filter(|_| id.assessment.usable()).ok_or_else(|| wrong("national id"))
    });
    let birth = typed.birth_date.as_deref().map(|raw| {
        let date = contacts.date(raw);
        date.standard.filter(|_| date.assessment.usable()).ok_or_else(|| wrong("birth date"))
    });
    let (email, phone, id, birth) = (email.transpose()?, phone.transpose()?, id.transpose()?, birth.transpose()?);
    let name = contacts.person_name(&NameInput {
        given_name: typed.given_name.as_deref(),
        family_name: typed.family_name.as_deref(),
        country,
        ..NameInput::default()
    });
    let row = Row {
        emails: email.iter().map(String::as_str).collect(),
        phones: phone.iter().map(String::as_str).collect(),
        national_ids: id.iter().map(String::as_str).collect(),
        name: Name {
            given: name.given_name_key.as_deref(),
            given_root: name.given_name_root.as_deref(),
            family: name.family_name_key.as_deref(),
            family_root: name.family_name_root.as_deref(),
        },
        birth_date: birth.as_deref(),
        postal_code: typed.postal_code.as_deref(),
        ..Row::default()
    };
    let hashes = keys_of_entry(&row, key);
    if hashes.is_empty() {
        return Err(
            "nothing names anybody: give an e-mail address, a number, an id, or both names with a birth date".into()
        );
    }
    Ok(hashes)
}

fn add(args: &AddArgs) -> Result<u8, Failure> {
    let rules = values(args.rules.as_deref())?;
    let contacts = Contacts::new(&rules.contacts);
    check_purposes(&args.purpose).map_err(Failure::Other)?;
    let _lock = Lock::take(&args.out)?;
    let (key, _) = key(&args.out)?;
    let hashes = hashes(&args.values, &rules, &contacts, &key).map_err(Failure::Other)?;
    let day = args.on.unwrap_or_else(|| chrono::Local::now().date_naive());
    let entry = Entry::new(args.scope.into(), args.purpose.clone(), day, &hashes);
    let new = suppression::append(&args.out, std::slice::from_ref(&entry), &key)?;
    let said = if new > 0 { "Added" } else { "Already there:" };
    ask::say(&format!("{said} {} ({}); it holds from the next run on.\n", entry.id, entry.scope.as_str()))?;
    Ok(crate::DONE)
}

fn check_purposes(purposes: &[String]) -> Result<(), String> {
    let fits = |p: &String| p.strip_prefix("dpv:").is_some_and(|t| t.starts_with(|c: char| c.is_ascii_uppercase()));
    if purposes.iter().all(fits) { Ok(()) } else { Err("a purpose is a W3C DPV term, as dpv:DirectMarketing".into()) }
}

/// Columns that an import reads.
const COLUMNS: [&str; 11] = [
    "email",
    "phone",
    "national_id",
    "given_name",
    "family_name",
    "birth_date",
    "postal_code",
    "country",
    "scope",
    "purpose",
    "day",
];

fn import(args: &ImportArgs) -> Result<u8, Failure> {
    let rules = values(args.rules.as_deref())?;
    let contacts = Contacts::new(&rules.contacts);
    let failed = |e: read::ReadError| Failure::Other(format!("{}: {e}", args.file.display()));
    let mut opened = read::open(&args.file, &ReadOptions::default()).map_err(failed)?;
    let columns: Vec<String> = opened.columns.iter().map(|c| c.trim().to_lowercase()).collect();
    if !columns.iter().any(|c| COLUMNS.contains(&c.as_str())) {
        let message = format!("{} has none of the columns {}", args.file.display(), COLUMNS.join(", "));
        return Err(Failure::Other(message));
    }
    let _lock = Lock::take(&args.out)?;
    let (key, _) = key(&args.out)?;
    let today = args.on.unwrap_or_else(|| chrono::Local::now().date_naive());
    let (mut entries, mut faults) = (Vec::new(), Vec::new());
    let mut batch = RowBatch::new();
    loop {
        let more = opened.next_rows(&mut batch).map_err(failed)?;
        for rejected in &batch.rejected {
            faults.push(format!("line {}: {}", rejected.line, rejected.reason));
        }
        for (row, line) in batch.lines.iter().enumerate() {
            let get = |name: &str| {
                let column = batch.columns.get(columns.iter().position(|c| c == name)?)?;
                column.get(row).map(str::trim).filter(|v| !v.is_empty()).map(String::from)
            };
            match entry(&get, args, &rules, &contacts, &key, today) {
                Ok(entry) => entries.push(entry),
                Err(fault) => faults.push(format!("line {line}: {fault}")),
            }
        }
        if !more {
            break;
        }
    }
    let new = suppression::append(&args.out, &entries, &key)?;
    let mut out = format!(
        "{} rows read, {new} entries added, {} were there already.\n",
        entries.len() + faults.len(),
        entries.len() - new
    );
    let unknown: Vec<&String> = columns.iter().filter(|c| !COLUMNS.contains(&c.as_str())).collect();
    if !unknown.is_empty() {
        let list: Vec<&str> = unknown.into_iter().map(String::as_str).collect();
        let _ = writeln!(out, "Columns passed over: {}", list.join(", "));
    }
    for fault in faults.iter().take(20) {
        let _ = writeln!(out, "  {fault}");
    }
    if faults.len() > 20 {
        let _ = writeln!(out, "  and {} more", faults.len() - 20);
    }
    ask::say(&out)?;
    Ok(if faults.is_empty() { crate::DONE } else { crate::FAILED })
}

fn entry(
    get: &impl Fn(&str) -> Option<String>,
    args: &ImportArgs,
    rules: &ValueRules,
    contacts: &Contacts,
    key: &Key,
    today: chrono::NaiveDate,
) -> Result<Entry, String> {
    let typed = Values {
        email: get("email"),
        phone: get("phone"),
        national_id: get("national_id"),
        given_name: get("given_name"),
        family_name: get("family_name"),
        birth_date: get("birth_date"),
        postal_code: get("postal_code"),
        country: get("country").or_else(|| args.country.clone()),
    };
    let scope = match get("scope") {
        None => args.scope,
        Some(word) => ScopeName::from_str(&word, true).map_err(|_| "the scope is all, email, phone, sms or post")?,
    };
    let purposes: Vec<String> = get("purpose")
        .map_or_else(Vec::new, |p| p.split([' ', '|', ',']).filter(|p| !p.is_empty()).map(String::from).collect());
    check_purposes(&purposes)?;
    let day = match get("day") {
        None => today,
        Some(text) => text.parse().map_err(|_| "a day is written YYYY-MM-DD")?,
    };
    Ok(Entry::new(scope.into(), purposes, day, &hashes(&typed, rules, contacts, key)?))
}

fn check(args: &CheckPersonArgs) -> Result<u8, Failure> {
    let found = suppression::read(&args.out)?;
    let rules = values(args.rules.as_deref())?;
    let contacts = Contacts::new(&rules.contacts);
    let Some(key) = suppression::key(&args.out)?.filter(|_| found.record.is_some()) else {
        ask::say("There is no list: nobody is on it.\n")?;
        return Ok(crate::DONE);
    };
    let typed = hashes(&args.values, &rules, &contacts, &key).map_err(Failure::Other)?;
    let typed: BTreeSet<String> = typed.into_iter().map(|(_, hash)| format!("{hash:032x}")).collect();
    let drawn: Vec<&Entry> =
        found.list.entries().filter(|e| e.keys.values().flatten().any(|hash| typed.contains(hash))).collect();
    let mut out = String::new();
    if drawn.is_empty() {
        out.push_str("Not on the list.\n");
    }
    for entry in drawn {
        let _ = writeln!(out, "{}", shown(entry));
    }
    ask::say(&out)?;
    Ok(crate::DONE)
}

fn shown(entry: &Entry) -> String {
    let kinds: Vec<&str> = entry.keys.keys().map(|what| what.as_str()).collect();
    let what =
        if entry.scope == Scope::Erased { "erased".to_string() } else { format!("forbids {}", entry.scope.as_str()) };
    let purposes =
        if entry.purposes.is_empty() { String::new() } else { format!(" for {}", entry.purposes.join(", ")) };
    format!("{}  {what}{purposes} since {}  (by {})", entry.id, entry.day, kinds.join(", "))
}

fn list(args: &ListArgs) -> Result<u8, Failure> {
    let found = suppression::read(&args.out)?;
    let mut out = String::new();
    let withdrawn = found.list.withdrawn().iter().filter(|_| args.all).map(|(entry, w)| (entry, Some(w)));
    for (entry, withdrawal) in withdrawn.chain(found.list.entries().map(|e| (e, None))) {
        if args.json {
            let keys: std::collections::BTreeMap<&str, usize> =
                entry.keys.iter().map(|(what, hashes)| (what.as_str(), hashes.len())).collect();
            let mut line = serde_json::json!({
                "id": entry.id, "scope": entry.scope.as_str(), "purposes": entry.purposes, "day": entry.day, "keys": keys,
            });
            if let (Some(w), Some(object)) = (withdrawal, line.as_object_mut()) {
                let taken_back = serde_json::json!({ "day": w.day, "by": w.by, "why": w.why });
                object.insert("withdrawn".into(), taken_back);
            }
            let _ = writeln!(out, "{line}");
        } else {
            let _ = write!(out, "{}", shown(entry));
            let _ = match withdrawal {
                Some(w) => {
                    let (by, why) = (visible(&w.by, 60), visible(&w.why, 120));
                    writeln!(out, "  taken back on {} by {by}: {why}", visible(&w.day, 10))
                }
                None => writeln!(out),
            };
        }
    }
    if out.is_empty() && !args.json {
        out.push_str("The list is empty.\n");
    }
    ask::say(&out)?;
    Ok(crate::DONE)
}

/// A run of so many digits may be a number of somebody's.
const TELLING_DIGITS: usize = 6;

fn remove(args: &RemoveArgs) -> Result<u8, Failure> {
    for text in [&args.steward, &args.reason] {
        let digits =
            text.split(|c: char| c.is_alphabetic()).map(|part| part.chars().filter(char::is_ascii_digit).count());
        if text.trim().is_empty() {
            return Err(Failure::Other("say who takes the entry back, and why".into()));
        }
        if text.contains('@') || digits.max().unwrap_or(0) >= TELLING_DIGITS {
            let message = "the reason is kept for good: it holds no e-mail address and no long number";
            return Err(Failure::Other(message.into()));
        }
    }
    let _lock = Lock::take(&args.out)?;
    let withdrawal = Withdrawal {
        withdraws: args.id.trim().to_lowercase(),
        day: args.on.unwrap_or_else(|| chrono::Local::now().date_naive()).to_string(),
        by: args.steward.trim().into(),
        why: args.reason.trim().into(),
    };
    let entry = suppression::withdraw(&args.out, &withdrawal, args.lift_erasure)?;
    let now = match entry.scope {
        Scope::Erased => "rows of the person are read again",
        _ => "what the person chose counts again",
    };
    ask::say(&format!("Taken back: {}\nFrom the next run on {now}.\n", shown(&entry)))?;
    Ok(crate::DONE)
}
