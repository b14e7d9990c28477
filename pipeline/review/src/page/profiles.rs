//! Section: what bought and public consumer profiles gave: the terms of each source, what became of its rows,
//! and which fields they filled or suggest.

use crate::components::{Bar, Value, Word};
use crate::data::{Data, quoted};
use crate::text::{thousands, words};
use zlato_engine::error::Result;

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
}

#[derive(Debug, Clone, Default)]
pub struct Profiles {
    pub purposes: Vec<Value>,
    pub sources: Vec<Source>,
    pub offers: Vec<Offer>,
}

pub async fn fill(data: &Data<'_>) -> Result<Profiles> {
    let sql = "SELECT source, status, count(*) AS n FROM profile_links GROUP BY source, status ORDER BY source, n DESC, status";
    let links = data.rows(&["profile_links"], sql).await?;
    let mut names: Vec<String> = links.iter().map(|r| r.string("source")).collect();
    names.dedup();
    let rules = &data.rules.profiles;
    let sources: Vec<Source> = names
        .iter()
        .map(|name| {
            let terms = rules.profile.iter().find(|p| p.source.get_ref() == name);
            let of = || links.iter().filter(|r| r.text("source") == Some(name));
            let whole = of().map(|r| r.count("n")).sum();
            Source {
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
        offers: offers(data, &names).await?,
        sources,
    })
}

async fn offers(data: &Data<'_>, names: &[String]) -> Result<Vec<Offer>> {
    if names.is_empty() {
        return Ok(vec![]);
    }
    let sql = "SELECT source, field, \"use\" AS mode, count(*) AS n FROM profiles GROUP BY source, field, \"use\" ORDER BY source, mode, n DESC, field";
    let offered = data.rows(&["profiles"], sql).await?;
    let sources = names.iter().map(|n| quoted(n)).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT source, field, count(*) AS n FROM golden_fields WHERE winner AND source IN ({sources}) GROUP BY source, field"
    );
    let filled = data.rows(&["golden_fields"], &sql).await?;
    let took = |source: &str, field: &str| -> u64 {
        filled
            .iter()
            .filter(|r| r.text("source") == Some(source) && r.text("field") == Some(field))
            .map(|r| r.count("n"))
            .sum()
    };
    let offer = |r: &crate::rows::Row| Offer {
        source: r.string("source"),
        field: words(&r.string("field")),
        mode: data.word(&r.string("mode")),
        offered: thousands(r.count("n")),
        filled: (r.text("mode") == Some("fill")).then(|| thousands(took(&r.string("source"), &r.string("field")))),
    };
    Ok(offered.iter().map(offer).collect())
}
