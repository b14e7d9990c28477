//! Meaning of `profiles.toml`: terms for every profile source, and only for those.

use super::{Folder, Sink, did_you_mean, known, overlap, short, vocabulary};
use crate::attributes;
use crate::rules::profiles::{LinkOn, Profile};
use crate::rules::shape::{self, span_at};
use crate::rules::sources::{FieldKind, Source, SourceKind};
use serde_spanned::Spanned;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let profiles = &folder.profiles.typed;
    sink.unique(profiles.profile.iter().map(|p| &p.source), "profiles::duplicate_terms", "[[profile]] for");
    for (i, purpose) in profiles.purposes.iter().enumerate() {
        is_purpose(folder, &["purposes", &i.to_string()], purpose, sink);
    }
    for (i, profile) in profiles.profile.iter().enumerate() {
        for (j, purpose) in profile.purposes.iter().enumerate() {
            is_purpose(folder, &["profile", &i.to_string(), "purposes", &j.to_string()], purpose, sink);
        }
        let source = known_source(profile, folder, sink);
        terms(profile, sink);
        links(i, profile, source, folder, sink);
        fields(profile, source, folder, sink);
        let wanted = profile.purposes.iter().any(|p| profiles.purposes.contains(p));
        if !wanted && !folder.profiles.partial {
            let message = "the licence permits none of this run's `purposes`: the profiles will not be used";
            sink.warn(profile.source.span(), "profiles::no_common_purpose", message, None);
        }
    }
    attribute_groups(folder, sink);
}

fn attribute_groups(folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let groups = &folder.profiles.typed.attribute_group;
    sink.unique(groups.iter().map(|g| &g.name), "profiles::duplicate_group", "attribute group");
    let mut home: BTreeMap<&str, &Spanned<String>> = BTreeMap::new();
    for group in groups {
        sink.name(&group.name);
        if group.fields.is_empty() && !folder.profiles.partial {
            sink.error(group.name.span(), "profiles::empty_group", "the group has no fields", None);
        }
        for field in &group.fields {
            attribute(field, folder, sink);
            if let Some(other) = home.insert(field.get_ref(), &group.name) {
                let message = format!("`{}` is in group `{}` already", short(field), short(other));
                sink.error(field.span(), "profiles::attribute_in_two_groups", message, None);
            }
        }
        if let Some(days) = group.shelf_life_days.as_ref().filter(|d| *d.get_ref() == 0) {
            let message = "with a shelf life of 0 days nothing is ever offered";
            sink.error(days.span(), "profiles::shelf_life", message, None);
        }
        if let Some(days) = group.recent_days.as_ref().filter(|d| *d.get_ref() == 0) {
            sink.error(days.span(), "profiles::recent_days", "nothing is recent within 0 days", None);
        }
    }
}

fn attribute(field: &Spanned<String>, folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let name = field.get_ref();
    if attributes::is_figure(name) || folder.is_golden(name) {
        return;
    }
    let figures = attributes::FIGURES.iter().map(|(name, _)| *name);
    let help = match crate::rules::suggest(name, figures) {
        Some(figure) => Some(format!("did you mean the figure `{figure}`?")),
        None => folder.golden_help(name),
    };
    let message = format!("`{}` is neither a golden field nor a figure of events", short(field));
    sink.error(field.span(), "profiles::unknown_attribute", message, help);
}

fn is_purpose(folder: &Folder<'_>, path: &[&str], purpose: &str, sink: &mut Sink<'_>) {
    let term = purpose.strip_prefix("dpv:").unwrap_or("");
    if !term.starts_with(|c: char| c.is_ascii_uppercase()) || !term.chars().all(|c| c.is_ascii_alphanumeric()) {
        let help = "a W3C DPV term, as `dpv:DirectMarketing` or `dpv:ServicePersonalisation`";
        let span = span_at(&folder.profiles.raw, path);
        sink.error(span, "profiles::purpose_format", "the purpose is no DPV term", Some(help.into()));
    }
}

