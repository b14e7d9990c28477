//! Whether the data have moved away from the model in force. Enter: the run's features, `model.toml`.
//! Leaves: at most one warning. Never here: changing the model; pairs are weighed with it as it is.

use crate::context::Context;
use zlato_core::matching::em::{self, EmInput};
use zlato_core::matching::model::Model;
use zlato_core::matching::moves::drift;

/// Pairs of each blocking rule that are counted: a sample is enough to see that a weight is off by a bit.
pub const MOST_PAIRS: u64 = 200_000;

/// Learns a model from a sample of today's pairs and compares it with the one in force. The warning names the level
/// whose weight moved furthest: what training anew would change.
pub fn warning(context: &Context, input: &EmInput, model: &Model) -> Option<String> {
    let (today, training) = em::train(input, &context.rules.rules.matching.training);
    drift(model, &today, input, &training).map(|found| {
        format!(
            "the data have drifted from model.toml: comparison `{}`, level `{}` weighs {:+.1} bits there and {:+.1} in today's data (m {}, now {}; u {}, now {}); learn anew with `zlato train`",
            found.comparison,
            found.level,
            found.before.weight,
            found.after.weight,
            share(found.before.m),
            share(found.after.m),
            share(found.before.u),
            share(found.after.u),
        )
    })
}

fn share(p: f64) -> String {
    if p >= 0.001 { format!("{p:.3}") } else { format!("{p:.1e}") }
}
