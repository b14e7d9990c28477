//! What rows say of who lives with whom. Enter: `contacts` and `clusters`, side by side, and the contacts that are no
//! evidence. Leave: links between golden records by what a source declares, and by contacts that few of them have.
//! Never here: a contact in clear beyond the row that is read.

use super::super::super::columns::{integers, text_column, value};
use super::super::super::parts::{blocking, next_zipped, side_by_side};
use super::Everybody;
use crate::context::Context;
use crate::error::Result;
use crate::match_view::column;
use crate::store::read_some;
use crate::tables;
use arrow::array::RecordBatch;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use zlato_core::household::{Link, number};
use zlato_core::rules::sources::FieldKind;
use zlato_core::rules::survivorship::{Household, HouseholdEvidence as Evidence};

/// Links by what rows say.
#[derive(Default)]
pub struct Said {
    pub declared: Vec<Link>,
    pub contacts: Vec<Link>,
    /// What the first of two is to the second.
    pub relations: Vec<(Link, String)>,
}

/// A row that names another one.
struct Relation {
    person: u32,
    /// Source and key of the other row.
    to: u64,
    word: Option<String>,
}

/// Rows as numbers: values, and the golden records that have them.
#[derive(Default)]
struct Rows {
    contacts: Vec<(u64, u32)>,
    households: Vec<(u64, u32)>,
    relations: Vec<Relation>,
}

/// The columns that speak of households.
struct Columns {
    /// Fields of e-mails and of phones.
    contacts: Vec<(String, FieldKind)>,
    declared: bool,
    related: bool,
}

impl Columns {
    fn wants(&self, name: &str) -> bool {
        let field = |suffix: &str| name.strip_suffix(suffix);
        let of_contact = ["_key", "_class", "_verdict"].iter().filter_map(|s| field(s));
        let declared = ["source", "household_number", "related_to", "relation"].contains(&name);
        let mut contacts = of_contact.filter(|field| self.contacts.iter().any(|(contact, _)| contact == field));
        contacts.next().is_some() || name == "cluster_id" || (self.declared && declared)
    }
}

pub async fn read(context: &Context, rules: &Household, everybody: &Arc<Everybody>) -> Result<Said> {
    let fields = context.rules.rules.mapped_fields();
    let counts = |evidence: Evidence| rules.evidence.get_ref().contains(&evidence);
    let has = |name: &str| fields.iter().any(|(field, _)| field == name);
    let contact = |kind: FieldKind| matches!(kind, FieldKind::Email | FieldKind::Phone);
    let columns = Arc::new(Columns {
        contacts: fields.iter().filter(|f| counts(Evidence::SharedContact) && contact(f.1)).cloned().collect(),
        declared: counts(Evidence::Declared) && (has("household_number") || has("related_to")),
        related: has("related_to"),
    });
    let mut said = Said::default();
    if columns.contacts.is_empty() && !columns.declared {
        return Ok(said);
    }
    let no_evidence = Arc::new(no_evidence(context).await?);
    let (known, wanted) = (everybody.clone(), columns.clone());
    let mut rows: Rows = each_part(
        context,
        move |name| wanted.wants(name),
        move |batch, rows: &mut Rows| rows.read(batch, &columns, &known, &no_evidence),
        |all, some| {
            all.contacts.extend(some.contacts);
            all.households.extend(some.households);
            all.relations.extend(some.relations);
        },
    )
    .await?;
    let few = *rules.contact_people.get_ref() as usize;
    groups(&mut rows.contacts, |sharing| {
        if sharing.len() <= few {
            said.contacts.extend(everybody.people.by_contact(sharing));
        }
    });
    groups(&mut rows.households, |members| {
        said.declared.extend(members.iter().zip(members.iter().skip(1)).map(|(a, b)| (*a, *b)));
    });
    relations(context, rows.relations, everybody, &mut said).await?;
    Ok(said)
}

impl Rows {
    fn read(
        &mut self,
        batch: &RecordBatch,
        columns: &Columns,
        everybody: &Everybody,
        no_evidence: &HashSet<u64>,
    ) -> Result<()> {
        let text = |name: &str| text_column(batch, name);
        let clusters = integers(batch, "cluster_id")?;
        let people: Vec<Option<u32>> = clusters.values().iter().map(|cluster| everybody.of_cluster(*cluster)).collect();
        for (field, kind) in &columns.contacts {
            let (keys, verdicts) = (text(&column(field, "key")), text(&column(field, "verdict")));
            let classes = text(&column(field, "class"));
            for (row, person) in people.iter().enumerate() {
                // A mailbox such as info@ is an office's however few customers leave it.
                let home = value(verdicts, row) != Some("invalid") && value(classes, row) != Some("role");
                let (Some(person), Some(key), true) = (person, value(keys, row), home) else { continue };
                let contact = contact(*kind, key);
                if !no_evidence.contains(&contact) {
                    self.contacts.push((contact, *person));
                }
            }
        }
        if columns.declared {
            let (sources, numbers) = (text("source"), text("household_number"));
            let (related, relations) = (text("related_to"), text("relation"));
            for (row, person) in people.iter().enumerate() {
                let (Some(person), Some(source)) = (person, value(sources, row)) else { continue };
                self.households.extend(value(numbers, row).map(|n| (number((source, n)), *person)));
                if let Some(key) = value(related, row).filter(|_| columns.related) {
                    let word = value(relations, row).map(String::from);
                    self.relations.push(Relation { person: *person, to: number((source, key)), word });
                }
            }
        }
        Ok(())
    }
}

