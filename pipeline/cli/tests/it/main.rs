//! The binary as its users meet it: exit codes, messages, summary, and what a killed run leaves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// Training, evaluation, explanations: what they say.
mod asks;
/// A person is erased and told about; the suppression list.
mod erase;
/// A gazetteer is imported, shown and asked.
mod gazetteer;
/// Starts the binary and reads what it said.
mod harness;

/// Two nights: runs, their differences, the life of an id.
mod nights;

/// `kill -9` at any moment, then `--resume`: as if nothing had happened.
mod killed;
/// Which domains take mail: asked of a name server in the test.
mod mail_domains;
/// What schedulers see: metrics, lineage, the log as JSON, commands at the end.
mod operations;
/// What people see: help, summaries, diagnostics, tables.
mod said;
/// `zlato try`: values given and piped in.
mod try_values;
/// What cannot be said or written, and how it is told.
mod unheard;
