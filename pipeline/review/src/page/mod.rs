//! The page: one module a section, each a typed struct and the queries that fill it.
//! Enter: the tables of a run. Leaves: a [`Page`], which its template turns into HTML.
//! Never here: HTML; never more rows in memory than the page shows.

pub mod changes;
pub mod checks;
pub mod conflicts;
pub mod evidence;
pub mod fresh;
pub mod matching;
pub mod merges;
pub mod people;
pub mod permissions;
pub mod profiles;
pub mod quality;
pub mod quarantine;
pub mod review;
pub mod shared;
pub mod stages;
pub mod summary;
pub mod trend;

use crate::components::Word;
use crate::data::Data;
use crate::text;
use askama::Template;
use people::People;
use zlato_engine::error::Result;

/// The merge report.
#[derive(Debug, Template)]
#[template(path = "report.html")]
pub struct Page {
    pub summary: summary::Summary,
    pub changes: changes::Changes,
    pub checks: checks::Checks,
    pub trend: trend::Trend,
    pub quality: quality::Quality,
    pub matching: matching::Matching,
    pub merges: merges::Merges,
    pub review: review::Review,
    pub conflicts: conflicts::Conflicts,
    pub shared: shared::Shared,
    pub profiles: profiles::Profiles,
    pub permissions: permissions::Permissions,
    pub fresh: fresh::Fresh,
    pub quarantine: quarantine::Quarantine,
    pub stages: stages::Stages,
    pub glossary: Vec<(Word, &'static str)>,
}

impl Page {
    /// Asks the tables for everything that the page shows.
    pub async fn of(data: &Data<'_>) -> Result<Self> {
        let chosen_merges = merges::choose(data).await?;
        let chosen_review = review::choose(data).await?;
        let mut records = chosen_merges.records();
        records.extend(chosen_review.records());
        let people = People::load(data, &records).await?;
        let mut page = Self {
            summary: summary::fill(data).await?,
            changes: changes::fill(data).await?,
            checks: checks::fill(data).await?,
            trend: trend::fill(data)?,
            quality: quality::fill(data).await?,
            matching: matching::fill(data).await?,
            merges: merges::fill(data, &chosen_merges, &people),
            review: review::fill(data, &chosen_review, &people).await?,
            conflicts: conflicts::fill(data).await?,
            shared: shared::fill(data).await?,
            profiles: profiles::fill(data).await?,
            permissions: permissions::fill(data).await?,
            fresh: fresh::fill(data).await?,
            quarantine: quarantine::fill(data).await?,
            stages: stages::fill(data),
            glossary: vec![],
        };
        page.glossary = data.glossary();
        Ok(page)
    }
}
