//! Meaning of `contacts.toml` and `addresses.toml`.

use super::{Read, Sink, did_you_mean, known, short};
use crate::contacts::national_id::{scheme_named, scheme_names};
use crate::rules::shape::span_at;
use crate::rules::{addresses::Addresses, contacts::Contacts};

pub(super) fn check(read: &Read<'_, Contacts>, sink: &mut Sink<'_>) {
    let contacts = &read.typed;
    for (i, date) in contacts.date.placeholders.iter().enumerate() {
        let span = span_at(&read.raw, &["date", "placeholders", &i.to_string()]);
        sink.date(span, date, "contacts::date_format");
    }
    let (oldest, youngest) = (&contacts.date.oldest_years, &contacts.date.youngest_years);
    if oldest.get_ref() <= youngest.get_ref() {
        let message = "oldest_years is not above youngest_years: no birth date would be left";
        sink.error(oldest.span(), "contacts::age_range", message, None);
    }
    for (i, domain) in contacts.email.disposable_domains.iter().enumerate() {
        if domain.contains('@') || !domain.contains('.') || domain.contains(char::is_whitespace) {
            let span = span_at(&read.raw, &["email", "disposable_domains", &i.to_string()]);
            let message = "a domain is what follows the @, as `example.com`";
            sink.error(span, "contacts::domain", message, None);
        }
    }
    for scheme in &contacts.national_id.schemes {
        if !scheme_names().any(|name| name == scheme.get_ref()) {
            let meant = scheme_named(scheme.get_ref()).map(|name| format!("did you mean `{name}`?"));
            let help = meant.or_else(|| did_you_mean(scheme.get_ref(), scheme_names()));
            let message = format!("unknown scheme of national ids `{}`", short(scheme));
            sink.error(scheme.span(), "contacts::unknown_scheme", message, help);
        }
    }
}

pub(super) fn check_addresses(read: &Read<'_, Addresses>, sink: &mut Sink<'_>) {
    let addresses = &read.typed;
    for country in &addresses.countries {
        sink.country(country);
    }
    sink.unique(addresses.countries.iter(), "addresses::duplicate_country", "country");
    for part in &addresses.required {
        if !known::ADDRESS_PARTS.contains(&part.get_ref().as_str()) {
            let help = did_you_mean(part.get_ref(), known::ADDRESS_PARTS.iter().copied());
            let message = format!("`{}` is no part of an address", short(part));
            sink.error(part.span(), "addresses::unknown_part", message, help);
        }
    }
}
