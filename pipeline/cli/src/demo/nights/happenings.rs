//! Enters: a block on a night. Leaves: the events of that day: purchases, mailings and what came of them, calls, letters.
//! Never here: changes of rows; an event names a row as it is tonight.

use super::super::contacts::e164;
use super::super::draw::Draw;
use super::super::fields::pad;
use super::super::people::Person;
use super::super::side_rows::{Event, Happened};
use super::super::sources::SourceId;
use super::life::{Block, LiveRow, Night};
use chrono::Datelike;

/// Appends the day's events to those of earlier days: the feed holds everything that ever happened.
pub fn all<'a>(block: &mut Block<'a>, night: &Night<'a>, draw: &mut Draw) {
    for at in 0..block.citizens.len() {
        let Some(citizen) = block.citizens.get(at).filter(|c| c.is_here(night.number)) else { continue };
        if citizen.person.customer.is_none() {
            continue;
        }
        let number = citizen.person.number;
        let mut events = Vec::new();
        for row in block.rows.iter().filter(|r| r.written.record.person == number && r.source().is_own()) {
            if row.source() != SourceId::Prospects {
                of_row(row, &citizen.person, night, draw, &mut events);
            }
        }
        block.take_events(events, number, night.number);
    }
}

fn of_row(row: &LiveRow, person: &Person<'_>, night: &Night<'_>, draw: &mut Draw, events: &mut Vec<Event>) {
    let (rates, outcome) = (&night.rates.nights, &night.rates.events);
    let mut event = |kind: &str, channel: &str, amount: &str, draw: &mut Draw| {
        let key = key(night, person.number, events.len() as u64);
        let what = Happened { kind, channel, days_ago: 0, amount };
        events.push(night.clerk.event(&row.written, key, &what, draw));
    };
    if row.written.email.is_some() {
        if draw.chance(rates.mailing) {
            let stale = row.written.email != person.email && row.written.email != person.second_email;
            if draw.chance(if stale { outcome.hard_bounce_stale } else { outcome.hard_bounce }) {
                event("hard_bounce", "email", "", draw);
            } else {
                event("delivered", "email", "", draw);
                if draw.chance(outcome.open) {
                    event("open", "email", "", draw);
                    if draw.chance(outcome.click / outcome.open) {
                        event("click", "email", "", draw);
                    }
                }
            }
        }
        if draw.chance(rates.unsubscribe) {
            event("unsubscribe", "email", "", draw);
        }
    }
    if let Some(phone) = &row.written.phone
        && draw.chance(rates.call)
    {
        let code = person.country.code.as_str();
        let own = [Some(&person.mobile), person.land_line.as_ref(), person.switchboard.as_ref()];
        let stale = !own.iter().flatten().any(|number| *phone == e164(code, number));
        if draw.chance(if stale { outcome.wrong_number_stale } else { outcome.wrong_number }) {
            event("wrong_number", "phone", "", draw);
        }
    }
    if draw.chance(rates.letter)
        && draw.chance(if row.stale_home { outcome.returned_mail_stale } else { outcome.returned_mail })
    {
        event("returned_mail", "post", "", draw);
    }
    if row.source() == SourceId::Webshop && draw.chance(rates.purchase) {
        let amount = format!("{}.{:02}", 3 + draw.below(240), draw.below(100));
        event("purchase", "web", &amount, draw);
    }
    if draw.chance(rates.complaint) {
        event("complaint", "phone", "", draw);
    }
}

/// Day, person and turn; longer than the keys of the first night, so that the two never meet.
fn key(night: &Night<'_>, person: u64, turn: u64) -> String {
    let day = night.clerk.as_of;
    let mut key = String::from("EV");
    pad(&mut key, day.year().max(0) as u64, 4);
    pad(&mut key, day.ordinal().into(), 3);
    pad(&mut key, person, 9);
    pad(&mut key, turn, 2);
    key
}
