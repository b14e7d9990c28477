//! `zlato erase`: a person out of everything under the output folder (GDPR Art. 17).

use crate::ask;
use crate::messages::Failure;
use crate::person_args::EraseArgs;
use crate::suppress;
use std::fmt::Write;
use zlato_engine::erase::{self, Asked, Order};
use zlato_engine::person;

pub fn erase(args: &EraseArgs) -> Result<u8, Failure> {
    let limits = ask::limits(None, None);
    let reporter = zlato_review::HtmlReport::default();
    let runtime = ask::runtime(limits.threads)?;
    let done = match args.resume {
        true => runtime.block_on(erase::resume(&args.out, limits, &reporter))?,
        false => {
            if args.person.is_nobody() {
                let what =
                    "name a person by golden id, --source, --email, --phone or --national-id, or finish with --resume";
                return Err(Failure::Other(what.into()));
            }
            let who = args.person.who(args.country.as_ref())?;
            let mut done = match args.dry_run || Order::pending(&args.out)?.is_empty() {
                true => vec![],
                false => runtime.block_on(erase::resume(&args.out, limits, &reporter))?,
            };
            let found = match person::find(&args.out, &who) {
                // Asked for again after a crash: what was begun is finished now.
                Err(_) if !done.is_empty() => return say(&done, args.json),
                found => found?,
            };
            let now = chrono::Local::now();
            let asked = Asked {
                day: args.on.unwrap_or_else(|| now.date_naive()),
                at: now.to_rfc3339_opts(chrono::SecondsFormat::Secs, false),
                steward: args.steward.clone(),
                reason: args.reason.clone(),
            };
            if args.dry_run {
                // A key of its own: nothing of a trial is kept.
                let key = zlato_core::suppression::Key::new([0; 32]);
                let order = erase::plan(&args.out, &found, &asked, &key)?;
                return dry_run(&order, &found, args.json);
            }
            let (key, _) = suppress::key(&args.out)?;
            done.extend(runtime.block_on(erase::erase(&args.out, &found, &asked, &key, limits, &reporter))?);
            done
        }
    };
    say(&done, args.json)
}

fn say(done: &[erase::Done], json: bool) -> Result<u8, Failure> {
    if done.is_empty() {
        ask::say("There was nothing to finish.\n")?;
    }
    for (certificate, path) in done {
        if json {
            ask::say_json(certificate)?;
        } else {
            ask::say(&format!("{}\nWritten to {}\n", certificate.text(), path.display()))?;
        }
    }
    Ok(crate::DONE)
}

fn dry_run(order: &Order, found: &person::Found, json: bool) -> Result<u8, Failure> {
    let names: Vec<String> = order.names.iter().map(|(source, key)| format!("{source}:{key}")).collect();
    if json {
        let runs: Vec<serde_json::Value> = order
            .runs
            .iter()
            .map(|(run, wanted)| {
                serde_json::json!({
                    "run": run, "source_rows": wanted.record_ids.len(), "rejected_rows": wanted.quarantine.len(),
                    "golden_records": wanted.clusters.len(), "golden_records_changed": wanted.mixed.len(),
                })
            })
            .collect();
        ask::say_json(&serde_json::json!({
            "golden_id": found.golden_id, "records": names, "golden_ids": order.golden_ids, "runs": runs,
            "shared_contacts": order.shared_contacts,
        }))?;
        return Ok(crate::DONE);
    }
    let mut out = format!("{} would be erased; nothing was changed.\n\n", found.golden_id);
    let _ = writeln!(out, "Rows of sources: {}", names.join(", "));
    for (run, wanted) in order.runs.iter().filter(|(_, w)| !w.record_ids.is_empty() || !w.quarantine.is_empty()) {
        let _ = writeln!(
            out,
            "Run {run}: {} source rows, {} rejected rows, {} golden records; {} golden records of others would change",
            wanted.record_ids.len(),
            wanted.quarantine.len(),
            wanted.clusters.len(),
            wanted.mixed.len()
        );
    }
    if order.shared_contacts > 0 {
        let _ =
            writeln!(out, "{} contact(s) are other people's too, and stay in their records.", order.shared_contacts);
    }
    ask::say(&out)?;
    Ok(crate::DONE)
}
