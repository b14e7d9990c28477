//! Enters: how many nights. Leaves: a folder of source files for each, all of one population that lives on.
//! Each night is made from the first one anew, block by block: a block's rows depend on seed, block and night alone.
//! Never here: the clock; a table of all people or rows (what opened since the first night waits in memory, no more).

mod clerks;
mod fates;
mod feed;
mod happenings;
mod life;
mod log;
#[cfg(test)]
mod tests;
mod vendor;
mod window;

use super::lists::Lists;
use super::people::Population;
use super::sources::{Export, Names, WEBSHOP};
use super::{DemoError, DemoOptions, FileSummary, broken_share, key_space};
use chrono::{Days, NaiveDate};
use feed::{Breakage, Files};
use life::Life;
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use window::Window;

/// How the CRM's export fails on the night of the broken feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum BrokenFeed {
    /// The transfer ended after a third of the rows, in the middle of one
    Truncated,
    /// All rows stand in the file twice
    Repeated,
    /// Written in UTF-8 instead of Windows-1250
    Encoding,
}

/// What became of the web shop's columns on the night of the schema change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SchemaChange {
    /// A column was put in and the values stayed where they were: each stands under its neighbour's name
    Shifted,
    /// First and last name, street and city changed places
    Swapped,
    /// E-mail and phone have other names
    Renamed,
}

/// What to make.
#[derive(Debug, Clone)]
pub struct NightsOptions {
    /// The first night; `as_of` is its day.
    pub demo: DemoOptions,
    pub nights: u32,
    pub broken_feed: BrokenFeed,
    pub schema_change: SchemaChange,
}

/// What was made for one night.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NightSummary {
    pub folder: PathBuf,
    pub day: NaiveDate,
    pub files: Vec<FileSummary>,
    /// Lines in `changes.ndjson`.
    pub changes: u64,
}

/// Threads that make rows; the caller's thread writes them.
const MAKERS: u64 = 2;

const SHIFTED: Names = &[
    ("customer_id", 0),
    ("title", 1),
    ("email", 2),
    ("first_name", 3),
    ("last_name", 4),
    ("phone", 5),
    ("birthday", 6),
    ("street", 7),
    ("postcode", 8),
    ("city", 9),
    ("country", 10),
    ("newsletter", 11),
    ("created_at", 12),
    ("updated_at", 12),
];
const SWAPPED: Names = &[
    ("customer_id", 0),
    ("email", 1),
    ("first_name", 3),
    ("last_name", 2),
    ("phone", 4),
    ("birthday", 5),
    ("street", 8),
    ("postcode", 7),
    ("city", 6),
    ("country", 9),
    ("newsletter", 10),
    ("created_at", 11),
    ("updated_at", 12),
];
const RENAMED: Names = &[
    ("customer_id", 0),
    ("mail_address", 1),
    ("first_name", 2),
    ("last_name", 3),
    ("mobile", 4),
    ("birthday", 5),
    ("street", 6),
    ("postcode", 7),
    ("city", 8),
    ("country", 9),
    ("newsletter", 10),
    ("created_at", 11),
    ("updated_at", 12),
];

/// Makes all nights; `progress` hears the nights done and the customers of this one written so far.
pub fn generate(options: &NightsOptions, progress: &mut dyn FnMut(u32, u64)) -> Result<Vec<NightSummary>, DemoError> {
    let demo = &options.demo;
    let lists = Lists::embedded()?;
    let newcomers = life::newcomers(&lists.rates, demo.customers, options.nights);
    let population =
        Population { lists: &lists, seed: demo.seed, as_of: demo.as_of, customers: demo.customers, newcomers };
    let (entering, correcting) = (lists.rates.entering(), lists.rates.correcting());
    let life = Life {
        population: &population,
        rates: &lists.rates,
        entering: &entering,
        correcting: &correcting,
        key_space: key_space(demo.customers),
    };
    let broken = broken_share(&lists, demo.customers);
    let mut summaries: Vec<NightSummary> = Vec::new();
    for night in 1..=options.nights {
        let before = summaries.last().map_or(&[][..], |s| &s.files);
        let (breakage, export) = weather(options, &lists, night, before);
        let day = demo.as_of.checked_add_days(Days::new(u64::from(night - 1))).unwrap_or(demo.as_of);
        let folder = demo.out.join(folder_name(night, options.nights));
        let mut files = Files::create(&folder, demo.seed, broken, breakage)?;
        if let Some((kind, source, how)) = news(options, &lists, night) {
            files.announce(night, day, kind, source, how).map_err(|e| failed(&folder, e))?;
        }
        one_night(&life, night, &export, &mut files, &mut |customers| progress(night - 1, customers))
            .map_err(|e| failed(&folder, e))?;
        let (files, changes) = files.finish().map_err(|e| failed(&folder, e))?;
        summaries.push(NightSummary { folder, day, files, changes });
    }
    Ok(summaries)
}

