//! zlato-core: validating, normalising, matching and surviving customer values.
//!
//! Plain Rust: no DataFusion, no Arrow, no async, no files, no clock, no randomness of its own.

pub mod addresses;
pub mod anomaly;
pub mod attributes;
pub mod contacts;
pub mod day;
pub mod freshness;
pub mod gazetteer;
pub mod household;
pub mod judgement;
pub mod ledger;
pub mod lines;
pub mod matching;
pub mod permission;
pub mod pin;
pub mod prompts;
pub mod rules;
pub mod suppression;
pub mod survivorship;
pub mod text;
pub mod tried;
pub mod value;
