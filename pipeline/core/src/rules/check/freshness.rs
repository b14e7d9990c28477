//! Meaning of `freshness.toml`: fields and groups that exist, sensible ages, known channels, questions with an answer.

use super::{Folder, Sink, did_you_mean, known, short};
use crate::rules::freshness::{Effect, EventEffect, same_kind};
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
        about_question(age.prompt.is_some(), &age.prompt_value, &age.ask_by, sink);
    }
    questions(folder, sink);
    prompts(folder, sink);
    for kind in &freshness.activity {
        let acts = |event: &&EventEffect| same_kind(event.kind.get_ref(), kind.get_ref());
        if kind.get_ref().trim().is_empty() {
            sink.error(kind.span(), "rules::empty_text", "the kind of an event cannot be empty", None);
        } else if let Some(event) = freshness.event.iter().find(acts) {
            let message =
                format!("`{}` has an effect on `{}`: it is more than activity", short(kind), short(&event.field));
            sink.error(kind.span(), "freshness::duplicate_event", message, None);
        }
    }
    let mut seen = BTreeSet::new();
    for event in &freshness.event {
        if event.kind.get_ref().trim().is_empty() {
            sink.error(event.kind.span(), "rules::empty_text", "the kind of an event cannot be empty", None);
        }
        if !seen.insert((event.kind.get_ref().trim().to_lowercase(), event.field.get_ref())) {
            let message = format!("`{}` has an effect on `{}` already", short(&event.kind), short(&event.field));
            sink.error(event.kind.span(), "freshness::duplicate_event", message, None);
        }
        match event.effect {
            Effect::Invalidate | Effect::Confirm => field_or_group(&event.field, folder, sink),
            Effect::OptOut | Effect::OptIn => channel(&event.field, sink),
        }
    }
}

fn questions(folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let freshness = &folder.freshness.typed;
    let asked = freshness.field.iter().filter(|age| age.prompt.is_some()).map(|age| &age.name);
    let questions = freshness.question.iter().map(|q| &q.name);
    sink.unique(asked.chain(questions), "freshness::duplicate_question", "question about");
    for question in &freshness.question {
        let known = folder.is_golden(question.name.get_ref()) || folder.survivorship.declares(question.name.get_ref());
        field_or_group(&question.name, folder, sink);
        if known && !folder.delivers(question.name.get_ref()) {
            let message = format!("no source delivers `{}`: nobody could ever answer", short(&question.name));
            let help = "map it under the [source.columns] of the source that keeps the answers".to_string();
            sink.error(question.name.span(), "freshness::nobody_answers", message, Some(help));
        }
        if question.prompt.get_ref().trim().is_empty() {
            sink.error(question.prompt.span(), "rules::empty_text", "a question cannot be empty", None);
        }
        about_question(true, &question.prompt_value, &question.ask_by, sink);
    }
}

fn about_question(asks: bool, value: &Option<Spanned<f64>>, ask_by: &[Spanned<String>], sink: &mut Sink<'_>) {
    for name in ask_by {
        channel(name, sink);
    }
    if let Some(value) = value.as_ref().filter(|v| !v.get_ref().is_finite() || *v.get_ref() <= 0.0) {
        let help = "1 is an ordinary question; leave `prompt` out for one that is never asked".to_string();
        sink.error(value.span(), "freshness::prompt_value", "a question is worth a number above 0", Some(help));
    }
    let span = value.as_ref().map(Spanned::span).or_else(|| ask_by.first().map(Spanned::span));
    if let Some(span) = span.filter(|_| !asks) {
        let help = "add `prompt = \"...\"`".to_string();
        sink.warn(span, "freshness::nothing_to_ask", "there is no `prompt` to ask", Some(help));
    }
}

fn prompts(folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let prompts = &folder.freshness.typed.prompts;
    if *prompts.most_per_customer.get_ref() == 0 {
        let message = "with 0 questions for a customer nothing is ever asked";
        let help = "leave out every `prompt` if nothing is to be asked".to_string();
        sink.error(prompts.most_per_customer.span(), "freshness::prompt_limits", message, Some(help));
    }
    let least = *prompts.least_value.get_ref();
    if !least.is_finite() || least < 0.0 {
        let message = "what a question must be worth is a number, 0 or more";
        sink.error(prompts.least_value.span(), "freshness::prompt_limits", message, None);
    }
    for name in &prompts.ask_by {
        channel(name, sink);
    }
    let Some(purpose) = &prompts.purpose else { return };
    let kept: Vec<&str> = match folder.permissions.typed.purpose.as_slice() {
        [] => vec![crate::permission::DEFAULT_PURPOSE],
        some => some.iter().map(|p| p.term.get_ref().as_str()).collect(),
    };
    if !kept.contains(&purpose.get_ref().as_str()) && !folder.permissions.partial {
        let message = format!("permission is not kept for the purpose `{}`", short(purpose));
        let help = did_you_mean(purpose.get_ref(), kept);
        sink.error(purpose.span(), "freshness::unknown_purpose", message, help);
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
