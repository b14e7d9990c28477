//! Enters: a person. Leaves: the mailboxes, numbers and name forms such a person has, and ways to write them down.
//! Never here: mistakes; those are made in `mistakes`.

use super::draw::{Draw, mix};
use super::letters::plain;
use super::lists::Country;
use super::people::Home;
use chrono::{Datelike, NaiveDate};

/// The form of a surname that women carry: Polish -ski, Latvian -s, -š, -is; unchanged elsewhere.
pub fn surname_for(country: &str, surname: &str, female: bool) -> String {
    if !female {
        return surname.to_owned();
    }
    const POLISH: &[(&str, &str)] = &[("ski", "ska"), ("cki", "cka"), ("dzki", "dzka")];
    const LATVIAN: &[(&str, &str)] = &[
        ("skis", "ska"),
        ("sons", "sone"),
        ("manis", "mane"),
        ("nieks", "niece"),
        ("iņš", "iņa"),
        ("ņš", "ņa"),
        ("is", "e"),
        ("ais", "ā"),
        ("š", "a"),
        ("us", "us"),
        ("s", "a"),
    ];
    let endings = match country {
        "PL" => POLISH,
        "LV" => LATVIAN,
        _ => &[],
    };
    for (male, female) in endings {
        if let Some(stem) = surname.strip_suffix(male) {
            return format!("{stem}{female}");
        }
    }
    surname.to_owned()
}

/// A number spread over `space` so that different `turn`s below it never meet (primes beyond the spaces used here).
fn spread(turn: u64, space: u64) -> u64 {
    ((u128::from(turn) * 618_033_989 + 271_828_183) % u128::from(space)) as u64
}

/// National digits of a mobile number; every person has his or her own, `version` 0 is today's.
pub fn mobile(country: &str, local: u64, version: u64) -> String {
    let (prefixes, digits): (&[&str], usize) = match country {
        "PL" => (&["50", "51", "53", "60", "66", "69", "72", "78", "79", "88"], 7),
        "RS" => (&["60", "61", "62", "63", "64", "65", "66", "69"], 7),
        "SI" => (&["30", "31", "40", "41", "51", "68", "70", "71"], 6),
        _ => (&["20", "22", "24", "25", "26", "27", "28", "29"], 6),
    };
    let space = 10u64.pow(digits as u32) * prefixes.len() as u64;
    let value = spread(local * 2 + version, space);
    let prefix = prefixes.get((value % prefixes.len() as u64) as usize).copied().unwrap_or("60");
    format!("{prefix}{:0digits$}", value / prefixes.len() as u64)
}

/// National digits of a land line.
pub fn land_line(country: &str, local: u64) -> String {
    let (prefixes, digits): (&[&str], usize) = match country {
        "PL" => (&["222", "123", "426", "713", "618", "583", "914", "523", "817", "857", "322", "344"], 6),
        "RS" => (&["112", "113", "215", "185", "345", "245", "235", "325", "375", "365"], 6),
        "SI" => (&["15", "14", "22", "34", "42", "53", "56", "73"], 6),
        _ => (&["67", "65", "63", "64"], 6),
    };
    let space = 10u64.pow(digits as u32) * prefixes.len() as u64;
    let value = spread(local, space);
    let prefix = prefixes.get((value % prefixes.len() as u64) as usize).copied().unwrap_or("22");
    format!("{prefix}{:0digits$}", value / prefixes.len() as u64)
}

/// E.164 form of national digits.
pub fn e164(country: &str, national: &str) -> String {
    format!("+{}{national}", calling_code(country))
}

fn calling_code(country: &str) -> &'static str {
    match country {
        "PL" => "48",
        "RS" => "381",
        "SI" => "386",
        _ => "371",
    }
}

/// A number as people type it: `#` takes the next digit, `@` the calling code, what is left over follows.
pub fn typed_phone(country: &str, national: &str, draw: &mut Draw) -> String {
    let patterns: &[&str] = match country {
        "PL" => &[
            "### ### ###",
            "###-###-###",
            "#########",
            "+@ ### ### ###",
            "+@#########",
            "00@#########",
            "(##) ### ## ##",
            "+@ ##-###-##-##",
            "### ### ###",
            "#########",
            "@#########",
            "tel. ### ### ###",
        ],
        "RS" => &[
            "0##/###-####",
            "0##/### ## ##",
            "0########",
            "+@ ## ### ####",
            "+@########",
            "00@ ## #######",
            "0## ### ## ##",
            "0##-###-###",
            "@########",
            "(0##) ###-####",
            "+@ (0)## ### ####",
            "0##/#######",
        ],
        "SI" => &[
            "0## ### ###",
            "0##/###-###",
            "0########",
            "+@ ## ### ###",
            "+@########",
            "00@ ## ### ###",
            "0##-###-###",
            "(0##) ### ###",
            "+@ (0)## ### ###",
        ],
        _ => &[
            "########",
            "+@ ########",
            "+@########",
            "## ### ###",
            "@-########",
            "(+@) ########",
            "00@########",
            "#### ####",
            "########",
        ],
    };
    let pattern = patterns.get(draw.index(patterns.len())).copied().unwrap_or("#########");
    let mut digits = national.chars();
    let mut out = String::with_capacity(20);
    for mark in pattern.chars() {
        match mark {
            '#' => out.extend(digits.next()),
            '@' => out.push_str(calling_code(country)),
            other => out.push(other),
        }
    }
    out.extend(digits);
    out
}

