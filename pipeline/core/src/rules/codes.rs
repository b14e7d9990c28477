//! Every code a diagnostic can carry, with its explanation. Codes are stable: scripts may rely on them.

/// (code, what is wrong in plain words), grouped by the prefix, which names the rule file.
pub const CODES: &[(&str, &str)] = &[
    ("rules::syntax", "The file is not TOML at this place."),
    ("rules::duplicate_key", "A key stands twice in its table."),
    (
        "rules::unknown_key",
        "No such key exists here; unknown keys are never ignored.",
    ),
    (
        "rules::wrong_type",
        "The value is of another type than the key takes.",
    ),
    (
        "rules::unknown_value",
        "The key takes one of a fixed list of words, and this is none of them.",
    ),
    (
        "rules::number_range",
        "The whole number is below or above what the key can hold.",
    ),
    (
        "rules::missing_key",
        "A key that the table cannot do without is missing.",
    ),
    (
        "rules::bad_name",
        "Names are lower-case letters, digits and underscores, and begin with a letter.",
    ),
    (
        "rules::missing_file",
        "A rule file without which nothing can run is missing.",
    ),
    (
        "rules::unknown_file",
        "A TOML file in the rules folder that nothing reads.",
    ),
];
