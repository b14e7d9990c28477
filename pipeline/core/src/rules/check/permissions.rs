//! Meaning of `permissions.toml`: terms, channels, and columns and events that exist.

use super::{Folder, Sink, did_you_mean, known, short};
use crate::rules::freshness::{Effect, EventEffect, same_kind};
use crate::rules::permissions::{Choice, Purpose};
use crate::rules::sources::FieldKind;
use crate::rules::vocabulary;
use serde_spanned::Spanned;

/// Purposes that one table of permissions can tell apart.
const MOST_PURPOSES: usize = 64;

pub(super) fn check(folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let permissions = &folder.permissions.typed;
    sink.unique(permissions.purpose.iter().map(|p| &p.term), "permissions::duplicate_purpose", "purpose");
    for purpose in &permissions.purpose {
        self::purpose(purpose, sink);
    }
    if let Some(first) = permissions.purpose.get(MOST_PURPOSES) {
        let message = format!("there are more than {MOST_PURPOSES} purposes");
        sink.error(first.term.span(), "permissions::too_many_purposes", message, None);
    }
    for choice in &permissions.choice {
        self::choice(choice, folder, sink);
    }
}

fn purpose(purpose: &Purpose, sink: &mut Sink<'_>) {
    let term = purpose.term.get_ref().strip_prefix("dpv:").unwrap_or("");
    if !term.starts_with(|c: char| c.is_ascii_uppercase()) || !term.chars().all(|c| c.is_ascii_alphanumeric()) {
        let help = "a W3C DPV term, as `dpv:DirectMarketing` or `dpv:ServicePersonalisation`";
        let message = "the purpose is no DPV term";
        sink.error(purpose.term.span(), "permissions::purpose_format", message, Some(help.into()));
    }
    if let Some(basis) = &purpose.legal_basis
        && !known::LEGAL_BASES.iter().any(|(term, _)| term == basis.get_ref())
    {
        let message = "no GDPR Art. 6(1) basis as a DPV term";
        let all: Vec<&str> = known::LEGAL_BASES.iter().map(|(term, _)| *term).collect();
        sink.error(basis.span(), "permissions::legal_basis", message, did_you_mean(basis.get_ref(), all));
    }
    let consent = purpose.legal_basis.as_ref().is_none_or(|b| b.get_ref() == "eu-gdpr:A6-1-a");
    for channel in &purpose.without_choice {
        self::channel(channel, sink);
    }
    if let Some(first) = purpose.without_choice.first().filter(|_| consent) {
        let message = "silence is no consent (GDPR Art. 4(11)): nothing is permitted without a choice";
        let help = "name the `legal_basis` that permits it, or remove `without_choice`".to_string();
        sink.error(first.span(), "permissions::without_choice", message, Some(help));
    }
}

fn channel(name: &Spanned<String>, sink: &mut Sink<'_>) {
    if !known::CHANNELS.contains(&name.get_ref().as_str()) {
        let help = did_you_mean(name.get_ref(), known::CHANNELS.iter().copied());
        sink.error(name.span(), "permissions::unknown_channel", format!("`{}` is no channel", short(name)), help);
    }
}

fn choice(choice: &Choice, folder: &Folder<'_>, sink: &mut Sink<'_>) {
    if let Some(channel) = &choice.channel {
        self::channel(channel, sink);
    }
    let permissions = &folder.permissions.typed;
    for purpose in &choice.purposes {
        let terms = || permissions.purpose.iter().map(|p| p.term.get_ref().as_str());
        if !terms().any(|t| t == purpose.get_ref()) && !folder.permissions.partial {
            let message = format!("there is no [[purpose]] `{}`", short(purpose));
            let help = did_you_mean(purpose.get_ref(), terms().collect::<Vec<_>>());
            sink.error(purpose.span(), "permissions::unknown_purpose", message, help);
        }
    }
    match (&choice.field, &choice.event) {
        (Some(field), None) => column(choice, field, folder, sink),
        (None, Some(event)) => self::event(choice, event, folder, sink),
        (field, _) => {
            let span = field.as_ref().map(Spanned::span);
            let span = span.or_else(|| choice.channel.as_ref().map(Spanned::span));
            let span = span.or_else(|| choice.purposes.first().map(Spanned::span)).unwrap_or(0..0);
            let message = "a choice is of exactly one `field` or one `event`";
            sink.error(span, "permissions::choice_of_what", message, None);
        }
    }
}

