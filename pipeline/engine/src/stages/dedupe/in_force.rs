//! Whose weights count tonight. Enter: the rules of the run and the published run. Leaves: the published run's model,
//! where it was learnt under the same rules: weights that move a little every night would part and join doubtful pairs
//! for no reason that a steward could see. Never here: learning.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::files;
use crate::manifest::RULES;
use std::path::Path;
use zlato_core::matching::model::Model;

/// Rule files that decide what is compared, and so what a model means.
const DECIDING: [&str; 4] = ["sources.toml", "contacts.toml", "addresses.toml", "matching.toml"];

/// The model of the published run; none where there is no such run, where it had other rules, or where the rules ask for
/// a new model every night.
pub fn published(context: &Context) -> Result<Option<Model>> {
    let matching = &context.rules.rules.matching;
    let Some(last) = context.last.as_ref().filter(|_| !matching.training.every_run) else { return Ok(None) };
    let run = last.folder().parent().unwrap_or(Path::new("."));
    let text = |name: &str| std::fs::read_to_string(run.join(RULES).join(name)).ok();
    if DECIDING.iter().any(|name| text(name).as_ref() != context.rules.files.get(*name)) {
        return Ok(None);
    }
    let path = run.join("model.toml");
    let Some(text) = files::read_if_there(&path)? else { return Ok(None) };
    let model = Model::from_toml(&text).map_err(|e| Error::environment(format!("{}: {e}", path.display())))?;
    Ok(Some(model).filter(|model| model.check(matching).is_empty()))
}
