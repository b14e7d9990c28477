//! Every line of `golden_fields` counted in one pass, parts in parallel. Enter: the table, by cluster. Leave: counts by
//! source and field, and by field. Never here: a share, a value.

use crate::context::Context;
use crate::error::Result;
use crate::stages::columns::{Coded, integers};
use crate::stages::parts::parallel;
use crate::store::read_coded;
use crate::tables;
use arrow::array::{AsArray, BooleanArray, RecordBatch};
use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use zlato_core::day;

/// Lines of a source and field that are not invalid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OfSource {
    pub lines: u64,
    pub winners: u64,
    /// Changed on the field's days.
    pub since: u64,
}

/// Lines of a field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OfField {
    pub winners: u64,
    /// Winners that are valid or corrected.
    pub good: u64,
    /// Golden records with a line that is not invalid.
    pub held: u64,
    /// Those with one such line only.
    pub alone: u64,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lines {
    pub sources: BTreeMap<(String, String), OfSource>,
    pub fields: BTreeMap<String, OfField>,
}

/// Texts under small numbers.
#[derive(Default)]
struct Names {
    texts: Vec<String>,
    places: HashMap<String, usize>,
}

impl Names {
    fn place(&mut self, text: &str) -> usize {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        self.texts.push(text.to_string());
        self.places.insert(text.to_string(), self.texts.len() - 1);
        self.texts.len() - 1
    }
}

/// The lines of a golden record in one part, by field.
struct Edge {
    cluster: i64,
    held: BTreeMap<String, u64>,
}

/// What a part holds. The golden records that it begins and ends with may have lines in its neighbours, too.
#[derive(Default)]
struct OfPart {
    lines: Lines,
    edges: Vec<Edge>,
}

/// Counts all lines, parts in parallel; `since`: for fields that age the days, first and last, on which a line counts as
/// such.
pub async fn count(context: &Context, since: &BTreeMap<String, RangeInclusive<i32>>) -> Result<Lines> {
    let parts = context.store.parts(tables::GOLDEN_FIELDS)?;
    let (since, cancel) = (since.clone(), context.cancel.clone());
    let work = move |part: PathBuf| {
        cancel.check()?;
        count_part(&part, &since)
    };
    Ok(together(parallel(context.options.limits.threads, parts, work).await?))
}

fn together(parts: Vec<OfPart>) -> Lines {
    let mut all = Lines::default();
    let mut open: Option<Edge> = None;
    for part in parts {
        all.add(part.lines);
        for edge in part.edges {
            match &mut open {
                Some(known) if known.cluster == edge.cluster => {
                    edge.held.into_iter().for_each(|(field, lines)| *known.held.entry(field).or_default() += lines);
                }
                _ => {
                    if let Some(whole) = open.replace(edge) {
                        all.close(whole);
                    }
                }
            }
        }
    }
    if let Some(whole) = open {
        all.close(whole);
    }
    all
}

impl Lines {
    fn add(&mut self, other: Self) {
        for (key, counts) in other.sources {
            let sum = self.sources.entry(key).or_default();
            sum.lines += counts.lines;
            sum.winners += counts.winners;
            sum.since += counts.since;
        }
        for (field, counts) in other.fields {
            let sum = self.fields.entry(field).or_default();
            sum.winners += counts.winners;
            sum.good += counts.good;
            sum.held += counts.held;
            sum.alone += counts.alone;
        }
    }

    fn close(&mut self, whole: Edge) {
        for (field, lines) in whole.held {
            let counts = self.fields.entry(field).or_default();
            counts.held += 1;
            counts.alone += u64::from(lines == 1);
        }
    }
}

/// Counters by the numbers of their names.
#[derive(Default)]
struct Counters {
    fields: Vec<OfField>,
    /// By source and field.
    sources: Vec<Vec<OfSource>>,
}

impl Counters {
    fn grow(&mut self, fields: usize, sources: usize) {
        self.fields.resize(fields, OfField::default());
        self.sources.resize(sources, vec![]);
        self.sources.iter_mut().for_each(|of| of.resize(fields, OfSource::default()));
    }

    /// The golden record at hand is whole.
    fn close(&mut self, held: &mut Vec<(usize, u64)>) {
        for (field, lines) in held.drain(..) {
            if let Some(counts) = self.fields.get_mut(field) {
                counts.held += 1;
                counts.alone += u64::from(lines == 1);
            }
        }
    }

    fn named(self, fields: &Names, sources: &Names) -> Lines {
        let mut lines = Lines::default();
        for (field, counts) in fields.texts.iter().zip(self.fields) {
            if counts.winners > 0 || counts.held > 0 {
                lines.fields.insert(field.clone(), counts);
            }
        }
        for (source, of_fields) in sources.texts.iter().zip(self.sources) {
            for (field, counts) in fields.texts.iter().zip(of_fields).filter(|(_, counts)| counts.lines > 0) {
                lines.sources.insert((source.clone(), field.clone()), counts);
            }
        }
        lines
    }
}

