//! What earlier nights looked like in numbers, kept in the output folder for every later run. Enter: `history.jsonl`, one
//! finished run a line. Leave: its lines; a run keeps a copy of those that it compares itself with, so that continuing it
//! later changes nothing. Never here: a customer's value; the judging of numbers.

use crate::error::{Error, Result};
use crate::files;
use crate::manifest::{GateResult, Manifest};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use zlato_core::rules::gate::Anomaly;

/// File of an output folder, and of a run's folder.
pub const FILE: &str = "history.jsonl";
/// Tonight's numbers, in a run's folder.
pub const FIGURES: &str = "figures.json";

/// A number of a night: a count, or counts of classes; a share is two numbers, so many of so many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Figure {
    Count(u64),
    Counts(Vec<u64>),
}

/// Numbers by name: `measure`, `measure/source` or `measure/source/field`.
pub type Figures = BTreeMap<String, Figure>;

/// A finished run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Night {
    pub run: String,
    pub as_of: String,
    pub published: bool,
    pub gate: GateResult,
    pub figures: Figures,
}

/// The nights of a folder, oldest first; none where there is no file.
pub fn read(folder: &Path) -> Result<Vec<Night>> {
    let path = folder.join(FILE);
    let text = files::read_if_there(&path)?.unwrap_or_default();
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let parsed = lines.map(|(number, line)| {
        serde_json::from_str(line).map_err(|e| {
            let place = format!("{}, line {}, column {}", path.display(), number + 1, e.column());
            Error::environment(format!("{place} is not a night's numbers"))
                .hint("remove that line, or restore the file from a backup")
        })
    });
    parsed.collect()
}

/// Copies the published nights that tonight is compared with to a run that begins.
pub fn keep(out: &Path, run: &Path, rules: &Anomaly) -> Result<()> {
    let since: Option<NaiveDate> = rules.since.as_ref().and_then(|s| s.get_ref().parse().ok());
    let counts = |night: &Night| {
        let day = night.as_of.parse::<NaiveDate>().ok();
        night.published && since.is_none_or(|since| day.is_some_and(|day| day >= since))
    };
    let mut nights: Vec<Night> = read(out)?.into_iter().filter(counts).collect();
    let wanted = usize::try_from(*rules.nights.get_ref()).unwrap_or(usize::MAX);
    let nights = nights.split_off(nights.len().saturating_sub(wanted));
    if nights.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = nights.iter().map(line).collect::<Result<_>>()?;
    files::replace(&run.join(FILE), lines.concat().as_bytes())
}

/// Adds a run that has ended, published or stopped, with the numbers its gate has found; once, however often it is called.
pub fn record(out: &Path, manifest: &Manifest) -> Result<()> {
    let Some(figures) = figures(&out.join("runs").join(&manifest.run))? else { return Ok(()) };
    if read(out)?.iter().any(|night| night.run == manifest.run) {
        return Ok(());
    }
    let night = Night {
        run: manifest.run.clone(),
        as_of: manifest.as_of.clone(),
        published: manifest.published,
        gate: manifest.gate,
        figures,
    };
    let path = out.join(FILE);
    let mut all = files::read_if_there(&path)?.unwrap_or_default();
    if !all.is_empty() && !all.ends_with('\n') {
        all.push('\n');
    }
    all.push_str(&line(&night)?);
    files::replace(&path, all.as_bytes())
}

/// Keeps tonight's numbers in the run's folder, until the run has ended.
pub fn write_figures(run: &Path, figures: &Figures) -> Result<()> {
    let text = serde_json::to_vec_pretty(figures).map_err(|e| Error::Internal(format!("the numbers: {e}")))?;
    files::replace(&run.join(FIGURES), &text)
}

/// The numbers of a run; none before its gate.
pub fn figures(run: &Path) -> Result<Option<Figures>> {
    let path = run.join(FIGURES);
    let text = files::read_if_there(&path)?.unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    let damaged = |_| Error::environment(format!("{} is damaged", path.display())).hint("run anew without --resume");
    serde_json::from_str(&text).map(Some).map_err(damaged)
}

fn line(night: &Night) -> Result<String> {
    let text = serde_json::to_string(night).map_err(|e| Error::Internal(format!("a night's numbers: {e}")))?;
    Ok(text + "\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn night(day: u32, published: bool) -> Night {
        let figures = BTreeMap::from([
            ("customers".to_string(), Figure::Count(u64::from(day))),
            ("verdicts/crm/email".to_string(), Figure::Counts(vec![3, 0, 1, 0, 9])),
        ]);
        Night {
            run: format!("2026-11-{day:02}-001"),
            as_of: format!("2026-11-{day:02}"),
            published,
            gate: GateResult::Pass,
            figures,
        }
    }

    #[test]
    fn published_nights_of_late_are_kept_and_a_damaged_line_is_named() {
        let (out, run) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        keep(out.path(), run.path(), &Anomaly::default()).unwrap();
        assert!(!run.path().join(FILE).exists());
        let lines: Vec<String> = (1..=9).map(|day| line(&night(day, day != 5)).unwrap()).collect();
        std::fs::write(out.path().join(FILE), lines.concat()).unwrap();
        assert_eq!(read(out.path()).unwrap().len(), 9);
        let rules = Anomaly {
            nights: serde_spanned::Spanned::new(0..0, 4),
            since: Some(serde_spanned::Spanned::new(0..0, "2026-11-03".into())),
            ..Anomaly::default()
        };
        keep(out.path(), run.path(), &rules).unwrap();
        let kept = read(run.path()).unwrap();
        assert_eq!(kept, [6, 7, 8, 9].map(|day| night(day, true)));
        let rules = Anomaly { since: Some(serde_spanned::Spanned::new(0..0, "2026-11-08".into())), ..rules };
        keep(out.path(), run.path(), &rules).unwrap();
        assert_eq!(read(run.path()).unwrap(), [8, 9].map(|day| night(day, true)));
        std::fs::write(out.path().join(FILE), format!("{}{{\"run\"\n", lines[0])).unwrap();
        let error = read(out.path()).unwrap_err();
        assert!(error.to_string().contains("line 2") && error.help().is_some(), "{error}");
    }
}
