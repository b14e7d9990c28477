//! Which runs are kept, and the removal of the others. Enter: the runs, and how many of them an operator wants. Leave:
//! what was removed and what not, each with a reason. Never removed: the published run, the one before it, an unfinished
//! run of the last week. A removal that is cut short is finished by the next.

use super::{RunLine, State};
use crate::error::{Error, Result};
use crate::files;
use crate::lock::Lock;
use crate::session::Limits;
use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use std::path::Path;

/// What an operator wants to keep. A run goes when nothing speaks for it.
#[derive(Debug, Clone, Copy)]
pub struct Keep {
    /// The newest published runs, and everything that is newer than the oldest of these.
    pub runs: u32,
    /// Everything that was started in the last days.
    pub days: Option<u32>,
}

/// Why a run stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    InForce,
    /// It was in force before the published run, or an unfinished run compares itself with it.
    Predecessor,
    /// It may still be continued.
    Unfinished,
    /// Among the newest.
    Newest,
    /// Started in the last days.
    Recent,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in force",
            Self::Predecessor => "was in force before",
            Self::Unfinished => "unfinished and younger than a week",
            Self::Newest => "among the newest",
            Self::Recent => "of the last days",
        }
    }
}

/// What becomes of a run; none: it is removed.
#[derive(Debug, Clone, Serialize)]
pub struct Fate {
    pub run: String,
    pub as_of: String,
    /// Bytes.
    pub disk: u64,
    pub kept: Option<Reason>,
}

/// An unfinished run is not touched for so many days.
const UNFINISHED_DAYS: i64 = 7;

/// What becomes of each run, given newest first. A run whose start cannot be read counts as young.
pub fn plan(runs: &[RunLine], keep: Keep, now: DateTime<FixedOffset>) -> Vec<Fate> {
    let younger = |run: &RunLine, days: i64| {
        let started = DateTime::parse_from_rfc3339(&run.started_at);
        started.map_or(true, |at| now.signed_duration_since(at).num_seconds() < days * 86_400)
    };
    let resumable = |run: &RunLine| run.state == State::Unfinished && younger(run, UNFINISHED_DAYS);
    let needed: Vec<&str> = runs
        .iter()
        .filter(|run| run.state == State::InForce || resumable(run))
        .filter_map(|run| run.previous.as_deref())
        .collect();
    let mut published = 0;
    runs.iter()
        .map(|run| {
            let newest = published < keep.runs;
            published += u32::from(matches!(run.state, State::InForce | State::Published));
            let kept = if run.state == State::InForce {
                Some(Reason::InForce)
            } else if needed.contains(&run.run.as_str()) {
                Some(Reason::Predecessor)
            } else if resumable(run) {
                Some(Reason::Unfinished)
            } else if newest {
                Some(Reason::Newest)
            } else if keep.days.is_some_and(|days| younger(run, i64::from(days))) {
                Some(Reason::Recent)
            } else {
                None
            };
            Fate { run: run.run.clone(), as_of: run.as_of.clone(), disk: run.disk, kept }
        })
        .collect()
}

/// Removes what [`plan`] says of the runs that are there. No run may be under way.
pub async fn prune(out: &Path, keep: Keep, now: DateTime<FixedOffset>, limits: Limits) -> Result<Vec<Fate>> {
    let _lock = Lock::take(out)?;
    let fates = plan(&super::list(out, limits).await?, keep, now);
    let folder = out.join("runs");
    finish_earlier(&folder)?;
    for fate in fates.iter().filter(|f| f.kept.is_none()) {
        let leaving = folder.join(format!("{LEAVING}{}", fate.run));
        let run = folder.join(&fate.run);
        // From here on no command sees the run, whether or not its files are gone.
        std::fs::rename(&run, &leaving).map_err(|e| Error::io("remove the run", &run, &e))?;
        files::sync_dir(&folder)?;
        files::remove_dir_if_present(&leaving)?;
    }
    Ok(fates)
}

/// Start of the name of a run's folder while its files are removed.
const LEAVING: &str = ".removing-";