fn count_part(part: &Path, since: &BTreeMap<String, RangeInclusive<i32>>) -> Result<OfPart> {
    let (mut fields, mut sources, mut counters) = (Names::default(), Names::default(), Counters::default());
    // Lines of the golden record at hand, by field.
    let (mut cluster, mut held) = (None, Vec::<(usize, u64)>::new());
    let mut edges = Vec::new();
    let edge = |cluster: i64, held: &mut Vec<(usize, u64)>, fields: &Names| {
        let name = |field: usize| fields.texts.get(field).cloned().unwrap_or_default();
        Edge { cluster, held: held.drain(..).map(|(field, lines)| (name(field), lines)).collect() }
    };
    for batch in read_coded(part, &["cluster_id", "field", "verdict", "winner", "source", "updated_at"])? {
        let batch = batch?;
        let field = Coded::new(&batch, "field", |text| fields.place(text))?;
        let source = Coded::new(&batch, "source", |text| sources.place(text))?;
        let verdict =
            Coded::new(&batch, "verdict", |text| (text != "invalid", text == "valid" || text == "corrected"))?;
        counters.grow(fields.texts.len(), sources.texts.len());
        let days: Vec<Option<&RangeInclusive<i32>>> = fields.texts.iter().map(|f| since.get(f)).collect();
        let updated = updated(&batch, &days)?;
        let winner = batch.column_by_name("winner").and_then(|c| c.as_boolean_opt()).cloned();
        let winner = winner.unwrap_or_else(|| BooleanArray::from(vec![false; batch.num_rows()]));
        for (row, now) in integers(&batch, "cluster_id")?.values().iter().enumerate() {
            let (Some(field), Some((counts, good))) = (field.get(row), verdict.get(row)) else { continue };
            if cluster != Some(*now) {
                match cluster.replace(*now) {
                    Some(first) if edges.is_empty() => edges.push(edge(first, &mut held, &fields)),
                    _ => counters.close(&mut held),
                }
            }
            let won = winner.value(row);
            if let Some(of) = counters.fields.get_mut(field).filter(|_| won) {
                of.winners += 1;
                of.good += u64::from(good);
            }
            if !counts {
                continue;
            }
            match held.iter_mut().find(|(known, _)| *known == field) {
                Some((_, lines)) => *lines += 1,
                None => held.push((field, 1)),
            }
            let of = source.get(row).and_then(|source| counters.sources.get_mut(source)?.get_mut(field));
            if let Some(of) = of {
                of.lines += 1;
                of.winners += u64::from(won);
                of.since += u64::from(updated.later(row, field));
            }
        }
    }
    if let Some(last) = cluster {
        edges.push(edge(last, &mut held, &fields));
    }
    Ok(OfPart { lines: counters.named(&fields, &sources), edges })
}

/// Which codes of `updated_at` are of the days of a field.
struct Updated {
    codes: Coded<usize>,
    /// For every field that ages, by its number: for every code whether it is of these days.
    later: Vec<Option<Vec<bool>>>,
}

fn updated(batch: &RecordBatch, days: &[Option<&RangeInclusive<i32>>]) -> Result<Updated> {
    let mut dates: Vec<Option<i32>> = Vec::new();
    let codes = Coded::new(batch, "updated_at", |text| {
        dates.push(day::parse(text));
        dates.len() - 1
    })?;
    let within =
        |days: &RangeInclusive<i32>| dates.iter().map(|date| date.is_some_and(|d| days.contains(&d))).collect();
    Ok(Updated { codes, later: days.iter().map(|days| days.map(within)).collect() })
}

impl Updated {
    fn later(&self, row: usize, field: usize) -> bool {
        let code = self.codes.get(row);
        let later = self.later.get(field).and_then(Option::as_ref);
        later.zip(code).and_then(|(later, code)| later.get(code)).copied().unwrap_or(false)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::progress::Cancel;
    use crate::store::Store;
    use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray};
    use proptest::prelude::*;
    use std::sync::Arc;

    const FIELDS: [&str; 3] = ["email", "phone", "address"];
    const VERDICTS: [&str; 4] = ["valid", "corrected", "suspect", "invalid"];
    const SOURCES: [&str; 2] = ["crm", "shop"];
    const DAYS: [&str; 4] = ["2026-01-01", "2026-06-01", "2026-06-02T23:59:59", "2026-06-03"];

