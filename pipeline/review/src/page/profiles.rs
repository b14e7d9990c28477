//! Section: what bought and public consumer profiles gave: the terms of each source, what became of its rows,
//! and which fields they filled or suggest.

use crate::components::{Bar, Value, Word};
use crate::data::{Data, texts};
use crate::text::{thousands, words};
use std::collections::BTreeMap;
use zlato_engine::error::Result;
use zlato_engine::tally::By;

/// What became of the rows of a source.
#[derive(Debug, Clone)]
pub struct Status {
    pub status: Word,
    pub rows: String,
    pub share: Bar,
}

#[derive(Debug, Clone)]
pub struct Source {
    pub source: String,
    pub licence: Option<Value>,
    pub purposes: Value,
    pub legal_basis: Value,
    pub collected: String,
    pub shelf_life: String,
    pub reach: String,
    pub cost: String,
    pub cost_per_filled: String,
    pub statuses: Vec<Status>,
}

/// What a source offers for a field.
#[derive(Debug, Clone)]
pub struct Offer {
    pub source: String,
    pub field: String,
    pub mode: Word,
    pub offered: String,
    /// Golden records that took the value; none for suggestions.
    pub filled: Option<String>,
    /// Customers who told us the same, and something else.
    pub agrees: String,
    pub conflicts: String,
    /// Values of other vendors for the same customer and field.
    pub others_agree: String,
    pub others_differ: String,
}

/// A field of a group of the view of customers.
#[derive(Debug, Clone)]
pub struct Attribute {
    pub group: String,
    pub field: String,
    /// Customers to whom it is offered.
    pub offered: String,
    /// Of them, by origin: [`ORIGINS`].
    pub origins: Vec<String>,
    /// Of them ageing, stale or without a date.
    pub doubtful: String,
    /// Customers to whom the group's shelf life denies it.
    pub withheld: String,
}

const ORIGINS: [&str; 4] = ["told", "filled", "suggested", "counted"];

#[derive(Debug, Clone, Default)]
pub struct Profiles {
    pub purposes: Vec<Value>,
    pub sources: Vec<Source>,
    pub offers: Vec<Offer>,
    pub origin_words: Vec<Word>,
    pub attributes: Vec<Attribute>,
}

pub async fn fill(data: &Data<'_>) -> Result<Profiles> {
    let sql = "SELECT source, status, count(*) AS n FROM profile_links GROUP BY source, status ORDER BY source, n DESC, status";
    let links = data.rows(&["profile_links"], sql).await?;
    let mut names: Vec<String> = links.iter().map(|r| r.string("source")).collect();
    names.dedup();
    let rules = &data.rules.profiles;
    let mut worth = worth(data).await?;
    let sources: Vec<Source> = names
        .iter()
        .map(|name| {
            let terms = rules.profile.iter().find(|p| p.source.get_ref() == name);
            let of = || links.iter().filter(|r| r.text("source") == Some(name));
            let whole = of().map(|r| r.count("n")).sum();
            let [reach, cost, cost_per_filled] = worth.remove(name).unwrap_or_default();
            Source {
                reach,
                cost,
                cost_per_filled,
                source: name.clone(),
                licence: terms.map(|t| Value::new(&t.licence)),
                purposes: Value::new(&terms.map_or_else(String::new, |t| t.purposes.join(", "))),
                legal_basis: Value::new(terms.map_or("", |t| t.legal_basis.get_ref())),
                collected: terms
                    .and_then(|t| t.collected.as_ref())
                    .map_or_else(|| "per row".into(), |c| c.get_ref().clone()),
                shelf_life: terms
                    .and_then(|t| t.shelf_life_days.as_ref())
                    .map_or_else(|| "unlimited".into(), |d| format!("{} days", thousands(u64::from(*d.get_ref())))),
                statuses: of()
                    .map(|r| Status {
                        status: data.word(&r.string("status")),
                        rows: thousands(r.count("n")),
                        share: Bar::of(r.count("n"), whole),
                    })
                    .collect(),
            }
        })
        .collect();
    Ok(Profiles {
        purposes: rules.purposes.iter().map(|p| Value::new(p)).collect(),
        offers: offers(data).await?,
        sources,
        origin_words: ORIGINS.iter().map(|origin| data.word(origin)).collect(),
        attributes: attributes(data).await?,
    })
}

