//! The stages. None imports another; only `run.rs` knows their order.

pub mod addresses;
mod again;
pub mod columns;
pub mod contacts;
pub mod dedupe;
pub mod enrich;
pub mod freshness;
pub mod gate;
pub mod grouped;
mod holders;
pub mod ingest;
pub(crate) mod memo;
mod odd_rows;
pub mod parts;
pub mod publish;
pub mod ranges;
mod reuse;
pub mod survivorship;
