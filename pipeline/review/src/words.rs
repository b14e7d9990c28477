//! What the words of a report mean, for people who do not write rules. Enters: a code of the tables.
//! Leaves: a sentence in plain words. Never here: a word that the tables do not use.

use zlato_core::{addresses, contacts, freshness, household, matching, permission, survivorship};
use zlato_engine::{quarantine, read};

/// Words of the report itself and of the stages, beyond the reasons that each kind of value lists.
pub const WORDS: &[(&str, &str)] = &[
    ("valid", "Right as it stands; at most its spelling was brought to the standard form."),
    ("corrected", "Wrong in a way with exactly one sensible correction, which was made."),
    ("suspect", "Usable, but something about it is doubtful."),
    ("invalid", "Not a value of its kind. It never wins and never counts as evidence."),
    ("missing", "Empty, or a stand-in for nothing such as n/a."),
    ("pass", "The number is within its limits."),
    ("warn", "The number is outside its warning limit; the run may be published all the same."),
    ("stop", "The number is outside its stop limit; the run is not published and the last published records stand."),
    ("completeness", "Share of records that have a value at all (ISO/IEC 25012)."),
    (
        "accuracy",
        "Share of the values present that are valid or could be corrected (ISO/IEC 25012: syntactic accuracy).",
    ),
    ("consistency", "Share of golden records whose sources agree on one value (ISO/IEC 25012)."),
    ("currentness", "Share of values that are fresh on the day of the run (ISO/IEC 25012)."),
    ("uniqueness", "Share of rows, or of values that belong to one person alone, that occur once (ISO/IEC 25012)."),
    ("merge", "The weight is at or above the merge threshold: joined without asking."),
    ("review", "The weight lies between the thresholds: a steward decides."),
    ("never", "A hard rule says that these two records are never the same person."),
    ("always", "A hard rule says that these two records are always the same person."),
    ("doubtful", "The weight lies between the review and the merge threshold."),
    ("fresh", "More likely right than wrong: seen or changed less than a half-life ago."),
    ("ageing", "Older than its half-life, still within its shelf life."),
    ("stale", "Beyond its shelf life, or an event said that it no longer works."),
    ("unknown", "Nothing says how old the value is."),
    ("customer", "At least one record of a customer source belongs to it."),
    ("prospect", "Only records of prospect sources belong to it."),
    ("linked", "The row belongs to exactly one customer."),
    ("unlinked", "No customer shares a link field with the row."),
    ("ambiguous", "Several customers share the link field, so the row is given to none of them."),
    ("contradicted", "The customer whom the row names has another birth date, or another given and family name."),
    ("too_old", "The profile is beyond its shelf life and is not used."),
    ("purpose_not_permitted", "The licence permits none of the purposes of this run; the profile is not used."),
    ("no_terms", "profiles.toml says nothing about this source, so it is not used."),
    ("fill", "The value may stand in an empty golden field."),
    ("suggest", "The value is only shown beside the golden record."),
    ("inbound", "To be asked when the customer gets in touch: no channel is permitted and works."),
    ("told", "A record of the customer says so."),
    ("filled", "A profile says so, and may stand in an empty field."),
    ("suggested", "A profile says so, as a suggestion only."),
    ("counted", "Counted from events on the day of the run."),
    ("no_current_contact", "Neither e-mail, phone nor address is fresh or ageing."),
    ("no_permission", "The customer has permitted no channel for this purpose."),
    (
        "permitted_contact_not_current",
        "A channel is permitted and a contact is current, but the contact of no permitted channel is.",
    ),
    ("filled_from_profile", "No record had a usable value; a profile filled the field."),
    ("invalidated_by_event", "An event after the last change said that the value no longer works."),
];

/// Meaning of a code; none for words that explain themselves.
pub fn meaning(code: &str) -> Option<&'static str> {
    let lists = [
        WORDS,
        quarantine::REASONS,
        read::REASONS,
        survivorship::REASONS,
        freshness::REASONS,
        permission::REASONS,
        matching::cluster::REASONS,
        matching::hygiene::CLASSES,
        household::EVIDENCE,
        contacts::TEXT_REASONS,
        contacts::email::REASONS,
        contacts::phone::REASONS,
        contacts::date::REASONS,
        contacts::national_id::REASONS,
        contacts::person_name::REASONS,
        addresses::REASONS,
    ];
    lists.iter().flat_map(|list| list.iter()).find(|(known, _)| *known == code).map(|(_, meaning)| *meaning)
}

/// A comparison level in plain words; labels are those of `zlato_core::matching::levels::label`.
pub fn level(label: &str) -> String {
    let (name, number) = label.split_once(' ').unwrap_or((label, ""));
    match name {
        "null" => "no value on one side".into(),
        "else" => "differ".into(),
        "exact" => "equal".into(),
        "jaro_winkler" => format!("similar (Jaro-Winkler {number} or more)"),
        "levenshtein" | "osa" if number == "1" => "one typing slip apart".into(),
        "levenshtein" | "osa" => format!("at most {number} typing slips apart"),
        "prefix" => format!("first {number} characters equal"),
        "contains" => "one contains the other".into(),
        "day_month_swapped" => "day and month swapped".into(),
        "two_date_parts" => "two of day, month, year equal".into(),
        "days_apart" => format!("at most {number} days apart"),
        "number_apart" => format!("at most {number} apart"),
        "kilometres_apart" => format!("at most {number} km apart"),
        "any_in_common" => "one entry in common".into(),
        "words_in_common" => format!("{number} or more of the words in common"),
        "initial" => "initial of the other".into(),
        "nickname" => "short form of the other".into(),
        "swapped" => "swapped with its neighbour field".into(),
        _ => label.into(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_once_and_explained() {
        let mut codes: Vec<_> = WORDS.iter().map(|(code, _)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), WORDS.len());
        assert!(WORDS.iter().all(|(_, meaning)| meaning.ends_with(['.', ')'])));
        assert!(meaning("duplicate_source_key").is_some());
        assert_eq!(meaning("no_such_code"), None);
    }

    #[test]
    fn levels_have_plain_words() {
        assert_eq!(level("jaro_winkler 0.92"), "similar (Jaro-Winkler 0.92 or more)");
        assert_eq!(level("osa 1"), "one typing slip apart");
        assert_eq!(level("made_up 3"), "made_up 3");
    }
}
