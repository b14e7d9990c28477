//! Meaning of `gate.toml`: every check has a limit that some numbers pass, and nights can be compared.

use super::{Folder, Sink, short};
use crate::rules::gate::{Anomaly, Check, Limit};
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
    anomaly(&gate.anomaly, sink);
}

fn anomaly(anomaly: &Anomaly, sink: &mut Sink<'_>) {
    let [nights, least, robust] = [&anomaly.nights, &anomaly.min_nights, &anomaly.robust_nights];
    if !(1..=1_000).contains(nights.get_ref()) {
        sink.error(nights.span(), "gate::anomaly_nights", "between 1 and 1000 nights can be compared with", None);
    }
    if *least.get_ref() == 0 {
        sink.error(least.span(), "gate::anomaly_nights", "at least one night must have been published", None);
    } else if least.get_ref() > nights.get_ref() {
        let message = "`min_nights` is above `nights`: nothing will ever be compared";
        sink.error(least.span(), "gate::anomaly_nights", message, None);
    }
    if robust.get_ref() < least.get_ref() {
        let help = "nights from `min_nights` to `robust_nights` are compared with the last one alone".to_string();
        sink.error(robust.span(), "gate::anomaly_nights", "`robust_nights` is below `min_nights`", Some(help));
    }
    if !(1.0..=100.0).contains(anomaly.young_factor.get_ref()) {
        sink.error(anomaly.young_factor.span(), "gate::anomaly_range", "the factor lies between 1 and 100", None);
    }
    let [warn, stop] = [&anomaly.warn_deviations, &anomaly.stop_deviations];
    for deviations in [warn, stop] {
        if !(0.5..=1_000.0).contains(deviations.get_ref()) {
            let message = "between 0.5 and 1000 standard deviations are allowed";
            sink.error(deviations.span(), "gate::anomaly_range", message, None);
        }
    }
    if stop.get_ref() < warn.get_ref() {
        sink.warn(stop.span(), "gate::limit_order", "`stop_deviations` is below `warn_deviations`", None);
    }
    if let Some(since) = &anomaly.since {
        sink.date(since.span(), since.get_ref(), "gate::anomaly_since");
    }
    for (name, allowed) in anomaly.measures() {
        let (warn, stop) = (allowed.get_ref().warn, allowed.get_ref().stop);
        if warn.iter().chain(&stop).any(|n| !(n.is_finite() && *n > 0.0)) {
            let message = format!("what `{name}` may move is a number above 0");
            let help = format!("`{name} = {{}}` switches the measure off");
            sink.error(allowed.span(), "gate::anomaly_range", message, Some(help));
        } else if warn.zip(stop).is_some_and(|(warn, stop)| stop <= warn) {
            let message = "`stop` fires before `warn` does: nobody will see the warning";
            sink.warn(allowed.span(), "gate::limit_order", message, None);
        }
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
