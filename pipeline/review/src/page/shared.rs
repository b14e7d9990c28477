//! Section: contacts and dates that too many people share to be evidence, and households.

use crate::components::{Sample, Value, Word};
use crate::data::{Data, quoted};
use crate::text::{thousands, words};
use std::collections::BTreeMap;
use zlato_engine::error::Result;

/// Members of a household that are named.
const SHOWN: usize = 12;

#[derive(Debug, Clone)]
pub struct Contact {
    pub value: Value,
    pub class: Word,
    pub people: String,
    pub families: String,
    pub records: String,
}

/// The shared values of one field.
#[derive(Debug, Clone)]
pub struct SharedField {
    pub field: String,
    pub contacts: Vec<Contact>,
    pub sample: Sample,
}

#[derive(Debug, Clone)]
pub struct Member {
    pub name: Value,
    /// What a source says that the person is to another one.
    pub role: Option<Value>,
    pub evidence: Word,
    pub prospect: bool,
}

#[derive(Debug, Clone)]
pub struct Household {
    pub address: Value,
    pub members: u64,
    pub adults: u64,
    pub children: u64,
    pub people: Vec<Member>,
}

/// How many people one kind of evidence joins.
#[derive(Debug, Clone)]
pub struct Joined {
    pub evidence: Word,
    pub people: String,
    pub households: String,
}

#[derive(Debug, Clone, Default)]
pub struct Shared {
    pub fields: Vec<SharedField>,
    /// Members and number of households.
    pub sizes: Vec<(u64, String)>,
    pub joined: Vec<Joined>,
    pub households: Vec<Household>,
    pub household_sample: Sample,
}

pub async fn fill(data: &Data<'_>) -> Result<Shared> {
    let mut page = Shared::default();
    let sql = "SELECT field, count(*) AS n FROM contact_profiles WHERE NOT evidence GROUP BY field ORDER BY field";
    for row in data.rows(&["contact_profiles"], sql).await? {
        page.fields.push(shared_field(data, &row.string("field"), row.count("n")).await?);
    }
    let sql = "SELECT members, count(DISTINCT household_id) AS n FROM households GROUP BY members ORDER BY members";
    let sizes = data.rows(&["households"], sql).await?;
    let total = sizes.iter().map(|r| r.count("n")).sum();
    page.sizes = sizes.iter().map(|r| (r.count("members"), thousands(r.count("n")))).collect();
    let sql = "SELECT evidence, count(*) AS people, count(DISTINCT household_id) AS households FROM households \
               GROUP BY evidence ORDER BY people DESC, evidence";
    if data.has_column("households", "evidence") {
        let joined = |r: &crate::rows::Row| Joined {
            evidence: data.word(&r.string("evidence")),
            people: thousands(r.count("people")),
            households: thousands(r.count("households")),
        };
        page.joined = data.rows(&["households"], sql).await?.iter().map(joined).collect();
    }
    page.households = households(data).await?;
    let sql = "SELECT * FROM households ORDER BY members DESC, household_id";
    page.household_sample = data.sample(page.households.len(), total, "households", sql);
    Ok(page)
}

async fn shared_field(data: &Data<'_>, field: &str, total: u64) -> Result<SharedField> {
    let all = format!(
        "SELECT value, class, people, families, records FROM contact_profiles \
         WHERE NOT evidence AND field = {} ORDER BY people DESC, value",
        quoted(field)
    );
    let limited = data.samples * 3 / 5;
    let rows = data.rows(&["contact_profiles"], &format!("{all} LIMIT {}", limited.max(1))).await?;
    let contacts: Vec<Contact> = rows
        .iter()
        .map(|r| Contact {
            value: Value::new(r.text("value").unwrap_or_default()),
            class: data.word(&r.string("class")),
            people: thousands(r.count("people")),
            families: thousands(r.count("families")),
            records: thousands(r.count("records")),
        })
        .collect();
    let sample = data.sample(contacts.len(), total, "shared values", &all);
    Ok(SharedField { field: words(field), contacts, sample })
}

async fn households(data: &Data<'_>) -> Result<Vec<Household>> {
    let sql = format!(
        "SELECT household_id, members FROM households GROUP BY household_id, members ORDER BY members DESC, household_id LIMIT {}",
        (data.samples * 2 / 5).max(1)
    );
    let chosen = data.rows(&["households"], &sql).await?;
    if chosen.is_empty() {
        return Ok(vec![]);
    }
    let ids: Vec<String> = chosen.iter().map(|r| quoted(&r.string("household_id"))).collect();
    let names = ["given_name", "family_name"]
        .map(|c| if data.has_column("golden", c) { format!("g.{c}") } else { format!("CAST(NULL AS VARCHAR) AS {c}") });
    let sql = format!(
        "SELECT h.*, {} FROM households h JOIN golden g ON h.golden_id = g.golden_id \
         WHERE h.household_id IN ({}) ORDER BY h.household_id, g.golden_id",
        names.join(", "),
        ids.join(", ")
    );
    let mut found: BTreeMap<String, Household> = BTreeMap::new();
    for row in data.rows(&["households", "golden"], &sql).await? {
        let household = found.entry(row.string("household_id")).or_insert_with(|| Household {
            address: Value::new(""),
            members: row.count("members"),
            adults: row.count("adults"),
            children: row.count("children"),
            people: vec![],
        });
        if household.address.text.is_empty() {
            household.address = Value::new(row.text("address").unwrap_or_default());
        }
        if household.people.len() < SHOWN {
            let name =
                [row.text("given_name"), row.text("family_name")].into_iter().flatten().collect::<Vec<_>>().join(" ");
            household.people.push(Member {
                name: Value::new(&name),
                role: row.text("role").map(Value::new),
                evidence: data.word(&row.string("evidence")),
                prospect: row.text("kind") == Some("prospect"),
            });
        }
    }
    Ok(chosen.iter().filter_map(|r| found.remove(&r.string("household_id"))).collect())
}
