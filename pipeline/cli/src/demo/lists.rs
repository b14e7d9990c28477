//! Enters: the data files under `rules/reference/demo`. Leaves: names, streets, towns and rates ready to draw from.
//! Never here: a name or a rate written in code.

use super::DemoError;
use super::draw::Draw;
use super::rates::Rates;
use serde::Deserialize;
use std::collections::BTreeMap;

const RATES: &str = include_str!("../../../../rules/reference/demo/rates.toml");
const COUNTRIES: [&str; 4] = [
    include_str!("../../../../rules/reference/demo/pl.toml"),
    include_str!("../../../../rules/reference/demo/rs.toml"),
    include_str!("../../../../rules/reference/demo/si.toml"),
    include_str!("../../../../rules/reference/demo/lv.toml"),
];

/// Texts of which the first are drawn more often than the last (Zipf-Mandelbrot weights).
#[derive(Debug)]
pub struct Ranked {
    items: Vec<String>,
    cumulative: Vec<f64>,
}

impl Ranked {
    /// Item of rank r weighs `1 / (r + shift) ^ exponent`.
    fn new(text: &str, shift: f64, exponent: f64) -> Self {
        let items = list(text);
        let mut total = 0.0;
        let cumulative = (0..items.len())
            .map(|rank| {
                total += (rank as f64 + shift).powf(-exponent);
                total
            })
            .collect();
        Self { items, cumulative }
    }

    pub fn draw(&self, draw: &mut Draw) -> &str {
        let total = self.cumulative.last().copied().unwrap_or_default();
        let at = draw.unit() * total;
        let index = self.cumulative.partition_point(|c| *c <= at);
        self.items.get(index).or(self.items.last()).map(String::as_str).unwrap_or_default()
    }

    /// The nth item whose first letter is that of `like`, counted around; `like` itself when there is no other.
    pub fn alike<'a>(&'a self, like: &'a str, draw: &mut Draw) -> &'a str {
        let first = like.chars().next();
        let others: Vec<&String> =
            self.items.iter().take(60).filter(|n| n.chars().next() == first && *n != like).collect();
        others.get(draw.index(others.len())).map_or(like, |n| n.as_str())
    }
}

#[derive(Debug)]
pub struct Town {
    pub name: String,
    pub postal_codes: Vec<String>,
}

/// What a country's people are called, where they live and how they leave a field empty.
#[derive(Debug)]
pub struct Country {
    /// ISO 3166 alpha-2.
    pub code: String,
    pub given_female: Ranked,
    pub given_male: Ranked,
    pub surnames: Ranked,
    pub surname_list_share: f64,
    stems: Vec<String>,
    middles: Vec<String>,
    endings: Vec<String>,
    pub streets: Ranked,
    towns: Ranked,
    town_codes: BTreeMap<String, Town>,
    pub providers: Ranked,
    nicknames: BTreeMap<String, Vec<String>>,
    pub placeholders: Vec<String>,
    pub junk_emails: Vec<String>,
    pub junk_phones: Vec<String>,
    pub companies: Vec<String>,
}

impl Country {
    /// A surname in the form men carry: from the list of frequent ones, or put together.
    pub fn surname(&self, draw: &mut Draw) -> (String, bool) {
        if draw.chance(self.surname_list_share) {
            return (self.surnames.draw(draw).to_owned(), true);
        }
        let mut name = draw.text(&self.stems).to_owned();
        let middle = draw.text(&self.middles);
        let mut letters = middle.chars();
        if name.chars().last() == letters.clone().next() {
            letters.next();
        }
        name.extend(letters);
        name.push_str(draw.text(&self.endings));
        (name, false)
    }

    pub fn town(&self, draw: &mut Draw) -> Option<&Town> {
        self.town_codes.get(self.towns.draw(draw))
    }

    /// A short or pet form of a given name.
    pub fn nickname(&self, given: &str, draw: &mut Draw) -> Option<&str> {
        self.nicknames.get(given).map(|forms| draw.text(forms))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CountryFile {
    code: String,
    given_female: String,
    given_male: String,
    surnames: String,
    surname_list_share: f64,
    surname_stems: String,
    surname_middles: String,
    surname_endings: String,
    streets: String,
    towns: String,
    providers: String,
    nicknames: String,
    placeholders: String,
    junk_emails: String,
    junk_phones: String,
    companies: String,
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn country(text: &str) -> Result<Country, DemoError> {
    let file: CountryFile = toml::from_str(text).map_err(|e| DemoError::Lists(e.to_string()))?;
    let towns: Vec<Town> = list(&file.towns)
        .iter()
        .filter_map(|entry| {
            let (name, codes) = entry.rsplit_once(' ')?;
            Some(Town { name: name.to_owned(), postal_codes: codes.split('/').map(str::to_owned).collect() })
        })
        .collect();
    let names: Vec<&str> = towns.iter().map(|t| t.name.as_str()).collect();
    let nicknames = list(&file.nicknames)
        .iter()
        .filter_map(|entry| {
            let mut words = entry.split_whitespace().map(str::to_owned);
            Some((words.next()?, words.collect()))
        })
        .collect();
    Ok(Country {
        code: file.code,
        given_female: Ranked::new(&file.given_female, 5.0, 0.9),
        given_male: Ranked::new(&file.given_male, 5.0, 0.9),
        surnames: Ranked::new(&file.surnames, 15.0, 0.8),
        surname_list_share: file.surname_list_share,
        stems: list(&file.surname_stems),
        middles: list(&file.surname_middles),
        endings: list(&file.surname_endings),
        streets: Ranked::new(&file.streets, 20.0, 0.6),
        towns: Ranked::new(&names.join(","), 1.5, 0.9),
        town_codes: towns.into_iter().map(|t| (t.name.clone(), t)).collect(),
        providers: Ranked::new(&file.providers, 1.5, 0.8),
        nicknames,
        placeholders: list(&file.placeholders),
        junk_emails: list(&file.junk_emails),
        junk_phones: list(&file.junk_phones),
        companies: list(&file.companies),
    })
}

/// Everything that is drawn from.
pub struct Lists {
    pub countries: Vec<Country>,
    pub rates: Rates,
}

impl Lists {
    /// The lists that are compiled in.
    pub fn embedded() -> Result<Self, DemoError> {
        Ok(Self {
            countries: COUNTRIES.iter().map(|text| country(text)).collect::<Result<_, _>>()?,
            rates: toml::from_str(RATES).map_err(|e| DemoError::Lists(e.to_string()))?,
        })
    }
}
