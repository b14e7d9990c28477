//! Whole cases of zlato-core, from files under `fixtures/` and `rules/`. One binary for all.

mod rules;