fn contact(kind: FieldKind, key: &str) -> u64 {
    number((kind == FieldKind::Email, key))
}

/// Contacts of an office, of a clerk, or that stand for nothing.
async fn no_evidence(context: &Context) -> Result<HashSet<u64>> {
    context.session.register(&context.store, tables::CONTACT_PROFILES, tables::CONTACT_PROFILES).await?;
    let sql = "SELECT field, value FROM contact_profiles WHERE NOT evidence";
    let mut all = HashSet::new();
    let mut stream = context.session.sql(sql).await?.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        let (fields, values) = (text_column(&batch, "field"), text_column(&batch, "value"));
        for row in 0..batch.num_rows() {
            let kind = value(fields, row).and_then(|field| context.rules.rules.field_kind(field));
            all.extend(kind.zip(value(values, row)).map(|(kind, key)| contact(kind, key)));
        }
    }
    Ok(all)
}

/// Rows named by others, found by source and key in a second look; only where any row names one.
async fn relations(
    context: &Context,
    relations: Vec<Relation>,
    everybody: &Arc<Everybody>,
    said: &mut Said,
) -> Result<()> {
    if relations.is_empty() {
        return Ok(());
    }
    let named: Arc<HashSet<u64>> = Arc::new(relations.iter().map(|r| r.to).collect());
    let known = everybody.clone();
    let found: HashMap<u64, u32> = each_part(
        context,
        |name| ["source", "source_key", "cluster_id"].contains(&name),
        move |batch, found: &mut HashMap<u64, u32>| {
            let (sources, keys) = (text_column(batch, "source"), text_column(batch, "source_key"));
            for (row, cluster) in integers(batch, "cluster_id")?.values().iter().enumerate() {
                let Some(key) = value(sources, row).zip(value(keys, row)).map(number) else { continue };
                if named.contains(&key) {
                    found.extend(known.of_cluster(*cluster).map(|person| (key, person)));
                }
            }
            Ok(())
        },
        |all, some| all.extend(some),
    )
    .await?;
    for relation in relations {
        let Some(other) = found.get(&relation.to).copied().filter(|other| *other != relation.person) else { continue };
        let link = (relation.person, other);
        // Relatives who are known to live in two places are related, but no household.
        if !everybody.people.live_apart(link) {
            said.declared.push(link);
            said.relations.extend(relation.word.map(|word| (link, word)));
        }
    }
    Ok(())
}

/// Calls for the golden records of each value that several have.
fn groups(rows: &mut Vec<(u64, u32)>, mut each: impl FnMut(&[u32])) {
    rows.sort_unstable();
    rows.dedup();
    let mut people = Vec::new();
    for group in rows.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
        people.clear();
        people.extend(group.iter().map(|(_, person)| *person));
        each(&people);
    }
}

/// Looks at every batch of contacts with its clusters, parts in parallel, and gathers what each gave.
async fn each_part<T: Default + Send + 'static>(
    context: &Context,
    wanted: impl Fn(&str) -> bool + Send + Sync + 'static,
    look: impl Fn(&RecordBatch, &mut T) -> Result<()> + Send + Sync + 'static,
    gather: impl Fn(&mut T, T),
) -> Result<T> {
    let shared = Arc::new((wanted, look, context.cancel.clone()));
    let parts = side_by_side(&context.store, &[tables::CONTACTS, tables::CLUSTERS])?;
    let mut found = stream::iter(parts)
        .map(|paths| {
            let shared = shared.clone();
            blocking(move || {
                let mut readers = Vec::with_capacity(paths.len());
                for path in paths {
                    readers.push(read_some(&path, &shared.0)?);
                }
                let mut some = T::default();
                while let Some(batch) = next_zipped(&mut readers)? {
                    shared.2.check()?;
                    (shared.1)(&batch, &mut some)?;
                }
                Ok(some)
            })
        })
        .buffered(context.options.limits.threads);
    let mut all = T::default();
    while let Some(some) = found.try_next().await? {
        gather(&mut all, some);
    }
    Ok(all)
}