fn known_source<'f>(profile: &Profile, folder: &'f Folder<'_>, sink: &mut Sink<'_>) -> Option<&'f Source> {
    let name = profile.source.get_ref();
    let source = folder.source(name);
    match source {
        Some(source) if source.kind != SourceKind::Profile => {
            let message = format!("source `{name}` is of kind `{}`, not `profile`", source.kind.as_str());
            sink.error(profile.source.span(), "profiles::not_a_profile_source", message, None);
            return None;
        }
        None if !folder.sources.declares(name) => {
            let all: Vec<&str> = (folder.sources.typed.source.iter())
                .filter(|s| s.kind == SourceKind::Profile)
                .map(|s| s.name.get_ref().as_str())
                .collect();
            let message = format!("there is no source `{}` in sources.toml", short(&profile.source));
            sink.error(profile.source.span(), "profiles::unknown_source", message, did_you_mean(name, all));
        }
        _ => {}
    }
    source
}

fn terms(profile: &Profile, sink: &mut Sink<'_>) {
    let basis = profile.legal_basis.get_ref();
    if !known::LEGAL_BASES.iter().any(|(term, _)| term == basis) {
        let all: Vec<&str> = known::LEGAL_BASES.iter().map(|(term, _)| *term).collect();
        let named = known::LEGAL_BASES
            .iter()
            .find(|(_, words)| words.replace(' ', "") == basis.to_lowercase().replace(['_', ' ', '-'], ""));
        let help = match named {
            Some((term, words)) => Some(format!("{words} is written `{term}`")),
            None => did_you_mean(basis, all),
        };
        sink.error(profile.legal_basis.span(), "profiles::legal_basis", "no GDPR Art. 6(1) basis as a DPV term", help);
    }
    if let Some(collected) = &profile.collected {
        sink.date(collected.span(), collected.get_ref(), "profiles::date_format");
    }
    if let Some(cost) = profile.cost.as_ref().filter(|c| !c.get_ref().is_finite() || *c.get_ref() < 0.0) {
        sink.error(cost.span(), "profiles::cost", "a cost is a number, 0 or more", None);
    }
    for (field, days) in &profile.field_shelf_life_days {
        let offered = || profile.fill.iter().chain(&profile.suggest);
        if !offered().any(|f| f.get_ref() == field.get_ref()) {
            let message = format!("`{}` is neither under `fill` nor under `suggest`", short(field));
            let help = did_you_mean(field.get_ref(), offered().map(|f| f.get_ref().as_str()));
            sink.error(field.span(), "profiles::shelf_life_of_nothing", message, help);
        }
        if *days.get_ref() == 0 {
            sink.error(
                days.span(),
                "profiles::shelf_life",
                "with a shelf life of 0 days the field is never used",
                None,
            );
        }
    }
    if let Some(days) = profile.shelf_life_days.as_ref().filter(|d| *d.get_ref() == 0) {
        sink.error(days.span(), "profiles::shelf_life", "with a shelf life of 0 days no profile is ever used", None);
    }
}

/// What finds a person, as a help for what does not.
const BY_NAME: &str = "[\"given_name\", \"family_name\", \"birth_date\"]";

/// Fields that must agree where none of them is one person's.
const FEW: usize = 3;

fn links(place: usize, profile: &Profile, source: Option<&Source>, folder: &Folder<'_>, sink: &mut Sink<'_>) {
    if profile.link_on.is_empty() && !folder.profiles.partial {
        let message = "without `link_on` no profile can be linked to a customer";
        sink.error(profile.source.span(), "profiles::no_link", message, None);
    }
    for (at, link) in profile.link_on.iter().enumerate() {
        let (place, at) = (place.to_string(), at.to_string());
        let mut understood = true;
        for (part, name) in link.get_ref().fields().iter().enumerate() {
            let part = part.to_string();
            let mut path = vec!["profile", &place, "link_on", &at];
            if matches!(link.get_ref(), LinkOn::All(_)) {
                path.push(&part);
            }
            let field = Spanned::new(span_at(&folder.profiles.raw, &path), name.clone());
            understood &= known_field(&field, source, folder, sink) && comparable(&field, folder, sink);
        }
        if understood {
            enough(link, folder, sink);
        }
    }
}

