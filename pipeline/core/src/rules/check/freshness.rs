//! Meaning of `freshness.toml`: fields and groups that exist, sensible ages, known channels.

use super::{Folder, Sink, did_you_mean, known, short};
use crate::rules::freshness::Effect;
use serde_spanned::Spanned;
use std::collections::BTreeSet;

pub(super) fn check(folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let freshness = &folder.freshness.typed;
    sink.unique(freshness.field.iter().map(|f| &f.name), "freshness::duplicate_field", "age for");
    for age in &freshness.field {
        field_or_group(&age.name, folder, sink);
        if *age.half_life_days.get_ref() == 0 {
            let message = "a half-life is at least one day";
            let help = "leave the field out if it does not age".to_string();
            sink.error(age.half_life_days.span(), "freshness::half_life", message, Some(help));
        }
        match &age.shelf_life_days {
            Some(days) if *days.get_ref() == 0 => {
                sink.error(days.span(), "freshness::shelf_life", "a shelf life is at least one day", None);
            }
            Some(days) if days.get_ref() < age.half_life_days.get_ref() => {
                let message = "the shelf life is below the half-life: values go stale before they age";
                sink.warn(days.span(), "freshness::shelf_below_half_life", message, None);
            }
            _ => {}
        }
    }
    let mut seen = BTreeSet::new();
    for event in &freshness.event {
        if event.kind.get_ref().trim().is_empty() {
            sink.error(event.kind.span(), "rules::empty_text", "the kind of an event cannot be empty", None);
        }
        if !seen.insert((event.kind.get_ref(), event.field.get_ref())) {
            let message = format!("`{}` has an effect on `{}` already", short(&event.kind), short(&event.field));
            sink.error(event.kind.span(), "freshness::duplicate_event", message, None);
        }
        match event.effect {
            Effect::Invalidate | Effect::Confirm => field_or_group(&event.field, folder, sink),
            Effect::OptOut | Effect::OptIn => channel(&event.field, sink),
        }
    }
}

fn field_or_group(name: &Spanned<String>, folder: &Folder<'_>, sink: &mut Sink<'_>) {
    if !folder.is_golden(name.get_ref()) && !folder.survivorship.declares(name.get_ref()) {
        let groups = folder.survivorship.typed.group.iter().map(|g| g.name.get_ref().as_str());
        let help = match crate::rules::suggest(name.get_ref(), groups) {
            Some(group) => Some(format!("did you mean the group `{group}`?")),
            None => folder.golden_help(name.get_ref()),
        };
        let message = format!("`{}` is neither a golden field nor a group of survivorship.toml", short(name));
        sink.error(name.span(), "freshness::unknown_field", message, help);
    }
}

fn channel(name: &Spanned<String>, sink: &mut Sink<'_>) {
    if !known::CHANNELS.contains(&name.get_ref().as_str()) {
        let help = did_you_mean(name.get_ref(), known::CHANNELS.iter().copied());
        let message = format!("`{}` is no channel", short(name));
        sink.error(name.span(), "freshness::unknown_channel", message, help);
    }
}
