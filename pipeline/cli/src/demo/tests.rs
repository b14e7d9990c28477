//! The whole generator on small numbers: same bytes, valid ids, a truth for every key.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
