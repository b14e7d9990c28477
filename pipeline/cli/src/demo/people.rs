//! Enters: a block number. Leaves: the households and people of that block as they truly are, with their history.
//! Never here: sources and their mistakes; a table of everybody (each block stands alone, so memory stays constant).

use super::contacts;
use super::draw::{Draw, mix};
use super::lists::{Country, Lists};
use super::national_id;
use chrono::{Datelike, NaiveDate};

/// People in a block; every fifth is no customer.
pub const BLOCK: u64 = 20;
/// Customers in a block.
pub const BLOCK_CUSTOMERS: u64 = 16;
/// Which country a block belongs to: PL 9, RS 5, SI 3, LV 3 of 20.
const PATTERN: [usize; 20] = [0, 1, 0, 2, 0, 3, 1, 0, 0, 1, 3, 0, 2, 0, 1, 0, 3, 1, 2, 0];

/// A postal address as its holder would tell it.
#[derive(Debug, Clone)]
pub struct Home<'a> {
    pub street: &'a str,
    pub number: String,
    pub flat: Option<u64>,
    pub postal_code: String,
    pub town: &'a str,
}

/// A value that was replaced so many days before the generator's day.
#[derive(Debug, Clone)]
pub struct Former<T> {
    pub until_days_ago: i64,
    pub value: T,
}

/// One person as he or she truly is.
#[derive(Debug, Clone)]
pub struct Person<'a> {
    /// Number in the whole population; the entity of the truth file.
    pub number: u64,
    /// Number among the customers.
    pub customer: Option<u64>,
    /// Number among the country's people.
    pub local: u64,
    pub household: u64,
    pub country: &'a Country,
    pub female: bool,
    pub birth: NaiveDate,
    pub national_id: String,
    pub given: &'a str,
    pub family: String,
    /// Surname at birth, where it differs.
    pub birth_name: Option<String>,
    /// Days since a wedding within the years that the sources cover.
    pub married_days_ago: Option<i64>,
    pub home: Home<'a>,
    pub former_home: Option<Former<Home<'a>>>,
    /// National digits without trunk prefix.
    pub mobile: String,
    pub former_mobile: Option<Former<String>>,
    pub land_line: Option<String>,
    pub switchboard: Option<String>,
    pub email: Option<String>,
    pub former_email: Option<Former<String>>,
    pub second_email: Option<String>,
    pub twin_of: Option<u64>,
    pub junior_of: Option<u64>,
    pub cyrillic: bool,
    pub household_size: u64,
    pub children: u64,
    pub couple: bool,
}

impl<'a> Person<'a> {
    /// Surname as it was so many days ago.
    pub fn family_at(&self, days_ago: i64) -> &str {
        match (&self.birth_name, self.married_days_ago) {
            (Some(name), Some(wedding)) if days_ago > wedding => name,
            _ => &self.family,
        }
    }

    /// What was true so many days ago was so one day longer ago.
    pub fn one_day_later(&mut self) {
        self.married_days_ago = self.married_days_ago.map(|days| days + 1);
        self.former_home.iter_mut().for_each(|f| f.until_days_ago += 1);
        self.former_mobile.iter_mut().for_each(|f| f.until_days_ago += 1);
        self.former_email.iter_mut().for_each(|f| f.until_days_ago += 1);
    }

    /// The mobile number of today in E.164 form.
    pub fn e164(&self) -> String {
        contacts::e164(&self.country.code, &self.mobile)
    }

    pub fn home_at(&self, days_ago: i64) -> &Home<'a> {
        at(&self.home, self.former_home.as_ref(), days_ago)
    }

    pub fn mobile_at(&self, days_ago: i64) -> &str {
        at(&self.mobile, self.former_mobile.as_ref(), days_ago).as_str()
    }

    pub fn email_at(&self, days_ago: i64) -> Option<&str> {
        self.email.as_ref().map(|email| at(email, self.former_email.as_ref(), days_ago).as_str())
    }
}