    #[derive(Debug, Clone)]
    struct Line {
        cluster: i64,
        field: usize,
        verdict: usize,
        source: usize,
        day: Option<usize>,
        winner: bool,
    }

    fn line() -> impl Strategy<Value = Line> {
        let parts = (0i64..6, 0..3usize, 0..4usize, 0..2usize, proptest::option::of(0..4usize), any::<bool>());
        parts.prop_map(|(cluster, field, verdict, source, day, winner)| Line {
            cluster,
            field,
            verdict,
            source,
            day,
            winner,
        })
    }

    fn batch(lines: &[Line]) -> RecordBatch {
        let texts = |of: &dyn Fn(&Line) -> Option<&'static str>| -> ArrayRef {
            Arc::new(lines.iter().map(of).collect::<StringArray>())
        };
        let numbers = |n: Vec<i64>| -> ArrayRef { Arc::new(Int64Array::from(n)) };
        let columns = vec![
            texts(&|_| Some("Z000000000001")),
            numbers(lines.iter().map(|l| l.cluster).collect()),
            texts(&|l| Some(FIELDS[l.field])),
            texts(&|_| Some("v")),
            texts(&|l| Some(VERDICTS[l.verdict])),
            texts(&|_| None),
            Arc::new(lines.iter().map(|l| Some(l.winner)).collect::<BooleanArray>()),
            texts(&|_| None),
            Arc::new(lines.iter().map(|_| None).collect::<Float64Array>()),
            texts(&|l| Some(SOURCES[l.source])),
            texts(&|_| Some("k")),
            numbers(lines.iter().map(|_| 0).collect()),
            texts(&|l| l.day.map(|day| DAYS[day])),
            numbers(lines.iter().map(|_| 1).collect()),
        ];
        RecordBatch::try_new(tables::golden_fields(), columns).unwrap()
    }

    fn counted(lines: &[Line], cuts: &[usize]) -> Lines {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), Arc::new(Cancel::default()));
        std::fs::create_dir_all(store.folder()).unwrap();
        let table = store.begin(tables::GOLDEN_FIELDS, tables::golden_fields()).unwrap();
        let mut from = 0;
        for (number, end) in cuts.iter().copied().chain([lines.len()]).enumerate() {
            let mut part = table.part(number).unwrap();
            part.write(&batch(&lines[from..end])).unwrap();
            part.finish().unwrap();
            from = end;
        }
        table.finish().unwrap();
        let [first, last] = ["2026-06-01", "2026-06-02"].map(|text| day::parse(text).unwrap());
        let since = BTreeMap::from([("email".to_string(), first..=last)]);
        let parts = store.parts(tables::GOLDEN_FIELDS).unwrap();
        together(parts.iter().map(|part| count_part(part, &since).unwrap()).collect())
    }

    /// The same, by the words of the definitions.
    fn plainly(lines: &[Line]) -> Lines {
        let mut all = Lines::default();
        let mut held: BTreeMap<(i64, usize), u64> = BTreeMap::new();
        for l in lines {
            let (field, good) = (FIELDS[l.field].to_string(), l.verdict < 2);
            if l.winner {
                let of = all.fields.entry(field.clone()).or_default();
                of.winners += 1;
                of.good += u64::from(good);
            }
            if VERDICTS[l.verdict] == "invalid" {
                continue;
            }
            *held.entry((l.cluster, l.field)).or_default() += 1;
            let of = all.sources.entry((SOURCES[l.source].to_string(), field.clone())).or_default();
            of.lines += 1;
            of.winners += u64::from(l.winner);
            of.since += u64::from(field == "email" && l.day.is_some_and(|day| day == 1 || day == 2));
        }
        for ((_, field), lines) in held {
            let of = all.fields.entry(FIELDS[field].to_string()).or_default();
            of.held += 1;
            of.alone += u64::from(lines == 1);
        }
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn golden_records_across_parts_are_counted_once(
            mut lines in proptest::collection::vec(line(), 0..40),
            mut cuts in proptest::collection::vec(0usize..40, 0..5),
        ) {
            lines.sort_by_key(|l| l.cluster);
            cuts.iter_mut().for_each(|cut| *cut = (*cut).min(lines.len()));
            cuts.sort_unstable();
            prop_assert_eq!(counted(&lines, &cuts), plainly(&lines));
        }
    }

    #[test]
    fn a_golden_record_may_span_three_parts() {
        let line = |verdict| Line { cluster: 7, field: 0, verdict, source: 0, day: None, winner: false };
        let lines = [line(0), line(0), line(0)];
        let counts = counted(&lines, &[1, 2]);
        assert_eq!(counts.fields["email"], OfField { winners: 0, good: 0, held: 1, alone: 0 });
        assert_eq!(counts, plainly(&lines));
    }
}
