//! Enters: a run of blocks and a night. Leaves: their rows as bytes, those of the first night in an order that never
//! changes, later ones apart. Never here: files.

use super::super::draw::{hash, mix};
use super::super::people::Population;
use super::super::sources::{Export, LAYOUTS};
use super::super::truth;
use super::life::Life;

/// Blocks whose rows are shuffled together, so that the rows of one household stand apart as in a real file.
const BLOCKS: u64 = 128;

/// How many windows a population has.
pub fn count(population: &Population<'_>) -> u64 {
    population.all_blocks().div_ceil(BLOCKS)
}

/// A row as it will stand in its file.
#[derive(Debug)]
pub struct Row {
    /// Night on which it was opened: new rows stand at the end of a file.
    pub born: u32,
    /// Its turn among those of one window and one night.
    pub place: u64,
    pub person: u64,
    pub key: String,
    pub bytes: Vec<u8>,
}

/// What some blocks add to the files of a night.
#[derive(Debug, Default)]
pub struct Window {
    /// Rows of the first night for each file, in order.
    pub first: [Vec<Row>; LAYOUTS.len()],
    /// Rows opened since.
    pub later: [Vec<Row>; LAYOUTS.len()],
    pub people: String,
    pub log: String,
    pub changes: u64,
    pub customers: u64,
}

impl Window {
    pub fn make(life: &Life<'_>, number: u64, night: u32, export: &Export) -> Self {
        let mut window = Self::default();
        let end = ((number + 1) * BLOCKS).min(life.population.all_blocks());
        let mut line = String::new();
        for number in number * BLOCKS..end {
            let (block, log) = life.block(number, night);
            window.log.push_str(&log.lines);
            window.changes += log.count;
            for citizen in block.citizens.iter().filter(|c| c.arrives <= night) {
                truth::person_line(&mut window.people, &citizen.person);
                window.customers += u64::from(citizen.person.customer.is_some());
            }
            for row in &block.rows {
                let record = &row.written.record;
                let mut bytes = Vec::with_capacity(260);
                record.encode(export, &mut line, &mut bytes);
                let key = record.key().to_owned();
                let (born, place, person) = (row.born, row.place, record.person);
                window.push(record.source as usize, Row { born, place, person, key, bytes });
            }
            for event in block.events {
                let (key, bytes) = (event.event.key, event.event.line.into_bytes());
                let place = mix(hash(&key));
                let row = Row { born: event.born, place, person: event.person, key, bytes };
                window.push(super::super::sources::SourceId::Events as usize, row);
            }
        }
        window.first.iter_mut().for_each(|rows| rows.sort_by_key(|row| row.place));
        window
    }

    fn push(&mut self, file: usize, row: Row) {
        let rows = if row.born == 1 { self.first.get_mut(file) } else { self.later.get_mut(file) };
        if let Some(rows) = rows {
            rows.push(row);
        }
    }
}
