//! `households`: golden records that live together. Enter: `golden`, `contacts`, `clusters`, `contact_profiles`, the
//! `households` of the published run. Leaves: a row a member with the head-count and what joins it. Holds some 60 bytes of
//! each customer and 16 of each contact of a record. Never here: what makes a household (zlato-core), a golden record changed.

mod links;

use super::super::columns::{integers, text_column, value};
use super::super::grouped::OrderedRows;
use super::super::parts::{blocking, write_query};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::read_some;
use crate::{files, tables};
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use chrono::Months;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeMap;
use std::sync::Arc;
use zlato_core::household::{Home, HouseholdId, Households, People, names};
use zlato_core::ledger::GoldenId;
use zlato_core::rules::survivorship::{Household, HouseholdEvidence as Evidence};

/// The members before they are sorted by household.
const UNSORTED: &str = "household_members";

/// Everybody, in the order of `golden`.
#[derive(Default)]
struct Everybody {
    people: People,
    ids: Vec<GoldenId>,
    clusters: Vec<i64>,
    /// Whether they are of age; none where the birth date is unknown.
    adult: Vec<Option<bool>>,
}

/// What is written beside a member.
struct Count {
    id: HouseholdId,
    members: usize,
    adults: usize,
    children: usize,
}

pub async fn write(context: &Context) -> Result<u64> {
    let rules = &context.rules.rules.survivorship.household;
    let everybody = Arc::new(read(context, rules).await?);
    let (mut households, roles) = join(context, rules, &everybody).await?;
    let all = households.all();
    let named: Vec<Vec<GoldenId>> = all.iter().map(|h| h.iter().filter_map(|p| everybody.id(*p)).collect()).collect();
    let ids = names(&named, &before(context)?);
    let mut counts = Vec::with_capacity(all.len());
    let mut home: Vec<Option<u32>> = vec![None; everybody.ids.len()];
    for ((members, id), at) in all.iter().zip(ids).zip(0u32..) {
        let of_age = |wanted: bool| members.iter().filter(|p| everybody.is_adult(**p) == Some(wanted)).count();
        counts.push(Count { id, members: members.len(), adults: of_age(true), children: of_age(false) });
        for person in members {
            if let Some(slot) = home.get_mut(*person as usize) {
                *slot = Some(at);
            }
        }
    }
    unsorted(context, &everybody, |person| {
        let count = counts.get(home.get(person as usize).copied().flatten()? as usize)?;
        Some((count, households.evidence(person)?, roles.get(&person).map(String::as_str)))
    })?;
    context.session.register(&context.store, UNSORTED, UNSORTED).await?;
    let table = context.store.begin(tables::HOUSEHOLDS, tables::households())?;
    write_query(context, &table, &format!("SELECT * FROM {UNSORTED} ORDER BY household_id, golden_id")).await?;
    let _ = context.session.context().deregister_table(UNSORTED)?;
    files::remove_dir_if_present(&context.store.path(UNSORTED))?;
    table.finish()
}

impl Everybody {
    fn id(&self, person: u32) -> Option<GoldenId> {
        self.ids.get(person as usize).copied()
    }

    fn is_adult(&self, person: u32) -> Option<bool> {
        self.adult.get(person as usize).copied().flatten()
    }

    /// The number of the golden record of a cluster.
    fn of_cluster(&self, cluster: i64) -> Option<u32> {
        u32::try_from(self.clusters.binary_search(&cluster).ok()?).ok()
    }

    fn append(&mut self, other: Self) {
        self.people.append(other.people);
        self.ids.extend(other.ids);
        self.clusters.extend(other.clusters);
        self.adult.extend(other.adult);
    }

    fn push(&mut self, batch: &RecordBatch, of_age: &str) -> Result<()> {
        let text = |name: &str| text_column(batch, name);
        let (ids, clusters) = (text("golden_id"), integers(batch, "cluster_id")?);
        let [key, house, unit] = ["address_key", "house_number", "unit"].map(text);
        let [code, town] = ["postal_code", "locality"].map(text);
        let [family, country, birth] = ["family_name", "country", "birth_date"].map(text);
        for row in 0..batch.num_rows() {
            let id = value(ids, row).and_then(GoldenId::parse);
            self.ids.push(id.ok_or_else(|| Error::Internal("a golden record without an id".into()))?);
            self.clusters.push(clusters.value(row));
            // Dates in standard form compare as their texts do.
            self.adult.push(value(birth, row).map(|born| born <= of_age));
            self.people.push(&Home {
                address_key: value(key, row),
                house_number: value(house, row),
                unit: value(unit, row),
                postal_code: value(code, row),
                locality: value(town, row),
                family_name: value(family, row),
                country: value(country, row),
            });
        }
        Ok(())
    }
}

