//! `vendors`: what each profile source is worth. Enter: what profiles offered to each customer beside the contest that
//! decided, `profile_links`, and the terms of profiles.toml. Leaves: per source, and per source and field, how many customers
//! it reaches, how many fields it filled, how often it agrees with the customers and with other vendors, and what a filled
//! field cost.
//! Never here: judging a single value.

use super::writer::LineageRow;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::tables;
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use std::collections::BTreeMap;
use std::sync::Arc;
use zlato_core::rules::profiles::Profile;
use zlato_core::survivorship::FILLED;
use zlato_core::value::Verdict;

/// Counts of one source, of one of its fields or of all.
#[derive(Debug, Clone, Default)]
struct Line {
    field: Option<String>,
    mode: Option<String>,
    counts: Counted,
}

/// Offered, filled, agreeing and conflicting with a first-party value, agreeing with and differing from other vendors.
type Counted = [i64; 6];

/// What profiles offered, by source, field and use.
#[derive(Debug, Default)]
pub struct Offers(BTreeMap<(String, String, String), Counted>);

/// What a profile offers to a customer.
pub struct Offer<'a> {
    pub source: &'a str,
    pub field: &'a str,
    pub mode: &'a str,
    pub value: &'a str,
}

impl Offers {
    /// Counts the offers to one customer against the lines of the golden record. Values are compared without regard to
    /// case and blanks around them. First-party values are what customer and prospect sources say, invalid ones left out.
    pub fn count(&mut self, offers: &[Offer<'_>], lines: &[LineageRow<'_>]) {
        let plain = |value: &str| value.trim_matches(' ').to_lowercase();
        let values: Vec<String> = offers.iter().map(|o| plain(o.value)).collect();
        for (offer, value) in offers.iter().zip(&values) {
            let of_field = lines.iter().filter(|line| line.field == offer.field);
            let (mut told, mut agrees, mut filled) = (false, false, false);
            for line in of_field {
                let same = plain(line.value) == *value;
                if line.reason == Some(FILLED) {
                    filled |= line.winner && line.source == offer.source && same;
                } else if line.verdict != Verdict::Invalid.as_str() {
                    told = true;
                    agrees |= same;
                }
            }
            let others = || offers.iter().zip(&values).filter(|(o, _)| o.field == offer.field);
            let several = others().any(|(o, _)| o.source != offer.source);
            let one_value = others().all(|(_, v)| v == value);
            let found = [true, filled, agrees, told && !agrees, several && one_value, several && !one_value];
            let key = (offer.source.to_string(), offer.field.to_string(), offer.mode.to_string());
            let counts = self.0.entry(key).or_default();
            counts.iter_mut().zip(found).for_each(|(sum, found)| *sum += i64::from(found));
        }
    }

    /// Adds what others have counted.
    pub fn add(&mut self, others: Self) {
        for (key, counts) in others.0 {
            let sums = self.0.entry(key).or_default();
            sums.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
        }
    }
}

/// Writes the table; returns its rows.
pub async fn write(context: &Context, offers: Offers) -> Result<u64> {
    context.session.register(&context.store, tables::PROFILE_LINKS, tables::PROFILE_LINKS).await?;
    let mut lines: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for ((source, field, mode), counts) in offers.0 {
        lines.entry(source).or_default().push(Line { field: Some(field), mode: Some(mode), counts });
    }
    let mut reach: BTreeMap<String, [i64; 3]> = BTreeMap::new();
    let sql = "SELECT source, count(*) AS all_rows, count(cluster_id) AS linked, count(DISTINCT cluster_id) AS customers \
        FROM profile_links GROUP BY source ORDER BY source";
    for batch in query(context, sql).await? {
        for row in 0..batch.num_rows() {
            let source = super::super::columns::value(super::super::columns::text_column(&batch, "source"), row);
            let number = |name: &str| integer(&batch, name, row);
            reach.insert(source.unwrap_or("").into(), [number("all_rows")?, number("linked")?, number("customers")?]);
        }
    }
    let customers = context.store.rows(tables::GOLDEN)?;
    let table = context.store.begin(tables::VENDORS, tables::vendors())?;
    let mut rows = Rows::default();
    for terms in &context.rules.rules.profiles.profile {
        let source = terms.source.get_ref();
        let own = lines.remove(source).unwrap_or_default();
        let mut whole = Line::default();
        for line in &own {
            whole.counts.iter_mut().zip(line.counts).for_each(|(sum, n)| *sum += n);
        }
        let reach = reach.get(source).copied().unwrap_or_default();
        for line in std::iter::once(&whole).chain(&own) {
            rows.push(terms, line, reach, customers);
        }
    }
    let batch = rows.batch()?;
    let mut part = table.part(0)?;
    part.write(&batch)?;
    part.finish()?;
    table.finish()
}