/// Fields of a profile that stand beside none of a customer: addresses of profiles are not taken apart.
fn comparable(field: &Spanned<String>, folder: &Folder<'_>, sink: &mut Sink<'_>) -> bool {
    let name = field.get_ref();
    let help = match folder.kind(name) {
        Some(FieldKind::Address) => format!("addresses of profiles are not standardised: use {BY_NAME}"),
        Some(FieldKind::PersonName) if name == "full_name" => {
            "it is taken apart: use `given_name` and `family_name`".into()
        }
        _ => return true,
    };
    let message = format!("`{}` of a profile cannot be compared with customers", short(field));
    sink.error(field.span(), "profiles::link_not_comparable", message, Some(help));
    false
}

/// A birth date or a name is many people's: a profile that is linked by it is a stranger's.
fn enough(link: &Spanned<LinkOn>, folder: &Folder<'_>, sink: &mut Sink<'_>) {
    let fields: BTreeSet<&str> = link.get_ref().fields().iter().map(String::as_str).collect();
    if fields.iter().any(|field| is_one_persons(field, folder)) || fields.len() >= FEW {
        return;
    }
    let named: Vec<String> = fields.iter().map(|field| format!("`{}`", shape::short(field))).collect();
    let message = match named.as_slice() {
        [] => "an empty list agrees with everybody".into(),
        [one] => format!("many people share {one}: alone it links strangers"),
        several => format!("many people share {}: they link strangers", several.join(" and ")),
    };
    let help = format!("combine it with others, as {BY_NAME}, or use a contact");
    sink.error(link.span(), "profiles::link_shared_by_many", message, Some(help));
}

/// Contacts, numbers of persons and accounts, and numbers of the house's own.
fn is_one_persons(field: &str, folder: &Folder<'_>) -> bool {
    use FieldKind::{Email, Iban, NationalId, Number, Phone, Text};
    let kind = folder.kind(field);
    match vocabulary::find(field) {
        Some(_) => {
            matches!(kind, Some(Email | Phone | NationalId | Iban)) || ["email_sha256", "phone_sha256"].contains(&field)
        }
        None => kind.is_none_or(|kind| matches!(kind, Email | Phone | NationalId | Iban | Text | Number)),
    }
}

/// Whether the field exists and the source has it.
fn known_field(field: &Spanned<String>, source: Option<&Source>, folder: &Folder<'_>, sink: &mut Sink<'_>) -> bool {
    let name = field.get_ref();
    if !folder.is_field(name, SourceKind::Profile) {
        let meant = vocabulary::suggest_field(name, folder.custom());
        let help = meant.map(|f| format!("did you mean `{f}`?"));
        sink.error(field.span(), "profiles::unknown_field", format!("unknown field `{}`", short(field)), help);
        return false;
    }
    if let Some(source) = source.filter(|s| !provides(s, name)) {
        let message = format!("source `{}` does not map `{name}`", source.name.get_ref());
        let help = "map it under the source's [source.columns]".to_string();
        sink.error(field.span(), "profiles::field_not_mapped", message, Some(help));
    }
    true
}

fn fields(profile: &Profile, source: Option<&Source>, folder: &Folder<'_>, sink: &mut Sink<'_>) {
    for field in profile.fill.iter().chain(&profile.suggest) {
        known_field(field, source, folder, sink);
    }
    for field in overlap(&profile.fill, &profile.suggest) {
        let message = format!("`{}` is under `fill` and under `suggest`", short(field));
        let help = "`fill` writes into empty golden fields, `suggest` only shows: choose one".to_string();
        sink.error(field.span(), "profiles::fill_and_suggest", message, Some(help));
    }
}

/// Whether the source maps the field, or one that it is taken out of.
pub(super) fn provides(source: &Source, field: &str) -> bool {
    let maps = |name: &str| source.columns.keys().any(|k| k.get_ref() == name);
    let name_part =
        ["given_name", "middle_name", "family_name", "honorific_prefix", "honorific_suffix"].contains(&field);
    let address_part = vocabulary::find(field).is_some_and(|f| f.kind == FieldKind::Address);
    let in_street = ["street", "house_number", "unit"].contains(&field);
    maps(field)
        || (name_part && maps("full_name"))
        || (address_part && maps("address"))
        || (in_street && maps("street_address"))
        || (field == "address" && maps("locality"))
}