/// Reads `golden`, its parts in parallel.
async fn read(context: &Context, rules: &Household) -> Result<Everybody> {
    let columns = [
        "golden_id",
        "cluster_id",
        "address_key",
        "house_number",
        "unit",
        "postal_code",
        "locality",
        "family_name",
        "country",
        "birth_date",
    ];
    let of_age = context.options.as_of.checked_sub_months(Months::new(rules.age_of_majority.get_ref() * 12));
    let of_age = Arc::new(of_age.unwrap_or(context.options.as_of).to_string());
    stream::iter(context.store.parts(tables::GOLDEN)?.into_iter().map(Ok))
        .map(|part: Result<_>| {
            let of_age = of_age.clone();
            async move {
                let part = part?;
                blocking(move || {
                    let mut some = Everybody::default();
                    for batch in read_some(&part, |name| columns.contains(&name))? {
                        some.push(&batch?, &of_age)?;
                    }
                    Ok(some)
                })
                .await
            }
        })
        .buffered(context.options.limits.threads)
        .try_fold(Everybody::default(), |mut all, some| async move {
            all.append(some);
            Ok(all)
        })
        .await
}

/// Households by the evidence that the rules name, and what people are to each other.
async fn join(
    context: &Context,
    rules: &Household,
    everybody: &Arc<Everybody>,
) -> Result<(Households, BTreeMap<u32, String>)> {
    let counts = |evidence: Evidence| rules.evidence.get_ref().contains(&evidence);
    let largest = *rules.largest.get_ref() as usize;
    let crowded = *rules.crowded.get_ref() as usize;
    let people = &everybody.people;
    let mut households = Households::new(people.len());
    let said = links::read(context, rules, everybody).await?;
    let mut roles = BTreeMap::new();
    for evidence in Evidence::ALL.into_iter().filter(|e| counts(*e)) {
        match evidence {
            Evidence::Declared => {
                households.join(evidence, &said.declared, largest);
                for (link, relation) in &said.relations {
                    if households.are_one(*link) {
                        // Of several rows' words the first in the alphabet, so that the order of rows decides nothing.
                        let role = roles.entry(link.0).or_insert_with(|| relation.clone());
                        if relation < role {
                            role.clone_from(relation);
                        }
                    }
                }
            }
            Evidence::AddressSurname => households.join(evidence, &people.by_address_and_surname(crowded), largest),
            Evidence::SharedContact => households.join(evidence, &said.contacts, largest),
            Evidence::SameAddress => households.join(evidence, &people.by_address(crowded), largest),
        }
    }
    Ok((households, roles))
}

/// Who was in which household of the published run.
fn before(context: &Context) -> Result<BTreeMap<GoldenId, HouseholdId>> {
    let mut before = BTreeMap::new();
    let Some(last) = context.last.as_ref().filter(|last| last.exists(tables::HOUSEHOLDS)) else { return Ok(before) };
    let mut rows = OrderedRows::open_columns(last, tables::HOUSEHOLDS, &["household_id", "golden_id"])?;
    while let Some(batch) = rows.next_batch()? {
        let (household, golden) = (text_column(&batch, "household_id"), text_column(&batch, "golden_id"));
        for row in 0..batch.num_rows() {
            let person = value(golden, row).and_then(GoldenId::parse);
            before.extend(person.zip(value(household, row).and_then(HouseholdId::parse)));
        }
    }
    Ok(before)
}

/// Writes the members in the order of `golden`.
fn unsorted<'a>(
    context: &Context,
    everybody: &Everybody,
    member: impl Fn(u32) -> Option<(&'a Count, Evidence, Option<&'a str>)>,
) -> Result<()> {
    let table = context.store.begin(UNSORTED, tables::households())?;
    let mut writer = table.sequence();
    let mut golden = OrderedRows::open_columns(&context.store, tables::GOLDEN, &["kind", "family_name", "address"])?;
    let mut next = 0u32;
    while let Some(batch) = golden.next_batch()? {
        let numbers = (next..).take(batch.num_rows());
        next = next.saturating_add(u32::try_from(batch.num_rows()).unwrap_or(u32::MAX));
        let found: Vec<_> = numbers.zip(0..).filter_map(|(p, row)| Some((p, row, member(p)?))).collect();
        let text = |name: &str| -> ArrayRef {
            let column = text_column(&batch, name);
            Arc::new(found.iter().map(|(_, row, _)| value(column, *row)).collect::<StringArray>())
        };
        let number = |of: fn(&Count) -> usize| -> ArrayRef {
            let counts = found.iter().map(|(_, _, (count, ..))| i64::try_from(of(count)).unwrap_or(i64::MAX));
            Arc::new(Int64Array::from_iter_values(counts))
        };
        let age = |person: u32| everybody.is_adult(person).map(|adult| if adult { "adult" } else { "child" });
        let columns: Vec<ArrayRef> = vec![
            Arc::new(found.iter().map(|(_, _, (count, ..))| Some(count.id.to_string())).collect::<StringArray>()),
            text("golden_id"),
            text("kind"),
            number(|count| count.members),
            number(|count| count.adults),
            number(|count| count.children),
            Arc::new(found.iter().map(|(person, ..)| age(*person)).collect::<StringArray>()),
            Arc::new(found.iter().map(|(_, _, (_, _, role))| *role).collect::<StringArray>()),
            Arc::new(found.iter().map(|(_, _, (_, evidence, _))| Some(evidence.as_str())).collect::<StringArray>()),
            text("family_name"),
            text("address"),
        ];
        writer.write(&RecordBatch::try_new(tables::households(), columns)?)?;
    }
    writer.finish()?;
    table.finish()?;
    Ok(())
}
