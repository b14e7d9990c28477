//! Enters: a block on the night on which a vendor delivers profile set A anew. Leaves: its profiles with new dates, some
//! people gone, some new, some values otherwise. Never here: our own sources.

use super::super::draw::Draw;
use super::super::fields::iso;
use super::super::sources::SourceId;
use super::life::{Block, LiveRow, Night};
use super::log::Log;
use chrono::Days;

/// The columns of the profile file: who it is and where, and what is known of him or her.
const CONTACT: std::ops::RangeInclusive<usize> = 1..=9;
const KNOWN: std::ops::RangeInclusive<usize> = 10..=18;
const COLLECTED: usize = 19;

/// Replaces the profiles of the block.
pub fn refresh<'a>(block: &mut Block<'a>, night: &Night<'a>, draw: &mut Draw, log: &mut Log) {
    let rates = &night.rates.nights;
    let mut rows = std::mem::take(&mut block.rows);
    let mut had = Vec::new();
    for row in rows.iter_mut().filter(|row| row.source() == SourceId::ProfilesLifestyle) {
        let number = row.written.record.person;
        had.push(number);
        let citizen = block.citizen(number, night.number);
        let (Some(citizen), false) = (citizen, draw.chance(rates.refresh_gone)) else {
            row.gone = true;
            log.row("profile_gone", number, row.source(), row.written.record.key(), &[]);
            continue;
        };
        let fresh = night.clerk.profile_lifestyle(&citizen.person, draw).record.fields;
        let mut changed = false;
        let mut take = |row: &mut LiveRow, at: usize| {
            if let (Some(old), Some(new)) = (row.written.record.fields.get_mut(at), fresh.get(at)) {
                changed |= old != new;
                old.clone_from(new);
            }
        };
        if draw.chance(rates.refresh_changed) {
            CONTACT.for_each(|at| take(row, at));
        }
        for at in KNOWN {
            if draw.chance(rates.refresh_changed) {
                take(row, at);
            }
        }
        // Collected some time between the last delivery's date and now.
        let days_ago = draw.below(row.written.days_ago.max(0) as u64 + 1);
        row.written.days_ago = days_ago as i64;
        let day = night.clerk.as_of;
        if let Some(field) = row.written.record.fields.get_mut(COLLECTED) {
            *field = iso(day.checked_sub_days(Days::new(days_ago)).unwrap_or(day));
        }
        let kind = if changed { "profile_changed" } else { "profile_dated" };
        log.row(kind, number, row.source(), row.written.record.key(), &[]);
    }
    rows.retain(|row| !row.gone);
    block.rows = rows;
    for at in 0..block.citizens.len() {
        let Some(citizen) = block.citizens.get(at).filter(|c| c.is_here(night.number)) else { continue };
        let number = citizen.person.number;
        if had.contains(&number) || !draw.chance(rates.refresh_new) {
            continue;
        }
        let person = citizen.person.clone();
        let row = night.collector.profile_lifestyle(&person, draw);
        log.row("profile_new", number, row.record.source, row.record.key(), &[]);
        block.open(row, &person, night.number);
    }
}
