//! Enters: a block and a night. Leaves: the block's people and rows as they are then, and what changed since the night before.
//! Invariant: the first night is that of the one-night demo; each later one is drawn from a stream of its own.
//! Never here: what a change does to a row (`fates`, `clerks`, `vendor`, `happenings`).

use super::super::draw::{Draw, hash, mix};
use super::super::people::{BLOCK_CUSTOMERS, Person, Population};
use super::super::rates::Rates;
use super::super::rows::{Desk, Written};
use super::super::side_rows::Event;
use super::super::sources::{Part, SourceId};
use super::log::Log;
use super::{clerks, fates, happenings, vendor};
use chrono::{Days, NaiveDate};

/// What all blocks share.
pub struct Life<'a> {
    pub population: &'a Population<'a>,
    pub rates: &'a Rates,
    /// For somebody who enters a new value, and for somebody who corrects one.
    pub entering: &'a Rates,
    pub correcting: &'a Rates,
    pub key_space: u64,
}

/// A person, and what the nights need to remember of him or her.
pub struct Citizen<'a> {
    pub person: Person<'a>,
    /// Night on which the sources first have this person.
    pub arrives: u32,
    pub alive: bool,
    /// Sources in which a row was opened after the first night, a bit each.
    pub opened: u8,
    /// New mobile numbers so far.
    pub phones: u64,
}

/// A row and its history.
pub struct LiveRow {
    pub written: Written,
    /// Which of the person's rows in this source.
    pub copy: u64,
    /// Night on which it was opened.
    pub born: u32,
    /// Where it stands among its neighbours; the same on all nights.
    pub place: u64,
    /// How often its key changed.
    pub keys: u64,
    /// It has an address that the person left.
    pub stale_home: bool,
    /// Removed tonight.
    pub gone: bool,
}

/// An event and when it got into the feed.
pub struct LiveEvent {
    pub event: Event,
    pub person: u64,
    pub born: u32,
}

/// Twenty people with their rows.
#[derive(Default)]
pub struct Block<'a> {
    pub citizens: Vec<Citizen<'a>>,
    pub rows: Vec<LiveRow>,
    pub events: Vec<LiveEvent>,
}

/// One night at the desks of all sources.
pub struct Night<'a> {
    pub number: u32,
    pub rates: &'a Rates,
    pub population: &'a Population<'a>,
    /// New entries; corrections; a vendor's new collection.
    pub clerk: Desk<'a>,
    pub corrector: Desk<'a>,
    pub collector: Desk<'a>,
}

/// Customers who come within so many nights.
pub fn newcomers(rates: &Rates, customers: u64, nights: u32) -> u64 {
    (rates.nights.new_customers * customers as f64 * f64::from(nights.saturating_sub(1))) as u64
}

impl<'a> Life<'a> {
    pub fn day(&self, night: u32) -> NaiveDate {
        let first = self.population.as_of;
        first.checked_add_days(Days::new(u64::from(night.saturating_sub(1)))).unwrap_or(first)
    }

    fn desk(&self, rates: &'a Rates, night: u32, today: bool) -> Desk<'a> {
        Desk { rates, as_of: self.day(night), key_space: self.key_space, today }
    }

    /// The block as it is on a night; the log holds that night's changes.
    pub fn block(&self, number: u64, night: u32) -> (Block<'a>, Log) {
        let mut block = self.first_night(number);
        let mut log = Log::new(1, self.day(1));
        for tonight in 2..=night {
            log = Log::new(tonight, self.day(tonight));
            let draw = &mut Draw::new(self.population.seed ^ 0x2545_F491, (u64::from(tonight) << 40) | number);
            let night = Night {
                number: tonight,
                rates: self.rates,
                population: self.population,
                clerk: self.desk(self.entering, tonight, true),
                corrector: self.desk(self.correcting, tonight, true),
                collector: self.desk(self.rates, tonight, false),
            };
            self.live(&mut block, &night, draw, &mut log);
        }
        (block, log)
    }

    fn first_night(&self, number: u64) -> Block<'a> {
        let mut block = Block::default();
        let newcomers = number >= self.population.blocks();
        let desk = self.desk(self.rates, 1, false);
        let draw = &mut Draw::new(self.population.seed, 2 * number + 1);
        for person in self.population.block(number) {
            let arrives = if newcomers { self.arrival(&person) } else { 1 };
            if arrives == 1 {
                let made = desk.first_rows(&person, draw);
                made.rows.into_iter().for_each(|row| block.open(row, &person, 1));
                block.take_events(made.events, person.number, 1);
            }
            block.citizens.push(Citizen { person, arrives, alive: true, opened: 0, phones: 0 });
        }
        block
    }

    /// Newcomers come in the order of their numbers, as many each night.
    fn arrival(&self, person: &Person<'_>) -> u32 {
        let earlier = self.population.blocks() * BLOCK_CUSTOMERS;
        let number = person.customer.unwrap_or(person.number / 5 * 4 + 3).saturating_sub(earlier);
        let a_night = self.rates.nights.new_customers * self.population.customers as f64;
        2 + (number as f64 / a_night.max(1e-9)) as u32
    }

