//! Enters: a person or a row. Leaves: its line in the truth files.
//! Never here: anything a source says.

use super::contacts::e164;
use super::fields::{csv, iso, pad};
use super::people::Person;
use super::sources::SourceId;

pub const ROWS_HEADER: &str = "source,source_key,entity\n";
pub const BROKEN_HEADER: &str = "source,source_key,defect\n";
pub const PEOPLE_HEADER: &str = "entity,household,country,role,sex,birth_date,national_id,given_name,family_name,birth_name,email,phone,street,house_number,unit,postal_code,locality,moved,married,twin_of,junior_of\n";

/// The name of a person in the truth files.
pub fn entity(number: u64) -> String {
    let mut out = String::with_capacity(9);
    push_entity(&mut out, number);
    out
}

fn push_entity(out: &mut String, number: u64) {
    out.push('E');
    pad(out, number, 8);
}

/// Appends whose row this is.
pub fn row_line(line: &mut String, source: SourceId, key: &str, person: u64) {
    line.push_str(source.name());
    line.push(',');
    line.push_str(key);
    line.push(',');
    push_entity(line, person);
    line.push('\n');
}

/// Appends what is true of a person.
pub fn person_line(line: &mut String, person: &Person<'_>) {
    let home = &person.home;
    let flat = home.flat.map(|f| f.to_string()).unwrap_or_default();
    let number = |n: Option<u64>| n.map(entity).unwrap_or_default();
    push_entity(line, person.number);
    line.push_str(",H");
    pad(line, person.household, 8);
    line.push(',');
    line.push_str(&person.country.code);
    line.push_str(if person.customer.is_some() { ",customer," } else { ",other," });
    for field in [
        if person.female { "female" } else { "male" },
        &iso(person.birth),
        &person.national_id,
        person.given,
        &person.family,
        person.birth_name.as_deref().unwrap_or_default(),
        person.email.as_deref().unwrap_or_default(),
        &e164(&person.country.code, &person.mobile),
        home.street,
        &home.number,
        &flat,
        &home.postal_code,
        home.town,
        if person.former_home.is_some() { "1" } else { "" },
        if person.married_days_ago.is_some() { "1" } else { "" },
        &number(person.twin_of),
    ] {
        csv(line, field, ',');
        line.push(',');
    }
    line.push_str(&number(person.junior_of));
    line.push('\n');
}
