//! Section: how matching went as a whole: sizes of clusters, distribution of match weights with the bands,
//! blocking rules.

use crate::components::{Bar, Column, Histogram};
use crate::data::Data;
use crate::text::{percent, share, signed, thousands};
use zlato_core::matching::model::{probability, weight_of};
use zlato_engine::error::Result;

/// Golden records of a size.
#[derive(Debug, Clone)]
pub struct Size {
    pub records: String,
    pub customers: String,
    pub prospects: String,
    pub share: Bar,
}

#[derive(Debug, Clone)]
pub struct Block {
    pub rule: String,
    pub blocks: String,
    pub largest: String,
    pub pairs: String,
    pub share: Bar,
    pub split: String,
    /// Blocks over the limit that could not be split, and the pairs in them.
    pub skipped: Option<(String, String)>,
}

#[derive(Debug, Clone)]
pub struct Band {
    pub name: &'static str,
    pub from: String,
    pub pairs: String,
}

#[derive(Debug, Clone, Default)]
pub struct Matching {
    pub sizes: Vec<Size>,
    pub size_chart: Option<Histogram>,
    pub score_chart: Option<Histogram>,
    pub bands: Vec<Band>,
    pub blocks: Vec<Block>,
}

/// Classes of cluster sizes: first and last number of records.
const CLASSES: [(u64, u64); 9] = [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 10), (11, 20), (21, 50), (51, u64::MAX)];
/// Weights beyond are drawn together.
const WEIGHTS: std::ops::RangeInclusive<i64> = -20..=40;

pub async fn fill(data: &Data<'_>) -> Result<Matching> {
    let mut page = Matching::default();
    sizes(data, &mut page).await?;
    scores(data, &mut page).await?;
    let rows = data.rows(&["blocks"], "SELECT * FROM blocks").await?;
    let whole: u64 = rows.iter().map(|row| row.count("pairs")).sum();
    page.blocks = rows
        .iter()
        .map(|row| Block {
            rule: row.string("rule"),
            blocks: thousands(row.count("blocks")),
            largest: thousands(row.count("largest_block")),
            pairs: thousands(row.count("pairs")),
            share: Bar::of(row.count("pairs"), whole),
            split: thousands(row.count("split_blocks")),
            skipped: (row.count("skipped_blocks") > 0)
                .then(|| (thousands(row.count("skipped_blocks")), thousands(row.count("skipped_pairs")))),
        })
        .collect();
    Ok(page)
}

async fn sizes(data: &Data<'_>, page: &mut Matching) -> Result<()> {
    let rows = data.rows(&["golden"], "SELECT records, kind, count(*) AS n FROM golden GROUP BY records, kind").await?;
    let whole: u64 = rows.iter().map(|row| row.count("n")).sum();
    if whole == 0 {
        return Ok(());
    }
    let mut columns = Vec::new();
    for (from, to) in CLASSES {
        let of = |customer: bool| -> u64 {
            let fits = |r: &&crate::rows::Row| {
                (from..=to).contains(&r.count("records")) && (r.text("kind") == Some("customer")) == customer
            };
            rows.iter().filter(fits).map(|r| r.count("n")).sum()
        };
        let (customers, prospects) = (of(true), of(false));
        let label = match to {
            u64::MAX => format!("{from}+"),
            _ if from == to => from.to_string(),
            _ => format!("{from}–{to}"),
        };
        columns.push(Column { label: label.clone(), n: customers + prospects, band: "" });
        if customers + prospects > 0 {
            page.sizes.push(Size {
                records: label,
                customers: thousands(customers),
                prospects: thousands(prospects),
                share: Bar::new(share(customers + prospects, whole)),
            });
        }
    }
    let axis = "Records in a cluster; height: number of golden records, on a logarithmic scale";
    page.size_chart = Some(Histogram::new("Sizes of clusters", axis, &columns));
    Ok(())
}

async fn scores(data: &Data<'_>, page: &mut Matching) -> Result<()> {
    let rows = data.rows(&["scores"], "SELECT weight, pairs FROM scores ORDER BY weight").await?;
    let review = *data.rules.matching.thresholds.review.get_ref();
    let (review_at, merge_at) = (weight_of(review), data.merge_weight);
    let merge = probability(merge_at);
    // A bit of weight belongs to the band of its upper end: only the bits that hold a threshold are shared.
    let band = |weight: i64| {
        let upper = weight as f64 + 1.0;
        if upper > merge_at && weight as f64 >= merge_at.floor() {
            "merge"
        } else if weight as f64 >= review_at.floor() {
            "review"
        } else {
            "apart"
        }
    };
    if !rows.is_empty() {
        let at = |row: &crate::rows::Row| row.integer("weight").unwrap_or(0).clamp(*WEIGHTS.start(), *WEIGHTS.end());
        let (low, high) =
            rows.iter().fold((i64::MAX, i64::MIN), |(low, high), row| (low.min(at(row)), high.max(at(row))));
        let columns: Vec<Column> = (low..=high)
            .map(|weight| Column {
                label: match weight {
                    w if w == *WEIGHTS.start() => format!("≤{w}"),
                    w if w == *WEIGHTS.end() => format!("≥{w}"),
                    w => w.to_string().replace('-', "−"),
                },
                n: rows.iter().filter(|row| at(row) == weight).map(|row| row.count("pairs")).sum(),
                band: band(weight),
            })
            .collect();
        let axis = format!(
            "Match weight in bits; height: candidate pairs, on a logarithmic scale. Review from {} ({}), merge from {} ({})",
            signed(review_at),
            percent(review),
            signed(merge_at),
            percent(merge)
        );
        page.score_chart = Some(Histogram::new("Candidate pairs by match weight", axis, &columns));
    }
    let pairs = data.rows(&["pairs"], "SELECT band, count(*) AS n FROM pairs GROUP BY band").await?;
    let of = |name: &str| thousands(pairs.iter().filter(|r| r.text("band") == Some(name)).map(|r| r.count("n")).sum());
    let from = |p: f64, w: f64| format!("probability {} (weight {}) and above", percent(p), signed(w));
    page.bands = vec![
        Band { name: "merge", from: from(merge, merge_at), pairs: of("merge") },
        Band { name: "review", from: from(review, review_at), pairs: of("review") },
        Band { name: "always", from: "a hard rule, whatever the weight".into(), pairs: of("always") },
        Band { name: "never", from: "a hard rule, whatever the weight".into(), pairs: of("never") },
    ];
    Ok(())
}
