//! Enters: a block on a night. Leaves: its rows after a night's work: opened, corrected, touched, re-keyed, merged, deleted.
//! Never here: what happens to people (`fates`).

use super::super::draw::Draw;
use super::super::fields::iso;
use super::super::sources::{Part, SourceId};
use super::life::{Block, LiveRow, Night};
use super::log::Log;

const CUSTOMER_SOURCES: [SourceId; 3] = [SourceId::Crm, SourceId::Webshop, SourceId::ContactCentre];
/// The number that a row opened later has among its person's rows of a source; the first night uses those below.
const LATER_COPY: u64 = 3;
/// How often a key may change: a quarter of the key space is for first keys, the others for later ones.
const KEYS: u64 = 3;

/// The first rows of those who are new tonight.
pub fn arrivals<'a>(block: &mut Block<'a>, night: &Night<'a>, draw: &mut Draw, log: &mut Log) {
    for at in 0..block.citizens.len() {
        let Some(citizen) = block.citizens.get(at).filter(|c| c.arrives == night.number) else { continue };
        let person = citizen.person.clone();
        // People type themselves in with the usual mistakes and gaps.
        let desk = super::super::rows::Desk { rates: night.rates, ..night.clerk };
        let kind = if person.customer.is_some() { "new_customer" } else { "new_prospect" };
        for row in desk.own_rows(&person, draw).rows {
            log.row(kind, person.number, row.record.source, row.record.key(), &[]);
            block.open(row, &person, night.number);
        }
    }
}

/// A night's work on rows that are there.
pub fn all<'a>(block: &mut Block<'a>, night: &Night<'a>, draw: &mut Draw, log: &mut Log) {
    let mut rows = std::mem::take(&mut block.rows);
    for row in rows.iter_mut().filter(|row| row.born < night.number && row.source().is_own()) {
        single_row(row, block, night, draw, log);
    }
    merges(&mut rows, night, draw, log);
    rows.retain(|row| !row.gone);
    block.rows = rows;
    openings(block, night, draw, log);
}

fn single_row<'a>(row: &mut LiveRow, block: &Block<'a>, night: &Night<'a>, draw: &mut Draw, log: &mut Log) {
    let rates = &night.rates.nights;
    let (source, number) = (row.source(), row.written.record.person);
    let key = row.written.record.key().to_owned();
    if draw.chance(rates.deleted) {
        row.gone = true;
        log.row("deleted", number, source, &key, &[]);
        return;
    }
    if draw.chance(rates.rekeyed) && row.keys < KEYS {
        row.keys += 1;
        let turn = number * 4 + row.copy + row.keys * (night.clerk.key_space / 4);
        let new = night.clerk.source_key(source, turn);
        log.row("rekeyed", number, source, &key, &[("new_key", &new)]);
        if let Some(field) = row.written.record.fields.first_mut() {
            *field = new;
        }
    }
    let Some(citizen) = block.citizen(number, night.number) else { return };
    let key = row.written.record.key().to_owned();
    if draw.chance(rates.corrected) {
        let parts = [Part::Name, Part::Name, Part::Address, Part::Phone, Part::Email];
        let part = parts.get(draw.index(parts.len())).copied().unwrap_or(Part::Name);
        // Nobody corrects a field into what it cannot hold: a person without a mailbox keeps none.
        let possible = part != Part::Email || citizen.person.email.is_some();
        if possible && row.rewrite(&citizen.person, &[part], &night.corrector, draw) {
            log.row("corrected", number, source, &key, &[("field", part.name())]);
        }
    } else if draw.chance(rates.touched) {
        touch(row, night, draw);
        log.row("touched", number, source, &key, &[]);
    }
}

/// A row's date, and in the CRM its turnover, move on.
fn touch(row: &mut LiveRow, night: &Night<'_>, draw: &mut Draw) {
    let source = row.source();
    let day = night.clerk.as_of;
    let today = match source {
        SourceId::Crm => super::super::fields::dotted(day, false),
        SourceId::Webshop => format!("{}T{:02}:{:02}:00Z", iso(day), draw.below(24), draw.below(60)),
        SourceId::ContactCentre => format!("{} {:02}:{:02}", iso(day), 8 + draw.below(11), draw.below(60)),
        _ => iso(day),
    };
    let fields = &mut row.written.record.fields;
    for at in source.columns(Part::Updated) {
        if let Some(field) = fields.get_mut(*at) {
            field.clone_from(&today);
        }
    }
    for at in source.columns(Part::Turnover) {
        if let Some(field) = fields.get_mut(*at) {
            let cents: u64 = field.replace(',', "").parse().unwrap_or_default();
            let cents = cents + 300 + draw.below(24_000);
            *field = format!("{},{:02}", cents / 100, cents % 100);
        }
    }
    row.written.days_ago = 0;
}

/// A source that finds two rows of one person keeps the first, filled up from the second, whose key is gone.
fn merges(rows: &mut [LiveRow], night: &Night<'_>, draw: &mut Draw, log: &mut Log) {
    for at in 1..rows.len() {
        let (earlier, rest) = rows.split_at_mut(at);
        let Some(row) = rest.first_mut().filter(|r| !r.gone && r.source().is_own()) else { continue };
        let (source, number) = (row.source(), row.written.record.person);
        let same = |r: &&mut LiveRow| !r.gone && r.source() == source && r.written.record.person == number;
        let Some(kept) = earlier.iter_mut().find(same) else { continue };
        if !draw.chance(night.rates.nights.merged) {
            continue;
        }
        row.gone = true;
        for (old, other) in kept.written.record.fields.iter_mut().zip(&row.written.record.fields) {
            if old.is_empty() {
                old.clone_from(other);
            }
        }
        touch(kept, night, draw);
        log.row("merged", number, source, row.written.record.key(), &[("into", kept.written.record.key())]);
    }
}

/// Customers who open a second account, or whom an agent does not find and types anew.
fn openings<'a>(block: &mut Block<'a>, night: &Night<'a>, draw: &mut Draw, log: &mut Log) {
    for at in 0..block.citizens.len() {
        let Some(citizen) = block.citizens.get_mut(at) else { continue };
        let person = &citizen.person;
        let customer = citizen.is_here(night.number) && person.customer.is_some();
        if !customer || citizen.arrives == night.number || !draw.chance(night.rates.nights.new_row) {
            continue;
        }
        let Some(source) = CUSTOMER_SOURCES.get(draw.index(3)).copied() else { continue };
        let (bit, no_mailbox) = (1u8 << source as u8, person.email.is_none());
        if citizen.opened & bit != 0 || (source == SourceId::Webshop && no_mailbox) {
            continue;
        }
        citizen.opened |= bit;
        let person = person.clone();
        let desk = super::super::rows::Desk { rates: night.rates, ..night.clerk };
        let row = desk.row(source, &person, LATER_COPY, draw);
        log.row("new_row", person.number, source, row.record.key(), &[]);
        block.open(row, &person, night.number);
        if let Some(row) = block.rows.last_mut() {
            row.copy = LATER_COPY;
        }
    }
}
