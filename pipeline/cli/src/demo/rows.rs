//! Enters: people as they are. Leaves: their rows in the CRM, the web shop and the contact centre, as those keep them.
//! Never here: which rows break, and the order of rows (`output` does both).

use super::contacts::{country_name, e164, street_line, typed_phone};
use super::draw::Draw;
use super::fields::{csv, dotted, iso, json, postal_code};
use super::letters::{cyrillic, windows_1250};
use super::lists::{BySource, Lists};
use super::mistakes::{Case, Hand};
use super::output::{Chunk, SourceId};
use super::people::Person;
use chrono::{Datelike, Days, NaiveDate};
use std::fmt::Write as _;

/// What every row needs to know.
pub struct Desk<'a> {
    pub lists: &'a Lists,
    pub as_of: NaiveDate,
    /// Numbers of keys are spread over this space.
    pub key_space: u64,
}

/// A row that was written: events refer to it.
pub struct Written {
    pub source: SourceId,
    pub key: String,
    pub days_ago: i64,
    pub email: Option<String>,
    pub phone: Option<String>,
}

impl<'a> Desk<'a> {
    pub fn day(&self, days_ago: i64) -> NaiveDate {
        self.as_of.checked_sub_days(Days::new(days_ago.max(0) as u64)).unwrap_or(self.as_of)
    }

    /// A number that tells neither the person nor the order of generation; each turn has its own.
    pub fn key(&self, turn: u64, salt: u64) -> u64 {
        let space = u128::from(self.key_space);
        ((u128::from(turn) * 618_033_989 + u128::from(salt) * 7_919) % space) as u64
    }

    /// Rows of one person in the three customer sources; a customer is in one of them at least.
    pub fn customer_rows(&self, person: &Person<'a>, draw: &mut Draw, chunk: &mut Chunk) -> Vec<Written> {
        let presence = &self.lists.rates.presence;
        let mut in_crm = draw.chance(presence.crm);
        // A web shop account needs an e-mail address.
        let in_shop = person.email.is_some() && draw.chance(presence.webshop);
        let in_centre = draw.chance(presence.contact_centre);
        in_crm |= !in_shop && !in_centre;
        let mut written = Vec::with_capacity(4);
        let duplicates = self.lists.rates.duplicates;
        let copies =
            |share: f64, draw: &mut Draw| 1 + u64::from(draw.chance(share)) + u64::from(draw.chance(share * 0.15));
        if in_crm {
            for copy in 0..copies(duplicates.crm, draw) {
                written.push(self.crm(person, copy, draw, chunk));
            }
        }
        if in_shop {
            for copy in 0..copies(duplicates.webshop, draw) {
                written.push(self.webshop(person, copy, draw, chunk));
            }
        }
        if in_centre {
            for copy in 0..copies(duplicates.contact_centre, draw) {
                written.push(self.contact_centre(person, copy, draw, chunk));
            }
        }
        written
    }

