//! The life of golden ids. Enter: what tonight's clusters and yesterday's golden records have in common. Leave: the id
//! of each cluster, the night's events, and what every id ever published resolves to. Never here: tables, the order of
//! rows, a clock.

mod events;
mod id;
mod inherit;
mod redirects;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;

pub use events::{Event, EventKind, Left, events};
pub use id::GoldenId;
pub use inherit::{Claim, Known, disputed, inherit, new_id};
pub use redirects::{Reason, Redirect, Trail, redirects};
