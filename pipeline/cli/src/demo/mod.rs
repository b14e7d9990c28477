//! Enters: how many customers and a seed. Leaves: a folder of source files as companies have them, and the truth about them.
//! The same options give the same bytes. Never here: the clock; a table of all people (memory does not grow with their number).

mod contacts;
mod draw;
mod fields;
mod letters;
mod lists;
mod mistakes;
mod national_id;
pub mod nights;
mod output;
mod people;
mod rates;
mod rows;
mod side_rows;
mod sources;
#[cfg(test)]
mod tests;
mod truth;

use chrono::NaiveDate;
use draw::Draw;
use lists::Lists;
use output::{Chunk, Output};
use people::Population;
use rows::Desk;
use sources::SourceId;
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;

pub use output::FileSummary;

/// What to make.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// Customers as people; they have about 1.9 rows each in the customer sources.
    pub customers: u64,
    pub seed: u64,
    /// Folder that the files are written to; made if absent.
    pub out: PathBuf,
    /// The day on which the sources are exported; all dates lie before it.
    pub as_of: NaiveDate,
}

impl DemoOptions {
    /// Options with the usual day, 1 November 2026.
    pub fn new(customers: u64, seed: u64, out: PathBuf) -> Self {
        Self { customers, seed, out, as_of: NaiveDate::from_ymd_opt(2026, 11, 1).unwrap_or_default() }
    }
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoSummary {
    pub customers: u64,
    pub files: Vec<FileSummary>,
}

/// Why nothing, or not everything, was made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("the demo's own lists cannot be read: {0}")]
    Lists(String),
    #[error("cannot write {path}")]
    Write { path: PathBuf, source: std::io::Error },
}

/// Blocks that travel together.
const BLOCKS_A_CHUNK: u64 = 8;
/// Threads that make rows; the caller's thread writes them.
const MAKERS: u64 = 2;

/// Makes the demo files; `progress` hears the number of customers written so far.
pub fn generate(options: &DemoOptions, progress: &mut dyn FnMut(u64)) -> Result<DemoSummary, DemoError> {
    let lists = Lists::embedded()?;
    let population = Population {
        lists: &lists,
        seed: options.seed,
        as_of: options.as_of,
        customers: options.customers,
        newcomers: 0,
    };
    let desk =
        Desk { rates: &lists.rates, as_of: options.as_of, key_space: key_space(options.customers), today: false };
    let mut output = Output::create(&options.out, options.seed, broken_share(&lists, options.customers))?;
    let chunks = population.blocks().div_ceil(BLOCKS_A_CHUNK);
    let failed = |source| DemoError::Write { path: options.out.clone(), source };

    let mut customers = 0;
    std::thread::scope(|scope| -> std::io::Result<()> {
        let makers: Vec<_> = (0..MAKERS)
            .map(|maker| {
                let (send, receive) = sync_channel(16);
                let (population, desk) = (&population, &desk);
                scope.spawn(move || {
                    for number in (maker..chunks).step_by(MAKERS as usize) {
                        // The writer is gone only when writing failed.
                        if send.send(chunk(population, desk, number)).is_err() {
                            return;
                        }
                    }
                });
                receive
            })
            .collect();
        // Chunks are taken in the order of their numbers, whichever thread was faster.
        for maker in makers.iter().cycle() {
            let Ok(chunk) = maker.recv() else { break };
            customers += chunk.customers;
            output.write(&chunk)?;
            progress(customers);
        }
        Ok(())
    })
    .map_err(failed)?;
    let files = output.finish().map_err(failed)?;
    Ok(DemoSummary { customers, files })
}

/// Share of broken rows; a small demo shows some as well.
fn broken_share(lists: &Lists, customers: u64) -> f64 {
    lists.rates.broken.rows.max(6.0 / customers.max(60) as f64)
}

/// The space that keys are spread over: a power of ten, at least 8 times the keys a source can need (4 rows a person, 5 people for 4 customers).
fn key_space(customers: u64) -> u64 {
    let mut space = 1_000_000;
    while space < customers.saturating_mul(40) {
        space *= 10;
    }
    space
}

/// All rows of the people in a run of blocks.
fn chunk(population: &Population<'_>, desk: &Desk<'_>, number: u64) -> Chunk {
    let mut chunk = Chunk::default();
    let last = (number + 1) * BLOCKS_A_CHUNK;
    for block in number * BLOCKS_A_CHUNK..last.min(population.blocks()) {
        let draw = &mut Draw::new(population.seed, 2 * block + 1);
        for person in population.block(block) {
            chunk.customers += u64::from(person.customer.is_some());
            let made = desk.first_rows(&person, draw);
            for row in &made.rows {
                chunk.record(&row.record);
            }
            for event in &made.events {
                chunk.push(SourceId::Events, event.line.as_bytes(), &event.key, person.number);
            }
            chunk.person(&person);
        }
    }
    chunk
}
