//! `zlato demo`. Enters: how many people, nights and where to. Leaves: a folder of made-up exports, or of nights of them.
//! Never here: files of somebody else written over unasked.

use crate::args::DemoArgs;
use crate::demo::nights::{self, NightSummary, NightsOptions};
use crate::demo::{DemoOptions, generate};
use crate::messages::Failure;
use crate::output::tell;
use crate::units::{count, duration};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;
use std::time::Instant;
use zlato_engine::error::Error;

/// What a demo has and no export does.
const TRUTH: [&str; 3] = ["truth.csv", "truth_people.csv", "truth_broken.csv"];

pub fn demo(args: &DemoArgs) -> Result<u8, Failure> {
    if !args.force {
        vacant(&args.out)?;
    }
    let started = Instant::now();
    let all = args.customers.saturating_mul(u64::from(args.nights));
    let bar = if args.quiet { ProgressBar::hidden() } else { ProgressBar::new(all) };
    let template = "{bar:28.yellow} {human_pos}/{human_len} customers  {eta} left";
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut options = DemoOptions::new(args.customers, args.seed, args.out.clone());
    options.as_of = args.as_of;
    if args.nights > 1 {
        return several(args, options, &bar, started);
    }
    let summary = generate(&options, &mut |done| bar.set_position(done)).map_err(|e| Failure::Other(e.to_string()))?;
    bar.finish_and_clear();
    if !args.quiet {
        for file in &summary.files {
            tell!("{:>26}  {:>12} rows", file.file, count(file.rows));
        }
        tell!(
            "{} customers in {} to {}",
            count(args.customers),
            duration(started.elapsed().as_secs_f64()),
            args.out.display()
        );
        tell!("Run them with: zlato run --input {} --as-of {}", args.out.display(), args.as_of);
    }
    Ok(crate::DONE)
}

/// Refuses a folder that holds what no demo has made: names as crm.csv are those of real exports.
fn vacant(folder: &Path) -> Result<(), Failure> {
    let Ok(mut entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let empty = entries.all(|e| e.is_ok_and(|e| e.file_name().to_string_lossy().starts_with('.')));
    let demo = |folder: &Path| TRUTH.iter().all(|file| folder.join(file).is_file());
    if empty || demo(folder) || demo(&folder.join("night-01")) {
        return Ok(());
    }
    let error = Error::input(format!("{} is not empty, and no earlier demo", folder.display()));
    Err(error.hint("name another folder, or write over files of the same names with --force").into())
}

fn several(args: &DemoArgs, demo: DemoOptions, bar: &ProgressBar, started: Instant) -> Result<u8, Failure> {
    let options =
        NightsOptions { demo, nights: args.nights, broken_feed: args.broken_feed, schema_change: args.schema_change };
    let progress = &mut |nights: u32, done: u64| bar.set_position(u64::from(nights) * args.customers + done);
    let nights = nights::generate(&options, progress).map_err(|e| Failure::Other(e.to_string()))?;
    bar.finish_and_clear();
    if !args.quiet {
        nights.iter().for_each(tell);
        tell!(
            "{} nights of {} customers in {} to {}",
            args.nights,
            count(args.customers),
            duration(started.elapsed().as_secs_f64()),
            args.out.display()
        );
        if let Some(first) = nights.first() {
            tell!("Run them one after the other: zlato run --input {} --as-of {}", first.folder.display(), first.day);
        }
    }
    Ok(crate::DONE)
}

fn tell(night: &NightSummary) {
    let rows: u64 = night.files.iter().map(|file| file.rows).sum();
    let name = night.folder.file_name().unwrap_or_default().to_string_lossy();
    tell!("{name:>10}  {}  {:>12} rows  {:>10} changes", night.day, count(rows), count(night.changes));
}