fn failed(folder: &std::path::Path, source: std::io::Error) -> DemoError {
    DemoError::Write { path: folder.to_owned(), source }
}

/// `night-01` and so on; as many digits as the last night needs.
fn folder_name(night: u32, nights: u32) -> String {
    let width = nights.to_string().len().max(2);
    format!("night-{night:0width$}")
}

/// What is broken tonight. A truncated file ends after a third of the rows that it had the night before.
fn weather(options: &NightsOptions, lists: &Lists, night: u32, before: &[FileSummary]) -> (Breakage, Export) {
    let (mut breakage, mut export) = (Breakage::None, Export::default());
    if night == lists.rates.nights.broken_feed {
        let crm = before.first().map_or(0, |file| file.rows);
        match options.broken_feed {
            BrokenFeed::Truncated => breakage = Breakage::Truncated { rows: crm / 3 },
            BrokenFeed::Repeated => breakage = Breakage::Repeated,
            BrokenFeed::Encoding => export.crm_in_utf8 = true,
        }
    }
    if night == lists.rates.nights.schema_change {
        export.webshop = match options.schema_change {
            SchemaChange::Shifted => SHIFTED,
            SchemaChange::Swapped => SWAPPED,
            SchemaChange::Renamed => RENAMED,
        };
    }
    debug_assert_eq!(WEBSHOP.len(), RENAMED.len());
    (breakage, export)
}

/// What happens to a whole file tonight: kind, source, how.
fn news(options: &NightsOptions, lists: &Lists, night: u32) -> Option<(&'static str, &'static str, &'static str)> {
    let rates = &lists.rates.nights;
    if night == rates.broken_feed {
        let how = match options.broken_feed {
            BrokenFeed::Truncated => "truncated",
            BrokenFeed::Repeated => "repeated",
            BrokenFeed::Encoding => "encoding",
        };
        return Some(("broken_feed", "crm", how));
    }
    if night == rates.schema_change {
        let how = match options.schema_change {
            SchemaChange::Shifted => "shifted",
            SchemaChange::Swapped => "swapped",
            SchemaChange::Renamed => "renamed",
        };
        return Some(("schema_change", "webshop", how));
    }
    (night == rates.vendor_refresh).then_some(("vendor_refresh", "profiles_lifestyle", "replaced"))
}

/// Makes the windows of a night on several threads and writes them in order.
fn one_night(
    life: &Life<'_>,
    night: u32,
    export: &Export,
    files: &mut Files,
    progress: &mut dyn FnMut(u64),
) -> std::io::Result<()> {
    let windows = window::count(life.population);
    std::thread::scope(|scope| {
        let makers: Vec<_> = (0..MAKERS)
            .map(|maker| {
                let (send, receive) = sync_channel(2);
                scope.spawn(move || {
                    for number in (maker..windows).step_by(MAKERS as usize) {
                        // The writer is gone only when writing failed.
                        if send.send(Window::make(life, number, night, export)).is_err() {
                            return;
                        }
                    }
                });
                receive
            })
            .collect();
        let mut customers = 0;
        for maker in makers.iter().cycle() {
            let Ok(window) = maker.recv() else { break };
            customers += window.customers;
            files.write(window)?;
            progress(customers);
        }
        Ok(())
    })
}