fn finish_earlier(runs: &Path) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(runs) else { return Ok(()) };
    for entry in entries {
        let entry = entry.map_err(|e| Error::io("read", runs, &e))?;
        if entry.file_name().to_string_lossy().starts_with(LEAVING) {
            files::remove_dir_if_present(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STATES: [State; 4] = [State::InForce, State::Published, State::Stopped, State::Unfinished];

    /// Runs of consecutive days, the newest first, started on 2026-11-`day`.
    fn lines(states: &[State]) -> Vec<RunLine> {
        let day = |age: usize| format!("2026-11-{:02}", 28 - age);
        let published = |from: usize| {
            let mut earlier = states.iter().enumerate().skip(from);
            earlier.find(|(_, s)| matches!(s, State::InForce | State::Published)).map(|(age, _)| day(age))
        };
        let line = |(age, state): (usize, &State)| RunLine {
            run: day(age),
            as_of: day(age),
            started_at: format!("{}T02:00:00.000+01:00", day(age)),
            state: *state,
            until: None,
            stopped_by: vec![],
            rows_in: 0,
            rows_quarantine: 0,
            customers: 0,
            prospects: 0,
            seconds: 0.0,
            peak_memory: 0,
            disk: 1,
            previous: published(age + 1),
            version: String::new(),
        };
        states.iter().enumerate().map(line).collect()
    }

    fn now() -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339("2026-11-28T12:00:00+01:00").unwrap()
    }

    fn kept(states: &[State], keep: Keep) -> Vec<Option<Reason>> {
        plan(&lines(states), keep, now()).into_iter().map(|f| f.kept).collect()
    }

    #[test]
    fn what_is_in_force_and_what_was_before_stay_whatever_is_asked() {
        use State::{InForce, Published, Stopped, Unfinished};
        let nothing = Keep { runs: 0, days: None };
        assert_eq!(
            kept(&[Unfinished, Stopped, InForce, Published, Published, Unfinished], nothing),
            [
                Some(Reason::Unfinished),
                None,
                Some(Reason::InForce),
                Some(Reason::Predecessor),
                None,
                Some(Reason::Unfinished)
            ]
        );
        let old = [[InForce].as_slice(), &[Published; 7], &[Unfinished, Published]].concat();
        let fates = kept(&old, Keep { runs: 3, days: None });
        let keeps = [Some(Reason::InForce), Some(Reason::Predecessor), Some(Reason::Newest), None];
        assert_eq!(fates[..4], keeps);
        assert_eq!(fates[8], None, "unfinished for more than a week");
        let days = kept(&old, Keep { runs: 1, days: Some(4) });
        assert_eq!(days[2..5], [Some(Reason::Recent), Some(Reason::Recent), None]);
        // A run that was put back in force by hand, and its predecessor, stay among newer ones.
        assert_eq!(
            kept(&[Published, InForce, Published], nothing),
            [None, Some(Reason::InForce), Some(Reason::Predecessor)]
        );
    }

    proptest! {
        #[test]
        fn a_plan_never_takes_what_must_stay(
            states in prop::collection::vec(0usize..4, 1..20),
            in_force in any::<prop::sample::Index>(),
            runs in 0u32..6,
            days in prop::option::of(0u32..20),
        ) {
            let mut states: Vec<State> = states.into_iter().map(|s| STATES[s.max(1)]).collect();
            let place = in_force.index(states.len());
            states[place] = State::InForce;
            let lines = lines(&states);
            let fates = plan(&lines, Keep { runs, days }, now());
            for (line, fate) in lines.iter().zip(&fates) {
                let young = line.started_at.as_str() > "2026-11-21T12";
                prop_assert!(fate.kept.is_some() || line.state != State::InForce);
                prop_assert!(fate.kept.is_some() || line.state != State::Unfinished || !young);
                prop_assert!(fate.kept.is_some() || lines[place].previous.as_deref() != Some(&line.run));
            }
            let published = |fate: &&Fate| fate.kept.is_some();
            let left = fates.iter().filter(published).count() as u32;
            prop_assert!(left >= runs.min(states.len() as u32));
            // Asking for more never removes more.
            let more = plan(&lines, Keep { runs: runs + 1, days }, now());
            prop_assert!(fates.iter().zip(&more).all(|(a, b)| a.kept.is_none() || b.kept.is_some()));
        }
    }
}
