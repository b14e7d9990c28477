//! Enters: people and the rows they have. Leaves: prospects, bought profiles and events about them.
//! Never here: the customer sources (`rows`).

use super::contacts::{e164, street_line, typed_phone};
use super::draw::Draw;
use super::fields::{dotted, iso, json, postal_code};
use super::mistakes::{Case, Hand, typo};
use super::people::Person;
use super::rates::BySource;
use super::rows::{Desk, Written};
use super::sources::{Record, SourceId};
use chrono::Datelike;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

const EDUCATION: &[&str] =
    &["primary", "vocational", "secondary", "secondary", "bachelor", "master", "master", "doctorate"];
const OCCUPATION: &[&str] = &[
    "nurse",
    "teacher",
    "driver",
    "engineer",
    "clerk",
    "shop assistant",
    "farmer",
    "accountant",
    "builder",
    "IT specialist",
    "self-employed",
    "manager",
];
const INTERESTS: &[&str] = &[
    "gardening",
    "travel",
    "cooking",
    "football",
    "books",
    "cars",
    "fishing",
    "fashion",
    "music",
    "cycling",
    "home improvement",
    "films",
    "hiking",
    "pets",
];
const INCOME: &[&str] = &["under 500", "500-1000", "1000-1500", "1500-2500", "2500-4000", "over 4000"];