    fn live(&self, block: &mut Block<'a>, night: &Night<'a>, draw: &mut Draw, log: &mut Log) {
        block.citizens.iter_mut().for_each(|c| c.person.one_day_later());
        block.rows.iter_mut().for_each(|row| row.written.days_ago += 1);
        clerks::arrivals(block, night, draw, log);
        fates::all(block, night, draw, log);
        clerks::all(block, night, draw, log);
        if night.number == self.rates.nights.vendor_refresh {
            vendor::refresh(block, night, draw, log);
        }
        happenings::all(block, night, draw);
    }
}

impl<'a> Block<'a> {
    /// Takes a row that is new tonight.
    pub fn open(&mut self, written: Written, person: &Person<'_>, night: u32) {
        let record = &written.record;
        let same =
            |row: &&LiveRow| row.written.record.source == record.source && row.written.record.person == person.number;
        let copy = self.rows.iter().filter(same).count() as u64;
        let stale_home = person.former_home.as_ref().is_some_and(|f| written.days_ago > f.until_days_ago);
        let place = mix(hash(record.key()));
        self.rows.push(LiveRow { written, copy, born: night, place, keys: 0, stale_home, gone: false });
    }

    pub fn take_events(&mut self, events: Vec<Event>, person: u64, night: u32) {
        self.events.extend(events.into_iter().map(|event| LiveEvent { event, person, born: night }));
    }

    /// Whether somebody with this number is alive and known to the sources.
    pub fn citizen(&self, number: u64, night: u32) -> Option<&Citizen<'a>> {
        self.citizens.iter().find(|c| c.person.number == number && c.is_here(night))
    }

    /// Lets the sources hear of something new about a person: some rows take it over, the others stay as they are.
    pub fn tell(&mut self, number: u64, parts: &[Part], why: &str, night: &Night<'a>, draw: &mut Draw, log: &mut Log) {
        let Some(citizen) = self.citizens.iter().find(|c| c.person.number == number) else { return };
        let rows = self.rows.iter_mut().filter(|r| !r.gone && r.written.record.person == number);
        for row in rows.filter(|r| r.written.record.source.is_own()) {
            let source = row.written.record.source;
            row.stale_home |= parts.contains(&Part::Address);
            if draw.chance(night.rates.nights.told.of(source))
                && row.rewrite(&citizen.person, parts, &night.clerk, draw)
                && let Some(part) = parts.first()
            {
                let more = [("field", part.name()), ("because", why)];
                log.row("edited", number, source, row.written.record.key(), &more);
            }
        }
    }
}

impl Citizen<'_> {
    pub fn is_here(&self, night: u32) -> bool {
        self.alive && self.arrives <= night
    }
}

impl LiveRow {
    pub fn source(&self) -> SourceId {
        self.written.record.source
    }

    /// Enters a person's present values into the columns of these parts. False, and nothing changed, when the row has
    /// no such columns or says the same already.
    pub fn rewrite<'a>(&mut self, person: &Person<'a>, parts: &[Part], desk: &Desk<'a>, draw: &mut Draw) -> bool {
        let source = self.source();
        // Chance may give another of the person's numbers or mailboxes, or the text that stands there.
        for _ in 0..6 {
            let fresh = desk.row(source, person, self.copy, draw);
            if parts.iter().all(|part| self.is_news(*part, &fresh, person)) {
                parts.iter().for_each(|part| self.take(*part, &fresh));
                self.take(Part::Updated, &fresh);
                self.written.days_ago = 0;
                return true;
            }
        }
        false
    }

    fn is_news(&self, part: Part, fresh: &Written, person: &Person<'_>) -> bool {
        let (old, new) = (&self.written.record.fields, &fresh.record.fields);
        let columns = self.source().columns(part);
        let differs = columns.iter().any(|at| old.get(*at) != new.get(*at));
        let says_something = columns.iter().any(|at| new.get(*at).is_some_and(|text| !text.is_empty()));
        match part {
            // The CRM alone keeps the surname at birth, and not always.
            Part::BirthName => true,
            Part::Phone => differs && fresh.phone.as_deref() == Some(&person.e164()),
            Part::Email => differs && fresh.email.is_some() && fresh.email == person.email,
            _ => differs && says_something,
        }
    }

    /// Copies the columns of a part.
    pub fn take(&mut self, part: Part, fresh: &Written) {
        for at in self.source().columns(part) {
            if let (Some(old), Some(new)) = (self.written.record.fields.get_mut(*at), fresh.record.fields.get(*at)) {
                old.clone_from(new);
            }
        }
        match part {
            Part::Address => self.stale_home = false,
            Part::Phone => self.written.phone.clone_from(&fresh.phone),
            Part::Email => self.written.email.clone_from(&fresh.email),
            _ => {}
        }
    }
}