fn at<'t, T>(now: &'t T, former: Option<&'t Former<T>>, days_ago: i64) -> &'t T {
    match former {
        Some(former) if days_ago > former.until_days_ago => &former.value,
        _ => now,
    }
}

/// What all blocks share.
pub struct Population<'a> {
    pub lists: &'a Lists,
    pub seed: u64,
    pub as_of: NaiveDate,
    /// How many customers are wanted; later people are left out.
    pub customers: u64,
    /// Customers who come in later nights; they live in blocks of their own, after those of the others.
    pub newcomers: u64,
}

/// Where a block stands within its country.
struct Place<'a> {
    country: &'a Country,
    /// Number of the block's first person among its country's people.
    first: u64,
    /// Number of the last person of the country, at most.
    last: u64,
    year_step: i32,
}

impl<'a> Population<'a> {
    pub fn blocks(&self) -> u64 {
        self.customers.div_ceil(BLOCK_CUSTOMERS)
    }

    /// Blocks of those who are there from the first and of those who come later.
    pub fn all_blocks(&self) -> u64 {
        self.blocks() + self.newcomers.div_ceil(BLOCK_CUSTOMERS)
    }

    /// A mobile number that nobody has or had; each `turn` below 8 of a person gives another.
    pub fn new_mobile(&self, person: &Person<'_>, turn: u64) -> Option<String> {
        let place = self.place(person.number / BLOCK)?;
        // Two numbers of everybody in the country are taken: today's and an earlier one.
        Some(contacts::mobile(&place.country.code, place.last + person.local * 4, turn))
    }

