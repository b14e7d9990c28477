//! Meaning of `survivorship.toml`: fields that exist, each under one rule.

use super::{Folder, Sink, short};
use crate::rules::shape::span_at;
use crate::rules::survivorship::{Household, Strategy};
use serde_spanned::Spanned;
use std::collections::BTreeMap;
use std::ops::Range;

pub(super) fn check(folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let rules = &folder.survivorship.typed;
    let partial = folder.survivorship.partial;
    sink.unique(rules.field.iter().map(|f| &f.name), "survivorship::duplicate_rule", "rule for");
    sink.unique(rules.group.iter().map(|g| &g.name), "survivorship::duplicate_rule", "group");
    chain(&rules.default, span_at(&folder.survivorship.raw, &["default"]), partial, sink);
    if let Some(days) = rules.trust_half_life_days.as_ref().filter(|d| *d.get_ref() == 0) {
        let message = "a half-life of 0 days leaves no source any trust";
        sink.error(days.span(), "survivorship::half_life", message, Some("leave the key out for no decay".into()));
    }
    household(&rules.household, sink);
    let mut home: BTreeMap<&str, &Spanned<String>> = BTreeMap::new();
    for group in &rules.group {
        sink.name(&group.name);
        chain(group.strategy.get_ref(), group.strategy.span(), partial, sink);
        if group.fields.is_empty() && !partial {
            sink.error(group.name.span(), "survivorship::empty_group", "the group has no fields", None);
        }
        for field in &group.fields {
            golden(field, folder, sink);
            if let Some(other) = home.insert(field.get_ref(), &group.name) {
                let message = format!("`{}` is in group `{}` already", short(field), short(other));
                sink.error(field.span(), "survivorship::field_in_two_groups", message, None);
            }
        }
    }
    for rule in &rules.field {
        golden(&rule.name, folder, sink);
        chain(rule.strategy.get_ref(), rule.strategy.span(), partial, sink);
        if let Some(group) = home.get(rule.name.get_ref().as_str()) {
            let message = format!(
                "`{}` survives with group `{}`; a rule of its own never applies",
                short(&rule.name),
                short(group)
            );
            sink.error(rule.name.span(), "survivorship::field_in_group", message, None);
        }
    }
}

fn household(rules: &Household, sink: &mut Sink<'_>) {
    let evidence = rules.evidence.get_ref();
    let twice = evidence.iter().enumerate().find(|(i, e)| evidence.iter().take(*i).any(|earlier| earlier == *e));
    if let Some((_, word)) = twice {
        let message = format!("`{}` stands twice; the order means nothing either", word.as_str());
        sink.warn(rules.evidence.span(), "survivorship::household_evidence_twice", message, None);
    }
    let limits = [
        (&rules.largest, 2, 1000, "a household has two people or more", "from 2 to 1000"),
        (&rules.crowded, 1, 1000, "nobody would have to tell a flat, or everybody", "from 1 to 1000"),
        (&rules.contact_people, 2, 50, "a contact is shared by two people or more, and by few", "from 2 to 50"),
        (&rules.age_of_majority, 1, 30, "no law has such an age of majority", "from 1 to 30, as 18"),
    ];
    for (value, least, most, message, help) in limits {
        if !(least..=most).contains(value.get_ref()) {
            sink.error(value.span(), "survivorship::household_limits", message, Some(help.into()));
        }
    }
}

fn golden(field: &Spanned<String>, folder: &Folder<'_>, sink: &mut Sink<'_>) {
    if !folder.is_golden(field.get_ref()) {
        let message = format!("`{}` is no golden field", short(field));
        sink.error(field.span(), "survivorship::unknown_field", message, folder.golden_help(field.get_ref()));
    }
}

fn chain(strategies: &[Strategy], span: Range<usize>, partial: bool, sink: &mut Sink<'_>) {
    if strategies.is_empty() && !partial {
        let help = "as `[\"verified_first\", \"most_recent\"]`".to_string();
        sink.error(span.clone(), "survivorship::empty_strategy", "a chain needs at least one strategy", Some(help));
    }
    let twice = strategies.iter().enumerate().find(|(i, s)| strategies.iter().take(*i).any(|earlier| earlier == *s));
    if let Some((_, strategy)) = twice {
        let message = format!("`{}` stands twice: the second time it decides nothing", strategy.as_str());
        sink.warn(span, "survivorship::strategy_twice", message, None);
    }
}
