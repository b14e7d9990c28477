//! Section: quality of every field before (values of the sources) and after (golden values), in the terms of
//! ISO/IEC 25012; and what validation said about the values of the sources, with its most frequent reasons.

use crate::components::{Bar, Word};
use crate::data::Data;
use crate::text::{share, thousands, words};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use zlato_core::rules::sources::FieldKind;
use zlato_engine::error::Result;
use zlato_engine::match_view::{has_address, suffixes};
use zlato_engine::tally::By;

/// Measures of one field; none where the field has no such measure.
#[derive(Debug, Clone)]
pub struct Measures {
    pub field: String,
    pub complete_before: Bar,
    pub complete_after: Bar,
    pub accurate_before: Bar,
    pub accurate_after: Bar,
    pub consistent: Bar,
    pub current: Bar,
}

/// Verdicts on the values of one field of the sources.
#[derive(Debug, Clone)]
pub struct Verdicts {
    pub field: String,
    /// Count and share of valid, corrected, suspect, invalid, missing.
    pub counts: Vec<(String, Bar)>,
    /// Reasons with their verdict and count, most frequent first.
    pub reasons: Vec<(Word, Word, String)>,
    pub more_reasons: usize,
}

/// Measures of one field as one source delivered it.
#[derive(Debug, Clone)]
pub struct OfSource {
    pub source: String,
    pub field: String,
    /// Completeness, accuracy, consistency, currentness, uniqueness.
    pub shares: Vec<Bar>,
}

#[derive(Debug, Clone, Default)]
pub struct Quality {
    pub measures: Vec<Measures>,
    pub sources: Vec<OfSource>,
    pub dimensions: Vec<Word>,
    pub verdict_words: Vec<Word>,
    pub verdicts: Vec<Verdicts>,
}

const VERDICTS: [&str; 5] = ["valid", "corrected", "suspect", "invalid", "missing"];
const DIMENSIONS: [&str; 5] = ["completeness", "accuracy", "consistency", "currentness", "uniqueness"];
/// Reasons shown of one field.
const REASONS: usize = 5;

pub async fn fill(data: &Data<'_>) -> Result<Quality> {
    Ok(Quality {
        measures: measures(data).await?,
        sources: sources(data).await?,
        dimensions: DIMENSIONS.iter().map(|d| data.word(d)).collect(),
        verdict_words: VERDICTS.iter().map(|v| data.word(v)).collect(),
        verdicts: verdicts(data).await?,
    })
}

async fn measures(data: &Data<'_>) -> Result<Vec<Measures>> {
    let mut order: Vec<String> = Vec::new();
    let mut values: BTreeMap<(String, String, String), f64> = BTreeMap::new();
    // Runs of earlier versions measured all sources together only.
    let overall = if data.has_column("scorecard", "source") { " WHERE source IS NULL" } else { "" };
    let sql = format!("SELECT stage, field, dimension, value FROM scorecard{overall}");
    for row in data.rows(&["scorecard"], &sql).await? {
        let field = row.string("field");
        if !order.contains(&field) {
            order.push(field.clone());
        }
        if let Some(value) = row.number("value") {
            values.insert((field, row.string("stage"), row.string("dimension")), value);
        }
    }
    let all = order.iter().map(|field| {
        let bar = |stage: &str, dimension: &str| {
            Bar::new(values.get(&(field.clone(), stage.into(), dimension.into())).copied())
        };
        Measures {
            field: words(field),
            complete_before: bar("source", "completeness"),
            complete_after: bar("golden", "completeness"),
            accurate_before: bar("source", "accuracy"),
            accurate_after: bar("golden", "accuracy"),
            consistent: bar("golden", "consistency"),
            current: bar("golden", "currentness"),
        }
    });
    Ok(all.collect())
}

async fn sources(data: &Data<'_>) -> Result<Vec<OfSource>> {
    if !data.has_column("scorecard", "source") {
        return Ok(vec![]);
    }
    let sql = "SELECT source, field, dimension, value FROM scorecard WHERE source IS NOT NULL ORDER BY field, source";
    let mut all: BTreeMap<(String, String), Vec<Bar>> = BTreeMap::new();
    for row in data.rows(&["scorecard"], sql).await? {
        let shares = all
            .entry((row.string("field"), row.string("source")))
            .or_insert_with(|| DIMENSIONS.iter().map(|_| Bar::new(None)).collect());
        let place = DIMENSIONS.iter().position(|d| row.text("dimension") == Some(d));
        if let Some(bar) = place.and_then(|place| shares.get_mut(place)) {
            *bar = Bar::new(row.number("value"));
        }
    }
    Ok(all.into_iter().map(|((field, source), shares)| OfSource { source, field: words(&field), shares }).collect())
}

async fn verdicts(data: &Data<'_>) -> Result<Vec<Verdicts>> {
    let mapped = data.rules.mapped_fields();
    let mut judged: Vec<(&str, &str)> = Vec::new();
    if mapped.iter().any(|(_, kind)| *kind == FieldKind::PersonName) {
        judged.push(("contacts", "name"));
    }
    judged.extend(
        mapped.iter().filter(|(_, kind)| !suffixes(*kind).is_empty()).map(|(name, _)| ("contacts", name.as_str())),
    );
    if has_address(&mapped) {
        judged.push(("addresses", "address"));
    }
    let named = |field: &str| [By::Value(format!("{field}_verdict")), By::Value(format!("{field}_reason"))];
    judged.retain(|(table, field)| named(field).iter().all(|by| data.has_column(table, by.column())));
    let mut tallies = Vec::new();
    for table in ["contacts", "addresses"] {
        let fields = judged.iter().filter(|(of, _)| *of == table);
        let groups: Vec<[By; 2]> = fields.map(|(_, field)| named(field)).collect();
        if !groups.is_empty() {
            tallies.extend(data.tally(table, &groups.iter().map(|by| by.as_slice()).collect::<Vec<_>>()).await?);
        }
    }
    let mut all = Vec::new();
    for ((_, field), tally) in judged.into_iter().zip(tallies) {
        let mut rows: Vec<(Option<String>, Option<String>, u64)> = tally
            .into_iter()
            .map(|(mut combination, n)| {
                let reason = combination.pop().flatten();
                (combination.pop().flatten(), reason, n)
            })
            .collect();
        // Most frequent first, what is null last.
        rows.sort_by_key(|(verdict, reason, n)| {
            (Reverse(*n), verdict.is_none(), verdict.clone(), reason.is_none(), reason.clone())
        });
        let whole: u64 = rows.iter().map(|(.., n)| n).sum();
        let of = |wanted: &str| {
            rows.iter().filter(|(v, ..)| v.as_deref().unwrap_or("missing") == wanted).map(|(.., n)| n).sum()
        };
        let counts = VERDICTS.iter().map(|v| {
            let n: u64 = of(v);
            (thousands(n), Bar::new(share(n, whole)))
        });
        let with_reason: Vec<_> = rows
            .iter()
            .filter_map(|(verdict, reason, n)| Some((verdict.as_deref().unwrap_or_default(), reason.as_deref()?, *n)))
            .collect();
        let reasons = with_reason.iter().take(REASONS);
        all.push(Verdicts {
            field: words(field),
            counts: counts.collect(),
            reasons: reasons
                .map(|(verdict, reason, n)| (data.word(reason), data.word(verdict), thousands(*n)))
                .collect(),
            more_reasons: with_reason.len().saturating_sub(REASONS),
        });
    }
    Ok(all)
}
