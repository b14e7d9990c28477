//! Small pieces of HTML that many sections share: a value, a word with its meaning, a bar, a sample line,
//! a histogram, a waterfall. Enter: typed values. Leaves: escaped HTML. Never here: queries.

use crate::text;
use askama::Template;
use askama::filters::HtmlSafe;

/// A customer's value, isolated so that its direction of writing cannot reach the text around it.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"{% if text.is_empty() %}<span class="none">none</span>{% else %}<bdi>{{ text }}</bdi>{% endif %}"#
)]
pub struct Value {
    pub text: String,
}

impl HtmlSafe for Value {}

impl Value {
    pub fn new(value: &str) -> Self {
        Self { text: text::visible(value, text::SHOWN) }
    }

    pub fn long(value: &str, limit: usize) -> Self {
        Self { text: text::visible(value, limit) }
    }
}

/// A code with its meaning: a link to the glossary, with the meaning as its tooltip.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r##"{% if let Some(meaning) = meaning %}<a class="word {{ code }}" href="#w-{{ code }}" title="{{ meaning }}">{{ label }}</a>{% else %}<span class="word {{ code }}">{{ label }}</span>{% endif %}"##
)]
pub struct Word {
    /// The code, or empty where it is not one.
    pub code: String,
    pub label: String,
    pub meaning: Option<&'static str>,
}

impl HtmlSafe for Word {}

impl Word {
    pub fn new(code: &str, meaning: Option<&'static str>) -> Self {
        // Codes become class names and anchors: anything else, such as a word of a rule file, does not.
        let simple = code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        Self {
            code: if simple { code.into() } else { String::new() },
            label: text::words(code),
            meaning: meaning.filter(|_| simple),
        }
    }

    pub fn plain(code: &str) -> Self {
        Self::new(code, None)
    }
}

/// A share as a number with a bar beside it.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"{% if let Some(s) = share %}<span class="share"><span class="num">{{ text::percent(**s) }}</span><svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="rail" width="100" height="8"/><rect class="fill" width="{{ self.width() }}" height="8"/></svg></span>{% else %}<span class="none">–</span>{% endif %}"#
)]
pub struct Bar {
    pub share: Option<f64>,
}

impl HtmlSafe for Bar {}

impl Bar {
    pub fn new(share: Option<f64>) -> Self {
        Self { share: share.filter(|s| s.is_finite()) }
    }

    pub fn of(part: u64, whole: u64) -> Self {
        Self { share: text::share(part, whole) }
    }

    fn width(&self) -> String {
        format!("{:.1}", self.share.unwrap_or(0.0).clamp(0.0, 1.0) * 100.0)
    }
}

/// How many of how many rows a table shows, and the command that shows all.
#[derive(Debug, Clone, Default, Template)]
#[template(
    ext = "html",
    source = r#"<p class="sample">{% if shown < total %}<b>{{ text::thousands(*shown) }} of {{ text::thousands(*total) }}</b> {{ what }} shown. {% else %}All {{ text::thousands(*total) }} {{ what }} shown. {% endif %}<span class="all">In a terminal: <code>{{ command }}</code></span></p>"#
)]
pub struct Sample {
    pub shown: u64,
    pub total: u64,
    pub what: String,
    pub command: String,
}

impl HtmlSafe for Sample {}

/// One column of a [`Histogram`].
#[derive(Debug, Clone)]
pub struct Column {
    pub label: String,
    pub n: u64,
    /// Says what the column stands for besides its place: its class and, for readers without sight, a word.
    pub band: &'static str,
}

/// Bars over a row of labels; heights on a logarithmic scale, as counts differ by orders of magnitude.
#[derive(Debug, Clone, Template)]
#[template(path = "histogram.html")]
pub struct Histogram {
    pub title: String,
    pub axis: String,
    bars: Vec<HistogramBar>,
    width: usize,
}

impl HtmlSafe for Histogram {}

#[derive(Debug, Clone)]
struct HistogramBar {
    x: usize,
    y: usize,
    height: usize,
    label: String,
    n: String,
    band: &'static str,
    /// Whether the label is drawn: where columns are many, only some are.
    labelled: bool,
    counted: bool,
}

/// Height of the highest bar, and width of a bar with its gap, in SVG units.
const HIGH: f64 = 120.0;

impl Histogram {
    pub fn new(title: impl Into<String>, axis: impl Into<String>, columns: &[Column]) -> Self {
        let most = columns.iter().map(|c| c.n).max().unwrap_or(0);
        let scale = |n: u64| if n == 0 { 0.0 } else { ((n as f64 + 1.0).ln() / (most as f64 + 1.0).ln()) * HIGH };
        let step = match columns.len() {
            0..=14 => 52,
            15..=40 => 22,
            _ => 12,
        };
        let every = match step {
            52 => 1,
            22 => 2,
            _ => 5,
        };
        let bars = columns
            .iter()
            .enumerate()
            .map(|(i, column)| {
                let height = (scale(column.n).round() as usize).max(usize::from(column.n > 0));
                HistogramBar {
                    x: i * step,
                    y: 16 + HIGH as usize - height,
                    height,
                    label: column.label.clone(),
                    n: text::thousands(column.n),
                    band: column.band,
                    labelled: i % every == 0,
                    counted: step == 52,
                }
            })
            .collect();
        Self { title: title.into(), axis: axis.into(), bars, width: (columns.len() * step).max(1) }
    }

    fn bar_width(&self) -> usize {
        let step = self.width / self.bars.len().max(1);
        (step * 4 / 5).max(1)
    }
}

/// One line of a [`Waterfall`].
#[derive(Debug, Clone)]
pub struct Step {
    pub name: String,
    pub seen: String,
    /// Share of the level among matches and among other pairs; empty for the prior and the adjustment.
    pub matches: String,
    pub others: String,
    pub weight: f64,
    /// Sum of the weights before this one.
    pub before: f64,
    pub sum: bool,
}

/// How the match weight of a pair came about, comparison by comparison.
#[derive(Debug, Clone, Template)]
#[template(path = "waterfall.html")]
pub struct Waterfall {
    pub caption: String,
    pub steps: Vec<Step>,
    low: f64,
    high: f64,
}

impl HtmlSafe for Waterfall {}

impl Waterfall {
    /// Steps stand in order; each starts where the one before ended.
    pub fn new(caption: impl Into<String>, steps: Vec<Step>) -> Self {
        let ends = steps.iter().flat_map(|s| [s.before, s.before + s.weight]).filter(|w| w.is_finite());
        let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), w| (low.min(w), high.max(w)));
        Self { caption: caption.into(), steps, low, high }
    }

    fn place(&self, weight: f64) -> f64 {
        let span = (self.high - self.low).max(1e-9);
        if weight.is_finite() { ((weight - self.low) / span * 200.0).clamp(0.0, 200.0) } else { 0.0 }
    }

    fn zero(&self) -> String {
        format!("{:.1}", self.place(0.0))
    }

    fn x(&self, step: &Step) -> String {
        format!("{:.1}", self.place(step.before.min(step.before + step.weight)))
    }

    fn wide(&self, step: &Step) -> String {
        format!("{:.1}", (self.place(step.before + step.weight) - self.place(step.before)).abs().max(0.8))
    }
}
