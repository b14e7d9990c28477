//! The reference page of a kind of values, printed from what the program knows. Leaves: Markdown.
//! The words on keys and parts stand here; a test holds them against the values themselves.

use std::fmt::Write as _;

use super::{ENCODING, Kind};
use crate::contacts::national_id;

/// Key or part, and what it is.
type Word = (&'static str, &'static str);

/// The text of `docs/reference/values/KIND.md`.
pub fn reference(kind: Kind) -> String {
    let mut out = format!(
        "# {}\n\nPrinted by the program; a test compares. {}\n\n`{}` shows what becomes of a value.\n",
        title(kind),
        about(kind),
        example(kind)
    );
    table(&mut out, "Match keys", "key", keys(kind));
    table(&mut out, "Parts", "part", parts(kind));
    if kind == Kind::NationalId {
        schemes(&mut out);
    }
    table(
        &mut out,
        "Verdicts",
        "verdict",
        &[
            ("valid", "Right as it stands; only spelling was normalised."),
            ("corrected", "Wrong in a way with one sensible correction, which was made."),
            ("suspect", "Usable, but something about it is doubtful."),
            ("invalid", "No value of its kind: never golden, no evidence for a match."),
            ("missing", "Empty, or a placeholder for \"nothing\"."),
        ],
    );
    let mut reasons: Vec<Word> = kind.reasons().to_vec();
    reasons.sort_unstable();
    table(&mut out, "Reasons", "code", &reasons);
    let _ = write!(out, "\n`zlato try {} -` adds `{}`: {}\n", kind.name(), ENCODING.0, ENCODING.1);
    out
}

fn table(out: &mut String, heading: &str, column: &str, words: &[Word]) {
    let _ = write!(out, "\n## {heading}\n\n| {column} | meaning |\n|---|---|\n");
    for (name, meaning) in words {
        let stop = if meaning.ends_with('.') { "" } else { "." };
        let _ = writeln!(out, "| `{name}` | {}{stop} |", meaning.replace('|', "\\|"));
    }
}

fn schemes(out: &mut String) {
    out.push_str("\n## Schemes\n\nThose of the record's country are tried first; `--scheme` and `schemes` in `contacts.toml` name them.\n\n| scheme | country | also called |\n|---|---|---|\n");
    for (name, country, aliases) in national_id::schemes() {
        let aliases: Vec<String> = aliases.iter().map(|a| format!("`{a}`")).collect();
        let _ = writeln!(out, "| `{name}` | {country} | {} |", aliases.join(", "));
    }
}

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Email => "E-mail addresses",
        Kind::Phone => "Telephone numbers",
        Kind::Name => "Names of persons",
        Kind::BirthDate => "Dates and birth dates",
        Kind::NationalId => "National and tax ids",
        Kind::Iban => "Bank account numbers (IBAN)",
        Kind::Address => "Postal addresses",
    }
}

fn about(kind: Kind) -> &'static str {
    match kind {
        Kind::Email => {
            "Syntax of RFC 5321 and 5322 without comments and address literals, UTF-8 local parts (RFC 6531), domains by \
             IDNA, top-level domains of the Public Suffix List. The network is never asked here: `zlato mail-domains` asks \
             it, and a run reads what that recorded."
        }
        Kind::Phone => "Numbering plans of libphonenumber. National forms are read as the record's country dials.",
        Kind::Name => "One field or several, any order, Latin and Cyrillic; lists of names per country.",
        Kind::BirthDate => "Any usual spelling; days must exist, and ages count from the day of the run.",
        Kind::NationalId => {
            "Check digits and birth dates of the laws and standards that each scheme's source file names; no register is \
             asked. Birth date and sex inside an id are held against the record's own."
        }
        Kind::Iban => "ISO 13616 with SWIFT's registry of structures, and the check digits countries had before.",
        Kind::Address => "Conventions of each country from its pack in `rules/countries/`, in one line or in columns.",
    }
}

fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Email => "zlato try email jan@gmial.com",
        Kind::Phone => "zlato try phone --country PL '601 234 567'",
        Kind::Name => "zlato try name 'KOWALSKA-NOWAK Anna'",
        Kind::BirthDate => "zlato try birth-date --as-of 2026-11-01 '12 marca 1984'",
        Kind::NationalId => "zlato try national-id --country PL 44051401359",
        Kind::Iban => "zlato try iban 'PL61 1090 1014 0000 0712 1981 2874'",
        Kind::Address => "zlato try address --country PL 'ul. Polna 12/3, 00-590 Warszawa'",
    }
}