impl<'a> Desk<'a> {
    fn hand_of(&self, source: fn(&BySource) -> f64) -> Hand<'_> {
        Hand { rates: &self.rates.mistakes, source }
    }

    /// Rows of the prospect list, tab-separated.
    pub fn prospect(&self, person: &Person<'a>, copy: u64, draw: &mut Draw) -> Written {
        let hand = self.hand_of(|r| r.prospects);
        let code = person.country.code.as_str();
        let days_ago = self.age(200.0, 900, draw);
        let key = self.source_key(SourceId::Prospects, person.number * 4 + copy);
        let bare = hand.drops_diacritics(draw);
        let name = hand.write(&format!("{} {}", person.given, person.family_at(days_ago)), Case::AsIs, bare, draw);
        let email = match person.email_at(days_ago) {
            Some(email) if draw.chance(0.85) => hand.email(email, draw),
            _ => String::new(),
        };
        let phone = if email.is_empty() || draw.chance(0.45) {
            typed_phone(code, person.mobile_at(days_ago), draw)
        } else {
            String::new()
        };
        let home = person.home_at(days_ago);
        let (town, postal) = if draw.chance(0.6) {
            (hand.write(home.town, Case::AsIs, bare, draw), home.postal_code.as_str())
        } else {
            (String::new(), "")
        };
        let campaign = ["spring_fair", "web_quiz", "partner_bank", "leaflet", "newsletter_popup"]
            .get(draw.index(5))
            .copied()
            .unwrap_or_default();
        let consent = if draw.chance(0.7) { "1" } else { "0" };
        let captured = iso(self.day(days_ago));
        let own = |text: &str| text.to_owned();
        let (true_email, true_phone) = (
            person.email_at(days_ago).filter(|_| !email.is_empty()).map(own),
            (!phone.is_empty()).then(|| e164(code, person.mobile_at(days_ago))),
        );
        let fields = vec![key, name, email, phone, own(postal), town, own(code), own(campaign), own(consent), captured];
        let record = Record { source: SourceId::Prospects, person: person.number, fields, question_marks: false };
        Written { record, days_ago, email: true_email, phone: true_phone }
    }

    /// Profile set A: plain contact data and what a vendor knows or guesses of a household.
    pub fn profile_lifestyle(&self, person: &Person<'a>, draw: &mut Draw) -> Written {
        let hand = self.hand_of(|r| r.profiles);
        let code = person.country.code.as_str();
        let days_ago = self.age(500.0, 1800, draw);
        let key = format!("LS-{:08}", self.key(person.number, 5));
        let given = hand.write(person.given, Case::AsIs, false, draw);
        let family = hand.write(person.family_at(days_ago), Case::AsIs, false, draw);
        let home = person.home_at(days_ago);
        let street = if draw.chance(0.85) { street_line(code, home, draw) } else { String::new() };
        let postal = postal_code(&home.postal_code, code, draw);
        let birth = if draw.chance(0.5) { dotted(person.birth, false) } else { String::new() };
        let email = person.email_at(days_ago).filter(|_| draw.chance(0.5)).unwrap_or_default();
        let phone = if draw.chance(0.5) { e164(code, person.mobile_at(days_ago)) } else { String::new() };
        let marital = if person.couple {
            if person.birth_name.is_some() || draw.chance(0.7) { "married" } else { "cohabiting" }
        } else if draw.chance(0.7) {
            "single"
        } else {
            "divorced"
        };
        let household = person.household_size.to_string();
        let children = if draw.chance(0.7) { person.children.to_string() } else { String::new() };
        let interests = interests(draw);
        let home_ownership = if draw.chance(0.7) { "owner" } else { "tenant" };
        let collected = iso(self.day(days_ago));
        let own = |text: &str| text.to_owned();
        let fields = vec![
            key,
            given,
            family,
            birth,
            street,
            postal,
            own(home.town),
            own(code),
            phone,
            own(email),
            own(age_band(self.as_of.year() - person.birth.year())),
            own(marital),
            household,
            children,
            own(income(person.household, draw)),
            own(draw.text(EDUCATION)),
            own(draw.text(OCCUPATION)),
            own(home_ownership),
            interests,
            collected,
        ];
        profile(SourceId::ProfilesLifestyle, person, fields, days_ago)
    }

    /// Profile set B: no contact data, only SHA-256 of the e-mail address and of the number in E.164 form.
    pub fn profile_hashed(&self, person: &Person<'a>, draw: &mut Draw) -> Written {
        let code = person.country.code.as_str();
        let days_ago = self.age(300.0, 1200, draw);
        let key = format!("h{:09}", self.key(person.number, 6));
        let email = match &person.second_email {
            Some(second) if draw.chance(0.2) => Some(second.as_str()),
            _ => person.email_at(days_ago),
        };
        let email =
            email.map(|e| if draw.chance(0.02) { sha256(&typo(e, 0.0, draw)) } else { sha256(e) }).unwrap_or_default();
        let phone = if email.is_empty() || draw.chance(0.6) {
            sha256(&e164(code, person.mobile_at(days_ago)))
        } else {
            String::new()
        };
        let (interests, updated) = (interests(draw), iso(self.day(days_ago)));
        let own = |text: &str| text.to_owned();
        let fields = vec![
            key,
            email,
            phone,
            own(code),
            own(age_band(self.as_of.year() - person.birth.year())),
            own(income(person.household, draw)),
            own(draw.text(EDUCATION)),
            interests,
            updated,
        ];
        profile(SourceId::ProfilesHashed, person, fields, days_ago)
    }

    /// What happened to the contacts of one customer.
    pub fn events(&self, person: &Person<'a>, written: &[Written], draw: &mut Draw) -> Vec<Event> {
        let rates = &self.rates.events;
        let mut events = Vec::new();
        for row in written {
            let stale_email =
                row.email.as_deref().is_some_and(|e| person.former_email.as_ref().is_some_and(|f| f.value == e));
            let stale_phone =
                person.former_mobile.as_ref().is_some_and(|f| row.days_ago > f.until_days_ago) && row.phone.is_some();
            let stale_home = person.former_home.as_ref().is_some_and(|f| row.days_ago > f.until_days_ago);
            let mut event = |kind: &str, channel: &str, days_ago: i64, amount: &str, draw: &mut Draw| {
                let key = format!("EV{:010}", person.number * 64 + events.len() as u64 + 1);
                events.push(self.event(row, key, &Happened { kind, channel, days_ago, amount }, draw));
            };
            let since = |draw: &mut Draw| draw.below(row.days_ago.max(1) as u64) as i64;
            if row.email.is_some() {
                if draw.chance(if stale_email { rates.hard_bounce_stale } else { rates.hard_bounce }) {
                    // A mailbox bounces after it was given up.
                    let given_up = person.former_email.as_ref().map_or(row.days_ago, |f| f.until_days_ago);
                    event("hard_bounce", "email", draw.below(given_up.clamp(1, 400) as u64) as i64, "", draw);
                } else if draw.chance(rates.delivered) {
                    let day = draw.between(0, 200);
                    event("delivered", "email", day, "", draw);
                    if draw.chance(rates.open) {
                        event("open", "email", day, "", draw);
                        if draw.chance(rates.click / rates.open) {
                            event("click", "email", day, "", draw);
                        }
                    }
                }
                if draw.chance(rates.unsubscribe) {
                    let day = 1 + since(draw);
                    event("unsubscribe", "email", day, "", draw);
                    if draw.chance(rates.resubscribe) {
                        event("resubscribe", "email", draw.below(day as u64) as i64, "", draw);
                    }
                }
            }
            if row.phone.is_some()
                && draw.chance(if stale_phone { rates.wrong_number_stale } else { rates.wrong_number })
            {
                event("wrong_number", "phone", since(draw).min(300), "", draw);
            }
            if draw.chance(if stale_home { rates.returned_mail_stale } else { rates.returned_mail }) {
                event("returned_mail", "post", since(draw).min(300), "", draw);
            }
            if row.record.source == SourceId::Webshop {
                let mut expected = rates.purchases_per_customer * 2.0;
                while expected > 0.0 && draw.chance(expected.min(0.7)) {
                    let amount = format!("{}.{:02}", 3 + draw.below(240), draw.below(100));
                    event("purchase", "web", since(draw), &amount, draw);
                    expected -= 0.6;
                }
            }
            if draw.chance(rates.complaint) {
                event("complaint", "phone", since(draw), "", draw);
            }
        }
        events
    }

    /// One event: it names the row by source and key, or only the address or number that was used.
    pub fn event(&self, row: &Written, key: String, what: &Happened<'_>, draw: &mut Draw) -> Event {
        let by_key = draw.chance(0.5);
        let email = row.email.as_deref().filter(|_| what.channel == "email" || (!by_key && row.phone.is_none()));
        let phone = row.phone.as_deref().filter(|_| what.channel == "phone" || (!by_key && email.is_none()));
        let by_key = by_key || (email.is_none() && phone.is_none());
        let mut line = String::with_capacity(200);
        line.push('{');
        json(&mut line, "event_id", &key);
        json(&mut line, "type", what.kind);
        let _ = write!(
            line,
            "\"at\":\"{}T{:02}:{:02}:{:02}\",",
            iso(self.day(what.days_ago)),
            draw.below(24),
            draw.below(60),
            draw.below(60)
        );
        json(&mut line, "source", if by_key { row.record.source.name() } else { "" });
        json(&mut line, "customer", if by_key { row.record.key() } else { "" });
        json(&mut line, "email", email.unwrap_or_default());
        json(&mut line, "phone", phone.unwrap_or_default());
        json(&mut line, "channel", what.channel);
        let _ = write!(line, "\"amount\":{}}}", if what.amount.is_empty() { "null" } else { what.amount });
        line.push('\n');
        Event { key, line }
    }
}

