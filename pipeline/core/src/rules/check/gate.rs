//! Meaning of `gate.toml`: every check has a limit that some numbers pass.

use super::{Folder, Sink, short};
use crate::rules::gate::{Check, Limit};
use serde_spanned::Spanned;

pub(super) fn check(folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let gate = &folder.gate.typed;
    sink.unique(gate.check.iter().map(|c| &c.name), "gate::duplicate_check", "check");
    for check in &gate.check {
        sink.name(&check.name);
        sink.sql(&check.sql);
        check.warn.iter().chain(&check.stop).for_each(|limit| one(limit, sink));
        if check.warn.is_none() && check.stop.is_none() && !folder.gate.partial {
            let help = "as `warn = { above = 5 }` or `stop = { below = 1 }`".to_string();
            let message = format!("the check `{}` has no limit", short(&check.name));
            sink.error(check.name.span(), "gate::no_limit", message, Some(help));
        }
        order(check, sink);
    }
}

fn one(limit: &Spanned<Limit>, sink: &mut Sink<'_>) {
    let Limit { above, below } = *limit.get_ref();
    let finite = above.iter().chain(&below).all(|n| n.is_finite());
    if above.is_none() && below.is_none() {
        let help = "`above`, `below` or both".to_string();
        sink.error(limit.span(), "gate::empty_limit", "the limit is empty", Some(help));
    } else if !finite {
        sink.error(limit.span(), "gate::limit_range", "a limit is a finite number", None);
    } else if let (Some(above), Some(below)) = (above, below)
        && above < below
    {
        let message = format!("every number is above {above} or below {below}: the check always fires");
        sink.error(limit.span(), "gate::limit_range", message, None);
    }
}

/// A warning that fires no earlier than the stop is never seen.
fn order(check: &Check, sink: &mut Sink<'_>) {
    let (Some(warn), Some(stop)) = (&check.warn, &check.stop) else {
        return;
    };
    let above = warn.get_ref().above.zip(stop.get_ref().above).is_some_and(|(warn, stop)| stop <= warn);
    let below = warn.get_ref().below.zip(stop.get_ref().below).is_some_and(|(warn, stop)| stop >= warn);
    if above || below {
        let message = "`stop` fires before `warn` does: nobody will see the warning";
        let help = "set `warn` nearer to what is normal than `stop`".to_string();
        sink.warn(stop.span(), "gate::limit_order", message, Some(help));
    }
}
