//! Profiles of customers. Enter: profile rows and whom they name; the terms of profiles.toml. Leave: `profile_links`, what
//! became of each row, and `profiles`, one line for each field that a linked profile may fill or suggest.
//! Never here: a value of the golden record.

use super::super::columns::{integers, text_column, value};
use super::super::holders::Held;
use super::super::parts::{finish, parallel};
use super::super::ranges::{Ranges, Spool, write_in_order};
use super::seek::{Found, Seeking, Way, text_columns};
use super::texts::{Has, Text};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::Stage;
use crate::store::{TableWriter, read_some};
use crate::tables;
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use serde_spanned::Spanned;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use zlato_core::day;
use zlato_core::rules::profiles::Profile;

/// What a profile source may be used for.
#[derive(Debug)]
pub struct Terms {
    profile: Profile,
    permitted: bool,
    /// Days since 1970-01-01.
    as_of: i32,
    /// Day on which rows count as collected that have none of their own.
    collected: Option<i32>,
    offered: Vec<Offered>,
}

/// A field that is offered.
#[derive(Debug)]
struct Offered {
    field: String,
    mode: &'static str,
    /// Days for which its values are young enough, where the field has a shelf life of its own.
    shelf_life: Option<u32>,
}

/// The terms of every profile source.
pub fn terms(context: &Context) -> Result<BTreeMap<String, Terms>> {
    let (rules, as_of) = (&context.rules.rules.profiles, day::number(context.options.as_of));
    let columns = text_columns(&context.store, tables::PROFILE_CONTACTS)?;
    let terms = rules.profile.iter().map(|profile| {
        let modes = [(&profile.fill, "fill"), (&profile.suggest, "suggest")];
        let fields = modes.iter().flat_map(|(fields, mode)| fields.iter().map(|field| (field.get_ref(), *mode)));
        let offered = fields.filter(|(field, _)| columns.contains(*field)).map(|(field, mode)| Offered {
            field: field.clone(),
            mode,
            shelf_life: profile
                .field_shelf_life_days
                .iter()
                .find(|(name, _)| name.get_ref() == field)
                .map(|(_, days)| *days.get_ref()),
        });
        let permitted = rules.purposes.iter().any(|purpose| profile.purposes.contains(purpose));
        let collected = profile.collected.as_ref().and_then(|day| day::usable(day.get_ref(), as_of)).map(|at| at.day);
        let terms = Terms { offered: offered.collect(), permitted, as_of, collected, profile: profile.clone() };
        (profile.source.get_ref().clone(), terms)
    });
    Ok(terms.collect())
}

/// Profile rows and the fields they are linked on, strongest first.
pub fn seeking(
    context: &Context,
    terms: &BTreeMap<String, Terms>,
    customers: &BTreeSet<String>,
) -> Result<Vec<Seeking>> {
    let columns = text_columns(&context.store, tables::PROFILE_CONTACTS)?;
    Seeking::parts(&context.store, tables::PROFILE_CONTACTS, |source| {
        let links = terms.get(source).into_iter().flat_map(|terms| &terms.profile.link_on);
        let ways = (0..).zip(links.map(Spanned::get_ref)).map(|(rank, link)| {
            let (theirs, ours): (Vec<Text>, Vec<Text>) = link.fields().iter().map(|field| texts(field)).unzip();
            (rank, theirs, ours)
        });
        let known = |texts: &[Text], columns: &BTreeSet<String>| texts.iter().all(|t| columns.contains(t.column()));
        let ways = ways.filter(|(_, theirs, ours)| known(theirs, &columns) && known(ours, customers));
        ways.map(|(rank, theirs, ours)| Way { rank, theirs, customers: vec![Has::Texts(ours)] }).collect()
    })
}

/// Where a link field stands in a profile and with a customer. Names are compared without letter case, signs over letters
/// and script, given names without their short forms, surnames without the endings of husband and wife.
fn texts(field: &str) -> (Text, Text) {
    let both = |column: String| (Text::Whole(column.clone()), Text::Whole(column));
    match field {
        "email" | "email_other" | "phone" | "phone_other" | "birth_name" => both(format!("{field}_key")),
        "given_name" | "family_name" => both(format!("{field}_root")),
        "email_sha256" => (Text::Lower(field.into()), Text::Sha256("email".into())),
        "phone_sha256" => (Text::Lower(field.into()), Text::Sha256("phone".into())),
        other => both(other.into()),
    }
}

/// Writes both tables; returns their rows.
pub async fn write(
    context: &Context,
    terms: &Arc<BTreeMap<String, Terms>>,
    parts: Vec<Seeking>,
    ranges: &Arc<Ranges>,
) -> Result<(u64, u64)> {
    let table = Arc::new(context.store.begin(tables::PROFILE_LINKS, tables::profile_links())?);
    let spool = Arc::new(Spool::new(&context.spill_folder(), "offers", tables::profiles(), ranges.count()));
    let (links, into, terms, ranges) = (table.clone(), spool.clone(), terms.clone(), ranges.clone());
    let progress = context.progress.clone();
    let work = move |(number, part): (usize, Seeking)| {
        let advanced = |rows: usize| progress.advanced(Stage::Enrich, rows as u64);
        write_part(&links, number, &part, terms.get(&part.source), &into, &ranges, &advanced)
    };
    parallel(context.options.limits.threads, numbered(parts), work).await?;
    let links = finish(table)?;
    let table = context.store.begin(tables::PROFILES, tables::profiles())?;
    let keys = ["cluster_id", "field", "record_id"];
    Ok((links, write_in_order(table, spool, &keys, context.options.limits.threads).await?))
}

