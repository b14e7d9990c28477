//! Enters: people as they are. Leaves: their rows in the CRM, the web shop and the contact centre, as those keep them.
//! Never here: which rows break, and the order of rows (`output` does both).

use super::contacts::{country_name, e164, street_line, typed_phone};
use super::draw::Draw;
use super::fields::{dotted, iso, postal_code};
use super::letters::cyrillic;
use super::mistakes::{Case, Hand};
use super::people::Person;
use super::rates::{BySource, Rates};
use super::side_rows::Event;
use super::sources::{Record, SourceId};
use chrono::{Datelike, Days, NaiveDate};

/// What every row needs to know.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    pub rates: &'a Rates,
    pub as_of: NaiveDate,
    /// Numbers of keys are spread over this space.
    pub key_space: u64,
    /// Rows are typed today; otherwise each is as old as chance has it.
    pub today: bool,
}

/// A row that was written: events refer to it.
#[derive(Debug, Clone)]
pub struct Written {
    pub record: Record,
    pub days_ago: i64,
    /// The mailbox and the number that the row means, however it spells them.
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// All that the sources first have of one person.
#[derive(Debug, Default)]
pub struct Made {
    pub rows: Vec<Written>,
    pub events: Vec<Event>,
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

    /// The key of a row that staff or customers fill; different turns below the key space give different keys.
    pub fn source_key(&self, source: SourceId, turn: u64) -> String {
        match source {
            SourceId::Crm => (100_000 + self.key(turn, 1)).to_string(),
            SourceId::Webshop => format!("W-{:08}", self.key(turn, 2)),
            SourceId::ContactCentre => format!("CC{:07}", self.key(turn, 3)),
            _ => format!("L{:08}", self.key(turn, 4)),
        }
    }

    /// The age of a row in days.
    pub fn age(&self, mean: f64, limit: i64, draw: &mut Draw) -> i64 {
        if self.today { 0 } else { draw.days_ago(mean, limit) }
    }

    /// Everything of one person but bought profiles.
    pub fn own_rows(&self, person: &Person<'a>, draw: &mut Draw) -> Made {
        let mut made = Made::default();
        let mut is_prospect = draw.chance(self.rates.presence.prospect_customer);
        if person.customer.is_some() {
            made.rows = self.customer_rows(person, draw);
            made.events = if self.today { Vec::new() } else { self.events(person, &made.rows, draw) };
        } else {
            is_prospect = draw.chance(self.rates.roles.prospects);
        }
        if is_prospect {
            for copy in 0..1 + u64::from(draw.chance(self.rates.duplicates.prospects)) {
                made.rows.push(self.prospect(person, copy, draw));
            }
        }
        made
    }

    /// Everything of one person, bought profiles included.
    pub fn first_rows(&self, person: &Person<'a>, draw: &mut Draw) -> Made {
        let mut made = self.own_rows(person, draw);
        if draw.chance(self.rates.presence.profile_lifestyle) {
            made.rows.push(self.profile_lifestyle(person, draw));
        }
        if draw.chance(self.rates.presence.profile_hashed) {
            made.rows.push(self.profile_hashed(person, draw));
        }
        made
    }

    /// A row of one person in one source that staff and customers fill.
    pub fn row(&self, source: SourceId, person: &Person<'a>, copy: u64, draw: &mut Draw) -> Written {
        match source {
            SourceId::Crm => self.crm(person, copy, draw),
            SourceId::Webshop => self.webshop(person, copy, draw),
            SourceId::ContactCentre => self.contact_centre(person, copy, draw),
            _ => self.prospect(person, copy, draw),
        }
    }

