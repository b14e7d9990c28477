//! zlato-engine: the stages of a run on DataFusion. See `docs/ARCHITECTURE.md` for the stage table.
//!
//! Knows nothing of HTML or terminals: progress and the report go through traits.

pub mod catalog;
pub mod context;
pub mod diff;
pub mod disagreements;
pub mod erase;
pub mod error;
pub mod expression;
pub mod files;
pub mod functions;
pub mod gazetteer;
pub mod history;
pub mod ids;
pub mod inspect;
pub mod judgements;
pub mod lock;
pub mod lookup;
pub mod mail_domains;
pub mod manifest;
pub mod match_view;
pub mod nights;
pub mod options;
pub mod person;
pub mod pins;
pub mod progress;
pub mod quarantine;
pub mod read;
pub mod redirects;
pub mod rulebook;
pub mod run;
pub mod runs;
pub mod schema_change;
pub mod session;
pub mod stages;
pub mod store;
pub mod subject;
pub mod summary;
pub mod suppression;
pub mod tables;
pub mod tally;
pub mod training;
