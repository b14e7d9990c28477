//! The page of `zlato evaluate --chart`: precision, recall and F1 over the match weight. Enter: an evaluation.
//! Leaves: one self-contained HTML page, light and dark. Never here: records, scripts, the network.

use crate::text::{percent, probability, thousands};
use askama::Template;
use zlato_core::matching::metrics::Rates;
use zlato_engine::error::{Error, Result};
use zlato_engine::inspect::evaluate::Evaluation;

/// Size of the plot in SVG units.
const WIDE: f64 = 720.0;
const HIGH: f64 = 320.0;

#[derive(Template)]
#[template(path = "curve.html")]
struct Page {
    run: String,
    records: String,
    entities: String,
    scores: Vec<Row>,
    lines: Vec<Line>,
    /// Weights under the axis, with their place.
    ticks: Vec<(String, String)>,
    /// Shares beside the axis, with their place.
    rungs: Vec<(String, String)>,
    marks: Vec<Mark>,
    rows: Vec<Row>,
}

struct Line {
    name: &'static str,
    points: String,
}

/// A weight worth a vertical line.
struct Mark {
    name: String,
    x: String,
    /// Names stand one above another at the foot of the plot, where curves seldom are.
    y: usize,
    best: bool,
}

struct Row {
    name: String,
    cells: Vec<String>,
}

fn cell(rate: Option<f64>) -> String {
    rate.map_or_else(|| "–".into(), |r| format!("{r:.4}"))
}

fn rates(rates: Rates) -> Vec<String> {
    [rates.precision, rates.recall, rates.f1].map(cell).to_vec()
}

/// The evaluation as a page.
///
/// # Errors
/// When the page cannot be drawn, which is a defect.
pub fn page(evaluation: &Evaluation) -> Result<String> {
    let curve = &evaluation.curve;
    let lowest = curve.first().map_or(0.0, |p| p.weight);
    let highest = curve.last().map_or(1.0, |p| p.weight);
    let x = |weight: f64| format!("{:.1}", (weight - lowest) / (highest - lowest).max(1e-9) * WIDE);
    let y = |share: f64| format!("{:.1}", (1.0 - share) * HIGH);
    let line = |name, value: fn(Rates) -> Option<f64>| {
        let places = curve.iter().filter_map(|p| Some(format!("{},{}", x(p.weight), y(value(p.score.rates)?))));
        Line { name, points: places.collect::<Vec<_>>().join(" ") }
    };
    let clusters = &evaluation.clusters;
    let score = |name: &str, r: Rates| Row { name: name.into(), cells: rates(r) };
    let mut marks: Vec<(String, f64, bool)> =
        evaluation.thresholds.iter().map(|t| (t.name.to_string(), t.point.weight, false)).collect();
    marks.extend(evaluation.best.map(|b| ("best F1".to_string(), b.weight, true)));
    marks.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut rows: Vec<(f64, Row)> = Vec::new();
    let mut row = |name: String, point: &zlato_core::matching::metrics::Point| {
        let mut cells = vec![format!("{:.2}", point.weight), probability(point.weight)];
        cells.extend(rates(point.score.rates));
        cells.push(thousands(point.score.found - point.score.right));
        rows.push((point.weight, Row { name, cells }));
    };
    let told = |weight: f64| evaluation.thresholds.iter().any(|t| t.point.weight == weight);
    for point in curve.iter().filter(|p| p.weight % 5.0 == 0.0 && !told(p.weight)) {
        row(String::new(), point);
    }
    for threshold in &evaluation.thresholds {
        row(format!("{} threshold", threshold.name), &threshold.point);
    }
    if let Some(best) = &evaluation.best {
        row("best F1".into(), best);
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let page = Page {
        run: evaluation.run.clone(),
        records: thousands(evaluation.truth.records),
        entities: thousands(evaluation.truth.entities),
        scores: vec![
            score("pairs, after clustering", clusters.pairs.rates),
            score("pairs at the merge threshold", evaluation.links.rates),
            score("clusters, exactly right", clusters.clusters.rates),
            score("B-cubed", clusters.b_cubed),
            score("blocking (candidate pairs)", evaluation.blocking.rates),
        ],
        lines: vec![line("precision", |r| r.precision), line("recall", |r| r.recall), line("f1", |r| r.f1)],
        ticks: (0i32..)
            .map(|i| lowest + 5.0 * f64::from(i))
            .take_while(|w| *w <= highest)
            .map(|w| (format!("{w:.0}"), x(w)))
            .collect(),
        rungs: [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| (percent(share), y(share))).to_vec(),
        marks: marks
            .into_iter()
            .enumerate()
            .map(|(i, (name, weight, best))| Mark {
                name,
                x: x(weight.clamp(lowest, highest)),
                y: HIGH as usize - 8 - 16 * i,
                best,
            })
            .collect(),
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    };
    page.render().map_err(|e| Error::Internal(format!("the chart cannot be drawn: {e}")))
}