    fn place(&self, block: u64) -> Option<Place<'a>> {
        let position = (block % 20) as usize;
        let which = PATTERN.get(position).copied()?;
        let country = self.lists.countries.get(which)?;
        let share = PATTERN.iter().filter(|c| **c == which).count() as u64;
        let before = PATTERN.iter().take(position).filter(|c| **c == which).count() as u64;
        let last = (self.all_blocks() / 20 + 1) * share * BLOCK;
        let serials = regular_serials(&country.code);
        Some(Place {
            country,
            first: (block / 20 * share + before) * BLOCK,
            last,
            year_step: (last / 365 / serials) as i32 + 1,
        })
    }

    /// The people of one block, household by household.
    pub fn block(&self, block: u64) -> Vec<Person<'a>> {
        let Some(place) = self.place(block) else {
            return Vec::new();
        };
        let draw = &mut Draw::new(self.seed, 2 * block);
        let mut people: Vec<Person<'a>> = Vec::with_capacity(BLOCK as usize);
        while (people.len() as u64) < BLOCK {
            let left = BLOCK - people.len() as u64;
            let size = household_size(draw).min(left);
            self.household(block * BLOCK, &place, size, draw, &mut people);
        }
        people.retain(|p| block >= self.blocks() || p.customer.is_none_or(|c| c < self.customers));
        people
    }

    fn household(&self, offset: u64, place: &Place<'a>, size: u64, draw: &mut Draw, people: &mut Vec<Person<'a>>) {
        let rates = &self.lists.rates.people;
        let country = place.country;
        let start = people.len();
        let household = offset + start as u64;
        let couple = size >= 2 && draw.chance(rates.couple);
        let family_home = couple || size >= 3 || (size == 2 && draw.chance(0.5));
        let with_children = if couple {
            size - 2
        } else if family_home {
            size - 1
        } else {
            0
        };
        let head_age =
            if with_children > 0 { draw.between(40, 72) } else { 19 + draw.between(0, 40) + draw.between(0, 25) };
        let home = home(country, draw);
        let moved = draw.chance(rates.moved).then(|| draw.between(60, 1500));
        let former_home = moved.map(|until_days_ago| Former { until_days_ago, value: self::home(country, draw) });
        let land_line =
            draw.chance(rates.landline).then(|| contacts::land_line(&country.code, place.first + start as u64));
        let (surname, _) = country.surname(draw);

        for position in 0..size {
            let number = household + position;
            let local = place.first + start as u64 + position;
            let child = family_home && position >= if couple { 2 } else { 1 };
            let age = match (position, child) {
                (0, _) => head_age,
                (_, true) => (head_age - draw.between(20, 36)).max(15),
                _ => (head_age + draw.between(-7, 6)).max(18),
            };
            let female = if couple && position < 2 { position == 1 } else { draw.chance(0.515) };
            let names = if female { &country.given_female } else { &country.given_male };
            let mut given = names.draw(draw);
            let same_surname = position == 0 || child || (couple && position == 1);
            let base = if same_surname { surname.clone() } else { country.surname(draw).0 };
            let mut family = contacts::surname_for(&country.code, &base, female);
            let mut birth_name = None;
            let mut married_days_ago = None;
            let mut former = former_home.clone();
            if couple && position == 1 {
                let own = contacts::surname_for(&country.code, &country.surname(draw).0, true);
                let takes = rates.takes_name.get(&country.code).copied().unwrap_or(0.8);
                if !draw.chance(rates.married) || !draw.chance(takes) {
                    family = own;
                } else {
                    if draw.chance(rates.double_name) {
                        let joint = if country.code == "RS" || country.code == "SI" { ' ' } else { '-' };
                        family = format!("{own}{joint}{family}");
                    }
                    birth_name = Some(own);
                    if age < 45 && draw.chance(rates.married_lately * 2.5) {
                        let days = draw.between(90, 1400);
                        married_days_ago = Some(days);
                        if former.is_none() && draw.chance(0.6) {
                            former = Some(Former { until_days_ago: days, value: self::home(country, draw) });
                        }
                    }
                }
            }
            let mut junior_of = None;
            if child
                && couple
                && !female
                && draw.chance(rates.junior)
                && let Some(father) = people.get(start)
            {
                given = father.given;
                junior_of = Some(father.number);
            }
            let first_child = start + if couple { 2 } else { 1 };
            let elder = people.get(first_child).filter(|_| child && people.len() == first_child + 1);
            let twin = elder.filter(|_| draw.chance(rates.twins)).map(|e| (e.number, e.birth, e.given, e.female));
            let (birth, serial) = self.birth(place, local, age);
            let (birth, serial, twin_of) = match twin {
                Some((elder, birth, elder_given, elder_female)) => {
                    if draw.chance(rates.twins_alike) && female == elder_female {
                        given = names.alike(elder_given, draw);
                    }
                    let reserve = national_id::space(&country.code) - regular_serials(&country.code);
                    (birth, regular_serials(&country.code) + mix(local) % reserve.max(1), Some(elder))
                }
                None => (birth, serial, None),
            };
            if junior_of.is_none() && child && people.iter().skip(start).any(|p| p.given == given && p.female == female)
            {
                given = names.draw(draw);
            }
            let serial = scramble(&country.code, birth, serial);
            let former_mobile = draw.chance(rates.phone_changed).then(|| Former {
                until_days_ago: draw.between(60, 1600),
                value: contacts::mobile(&country.code, local, 1),
            });
            let shared = couple && position == 1 && draw.chance(rates.shared_email);
            let mailbox = contacts::Mailbox { country, given, family: &family, birth, local, plain: rates.plain_email };
            let email = if shared {
                people.get(start).and_then(|p| p.email.clone())
            } else if draw.chance(rates.no_email + if age > 70 { 0.4 } else { 0.0 }) {
                None
            } else if draw.chance(rates.role_email) {
                Some(contacts::role_email(country, draw))
            } else {
                Some(mailbox.address(draw))
            };
            let former_email = (email.is_some() && !shared && draw.chance(rates.email_changed)).then(|| Former {
                until_days_ago: draw.between(60, 1600),
                value: contacts::Mailbox { family: birth_name.as_deref().unwrap_or(&family), ..mailbox }.address(draw),
            });
            let second_email = (email.is_some() && draw.chance(rates.second_email)).then(|| mailbox.address(draw));
            people.push(Person {
                number,
                customer: (number % 5 != 4).then(|| number / 5 * 4 + number % 5),
                local,
                household,
                country,
                female,
                birth,
                national_id: national_id::national_id(&country.code, birth, female, serial),
                given,
                married_days_ago,
                home: home.clone(),
                former_home: if child && age > 30 { None } else { former },
                mobile: contacts::mobile(&country.code, local, 0),
                former_mobile,
                land_line: land_line.clone(),
                switchboard: draw.chance(rates.switchboard).then(|| contacts::land_line(&country.code, draw.below(30))),
                email,
                former_email,
                second_email,
                twin_of,
                junior_of,
                cyrillic: country.code == "RS" && draw.chance(rates.serbian_cyrillic),
                household_size: size,
                children: with_children,
                couple: couple && position < 2,
                family,
                birth_name,
            });
        }
    }

    /// Birth date and serial of the person at this place in the country: no two people of a country share both.
    fn birth(&self, place: &Place<'_>, local: u64, age: i64) -> (NaiveDate, u64) {
        let round = local / 365;
        let day = shuffled_day(local % 365, mix(self.seed ^ mix(round)));
        let serials = regular_serials(&place.country.code);
        let lap = (round / serials) as i32;
        let year = self.as_of.year() - 1 - age as i32;
        let year = year - (year - lap).rem_euclid(place.year_step);
        let birth = NaiveDate::from_yo_opt(year, day as u32 + 1).unwrap_or_default();
        debug_assert!(local <= place.last);
        (birth, round % serials)
    }
}