fn column(choice: &Choice, field: &Spanned<String>, folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let custom = |name: &str| folder.sources.typed.field.iter().find(|f| f.name.get_ref() == name).map(|f| f.kind);
    let name = field.get_ref();
    if is_opt_in(name) {
        if let Some(channel) = &choice.channel {
            let message = format!("`{name}` has its channel in its name");
            sink.error(channel.span(), "permissions::channel", message, Some("remove `channel`".into()));
        }
    } else if custom(name) == Some(FieldKind::Boolean) {
        if choice.channel.is_none() {
            let message = format!("the channel of `{}` is not said", short(field));
            let help = "add `channel = \"email\"`, phone, sms or post".to_string();
            sink.error(field.span(), "permissions::channel", message, Some(help));
        }
    } else if !folder.sources.declares(name) || custom(name).is_some() || vocabulary::find(name).is_some() {
        let columns = vocabulary::FIELDS.iter().map(|f| f.name).filter(|n| is_opt_in(n));
        let own = folder.sources.typed.field.iter().filter(|f| f.kind == FieldKind::Boolean);
        let all: Vec<&str> = columns.chain(own.map(|f| f.name.get_ref().as_str())).collect();
        let message = format!("`{}` is neither an opt-in column nor a custom field of kind boolean", short(field));
        sink.error(field.span(), "permissions::unknown_field", message, did_you_mean(name, all));
    }
    if let Some(date) = &choice.dated_by
        && !(custom(date.get_ref()) == Some(FieldKind::Date)
            || (custom(date.get_ref()).is_none() && folder.sources.declares(date.get_ref())))
    {
        let message = format!("`{}` is no custom field of kind date", short(date));
        let help = "declare it with [[field]] in sources.toml and map it".to_string();
        sink.error(date.span(), "permissions::dated_by", message, Some(help));
    }
}

fn is_opt_in(name: &str) -> bool {
    name.strip_prefix("opt_in_").is_some_and(|channel| known::CHANNELS.contains(&channel))
}

fn event(choice: &Choice, event: &Spanned<String>, folder: &Folder<'_>, sink: &mut Sink<'_>) {
    if let Some(date) = &choice.dated_by {
        let message = "an event has a day of its own";
        sink.error(date.span(), "permissions::dated_by", message, Some("remove `dated_by`".into()));
    }
    let chooses = folder.freshness.typed.event.iter().filter(|e| matches!(e.effect, Effect::OptIn | Effect::OptOut));
    let chooses: Vec<_> = chooses.collect();
    let of_kind = |e: &&&EventEffect| same_kind(e.kind.get_ref(), event.get_ref());
    let mut own = chooses.iter().filter(of_kind).peekable();
    if folder.freshness.partial {
        return;
    }
    if own.peek().is_none() {
        let message = format!("`{}` neither opts in nor out in freshness.toml", short(event));
        let help = did_you_mean(event.get_ref(), chooses.iter().map(|e| e.kind.get_ref().as_str()).collect::<Vec<_>>());
        sink.error(event.span(), "permissions::unknown_event", message, help);
    } else if let Some(channel) = &choice.channel
        && !own.any(|e| e.field.get_ref() == channel.get_ref())
        && known::CHANNELS.contains(&channel.get_ref().as_str())
    {
        let message = format!("`{}` does not speak of that channel in freshness.toml", short(event));
        sink.error(channel.span(), "permissions::channel", message, None);
    }
}