    /// Rows of one person in the three customer sources; a customer is in one of them at least.
    fn customer_rows(&self, person: &Person<'a>, draw: &mut Draw) -> Vec<Written> {
        let presence = &self.rates.presence;
        let mut in_crm = draw.chance(presence.crm);
        // A web shop account needs an e-mail address.
        let in_shop = person.email.is_some() && draw.chance(presence.webshop);
        let in_centre = draw.chance(presence.contact_centre);
        in_crm |= !in_shop && !in_centre;
        let mut written = Vec::with_capacity(4);
        let duplicates = self.rates.duplicates;
        let copies =
            |share: f64, draw: &mut Draw| 1 + u64::from(draw.chance(share)) + u64::from(draw.chance(share * 0.15));
        if in_crm {
            for copy in 0..copies(duplicates.crm, draw) {
                written.push(self.crm(person, copy, draw));
            }
        }
        if in_shop {
            for copy in 0..copies(duplicates.webshop, draw) {
                written.push(self.webshop(person, copy, draw));
            }
        }
        if in_centre {
            for copy in 0..copies(duplicates.contact_centre, draw) {
                written.push(self.contact_centre(person, copy, draw));
            }
        }
        written
    }

    fn hand(&self, source: fn(&BySource) -> f64) -> Hand<'_> {
        Hand { rates: &self.rates.mistakes, source }
    }

    /// An empty field, or now and then a word that stands for it.
    pub fn nothing(&self, person: &Person<'_>, draw: &mut Draw) -> String {
        if draw.chance(self.rates.missing.placeholder) {
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
        let rates = &self.rates.mistakes;
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
        let rates = &self.rates.mistakes;
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

    fn crm(&self, person: &Person<'a>, copy: u64, draw: &mut Draw) -> Written {
        let rates = self.rates;
        let hand = self.hand(|r| r.crm);
        let code = person.country.code.as_str();
        let days_ago = self.age(560.0, 3200, draw);
        let key = self.source_key(SourceId::Crm, person.number * 4 + copy);
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
        let fields = vec![
            key,
            title.to_owned(),
            family,
            given,
            maiden,
            sex.to_owned(),
            birth,
            id,
            street,
            postal_code,
            town,
            country.to_owned(),
            phone,
            home_phone,
            email,
            since,
            turnover,
            consents[0].to_owned(),
            consents[1].to_owned(),
            consents[2].to_owned(),
            consents[3].to_owned(),
            updated,
        ];
        let record = Record { source: SourceId::Crm, person: person.number, fields, question_marks: draw.chance(0.15) };
        Written { record, days_ago, email: true_email, phone: true_phone }
    }

    fn webshop(&self, person: &Person<'a>, copy: u64, draw: &mut Draw) -> Written {
        let rates = self.rates;
        let hand = self.hand(|r| r.webshop);
        let code = person.country.code.as_str();
        let days_ago = self.age(380.0, 2200, draw);
        let key = self.source_key(SourceId::Webshop, person.number * 4 + copy);
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
        let newsletter = draw.chance(0.6).to_string();
        let updated = format!("{}T{:02}:{:02}:00Z", iso(self.day(days_ago)), draw.below(24), draw.below(60));
        let fields = vec![
            key,
            email,
            given,
            family,
            phone,
            birth,
            street,
            postal,
            town,
            code.to_owned(),
            newsletter,
            created,
            updated,
        ];
        let record = Record { source: SourceId::Webshop, person: person.number, fields, question_marks: false };
        Written { record, days_ago, email: true_email, phone: true_phone }
    }

    fn contact_centre(&self, person: &Person<'a>, copy: u64, draw: &mut Draw) -> Written {
        let rates = self.rates;
        let hand = self.hand(|r| r.contact_centre);
        let code = person.country.code.as_str();
        let days_ago = self.age(420.0, 2500, draw);
        let key = self.source_key(SourceId::ContactCentre, person.number * 4 + copy);
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
        let own = |text: &str| text.to_owned();
        let fields = vec![
            key,
            name,
            birth,
            phone,
            second,
            email,
            address,
            own(code),
            own(language),
            own(refused),
            own(note),
            updated,
        ];
        let record = Record { source: SourceId::ContactCentre, person: person.number, fields, question_marks: false };
        Written { record, days_ago, email: true_email, phone: true_phone }
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
