//! `gate.toml`: what must hold before golden records are published.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_spanned::Spanned;

/// What must hold before golden records are published.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Checks, run in this order; all of them, even after one fired.
    #[serde(default)]
    pub check: Vec<Check>,
    /// Tonight's numbers against those of earlier published nights.
    #[serde(default)]
    pub anomaly: Anomaly,
}

/// Tonight's numbers against those of earlier published nights, as `history.jsonl` keeps them: the median, and how far
/// numbers strayed from it before; from `min_nights` to `robust_nights`, the last night. Each measure has how far it may
/// move: rows, customers, prospects and the largest cluster in percent, everything else in percentage points. What chance
/// does to few values is always allowed. An empty table such as `review = {}` switches a measure off.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Anomaly {
    /// Whether nights are compared at all.
    pub on: bool,
    /// Published nights to compare with, the newest ones.
    #[schemars(with = "u32")]
    pub nights: Spanned<u32>,
    /// With fewer nights nothing is compared.
    #[schemars(with = "u32")]
    pub min_nights: Spanned<u32>,
    /// From so many nights on the median counts; before, the last night.
    #[schemars(with = "u32")]
    pub robust_nights: Spanned<u32>,
    /// Before `robust_nights`, numbers may move so many times further.
    #[schemars(with = "f64")]
    pub young_factor: Spanned<f64>,
    /// Standard deviations beyond which a number warns, if it has also moved as far as its measure says.
    #[schemars(with = "f64")]
    pub warn_deviations: Spanned<f64>,
    /// Standard deviations beyond which a number stops the run, if it has also moved as far as its measure says.
    #[schemars(with = "f64")]
    pub stop_deviations: Spanned<f64>,
    /// Numbers of fewer rows or values than this are not compared.
    pub min_rows: u64,
    /// Nights before this day do not count: set it to the day of a change that you know of.
    #[schemars(with = "Option<String>")]
    pub since: Option<Spanned<String>>,
    /// Rows of a customer or prospect source, percent. 10 and 30 without it.
    #[schemars(with = "Allowed")]
    pub rows: Spanned<Allowed>,
    /// Rows of a profile or event source, percent. A warning at 60 without it.
    #[schemars(with = "Allowed")]
    pub side_rows: Spanned<Allowed>,
    /// Rows of a source in quarantine. 2 and 15 points without it.
    #[schemars(with = "Allowed")]
    pub quarantine: Spanned<Allowed>,
    /// Empty values of a mapped column. 5 and 25 points without it.
    #[schemars(with = "Allowed")]
    pub missing: Spanned<Allowed>,
    /// Values of a column that changed their verdict: valid, corrected, suspect, invalid. 8 and 25 points without it.
    #[schemars(with = "Allowed")]
    pub verdicts: Spanned<Allowed>,
    /// Values of a column that look otherwise: letters, digits, both, with `@`. 10 and 30 points without it.
    #[schemars(with = "Allowed")]
    pub shapes: Spanned<Allowed>,
    /// Rows of a source whose content differs from the last published night. 20 and 50 points without it.
    #[schemars(with = "Allowed")]
    pub changed: Spanned<Allowed>,
    /// Records that were matched with another one. 4 and 15 points without it.
    #[schemars(with = "Allowed")]
    pub matched: Spanned<Allowed>,
    /// Golden records by the number of their records. 5 and 20 points without it.
    #[schemars(with = "Allowed")]
    pub cluster_sizes: Spanned<Allowed>,
    /// Records of the largest cluster, percent. A warning at 50 without it.
    #[schemars(with = "Allowed")]
    pub largest_cluster: Spanned<Allowed>,
    /// Golden customers, percent. 5 and 15 without it.
    #[schemars(with = "Allowed")]
    pub customers: Spanned<Allowed>,
    /// Golden prospects, percent. 15 and 50 without it.
    #[schemars(with = "Allowed")]
    pub prospects: Spanned<Allowed>,
    /// Pairs for stewards to review, of all records. A warning at 2 points without it.
    #[schemars(with = "Allowed")]
    pub review: Spanned<Allowed>,
    /// Golden values of a field that changed their state: fresh, ageing, stale, unknown. A warning at 8 points without it.
    #[schemars(with = "Allowed")]
    pub freshness: Spanned<Allowed>,
    /// Golden records that may be reached by a channel. 3 and 15 points without it.
    #[schemars(with = "Allowed")]
    pub permissions: Spanned<Allowed>,
}

