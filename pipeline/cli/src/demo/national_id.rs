//! Enters: country, birth date, sex and a serial. Leaves: a national number with valid check digit.
//! Different serials below [`space`] give different numbers for the same day and sex. Never here: randomness.

use chrono::{Datelike, NaiveDate};

/// Registration areas of the Serbian JMBG that are drawn from (71 to 79 central Serbia, 80 to 89 Vojvodina).
const AREAS: [u64; 18] = [71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 89];

/// How many different serials a day has (for each sex, where the number tells it).
pub fn space(country: &str) -> u64 {
    match country {
        "PL" => 5_000,
        "RS" => 450 * AREAS.len() as u64,
        "SI" => 450,
        _ => 1_000,
    }
}

/// PESEL, JMBG, EMŠO or personas kods.
pub fn national_id(country: &str, birth: NaiveDate, female: bool, serial: u64) -> String {
    let serial = serial % space(country);
    match country {
        "PL" => pesel(birth, female, serial),
        "RS" => {
            let area = AREAS.get((serial % AREAS.len() as u64) as usize).copied().unwrap_or(71);
            jmbg(birth, female, area, serial / AREAS.len() as u64)
        }
        "SI" => jmbg(birth, female, 50, serial),
        _ => personas_kods(birth, serial),
    }
}

fn weighted(number: &str, weights: &[u32]) -> u32 {
    number.bytes().zip(weights).map(|(b, w)| u32::from(b.wrapping_sub(b'0')) * w).sum()
}

/// PESEL: YYMMDD with the century in the month, four digits of which the last tells the sex, check digit.
fn pesel(birth: NaiveDate, female: bool, serial: u64) -> String {
    let century = match birth.year() {
        1800..=1899 => 80,
        2000..=2099 => 20,
        _ => 0,
    };
    let last = (serial % 5) * 2 + u64::from(!female);
    let body = format!(
        "{:02}{:02}{:02}{:03}{last}",
        birth.year().rem_euclid(100),
        birth.month() + century,
        birth.day(),
        serial / 5
    );
    let check = (10 - weighted(&body, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10;
    format!("{body}{check}")
}

/// JMBG and EMŠO: DDMMYYY, area, three digits (below 500: male), check digit modulo 11; remainder 10 is never issued.
fn jmbg(birth: NaiveDate, female: bool, area: u64, slot: u64) -> String {
    let tens = slot / 9 + if female { 50 } else { 0 };
    let head = format!("{:02}{:02}{:03}{area:02}{tens:02}", birth.day(), birth.month(), birth.year().rem_euclid(1000));
    let sum = weighted(&head, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3]);
    let last = (0..10u32).filter(|d| (sum + 2 * d) % 11 != 1).nth((slot % 9) as usize).unwrap_or_default();
    let check = (11 - (sum + 2 * last) % 11) % 11;
    format!("{head}{last}{check}")
}

/// Personas kods: DDMMYY-CNNNQ, C = 1 for births in the 20th, 2 in the 21st century.
fn personas_kods(birth: NaiveDate, serial: u64) -> String {
    let century = if birth.year() >= 2000 { 2 } else { 1 };
    let body = format!("{:02}{:02}{:02}{century}{serial:03}", birth.day(), birth.month(), birth.year().rem_euclid(100));
    let check = (1 + weighted(&body, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11 % 10;
    let (date, rest) = body.split_at_checked(6).unwrap_or((&body, ""));
    format!("{date}-{rest}{check}")
}

/// Whether a number has the check digit that its country's rule asks for (used by the generator's own tests).
#[cfg(test)]
pub fn valid(country: &str, number: &str) -> bool {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let Some(check) = digits.chars().last().and_then(|c| c.to_digit(10)) else {
        return false;
    };
    let expected = match (country, digits.len()) {
        ("PL", 11) => (10 - weighted(&digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10,
        ("RS" | "SI", 13) => (11 - weighted(&digits, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11,
        ("LV", 11) => (1 + weighted(&digits, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11 % 10,
        _ => return false,
    };
    check == expected
}