async fn offers(data: &Data<'_>) -> Result<Vec<Offer>> {
    let sql =
        "SELECT *, \"use\" AS mode FROM vendors WHERE field IS NOT NULL ORDER BY source, mode, offered DESC, field";
    let offer = |r: &crate::rows::Row| Offer {
        source: r.string("source"),
        field: words(&r.string("field")),
        mode: data.word(&r.string("mode")),
        offered: thousands(r.count("offered")),
        filled: (r.text("mode") == Some("fill")).then(|| thousands(r.count("filled"))),
        agrees: thousands(r.count("agrees")),
        conflicts: thousands(r.count("conflicts")),
        others_agree: thousands(r.count("others_agree")),
        others_differ: thousands(r.count("others_differ")),
    };
    Ok(data.rows(&["vendors"], sql).await?.iter().map(offer).collect())
}

/// Rows of a group's field; of those that have a value, so many by origin and so many in doubt.
#[derive(Default)]
struct Offered {
    rows: u64,
    offered: u64,
    origins: [u64; ORIGINS.len()],
    doubtful: u64,
}

/// The groups of the view of customers, in the order of the rules.
async fn attributes(data: &Data<'_>) -> Result<Vec<Attribute>> {
    let by = |last: &str| {
        let names = ["kind", "group_name", "field", last].map(By::value);
        names.into_iter().chain([By::Present("value".into())]).collect::<Vec<By>>()
    };
    let (origin, state) = (by("origin"), by("state"));
    let tallies = data.tally("attributes", &[&origin, &state]).await?;
    let mut found: BTreeMap<[String; 2], Offered> = BTreeMap::new();
    for (place, tally) in tallies.into_iter().enumerate() {
        for (combination, n) in tally {
            let [kind, group, field, said, present] = texts(&combination);
            if kind != "customer" {
                continue;
            }
            let sums = found.entry([group, field]).or_default();
            let offered = if present == "true" { n } else { 0 };
            if place == 1 {
                sums.doubtful += if said.is_empty() || said == "fresh" { 0 } else { offered };
                continue;
            }
            sums.rows += n;
            sums.offered += offered;
            if let Some(sum) = ORIGINS.iter().position(|o| *o == said).and_then(|place| sums.origins.get_mut(place)) {
                *sum += offered;
            }
        }
    }
    let groups = data.rules.profiles.attribute_group.iter();
    let members = groups.flat_map(|g| g.fields.iter().map(|f| [g.name.get_ref().clone(), f.get_ref().clone()]));
    let one = |name: [String; 2]| {
        let [group, field] = &name;
        let counts = found.get(&name)?;
        Some(Attribute {
            group: words(group),
            field: words(field),
            offered: thousands(counts.offered),
            origins: counts.origins.map(thousands).to_vec(),
            doubtful: thousands(counts.doubtful),
            withheld: thousands(counts.rows.saturating_sub(counts.offered)),
        })
    };
    Ok(members.filter_map(one).collect())
}

/// What each source reaches and costs, as the words of its list of terms.
async fn worth(data: &Data<'_>) -> Result<BTreeMap<String, [String; 3]>> {
    let sql = "SELECT * FROM vendors WHERE field IS NULL ORDER BY source";
    let mut worth = BTreeMap::new();
    for r in data.rows(&["vendors"], sql).await? {
        let reach = format!("{} customers, {}", thousands(r.count("customers")), percent(r.number("coverage")));
        let money = |name: &str| r.number(name).map_or_else(|| "not known".into(), |n| format!("{n:.2}"));
        worth.insert(r.string("source"), [reach, money("cost"), money("cost_per_filled")]);
    }
    Ok(worth)
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".into(), |share| format!("{:.1} %", 100.0 * share))
}