/// How far a number may move from what is usual.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Allowed {
    /// Beyond: published with a warning.
    pub warn: Option<f64>,
    /// Beyond: not published; the last published records stand.
    pub stop: Option<f64>,
}

impl Default for Anomaly {
    fn default() -> Self {
        let by = |warn: f64, stop: f64| Spanned::new(0..0, Allowed { warn: Some(warn), stop: Some(stop) });
        let warns = |warn: f64| Spanned::new(0..0, Allowed { warn: Some(warn), stop: None });
        Self {
            on: true,
            nights: Spanned::new(0..0, 28),
            min_nights: Spanned::new(0..0, 3),
            robust_nights: Spanned::new(0..0, 7),
            young_factor: Spanned::new(0..0, 1.5),
            warn_deviations: Spanned::new(0..0, 4.0),
            stop_deviations: Spanned::new(0..0, 6.0),
            min_rows: 100,
            since: None,
            rows: by(10.0, 30.0),
            side_rows: warns(60.0),
            quarantine: by(2.0, 15.0),
            missing: by(5.0, 25.0),
            verdicts: by(8.0, 25.0),
            shapes: by(10.0, 30.0),
            changed: by(20.0, 50.0),
            matched: by(4.0, 15.0),
            cluster_sizes: by(5.0, 20.0),
            largest_cluster: warns(50.0),
            customers: by(5.0, 15.0),
            prospects: by(15.0, 50.0),
            review: warns(2.0),
            freshness: warns(8.0),
            permissions: by(3.0, 15.0),
        }
    }
}

impl Anomaly {
    /// Every measure by its name in the rules, with how far it may move.
    pub fn measures(&self) -> [(&'static str, &Spanned<Allowed>); 15] {
        [
            ("rows", &self.rows),
            ("side_rows", &self.side_rows),
            ("quarantine", &self.quarantine),
            ("missing", &self.missing),
            ("verdicts", &self.verdicts),
            ("shapes", &self.shapes),
            ("changed", &self.changed),
            ("matched", &self.matched),
            ("cluster_sizes", &self.cluster_sizes),
            ("largest_cluster", &self.largest_cluster),
            ("customers", &self.customers),
            ("prospects", &self.prospects),
            ("review", &self.review),
            ("freshness", &self.freshness),
            ("permissions", &self.permissions),
        ]
    }

    /// What a measure may do; nothing for a name that is none.
    pub fn allowed(&self, measure: &str) -> Allowed {
        self.measures().iter().find(|(name, _)| *name == measure).map_or_else(Allowed::default, |(_, a)| *a.get_ref())
    }
}

/// An SQL query over the tables of the run that yields one number (null counts as no finding).
/// Tables of the last published run are named `last_golden`, `last_crosswalk`, `last_quarantine`
/// and are empty on the first run.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Short name, shown in the scorecard.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// What the number is, in the words of the scorecard.
    pub description: Option<String>,
    /// The query; its first column of its first row is the number.
    #[schemars(with = "String")]
    pub sql: Spanned<String>,
    /// Outside: published with a warning.
    #[schemars(with = "Option<Limit>")]
    pub warn: Option<Spanned<Limit>>,
    /// Outside: not published; the last published records stand.
    #[schemars(with = "Option<Limit>")]
    pub stop: Option<Spanned<Limit>>,
}

/// The check fires when the number is outside.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Fires when the number is greater.
    pub above: Option<f64>,
    /// Fires when the number is less.
    pub below: Option<f64>,
}
