//! Whole cases of zlato-core, from files under `fixtures/` and `rules/`. One binary for all.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rules;