async fn query(context: &Context, sql: &str) -> Result<Vec<RecordBatch>> {
    Ok(context.session.sql(sql).await?.collect().await?)
}

fn integer(batch: &RecordBatch, name: &str, row: usize) -> Result<i64> {
    let column = batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>());
    let column = column.filter(|c| row < c.len()).ok_or_else(|| Error::Internal(format!("no column {name}")))?;
    Ok(column.value(row))
}

#[derive(Default)]
struct Rows {
    texts: [Vec<Option<String>>; 5],
    integers: [Vec<Option<i64>>; 9],
    coverage: Vec<Option<f64>>,
    cost: [Vec<Option<f64>>; 2],
}

impl Rows {
    fn push(&mut self, terms: &Profile, line: &Line, [rows, linked, reached]: [i64; 3], customers: u64) {
        let texts = [
            Some(terms.source.get_ref().clone()),
            line.field.clone(),
            line.mode.clone(),
            Some(terms.licence.clone()),
            Some(terms.legal_basis.get_ref().clone()),
        ];
        self.texts.iter_mut().zip(texts).for_each(|(column, text)| column.push(text));
        // What a source reaches is told once, in its own line.
        let whole = line.field.is_none();
        let [offered, filled, agrees, conflicts, others_agree, others_differ] = line.counts;
        let mut integers = [rows, linked, reached].map(|n| Some(n).filter(|_| whole)).to_vec();
        integers.extend([offered, filled, agrees, conflicts, others_agree, others_differ].map(Some));
        self.integers.iter_mut().zip(integers).for_each(|(column, n)| column.push(n));
        self.coverage.push((whole && customers > 0).then(|| reached as f64 / customers as f64));
        let cost = terms.cost.as_ref().map(|cost| *cost.get_ref()).filter(|_| whole);
        let [costs, each] = &mut self.cost;
        costs.push(cost);
        each.push(cost.filter(|_| filled > 0).map(|cost| cost / filled as f64));
    }

    fn batch(self) -> Result<RecordBatch> {
        let mut columns: Vec<ArrayRef> = Vec::new();
        columns.extend(self.texts.into_iter().map(|c| Arc::new(StringArray::from(c)) as ArrayRef));
        columns.extend(self.integers.into_iter().map(|c| Arc::new(Int64Array::from(c)) as ArrayRef));
        columns.push(Arc::new(Float64Array::from(self.coverage)));
        columns.extend(self.cost.into_iter().map(|c| Arc::new(Float64Array::from(c)) as ArrayRef));
        Ok(RecordBatch::try_new(tables::vendors(), columns)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<'a>(source: &'a str, value: &'a str, verdict: &'static str, reason: Option<&'a str>) -> LineageRow<'a> {
        LineageRow {
            field: "occupation",
            value,
            verdict,
            reason,
            winner: reason == Some(FILLED),
            strategy: None,
            confidence: None,
            source,
            source_key: "",
            record_id: 0,
            updated_at: None,
            supporters: 1,
        }
    }

    fn counted(offers: &[(&str, &str)], lines: &[LineageRow<'_>]) -> Vec<(String, Counted)> {
        let offer = |(source, value)| Offer { source, field: "occupation", mode: "fill", value };
        let mut all = Offers::default();
        all.count(&offers.iter().copied().map(offer).collect::<Vec<_>>(), lines);
        all.0.into_iter().map(|((source, ..), counts)| (source, counts)).collect()
    }

    #[test]
    fn offers_beside_what_is_known() {
        // Offered, filled, agrees, conflicts, others agree, others differ.
        let filled = line("a", "Čistač", "valid", Some(FILLED));
        assert_eq!(counted(&[("a", "čistač ")], std::slice::from_ref(&filled)), [("a".into(), [1, 1, 0, 0, 0, 0])]);
        let known = line("crm", "ČISTAČ", "valid", None);
        assert_eq!(counted(&[("a", "čistač")], std::slice::from_ref(&known)), [("a".into(), [1, 0, 1, 0, 0, 0])]);
        let invalid = line("crm", "xx", "invalid", None);
        assert_eq!(counted(&[("a", "čistač")], &[invalid]), [("a".into(), [1, 0, 0, 0, 0, 0])]);
        let two = [("a", "čistač"), ("b", "kuvar"), ("a", "ČISTAČ")];
        assert_eq!(counted(&two, &[known]), [("a".into(), [2, 0, 2, 0, 0, 2]), ("b".into(), [1, 0, 0, 1, 0, 1])]);
        assert_eq!(
            counted(&[("a", "čistač"), ("b", "čistač")], &[filled]),
            [("a".into(), [1, 1, 0, 0, 1, 0]), ("b".into(), [1, 0, 0, 0, 1, 0])]
        );
        assert_eq!(counted(&[("a", "x"), ("a", "y")], &[]), [("a".into(), [2, 0, 0, 0, 0, 0])]);
    }
}