    fn hand(&self, source: fn(&BySource) -> f64) -> Hand<'_> {
        Hand { rates: &self.lists.rates.mistakes, source }
    }

    /// An empty field, or now and then a word that stands for it.
    pub fn nothing(&self, person: &Person<'_>, draw: &mut Draw) -> String {
        if draw.chance(self.lists.rates.missing.placeholder) {
            draw.text(&person.country.placeholders).to_owned()
        } else {
            String::new()
        }
    }

    /// Given and family name as typed: nicknames, swaps, a company. Whoever types Cyrillic drops no diacritics.
    fn names(
        &self,
        person: &Person<'_>,
        hand: &Hand<'_>,
        days_ago: i64,
        in_cyrillic: bool,
        draw: &mut Draw,
    ) -> (String, String, Case, bool) {
        let (case, bare) = (hand.case(draw), hand.drops_diacritics(draw) && !in_cyrillic);
        let mut given = person.given;
        if draw.chance((hand.source)(&hand.rates.nickname)) {
            given = person.country.nickname(given, draw).unwrap_or(given);
        }
        let given = hand.write(given, case, bare, draw);
        let mut family = hand.write(person.family_at(days_ago), case, bare, draw);
        if draw.chance(hand.rates.company_in_name) {
            let company = draw.text(&person.country.companies);
            family = format!("{family} - {company}");
        }
        if draw.chance((hand.source)(&hand.rates.swapped_names)) {
            return (family, given, case, bare);
        }
        (given, family, case, bare)
    }

    /// The day of birth as this row has it.
    fn birth(&self, person: &Person<'_>, draw: &mut Draw) -> NaiveDate {
        let rates = &self.lists.rates.mistakes;
        if draw.chance(rates.fake_birth_date) {
            let fake = [(1900, 1, 1), (1970, 1, 1), (1901, 1, 1), (2000, 1, 1)];
            let (y, m, d) = fake.get(draw.index(fake.len())).copied().unwrap_or((1900, 1, 1));
            return NaiveDate::from_ymd_opt(y, m, d).unwrap_or(person.birth);
        }
        if draw.chance(rates.day_month_swapped) {
            let swapped = NaiveDate::from_ymd_opt(person.birth.year(), person.birth.day(), person.birth.month());
            return swapped.unwrap_or(person.birth);
        }
        if draw.chance(0.006) {
            let off = Days::new(1 + draw.below(30));
            return person.birth.checked_add_days(off).unwrap_or(person.birth);
        }
        person.birth
    }

    /// The number as typed, and its true E.164 form when it is the person's own or the household's.
    fn phone(&self, person: &Person<'_>, days_ago: i64, draw: &mut Draw) -> (String, Option<String>) {
        let rates = &self.lists.rates.mistakes;
        let code = person.country.code.as_str();
        if draw.chance(rates.junk_phone) {
            return (draw.text(&person.country.junk_phones).to_owned(), None);
        }
        let national = match (&person.switchboard, &person.land_line) {
            (Some(number), _) if draw.chance(0.5) => number,
            (_, Some(number)) if draw.chance(0.22) => number,
            _ => person.mobile_at(days_ago),
        };
        let mut digits = national.to_owned();
        if draw.chance(0.006) {
            digits = super::mistakes::typo(&digits, 0.0, draw);
        }
        (typed_phone(code, &digits, draw), Some(e164(code, national)))
    }

    fn email(&self, person: &Person<'_>, hand: &Hand<'_>, days_ago: i64, draw: &mut Draw) -> (String, Option<String>) {
        if draw.chance(hand.rates.junk_email) {
            return (draw.text(&person.country.junk_emails).to_owned(), None);
        }
        let own = match &person.second_email {
            Some(second) if draw.chance(0.25) => Some(second.as_str()),
            _ => person.email_at(days_ago),
        };
        match own {
            Some(email) => (hand.email(email, draw), Some(email.to_owned())),
            None => (self.nothing(person, draw), None),
        }
    }

    fn crm(&self, person: &Person<'a>, copy: u64, draw: &mut Draw, chunk: &mut Chunk) -> Written {
        let rates = &self.lists.rates;
        let hand = self.hand(|r| r.crm);
        let code = person.country.code.as_str();
        let days_ago = draw.days_ago(560.0, 3200);
        let key = (100_000 + self.key(person.number * 4 + copy, 1)).to_string();
        let (given, family, case, bare) = self.names(person, &hand, days_ago, false, draw);
        let title = if draw.chance(rates.mistakes.title) && self.as_of.year() - person.birth.year() > 27 {
            ["dr", "mgr", "inż.", "prof."].get(draw.index(4)).copied().unwrap_or_default()
        } else {
            ""
        };
        let birth = if draw.chance(rates.missing.birth_date.crm) {
            self.nothing(person, draw)
        } else {
            dotted(self.birth(person, draw), draw.chance(0.06))
        };
        let mut id = person.national_id.clone();
        if draw.chance(rates.mistakes.wrong_national_id) {
            id = wrong_digit(&id, draw);
        }
        if draw.chance(rates.missing.national_id.crm) {
            id = self.nothing(person, draw);
        }
        let home = person.home_at(days_ago);
        let (street, postal_code, town) = if draw.chance(rates.missing.address.crm) {
            (self.nothing(person, draw), String::new(), String::new())
        } else {
            let line = street_line(code, home, draw);
            (
                hand.write(&line, case, bare, draw),
                postal_code(&home.postal_code, code, draw),
                hand.write(home.town, case, bare, draw),
            )
        };
        let country = match draw.below(10) {
            0..=6 => code,
            7 => "",
            _ => country_name(code),
        };
        let (phone, true_phone) = if draw.chance(rates.missing.phone.crm) {
            (self.nothing(person, draw), None)
        } else {
            self.phone(person, days_ago, draw)
        };
        let home_phone = match &person.land_line {
            Some(number) if draw.chance(0.6) => typed_phone(code, number, draw),
            _ => self.nothing(person, draw),
        };
        let (email, true_email) = if draw.chance(rates.missing.email.crm) {
            (self.nothing(person, draw), None)
        } else {
            self.email(person, &hand, days_ago, draw)
        };
        let maiden = match &person.birth_name {
            Some(name) if draw.chance(0.35) && person.family_at(days_ago) != name => hand.write(name, case, bare, draw),
            _ => String::new(),
        };
        let sex = match (draw.below(12), person.female) {
            (0, _) => "",
            (_, true) => "K",
            _ => "M",
        };
        let since = days_ago + draw.between(0, 2500);
        let turnover = draw.below(900_000);
        let mut consent = |share: f64| {
            if draw.chance(0.12) {
                ""
            } else if draw.chance(share) {
                "T"
            } else {
                "N"
            }
        };
        let consents = [consent(0.55), consent(0.4), consent(0.35), consent(0.6)];
        let turnover = format!("{},{:02}", turnover / 100, turnover % 100);
        let (since, updated) = (dotted(self.day(since), false), dotted(self.day(days_ago), false));
        let fields: [&str; 21] = [
            &key,
            title,
            &family,
            &given,
            &maiden,
            sex,
            &birth,
            &id,
            &street,
            &postal_code,
            &town,
            country,
            &phone,
            &home_phone,
            &email,
            &since,
            &turnover,
            consents[0],
            consents[1],
            consents[2],
            consents[3],
        ];
        let mut line = String::with_capacity(240);
        for field in fields {
            csv(&mut line, field, ';');
            line.push(';');
        }
        line.push_str(&updated);
        line.push_str("\r\n");
        let mut bytes = Vec::with_capacity(line.len());
        windows_1250(&line, draw.chance(0.15), &mut bytes);
        chunk.push(SourceId::Crm, &bytes, &key, person.number);
        Written { source: SourceId::Crm, key, days_ago, email: true_email, phone: true_phone }
    }

    fn webshop(&self, person: &Person<'a>, copy: u64, draw: &mut Draw, chunk: &mut Chunk) -> Written {
        let rates = &self.lists.rates;
        let hand = self.hand(|r| r.webshop);
        let code = person.country.code.as_str();
        let days_ago = draw.days_ago(380.0, 2200);
        let key = format!("W-{:08}", self.key(person.number * 4 + copy, 2));
        let (given, family, case, bare) = self.names(person, &hand, days_ago, false, draw);
        let family = if draw.chance(rates.missing.family_name.webshop) { String::new() } else { family };
        let (email, true_email) = self.email(person, &hand, days_ago, draw);
        let (phone, true_phone) = if draw.chance(rates.missing.phone.webshop) {
            (String::new(), None)
        } else {
            self.phone(person, days_ago, draw)
        };
        let birth =
            if draw.chance(rates.missing.birth_date.webshop) { String::new() } else { iso(self.birth(person, draw)) };
        let home = person.home_at(days_ago);
        let (street, postal, town) = if draw.chance(rates.missing.address.webshop) {
            (String::new(), String::new(), String::new())
        } else {
            let line = street_line(code, home, draw);
            (
                hand.write(&line, case, bare, draw),
                postal_code(&home.postal_code, code, draw),
                hand.write(home.town, case, bare, draw),
            )
        };
        let created = iso(self.day(days_ago + draw.between(0, 1200)));
        let mut line = String::with_capacity(300);
        line.push('{');
        for (name, value) in [
            ("customer_id", key.as_str()),
            ("email", &email),
            ("first_name", &given),
            ("last_name", &family),
            ("phone", &phone),
            ("birthday", &birth),
            ("street", &street),
            ("postcode", &postal),
            ("city", &town),
            ("country", code),
        ] {
            json(&mut line, name, value);
        }
        let _ = write!(line, "\"newsletter\":{},\"created_at\":\"{created}\",", draw.chance(0.6));
        let _ = write!(
            line,
            "\"updated_at\":\"{}T{:02}:{:02}:00Z\"}}",
            iso(self.day(days_ago)),
            draw.below(24),
            draw.below(60)
        );
        line.push('\n');
        chunk.push(SourceId::Webshop, line.as_bytes(), &key, person.number);
        Written { source: SourceId::Webshop, key, days_ago, email: true_email, phone: true_phone }
    }

    fn contact_centre(&self, person: &Person<'a>, copy: u64, draw: &mut Draw, chunk: &mut Chunk) -> Written {
        let rates = &self.lists.rates;
        let hand = self.hand(|r| r.contact_centre);
        let code = person.country.code.as_str();
        let days_ago = draw.days_ago(420.0, 2500);
        let key = format!("CC{:07}", self.key(person.number * 4 + copy, 3));
        let (given, family, case, bare) = self.names(person, &hand, days_ago, person.cyrillic, draw);
        let mut name = match draw.below(10) {
            0..=5 => format!("{given} {family}"),
            6..=8 => format!("{family} {given}"),
            _ => format!("{family}, {given}"),
        };
        let home = person.home_at(days_ago);
        let mut address = String::new();
        if !draw.chance(rates.missing.address.contact_centre) {
            let street = street_line(code, home, draw);
            let postal = postal_code(&home.postal_code, code, draw);
            let line = match (code, draw.below(10)) {
                ("LV", 0..=7) => format!("{street}, {}, {postal}", home.town),
                (_, 0..=6) => format!("{street}, {postal} {}", home.town),
                (_, 7) => format!("{} {postal}, {street}", home.town),
                _ => format!("{street}, {}", home.town),
            };
            address = hand.write(&line, case, bare, draw);
        }
        if person.cyrillic {
            name = cyrillic(&name);
            address = cyrillic(&address);
        }
        let (phone, true_phone) = if draw.chance(rates.missing.phone.contact_centre) {
            (self.nothing(person, draw), None)
        } else {
            self.phone(person, days_ago, draw)
        };
        let second = match &person.land_line {
            Some(number) if draw.chance(0.3) => typed_phone(code, number, draw),
            _ => String::new(),
        };
        let (email, true_email) = if draw.chance(rates.missing.email.contact_centre) {
            (self.nothing(person, draw), None)
        } else {
            self.email(person, &hand, days_ago, draw)
        };
        let birth = if draw.chance(rates.missing.birth_date.contact_centre) {
            self.nothing(person, draw)
        } else {
            dotted(self.birth(person, draw), draw.chance(0.2))
        };
        let note = note(code, draw);
        let language = match code {
            "PL" => "pl",
            "RS" => "sr",
            "SI" => "sl",
            _ => "lv",
        };
        let refused = if draw.chance(0.05) {
            "no"
        } else if draw.chance(0.3) {
            "yes"
        } else {
            ""
        };
        let updated = format!("{} {:02}:{:02}", iso(self.day(days_ago)), 8 + draw.below(11), draw.below(60));
        let fields: [&str; 11] =
            [&key, &name, &birth, &phone, &second, &email, &address, code, language, refused, note];
        let mut line = String::with_capacity(240);
        for field in fields {
            csv(&mut line, field, ',');
            line.push(',');
        }
        line.push_str(&updated);
        line.push('\n');
        chunk.push(SourceId::ContactCentre, line.as_bytes(), &key, person.number);
        Written { source: SourceId::ContactCentre, key, days_ago, email: true_email, phone: true_phone }
    }
}

