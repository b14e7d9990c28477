//! Enters: a block on a night. Leaves: people who moved, married, changed a number or a mailbox, or died, and the rows
//! that learnt of it. Never here: what staff do to rows of their own accord (`clerks`).

use super::super::contacts::{Mailbox, surname_for};
use super::super::draw::Draw;
use super::super::people::{self, Former};
use super::super::sources::Part;
use super::life::{Block, Citizen, Night};
use super::log::Log;
use chrono::Datelike;

/// Everything that happens to people tonight.
pub fn all<'a>(block: &mut Block<'a>, night: &Night<'a>, draw: &mut Draw, log: &mut Log) {
    moves(block, night, draw, log);
    weddings(block, night, draw, log);
    for at in 0..block.citizens.len() {
        new_phone(block, at, night, draw, log);
        new_email(block, at, night, draw, log);
        death(block, at, night, draw, log);
    }
}

fn moves<'a>(block: &mut Block<'a>, night: &Night<'a>, draw: &mut Draw, log: &mut Log) {
    let here = |c: &&Citizen<'_>| c.is_here(night.number);
    let mut households: Vec<u64> = block.citizens.iter().filter(here).map(|c| c.person.household).collect();
    households.sort_unstable();
    households.dedup();
    for household in households {
        if !draw.chance(night.rates.nights.moved) {
            continue;
        }
        let Some(country) = block.citizens.first().map(|c| c.person.country) else { continue };
        let home = people::home(country, draw);
        let mut members = Vec::new();
        for citizen in block.citizens.iter_mut().filter(|c| c.is_here(night.number)) {
            let person = &mut citizen.person;
            if person.household == household {
                let value = std::mem::replace(&mut person.home, home.clone());
                person.former_home = Some(Former { until_days_ago: 0, value });
                members.push(person.number);
            }
        }
        for number in members {
            log.person("moved", number);
            block.tell(number, &[Part::Address], "moved", night, draw, log);
        }
    }
}

/// Single people of one block marry: she moves to him, and most take his name.
fn weddings<'a>(block: &mut Block<'a>, night: &Night<'a>, draw: &mut Draw, log: &mut Log) {
    let rates = &night.rates.people;
    let year = night.clerk.as_of.year();
    for bride in 0..block.citizens.len() {
        let Some(her) = block.citizens.get(bride) else { continue };
        if !her.person.female || !single(her, night, year) || !draw.chance(night.rates.nights.married) {
            continue;
        }
        let born = her.person.birth.year();
        let fitting =
            |c: &&Citizen<'_>| !c.person.female && single(c, night, year) && (c.person.birth.year() - born).abs() <= 12;
        let grooms: Vec<u64> = block.citizens.iter().filter(fitting).map(|c| c.person.number).collect();
        let Some(groom) = grooms.get(draw.index(grooms.len())).copied() else { continue };
        let Some(him) = block.citizens.iter_mut().find(|c| c.person.number == groom) else { continue };
        (him.person.couple, him.person.household_size) = (true, 2);
        let (home, household, surname) = (him.person.home.clone(), him.person.household, him.person.family.clone());
        let Some(her) = block.citizens.get_mut(bride).map(|c| &mut c.person) else { continue };
        let value = std::mem::replace(&mut her.home, home);
        her.former_home = Some(Former { until_days_ago: 0, value });
        (her.couple, her.household_size, her.household) = (true, 2, household);
        let code = her.country.code.as_str();
        let takes_name = draw.chance(rates.takes_name.get(code).copied().unwrap_or(0.8));
        let mut parts = vec![Part::Address];
        if takes_name {
            let own = std::mem::replace(&mut her.family, surname_for(code, &surname, true));
            if draw.chance(rates.double_name) {
                her.family = format!("{own}-{}", her.family);
            }
            her.birth_name = Some(own);
            her.married_days_ago = Some(0);
            parts = vec![Part::Name, Part::BirthName, Part::Address];
        }
        let bride = her.number;
        log.person("married", bride);
        log.person("married", groom);
        block.tell(bride, &parts, "married", night, draw, log);
    }
}

fn single(citizen: &Citizen<'_>, night: &Night<'_>, year: i32) -> bool {
    let person = &citizen.person;
    let age = year - person.birth.year();
    citizen.is_here(night.number) && !person.couple && person.household_size == 1 && (20..65).contains(&age)
}

fn new_phone<'a>(block: &mut Block<'a>, at: usize, night: &Night<'a>, draw: &mut Draw, log: &mut Log) {
    let Some(citizen) = block.citizens.get_mut(at) else { return };
    if !citizen.is_here(night.number) || citizen.phones >= 8 || !draw.chance(night.rates.nights.phone_changed) {
        return;
    }
    let Some(mobile) = night.population.new_mobile(&citizen.person, citizen.phones) else { return };
    citizen.phones += 1;
    let value = std::mem::replace(&mut citizen.person.mobile, mobile);
    citizen.person.former_mobile = Some(Former { until_days_ago: 0, value });
    let number = citizen.person.number;
    log.person("phone_changed", number);
    block.tell(number, &[Part::Phone], "phone_changed", night, draw, log);
}

fn new_email<'a>(block: &mut Block<'a>, at: usize, night: &Night<'a>, draw: &mut Draw, log: &mut Log) {
    let Some(citizen) = block.citizens.get_mut(at) else { return };
    if !citizen.is_here(night.number) || !draw.chance(night.rates.nights.email_changed) {
        return;
    }
    let person = &mut citizen.person;
    if person.email.is_none() {
        return;
    }
    let (birth, local, plain) = (person.birth, person.local, night.rates.people.plain_email);
    let mailbox = Mailbox { country: person.country, given: person.given, family: &person.family, birth, local, plain };
    let address = Some(mailbox.address(draw));
    if address == person.email || address == person.second_email {
        return;
    }
    if let Some(value) = std::mem::replace(&mut person.email, address) {
        person.former_email = Some(Former { until_days_ago: 0, value });
    }
    let number = person.number;
    log.person("email_changed", number);
    block.tell(number, &[Part::Email], "email_changed", night, draw, log);
}

/// The rows of the dead are deleted, all on one night.
fn death<'a>(block: &mut Block<'a>, at: usize, night: &Night<'a>, draw: &mut Draw, log: &mut Log) {
    let Some(citizen) = block.citizens.get_mut(at) else { return };
    if !citizen.is_here(night.number) || !draw.chance(night.rates.nights.died) {
        return;
    }
    citizen.alive = false;
    let number = citizen.person.number;
    log.person("died", number);
    for row in block.rows.iter_mut().filter(|r| r.written.record.person == number && r.source().is_own()) {
        row.gone = true;
        log.row("deleted", number, row.source(), row.written.record.key(), &[("because", "died")]);
    }
    block.rows.retain(|row| !row.gone);
}
