//! Whether a profile that names a customer is of somebody else. Enter: profile rows and whom they name; `contacts` beside
//! `clusters`. Leaves: the rows whose birth date, or whose given and family name both, are not the customer's are marked. A
//! slip of the pen is no other birth date, and a date that far too many have says nothing.
//! Holds 72 bytes for each profile with a name or a birth date. Never here: what becomes of such a row.

use super::super::columns::{integers, text_column, value};
use super::super::parts::{parallel, scan_parts};
use super::seek::{Seeking, text_columns};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::read_some;
use crate::tables;
use arrow::array::{RecordBatch, StringArray};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// Names are compared in forms without letter case, signs over letters and script; given names without their short forms.
const NAMES: [&str; 4] = ["given_name_root", "family_name_root", "family_name_key", "birth_name_key"];
const BIRTH_DATE: &str = "birth_date";

/// The columns that are compared.
struct Columns<'a> {
    born: Option<&'a StringArray>,
    names: [Option<&'a StringArray>; NAMES.len()],
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Self {
        Self { born: text_column(batch, BIRTH_DATE), names: NAMES.map(|name| text_column(batch, name)) }
    }

    fn wanted(name: &str) -> bool {
        name == BIRTH_DATE || NAMES.contains(&name)
    }
}

/// What a row says of its person: the birth date, and hashes of the names.
#[derive(Debug, Clone, Copy)]
struct Facts {
    born: Option<NaiveDate>,
    names: [Option<u64>; NAMES.len()],
}

impl Facts {
    fn read(columns: &Columns<'_>, row: usize, made_up: &BTreeSet<NaiveDate>) -> Self {
        let hash = |text: &str| blake3::hash(text.as_bytes()).as_bytes().first_chunk().map(|b| u64::from_le_bytes(*b));
        let born = value(columns.born, row).and_then(|day| day.parse::<NaiveDate>().ok());
        Self {
            born: born.filter(|day| !made_up.contains(day)),
            names: columns.names.map(|column| value(column, row).and_then(hash)),
        }
    }

    fn is_named(&self) -> bool {
        matches!(self.names, [Some(_), Some(_), ..])
    }

    /// Any name that both have, even in another place: a surname before marriage, a given name in the other's column.
    fn shares_a_name(&self, other: &Self) -> bool {
        self.names.iter().flatten().any(|name| other.names.iter().flatten().any(|other| other == name))
    }

    fn is_born_with(&self, other: &Self) -> bool {
        self.born.zip(other.born).is_some_and(|(a, b)| alike(a, b))
    }
}

/// Two of three parts, or day and month exchanged.
fn alike(a: NaiveDate, b: NaiveDate) -> bool {
    let [one, other] = [a, b].map(|date| (date.year(), date.month(), date.day()));
    let same = [one.0 == other.0, one.1 == other.1, one.2 == other.2];
    same.iter().filter(|same| **same).count() >= 2 || (one.0, one.2, one.1) == other
}

/// What the records of a customer said to a profile.
const BORN: u8 = 1;
const BORN_THEN: u8 = 2;
const NAMED: u8 = 4;
const NAMED_SO: u8 = 8;

struct Claim {
    cluster: i64,
    part: usize,
    row: usize,
    facts: Facts,
    heard: AtomicU8,
}

impl Claim {
    fn hear(&self, record: &Facts) {
        let mut heard = 0;
        let mut told = |is: bool, what: u8| heard |= if is { what } else { 0 };
        told(record.born.is_some(), BORN);
        told(record.is_born_with(&self.facts), BORN_THEN);
        told(record.is_named(), NAMED);
        told(record.shares_a_name(&self.facts), NAMED_SO);
        self.heard.fetch_or(heard, Relaxed);
    }

    /// One record that agrees is enough.
    fn contradicted(&self) -> bool {
        let heard = self.heard.load(Relaxed);
        let says = |what: u8, agrees: u8| heard & what != 0 && heard & agrees == 0;
        (self.facts.born.is_some() && says(BORN, BORN_THEN)) || (self.facts.is_named() && says(NAMED, NAMED_SO))
    }
}

/// Marks the rows that contradict the customer whom they name.
pub async fn mark(context: &Context, mut parts: Vec<Seeking>) -> Result<Vec<Seeking>> {
    let customers = text_columns(&context.store, tables::CONTACTS)?;
    let profiles = text_columns(&context.store, tables::PROFILE_CONTACTS)?;
    if !customers.iter().any(|name| Columns::wanted(name) && profiles.contains(name)) {
        return Ok(parts);
    }
    let made_up = Arc::new(made_up(context)?);
    let known = made_up.clone();
    let named: Vec<(usize, PathBuf, Vec<Option<i64>>)> = (parts.iter().enumerate())
        .map(|(number, part)| (number, part.path.clone(), part.found.iter().map(|found| found.cluster()).collect()))
        .collect();
    let read = move |(number, path, named): (usize, PathBuf, Vec<Option<i64>>)| claims(number, &path, &named, &known);
    let mut claims: Vec<Claim> =
        parallel(context.options.limits.threads, named, read).await?.into_iter().flatten().collect();
    if claims.is_empty() {
        return Ok(parts);
    }
    claims.sort_unstable_by_key(|claim| (claim.cluster, claim.part, claim.row));
    let claims = Arc::new(claims);
    let heard = claims.clone();
    let wanted = |name: &str| name == "cluster_id" || Columns::wanted(name);
    scan_parts(context, &[tables::CONTACTS, tables::CLUSTERS], wanted, move |batch| {
        let columns = Columns::of(batch);
        for (row, cluster) in integers(batch, "cluster_id")?.values().iter().enumerate() {
            let from = heard.partition_point(|claim| claim.cluster < *cluster);
            let claims = heard.get(from..).unwrap_or(&[]).iter().take_while(|claim| claim.cluster == *cluster);
            let mut record = None;
            for claim in claims {
                claim.hear(record.get_or_insert_with(|| Facts::read(&columns, row, &made_up)));
            }
        }
        Ok(())
    })
    .await?;
    for claim in claims.iter().filter(|claim| claim.contradicted()) {
        let found = parts.get_mut(claim.part).and_then(|part| part.found.get_mut(claim.row));
        found.ok_or_else(|| Error::Internal("a profile that is not there".into()))?.contradicted = true;
    }
    Ok(parts)
}