/// What happened to one row.
pub struct Happened<'e> {
    pub kind: &'e str,
    pub channel: &'e str,
    pub days_ago: i64,
    /// Decimal number, or empty.
    pub amount: &'e str,
}

/// A line of the event file.
#[derive(Debug, Clone)]
pub struct Event {
    pub key: String,
    pub line: String,
}

fn profile(source: SourceId, person: &Person<'_>, fields: Vec<String>, days_ago: i64) -> Written {
    let record = Record { source, person: person.number, fields, question_marks: false };
    Written { record, days_ago, email: None, phone: None }
}

fn sha256(text: &str) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| HEX.get(usize::from(digit))).collect()
}

fn age_band(age: i32) -> &'static str {
    match age {
        ..=24 => "18-24",
        25..=34 => "25-34",
        35..=44 => "35-44",
        45..=54 => "45-54",
        55..=64 => "55-64",
        _ => "65+",
    }
}

/// One household has one income, whoever answers; a vendor is off by a band now and then.
fn income(household: u64, draw: &mut Draw) -> &'static str {
    let band = super::draw::mix(household) % INCOME.len() as u64;
    let band = if draw.chance(0.1) { band + 1 } else { band };
    INCOME.get(band as usize).or(INCOME.last()).copied().unwrap_or_default()
}

fn interests(draw: &mut Draw) -> String {
    let mut chosen: Vec<&str> = (0..draw.below(4)).map(|_| draw.text(INTERESTS)).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen.join(";")
}
