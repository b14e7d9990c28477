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
    (
        "rules::empty_text",
        "A column, expression or path is the empty text.",
    ),
    (
        "rules::unknown_country",
        "Not an ISO 3166-1 alpha-2 code in capitals.",
    ),
    (
        "sources::duplicate_source",
        "Two sources bear the same name.",
    ),
    (
        "sources::duplicate_field",
        "Two custom fields bear the same name.",
    ),
    (
        "sources::no_customer_source",
        "No source has the kind `customer`, so there is nobody to make golden records of.",
    ),
    (
        "sources::unknown_field",
        "A mapped field is neither built in nor declared with [[field]].",
    ),
    (
        "sources::field_not_allowed",
        "The field belongs to sources of another kind.",
    ),
    (
        "sources::shadows_built_in",
        "A custom field bears the name of a built-in one.",
    ),
    (
        "sources::reserved_field",
        "A custom field bears the name of a column that tables have anyway.",
    ),
    (
        "sources::custom_kind",
        "Custom fields cannot be parts of names or addresses.",
    ),
    ("sources::trust_range", "Trust is a number from 0 to 1."),
    (
        "sources::no_key",
        "Nothing identifies the rows of the source.",
    ),
    ("sources::no_columns", "The source maps no columns."),
    (
        "sources::event_needs",
        "An event source lacks what happened, or when.",
    ),
    (
        "sources::unknown_format",
        "Neither `format` nor the file's ending says how to read the file.",
    ),
    ("sources::unknown_encoding", "No encoding has that label."),
    (
        "sources::delimiter",
        "Delimiter and quote are one ASCII character each, and differ.",
    ),
    ("sources::csv_only", "The key has a meaning for CSV only."),
    (
        "contacts::date_format",
        "A date is not written as YYYY-MM-DD.",
    ),
    (
        "contacts::age_range",
        "The oldest customer would be younger than the youngest.",
    ),
    ("contacts::domain", "Not a domain name."),
    (
        "contacts::unknown_scheme",
        "No national id scheme has that name.",
    ),
    ("addresses::unknown_part", "Not a part of an address."),
    ("addresses::duplicate_country", "A country is listed twice."),
    (
        "matching::duplicate_name",
        "Two blocking rules, comparisons or hard rules bear the same name.",
    ),
    (
        "matching::no_blocking",
        "Without a blocking rule no pair is compared.",
    ),
    (
        "matching::no_comparison",
        "Without a comparison no pair can match.",
    ),
    (
        "matching::too_many_comparisons",
        "More comparisons than the vector of a pair can hold.",
    ),
    (
        "matching::too_many_levels",
        "More levels than the vector of a pair can hold.",
    ),
    (
        "matching::threshold_range",
        "A probability is a number from 0 to 1.",
    ),
    (
        "matching::threshold_order",
        "The review threshold is above the merge threshold.",
    ),
    ("matching::max_block", "The block limit leaves no pairs."),
    (
        "matching::split_by_key",
        "The splitting key is the key itself.",
    ),
    (
        "matching::max_size",
        "The cluster limit leaves no clusters.",
    ),
    (
        "matching::training_range",
        "A training setting with which nothing can be learnt.",
    ),
    (
        "matching::hard_rule",
        "A hard rule has exactly one of `same` and `different`.",
    ),
    (
        "matching::no_levels",
        "A comparison without levels tells nothing.",
    ),
    (
        "matching::level_range",
        "The number of a level is outside what it can be.",
    ),
    (
        "matching::level_order",
        "A looser level stands before a stricter one, which is never reached.",
    ),
    (
        "matching::swapped_without_with",
        "The level `swapped` needs the second expression `with`.",
    ),
    (
        "matching::with_without_swapped",
        "`with` is given but no level uses it.",
    ),
    (
        "profiles::unknown_source",
        "The terms name a source that does not exist.",
    ),
    (
        "profiles::not_a_profile_source",
        "The terms name a source of another kind.",
    ),
    (
        "profiles::missing_terms",
        "A profile source has no terms; without them its data must not be used.",
    ),
    ("profiles::duplicate_terms", "A source has terms twice."),
    (
        "profiles::purpose_format",
        "A purpose is not written as a W3C DPV term.",
    ),
    (
        "profiles::legal_basis",
        "Not one of the legal bases of GDPR Art. 6(1) as a DPV term.",
    ),
    (
        "profiles::no_common_purpose",
        "The licence permits none of the run's purposes.",
    ),
    (
        "profiles::date_format",
        "A date is not written as YYYY-MM-DD.",
    ),
    (
        "profiles::shelf_life",
        "The shelf life lets no profile be used.",
    ),
    (
        "profiles::no_link",
        "No field links a profile to a customer.",
    ),
    (
        "profiles::unknown_field",
        "A field is neither built in nor declared with [[field]].",
    ),
    (
        "profiles::field_not_mapped",
        "The source does not map the field.",
    ),
    (
        "profiles::fill_and_suggest",
        "A field may be filled or only suggested, not both.",
    ),
    (
        "survivorship::unknown_field",
        "Not a field that golden records have.",
    ),
    (
        "survivorship::duplicate_rule",
        "A field or group has two rules.",
    ),
    (
        "survivorship::field_in_two_groups",
        "A field survives with one group only.",
    ),
    (
        "survivorship::field_in_group",
        "A field of a group has a rule of its own, which never applies.",
    ),
    ("survivorship::empty_group", "A group without fields."),
    (
        "survivorship::empty_strategy",
        "A chain without strategies.",
    ),
    (
        "survivorship::strategy_twice",
        "A strategy stands twice in a chain.",
    ),
    (
        "survivorship::half_life",
        "The half-life leaves no source any trust.",
    ),
    (
        "freshness::unknown_field",
        "Neither a golden field nor a group.",
    ),
    (
        "freshness::unknown_channel",
        "Permissions are about email, phone, sms and post.",
    ),
    ("freshness::duplicate_field", "A field has two ages."),
    (
        "freshness::duplicate_event",
        "A kind of event has two effects on one field.",
    ),
    ("freshness::half_life", "A half-life is at least one day."),
    ("freshness::shelf_life", "A shelf life is at least one day."),
    (
        "freshness::shelf_below_half_life",
        "Values go stale before half of their half-life's worth is gone.",
    ),
    ("gate::duplicate_check", "Two checks bear the same name."),
    ("gate::no_limit", "A check that can neither warn nor stop."),
    (
        "gate::empty_limit",
        "A limit with neither `above` nor `below`.",
    ),
    (
        "gate::limit_range",
        "A limit that fires at every number, or is none.",
    ),
    (
        "gate::limit_order",
        "The stop fires before the warning does.",
    ),
    (
        "sql::does_not_parse",
        "The text is not an SQL expression (or query).",
    ),
    (
        "sql::unknown_column",
        "The expression names a column that its table does not have.",
    ),
    (
        "sql::unknown_function",
        "The expression calls a function that does not exist.",
    ),
    (
        "sql::unknown_table",
        "The query reads a table that a run does not have.",
    ),
    (
        "sql::wrong_type",
        "The expression yields another type than its place needs, or cannot be evaluated.",
    ),
];