pub(super) fn keys(kind: Kind) -> &'static [Word] {
    match kind {
        Kind::Email => &[("email", "The address; of gmail without dots and `+tag`.")],
        Kind::Phone => &[("phone", "E.164, without the extension.")],
        Kind::Name => &[
            ("given_name", "Folded: ASCII, lower case."),
            ("given_name_root", "The formal name a nickname stands for."),
            ("family_name", "Folded."),
            ("family_name_root", "Without the ending that tells a woman's from a man's form."),
            ("family_name_phonetic", "Daitch-Mokotoff code of the root."),
            ("birth_name", "Folded."),
        ],
        Kind::BirthDate => &[("date", "`YYYY-MM-DD`.")],
        Kind::NationalId => &[("national_id", "The compact form.")],
        Kind::Iban => &[("iban", "The compact form.")],
        Kind::Address => &[
            ("street", "Folded, without the type of street where it does not matter."),
            ("locality", "Folded."),
            ("address", "Street or locality, number, unit, postal code or locality."),
        ],
    }
}

pub(super) fn parts(kind: Kind) -> &'static [Word] {
    match kind {
        Kind::Email => &[
            ("local", "Before the @, lower case."),
            ("domain", "After the @, in ASCII (punycode)."),
            ("domain_unicode", "The domain in the letters of its language."),
            ("class", "`personal`, `free`, `role`, `disposable` or `relay`."),
        ],
        Kind::Phone => &[
            ("e164", "International form of the text as it was written; a standard form that was put right differs."),
            (
                "type",
                "`mobile`, `fixed_line`, `fixed_line_or_mobile`, `toll_free`, `premium_rate`, `shared_cost`, `voip`, \
                 `personal_number`, `pager`, `uan` or `voicemail`.",
            ),
            ("region", "Country of the number itself."),
            ("extension", "Digits to dial afterwards."),
            ("national", "As dialled within the country."),
            ("possible", "The length fits the plan."),
            ("valid", "The plan has the number."),
            ("others", "Further numbers of the field, E.164."),
            ("looks_like", "What the field holds instead: a scheme of national ids, `iban` or `email`."),
        ],
        Kind::Name => &[
            ("given_name", "In the script and letters of the source."),
            ("family_name", "The same."),
            ("middle_name", "The same."),
            ("prefix", "Titles and honorifics before the name."),
            ("suffix", "What follows the name."),
            ("birth_name", "Family name before marriage."),
            ("organization", "A company found in the field."),
            ("gender", "`female` or `male`, where name and ending agree."),
            ("script", "`latin`, `cyrillic`, `greek`, `other` or `mixed`."),
        ],
        Kind::BirthDate => &[("year", "Number."), ("month", "Number."), ("day", "Number.")],
        Kind::NationalId => &[
            ("scheme", "One of the schemes below."),
            ("compact", "Without blanks, marks and prefix."),
            ("country", "Whose id it is."),
            ("birth_date", "Where the id tells it."),
            ("sex", "`female` or `male`, where the id tells it."),
        ],
        Kind::Iban => &[
            ("country", "The first two letters."),
            ("check_digits", "The two digits behind them."),
            ("bank", "Bank identifier, where the registry names one."),
            ("branch", "Branch identifier, likewise."),
            ("account", "What follows."),
            ("national_check", "Whether the country's own check digits fit; nothing where there are none."),
            ("printed", "In groups of four."),
        ],
        Kind::Address => &[
            ("road", "Street with its type, or the settlement or farm that stands for it."),
            ("house_number", "With letter, range and building."),
            ("unit", "Flat."),
            ("level", "Floor."),
            ("staircase", "Staircase or entrance."),
            ("po_box", "Post office box."),
            ("postal_code", "In the country's writing."),
            ("locality", "Town or village."),
            ("district", "Part of a town, parish or municipality."),
            ("region", "Province, county or municipality above it."),
            ("country", "ISO 3166-1 alpha-2."),
        ],
    }
}