/// What agents write beside a call; some with quotes, commas and line breaks.
fn note(country: &str, draw: &mut Draw) -> &'static str {
    if draw.chance(0.6) {
        return "";
    }
    let notes: &[&str] = match country {
        "PL" => &[
            "Prosi o kontakt po 16:00",
            "Reklamacja, \"uszkodzona paczka\"",
            "zmiana adresu\nprosi o potwierdzenie listem",
            "oddzwonić",
            "Klient zadowolony, poleca",
        ],
        "RS" => &[
            "Zvati posle 17h",
            "Reklamacija: \"stigao pogrešan artikal\"",
            "promena adrese\nposlati potvrdu",
            "nije se javio",
            "Traži račun, hitno",
        ],
        "SI" => &[
            "Pokličite po 16. uri",
            "Reklamacija, \"poškodovan paket\"",
            "sprememba naslova\npošljite potrdilo",
            "se ne javi",
            "Želi račun, nujno",
        ],
        _ => &[
            "Zvanīt pēc 17:00",
            "Sūdzība, \"bojāts sūtījums\"",
            "adreses maiņa\nnosūtīt apstiprinājumu",
            "neatbild",
            "Lūdz rēķinu, steidzami",
        ],
    };
    notes.get(draw.index(notes.len())).copied().unwrap_or_default()
}

/// One digit of a number changed: the checksum fails.
fn wrong_digit(number: &str, draw: &mut Draw) -> String {
    let at = 6 + draw.index(number.len().saturating_sub(7));
    number
        .chars()
        .enumerate()
        .map(|(i, c)| match c.to_digit(10) {
            Some(digit) if i == at => char::from_digit((digit + 1) % 10, 10).unwrap_or(c),
            _ => c,
        })
        .collect()
}