/// Parts with the numbers that their links have: as in tables of records, by source and then one after another.
fn numbered(parts: Vec<Seeking>) -> Vec<(usize, Seeking)> {
    let mut next: BTreeMap<i64, usize> = BTreeMap::new();
    let number = |part: Seeking| {
        let source = part.first / tables::RECORDS_PER_SOURCE;
        let first = usize::try_from(source).unwrap_or(0) * tables::PARTS_PER_SOURCE;
        let next = next.entry(source).or_insert(first);
        *next += 1;
        (*next - 1, part)
    };
    parts.into_iter().map(number).collect()
}

fn write_part(
    table: &TableWriter,
    number: usize,
    part: &Seeking,
    terms: Option<&Terms>,
    spool: &Spool,
    ranges: &Ranges,
    advanced: &dyn Fn(usize),
) -> Result<()> {
    let offered = |name: &str| terms.is_some_and(|terms| terms.offered.iter().any(|o| o.field == name));
    let wanted = |name: &str| ["source", "source_key", "updated_at"].contains(&name) || offered(name);
    let mut writer = table.part(number)?;
    let mut found = part.found.as_slice();
    for batch in read_some(&part.path, wanted)? {
        let batch = batch?;
        let of_batch;
        (of_batch, found) = found.split_at_checked(batch.num_rows()).unwrap_or((&[], &[]));
        let links = links(&batch, of_batch, terms)?;
        writer.write(&links)?;
        if let Some(terms) = terms {
            let offers = offers(&batch, integers(&links, "cluster_id")?, terms)?;
            let clusters = integers(&offers, "cluster_id")?.values().iter();
            spool.push(&offers, clusters.map(|cluster| ranges.of(*cluster)))?;
        }
        advanced(batch.num_rows());
    }
    writer.finish()?;
    Ok(())
}

/// Rows of `profile_links`: linked, or why the profile is not used.
fn links(batch: &RecordBatch, found: &[Found], terms: Option<&Terms>) -> Result<RecordBatch> {
    let updated = text_column(batch, "updated_at");
    let status: Vec<&str> =
        found.iter().enumerate().map(|(row, found)| status(terms, value(updated, row), *found)).collect();
    let used = found.iter().zip(&status).map(|(found, status)| found.cluster().filter(|_| *status == "linked"));
    let linked_on = found.iter().map(|found| {
        let field = terms.and_then(|terms| terms.profile.link_on.get(usize::from(found.rank)));
        field.filter(|_| found.held != Held::Nobody).map(|link| link.get_ref().fields().join("+"))
    });
    let columns: Vec<ArrayRef> = vec![
        column(batch, "record_id")?,
        column(batch, "source")?,
        column(batch, "source_key")?,
        Arc::new(used.collect::<Int64Array>()),
        Arc::new(linked_on.collect::<StringArray>()),
        Arc::new(StringArray::from_iter_values(&status)),
        column(batch, "updated_at")?,
    ];
    Ok(RecordBatch::try_new(tables::profile_links(), columns)?)
}

fn column(batch: &RecordBatch, name: &str) -> Result<ArrayRef> {
    batch.column_by_name(name).cloned().ok_or_else(|| Error::Internal(format!("no column {name}")))
}

fn status(terms: Option<&Terms>, updated: Option<&str>, found: Found) -> &'static str {
    let Some(terms) = terms else { return "no_terms" };
    match found.held {
        _ if !terms.permitted => "purpose_not_permitted",
        _ if too_old(terms, updated) => "too_old",
        Held::Nobody => "unlinked",
        Held::Several => "ambiguous",
        Held::One(_) if found.contradicted => "contradicted",
        Held::One(_) => "linked",
    }
}

/// Beyond its shelf life on the day of the run.
fn too_old(terms: &Terms, updated: Option<&str>) -> bool {
    terms.profile.shelf_life_days.as_ref().is_some_and(|days| !terms.within(*days.get_ref(), updated))
}

impl Terms {
    /// Whether a row is no older than so many days. A row without a date, or with one that has not come yet, counts as
    /// collected when the terms say; if they do not say, nobody knows.
    fn within(&self, days: u32, updated: Option<&str>) -> bool {
        let own = updated.and_then(|at| day::usable(at, self.as_of)).map(|at| at.day);
        own.or(self.collected).is_some_and(|day| i64::from(self.as_of) - i64::from(day) <= i64::from(days))
    }
}

/// Rows of `profiles`, in no order: values of rows with a cluster, where they are young enough.
fn offers(batch: &RecordBatch, clusters: &Int64Array, terms: &Terms) -> Result<RecordBatch> {
    let updated = text_column(batch, "updated_at");
    let (mut rows, mut of_clusters, mut fields, mut values, mut modes) = (vec![], vec![], vec![], vec![], vec![]);
    for offered in &terms.offered {
        let given = text_column(batch, &offered.field);
        for (row, cluster) in (0u32..).zip(clusters) {
            let at = row as usize;
            let (Some(cluster), Some(text)) = (cluster, value(given, at)) else { continue };
            let young = offered.shelf_life.is_none_or(|days| terms.within(days, value(updated, at)));
            if young {
                rows.push(row);
                of_clusters.push(cluster);
                fields.push(offered.field.as_str());
                values.push(text);
                modes.push(offered.mode);
            }
        }
    }
    let rows = arrow::array::UInt32Array::from(rows);
    let taken = |name: &str| Ok::<_, Error>(arrow::compute::take(&column(batch, name)?, &rows, None)?);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(of_clusters)),
        taken("record_id")?,
        taken("source")?,
        taken("source_key")?,
        Arc::new(StringArray::from(fields)),
        Arc::new(StringArray::from(values)),
        Arc::new(StringArray::from(modes)),
        taken("updated_at")?,
    ];
    Ok(RecordBatch::try_new(tables::profiles(), columns)?)
}