/// Birth dates that far more people have than the dates around them.
fn made_up(context: &Context) -> Result<BTreeSet<NaiveDate>> {
    let mut days = BTreeSet::new();
    for part in context.store.parts(tables::CONTACT_PROFILES)? {
        for batch in read_some(&part, |name| ["field", "value"].contains(&name))? {
            let batch = batch?;
            let [fields, values] = ["field", "value"].map(|name| text_column(&batch, name));
            let dates = (0..batch.num_rows()).filter(|row| value(fields, *row) == Some(BIRTH_DATE));
            days.extend(dates.filter_map(|row| value(values, row)?.parse::<NaiveDate>().ok()));
        }
    }
    Ok(days)
}

/// The rows of a part that name one customer, where they say anything that can be compared.
fn claims(part: usize, path: &Path, named: &[Option<i64>], made_up: &BTreeSet<NaiveDate>) -> Result<Vec<Claim>> {
    let (mut claims, mut named) = (Vec::new(), named.iter().enumerate());
    for batch in read_some(path, Columns::wanted)? {
        let batch = batch?;
        let columns = Columns::of(&batch);
        for (row, (at, cluster)) in (0..batch.num_rows()).zip(named.by_ref()) {
            let Some(cluster) = *cluster else { continue };
            let facts = Facts::read(&columns, row, made_up);
            if facts.born.is_some() || facts.is_named() {
                claims.push(Claim { cluster, part, row: at, facts, heard: AtomicU8::new(0) });
            }
        }
    }
    Ok(claims)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Born, given, family, maiden name.
    fn facts(born: &str, given: &str, family: &str, maiden: &str) -> Facts {
        let array = |text: &str| StringArray::from(vec![Some(text).filter(|t| !t.is_empty())]);
        let [born, given, family, maiden] = [born, given, family, maiden].map(array);
        let columns = Columns { born: Some(&born), names: [&given, &family, &family, &maiden].map(Some) };
        Facts::read(&columns, 0, &BTreeSet::from(["2000-01-01".parse().unwrap()]))
    }

    fn contradicted(profile: Facts, records: &[Facts]) -> bool {
        let claim = Claim { cluster: 1, part: 0, row: 0, facts: profile, heard: AtomicU8::new(0) };
        records.iter().for_each(|record| claim.hear(record));
        claim.contradicted()
    }

    #[test]
    fn who_is_somebody_else() {
        let anna = facts("1980-01-02", "anna", "nowak", "");
        let cases = [
            ("the same", anna, vec![anna], false),
            ("another birth date", anna, vec![facts("1950-05-05", "anna", "nowak", "")], true),
            (
                "one record of two knows the birth date",
                anna,
                vec![facts("1950-05-05", "anna", "nowak", ""), anna],
                false,
            ),
            ("a slip in the year", anna, vec![facts("1981-01-02", "anna", "nowak", "")], false),
            ("day and month exchanged", anna, vec![facts("1980-02-01", "anna", "nowak", "")], false),
            ("a date that everybody has", anna, vec![facts("2000-01-01", "anna", "nowak", "")], false),
            (
                "father and son",
                facts("1955-07-09", "jan", "kos", ""),
                vec![facts("1980-01-02", "jan", "kos", "")],
                true,
            ),
            ("no birth date, another name", facts("", "jan", "kowal", ""), vec![anna], true),
            ("the same given name, married", facts("", "anna", "kowal", ""), vec![anna], false),
            ("the spouse", facts("", "jan", "nowak", ""), vec![anna], false),
            ("the maiden name", facts("", "ania", "lis", ""), vec![facts("", "anna", "nowak", "lis")], false),
            ("given and family name exchanged", facts("", "nowak", "anna", ""), vec![anna], false),
            ("a family name only", facts("", "", "kowal", ""), vec![anna], false),
            ("a customer of whom only the family name is known", anna, vec![facts("", "", "kowal", "")], false),
            ("nothing said", facts("", "", "", ""), vec![anna], false),
        ];
        for (case, profile, records, expected) in cases {
            assert_eq!(contradicted(profile, &records), expected, "{case}");
        }
    }
}
