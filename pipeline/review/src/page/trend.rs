//! Section: what the nights looked like in numbers, this one last. Enter: the numbers of earlier published nights and of
//! tonight, as the run has kept them. Leaves: a line a number, with a small drawing.

use crate::data::Data;
use crate::text::{percent, thousands, words};
use zlato_engine::error::Result;
use zlato_engine::nights::{self, Figure};

/// One number over the nights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub measure: String,
    pub source: String,
    /// Points of a drawing 100 wide and 20 high.
    pub points: String,
    pub end: (String, String),
    pub lowest: String,
    pub highest: String,
    pub last: String,
    pub tonight: String,
}

#[derive(Debug, Clone, Default)]
pub struct Trend {
    pub lines: Vec<Line>,
    pub nights: usize,
}

/// Numbers worth a line, in this order.
const SHOWN: [&str; 7] = ["rows", "quarantine", "matched", "customers", "prospects", "largest_cluster", "review"];

pub fn fill(data: &Data<'_>) -> Result<Trend> {
    let folder = &data.catalog.folder;
    let (nights, tonight) = (nights::read(folder)?, nights::figures(folder)?.unwrap_or_default());
    let mut lines = Vec::new();
    for measure in SHOWN {
        for (key, figure) in &tonight {
            let (name, source) = key.split_once('/').unwrap_or((key, ""));
            let earlier: Vec<&Figure> = nights.iter().filter_map(|n| n.figures.get(key)).collect();
            if name == measure && !earlier.is_empty() {
                lines.extend(line(measure, source, &earlier, figure));
            }
        }
    }
    Ok(Trend { lines, nights: nights.len() })
}

fn line(measure: &str, source: &str, earlier: &[&Figure], tonight: &Figure) -> Option<Line> {
    let all: Vec<f64> = earlier.iter().copied().chain([tonight]).filter_map(value).collect();
    let is_share = matches!(tonight, Figure::Counts(_));
    let shown = |v: f64| if is_share { percent(v) } else { thousands(v as u64) };
    let (low, high) = all.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    let (tonight, last) = (*all.last()?, *all.iter().rev().nth(1)?);
    // A line that hardly moves is drawn flat: a step of a hair would look like a cliff.
    let span = (high - low).max(0.02 * high.abs()).max(f64::MIN_POSITIVE);
    let place = |(i, v): (usize, &f64)| {
        let x = 100.0 * i as f64 / (all.len() - 1) as f64;
        (format!("{x:.1}"), format!("{:.1}", 20.0 - 20.0 * (v - low) / span))
    };
    let places: Vec<(String, String)> = all.iter().enumerate().map(place).collect();
    Some(Line {
        measure: words(measure),
        source: source.into(),
        points: places.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" "),
        end: places.last()?.clone(),
        lowest: shown(low),
        highest: shown(high),
        last: shown(last),
        tonight: shown(tonight),
    })
}

fn value(figure: &Figure) -> Option<f64> {
    match figure {
        Figure::Count(n) => Some(*n as f64),
        Figure::Counts(counts) => match counts.as_slice() {
            [n, of] if *of > 0 => Some(*n as f64 / *of as f64),
            _ => None,
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_with_tonight() {
        let nights = [Figure::Count(100), Figure::Count(200)];
        let drawn = line("rows", "crm", &nights.iter().collect::<Vec<_>>(), &Figure::Count(150)).unwrap();
        assert_eq!(drawn.points, "0.0,20.0 50.0,0.0 100.0,10.0");
        assert_eq!((drawn.last.as_str(), drawn.tonight.as_str(), drawn.lowest.as_str()), ("200", "150", "100"));
        assert_eq!(drawn.end, ("100.0".to_string(), "10.0".to_string()));
        let empty = Figure::Counts(vec![0, 0]);
        assert_eq!(line("review", "", &[&empty], &empty), None);
    }
}