/// What a mailbox name is made of.
#[derive(Clone, Copy)]
pub struct Mailbox<'m> {
    pub country: &'m Country,
    pub given: &'m str,
    pub family: &'m str,
    pub birth: NaiveDate,
    pub local: u64,
    /// Share of names without any number.
    pub plain: f64,
}

impl Mailbox<'_> {
    /// A mailbox of one's own in one of several styles.
    pub fn address(&self, draw: &mut Draw) -> String {
        let given = plain(self.given).to_lowercase();
        let family: String = plain(self.family).to_lowercase().replace([' ', '-'], "");
        let first: String = given.chars().take(1).collect();
        let mut name = match draw.below(9) {
            0 | 1 => format!("{given}.{family}"),
            2 => format!("{given}{family}"),
            3 => format!("{first}{family}"),
            4 => format!("{family}.{given}"),
            5 => format!("{given}_{family}"),
            6 => format!("{first}.{family}"),
            7 => format!("{family}{first}"),
            _ => {
                let short = self.country.nickname(self.given, draw).map(|n| plain(n).to_lowercase());
                format!("{}.{}", short.unwrap_or(given), family.chars().take(4).collect::<String>())
            }
        };
        if !draw.chance(self.plain) {
            let number = match draw.below(3) {
                0 => format!("{:02}{}", self.birth.year().rem_euclid(100), mix(self.local) % 89 + 10),
                1 => self.birth.year().to_string(),
                _ => (self.local * 7919 % 9973 + 11).to_string(),
            };
            name.push_str(&number);
        }
        format!("{name}@{}", self.country.providers.draw(draw))
    }
}

/// The mailbox of a whole company.
pub fn role_email(country: &Country, draw: &mut Draw) -> String {
    let company = plain(draw.text(&country.companies)).to_lowercase().replace([' ', '.'], "-");
    let role = ["info", "biuro", "office", "prodaja"].get(draw.index(4)).copied().unwrap_or("info");
    format!("{role}@{company}.{}", country.code.to_lowercase())
}

/// Street, number and flat in one line, in one of the ways the country writes it.
pub fn street_line(country: &str, home: &Home<'_>, draw: &mut Draw) -> String {
    let Home { street, number, flat, .. } = home;
    let prefix = match (country, draw.below(10)) {
        ("PL", 0..=5) if *street != "Rynek" => "ul. ",
        ("PL", 6) if *street != "Rynek" => "ul ",
        ("RS", 0..=1) if !street.contains("ulevar") => "ul. ",
        _ => "",
    };
    let number = if draw.chance(0.2) { number.to_uppercase() } else { number.clone() };
    let mut out = format!("{prefix}{} {number}", shortened(country, street, draw));
    if let Some(flat) = flat {
        let style = draw.below(10);
        out.push_str(&match (country, style) {
            ("PL", 0..=6) => format!("/{flat}"),
            ("PL", 7) => format!(" m. {flat}"),
            ("PL", 8) => format!(" m {flat}"),
            ("PL", _) => format!(" lok. {flat}"),
            ("RS", 0..=5) => format!("/{flat}"),
            ("RS", 6..=7) => format!(", stan {flat}"),
            ("RS", _) => format!(" st. {flat}"),
            ("LV", 0..=6) => format!("-{flat}"),
            ("LV", 7..=8) => format!(" - {flat}"),
            ("LV", _) => format!(" dz. {flat}"),
            _ => format!("/{flat}"),
        });
    }
    out
}

/// A street name with its type or first word shortened, as people do.
fn shortened(country: &str, street: &str, draw: &mut Draw) -> String {
    if draw.chance(0.55) {
        return street.to_owned();
    }
    match country {
        "SI" => {
            street.replace(" cesta", " c.").replace(" ulica", " ul.").replace("Ulica ", "Ul. ").replace("Cesta ", "C. ")
        }
        "LV" => street.replace("Krišjāņa ", "Kr. ").replace("prospekts", "prosp.").replace("bulvāris", "bulv."),
        "RS" => street.replace("Bulevar ", "Bul. ").replace("Vojvode ", "Vojv. ").replace("kralja ", "kr. "),
        _ => street
            .replace("Jana Pawła", "J. Pawła")
            .replace("Wojska Polskiego", "Woj. Polskiego")
            .replace("Powstańców", "Powst."),
    }
}

/// Name of the country in its own language.
pub fn country_name(code: &str) -> &'static str {
    match code {
        "PL" => "Polska",
        "RS" => "Srbija",
        "SI" => "Slovenija",
        _ => "Latvija",
    }
}