/// Day of the year number `day` (of 365) in an order of its own for each `order`: no two days meet.
fn shuffled_day(day: u64, order: u64) -> u64 {
    let mut at = day;
    loop {
        // Each line is a bijection of nine bits; results beyond the year go round again.
        for turn in 0..3 {
            at = (at * 181 + (order >> (9 * turn))) & 511;
            at ^= at >> 4;
        }
        if at < 365 {
            return at;
        }
    }
}

/// Serials of a day that are given to people in turn; the rest is kept for second twins.
fn regular_serials(country: &str) -> u64 {
    national_id::space(country) / 10 * 9
}

/// Spreads serials over a day's whole space, so that they do not look counted.
fn scramble(country: &str, birth: NaiveDate, serial: u64) -> u64 {
    let space = national_id::space(country);
    (serial * 167 + mix(u64::from(birth.ordinal())) % space) % space
}

fn household_size(draw: &mut Draw) -> u64 {
    match (draw.unit() * 100.0) as u32 {
        0..=44 => 1,
        45..=71 => 2,
        72..=86 => 3,
        87..=95 => 4,
        _ => 5,
    }
}

/// Some address of a country.
pub fn home<'a>(country: &'a Country, draw: &mut Draw) -> Home<'a> {
    let street = country.streets.draw(draw);
    let limit = if draw.chance(0.6) { 40 } else { 150 };
    let mut number = (1 + draw.below(limit)).to_string();
    if draw.chance(0.10) {
        number.push(['a', 'b', 'c', 'd'].get(draw.index(4)).copied().unwrap_or('a'));
    }
    let flats = match country.code.as_str() {
        "SI" => 0.04,
        "RS" => 0.45,
        _ => 0.58,
    };
    let flat = draw.chance(flats).then(|| 1 + draw.below(70));
    let Some(town) = country.town(draw) else {
        return Home { street, number, flat, postal_code: String::new(), town: "" };
    };
    // A street keeps its postal code: the choice hangs on the names, not on the draw.
    let choice = super::draw::hash(street) ^ super::draw::hash(&town.name);
    let code =
        town.postal_codes.get((choice % town.postal_codes.len().max(1) as u64) as usize).map_or("", String::as_str);
    let postal_code = if country.code == "PL" { format!("{code}{:02}", choice / 64 % 50) } else { code.to_owned() };
    Home { street, number, flat, postal_code, town: &town.name }
}
